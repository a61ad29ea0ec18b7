"""The published failover, `expressroute-1-loss`, in the simulated network from plan to evidence: `make drill`.

Only what an operator has is used: `azinterop lab up`, `azinterop drill qualify`, and pytest twice, once for the plan
and once with its hash. Exits 0 only if every step did what it should.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DRILL = "expressroute-1-loss"
TICKET = "CHG0030303"
ANSWERS = ("out-of-band=the console answers", "jump-host=all of them do")
# What the published network shows: https://learn.microsoft.com, "interoperability: test setup, data plane", and its
# failover. The host's way to the hub, by phase.
PUBLISHED = {
    "before": "10.2.30.3 192.168.30.0 192.168.30.18 * 10.10.30.4",
    "during": "10.2.30.3 192.168.30.0 10.10.30.4",
    "after": "10.2.30.3 192.168.30.0 192.168.30.18 * 10.10.30.4",
}
FASTER = """\
waivers:
  - {rule: device.clock, object: "*", reason: the simulated network's clock runs faster, expires: 2028-12-31}
"""


def main() -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/drill"))
    parser.add_argument("--speed", type=float, default=10.0, help="how much faster the simulated clock runs")
    given = parser.parse_args()
    began = time.monotonic()
    folder = given.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("run-*"))) + 1
    place = folder / f"run-{number}"
    place.mkdir()
    with lab(place, given.speed) as ready:
        environment = {**os.environ, **logins(ready)}
        inventory = str(place / "inventory")
        (place / "inventory" / "interop.d").mkdir()
        (place / "inventory" / "interop.d" / "faster.yaml").write_text(FASTER, encoding="utf-8")
        qualify = ["azinterop", "drill", "qualify", "ce1-loc1", "--inventory", inventory, "--ticket", TICKET, "--in-ci"]
        step("qualify", qualify, {**environment, "AZINTEROP_DRILL": "1"})
        plan = step("plan", ["pytest", "--inventory", inventory, "--drill", DRILL], environment)
        digest = re.search(r"^hash: (\S+)$", plan, re.MULTILINE)
        if digest is None:
            print("no hash was printed")
            return 1
        answers = [word for each in ANSWERS for word in ("--drill-answer", each)]
        confirmed = [
            "--drill-confirm",
            digest[1],
            "--ticket",
            TICKET,
            *answers,
            "--drill-dir",
            str(place / "evidence"),
        ]
        confirmed.append("--azinterop-drill-in-ci")  # a simulated network may be drilled by a build service
        act = ["pytest", "--inventory", inventory, "--drill", DRILL, *confirmed, f"--junitxml={place / 'drill.xml'}"]
        step("act", act, {**environment, "AZINTEROP_DRILL": "1"}, may_fail=True)
    return report(place, time.monotonic() - began)


@contextmanager
def lab(place: Path, speed: float) -> Iterator[dict[str, Any]]:
    """The simulated network with its Linux hosts, until the block ends."""
    ready_file = place / "ready.json"
    command = [*program("azinterop"), "lab", "up", "--linux-hosts", "--parent-pipe", "--speed", f"{speed:g}"]
    command += ["--inventory-dir", str(place / "inventory"), "--ready-file", str(ready_file)]
    command += ["--log", str(place / "lab.jsonl")]
    with (
        (place / "lab.txt").open("w", encoding="utf-8") as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as process,
    ):
        until = time.monotonic() + 60
        while not ready_file.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        try:
            yield json.loads(ready_file.read_text(encoding="utf-8"))
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(20)


def logins(ready: dict[str, Any]) -> dict[str, str]:
    """What an operator would have in the environment."""
    router, host = ready["routers"]["ce1-loc1"], ready["hosts"]["loc1-host"]
    return {
        "AZINTEROP_USERNAME": router["username"],
        "AZINTEROP_PASSWORD": router["password"],
        "AZINTEROP_DRILL_USERNAME": router["drill"]["username"],
        "AZINTEROP_DRILL_PASSWORD": router["drill"]["password"],
        "AZINTEROP_LINUX_USERNAME": host["username"],
        "AZINTEROP_LINUX_PASSWORD": host["password"],
        "AZINTEROP_AZURE_TOKEN": ready["arm"]["token"],
    }


def program(name: str) -> list[str]:
    """How this environment's own program is started."""
    return [sys.executable, "-m", "pytest"] if name == "pytest" else [sys.executable, "-m", "pytest_azinterop.cli"]


def step(name: str, command: list[str], environment: dict[str, str], *, may_fail: bool = False) -> str:
    """One command of the operator; its output. Ends the run where it fails and may not."""
    began = time.monotonic()
    print(f"$ {' '.join(command)}", flush=True)
    whole = [*program(command[0]), *command[1:]]
    done = subprocess.run(whole, env=environment, capture_output=not may_fail, text=True, check=False)
    print(f"{name}: exit code {done.returncode}, {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode and not may_fail:
        print(f"{done.stdout}\n{done.stderr}")
        sys.exit(1)
    return str(done.stdout or "")


def report(place: Path, seconds: float) -> int:
    """What was shown, against what is published; 0 only if all of it holds."""
    file = place / "evidence" / "drill.json"
    if not file.exists():
        print("the drill left no evidence")
        return 1
    found = json.loads(file.read_text(encoding="utf-8"))
    wrong = [each for each in found["outcomes"] if each["outcome"] != "passed"]
    print("\nthe host's way to the hub")
    for phase, published in PUBLISHED.items():
        seen = next(
            (" ".join(each["hops"]) for each in found["traces"].get(phase, ()) if each["to"] == "10.10.30.4"), "none"
        )
        print(f"  {phase:<7} {seen}   {'as published' if seen == published else f'published: {published}'}")
        if seen != published:
            wrong.append({"name": f"traceroute {phase}", "outcome": "differs"})
    typed = [json.loads(line) for line in (place / "lab.jsonl").read_text(encoding="utf-8").splitlines()]
    config = [each["line"] for each in typed if each["event"] == "config"]
    print(f"\n{len(config)} lines were typed in configuration mode; different ones:")
    for line in dict.fromkeys(config):
        print(f"  {line}")
    for each in wrong:
        print(f"not passed: {each['name']}: {each['outcome']} {each.get('why', '')}")
    print(f"\nevidence in {place / 'evidence'}; {seconds:.0f} s in all")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
