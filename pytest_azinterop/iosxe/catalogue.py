"""Every command that is asked of a router: how it is spelled, who reads its answer into what, and how it reads.

A fact's command, parser, record type and reading rule stand together here; a parser is imported when it is first used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final, cast

from pytest_azinterop.errors import AzinteropError
from pytest_azinterop.iosxe import answer, spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.iosxe.parsed import Parsed
    from pytest_azinterop.state.source import Source

_PARSERS = "pytest_azinterop.iosxe.parsers"
_STATE = "pytest_azinterop.state"
# The beginnings that a BGP command can have; what follows says which view of the table.
_BGP = "show [ip] bgp [(vpnv4|vpnv6|ipv4|ipv6) [(unicast|multicast)]] [(all|vrf {vrf}|rd {rd})]"

# What a parameter's text becomes before a parser gets it; everything else stays text.
_VALUES: Final[Mapping[str, Callable[[str], object]]] = {
    "address": ip_address,
    "prefix": lambda text: ip_network(text, strict=False),
}


class UnknownCommandError(AzinteropError):
    """A command line that no entry of the catalogue spells, or that several do. `nearest` are known spellings."""

    def __init__(self, command: str, nearest: tuple[str, ...], *, ambiguous: bool) -> None:
        self.command = command[:200]
        self.nearest = nearest
        what = "could be several commands" if ambiguous else "is not a command that a parser reads"
        super().__init__(f"'{self.command}' {what}; nearest: {'; '.join(nearest)}")


@dataclass(frozen=True, slots=True)
class Command:
    """One fact of a router.

    `forms` are what is sent: the one whose parameters are given is rendered. `spellings` are further patterns (see
    `spelling`) that the same parser reads. `passes` names the parameters that the parser needs, by the parser's name
    for them; `fixed` are constant arguments. `may_be_empty`: the router prints nothing at all where there is nothing,
    so an empty answer between two prompts is evidence. `shows_its_end`: what was read holds a mark that the router
    prints last, so the text alone shows that nothing follows. `reads` is the reading rule.
    """

    name: str
    forms: tuple[str, ...]
    parser: str
    record: str
    reads: str
    spellings: tuple[str, ...] = ()
    passes: tuple[tuple[str, str], ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    may_be_empty: bool = False
    shows_its_end: bool = False

    def render(self, **parameters: str | None) -> str:
        """The command line to send. Raises ValueError for parameters that no form has or that are not one safe word."""
        given = {name: value for name, value in parameters.items() if value is not None}
        for form in self.forms:
            words = form.split()
            if {word[1:-1] for word in words if word.startswith("{")} == given.keys():
                for name, value in given.items():
                    if not spelling.valid(name, value):
                        raise ValueError(f"{self.name}: not a valid {name}: {value[:80]!r}")
                return " ".join(given[word[1:-1]] if word.startswith("{") else word for word in words)
        raise ValueError(f"{self.name}: no form takes {sorted(given) or 'no parameters'}")

    def parse(self) -> Callable[..., Parsed[object]]:
        """The parser's function, imported now."""
        return cast("Callable[..., Parsed[object]]", _resolve(f"{_PARSERS}.{self.parser}"))

    def record_type(self) -> type:
        """The class of the records that the parser returns."""
        return cast("type", _resolve(f"{_STATE}.{self.record}"))

    def read(self, text: str, source: Source, parameters: Mapping[str, str] | None = None) -> Parsed[object]:
        """Clean an answer, tell a refusal, and parse. Raises ParseError (with the refusal's cause for a refusal)."""
        answer.lines_or_none(text, source)
        arguments: dict[str, object] = dict(self.fixed)
        if self.may_be_empty:
            arguments["may_be_empty"] = True
        for parameter, argument in self.passes:
            value = (parameters or {}).get(parameter)
            if value is not None:
                arguments[argument] = _VALUES[parameter](value) if parameter in _VALUES else value
        return self.parse()(answer.clean(text), source, **arguments)


def _resolve(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def _neighbor_routes(fact: str, word: str, view: str, reads: str) -> Command:
    return Command(
        name=fact,
        forms=(
            f"show bgp vpnv4 unicast vrf {{vrf}} neighbors {{address}} {word}",
            f"show bgp ipv4 unicast neighbors {{address}} {word}",
        ),
        spellings=(f"{_BGP} neighbors {{address}} {word}",),
        parser="bgp_table:parse_neighbor_routes",
        record="bgp:NeighborRoutes",
        passes=(("vrf", "vrf"), ("address", "neighbor")),
        fixed=(("view", view),),
        shows_its_end=True,
        reads=reads,
    )


_ENTRIES: Final = (
    Command(
        name="version",
        forms=("show version",),
        parser="version:parse",
        record="device:DeviceFacts",
        reads="software, uptime, hardware and serial lines are all required; one record",
    ),
    Command(
        name="clock",
        forms=("show clock",),
        spellings=("show clock detail",),
        parser="clock:parse",
        record="device:ClockReading",
        shows_its_end=True,
        reads="one line; the leading * or . is the quality",
    ),
    Command(
        name="privilege",
        forms=("show privilege",),
        parser="privilege:parse",
        record="device:Privilege",
        shows_its_end=True,
        reads="one line with the level",
    ),
    Command(
        name="interfaces",
        forms=("show interfaces", "show interfaces {interface}"),
        parser="interfaces:parse",
        record="device:Interface",
        reads="a block per interface, opened by its status line; other lines stay unread on the record",
    ),
    Command(
        name="vrfs",
        forms=("show vrf",),
        spellings=("show ip vrf",),
        parser="vrfs:parse",
        record="device:Vrf",
        may_be_empty=True,
        reads="a table by its header's columns; continuation lines carry interfaces",
    ),
    Command(
        name="bgp_neighbors",
        forms=("show bgp vpnv4 unicast vrf {vrf} neighbors", "show bgp ipv4 unicast neighbors"),
        spellings=(f"{_BGP} neighbors [{{address}}]",),
        parser="bgp_neighbors:parse",
        record="bgp:BgpNeighbor",
        passes=(("vrf", "vrf"),),
        may_be_empty=True,
        reads="a block per neighbor; state, remote AS and link are required, other lines stay unread on the record",
    ),
    Command(
        name="bgp_table",
        forms=("show bgp vpnv4 unicast vrf {vrf}", "show bgp ipv4 unicast"),
        spellings=(_BGP,),
        parser="bgp_table:parse",
        record="bgp:BgpTable",
        passes=(("vrf", "vrf"),),
        may_be_empty=True,
        reads="a table by columns anchored on the next hop; every row is understood or the answer is refused",
    ),
    Command(
        name="bgp_prefix",
        forms=("show bgp vpnv4 unicast vrf {vrf} {prefix}", "show bgp ipv4 unicast {prefix}"),
        spellings=(f"{_BGP} {{prefix}} [(bestpath|multipaths)]", f"{_BGP} {{address}} {{mask}}", f"{_BGP} detail"),
        parser="bgp_prefix:parse",
        record="bgp_detail:BgpPrefix",
        passes=(("vrf", "vrf"), ("prefix", "prefix")),
        reads="an entry per prefix; the router's count of paths and its best path must agree with those read",
    ),
    Command(
        name="bgp_summary",
        forms=("show bgp vpnv4 unicast vrf {vrf} summary", "show bgp ipv4 unicast summary"),
        spellings=(f"{_BGP} summary",),
        parser="bgp_summary:parse",
        record="bgp_detail:BgpSummary",
        passes=(("vrf", "vrf"),),
        may_be_empty=True,
        reads="a head and a table per address family; without a neighbor nothing is printed",
    ),
    _neighbor_routes(
        "advertised_routes", "advertised-routes", "advertised", "a table; the printed total must agree with the rows"
    ),
    _neighbor_routes(
        "received_routes", "received-routes", "received", "as advertised; refused without soft reconfiguration"
    ),
    _neighbor_routes("accepted_routes", "routes", "accepted", "as advertised; the routes that inbound policy let in"),
    Command(
        name="rib",
        forms=("show ip route vrf {vrf}", "show ip route"),
        spellings=("show ip route [vrf {vrf}] [{address}]",),
        parser="routes:parse",
        record="routing:RoutingTable",
        passes=(("vrf", "vrf"),),
        reads="a table after the code legend; every row is understood or the answer is refused",
    ),
    Command(
        name="forwarding",
        forms=("show ip cef vrf {vrf} {address}", "show ip cef {address}"),
        spellings=("show ip cef [vrf {vrf}] {address} [(detail|internal)]",),
        parser="cef:parse",
        record="routing:ForwardingDecision",
        passes=(("vrf", "vrf"), ("address", "address")),
        reads="one prefix and the ways out of it",
    ),
    Command(
        name="ikev2_sas",
        forms=("show crypto ikev2 sa detailed",),
        spellings=(
            "show crypto ikev2 sa [(detailed|local {address} [detailed]|remote {address} [detailed]"
            "|fvrf {vrf} [detailed]|ivrf {vrf} [detailed])]",
        ),
        parser="ikev2:parse",
        record="crypto:Ikev2Sa",
        may_be_empty=True,
        reads="a block per SA under its own column header; no SA prints nothing or the address-family titles only",
    ),
    Command(
        name="ipsec_sas",
        forms=("show crypto ipsec sa interface {interface}",),
        spellings=("show crypto ipsec sa [(interface {interface}|peer {address}|vrf {vrf})] [detail]",),
        parser="ipsec:parse",
        record="crypto:IpsecIdentity",
        may_be_empty=True,
        reads="a block per identity pair; counters, peer, outbound SPI and all six SA sections are required",
    ),
    Command(
        name="crypto_sessions",
        forms=("show crypto session interface {interface} detail", "show crypto session detail"),
        spellings=(
            "show crypto session [(interface {interface}|local {address}|remote {address}|fvrf {vrf}|ivrf {vrf})]"
            " [detail]",
        ),
        parser="crypto_session:parse",
        record="crypto_session:CryptoSession",
        may_be_empty=True,
        reads="a block per interface and peer; an active session has its SAs, flows and their counters",
    ),
    Command(
        name="ospf_neighbors",
        forms=("show ip ospf {process} neighbor", "show ip ospf neighbor"),
        spellings=("show ip ospf [{process}] neighbor [{interface}]",),
        parser="ospf_neighbor:parse",
        record="adjacency:OspfNeighbor",
        may_be_empty=True,
        reads="a table; no neighbor prints the header or nothing",
    ),
    Command(
        name="bfd_neighbors",
        forms=("show bfd neighbors vrf {vrf} details", "show bfd neighbors details"),
        spellings=("show bfd neighbors [vrf {vrf}] [(interface {interface}|ipv4 {address}|ipv6 {address})] [details]",),
        parser="bfd:parse",
        record="adjacency:BfdNeighbor",
        may_be_empty=True,
        reads="a row per session, with details a block below it that ends with the last packet",
    ),
    Command(
        name="route_map",
        forms=("show route-map {name}", "show route-map"),
        spellings=("show route-map [{name}]", "show route-map all"),
        parser="policy:parse_route_maps",
        record="routing:RouteMap",
        may_be_empty=True,
        reads="a block per sequence; an undefined name yields no record",
    ),
    Command(
        name="prefix_list",
        forms=("show ip prefix-list detail {name}", "show ip prefix-list detail"),
        spellings=("show ip prefix-list [detail] [{name}]",),
        parser="policy:parse_prefix_lists",
        record="routing:PrefixList",
        may_be_empty=True,
        reads="a line per sequence; the printed count must agree; an undefined name yields no record",
    ),
    Command(
        name="running_config",
        forms=("show running-config",),
        spellings=(
            "show running-config [(all|full|brief|vrf {vrf}|interface {interface})]",
            "show startup-config",
        ),
        parser="config:parse",
        record="config:RunningConfig",
        passes=(("vrf", "part"), ("interface", "part")),
        reads="a tree by indentation; whole only from its start marker to `end`",
    ),
    Command(
        name="ping",
        forms=(
            "ping vrf {vrf} {address} source {source} repeat {repeat} timeout {timeout}",
            "ping {address} source {source} repeat {repeat} timeout {timeout}",
            "ping vrf {vrf} {address} source {source} repeat {repeat} size {size} df-bit timeout {timeout}",
        ),
        spellings=(
            "ping [vrf {vrf}] [ip] {address} [source {source}] [timeout {timeout}] [size {size}] [repeat {repeat}]"
            " [source {source}] [timeout {timeout}] [size {size}] [df-bit] [timeout {timeout}]",
        ),
        parser="probe:parse",
        record="probe:PingResult",
        passes=(("vrf", "vrf"),),
        shows_its_end=True,
        reads="the result characters and the success line, which must agree",
    ),
    Command(
        name="traceroute",
        forms=(
            "traceroute vrf {vrf} {address} numeric source {source} timeout {timeout} probe {probes} ttl 1 {ttl}",
            "traceroute {address} numeric source {source} timeout {timeout} probe {probes} ttl 1 {ttl}",
        ),
        spellings=(
            "traceroute [vrf {vrf}] [ip] {address} [numeric] [source {source}] [timeout {timeout}] [probe {probes}]"
            " [ttl {repeat} {ttl}] [timeout {timeout}]",
        ),
        parser="traceroute:parse",
        record="probe:TraceResult",
        passes=(("vrf", "vrf"),),
        reads="a line per time to live, counting up; every hop has the same number of probes",
    ),
    Command(
        name="arp",
        forms=("show ip arp vrf {vrf}", "show ip arp"),
        spellings=("show [ip] arp [vrf {vrf}]",),
        parser="arp:parse",
        record="device:ArpEntry",
        passes=(("vrf", "vrf"),),
        may_be_empty=True,
        reads="a table; an incomplete entry has no hardware address",
    ),
)
COMMANDS: Final[Mapping[str, Command]] = {entry.name: entry for entry in _ENTRIES}


def render(kind: str, **parameters: str | None) -> str:
    """The command line for a fact, such as `render("bgp_table", vrf="30")`; a parameter that is None does not count."""
    return COMMANDS[kind].render(**parameters)


@cache
def _spellings() -> tuple[tuple[tuple[str, ...], Command], ...]:
    return tuple(
        (form, entry)
        for entry in _ENTRIES
        for pattern in (*entry.forms, *entry.spellings)
        for form in spelling.expand(pattern)
    )


def match(command: str) -> tuple[Command, Mapping[str, str]]:
    """The entry that a typed command line means, and its parameters.

    IOS abbreviations count; where several entries fit, the one with more words typed in full is meant. Raises
    UnknownCommandError.
    """
    words = spelling.split(command)
    best: dict[str, tuple[int, Command, Mapping[str, str]]] = {}
    for form, entry in _spellings():
        bound = spelling.bind(form, words)
        if bound is not None and (entry.name not in best or bound[0] > best[entry.name][0]):
            best[entry.name] = (bound[0], entry, bound[1])
    top = max((found[0] for found in best.values()), default=-1)
    winners = [found for found in best.values() if found[0] == top]
    if len(winners) == 1:
        return winners[0][1], winners[0][2]
    if winners:
        raise UnknownCommandError(command, tuple(entry.forms[0] for _, entry, _ in winners), ambiguous=True)
    forms = (tuple(form.split()) for entry in _ENTRIES for form in entry.forms)
    near = tuple(" ".join(form) for form in spelling.nearest(words, forms))
    raise UnknownCommandError(command, near, ambiguous=False)
