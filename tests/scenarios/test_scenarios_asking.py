"""What the routers saw of a run: their own log says it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from scenarios.conftest import HERE, Run, run

from pytest_azinterop import shipped
from pytest_azinterop.iosxe import allow
from tests.lab_log import lab_events

SESSION = ("terminal ", "exit", "logout")


def events(done: Run) -> list[dict[str, str]]:
    """The lines of the lab's log."""
    return lab_events(done.folder / "lab.jsonl")


def planned(folder: Path) -> Counter[tuple[str, str]]:
    """How often `--plan` says that each command goes to each router."""
    text = run(folder, "--plan").text
    budget: Counter[tuple[str, str]] = Counter()
    router = ""
    for line in text.splitlines():
        if ": one login" in line:
            router = line.partition(":")[0]
        elif router and line.startswith("   ") and line.split()[0].isdigit():
            budget[router, line.split(maxsplit=1)[1].partition("   (")[0].strip()] += 1
    return budget


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_one_login_per_router_and_nothing_that_was_not_planned(tmp_path: Path, workers: str) -> None:
    done = run(tmp_path, "-q", "-n", workers, "--lab-log", "lab.jsonl")
    assert done.code == 0, done.text
    seen = events(done)
    logins = Counter(event["router"] for event in seen if event["event"] == "login")
    assert set(logins.values()) == {1}
    sent = Counter((event["router"], event["command"]) for event in seen if event["event"] == "command")
    budget = planned(tmp_path)
    assert budget
    beyond = {key: count for key, count in sent.items() if count > budget[key]}
    assert [command for _, command in beyond if not command.startswith(SESSION)] == []
    assert set(logins) == {router for router, _ in budget}
    for _, command in sent:
        if not command.startswith(SESSION):
            allow.check(command)
    assert not [event for event in seen if event["event"] not in ("login", "logout", "command", "session")]


@pytest.mark.slow
def test_a_refused_login_is_tried_once_and_nowhere_else(tmp_path: Path) -> None:
    scenario = str(HERE / "login-refused.yaml")
    done = run(tmp_path, "-q", "--lab-scenario", scenario, "--lab-log", "lab.jsonl")
    assert [(event["event"], event["router"], event["result"]) for event in events(done)] == [
        ("login", "ce1-loc1", "refused")
    ]


@pytest.mark.slow
def test_a_waived_finding_of_an_unreachable_router_is_an_error(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory" / "net"
    lab = shipped.inventory("lab")
    assert lab is not None
    shutil.copytree(lab, inventory)
    waived = "test_session_is_established[ce2-loc1/vrf-30/192.168.30.22]"
    healthy = run(tmp_path, "-q", "-k", "ce2-loc1", inventory="net")
    assert healthy.items[waived].outcome == "xfailed"
    scenario = tmp_path / "gone.yaml"
    scenario.write_text("management: {ce2-loc1: {unreachable: true}}\n")
    gone = run(tmp_path, "-q", "-k", "ce2-loc1", "--lab-scenario", str(scenario), inventory="net")
    nothing_to_judge = {name for name, item in healthy.items.items() if item.outcome == "skipped"}
    assert {item.outcome for name, item in gone.items.items() if name not in nothing_to_judge} == {"error"}
    assert {gone.items[name].outcome for name in nothing_to_judge} <= {"skipped"}
    assert gone.items[waived].findings == {"unreachable"}
