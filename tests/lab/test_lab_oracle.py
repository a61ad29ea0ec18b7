"""The control plane against real networks: what IOS and IOS-XE printed for the same configurations."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.editor import load
from pytest_azinterop.lab.config.extract import settings
from pytest_azinterop.lab.network.policy import as_path_text
from pytest_azinterop.lab.network.simulation import Simulation

CORPUS = Path(os.environ.get("AZINTEROP_CORPUS", Path(__file__).parents[2].parent / "shared" / "corpus"))
LABS = ("iosxe_undefined_route_map", "iosxe_ebgp_loop_prevention", "ios_ibgp_split_horizon", "ios_bgp_path_select_8")

Row = tuple[str, str, str, str, str, str]
"""Prefix, next hop, metric, local preference, weight, path with origin; and ``>`` in front of the path when best."""

DECIDED_BY_AGE = {("ios_bgp_path_select_8", "leaf1")}
"""Where the real network's choice rests on which session came up first: the rows are compared without the mark."""


def build(lab: Path, directory: Path) -> Simulation:
    """The lab as a network directory: interfaces that share a subnet share a link."""
    routers: dict[str, object] = {}
    subnets: dict[str, list[dict[str, str]]] = {}
    for config in sorted((lab / "configs").glob("*/show_running-config.txt")):
        name = config.parent.name
        text = config.read_text()
        (directory / f"{name}.cfg").write_text(text)
        routers[name] = {"config": f"{name}.cfg"}
        for interface in settings(load(text).root).interfaces.values():
            if interface.address is not None and not interface.name.startswith("Loopback"):
                key = str(interface.address.network)
                subnets.setdefault(key, []).append({"router": name, "interface": interface.name})
    links = {f"link-{index}": {"ends": ends} for index, ends in enumerate(subnets.values())}
    with (directory / "topology.yaml").open("w") as stream:
        YAML(typ="safe").dump({"age": "1h", "routers": routers, "links": links}, stream)
    return Simulation(directory, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def printed(text: str) -> set[Row]:
    """Rows of the global IPv4 table of ``show ip bgp all``, read by column of the header."""
    rows: set[Row] = set()
    section = text.split("For address family: IPv6", maxsplit=1)[0]
    prefix = ""
    for line in section.splitlines():
        if not re.match(r"^ [*rs][ >]", line):
            continue
        start = re.search(r"(\d+\.\d+\.\d+\.\d+)(?!/)\s", line[20:])
        assert start is not None, line
        at = 20 + start.start()
        network = line[5:at].strip()
        prefix = network or prefix
        metric, preference, weight = line[at + 16 : at + 26], line[at + 26 : at + 33], line[at + 33 : at + 40]
        best = ">" if line[2] == ">" else " "
        path = " ".join(line[at + 40 :].split())
        rows.add((prefix, start[1], metric.strip(), preference.strip(), weight.strip(), best + path))
    return rows


def classful(prefix: str) -> str:
    """IOS leaves out a mask that is the class's."""
    network, length = prefix.split("/")
    first = int(network.split(".")[0])
    return network if int(length) == (8 if first < 128 else 16 if first < 192 else 24) else prefix


def simulated(simulation: Simulation, name: str) -> set[Row]:
    table = simulation.router(name).bgp_table(None)
    assert table is not None
    rows: set[Row] = set()
    for entry in table.entries:
        for path in entry.paths:
            rows.add(
                (
                    classful(str(entry.prefix)),
                    str(path.next_hop),
                    "" if path.metric is None else str(path.metric),
                    "" if path.local_preference is None else str(path.local_preference),
                    str(path.weight),
                    (">" if path.best else " ") + f"{as_path_text(path.as_path)} {path.origin}".strip(),
                )
            )
    return rows


def printed_routes(text: str) -> set[tuple[str, str, str, str]]:
    """OSPF and BGP rows of ``show ip route``: code, prefix, distance/metric, next hop (of the first path)."""
    rows: set[tuple[str, str, str, str]] = set()
    mask = ""
    for line in text.splitlines():
        heading = re.match(r"\s+\S+?(/\d+) is subnetted", line)
        mask = heading[1] if heading else mask
        row = re.match(r"([OB])\*?(?: E[12]| IA)?\s+(\d\S+) \[(\d+/\d+)\] via (\S+?),", line)
        if row:
            rows.add((row[1], row[2] if "/" in row[2] else row[2] + (mask or "/24"), row[3], row[4]))
    return rows


@pytest.mark.parametrize("lab", LABS)
def test_routing_tables_are_those_that_the_devices_printed(lab: str, tmp_path: Path) -> None:
    source = CORPUS / "labs" / lab
    if not source.is_dir():
        pytest.skip(f"no corpus at {CORPUS} (set AZINTEROP_CORPUS)")
    simulation = build(source, tmp_path)
    compared = 0
    for name in simulation.routers:
        expected = printed_routes((source / "show" / name / "show_ip_route.txt").read_text())
        found = {
            (route.code[0], str(route.prefix), f"{route.distance}/{route.metric}", str(route.next_hops[0].address))
            for route in simulation.router(name).rib(None)
            if route.code[0] in "OB"
        }
        if (lab, name) in DECIDED_BY_AGE:
            expected, found = ({row[:3] for row in rows} for rows in (expected, found))
        compared += len(expected)
        assert found == expected, name
    assert compared


@pytest.mark.parametrize("lab", LABS)
def test_bgp_tables_are_those_that_the_devices_printed(lab: str, tmp_path: Path) -> None:
    source = CORPUS / "labs" / lab
    if not source.is_dir():
        pytest.skip(f"no corpus at {CORPUS} (set AZINTEROP_CORPUS)")
    simulation = build(source, tmp_path)
    assert simulation.routers
    for name in simulation.routers:
        expected = printed((source / "show" / name / "show_ip_bgp_all.txt").read_text())
        found = simulated(simulation, name)
        if (lab, name) in DECIDED_BY_AGE:
            expected, found = ({(*row[:5], row[5][1:]) for row in rows} for rows in (expected, found))
        assert found == expected, name
