"""``show ip route <prefix>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.show.formats import classful_length, elapsed

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.records import NextHop, RibRoute


def route_detail(route: RibRoute) -> list[str]:
    """From ``Routing entry for`` to the last way out."""
    supernet = ", supernet" if route.prefix.prefixlen < classful_length(route.prefix) else ""
    protocol = "connected" if route.protocol == "local" else route.protocol
    known = f'  Known via "{protocol}", distance {route.distance}, metric {route.metric}'
    if route.protocol in {"connected", "local"}:
        known += " (connected, via interface)" if route.protocol == "connected" else " (connected)"
    elif route.protocol == "static" and all(hop.address is None for hop in route.next_hops):
        known += " (connected)"
    if route.candidate_default or (route.prefix.prefixlen == 0 and route.protocol != "connected"):
        known += ", candidate default path"
    lines = [f"Routing entry for {route.prefix}{supernet}", known]
    if route.tag is not None:
        lines.append(f"  Tag {route.tag}{_type(route)}")
    elif route.route_type is not None:
        lines[-1] += _type(route)
    if route.age is not None and route.next_hops:
        hop = route.next_hops[0]
        on = f" on {hop.interface}," if hop.interface is not None else ""
        lines.append(f"  Last update from {hop.address}{on} {elapsed(route.age)} ago")
    lines.append("  Routing Descriptor Blocks:")
    for index, hop in enumerate(route.next_hops):
        lines += _descriptor(route, hop, "*" if index == 0 else " ")
    return lines


def _type(route: RibRoute) -> str:
    return f", type {route.route_type}" if route.route_type is not None else ""


def _descriptor(route: RibRoute, hop: NextHop, mark: str) -> list[str]:
    if hop.address is None:
        way = f"directly connected, via {hop.interface}"
    else:
        way = str(hop.address)
        if route.age is not None:
            way += f", from {route.source or hop.address}, {elapsed(route.age)} ago"
        if hop.interface is not None:
            way += f", via {hop.interface}"
    lines = [f"  {mark} {way}", f"      Route metric is {route.metric}, traffic share count is 1"]
    if route.protocol.startswith("bgp"):
        lines.append(f"      AS Hops {route.as_hops or 0}")
        if route.tag is not None:
            lines.append(f"      Route tag {route.tag}")
        lines.append("      MPLS label: none")
    elif route.tag is not None:
        lines.append(f"      Route tag {route.tag}")
    return lines
