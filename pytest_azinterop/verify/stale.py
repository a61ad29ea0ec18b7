"""An intent that the network has left behind: both ends of a session or tunnel agree on something else.

A session that is Established, and an IKE SA that is READY, need both ends to agree on ASN, addresses and tags; what the
intent says instead is then old, and no fault of the network. Where one end alone differs, this says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.rule import Rule, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedSession, ExpectedTunnel
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.crypto import Ikev2Sa
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.source import Source

RULE: Final[Rule] = rule(
    "intent.stale",
    "high",
    "stale.session",
    "What the intent says is what both ends of a session or tunnel agree on.",
    remote_as="the far end was given another AS, and the router with it",
    local_as="the router was given another AS, and the far end with it",
    neighbor_address="the peering was renumbered at both ends",
    local_address="the session was moved to another address at both ends",
    tags="the tags were changed at both ends",
    peer="the gateway has another public address, and the tunnel leads there",
)


def session(
    expected: ExpectedSession, neighbors: Sequence[BgpNeighbor], interfaces: Sequence[Interface], asn: int | None
) -> list[Finding]:
    """`neighbors` are those of the session's VRF, `asn` the router's own; None: not known."""
    found = next((each for each in neighbors if each.address == expected.neighbor), None)
    if found is None:
        return _renumbered(expected, neighbors, interfaces)
    if not found.is_established:
        return []
    differences: list[Finding] = []
    if found.remote_as != expected.remote_as:
        differences.append(_session(expected, "remote AS", found.remote_as, expected.remote_as, "remote-as", found))
    own = found.local_as if found.local_as is not None else asn
    if own is not None and own != expected.local_as:
        differences.append(_session(expected, "local AS", own, expected.local_as, "local-as", found))
    if None not in (found.local_address, expected.local_address) and found.local_address != expected.local_address:
        differences.append(
            _session(expected, "local address", found.local_address, expected.local_address, "local-address", found)
        )
    return differences


def _renumbered(
    expected: ExpectedSession, neighbors: Iterable[BgpNeighbor], interfaces: Iterable[Interface]
) -> list[Finding]:
    """The neighbor is not there, and another one of the same AS has a session over the same interface."""
    own = next((each.address for each in interfaces if each.name == expected.interface), None)
    if own is None or expected.version != own.version:
        return []
    instead = [
        each
        for each in neighbors
        if each.is_established and each.remote_as == expected.remote_as and each.address in own.network
    ]
    if len(instead) != 1:
        return []
    what = f"neighbor on {expected.interface}"
    return [_session(expected, what, instead[0].address, expected.neighbor, "neighbor-address", instead[0])]


def tags(expected: ExpectedInterface, interface: Interface, neighbors: Iterable[BgpNeighbor]) -> list[Finding]:
    """Another tag than the intent's carries a session: the far end uses it too."""
    if expected.vlans is None or interface.address is None:
        return []
    seen = tuple(tag for tag in (interface.outer_vlan, interface.inner_vlan) if tag is not None)
    carried = [each for each in neighbors if each.is_established and each.address in interface.address.network]
    if seen == expected.vlans or not carried:
        return []
    words = f"{expected.router} {expected.name}"
    shown, wanted = _tags(seen), _tags(expected.vlans)
    message = f"{words}: the intent says tags {wanted}, and {carried[0].address} is Established over tags {shown}"
    return [_finding(expected.id, message, "tags", (interface.source, carried[0].source))]


def _tags(tags_: Iterable[int]) -> str:
    return "/".join(map(str, tags_)) or "none"


def tunnel(expected: ExpectedTunnel, interface: Interface, sas: Iterable[Ikev2Sa]) -> list[Finding]:
    """The tunnel leads elsewhere, and an IKE SA with that peer is READY."""
    destination = interface.tunnel.destination if interface.tunnel is not None else None
    if destination is None or destination == expected.peer:
        return []
    ready = next((sa for sa in sas if sa.is_ready and sa.remote_address == destination), None)
    if ready is None:
        return []
    message = (
        f"{expected.router} {expected.name}: the intent says peer {expected.peer}, and the tunnel leads to"
        f" {destination}, whose IKE SA is READY"
    )
    return [_finding(expected.id, message, "peer", (interface.source, ready.source))]


def _session(
    expected: ExpectedSession, what: str, seen: object, said: object, cause: str, neighbor: BgpNeighbor
) -> Finding:
    words = f"{expected.router} {vrf_label(expected.vrf).replace('-', ' ', 1)} {expected.neighbor}"
    message = f"{words}: the intent says {what} {said}, and the session is Established with {seen}"
    return _finding(expected.id, message, cause, (neighbor.source,))


def _finding(object_id: str, message: str, cause: str, evidence: tuple[Source, ...]) -> Finding:
    return Finding(
        rule=RULE.name,
        object=object_id,
        severity=RULE.severity,
        message=message,
        cause=cause,
        evidence=evidence,
        likely=RULE.causes[cause],
        next_command=None,
    )
