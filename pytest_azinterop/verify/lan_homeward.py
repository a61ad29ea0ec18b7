"""What an interface towards the LAN does for packets to the site: routes are learned over it, and next hops answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, interface, lan_routing, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.observed import ObservedInterface
from pytest_azinterop.verify.reach_route import ways
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.device import ArpEntry, Interface
    from pytest_azinterop.state.routing import RibRoute, RoutingTable
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lan_routing import ObservedOspf


@dataclass(frozen=True, slots=True)
class ObservedLanRoutes:
    """The routing table of the interface's VRF, and what is known of OSPF on the router."""

    rib: RoutingTable
    ospf: ObservedOspf


@dataclass(frozen=True, slots=True)
class ObservedLanHops:
    """The routing table and the ARP table of the interface's VRF. `interface` None: the router has none of the name."""

    interface: Interface | None
    rib: RoutingTable
    arp: tuple[ArpEntry, ...]


def learned(expected: ExpectedInterface, observed: ObservedLanRoutes) -> list[Finding]:
    """Over a full adjacency at least one route is learned, unless the site's prefixes lead here by other means.

    An adjacency becomes FULL also where the two ends have different network types; then neither computes a route from
    what the other tells, in both directions. Where no adjacency is FULL the finding is that of `lan.ospf`.
    Raises UndeterminedError for a routing table without the subnet in which the neighbor is. An interface that borrows
    its address has none: there the table must have a route over the interface, or the subnet of the lender.
    """
    if found := lan_routing.neighbor(expected, observed.ospf):
        return found
    full = [each for each in observed.ospf.neighbors if each.interface == expected.name and each.is_full]
    here = [route for route in observed.rib.routes if _leads_here(observed.rib, route, expected)]
    lender = None if observed.ospf.config is None else reading.lender(observed.ospf.config, expected.name)
    for each in full:
        if lender is None:
            _subnet(observed.rib, each.address, expected)
        elif not here and not any(r.protocol == "C" and _over(observed.rib, r, lender) for r in observed.rib.routes):
            words = f"the routing table has no route over {expected.name} and no subnet of {clean(lender)}, its lender"
            evidence.undetermined(words, "contradiction", observed.rib.source)
    if any(route.protocol == "O" for route in here):
        return []
    if any(lies_in(route.prefix, owned) or lies_in(owned, route.prefix) for route in here for owned in expected.owned):
        return []
    return [
        subject.of_interface(expected).finding(
            "lan.routes",
            f"number of OSPF routes over this interface is 0, expected at least one of {prefix_list(expected.owned)}",
            cause="no-routes",
            evidence=[*(each.source for each in full), observed.rib.source],
            next_command=f"show ip ospf interface {expected.name}",
        )
    ]


def resolved(expected: ExpectedInterface, observed: ObservedLanHops) -> list[Finding]:
    """No next hop over this interface that a route of the site's prefixes leads to is asked for in vain.

    An incomplete row was asked for and is silent. A next hop without a row was not needed of late, which says nothing,
    while a later row shows that the table goes on behind its place: rows stand in the order of their addresses, and the
    table has no end mark. Raises UndeterminedError where none does, and for tables without the interface's own row and
    subnet, which they have while it is up.
    """
    if found := interface.state(expected, ObservedInterface(observed.interface, None)):
        return found
    own = None if observed.interface is None else observed.interface.address
    if own is not None and not any(
        (each.interface, each.address, each.age) == (expected.name, own.ip, None) for each in observed.arp
    ):
        read = next((each.source for each in observed.arp), observed.rib.source)
        evidence.undetermined(f"the ARP table has no row of {own.ip} on {expected.name}", "contradiction", read)
    if own is not None:
        _subnet(observed.rib, own.ip, expected)
    silent = {each.address: each for each in observed.arp if each.mac is None}
    lost: dict[ArpEntry, list[RibRoute]] = defaultdict(list)
    unseen: set[IPv4Address] = set()
    for route in observed.rib.routes:
        if not any(lies_in(route.prefix, owned) for owned in expected.owned):
            continue
        for hop in route.next_hops:
            if not isinstance(hop.address, IPv4Address) or expected.name not in ways(observed.rib, hop):
                continue
            entry = silent.get(hop.address)
            if entry is not None:
                lost[entry].append(route)
            elif not _told(hop.address, observed.arp):
                unseen.add(hop.address)
    found = [
        subject.of_interface(expected).finding(
            "lan.next-hop",
            f"next hop {entry.address} of {prefix_list(route.prefix for route in routes)} is unresolved, expected a "
            f"machine that answers",
            cause="static" if all(route.protocol == "S" for route in routes) else "unresolved",
            evidence=[entry.source, *(route.source for route in routes[:3])],
            next_command=f"show ip arp {entry.address}"
            if expected.vrf is None
            else f"show ip arp vrf {expected.vrf} {entry.address}",
        )
        for entry, routes in lost.items()
    ]
    if unseen:
        words = f"next hop {min(unseen)} is not in the ARP table, nor any row behind its place: ping it, and ask again"
        read = next((each.source for each in observed.arp), observed.rib.source)
        return evidence.open_beside(found, words, "contradiction", read)
    return found


def _told(address: IPv4Address, arp: tuple[ArpEntry, ...]) -> bool:
    """Whether the table has a row of an address, or shows by a later one that it has none."""
    rows = [each.address for each in arp]
    return address in rows or (rows == sorted(rows) and any(row > address for row in rows))


def _subnet(rib: RoutingTable, address: IPv4Address, expected: ExpectedInterface) -> None:
    """Raise UndeterminedError unless the table has the subnet around an address of the interface's link."""
    for route in rib.routes:
        if route.protocol == "C" and address in route.prefix and _leads_here(rib, route, expected):
            return
    words = f"the routing table has no subnet of {address} on {expected.name}, where it is a neighbor's or the router's"
    evidence.undetermined(words, "contradiction", rib.source)


def _leads_here(rib: RoutingTable, route: RibRoute, expected: ExpectedInterface) -> bool:
    return _over(rib, route, expected.name)


def _over(rib: RoutingTable, route: RibRoute, interface: str) -> bool:
    return any(interface in ways(rib, hop) for hop in route.next_hops)
