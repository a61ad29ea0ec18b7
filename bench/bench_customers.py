"""One router with hundreds of customers: its checks collected and run, from one login, plain and with two workers."""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import customers_network
from bench_clients import inventory
from bench_figures import Bar, Part
from bench_machine import ROOT, Cost, processors, run, run_json
from bench_routers import Condition, Routers, routers
from bench_server import PASSWORD, USERNAME

if TYPE_CHECKING:
    from bench_figures import Size

PREFIXES = 50
_COUNTS = {"small": 20, "full": 300}
_SUMMARY = re.compile(r"^(?=.*\bin [\d.]+s)(?:=* ?)(?P<words>.*?) in [\d.]+s", re.MULTILINE)
_COST = re.compile(r"(\d+) login\w* to (\d+) router\w*, (\d+) commands?")


def network(build: Path, customers: int) -> tuple[Path, Path]:
    """The simulated inventory and what its router answered. Both are kept in the build folder, as asking is slow."""
    folder, kept = build / f"customers-{customers}", build / f"customers-{customers}" / "answers"
    customers_network.write(folder, customers, PREFIXES)
    run_json("bench_answers.py", folder, kept, "keep")
    return folder, kept


def customers(size: Size, build: Path) -> Part:
    part, count = Part("customers"), _COUNTS[size]
    folder, kept = network(build, count)
    with routers(kept, customers_network.ROUTER, 1, Condition()) as running:
        plain = one_run(running, folder, processors()[1])
        part.measured.append(told(plain, running, "plain", count))
        if find_spec("xdist"):
            two = one_run(running, folder, None, "-n", "2")
            part.measured.append(told(two, running, "-n 2", count))
    listed = one_run(None, folder, processors()[1], "--collect-only", "-q")
    part.measured.append({"kind": "--collect-only", "customers": count, "wall": listed.wall, "cpu": listed.cpu,
                          "memory": listed.memory})  # fmt: skip
    limit = 30.0 if size == "full" else 20.0
    for each in part.measured:
        name = f"{count} customers of {PREFIXES} prefixes, {each['kind']}"
        part.bars.append(Bar(f"{name}: wall time", each["wall"], "s", limit))
        part.bars.append(Bar(f"{name}: processor time", each["cpu"], "s"))
        if "passed" in each:
            part.bars += [
                Bar(f"{name}: checks that passed", each["passed"], "", 30.0 * count, at_least=True),
                Bar(f"{name}: checks that did not", each["failed"] + each["errors"], "", 0),
                Bar(f"{name}: logins", each["sessions"], "", 1),
                Bar(f"{name}: commands for each customer", each["commands"] / count, ""),
            ]
        part.bars.append(Bar(f"{name}: peak memory", each["memory"] / 1e6, "MB"))
    return part


def one_run(running: Routers | None, folder: Path, processor: int | None, *options: str) -> Cost:
    """A whole pytest process over the network's intent, with the routers of `running` behind it."""
    with TemporaryDirectory(prefix="bench-") as temporary:
        place = Path(temporary)
        limits = {"router_deadline": 3600.0, "command_deadline": 600.0}
        ready = {"ports": [9], "host_key": "ssh-ed25519 none"} if running is None else running.doors()
        inventory(place, ready, [customers_network.ROUTER], limits)
        (place / "interop.yaml").write_bytes((folder / "interop.yaml").read_bytes())
        # Hypothesis is there for this project's own tests; whoever verifies a network does not load it.
        left_out = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
        command = [sys.executable, "-m", "pytest", *left_out, "--no-azure", "--inventory", str(place)]
        environment = {"AZINTEROP_USERNAME": USERNAME, "AZINTEROP_PASSWORD": PASSWORD}
        environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", str(ROOT))
        return run([*command, *options, "checks"], processor=processor, cwd=ROOT, environment=environment)


def told(cost: Cost, running: Routers, kind: str, count: int) -> dict[str, Any]:
    """What a run cost and what came of it. Raises RuntimeError where it printed no summary."""
    summary = list(_SUMMARY.finditer(cost.output))
    if not summary:
        raise RuntimeError(f"no summary:\n{cost.output[-3000:]}")
    words = summary[-1]["words"]
    counts = {what: _count(words, what) for what in ("passed", "failed", "errors", "skipped")}
    seen = running.told()
    return {"kind": kind, "customers": count, "wall": cost.wall, "cpu": cost.cpu, "memory": cost.memory, **counts,
            "sessions": seen["sessions"], "commands": seen["commands"]}  # fmt: skip


def _count(words: str, what: str) -> int:
    found = re.search(rf"(\d+) {what.removesuffix('s')}s?\b", words)
    return int(found[1]) if found else 0
