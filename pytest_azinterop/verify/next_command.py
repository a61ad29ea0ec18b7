"""What an engineer types after a finding: the commands, and that none is asked for whose answer is there already."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.state.source import Source

BGP: Final = "show running-config | section router bgp"
IKE_ERRORS: Final = "show crypto ikev2 diagnose error"
# Commands that print the same of one object as of all of them: naming the object brings nothing new.
_SAME_OF_ONE = re.compile(r"show interfaces|show vrf|show bgp .* neighbors")
_STATE_IN_LOG: Final = frozenset(
    {"opening", "closing", "closed-by-neighbor", "wrong-as", "authentication", "idle", "interface-down", "prefix-limit"}
)


def further(command: str | None, evidence: Iterable[Source]) -> str | None:
    """The command, or None where one of these answers is its answer, or holds it."""
    if command is None:
        return None
    host, apart, text = command.removeprefix("on ").partition(": ")
    if not command.startswith("on ") or not apart:
        host, text = "", command
    given = {source.command for source in evidence if host in ("", source.host)}
    head, _, last = text.rpartition(" ")
    held = head in given and _SAME_OF_ONE.fullmatch(head) is not None and last.strip() != ""
    return None if text in given or held else command


def logged(word: object) -> str:
    """What the router logged about something."""
    return f"show logging | include {clean(str(word))}"


def policy(route_map: str | None, prefix_list: str | None = None) -> str:
    """What a neighbor's routes pass through."""
    if prefix_list is not None:
        names = f"prefix-list {clean(prefix_list)}" + (f"|route-map {clean(route_map)}" if route_map else "")
        return f"show running-config | include {names}"
    return BGP if route_map is None else f"show route-map {clean(route_map)}"


def configured_interface(name: str) -> str:
    """How an interface is configured."""
    return f"show running-config interface {clean(name)}"


def ping(vrf: str | None, address: IPv4Address | IPv6Address) -> str:
    """Whether an address answers."""
    return f"ping {_table(vrf)}{address}"


def route(vrf: str | None, address: IPv4Address | IPv6Address) -> str:
    """Which route an address has."""
    return f"show {'ip' if address.version == 4 else 'ipv6'} route {_table(vrf)}{address}"


def forwarding(vrf: str | None, address: IPv4Address | IPv6Address) -> str:
    """Where packets to an address go."""
    return f"show ip cef {_table(vrf)}{address}"


def in_azure(resource: ResourceName | None) -> str:
    """The options of `az` that say where a resource is: without them it looks in whatever is the user's default. What
    the intent does not say, as where files are read in place of Azure, is left to that."""
    if resource is None:
        return ""
    said = {"--resource-group": resource.group, "--subscription": resource.subscription}
    return "".join(f" {option} {shlex.quote(value)}" for option, value in said.items() if value)


def of_state(cause: str, vrf: str | None, neighbor: IPv4Address | IPv6Address) -> str:
    """What to look at next where a BGP session is not Established for this cause."""
    if cause in _STATE_IN_LOG:
        return logged(neighbor)
    if cause == "no-route":
        return route(vrf, neighbor)
    if cause == "bfd-down":
        return f"show bfd neighbors {_table(vrf)}details"
    return ping(vrf, neighbor) if cause in ("no-connection", "hold-time-expired") else BGP


def _table(vrf: str | None) -> str:
    return "" if vrf is None else f"vrf {vrf} "
