"""The fault matrix: every fault of `tests/faults` in the lab, and what the checks make of it.

`python bench/faults.py` runs all (or the ids that are named) in parallel, prints a table per layer and writes
build/faults.json. Exit 0 only if the bars hold: faults found by the rule that must find them, causes named, no finding
without reason, and no false alarm over the healthy networks.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import fault_drills
import fault_report
import fault_roots
import fault_table
import healthy_networks
import jsonschema
from fault_table import ERROR, Fault, Finding, Told, Verdict

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from scenarios.conftest import run  # noqa: E402

PUBLISHED: Final = "lab"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("ids", nargs="*", help="faults and healthy networks by name; all without it")
    asked.add_argument("--output", type=Path, default=ROOT / "build" / "faults.json")
    asked.add_argument("--jobs", type=int, default=2)
    options = asked.parse_args()
    begun = time.monotonic()
    faults = fault_table.table()
    known_healthy = {PUBLISHED, *healthy_networks.folders(), *healthy_networks.changed()}
    if unknown := [name for name in options.ids if name not in faults.keys() | known_healthy]:
        asked.error(f"{unknown[0]!r}: no fault of tests/faults/expected.yaml, no healthy network of tests/variants")
    chosen = [faults[name] for name in options.ids or faults if name in faults]
    work = options.output.resolve().parent / "faults"
    networks = {fault.network or PUBLISHED for fault in chosen}
    networks |= known_healthy & set(options.ids) if options.ids else known_healthy
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        healthy = dict(pool.imap_unordered(_healthy, [(name, str(work)) for name in sorted(networks)]))
        drilled = pool.apply(_planned, (str(work),)) if any(each.drill for each in chosen) else Told()
        verdicts = []
        for verdict in pool.imap_unordered(
            _broken,
            [
                (each, drilled if each.drill else healthy[each.network or PUBLISHED], str(work))
                for each in _longest_first(chosen)
            ],
        ):
            verdicts.append(verdict)
            print(fault_report.line(verdict), flush=True)
    verdicts.sort(key=lambda each: list(faults).index(each.fault.id))
    missing = None if options.ids else fault_table.not_expressed()
    document = fault_report.document(verdicts, healthy, time.monotonic() - begun, missing)
    fault_roots.add(document, verdicts, work)
    jsonschema.validate(document, json.loads((HERE / "faults.schema.json").read_text(encoding="utf-8")))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fault_report.show(document)
    return 0 if document["held"] else 1


def _healthy(of: tuple[str, str]) -> tuple[str, Told]:
    """A network as it should be; the published one is recorded, for the faults that a baseline shows. One whose run is
    not whole is no healthy one: it counts as an alarm."""
    name, work = of
    folder = _folder(Path(work) / f"healthy-{name}")
    recorded = ["--record", str(folder / "recording")] if name == PUBLISHED else []
    try:
        changed = healthy_networks.changed().get(name)
        if changed is None:
            return name, _run(folder, name, "-q", *recorded)
        inventory, arguments = healthy_networks.write(changed, folder)
        return name, _run_at(folder, inventory, "-q", *arguments)
    except (OSError, ET.ParseError, subprocess.TimeoutExpired, AssertionError, ValueError) as error:
        return name, Told(errors={Finding(ERROR, "not-run", f"{type(error).__name__}: {error}")}, unhappy=1)


def _planned(work: str) -> Told:
    """A plan in the network of the drills as it should be: in one that has just begun no router is qualified, and
    nothing else is wrong. Raises AssertionError."""
    told, _ = fault_drills.run(_folder(Path(work) / "healthy-drill"), None, "session", "plan")
    assert {each.rule for each in told.failed} == {"drill.qualification"}, told.failed
    assert not told.errors, told.errors
    return told


def _longest_first(faults: list[Fault]) -> list[Fault]:
    """So that no drill is left over at the end, when the other process has nothing more to do."""
    return sorted(faults, key=lambda each: each.drill is None or each.drill.until in ("plan", "refused"))


def _broken(of: tuple[Fault, Told, str]) -> Verdict:
    fault, healthy, work = of
    network = fault.network or PUBLISHED
    folder = _folder(Path(work) / fault.id)
    if fault.drill is not None:
        return _drilled(fault, fault.drill, healthy, folder)
    arguments = ["-q", "--lab-scenario", str(fault.scenario), *fault.arguments]
    if fault.baseline:
        arguments += ["--baseline", str(Path(work) / f"healthy-{network}" / "recording")]
    if fault.hides:
        arguments += ["--record", str(folder / "recording")]
    try:
        told = _run(folder, network, *arguments)
    except (OSError, ET.ParseError, subprocess.TimeoutExpired, AssertionError) as error:
        return fault_table.not_run(fault, f"no end, or no JUnit file: {type(error).__name__}")
    if told.items < healthy.items:
        return fault_table.not_run(fault, f"{told.items} of {healthy.items} checks ran")
    text = "".join(
        file.read_text(encoding="utf-8", errors="replace") for file in folder.rglob("*") if file.is_file()
    ) if fault.hides else ""  # fmt: skip
    return fault_table.judge(fault, told, healthy, text)


def _drilled(fault: Fault, drill: fault_table.Drill, planned: Told, folder: Path) -> Verdict:
    try:
        told, text = fault_drills.run(folder, fault.scenario, drill.name, drill.until)
    except (OSError, ET.ParseError, subprocess.TimeoutExpired, fault_drills.NoDrillError) as error:
        return fault_table.not_run(fault, f"{type(error).__name__}: {error}")
    if told.items < planned.items:
        return fault_table.not_run(fault, f"{told.items} of {planned.items} checks ran")
    # Whoever acts has rehearsed: nothing but the fault may be wrong then.
    return fault_table.judge(fault, told, planned if drill.until == "plan" else Told(), text)


def _run(folder: Path, network: str, *arguments: str) -> Told:
    """Azure is asked where the network has it."""
    inventory = network if network == PUBLISHED else str(healthy_networks.VARIANTS / network)
    return _run_at(folder, inventory, *arguments)


def _run_at(folder: Path, inventory: Path | str, *arguments: str) -> Told:
    """Raises OSError, ParseError or AssertionError for a run that left no whole JUnit file."""
    done = run(folder, *arguments, inventory=str(inventory), azure=True)
    assert done.code in (0, 1), f"exit code {done.code}"
    return fault_table.read(folder / "junit.xml")


def _folder(folder: Path) -> Path:
    """An empty one."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
