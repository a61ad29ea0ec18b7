"""`router bgp` of a configuration: every neighbor per VRF with what it inherits from peer-groups and templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import address_or_none, ipv4_address, network_around
from pytest_azinterop.state.config import BgpConfig, NeighborConfig

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.config import ConfigLine

_FAMILY = re.compile(r"address-family (ipv4|ipv6)(?: unicast)?(?: vrf (\S+))?")
_NEIGHBOR = re.compile(r"(?P<no>no )?neighbor (?P<who>\S+) (?P<clause>.+)")
_TEMPLATE = re.compile(r"template peer-(session|policy) (\S+)")
_EBGP_MULTIHOP_DEFAULT = 255


@dataclass(frozen=True, slots=True)
class _Clause:
    """What a line says of whom it applies to: `text` without `neighbor X`; `negated` for `no`."""

    text: str
    negated: bool
    line: ConfigLine


@dataclass(frozen=True, slots=True)
class _Family:
    """The lines that decide one address family of one VRF."""

    vrf: str | None
    version: int
    lines: tuple[ConfigLine, ...]


def asn(text: str) -> int:
    """An ASN as one number, also from asdot."""
    high, dot, low = text.partition(".")
    return (int(high) << 16) + int(low) if dot else int(high)


def bgp(line: ConfigLine) -> BgpConfig:
    """The section that the line `router bgp N` opens."""
    top = tuple(child for child in line.children if not _family(child.text))
    families = _families(line, top)
    templates = {
        (found.group(1), found.group(2)): child.children
        for child in line.children
        if child.text.startswith("template") and (found := _TEMPLATE.fullmatch(child.text))
    }
    default_preference = next(
        (int(child.text.split()[3]) for child in line.walk() if child.text.startswith("bgp default local-preference ")),
        None,
    )
    networks: list[tuple[str | None, IPv4Network | IPv6Network]] = []
    for family in families:
        networks += [(family.vrf, prefix) for child in family.lines if (prefix := _network(child.text, family.version))]
    return BgpConfig(
        asn=asn(line.text.split()[2]),
        default_local_preference=default_preference,
        neighbors=tuple(_neighbors(families, templates, top)),
        networks=tuple(dict.fromkeys(networks)),
        line=line,
    )


def _family(text: str) -> re.Match[str] | None:
    return _FAMILY.fullmatch(text) if text.startswith("address-family") else None


def _families(line: ConfigLine, top: tuple[ConfigLine, ...]) -> list[_Family]:
    """The global families first (router level and their own block together), then those of VRFs."""
    blocks: dict[tuple[str | None, int], tuple[ConfigLine, ...]] = {(None, 4): top, (None, 6): top}
    for child in line.children:
        found = _family(child.text)
        if found:
            key = (found.group(2), 4 if found.group(1) == "ipv4" else 6)
            blocks[key] = blocks.get(key, ()) + child.children
    return [_Family(vrf, version, lines) for (vrf, version), lines in blocks.items()]


def _neighbors(
    families: list[_Family],
    templates: dict[tuple[str, str], tuple[ConfigLine, ...]],
    top: tuple[ConfigLine, ...],
) -> Iterable[NeighborConfig]:
    ipv4_by_default = all(child.text != "no bgp default ipv4-unicast" for child in top)
    for family in families:
        own: dict[str, list[_Clause]] = {}
        for child in family.lines:
            found = _NEIGHBOR.fullmatch(child.text)
            if found:
                clause = _Clause(found["clause"], found["no"] is not None, child)
                own.setdefault(found["who"], []).append(clause)
        timers = tuple(child for child in (*top, *family.lines) if child.text.startswith("timers bgp "))
        for who, clauses in own.items():
            address = address_or_none(who)
            # At router level an IPv4 neighbor belongs to the IPv4 family and an IPv6 one to the IPv6 family.
            if address is None or (family.vrf is None and address.version != family.version):
                continue
            inherited = _inherited(clauses, own, templates)
            default = family.vrf is None and family.version == 4 and ipv4_by_default
            base = [_Clause(line.text.replace("timers bgp ", "timers ", 1), False, line) for line in timers]
            yield _neighbor(family.vrf, address, [*base, *inherited, *clauses], activated=default)


def _inherited(
    clauses: list[_Clause],
    groups: dict[str, list[_Clause]],
    templates: dict[tuple[str, str], tuple[ConfigLine, ...]],
) -> list[_Clause]:
    """The clauses of the neighbor's peer-group and templates, weakest first."""
    found: list[_Clause] = []
    for clause in clauses:
        words = clause.text.split()
        if words[0] == "peer-group" and len(words) > 1:
            group = groups.get(words[1], [])
            found += [*_inherited(group, {}, templates), *group]
        elif words[0] == "inherit" and len(words) > 2:
            found += _template(words[1].removeprefix("peer-"), words[2], templates, frozenset())
    return found


def _template(
    kind: str, name: str, templates: dict[tuple[str, str], tuple[ConfigLine, ...]], seen: frozenset[str]
) -> list[_Clause]:
    """A template's clauses after those that it inherits (of peer-policies in the order of their sequence numbers)."""
    if name in seen:
        return []
    parents: list[tuple[int, str]] = []
    own: list[_Clause] = []
    for line in templates.get((kind, name), ()):
        words = line.text.split()
        if words[0] == "inherit" and len(words) > 2:
            parents.append((int(words[3]) if len(words) > 3 and words[3].isdigit() else 0, words[2]))
        else:
            negated = words[0] == "no"
            own.append(_Clause(line.text.removeprefix("no "), negated, line))
    found: list[_Clause] = []
    for _, parent in sorted(parents):
        found += _template(kind, parent, templates, seen | {name})
    return found + own


def _neighbor(
    vrf: str | None, address: IPv4Address | IPv6Address, clauses: list[_Clause], *, activated: bool
) -> NeighborConfig:
    """Fold clauses, weakest first: a later one replaces an earlier one of its kind."""
    settings: dict[str, str | None] = {"activate": "" if activated else None}
    for clause in clauses:
        words = clause.text.split()
        key, value = words[0], " ".join(words[1:])
        if key in {"route-map", "prefix-list"} and len(words) > 2:
            key, value = f"{key} {words[2]}", words[1]
        elif key == "soft-reconfiguration":
            key = clause.text
        settings[key] = None if clause.negated else value
    timers = (settings.get("timers") or "").split()
    hops = settings.get("ebgp-multihop")
    remote = settings.get("remote-as")
    weight = settings.get("weight")
    return NeighborConfig(
        vrf=vrf,
        address=address,
        remote_as=asn(remote.split()[0]) if remote else None,
        shutdown=settings.get("shutdown") is not None,
        activated=settings["activate"] is not None,
        update_source=settings.get("update-source"),
        ebgp_multihop=None if hops is None else int(hops or _EBGP_MULTIHOP_DEFAULT),
        route_map_in=settings.get("route-map in"),
        route_map_out=settings.get("route-map out"),
        prefix_list_in=settings.get("prefix-list in"),
        prefix_list_out=settings.get("prefix-list out"),
        weight=int(weight) if weight else None,
        soft_reconfiguration_inbound=settings.get("soft-reconfiguration inbound") is not None,
        keepalive=int(timers[0]) if timers else None,
        hold_time=int(timers[1]) if len(timers) > 1 else None,
        lines=tuple(dict.fromkeys(clause.line for clause in clauses)),
    )


def _network(text: str, version: int) -> IPv4Network | IPv6Network | None:
    """The prefix of a `network` line of this IP version; without a mask the classful one (RFC 791) applies."""
    if not text.startswith("network"):
        return None
    words = text.split()
    if words[0] != "network" or len(words) < 2 or (":" in words[1]) != (version == 6):
        return None
    if "/" in words[1]:
        return network_around(words[1])
    if len(words) > 3 and words[2] == "mask":
        return network_around(f"{words[1]}/{words[3]}")
    address = ipv4_address(words[1])
    first = int(address) >> 24
    length = 0 if int(address) == 0 else 8 if first < 128 else 16 if first < 192 else 24
    return network_around(f"{address}/{length}")
