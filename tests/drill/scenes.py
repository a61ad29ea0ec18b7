"""The published drill, and looks at its routers that a test can change: no router, no lab."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pytest_azinterop.drill.guard import Scene
from pytest_azinterop.drill.look import Logged, Look, TunnelSeen, Way, targets
from pytest_azinterop.drill.record import Record, RouterEnd
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.drill_expectations import Drill
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load
from pytest_azinterop.state.source import Source

ZERO = datetime(2027, 3, 2, 22, 0, tzinfo=UTC)
EDGE, OTHER = "ce1-loc1", "ce2-loc1"
EXPRESSROUTE = "ce1-loc1/vrf-30/192.168.30.18"
SECONDARY = "ce2-loc1/vrf-30/192.168.30.22"
VPN = "ce1-loc1/vrf-30/10.10.30.254"
TUNNEL = "ce1-loc1/vrf-30/Tunnel30"
SOURCE = Source(EDGE, "show something", ZERO)


@cache
def expectations() -> Expectations:
    return load(Path(__file__).parents[2] / "inventory" / "lab").expectations


def the_drill(**changes: Any) -> Drill:
    return replace(expectations().drills[0], **changes)


def scene(router: str = EDGE, drill: Drill | None = None, **addresses: str) -> Scene:
    return Scene(drill or the_drill(), router, expectations(), addresses)


class Told:
    """Facts by their kind (and address), whichever router: records, or an error to raise."""

    def __init__(self, **records: Any) -> None:
        self._records = records

    def records(self, fact: Any) -> Any:
        kind = getattr(fact, "kind", "a request to Azure")
        if kind not in self._records:
            raise UndeterminedError(f"{kind} was not collected", cause="not-collected")
        found = self._records[kind]
        if isinstance(found, Exception):
            raise found
        return found(fact) if callable(found) else found

    def samples(self, fact: Any) -> Any:
        return self._records[f"{fact.kind}_first"], self.records(fact)

    def origin(self, fact: Any) -> Source:
        return Source(fact.host, fact.kind, ZERO)


def ways(word: str) -> dict[str, Way]:
    """Where ce1-loc1 sends packets of every target, in a phase."""
    found = {}
    for reach in targets(the_drill()):
        if reach.to == "branch":
            found[str(reach.target)] = Way("session", VPN)
        elif word == "vpn":
            found[str(reach.target)] = Way("none") if reach.to == "remote" else Way("session", VPN)
        elif word == "secondary":
            found[str(reach.target)] = Way("internal", OTHER)
        else:
            found[str(reach.target)] = Way("session", EXPRESSROUTE)
    return found


def looks(seconds: float, word: str = "expressroute", *, load: int = 0, **changes: Any) -> list[Look]:
    """Both routers, so many seconds after the trigger. `load`: packets of the tunnel so far, in both directions."""
    at = ZERO + timedelta(seconds=seconds)
    down = word != "expressroute"
    answers = {each.id: (2, 0 if each.to == "remote" and word == "vpn" else 2) for each in targets(the_drill())} | {
        each.id: (1, 0) for each in the_drill().forbidden
    }
    first = Look(
        router=EDGE,
        at=at,
        asked_at=at,
        ended_at=at,
        sessions={
            EXPRESSROUTE: "Idle" if down else "Established",
            VPN: "Established",
            f"{EDGE}/vrf-30/192.168.30.3": "Established",
        },
        ways=ways(word),
        answers=answers,
        tunnels={TUNNEL: TunnelSeen(1000 + load, 900 + load, True)},
        pending=down,
    )
    second = Look(
        router=OTHER,
        at=at,
        asked_at=at,
        ended_at=at,
        sessions={
            SECONDARY: "Established" if word == "secondary" else "Idle",
            f"{OTHER}/vrf-30/192.168.30.2": "Established",
        },
        ways={str(each.target): Way("session", SECONDARY) for each in targets(the_drill())},
    )
    return [replace(first, **changes), second]


def message(seconds: float, name: str, text: str) -> Logged:
    return Logged(EDGE, ZERO + timedelta(seconds=seconds), name, text)


def record(during: str = "vpn", after: str = "expressroute", drill: Drill | None = None) -> Record:
    """A drill as it should go: two looks before, moved after 2 s, undone after 662 s, back 4 s later."""
    found = Record(drill or the_drill())
    found.began, found.triggered = ZERO - timedelta(seconds=10), ZERO
    found.undoing, found.undone = ZERO + timedelta(seconds=661), ZERO + timedelta(seconds=662)
    found.armed, found.ends = [EDGE], [RouterEnd(EDGE, "undone-and-confirmed", (), "undone")]
    found.looks = [
        *looks(-8),
        *looks(-4),
        *looks(2, during, load=10),
        *looks(300, during, load=5000),
        *looks(660, during, load=9000),
        *looks(666, after, load=9001),
        *looks(670, after, load=9001),
    ]
    found.second = looks(1600, after, load=9002)
    return found


def change(record_: Record, at: Iterable[float], **changes: Any) -> None:
    """Change what ce1-loc1 showed at these seconds."""
    when = {ZERO + timedelta(seconds=each) for each in at}
    record_.looks = [
        replace(each, **changes) if each.at in when and each.router == EDGE else each for each in record_.looks
    ]
