"""Which routing tables, neighbors and tunnels a router has, by whatever of its answers could be read. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import Interface, Vrf


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

    def neighbors(self, vrf: str | None) -> Sequence[BgpNeighbor]:
        """The IPv4 neighbors of a table that are known."""
        return self.records("bgp_neighbors", vrf=vrf) or ()

    def protected_tunnels(self) -> Iterator[Interface]:
        """The tunnel interfaces with IPsec protection."""
        for interface in self.interfaces:
            if interface.tunnel is not None and interface.tunnel.protection_profile is not None:
                yield interface
