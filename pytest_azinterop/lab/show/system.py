"""Identity and users: ``show version``, ``hosts``, ``inventory``, ``users``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_time, date_line, uptime_words

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_TRAINS = {
    "16.3": "Denali", "16.6": "Everest", "16.9": "Fuji", "16.12": "Gibraltar", "17.3": "Amsterdam",
    "17.6": "Bengaluru", "17.9": "Cupertino", "17.12": "Dublin", "17.15": "IOSXE",
}  # fmt: skip
_PHYSICAL = (("GigabitEthernet", "Gigabit Ethernet"), ("TenGigabitEthernet", "Ten Gigabit Ethernet"))


def show_version(view: RouterView, _args: Args) -> str:
    """``show version`` of an ASR1000."""
    facts = view.facts()
    train = _TRAINS.get(".".join(facts.version.split(".")[:2]), "IOSXE")
    restarted = view.now() - timedelta(seconds=facts.uptime)
    image = facts.image if ":" in facts.image else f"bootflash:{facts.image}"
    return body(
        f"Cisco IOS XE Software, Version {_padded_release(facts.version)}",
        f"Cisco IOS Software [{train}], ASR1000 Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), "
        f"Version {facts.version}, RELEASE SOFTWARE (fc3)",
        "Technical Support: http://www.cisco.com/techsupport",
        "Copyright (c) 1986-2023 by Cisco Systems, Inc.",
        "Compiled Fri 20-Oct-23 10:44 by mcpre",
        "",
        "",
        "Cisco IOS-XE software, Copyright (c) 2005-2023 by cisco Systems, Inc.",
        "All rights reserved.",
        "",
        "",
        f"ROM: {facts.rom}",
        "",
        f"{view.hostname} uptime is {uptime_words(facts.uptime)}",
        f"Uptime for this control processor is {uptime_words(facts.uptime + 120)}",
        f"System returned to ROM by {facts.reload_reason}",
        f"System restarted at {date_line(restarted)}",
        f'System image file is "{image}"',
        f"Last reload reason: {facts.reload_reason}",
        "",
        "",
        "",
        "License Level: adventerprise",
        "License Type: Smart License",
        "Next reload license Level: adventerprise",
        "",
        "",
        "Smart Licensing Status: Smart Licensing Using Policy",
        "",
        f"cisco {facts.model} ({facts.processor}) processor (revision {facts.processor}) with "
        f"{facts.memory_kb}K/6147K bytes of memory.",
        f"Processor board ID {facts.serial}",
        "Router operating mode: Autonomous",
        *_interface_counts(view),
        "32768K bytes of non-volatile configuration memory.",
        "16777216K bytes of physical memory.",
        "6684671K bytes of eUSB flash at bootflash:.",
        "",
        f"Configuration register is {facts.config_register}",
        "",
    )


def _padded_release(version: str) -> str:
    """``17.9.4a`` as the first line of ``show version`` writes it: ``17.09.04a``."""
    return re.sub(r"\.(\d)(?=\D|$)", r".0\1", version)


def _interface_counts(view: RouterView) -> list[str]:
    names = [interface.name for interface in view.interfaces() if not interface.is_subinterface]
    counts = [(sum(bool(re.match(rf"{kind}\d", name)) for name in names), words) for kind, words in _PHYSICAL]
    return [f"{count} {words} interface{'' if count == 1 else 's'}" for count, words in counts if count]


def show_hosts(view: RouterView, _args: Args) -> str:
    """``show hosts``: the domain name stands here."""
    return body(
        "Name lookup view: Global",
        f"Default domain is {view.facts().domain_name or 'not set'}",
        "Name/address lookup uses domain service",
        "Name servers are 255.255.255.255",
        "",
        "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate",
        "       temp - temporary, perm - permanent",
        "       NA - Not Applicable None - Not defined",
        "",
        "Host                      Port  Flags      Age Type   Address(es)",
    )


def show_inventory(view: RouterView, _args: Args) -> str:
    """Chassis and its one processor."""
    facts = view.facts()
    return body(
        f'NAME: "Chassis", DESCR: "Cisco {facts.model} Chassis"',
        f"PID: {facts.model:<17} , VID: V05  , SN: {facts.serial}",
        "",
        f'NAME: "module R0", DESCR: "Cisco {facts.model} Route Processor"',
        f"PID: {facts.model:<17} , VID: V05  , SN: {facts.serial}",
        "",
        f'NAME: "module F0", DESCR: "Cisco {facts.model} Embedded Services Processor"',
        f"PID: {facts.model:<17} , VID:      , SN:",
        "",
    )


def show_users(view: RouterView, args: Args) -> str:
    """Everybody who is logged in; ``*`` marks the line that asks."""
    rows = []
    for line in view.user_lines():
        own = args.via.split(" ")[0] == f"{line.kind}{line.number}"
        name = f"{line.kind} {line.number}"
        idle = clock_time(0 if own else line.idle)
        rows.append(
            f"{'*' if own else ' '}{line.absolute:>3} {name:<9} {line.user:<10} {'idle':<20} {idle} {line.location}"
        )
    return body(
        "    Line       User       Host(s)              Idle       Location",
        *rows,
        "",
        "  Interface    User               Mode         Idle     Peer Address",
        "",
    )


def show_privilege(_view: RouterView, args: Args) -> str:
    """``show privilege``."""
    return f"Current privilege level is {args.privilege}"


def show_processes_cpu(_view: RouterView, _args: Args) -> str:
    """The line of totals and the header."""
    return body(
        "CPU utilization for five seconds: 2%/0%; one minute: 1%; five minutes: 1%",
        " PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process ",
        "   1           4          22        181  0.00%  0.00%  0.00%   0 Chunk Manager    ",
        "   2        5178       27921        185  0.00%  0.00%  0.00%   0 Load Meter       ",
    )


def show_boot(view: RouterView, _args: Args) -> str:
    """``show boot``."""
    facts = view.facts()
    return body(
        f"BOOT variable = {facts.image},1;",
        "CONFIG_FILE variable does not exist",
        "BOOTLDR variable does not exist",
        f"Configuration register is {facts.config_register}",
        "",
        "Standby not ready to show bootvar",
        "",
    )


def show_neighbors_of_link_layer(_view: RouterView, args: Args) -> str:
    """Neither CDP nor LLDP runs on the routers of the lab."""
    return f"% {'CDP' if args.has('cdp') else 'LLDP'} is not enabled"


def show_reload(_view: RouterView, _args: Args) -> str:
    """``show reload``."""
    return "No reload is scheduled."


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show version", show_version),
    ShowCommand("show hosts", show_hosts),
    ShowCommand("show inventory", show_inventory),
    ShowCommand("show users", show_users),
    ShowCommand("show privilege", show_privilege),
    ShowCommand("show processes cpu", show_processes_cpu),
    ShowCommand("show boot", show_boot),
    ShowCommand("show (cdp|lldp) neighbors [detail]", show_neighbors_of_link_layer),
    ShowCommand("show reload", show_reload),
)
