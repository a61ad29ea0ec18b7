"""Compare the simulated routers with real networks: same configurations, BGP and routing tables row by row.

Exit code 0 only if nothing differs that is in scope. 1: something differs; 2: the networks are not there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import network_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

EIGRP = "EIGRP is not modelled: what it brings into a routing table is given, not computed"
AGE = "chosen among external paths by which session came up first, which no configuration says"
DECIDED_BY_AGE = {("ios_bgp_path_select_8", "leaf1")}
"""Routers whose choice rests on ages: their paths are compared without the choice, their routes without the way."""
REOPENED = {"iosxe_bgp_confederation": ("D6", "Loopback123")}
"""An interface whose network the real one learned again after all of its sessions had come up: the ages of its routes
say so (38 minutes, the youngest session is 46 minutes old). Which of two stable states a confederation settles in
depends on that."""
COMPLETE = ("iosxe_undefined_route_map", "iosxe_ebgp_loop_prevention")
"""Networks of which nothing may be out of scope."""


@dataclass(slots=True)
class Table:
    """The tally of one kind of table in one network."""

    compared: int = 0
    equal: int = 0
    different: list[str] = field(default_factory=list)
    out_of_scope: dict[str, int] = field(default_factory=dict)

    def leave_out(self, reason: str, rows: int) -> None:
        """Note rows that are not compared."""
        if rows:
            self.out_of_scope[reason] = self.out_of_scope.get(reason, 0) + rows

    def compare(self, router: str, real: Sequence[tuple[object, ...]], ours: Sequence[tuple[object, ...]]) -> None:
        """Row against row; one that stands several times must do so on both sides."""
        theirs, mine = Counter(real), Counter(ours)
        self.compared += len(real)
        self.equal += (theirs & mine).total()
        for sign, rows in (("only the real one", theirs - mine), ("only the simulated one", mine - theirs)):
            self.different += [f"{router}: {sign}: {_text(row)}" for row in sorted(rows.elements(), key=str)]


def _text(row: tuple[object, ...]) -> str:
    return " | ".join("best" if each is True else "" if each is False else str(each) for each in row)


@dataclass(slots=True)
class Network:
    """One real network."""

    name: str
    routers: int = 0
    paths: Table = field(default_factory=Table)
    routes: Table = field(default_factory=Table)

    def failures(self) -> list[str]:
        """What may not be, in words."""
        found = [f"{self.name}: {each}" for table in (self.paths, self.routes) for each in table.different]
        if not self.routers or not (self.paths.compared and self.routes.compared):
            found.append(f"{self.name}: nothing was compared")
        if self.name in COMPLETE and (self.paths.out_of_scope or self.routes.out_of_scope):
            found.append(f"{self.name}: something is out of scope where nothing may be")
        return found


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labs", type=Path, required=True, help="the directory that holds one directory per network")
    parser.add_argument("--output", type=Path, default=Path("build/networks.json"))
    arguments = parser.parse_args(argv)
    folders = sorted(path for path in arguments.labs.glob("*") if (path / "configs").is_dir())
    if not folders:
        print(f"networks: no real network at {arguments.labs}", file=sys.stderr)
        return 2
    networks = [_network(folder) for folder in folders]
    failures = [failure for network in networks for failure in network.failures()]
    failures += [f"{name}: is not there" for name in COMPLETE if name not in {each.name for each in networks}]
    _write(arguments.output, networks, failures)
    _print(networks, failures)
    return 1 if failures else 0


def _network(folder: Path) -> Network:
    network = Network(folder.name)
    with tempfile.TemporaryDirectory(prefix="azinterop-network-") as workspace:
        simulation = network_rows.simulate(folder, Path(workspace))
        if folder.name in REOPENED:
            network_rows.reopen(simulation, *REOPENED[folder.name])
        for name in simulation.routers:
            network.routers += 1
            shown = folder / "show" / name
            by_age = (folder.name, name) in DECIDED_BY_AGE
            real = network_rows.printed_paths((shown / "show_ip_bgp_all.txt").read_text(encoding="utf-8"))
            _paths(network.paths, name, real, network_rows.simulated_paths(simulation, name), by_age=by_age)
            rows = network_rows.printed_routes((shown / "show_ip_route.txt").read_text(encoding="utf-8"))
            _routes(network.routes, name, rows, network_rows.simulated_routes(simulation, name), by_age=by_age)
    return network


def _paths(
    table: Table, router: str, real: list[network_rows.BgpRow], ours: list[network_rows.BgpRow], *, by_age: bool
) -> None:  # fmt: skip
    if by_age:
        table.leave_out(f"the choice only: {AGE}", len(real))
        real, ours = ([row._replace(best=False) for row in rows] for rows in (real, ours))
    table.compare(router, real, ours)


def _routes(
    table: Table, router: str, real: list[network_rows.RouteRow], ours: list[network_rows.RouteRow], *, by_age: bool
) -> None:  # fmt: skip
    table.leave_out(EIGRP, sum(row.code == "D" for row in real))
    real, ours = ([row for row in rows if row.code != "D"] for rows in (real, ours))
    if by_age:
        table.leave_out(f"the way only: {AGE}", sum(row.code == "B" for row in real))
        real, ours = ([row._replace(via="") if row.code == "B" else row for row in rows] for rows in (real, ours))
    table.compare(router, real, ours)


def _total(networks: Sequence[Network], kind: str) -> dict[str, int]:
    tables: list[Table] = [getattr(network, kind) for network in networks]
    return {
        "compared": sum(table.compared for table in tables),
        "equal": sum(table.equal for table in tables),
        "different": sum(len(table.different) for table in tables),
        "out_of_scope": sum(sum(table.out_of_scope.values()) for table in tables),
    }


def _write(output: Path, networks: Sequence[Network], failures: Sequence[str]) -> None:
    document: dict[str, Any] = {
        "held": not failures,
        "failures": list(failures),
        "total": {"bgp": _total(networks, "paths"), "routes": _total(networks, "routes")},
        "networks": [
            {"name": each.name, "routers": each.routers, "bgp": asdict(each.paths), "routes": asdict(each.routes)}
            for each in networks
        ],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _print(networks: Sequence[Network], failures: Sequence[str]) -> None:
    print(
        f"{'network':<30}{'routers':>8}  {'table':<8}{'compared':>9}{'equal':>7}{'different':>11}{'out of scope':>14}"
    )
    for network in networks:
        for kind, table in (("bgp", network.paths), ("routes", network.routes)):
            left = sum(table.out_of_scope.values())
            head = f"{network.name:<30}{network.routers:>8}" if kind == "bgp" else " " * 38
            print(f"{head}  {kind:<8}{table.compared:>9}{table.equal:>7}{len(table.different):>11}{left:>14}")
    for kind, name in (("bgp", "paths"), ("routes", "routes")):
        total = _total(networks, name)
        head = f"{'in all':<30}{sum(each.routers for each in networks):>8}" if kind == "bgp" else " " * 38
        print(f"{head}  {kind:<8}" + "".join(f"{total[key]:>{width}}" for key, width in
              (("compared", 9), ("equal", 7), ("different", 11), ("out_of_scope", 14))))  # fmt: skip
    reasons = {
        (network.name, reason): count
        for network in networks
        for table in (network.paths, network.routes)
        for reason, count in table.out_of_scope.items()
    }
    for (name, reason), count in reasons.items():
        print(f"out of scope: {name}: {count} rows: {reason}")
    for failure in failures:
        print(f"FAILED: {failure}")


if __name__ == "__main__":
    sys.exit(main())
