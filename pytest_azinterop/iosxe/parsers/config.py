"""`show running-config` (and its parts per VRF or interface, and `show startup-config`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import ipv4_address, ipv4_interface, ipv4_network
from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.config_bgp import bgp
from pytest_azinterop.iosxe.parsers.config_crypto import crypto
from pytest_azinterop.iosxe.parsers.config_tree import tree
from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, RunningConfig, StaticRoute, VrfConfig

if TYPE_CHECKING:
    from pytest_azinterop.state.config import BgpConfig
    from pytest_azinterop.state.source import Source

_START = re.compile(r"Building configuration\.\.\.|Current configuration ?: ?\d+ bytes|Using \d+ out of \d+ bytes.*")
_HEAD = re.compile(r"Uncompressed configuration from .*")
_VRF = re.compile(r"(?:vrf definition|ip vrf) \S+$")
_BGP = re.compile(r"router bgp \d")
_DISTINGUISHER = re.compile(r"rd \S+$")
_ENCAPSULATION = re.compile(
    r"encapsulation dot1(?:q|ad) (\d+)(?: second-dot1q (\d+)| dot1q (\d+))?(?: native)?", re.IGNORECASE
)


def parse(text: str, source: Source, *, part: str | None = None) -> Parsed[RunningConfig]:
    """One record. `part` names the VRF or interface that was asked for: such an answer is never whole.

    Raises ParseError for a text that begins as a configuration and does not reach `end` (cut off), and for one that
    neither begins nor ends as one.
    """
    lines = lines_of(text, source)
    first, started = _start(lines)
    last = max(index for index, line in enumerate(lines) if line)
    ended = lines[last].rstrip() == "end"
    if not ended:
        why, cause = ("the configuration stops before `end`", "cut-off")
        if not started:
            why, cause = ("not a configuration: neither its beginning nor its end was seen", "not-understood")
        raise not_understood(lines, last, source, why, cause=cause)
    inside = next((index for index in range(first, last) if lines[index] == "end"), None)
    top = tree(lines, first, last, source)
    if inside is not None and any(line.text == "end" for line in top):
        raise not_understood(lines, inside, source, "text goes on after `end`")
    statics, unread = _static_routes(top, lines, source)
    config = RunningConfig(
        hostname=next((line.text.split(maxsplit=1)[1] for line in top if line.text.startswith("hostname ")), None),
        lines=top,
        whole=started and part is None,
        hidden=False,
        vrfs=tuple(_vrf(line) for line in top if "vrf " in line.text and _VRF.match(line.text)),
        interfaces=tuple(_interface(line) for line in top if line.text.startswith("interface ")),
        bgp=_bgp([line for line in top if _BGP.match(line.text)], lines, source),
        static_routes=statics,
        crypto=crypto(top),
        source=source.at(first + 1, last + 1),
    )
    return Parsed((config,), unread)


def _start(lines: list[str]) -> tuple[int, bool]:
    """The item where the configuration itself begins, and whether its start marker was seen."""
    started = False
    for index, line in enumerate(lines):
        if not line:
            continue
        if _START.fullmatch(line.strip()):
            started = True
        elif not _HEAD.fullmatch(line):
            return index, started
    return len(lines), started


def _bgp(sections: list[ConfigLine], lines: list[str], source: Source) -> BgpConfig | None:
    """The one BGP process; a text put together from parts may open it twice."""
    if not sections:
        return None
    if len({section.text for section in sections}) > 1:
        raise not_understood(lines, sections[1].number - 1, source, "a second BGP process")
    children = tuple(child for section in sections for child in section.children)
    line = ConfigLine(sections[0].text, sections[0].number, children)
    try:
        return bgp(line)
    except (ValueError, IndexError):
        raise not_understood(lines, line.number - 1, source, "a number or address below this line is wrong") from None


def _vrf(line: ConfigLine) -> VrfConfig:
    words = line.text.split()
    rd = next((child.text.split()[1] for child in line.walk() if _DISTINGUISHER.match(child.text)), None)
    return VrfConfig(name=words[-1], route_distinguisher=rd, legacy=words[0] == "ip", line=line)


def _interface(line: ConfigLine) -> InterfaceConfig:
    texts = [child.text for child in line.children]

    def setting(words: str) -> str | None:
        """What follows these words on the interface's own level."""
        start = words + " "
        for text in texts:
            if text.startswith(start):
                return text[len(start) :]
        return None

    address = next(
        (
            ipv4_interface(f"{words[2]}/{words[3]}")
            for words in (text.split() for text in texts if text.startswith("ip"))
            if words[:2] == ["ip", "address"] and len(words) == 4 and words[2][0].isdigit()
        ),
        None,
    )
    capsules = (text for text in texts if text[:1] in "eE")
    tags = next((found for text in capsules if (found := _ENCAPSULATION.fullmatch(text))), None)
    inner = (tags.group(2) or tags.group(3)) if tags else None
    protection = (setting("tunnel protection ipsec profile") or "").split()
    return InterfaceConfig(
        name=line.text.split(maxsplit=1)[1],
        vrf=setting("vrf forwarding") or setting("ip vrf forwarding"),
        address=address,
        outer_vlan=int(tags.group(1)) if tags else None,
        inner_vlan=int(inner) if inner else None,
        shutdown="shutdown" in texts,
        description=setting("description"),
        tunnel_source=setting("tunnel source"),
        tunnel_destination=setting("tunnel destination"),
        tunnel_mode=setting("tunnel mode"),
        tunnel_vrf=setting("tunnel vrf"),
        protection_profile=protection[0] if protection else None,
        policy_route_map=setting("ip policy route-map"),
        line=line,
    )


def _static_routes(
    top: tuple[ConfigLine, ...], lines: list[str], source: Source
) -> tuple[tuple[StaticRoute, ...], tuple[str, ...]]:
    """The static routes, and the route lines with words that are not known (the route itself is read)."""
    routes: list[StaticRoute] = []
    unread: list[str] = []
    for line in top:
        if not line.text.startswith("ip"):
            continue
        words = line.text.split()
        if words[:2] != ["ip", "route"]:
            continue
        words = words[2:]
        vrf = None
        if words[:1] == ["vrf"] and len(words) > 1:
            vrf, words = words[1], words[2:]
        if not words or not words[0][0].isdigit():
            continue  # `ip route static …`, `ip route profile`: settings, no routes
        try:
            route, strange = _static_route(vrf, words, line)
        except (ValueError, IndexError):
            raise not_understood(lines, line.number - 1, source, "a static route that cannot be read") from None
        routes.append(route)
        unread += [line.text] if strange else []
    return tuple(routes), tuple(unread)


def _static_route(vrf: str | None, words: list[str], line: ConfigLine) -> tuple[StaticRoute, bool]:
    """`PREFIX MASK [interface] [next hop] [distance] [options]` (Cisco IOS IP Routing command reference)."""
    prefix = ipv4_network(f"{words[0]}/{words[1]}")
    rest = words[2:]
    interface = rest.pop(0) if rest and not rest[0][0].isdigit() else None
    if interface is not None and rest and re.fullmatch(r"\d+[/.\d]*/[\d/.]*", rest[0]):
        interface += rest.pop(0)
    next_hop = ipv4_address(rest.pop(0)) if rest and rest[0].count(".") == 3 else None
    options: dict[str, str] = {}
    flags: set[str] = set()
    distance = 1
    strange = False
    while rest:
        word = rest.pop(0)
        if word.isdigit():
            distance = int(word)
        elif word in {"name", "tag", "track"}:
            options[word] = rest.pop(0)
        elif word in {"permanent", "global", "multicast", "dhcp"}:
            flags.add(word)
        else:
            strange = True
    if interface is None and next_hop is None and "dhcp" not in flags:
        raise ValueError("a static route without a way out")
    return (
        StaticRoute(
            vrf=vrf,
            prefix=prefix,
            next_hop=next_hop,
            interface=interface,
            distance=distance,
            line=line,
            name=options.get("name"),
            tag=int(options["tag"]) if "tag" in options else None,
            track=int(options["track"]) if "track" in options else None,
            permanent="permanent" in flags,
            global_next_hop="global" in flags,
        ),
        strange,
    )
