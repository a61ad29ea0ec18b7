"""What tests of drills share: a lab whose clock runs fast, its routers as an inventory, and sessions with the drill
login that break where a test wants them to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko

from pytest_azinterop.collect import inventory as router_inventory
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.drill.config_session import DrillSession, Taken, login_of
from pytest_azinterop.drill.device import RouterDrill, Target
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill.lines import DrillLine, program
from pytest_azinterop.intent.drill_expectations import Drill, SessionShutdown
from pytest_azinterop.intent.loader import load
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.lab.launch import Ready, start
from tests.lab_log import lab_events

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
    """A session that breaks right before or right after one of the lines that are configured, counted from 0."""

    count = 0
    breaks_at: int | None = None
    after = False

    def configure(self, line: DrillLine) -> Taken:
        at = type(self).count
        type(self).count += 1
        if at != self.breaks_at:
            return super().configure(line)
        if self.after:
            super().configure(line)
        self._terminal.disconnect()
        return super().configure(line)


def faulty(at: int, *, after: bool) -> type[Faulty]:
    return type("Faulty", (Faulty,), {"breaks_at": at, "after": after, "count": 0})


def types(ready: Ready, *lines: str, router: str = EDGE) -> str:
    """What a colleague types at a terminal of his own; everything that he sees."""
    door = ready.routers[router]
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(door.host, door.port, door.username, door.password, allow_agent=False, look_for_keys=False)
        channel = client.invoke_shell(width=500)
        channel.settimeout(5)
        seen = b""
        for line in ("", "terminal length 0", *lines):
            channel.sendall(f"{line}\r".encode() if line else b"")
            seen += (chunk := b"")
            while not chunk.endswith(b"#"):
                chunk += channel.recv(65536)
            seen += chunk
    return seen.decode()


def opener(
    ready: Ready, kind: type[DrillSession] = DrillSession, router: str = EDGE
) -> Callable[[Iterable[DrillLine]], DrillSession]:
    door = ready.routers[router]
    assert door.drill is not None
    credentials = Credentials(door.drill.username, Secret(door.drill.password))
    login, _ = login_of(router_inventory.load(ready.inventory), router, credentials)

    def opened(lines: Iterable[DrillLine]) -> DrillSession:
        session = kind(login, lines, 10.0)
        session.open()
        return session

    return opened


def session_of(ready: Ready, router: str) -> SessionShutdown:
    """A session to shut on any router: its first one over ExpressRoute."""
    sessions = load(ready.inventory).expectations.sessions
    each = next(each for each in sessions if each.router == router and each.role == "expressroute")
    return SessionShutdown(router, each.local_as, each.vrf, each.neighbor)


def target(ready: Ready, router: str = EDGE, minutes: int = 3, **changes: Any) -> Target:
    return Target(router, router, None, (program(session_of(ready, router)),), minutes, **changes)


def router_drill(
    ready: Ready, folder: Path, *, kind: type[DrillSession] = DrillSession, router: str = EDGE, **options: Any
) -> RouterDrill:
    """A drill with a folder of its own. What it tells goes into `told`."""
    told: list[str] = options.pop("told", [])
    goal = options.pop("goal", None) or target(ready, router)
    journal = options.pop("journal", None) or Journal.create(folder)
    return RouterDrill(goal, opener(ready, kind, router), journal, told=told.append, pause=0.02, **options)


def events(ready: Ready, *kinds: str) -> list[dict[str, Any]]:
    return lab_events(ready.log, *kinds)


def typed(ready: Ready) -> list[str]:
    """Every line that was sent in configuration mode, on any router."""
    return [event["line"] for event in events(ready, "config")]
