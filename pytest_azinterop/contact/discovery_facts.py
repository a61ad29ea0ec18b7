"""What is asked of a router in order to learn what it can say by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.contact.tables import MICROSOFT, Known
from pytest_azinterop.subject_facts import of_family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.state.bgp import BgpNeighbor

_FIRST = (
    *("version", "privilege", "interfaces", "vrfs", "ikev2_sas", "running_config"),
    *("ospf_neighbors", "ospf_processes", "ntp_status", "ntp_associations", "archive"),
)
MOST_PREFIXES = 50  # of a table, whose communities are asked for: a command each


@dataclass(frozen=True, slots=True)
class DiscoveryFacts:
    """The facts of a discovery."""

    def first(self, host: str) -> Iterator[Fact]:
        """What needs no parameter."""
        return (Fact.of(host, kind) for kind in _FIRST)

    def further(self, host: str, facts: Facts) -> Iterator[Fact]:
        """The neighbors of each table; then the routes of each with a session, and the way to a distant one."""
        known = Known(host, facts)
        for tunnel in known.protected_tunnels():
            yield Fact.of(host, "ipsec_sas", interface=tunnel.name)
        config = known.config
        for vrf in known.bgp_tables():
            yield Fact.of(host, "bgp_neighbors", vrf=vrf)
            if known.may_have_ipv6(vrf):
                yield Fact.of(host, "rib_ipv6", vrf=vrf)
            if known.has_ipv6(vrf):
                yield Fact.of(host, "bgp_neighbors_ipv6", vrf=vrf)
            if config is None or config.bgp is None:
                yield Fact.of(host, "bgp_summary", vrf=vrf)
            neighbors = known.neighbors(vrf)
            if any(neighbor.bfd_configured for neighbor in neighbors):
                yield Fact.of(host, "bfd_neighbors", vrf=vrf)
            for neighbor in neighbors:
                yield from _of_neighbor(known, vrf, neighbor)
            yield from (_of_prefix(host, vrf, prefix) for prefix in asked_prefixes(known, vrf))


def _of_neighbor(known: Known, vrf: str | None, neighbor: BgpNeighbor) -> Iterator[Fact]:
    address, version = str(neighbor.address), neighbor.address.version
    if neighbor.external and version == 4 and not _is_connected(known, vrf, neighbor.address):
        yield Fact.of(known.host, "forwarding", vrf=vrf, address=address)
    if neighbor.external and neighbor.is_established:
        for kind in ("advertised_routes", "accepted_routes"):
            yield Fact.of(known.host, of_family(kind, version), vrf=vrf, address=address)
        if neighbor.soft_reconfiguration_inbound:
            yield Fact.of(known.host, of_family("received_routes", version), vrf=vrf, address=address)


def _of_prefix(host: str, vrf: str | None, prefix: IPv4Network | IPv6Network) -> Fact:
    return Fact.of(host, of_family("bgp_prefix", prefix.version), vrf=vrf, prefix=str(prefix))


def brought_by_microsoft(known: Known, vrf: str | None) -> list[IPv4Network | IPv6Network]:
    """What sessions to Microsoft's AS brought into a table: these prefixes may carry communities that say whose they
    are."""
    found: dict[IPv4Network | IPv6Network, None] = {}
    for neighbor in known.neighbors(vrf):
        if neighbor.remote_as == MICROSOFT:
            kind = of_family("accepted_routes", neighbor.address.version)
            routes = known.first(kind, vrf=vrf, address=str(neighbor.address))
            found.update(dict.fromkeys(path.prefix for path in routes.paths) if routes is not None else {})
    return sorted(found, key=lambda each: (each.version, int(each.network_address), each.prefixlen))


def asked_prefixes(known: Known, vrf: str | None) -> list[IPv4Network | IPv6Network]:
    """Those of them that are asked for; none of a table that has too many."""
    found = brought_by_microsoft(known, vrf)
    return found if len(found) <= MOST_PREFIXES else []


def _is_connected(known: Known, vrf: str | None, address: IPv4Address | IPv6Address) -> bool:
    own = (each for each in known.interfaces if known.vrf_of(each.name) == vrf)
    return any(each.address is not None and address in each.address.network for each in own)
