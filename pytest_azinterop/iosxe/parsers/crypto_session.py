"""`show crypto session [detail]`: a block per interface, in it a peer with its IKE SAs and protected flows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.crypto_session import CryptoSession, FlowDirection, SessionFlow, SessionIkeSa

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_TITLE = re.compile(r"\s*Crypto session current status\s*")
_LEGEND = re.compile(r"\s*(?:Code: )?[A-Z] - \w[\w -]+(?:, [A-Z] - \w[\w -]+)*,?\s*")
_INTERFACE = re.compile(r"Interface: (.+)")
_PEER = re.compile(
    r"Peer: (?P<peer>[0-9A-Fa-f.:]+) port (?P<port>\d+)"
    r"(?: fvrf: (?P<fvrf>\S+))?(?: ivrf: (?P<ivrf>\S+))?"
)
_SA = re.compile(
    r"IKE(?:v(?P<version>[12]))? SA: local (?P<local>[0-9A-Fa-f.:]+)/(?P<lport>\d+)"
    r"(?: remote (?P<remote>[0-9A-Fa-f.:]+)/(?P<rport>\d+) (?P<status>[A-Za-z]+))?"
)
_REMOTE = re.compile(r"remote (?P<remote>[0-9A-Fa-f.:]+)/(?P<rport>\d+) (?P<status>[A-Za-z]+)")
_CAPABILITIES = re.compile(r"Capabilities:(\(none\)|[A-Z]+) connid:(\d+) lifetime:(\d\S*)")
_FLOW = re.compile(r"IPSEC FLOW: +(\w+ .+)")
_ACTIVE = re.compile(r"Active SAs: (\d+), origin: (\S.*)")
_DIRECTION = re.compile(
    r"(?P<way>Inbound|Outbound): +#pkts (?:dec|enc)'ed (?P<packets>\d+) drop (?P<drops>\d+) "
    r"life \(KB/Sec\) (?P<kilobytes>\d+|KB Vol Rekey Disabled)/(?P<seconds>\d+)"
)
_SESSION_ID = re.compile(r"Session ID: (\d+)")
_VALUE = re.compile(r"(Profile|Uptime|Session status|Phase1_id|Desc): ?(.*)")
# What a release says besides, of remote access above all.
_OTHER = re.compile(r"(?:Username|Group|Assigned address|Hub|Spoke|Session Type|Rekey|.*\bKey Server)\b.*")
_BLOCK_INDENT = 6  # from here on a line belongs to a peer, an SA or a flow


@dataclass(slots=True)
class _Flow:
    selector: str
    line: int
    active: tuple[int, str] | None = None
    ways: dict[str, FlowDirection] = field(default_factory=dict)


@dataclass(slots=True)
class _Sa:
    first: re.Match[str]
    line: int
    session_id: int | None
    far: re.Match[str] | None = None
    more: re.Match[str] | None = None


@dataclass(slots=True)
class _Draft:
    """A session while its lines are read. `values` are the interface's and the peer's own lines."""

    interface: str
    first: int
    last: int
    values: dict[str, str] = field(default_factory=dict)
    peer: re.Match[str] | None = None
    session_id: int | None = None
    sas: list[_Sa] = field(default_factory=list)
    flows: list[_Flow] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[CryptoSession]:
    """One record per peer of an interface; several with the same interface where it has several peers.

    No records: the title or the legend stands alone, or the answer is empty and `may_be_empty`. A session without
    status and peer, an SA or a flow without its own lines, and an active session without a flow were cut off.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    positive = may_be_empty and not any(lines)
    detailed = False
    for index, line in enumerate(lines):
        words = line.strip()
        if not words:
            continue
        if not drafts and _TITLE.fullmatch(line):
            positive = True
        elif not drafts and _LEGEND.fullmatch(line):
            positive = detailed = True
        elif opening := _INTERFACE.fullmatch(words):
            drafts.append(_Draft(opening.group(1).strip(), index, index))
        elif not drafts:
            raise not_understood(lines, index, source, "not a line of crypto sessions")
        elif (peer := _PEER.fullmatch(words)) and drafts[-1].peer is not None:
            head = drafts[-1]
            above = {name: value for name, value in head.values.items() if name not in {"Phase1_id", "Desc"}}
            drafts.append(_Draft(head.interface, index, index, values=above, peer=peer))
        elif not _read_line(drafts[-1], words, index):
            strange = indent(line) < _BLOCK_INDENT and not _OTHER.fullmatch(words)
            if strange or unterminated(lines, index):
                raise not_understood(lines, index, source, "neither part of a crypto session nor its end")
            drafts[-1].unread.append(words)
    if not drafts and not positive:
        raise not_understood(lines, None, source, "the answer does not say that there are no sessions")
    return Parsed(tuple(_record(draft, lines, source, detailed=detailed) for draft in drafts))


def _read_line(draft: _Draft, words: str, index: int) -> bool:
    """Take one line into the draft; whether it was understood."""
    draft.last = index
    flow = draft.flows[-1] if draft.flows else None
    sa = draft.sas[-1] if draft.sas else None
    if found := _VALUE.fullmatch(words):
        draft.values[found.group(1)] = found.group(2).strip()
    elif found := _PEER.fullmatch(words):
        draft.peer = found
    elif found := _SESSION_ID.fullmatch(words):
        draft.session_id = int(found.group(1))
    elif found := _SA.fullmatch(words):
        draft.sas.append(_Sa(found, index, draft.session_id, far=found if found["remote"] else None))
    elif (found := _REMOTE.fullmatch(words)) and sa and sa.far is None:
        sa.far = found
    elif (found := _CAPABILITIES.fullmatch(words)) and sa and sa.more is None:
        sa.more = found
    elif found := _FLOW.fullmatch(words):
        draft.flows.append(_Flow(" ".join(found.group(1).split()), index))
    elif (found := _ACTIVE.fullmatch(words)) and flow and flow.active is None:
        flow.active = (int(found.group(1)), found.group(2))
    elif (found := _DIRECTION.fullmatch(words)) and flow and found["way"] not in flow.ways:
        flow.ways[found["way"]] = _direction(found)
    else:
        return False
    return True


def _direction(found: re.Match[str]) -> FlowDirection:
    volume = found["kilobytes"]
    return FlowDirection(
        packets=int(found["packets"]),
        drops=int(found["drops"]),
        remaining_kilobytes=int(volume) if volume.isdigit() else None,
        remaining_seconds=int(found["seconds"]),
    )


def _record(draft: _Draft, lines: list[str], source: Source, *, detailed: bool) -> CryptoSession:
    values, peer = draft.values, draft.peer
    missing = [] if "Session status" in values else ["status"]
    if peer is None or missing:
        missing += ["peer"] if peer is None else []
        raise _cut(lines, draft.first, source, f"this crypto session is incomplete, missing: {', '.join(missing)}")
    for flow in draft.flows:
        if flow.active is None or (detailed and flow.ways.keys() != {"Inbound", "Outbound"}):
            raise _cut(lines, flow.line, source, "a protected flow without its SAs and counters")
    for sa in draft.sas:
        if sa.far is None or (detailed and sa.more is None):
            raise _cut(lines, sa.line, source, "an IKE SA without its far end or life time")
    if values["Session status"] == "UP-ACTIVE" and not draft.flows:
        raise _cut(lines, draft.first, source, "an active session without a protected flow")
    try:
        return CryptoSession(
            interface=long_name(draft.interface),
            status=values["Session status"],
            peer=ip_address(peer["peer"]),
            port=int(peer["port"]),
            profile=_name(values.get("Profile")),
            uptime=duration(values["Uptime"]) if "Uptime" in values else None,
            front_vrf=_name(peer["fvrf"]),
            inner_vrf=_name(peer["ivrf"]),
            phase1_id=_name(values.get("Phase1_id")),
            description=_name(values.get("Desc")),
            ike_sas=tuple(_ike_sa(sa) for sa in draft.sas),
            flows=tuple(
                SessionFlow(
                    flow.selector, *(flow.active or (0, "")), flow.ways.get("Inbound"), flow.ways.get("Outbound")
                )
                for flow in draft.flows
            ),
            unread=tuple(draft.unread),
            source=source.at(draft.first + 1, draft.last + 1),
        )
    except ValueError:
        raise not_understood(lines, draft.first, source, "an address or a time that is none below this line") from None


def _cut(lines: list[str], index: int, source: Source, why: str) -> Exception:
    return not_understood(lines, index, source, why, cause="cut-off")


def _ike_sa(sa: _Sa) -> SessionIkeSa:
    near, far, more = sa.first, sa.far, sa.more
    assert far is not None
    letters = more.group(1) if more else None
    return SessionIkeSa(
        version=int(near["version"]) if near["version"] else None,
        local_address=ip_address(near["local"]),
        local_port=int(near["lport"]),
        remote_address=ip_address(far["remote"]),
        remote_port=int(far["rport"]),
        status=far["status"],
        session_id=sa.session_id,
        capabilities="" if letters == "(none)" else letters,
        connection_id=int(more.group(2)) if more else None,
        remaining=_lifetime(more.group(3)) if more else None,
    )


def _flow(flow: _Flow) -> SessionFlow:
    assert flow.active is not None
    return SessionFlow(flow.selector, *flow.active, flow.ways.get("Inbound"), flow.ways.get("Outbound"))


def _lifetime(text: str) -> timedelta | None:
    return timedelta() if text == "0" else duration(text)


def _name(text: str | None) -> str | None:
    return None if text is None or text in {"", "(none)"} else text
