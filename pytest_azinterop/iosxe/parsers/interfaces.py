"""`show interfaces [X]`: a block per interface, opened by its status line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import ipv4_address, ipv4_interface
from pytest_azinterop.iosxe.answer import indent, lines_of, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.line_forms import Beginnings, LineForms
from pytest_azinterop.state.device import Interface, InterfaceCounters, TunnelParameters

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.state.source import Source

_OPEN = re.compile(
    r"\s*(?P<name>[A-Za-z](?:[\w/.:-]*\w)?) is (?P<status>[a-z][a-z -]*(?: \([\w -]+\))?), "
    r"line protocol is (?P<line>[a-z]+(?: \([\w -]+\))?)(?: ?, Autostate \w+)?\s*"
)
# Blocks of another shape that are no interfaces of the network: they are left out, up to the next status line.
_FOREIGN_WORDS = ("Control Plane Interface", "pseudowire")
_FOREIGN = re.compile(r"(?:Control Plane Interface|pseudowire\d+) is .*")
_TUNNEL_VRF = r'(?:Tunnel|Transport|Path) (?:vrf|VRF):? "?(?P<tunnel_vrf>[^"\s]+)"?.*'
# One value each, under its name.
_VALUES = LineForms(
    ("Description:", r"Description: ?(?P<description>.*)"),
    ("Hardware is", r"Hardware is .*?address is (?P<mac>[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}).*"),
    ("Internet address", r"Internet address is (?P<address>\d+\.\d+\.\d+\.\d+/\d+).*"),
    ("Interface is", r"Interface is unnumbered\. Using address of (?P<borrowed>\S+ \([\d.]+\))"),
    ("MTU", r"MTU (?P<mtu>\d+) bytes.*"),
    ("Encapsulation", r"Encapsulation (?P<encapsulation>.*)"),
    ("0", r"(?P<in>\d+ packets input, \d+ bytes.*)"),
    ("0", r"(?P<out>\d+ packets output, \d+ bytes.*)"),
    ("0", r"(?P<input_errors>\d+) input errors.*"),
    ("0", r"(?P<output_errors>\d+) output errors.*"),
    ("Tunnel source", r"Tunnel source (?P<tunnel_ends>.*)"),
    ("Tunnel protocol", r"Tunnel protocol/transport (?P<tunnel_protocol>\S+).*"),
    ("Tunnel transport", r"Tunnel transport MTU (?P<tunnel_mtu>\d+) bytes"),
    ("Tunnel protection", r'Tunnel protection via \S+ \(profile "(?P<tunnel_protection>.*?)"\).*'),
    ("Tunnel", _TUNNEL_VRF),
    ("Transport", _TUNNEL_VRF),
    ("Path", _TUNNEL_VRF),
    ("Last clearing", r'(?P<clearing>Last clearing of "show interface" counters .*)'),
    inside=(
        ("Total output drops", r".*Total output drops: (?P<output_drops>\d+).*"),
        ("swapped out", r"(?P<end>.*\boutput buffers? swapped out)\b.*"),
    ),
)
# Lines of every interface that hold nothing of these.
_PLAIN = Beginnings(
    ("reliability ", "Keepalive ", "ARP type: ", "Queueing strategy: ", "Carrier delay ", "Last input ", "Received ",
     "Full Duplex", "loopback not set"),
    r"(?!)",
    others=(start for start, _ in _VALUES.forms),
)  # fmt: skip
_BANDWIDTH = re.compile(r".*\bBW (\d+) Kbit")
_TAGS = (
    re.compile(r"QinQ Virtual LAN, outer ID +(\d+), inner ID +(\d+)"),
    re.compile(r"802\.1Q Virtual LAN, Vlan ID +(\d+)()\."),
)
_TUNNEL_ENDS = re.compile(r"(?P<source>\S+?)(?: \((?P<interface>[^)]+)\))?(?:, destination (?P<destination>\S+))?")
_KNOWN = re.compile(
    r"Hardware is .*|reliability .*|Keepalive .*|(?:Full|Half|Auto)[ -][Dd]uplex.*|(?:in|out)put flow-control .*"
    r"|ARP type: .*|Last input .*|Input queue: .*|Queueing strategy: .*|Output (?:queue|\d+ broadcasts).*"
    r"|\d+ (?:second|minute) (?:in|out)put .*|Received \d+ .*|Carrier delay .*|loopback not set"
    r"|\d+ (?:runts|watchdog|unknown protocol|babbles|lost carrier|output buffer|input packets with|carrier trans).*"
    r"|Tunnel (?:TTL|TOS|transport MTU|transmit|receive|Subblocks|linestate|is transmit).*|src-track:"
    r"|Bound to:|.* source tracking .*|Set of tunnels .*|Key .*, sequencing .*|Checksumming .*|Fast tunneling .*"
)


@dataclass(slots=True)
class _Draft:
    """An interface while its lines are read."""

    opening: re.Match[str]
    first: int
    last: int
    values: dict[str, str] = field(default_factory=dict)
    bandwidth: int | None = None
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source) -> Parsed[Interface]:
    """One record per interface, in the order printed. Blocks that are no interfaces of the network (the control plane,
    a pseudowire) stay unread; where there is nothing else, there is no record.

    Raises ParseError for text before the first status line and for a block that stops early: without MTU or
    encapsulation, or, where counters are printed, without their last line (cut off).
    """
    lines = lines_of(text, source)
    drafts: list[_Draft] = []
    foreign: list[str] = []
    skipping = False
    for index, line in enumerate(lines):
        words = line.strip()
        if not words:
            continue
        if words.startswith(_FOREIGN_WORDS) and _FOREIGN.fullmatch(line):
            skipping = True
            foreign.append(words)
        elif "line protocol is" in line and (opening := _OPEN.fullmatch(line)):
            drafts.append(_Draft(opening, index, index))
            skipping = False
        elif skipping:
            foreign.append(words)
        elif drafts:
            understood = _read_line(drafts[-1], words, index)
            if not understood and (indent(line) <= indent(lines[drafts[-1].first]) or unterminated(lines, index)):
                raise not_understood(lines, index, source, "neither part of an interface's block nor its end")
        else:
            raise not_understood(lines, index, source, "not the status line of an interface")
    if not drafts and not foreign:
        raise not_understood(lines, None, source, "no interface")
    return Parsed(tuple(_record(draft, lines, source) for draft in drafts), tuple(foreign))


def _read_line(draft: _Draft, words: str, index: int) -> bool:
    """Take one line into the draft, or keep it as unread; whether it was understood."""
    draft.last = index
    if words.startswith(_PLAIN.alone.get(words[:3], ())):
        return True
    found = _VALUES.fullmatch(words)
    if found is not None and (name := found.lastgroup) is not None:
        draft.values.setdefault(name, found[name])
        if name == "mtu" and (bandwidth := _BANDWIDTH.match(words)):
            draft.bandwidth = int(bandwidth.group(1))
    elif not _KNOWN.match(words):
        draft.unread.append(words)
        return False
    return True


def _record(draft: _Draft, lines: list[str], source: Source) -> Interface:
    values = draft.values
    missing = [name for name in ("mtu", "encapsulation", "clearing") if name not in values]
    # Only a sub-interface has no counters of its own.
    missing += ["packets input"] if "in" not in values and "." not in draft.opening["name"] else []
    missing += ["packets output"] if "in" in values and "out" not in values else []
    missing += ["the last line of the counters"] if not _counters_end(values) else []
    if missing:
        why = f"this interface's block is incomplete, missing: {', '.join(missing)}"
        raise not_understood(lines, draft.first, source, why, cause="cut-off")
    name = draft.opening["name"]
    tags = next((found for pattern in _TAGS if (found := pattern.match(values["encapsulation"]))), None)
    tagged = tags if "." in name else None  # a port's own line names its native VLAN
    try:
        address = ipv4_interface(values["address"]) if "address" in values else None
        lender, borrowed = _lent(values.get("borrowed"))
        tunnel = _tunnel(values)
    except ValueError:
        raise not_understood(lines, draft.first, source, "an address that is none below this line") from None
    return Interface(
        name=name,
        status=_state(draft.opening["status"]),
        line_protocol=_state(draft.opening["line"]),
        description=values.get("description"),
        address=address,
        mtu=int(values["mtu"]),
        bandwidth=draft.bandwidth,
        mac=values["mac"].lower() if "mac" in values else None,
        encapsulation=values["encapsulation"].partition(",")[0],
        outer_vlan=int(tagged.group(1)) if tagged else None,
        inner_vlan=int(tagged.group(2)) if tagged and tagged.group(2) else None,
        tunnel=tunnel,
        counters=_counters(values),
        borrowed=borrowed,
        lender=lender,
        unread=tuple(draft.unread),
        source=source.at(draft.first + 1, draft.last + 1),
    )


def _lent(words: str | None) -> tuple[str | None, IPv4Address | None]:
    """Who lends an unnumbered interface which address; 0.0.0.0 is none. Raises ValueError."""
    if words is None:
        return None, None
    lender, _, address = words.partition(" ")
    found = ipv4_address(address.strip("()"))
    return lender, found if int(found) else None


def _state(printed: str) -> str:
    """Without the word that a switch port adds to a plain `up`; every other addition (`err-disabled`) says more."""
    return printed.removesuffix(" (connected)")


def _counters_end(values: dict[str, str]) -> bool:
    """Whether no counter is missing. Sub-interfaces of switches and dialers have two lines of counters and nothing in
    these behind the bytes."""
    return "in" not in values or "end" in values or all(values.get(way, "").endswith("bytes") for way in ("in", "out"))


def _counters(values: dict[str, str]) -> InterfaceCounters | None:
    if "in" not in values:
        return None
    received, sent = re.findall(r"\d+", values["in"]), re.findall(r"\d+", values["out"])

    def optional(name: str) -> int | None:
        return int(values[name]) if name in values else None

    return InterfaceCounters(
        input_packets=int(received[0]),
        input_bytes=int(received[1]),
        output_packets=int(sent[0]),
        output_bytes=int(sent[1]),
        input_errors=optional("input_errors"),
        output_errors=optional("output_errors"),
        output_drops=optional("output_drops"),
    )


def _tunnel(values: dict[str, str]) -> TunnelParameters | None:
    """The tunnel's lines; a source or destination that is not resolved (`UNKNOWN`) is None. Raises ValueError."""
    if "tunnel_protocol" not in values:
        return None
    ends = _TUNNEL_ENDS.fullmatch(values.get("tunnel_ends", "UNKNOWN"))
    if ends is None:
        raise ValueError("tunnel source")

    def address(text: str | None) -> IPv4Address | None:
        return ipv4_address(text) if text and text[0].isdigit() and ":" not in text else None

    interface = ends["interface"]
    if interface is None and not ends["source"][0].isdigit() and ends["source"] != "UNKNOWN":
        interface = ends["source"]
    return TunnelParameters(
        source_interface=interface,
        source_address=address(ends["source"]),
        destination=address(ends["destination"]),
        protocol=values["tunnel_protocol"],
        protection_profile=values.get("tunnel_protection"),
        path_vrf=values.get("tunnel_vrf"),
        transport_mtu=int(values["tunnel_mtu"]) if "tunnel_mtu" in values else None,
    )
