"""Routing policy: prefix-lists, AS-path and community lists, route-maps. Pure; undefined objects as IOS treats them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import host_route, within
from pytest_azinterop.lab.config.communities import community, ordered, printed
from pytest_azinterop.lab.config.words import asn as read_asn
from pytest_azinterop.lab.network.bgp_records import Confederate

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.config.settings import MapEntry, Settings
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.records import AccessList, PrefixList, PrefixListEntry
    from pytest_azinterop.lab.network.routes import Attributes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route on its way through policy."""

    prefix: IpNetwork
    attributes: Attributes
    local_as: int
    source: str = "bgp"
    """Protocol that the route comes from."""
    tag: int | None = None
    interface: str | None = None
    metric_type: str | None = None
    """``type-1`` or ``type-2``, once a map has set it."""


def entry_permits(entry: PrefixListEntry, prefix: IpNetwork) -> bool:
    """Whether the prefix matches the entry (its action apart)."""
    if not within(prefix, entry.prefix):
        return False
    length = prefix.prefixlen
    if entry.ge is None and entry.le is None:
        return length == entry.prefix.prefixlen
    return (entry.ge or entry.prefix.prefixlen) <= length <= (entry.le or prefix.max_prefixlen)


def prefix_list_permits(found: PrefixList | None, prefix: IpNetwork) -> bool:
    """An undefined list filters nothing; a defined one ends with an implicit deny."""
    if found is None:
        return True
    return next((entry.permit for entry in found.entries if entry_permits(entry, prefix)), False)


def as_path_text(path: AsPath) -> str:
    """As IOS matches and prints it."""
    words = []
    for confederates, parts in groupby(path, key=lambda part: isinstance(part, Confederate)):
        text = " ".join(
            str(int(part)) if isinstance(part, int) else "{" + ",".join(str(each) for each in sorted(part)) + "}"
            for part in parts
        )
        words.append(f"({text})" if confederates else text)
    return " ".join(words)


@cache
def _regex(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("_", r"(?:^|$|[ ,{}()])"))


def as_path_permits(found: AccessList | None, path: AsPath) -> bool:
    """An undefined list filters nothing."""
    if found is None:
        return True
    text = as_path_text(path)
    return next((entry.permit for entry in found.entries if _regex(entry.text).search(text)), False)


def community_permits(
    found: AccessList | None, communities: tuple[str, ...], *, exact: bool = False, new_format: bool = True
) -> bool:
    """Standard entries demand all their communities (``exact``: and no other); expanded ones search the text."""
    if found is None:
        return False
    text = " ".join(printed(each, new_format=new_format) for each in communities)
    for entry in found.entries:
        if found.kind == "community-expanded":
            hit = bool(_regex(entry.text).search(text))
        else:
            wanted = {each for word in entry.text.split() if (each := community(word)) is not None}
            hit = wanted == set(communities) if exact else wanted - {"internet"} <= set(communities)
        if hit:
            return entry.permit
    return False


def access_list_permits(found: AccessList | None, prefix: IpNetwork) -> bool:
    """A standard list matches the network address, an extended one network and mask. Undefined: no filter."""
    if found is None:
        return True
    if not isinstance(prefix, IPv4Network):
        return False
    for entry in found.entries:
        words = [word for word in entry.text.split() if word != "log"]
        if found.kind == "extended":
            words = words[1:]
            hit, rest = _acl_hit(words, prefix.network_address)
            hit = hit and _acl_hit(rest, prefix.netmask)[0]
        else:
            hit = _acl_hit(words, prefix.network_address)[0]
        if hit:
            return entry.permit
    return False


def _acl_hit(words: list[str], address: IPv4Address) -> tuple[bool, list[str]]:
    if not words or words[0] == "any":
        return True, words[1:]
    if words[0] == "object-group":
        return False, words[2:]  # they are of packets, not of routes
    if words[0] == "host":
        return IPv4Address(words[1]) == address, words[2:]
    has_mask = len(words) > 1 and words[1].count(".") == 3
    wildcard = int(IPv4Address(words[1])) if has_mask else 0
    hit = (int(IPv4Address(words[0])) ^ int(address)) & ~wildcard & 0xFFFFFFFF == 0
    return hit, words[2 if has_mask else 1 :]


def apply_route_map(name: str, candidate: Candidate, settings: Settings) -> Candidate | None:
    """The route as the map leaves it, or None when it is denied. An undefined map denies everything."""
    entries = settings.route_maps.get(name)
    if entries is None:
        return None
    at, permitted = 0, False
    while at < len(entries):
        entry = entries[at]
        if not _matches(entry, candidate, settings):
            at += 1
            continue
        if not entry.permit:
            return None if not permitted else candidate
        candidate = _set(entry, candidate)
        permitted = True
        if entry.continue_to is None:
            return candidate
        at = next(
            (i for i, each in enumerate(entries) if i > at and each.sequence >= (entry.continue_to or 0)), len(entries)
        )
    return candidate if permitted else None


def _matches(entry: MapEntry, candidate: Candidate, settings: Settings) -> bool:
    return all(_clause(kind, text.split(), candidate, settings) for kind, text in entry.matches)


def _clause(kind: str, names: list[str], candidate: Candidate, settings: Settings) -> bool:
    attributes = candidate.attributes
    match kind:
        case "prefix" | "prefix6":
            version = 4 if kind == "prefix" else 6
            lists = settings.prefix_lists_of(version)
            return candidate.prefix.version == version and any(
                prefix_list_permits(lists.get(name), candidate.prefix) for name in names
            )
        case "address":
            return any(access_list_permits(settings.access_lists.get(name), candidate.prefix) for name in names)
        case "next-hop" | "next-hop6":
            hop = host_route(attributes.next_hop)
            lists = settings.prefix_lists_of(hop.version)
            return hop.version == (4 if kind == "next-hop" else 6) and any(
                prefix_list_permits(lists.get(name), hop) for name in names
            )
        case "as-path":
            return any(as_path_permits(settings.as_path_lists.get(name), attributes.as_path) for name in names)
        case "community":
            exact = names[-1] == "exact-match"
            return any(
                community_permits(
                    settings.community_lists.get(name), attributes.communities,
                    exact=exact, new_format=settings.new_community_format,
                )
                for name in (names[:-1] if exact else names)
            )  # fmt: skip
        case "metric":
            return attributes.med == int(names[0])
        case "local-preference":
            return attributes.local_preference == int(names[0])
        case "tag":
            return candidate.tag is not None and str(candidate.tag) in names
        case "interface":
            return candidate.interface == names[0]
        case "source":
            return candidate.source in names
        case "route-type":
            return names[0] == ("local" if not attributes.as_path else "external")
    return False


def _set(entry: MapEntry, candidate: Candidate) -> Candidate:
    for kind, text in entry.sets:
        candidate = replace(candidate, attributes=_set_one(kind, text, candidate))
        if kind == "tag":
            candidate = replace(candidate, tag=int(text))
        elif kind == "metric-type":
            candidate = replace(candidate, metric_type=text)
    return candidate


def _set_one(kind: str, text: str, candidate: Candidate) -> Attributes:
    attributes = candidate.attributes
    match kind:
        case "local-preference":
            return replace(attributes, local_preference=int(text))
        case "weight":
            return replace(attributes, weight=int(text))
        case "metric":
            return replace(attributes, med=int(text))
        case "origin":
            return replace(attributes, origin={"igp": "i", "egp": "e", "incomplete": "?"}[text])
        case "next-hop":
            word = text.split(maxsplit=1)[0]
            own = word[0].isdigit() and attributes.next_hop.version == 4
            return replace(attributes, next_hop=IPv4Address(word)) if own else attributes
        case "next-hop6":
            own = attributes.next_hop.version == 6
            return replace(attributes, next_hop=IPv6Address(text), link_local=None) if own else attributes
        case "as-path":
            more = tuple(number for word in text.split() if (number := read_asn(word)) is not None)
            return replace(attributes, as_path=more + attributes.as_path)
        case "as-path-last":
            return replace(attributes, as_path=attributes.as_path[:1] * int(text or "1") + attributes.as_path)
        case "community":
            words = text.split()
            if words == ["none"]:
                return replace(attributes, communities=())
            kept = attributes.communities if "additive" in words else ()
            more_communities = tuple(each for word in words if (each := community(word)) is not None)
            return replace(attributes, communities=ordered(kept + more_communities))
    return attributes
