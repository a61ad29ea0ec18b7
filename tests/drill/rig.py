"""What tests of drills share: a lab whose clock runs fast, its routers as an inventory, and sessions with the drill
login that break where a test wants them to."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_azinterop.collect import inventory as router_inventory
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.drill.config_session import DrillSession, Taken, login_of
from pytest_azinterop.drill.device import RouterDrill, Target
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill.lines import DrillLine, program
from pytest_azinterop.intent.drill_expectations import Drill
from pytest_azinterop.intent.loader import load
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.lab.launch import Ready, start

EDGE = "ce1-loc1"
SPEED = 60.0
SHUT = "neighbor 192.168.30.18 shutdown"
RETURN = f"no {SHUT}"
FAMILY = ["router bgp 65021", "address-family ipv4 vrf 30"]


@contextmanager
def lab(folder: Path, scenario: str = "{}", **options: Any) -> Iterator[Ready]:
    file = folder / "scenario.yaml"
    file.write_text(scenario)
    options = {"speed": SPEED, **options}
    with start(scenario=[str(file)], log=folder / "lab.jsonl", inventory=folder / "inventory", **options) as ready:
        yield ready


def the_drill(ready: Ready, name: str = "expressroute-1-loss") -> Drill:
    drills = load(ready.inventory).expectations.drills
    return next(each for each in drills if each.name == name)


class Faulty(DrillSession):
    """A session that breaks right before or right after a line is sent, once."""

    breaks: str | None = None
    after = False

    def configure(self, line: DrillLine) -> Taken:
        if line.text != self.breaks:
            return super().configure(line)
        type(self).breaks = None
        if not self.after:
            self._cut()
        taken = super().configure(line)
        self._cut()
        return taken if not self.after else super().configure(line)

    def _cut(self) -> None:
        reached = self._terminal._reached
        assert reached is not None
        reached.sock.shutdown(socket.SHUT_RDWR)


def opener(ready: Ready, kind: type[DrillSession] = DrillSession) -> Callable[[Iterable[DrillLine]], DrillSession]:
    door = ready.routers[EDGE]
    assert door.drill is not None
    credentials = Credentials(door.drill.username, Secret(door.drill.password))
    login, _ = login_of(router_inventory.load(ready.inventory), EDGE, credentials)

    def opened(lines: Iterable[DrillLine]) -> DrillSession:
        session = kind(login, lines, 10.0)
        session.open()
        return session

    return opened


def target(drill: Drill, minutes: int = 3, **changes: Any) -> Target:
    programs = tuple(program(trigger) for trigger in drill.changes[EDGE])
    return Target(EDGE, EDGE, None, programs, minutes, **changes)


def router_drill(ready: Ready, folder: Path, *, kind: type[DrillSession] = DrillSession, **options: Any) -> RouterDrill:
    """A drill of its own folder, with what it tells in `told`."""
    told: list[str] = options.pop("told", [])
    goal = options.pop("goal", None) or target(the_drill(ready))
    journal = options.pop("journal", None) or Journal.create(folder)
    return RouterDrill(goal, opener(ready, kind), journal, told=told.append, pause=0.02, **options)


def events(ready: Ready, *kinds: str) -> list[dict[str, Any]]:
    lines = ready.log.read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] in kinds]


def typed(ready: Ready) -> list[str]:
    """Every line that was sent in configuration mode, on any router."""
    return [event["line"] for event in events(ready, "config")]
