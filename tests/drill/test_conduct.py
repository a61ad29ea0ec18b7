"""Whole drills over real SSH: each ends with the network as before, and says truly what it showed."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from drill.conducting import carry_out, short_lab
from drill.rig import typed, types

from pytest_azinterop.drill import evidence, verdict
from pytest_azinterop.drill import window as windows
from pytest_azinterop.drill.record import Record
from pytest_azinterop.intent.drills import Window
from pytest_azinterop.lab.launch import Ready

pytestmark = pytest.mark.slow
ALLOWED = {
    "router bgp 65021",
    "address-family ipv4 vrf 30",
    "neighbor 192.168.30.18 shutdown",
    "no neighbor 192.168.30.18 shutdown",
    "end",
}


def causes(record: Record) -> dict[str, list[str]]:
    """What did not pass, by verdict."""
    found = {each.name: each.judge(record) for each in (*verdict.VERDICTS, *verdict.LAST_VERDICTS)}
    return {name: [each.cause for each in findings] for name, findings in found.items() if findings}


def is_as_before(ready: Ready) -> bool:
    seen = types(
        ready,
        "show archive config rollback timer",
        "show archive config differences nvram:startup-config system:running-config",
    )
    return "No Rollback Confirmed Change pending" in seen and "No changes were found" in seen


def test_the_published_failover(tmp_path: Path) -> None:
    with short_lab(tmp_path, arm=True) as ready:
        record, told = carry_out(ready, tmp_path / "evidence")
        assert causes(record) == {}, told
        assert is_as_before(ready)
        assert set(typed(ready)) == ALLOWED
    # The routers say it to the millisecond, the hosts to a tenth of a second, Azure to a round of questions.
    lines = evidence.timeline_lines(record)
    assert any("exact  ce1-loc1" in line and "Admin. shutdown" in line for line in lines)
    assert any("azure" in line and "effective 10.2.30.0/25" in line for line in lines)
    ways = {phase: str(traces[0]) for phase, traces in record.traces.items()}
    assert ways == {
        "before": "10.2.30.3 192.168.30.0 192.168.30.18 * 10.10.30.4",
        "during": "10.2.30.3 192.168.30.0 10.10.30.4",
        "after": "10.2.30.3 192.168.30.0 192.168.30.18 * 10.10.30.4",
    }
    from pytest_azinterop.drill.record import losses

    lost = {each.pair: each.lost for each in losses(record, record.triggered, None) if each.prober == "loc1-host"}
    assert lost["remote"] > 100
    assert lost["branch"] == 0


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        pytest.param(
            'later: [{typed: "^neighbor .* shutdown", on: ce1-loc1, after: 4s, far_ends: {hub-vpn: {silent: true}}}]',
            {"moved": {"one-way", "no-path"}, "nothing-else": {"loss", "backup-lost"}},
            id="the backup dies",
        ),
        pytest.param(
            "later: [{up: msee-1-primary, far_ends: {msee-1-primary: {withdraw: [10.11.30.0/26]}}}]",
            {"back": {"not-back"}, "second-look": {"not-back"}},
            id="a prefix is missing after the fail-back",
        ),
        pytest.param(
            'later: [{typed: "^neighbor .* shutdown", on: ce1-loc1, convergence: {lost: 1s, returned: 30d}}]',
            {"back": {"no-answer"}, "second-look": {"one-way"}},
            id="Azure sticks to the backup",
        ),
        pytest.param(
            'routers: {ce2-loc1: {configure: "interface TenGigabitEthernet0/0/0.300\\n no shutdown"}}\nadvance: 2h',
            {"moved": {"moved-to-secondary", "not-lost"}, "budgets": {"never"}},
            id="the secondary path takes over",
        ),
        pytest.param(
            'operator: [{router: ce1-loc1, user: bob, typed: "^neighbor .* shutdown", after: 4s, '
            "configure: ip domain name other.example}]",
            {"configuration": {"differs"}},
            id="a colleague types at the same time",
        ),
    ],
)
def test_what_goes_wrong_is_named(scenario: str, expected: dict[str, set[str]], tmp_path: Path) -> None:
    """At least these are named, of these causes, and nothing is left undone."""
    with short_lab(tmp_path, scenario) as ready:
        record, told = carry_out(ready, tmp_path / "evidence")
        found = causes(record)
        for name, known in expected.items():
            assert set(found.get(name, ())) & known, (name, found, told)
        assert "shutdown" not in types(ready, "show running-config | section router bgp").split("section", 1)[1]
        assert not any(line.startswith(("write", "copy")) for line in typed(ready))


def test_a_window_that_ends_restores_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lab(tmp_path) as ready:

        def until_the_trigger(_: Window, now: datetime) -> windows.Opening | None:
            return None if "neighbor 192.168.30.18 shutdown" in typed(ready) else windows.Opening(now, now)

        monkeypatch.setattr(windows, "opening", until_the_trigger)
        record, told = carry_out(ready, tmp_path / "evidence", "nightly")
        assert record.abort is not None
        assert record.abort.cause == "window", told
        assert [each.how for each in record.ends] == ["undone-and-confirmed"]
        assert is_as_before(ready)


def test_what_azure_or_a_person_takes_away_is_watched_in_the_same_way(tmp_path: Path) -> None:
    """Nothing is sent to a router then. The person acts when the drill says so."""
    with short_lab(tmp_path, "operator: []", arm=True) as ready:
        record, told = carry_out(ready, tmp_path / "azure", "azure")
        assert causes(record) == {}, told
        assert any("Azure says that no test runs" in line for line in told)
        assert typed(ready) == []

        def provider() -> None:
            for word in ("now, by hand:", "now, by hand, the undo"):
                while not any(word in line for line in by_hand):
                    time.sleep(0.05)
                state = "shutdown" if word.endswith(":") else "no shutdown"
                types(ready, "configure terminal", "interface TenGigabitEthernet0/0/0.300", state, "end")

        by_hand: list[str] = []
        thread = threading.Thread(target=provider)
        thread.start()
        record, _ = carry_out(ready, tmp_path / "hands", "hands", by_hand)
        thread.join()
        found = causes(record)
        # As if a cable was pulled: the far end is not told, and sends into nothing until its hold time has run out.
        assert record.triggered is not None
        assert found.keys() <= {"moved", "budgets", "nothing-else"}
        assert found["nothing-else"] == ["loss"]


def test_azure_that_refuses_in_the_middle_stops_nothing(tmp_path: Path) -> None:
    scenario = """
later:
  - {typed: "^neighbor .* shutdown", on: ce1-loc1, azure: [
      {operation: virtualNetworkGateways/hub-vpn/getLearnedRoutes, answer: {status: 403, code: AuthorizationFailed}},
      {operation: virtualNetworkGateways/hub-er/getLearnedRoutes, answer: {status: 429, retry_after: 1, times: 2}}]}
"""
    with short_lab(tmp_path, scenario, arm=True) as ready:
        record, told = carry_out(ready, tmp_path / "evidence")
        assert causes(record) == {}, told
    assert any("Azure's own side" in words for words in record.unproven)


def test_one_key_restores_and_ends(tmp_path: Path) -> None:
    with short_lab(tmp_path) as ready:
        stop = threading.Event()

        def press() -> None:
            while not stop.wait(0.05):
                if "neighbor 192.168.30.18 shutdown" in typed(ready):
                    os.kill(os.getpid(), signal.SIGINT)
                    return

        thread = threading.Thread(target=press)
        thread.start()
        try:
            record, told = carry_out(ready, tmp_path / "evidence")
        finally:
            stop.set()
            thread.join()
        assert record.abort is not None
        assert record.abort.cause == "stopped", told
        assert [each.how for each in record.ends] == ["undone-and-confirmed"]
        timeline = evidence.timeline_lines(record)
        for seen in (told, timeline):
            places = [
                next(number for number, line in enumerate(seen) if words in line)
                for words in (
                    "ended early: stopped by the operator; restoring, please wait",
                    "ce1-loc1: undo",
                    "ce1-loc1: undone by its line, equal to the start, and confirmed",
                )
            ]
            assert places == sorted(places), seen
        assert any(line.endswith("ce1-loc1: undone") for line in timeline)
        assert is_as_before(ready)
    assert causes(record)["nothing-else"] == ["stopped"]
