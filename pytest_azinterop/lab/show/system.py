"""Identity, time and users: ``show version``, ``clock``, ``ntp``, ``hosts``, ``inventory``, ``users``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_line, date_line, uptime_words

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_TRAINS = {
    "16.3": "Denali", "16.6": "Everest", "16.9": "Fuji", "16.12": "Gibraltar", "17.3": "Amsterdam",
    "17.6": "Bengaluru", "17.9": "Cupertino", "17.12": "Dublin", "17.15": "IOSXE",
}  # fmt: skip
_PHYSICAL = (("GigabitEthernet", "Gigabit Ethernet"), ("TenGigabitEthernet", "Ten Gigabit Ethernet"))
_NTP_SERVER = re.compile(r"^ntp (?:server|peer) (?:vrf (?P<vrf>\S+) )?(?:ip )?(?P<host>\S+)", re.MULTILINE)
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


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


def show_clock(view: RouterView, args: Args) -> str:
    """``*`` in front: the time is not authoritative (no synchronised source)."""
    synchronized = view.ntp_synchronized()
    line = f"{'' if synchronized else '*'}{clock_line(view.now())}"
    if not args.has("detail"):
        return line
    return body(line, "Time source is NTP" if synchronized else "Time source is hardware calendar")


def _ntp_servers(view: RouterView) -> list[str]:
    return [found["host"] for found in _NTP_SERVER.finditer(view.running_config())]


def show_ntp_status(view: RouterView, _args: Args) -> str:
    """``show ntp status``."""
    facts, now = view.facts(), view.now()
    servers = _ntp_servers(view)
    synchronized = view.ntp_synchronized() and bool(servers)
    reference = now - timedelta(seconds=int(facts.uptime) % 64)
    stamp = f"{int((reference - _NTP_EPOCH).total_seconds()):08X}.00000000 ({clock_line(reference)})"
    head = (
        f"Clock is synchronized, stratum 3, reference is {servers[0]:<15}"
        if synchronized
        else "Clock is unsynchronized, stratum 16, no reference clock"
    )
    if not synchronized:
        stamp = "00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)"
    state = "'CTRL' (Normal Controlled Loop)" if synchronized else "'FSET' (Drift set from file)"
    updated = f"last update was {int(facts.uptime) % 64} sec ago." if synchronized else "never updated."
    return body(
        head,
        "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**10",
        f"ntp uptime is {int(facts.uptime * 100)} (1/100 of seconds), resolution is 4000",
        f"reference time is {stamp}",
        f"clock offset is {'0.5000' if synchronized else '0.0000'} msec, "
        f"root delay is {'1.00' if synchronized else '0.00'} msec",
        f"root dispersion is {'3.00' if synchronized else '16000.00'} msec, peer dispersion is 0.00 msec",
        f"loopfilter state is {state}, drift is 0.000000000 s/s",
        f"system poll interval is 64, {updated}",
    )


def show_ntp_associations(view: RouterView, _args: Args) -> str:
    """``show ntp associations``: nothing when no server is configured."""
    servers = _ntp_servers(view)
    if not servers:
        return ""
    synchronized = view.ntp_synchronized()
    rows = []
    for index, server in enumerate(servers):
        mark = ("*" if index == 0 else "+") if synchronized else " "
        clock, stratum, reach = (".GPS.", 2, 377) if synchronized else (".INIT.", 16, 0)
        when = f"{int(view.facts().uptime) % 64}" if synchronized else "-"
        delays = " 1.000   0.500  1.204" if synchronized else " 0.000   0.000 15937."
        rows.append(f"{mark}~{server:<16}{clock:<14}{stratum:>3}{when:>7}{64:>7}{reach:>6} {delays}")
    return body(
        "  address         ref clock       st   when   poll reach  delay  offset   disp",
        *rows,
        " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured",
    )


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


def show_users(_view: RouterView, args: Args) -> str:
    """The session that asks."""
    return body(
        "    Line       User       Host(s)              Idle       Location",
        f"*  1 vty 0     {args.user or '':<10} idle                 00:00:00 127.0.0.1",
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
    ShowCommand("show clock [detail]", show_clock),
    ShowCommand("show ntp status", show_ntp_status),
    ShowCommand("show ntp associations", show_ntp_associations),
    ShowCommand("show hosts", show_hosts),
    ShowCommand("show inventory", show_inventory),
    ShowCommand("show users", show_users),
    ShowCommand("show privilege", show_privilege),
    ShowCommand("show processes cpu", show_processes_cpu),
    ShowCommand("show boot", show_boot),
    ShowCommand("show (cdp|lldp) neighbors [detail]", show_neighbors_of_link_layer),
    ShowCommand("show reload", show_reload),
)
