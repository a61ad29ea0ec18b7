"""What the closing summary of a run names first, and whether that is the fault. Pure.

Read from the terminal's text alone, as an engineer reads it: the first fault of the diagnosis, or what could not be
determined where that stands before it; without a diagnosis, because nothing follows from anything, the first failure;
without a failure, what could not be determined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fault_table import Fault, Verdict

ROOTS: Final = Path(__file__).parents[1] / "tests" / "faults" / "roots" / "roots.yaml"
ERROR: Final = "error"
RIGHT: Final = 0.95
"""Bar: the share of faults that the summary must name first."""
_RULE: Final = re.compile(r"  rule:     (\S+) \(\w+\), cause (\S+), object (.+)")
_UNDETERMINED: Final = re.compile(r"\d+ checks?: (.*) \[([\w-]+)\]")
_BEHIND: Final = re.compile(r"\d+ faults? behind ")
_STANDING: Final = re.compile(r"=+ .+ =+")


@dataclass(frozen=True)
class Root:
    """A finding that a summary tells as a fault. An error has no rule."""

    rule: str
    cause: str
    object: str

    def __str__(self) -> str:
        return f"{self.rule or ERROR}:{self.cause} {self.object}"


@dataclass(frozen=True)
class Summary:
    """`first` is None where the run told nothing. `faults` counts what the diagnosis tells as faults of their own."""

    first: Root | None
    faults: int


def read(text: str) -> Summary:
    """The summary of a run's whole terminal text. Raises ValueError for a fault that no failure of the text tells."""
    told = list(_failures(text))
    named = dict(reversed(told))
    hidden = list(_section(text, "not determined"))
    diagnosis = list(_section(text, "diagnosis"))
    if hidden and diagnosis and text.index(hidden[0]) < text.index(diagnosis[0]):
        return Summary(_undetermined(hidden), 0)
    if diagnosis and _BEHIND.match(diagnosis[0]):
        heads = [line.strip() for line in diagnosis[1:] if not re.match(r"  \w+: |by themselves:|\s*…", line)]
        if heads[0] not in named:
            raise ValueError(f"the diagnosis begins with what no failure tells: {heads[0][:120]}")
        return Summary(named[heads[0]], int(diagnosis[0].split()[0]))
    if told:
        return Summary(told[0][1], len({root for _, root in told}))
    return Summary(_undetermined(hidden), 0)


def _undetermined(lines: Sequence[str]) -> Root | None:
    """The first error that tells its cause."""
    found = next((error for line in lines if (error := _UNDETERMINED.fullmatch(line)) is not None), None)
    return None if found is None else Root("", found[2], found[1].partition(":")[0])


def _failures(text: str) -> Iterator[tuple[str, Root]]:
    """The first line of each finding that the failures tell, with what it is."""
    message = ""
    for line in _section(text, "FAILURES"):
        if (rule := _RULE.fullmatch(line)) is not None:
            yield message, Root(rule[1], rule[2], rule[3])
        elif not line.startswith("  "):
            message = line


def _section(text: str, title: str) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        if _STANDING.fullmatch(line):
            inside = line.strip("= ") == title
        elif inside:
            yield line


def expected(file: Path = ROOTS) -> Mapping[str, Mapping[str, Any]]:
    """Per fault what must be told first; the head of the file explains the keys. Raises ValueError for any other."""
    document: dict[str, dict[str, Any]] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    for name, given in document.items():
        if given.keys() - {"root", "object", "why"} or "object" not in given or ("root" in given) != ("why" in given):
            raise ValueError(f"{name}: takes object, and root with why")
    return document


def is_right(fault: Fault, first: Root | None, given: Mapping[str, Any]) -> bool:
    """Whether the fault is what the summary names first, by its cause and its object."""
    if first is None:
        return False
    known = _listed(given.get("root", f"{fault.rule or ERROR}:{fault.error or fault.cause}"))
    if f"{first.rule or ERROR}:{first.cause}" not in known:
        return False
    if patterns := _listed(given.get("object", [])):
        return any(fnmatchcase(first.object, pattern) for pattern in patterns)
    return fault.concerns(first.object)


def _listed(given: Any) -> list[str]:  # noqa: ANN401 (a value of a YAML file)
    return [given] if isinstance(given, str) else list(given)


def measured(verdicts: Sequence[Verdict], work: Path) -> dict[str, Any]:
    """What the summaries of the runs below `work` name first. A fault that fails nothing has nothing to be told: what
    is merely noted or waived, where nothing is wrong, and where no rule finds it yet."""
    given, rows = expected(), {}
    for verdict in verdicts:
        fault = verdict.fault
        if fault.gap is not None or fault.drill is not None or verdict.how not in ("failed", "error", ""):
            continue
        file = work / fault.id / "terminal.txt"
        told = read(file.read_text(encoding="utf-8")) if file.is_file() else Summary(None, 0)
        right = is_right(fault, told.first, given.get(fault.id, {}))
        rows[fault.id] = {"first": str(told.first or "nothing"), "right": right, "faults": told.faults}
    return {
        "told": len(rows),
        "right": sum(bool(row["right"]) for row in rows.values()),
        "one_fault": sum(row["faults"] == 1 for row in rows.values()),
        "wrong": {name: row["first"] for name, row in rows.items() if not row["right"]},
    }


def add(document: dict[str, Any], verdicts: Sequence[Verdict], work: Path) -> None:
    """Put the figures into the matrix' document; below the bar it does not hold."""
    document["diagnosis"] = found = measured(verdicts, work)
    if found["right"] < RIGHT * found["told"]:
        failure = f"the summary names {found['right']} of {found['told']} faults first"
        document["failures"], document["held"] = [*document["failures"], failure], False
