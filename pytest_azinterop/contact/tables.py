"""Which routing tables, neighbors and tunnels a router has, by whatever of its answers could be read. Pure."""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv6Interface
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Address, IPv4Interface, IPv6Address

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import Interface, Vrf
    from pytest_azinterop.state.routing import RoutingTable


MICROSOFT = 12076  # the ASN of every MSEE: https://learn.microsoft.com/azure/expressroute/expressroute-routing

_HOST = 128  # the length of an address's own route
_LOCAL = ("L", "LC")


class Known:
    """The answers of one router, where each is known or not: nothing here says whether a missing one is empty."""

    def __init__(self, host: str, facts: Facts) -> None:
        self.host = host
        self.facts = facts

    def records(self, kind: str, **parameters: str | None) -> Sequence[Any] | None:
        """The records; None: not asked, refused, or not understood."""
        try:
            return self.facts.records(Fact.of(self.host, kind, **parameters))
        except UndeterminedError:
            return None

    def first(self, kind: str, **parameters: str | None) -> Any:  # noqa: ANN401 (as the kind's record)
        """The first record, None where there is none or it is not known."""
        return next(iter(self.records(kind, **parameters) or ()), None)

    @property
    def config(self) -> RunningConfig | None:
        """The configuration as far as the account sees it."""
        found: RunningConfig | None = self.first("running_config")
        return found

    @property
    def sees_all(self) -> bool:
        """The whole configuration was read: what is not in it is not there."""
        return self.config is not None and self.config.whole and not self.config.hidden

    @property
    def interfaces(self) -> Sequence[Interface]:
        """Every interface that is known."""
        return self.records("interfaces") or ()

    @property
    def vrfs(self) -> Sequence[Vrf]:
        """Every VRF that is known."""
        return self.records("vrfs") or ()

    def vrf_of(self, interface: str) -> str | None:
        """The VRF of an interface; None: the global table, or not known."""
        return self._vrf_by_interface.get(interface)

    @cached_property
    def _vrf_by_interface(self) -> Mapping[str, str]:
        return {interface: vrf.name for vrf in self.vrfs for interface in vrf.interfaces}

    def bgp_tables(self) -> tuple[str | None, ...]:
        """The VRFs (None: the global table) that can have BGP neighbors, in the router's order."""
        config = self.config
        if config is not None and self.sees_all:
            return tuple(dict.fromkeys(entry.vrf for entry in config.bgp.neighbors)) if config.bgp else ()
        seen = [entry.vrf for entry in config.bgp.neighbors] if config is not None and config.bgp is not None else []
        with_rd = [vrf.name for vrf in self.vrfs if vrf.route_distinguisher is not None]
        return tuple(dict.fromkeys((*seen, *with_rd, None)))

    def may_have_ipv6(self, vrf: str | None) -> bool:
        """Whether the table can have IPv6: the configuration says so, or does not show everything."""
        config = self.config
        if config is None or not self.sees_all:
            return True
        neighbors = config.bgp.neighbors if config.bgp is not None else ()
        return any(each.vrf == vrf and each.address.version == 6 for each in neighbors) or any(
            each.vrf == vrf and any(line.text.startswith("ipv6 address") for line in each.line.children)
            for each in config.interfaces
        )

    def has_ipv6(self, vrf: str | None) -> bool:
        """Whether the table has an IPv6 address, as far as is known."""
        return bool(self._ipv6_addresses(vrf))

    def addresses(self, interface: Interface) -> tuple[IPv4Interface | IPv6Interface, ...]:
        """The interface's addresses of both families, without link-local ones: those say nothing about a subnet.

        `show interfaces` shows those of IPv4 alone; those of IPv6 stand in the routing table.
        """
        ipv4 = (interface.address,) if interface.address is not None else ()
        ipv6 = self._ipv6_addresses(self.vrf_of(interface.name)).get(interface.name, ())
        return (*ipv4, *ipv6)

    def own_address(
        self, interface: Interface, neighbor: IPv4Address | IPv6Address
    ) -> IPv4Interface | IPv6Interface | None:
        """The interface's address in the subnet that holds the neighbor."""
        own = self.addresses(interface)
        return next((each for each in own if neighbor in each.network and each.ip != neighbor), None)

    def _ipv6_addresses(self, vrf: str | None) -> dict[str, tuple[IPv6Interface, ...]]:
        """By interface: its own addresses, each with the length of the connected prefix that holds it."""
        rib: RoutingTable | None = self.first("rib_ipv6", vrf=vrf)
        routes = rib.routes if rib is not None else ()
        found: dict[str, tuple[IPv6Interface, ...]] = {}
        for own in (route for route in routes if route.prefix.prefixlen == _HOST and route.protocol in _LOCAL):
            for name in (hop.interface for hop in own.next_hops if hop.interface is not None):
                lengths = [
                    route.prefix.prefixlen
                    for route in routes
                    if route.protocol == "C"
                    and own.prefix.network_address in route.prefix
                    and any(hop.interface == name for hop in route.next_hops)
                ]
                address = IPv6Interface((int(own.prefix.network_address), max(lengths, default=_HOST)))
                if not address.is_link_local:
                    found[name] = (*found.get(name, ()), address)
        return found

    def neighbors(self, vrf: str | None) -> Sequence[BgpNeighbor]:
        """The neighbors of a table that are known, each once, those of IPv4 first."""
        both = (*(self.records("bgp_neighbors", vrf=vrf) or ()), *(self.records("bgp_neighbors_ipv6", vrf=vrf) or ()))
        return tuple({each.address: each for each in reversed(both)}.values())[::-1]

    def protected_tunnels(self) -> Iterator[Interface]:
        """The tunnel interfaces with IPsec protection."""
        for interface in self.interfaces:
            if interface.tunnel is not None and interface.tunnel.protection_profile is not None:
                yield interface
