"""Going back to a saved configuration: timers that belong to the router, what ends them, and what they cannot do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.difference import changes
from pytest_azinterop.lab.config.editor import Editor, load
from pytest_azinterop.lab.config.tree import render
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.exec.execution import Interpreter
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation

DATA = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data"
FAMILY = ("router bgp 65021", "address-family ipv4 vrf 30")
NEIGHBOR = "neighbor 192.168.30.18"
SHUT = (*FAMILY, f"{NEIGHBOR} shutdown")
FILE = "bootflash:archive-Mar--2-00-00-00.000-0"


class Anyone:
    def authorize(self, line: str, command: str, mode: str) -> bool:
        return True

    def keeps_open(self) -> bool:
        return True


class Login:
    """Somebody at a terminal."""

    def __init__(self, router: Router, user: str = "alice", line: int = 0) -> None:
        self.session = Session(router, user, 15, f"vty{line} (10.0.0.1)")
        self._interpreter = Interpreter(self.session, catalogue(), Anyone())

    def types(self, *lines: str) -> str:
        """What the last line prints; a question is answered with y."""
        text = ""
        for line in lines:
            text = self._interpreter.run(line)
            while self.session.question is not None:
                question, self.session.question = self.session.question, None
                text += question.answer(self.session, "y")
        return text


@pytest.fixture
def network() -> Simulation:
    return Simulation(DATA / "published", Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


@pytest.fixture
def alice(edge: Router) -> Login:
    return Login(edge)


def logged(router: Router, word: str) -> list[str]:
    return [each.text for each in router.log() if word in each.text]


def state(router: Router) -> str:
    return next(each.state for each in router.bgp_neighbors("30") if str(each.address) == "192.168.30.18")


def test_arming_keeps_the_configuration_and_tells_where(edge: Router, alice: Login) -> None:
    before = edge.running_config()
    assert alice.types("configure terminal revert timer 5") == (
        f"Rollback Confirmed Change: Backing up current running config to {FILE}\n\n"
        "Enter configuration commands, one per line.  End with CNTL/Z.\n"
    )
    assert alice.session.mode == "config"
    (kept,) = edge.archive().files
    assert (kept.name, kept.text) == (FILE, before)
    assert alice.types("do show archive config rollback timer").splitlines() == [
        "Time configured(or reconfigured): 00:00:00 UTC Mon Mar 2 2026",
        "Timer type: absolute timer",
        "Timer value: 5 min",
        "User: alice",
    ]
    assert [text.split(": ", 1)[0] for text in logged(edge, "ROLLBK")] == [
        "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_BACKUP",
        "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_START_ABSTIMER",
    ]


def test_the_router_restores_itself_when_nobody_is_there_any_more(
    network: Simulation, edge: Router, alice: Login
) -> None:
    before = edge.running_config()
    assert edge.enter("alice", "10.0.0.1") == 0
    alice.types("configure terminal revert timer 2", *SHUT)
    edge.leave(0)
    assert edge.locks() == ()
    network.clock.advance(59)
    assert not logged(edge, "WARNING")
    network.clock.advance(1)
    assert "System will rollback to config " + FILE in logged(edge, "WARNING_ABSTIMER")[0]
    network.clock.advance(59.9)
    assert (state(edge), edge.running_config()) == ("Idle", before.replace(
        f" {NEIGHBOR} description ExpressRoute 1 primary MSEE\n",
        f" {NEIGHBOR} description ExpressRoute 1 primary MSEE\n  {NEIGHBOR} shutdown\n",
    ))  # fmt: skip
    network.clock.advance(0.2)
    assert edge.running_config() == before
    assert "%No Rollback Confirmed Change pending\n" in Login(edge).types("show archive config rollback timer")
    texts = [each.text for each in edge.log()]
    start = next(at for at, text in enumerate(texts) if "ROLLBACK_START" in text)
    assert texts[start : start + 2] == [
        f"%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_ROLLBACK_START: Start rolling to: {FILE}",
        "Rollback:Acquired Configuration lock.",
    ]
    assert "%SYS-5-CONFIG_R: Config Replace is Done" in texts[start + 2 :]
    network.clock.advance(30)
    assert state(edge) == "Established"


def test_it_happens_at_its_own_time_however_late_anybody_looks(network: Simulation, edge: Router, alice: Login) -> None:
    alice.types("configure terminal revert timer 2", *SHUT)
    network.clock.advance(86400)
    assert state(edge) == "Established"
    (start,) = [each.at for each in edge.log() if "ROLLBACK_START" in each.text]
    (up,) = [each.at for each in edge.log() if "192.168.30.18 vpn vrf 30 Up" in each.text and each.at > start]
    assert start == network.clock.start + 120
    assert 120 < up - network.clock.start < 150
    changed, _ = edge.last_change()
    assert changed.timestamp() == start


def test_confirming_ends_the_timer_and_saves_nothing(network: Simulation, edge: Router, alice: Login) -> None:
    startup = edge.startup_config()
    alice.types("configure terminal revert timer 1", *SHUT, "end")
    assert alice.types("configure confirm") == ""
    assert logged(edge, "CHG_CONFIRM")
    network.clock.advance(3600)
    assert state(edge) == "Idle"
    assert not logged(edge, "ROLLBACK_START")
    assert edge.startup_config() == startup
    assert alice.types("configure confirm") == "%No Rollback Confirmed Change pending\n"


def test_reverting_at_once_lists_what_it_types(network: Simulation, edge: Router, alice: Login) -> None:
    before = edge.running_config()
    alice.types("configure terminal revert timer 5", *SHUT, "interface Loopback99", "description new",
                "interface Loopback130", "description other", "end")  # fmt: skip
    assert alice.types("configure revert now") == (
        f"Rollback Confirmed Change: rolling to:{FILE}\n\n"
        "!Pass 1\n!List of Rollback Commands:\n"
        "no interface Loopback99\n"
        "interface Loopback130\n no description other\n"
        f"router bgp 65021\n address-family ipv4 vrf 30\n  no {NEIGHBOR} shutdown\n"
        "interface Loopback130\n description Customer 30, probes from within the site's prefix\n"
        "end\n\n"
        "Total number of passes: 1\nRollback Done\n\n"
    )
    assert edge.running_config() == before
    network.clock.advance(600)
    assert len(logged(edge, "ROLLBACK_START")) == 1
    assert alice.types("configure revert now") == "%No Rollback Confirmed Change pending\n"


def test_what_is_undone_already_needs_no_pass(edge: Router, alice: Login) -> None:
    alice.types("configure terminal revert timer 5", *SHUT, f"no {NEIGHBOR} shutdown", "end")
    assert alice.types("configure revert now").endswith("\n\nTotal number of passes: 0\nRollback Done\n\n")


def test_the_whole_configuration_goes_back_a_colleagues_lines_included(edge: Router, alice: Login) -> None:
    bob = Login(edge, "bob", 1)
    alice.types("configure terminal revert timer 5", *SHUT, "end")
    bob.types("configure terminal", "ip route vrf 30 10.99.0.0 255.255.0.0 Null0", "end")
    assert "no ip route vrf 30 10.99.0.0 255.255.0.0 Null0\n" in alice.types("configure revert now")
    assert "10.99.0.0" not in edge.running_config()


def test_a_removed_block_comes_back_whole(edge: Router, alice: Login) -> None:
    before = edge.running_config()
    alice.types("configure terminal revert timer 5", "no router bgp 65021", "no ip vrf 30", "end")
    text = alice.types("configure revert now")
    assert "Rollback Done" in text
    assert edge.running_config() == before


def test_what_cannot_be_typed_again_aborts_it(network: Simulation, edge: Router, alice: Login) -> None:
    edge.node.not_replayed = ("shutdown$",)
    alice.types("configure terminal revert timer 5", *SHUT, "interface Loopback99", "end")
    text = alice.types("configure revert now")
    assert "Rollback Done" not in text
    assert text.endswith(
        "********\n!List of Rollback Commands:\n"
        f"router bgp 65021\n address-family ipv4 vrf 30\n  no {NEIGHBOR} shutdown\nend\n********\n\n\n"
        "Rollback aborted after 5 passes\nThe following commands are failed to apply to the IOS image.\n"
        f"********\nno {NEIGHBOR} shutdown\n********\n\n"
    )
    assert "Loopback99" not in edge.running_config()
    assert f"{NEIGHBOR} shutdown" in edge.running_config()
    assert not logged(edge, "CONFIG_R:")
    network.clock.advance(600)
    assert state(edge) == "Idle"


def test_a_second_timer_is_refused_and_the_first_one_stays(edge: Router, alice: Login) -> None:
    bob = Login(edge, "bob", 1)
    alice.types("configure terminal revert timer 5", "end")
    text = bob.types("configure terminal revert timer 60")
    assert text.startswith("%")
    assert bob.session.editor is None
    assert "Timer value: 5 min\nUser: alice" in bob.types("show archive config rollback timer")


def test_without_an_archive_there_is_no_timer(edge: Router, alice: Login) -> None:
    alice.types("configure terminal", "archive", "no path", "end")
    assert alice.types("configure terminal revert timer 5") == (
        "%Turn config archive on before using Rollback Confirmed Change\n"
    )
    assert alice.session.editor is None
    assert edge.rollback.pending is None


def test_the_timer_can_be_changed(network: Simulation, edge: Router, alice: Login) -> None:
    assert alice.types("configure revert timer 3") == "%No Rollback Confirmed Change pending\n"
    alice.types("configure terminal revert timer 1", *SHUT, "end", "configure revert timer 3")
    assert "Timer value: 3 min" in alice.types("show archive config rollback timer")
    network.clock.advance(179)
    assert state(edge) == "Idle"
    network.clock.advance(32)
    assert state(edge) == "Established"


def test_an_idle_timer_starts_anew_with_each_line_of_its_session(
    network: Simulation, edge: Router, alice: Login
) -> None:
    assert edge.enter("alice", "10.0.0.1") == 0
    alice.types("configure terminal revert timer idle 1", *SHUT)
    assert "Timer type: idle timer" in alice.types("do show archive config rollback timer")
    for _ in range(3):
        network.clock.advance(50)
        edge.active(0)
    assert state(edge) == "Idle"
    edge.active(1)
    network.clock.advance(61)
    assert logged(edge, "ROLLBACK_START")


@pytest.mark.parametrize("minutes", ["0", "121", "x", ""])
def test_a_timer_has_minutes(edge: Router, alice: Login, minutes: str) -> None:
    text = alice.types(f"configure terminal revert timer {minutes}")
    assert text.lstrip(" ^\n").startswith("%")
    assert edge.rollback.pending is None
    assert alice.session.editor is None


def test_replacing_asks_first(edge: Router, alice: Login) -> None:
    before = edge.running_config()
    alice.types("archive config", "configure terminal", *SHUT, "end")
    (file,) = edge.archive().files
    session = alice.session
    printed = Interpreter(session, catalogue(), Anyone()).run(f"configure replace {file.name}")
    assert printed == ""
    assert session.question is not None
    assert session.prompt.endswith("Enter Y if you are sure you want to proceed. ? [no]: ")
    question, session.question = session.question, None
    assert question.answer(session, "") == "\n"
    assert edge.running_config() != before
    assert alice.types(f"configure replace {file.name}").endswith("Total number of passes: 1\nRollback Done\n\n")
    assert edge.running_config() == before


def test_replacing_for_a_time_goes_back_to_what_was(network: Simulation, edge: Router, alice: Login) -> None:
    alice.types("configure terminal", *SHUT, "end")
    text = alice.types("configure replace nvram:startup-config list force time 2")
    assert text.startswith("Rollback Confirmed Change: Backing up current running config to bootflash:archive-")
    assert f"  no {NEIGHBOR} shutdown\nend\n" in text
    network.clock.advance(30)
    assert state(edge) == "Established"
    network.clock.advance(90)
    assert state(edge) == "Idle"


def test_a_file_that_is_not_there_replaces_nothing(edge: Router, alice: Login) -> None:
    before = edge.running_config()
    text = alice.types("configure replace bootflash:nothing force")
    assert text == "%Error opening bootflash:nothing (No such file or directory)\n"
    assert edge.running_config() == before


def test_one_who_locks_keeps_the_others_out(network: Simulation, edge: Router, alice: Login) -> None:
    bob = Login(edge, "bob", 1)
    alice.types("configure terminal lock")
    network.clock.advance(7)
    (lock,) = edge.locks()
    assert (lock.user, lock.tty, lock.seconds, lock.exclusive) == ("alice", 1, 7, True)
    refused = (
        "Configuration mode locked exclusively by user 'alice' process '501' from terminal '1'. Please try later.\n"
    )
    for command in ("configure terminal", "configure terminal revert timer 5", "configure replace x force"):
        assert bob.types(command) == refused
    assert edge.rollback.pending is None
    alice.types("end")
    bob.types("configure terminal")
    assert bob.session.mode == "config"
    assert alice.types("configure terminal lock").startswith("Configuration mode locked exclusively by user 'bob'")


def test_what_a_file_lacks_is_listed(edge: Router, alice: Login) -> None:
    alice.types("configure terminal", *SHUT, "end")
    assert alice.types("show archive config incremental-diffs nvram:startup-config").splitlines() == [
        "!List of Commands:",
        "router bgp 65021",
        " address-family ipv4 vrf 30",
        f"  {NEIGHBOR} shutdown",
        "end",
    ]


@pytest.mark.parametrize("name", ["ce2-loc1", "ce1-loc2", "ce2-loc2"])
@pytest.mark.parametrize("other", ["ce1-loc1", "ce1-loc2", "ce2-loc1"])
def test_any_configuration_can_be_made_any_other(name: str, other: str) -> None:
    """The difference is what turns one into the other, in few passes, and between equals there is none."""
    running = load((DATA / "published" / f"{name}.cfg").read_text())
    wanted = load((DATA / "published" / f"{other}.cfg").read_text())
    running.hardware = frozenset()
    passes = 0
    while left := changes(running.root, wanted.root):
        passes += 1
        assert passes <= 5, [line for each in left for line in each.lines()]
        for change in left:
            editor = Editor(running)
            for line in change.lines():
                editor.apply(line)
    assert render(running.root) == render(wanted.root)
    assert (passes == 0) is (name == other)


def test_a_file_that_the_archive_has_dropped_restores_nothing(network: Simulation, edge: Router, alice: Login) -> None:
    alice.types("configure terminal", "archive", "maximum 1", "end")
    alice.types("configure terminal revert timer 2", *SHUT, "end")
    network.clock.advance(5)
    alice.types("write memory")
    assert alice.types("configure revert now").endswith(f"%Error opening {FILE} (No such file or directory)\n")
    network.clock.advance(600)
    assert state(edge) == "Idle"


def test_the_terminal_that_armed_it_is_told(network: Simulation, edge: Router, alice: Login) -> None:
    alice.types("configure terminal revert timer 2", *SHUT, "end")
    network.clock.advance(59)
    assert edge.told("vty0") == ""
    network.clock.advance(1)
    assert edge.told("vty1") == ""
    assert edge.told("vty0") == (
        "Rollback Confirmed Change: Rollback will begin in one minute.\n"
        'Enter "configure confirm" if you wish to keep what you\'ve configured\n\n'
    )
    network.clock.advance(60)
    text = edge.told("vty0")
    assert text.startswith(f"Rollback Confirmed Change: rolling to:{FILE}\n\n!Pass 1\n!List of Rollback Commands:\n")
    assert text.endswith("Total number of passes: 1\nRollback Done\n\n")
    assert edge.told("vty0") == ""


def test_who_logs_in_later_is_not_told(network: Simulation, edge: Router, alice: Login) -> None:
    assert edge.enter("alice", "10.0.0.1") == 0
    alice.types("configure terminal revert timer 1", *SHUT, "end")
    edge.leave(0)
    assert edge.enter("bob", "10.0.0.2") == 0
    network.clock.advance(60)
    assert logged(edge, "ROLLBACK_START")
    assert edge.told("vty0") == ""
