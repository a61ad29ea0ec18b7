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
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import fault_roots
import fault_table
import jsonschema
from fault_table import Fault, Told, Verdict

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from scenarios.conftest import run  # noqa: E402

VARIANTS: Final = ROOT / "tests" / "variants"
PUBLISHED: Final = "lab"
EXPRESSED, NAMED, CAUSES, SECONDS = 150, 0.98, 0.95, 600.0
"""Bars: faults that are expressed, the share that is found by its rule, the share of causes named, and the time."""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("ids", nargs="*", help="faults; all and the healthy networks without it")
    asked.add_argument("--output", type=Path, default=ROOT / "build" / "faults.json")
    asked.add_argument("--jobs", type=int, default=2)
    options = asked.parse_args()
    begun = time.monotonic()
    faults = fault_table.table()
    chosen = [faults[name] for name in options.ids or faults]
    work = options.output.resolve().parent / "faults"
    networks = {fault.network or PUBLISHED for fault in chosen}
    if not options.ids:
        networks |= {file.parent.name for file in VARIANTS.glob("*/interop.yaml")}
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        healthy = dict(pool.imap_unordered(_healthy, [(name, str(work)) for name in sorted(networks)]))
        verdicts = []
        for verdict in pool.imap_unordered(_broken, [(each, healthy, str(work)) for each in chosen]):
            verdicts.append(verdict)
            print(_line(verdict), flush=True)
    verdicts.sort(key=lambda each: list(faults).index(each.fault.id))
    document = _document(verdicts, healthy, time.monotonic() - begun, whole=not options.ids)
    fault_roots.add(document, verdicts, work)
    jsonschema.validate(document, json.loads((HERE / "faults.schema.json").read_text(encoding="utf-8")))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(document)
    return 0 if document["held"] else 1


def _healthy(of: tuple[str, str]) -> tuple[str, Told]:
    """A network as it should be; the published one is recorded, for the faults that a baseline shows."""
    name, work = of
    folder = _folder(Path(work) / f"healthy-{name}")
    if name != PUBLISHED:
        return name, _run(folder, name, "-q")
    return name, _run(folder, name, "-q", "--record", str(folder / "recording"))


def _broken(of: tuple[Fault, dict[str, Told], str]) -> Verdict:
    fault, healthy, work = of
    network = fault.network or PUBLISHED
    folder = _folder(Path(work) / fault.id)
    arguments = ["-q", "--lab-scenario", str(fault.scenario), *fault.arguments]
    if fault.baseline:
        arguments += ["--baseline", str(Path(work) / f"healthy-{network}" / "recording")]
    if fault.hides:
        arguments += ["--record", str(folder / "recording")]
    try:
        told = _run(folder, network, *arguments)
    except (OSError, ET.ParseError, subprocess.TimeoutExpired, AssertionError) as error:
        return fault_table.not_run(fault, f"no end, or no JUnit file: {type(error).__name__}")
    if told.items < healthy[network].items:
        return fault_table.not_run(fault, f"{told.items} of {healthy[network].items} checks ran")
    text = "".join(
        file.read_text(encoding="utf-8", errors="replace") for file in folder.rglob("*") if file.is_file()
    ) if fault.hides else ""  # fmt: skip
    return fault_table.judge(fault, told, healthy[network], text)


def _run(folder: Path, network: str, *arguments: str) -> Told:
    """Azure is asked where the network has it."""
    inventory = network if network == PUBLISHED else str(VARIANTS / network)
    run(folder, *arguments, inventory=inventory, azure=True)
    return fault_table.read(folder / "junit.xml")


def _folder(folder: Path) -> Path:
    """An empty one."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _document(verdicts: list[Verdict], healthy: dict[str, Told], seconds: float, *, whole: bool) -> dict[str, object]:
    alarms = {name: sorted(_said(told)) for name, told in healthy.items() if told.unhappy}
    detected = Counter(each.detected for each in verdicts)
    causes = sum(each.cause for each in verdicts)
    slight = {word: sum(each.how == word for each in verdicts) for word in ("noted", "waived")}
    without = {each.fault.id: list(each.without_reason) for each in verdicts if each.without_reason}
    failures = []
    if whole and len(verdicts) < EXPRESSED:
        failures.append(f"{len(verdicts)} faults are expressed, expected at least {EXPRESSED}")
    if detected["named"] < NAMED * len(verdicts):
        failures.append(f"{detected['named']} of {len(verdicts)} found by the rule that must find them")
    if causes < CAUSES * len(verdicts):
        failures.append(f"{causes} of {len(verdicts)} causes named")
    if without:
        failures.append(f"further checks failed without reason: {', '.join(without)}")
    if alarms:
        failures.append(f"false alarms in healthy networks: {', '.join(alarms)}")
    if seconds > SECONDS:
        failures.append(f"{seconds:.0f} seconds, expected at most {SECONDS:.0f}")
    return {
        "held": not failures,
        "failures": failures,
        "seconds": round(seconds, 1),
        "run": len(verdicts),
        "detected": {word: detected[word] for word in ("named", "elsewhere", "missed")},
        **slight,
        "causes_named": causes,
        "without_reason": without,
        "healthy": {"networks": sorted(healthy), "false_alarms": alarms},
        "layers": _layers(verdicts),
        "faults": {
            each.fault.id: {
                "layer": each.fault.layer,
                "rule": each.fault.rule,
                "expected_cause": each.fault.error or each.fault.cause,
                "detected": each.detected,
                "how": each.how,
                "cause_named": each.cause,
                "causes": list(each.causes),
                "others": list(each.others),
                "without_reason": list(each.without_reason),
                "leaked": len(each.leaked),
                "gap": each.fault.gap,
            }
            for each in verdicts
        },
    }


def _said(told: Told) -> set[str]:
    return {f"{each.rule}:{each.cause} {each.object}" for each in told.failed | told.errors}


def _layers(verdicts: list[Verdict]) -> dict[str, dict[str, int]]:
    of: dict[str, list[Verdict]] = defaultdict(list)
    for each in verdicts:
        of[each.fault.layer].append(each)
    return {
        layer: {
            "run": len(found),
            **{word: sum(each.detected == word for each in found) for word in ("named", "elsewhere", "missed")},
            "noted": sum(each.how == "noted" for each in found),
            "causes_named": sum(each.cause for each in found),
        }
        for layer, found in of.items()
    }


def _line(verdict: Verdict) -> str:
    fault = verdict.fault
    wanted = f"{fault.rule}:{fault.cause}" if fault.rule else fault.error or "nothing"
    found = "" if verdict.cause else f"  found: {', '.join(verdict.causes or verdict.others[:6]) or 'nothing'}"
    extra = f"  without reason: {'; '.join(verdict.without_reason[:8])}" if verdict.without_reason else ""
    leaked = "  LEAKED" if verdict.leaked else ""
    return f"{fault.id:<4} {verdict.detected:<9} {verdict.how:<6} {wanted}{found}{extra}{leaked}"


def _print(document: dict[str, object]) -> None:
    layers = document["layers"]
    assert isinstance(layers, dict)
    head = ("run", "named", "elsewhere", "missed", "noted", "causes_named")
    print(f"\n{'layer':<26}" + "".join(f"{word.replace('_', ' '):>14}" for word in head))
    for layer, row in layers.items():
        print(f"{layer:<26}" + "".join(f"{row[word]:>14}" for word in head))
    total = {word: sum(row[word] for row in layers.values()) for word in head}
    print(f"{'all':<26}" + "".join(f"{total[word]:>14}" for word in head))
    print(f"{document['seconds']} seconds; healthy: {document['healthy']}")
    print(f"first in the summary: {document.get('diagnosis')}")
    for failure in document["failures"]:  # type: ignore[attr-defined]
        print(f"FAILED   {failure}")


if __name__ == "__main__":
    sys.exit(main())
