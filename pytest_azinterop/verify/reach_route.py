"""What a router's own routing table says about packets that nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import next_command
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable
    from pytest_azinterop.state.source import Source

_DEEPEST: Final = 8  # lookups until a next hop must have led to an interface


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this router does not send packets on: a cause code, words, where it was read, and what to type next."""

    cause: str
    words: str
    evidence: tuple[Source, ...]
    next_command: str


def covering(rib: RoutingTable, address: IPv4Address | IPv6Address) -> RibRoute | None:
    """The longest match; None where no route covers the address."""
    matching = (each for each in rib.routes if each.prefix.version == address.version and address in each.prefix)
    return max(matching, key=lambda route: route.prefix.prefixlen, default=None)


def is_null(route: RibRoute) -> bool:
    """Whether packets that follow it are dropped: all its next hops are Null0."""
    names = {hop.interface for hop in route.next_hops}
    return bool(names) and all(name is not None and name.casefold().startswith("null") for name in names)


def words(route: RibRoute) -> str:
    """`B 10.10.30.0/24 via 192.168.30.18`, as short as it can be said."""
    hops = some(str(hop.address or hop.interface) for hop in route.next_hops)
    return clean(f"{route.codes} {route.prefix} via {hops or 'nowhere'}")


def reason(
    rib: RoutingTable, target: IPv4Address | IPv6Address, interfaces: tuple[Interface, ...] | None
) -> Reason | None:
    """Why this router itself stops packets to the target; None where its routing table sends them on.

    `interfaces` are all of the router's, None: not known.
    """
    vrf = "" if rib.vrf is None else f"vrf {rib.vrf} "
    command = f"show {'ip' if target.version == 4 else 'ipv6'} route {vrf}{target}"
    route = covering(rib, target)
    if route is None:
        return Reason(
            "no-route",
            f"this router drops it: no route to the target in {clean(vrf_words(rib.vrf))}",
            (rib.source,),
            command,
        )
    if is_null(route):
        kind = "static route" if route.protocol == "S" else f"route ({clean(route.codes)})"
        return Reason("null-route", f"this router drops it: {kind} {route.prefix} to Null0", (route.source,), command)
    for port in interfaces or ():
        if port.name in {name for hop in route.next_hops for name in ways(rib, hop)} and not port.is_up:
            name = clean(port.name)
            state = f"{clean(port.status)}, line protocol {clean(port.line_protocol)}"
            told = f"the route ({words(route)}) leaves over {name}, which is {state}"
            return Reason("interface-down", told, (route.source, port.source), _following(name))
    return None


def _following(name: str) -> str:
    is_tunnel = name.casefold().startswith("tunnel")
    return "show crypto ikev2 sa detailed" if is_tunnel else next_command.logged(name.partition(".")[0])


def ways(rib: RoutingTable, hop: NextHop, left: int = _DEEPEST) -> Iterator[str]:
    """The interfaces that a next hop leads to, through the routes of its address; not into other VRFs."""
    if hop.interface is not None:
        yield hop.interface
    elif hop.address is not None and hop.vrf in (None, rib.vrf) and left:
        below = covering(rib, hop.address)
        for each in below.next_hops if below is not None else ():
            yield from ways(rib, each, left - 1)
