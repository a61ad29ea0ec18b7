"""OSPF on the interfaces of one router: area, cost, and what it prints about them."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.extract_ospf import area_number
from pytest_azinterop.lab.network.filtering import OSPF, lets_in
from pytest_azinterop.lab.network.ospf_hello import authentication, timers
from pytest_azinterop.lab.network.ospf_records import OspfInterface

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import InterfaceSettings, OspfSettings
    from pytest_azinterop.lab.network.node import Node

_ALL_ROUTERS = IPv4Address("224.0.0.5")


def area_of(process: OspfSettings, interface: InterfaceSettings) -> str | None:
    """The area that an interface is in, or None when the process does not run on it."""
    if interface.vrf != process.vrf or interface.address is None:
        return None
    if interface.ospf_area is not None:
        return area_number(interface.ospf_area[1]) if interface.ospf_area[0] == process.process else None
    for network, wildcard, area in process.networks:
        if (int(network) ^ int(interface.address.ip)) & ~int(wildcard) & 0xFFFFFFFF == 0:
            return area_number(area)
    return None


def cost_of(process: OspfSettings, interface: InterfaceSettings) -> int:
    """Interface cost: configured, or reference bandwidth over bandwidth."""
    if interface.ospf_cost is not None:
        return interface.ospf_cost
    kbit = interface.bandwidth or (10_000_000 if interface.name.startswith("Ten") else 1_000_000)
    return max(1, process.reference_mbit * 1000 // kbit)


def is_passive(process: OspfSettings, name: str) -> bool:
    """Whether the network is told, but no hello sent."""
    return name in process.passive or (process.passive_default and name not in process.active)


def network_type(node: Node, interface: InterfaceSettings) -> str | None:
    """None: a far end that suits whatever the router has."""
    if node.far_end is not None:
        return node.far_end.ospf_network
    return "point-to-point" if interface.ospf_point_to_point else "broadcast"


def hears(node: Node, interface: InterfaceSettings, source: IPv4Address) -> bool:
    """Whether hellos from an address get through the interface's access list."""
    return not lets_in(node, interface, source, _ALL_ROUTERS, OSPF)


def interface_states(node: Node, process: OspfSettings) -> tuple[OspfInterface, ...]:
    """Every interface that the process is configured on, up or down."""
    found = []
    for name, settings in node.settings.interfaces.items():
        area = area_of(process, settings)
        if area is None or settings.address is None:
            continue
        if name.startswith("Loopback") and not settings.ospf_point_to_point:
            kind = "LOOPBACK"
        else:
            kind = "POINT_TO_POINT" if settings.ospf_point_to_point else "BROADCAST"
        found.append(
            OspfInterface(
                name=name,
                address=settings.address,
                area=area,
                cost=cost_of(process, settings),
                kind=kind,
                passive=is_passive(process, name),
                up=node.up(name),
                by_line=settings.ospf_area is not None,
                timers=timers(settings),
                authentication=authentication(process, settings, area),
                youngest_key=max((key for key, _ in settings.ospf_digest_keys), default=None),
            )
        )
    return tuple(found)
