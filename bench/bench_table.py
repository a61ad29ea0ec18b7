"""Reading a large BGP table: ours against ntc-templates, and Genie's parser where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bench_figures import Bar, Part, alternated, middle, ratio
from bench_machine import run_json

if TYPE_CHECKING:
    from pathlib import Path

    from bench_figures import Size


def table(size: Size, build: Path) -> Part:
    del build
    part = Part("table")
    prefixes, rounds, times, most = (1000, 3, 5.0, 15.0) if size == "small" else (10_000, 5, 10.0, 10.0)
    peers = ["ours", "ntc", *(["genie"] if find_spec("genie") else [])]
    runs = alternated(rounds, {kind: _reader(kind, prefixes) for kind in peers})
    for kind, each in runs.items():
        part.measured += each
        if {one["records"] for one in each} != {2 * prefixes}:
            part.bars.append(Bar(f"{kind} read another number of paths than {2 * prefixes}", 1, "", 0))
    memory = run_json("bench_tables.py", "ours", str(prefixes), "--memory")
    what = f"{prefixes} prefixes, two paths each"
    part.measured.append(memory)
    part.bars += [
        *(Bar(f"{what}: {kind}", middle(each), "s") for kind, each in runs.items()),
        Bar(f"{what}: times faster than ntc-templates", ratio(runs["ntc"], runs["ours"], "cpu"), "", times,
            at_least=True),
        Bar(f"{what}: peak memory, times the text", memory["peak"] / memory["text"], "", most),
    ]  # fmt: skip
    return part


def _reader(kind: str, prefixes: int) -> Any:  # noqa: ANN401
    return lambda: run_json("bench_tables.py", kind, str(prefixes))
