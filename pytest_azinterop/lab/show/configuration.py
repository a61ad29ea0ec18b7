"""``show running-config`` and what else tells about configurations: startup, archive, differences, the log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.config_sections import Block, blocks
from pytest_azinterop.lab.show.formats import body, date_line, log_stamp
from pytest_azinterop.lab.show.targets import invalid_input, vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_NVRAM_BYTES = 33554432
_END_OF_FAMILY = " exit-address-family"
_STARTUP_NAMES = ("nvram:startup-config", "startup-config")


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


def show_archive(view: RouterView, _args: Args) -> str:
    """Configurations that ``archive`` keeps: the lab keeps none."""
    archive = next((block for block in blocks(view.running_config()) if block.header == "archive"), None)
    path = None if archive is None else archive.first("path")
    if archive is None or path is None:
        return "Archive feature not enabled."
    most = int(archive.first("maximum") or 10)
    name = path.replace("$h", view.hostname)
    return body(
        f"The maximum archive configurations allowed is {most}.",
        "There are currently 0 archive configurations saved.",
        f"The next archive file will be named {name}-<timestamp>-0",
        " Archive #  Name",
        *(f"   {number:<8}" for number in range(1, most + 1)),
    )


def show_differences(view: RouterView, args: Args) -> str:
    """``show archive config differences``: the first file against the second; running-config where none is named."""
    files = [args.get("first") or "nvram:startup-config", args.get("second") or "system:running-config"]
    old, new = (_paths(view.startup_config() if name in _STARTUP_NAMES else view.running_config()) for name in files)
    changes = [("-", path) for path in old if path not in set(new)]
    changes += [("+", path) for path in new if path not in set(old)]
    lines = ["!Contextual Config Diffs:"]
    above: tuple[str, ...] = ()
    for sign, path in changes:
        for depth, parent in enumerate(path[:-1]):
            if path[: depth + 1] != above[: depth + 1]:
                lines.append(parent)
        lines.append(f"{sign}{path[-1]}")
        above = path
    return body(*lines) if changes else body("!Contextual Config Diffs:", "!No changes were found")


def _paths(config: str) -> list[tuple[str, ...]]:
    """Every line with the lines it stands below; stamps and separators are left out."""
    stack: list[str] = []
    paths: list[tuple[str, ...]] = []
    for line in config.splitlines():
        text = line.strip()
        if not text or text.startswith("!") or text in {"end", "exit-address-family"}:
            continue
        depth = len(line) - len(line.lstrip())
        stack = [*stack[:depth], line]
        paths.append(tuple(stack))
    return paths


def show_logging(view: RouterView, _args: Args) -> str:
    """The state of logging and the buffer."""
    log = view.log()
    size = re.search(r"^logging buffered (?:\S+ )?(\d+)", view.running_config(), re.MULTILINE)
    lines = [
        "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, "
        "xml disabled, filtering disabled)",
        "",
        "No Active Message Discriminator.",
        "",
        "",
        "",
        "No Inactive Message Discriminator.",
        "",
        "",
        "    Console logging: level debugging, 0 messages logged, xml disabled,",
        "                     filtering disabled",
        "    Monitor logging: level debugging, 0 messages logged, xml disabled,",
        "                     filtering disabled",
        f"    Buffer logging:  level debugging, {len(log)} messages logged, xml disabled,",
        "                    filtering disabled",
        "    Exception Logging: size (4096 bytes)",
        "    Count and timestamp logging messages: disabled",
        "    Persistent logging: disabled",
        "",
        "No active filter modules.",
        "",
        f"    Trap logging: level informational, {len(log)} message lines logged",
        "        Logging Source-Interface:       VRF Name:",
        "",
        f"Log Buffer ({size.group(1) if size else 4096} bytes):",
    ]
    mark = "" if view.ntp_synchronized() else "*"
    return body(*lines, "", *(f"{mark}{log_stamp(datetime.fromtimestamp(line.at, UTC))}: {line.text}" for line in log))


def show_rollback_timer(_view: RouterView, _args: Args) -> str:
    """``show archive config rollback timer``: no timed rollback is ever pending in the lab."""
    return "%No Rollback Confirmed Change pending"


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show running-config [(all|brief|full)]", show_running, privilege=15),
    ShowCommand("show running-config interface <interface>", show_running_interface, privilege=15),
    ShowCommand("show running-config vrf <vrf>", show_running_vrf, privilege=15),
    ShowCommand("show (startup-config|configuration)", show_startup, privilege=15),
    ShowCommand("show archive", show_archive, privilege=15),
    ShowCommand("show archive config differences [<first> [<second>]]", show_differences, privilege=15),
    ShowCommand("show archive config rollback timer", show_rollback_timer, privilege=15),
    ShowCommand("show logging", show_logging),
)
