"""``show ip ospf``: the process with what it brings in, and the link-state database."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, elapsed

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.ospf_records import ExternalLsa, OspfProcess
    from pytest_azinterop.lab.network.view import RouterView

_TYPES = {1: "Comparable directly to link state metric", 2: "Larger than any link state path"}
_AUTHENTICATION = {
    "": "no authentication",
    "simple": "simple password authentication",
    "message-digest": "message digest authentication",
}
_ROLES = {
    (True, True): ["It is an area border and autonomous system boundary router"],
    (True, False): ["It is an area border router"],
    (False, True): ["It is an autonomous system boundary router"],
    (False, False): [],
}


def _chosen(view: RouterView, args: Args) -> list[OspfProcess]:
    wanted = args.get("process")
    return [each for each in view.ospf_processes() if wanted is None or each.process == int(wanted)]


def _missing(args: Args) -> str:
    wanted = args.get("process")
    return "" if wanted is None else f"%OSPF: Router process {wanted} is not running"


def show_process(view: RouterView, args: Args) -> str:
    """Every process, or one."""
    found = _chosen(view, args)
    if not found:
        return _missing(args)
    return body(*(line for each in found for line in _process(each)))


def _process(each: OspfProcess) -> list[str]:
    lines = [f'Routing Process "ospf {each.process}" with ID {each.router_id}']
    if each.vrf is not None:
        low = each.process & 0xFFFF
        lines.append(f"  Domain ID type 0x0005, value 0.0.{low >> 8}.{low & 0xFF}")
    lines += [
        f"Start time: 00:00:30.220, Time elapsed: {elapsed(each.elapsed)}",
        "Supports only single TOS(TOS0) routes",
        "Supports opaque LSA",
        "Supports Link-local Signaling (LLS)",
        "Supports area transit capability",
        "Supports NSSA (compatible with RFC 3101)",
        "Supports Database Exchange Summary List Optimization (RFC 5243)",
    ]
    if each.superbackbone:
        lines.append(f"Connected to MPLS VPN Superbackbone, VRF {each.vrf}")
    lines += [
        "Event-log enabled, Maximum number of events: 1000, Mode: cyclic",
        *_ROLES[each.superbackbone or len(each.areas) > 1, each.is_boundary],
    ]
    if each.is_boundary:
        lines.append("Redistributing External Routes from,")
    for source in each.redistributions:
        metric = "" if source.metric is None else f" with metric mapped to {source.metric}"
        subnets = ", includes subnets in redistribution" if source.subnets else ""
        lines.append(f"   {source.source}{metric}{subnets}")
    external = sum(lsa.checksum for lsa in each.externals)
    lines += [
        "Router is not originating router-LSAs with maximum metric",
        "Initial SPF schedule delay 50 msecs",
        "Minimum hold time between two consecutive SPFs 200 msecs",
        "Maximum wait time between two consecutive SPFs 5000 msecs",
        "Incremental-SPF disabled",
        "Initial LSA throttle delay 50 msecs",
        "Minimum hold time for LSA throttle 200 msecs",
        "Maximum wait time for LSA throttle 5000 msecs",
        "Minimum LSA arrival 100 msecs",
        "LSA group pacing timer 240 secs",
        "Interface flood pacing timer 33 msecs",
        "Retransmission pacing timer 66 msecs",
        "EXCHANGE/LOADING adjacency limit: initial 300, process maximum 300",
        f"Number of external LSA {len(each.externals)}. Checksum Sum 0x{external:06X}",
        "Number of opaque AS LSA 0. Checksum Sum 0x000000",
        "Number of DCbitless external and opaque AS LSA 0",
        "Number of DoNotAge external and opaque AS LSA 0",
        f"Number of areas in this router is {len(each.areas)}. {len(each.areas)} normal 0 stub 0 nssa",
        "Number of areas transit capable is 0",
        "External flood list length 0",
        "IETF NSF helper support enabled",
        "Cisco NSF helper support enabled",
        f"Reference bandwidth unit is {each.reference_mbit} mbps",
    ]
    for area, count in each.areas:
        own = [lsa for lsa in each.routers if lsa.area == area]
        total = sum(lsa.checksum for lsa in own)
        lines += [
            f"   Area {_area(area)}",
            f"       Number of interfaces in this area is {count}",
            f"       Area has {_AUTHENTICATION[dict(each.authentication).get(area, '')]}",
            f"       Number of LSA {len(own)}. Checksum Sum 0x{total:06X}",
            "       Number of opaque link LSA 0. Checksum Sum 0x000000",
            "       Number of DCbitless LSA 0",
            "       Number of indication LSA 0",
            "       Number of DoNotAge LSA 0",
            "       Flood list length 0",
        ]
    return [f" {line}" for line in lines] + [""]


def _area(area: str) -> str:
    return "BACKBONE(0)" if area == "0" else area


def _head(each: OspfProcess) -> list[str]:
    return ["", f"            OSPF Router with ID ({each.router_id}) (Process ID {each.process})", ""]


def show_database(view: RouterView, args: Args) -> str:
    """A line per LSA."""
    found = _chosen(view, args)
    if not found:
        return _missing(args)
    lines: list[str] = []
    for each in found:
        lines += _head(each)
        for area, _ in each.areas:
            lines += [f"\t\tRouter Link States (Area {area})", ""]
            lines.append("Link ID         ADV Router      Age         Seq#       Checksum Link count")
            lines += [
                f"{lsa.router!s:<15} {lsa.router!s:<15} {lsa.age:<11} 0x{lsa.sequence:08X} "
                f"0x{lsa.checksum:06X} {lsa.links}"
                for lsa in each.routers
                if lsa.area == area
            ]
            lines.append("")
        if each.externals:
            lines += ["\t\tType-5 AS External Link States", ""]
            lines.append("Link ID         ADV Router      Age         Seq#       Checksum Tag")
            lines += [
                f"{lsa.prefix.network_address!s:<15} {lsa.router!s:<15} {lsa.age:<11} 0x{lsa.sequence:08X} "
                f"0x{lsa.checksum:06X} {lsa.tag}"
                for lsa in each.externals
            ]
    return body(*lines)


def show_external(view: RouterView, args: Args) -> str:
    """What comes from outside, whole; of one link state ID or only what the router itself originates."""
    found = _chosen(view, args)
    if not found:
        return _missing(args)
    wanted = args.get("addr")
    lines: list[str] = []
    for each in found:
        chosen = [
            lsa
            for lsa in each.externals
            if (wanted is None or lsa.prefix.network_address == IPv4Address(wanted))
            and (lsa.own or not args.has("self-originate"))
        ]
        lines += _head(each)
        if chosen:
            lines += ["\t\tType-5 AS External Link States", ""]
        for lsa in chosen:
            lines += _external(lsa)
    return body(*lines)


def _external(lsa: ExternalLsa) -> list[str]:
    return [
        f"  LS age: {lsa.age}",
        f"  Options: (No TOS-capability, DC, {'Downward' if lsa.down else 'Upward'})",
        "  LS Type: AS External Link",
        f"  Link State ID: {lsa.prefix.network_address} (External Network Number )",
        f"  Advertising Router: {lsa.router}",
        f"  LS Seq Number: {lsa.sequence:08X}",
        f"  Checksum: 0x{lsa.checksum:X}",
        "  Length: 36",
        f"  Network Mask: /{lsa.prefix.prefixlen}",
        f"\tMetric Type: {lsa.metric_type} ({_TYPES[lsa.metric_type]})",
        "\tMTID: 0 ",
        f"\tMetric: {lsa.metric} ",
        "\tForward Address: 0.0.0.0",
        f"\tExternal Route Tag: {lsa.tag}",
        "",
    ]


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show ip ospf [<process:number>]", show_process),
    ShowCommand("show ip ospf [<process:number>] database", show_database),
    ShowCommand("show ip ospf [<process:number>] database external [<addr>] [self-originate]", show_external),
)
