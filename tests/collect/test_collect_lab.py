"""Runs against the simulated network, checked against what its own log says was typed."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.run import collect
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.lab.launch import start
from tests.lab_log import lab_events

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_azinterop.collect.store import FactStore

ROUTERS = ("ce1-loc1", "ce1-loc2", "ce2-loc1", "ce2-loc2")
SAS = Fact.of("ce1-loc1", "ipsec_sas", interface="Tunnel30")
PING = Fact.of("ce1-loc1", "ping", vrf="30", address="10.10.30.254", source="Tunnel30", repeat="5", timeout="1")
NEEDS = [
    *(Fact(host, kind) for host in ROUTERS for kind in ("version", "clock", "interfaces", "vrfs", "running_config")),
    *(
        Fact.of(host, kind, vrf=vrf)
        for host, vrf in zip(ROUTERS, ("30", "31", "30", "31"), strict=True)
        for kind in ("bgp_neighbors", "bgp_table", "rib")
    ),
    Sampled(SAS, PING, timedelta(milliseconds=100)),
]
PLAN = plan(NEEDS)


def run(tmp_path: Path, management: str = "", **limits: float) -> tuple[FactStore, list[dict[str, Any]]]:
    """The facts and the lab's log, with a fault in the routers' management."""
    scenario = tmp_path / "fault.yaml"
    scenario.write_text(f"name: a fault\nmanagement:\n{management}")
    log = tmp_path / "lab.jsonl"
    with start(scenario=[str(scenario)] if management else (), log=log, inventory=tmp_path / "inventory") as ready:
        logins = {name: Credentials(door.username, Secret(door.password)) for name, door in ready.routers.items()}
        store = collect(PLAN, load(ready.inventory), credentials=logins, limits=limits)
    shutil.rmtree(tmp_path / "inventory", ignore_errors=True)
    return store, lab_events(log)


def causes(store: FactStore) -> dict[str, Counter[str]]:
    """Per router, how its facts fared: `read` or a cause."""
    found: dict[str, Counter[str]] = {host: Counter() for host in ROUTERS}
    for need in NEEDS:
        fact = need.fact if isinstance(need, Sampled) else need
        try:
            store.records(fact)
        except UndeterminedError as error:
            found[fact.host][error.cause] += 1
        else:
            found[fact.host]["read"] += 1
    return found


def others_are_read(found: dict[str, Counter[str]], *troubled: str) -> None:
    for host in set(ROUTERS) - set(troubled):
        assert set(found[host]) == {"read"}


@pytest.mark.parametrize("how", [{"driver": "iosxe"}, {"driver": "stock"}, {"pipelining": True}], ids=str)
def test_the_log_of_a_run_shows_the_plan_and_nothing_else(tmp_path: Path, how: dict[str, Any]) -> None:
    with start(log=tmp_path / "lab.jsonl") as ready:
        inventory = load(ready.inventory)
        for host in inventory.nornir.inventory.hosts.values():
            host.data["azinterop"] = how
        logins = {name: Credentials(door.username, Secret(door.password)) for name, door in ready.routers.items()}
        store = collect(PLAN, inventory, credentials=logins)
    others_are_read(causes(store))
    log = lab_events(tmp_path / "lab.jsonl")
    assert Counter(entry["router"] for entry in log if entry["event"] == "login") == dict.fromkeys(ROUTERS, 1)
    for router in PLAN.routers:
        typed = [entry["line"] for entry in log if entry["event"] == "command" and entry["router"] == router.host]
        setup = {"terminal length 0", "terminal width 0", "terminal width 511", "exit", ""}
        assert [line for line in typed if line not in setup] == [command.text for command in router.commands]
        assert len(typed) - len(router.commands) <= len(setup)
    earlier, later = store.samples(SAS)
    assert later[0].source.asked_at - earlier[0].source.asked_at >= timedelta(milliseconds=100)


def test_an_unreachable_router(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce2-loc1: {unreachable: true}\n")
    found = causes(store)
    assert set(found["ce2-loc1"]) == {"unreachable"}
    others_are_read(found, "ce2-loc1")


def test_a_refused_login(tmp_path: Path) -> None:
    store, log = run(tmp_path, "  ce1-loc1: {reject_login: true}\n")
    found = causes(store)
    assert set(found["ce1-loc1"]) == {"login-refused"}
    assert {cause for host in ROUTERS[1:] for cause in found[host]} == {"login-not-tried"}
    assert len([entry for entry in log if entry["event"] == "login"]) == 1


def test_a_denied_command(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {deny: ['show bgp .*']}\n")
    found = causes(store)
    assert found["ce1-loc2"] == {"not-authorised": 2, "read": 6}
    others_are_read(found, "ce1-loc2")


def test_an_account_without_privilege(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {privilege: 1}\n")
    with pytest.raises(UndeterminedError):
        store.records(Fact("ce1-loc2", "running_config"))
    assert store.records(Fact("ce1-loc2", "clock"))
    others_are_read(causes(store), "ce1-loc2")


def test_an_answer_that_is_cut_off(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {cut_after_bytes: 3000}\n")
    found = causes(store)
    assert found["ce1-loc2"]["cut-off"] > 0
    assert set(found["ce1-loc2"]) <= {"read", "cut-off"}
    others_are_read(found, "ce1-loc2")


def test_a_session_that_is_dropped(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {drop_after_commands: 4}\n")
    found = causes(store)
    assert found["ce1-loc2"]["cut-off"] > 0
    assert set(found["ce1-loc2"]) <= {"read", "cut-off"}
    others_are_read(found, "ce1-loc2")


def test_a_slow_line_gives_the_same_facts(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {bytes_per_second: 60000}\n")
    others_are_read(causes(store))


def test_a_line_that_is_too_slow_is_given_up(tmp_path: Path) -> None:
    store, _ = run(tmp_path, "  ce1-loc2: {bytes_per_second: 1500}\n", command_deadline=0.5)
    found = causes(store)
    assert found["ce1-loc2"]["timeout"] > 0
    assert set(found["ce1-loc2"]) <= {"read", "timeout"}
