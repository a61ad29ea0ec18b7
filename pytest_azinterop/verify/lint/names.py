"""Where a configuration defines names, where it uses them, and what IOS-XE does when a used name is undefined.

The effects stand with the causes of the rules. From what routers do: a route-map that a BGP neighbor names and that
does not exist denies everything, and so does one of a redistribution into BGP; an unknown prefix-list on a neighbor
filters nothing. Of a redistribution into an IGP sources disagree: no effect is claimed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.state.config import ConfigLine, RunningConfig


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a line uses. `section` is the top-level line that it stands under (itself, for a top-level line)."""

    kind: str
    name: str
    rule: str
    cause: str
    line: ConfigLine
    section: ConfigLine


@dataclass(frozen=True, slots=True)
class _Site:
    """A line that uses names: `kind` of the names in the group `n`, where it may stand, what its breach is."""

    kind: str
    rule: str
    cause: str
    pattern: re.Pattern[str]


def _site(kind: str, rule: str, cause: str, pattern: str) -> _Site:
    return _Site(kind, f"lint.undefined-{rule}", cause, re.compile(pattern))


_MATCH: Final = "match"
_OTHER: Final = "reference"
_BGP: Final = (
    _site("route-map", "neighbor-map", "inbound", r"(?:neighbor \S+ )?route-map (?P<n>\S+) in"),
    _site("route-map", "neighbor-map", "outbound", r"(?:neighbor \S+ )?route-map (?P<n>\S+) out"),
    _site("prefix-list", "filter", "prefix-list", r"(?:neighbor \S+ )?prefix-list (?P<n>\S+) (?:in|out)"),
    _site("as-path list", "filter", "filter-list", r"(?:neighbor \S+ )?filter-list (?P<n>\S+) (?:in|out)"),
    _site("access-list", "filter", "distribute-list", r"(?:neighbor \S+ )?distribute-list (?P<n>\S+) (?:in|out)"),
    _site("route-map", "redistribution", "into-bgp", r"redistribute .*\broute-map (?P<n>\S+).*"),
    _site(
        "route-map",
        _OTHER,
        "bgp",
        r"(?:neighbor \S+ )?(?:(?:default-originate|fall-over) route-map|unsuppress-map|advertise-map) (?P<n>\S+).*",
    ),
    _site("route-map", _OTHER, "bgp", r"neighbor \S+ advertise-map \S+ (?:non-)?exist-map (?P<n>\S+).*"),
    _site(
        "route-map", _OTHER, "bgp", r"(?:network|bgp dampening|inject-map) .*?\b(?:route-map|exist-map) (?P<n>\S+).*"
    ),
    _site("route-map", _OTHER, "bgp", r"table-map (?P<n>\S+).*"),
    _site("route-map", _OTHER, "bgp", r"aggregate-address .*\b(?:attribute|suppress|advertise)-map (?P<n>\S+).*"),
    _site("interface", _OTHER, "interface", r"(?:neighbor \S+ )?update-source (?P<n>[A-Za-z].*)"),
    _site("vrf", _OTHER, "vrf", r"address-family ipv[46](?: unicast)? vrf (?P<n>\S+)"),
)
_IGP: Final = (
    _site("route-map", "redistribution", "into-igp", r"redistribute .*\broute-map (?P<n>\S+).*"),
    _site("route-map", _OTHER, "igp", r"(?:default-information originate|distribute-list) .*?\broute-map (?P<n>\S+).*"),
    _site("route-map", _OTHER, "igp", r"distribute-list route-map (?P<n>\S+).*"),
    _site("prefix-list", _OTHER, "igp", r"distribute-list prefix (?P<n>\S+).*"),
    _site("access-list", _OTHER, "igp", r"distribute-list (?!prefix |route-map |gateway )(?P<n>\S+) .*"),
    _site("prefix-list", _OTHER, "igp", r"area \S+ filter-list prefix (?P<n>\S+).*"),
    _site("vrf", _OTHER, "vrf", r"router ospf \d+ vrf (?P<n>\S+)"),
)
_ROUTE_MAP: Final = (
    _site("prefix-list", _MATCH, "prefix-list", r"match ip (?:address|next-hop|route-source) prefix-list (?P<n>.+)"),
    _site("ipv6 prefix-list", _MATCH, "prefix-list", r"match ipv6 \S+ prefix-list (?P<n>.+)"),
    _site(
        "access-list", _MATCH, "access-list", r"match ip (?:address|next-hop|route-source) (?!prefix-list )(?P<n>.+)"
    ),
    _site("ipv6 access-list", _MATCH, "access-list", r"match ipv6 (?:address|next-hop) (?!prefix-list )(?P<n>.+)"),
    _site("as-path list", _MATCH, "as-path", r"match as-path (?P<n>.+)"),
    _site("community list", _MATCH, "community", r"match community (?P<n>.+?)(?: exact-match)?"),
    _site("extcommunity list", _MATCH, "community", r"match extcommunity (?P<n>.+)"),
    _site("community list", _MATCH, "community", r"set comm-list (?P<n>\S+) delete"),
    _site("vrf", _OTHER, "vrf", r"set vrf (?P<n>\S+)"),
)
_INTERFACE: Final = (
    _site("access-list", _OTHER, "access-group", r"ip access-group (?P<n>\S+) (?:in|out).*"),
    _site("ipv6 access-list", _OTHER, "access-group", r"ipv6 traffic-filter (?P<n>\S+) (?:in|out)"),
    _site("route-map", _OTHER, "policy-routing", r"ip policy route-map (?P<n>\S+)"),
    _site("vrf", _OTHER, "vrf", r"(?:ip )?vrf forwarding (?P<n>\S+)"),
    _site("vrf", _OTHER, "vrf", r"tunnel vrf (?P<n>\S+)"),
    _site("ipsec profile", "crypto", "ipsec-profile", r"tunnel protection ipsec profile (?P<n>\S+).*"),
    _site("crypto map", "crypto", "crypto-map", r"crypto map (?P<n>\S+).*"),
    _site("interface", _OTHER, "interface", r"(?:tunnel source|ip unnumbered) (?P<n>(?!dynamic\b)[A-Za-z].*)"),
    _site("bfd-template", _OTHER, "bfd-template", r"bfd template (?P<n>\S+)"),
)
_CRYPTO: Final = (
    _site("transform-set", "crypto", "transform-set", r"set transform-set (?P<n>.+)"),
    _site("ikev2 profile", "crypto", "ikev2-profile", r"set ikev2-profile (?P<n>\S+)"),
    _site("ikev2 keyring", "crypto", "keyring", r"keyring local (?P<n>\S+)"),
    _site("ikev2 proposal", "crypto", "proposal", r"proposal (?P<n>\S+)"),
    _site("trustpoint", "crypto", "trustpoint", r"pki trustpoint (?P<n>\S+).*"),
    _site("access-list", "crypto", "access-list", r"match address (?!local )(?P<n>\S+)"),
    _site("vrf", _OTHER, "vrf", r"(?:match fvrf|ivrf) (?P<n>(?!any$)\S+)"),
)
_VRF: Final = (_site("route-map", _OTHER, "vrf-map", r"(?:import|export) (?:ipv[46] .*)?map (?P<n>\S+).*"),)
_LINE: Final = (_site("access-list", _OTHER, "access-class", r"access-class (?P<n>\S+) (?:in|out).*"),)
_TOP: Final = (
    _site("vrf", _OTHER, "vrf", r"ip route vrf (?P<n>\S+) .*"),
    _site("track", _OTHER, "track", r"ip route .*\btrack (?P<n>\d+).*"),
)
_SECTIONS: Final = (
    ("router bgp ", _BGP),
    ("router ", _IGP),
    ("route-map ", _ROUTE_MAP),
    ("interface ", _INTERFACE),
    ("crypto ", _CRYPTO),
    ("vrf definition ", _VRF),
    ("ip vrf ", _VRF),
    ("line ", _LINE),
    ("ip route ", _TOP),
)
_DEFINITIONS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("route-map", r"route-map (\S+)(?: (?:permit|deny) \d+| (?:permit|deny))?"),
        ("prefix-list", r"ip prefix-list (\S+) (?:seq|permit|deny) .+"),
        ("ipv6 prefix-list", r"ipv6 prefix-list (\S+) (?:seq|permit|deny) .+"),
        ("access-list", r"ip access-list (?:standard|extended) (\S+)"),
        ("access-list", r"access-list (\S+) .+"),
        ("ipv6 access-list", r"ipv6 access-list (\S+)"),
        ("as-path list", r"ip as-path access-list (\S+) .+"),
        ("community list", r"ip community-list (?:(?:standard|expanded) )?(\S+) (?:seq|permit|deny) .+"),
        ("extcommunity list", r"ip extcommunity-list (?:(?:standard|expanded) )?(\S+)(?: .+)?"),
        ("vrf", r"(?:vrf definition|ip vrf) (\S+)"),
        ("interface", r"interface (\S.*)"),
        ("track", r"track (\d+) .+"),
        ("bfd-template", r"bfd-template \S+ (\S+)"),
        ("transform-set", r"crypto ipsec transform-set (\S+) .+"),
        ("ipsec profile", r"crypto ipsec profile (\S+)"),
        ("ikev2 profile", r"crypto ikev2 profile (\S+)"),
        ("ikev2 keyring", r"crypto ikev2 keyring (\S+)"),
        ("ikev2 proposal", r"crypto ikev2 proposal (\S+)"),
        ("trustpoint", r"crypto pki trustpoint (\S+)"),
        ("crypto map", r"crypto map (\S+) .+"),
    )
)
# Objects that the router has without a line.
_BUILT_IN: Final = {
    "transform-set": frozenset({"default"}),
    "ipsec profile": frozenset({"default"}),
    "ikev2 proposal": frozenset({"default"}),
}
# Kinds that do nothing unless something uses them.
CONSUMED: Final = frozenset(
    {
        *("route-map", "prefix-list", "ipv6 prefix-list", "access-list", "ipv6 access-list", "as-path list"),
        *("community list", "extcommunity list", "transform-set", "ipsec profile", "ikev2 profile", "ikev2 keyring"),
        *("ikev2 proposal",),
    }
)


def folded(kind: str, name: str) -> str:
    """The name as IOS-XE compares it: interfaces without blanks and case, everything else as written."""
    return name.replace(" ", "").casefold() if kind == "interface" else name


def definitions(config: RunningConfig) -> dict[tuple[str, str], ConfigLine]:
    """Kind and name of everything that is defined, with the first line of it."""
    found: dict[tuple[str, str], ConfigLine] = {}
    for line in config.lines:
        for kind, pattern in _DEFINITIONS:
            if matched := pattern.fullmatch(line.text):
                found.setdefault((kind, folded(kind, matched[1])), line)
                break
    return found


def lines_of(config: RunningConfig, kind: str, name: str) -> tuple[ConfigLine, ...]:
    """The lines that define a name, of either address family for a prefix-list."""
    known = _by_name(_Same(config))
    return (*known.get((kind, name), ()), *known.get((f"ipv6 {kind}", name), ()))


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A configuration, equal to nothing but itself: to compare two by content costs more than to read them."""

    config: RunningConfig

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.config is self.config

    def __hash__(self) -> int:
        return id(self.config)


@lru_cache(maxsize=4)
def _by_name(same: _Same) -> dict[tuple[str, str], list[ConfigLine]]:
    """Every definition's lines. Kept for the routers of a site, whose hundreds of customers are judged one by one."""
    found: dict[tuple[str, str], list[ConfigLine]] = {}
    for line in same.config.lines:
        if (own := _defined_by(line)) is not None:
            found.setdefault(own, []).append(line)
    return found


def uses(config: RunningConfig) -> Iterator[Use]:
    """Every use of a name, in the order of the configuration."""
    for section in config.lines:
        sites = next((sites for start, sites in _SECTIONS if section.text.startswith(start)), None)
        if sites is not None:
            for line, ipv6 in _walk(section):
                yield from _uses_of(line, section, sites, ipv6=ipv6)


def undefined(config: RunningConfig) -> Iterator[Use]:
    """Uses whose name no line defines."""
    known = definitions(config)
    for use in uses(config):
        name = folded(use.kind, use.name)
        built_in = name in _BUILT_IN.get(use.kind, ()) or (use.kind == "interface" and name.startswith("null"))
        if not built_in and (use.kind, name) not in known:
            yield use


def unused(config: RunningConfig) -> Iterator[tuple[str, str, ConfigLine]]:
    """Kind, name and first line of what is defined and stands in no other line: a mention of any sort counts as use."""
    known = {key: line for key, line in definitions(config).items() if key[0] in CONSUMED}
    names = {name for _, name in known}
    mentioned: dict[str, set[tuple[str, str] | None]] = {}
    for section in config.lines:
        own = _defined_by(section)
        for line in section.walk():
            words = line.text.split()
            for word in names.intersection(words):
                # The definition's own name does not count, a second mention in the same line does.
                if not (line is section and own is not None and own[1] == word and words.count(word) == 1):
                    mentioned.setdefault(word, set()).add(own)
    for (kind, name), line in known.items():
        if name not in _BUILT_IN.get(kind, ()) and not mentioned.get(name, set()) - {(kind, name)}:
            yield kind, name, line


def _defined_by(line: ConfigLine) -> tuple[str, str] | None:
    for kind, pattern in _DEFINITIONS:
        if matched := pattern.fullmatch(line.text):
            return kind, matched[1]
    return None


def _walk(section: ConfigLine) -> Iterator[tuple[ConfigLine, bool]]:
    """Every line of a section, and whether it stands in an IPv6 address family."""
    yield section, False
    for child in section.children:
        ipv6 = bool(re.match(r"address-family (?:ipv6|vpnv6)", child.text))
        for line in child.walk():
            yield line, ipv6


def _uses_of(line: ConfigLine, section: ConfigLine, sites: Iterable[_Site], *, ipv6: bool) -> Iterator[Use]:
    for site in sites:
        matched = site.pattern.fullmatch(line.text)
        if matched is None:
            continue
        kind = site.kind
        if kind == "prefix-list" and (ipv6 or re.match(r"neighbor \S*:", line.text)):
            kind = "ipv6 prefix-list"
        names = [matched["n"]] if kind == "interface" else matched["n"].split()
        for name in names:
            yield Use(kind, name, site.rule, site.cause, line, section)
