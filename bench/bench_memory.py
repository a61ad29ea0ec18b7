"""What hundreds of routers take at their peak, and what a run leaves behind: whole, and interrupted in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench_figures import Bar, Part
from bench_fleet import ROUTER, answers
from bench_machine import processors, run_json
from bench_routers import Condition, routers

if TYPE_CHECKING:
    from pathlib import Path

    from bench_figures import Size

_ROUTERS = {"small": 40, "full": 500}
_AT_ONCE = 50
_LEFT = ("threads", "sockets", "files", "processes")


def memory(size: Size, build: Path) -> Part:
    part, kept, count = Part("memory"), answers(build), _ROUTERS[size]
    with routers(kept, ROUTER, count, Condition()) as running:
        for kind in ("whole", "interrupted"):
            found: dict[str, Any] = run_json(
                "bench_collector.py", kind, running.ready, kept, ROUTER, "--at-once", str(min(_AT_ONCE, count)),
                "--processor", str(processors()[1]),
            )  # fmt: skip
            part.measured.append({"kind": kind, "routers": count, **found})
            what = f"{count} routers{', interrupted in the middle' if kind == 'interrupted' else ''}"
            part.bars += [
                Bar(f"{what}: wall time", found["wall"], "s"),
                Bar(f"{what}: peak memory", found["memory"] / 1e6, "MB"),
                Bar(f"{what}: peak memory over that of the imports", (found["memory"] - found["idle"]) / 1e6, "MB"),
                *(Bar(f"{what}: {each} left behind", found[each], "", 0) for each in _LEFT),
            ]
    return part
