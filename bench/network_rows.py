"""What real routers printed and what the simulated ones compute, as rows that can be compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from ruamel.yaml import YAML

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.editor import load
from pytest_azinterop.lab.config.extract import settings
from pytest_azinterop.lab.network.policy import as_path_text
from pytest_azinterop.lab.network.simulation import Simulation

if TYPE_CHECKING:
    from pathlib import Path

_ROW = re.compile(r"^ [*rs][ >]")


class BgpRow(NamedTuple):
    """One path of a BGP table; ``path`` ends with the origin."""

    prefix: str
    next_hop: str
    metric: str
    preference: str
    weight: str
    path: str
    best: bool


class RouteRow(NamedTuple):
    """One way of one route; ``cost`` is distance/metric, empty where none is printed."""

    code: str
    prefix: str
    cost: str
    via: str


def simulate(lab: Path, folder: Path) -> Simulation:
    """The configurations as a network: interfaces that share a subnet share a link.

    EIGRP is not modelled: its blocks are left out, and what it brought into a routing table is given, so that what
    other protocols make of it can be compared.
    """
    routers: dict[str, object] = {}
    subnets: dict[str, list[dict[str, str]]] = {}
    for config in sorted((lab / "configs").glob("*/show_running-config.txt")):
        name = config.parent.name
        text = _without_eigrp(config.read_text(encoding="utf-8"))
        (folder / f"{name}.cfg").write_text(text, encoding="utf-8")
        shown = printed_routes((lab / "show" / name / "show_ip_route.txt").read_text(encoding="utf-8"))
        routers[name] = {"config": f"{name}.cfg", "given": [_given(row) for row in shown if row.code == "D"]}
        for interface in settings(load(text).root).interfaces.values():
            if interface.address is not None and not interface.name.startswith("Loopback"):
                end = {"router": name, "interface": interface.name}
                subnets.setdefault(str(interface.address.network), []).append(end)
    links = {f"link-{index}": {"ends": ends} for index, ends in enumerate(subnets.values())}
    with (folder / "topology.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump({"age": "1h", "routers": routers, "links": links}, stream)
    return Simulation(folder, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def reopen(simulation: Simulation, router: str, interface: str) -> None:
    """Shut an interface and open it again."""
    for line in ("shutdown", "no shutdown"):
        editor = simulation.router(router).configure()
        for each in (f"interface {interface}", line, "end"):
            if not editor.apply(each).ok:
                raise ValueError(f"{router}: {each} is refused")
        simulation.clock.advance(60)
        simulation.settle()


def _without_eigrp(text: str) -> str:
    return re.sub(r"^router eigrp .*\n(?: .*\n)*", "", text, flags=re.MULTILINE)


def _given(row: RouteRow) -> dict[str, object]:
    distance, metric = row.cost.split("/")
    gateway, _, interface = row.via.partition(" ")
    return {
        "protocol": "eigrp", "process": 1, "prefix": row.prefix, "distance": int(distance), "metric": int(metric),
        "gateway": gateway, "interface": interface,
    }  # fmt: skip


def printed_paths(text: str) -> list[BgpRow]:
    """The IPv4 unicast table of ``show ip bgp all``, read by its columns."""
    rows: list[BgpRow] = []
    prefix = ""
    for line in text.split("For address family: IPv6", maxsplit=1)[0].splitlines():
        if not _ROW.match(line):
            continue
        start = re.search(r"(\d+\.\d+\.\d+\.\d+)(?!/)\s", line[20:])
        if start is None:
            raise ValueError(f"no next hop: {line}")
        at = 20 + start.start()
        prefix = line[5:at].strip() or prefix
        columns = (line[at + 16 : at + 26], line[at + 26 : at + 33], line[at + 33 : at + 40])
        path = " ".join(line[at + 40 :].split())
        rows.append(BgpRow(prefix, start[1], *(each.strip() for each in columns), path, line[2] == ">"))
    return rows


def simulated_paths(simulation: Simulation, name: str) -> list[BgpRow]:
    """The same of a simulated router; nothing without BGP."""
    table = simulation.router(name).bgp_table(None)
    return [
        BgpRow(
            _classful(str(entry.prefix)),
            str(path.next_hop),
            "" if path.metric is None else str(path.metric),
            "" if path.local_preference is None else str(path.local_preference),
            str(path.weight),
            f"{as_path_text(path.as_path)} {path.origin}".strip(),
            path.best,
        )
        for entry in (() if table is None else table.entries)
        for path in entry.paths
    ]


def _classful(prefix: str) -> str:
    """IOS leaves out a mask that is the class's."""
    network, length = prefix.split("/")
    first = int(network.split(".")[0])
    return network if int(length) == (8 if first < 128 else 16 if first < 192 else 24) else prefix


_HEADING = re.compile(r"\s+(?P<network>\d\S*?)/(?P<length>\d+) is (?P<kind>variably )?subnetted")
_ROUTE = re.compile(
    r"(?P<code>[A-Z])\*?(?: (?P<kind>E1|E2|IA|EX))?\s+(?P<prefix>\d[\d./]+)"
    r"(?:\s+(?P<rest>\[.*|is directly connected, \S+))?\s*$"
)
_VIA = re.compile(r"\[(?P<cost>\d+/\d+)\] via (?P<hop>[\d.]+)(?:, [\d:dhwy]+)?(?:, (?P<interface>\S+))?")


def printed_routes(text: str) -> list[RouteRow]:
    """Every way of every route of ``show ip route``. Raises ValueError for a row that is not understood."""
    body = text.partition("Gateway of last resort")[2]
    rows: list[RouteRow] = []
    mask, code, prefix = "", "", ""
    for line in body.splitlines()[1:]:
        if heading := _HEADING.match(line):
            mask = "" if heading["kind"] else f"/{heading['length']}"
        elif row := _ROUTE.match(line):
            code, prefix = row["code"], row["prefix"]
            prefix = prefix if "/" in prefix else prefix + mask
            if row["rest"]:
                rows.append(_way(code, prefix, row["rest"]))
        elif _VIA.search(line):
            rows.append(_way(code, prefix, line.strip()))
        elif line.strip():
            raise ValueError(f"not a row of a routing table: {line}")
    return rows


def _way(code: str, prefix: str, rest: str) -> RouteRow:
    via = _VIA.search(rest)
    if via is None:
        return RouteRow(code, prefix, "", rest.rpartition(", ")[2])
    return RouteRow(code, prefix, via["cost"], f"{via['hop']} {via['interface'] or ''}".strip())


def simulated_routes(simulation: Simulation, name: str) -> list[RouteRow]:
    """The same of a simulated router."""
    return [
        RouteRow(
            route.code[0],
            str(route.prefix),
            "" if hop.address is None else f"{route.distance}/{route.metric}",
            f"{hop.address or ''} {hop.interface or ''}".strip(),
        )
        for route in simulation.router(name).rib(None)
        for hop in route.next_hops
    ]
