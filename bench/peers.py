"""Other tools against the same routers, in environments of their own, ours beside them: `python bench/peers.py FOLDER`.

Installs NUTS and pyATS below FOLDER (if they install), and writes build/peers.json with the ratios of whole processes:

- NUTS's `TestNapalmBgpNeighbors` and `TestNapalmBgpNeighborsCount` over 100 routers, as many at once as serves it best,
  beside a pytest file over our driver and parsers that asserts the same of the same neighbors;
- pyATS, connecting to 20 routers and parsing two commands of each (its commands at login emptied: they would enter
  configuration mode), beside ours with the same two commands.

The routers repeat what the simulated network answered. What a peer asks besides is asked of the simulated network
first. Exit 0 when every tool that installed read every router.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_answers import read
from bench_clients import inventory
from bench_figures import alternated, middle, ratio
from bench_fleet import ROUTER, answers
from bench_machine import HERE, ROOT, about, processors, run
from bench_routers import Condition, Routers, routers
from bench_server import PASSWORD, USERNAME
from jsonschema import validate
from try_nuts import NEIGHBORS, NORNIR, VRF
from try_nuts import install as install_nuts

from pytest_azinterop.lab.launch import start

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench_machine import Cost

SCHEMA = Path(__file__).with_name("peers.schema.json")
NUTS_ROUTERS, PYATS_ROUTERS, ROUNDS = 100, 20, 3
PYATS_COMMANDS = ("show version", "show interfaces")
_CLEAN = ("PYTEST_", "PYTHON", "AZINTEROP_")


def clean() -> dict[str, str]:
    """The environment of a tool that knows nothing of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_CLEAN)}


def install_pyats(environment: Path) -> str | None:
    """pyATS with its parsers, if it is not there yet; why it cannot be had, None: it is there."""
    if (environment / "bin" / "genie").exists():
        return None
    venv.create(environment, with_pip=True)
    command = [environment / "bin" / "pip", "install", "--quiet", "pyats[library]"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()[-300:]


def nuts(folder: Path, running: Routers, at_once: int) -> Cost:
    """NUTS's bundle over all routers."""
    work = folder / "peers-nuts"
    doors = running.doors()
    hosts = {
        name: {"hostname": "127.0.0.1", "port": port, "username": USERNAME, "password": PASSWORD, "platform": "ios",
               "connection_options": {"napalm": {"extras": {"optional_args": {"port": port}}}}}
        for name, port in zip(doors["names"], doors["ports"], strict=True)
    }  # fmt: skip
    (work / "inventory").mkdir(parents=True, exist_ok=True)
    (work / "inventory" / "hosts.yaml").write_text(json.dumps(hosts))
    for name in ("groups.yaml", "defaults.yaml"):
        (work / "inventory" / name).write_text("{}\n")
    settings = NORNIR.format(folder=work / "inventory").replace("num_workers: 4", f"num_workers: {at_once}")
    (work / "nr-config.yaml").write_text(settings)
    up = {"local_as": 65021, "is_enabled": True, "is_up": True}
    bundle = [
        {"test_class": "TestNapalmBgpNeighbors", "test_execution": {"vrf": VRF},
         "test_data": [{"host": host, **up, **each} for host in hosts for each in NEIGHBORS]},
        {"test_class": "TestNapalmBgpNeighborsCount", "test_execution": {"vrf": VRF},
         "test_data": [{"host": host, "neighbor_count": len(NEIGHBORS)} for host in hosts]},
    ]  # fmt: skip
    (work / "test_bgp.yaml").write_text(json.dumps(bundle))
    command = [folder / "venv" / "bin" / "python", "-m", "pytest", "-q", "--nornir-cache-disable", "test_bgp.yaml"]
    return run(["env", "-i", *(f"{name}={value}" for name, value in clean().items()), *command],
               processor=processors()[1], cwd=work)  # fmt: skip


def ours(running: Routers, script: str, *arguments: str) -> Cost:
    """Our side of a comparison: a script or test file of this folder, with an ordinary inventory."""
    doors = running.doors()
    limits = {f"{what}_at_once": 50.0 for what in ("routers", "logins", "commands")}
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = inventory(Path(place), doors, doors["names"], {**limits, "login_deadline": 300.0})
        environment = {"AZINTEROP_USERNAME": USERNAME, "AZINTEROP_PASSWORD": PASSWORD, "BENCH_INVENTORY": str(folder)}
        if script.startswith("check"):
            command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", place, "-c", "/dev/null"]
            words = [sys.executable, *command, str(HERE / script)]
        else:
            words = [sys.executable, str(HERE / script), str(folder), *arguments]
        return run(words, processor=processors()[1], cwd=Path(place), environment=environment)


def pyats(folder: Path, running: Routers) -> Cost:
    """pyATS, connecting and parsing."""
    python = folder / "pyats" / "bin" / "python"
    words = [python, HERE / "peer_pyats.py", running.ready, USERNAME, PASSWORD, *PYATS_COMMANDS]
    environment = [f"{name}={value}" for name, value in clean().items() if name != "PATH"]
    path = f"PATH={python.parent}{os.pathsep}{os.environ['PATH']}"
    return run(["env", "-i", path, *environment, *words], processor=processors()[1], cwd=folder)


def learned(kept: Path, build: Path, clients: dict[str, Callable[[Routers], Cost]]) -> Path:
    """The kept answers, and those to what these clients ask besides, from the simulated network."""
    found, place = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8")), build / "peers"
    place.with_suffix(".plan").write_bytes(kept.with_suffix(".plan").read_bytes())
    for client in clients.values():
        asked: set[str] = set()
        while True:
            place.with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")
            with routers(place, ROUTER, 1, Condition()) as running:
                client(running)
                new = sorted(set(running.told()["unknown"]) - asked)
            if not new:
                break
            asked |= set(new)
            found[ROUTER].update(asked_of_lab(new))
    return place


def asked_of_lab(commands: list[str]) -> dict[str, list[str]]:
    """What the simulated router answers to these, with the stock client."""
    from netmiko import ConnectHandler

    with start() as ready:
        door = ready.routers[ROUTER]
        client = ConnectHandler(device_type="cisco_ios", host=door.host, port=door.port, username=door.username,
                                password=door.password)  # fmt: skip
        try:
            return {each: [str(client.send_command(each, strip_command=True, read_timeout=60))] for each in commands}
        finally:
            client.disconnect()


def checked(tool: str, cost: Cost, running: Routers) -> dict[str, Any]:
    """What a run was, with what the routers saw. Raises SystemExit where it did not succeed."""
    if cost.code != 0:
        raise SystemExit(f"{tool} failed:\n{cost.output[-3000:]}")
    seen = running.told()
    return {"wall": cost.wall, "cpu": cost.cpu, "memory": cost.memory, "sessions": seen["sessions"],
            "commands": seen["commands"]}  # fmt: skip


def compare(running: Routers, kinds: dict[str, Callable[[], Cost]]) -> dict[str, list[dict[str, Any]]]:
    """Each kind in turn, several times."""

    def one(kind: str) -> dict[str, Any]:
        running.told()
        return checked(kind, kinds[kind](), running)

    return alternated(ROUNDS, {kind: (lambda kind=kind: one(kind)) for kind in kinds})


def told(name: str, count: int, peer: str, found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """One comparison: medians, and ratios of runs that followed one another."""
    figures = {kind: {what: middle(each, what) for what in each[0]} for kind, each in found.items()}
    ratios = {what: ratio(found[peer], found["ours"], what) for what in ("wall", "cpu", "memory", "commands")}
    print(name)
    for kind, each in figures.items():
        print(f"  {kind:<6} {each['wall']:6.2f} s, {each['cpu']:6.2f} s of processor, {each['memory'] / 1e6:4.0f} MB,"
              f" {each['sessions']:.0f} logins, {each['commands']:.0f} commands")  # fmt: skip
    print(f"  {peer} took {ratios['wall']:.1f} times as long, {ratios['cpu']:.1f} times the processor, and"
          f" {ratios['commands']:.1f} times the commands", flush=True)  # fmt: skip
    return {"name": name, "routers": count, "peer": peer, "median": figures, "times_ours": ratios, "runs": found}


def versions(python: Path, *names: str) -> dict[str, str]:
    """Of packages in another environment."""
    script = "import sys, importlib.metadata as m; print(*(m.version(n) for n in sys.argv[1:]))"
    done = subprocess.run([python, "-c", script, *names], check=True, capture_output=True, text=True, env=clean())
    return dict(zip(names, done.stdout.split(), strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "peers.json")
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    build = given.output.parent / "bench"
    build.mkdir(parents=True, exist_ok=True)
    install_nuts(folder / "venv")
    missing = install_pyats(folder / "pyats")
    peers: dict[str, Callable[[Routers], Cost]] = {
        "nuts": lambda running: nuts(folder, running, 1),
        "ours": lambda running: ours(running, "check_bgp.py"),
    }
    if missing is None:
        peers["pyats"] = lambda running: pyats(folder, running)
    kept = learned(answers(build), build, peers)
    read(kept)
    packages = versions(folder / "venv" / "bin" / "python", "nuts", "nornir", "napalm", "netmiko")
    found = []
    with routers(kept, ROUTER, NUTS_ROUTERS, Condition()) as running:
        tried = {at_once: checked("nuts", nuts(folder, running, at_once), running)["wall"] for at_once in (20, 50, 100)}
        best = min(tried, key=lambda at_once: tried[at_once])
        runs = compare(
            running, {"nuts": lambda: nuts(folder, running, best), "ours": lambda: ours(running, "check_bgp.py")}
        )
        name = f"BGP neighbors and their number, {NUTS_ROUTERS} routers (NUTS: {best} at once)"
        found.append(told(name, NUTS_ROUTERS, "nuts", runs))
    if missing is None:
        packages |= versions(folder / "pyats" / "bin" / "python", "pyats", "genie", "unicon")
        with routers(kept, ROUTER, PYATS_ROUTERS, Condition()) as running:
            runs = compare(running, {
                "pyats": lambda: pyats(folder, running),
                "ours": lambda: ours(running, "peer_ours.py", "version", "interfaces"),
            })  # fmt: skip
            found.append(told(f"connect and parse two commands, {PYATS_ROUTERS} routers", PYATS_ROUTERS, "pyats", runs))
    else:
        print(f"pyATS does not install here: {missing}")
    absent = {} if missing is None else {"pyats": missing}
    document = {"machine": about(), "packages": packages, "not_installed": absent, "compared": found}
    validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    given.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(given.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
