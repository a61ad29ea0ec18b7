"""What happens later: at a time, after a line that somebody typed, when a session goes or comes, and who types it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.exec.execution import Interpreter
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario import LaterChange
from pytest_azinterop.lab.scenario_file import ScenarioError, parse
from pytest_azinterop.lab.timeline import Timeline

PUBLISHED = Path(__file__).parents[2] / "pytest_azinterop" / "lab" / "data" / "published"
SHUT = (
    "configure terminal", "router bgp 65021", "address-family ipv4 vrf 30", "neighbor 192.168.30.18 shutdown", "end",
)  # fmt: skip
TRIGGER = r"typed: \"^neighbor .* shutdown$\"".replace("\\", "")


class Anyone:
    """What the server does when somebody types."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def authorize(self, line: str, command: str, mode: str) -> bool:
        self._router.typed(line, command)
        return True

    def keeps_open(self) -> bool:
        return True


class Lab:
    """A network with a scenario that waits for its moments."""

    def __init__(self, scenario: str) -> None:
        self.network = Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))
        self.edge: Router = self.network.router("ce1-loc1")
        self.managed: list[tuple[list[str], float]] = []
        self.failures: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.network.reporter = lambda event, **details: self.reports.append({"event": event, **details})
        applier = Applier(self.network, catalogue())
        parsed = parse(scenario, "scenario")
        applier.check(parsed)
        Timeline(applier, self._manage, lambda error: self.failures.append(str(error))).plan(parsed)

    def _manage(self, change: LaterChange, after: float) -> None:
        self.managed.append((list(change.management), after))

    def type(self, *lines: str, router: str = "ce1-loc1") -> str:
        session = Session(view := self.network.router(router), "alice", 15, "vty5 (10.0.0.1)")
        interpreter = Interpreter(session, catalogue(), Anyone(view))
        return [interpreter.run(line) for line in lines][-1]

    def passes(self, seconds: float) -> None:
        self.network.clock.advance(seconds)
        self.network.settle()

    def links(self) -> str:
        return self.network.links["internet-loc1"].state


def test_something_happens_after_a_line_and_once() -> None:
    lab = Lab(f"later: [{{{TRIGGER}, after: 20s, links: {{internet-loc1: {{state: silent}}}}}}]")
    lab.passes(3600)
    assert lab.links() == "up"
    lab.type(*SHUT)
    lab.passes(19)
    assert lab.links() == "up"
    lab.passes(1)
    assert lab.links() == "silent"
    lab.network.set_link("internet-loc1", state="up")
    lab.type(*SHUT)
    lab.passes(3600)
    assert lab.links() == "up"
    assert lab.failures == []


def test_without_a_delay_it_happens_when_the_line_has_had_its_effect() -> None:
    lab = Lab(f"later: [{{{TRIGGER}, routers: {{ce1-loc1: {{configure: no router bgp 65021}}}}}}]")
    lab.type(*SHUT)
    assert "router bgp" not in lab.edge.running_config()


@pytest.mark.parametrize(("on", "state"), [("ce2-loc1", "up"), ("ce1-loc1", "silent")])
def test_a_line_may_have_to_be_typed_on_a_certain_router(on: str, state: str) -> None:
    lab = Lab(f"later: [{{{TRIGGER}, on: {on}, links: {{internet-loc1: {{state: silent}}}}}}]")
    lab.type(*SHUT)
    assert lab.links() == state


def test_a_command_counts_in_full_as_well_as_typed() -> None:
    lab = Lab('later: [{typed: "^configure confirm$", links: {internet-loc1: {state: silent}}}]')
    lab.type("conf con")
    lab.passes(0)
    assert lab.links() == "silent"


def test_the_backup_dies_during_the_drill() -> None:
    lab = Lab(f"later: [{{{TRIGGER}, after: 30s, far_ends: {{hub-vpn: {{silent: true}}}}}}]")
    lab.type(*SHUT)
    lab.passes(29)
    assert "!!!!!" in lab.type("ping vrf 30 10.10.30.4 source Loopback130")
    lab.passes(2)
    assert "....." in lab.type("ping vrf 30 10.10.30.4 source Loopback130")


def test_a_prefix_is_missing_after_the_return() -> None:
    lab = Lab("later: [{up: msee-1-primary, far_ends: {msee-1-primary: {withdraw: [10.11.30.0/26]}}}]")
    lab.type(*SHUT)
    lab.passes(60)
    lab.type(*SHUT[:3], "no neighbor 192.168.30.18 shutdown", "end")
    lab.passes(60)
    assert "192.168.30.18" in lab.type("show ip route vrf 30 10.10.30.0")
    assert "10.10.30.254" in lab.type("show ip route vrf 30 10.11.30.0")


def test_the_return_is_seen_when_the_router_restores_itself() -> None:
    lab = Lab("later: [{up: msee-1-primary, after: 5s, links: {internet-loc1: {state: silent}}}]")
    lab.type("configure terminal revert timer 1", *SHUT[1:])
    lab.passes(86400)
    assert lab.links() == "silent"


def test_a_session_that_goes_is_a_moment_too() -> None:
    lab = Lab("later: [{down: msee-1-primary, after: 1s, links: {internet-loc1: {state: silent}}}]")
    lab.network.set_link("expressroute-1-primary", state="silent")
    lab.passes(119)
    assert lab.links() == "up"
    lab.passes(120)
    assert lab.links() == "silent"


def test_faults_of_the_management_plane_are_handed_on_with_their_delay() -> None:
    lab = Lab(f"later: [{{{TRIGGER}, after: 7s, management: {{ce1-loc1: {{deny: ['^no neighbor']}}}}}}]")
    lab.type(*SHUT)
    assert lab.managed == [(["ce1-loc1"], 7.0)]


def test_a_colleague_types_at_a_time_and_leaves() -> None:
    lab = Lab(
        "operator: [{router: ce1-loc1, user: bob, at: 60s, "
        "configure: ip route vrf 30 10.99.0.0 255.255.0.0 Null0, exec: [write memory]}]"
    )
    lab.passes(59)
    assert "10.99.0.0" not in lab.edge.running_config()
    lab.passes(600)
    assert "10.99.0.0" in lab.edge.startup_config()
    changed, who = lab.edge.last_change()
    assert (changed.timestamp() - lab.network.clock.start, who) == (60, "bob")
    assert any("Configured from console by bob on vty0 (10.255.0.7)" in each.text for each in lab.edge.log())
    assert lab.edge.locks() == ()
    assert "bob" not in lab.type("show users")
    assert [(each["line"], each["result"]) for each in lab.reports] == [
        ("ip route vrf 30 10.99.0.0 255.255.0.0 Null0", "ok"), ("write memory", "ok")
    ]  # fmt: skip


def test_a_colleague_types_after_the_trigger_and_a_rollback_takes_it_away() -> None:
    lab = Lab(
        f"operator: [{{router: ce1-loc1, user: bob, {TRIGGER}, after: 10s, "
        "configure: ip route vrf 30 10.99.0.0 255.255.0.0 Null0}]"
    )
    lab.type("configure terminal revert timer 2", *SHUT[1:])
    lab.passes(11)
    assert "10.99.0.0" in lab.type("show archive config differences nvram:startup-config system:running-config")
    lab.passes(120)
    assert "10.99.0.0" not in lab.edge.running_config()
    (rollback,) = [each for each in lab.reports if each["event"] == "rollback"]
    assert (rollback["cause"], rollback["result"]) == ("timer", "done")
    assert [line.strip() for line in rollback["lines"] if line.strip().startswith("no ")] == [
        "no neighbor 192.168.30.18 shutdown", "no ip route vrf 30 10.99.0.0 255.255.0.0 Null0"
    ]  # fmt: skip


def test_a_colleague_may_stay_in_configuration_mode() -> None:
    lab = Lab("operator: [{router: ce1-loc1, user: bob, location: 10.0.0.9, at: 10s, stays: true}]")
    lab.passes(15)
    assert "TTY username    : bob" in lab.type("show configuration lock")
    assert "bob" in lab.type("show users")
    assert lab.type("configure terminal").startswith("Enter")


def test_what_a_lock_keeps_out_is_not_typed() -> None:
    lab = Lab("operator: [{router: ce1-loc1, user: bob, at: 10s, configure: hostname lost}]")
    lab.edge.configure("alice", "vty5 (10.0.0.1)", exclusive=True)
    lab.passes(15)
    assert lab.edge.hostname == "ce1-loc1"
    assert [(each["line"], each["result"]) for each in lab.reports] == [("configure terminal", "refused")]
    assert lab.failures == []


def test_a_line_that_the_router_refuses_is_a_fault_of_the_scenario() -> None:
    lab = Lab("operator: [{router: ce1-loc1, at: 10s, configure: frobnicate}]")
    lab.passes(15)
    assert lab.failures[0].startswith("scenario:1: operator.0.configure: 'frobnicate' in config: % Invalid")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("later: [{links: {internet-loc1: {state: up}}}]", "exactly one of at, typed, asked, down and up"),
        ("later: [{at: 1s, typed: x}]", "exactly one of at, typed, asked, down and up"),
        ("later: [{at: 1s, after: 2s}]", "after belongs to"),
        ("later: [{up: msee-1-primary, on: ce1-loc1}]", "on belongs to typed"),
        ("later: [{typed: '('}]", "not a regular expression"),
        ("later: [{up: msee-9}]", "later.0.up: no such name"),
        ("operator: [{router: ce9, at: 1s}]", "operator.0.router: no such name"),
        ("management: {ce1-loc1: {answers_as: ce9}}", "answers_as: no router named ce9"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message.replace("(", "\\(")):
        Lab(text)


def test_something_happens_after_a_request_to_azure() -> None:
    lab = Lab("later: [{asked: 'POST .*/startCircuitLinkFailoverTest', links: {internet-loc1: {state: silent}}}]")
    lab.network.asked("GET expressRouteCircuits/expressroute-2")
    lab.passes(1)
    assert lab.links() == "up"
    lab.network.asked("POST expressRouteCircuits/expressroute-2/startCircuitLinkFailoverTest")
    lab.passes(0)
    assert lab.links() == "silent"
