"""What differs in a router's IKE and IPsec security associations. SPIs and ages change by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_azinterop.verify.change import Change, Compared, altered, went_back
from pytest_azinterop.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.crypto import Ikev2Sa, IpsecIdentity

ENOUGH = timedelta(minutes=1)  # in which a tunnel in use protects at least one packet


@dataclass(frozen=True, slots=True)
class Associations:
    """All IKE SAs of a router, and the IPsec identities of its declared tunnels.

    `ipsec_first` is an earlier sample of the latter; the same as `ipsec` where they were read once.
    """

    ike: tuple[Ikev2Sa, ...]
    ipsec: tuple[IpsecIdentity, ...]
    ipsec_first: tuple[IpsecIdentity, ...]


def ike(expected: ExpectedConfiguration, observed: Compared[Associations]) -> Iterator[Change]:
    """Each pair of addresses: the SA, and what it was negotiated to."""
    before, after = _by_peer(observed.before.ike), _by_peer(observed.after.ike)
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key), after.get(key)
        shown = is_ or was
        if shown is None:
            continue
        peer = shown.remote_address
        about = Subject(f"{expected.router}/ike/{peer}", f"{expected.router} IKE SA {shown.local_address} to {peer}")
        tunnel = next((each for each in expected.tunnels if each.peer == peer), None)
        if is_ is None and was is not None:
            yield Change(
                about.finding("baseline.ike", f"is gone, was {was.status}", cause="gone", evidence=(was.source,))
            )
        elif was is None and is_ is not None:
            found = about.finding("baseline.ike", f"is new, and {is_.status}", cause="appeared", evidence=(is_.source,))
            yield Change(found, "the intent declares the tunnel" if tunnel is not None and is_.is_ready else None)
        elif was is not None and is_ is not None:
            yield from _ike(about, tunnel, was, is_)


def _ike(about: Subject, tunnel: ExpectedTunnel | None, was: Ikev2Sa, is_: Ikev2Sa) -> Iterator[Change]:
    sources = (is_.source, was.source)
    if was.is_ready != is_.is_ready:
        words = f"is now {is_.status}, was {was.status}"
        repaired = "the intent wants it ready" if tunnel is not None and is_.is_ready else None
        yield Change(about.finding("baseline.ike", words, cause="state", evidence=sources), repaired)
    if not (was.is_ready and is_.is_ready):
        return
    settings = list(
        altered(
            (
                ("encryption", was.encryption, is_.encryption),
                ("integrity", was.integrity, is_.integrity),
                ("PRF", was.prf, is_.prf),
                ("DH group", was.dh_group, is_.dh_group),
                ("local authentication", was.sign_method, is_.sign_method),
                ("remote authentication", was.verify_method, is_.verify_method),
                ("local identity", was.local_id, is_.local_id),
                ("remote identity", was.remote_id, is_.remote_id),
                ("remote port", was.remote_port, is_.remote_port),
                ("lifetime", was.lifetime, is_.lifetime),
            )
        )
    )
    if settings:
        found = about.finding("baseline.ike", "; ".join(settings), cause="algorithms", evidence=sources)
        yield Change(found, _declared_ike(tunnel, was, is_))


def _declared_ike(tunnel: ExpectedTunnel | None, was: Ikev2Sa, is_: Ikev2Sa) -> str | None:
    if tunnel is None:
        return None
    policy = tunnel.ike

    def fits(each: Ikev2Sa) -> bool:
        return each.encryption in policy.encryption and each.dh_group in policy.dh_groups

    return "the intent declares these algorithms and not the former" if fits(is_) and not fits(was) else None


def _by_peer(found: Iterable[Ikev2Sa]) -> dict[tuple[Any, ...], Ikev2Sa]:
    """One SA per pair of addresses: while keys are renewed there are two, of which a ready one counts."""
    chosen: dict[tuple[Any, ...], Ikev2Sa] = {}
    for each in found:
        key = (each.front_vrf, each.local_address, each.remote_address)
        if key not in chosen or (each.is_ready and not chosen[key].is_ready):
            chosen[key] = each
    return chosen


def ipsec(expected: ExpectedConfiguration, observed: Compared[Associations]) -> Iterator[Change]:
    """Each identity pair of the declared tunnels: whether it has SAs, and with which transforms."""
    before, after = _by_identity(observed.before.ipsec), _by_identity(observed.after.ipsec)
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key), after.get(key)
        shown = is_ or was
        if shown is None:
            continue
        about = _identity(expected, shown)
        had, has = _protects(was), _protects(is_)
        sources = tuple(each.source for each in (is_, was) if each is not None)
        if had and not has:
            words = "has no SA pair any more"
            yield Change(about.finding("baseline.ipsec", words, cause="gone", evidence=sources))
        elif has and not had:
            found = about.finding("baseline.ipsec", "has an SA pair now", cause="appeared", evidence=sources)
            named = any(each.name == shown.interface and each.peer == shown.peer for each in expected.tunnels)
            yield Change(found, "the intent declares the tunnel" if named else None)
        elif had and has and was is not None and is_ is not None:
            settings = list(
                altered(
                    (
                        ("inbound transform", _transforms(was.inbound), _transforms(is_.inbound)),
                        ("outbound transform", _transforms(was.outbound), _transforms(is_.outbound)),
                        ("perfect forward secrecy", was.pfs, is_.pfs),
                        ("PFS group", was.pfs_group, is_.pfs_group),
                        ("peer port", was.peer_port, is_.peer_port),
                    )
                )
            )
            if settings:
                words = "; ".join(settings)
                yield Change(about.finding("baseline.ipsec", words, cause="algorithms", evidence=sources))


def counters(expected: ExpectedConfiguration, observed: Compared[Associations]) -> Iterator[Change]:
    """Packets that were protected: a counter that went back, or one that stands still."""
    before, first = _by_identity(observed.before.ipsec), _by_identity(observed.after.ipsec_first)
    for key, is_ in _by_identity(observed.after.ipsec).items():
        was = before.get(key)
        if was is None or not _protects(was) or not _protects(is_):
            continue
        about, sources = _identity(expected, is_), (is_.source, was.source)
        start = first.get(key, is_)
        values = (
            ("encrypted", was.counters.encaps, start.counters.encaps, is_.counters.encaps),
            ("decrypted", was.counters.decaps, start.counters.decaps, is_.counters.decaps),
        )
        back = [f"{word} packets are {now}, were {then}" for word, then, _, now in values if went_back(then, now)]
        passed = is_.source.asked_at - was.source.asked_at
        still = [
            f"{word} packets are still {now}"
            for word, then, earlier, now in values
            if then == now == earlier and passed >= ENOUGH
        ]
        if back:
            yield Change(about.finding("baseline.counters", "; ".join(back), cause="reset", evidence=sources))
        if still:
            yield Change(about.finding("baseline.counters", "; ".join(still), cause="not-growing", evidence=sources))


def _identity(expected: ExpectedConfiguration, shown: IpsecIdentity) -> Subject:
    return Subject(
        f"{expected.router}/{shown.interface}/{shown.peer}",
        f"{expected.router} {shown.interface} IPsec {shown.local_selector} to {shown.remote_selector} by {shown.peer}",
    )


def _protects(identity: IpsecIdentity | None) -> bool:
    return identity is not None and bool(identity.inbound) and bool(identity.outbound)


def _transforms(pairs: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({f"{each.transform}{' (tunnel)' if each.tunnel_mode else ' (transport)'}" for each in pairs}))


def _by_identity(found: Iterable[IpsecIdentity]) -> dict[tuple[Any, ...], IpsecIdentity]:
    return {(each.interface, each.peer, each.local_selector, each.remote_selector): each for each in found}
