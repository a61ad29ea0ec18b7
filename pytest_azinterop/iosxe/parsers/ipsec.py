"""`show crypto ipsec sa [interface X | peer A | vrf V] [detail]`.

A block per identity pair (it opens with `protected vrf`), inside the crypto map of an interface, with six sections of
SAs (inbound and outbound ESP, AH and compression) that are printed whether there are SAs or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import address, network_around
from pytest_azinterop.iosxe.answer import indent, lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.crypto import EspSa, IpsecCounters, IpsecIdentity

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.state.source import Source

_INTERFACE = re.compile(r"interface: (\S+)")
_MAP = re.compile(r"Crypto map tag: (.+?), local addr(?:ess)?\.? (\S+)")
_NONE = re.compile(r"No SAs? found\.?|There are no .*SAs?.*", re.IGNORECASE)
_VRF = re.compile(r"protected vrf: (\S+)")
_IDENT = re.compile(r"(local|remote) +ident \(addr/mask/prot/port\): \((\S+)\)")
_PEER = re.compile(r"current_peer:? (\S+?)(?: port |:)(\d+)")
_COUNTER = re.compile(r"#+ ?((?:pkts|send|recv) [^#,:]*?):? +(\d+)(?=,|\s*$)")
_MTU = re.compile(r"(?:plaintext mtu \d+, )?path mtu (\d+)(?:, .*)?")
_OUTBOUND_SPI = re.compile(r"current outbound spi: 0x([0-9A-Fa-f]+)\(\d+\)")
_PFS = re.compile(r"PFS \(Y/N\): ([YN]), DH group: ([^,\s]+)(, .*)?")
_SECTION = re.compile(r"(inbound|outbound) (esp|ah|pcp) sas:")
_SPI = re.compile(r"spi: 0x([0-9A-Fa-f]+)\((\d+)\)")
_TRANSFORM = re.compile(r"transform: (.+?) ?,?")
_SETTINGS = re.compile(r"in use settings =\{(.*)\}")
_LIFETIME = re.compile(r"sa timing: remaining key lifetime (?:\(k/sec\): \((\d+)/(\d+)\)|\(sec\): \(?(\d+)\)?|(.+))")
_SPOKEN = re.compile(r"(?:(\d+) days?)?,? ?(?:(\d+) hours?)?,? ?(?:(\d+) min(?:ute)?s?)?,? ?(?:(\d+) sec(?:ond)?s?)?")
_STATUS = re.compile(r"Status: ([A-Z_]+)(?:\([A-Z_]*\))?")
_REPLAY = re.compile(r"replay detection support: ([YN]).*")
_KNOWN = re.compile(
    r"PERMIT, flags=\{.*\}|DENY, flags=\{.*\}|conn id: .*|IV size: .*|Kilobyte Volume Rekey has been disabled"
    r"|(?:local|remote) crypto endpt\.: .*|IPsecv6 policy name: .*|replay window size.*"
)
_TRAFFIC = frozenset({"pkts encaps", "pkts encrypt", "pkts digest", "pkts decaps", "pkts decrypt", "pkts verify"})
_NO_ERROR = re.compile(
    r"pkts (?:not )?(?:de)?compress(?:ed|ion)?(?: failed)?|pkts compr\. failed|pkts (?:not )?(?:un)?tagged .*"
)
_SECTIONS = frozenset((way, kind) for way in ("inbound", "outbound") for kind in ("esp", "ah", "pcp"))


@dataclass(slots=True)
class _Sa:
    """An SA while its lines are read."""

    first: int
    spi: int
    transform: str | None = None
    settings: str | None = None
    status: str | None = None
    kilobytes: int | None = None
    seconds: int | None = None
    replay: bool | None = None


@dataclass(slots=True)
class _Draft:
    """An identity pair while its lines are read."""

    interface: str
    crypto_map: str
    local_address: str
    first: int
    last: int
    protected_vrf: str
    idents: dict[str, str] = field(default_factory=dict)
    peer: tuple[str, int] | None = None
    counters: dict[str, int] = field(default_factory=dict)
    path_mtu: int | None = None
    outbound_spi: int | None = None
    pfs: tuple[bool, str] | None = None
    sections: dict[tuple[str, str], list[_Sa]] = field(default_factory=dict)
    section: tuple[str, str] | None = None
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Context:
    """Where in the answer the reader stands, and the identity pairs so far."""

    interface: str | None = None
    crypto_map: tuple[str, str] | None = None
    nothing: bool = False
    drafts: list[_Draft] = field(default_factory=list)

    def opens(self, words: str, index: int) -> bool:
        """Whether this line opens an interface, a crypto map or an identity pair (or says that there is none)."""
        if ":" not in words and self.drafts:
            return False
        if found := _INTERFACE.fullmatch(words):
            self.interface, self.crypto_map = found.group(1), None
        elif found := _MAP.fullmatch(words):
            self.crypto_map = (found.group(1), found.group(2))
        elif (found := _VRF.fullmatch(words)) and self.interface is not None and self.crypto_map is not None:
            self.drafts.append(_Draft(self.interface, *self.crypto_map, index, index, found.group(1)))
        elif not self.drafts and _NONE.fullmatch(words):
            self.nothing = True
        else:
            return False
        return True


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[IpsecIdentity]:
    """One record per identity pair, with two SAs per direction during a rekey and none where nothing is negotiated.

    No records: the router says so, or the answer is empty and `may_be_empty` says that its prompt followed. Raises
    ParseError for a pair without its counters, peer, SPI or any of its six sections (cut off).
    """
    lines = lines_or_none(text, source)
    if not any(lines) and may_be_empty:
        return Parsed(())
    context = _Context()
    for index, line in enumerate(lines):
        words = line.strip()
        if words and not context.opens(words, index):
            if context.drafts and context.crypto_map is not None:
                draft = context.drafts[-1]
                unread = len(draft.unread)
                _read_line(draft, words, index)
                if len(draft.unread) > unread and (
                    indent(line) <= indent(lines[draft.first]) or unterminated(lines, index)
                ):
                    raise not_understood(lines, index, source, "neither part of an identity pair nor its end")
            elif context.crypto_map is None or not _KNOWN.fullmatch(words):
                raise not_understood(lines, index, source, "not a line of IPsec security associations")
    drafts = context.drafts
    if context.interface is not None and (not drafts or _opened_after(lines, drafts[-1].first)):
        raise not_understood(lines, None, source, "an interface without an identity pair below it", cause="cut-off")
    if not drafts and not context.nothing:
        raise not_understood(lines, None, source, "the answer does not say that there are no SAs")
    return Parsed(tuple(_record(draft, lines, source) for draft in drafts))


def _opened_after(lines: list[str], index: int) -> bool:
    """Whether an interface or crypto map begins below this item: then its identity pair is missing."""
    return any(_INTERFACE.fullmatch(line.strip()) or _MAP.fullmatch(line.strip()) for line in lines[index + 1 :])


def _read_line(draft: _Draft, words: str, index: int) -> None:
    """Take one line into the draft, or keep it as unread."""
    draft.last = index
    if words.startswith("#"):
        found = _COUNTER.findall(words)
        draft.counters.update((" ".join(name.split()), int(value)) for name, value in found)
        if len(found) != words.replace("##", "#").count("#"):
            draft.unread.append(words)
    elif section := _SECTION.fullmatch(words):
        draft.section = (section.group(1), section.group(2))
        draft.sections.setdefault(draft.section, [])
    elif draft.section is not None:
        _read_sa_line(draft, draft.sections[draft.section], words, index)
    elif ident := _IDENT.fullmatch(words):
        draft.idents[ident.group(1)] = ident.group(2)
    elif peer := _PEER.fullmatch(words):
        draft.peer = (peer.group(1), int(peer.group(2)))
    elif mtu := _MTU.fullmatch(words):
        draft.path_mtu = int(mtu.group(1))
    elif spi := _OUTBOUND_SPI.fullmatch(words):
        draft.outbound_spi = int(spi.group(1), 16)
    elif pfs := _PFS.fullmatch(words):
        draft.pfs = (pfs.group(1) == "Y", pfs.group(2))
        draft.unread += [words] if pfs.group(3) else []
    elif not _KNOWN.fullmatch(words):
        draft.unread.append(words)


def _read_sa_line(draft: _Draft, section: list[_Sa], words: str, index: int) -> None:
    if spi := _SPI.fullmatch(words):
        section.append(_Sa(index, int(spi.group(1), 16)))
        return
    if not section:
        draft.unread.append(words)
        return
    sa = section[-1]
    if found := _TRANSFORM.fullmatch(words):
        sa.transform = found.group(1)
    elif found := _SETTINGS.fullmatch(words):
        sa.settings = found.group(1)
    elif found := _STATUS.fullmatch(words):
        sa.status = found.group(1)
    elif found := _REPLAY.fullmatch(words):
        sa.replay = found.group(1) == "Y"
    elif found := _LIFETIME.fullmatch(words):
        sa.kilobytes = int(found.group(1)) if found.group(1) else None
        sa.seconds = _seconds(found)
    elif not _KNOWN.fullmatch(words):
        draft.unread.append(words)


def _seconds(found: re.Match[str]) -> int | None:
    """The remaining seconds, also of a lifetime that is spelled out (`1 hours, 10 mins`); None for other words."""
    plain = found.group(2) or found.group(3)
    if plain:
        return int(plain)
    spoken = _SPOKEN.fullmatch(found.group(4).strip())
    if spoken is None or not any(spoken.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in spoken.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _record(draft: _Draft, lines: list[str], source: Source) -> IpsecIdentity:
    missing = [name for name in ("local", "remote") if name not in draft.idents]
    missing += sorted(name for name in _TRAFFIC - {"pkts digest", "pkts verify"} if name not in draft.counters)
    missing += (
        [] if {"send errors", "recv errors"} <= draft.counters.keys() or _is_detail(draft) else ["error counters"]
    )
    missing += [" ".join(section) for section in sorted(_SECTIONS - draft.sections.keys())]
    missing += ["PFS"] if draft.pfs is None else []
    if missing or draft.peer is None or draft.outbound_spi is None or draft.pfs is None:
        why = f"this identity pair is incomplete, missing: {', '.join(missing) or 'peer or outbound SPI'}"
        raise not_understood(lines, draft.first, source, why, cause="cut-off")
    try:
        local, remote = _selector(draft.idents["local"]), _selector(draft.idents["remote"])
        local_address, peer = address(draft.local_address), address(draft.peer[0])
    except ValueError:
        raise not_understood(lines, draft.first, source, "an address that is none below this line") from None
    group = re.fullmatch(r"(?:group ?)?(\d+)", draft.pfs[1])
    return IpsecIdentity(
        interface=draft.interface,
        crypto_map=draft.crypto_map,
        local_address=local_address,
        protected_vrf=None if draft.protected_vrf == "(none)" else draft.protected_vrf,
        local_selector=local[0],
        remote_selector=remote[0],
        protocol=local[1],
        peer=peer,
        peer_port=draft.peer[1],
        counters=_counters(draft.counters),
        current_outbound_spi=draft.outbound_spi,
        pfs=draft.pfs[0],
        pfs_group=int(group.group(1)) if group and draft.pfs[0] else None,
        inbound=tuple(_esp(sa, lines, source) for sa in draft.sections["inbound", "esp"]),
        outbound=tuple(_esp(sa, lines, source) for sa in draft.sections["outbound", "esp"]),
        path_mtu=draft.path_mtu,
        unread=tuple(draft.unread),
        source=source.at(draft.first + 1, draft.last + 1),
    )


def _is_detail(draft: _Draft) -> bool:
    """Whether the last line of the `detail` form's counters was read."""
    return "pkts internal err (send)" in draft.counters or "pkts replay failed (rcv)" in draft.counters


def _esp(sa: _Sa, lines: list[str], source: Source) -> EspSa:
    if sa.transform is None or sa.settings is None or sa.status is None:
        raise not_understood(lines, sa.first, source, "this SA is incomplete", cause="cut-off")
    return EspSa(
        spi=sa.spi,
        transform=sa.transform,
        tunnel_mode="Tunnel" in sa.settings,
        status=sa.status,
        remaining_kilobytes=sa.kilobytes,
        remaining_seconds=sa.seconds,
        replay_detection=sa.replay,
    )


def _counters(printed: dict[str, int]) -> IpsecCounters:
    """The plain form prints one error count per direction; of the `detail` form its counts are added up."""
    errors = {name: count for name, count in printed.items() if name not in _TRAFFIC and not _NO_ERROR.fullmatch(name)}
    sent = errors.pop("send errors", None)
    received = errors.pop("recv errors", None)
    return IpsecCounters(
        encaps=printed["pkts encaps"],
        encrypt=printed["pkts encrypt"],
        decaps=printed["pkts decaps"],
        decrypt=printed["pkts decrypt"],
        digest=printed.get("pkts digest"),
        verify=printed.get("pkts verify"),
        send_errors=sent if sent is not None else sum(n for name, n in errors.items() if "(send)" in name),
        receive_errors=received
        if received is not None
        else sum(n for name, n in errors.items() if "(send)" not in name),
        errors=tuple(errors.items()),
    )


def _selector(ident: str) -> tuple[IPv4Network | IPv6Network, int]:
    """The prefix and protocol of `address/mask/protocol/port`. Raises ValueError."""
    prefix, protocol, _ = ident.rsplit("/", 2)
    return network_around(prefix), int(protocol)
