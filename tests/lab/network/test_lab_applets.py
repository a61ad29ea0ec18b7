"""Applets of the event manager: when they start, and that what they type happens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.cron import Cron
from pytest_azinterop.lab.exec.applets import runner
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import ScenarioError, parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
EDGE, PORT = "ce1-loc1", "TenGigabitEthernet0/0/0.300"
SHUT = f"""
action 1.0 cli command "enable"
action 1.1 cli command "configure terminal"
action 1.2 cli command "interface {PORT}"
action 2.0 cli command "shutdown"
"""
AGAIN = """
action 3.0 wait 30
action 4.0 cli command "no shutdown"
action 5.0 syslog msg "that was me"
"""


@pytest.fixture
def network() -> Simulation:
    made = Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, 23, 58, tzinfo=UTC), speed=0))
    made.automate(runner(made, catalogue()))
    return made


def configure(network: Simulation, *lines: str) -> None:
    text = "".join(f"      {line}\n" for block in lines for line in block.strip().splitlines())
    Applier(network, catalogue()).apply(parse(f"routers:\n  {EDGE}:\n    configure: |\n{text}", "test.yaml"))


def shut(network: Simulation) -> bool:
    network.settle()
    return network.nodes[EDGE].settings.interfaces[PORT].shutdown


@pytest.mark.parametrize(
    ("event", "steps"),
    [
        ("event timer countdown time 60", [(59, False), (2, True), (30, False), (600, False)]),
        ("event timer watchdog time 60", [(59, False), (2, True), (30, False), (30, True), (30, False)]),
        ('event timer cron cron-entry "0 0 * * *"', [(119, False), (2, True), (30, False), (3600, False)]),
        ('event syslog pattern "Tunnel30.*down"', [(600, False)]),
        ("event none", [(600, False)]),
    ],
)
def test_an_applet_starts_when_its_event_comes(network: Simulation, event: str, steps: list[tuple[int, bool]]) -> None:
    configure(network, "event manager applet odd", event, SHUT, AGAIN)
    for seconds, expected in steps:
        network.clock.advance(seconds)
        assert shut(network) is expected


def test_a_message_starts_an_applet(network: Simulation) -> None:
    configure(network, "event manager applet odd", 'event syslog pattern "Tunnel30.*down"', SHUT, AGAIN)
    configure(network, "interface Tunnel30", "shutdown")
    network.clock.advance(2)
    assert shut(network)
    network.clock.advance(40)
    assert not shut(network)
    assert "%HA_EM-6-LOG: odd: that was me" in [line.text for line in network.router(EDGE).log()]


def test_without_enable_nothing_is_configured(network: Simulation) -> None:
    told: list[tuple[str, str]] = []
    network.reporter = lambda event, **more: told.append((more["line"], more["result"]))
    configure(
        network, "event manager applet odd", "event timer countdown time 10", SHUT.replace('"enable"', '"disable"')
    )
    network.clock.advance(20)
    assert not shut(network)
    assert told[1] == ("configure terminal", "refused")


def test_an_applet_that_was_removed_does_nothing_any_more(network: Simulation) -> None:
    configure(network, "event manager applet odd", "event timer countdown time 60", SHUT)
    network.clock.advance(30)
    configure(network, "no event manager applet odd")
    network.clock.advance(60)
    assert not shut(network)


def test_an_applet_stands_in_the_configuration_as_it_was_typed(network: Simulation) -> None:
    configure(network, "event manager applet odd", "event timer watchdog time 60", SHUT)
    lines = network.router(EDGE).running_config().splitlines()
    at = lines.index("event manager applet odd")
    assert lines[at + 1] == " event timer watchdog time 60"
    assert lines[at + 2 : at + 6] == [f" {line}" for line in SHUT.strip().splitlines()]


@pytest.mark.parametrize(
    "line",
    ['event timer cron cron-entry "0 2 * *"', 'event timer cron cron-entry "61 2 * * *"', 'event syslog pattern "("'],
)
def test_an_event_that_never_comes_is_refused(network: Simulation, line: str) -> None:
    with pytest.raises(ScenarioError, match="EEM configuration"):
        configure(network, "event manager applet odd", line)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("*/15 * * * *", "2026-03-03 00:00"),
        ("30 2 * * *", "2026-03-03 02:30"),
        ("0 4 1 * *", "2026-04-01 04:00"),
        ("0 4 * * 7", "2026-03-08 04:00"),
        ("0 4 5 * 3", "2026-03-04 04:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("5,10 1-3 * 12 1-5", "2026-12-01 01:05"),
        ("0 0 31 2 *", None),
    ],
)
def test_cron_finds_the_next_minute(entry: str, expected: str | None) -> None:
    found = Cron.read(entry).after(datetime(2026, 3, 2, 23, 58, 30, tzinfo=UTC).timestamp())
    assert (None if found is None else f"{datetime.fromtimestamp(found, UTC):%Y-%m-%d %H:%M}") == expected
