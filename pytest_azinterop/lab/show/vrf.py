"""``show vrf``, ``show ip vrf`` and their long form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, short_interface

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import VrfState
    from pytest_azinterop.lab.network.view import RouterView

_NOT_SET = "<not set>"
_TARGET_WIDTH = 25


def _rows(first: str, interfaces: tuple[str, ...], indent: int) -> list[str]:
    names = [short_interface(name) for name in interfaces] or [""]
    return [first + names[0], *(" " * indent + name for name in names[1:])]


def vrf_rows(vrf: VrfState) -> list[str]:
    """``show vrf``: one line per interface."""
    protocols = ",".join(name for name, active in (("ipv4", vrf.ipv4), ("ipv6", vrf.ipv6)) if active)
    first = f"  {vrf.name:<32} {vrf.rd or _NOT_SET:<21} {protocols:<11} "
    return _rows(first, vrf.interfaces, len(first))


def ip_vrf_rows(vrf: VrfState) -> list[str]:
    """``show ip vrf``."""
    first = f"  {vrf.name:<32} {vrf.rd or _NOT_SET:<19} "
    return _rows(first, vrf.interfaces, len(first))


def _unknown(name: str) -> str:
    return f"% No VRF named {name}"


def _chosen(view: RouterView, args: Args) -> list[VrfState] | None:
    name = args.get("vrf")
    if name is None:
        return list(view.vrfs())
    return [vrf for vrf in view.vrfs() if vrf.name == name] or None


def show_vrf(view: RouterView, args: Args) -> str:
    """All VRFs, or one."""
    chosen = _chosen(view, args)
    if chosen is None:
        return _unknown(args["vrf"])
    if not chosen:
        return ""
    return body(
        "  Name                             Default RD            Protocols   Interfaces",
        *(line for vrf in chosen for line in vrf_rows(vrf)),
    )


def show_ip_vrf(view: RouterView, args: Args) -> str:
    """All VRFs with an IPv4 address family, or one."""
    chosen = _chosen(view, args)
    if chosen is None:
        return _unknown(args["vrf"])
    rows = [line for vrf in chosen if vrf.ipv4 for line in ip_vrf_rows(vrf)]
    return body("  Name                             Default RD          Interfaces", *rows) if rows else ""


def vrf_detail(vrf: VrfState) -> list[str]:
    """One block of ``show vrf detail``."""
    old = vrf.style == "ip vrf"
    lines = [f"VRF {vrf.name} (VRF Id = {vrf.table_id}); default RD {vrf.rd or _NOT_SET}; default VPNID {_NOT_SET}"]
    if vrf.description is not None:
        lines.append(f"  Description: {vrf.description}")
    lines.append(
        "  Old CLI format, supports IPv4 only" if old else "  New CLI format, supports multiple address-families"
    )
    lines.append("  Flags: 0xC" if old else "  Flags: 0x180C")
    if vrf.interfaces:
        names = [short_interface(name) for name in vrf.interfaces]
        rows = (names[start : start + 3] for start in range(0, len(names), 3))
        lines += ["  Interfaces:", *("    " + "".join(f"{name:<25}" for name in row).rstrip() for row in rows)]
    else:
        lines.append("  No interfaces")
    lines += _family(vrf) if vrf.ipv4 else ["Address family ipv4 unicast not active"]
    if not old or vrf.ipv6:
        table = 0x1E000000 + vrf.table_id
        lines += (
            [f"Address family ipv6 unicast (Table ID = 0x{table:X}):", *_family(vrf)[1:]]
            if vrf.ipv6
            else ["Address family ipv6 unicast not active"]
        )
    else:
        lines.append("Address family ipv6 unicast not active")
    return [*lines, "Address family ipv4 multicast not active", "Address family ipv6 multicast not active", ""]


def _family(vrf: VrfState) -> list[str]:
    return [
        f"Address family ipv4 unicast (Table ID = 0x{vrf.table_id:X}):",
        "  Flags: 0x0",
        *_targets("Export", vrf.export_targets),
        *_targets("Import", vrf.import_targets),
        "  No import route-map",
        "  No global export route-map",
        "  No export route-map",
        "  VRF label distribution protocol: not configured",
        "  VRF label allocation mode: per-prefix",
    ]


def _targets(direction: str, targets: tuple[str, ...]) -> list[str]:
    if not targets:
        return [f"  No {direction} VPN route-target communities"]
    rows = (targets[start : start + 3] for start in range(0, len(targets), 3))
    return [
        f"  {direction} VPN route-target communities",
        *("    " + "".join(f"{'RT:' + target:<{_TARGET_WIDTH}}" for target in row) for row in rows),
    ]


def show_vrf_detail(view: RouterView, args: Args) -> str:
    """The long form of all VRFs, or one."""
    chosen = _chosen(view, args)
    if chosen is None:
        return _unknown(args["vrf"])
    return body(*(line for vrf in chosen for line in vrf_detail(vrf)))


def show_vrf_interfaces(view: RouterView, args: Args) -> str:
    """``show ip vrf interfaces``: addresses by VRF."""
    chosen = _chosen(view, args)
    if chosen is None:
        return _unknown(args["vrf"])
    rows = []
    for vrf in chosen:
        for name in vrf.interfaces:
            interface = view.interface(name)
            if interface is None:
                continue
            address = "unassigned" if interface.address is None else str(interface.address.ip)
            state = "up" if interface.protocol_up else "down"
            rows.append(f"{short_interface(name):<22} {address:<15} {vrf.name:<32} {state}")
    return body("Interface              IP-Address      VRF                              Protocol", *rows)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show vrf [<vrf>]", show_vrf),
    ShowCommand("show vrf detail [<vrf>]", show_vrf_detail),
    ShowCommand("show ip vrf [<vrf>]", show_ip_vrf),
    ShowCommand("show ip vrf interfaces [<vrf>]", show_vrf_interfaces),
    ShowCommand("show ip vrf detail [<vrf>]", show_vrf_detail),
)
