"""What each fault must lead to (`tests/faults/expected.yaml`), and what a run told of it. Pure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS: Final = Path(__file__).parents[1] / "tests" / "faults"
ELSEWHERE: Final = {
    "loc1": re.compile(r"loc2|customer-31|vrf-31|expressroute-2"),
    "loc2": re.compile(r"loc1|customer-30|vrf-30|expressroute-1"),
}
"""What an object is called that a fault of the other location must leave alone."""
NAIVE: Final = {
    "ping": "something in Azure answers",
    "established": "the BGP session is Established",
    "interface": "interface and line protocol are up",
    "configured": "the line stands in the configuration",
    "prefixes": "the number of prefixes is not zero, or the expected ones are there",
    "present": "what is there looks right; what is not there is not asked for",
    "best": "the prefix is there with its best path in the BGP table",
    "sa": "the SA is READY or ACTIVE, the tunnel up",
    "azure-state": "Azure says Connected, Enabled or Succeeded",
    "one-side": "one side alone is as it should be",
    "now": "all is well at the moment of looking",
    "empty": "what could not be read is taken for nothing",
}
ERROR: Final = "error"
"""In place of a rule, where something could not be determined."""
_KEYS: Final = {
    "layer", "rule", "cause", "error", "quiet", "follows", "missed_by", "at", "network", "arguments", "standing",
    "baseline", "hides", "gap", "judged", "drill",
}  # fmt: skip
UNTIL: Final = ("plan", "refused", "act", "killed")
"""How far a drill is taken: see `fault_drills.run`."""


@dataclass(frozen=True)
class Drill:
    """Which drill is run in place of the checks alone (`tests/faults/drills/intent.yaml`), how far, and what must be
    told in words (a regular expression), where that is what finds the fault or must come with it."""

    name: str
    until: str
    tells: str | None = None


@dataclass(frozen=True)
class Fault:
    """One fault of the catalogue. `rule` and `cause`, or `error`, or `quiet`: see `expected.yaml`."""

    id: str
    layer: str
    rule: str | None = None
    cause: str | None = None
    error: str | None = None
    quiet: bool = False
    follows: tuple[str, ...] = ()
    missed_by: tuple[str, ...] = ()
    at: str = "loc1"
    network: str | None = None
    arguments: tuple[str, ...] = ()
    standing: bool = False
    baseline: bool = False
    hides: tuple[str, ...] = ()
    gap: str | None = None
    judged: str | None = None
    drill: Drill | None = None

    @property
    def scenario(self) -> Path:
        """Its scenario file."""
        return FAULTS / f"{self.id}.yaml"

    def may_follow(self, rule: str) -> bool:
        """Whether a finding of this rule may be a consequence."""
        return any(fnmatchcase(rule, pattern) for pattern in self.follows)

    def concerns(self, about: str) -> bool:
        """Whether the fault can have to do with this object."""
        return self.network is not None or self.at == "both" or ELSEWHERE[self.at].search(about) is None


def table(file: Path = FAULTS / "expected.yaml") -> dict[str, Fault]:
    """Every fault by its id. Raises ValueError for a key or value that the file's head does not explain."""
    document: dict[str, Any] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = document["groups"]
    found = {}
    for name, given in document["faults"].items():
        values = dict(given)
        if unknown := values.keys() - _KEYS:
            raise ValueError(f"{name}: unknown {min(unknown)}")
        if sum((values.get("rule") is not None, "error" in values, values.get("quiet", False))) != 1:
            raise ValueError(f"{name}: needs exactly one of rule, error and quiet")
        if values.get("at", "loc1") not in (*ELSEWHERE, "both") or set(values.get("missed_by", ())) - NAIVE.keys():
            raise ValueError(f"{name}: unknown place or naive check")
        follows = [pattern for each in values.pop("follows", ()) for pattern in groups.get(each, [each])]
        listed = {key: tuple(map(str, values.pop(key))) for key in ("missed_by", "arguments", "hides") if key in values}
        if "drill" in values:
            values["drill"] = Drill(**values["drill"])
            if values["drill"].until not in UNTIL:
                raise ValueError(f"{name}: a drill goes until one of {', '.join(UNTIL)}")
        found[name] = Fault(id=name, follows=tuple(follows), **listed, **values)
    return found


def not_expressed(file: Path = FAULTS / "not_expressed.yaml") -> dict[str, str]:
    """The layer of each fault that has no scenario, by its id."""
    document: dict[str, dict[str, str]] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    return {name: told["layer"] for name, told in document.items()}


@dataclass(frozen=True, order=True)
class Finding:
    """What an item told. `object` is the finding's, or the item's; an error has no rule but `ERROR`."""

    rule: str
    cause: str
    object: str


@dataclass
class Told:
    """A run as its JUnit file has it: findings that failed an item, errors, what was merely noted, what is waived."""

    failed: set[Finding] = field(default_factory=set)
    errors: set[Finding] = field(default_factory=set)
    noted: set[Finding] = field(default_factory=set)
    waived: set[Finding] = field(default_factory=set)
    items: int = 0
    unhappy: int = 0


def read(junit: Path) -> Told:
    """Raises OSError or ParseError where the run left no file."""
    told = Told()
    for case in ET.parse(junit).iter("testcase"):
        told.items += 1
        word = next((tag for tag in ("failure", "error", "skipped") if case.find(tag) is not None), "passed")
        about = str(case.get("name")).partition("[")[2].removesuffix("]")
        into = {"failure": told.failed, "error": told.errors, "passed": told.noted, "skipped": told.waived}[word]
        found = set(_findings(case, about, ERROR if word == "error" else ""))
        into |= found
        told.unhappy += word in ("failure", "error")
        if word in ("failure", "error") and not found:
            into.add(Finding("assertion" if word == "failure" else ERROR, "", about))
    return told


def _findings(case: ET.Element, about: str, without_rule: str) -> Iterator[Finding]:
    rule, named = without_rule, about
    for told in case.iter("property"):
        value = str(told.get("value"))
        if told.get("name") == "azinterop.rule":
            rule, named = value, about
        elif told.get("name") == "azinterop.object":
            named = value
        elif told.get("name") == "azinterop.cause":
            yield Finding(rule, value, named)
            rule, named = without_rule, about


@dataclass(frozen=True)
class Verdict:
    """`detected`: named (by the rule that must), elsewhere (by others alone) or missed.

    `how`: failed, error, noted (too slight to fail its check) or waived (the network's owner accepts it).

    `without_reason`: what else failed, and is no consequence of the fault.
    """

    fault: Fault
    detected: str
    how: str
    cause: bool
    causes: tuple[str, ...]
    others: tuple[str, ...]
    without_reason: tuple[str, ...]
    leaked: tuple[str, ...] = ()


def not_run(fault: Fault, why: str) -> Verdict:
    """A run that is not whole proves nothing."""
    return Verdict(fault, "missed", "", cause=False, causes=(), others=(), without_reason=(f"not run: {why}",))


def judge(fault: Fault, told: Told, healthy: Told, text: str = "") -> Verdict:
    """Compare a run with what it must tell; `text` is everything that it wrote."""
    noted = told.noted - healthy.noted - healthy.failed
    failed, errors = told.failed - healthy.failed - healthy.noted, told.errors - healthy.errors
    if fault.standing:
        noted |= {each for each in told.noted if each.rule == fault.rule}
    leaked = tuple(secret for secret in fault.hides if secret in text)
    untold = fault.drill is not None and fault.drill.tells is not None and not re.search(fault.drill.tells, text)
    if fault.quiet or untold:
        own: dict[str, set[Finding]] = {}
    elif fault.error is not None:
        own = {ERROR: {each for each in errors if each.cause == fault.error}}
    else:
        own = {
            how: {each for each in found if each.rule == fault.rule and fault.concerns(each.object)}
            for how, found in (("failed", failed), ("noted", noted), ("waived", told.waived - healthy.waived))
        }
    how = next((name for name, found in own.items() if found), "")
    hits = own.get(how, set())
    rest = (failed | errors) - hits
    without = sorted(each for each in rest if not (fault.may_follow(each.rule) and fault.concerns(each.object)))
    others = {f"{each.rule}:{each.cause}" for each in rest}
    causes = {each.cause for each in hits}
    if fault.quiet:
        detected = "missed" if leaked or without or untold else "named"
    else:
        detected = "named" if hits else "elsewhere" if rest else "missed"
    return Verdict(
        fault,
        detected,
        how or ("quiet" if fault.quiet else ""),
        fault.quiet or fault.error is not None or fault.cause in causes if detected == "named" else False,
        tuple(sorted(causes)),
        tuple(sorted(others)),
        tuple(f"{each.rule}:{each.cause} {each.object}" for each in without),
        leaked,
    )
