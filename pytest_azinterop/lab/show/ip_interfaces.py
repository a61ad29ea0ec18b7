"""``show ip interface`` and ``show ip interface brief``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, short_interface
from pytest_azinterop.lab.show.interfaces import line_states
from pytest_azinterop.lab.show.targets import invalid_input

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import InterfaceState
    from pytest_azinterop.lab.network.view import RouterView

_NAME_WIDTH = 22


def brief_row(interface: InterfaceState, saved: frozenset[str]) -> str:
    """One line; a name of more than 22 characters is abbreviated. ``saved``: addresses of the startup-config."""
    name = interface.name if len(interface.name) <= _NAME_WIDTH else short_interface(interface.name)
    if interface.address is None:
        address, method = "unassigned", "unset"
    else:
        address = str(interface.address.ip)
        method = "NVRAM" if address in saved else "manual"
    status = "up" if interface.line_up else "down"
    if not interface.admin_up:
        status = "administratively down"
    protocol = "up" if interface.protocol_up else "down"
    return f"{name:<{_NAME_WIDTH}} {address:<15} YES {method:<6} {status:<21} {protocol:<8}"


def show_brief(view: RouterView, args: Args) -> str:
    """``show ip interface brief``."""
    saved = frozenset(re.findall(r"^ ip address (\S+) ", view.startup_config(), re.MULTILINE))
    name = args.get("interface")
    chosen = [view.interface(name)] if name is not None else list(view.interfaces())
    return body(
        "Interface              IP-Address      OK? Method Status                Protocol",
        *(brief_row(_numbered(view, interface), saved) for interface in chosen if interface is not None),
    )


def _numbered(view: RouterView, interface: InterfaceState) -> InterfaceState:
    """An unnumbered interface shows the address that it borrows."""
    if interface.address is not None or interface.unnumbered is None:
        return interface
    lender = view.interface(interface.unnumbered)
    return interface if lender is None else replace(interface, address=lender.address)


def ip_block(interface: InterfaceState, view: RouterView) -> list[str]:
    """One interface of ``show ip interface``."""
    lines = [line_states(interface).rstrip()]
    if interface.address is None and interface.unnumbered is None:
        return [*lines, "  Internet protocol processing disabled"]
    if interface.address is not None:
        lines.append(f"  Internet address is {interface.address}")
    else:
        numbered = _numbered(view, interface)
        borrowed = numbered.address.ip if numbered.address is not None else "0.0.0.0"  # noqa: S104 - printed, not bound
        lines.append(f"  Interface is unnumbered. Using address of {interface.unnumbered} ({borrowed})")
    lines += [
        "  Broadcast address is 255.255.255.255",
        "  Address determined by setup command",
        f"  MTU is {interface.ip_mtu} bytes",
        "  Helper address is not set",
        "  Directed broadcast forwarding is disabled",
        *(f"  Secondary address {address}" for address in interface.secondary),
        "  Outgoing Common access list is not set ",
        f"  Outgoing access list is {interface.access_group_out or 'not set'}",
        "  Inbound Common access list is not set ",
        f"  Inbound  access list is {interface.access_group_in or 'not set'}",
        "  Proxy ARP is enabled",
        "  Local Proxy ARP is disabled",
        "  Security level is default",
        "  Split horizon is enabled",
        "  ICMP redirects are always sent",
        "  ICMP unreachables are always sent",
        "  ICMP mask replies are never sent",
        "  IP fast switching is enabled",
        "  IP Flow switching is disabled",
        "  IP CEF switching is enabled",
        "  IP CEF switching turbo vector",
        "  IP Null turbo vector",
    ]
    if interface.vrf is not None:
        lines += [f'  VPN Routing/Forwarding "{interface.vrf}"', '  Downstream VPN Routing/Forwarding ""']
    features = "TCP Adjust MSS, MCI Check" if interface.tcp_adjust_mss is not None else "MCI Check"
    lines += [
        "  Associated unicast routing topologies:",
        f'        Topology "base", operation state is {"UP" if interface.protocol_up else "DOWN"}',
        "  IP multicast fast switching is enabled",
        "  IP multicast distributed fast switching is disabled",
        "  IP route-cache flags are Fast, CEF",
        "  Router Discovery is disabled",
        "  IP output packet accounting is disabled",
        "  IP access violation accounting is disabled",
        "  TCP/IP header compression is disabled",
        "  RTP/IP header compression is disabled",
        "  Probe proxy name replies are disabled",
        "  Policy routing is "
        + ("disabled" if interface.policy_map is None else f"enabled, using route map {interface.policy_map}"),
        "  Network address translation is disabled",
        "  BGP Policy Mapping is disabled",
        f"  Input features: {features}",
    ]
    if interface.reverse_path is not None:
        lines.append(f"  IP verify source reachable-via {interface.reverse_path}")
    if interface.tcp_adjust_mss is not None:
        lines.append("  Output features: TCP Adjust MSS")
    return [*lines, "  IPv4 WCCP Redirect outbound is disabled", "  IPv4 WCCP Redirect inbound is disabled"]


def show_ip_interface(view: RouterView, args: Args) -> str:
    """All interfaces, or one."""
    name = args.get("interface")
    if name is None:
        return body(*(line for interface in view.interfaces() for line in ip_block(interface, view)))
    interface = view.interface(name)
    if interface is None:
        return invalid_input(view, args, args.line.split()[-1])
    return body(*ip_block(interface, view))


def show_nothing(_view: RouterView, _args: Args) -> str:
    """IPv6 is not configured: IOS prints nothing."""
    return ""


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show ip interface brief", show_brief),
    ShowCommand("show ip interface <interface> brief", show_brief),
    ShowCommand("show ip interface brief <interface>", show_brief),
    ShowCommand("show ip interface [<interface>]", show_ip_interface),
    ShowCommand("show ipv6 interface", show_nothing),
)
