"""The read-only allow-list, enforced at the one point where text is sent to a router."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from pytest_azinterop.errors import NotAllowedError
from pytest_azinterop.iosxe import spelling
from pytest_azinterop.iosxe.catalogue import COMMANDS

SESSION: Final = ("enable", "terminal length 0", "terminal width 0", "terminal width 511", "exit", "logout")

# What the stock NAPALM `ios` driver (5.x) sends in its read getters, `ping` and `traceroute`.
STOCK: Final = (
    "show version",
    "show interface summary",
    "show interfaces",
    "show interfaces transceiver",
    "show interfaces description",
    "show interface description",
    "show ip interface",
    "show ip interface brief",
    "show ipv6 interface",
    "show ipv6 neighbors",
    "show ip protocols | include bgp",
    "show ip bgp all sum",
    "show bgp all summary",
    "show bgp {word} all neighbors",
    "show bgp {word} {word} neighbors",
    "show bgp {word} {word} all neighbors",
    "show bgp {word} neighbors",
    "show bgp {word} unicast summary",
    "show bgp {word} unicast neighbors",
    "show ip bgp neighbors",
    "show ip bgp neighbors | include is {address}",
    "show ip bgp vpnv4 vrf {vrf} neighbors | include is {address}",
    "show ip bgp vpnv4 vrf {vrf} neighbors {address}",
    "show ip bgp neighbors {address}",
    "show ip bgp neigh {address}",
    "show ip bgp {word} neigh {address}",
    "show ip bgp {word} {word} neigh {address}",
    "show ip bgp vpnv4 vrf {vrf} neigh {address}",
    "show ip bgp vpnv4 vrf {vrf} {prefix}",
    "show ip bgp {prefix}",
    "show ip route vrf {vrf} {address} {address}",
    "show ip route {address} {address}",
    "show ip route vrf {vrf} {address}",
    "show ip route {address}",
    "show ip vrf",
    "show vrf",
    "show vrf detail",
    "show arp | exclude Incomplete",
    "show arp vrf {vrf} | exclude Incomplete",
    "show calendar",
    "show clock",
    "show env temperature status",
    "show hosts",
    "show lldp neighbors",
    "show lldp neighbors detail",
    "show lldp neighbors {interface}",
    "show lldp neighbors {interface} detail",
    "show mac-address-table",
    "show mac address-table",
    "show memory",
    "show memory statistics",
    "show ntp associations",
    "show proc cpu",
    "show run",
    "show running-config",
    "show running-config all",
    "show run | include ntp server",
    "show run | include snmp-server",
    "show run | include username",
    "show run | section username",
    "show run | section ip sla [0-9]",
    "show startup-config",
    "show snmp chassis",
    "show switch virtual",
    "show vlan brief",
    "show vlan all-ports",
    "ping {address}",
    "ping {address} timeout {timeout} size {size} repeat {repeat}",
    "ping {address} timeout {timeout} size {size} repeat {repeat} source {source}",
    "ping vrf {vrf} {address} timeout {timeout} size {size} repeat {repeat}",
    "ping vrf {vrf} {address} timeout {timeout} size {size} repeat {repeat} source {source}",
    "traceroute {address} ttl {ttl} {ttl} timeout {timeout}",
    "traceroute {address} source {source} ttl {ttl} {ttl} timeout {timeout}",
    "traceroute vrf {vrf} {address} ttl {ttl} {ttl} timeout {timeout}",
    "traceroute vrf {vrf} {address} source {source} ttl {ttl} {ttl} timeout {timeout}",
)

_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")
_FILE_PIPE = re.compile(r"\|\s*(?:r|t|a)\w*", re.IGNORECASE)
# Ways to leave reading behind, named so that the refusal says why; anything else unknown is refused all the same.
_WRITES = re.compile(
    r"\s*(?:conf\w*|write?\w*|wr|copy|clear|reload|delete|erase|format|debug|undebug|no|do-exec|tclsh|event|monitor)\b",
    re.IGNORECASE,
)


@cache
def _forms() -> dict[int, tuple[tuple[str, ...], ...]]:
    """The allowed forms by their number of words."""
    forms = [form for command in COMMANDS.values() for form in command.lines]
    by_length: dict[int, list[tuple[str, ...]]] = {}
    for form in (*SESSION, *forms, *STOCK):
        words = tuple(form.split(" "))
        by_length.setdefault(len(words), []).append(words)
    return {length: tuple(found) for length, found in by_length.items()}


def _fits(form: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return all(
        _valid(expected[1:-1], typed) if expected.startswith("{") else expected == typed
        for expected, typed in zip(form, words, strict=True)
    )


def _valid(parameter: str, value: str) -> bool:
    return spelling.valid(parameter, value)


@lru_cache(maxsize=16_384)  # what passes always passes; a refusal is worked out anew
def check(command: str) -> None:
    """Pass for a command on the allow-list, spelled exactly (no abbreviations). Raises NotAllowedError for any other.

    Answers to prompts, such as a password after `enable`, are no commands and do not pass here.
    """
    shown = repr(command[:80])
    if _NOT_PLAIN.search(command):
        raise NotAllowedError(f"not allowed: a command with control or non-ASCII characters: {shown}")
    if _FILE_PIPE.search(command):
        raise NotAllowedError(f"not allowed: output redirected into a file: {shown}")
    words = tuple(command.split(" "))
    if any(_fits(form, words) for form in _forms().get(len(words), ())):
        return
    why = "it can change the router" if _WRITES.match(command) else "it is not on the read-only list"
    raise NotAllowedError(f"not allowed: {shown}: {why}")
