"""Many routers: ours against stock nornir-napalm and against asyncssh that reads nothing; and one router alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench_figures import Bar, Part, alternated, middle, ratio
from bench_machine import run_json
from bench_routers import Condition, Routers, routers

if TYPE_CHECKING:
    from pathlib import Path

    from bench_figures import Size

ROUTER = "ce1-loc1"
KINDS = ("ours", "stock", "floor")
FULL = (Condition(0), Condition(20), Condition(20, 150))
_STOCK_TIMES = {0: 3.5, 20: 3.0}
_FLOOR_TIMES = 1.5
# What a small run on a loaded machine can judge: a regression by half.
_SLACK = 2.0


def answers(build: Path) -> Path:
    """The published network's answers, asked anew for each run: they carry the time."""
    place = build / "published"
    run_json("bench_answers.py", "lab", place)
    return place


def fleet(size: Size, build: Path) -> Part:
    part, kept = Part("fleet"), answers(build)
    counts, conditions = ((12,), FULL[:2]) if size == "small" else ((100, 500), FULL)
    for condition in conditions:
        best: dict[str, int] = {}
        for count in counts:
            rounds = 3 if count <= 100 else 1
            with routers(kept, ROUTER, count, condition) as running:
                _compare(part, running, count, condition, rounds, size, best)
    return part


def _compare(
    part: Part,
    running: Routers,
    count: int,
    condition: Condition,
    rounds: int,
    size: Size,
    best: dict[str, int],
) -> None:
    """`best` is how many at once serve each client best. It is found with the first number of routers of a condition
    and holds for the larger ones, which would take an hour to try."""
    for kind in KINDS:
        best[kind] = best.get(kind) or _best(running, kind, count, part, condition)
    runs = alternated(rounds, {kind: _runner(running, kind, best[kind]) for kind in KINDS})
    for kind, each in runs.items():
        part.measured += [{"routers": count, "condition": condition.name, **one} for one in each]
        part.bars.append(Bar(f"{count} routers, {condition.name}: {kind} at {best[kind]}", middle(each), "s"))
    judged = not condition.authorization
    slack = _SLACK if size == "small" else 1.0
    stock = _STOCK_TIMES[condition.rtt] / slack if judged else None
    floor = _FLOOR_TIMES * slack if judged else None
    what = f"{count} routers, {condition.name}"
    part.bars += [
        Bar(f"{what}: throughput, times stock's", ratio(runs["stock"], runs["ours"]), "", stock, at_least=True),
        Bar(f"{what}: throughput of ours as far as the answers, which the others do not read, times stock's",
            ratio(runs["stock"], runs["ours"], than="collecting"), ""),
        Bar(f"{what}: wall time, times the floor's", ratio(runs["ours"], runs["floor"]), "", floor),
        Bar(f"{what}: client's processor time, times the floor's", ratio(runs["ours"], runs["floor"], "cpu"), ""),
        Bar(f"{what}: client's processor time, times stock's", ratio(runs["ours"], runs["stock"], "cpu"), ""),
        Bar(f"{what}: peak memory of ours", middle(runs["ours"], "memory") / 1e6, "MB"),
    ]  # fmt: skip


def _runner(running: Routers, kind: str, at_once: int) -> Any:  # noqa: ANN401
    def run() -> dict[str, Any]:
        found = running.client(kind, at_once)
        if found.get("failed"):
            raise RuntimeError(f"{kind} failed for {found['failed']} routers")
        return found

    return run


def _best(running: Routers, kind: str, count: int, part: Part, condition: Condition) -> int:
    """The number at once that serves this client best, of those that make sense for so many routers."""
    choices = [at_once for at_once in (20, 50, 100) if at_once <= count] or [count]
    if len(choices) == 1:
        return choices[0]
    tried = {at_once: running.client(kind, at_once) for at_once in choices}
    part.measured += [{"routers": count, "condition": condition.name, "trial": True, **each} for each in tried.values()]
    whole = {at_once: each for at_once, each in tried.items() if not each.get("failed")}
    return min(whole or tried, key=lambda at_once: tried[at_once]["wall"])


def single(size: Size, build: Path) -> Part:
    """One router, 20 commands, from login to parsed state."""
    part, kept = Part("single"), answers(build)
    rounds = 3 if size == "small" else 9
    with routers(kept, ROUTER, 1, Condition()) as running:
        kinds = {kind: (lambda kind=kind: running.client(kind, 1, 20)) for kind in ("ours", "stock", "floor")}
        runs = alternated(rounds, kinds)
    with routers(kept, ROUTER, 1, Condition(20)) as running:
        far = alternated(rounds, {kind: _runner(running, kind, 1) for kind in ("ours", "pipelined")})
    part.measured = [each for kind in (*runs.values(), *far.values()) for each in kind]
    slack = _SLACK if size == "small" else 1.0
    part.bars = [
        Bar("one router, 20 commands, login to parsed state: ours", middle(runs["ours"]), "s", 0.15 * slack),
        Bar("one router, 20 commands: stock, reading nothing", middle(runs["stock"]), "s", 2.0, at_least=True),
        Bar("one router, 20 commands: the floor, reading nothing", middle(runs["floor"]), "s"),
        Bar("one router, 20 commands: ours, processor time", middle(runs["ours"], "cpu"), "s"),
        Bar("one router, 20 commands: times faster than stock", ratio(runs["stock"], runs["ours"]), "",
            13.0 / slack, at_least=True),
        Bar("one router, all commands, 20 ms: ours, collecting", middle(far["ours"], "collecting"), "s"),
        Bar("one router, all commands, 20 ms: ours typing ahead, collecting", middle(far["pipelined"], "collecting"),
            "s"),
    ]  # fmt: skip
    return part
