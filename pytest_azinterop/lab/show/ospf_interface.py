"""``show ip ospf interface``: the interfaces that a process is configured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_time, short_interface

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.ospf_records import OspfInterface, OspfProcess
    from pytest_azinterop.lab.network.records import OspfNeighbor
    from pytest_azinterop.lab.network.view import RouterView

_NEIGHBOR_ROLES = {"DR": "  (Designated Router)", "BDR": "  (Backup Designated Router)"}
Router = tuple["IPv4Address", "IPv4Address"]  # its ID, and its address on the segment


def _chosen(view: RouterView, args: Args) -> list[tuple[OspfProcess, OspfInterface]]:
    process, name = args.get("process"), args.get("interface")
    return [
        (each, interface)
        for each in view.ospf_processes()
        if process is None or each.process == int(process)
        for interface in each.interfaces
        if name is None or interface.name == name
    ]


def _neighbors(view: RouterView, process: OspfProcess, interface: OspfInterface) -> list[OspfNeighbor]:
    here = (process.process, interface.name)
    return [each for each in view.ospf_neighbors() if (each.process, each.interface) == here]


def show_interface(view: RouterView, args: Args) -> str:
    """Every interface, or one; a named one that no process runs on is refused."""
    found = _chosen(view, args)
    name = args.get("interface")
    if not found and name is not None:
        return f"%OSPF: OSPF not enabled on {name}"
    return body(*(line for process, interface in found for line in _block(view, process, interface)))


def show_brief(view: RouterView, args: Args) -> str:
    """A line per interface; nothing at all where there is none."""
    rows = []
    for process, interface in _chosen(view, args):
        near = _neighbors(view, process, interface)
        full = sum(each.state.startswith("FULL") for each in near)
        rows.append(
            f"{short_interface(interface.name):<12} {process.process:<5} {interface.area:<15} "
            f"{interface.address!s:<18} {interface.cost:<5} {_state(interface, process, near)[0]:<5} {full}/{len(near)}"
        )
    return body("Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C", *rows) if rows else ""


def _block(view: RouterView, process: OspfProcess, interface: OspfInterface) -> list[str]:
    state = view.interface(interface.name)
    line = "down" if state is None or not state.line_up else "up"
    shown = "administratively down" if state is not None and not state.admin_up else line
    protocol = "up" if interface.up else "down"
    lines = [
        f"{interface.name} is {shown}, line protocol is {protocol} ",
        f"  Internet Address {interface.address}, Interface ID {_number(view, interface)}, Area {interface.area}",
        f"  Attached via {'Interface Enable' if interface.by_line else 'Network Statement'}",
        f"  Process ID {process.process}, Router ID {process.router_id}, Network Type {interface.kind}, "
        f"Cost: {interface.cost}",
        "  Topology-MTID    Cost    Disabled    Shutdown      Topology Name",
        f"        0           {interface.cost:<9} no          no            Base",
    ]
    if interface.by_line:
        lines.append("  Enabled by interface config, including secondary ip addresses")
    if interface.kind == "LOOPBACK":
        return [*lines, "  Loopback interface is treated as a stub Host"]
    near = _neighbors(view, process, interface)
    return [*lines, *_adjacencies(view, process, interface, near)]


def _adjacencies(
    view: RouterView, process: OspfProcess, interface: OspfInterface, near: list[OspfNeighbor]
) -> list[str]:
    own, designated, backup = _state(interface, process, near)
    hello = interface.timers[0]
    words = {"P2P": "POINT_TO_POINT"}.get(own, own)
    priority = "" if interface.kind == "POINT_TO_POINT" else ", Priority 1"
    lines = [f"  Transmit Delay is 1 sec, State {words}{priority}"]
    if own == "DOWN":
        return [*lines, _timers(interface)]
    if interface.kind == "BROADCAST":
        lines += [_named("Designated Router (ID)", designated), _named("Backup Designated router (ID)", backup)]
    lines.append(_timers(interface))
    lines.append(f"    oob-resync timeout {interface.timers[1]}")
    if interface.passive:
        lines.append("    No Hellos (Passive interface) ")
    else:
        lines.append(f"    Hello due in {clock_time(hello - view.now().timestamp() % hello)}")
    full = [each for each in near if each.state.startswith("FULL")]
    return [
        *lines,
        "  Supports Link-local Signaling (LLS)",
        "  Cisco NSF helper support enabled",
        "  IETF NSF helper support enabled",
        f"  Neighbor Count is {len(near)}, Adjacent neighbor count is {len(full)} ",
        *(
            f"    Adjacent with neighbor {each.router_id}{_NEIGHBOR_ROLES.get(each.state.rpartition('/')[2], '')}"
            for each in full
        ),
        "  Suppress hello for 0 neighbor(s)",
        *_authentication(interface),
    ]


def _timers(interface: OspfInterface) -> str:
    hello, dead = interface.timers
    return f"  Timer intervals configured, Hello {hello}, Dead {dead}, Wait {dead}, Retransmit 5"


def _authentication(interface: OspfInterface) -> list[str]:
    if interface.authentication == "none":
        return []
    if interface.authentication == "simple":
        return ["  Simple password authentication enabled"]
    key, none = interface.youngest_key, "      No key configured, using default key id 0"
    return ["  Cryptographic authentication enabled", none if key is None else f"    Youngest key id is {key}"]


def _named(what: str, router: Router | None) -> str:
    if router is None:
        return f"  No {what.removesuffix(' (ID)').lower()} on this network"
    return f"  {what} {router[0]}, Interface address {router[1]}"


def _state(
    interface: OspfInterface, process: OspfProcess, near: list[OspfNeighbor]
) -> tuple[str, Router | None, Router | None]:
    """The state of the interface, the designated router and its backup."""
    if not interface.up:
        return "DOWN", None, None
    if interface.kind != "BROADCAST":
        return ("LOOP" if interface.kind == "LOOPBACK" else "P2P"), None, None
    roles = {each.state.rpartition("/")[2]: (each.router_id, each.address) for each in near}
    own = (process.router_id, interface.address.ip)
    designated, backup = roles.get("DR", own), roles.get("BDR")
    if designated != own and backup is None:
        backup = own
    return {designated: "DR", backup: "BDR"}.get(own, "DROTH"), designated, backup


def _number(view: RouterView, interface: OspfInterface) -> int:
    names = [each.name for each in view.interfaces()]
    return 7 + names.index(interface.name)


_WHICH = "show ip ospf [<process:number>] interface"
COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand(f"{_WHICH} [<interface>]", show_interface),
    ShowCommand(f"{_WHICH} brief", show_brief),
)
