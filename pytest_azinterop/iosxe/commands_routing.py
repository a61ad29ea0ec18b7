"""The commands about BGP, routing, policy, adjacencies and the data plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pytest_azinterop.iosxe.command import Command

# The beginnings that a BGP command can have; what follows says which view of the table.
_BGP = "show [ip] bgp [(vpnv4|ipv4) [(unicast|multicast)]] [(all|vrf {vrf}|rd {rd})]"
_BGP_IPV6 = "show [ip] bgp (vpnv6|ipv6) [(unicast|multicast)] [(all|vrf {vrf}|rd {rd})]"


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


def _with_ipv6(entries: tuple[Command, ...]) -> tuple[Command, ...]:
    """The entries, and those about BGP a second time in their IPv6 forms, as facts of their own."""
    return (*entries, *(_ipv6(entry) for entry in entries if any(_BGP in pattern for pattern in entry.spellings)))


def _ipv6(entry: Command) -> Command:
    return replace(
        entry,
        name=f"{entry.name}_ipv6",
        forms=tuple(form.replace(" vpnv4 ", " vpnv6 ").replace(" ipv4 ", " ipv6 ") for form in entry.forms),
        all_vrfs=entry.all_vrfs.replace(" vpnv4 ", " vpnv6 "),
        spellings=tuple(pattern.replace(_BGP, _BGP_IPV6) for pattern in entry.spellings),
    )


_COMMANDS: Final = (
    Command(
        name="bgp_neighbors",
        forms=("show bgp vpnv4 unicast vrf {vrf} neighbors", "show bgp ipv4 unicast neighbors"),
        all_vrfs="show bgp vpnv4 unicast all neighbors",
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
        all_vrfs="show bgp vpnv4 unicast all",
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
        all_vrfs="show ip route vrf *",
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
        name="ospf_neighbors",
        forms=("show ip ospf {process} neighbor", "show ip ospf neighbor"),
        spellings=("show ip ospf [{process}] neighbor [{interface}]",),
        parser="ospf_neighbor:parse",
        record="adjacency:OspfNeighbor",
        may_be_empty=True,
        reads="a table; no neighbor prints the header or nothing",
    ),
    Command(
        name="ospf_processes",
        forms=("show ip ospf",),
        spellings=("show ip ospf [{process}]",),
        parser="ospf_process:parse",
        record="ospf:OspfProcess",
        may_be_empty=True,
        reads="a block per process; its head and its number of areas are required, other lines stay unread",
    ),
    Command(
        name="ospf_external",
        forms=("show ip ospf database external self-originate",),
        spellings=("show ip ospf [{process}] database external [self-originate]",),
        parser="ospf_external:parse",
        record="ospf:OspfDatabase",
        may_be_empty=True,
        reads="a block per LSA below its process; all fields of an LSA are required, in order",
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
        name="prefix_list_ipv6",
        forms=("show ipv6 prefix-list detail {name}", "show ipv6 prefix-list detail"),
        spellings=("show ipv6 prefix-list [detail] [{name}]",),
        parser="policy:parse_prefix_lists",
        record="routing:PrefixList",
        may_be_empty=True,
        reads="as of IPv4",
    ),
    Command(
        name="rib_ipv6",
        forms=("show ipv6 route vrf {vrf}", "show ipv6 route"),
        parser="ipv6_routes:parse",
        record="routing:RoutingTable",
        passes=(("vrf", "vrf"),),
        shows_its_end=True,
        reads="a line per prefix and per way out; the title's count must agree",
    ),
    Command(
        name="ping",
        forms=(
            "ping vrf {vrf} {address} source {source} repeat {repeat} timeout {timeout}",
            "ping {address} source {source} repeat {repeat} timeout {timeout}",
            "ping vrf {vrf} {address} source {source} repeat {repeat} size {size} df-bit timeout {timeout}",
            "ping {address} source {source} repeat {repeat} size {size} df-bit timeout {timeout}",
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
        reads="a line per time to live, counting up; every hop has the same number of probes; the last one answers",
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
    Command(
        name="ipv6_neighbors",
        forms=("show ipv6 neighbors vrf {vrf}", "show ipv6 neighbors"),
        parser="ipv6_neighbors:parse",
        record="device:Ipv6Neighbor",
        passes=(("vrf", "vrf"),),
        may_be_empty=True,
        reads="a table; an unresolved neighbor has no hardware address",
    ),
)
COMMANDS: Final = _with_ipv6(_COMMANDS)
