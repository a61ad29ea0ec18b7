"""Time, archive, logged commands and log of a router: computed from configuration, servers and what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.exec.execution import Interpreter
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"


class Anyone:
    def authorize(self, line: str, command: str, mode: str) -> bool:
        return True

    def keeps_open(self) -> bool:
        return True


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(START, speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def typed(router: Router, *lines: str, via: str = "vty0 (10.0.0.1)", user: str = "alice") -> str:
    """Lines as somebody types them; what the last one prints."""
    interpreter = Interpreter(session := Session(router, user, 15, via), catalogue(), Anyone())
    text = ""
    for line in lines:
        text = interpreter.run(line)
        while session.question is not None:
            question, session.question = session.question, None
            text += question.answer(session, "")
    return text


def change(network: Simulation, text: str) -> None:
    applier = Applier(network, catalogue())
    scenario = parse(text, "scenario")
    applier.check(scenario)
    applier.apply(scenario)


def test_the_clock_follows_its_server(edge: Router) -> None:
    state = edge.ntp()
    assert (state.synchronized, state.mark) == (True, "")
    (row,) = state.associations
    assert (str(row.address), row.mark, row.reference, row.stratum, row.reach) == ("10.255.0.1", "*", ".GPS.", 1, 0o377)
    assert "stratum 2, reference is 10.255.0.1" in typed(edge, "show ntp status")


def test_a_server_that_falls_silent_is_given_up_after_eight_polls_and_believed_again_after_four(
    network: Simulation, edge: Router
) -> None:
    change(network, "far_ends: {time-server: {silent: true}}")
    network.clock.advance(130)
    assert edge.ntp().synchronized
    assert edge.ntp().associations[0].reach == 0o374
    network.clock.advance(8 * 64)
    assert not edge.ntp().synchronized
    assert typed(edge, "show clock").startswith(".00:10:42")
    assert "Clock is unsynchronized, stratum 16" in typed(edge, "show ntp status")
    change(network, "far_ends: {time-server: {silent: false}}")
    network.clock.advance(4 * 64 - 1)
    assert edge.ntp().associations[0].reach == 0o7
    assert not edge.ntp().synchronized
    network.clock.advance(1)
    assert edge.ntp().synchronized


@pytest.mark.parametrize(
    "scenario",
    [
        "links: {management: {state: down}}",
        'routers: {ce1-loc1: {configure: "interface GigabitEthernet0\\n shutdown"}}',
        'routers: {ce1-loc1: {configure: "no ntp server vrf Mgmt-intf 10.255.0.1\\nntp server 10.255.0.1"}}',
    ],
)
def test_whatever_keeps_packets_from_the_server_costs_the_time(
    network: Simulation, edge: Router, scenario: str
) -> None:
    change(network, scenario)
    network.clock.advance(600)
    assert not edge.ntp().synchronized


def test_no_server_is_no_ntp_and_a_new_one_needs_time(network: Simulation, edge: Router) -> None:
    typed(edge, "configure terminal", "no ntp server vrf Mgmt-intf 10.255.0.1", "end")
    assert typed(edge, "show ntp associations") == "%NTP is not enabled.\n"
    typed(edge, "configure terminal", "ntp server vrf Mgmt-intf 10.255.0.1 prefer", "end")
    assert not edge.ntp().synchronized
    network.clock.advance(256)
    assert edge.ntp().synchronized
    assert "ntp server vrf Mgmt-intf 10.255.0.1 prefer\n" in edge.running_config()


def test_a_clock_that_runs_wrong_is_set_right_by_its_server(network: Simulation, edge: Router) -> None:
    change(network, "routers: {ce1-loc1: {clock: {offset: 90}}}")
    assert edge.now() == START + timedelta(seconds=90)
    assert typed(edge, "show clock").startswith(".00:01:30")
    typed(edge, "configure terminal", "hostname ce1-loc1", "end")
    assert edge.log()[-1].at == START.timestamp() + 90
    network.clock.advance(256)
    assert edge.now() == START + timedelta(seconds=256)


def test_a_clock_without_server_drifts(network: Simulation, edge: Router) -> None:
    change(network, "routers: {ce1-loc1: {configure: no ntp server vrf Mgmt-intf 10.255.0.1, clock: {drift: 0.0001}}}")
    network.clock.advance(100_000)
    assert edge.now() == START + timedelta(seconds=100_010)
    assert typed(edge, "show clock").startswith(".")


def test_a_wrong_server_makes_wrong_clocks(network: Simulation, edge: Router) -> None:
    change(network, "far_ends: {time-server: {clock: {offset: -30}}}")
    assert edge.ntp().synchronized
    assert edge.now() == START - timedelta(seconds=30)
    assert edge.ntp().associations[0].offset_ms == 0


def test_a_router_serves_its_own_time_one_stratum_further(network: Simulation) -> None:
    client = network.router("ce2-loc1")
    typed(client, "configure terminal", "no ntp server vrf Mgmt-intf 10.255.0.1",
          "ntp server vrf Mgmt-intf 10.255.0.11 iburst", "end")  # fmt: skip
    (row,) = client.ntp().associations
    assert (row.stratum, row.reference, row.mark) == (2, "10.255.0.1", "*")


@pytest.mark.parametrize("line", ["ntp master", "ntp authenticate", "ntp peer 10.0.0.1", "ntp server 10.0.0.1 key 5"])
def test_what_is_not_modelled_of_time_is_refused(edge: Router, line: str) -> None:
    assert "Not modelled" in typed(edge, "configure terminal", line)


def test_writing_memory_keeps_a_file(network: Simulation, edge: Router) -> None:
    typed(edge, "configure terminal", "archive", "maximum 2", "end")
    assert "bootflash:archive-<timestamp>-0" in typed(edge, "show archive")
    for second in range(3):
        network.clock.advance(1)
        typed(edge, "configure terminal", f"ip domain name n{second}.example", "end")
        typed(edge, "copy running-config startup-config" if second else "write memory")
    state = edge.archive()
    assert [each.name for each in state.files] == [
        "bootflash:archive-Mar--2-00-00-02.000-1",
        "bootflash:archive-Mar--2-00-00-03.000-2",
    ]
    shown = typed(edge, "show archive").splitlines()
    assert shown[-1] == "   2       bootflash:archive-Mar--2-00-00-03.000-2 <- Most Recent"
    differences = typed(edge, f"show archive config differences {state.files[0].name} system:running-config")
    assert differences.splitlines()[1:] == ["-ip domain name n1.example", "+ip domain name n2.example"]
    typed(edge, "archive config")
    assert len(edge.archive().files) == 2
    assert edge.archive().written == 4


def test_without_write_memory_or_path_nothing_is_kept(edge: Router) -> None:
    typed(edge, "configure terminal", "archive", "no write-memory", "end", "write memory")
    assert edge.archive().files == ()
    typed(edge, "configure terminal", "no archive", "end")
    assert typed(edge, "show archive") == "Archive feature not enabled.\n"
    assert typed(edge, "archive config") == "Archive path not set\n"


def test_unsaved_changes_show_until_they_are_saved(edge: Router) -> None:
    command = "show archive config differences nvram:startup-config system:running-config"
    assert "No changes were found" in typed(edge, command)
    typed(edge, "configure terminal", "interface Loopback130", "description new", "end")
    assert typed(edge, command).splitlines() == [
        "!Contextual Config Diffs:",
        "interface Loopback130",
        "- description Customer 30, probes from within the site's prefix",
        "+ description new",
    ]
    typed(edge, "write memory")
    assert "No changes were found" in typed(edge, command)


def test_commands_are_logged_as_the_archive_asks(edge: Router) -> None:
    typed(edge, "configure terminal", "archive", "log config", "logging enable", "hidekeys", "notify syslog", "end")
    typed(edge, "configure terminal", "ip domain name x.example", "username bob secret 0 NotForEyes", "end")
    lines = typed(edge, "show archive log config all").splitlines()
    assert lines[0] == " idx   sess           user@line      Logged command"
    assert [line.split("|")[1] for line in lines[1:]] == [
        "hidekeys", "notify syslog", "ip domain name x.example", "username bob secret 0 *****"
    ]  # fmt: skip
    assert lines[-1].split("|")[0].split() == ["4", "2", "alice@vty0"]
    assert any("%PARSER-5-CFGLOG_LOGGEDCMD: User:alice  logged command:ip domain" in each.text for each in edge.log())


def test_users_are_those_who_are_logged_in(network: Simulation, edge: Router) -> None:
    assert edge.enter("azinterop", "10.0.0.9") == 0
    change(
        network, "routers: {ce1-loc1: {logins: [{user: alice, location: 10.0.0.5, idle: 3m}, {user: c, line: con}]}}"
    )
    lines = typed(edge, "show users", via="vty0 (10.0.0.9)").splitlines()
    assert lines[1:4] == [
        "   0 con 0     c          idle                 00:00:00 ",
        "*  1 vty 0     azinterop  idle                 00:00:00 10.0.0.9",
        "   2 vty 1     alice      idle                 00:03:00 10.0.0.5",
    ]
    edge.leave(0)
    assert "azinterop" not in typed(edge, "show users")


def test_the_log_keeps_what_its_level_and_its_size_allow(network: Simulation, edge: Router) -> None:
    typed(edge, "configure terminal", "logging buffered 4096 warnings", "end")
    before = len(edge.log())
    typed(edge, "configure terminal", "interface TenGigabitEthernet0/0/0", "shutdown", "no shutdown", "end")
    texts = [each.text for each in edge.log()[before:]]
    assert texts == ["%LINK-3-UPDOWN: Interface TenGigabitEthernet0/0/0, changed state to up"]
    typed(edge, "configure terminal", "logging buffered 4096")
    for number in range(200):
        edge.add_log(f"%TEST-5-LINE: {number}")
    assert sum(len(each.text) + 24 for each in edge.log()) <= 4096
    assert edge.log()[-1].text.endswith(": 199")
    typed(edge, "configure terminal", "no logging buffered")
    edge.add_log("%TEST-5-LINE: gone")
    shown = typed(edge, "show logging")
    assert "Buffer logging:  disabled" in shown
    assert "Log Buffer" not in shown


def test_stamps_are_those_that_the_configuration_asks_for(edge: Router) -> None:
    edge.add_log("%TEST-5-LINE: x")
    last = lambda: typed(edge, "show logging").splitlines()[-1]  # noqa: E731
    assert last() == "Mar  2 00:00:00.000: %TEST-5-LINE: x"
    typed(edge, "configure terminal", "no logging buffered", "no service timestamps log datetime msec",
          "service timestamps log datetime year show-timezone", "logging buffered 9000")  # fmt: skip
    assert last().startswith("Mar  2 2026 00:00:00 UTC: %")
    typed(edge, "configure terminal", "no service timestamps log datetime year show-timezone",
          "service timestamps log uptime")  # fmt: skip
    assert last() == "14w0d: %TEST-5-LINE: x"


def test_a_next_hop_that_nobody_has_is_asked_for_in_vain(edge: Router) -> None:
    assert "192.168.77.9" not in typed(edge, "show ip arp vrf 30")
    typed(edge, "configure terminal", "interface Te1/0/0.30", "ip address 192.168.77.1 255.255.255.0 secondary", "exit",
          "ip route vrf 30 10.2.30.0 255.255.255.128 192.168.77.9", "end")  # fmt: skip
    assert "192.168.77.9            0   Incomplete      ARPA" in typed(edge, "show ip arp vrf 30")
