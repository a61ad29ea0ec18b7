"""Each pre-check: passes where all is well, objects to each thing that is not, and never passes on what is unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any

import pytest
from drill.scenes import EDGE, SOURCE, Told, expectations, looks, scene, the_drill, ways

from pytest_azinterop import drill_approvals
from pytest_azinterop.drill import approval, azure_watch, guards_path, guards_router, used
from pytest_azinterop.drill import plan as planning
from pytest_azinterop.drill.guard import Guard, Scene
from pytest_azinterop.drill.window import following, opening
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.drills import Window
from pytest_azinterop.iosxe.parsers import config
from pytest_azinterop.state.device import ClockReading, DeviceFacts, Interface, Vrf
from pytest_azinterop.state.operations import (
    ConfigArchive,
    ConfigDifference,
    ConfigDifferences,
    ConfigurationLock,
    ConfigurationSession,
    NetconfSession,
    NtpStatus,
    RollbackTimer,
    UserSession,
)
from pytest_azinterop.state.platform import FileSystem, InstalledPackage, InstallSummary, IssuState, Redundancy

OWN = UserSession("vty 0", "azinterop", timedelta(0), "192.0.2.1", True, source=SOURCE)
BOB = UserSession("vty 1", "bob", timedelta(minutes=3), "192.0.2.9", False, source=SOURCE)
CONSOLE = UserSession("con 0", None, timedelta(days=1), None, False, source=SOURCE)
FREE = ConfigurationLock((), None, source=SOURCE)
NOW = datetime(2027, 3, 2, 22, 0, tzinfo=UTC)
CLOCK = ClockReading(NOW, "UTC", "synchronised", source=SOURCE)
NTP = NtpStatus(True, 3, "10.255.0.1", source=SOURCE)
ARCHIVE = ConfigArchive(True, 10, "bootflash:archive-<timestamp>-3", (), None, source=SOURCE)
FLASH = FileSystem("bootflash:/", (), 6_000_000_000, 4_000_000_000, source=SOURCE)
SIMPLEX = Redundancy("Simplex", "Non-redundant", "ACTIVE", None, 0, source=SOURCE)
QUIET = IssuState(False, source=SOURCE)
INSTALLED = InstallSummary((InstalledPackage("IMG", "C", "17.9.4a"),), "inactive", source=SOURCE)
VERSION = DeviceFacts(EDGE, "17.09.04a", "ASR1001-X", "FXS1", timedelta(days=90), source=SOURCE)
QUIET_ROUTER: dict[str, Any] = {
    "users": (OWN, CONSOLE),
    "configuration_lock": (FREE,),
    "netconf_sessions": (),
    "rollback_timer": (RollbackTimer(False, source=SOURCE),),
    "config_differences": (ConfigDifferences((), source=SOURCE),),
    "archive": (ARCHIVE,),
    "directory": (FLASH,),
    "clock": (CLOCK,),
    "ntp_status": (NTP,),
    "redundancy": (SIMPLEX,),
    "issu_state": (QUIET,),
    "install_summary": (INSTALLED,),
    "version": (VERSION,),
}
ALL = (*guards_router.GUARDS, *guards_path.GUARDS, *azure_watch.GUARDS)


def guard(name: str) -> Guard:
    return next(each for each in ALL if each.name == name)


@pytest.mark.parametrize("name", [each.name for each in guards_router.GUARDS])
def test_a_quiet_router_is_not_objected_to(name: str) -> None:
    assert guard(name).judge(scene(), Told(**QUIET_ROUTER)) == []


@pytest.mark.parametrize(
    ("name", "changed", "cause"),
    [
        ("nobody-else", {"users": (OWN, BOB)}, "logged-in"),
        (
            "nobody-else",
            {"configuration_lock": (ConfigurationLock((ConfigurationSession("bob", 0, 5),), None, source=SOURCE),)},
            "configuring",
        ),
        ("nobody-else", {"configuration_lock": (ConfigurationLock((), "bob", source=SOURCE),)}, "locked"),
        (
            "nobody-else",
            {"netconf_sessions": (NetconfSession(1, "netconf-ssh", "nso", "192.0.2.5", None, source=SOURCE),)},
            "netconf",
        ),
        (
            "nothing-pending",
            {"rollback_timer": (RollbackTimer(True, "22:00", False, 5, "bob", source=SOURCE),)},
            "rollback-pending",
        ),
        (
            "saved",
            {"config_differences": (ConfigDifferences((ConfigDifference(True, "shutdown"),), source=SOURCE),)},
            "not-saved",
        ),
        ("archived", {"archive": (replace(ARCHIVE, enabled=False, next_file=None),)}, "archive-off"),
        ("archived", {"archive": (replace(ARCHIVE, next_file="ftp://192.0.2.1/x"),)}, "archive-elsewhere"),
        ("archived", {"archive": (replace(ARCHIVE, next_file="harddisk:x"),)}, "archive-elsewhere"),
        ("archived", {"directory": (replace(FLASH, free=1000),)}, "no-room"),
        ("clock", {"clock": (replace(CLOCK, quality="not synchronised"),)}, "clock"),
        ("clock", {"ntp_status": (replace(NTP, synchronized=False),)}, "clock"),
        ("clock", {"clock": (replace(CLOCK, time=NOW.replace(tzinfo=None), zone="CET"),)}, "zone"),
        ("at-rest", {"redundancy": (replace(SIMPLEX, hardware_mode="Duplex", peer_state="INIT"),)}, "redundancy"),
        ("at-rest", {"issu_state": (replace(QUIET, in_progress=True),)}, "upgrade"),
        ("at-rest", {"install_summary": (replace(INSTALLED, abort_timer="active"),)}, "not-committed"),
    ],
)
def test_what_is_not_quiet_is_objected_to(name: str, changed: dict[str, Any], cause: str) -> None:
    found = guard(name).judge(scene(), Told(**{**QUIET_ROUTER, **changed}))
    assert [each.cause for each in found] == [cause]
    assert found[0].rule == f"drill.{name}"
    assert ", expected " in found[0].message or "; expected " in found[0].message


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_what_is_not_known_passes_nothing(each: Guard) -> None:
    for router in each.where(the_drill()):
        with pytest.raises(UndeterminedError):
            each.judge(scene(router), Told())


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_guard_reads_nothing_that_it_does_not_ask_for(each: Guard) -> None:
    """Whatever is read first was asked for: it would never have been collected otherwise."""
    for router in each.where(the_drill()):
        here = scene(router)
        asked = {getattr(need, "fact", need) for need in each.needs(here)}
        facts = Seen()
        with pytest.raises(UndeterminedError):
            each.judge(here, facts)
        assert set(facts.read) <= asked


class Seen(Told):
    """Notes what is read, and knows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Any] = []

    def records(self, fact: Any) -> Any:
        self.read.append(fact)
        return super().records(fact)


# Binding, our own way -----------------------------------------------------------------------------------------------


def port(**changes: Any) -> Interface:
    own = Interface(
        name="TenGigabitEthernet0/0/0.300",
        status="up",
        line_protocol="up",
        description=None,
        address=ip_interface("192.168.30.17/30"),
        mtu=1500,
        bandwidth=None,
        outer_vlan=30,
        inner_vlan=300,
        source=SOURCE,
    )
    return replace(own, **changes)


def neighbor(**changes: Any) -> Any:
    from pytest_azinterop.state.bgp import BgpNeighbor

    own = BgpNeighbor(
        "30", ip_address("192.168.30.18"), 12076, True, "Established", False,
        local_address=ip_address("192.168.30.17"), source=SOURCE,
    )  # fmt: skip
    return replace(own, **changes)


def bound(**changes: Any) -> Told:
    facts = {
        "version": (VERSION,),
        "interfaces": (port(),),
        "vrfs": (Vrf("30", "65021:30", ("TenGigabitEthernet0/0/0.300",), source=SOURCE),),
        "bgp_neighbors": (neighbor(),),
    }
    return Told(**{**facts, **changes})


def test_the_right_port_and_session_are_bound() -> None:
    assert guard("binding").judge(scene(), bound()) == []


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"version": (replace(VERSION, hostname="ce9"),)}, "wrong-router"),
        ({"bgp_neighbors": ()}, "no-neighbor"),
        ({"bgp_neighbors": (neighbor(remote_as=1),)}, "other-neighbor"),
        ({"bgp_neighbors": (neighbor(local_address=ip_address("192.0.2.1")),)}, "other-neighbor"),
        ({"bgp_neighbors": (neighbor(state="Idle"),)}, "already-down"),
        ({"interfaces": ()}, "no-interface"),
        ({"interfaces": (port(line_protocol="down"),)}, "already-down"),
        ({"interfaces": (port(inner_vlan=301),)}, "other-tags"),
        ({"interfaces": (port(address=ip_interface("192.168.30.21/30")),)}, "other-network"),
        ({"vrfs": (Vrf("31", None, ("TenGigabitEthernet0/0/0.300",), source=SOURCE),)}, "other-vrf"),
    ],
)
def test_another_port_or_session_is_not(changed: dict[str, Any], cause: str) -> None:
    assert [each.cause for each in guard("binding").judge(scene(), bound(**changed))] == [cause]


CONFIG = """Building configuration...

Current configuration : 300 bytes
!
aaa group server tacacs+ ADMIN
 server-private 192.0.2.50 key 7 0822455D0A16
 ip vrf forwarding {vrf}
!
ip name-server vrf {dns} 192.0.2.53
!
end
"""


@pytest.mark.parametrize(
    ("vrf", "dns", "address", "causes"),
    [
        ("MGMT", "MGMT", "192.0.2.1", []),
        ("30", "MGMT", "192.0.2.1", ["aaa-or-dns"]),
        ("MGMT", "30", "192.0.2.1", ["aaa-or-dns"]),
        ("MGMT", "MGMT", "192.168.30.17", ["login"]),
    ],
)
def test_our_own_way_is_not_the_one_that_is_taken(vrf: str, dns: str, address: str, causes: list[str]) -> None:
    from pytest_azinterop.state.device import Privilege

    (read,) = config.parse(CONFIG.format(vrf=vrf, dns=dns), SOURCE).records
    facts = bound(privilege=(Privilege(15, source=SOURCE),), running_config=(read,))
    here = scene(EDGE, None, **{EDGE: f"{address}:22"})
    assert [each.cause for each in guard("own-way").judge(here, facts)] == causes
    unknown = scene(EDGE)
    assert "not-known" in [each.cause for each in guard("own-way").judge(unknown, facts)]
    named = replace(
        scene(EDGE, None, **{EDGE: "edge.example:22"}), resolve=lambda name: (address,) * (name == "edge.example")
    )
    assert [each.cause for each in guard("own-way").judge(named, facts)] == causes
    nobody = guard("own-way").judge(replace(named, resolve=lambda _: ()), facts)
    assert "edge.example that it is logged in to is not resolved" in nobody[0].message


# Steady -------------------------------------------------------------------------------------------------------------


def test_steady_looks_at_every_router(monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_azinterop.drill import look

    shown = {each.router: each for each in looks(0)}
    monkeypatch.setattr(look, "read", lambda drill, router, *_: shown[router])
    facts = Told(clock=(CLOCK,))
    assert guard("steady").judge(scene(""), facts) == []
    whole = shown[EDGE]
    for changed, cause in (
        ({"ways": ways("vpn")}, "other-path"),
        ({"answers": {**whole.answers, "ce1-loc1/vrf-30/hub/10.10.30.4": (2, 0)}}, "no-answer"),
        ({"answers": dict.fromkeys(whole.answers, (2, 2))}, "forbidden"),
        ({"trouble": ("not understood",)}, "undetermined"),
        ({"answers": {}}, "no-answer"),
    ):
        shown[EDGE] = replace(whole, **changed)
        assert {each.cause for each in guard("steady").judge(scene(""), facts)} == {cause}


# Window, answers, approval ------------------------------------------------------------------------------------------


def window(**given: Any) -> Window:
    return Window.model_validate({"begins": "22:00", "ends": "02:00", "timezone": "Europe/Zurich", **given})


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2027-03-06T20:59:00", False),  # Saturday 21:59 in Zurich
        ("2027-03-06T21:00:00", True),
        ("2027-03-07T00:59:59", True),  # past midnight, still Saturday's window
        ("2027-03-07T01:00:00", False),
        ("2027-03-28T01:30:00", False),  # Sunday, after the change to summer time
    ],
)
def test_a_window_is_that_of_its_time_zone_and_day(now: str, is_open: bool) -> None:
    when = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert (opening(window(days=["sat"]), when) is not None) is is_open


def test_the_next_window_is_named() -> None:
    found = following(window(days=["sat"]), datetime(2027, 3, 7, 12, 0, tzinfo=UTC))
    assert found.begins == datetime(2027, 3, 13, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "cause"), [(20, "window-closed"), (21, None), (0.7, "window-late"), (0.9, "window-too-short")]
)
def test_a_drill_begins_early_in_its_window_and_ends_in_it(hour: float, cause: str | None) -> None:
    day = 6 if hour > 12 else 7
    now = datetime(2027, 3, day, tzinfo=UTC) + timedelta(hours=hour)
    found = approval.in_window(the_drill(window=window(days=["sat"])), now)
    assert [each.cause for each in found] == ([] if cause is None else [cause])


@pytest.mark.parametrize(("hour", "day"), [(20, 6), (21, None), (0.7, 13), (0.9, 13)])
def test_a_plan_may_be_made_before_its_window(hour: float, day: int | None) -> None:
    now = datetime(2027, 3, 6 if hour > 12 else 7, tzinfo=UTC) + timedelta(hours=hour)
    found, not_before = approval.in_a_coming_window(the_drill(window=window(days=["sat"])), now)
    assert found == []
    assert (None if not_before is None else not_before.begins.day) == day
    long = the_drill(window=window(days=["sat"]), hold=timedelta(hours=6))
    found, _ = approval.in_a_coming_window(long, now)
    assert [each.cause for each in found] == ["window-too-short"]


def test_every_question_is_answered_in_words() -> None:
    drill = the_drill()
    answers = {name: "yes" for name, _ in drill.asked}
    assert approval.answered(drill, answers) == []
    assert [each.cause for each in approval.answered(drill, {**answers, "jump-host": ""})] == ["not-answered"]
    assert [each.cause for each in approval.answered(drill, {**answers, "other": "x"})] == ["unknown-question"]


def made(drill: Any = None, **given: Any) -> planning.DrillPlan:
    facts = {"intent": "a" * 64, "fingerprints": {EDGE: "1"}, "addresses": {EDGE: "192.0.2.1:22"}, **given}
    return planning.make(drill or the_drill(), **facts)


def test_a_plan_prints_every_line_and_who_loses_service() -> None:
    text = "\n".join(made().lines)
    for line in (
        "configure terminal revert timer 16",
        "neighbor 192.168.30.18 shutdown",
        "no neighbor 192.168.30.18 shutdown",
        "configure confirm",
        "configure revert now",
        "ce1-loc1 (192.0.2.1:22)",
        "remote       LOSES SERVICE",
        "jump-host",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({}, ()),
        ({"intent": "b" * 64}, ("intent",)),
        ({"fingerprints": {EDGE: "2"}}, ("configuration",)),
        ({"addresses": {EDGE: "192.0.2.2:22"}}, ("plan",)),
        ({"drill": the_drill(hold=timedelta(minutes=20))}, ("plan",)),
    ],
)
def test_a_hash_tells_what_has_changed(given: dict[str, Any], parts: tuple[str, ...]) -> None:
    assert planning.changed_parts(made().digest, made(**given).digest) == parts


@pytest.mark.parametrize("given", ["", "x", "a-b", "a-b-c-d"])
def test_what_is_no_hash_approves_nothing(given: str) -> None:
    assert planning.changed_parts(given, made().digest) == planning.PARTS


def test_every_router_of_the_site_is_watched() -> None:
    here = Scene(the_drill(), "", expectations())
    hosts = {getattr(getattr(need, "fact", need), "host", None) for need in guard("steady").needs(here)}
    assert hosts == {"ce1-loc1", "ce2-loc1"}


@pytest.mark.parametrize("given", ["0000", "", "a-b-c", "0" * 12 + "-" + "0" * 12 + "-" + "0" * 12])
def test_a_refusal_never_tells_the_hash_that_would_be_let_through(given: str) -> None:
    words = planning.refusal(given, made().digest)
    assert words is not None
    assert not any(part in words for part in made().digest.split("-"))
    assert "approved" not in words
    assert planning.refusal(made().digest, made().digest) is None


def test_a_hash_approves_one_drill(tmp_path: Path) -> None:
    drill, first = the_drill(), made().digest
    assert drill_approvals.number(drill, tmp_path) == 1
    assert drill_approvals.is_of_now(drill, first, first, tmp_path, "again") == []
    used.note(tmp_path, drill.name, first, "CHG1")
    used.note(tmp_path, "another", "x", "CHG2")
    (found,) = drill_approvals.is_of_now(drill, first, first, tmp_path, "again")
    assert "this hash was used already" in found.message
    assert "under ticket CHG1" in found.message
    assert drill_approvals.number(drill, tmp_path) == 2
    assert made(number=2).digest != first
    with (tmp_path / used.NAME).open("a") as file:
        file.write("torn")
    assert drill_approvals.number(drill, tmp_path) == 3


def test_the_worst_case_is_that_of_the_routers_own_timer() -> None:
    text = "\n".join(made(the_drill(revert_minutes=30, fail_back=timedelta(minutes=5))).lines)
    assert "and 35 min at most" in text
