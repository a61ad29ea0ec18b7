"""``show running-config``, whole and in parts, and ``show startup-config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.config_sections import Block, blocks
from pytest_azinterop.lab.show.formats import body, date_line
from pytest_azinterop.lab.show.targets import invalid_input, vrf_known

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_NVRAM_BYTES = 33554432
_END_OF_FAMILY = " exit-address-family"


def _stamp(event: str, at: datetime, user: str | None) -> str:
    return f"! {event} at {date_line(at)}{'' if user is None else f' by {user}'}"


def _stamps(view: RouterView) -> list[str]:
    lines = ["!", _stamp("Last configuration change", *view.last_change())]
    if (written := view.startup_written()) is not None:
        lines.append(_stamp("NVRAM config last updated", *written))
    return [*lines, "!"]


def show_running(view: RouterView, _args: Args) -> str:
    """The whole configuration with the lines above it."""
    config = "\n".join([*_stamps(view), view.running_config().rstrip("\n")])
    return body("Building configuration...", "", f"Current configuration : {len(config) + 1} bytes", config, "")


def _part(lines: list[str]) -> str:
    config = "\n".join([*lines, "end"])
    return body("Building configuration...", "", f"Current configuration : {len(config) + 1} bytes", config, "")


def show_running_interface(view: RouterView, args: Args) -> str:
    """One interface's block."""
    name = args["interface"]
    for block in blocks(view.running_config()):
        if block.header == f"interface {name}":
            return _part(["!", *block.text()])
    return invalid_input(view, args, args.line.split()[-1])


def show_running_vrf(view: RouterView, args: Args) -> str:
    """A VRF's definition, interfaces, routing and static routes."""
    vrf = args["vrf"]
    if not vrf_known(view, vrf):
        return f"% VRF {vrf} does not exist"
    lines: list[str] = []
    statics: list[str] = []
    for block in blocks(view.running_config()):
        if _is_static(block, vrf):
            statics.append(block.header)
        elif (part := _vrf_part(block, vrf)) is not None:
            lines += [*part, "!"]
    return _part([*lines, *statics])


def _is_static(block: Block, vrf: str) -> bool:
    return block.header.startswith(f"ip route vrf {vrf} ")


def _vrf_part(block: Block, vrf: str) -> list[str] | None:
    header = block.header
    if header in {f"ip vrf {vrf}", f"vrf definition {vrf}"}:
        return block.text()
    if header.startswith("interface "):
        ours = {f" ip vrf forwarding {vrf}", f" vrf forwarding {vrf}"}
        return block.text() if ours & set(block.lines) else None
    if header.startswith("router ospf ") and header.endswith(f" vrf {vrf}"):
        return block.text()
    if header.startswith("router bgp "):
        family = _address_family(block, vrf)
        return [header, " !", *family] if family else None
    return None


def _address_family(block: Block, vrf: str) -> list[str]:
    start = next((at for at, line in enumerate(block.lines) if line == f" address-family ipv4 vrf {vrf}"), None)
    if start is None:
        return []
    end = next(
        at for at, line in enumerate((*block.lines[start:], " exit-address-family")) if line == " exit-address-family"
    )
    return [*block.lines[start : start + end], " exit-address-family"]


def show_startup(view: RouterView, _args: Args) -> str:
    """The configuration that was last saved."""
    config = view.startup_config()
    if not config.strip():
        return "startup-config is not present"
    lines = ["!"]
    if (written := view.startup_written()) is not None:
        lines += [_stamp("Last configuration change", *written), _stamp("NVRAM config last updated", *written), "!"]
    return body(f"Using {len(config)} out of {_NVRAM_BYTES} bytes", *lines, config.rstrip("\n"), "")


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show running-config [(all|brief|full)]", show_running, privilege=15),
    ShowCommand("show running-config interface <interface>", show_running_interface, privilege=15),
    ShowCommand("show running-config vrf <vrf>", show_running_vrf, privilege=15),
    ShowCommand("show (startup-config|configuration)", show_startup, privilege=15),
)
