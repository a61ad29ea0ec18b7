"""Judgements about the IPsec security associations of a tunnel, and the packets that they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.crypto import EspSa, IpsecCounters, IpsecIdentity
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel

_WRAP: Final = 2**32
# A counter that wraps was near its end and is near its start now; anything else that shrinks was cleared.
_NEAR: Final = _WRAP // 4


def of_tunnel(expected: ExpectedTunnel, identities: tuple[IpsecIdentity, ...] | None) -> list[IpsecIdentity]:
    """The identities of this tunnel's interface with its peer. Raises UndeterminedError where none were asked for."""
    return [
        each
        for each in evidence.known(identities, f"the IPsec SAs of {expected.name}")
        if each.interface.casefold() == expected.name.casefold() and each.peer == expected.peer
    ]


def is_complete(identity: IpsecIdentity) -> bool:
    """An active SA in each direction."""
    return any(map(is_active, identity.inbound)) and any(map(is_active, identity.outbound))


def is_active(sa_: EspSa) -> bool:
    """The SA carries traffic."""
    return sa_.status.upper().startswith("ACTIVE")


def _following(expected: ExpectedTunnel, cause: str) -> str:
    if cause in ("no-identity", "other-peer"):
        return next_command.configured_interface(expected.name)
    if cause == "transport-mode":
        return "show crypto ipsec transform-set"
    return "show crypto ipsec profile" if cause == "selectors" else "show crypto ikev2 sa detailed"


def sa(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """An active SA in each direction, in tunnel mode, for any address to any address."""
    about = subject.of_tunnel(expected)
    mine = of_tunnel(expected, observed.after)
    if not mine:
        found = evidence.known(observed.after, "the IPsec SAs")
        others = sorted({str(each.peer) for each in found if each.interface.casefold() == expected.name.casefold()})
        answer = [observed.ipsec_answer] if observed.ipsec_answer is not None else []
        known = answer or [each.source for each in (observed.interface, observed.config) if each is not None]
        return [
            about.finding(
                "ipsec.sa",
                f"IPsec identity is {'with ' + some(others) if others else 'missing'}, expected with {expected.peer}",
                cause="other-peer" if others else "no-identity",
                evidence=[*(each.source for each in found), *known[:1]],
                next_command=next_command.configured_interface(expected.name),
            )
        ]
    return [
        about.finding(
            "ipsec.sa",
            f"{what} is {actual}, expected {wanted}",
            cause=cause,
            evidence=[each.source],
            next_command=_following(expected, cause),
        )
        for each in mine
        for cause, what, actual, wanted in _sa_complaints(each)
    ]


def _sa_complaints(identity: IpsecIdentity) -> Iterator[tuple[str, str, str, str]]:
    if not identity.inbound and not identity.outbound:
        yield "no-sa", "number of IPsec SAs", "0", "one in each direction"
        return
    for cause, direction, sas in (
        ("no-inbound", "inbound", identity.inbound),
        ("no-outbound", "outbound", identity.outbound),
    ):
        if not sas:
            yield cause, f"{direction} IPsec SA", "missing", "active"
        elif not any(map(is_active, sas)):
            yield "inactive", f"{direction} IPsec SA", some(clean(each.status) for each in sas), "active"
        elif not all(each.tunnel_mode for each in sas if is_active(each)):
            yield "transport-mode", f"mode of the {direction} IPsec SA", "transport", "tunnel"
    if identity.local_selector.prefixlen or identity.remote_selector.prefixlen or identity.protocol:
        yield (
            "selectors",
            "traffic selector",
            f"{identity.local_selector} to {identity.remote_selector}, protocol {identity.protocol}",
            "any to any",
        )


def transform(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Every active SA uses a declared transform."""
    if broken := _without_sas(expected, observed):
        return broken
    allowed = {_key(each) for each in expected.ipsec.transforms}
    found: dict[str, IpsecIdentity] = {}
    for identity in of_tunnel(expected, observed.after):
        for each in (*identity.inbound, *identity.outbound):
            if is_active(each) and _key(each.transform) not in allowed:
                found.setdefault(_words(each.transform), identity)
    return [
        subject.of_tunnel(expected).finding(
            "ipsec.transform",
            f"transform is {clean(actual)}, expected {' or '.join(expected.ipsec.transforms)}",
            cause="transform",
            evidence=[identity.source],
            next_command="show crypto ipsec transform-set",
        )
        for actual, identity in found.items()
    ]


def _words(printed: str) -> str:
    return " ".join(printed.replace(",", " ").split())


def _key(printed: str) -> frozenset[str]:
    """A transform is a set of algorithms: the order of its words says nothing."""
    return frozenset(_words(printed).casefold().split())


def pfs(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """The group of perfect forward secrecy is a declared one; not judged where none is declared."""
    allowed = expected.ipsec.pfs_groups
    if allowed is None:
        return []
    if broken := _without_sas(expected, observed):
        return broken
    found = []
    for identity in of_tunnel(expected, observed.after):
        if identity.pfs and identity.pfs_group is None:
            evidence.undetermined("PFS is on and its group was not printed", "not-understood", identity.source)
        actual = identity.pfs_group if identity.pfs else None
        if actual not in allowed:
            found.append(
                subject.of_tunnel(expected).finding(
                    "ipsec.pfs",
                    f"PFS group is {_group(actual)}, expected {' or '.join(map(_group, allowed))}",
                    cause="pfs",
                    evidence=[identity.source],
                    likely=None if actual is None else f"group {actual} is configured or proposed by the gateway",
                    next_command="show crypto ipsec profile",
                )
            )
    return found


def _group(group: int | None) -> str:
    return "none" if group is None else str(group)


def _without_sas(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """What `ipsec.sa` finds where there is no complete pair of SAs to judge."""
    if any(is_complete(identity) for identity in of_tunnel(expected, observed.after)):
        return []
    return sa(expected, observed)


def traffic(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Packets were encrypted and decrypted between two samples.

    Without a probe, a tunnel that carried nothing in either direction cannot be judged: UndeterminedError.
    """
    if broken := _without_sas(expected, observed):
        return broken
    sent = received = 0
    for before, after in _pairs(expected, observed):
        sent += _growth("encaps", before.counters.encaps, after.counters.encaps, after)
        received += _growth("decaps", before.counters.decaps, after.counters.decaps, after)
    if sent and received:
        return []
    probe = observed.probe
    if not sent and not received and (probe is None or probe.sent == 0):
        evidence.undetermined(
            "no packet passed the tunnel between the samples and none was sent to see",
            "no-traffic",
            of_tunnel(expected, observed.after)[0].source,
        )
    cause = "outbound-only" if sent else "inbound-only" if received else "no-traffic"
    probed = f", {probe.received} of {probe.sent} probes answered" if probe else ""
    return [
        subject.of_tunnel(expected).finding(
            "ipsec.traffic",
            f"traffic between the samples is {sent} packets encrypted and {received} decrypted{probed}, "
            "expected some in both directions",
            cause=cause,
            evidence=[
                *(each.source for each in of_tunnel(expected, observed.before)),
                *(each.source for each in of_tunnel(expected, observed.after)),
                probe.source if probe else None,
            ],
            next_command="show access-lists"
            if cause == "outbound-only"
            else next_command.forwarding(expected.inner_vrf, expected.neighbor),
        )
    ]


def errors(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """No error counter grew between the samples; where no SA carries packets, that is the finding."""
    if broken := _without_sas(expected, observed):
        return broken
    found = []
    for before, after in _pairs(expected, observed):
        earlier, later = _error_counters(before.counters), _error_counters(after.counters)
        if earlier.keys() != later.keys():
            evidence.undetermined("the two samples have different error counters", "not-understood", after.source)
        grown = {name: _error_growth(earlier[name], count) for name, count in later.items()}
        told = [f"{clean(name)} +{count}" for name, count in grown.items() if count]
        if told:
            found.append(
                subject.of_tunnel(expected).finding(
                    "ipsec.errors",
                    f"growth of error counters is {some(told)}, expected none",
                    cause="errors",
                    evidence=[before.source, after.source],
                    next_command="show platform hardware qfp active feature ipsec datapath drops",
                )
            )
    return found


def _error_counters(counters: IpsecCounters) -> dict[str, int]:
    return {"send errors": counters.send_errors, "receive errors": counters.receive_errors, **dict(counters.errors)}


def _error_growth(before: int, after: int) -> int:
    """A cleared counter shows what came since it was cleared."""
    if after >= before:
        return after - before
    return after + _WRAP - before if _wrapped(before, after) else after


def _wrapped(before: int, after: int) -> bool:
    return _WRAP - _NEAR <= before < _WRAP and after < _NEAR


def _growth(name: str, before: int, after: int, identity: IpsecIdentity) -> int:
    if after < before and not _wrapped(before, after) and after == 0:
        evidence.undetermined(f"the {name} counter was cleared between the samples", "counter-cleared", identity.source)
    return _error_growth(before, after)


def _pairs(expected: ExpectedTunnel, observed: ObservedTunnel) -> Iterator[tuple[IpsecIdentity, IpsecIdentity]]:
    """Each identity in both samples. Raises UndeterminedError where the earlier sample lacks one or is not earlier."""
    earlier = {_identity_key(each): each for each in of_tunnel(expected, observed.before)}
    for after in of_tunnel(expected, observed.after):
        before = earlier.get(_identity_key(after))
        if before is None:
            evidence.undetermined(
                "the tunnel's IPsec identity appeared between the samples", "not-collected", after.source
            )
        if before.source.asked_at >= after.source.asked_at:
            evidence.undetermined("there is one sample where two are needed", "not-collected", after.source)
        yield before, after


def _identity_key(identity: IpsecIdentity) -> tuple[object, ...]:
    return identity.local_address, identity.local_selector, identity.remote_selector, identity.protocol
