"""What carries a session's packets: a session that is Established says only that it was there within its hold time.

For up to 180 s after its tunnel or link has died a session shows as Established, with all of its routes. Packets go
over a tunnel that is up and has SAs, to a next hop that is reached through it; over a circuit to a MSEE that answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import arp, evidence, ipsec, neighbor_discovery
from pytest_azinterop.verify.reach_route import ways

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite
    from pytest_azinterop.state.crypto import IpsecIdentity
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.routing import RoutingTable
    from pytest_azinterop.verify.arp import ObservedArp
    from pytest_azinterop.verify.neighbor_discovery import ObservedNeighborDiscovery

_UNANSWERED: Final = frozenset({"missing", "incomplete", "other-interface"})
WORDS: Final = {
    "tunnel-down": "over a tunnel that is down",
    "no-sa": "over a tunnel without SAs",
    "outside-tunnel": "to a next hop outside its tunnel",
    "no-answer": "to a MSEE that does not answer on its link",
}


@dataclass(frozen=True, slots=True)
class ObservedCarriage:
    """What carries one session, `session` being its id: for a VPN the tunnel's interface (None: there is none) and its
    IPsec identities, else the MSEE's entry in the ARP table, or for IPv6 in the neighbor cache."""

    session: str
    tunnel: Interface | None = None
    ipsec: tuple[IpsecIdentity, ...] | None = None
    arp: ObservedArp | None = None
    discovery: ObservedNeighborDiscovery | None = None


def why_not_carried(
    expected: ExpectedSite, session: ExpectedSession, rib: RoutingTable, carriages: tuple[ObservedCarriage, ...]
) -> str | None:
    """Why no packet gets over this session's path, a key of `WORDS`; None where it does, as far as the router knows.

    Raises UndeterminedError where what carries the session was not collected.
    """
    found = next((each for each in carriages if each.session == session.id), None)
    if found is None:
        evidence.undetermined(f"what carries {session.id} was not collected", "not-collected")
    if session.role == "vpn":
        return _over_tunnel(expected, session, rib, found)
    if session.version == 4:
        if found.arp is None:
            evidence.undetermined(f"the ARP entry of {session.neighbor} was not collected", "not-collected")
        told = arp.resolved(session, found.arp)
    else:
        if found.discovery is None:
            evidence.undetermined(f"the IPv6 neighbor {session.neighbor} was not collected", "not-collected")
        told = neighbor_discovery.resolved(session, found.discovery)
    return "no-answer" if any(each.cause in _UNANSWERED for each in told) else None


def _over_tunnel(
    expected: ExpectedSite, session: ExpectedSession, rib: RoutingTable, found: ObservedCarriage
) -> str | None:
    tunnel = next(
        (each for each in expected.tunnels if (each.router, each.name) == (session.router, session.interface)), None
    )
    if tunnel is None:
        evidence.undetermined(f"the intent names no tunnel of {session.id}", "not-collected")
    if found.tunnel is None or not found.tunnel.is_up:
        return "tunnel-down"
    if not any(map(ipsec.is_complete, ipsec.of_tunnel(tunnel, found.ipsec))):
        return "no-sa"
    through = {name.casefold() for name in ways(rib, NextHop(session.neighbor, None))}
    return None if through == {tunnel.name.casefold()} else "outside-tunnel"
