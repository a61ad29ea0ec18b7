"""Processors, software and flash: ``show redundancy``, ``show issu state``, ``show install summary``, ``dir``.

Formats: outputs of ASR1000s in public parser tests. An ASR1000 that booted from one image (bundle mode) has
``show install summary`` too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_time, uptime_words

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_RULE = "-" * 80
_BOOT = 120
"""Seconds that the standby processor is up after the active one."""


def show_redundancy(view: RouterView, _args: Args) -> str:
    """Both route processors, or the one that there is."""
    state, facts = view.platform(), view.facts()
    duplex = state.standby is not None
    up = uptime_words(facts.uptime)
    lines = [
        "Redundant System Information :",
        "------------------------------",
        f"       Available system uptime = {up}",
        f"Switchovers system experienced = {state.switchovers}",
        "              Standby failures = 0",
        f"        Last switchover reason = {'user forced' if state.switchovers else 'none'}",
        "",
        f"                 Hardware Mode = {'Duplex' if duplex else 'Simplex'}",
        f"    Configured Redundancy Mode = {'sso' if duplex else 'Non-redundant'}",
        f"     Operating Redundancy Mode = {'sso' if duplex else 'Non-redundant'}",
        "              Maintenance Mode = Disabled",
        f"                Communications = {'Up' if duplex else 'Down      Reason: Failure'}",
        "",
        "Current Processor Information :",
        "-------------------------------",
        *_processor(view, "               Active Location = slot 6", "ACTIVE", up),
        "",
    ]
    if state.standby is None:
        return body(*lines, "Peer (slot: 7) information is not available because it is in 'DISABLED' state")
    return body(
        *lines,
        "Peer Processor Information :",
        "----------------------------",
        *_processor(
            view, "              Standby Location = slot 7", f"{state.standby} ",
            uptime_words(max(0.0, facts.uptime - _BOOT)),
        ),
    )  # fmt: skip


def _processor(view: RouterView, location: str, software: str, up: str) -> list[str]:
    facts = view.facts()
    return [
        location,
        f"        Current Software state = {software}",
        f"       Uptime in current state = {up}",
        "                 Image Version = Cisco IOS Software, ASR1000 Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), "
        f"Version {facts.version}, RELEASE SOFTWARE (fc3)",
        f"                          BOOT = {facts.image},1;",
        "                   CONFIG_FILE = ",
        f"        Configuration register = {facts.config_register}",
    ]


def show_redundancy_states(view: RouterView, _args: Args) -> str:
    """``show redundancy states``."""
    state = view.platform()
    duplex = state.standby is not None
    peer = f"8  -{state.standby}" if state.standby == "STANDBY HOT" else f"4  -{state.standby or 'DISABLED'}"
    return body(
        "       my state = 13 -ACTIVE ",
        f"     peer state = {peer if duplex else '1  -DISABLED'} ",
        f"           Mode = {'Duplex' if duplex else 'Simplex'}",
        "           Unit = Primary",
        "        Unit ID = 48",
        "",
        f"Redundancy Mode (Operational) = {'sso' if duplex else 'Non-redundant'}",
        f"Redundancy Mode (Configured)  = {'sso' if duplex else 'Non-redundant'}",
        f"Redundancy State              = {'sso' if duplex else 'Non Redundant'}",
        f"     Maintenance Mode = {'Disabled'}",
        f" Manual Swact = {'enabled' if duplex else 'disabled (system is simplex (no peer unit))'}",
        f" Communications = {'Up' if duplex else 'Down      Reason: Simplex mode'}",
    )


def show_issu(view: RouterView, _args: Args) -> str:
    """``show issu state``."""
    state = view.platform()
    lines = ["--- Starting local lock acquisition on R0 ---", "Finished local lock acquisition on R0", ""]
    if state.activating is None:
        return body(*lines, "No ISSU operation is in progress", "")
    rollback = "inactive" if state.abort_in is None else "automatic, remaining time before rollback: "
    left = "" if state.abort_in is None else clock_time(state.abort_in)
    return body(
        *lines,
        "Slot being modified: R0",
        "  Last operation: runversion",
        f"  Rollback: {rollback}{left}",
        f"  Original (rollback) image: {view.facts().image}",
        f"  Running image: bootflash:asr1000-universalk9.{state.activating}.SPA.bin",
        "  Operating mode: sso, terminal state not reached",
        "",
    )


def show_install(view: RouterView, _args: Args) -> str:
    """``show install summary``."""
    state = view.platform()
    timer = "inactive"
    if state.activating is not None and state.abort_in is not None:
        timer = f"active on install_activate, time before rollback - {clock_time(state.abort_in)}"
    added = [] if state.activating is None else [f"IMG   U    {state.activating}"]
    return body(
        "[ R0 ] Installed Package(s) Information:",
        "State (St): I - Inactive, U - Activated & Uncommitted,",
        "            C - Activated & Committed, D - Deactivated & Uncommitted",
        _RULE,
        "Type  St   Filename/Version    ",
        _RULE,
        *added,
        f"IMG   C    {view.facts().version}",
        "",
        _RULE,
        f"Auto abort timer: {timer}",
        _RULE,
        "",
    )


def show_flash(view: RouterView, _args: Args) -> str:
    """``dir bootflash:``."""
    state = view.platform()
    rows = [
        f"{10 + number:>5}  -rw-  {each.size:>15}  {_date(each.written)}  {each.name}"
        for number, each in enumerate(state.files, 1)
    ]
    return body("Directory of bootflash:/", "", *rows, "", f"{state.total} bytes total ({state.free} bytes free)")


def _date(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f"{when:%b} {when.day} {when:%Y %H:%M:%S} +00:00"


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show redundancy", show_redundancy),
    ShowCommand("show redundancy states", show_redundancy_states),
    ShowCommand("show issu state [detail]", show_issu),
    ShowCommand("show install summary", show_install),
    ShowCommand("dir [(bootflash:|bootflash:/)]", show_flash),
)
