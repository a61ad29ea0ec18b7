"""One router, over real SSH: changed and put back, with the session, the process or the clock gone at every step."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from drill.rig import (
    EDGE,
    FAMILY,
    RETURN,
    SHUT,
    events,
    faulty,
    lab,
    opener,
    router_drill,
    session_of,
    target,
    typed,
    types,
)

from pytest_azinterop.drill import journal as journals
from pytest_azinterop.drill import recover
from pytest_azinterop.drill.config_session import DrillSession
from pytest_azinterop.drill.configuration import Configuration
from pytest_azinterop.drill.device import RouterDrill, Target
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill.lines import DrillLine, program
from pytest_azinterop.drill.signals import stopping
from pytest_azinterop.errors import ConnectionFailedError, DrillFailedError, DrillRefusedError
from pytest_azinterop.intent.drill_expectations import SessionShutdown, SubinterfaceShutdown, TunnelShutdown
from pytest_azinterop.lab.launch import Ready

STATE = "show bgp vpnv4 unicast vrf 30 neighbors 192.168.30.18 | include BGP state"
TIMER = "show archive config rollback timer"
UNSAVED = "show archive config differences nvram:startup-config system:running-config"
FORTH = ["end", *FAMILY, SHUT, "end"]
BACK = [*FAMILY, RETURN, "end"]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture
def lines(ready: Ready) -> list[str]:
    """How many lines were configured before the test, to see what it adds."""
    return typed(ready)


def as_before(ready: Ready) -> bool:
    """Whether the network's router is as it was, by what a colleague sees there."""
    seen = types(ready, TIMER, UNSAVED)
    return "No Rollback Confirmed Change pending" in seen and "No changes were found" in seen


def arm_and_trigger(drill: RouterDrill) -> None:
    drill.arm()
    drill.trigger()


def test_a_drill_sends_its_lines_and_nothing_else(ready: Ready, tmp_path: Path) -> None:
    told: list[str] = []
    with router_drill(ready, tmp_path / "drill", told=told) as drill:
        armed = drill.arm()
        assert (armed.minutes, armed.file[:18]) == (3, "bootflash:archive-")
        triggered = drill.trigger()
        assert armed.at < triggered.before < triggered.at < armed.until
        assert "Idle" in types(ready, STATE)
        assert drill.is_still_armed()
        restored = drill.restore()
    assert (restored.how, restored.is_clean, restored.difference, restored.shout) == (
        "undone-and-confirmed", True, (), None,
    )  # fmt: skip
    assert restored.at is not None
    assert restored.at > triggered.at
    assert typed(ready) == [*FORTH, *BACK]
    sent = [event["line"] for event in events(ready, "command") if event.get("user") == "drill"]
    assert [line for line in sent if not line.startswith(("show ", "terminal ", "exit"))] == [
        "configure terminal revert timer 3", "configure terminal", "configure terminal", "configure confirm",
    ]  # fmt: skip
    assert as_before(ready)
    assert not told
    steps = [entry.step for entry in journals.read(tmp_path / "drill" / "journal.jsonl")]
    assert steps == [
        "arming", "armed", "triggering", "triggered", "undoing", "undone", "comparing", "confirming", "confirmed",
    ]  # fmt: skip


# The lines of a whole drill: 0 arms, 1 leaves, 2 to 6 change, 7 to 11 undo, 12 confirms.
BREAKS = [(0, False), (0, True), (1, True), (2, False), (4, True), (5, False), (5, True), (6, True), (9, False),
          (10, False), (10, True), (12, False), (12, True)]  # fmt: skip


@pytest.mark.parametrize(("at", "after"), BREAKS)
def test_a_session_that_is_lost_at_a_line_changes_nothing_in_the_end(
    ready: Ready, tmp_path: Path, at: int, after: bool
) -> None:
    drill = router_drill(ready, tmp_path / "drill", kind=faulty(at, after=after))
    if at < 2:
        with pytest.raises(DrillRefusedError, match="nothing was changed"):
            drill.arm()
    else:
        drill.arm()
        if at < 7:
            arrived = (at, after) in ((5, True), (6, True))
            with pytest.raises(DrillFailedError, match="undone by its line" if arrived else "nothing was changed"):
                drill.trigger()
        else:
            drill.trigger()
    assert drill.restore().is_clean, drill.restore()
    assert as_before(ready)


KILLED_AT = ["arming", "armed", "triggering", "triggered", "undoing", "undone", "comparing", "confirming", "confirmed"]


def killed_at(ready: Ready, folder: Path, step: str, *, moment: str = "") -> None:
    """A drill in a process of its own that is killed as soon as a step is in its journal."""
    goal = target(ready)
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a child that hangs fails the test, and does not stop it
        journal = Journal.create(
            folder, lambda entry: os.kill(os.getpid(), signal.SIGKILL) if entry.step == step else None
        )
        journal.write("planned", routers=recover.plan_facts({goal: [session_of(ready, EDGE)]}))
        try:
            drill = router_drill(ready, folder, goal=goal, journal=journal)
            drill.arm()
            drill.trigger()
            drill.restore()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("step", KILLED_AT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_process_that_is_killed_leaves_a_journal_from_which_all_is_restored(
    ready: Ready, tmp_path: Path, step: str
) -> None:
    killed_at(ready, tmp_path / "drill", step)
    path = tmp_path / "drill" / "journal.jsonl"
    (left,) = recover.left_by(journals.read(path))
    assert (left.last, left.is_settled) == (step, step == "confirmed")
    restored = recover.recover_router(left, opener(ready), Journal.reopen(path), pause=0.02)
    assert restored.is_clean, restored
    assert restored.how == {
        "arming": "nothing-to-undo", "armed": "nothing-to-undo", "triggering": "nothing-to-undo",
        "confirmed": "undone",
    }.get(step, "undone-and-confirmed")  # fmt: skip
    assert as_before(ready)
    (settled,) = recover.left_by(journals.read(path))
    assert settled.is_settled


def test_a_full_disk_and_a_closed_terminal_stop_no_restoring(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def closed(_: str) -> None:
        raise BrokenPipeError

    drill = router_drill(ready, tmp_path / "drill", kind=faulty(10, after=False))
    drill._contact._told = closed
    with drill:
        drill.arm()
        drill.trigger()
        monkeypatch.setattr(Journal, "write", full)
    assert drill.restore().is_clean
    assert as_before(ready)


def test_nothing_is_changed_that_cannot_be_written_down_first(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    written = Journal.write

    def full(journal: Journal, step: journals.Step, *subject: str, **facts: object) -> journals.Entry:
        if step == "triggering":
            raise OSError(28, "No space left on device")
        return written(journal, step, *subject, **facts)

    monkeypatch.setattr(Journal, "write", full)
    drill = router_drill(ready, tmp_path / "drill")
    with pytest.raises(OSError, match="No space left"), drill:
        arm_and_trigger(drill)
    assert drill.restore().how == "nothing-to-undo"
    assert typed(ready) == [*lines, "end"]
    assert as_before(ready)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_and_ends_and_another_one_interrupts_nothing(
    ready: Ready, tmp_path: Path, number: signal.Signals
) -> None:
    def told(entry: journals.Entry) -> None:
        if entry.step in ("triggered", "undoing", "confirming"):
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    journal = Journal.create(tmp_path / "drill", told)
    drill = router_drill(ready, tmp_path, journal=journal)
    with pytest.raises(KeyboardInterrupt), stopping(), drill:
        arm_and_trigger(drill)
    assert drill.restored is not None
    assert (drill.restored.how, drill.restored.is_clean) == ("undone-and-confirmed", True)
    assert signal.getsignal(number) is before
    assert as_before(ready)


def test_ctrl_c_waits_for_the_restoring_wherever_it_is_called(ready: Ready, tmp_path: Path) -> None:
    def told(entry: journals.Entry) -> None:
        if entry.step in ("undoing", "comparing"):
            os.kill(os.getpid(), signal.SIGINT)

    drill = router_drill(ready, tmp_path, journal=Journal.create(tmp_path / "drill", told))
    arm_and_trigger(drill)
    with pytest.raises(KeyboardInterrupt):
        drill.restore()
    assert drill.restored is not None
    assert drill.restored.is_clean
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert as_before(ready)


def test_the_router_restores_itself_when_nobody_comes_back(ready: Ready, tmp_path: Path) -> None:
    drill = router_drill(ready, tmp_path / "drill", goal=target(ready, minutes=1, busy=-target(ready).busy))
    drill.arm()
    drill.trigger()
    until = time.monotonic() + 10
    while "No Rollback Confirmed Change pending" not in types(ready, TIMER):
        assert time.monotonic() < until
    restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("reverted", True)
    assert as_before(ready)


def test_a_colleagues_lines_are_neither_confirmed_nor_reverted(ready: Ready, tmp_path: Path) -> None:
    told: list[str] = []
    with router_drill(ready, tmp_path / "drill", told=told) as drill:
        drill.arm()
        drill.trigger()
        types(ready, "configure terminal", "ip domain name other.example", "end")
    restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("left-to-timer", False)
    assert "+ ip domain name other.example" in restored.difference
    assert "configure confirm" in told[-1]
    seen = types(ready, STATE, TIMER)
    assert "Idle" not in seen
    assert "Timer value: 3 min" in seen
    types(ready, "configure revert now")
    assert as_before(ready)


def test_a_configuration_that_is_saved_meanwhile_is_told(ready: Ready, tmp_path: Path) -> None:
    with router_drill(ready, tmp_path / "drill") as drill:
        drill.arm()
        drill.trigger()
        types(ready, "write memory")
        restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("undone-and-confirmed", False)
    assert restored.shout is not None
    assert SHUT in restored.shout
    types(ready, "write memory")
    assert as_before(ready)


def test_a_second_operator_is_refused_and_disturbs_nothing(ready: Ready, tmp_path: Path) -> None:
    with router_drill(ready, tmp_path / "one") as first:
        first.arm()
        with (
            router_drill(ready, tmp_path / "two") as second,
            pytest.raises(DrillRefusedError, match="a rollback is pending already"),
        ):
            second.arm()
        assert first.is_still_armed()
        first.trigger()
    assert first.restore().is_clean


def test_another_configuration_than_planned_is_refused(ready: Ready, tmp_path: Path) -> None:
    drill = router_drill(ready, tmp_path / "drill", goal=target(ready, fingerprint="0" * 64))
    with pytest.raises(DrillRefusedError, match="not the one that was planned with"):
        drill.arm()
    assert drill.restore().how == "nothing-to-undo"


def test_what_is_shut_already_is_not_shut_again(ready: Ready, tmp_path: Path) -> None:
    types(ready, "configure terminal", *FAMILY, SHUT, "end")
    with pytest.raises(DrillRefusedError, match="is there already, so its undo would change the network"):
        router_drill(ready, tmp_path / "drill").arm()
    types(ready, "configure terminal", *FAMILY, RETURN, "end")
    assert as_before(ready)


def unreachable(
    ready: Ready, *, times: int, cause: str
) -> tuple[list[int], Callable[[Iterable[DrillLine]], DrillSession]]:
    """A way to the router that is gone, so many times, once a session was open; and how often it was tried."""
    tried: list[int] = []
    real = opener(ready)

    def opened(lines: Iterable[DrillLine]) -> DrillSession:
        tried.append(len(tried))
        if 0 < len(tried) - 1 <= times:
            raise ConnectionFailedError("ce1-loc1: nobody answers", cause=cause, host=EDGE)
        return real(lines)

    return tried, opened


def test_a_router_that_cannot_be_reached_is_tried_until_it_can(ready: Ready, tmp_path: Path) -> None:
    told: list[str] = []
    tried, opened = unreachable(ready, times=3, cause="unreachable")
    drill = RouterDrill(target(ready), opened, Journal.create(tmp_path), told=told.append, pause=0.01)
    arm_and_trigger(drill)
    drill._contact.drop()
    assert drill.restore().is_clean
    assert len(tried) == 5
    assert len(told) == 1
    assert "nobody answers" in told[0]
    assert f"    {RETURN}" in told[0]
    assert as_before(ready)


@pytest.mark.parametrize(("cause", "tries"), [("login-refused", 4), ("unreachable", 0)])
def test_what_cannot_be_restored_from_here_is_never_called_restored(
    ready: Ready, tmp_path: Path, cause: str, tries: int
) -> None:
    tried, opened = unreachable(ready, times=10**6, cause=cause)
    drill = RouterDrill(target(ready), opened, Journal.create(tmp_path), pause=0.01, patience=0.1)
    arm_and_trigger(drill)
    drill._contact.drop()
    restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("unknown", False)
    assert restored.shout is not None
    assert f"    {RETURN}" in restored.shout
    assert "restores it at" in restored.shout
    if tries:  # more logins with a wrong password could lock the account
        assert len(tried) == tries
    (left,) = [recover._left(_planned(ready), Journal.reopen(tmp_path / "journal.jsonl").entries)]
    assert not left.is_settled
    assert recover.recover_router(left, opener(ready), Journal.reopen(tmp_path / "journal.jsonl")).is_clean
    assert as_before(ready)


def _planned(ready: Ready) -> dict[str, object]:
    (facts,) = recover.plan_facts({target(ready): [session_of(ready, EDGE)]})
    return facts


def test_several_things_at_once_and_only_what_is_there(ready: Ready, tmp_path: Path) -> None:
    port = SubinterfaceShutdown(EDGE, "30", "TenGigabitEthernet0/0/0.300")
    triggers = (port, TunnelShutdown(EDGE, "30", "Tunnel30"), session_of(ready, EDGE))
    goal = Target(EDGE, EDGE, None, tuple(map(program, triggers)), 5)
    with router_drill(ready, tmp_path / "drill", goal=goal) as drill:
        arm_and_trigger(drill)
    assert drill.restore().is_clean
    assert as_before(ready)


NOT_THERE = {
    "no `vrf forwarding 31`": SubinterfaceShutdown(EDGE, "31", "TenGigabitEthernet0/0/0.300"),
    "no `interface TenGigabitEthernet0/0/0.301`": SubinterfaceShutdown(EDGE, "30", "TenGigabitEthernet0/0/0.301"),
    "no `neighbor 192.168.30.19 remote-as`": SessionShutdown(EDGE, 65021, "30", ip_address("192.168.30.19")),
    "no `address-family ipv4 vrf 31`": SessionShutdown(EDGE, 65021, "31", ip_address("192.168.30.18")),
    "no `address-family ipv4 vrf 30`": SessionShutdown(EDGE, 65020, "30", ip_address("192.168.30.18")),
}


@pytest.mark.parametrize("words", NOT_THERE)
def test_what_is_not_there_is_not_made(ready: Ready, tmp_path: Path, lines: list[str], words: str) -> None:
    goal = Target(EDGE, EDGE, None, (program(NOT_THERE[words]),), 5)
    with pytest.raises(DrillRefusedError, match=re.escape(words)):
        router_drill(ready, tmp_path / "drill", goal=goal).arm()
    assert typed(ready) == lines


def test_a_defect_of_ours_stops_no_restoring(ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with router_drill(ready, tmp_path / "drill", told=told) as drill:
        arm_and_trigger(drill)
        real, failures = DrillSession.running_config, iter([KeyError("defect")])

        def broken(session: DrillSession) -> Configuration:
            for failure in failures:
                raise failure
            return real(session)

        monkeypatch.setattr(DrillSession, "running_config", broken)
    assert drill.restore().is_clean
    assert "KeyError" in told[0]
    assert as_before(ready)


def test_nothing_but_the_lines_of_drills_was_ever_typed_here(ready: Ready, tmp_path: Path) -> None:
    """The last test of this module: over all drills before it, however they ended."""
    drill = router_drill(ready, tmp_path / "drill", kind=faulty(4, after=True))
    with pytest.raises(DrillFailedError), drill:
        arm_and_trigger(drill)
    own = [event["line"] for event in events(ready, "config", "command") if event["user"] == "drill"]
    changing = {line for line in own if not line.startswith(("show ", "terminal ", "exit"))}
    ports = ("interface TenGigabitEthernet0/0/0.300", "interface Tunnel30", "shutdown", "no shutdown")
    assert changing <= {
        *FAMILY, SHUT, RETURN, *ports, "end", "configure terminal", "configure confirm", "configure revert now",
        *(f"configure terminal revert timer {minutes}" for minutes in (1, 3, 5)),
    }  # fmt: skip
    assert {SHUT, RETURN, "configure confirm"} <= changing
    assert "exit" not in [event["line"] for event in events(ready, "config") if event["user"] == "drill"]
