"""`azinterop drill list`, `qualify` and `recover`, over real SSH."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from drill.rig import EDGE, lab, router_drill, session_of, target, typed, types

from pytest_azinterop.cli import main
from pytest_azinterop.drill import journal as journals
from pytest_azinterop.drill import lock, qualification, recover
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill.lock import DrillLock
from pytest_azinterop.drill_refusals import CI_VARIABLES
from pytest_azinterop.errors import DrillRefusedError
from pytest_azinterop.lab.launch import Ready

TIMER = "show archive config rollback timer"
TICKET = ("--ticket", "CHG1")
UNSAVED = "show archive config differences nvram:startup-config system:running-config"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(autouse=True)
def logins(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ready.routers[EDGE].drill
    assert account is not None
    monkeypatch.setenv("AZINTEROP_DRILL_USERNAME", account.username)
    monkeypatch.setenv("AZINTEROP_DRILL_PASSWORD", account.password)
    monkeypatch.delenv("AZINTEROP_USERNAME", raising=False)
    monkeypatch.setenv("AZINTEROP_DRILL", "1")
    for name in CI_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def as_before(ready: Ready) -> bool:
    seen = types(ready, TIMER, UNSAVED)
    return "No Rollback Confirmed Change pending" in seen and "No changes were found" in seen


def left_behind(ready: Ready, folder: Path, *, until: str) -> Path:
    """A drill whose process has gone right after a step, without a word to anybody."""
    goal = target(ready)
    journal = Journal.create(folder)
    held = DrillLock(ready.inventory / lock.FOLDER, "loss", "customer-30", [EDGE], journal.path).acquire()
    journal.write(
        "planned",
        drill="loss",
        inventory=str(ready.inventory),
        routers=recover.plan_facts({goal: [session_of(ready, EDGE)]}),
    )
    drill = router_drill(ready, folder, goal=goal, journal=journal)
    drill.arm()
    if until == "triggered":
        drill.trigger()
    held._close()
    drill._contact.drop()  # a socket ends with its process
    return journal.path


def test_a_drill_that_was_left_behind_is_found_and_finished(
    ready: Ready, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = left_behind(ready, tmp_path / "drill", until="triggered")
    with pytest.raises(DrillRefusedError, match=f"azinterop drill recover {path}"):
        DrillLock(ready.inventory / lock.FOLDER, "next", "customer-30", [EDGE], tmp_path / "next").acquire()
    assert main(["drill", "list", "--inventory", str(ready.inventory)]) == 1
    assert f"azinterop drill recover {path}" in capsys.readouterr().out
    assert main(["drill", "recover", "--inventory", str(ready.inventory)]) == 0
    assert "undone by its line, equal to the start, and confirmed" in capsys.readouterr().out
    assert as_before(ready)
    assert journals.read(path)[-1].step == "finished"
    lines = typed(ready)
    assert main(["drill", "recover", str(path)]) == 0
    assert "nothing is left to do" in capsys.readouterr().out
    assert typed(ready) == lines
    with DrillLock(ready.inventory / lock.FOLDER, "next", "customer-30", [EDGE], tmp_path / "next").acquire():
        pass


def test_what_still_runs_is_not_recovered(ready: Ready, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = left_behind(ready, tmp_path / "drill", until="armed")
    with DrillLock(ready.inventory / lock.FOLDER, "loss", "customer-30", [EDGE], path).acquire():
        assert main(["drill", "recover", str(path)]) == 3
    assert "locked by loss" in capsys.readouterr().err
    assert main(["drill", "recover", str(path.parent)]) == 0
    assert as_before(ready)


def test_a_colleagues_lines_stay_and_the_drill_is_not_finished(
    ready: Ready, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = left_behind(ready, tmp_path / "drill", until="triggered")
    types(ready, "configure terminal", "ip domain name other.example", "end")
    assert main(["drill", "recover", str(path)]) == 1
    told = capsys.readouterr()
    assert "+ ip domain name other.example" in told.out
    assert "configure confirm" in told.err
    assert "still not finished" in told.out
    types(ready, "configure revert now")
    assert main(["drill", "recover", str(path)]) == 0
    assert as_before(ready)


def test_a_router_is_qualified_by_restoring_itself(ready: Ready, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ready.inventory / lock.FOLDER
    inventory = str(ready.inventory)
    cooling = folder / f"router-{EDGE}.lock"
    with DrillLock(folder, "another", None, [EDGE], Path("none")).acquire():
        pass
    before = cooling.read_text()
    assert qualification.missing(folder, EDGE, "FXS2231Q1AA", "17.09.04a", timedelta(days=1), None)
    assert main(["drill", "qualify", EDGE, "--inventory", inventory, "--minutes", "1", *TICKET]) == 0
    told = capsys.readouterr()
    assert f"{EDGE}: qualified: serial FXS" in told.out
    assert "restores itself at" in told.err
    found = qualification.load(folder, EDGE)
    assert found is not None
    described = [line for line in typed(ready) if " description " in line]
    assert described == ["neighbor 192.168.30.18 description drill qualification, reverts by itself"]
    seen = types(ready, "show running-config | include 192.168.30.18 description")
    assert "ExpressRoute 1 primary MSEE" in seen
    assert as_before(ready)
    assert cooling.read_text() == before  # nothing was taken away, so no cool-down begins
    assert main(["drill", "list", "--inventory", inventory]) == 0
    assert f"{EDGE}: qualified {found.at:%Y-%m-%d} with serial {found.serial}" in capsys.readouterr().out

    def why(serial: str = found.serial, release: str = found.release, days: int = 1, later: int = 0) -> str | None:
        return qualification.missing(
            folder, EDGE, serial, release, timedelta(days=days), found.clock + timedelta(days=later)
        )

    assert why() is None
    assert "is the router X" in str(why(serial="X"))
    assert "runs 17.12.1" in str(why(release="17.12.1"))
    assert "qualified 0 days ago, and 1 are allowed" not in str(why(later=1, days=2))
    assert "run `azinterop drill qualify" in str(why(later=3))
    (folder / "qualified" / f"{EDGE}.json").write_text("{}")
    assert "cannot be read" in str(why())


def test_without_a_journal_the_routers_are_asked(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drill of another machine: its journal is not here, its timer is on the router."""
    recover_here = ["drill", "recover", "--inventory", str(ready.inventory)]
    other = router_drill(ready, tmp_path / "elsewhere", goal=target(ready))
    assert main(recover_here) == 0
    said = capsys.readouterr().out
    assert f"no unfinished journal in {ready.inventory / lock.FOLDER}" in said
    assert f"{EDGE}: no rollback timer is pending" in said
    other.arm()
    lines = len(typed(ready))
    assert main(recover_here) == 1
    assert "a timer of 3 minutes is pending, set by drill" in capsys.readouterr().out
    monkeypatch.delenv("AZINTEROP_DRILL_USERNAME")
    assert main(recover_here) == 3
    assert "no router was asked" in capsys.readouterr().out
    assert len(typed(ready)) == lines
    assert other.restore().is_clean


@pytest.mark.parametrize(
    ("environ", "ticket", "said"),
    [
        ({"AZINTEROP_DRILL": "0"}, "CHG1", "it needs AZINTEROP_DRILL=1 in the environment"),
        ({"AZINTEROP_DRILL_USERNAME": ""}, "CHG1", "it needs a login of its own"),
        ({"CI": "true"}, "CHG1", "this is a build service (CI is set); --in-ci allows it there"),
        ({}, "  ", "it needs --ticket ID"),
    ],
)
def test_a_rehearsal_needs_what_a_drill_needs(
    environ: dict[str, str],
    ticket: str,
    said: str,
    ready: Ready,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = len(typed(ready))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["drill", "qualify", EDGE, "--inventory", str(ready.inventory), "--ticket", ticket]) == 3
    assert said in capsys.readouterr().err
    assert len(typed(ready)) == lines


def test_the_checks_login_is_not_that_of_drills(
    ready: Ready, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZINTEROP_USERNAME", "drill")
    monkeypatch.setenv("AZINTEROP_PASSWORD", "x")
    assert main(["drill", "qualify", EDGE, "--inventory", str(ready.inventory), *TICKET]) == 3
    assert "log in as the same user" in capsys.readouterr().err
    monkeypatch.delenv("AZINTEROP_DRILL_USERNAME")
    assert main(["drill", "qualify", EDGE, "--inventory", str(ready.inventory), *TICKET]) == 3
    assert "set AZINTEROP_DRILL_USERNAME" in capsys.readouterr().err


def test_the_cool_down_is_measured_by_the_routers_clock_too(tmp_path: Path) -> None:
    now = datetime.now(UTC)

    def locked(clock: datetime | None = None) -> DrillLock:
        return DrillLock(tmp_path, "loss", "acme", ["edge-a"], tmp_path / "none").acquire(timedelta(minutes=30), clock)

    locked().release(now)
    with pytest.raises(DrillRefusedError, match="the cool-down lasts for another 30 min"):
        locked(now + timedelta(seconds=5))
    for clock, said in ((now + timedelta(seconds=5), "for another 30 min"), (now + timedelta(minutes=31), "None")):
        assert said in str(lock.cooling(tmp_path, "acme", ["edge-b"], timedelta(minutes=30), clock))
    assert lock.cooling(tmp_path, "other", ["edge-b"], timedelta(minutes=30), now) is None
    with pytest.raises(DrillRefusedError, match="cool-down"):
        locked()
    locked(now + timedelta(minutes=31)).release()


def test_a_journal_that_ends_in_the_middle_of_a_line_is_read_up_to_there(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    assert journal.path.stat().st_mode & 0o777 == 0o600
    journal.write("planned", routers=[])
    journal.write("arming", "edge-a", password="enable secret 5 $1$abc")
    whole = journal.path.read_text()
    assert "$1$abc" not in whole
    journal.path.write_text(whole + json.dumps({"number": 3, "at": "2026-01-01T00:00:00+00:00"})[:20])
    assert [each.step for each in journals.read(journal.path)] == ["planned", "arming"]
    again = Journal.reopen(journal.path)
    again.write("armed", "edge-a")
    assert [each.step for each in journals.read(journal.path)] == ["planned", "arming", "armed"]
