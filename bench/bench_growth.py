"""How time and memory grow with routers, customers, checks and prefixes; nothing may be worse than linear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import customers_network
from bench_customers import network, one_run, told
from bench_figures import Bar, Part, exponent
from bench_fleet import ROUTER, answers
from bench_machine import processors, run_json
from bench_routers import Condition, routers

if TYPE_CHECKING:
    from pathlib import Path

    from bench_figures import Size

# Linear within what the fit over a few sizes on a busy machine can tell.
_MOST = 1.25
_ROUTERS = {"small": (5, 10, 20, 40), "full": (25, 50, 100, 200, 400)}
_CUSTOMERS = {"small": (10, 20, 40), "full": (20, 40, 80, 160)}
_PREFIXES = {"small": (500, 1000, 2000, 4000), "full": (2000, 4000, 8000, 16_000)}


def growth(size: Size, build: Path) -> Part:
    part = Part("growth")
    _grow(part, "routers", _ROUTERS[size], [_routers(answers(build), count) for count in _ROUTERS[size]], "memory")
    runs = [_customers(build, count) for count in _CUSTOMERS[size]]
    _grow(part, "customers", _CUSTOMERS[size], runs, "memory")
    _grow(part, "checks", [each["passed"] + each["skipped"] for each in runs], runs, "memory")
    tables = [_least([_table(count) for _ in range(3)]) for count in _PREFIXES[size]]
    _grow(part, "prefixes of a table", _PREFIXES[size], tables, "peak")
    return part


def _grow(part: Part, what: str, sizes: Any, runs: list[dict[str, Any]], memory: str) -> None:  # noqa: ANN401
    part.measured += [{"against": what, **each} for each in runs]
    for cost in ("cpu", memory):
        name = "processor time" if cost == "cpu" else "peak memory"
        value = exponent(sizes, [each[cost] for each in runs])
        part.bars.append(Bar(f"{name} against {what}: exponent ({sizes[0]} to {sizes[-1]})", value, "", _MOST))


def _least(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The undisturbed one."""
    return min(runs, key=lambda each: float(each["cpu"]))


def _routers(kept: Path, count: int) -> dict[str, Any]:
    with routers(kept, ROUTER, count, Condition()) as running:
        return _least([running.client("ours", min(20, count)) for _ in range(2)])


def _customers(build: Path, count: int) -> dict[str, Any]:
    folder, kept = network(build, count)
    with routers(kept, customers_network.ROUTER, 1, Condition()) as running:
        return _least([told(one_run(running, folder, processors()[1]), running, "plain", count) for _ in range(3)])


def _table(prefixes: int) -> dict[str, Any]:
    time = run_json("bench_tables.py", "ours", str(prefixes))
    return {**time, "peak": run_json("bench_tables.py", "ours", str(prefixes), "--memory")["peak"]}
