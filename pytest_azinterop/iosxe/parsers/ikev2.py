"""`show crypto ikev2 sa [detailed]`.

An SA is a row under the column header, then lines about it. For IPv6 the addresses stand on lines of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.crypto import Ikev2Sa

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_TITLE = re.compile(r"\s*IPv[46] Crypto IKEv2 +SA\s*")
_NONE = re.compile(r"\s*(?:There are no|No) (?:active )?(?:crypto )?(?:IKEv2 )?SAs?(?: found)?\.?\s*", re.IGNORECASE)
_HEADER = re.compile(r"\s*Tunnel-id\s+(?:Local\s+Remote\s+)?fvrf/ivrf\s+Status\s*")
_ROW = re.compile(
    r"\s*(?P<id>\d+)\s+(?:(?P<local>[0-9A-Fa-f.:]+)/(?P<lport>\d+)\s+(?P<remote>[0-9A-Fa-f.:]+)/(?P<rport>\d+)\s+)?"
    r"(?P<fvrf>[^\s/]+)/(?P<ivrf>[^\s/]+)\s+(?P<status>[A-Z][A-Z_-]+)\s*"
)
_END = re.compile(r"\s*(Local|Remote)\s+([0-9A-Fa-f.:]+)/(\d+)\s*")
_ALGORITHMS = re.compile(
    r"Encr: (?P<encryption>[^,]+)(?:, keysize: (?P<size>\d+))?, PRF: (?P<prf>[^,]+), Hash: (?P<hash>[^,]+), "
    r"DH Grp: ?(?P<group>\d+)(?:\S*), Auth sign: (?P<sign>[^,]+), Auth verify: (?P<verify>[^,]+)(?P<more>, .*)?"
)
_SPI = re.compile(r"Local spi: ([0-9A-Fa-f]+)\s+Remote spi: ([0-9A-Fa-f]+)")
# One value each: the field of the record's draft, and the line.
_LINES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("times", r"Life/Active Time: (\d+/\d+) sec"),
        ("local_id", r"Local id: (.*)"),
        ("remote_id", r"Remote id: (.*)"),
        ("dpd", r"DPD configured for (\d+) seconds, retry \d+"),
        ("nat", r"NAT-T is ((?:not )?detected)(?: +(?:in|out)side)*"),
        ("initiator", r"Initiator of SA ?: (Yes|No)"),
    )
)
_KNOWN = re.compile(
    r"CE id: \d+, Session-id: \d+|Status Description: .*|PEER TYPE: .*"
    r"|(?:Local|Remote) (?:req msg id|next msg id|req queued|window): .*"
    r"|Fragmentation .*configured.*|Dynamic Route Update: .*|Extended Authentication .*|Cisco Trust Security SGT is .*"
    r"|Remote subnets:|\d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+|Pushed IP address: \S+|Assigned host addr: \S+"
)
_UNSETTLED = re.compile(r"Unknown.*|None", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    """An SA while its lines are read. `first` and `last` are items of the answer's lines."""

    row: re.Match[str]
    first: int
    last: int
    ends: dict[str, tuple[str, int]] = field(default_factory=dict)
    algorithms: re.Match[str] | None = None
    spis: tuple[str, str] | None = None
    values: dict[str, str] = field(default_factory=dict)
    detail_seen: bool = False
    unread: list[str] = field(default_factory=list)
    indent: int = 0


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[Ikev2Sa]:
    """One record per SA; several for the same pair of addresses while one replaces the other.

    No records: the titles stand without an SA below, or the answer is empty and `may_be_empty` says that the router's
    prompt followed it. An SA without its algorithms and times, and one of a detailed answer without the line that says
    who initiated it, was cut off.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    positive = may_be_empty and not any(lines)
    header = False
    for index, line in enumerate(lines):
        if not line:
            continue
        if _TITLE.fullmatch(line) or _NONE.fullmatch(line):
            positive, header = True, False
        elif _HEADER.fullmatch(line):
            header = True
        elif row := _ROW.fullmatch(line):
            if not header:
                raise not_understood(lines, index, source, "an SA without the column header above it")
            drafts.append(_Draft(row, index, index))
        elif drafts and (
            _read_line(drafts[-1], line, index)
            or (indent(line) >= drafts[-1].indent and not unterminated(lines, index))
        ):
            pass
        else:
            raise not_understood(lines, index, source, "not a line of IKEv2 security associations")
    if header and (not drafts or _header_after(lines, drafts[-1].last)):
        raise not_understood(lines, None, source, "the column header stands without an SA", cause="cut-off")
    if not drafts and not positive:
        raise not_understood(lines, None, source, "the answer does not say that there are no SAs")
    detailed = source.command.split()[-1:] != [] and source.command.split()[-1].lower().startswith("det")
    return Parsed(tuple(_record(draft, lines, source, detailed=detailed or draft.detail_seen) for draft in drafts))


def _header_after(lines: list[str], index: int) -> bool:
    return any(_HEADER.fullmatch(line) for line in lines[index + 1 :])


def _read_line(draft: _Draft, line: str, index: int) -> bool:
    """Take one line into the draft, or keep it as unread; whether it was understood.

    An SA's own lines are indented as its algorithms are; less says that a line is something else.
    """
    draft.last = index
    words = line.strip()
    if end := _END.fullmatch(line):
        draft.ends[end.group(1)] = (end.group(2), int(end.group(3)))
    elif found := _ALGORITHMS.fullmatch(words):
        draft.algorithms, draft.indent = found, indent(line)
        if found["more"]:
            draft.unread.append(words)
    elif spis := _SPI.fullmatch(words):
        draft.spis = (spis.group(1), spis.group(2))
    else:
        for name, pattern in _LINES:
            if value := pattern.fullmatch(words):
                draft.values[name] = value.group(1).strip()
                draft.detail_seen |= name != "times"
                return True
        if not _KNOWN.fullmatch(words):
            draft.unread.append(words)
            return False
        draft.detail_seen |= not words.startswith("CE id")
    return True


def _record(draft: _Draft, lines: list[str], source: Source, *, detailed: bool) -> Ikev2Sa:
    row, algorithms, values = draft.row, draft.algorithms, draft.values
    ends = dict(draft.ends)
    if row["local"]:
        ends = {"Local": (row["local"], int(row["lport"])), "Remote": (row["remote"], int(row["rport"]))}
    missing = [name for name in ("Local", "Remote") if name not in ends]
    missing += ["algorithms"] if algorithms is None else []
    missing += ["lifetime"] if "times" not in values else []
    missing += ["initiator"] if detailed and "initiator" not in values else []
    if missing or algorithms is None:
        why = f"this SA is incomplete, missing: {', '.join(missing)}"
        raise not_understood(lines, draft.first, source, why, cause="cut-off")
    try:
        local, remote = ip_address(ends["Local"][0]), ip_address(ends["Remote"][0])
    except ValueError:
        raise not_understood(lines, draft.first, source, "an address that is none") from None
    lifetime, _, active = values["times"].partition("/")
    encryption = _settled(algorithms["encryption"])
    if encryption and algorithms["size"]:
        encryption = f"{encryption}-{algorithms['size']}"
    return Ikev2Sa(
        tunnel_id=int(row["id"]),
        local_address=local,
        local_port=ends["Local"][1],
        remote_address=remote,
        remote_port=ends["Remote"][1],
        front_vrf=None if row["fvrf"] == "none" else row["fvrf"],
        inner_vrf=None if row["ivrf"] == "none" else row["ivrf"],
        status=row["status"],
        encryption=encryption,
        prf=_settled(algorithms["prf"]),
        integrity=_settled(algorithms["hash"]),
        dh_group=int(algorithms["group"]) or None,
        sign_method=_settled(algorithms["sign"]),
        verify_method=_settled(algorithms["verify"]),
        lifetime=int(lifetime),
        active_for=int(active),
        local_id=values.get("local_id"),
        remote_id=values.get("remote_id"),
        local_spi=draft.spis[0] if draft.spis else None,
        remote_spi=draft.spis[1] if draft.spis else None,
        initiator=values["initiator"] == "Yes" if "initiator" in values else None,
        nat_detected=values["nat"] == "detected" if "nat" in values else None,
        dpd_interval=int(values["dpd"]) if "dpd" in values else None,
        unread=tuple(draft.unread),
        source=source.at(draft.first + 1, draft.last + 1),
    )


def _settled(word: str) -> str | None:
    return None if _UNSETTLED.fullmatch(word.strip()) else word.strip()
