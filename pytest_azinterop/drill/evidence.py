"""What a drill leaves for the ticket and for the archive: a folder with plan, approval, journal, timeline, loss,
recordings, the difference of the configuration, and what was not proven. Nothing in it is a secret.

`drill.md` is for people, `drill.json` for machines, `timeline.svg` the drawing; `manifest.sha256` names every file with
its SHA-256, in the form of sha256sum.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop import __version__
from pytest_azinterop.drill import drawing, settling
from pytest_azinterop.drill import record as recorded
from pytest_azinterop.iosxe.redact import redact
from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from pytest_azinterop.drill.record import Record

MANIFEST: Final = "manifest.sha256"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item of the run: a pre-check, a verdict, or an ordinary check. `words` is why it did not pass."""

    name: str
    outcome: str
    words: str = ""


def write(folder: Path, record: Record, plan: Sequence[str], outcomes: Sequence[Outcome]) -> None:
    """Write everything that is made from the record, and the manifest over all that stands in the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(folder / "plan.txt", "\n".join([*plan, *waived_lines(record.waived)]) + "\n")
    _put(folder / "timeline.txt", "\n".join(timeline_lines(record)) + "\n")
    _put(folder / "timeline.svg", drawing.draw(record))
    told = _without_secrets(as_json(record, plan, outcomes))
    _put(folder / "drill.json", json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    _put(folder / "drill.md", "\n".join(markdown(record, plan, outcomes)) + "\n")
    seal(folder)


def seal(folder: Path) -> None:
    """The manifest: every file but itself."""
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.name != MANIFEST)
    lines = [
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.relative_to(folder).as_posix()}" for each in files
    ]
    _put(folder / MANIFEST, "\n".join(lines) + "\n")


def _put(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.part")
    # JSON has been cleaned value by value: a line of it is not a line of a configuration.
    temporary.write_text(text if file.suffix == ".json" else redact(text), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(file)


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return {key: _without_secrets(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    return redact(f"{value}\n").removesuffix("\n") if isinstance(value, str) else value


# As text ------------------------------------------------------------------------------------------------------------


def timeline_lines(record: Record) -> list[str]:
    """One line per event: seconds after the trigger, how exactly that is known, who tells it, what."""
    zero = record.zero
    if zero is None:
        return ["nothing was watched"]
    head = f"seconds after {zero:%Y-%m-%d %H:%M:%S.%f} UTC by the router's clock; within: it was so long before at most"
    columns = f"{'at':>9}    {'within':>7}  {'told by':<18} what"
    # What a router logs is anybody's text.
    return [head, columns, *(_plain(each.line(zero)) for each in settling.timeline(record))]


def _plain(line: str) -> str:
    return terminal.clean(line, 240).replace("```", "'''")


def waived_lines(waived: Sequence[str]) -> list[str]:
    """All of the checks that passed by a waiver alone, below the plan; they are not part of its hash."""
    return ["", "passed by a waiver alone", *(f"  {_plain(each)}" for each in waived)] if waived else []


def markdown(record: Record, plan: Sequence[str], outcomes: Sequence[Outcome]) -> list[str]:
    """One page for the ticket."""
    drill, approval = record.drill, record.approval
    lines = [f"# Drill {drill.name}", "", _headline(record, outcomes), ""]
    if approval is not None:
        lines += [
            f"- ticket {approval.ticket}, operator {approval.user}, plan `{approval.digest}`, version {__version__}",
            *(f"- {name}: {answer}" for name, answer in approval.answers),
        ]
    lines += [f"- {word} {when:%Y-%m-%d %H:%M:%S.%f} UTC" for word, when in _moments(record)]
    lines += ["", "## Result", "", "| step | outcome | why |", "|---|---|---|"]
    lines += [f"| {each.name} | {each.outcome} | {_cell(each.words)} |" for each in outcomes]
    lines += ["", "## Times", "", *(f"- {words}" for words in times(record))]
    lines += ["", "## Loss", "", *_loss_table(record)]
    lines += ["", "## Way", "", *_traces(record)]
    lines += ["", "## Configuration", ""]
    for end in record.ends:
        lines.append(f"- {end.router}: {end.words}; difference from the start: {len(end.difference)} lines")
        lines += [f"    - `{each}`" for each in end.difference[:20]]
    lines += ["" if record.ends else "- nothing was changed"]
    lines += ["## Not proven", "", *(f"- {words}" for words in record.unproven or ["nothing is left open"])]
    lines += ["", "## Passed by a waiver alone", "", *(f"- {_cell(each)}" for each in record.waived or ["no check"])]
    lines += ["", "## Timeline", "", "![timeline](timeline.svg)", "", "```", *timeline_lines(record), "```", ""]
    return [*lines, "## Plan", "", "```", *plan, "```"]


def _headline(record: Record, outcomes: Sequence[Outcome]) -> str:
    bad = [each for each in outcomes if each.outcome not in ("passed", "xfailed")]
    if record.triggered is None:
        return f"**Nothing was taken away**{f': {record.failure}' if record.failure else ''}."
    if record.abort is not None:
        return f"**Ended early**: {record.abort.words}."
    if bad or not outcomes:
        return f"**Not passed**: {', '.join(each.name for each in bad) or 'not judged'}."
    return "**Passed**: everything that the plan expected was seen."


def _moments(record: Record) -> list[tuple[str, datetime]]:
    known = (
        ("watched from", record.began),
        ("triggered", record.triggered),
        ("undone", record.undone),
        ("ended", record.ended),
    )
    return [(word, when) for word, when in known if when is not None]


def times(record: Record) -> list[str]:
    """How long it took, against what was allowed."""
    drill, found = record.drill, []
    if record.triggered is None:
        return ["nothing was taken away"]
    moved, back = settling.moved_by(record), settling.back_by(record)
    found.append(f"failover: {_settled(record.triggered, moved, drill.failover)}")
    if record.undone is not None:
        found.append(
            f"held: {_span(record.triggered, record.undone)}, planned {drill.hold.total_seconds():g} s after it moved"
        )
        found.append(f"fail-back: {_settled(record.undone, back, drill.fail_back)}")
    return found


def _span(since: datetime, until: datetime) -> str:
    return f"{(until - since).total_seconds():.1f} s"


def _settled(since: datetime, until: settling.Settled | None, allowed: timedelta) -> str:
    """How long, how long it may, and which line of the timeline ends it."""
    budget = f"allowed {allowed.total_seconds():g} s"
    if until is None:
        return f"never, {budget}"
    return f"{_span(since, until.at)}, {budget} (ends when {until.router} shows {', '.join(until.networks)})"


def _loss_table(record: Record) -> list[str]:
    rows = ["| network | from | sent | lost | longest | resolution | direction |", "|---|---|---|---|---|---|---|"]
    by_target = {str(reach.target): reach for pair in record.drill.pairs for reach in pair.reaches}
    for loss in recorded.losses(record, record.triggered, None):
        worst = max(loss.silences, key=lambda each: each.length, default=None)
        where = "-" if worst is None else recorded.direction(record, by_target[loss.target], worst)
        rows.append(
            f"| {loss.pair} ({loss.target}) | {loss.prober} | {loss.sent} | {loss.lost}"
            f" | {loss.longest.total_seconds():.1f} s | {loss.resolution.total_seconds():.1f} s | {where} |"
        )
    return rows


def _traces(record: Record) -> list[str]:
    found = []
    for phase, traces in record.traces.items():
        found += [f"- {phase}, {each.host} to {each.target}: {each}" for each in traces]
    return found or ["- no Linux host of the site traced it"]


def _cell(words: str) -> str:
    return " ".join(words.replace("|", "\\|").split())[:300]


# As JSON --------------------------------------------------------------------------------------------------------------


def as_json(record: Record, plan: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The same for machines: times are ISO 8601 in UTC by the router's clock, lengths in seconds."""
    approval = record.approval
    return {
        "version": 1,
        "tool": __version__,
        "drill": record.drill.name,
        "approval": None
        if approval is None
        else {
            "ticket": approval.ticket,
            "user": approval.user,
            "plan": approval.digest,
            "answers": dict(approval.answers),
        },
        "moments": {word.replace(" ", "_"): when.isoformat() for word, when in _moments(record)},
        "ended_early": None if record.abort is None else {"cause": record.abort.cause, "words": record.abort.words},
        "failure": record.failure,
        "outcomes": [{"name": each.name, "outcome": each.outcome, "why": each.words} for each in outcomes],
        "times": times(record),
        "loss": [
            {
                "network": each.pair,
                "target": each.target,
                "from": each.prober,
                "sent": each.sent,
                "lost": each.lost,
                "longest": each.longest.total_seconds(),
                "resolution": each.resolution.total_seconds(),
            }
            for each in recorded.losses(record, record.triggered, None)
        ],
        "traces": {
            phase: [{"from": each.host, "to": each.target, "hops": str(each).split()} for each in traces]
            for phase, traces in record.traces.items()
        },
        "routers": [
            {"router": each.router, "how": each.how, "difference": list(each.difference), "words": each.words}
            for each in record.ends
        ],
        "not_proven": list(record.unproven),
        "waived": list(record.waived),
        "timeline": [
            {
                "at": each.at.isoformat(),
                "within": each.resolution.total_seconds(),
                "kind": each.kind,
                "source": each.source,
                "words": each.words,
            }
            for each in settling.timeline(record)
        ],
        "plan": list(plan),
    }
