"""Packets on ports and sub-interfaces: as many as there are routes that lead out of them, here and opposite.

Applications send to what is routed; keepalives of neighbors come on top. What a link loses does not arrive.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import parent_interface
from pytest_azinterop.lab.network.links import CRC, DUPLICATES, LOSS, Crossing

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.routes import Table

KEEPALIVES = 0.2
"""Packets per second towards each neighbor on a segment."""
PER_ROUTE = 6.0
IN_BYTES, OUT_BYTES = 240, 230
"""Mean lengths of the packets that a router gets and sends on a port."""
_SIZE = 500


@dataclass(slots=True)
class PortTraffic:
    """Sets the rates of every router's ports, and of the MSEEs' opposite them."""

    nodes: dict[str, Node]
    fabric: Fabric
    _counted: dict[str, tuple[tuple[Table, ...], Counter[str]]] = field(default_factory=dict)

    def update(self, now: float) -> None:
        """Rates from now on, by the tables and links of the moment."""
        for node in self.nodes.values():
            if node.is_router or (node.far_end is not None and node.far_end.kind == "msee"):
                self._update(node, now)

    def _update(self, node: Node, now: float) -> None:
        rates: dict[str, list[float]] = {}
        for name, settings in node.settings.interfaces.items():
            if settings.tunnel is not None or name.startswith(("Loopback", "Null")):
                continue
            busy = settings.addresses() and node.up(name)
            into, out, broken = self._rates(node, settings) if busy else (0.0, 0.0, 0.0)
            port = parent_interface(name) or name
            for each in {name, port}:
                total = rates.setdefault(each, [0.0, 0.0, 0.0])
                total[0] += into
                total[1] += out
            rates[port][2] += broken
        for name, (into, out, broken) in rates.items():
            runtime = node.interfaces.get(name)
            if runtime is not None:
                runtime.carry(now, into, out, broken)

    def _rates(self, node: Node, settings: InterfaceSettings) -> tuple[float, float, float]:
        """Packets in a second, in and out, and broken frames, which only the port knows."""
        others = [each for each in self.fabric.segment(node, settings) if each.node.up(each.interface.name)]
        out = KEEPALIVES * len(others) + PER_ROUTE * self._routes(node)[settings.name]
        into = broken = 0.0
        for each in others:
            passes = each.link.passes(each.node.name, node.name, _SIZE)
            if passes and not each.node.silent:
                share = self._routes(each.node)[each.interface.name] / max(1, len(others))
                crossing = Crossing(each.link, each.node.name, node.name, _SIZE)
                come = (1 - crossing.share(LOSS)) * (1 + crossing.share(DUPLICATES)) * (KEEPALIVES + PER_ROUTE * share)
                into += come * (1 - crossing.share(CRC))
                broken += come * crossing.share(CRC)
        return round(into, 3), round(out, 3), round(broken, 3)

    def _routes(self, node: Node) -> Counter[str]:
        """How many routes lead out of each interface."""
        tables = tuple(node.tables.values())
        known = self._counted.get(node.name)
        if known is not None and known[0] == tables:
            return known[1]
        found: Counter[str] = Counter()
        for table in tables:
            for route in table.routes.values():
                if route.protocol in ("connected", "local", "stub"):
                    continue
                hops = table.resolve_route(route, route.prefix.network_address)
                found.update({hop.interface for hop in hops if hop.interface is not None})
        self._counted[node.name] = (tables, found)
        return found
