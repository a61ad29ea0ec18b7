"""Who else is on a router, what its processors, its software and its flash are doing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.exec.execution import Interpreter
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import ScenarioError, parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"


class Anyone:
    def authorize(self, line: str, command: str, mode: str) -> bool:
        return True

    def keeps_open(self) -> bool:
        return True


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def typed(router: Router, *lines: str, user: str = "alice", via: str = "vty7 (10.0.0.7)") -> str:
    interpreter = Interpreter(Session(router, user, 15, via), catalogue(), Anyone())
    return [interpreter.run(line) for line in lines][-1]


def change(network: Simulation, text: str) -> None:
    scenario = parse("routers: {ce1-loc1: {" + text + "}}", "scenario")
    Applier(network, catalogue()).apply(scenario)


def test_nobody_configures(edge: Router) -> None:
    text = typed(edge, "show configuration lock")
    assert "Config Session Lock" not in text
    assert "State                             : FREE\n" in text
    assert "Owner PID                         : -1\n" in text


def test_one_who_configures_is_seen_and_keeps_nobody_out(network: Simulation, edge: Router) -> None:
    change(network, "logins: [{user: bob, location: 10.0.0.9, configuring: true}]")
    network.clock.advance(17)
    text = typed(edge, "show configuration lock")
    assert text.splitlines()[:7] == [
        "Config Session Lock",
        "---------------------",
        "Owner PID   : 501",
        "TTY number  : 1",
        "TTY username    : bob",
        "User debug info : CLI Session Lock",
        "Lock Active time (in Sec)   : 17",
    ]
    assert "FREE" in text
    assert "vty 0     bob" in typed(edge, "show users")
    assert typed(edge, "configure terminal").startswith("Enter configuration commands")


def test_one_who_locks_is_seen_and_keeps_the_others_out(network: Simulation, edge: Router) -> None:
    change(network, "logins: [{user: bob, location: 10.0.0.9, lock: true}]")
    network.clock.advance(6)
    lines = typed(edge, "show configuration lock").splitlines()
    rows = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines[8:])}
    assert (rows["User"], rows["Type"], rows["State"], rows["Class"]) == ("bob", "EXCLUSIVE", "LOCKED", "EXPOSED")
    assert (rows["Lock active time (in Sec)"], rows["Lock Expiration timer (in Sec)"]) == ("6", "594")
    assert typed(edge, "configure terminal revert timer 5").startswith("Configuration mode locked exclusively by user")
    assert edge.archive().files == ()


def test_a_session_over_netconf_may_hold_the_lock(network: Simulation, edge: Router) -> None:
    assert typed(edge, "show netconf-yang sessions") == "There are no active sessions\n"
    change(network, "logins: [{user: robot, location: 10.0.0.8, line: netconf}]")
    assert typed(edge, "show netconf-yang sessions").splitlines()[-1].split() == [
        "20", "netconf-ssh", "robot", "10.0.0.8", "None"
    ]  # fmt: skip
    assert "robot" not in typed(edge, "show users")
    assert typed(edge, "configure terminal").startswith("Enter")
    change(network, "logins: [{user: robot, location: 10.0.0.8, line: netconf, lock: true}]")
    assert typed(edge, "show netconf-yang sessions").splitlines()[-1].endswith(" R")
    assert typed(edge, "configure terminal") == (
        "Configuration mode is locked by process '484' user 'NETCONF' from terminal '64'. Please try later.\n"
    )


def test_lines_that_somebody_uses_are_marked(network: Simulation, edge: Router) -> None:
    change(network, "logins: [{user: bob, location: 10.0.0.9}, {user: carol, line: con}]")
    rows = typed(edge, "show line", via="vty4 (10.0.0.7)").splitlines()[1:]
    assert [row.split()[:3] for row in rows] == [
        ["*", "0", "0"], ["*", "1", "1"], ["2", "2", "VTY"], ["3", "3", "VTY"], ["4", "4", "VTY"], ["*", "5", "5"]
    ]  # fmt: skip


def test_one_route_processor_is_stable(edge: Router) -> None:
    text = typed(edge, "show redundancy")
    assert "                 Hardware Mode = Simplex\n" in text
    assert "     Operating Redundancy Mode = Non-redundant\n" in text
    assert "        Current Software state = ACTIVE\n" in text
    assert "Peer (slot: 7) information is not available" in text
    assert "my state = 13 -ACTIVE" in typed(edge, "show redundancy states")


@pytest.mark.parametrize(("state", "number"), [("STANDBY HOT", "8"), ("STANDBY COLD-BULK", "4")])
def test_a_second_route_processor_has_a_state(network: Simulation, edge: Router, state: str, number: str) -> None:
    change(network, f"platform: {{standby: {state}, switchovers: 1}}")
    text = typed(edge, "show redundancy")
    assert "Switchovers system experienced = 1\n" in text
    assert "                 Hardware Mode = Duplex\n" in text
    assert f"        Current Software state = {state} \n" in text
    assert f"peer state = {number}  -{state}" in typed(edge, "show redundancy states")


def test_an_upgrade_under_way_is_seen_until_it_is_taken_back(network: Simulation, edge: Router) -> None:
    assert "No ISSU operation is in progress" in typed(edge, "show issu state detail")
    assert "IMG   C    17.9.4a\n\n" in typed(edge, "show install summary")
    assert "Auto abort timer: inactive" in typed(edge, "show install summary")
    change(network, "platform: {activating: 17.12.4, abort_in: 2h}")
    network.clock.advance(600)
    text = typed(edge, "show install summary")
    assert "IMG   U    17.12.4\nIMG   C    17.9.4a\n" in text
    assert "Auto abort timer: active on install_activate, time before rollback - 01:50:00" in text
    assert "Rollback: automatic, remaining time before rollback: 01:50:00" in typed(edge, "show issu state")
    network.clock.advance(7000)
    assert "No ISSU operation is in progress" in typed(edge, "show issu state")
    assert "IMG   U" not in typed(edge, "show install summary")


def test_the_flash_holds_image_and_archive(network: Simulation, edge: Router) -> None:
    before = edge.platform().free
    typed(edge, "archive config")
    size = len(edge.archive().files[0].text)
    lines = typed(edge, "dir bootflash:").splitlines()
    assert lines[0] == "Directory of bootflash:/"
    assert lines[3].split() == [
        "12", "-rw-", str(size), "Mar", "2", "2026", "00:00:00", "+00:00", "archive-Mar--2-00-00-00.000-0"
    ]  # fmt: skip
    assert lines[-1] == f"6845103104 bytes total ({before - size} bytes free)"


def test_without_room_there_is_no_timer(network: Simulation, edge: Router) -> None:
    change(network, "platform: {free: 100}")
    assert "(100 bytes free)" in typed(edge, "dir")
    assert typed(edge, "configure terminal revert timer 5").startswith("%Error opening bootflash:archive (No space")
    assert edge.rollback.pending is None


def test_a_rollback_that_fails_is_ordered_by_regular_expressions(network: Simulation, edge: Router) -> None:
    change(network, 'rollback: {fails: ["^no neighbor"]}')
    assert (edge.node.not_replayed, edge.node.tells) == (("^no neighbor",), True)
    with pytest.raises(ScenarioError, match="not a regular expression"):
        parse('routers: {ce1-loc1: {rollback: {fails: ["("]}}}', "scenario")
