"""What a router prints about one VRF, and by the command about every VRF: neighbors, BGP tables and routing tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VRFS = """\
  Name                             Default RD            Protocols   Interfaces
  RED                              65000:1               ipv4        Gi1.1
  BLUE                             65000:2               ipv4        Gi1.2
  EMPTY                            65000:3               ipv4        Gi1.3
"""
LEGEND = """\
BGP table version is 8, local router ID is 192.0.2.1
Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,
              x best-external, a additional-path, c RIB-compressed,
Origin codes: i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

     Network          Next Hop            Metric LocPrf Weight Path
"""
CODES = """\
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area

Gateway of last resort is not set

"""


def neighbor(vrf: str | None, number: int) -> str:
    name = "" if vrf is None else f"vrf {vrf},  "
    return f"""\
BGP neighbor is 192.0.2.{number},  {name}remote AS 65001, external link
  BGP version 4, remote router ID 0.0.0.0
  BGP state = Active
  Connections established 0; dropped 0
  Last reset never
  No active TCP connection
"""


def paths(numbers: Iterable[int]) -> str:
    return "".join(
        f" *>   10.0.{each}.0/24      192.0.2.9                0             0 65001 i\n" for each in numbers
    )


def table(vrf: str | None, number: int, rows: Iterable[int]) -> str:
    name = "" if vrf is None else f" (default for vrf {vrf})"
    return f"Route Distinguisher: 65000:{number}{name}\n{paths(rows)}"


def rib(vrf: str | None, rows: Iterable[int]) -> str:
    head = "" if vrf is None else f"\nRouting Table: {vrf}\n"
    return head + CODES + "".join(f"B     10.0.{each}.0/24 [20/0] via 192.0.2.9, 1d02h\n" for each in rows)


def single(kind: str, vrf: str, number: int, rows: list[int]) -> str:
    if kind == "bgp_neighbors":
        return "".join(neighbor(vrf, each) for each in rows)
    if kind == "bgp_table":
        return LEGEND + table(vrf, number, rows) if rows else ""
    return rib(vrf, rows)


def every(kind: str, routers: Mapping[str, list[int]], *, foreign: bool = True) -> str:
    """The answer about every VRF; `foreign`: with what is of no VRF of this router."""
    if kind == "bgp_neighbors":
        own = "".join(neighbor(vrf, each) for vrf, rows in routers.items() for each in rows)
        return (neighbor(None, 250) if foreign else "") + own
    if kind == "bgp_table":
        tables = [table(vrf, number, rows) for number, (vrf, rows) in enumerate(routers.items()) if rows]
        tables += [table(None, 999, [1])] if foreign else []
        return LEGEND + "".join(tables) if tables else ""
    return rib(None, [1]) + "".join(rib(vrf, rows) for vrf, rows in routers.items())
