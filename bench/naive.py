"""What a naive bundle finds of the same faults: NUTS with BGP neighbors and their number, interfaces and pings.

`python bench/naive.py FOLDER [ids]` installs NUTS below FOLDER (as `try_nuts.py` does), runs the bundle over all four
routers of the published network, first as it should be and then once per fault of the edge routers' side, and writes
build/naive.json. A fault is found when a test fails that passes in the healthy network. Exit 0 when every run was made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fault_table
from ruamel.yaml import YAML
from try_nuts import install, write_inventory

from pytest_azinterop.lab.launch import start

if TYPE_CHECKING:
    from fault_table import Fault

ROOT: Final = Path(__file__).parents[1]
# What the published configurations say: per router its VRF, its neighbors that are up, and what answers a ping.
ROUTERS: Final[dict[str, tuple[str, dict[str, int], tuple[tuple[str, str], ...]]]] = {
    "ce1-loc1": (
        "30",
        {"192.168.30.18": 12076, "10.10.30.254": 65515, "192.168.30.3": 65021},
        (("192.168.30.17", "192.168.30.18"), ("10.2.30.126", "10.10.30.4"), ("10.2.30.126", "10.11.30.68")),
    ),
    "ce2-loc1": ("30", {"192.168.30.2": 65021}, (("192.168.30.3", "192.168.30.2"),)),
    "ce1-loc2": (
        "31",
        {"192.168.31.18": 12076, "192.168.31.3": 65021},
        (("192.168.31.17", "192.168.31.18"), ("10.1.31.126", "10.10.30.4")),
    ),
    "ce2-loc2": (
        "31",
        {"192.168.31.22": 12076, "192.168.31.2": 65021},
        (("192.168.31.21", "192.168.31.22"),),
    ),
}
COUNTS: Final = {"ce1-loc1": 3, "ce2-loc1": 2, "ce1-loc2": 2, "ce2-loc2": 2}
INTERFACES: Final = {
    "ce1-loc1": ("TenGigabitEthernet0/0/0.300", "TenGigabitEthernet1/0/0.30", "Tunnel30"),
    "ce2-loc1": ("TenGigabitEthernet1/0/0.30",),
    "ce1-loc2": ("TenGigabitEthernet0/0/0.310", "TenGigabitEthernet1/0/0.31"),
    "ce2-loc2": ("TenGigabitEthernet0/0/0.310", "TenGigabitEthernet1/0/0.31"),
}


def bundle() -> list[dict[str, object]]:
    """NUTS's test bundle; JSON is YAML."""
    tests: list[dict[str, object]] = [
        {
            "test_class": "TestNapalmInterfaces",
            "test_data": [
                {"host": host, "name": name, "is_enabled": True, "is_up": True}
                for host, names in INTERFACES.items()
                for name in names
            ],
        }
    ]
    for host, (vrf, neighbors, pings) in ROUTERS.items():
        up = {"host": host, "local_as": 65021, "is_enabled": True, "is_up": True}
        tests += [
            {
                "test_class": "TestNapalmBgpNeighbors",
                "test_execution": {"vrf": vrf},
                "test_data": [{**up, "peer": peer, "remote_as": asn} for peer, asn in neighbors.items()],
            },
            {
                "test_class": "TestNapalmBgpNeighborsCount",
                "test_execution": {"vrf": vrf},
                "test_data": [{"host": host, "neighbor_count": COUNTS[host]}],
            },
        ]
        tests += [
            {
                "test_class": "TestNapalmPing",
                "test_execution": {"count": 5, "vrf": vrf, "source": source},
                "test_data": [{"host": host, "destination": target, "expected": "SUCCESS", "max_drop": 1}],
            }
            for source, target in pings
        ]
    return tests


def of_the_edge(fault: Fault) -> bool:
    """Whether it happens to routers, links or far ends of the published network, where such a bundle could see it."""
    document = YAML(typ="safe").load(fault.scenario.read_text(encoding="utf-8"))
    at_edge = {"routers", "links", "far_ends"} & (document or {}).keys()
    return bool(at_edge) and fault.network is None and fault.drill is None and not fault.quiet


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("ids", nargs="*")
    asked.add_argument("--jobs", type=int, default=4)
    asked.add_argument("--output", type=Path, default=ROOT / "build" / "naive.json")
    options = asked.parse_args()
    folder: Path = options.folder.resolve()
    install(folder / "venv")
    healthy = _outcomes(folder, None)
    if False in healthy.values():
        print(
            f"not all is well in the healthy network: {[name for name, passed in healthy.items() if passed is False]}"
        )
        return 1
    faults = [each for each in fault_table.table().values() if of_the_edge(each)]
    chosen = [each for each in faults if not options.ids or each.id in options.ids]
    found: dict[str, list[str]] = {}
    for fault in chosen:
        told = _outcomes(folder, fault)
        found[fault.id] = sorted(name for name, passed in healthy.items() if passed and told.get(name) is False)
        print(
            f"{fault.id:<4} {'found' if found[fault.id] else 'missed':<7}{', '.join(found[fault.id][:3])}", flush=True
        )
    detected = sum(bool(failing) for failing in found.values())
    tests = sum(passed is True for passed in healthy.values())
    document = {"tests": tests, "faults": len(found), "found": detected, "by_fault": found}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{detected} of {len(found)} faults of the edge routers' side are found by {tests} naive tests")
    return 0


def _outcomes(folder: Path, fault: Fault | None) -> dict[str, bool | None]:
    """Whether each test passed, by its name; None: the bundle gives it nothing to compare, so NUTS skips it."""
    work = folder / "faults" / ("healthy" if fault is None else fault.id)
    junit = work / "junit.xml"
    junit.unlink(missing_ok=True)
    with start(scenario=[str(fault.scenario)] if fault else []) as ready:
        write_inventory(work, ready)
        (work / "test_naive.yaml").write_text(json.dumps(bundle()))
        subprocess.run(
            [folder / "venv" / "bin" / "pytest", "-q", f"--junitxml={junit}", "test_naive.yaml"],
            cwd=work,
            env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))},
            stdout=subprocess.DEVNULL,
            check=False,
        )
    outcomes: dict[str, bool | None] = {}
    for at, case in enumerate(ET.parse(junit).iter("testcase")):
        failed = any(each.tag in ("failure", "error") for each in case)
        outcomes[f"{at}: {case.get('name')}"] = None if case.find("skipped") is not None else not failed
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
