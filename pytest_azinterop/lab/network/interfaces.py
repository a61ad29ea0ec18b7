"""Interface states and the routes that follow from them: connected, local and static."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import host_route
from pytest_azinterop.lab.config.words import parent_interface
from pytest_azinterop.lab.network.node import InterfaceRuntime
from pytest_azinterop.lab.network.records import NextHop
from pytest_azinterop.lab.network.routes import Route, Table

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.config.settings import InterfaceSettings, StaticSettings
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.node import Node

LOGICAL_UP = ("Loopback", "Null", "Vlan", "Port-channel")


def update_interfaces(node: Node, fabric: Fabric, crypto: Crypto, now: float) -> bool:
    """Bring every interface to the state that follows; True when line protocol changed somewhere."""
    changed = False
    for gone in [name for name in node.interfaces if name not in node.settings.interfaces]:
        changed |= node.interfaces.pop(gone).protocol_up
        node.interface_version += 1
    for name, settings in node.settings.interfaces.items():
        runtime = node.interfaces.get(name)
        if runtime is None:
            runtime = node.interfaces[name] = InterfaceRuntime(since=now, counted_at=now)
        line, protocol = _state(node, settings, fabric, crypto)
        if (line, protocol) == (runtime.line_up, runtime.protocol_up):
            continue
        if node.is_router and now > node.boot:
            _log_change(node, settings, runtime, now, line=line, protocol=protocol)
        if protocol != runtime.protocol_up:
            changed = True
            node.interface_version += 1
            runtime.since = now
        runtime.line_up, runtime.protocol_up = line, protocol
    return changed


def _log_change(
    node: Node, settings: InterfaceSettings, runtime: InterfaceRuntime, now: float, *, line: bool, protocol: bool
) -> None:
    name = settings.name
    if line != runtime.line_up and "." not in name and not name.startswith("Null"):
        state = "up" if line else "administratively down" if settings.shutdown else "down"
        kind = "%LINK-5-CHANGED" if settings.shutdown and not line else "%LINK-3-UPDOWN"
        node.note(now, f"{kind}: Interface {name}, changed state to {state}")
    if protocol != runtime.protocol_up and "." not in name:
        word = "up" if protocol else "down"
        node.note(now, f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {name}, changed state to {word}")


def _state(node: Node, settings: InterfaceSettings, fabric: Fabric, crypto: Crypto) -> tuple[bool, bool]:
    name = settings.name
    if settings.shutdown or node.off:
        return False, False
    if settings.tunnel is not None:
        return True, crypto.tunnel_up(node, settings)
    if name.startswith(LOGICAL_UP):
        return True, True
    if not node.is_router:
        links = fabric.links_at(node.name, name)
        up = any(link.state != "down" for link in links)
        return up, up
    port = parent_interface(name)
    if port is None:
        up = fabric.carrier(node, name)
        return up, up
    parent = node.settings.interfaces.get(port)
    up = (parent is None or not parent.shutdown) and fabric.carrier(node, port)
    return up, up


def direct_routes(node: Node, vrf: str | None) -> list[Route]:
    """Connected and local routes of a VRF, and the networks behind a far end."""
    found: list[Route] = []
    for name, settings in node.settings.interfaces.items():
        if settings.vrf != vrf or not node.up(name):
            continue
        for address in settings.addresses():
            hop = (NextHop(None, name),)
            found.append(Route(address.network, "connected", 0, 0, hop))
            if address.network.prefixlen < address.max_prefixlen:
                found.append(Route(host_route(address.ip), "local", 0, 0, hop))
    return found


def given_routes(node: Node, vrf: str | None) -> list[Route]:
    """Routes of protocols that are not modelled, as the topology gives them."""
    return [
        Route(each.prefix, each.protocol, each.distance, each.metric, (NextHop(each.gateway, each.interface),),
              process=str(each.process))
        for each in (() if node.router is None else node.router.given)
        if each.vrf == vrf and node.up(each.interface)
    ]  # fmt: skip


def stub_routes(prefixes: list[IpNetwork]) -> list[Route]:
    """Networks whose hosts stand behind a far end."""
    return [Route(prefix, "stub", 0, 0, (NextHop(None, "Null-stub"),)) for prefix in prefixes]


def add_statics(node: Node, vrf: str | None, table: Table) -> None:
    """Install the static routes whose way out exists; those that depend on others follow."""
    waiting = [static for static in node.settings.statics if static.vrf == vrf and routes_family(node, static.prefix)]
    for _ in range(len(waiting) + 1):
        ready = [static for static in waiting if static_usable(node, static, table)]
        if not ready:
            return
        for static in ready:
            hop = NextHop(static.gateway, static.interface)
            table.merge(Route(static.prefix, "static", static.distance, 0, (hop,), tag=static.tag))
        waiting = [static for static in waiting if static not in ready]


def routes_family(node: Node, prefix: IpNetwork) -> bool:
    """Whether the node routes this version of IP: IPv6 only with ``ipv6 unicast-routing``."""
    return prefix.version == 4 or node.settings.ipv6_routing


def static_usable(node: Node, static: StaticSettings, table: Table) -> bool:
    """Whether IOS would install the route: interface up, gateway resolvable (not through the route itself)."""
    if static.interface is not None:
        if static.interface.startswith("Null"):
            return True
        settings = node.settings.interfaces.get(static.interface)
        return settings is not None and settings.vrf == static.vrf and node.up(static.interface)
    if static.gateway is None or static.gateway.is_link_local:
        return False
    if static.in_global:
        return bool(node.table(None).resolve(static.gateway))
    via = table.lookup(static.gateway)
    if via is None or (static.gateway in static.prefix and via.prefix.prefixlen <= static.prefix.prefixlen):
        return False
    return bool(table.resolve(static.gateway))
