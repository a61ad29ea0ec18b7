"""What a run of pytest leaves behind, however it ends: `python bench/bench_leftovers.py [--routers 40] [ENDING …]`.

Replaying routers are asked by whole runs of pytest: in one process, with two workers of pytest-xdist, and over two
local Dask workers. A run goes to its end, or is ended when half of the routers have a session. Counted are the threads,
sockets and open files that each process had at its end and not at its beginning, the files below TMPDIR, the processes
that are still there, and the connections that the routers still have. Writes build/leftovers.json, which the schema
beside this file describes. Exit 0 only if nothing was left, and each run ended in time with the right exit code.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_clients import inventory
from bench_fleet import ROUTER, answers
from bench_machine import HERE, ROOT, about
from bench_routers import Condition, Routers, routers
from bench_server import PASSWORD, USERNAME
from jsonschema import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMA = Path(__file__).with_name("leftovers.schema.json")
WAYS = {"plain": (), "xdist": ("-n", "2"), "dask": ()}
PATIENCE = 600.0
SOON = 15.0
"""Seconds within which a run that is told to end has ended: execnet gives a worker ten to end by itself."""
SESSIONS = 50
_MOMENTS = 3.0
_TOKEN = "AZINTEROP_LEFTOVERS"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends, and with which exit code. `act` None: by itself."""

    name: str
    codes: tuple[int, ...]
    act: Callable[[Started], None] | None = None
    ways: tuple[str, ...] = tuple(WAYS)


@dataclass(slots=True)
class Started:
    """A run that goes on. `folder` is where its processes tell of themselves."""

    process: subprocess.Popen[bytes]
    folder: Path
    token: str
    killed: list[int] = field(default_factory=list)

    def everyone(self, number: int) -> None:
        """As the terminal does: a signal for all processes of the run."""
        os.killpg(self.process.pid, number)

    def others(self) -> list[int]:
        """The processes of this run but its first, as long as they are there."""
        return [each for each in _processes(self.token) if each != self.process.pid]


def interrupt(run: Started) -> None:
    run.everyone(signal.SIGINT)


def interrupt_twice(run: Started) -> None:
    run.everyone(signal.SIGINT)
    time.sleep(0.1)
    run.everyone(signal.SIGINT)


def interrupt_first(run: Started) -> None:
    run.process.send_signal(signal.SIGINT)


def terminate(run: Started) -> None:
    run.process.send_signal(signal.SIGTERM)


def terminate_everyone(run: Started) -> None:
    run.everyone(signal.SIGTERM)


def hang_up(run: Started) -> None:
    run.everyone(signal.SIGHUP)


def kill_worker(run: Started) -> None:
    """The process, not the first, that has most sockets: it asks the routers."""
    run.killed.append(max(run.others(), key=_sockets))
    os.kill(run.killed[0], signal.SIGKILL)


ENDINGS = {
    each.name: each
    for each in (
        Ending("whole", (0, 1)),
        Ending("ctrl-c", (2,), interrupt),
        Ending("ctrl-c twice", (2,), interrupt_twice),
        Ending("SIGINT to the first process", (2,), interrupt_first, ("xdist", "dask")),
        Ending("SIGTERM", (2,), terminate),
        Ending("SIGTERM to all", (2,), terminate_everyone),
        Ending("SIGHUP to all", (2,), hang_up),
        Ending("a worker is killed", (0, 1), kill_worker, ("xdist", "dask")),
    )
}


def _processes(token: str) -> Iterator[int]:
    """Those that were started with this token in their environment, and their children."""
    wanted = f"{_TOKEN}={token}".encode()
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                if wanted in (each / "environ").read_bytes().split(b"\0"):
                    yield int(each.name)


def _remaining(token: str) -> list[int]:
    """Those that do not end within moments: multiprocessing's resource tracker does when its parent has ended."""
    until = time.monotonic() + _MOMENTS
    while (found := list(_processes(token))) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _sockets(process: int) -> int:
    found = 0
    with suppress(OSError):
        for each in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                found += str(each.readlink()).startswith("socket:")
    return found


def network(place: Path, running: Routers, way: str) -> None:
    """An inventory in which each router is a site of its own, with one customer who has a tunnel."""
    doors = running.doors()
    names = doors["names"]
    limits: dict[str, float] = {f"{what}_at_once": SESSIONS for what in ("routers", "logins", "commands")}
    inventory(place, doors, names, {**limits, "login_deadline": 300.0, "command_deadline": 300.0})
    tunnel = {"connection": "gw", "tunnel": "Tunnel30", "address": "10.2.30.125/32", "source": "Loopback30",
              "local": "66.198.12.106", "peer": "52.168.162.84", "neighbor": "10.10.30.254"}  # fmt: skip
    intent = {
        "version": 1,
        "defaults": {
            "ntp": {"servers": ["10.255.0.1"]},
            "archive": {"path": "bootflash:", "maximum": 10},
            "software": {"releases": ["17.*"], "minimum_uptime": "1d"},
        },
        "networks": {"hub": ["10.10.30.0/24"]},
        "connections": {"gw": {"networks": ["hub"], "gateway_asn": 65515}},
        "sites": {f"site-{name}": {"asn": 65021, "routers": [name]} for name in names},
        "customers": {
            f"customer-{name}": {
                "vrf": "30",
                "sites": {f"site-{name}": {"prefixes": ["10.2.30.0/25"], "vpn": [{**tunnel, "router": name}]}},
            }
            for name in names
        },
    }
    (place / "interop.yaml").write_text(json.dumps(intent), encoding="utf-8")
    if way == "dask":
        runner = {"plugin": "azinterop_dask", "options": {"workers": 2, "threads": SESSIONS // 2}}
        (place / "nornir.yaml").write_text(json.dumps({"runner": runner}), encoding="utf-8")


def one_run(running: Routers, count: int, way: str, ending: Ending) -> dict[str, Any]:
    """One run of pytest and how it ended. Raises RuntimeError where it did not come as far as its ending."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place, temporary, census = (Path(folder) / name for name in ("net", "temporary", "census"))
        for each in (place, temporary, census):
            each.mkdir()
        network(place, running, way)
        (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # as a user has it, not as this project
        token = f"{os.getpid()}-{time.monotonic_ns()}"
        environment = {
            **os.environ, _TOKEN: token, "AZINTEROP_CENSUS": str(census), "TMPDIR": str(temporary),
            "AZINTEROP_USERNAME": USERNAME, "AZINTEROP_PASSWORD": PASSWORD,
            "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", str(ROOT)), str(HERE)]),
        }  # fmt: skip
        command = [
            sys.executable, "-c", _BEGIN, "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
            "-p", "bench_census",
            "-c", str(place / "pytest.ini"), "--tb=no", "--no-azure",
            "--inventory", str(place), *WAYS[way], str(ROOT / "checks"),
        ]  # fmt: skip
        running.left(0, SOON)
        running.told()
        output = Path(folder) / "output.txt"
        began = time.monotonic()
        with output.open("wb") as sink:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=sink,
                                       stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        started = Started(process, census, token)
        try:
            if not running.saw(count if ending.act is None else count // 2, PATIENCE):
                raise RuntimeError(f"the routers were not asked:\n{output.read_text(errors='replace')[-3000:]}")
            told = time.monotonic()
            if ending.act is not None:
                ending.act(started)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            ended = time.monotonic()
            closed = running.left(0, SOON)
            processes = _remaining(token)
        finally:
            for each in _processes(token):
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            process.wait()
        seen = running.told()
        said = output.read_text(errors="replace")
        return {
            "way": way, "ending": ending.name, "code": process.returncode, "wall": ended - began,
            "to_the_end": ended - told, "sessions": seen["sessions"], "unknown": seen["unknown"],
            "left": {
                **_counted(started),
                "temporary": _files(temporary),
                "processes": [str(each) for each in processes],
                "connections": [] if closed else [str(seen["open"])],
            },
            "memory": _memory(census), "last": said.strip().rpartition("\n")[2][:200],
        }  # fmt: skip


# A shell that starts a command in the background has it ignore Ctrl-C.
_BEGIN = (
    "import signal, sys\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    "import pytest\n"
    "sys.exit(pytest.console_main())\n"
)


def _files(temporary: Path) -> list[str]:
    """All but the base of `tmp_path`, which pytest-xdist has pytest make and pytest itself keeps for three runs."""
    found = sorted(str(each.relative_to(temporary)) for each in temporary.rglob("*"))
    return [each for each in found if not each.startswith("pytest-of-")]


def _counted(run: Started) -> dict[str, list[str]]:
    """What the processes found of themselves. One that did not come to count is named, if it was not killed."""
    found: dict[str, list[str]] = {"sockets": [], "files": [], "threads": [], "uncounted": []}
    for begun in sorted(run.folder.glob("*.begun")):
        ended = begun.with_suffix(".ended")
        name = json.loads(begun.read_text(encoding="utf-8"))["process"]
        if ended.exists():
            told = json.loads(ended.read_text(encoding="utf-8"))
            for what in ("sockets", "files", "threads"):
                found[what] += [f"{name}: {each}" for each in told[what]]
        elif int(begun.stem) not in run.killed:
            found["uncounted"].append(name)
    return found


def _memory(census: Path) -> int:
    """Bytes: the peaks of all processes of pytest, added up."""
    return sum(int(json.loads(each.read_text(encoding="utf-8"))["memory"]) for each in census.glob("*.ended"))


def wrong(one: dict[str, Any], count: int) -> list[str]:
    """What must not be, in words."""
    ending = ENDINGS[one["ending"]]
    found = [f"{len(each)} {what}: {'; '.join(each)[:600]}" for what, each in one["left"].items() if each]
    if one["code"] not in ending.codes:
        found.append(f"exit code {one['code']}, not {' or '.join(map(str, ending.codes))}")
    if ending.act is not None and 2 in ending.codes and one["to_the_end"] > SOON:
        found.append(f"it ended after {one['to_the_end']:.0f} s")
    if ending.act is None and one["sessions"] != count:
        found.append(f"{one['sessions']} sessions with {count} routers")
    if one["unknown"]:
        found.append(f"commands that no router answered: {one['unknown'][:3]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endings", nargs="*", metavar="ENDING", help=f"of {', '.join(ENDINGS)}; none: all")
    parser.add_argument("--routers", type=int, default=40)
    parser.add_argument("--rtt", type=int, default=20, help="milliseconds")
    parser.add_argument("--way", action="append", choices=WAYS, help="more than once for several; none: all")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "leftovers.json")
    given = parser.parse_args()
    unknown = sorted(set(given.endings) - ENDINGS.keys())
    if unknown:
        parser.error(f"no ending {unknown[0]!r}; there are {', '.join(ENDINGS)}")
    build = given.output.parent / "bench"
    build.mkdir(parents=True, exist_ok=True)
    machine, found, held = about(), [], True
    kept = answers(build)
    print(f"{given.routers} routers, round trip {given.rtt} ms, {SESSIONS} sessions at once, load {machine['load']}")
    with routers(kept, ROUTER, given.routers, Condition(given.rtt)) as running:
        for name in [*(given.endings or ENDINGS)] * given.runs:
            for way in given.way or WAYS:
                if way not in ENDINGS[name].ways:
                    continue
                one = one_run(running, given.routers, way, ENDINGS[name])
                bad = wrong(one, given.routers)
                found.append({**one, "held": not bad})
                held = held and not bad
                print(f"  {way:<6} {name:<28} exit {one['code']:>3} {one['wall']:6.1f} s, {one['to_the_end']:5.1f} s"
                      f" to the end, {one['sessions']:4} sessions, {one['memory'] / 1e6:5.0f} MB,"
                      f" {'nothing left' if not bad else 'NOT held'}", flush=True)  # fmt: skip
                print("".join(f"         {each}\n" for each in bad), end="", flush=True)
    document = {"machine": machine, "routers": given.routers, "rtt": given.rtt, "runs": found, "held": held}
    validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    given.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{given.output}: {'nothing was left behind' if held else 'NOT everything held'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
