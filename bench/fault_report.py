"""What the fault matrix says: its bars, its figures per layer, and its document. Pure but for the printing."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fault_table import Told, Verdict

EXPRESSED, NAMED, CAUSES, HEALTHY, SECONDS = 150, 0.98, 0.95, 25, 600.0
"""Bars: faults that are expressed, the share that is found by its rule, the share of causes named, healthy networks,
and the time."""
HOW: Final = {
    "noted": "a finding below the severity that fails a check (it stands in the report and in JUnit)",
    "standing": "the same, and the healthy network has it as well: the published network is built so",
    "waived": "a finding that the network's owner accepts by a waiver",
    "quiet": "nothing is wrong, and nothing may be told",
}
"""How a fault was found, where no check failed."""
_FIGURES: Final = ("expressed", "not_expressed", "detected", "elsewhere", "missed", "noted", "cause")


def document(
    verdicts: list[Verdict], healthy: Mapping[str, Told], seconds: float, not_expressed: Mapping[str, str] | None
) -> dict[str, Any]:
    """What is written. `not_expressed`: layers of the faults that have no scenario, by id; None where only some of the
    matrix was run, so that what is about the whole is not judged."""
    alarms = {name: sorted(_said(told)) for name, told in healthy.items() if told.unhappy}
    detected = Counter(each.detected for each in verdicts)
    causes = sum(each.cause for each in verdicts)
    without = {each.fault.id: list(each.without_reason) for each in verdicts if each.without_reason}
    layers = _layers(verdicts, not_expressed or {})
    failures = []
    if not_expressed is not None:
        failures += list(_incomplete(verdicts, healthy, layers))
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
        **{word: sum(each.how == word for each in verdicts) for word in ("noted", "waived")},
        "causes_named": causes,
        "without_reason": without,
        "healthy": {"networks": sorted(healthy), "false_alarms": alarms},
        "layers": layers,
        "faults": {
            each.fault.id: {
                "layer": each.fault.layer,
                "rule": each.fault.rule,
                "expected_cause": each.fault.error or each.fault.cause,
                "detected": each.detected,
                "how": each.how,
                "why_none_failed": _why_none_failed(each),
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


def _incomplete(
    verdicts: list[Verdict], healthy: Mapping[str, Told], layers: Mapping[str, Mapping[str, int]]
) -> Iterable[str]:
    if len(verdicts) < EXPRESSED:
        yield f"{len(verdicts)} faults are expressed, expected at least {EXPRESSED}"
    if len(healthy) < HEALTHY:
        yield f"{len(healthy)} healthy networks, expected at least {HEALTHY}"
    for layer, row in layers.items():
        if row["expressed"] < 2 * row["not_expressed"]:
            yield (
                f"{layer}: {row['expressed']} of {row['expressed'] + row['not_expressed']} faults are expressed, "
                "expected at least two thirds"
            )


def _why_none_failed(verdict: Verdict) -> str | None:
    how = "standing" if verdict.how == "noted" and verdict.fault.standing else verdict.how
    return HOW.get(how)


def _said(told: Told) -> set[str]:
    return {f"{each.rule}:{each.cause} {each.object}" for each in told.failed | told.errors}


def _layers(verdicts: list[Verdict], not_expressed: Mapping[str, str]) -> dict[str, dict[str, int]]:
    of: dict[str, list[Verdict]] = defaultdict(list)
    for each in verdicts:
        of[each.fault.layer].append(each)
    left_out = Counter(not_expressed.values())
    return {
        layer: {
            "expressed": len(of[layer]),
            "not_expressed": left_out[layer],
            "detected": sum(each.detected == "named" for each in of[layer]),
            **{word: sum(each.detected == word for each in of[layer]) for word in ("elsewhere", "missed")},
            "noted": sum(each.how == "noted" for each in of[layer]),
            "cause": sum(each.cause for each in of[layer]),
        }
        for layer in [*of, *(each for each in left_out if each not in of)]
    }


def line(verdict: Verdict) -> str:
    """One fault in a line: what was expected, and what came."""
    fault = verdict.fault
    wanted = f"{fault.rule}:{fault.cause}" if fault.rule else fault.error or "nothing"
    found = "" if verdict.cause else f"  found: {', '.join(verdict.causes or verdict.others[:6]) or 'nothing'}"
    extra = f"  without reason: {'; '.join(verdict.without_reason[:8])}" if verdict.without_reason else ""
    leaked = "  LEAKED" if verdict.leaked else ""
    return f"{fault.id:<4} {verdict.detected:<9} {verdict.how:<6} {wanted}{found}{extra}{leaked}"


def show(document: Mapping[str, Any]) -> None:
    """Print the figures, and why some faults fail no check."""
    print(f"\n{'layer':<26}" + "".join(f"{word.replace('_', ' '):>15}" for word in _FIGURES))
    for layer, row in document["layers"].items():
        print(f"{layer:<26}" + "".join(f"{row[word]:>15}" for word in _FIGURES))
    total = {word: sum(row[word] for row in document["layers"].values()) for word in _FIGURES}
    print(f"{'all':<26}" + "".join(f"{total[word]:>15}" for word in _FIGURES))
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, fault in document["faults"].items():
        if fault["why_none_failed"]:
            reasons[fault["how"], fault["why_none_failed"]].append(name)
    print("\nfound, and no check fails:")
    for (how, why), names in reasons.items():
        print(f"  {how:<7} {', '.join(names)}: {why}")
    healthy = document["healthy"]
    print(f"\n{len(healthy['networks'])} healthy networks, {len(healthy['false_alarms'])} with a false alarm")
    for name, alarms in healthy["false_alarms"].items():
        print(f"  {name}: {'; '.join(alarms)}")
    diagnosis = document["diagnosis"]
    print(f"the summary names {diagnosis['right']} of {diagnosis['told']} faults first", end="")
    print(f", and {diagnosis['one_fault']} as one fault alone")
    for name, first in diagnosis["wrong"].items():
        print(f"  {name}: {first}")
    print(f"{document['run']} faults in {document['seconds']} seconds")
    for failure in document["failures"]:
        print(f"FAILED   {failure}")
