"""Judgements about the IKEv2 security association with a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify.ike_cause import algorithm, from_configuration, key_words
from pytest_azinterop.verify.ike_cause import algorithms as names
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.config import StaticRoute
    from pytest_azinterop.state.crypto import Ikev2Sa
    from pytest_azinterop.state.routing import ForwardingDecision
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel

# What no SA is a sign of, and what is not to be seen before packets arrive.
_BEHIND_THE_ROUTE = frozenset({"no-sa", "no-answer", "proposal", "broken-chain", "negotiating", "not-ready"})
_NAT_TRAVERSAL = 4500  # RFC 3947: IKE moves to this UDP port when a NAT is detected


def local_address(expected: ExpectedTunnel, observed: ObservedTunnel) -> IPv4Address | IPv6Address | None:
    """The router's end: as declared, else what the tunnel's source resolves to; None where neither is known."""
    if expected.local is not None:
        return expected.local
    tunnel = observed.interface.tunnel if observed.interface else None
    return tunnel.source_address if tunnel else None


def of_tunnel(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Ikev2Sa]:
    """The SAs of this tunnel's two ends in its front-door VRF."""
    local = local_address(expected, observed)
    return [
        sa
        for sa in evidence.known(observed.ike, "the IKE SAs")
        if sa.remote_address == expected.peer
        and sa.front_vrf == expected.front_vrf
        and local in (None, sa.local_address)
    ]


def sa(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Exactly one SA between the two ends is READY."""
    about = subject.of_tunnel(expected)
    mine = of_tunnel(expected, observed)
    ready = [each for each in mine if each.is_ready]
    if len(ready) == 1:
        return []
    sources = [each.source for each in mine] or _sources(observed)
    if len(ready) > 1:
        return [
            about.finding(
                "ike.sa",
                f"number of READY IKE SAs with {expected.peer} is {len(ready)}, expected 1",
                cause="duplicate",
                evidence=sources,
                next_command="show crypto ikev2 session",
            )
        ]
    cause, seen, likely = _why_none(expected, observed, mine)
    unrouted = _unrouted(expected, observed) if cause in _BEHIND_THE_ROUTE else None
    nowhere: StaticRoute | None = None
    if unrouted is not None:
        table = clean(vrf_words(expected.front_vrf))
        cause = "no-route-to-peer"
        nowhere = _to_nowhere(expected, observed, unrouted)
        if nowhere is not None:
            cause = "null-route-to-peer"
            likely = f"`{clean(nowhere.line.text)}` drops what is sent to {expected.peer} in the {table}"
        elif unrouted.prefix.prefixlen:
            likely = f"the route to {unrouted.prefix} in the {table} drops what is sent to {expected.peer}"
        else:
            likely = f"no route leads to {expected.peer} in the {table}: packets to it are dropped ({unrouted.prefix})"
    return [
        about.finding(
            "ike.sa",
            f"IKE SA with {expected.peer} is {seen}, expected READY",
            cause=cause,
            evidence=[
                *sources,
                observed.interface.source if cause == "tunnel-shut" and observed.interface else None,
                observed.config.source if likely and observed.config and unrouted is None else None,
                unrouted.source if unrouted is not None else None,
                observed.config.where(nowhere.line) if nowhere is not None and observed.config else None,
            ],
            likely=likely,
            next_command=_following(expected, cause),
        )
    ]


def _unrouted(expected: ExpectedTunnel, observed: ObservedTunnel) -> ForwardingDecision | None:
    """The decision that drops what is sent to the peer; None: there is a way, or it is not known."""
    decision = observed.outer
    if decision is None or (decision.vrf, decision.address) != (expected.front_vrf, expected.peer):
        return None
    return decision if decision.action == "drop" else None


def _to_nowhere(expected: ExpectedTunnel, observed: ObservedTunnel, decision: ForwardingDecision) -> StaticRoute | None:
    """The static route into nothing that the decision follows; None: it is none, or the configuration is not known."""
    return next(
        (
            route
            for route in (observed.config.static_routes if observed.config is not None else ())
            if (route.vrf, route.prefix) == (expected.front_vrf, decision.prefix)
            and (route.interface or "").casefold() == "null0"
        ),
        None,
    )


def _following(expected: ExpectedTunnel, cause: str) -> str:
    if cause in ("tunnel-shut", "other-front-vrf", "other-local-address"):
        return next_command.configured_interface(expected.name)
    if cause in ("no-route-to-peer", "null-route-to-peer"):
        return next_command.route(expected.front_vrf, expected.peer)
    if cause == "proposal":
        return "show crypto ikev2 proposal"
    return "show running-config | section crypto" if cause == "broken-chain" else next_command.IKE_ERRORS


def _sources(observed: ObservedTunnel) -> list[Source]:
    found = [each.source for each in observed.ike or ()] or [
        each for each in (observed.ike_answer,) if each is not None
    ]
    return found or [each.source for each in (observed.interface, observed.config) if each is not None][:1]


def _why_none(expected: ExpectedTunnel, observed: ObservedTunnel, mine: list[Ikev2Sa]) -> tuple[str, str, str | None]:
    """The cause, what is seen, and words where the facts say more than the cause does.

    Both ends' algorithms are settled by the first exchange (IKE_SA_INIT), keys and identities proven by the second
    (IKE_AUTH, RFC 7296 1.2): an SA that has the former without the latter failed in the second.
    """
    if not mine:
        return _why_missing(expected, observed)
    status = some(dict.fromkeys(clean(each.status) for each in mine))
    if all(each.encryption is None for each in mine):
        cause, words = from_configuration(expected, observed.config) or ("no-answer", None)
        return cause, status, words
    if all(each.encryption is not None and not (each.verify_method and each.remote_id) for each in mine):
        return "authentication", status, key_words(expected, observed.config)
    if any(each.status.upper().startswith("IN-NEG") for each in mine):
        return "negotiating", status, None
    return "not-ready", status, None


def _why_missing(expected: ExpectedTunnel, observed: ObservedTunnel) -> tuple[str, str, str | None]:
    if observed.interface is not None and observed.interface.is_shut:
        return "tunnel-shut", "missing", None
    same_peer = [each for each in observed.ike or () if each.remote_address == expected.peer]
    local = local_address(expected, observed)
    if any(local in (None, each.local_address) for each in same_peer):
        where = some(sorted({vrf_words(each.front_vrf) for each in same_peer}))
        return "other-front-vrf", f"in front-door {clean(where)}", None
    if same_peer:
        return "other-local-address", f"from {some(sorted({str(each.local_address) for each in same_peer}))}", None
    cause, words = from_configuration(expected, observed.config) or ("no-sa", None)
    return cause, "missing", words


def algorithms(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Encryption, integrity (not with AES-GCM, which has none of its own: RFC 5282) and Diffie-Hellman group."""
    ready = [each for each in of_tunnel(expected, observed) if each.is_ready]
    if not ready:
        return sa(expected, observed)
    policy = expected.ike
    found = []
    for each in ready:
        if each.encryption is None or each.dh_group is None:
            evidence.undetermined("a READY IKE SA shows no algorithms", "not-understood", each.source)
        combined = "GCM" in each.encryption.upper()
        if each.integrity is None and not combined:
            evidence.undetermined("a READY IKE SA shows no integrity algorithm", "not-understood", each.source)
        if algorithm(each.encryption) not in names(policy.encryption):
            found.append((each, "encryption", "encryption", clean(each.encryption), ", ".join(policy.encryption)))
        if not combined and algorithm(each.integrity or "") not in names(policy.integrity):
            found.append((each, "integrity", "integrity", clean(each.integrity or ""), ", ".join(policy.integrity)))
        if each.dh_group not in policy.dh_groups:
            groups = ", ".join(map(str, policy.dh_groups))
            found.append((each, "dh-group", "Diffie-Hellman group", str(each.dh_group), groups))
    return [
        subject.of_tunnel(expected).finding(
            "ike.algorithms",
            f"IKE {what} is {actual}, expected {wanted}",
            cause=cause,
            evidence=[each.source],
            next_command="show crypto ikev2 proposal",
        )
        for each, cause, what, actual, wanted in found
    ]


def nat(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """NAT is detected where the intent has a public address that is not the router's own, and nowhere else."""
    ready = [each for each in of_tunnel(expected, observed) if each.is_ready]
    if not ready:
        return sa(expected, observed)
    wanted = expected.public is not None and expected.public != local_address(expected, observed)
    return [
        subject.of_tunnel(expected).finding(
            "ike.nat",
            f"NAT is {'not detected' if wanted else 'detected'} (UDP {each.local_port} to {each.remote_port}), "
            f"expected {'detected' if wanted else 'not detected'}",
            cause="nat-not-detected" if wanted else "nat-detected",
            evidence=[each.source],
            next_command=f"show crypto session interface {expected.name} detail",
        )
        for each in ready
        if _nat_detected(each) != wanted
    ]


def _nat_detected(each: Ikev2Sa) -> bool:
    if each.nat_detected is not None:
        return each.nat_detected
    return _NAT_TRAVERSAL in (each.local_port, each.remote_port)
