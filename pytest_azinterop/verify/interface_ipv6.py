"""An interface's IPv6 address, as the routing table of its VRF has it."""

from __future__ import annotations

from ipaddress import IPv6Interface, IPv6Network
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.routing import RibRoute, RoutingTable
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedInterfaceIpv6

_FAR_END = 2  # Microsoft always takes the second usable one


def address(expected: ExpectedInterface, observed: ObservedInterfaceIpv6) -> list[Finding]:
    """The declared address and length; not judged where none is declared.

    An address that is in use stands in the routing table as a local route of 128 bits beside the connected route of its
    subnet. One that is a duplicate, or whose interface is down, stands in neither.
    """
    wanted = expected.ipv6
    if wanted is None:
        return []
    own = addresses(observed.rib, expected.name)
    if wanted in own:
        return []
    about = subject.of_interface(expected)
    actual = some(str(each) for each in own) or "none"
    rows = [route for route in observed.rib.routes if _is_of(route, expected.name)]
    return [
        about.finding(
            "interface.ipv6-address",
            f"IPv6 address is {actual}, expected {wanted}",
            cause=_cause(own, wanted),
            evidence=[*(route.source for route in rows[:4]), observed.rib.source],
            next_command=f"show ipv6 interface {expected.name}",
        )
    ]


def addresses(rib: RoutingTable, interface: str) -> list[IPv6Interface]:
    """Each local address of an interface with the length of the connected subnet that holds it, none: 128."""
    connected = [route.prefix for route in rib.routes if route.protocol == "C" and _is_of(route, interface)]
    found = []
    for route in rib.routes:
        own = route.prefix
        if route.protocol != "L" or not isinstance(own, IPv6Network) or not _is_of(route, interface):
            continue
        if own.prefixlen == own.max_prefixlen and not own.is_link_local:
            lengths = [each.prefixlen for each in connected if own.network_address in each]
            found.append(IPv6Interface((own.network_address, max(lengths, default=own.max_prefixlen))))
    return found


def _is_of(route: RibRoute, interface: str) -> bool:
    return any(hop.interface == interface for hop in route.next_hops)


def _cause(own: list[IPv6Interface], wanted: IPv6Interface) -> str:
    if not own:
        return "no-address"
    if any(each.ip == wanted.ip for each in own):
        return "mask"
    if any(int(each.ip) - int(wanted.network.network_address) == _FAR_END for each in own):
        return "neighbors-address"
    return "other-address"
