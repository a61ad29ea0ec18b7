"""What a pytest run pays for the installed plugin that it does not use."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench_figures import Bar, Part, alternated, middle
from bench_machine import processors, run

if TYPE_CHECKING:
    from bench_figures import Size

_LIMIT = 0.030
_HEAVY = ("paramiko", "netmiko", "napalm", "nornir", "asyncssh", "pydantic", "azure", "jinja2", "rich", "textfsm")
_SHOW = "import sys, pytest; pytest.main(['-q', *sys.argv[1:]]); print('|'.join(sorted(sys.modules)))"


def startup(size: Size, build: Path) -> Part:
    del build
    part, rounds = Part("startup"), 7 if size == "small" else 21
    with TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        (place / "test_unrelated.py").write_text("def test_nothing():\n    assert True\n", encoding="utf-8")
        kinds = {"with": _runner(place), "without": _runner(place, "-p", "no:azinterop")}
        alternated(1, kinds)  # what Python compiles only once
        runs = alternated(rounds, kinds)
        command = [sys.executable, "-c", _SHOW, "-p", "no:cacheprovider", str(place)]
        loaded = run(command, cwd=place).output.strip().splitlines()[-1].split("|")
    heavy = sorted({name.partition(".")[0] for name in loaded} & set(_HEAVY))
    part.measured = [{"kind": kind, **each} for kind, found in runs.items() for each in found]
    added = [one["cpu"] - other["cpu"] for one, other in zip(runs["with"], runs["without"], strict=True)]
    part.bars = [
        Bar("an unrelated run, with the plugin", middle(runs["with"]), "s"),
        Bar("an unrelated run, without", middle(runs["without"]), "s"),
        Bar("processor time that the plugin adds", float(median(added)), "s", _LIMIT * (2 if size == "small" else 1)),
        Bar(f"heavy packages imported {heavy or ''}".strip(), len(heavy), "", 0),
    ]
    return part


def _runner(place: Path, *options: str) -> Any:  # noqa: ANN401
    def one() -> dict[str, Any]:
        done = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(place)],
                   processor=processors()[1], cwd=place)  # fmt: skip
        if done.code != 0:
            raise RuntimeError(done.output)
        return {"wall": done.wall, "cpu": done.cpu, "memory": done.memory}

    return one
