"""``show vlans``: the one place where an ASR1000 counts the traffic of a QinQ sub-interface.

The text is that of IOS-XE 16 and later (``VLAN ID:``, totals per trunk interface), not that of IOS.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import InterfaceState
    from pytest_azinterop.lab.network.view import RouterView

_KIND = "IEEE 802.1Q Encapsulation"


def _tagged(view: RouterView, args: Args) -> list[InterfaceState]:
    """The sub-interfaces that are asked for, by outer tag."""
    outer, inner = args.get("outer"), args.get("inner")
    found = [
        each
        for each in view.interfaces()
        if each.outer_vlan is not None
        and (outer is None or each.outer_vlan == int(outer))
        and (inner is None or each.inner_vlan == int(inner))
    ]
    return sorted(found, key=_outer)


def _outer(interface: InterfaceState) -> int:
    return interface.outer_vlan or 0


def _tags(interface: InterfaceState) -> str:
    inner = "" if interface.inner_vlan is None else f"/{interface.inner_vlan}"
    return f"{interface.outer_vlan}{inner}"


def show_vlans(view: RouterView, args: Args) -> str:
    """Every outer tag with its sub-interfaces and their totals."""
    lines: list[str] = []
    for outer, group in groupby(_tagged(view, args), key=_outer):
        lines += _vlan(outer, list(group))
    if not lines:
        return f"No subinterface configured with VLAN ID {args.get('outer') or ''}".rstrip()
    return body(*lines)


def _vlan(outer: int, interfaces: Sequence[InterfaceState]) -> list[str]:
    into = sum(each.counters.in_packets for each in interfaces)
    out = sum(each.counters.out_packets for each in interfaces)
    lines = [f"VLAN ID: {outer} ({_KIND})", ""]
    natives = [each for each in interfaces if each.native_vlan]
    if natives:
        lines.append(" This is configured as native Vlan for the following interface(s) :")
        lines += [f"{each.name.split('.')[0]:<24}Native-vlan Tx-type: Untagged" for each in natives] + [""]
    lines += [
        "   Protocols Configured:          Received:        Transmitted:",
        f"                     IP{into:>19}{out:>20}",
        "",
        f"VLAN trunk interfaces for VLAN ID {outer}:",
    ]
    for each in interfaces:
        lines += [each.name, "", f"{each.name} ({_tags(each)})"]
        if each.address is not None:
            lines.append(f"                     IP: {each.address.ip}")
        lines += [
            f"      Total {each.counters.in_packets} packets, {each.counters.in_bytes} bytes input",
            f"      Total {each.counters.out_packets} packets, {each.counters.out_bytes} bytes output",
            "      Total 0 oversubscription packet drops",
            "",
        ]
    return lines


def show_vlans_dot1q(view: RouterView, args: Args) -> str:
    """Totals by tag or pair of tags."""
    lines: list[str] = []
    for each in _tagged(view, args):
        name = f"802.1Q VLAN {_tags(each)}" if each.inner_vlan is None else f"Outer/Inner VLAN {_tags(each)}"
        counters = each.counters
        lines += [
            f"Total statistics for {name}:",
            f"   {counters.in_packets} packets, {counters.in_bytes} bytes input",
            f"   {counters.out_packets} packets, {counters.out_bytes} bytes output",
        ]
    return body(*lines)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show vlans [<outer:number>]", show_vlans),
    ShowCommand("show vlans dot1q [<outer:number> [second-dot1q <inner:number>]]", show_vlans_dot1q),
)
