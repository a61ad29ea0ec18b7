"""What is asked of a router in order to learn what it can say by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.contact.tables import Known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.collect.facts import Facts

_FIRST = ("version", "privilege", "interfaces", "vrfs", "ikev2_sas", "running_config")


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
            if config is None or config.bgp is None:
                yield Fact.of(host, "bgp_summary", vrf=vrf)
            for neighbor in known.neighbors(vrf):
                address = str(neighbor.address)
                if neighbor.external and not _is_connected(known, vrf, neighbor.address):
                    yield Fact.of(host, "forwarding", vrf=vrf, address=address)
                if neighbor.external and neighbor.is_established:
                    yield Fact.of(host, "advertised_routes", vrf=vrf, address=address)
                    yield Fact.of(host, "accepted_routes", vrf=vrf, address=address)
                    if neighbor.soft_reconfiguration_inbound:
                        yield Fact.of(host, "received_routes", vrf=vrf, address=address)


def _is_connected(known: Known, vrf: str | None, address: IPv4Address | IPv6Address) -> bool:
    own = (each for each in known.interfaces if known.vrf_of(each.name) == vrf)
    return any(each.address is not None and address in each.address.network for each in own)
