"""``show interfaces`` and its short forms."""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, elapsed, short_interface
from pytest_azinterop.lab.show.targets import invalid_input

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import InterfaceState, TunnelState
    from pytest_azinterop.lab.network.view import RouterView

_TRANSPORTS = {
    "ipsec ipv4": "IPSEC/IP",
    "ipsec ipv6": "IPSEC/IPv6",
    "gre ip": "GRE/IP",
    "gre multipoint": "multi-GRE/IP",
}


def line_states(interface: InterfaceState) -> str:
    """``X is up, line protocol is down``: the line that begins every block."""
    state = "up" if interface.line_up else "down"
    if not interface.admin_up:
        state = "administratively down"
    return f"{interface.name} is {state}, line protocol is {'up' if interface.protocol_up else 'down'} "


def address_line(interface: InterfaceState, view: RouterView) -> list[str]:
    """The ``Internet address`` of the block, if any."""
    if interface.address is not None:
        return [f"  Internet address is {interface.address}"]
    if interface.unnumbered is None:
        return []
    lender = view.interface(interface.unnumbered)
    lent = "0.0.0.0/0" if lender is None or lender.address is None else lender.address
    return [f"  Interface is unnumbered. Using address of {interface.unnumbered} ({IPv4Interface(lent).ip})"]


def interface_block(interface: InterfaceState, view: RouterView) -> list[str]:
    """The whole block. A sub-interface prints no counters, as on the ASR1000."""
    lines = [line_states(interface)]
    hardware = f"  Hardware is {interface.hardware}"
    if interface.mac is not None:
        hardware += f", address is {interface.mac} (bia {interface.mac})"
    lines.append(hardware)
    if interface.description is not None:
        lines.append(f"  Description: {interface.description}")
    lines += address_line(interface, view)
    lines += [
        f"  MTU {interface.mtu} bytes, BW {interface.bandwidth_kbit} Kbit/sec, DLY {interface.delay_usec} usec, ",
        f"     reliability {'255' if interface.line_up else '128'}/255, "
        f"txload {_load(interface, out=True)}/255, rxload {_load(interface, out=False)}/255",
        f"  Encapsulation {_encapsulation(interface, view)}",
    ]
    if interface.is_subinterface:
        lines += [
            "  ARP type: ARPA, ARP Timeout 04:00:00",
            "  Keepalive not supported ",
            '  Last clearing of "show interface" counters never',
        ]
        return lines
    if interface.tunnel is not None:
        lines += _tunnel(interface, interface.tunnel)
    elif interface.mac is not None:
        lines += _ethernet(interface)
    else:
        lines.append("  Keepalive set (10 sec)")
    return [*lines, *_counters(interface)]


def _load(interface: InterfaceState, *, out: bool) -> int:
    rate = interface.counters.out_rate_bps if out else interface.counters.in_rate_bps
    return max(1, min(255, rate * 255 // max(1, interface.bandwidth_kbit * 1000)))


def _encapsulation(interface: InterfaceState, view: RouterView) -> str:
    if interface.tunnel is not None:
        return "TUNNEL, loopback not set"
    if interface.inner_vlan is not None:
        return f"QinQ Virtual LAN, outer ID  {interface.outer_vlan}, inner ID {interface.inner_vlan}"
    if interface.outer_vlan is not None:
        return f"802.1Q Virtual LAN, Vlan ID  {interface.outer_vlan}."
    if interface.name.startswith("Loopback"):
        return "LOOPBACK, loopback not set"
    if any(each.outer_vlan is not None and each.name.startswith(f"{interface.name}.") for each in view.interfaces()):
        return "802.1Q Virtual LAN, Vlan ID  1., loopback not set"
    return "ARPA, loopback not set"


def _ethernet(interface: InterfaceState) -> list[str]:
    duplex, speed = interface.duplex or "Full Duplex", interface.speed or f"{interface.bandwidth_kbit // 1000}Mbps"
    return [
        "  Keepalive not supported ",
        f"  {duplex}, {speed}, link type is auto, media type is {interface.media or 'SFP-LR'}",
        "  output flow-control is on, input flow-control is on",
        "  ARP type: ARPA, ARP Timeout 04:00:00",
    ]


def _tunnel(interface: InterfaceState, tunnel: TunnelState) -> list[str]:
    source = str(tunnel.source_address) if tunnel.source_address is not None else "UNKNOWN"
    if tunnel.source_interface is not None:
        source += f" ({tunnel.source_interface})"
    destination = "" if tunnel.destination is None else f", destination {tunnel.destination}"
    lines = [
        "  Keepalive not set",
        f"  Tunnel linestate evaluation {'up' if interface.protocol_up else 'down'}",
        f"  Tunnel source {source}{destination}",
    ]
    if tunnel.source_interface is not None:
        lines += [
            "   Tunnel Subblocks:",
            "      src-track:",
            f"         {interface.name} source tracking subblock associated with {tunnel.source_interface}",
            f"          Set of tunnels with source {tunnel.source_interface}, 1 member (includes iterators), "
            "on interface <OK>",
        ]
    lines.append(f"  Tunnel protocol/transport {_TRANSPORTS.get(tunnel.mode, tunnel.mode)}")
    if tunnel.mode.startswith("gre"):
        lines += ["    Key disabled, sequencing disabled", "    Checksumming of packets disabled"]
    if tunnel.outer_vrf is not None:
        lines.append(f'  Tunnel VRF "{tunnel.outer_vrf}"')
    lines += [
        "  Tunnel TTL 255" if not tunnel.mode.startswith("gre") else "  Tunnel TTL 255, Fast tunneling enabled",
        f"  Tunnel transport MTU {interface.ip_mtu} bytes",
        "  Tunnel transmit bandwidth 8000 (kbps)",
        "  Tunnel receive bandwidth 8000 (kbps)",
    ]
    if tunnel.protection_profile is not None:
        lines.append(f'  Tunnel protection via IPSec (profile "{tunnel.protection_profile}")')
    return lines


def _counters(interface: InterfaceState) -> list[str]:
    counters = interface.counters
    ethernet = interface.mac is not None
    abort = "" if ethernet else ", 0 abort"
    lines = [
        f"  Last input {elapsed(interface.last_input)}, output {elapsed(interface.last_output)}, output hang never",
        f'  Last clearing of "show interface" counters {elapsed(counters.cleared)}',
        f"  Input queue: 0/{375 if ethernet or interface.tunnel else 75}/0/0 (size/max/drops/flushes); "
        f"Total output drops: {counters.out_drops}",
        "  Queueing strategy: fifo",
        f"  Output queue: 0/{40 if ethernet else 0} (size/max)",
        f"  5 minute input rate {_thousands(counters.in_rate_bps)} bits/sec, {counters.in_rate_pps} packets/sec",
        f"  5 minute output rate {_thousands(counters.out_rate_bps)} bits/sec, {counters.out_rate_pps} packets/sec",
        f"     {counters.in_packets} packets input, {counters.in_bytes} bytes, 0 no buffer",
        "     Received 0 broadcasts (0 IP multicasts)",
        "     0 runts, 0 giants, 0 throttles ",
        f"     {counters.in_errors} input errors, {counters.in_errors} CRC, 0 frame, 0 overrun, 0 ignored{abort}",
    ]
    if ethernet:
        lines.append("     0 watchdog, 0 multicast, 0 pause input")
    lines += [
        f"     {counters.out_packets} packets output, {counters.out_bytes} bytes, 0 underruns",
        f"     {counters.out_errors} output errors, 0 collisions, 0 interface resets",
        "     0 unknown protocol drops",
    ]
    if ethernet:
        lines += ["     0 babbles, 0 late collision, 0 deferred", "     0 lost carrier, 0 no carrier, 0 pause output"]
    return [*lines, "     0 output buffer failures, 0 output buffers swapped out"]


def _thousands(rate: int) -> int:
    """IOS keeps rates in units of 1000 bits per second."""
    return rate // 1000 * 1000


def _chosen(view: RouterView, args: Args) -> list[InterfaceState] | None:
    """The interface that was named, or all; None when there is none of that name."""
    name = args.get("interface")
    if name is None:
        return list(view.interfaces())
    interface = view.interface(name)
    return None if interface is None else [interface]


def _typed_number(args: Args) -> str:
    return args.line.split()[-1] if args.line else ""


def show_interfaces(view: RouterView, args: Args) -> str:
    """All interfaces, or one."""
    chosen = _chosen(view, args)
    if chosen is None:
        return invalid_input(view, args, _typed_number(args))
    return body(*(line for interface in chosen for line in interface_block(interface, view)))


def show_description(view: RouterView, args: Args) -> str:
    """``show interfaces description``."""
    rows = [
        f"{short_interface(interface.name):<31}{_short_state(interface):<15}"
        f"{'up' if interface.protocol_up else 'down':<9}{interface.description or ''}"
        for interface in _chosen(view, args) or ()
    ]
    return body("Interface                      Status         Protocol Description", *rows)


def _short_state(interface: InterfaceState) -> str:
    if not interface.admin_up:
        return "admin down"
    return "up" if interface.line_up else "down"


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show interfaces [<interface>]", show_interfaces),
    ShowCommand("show interfaces [<interface>] description", show_description),
)
