"""Recordings of a command about every VRF: whose lines it has, and that either form of a plan reads either form."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from collect.every_vrf import VRFS, every, single

from pytest_azinterop.collect import recording_format as form
from pytest_azinterop.collect import replay
from pytest_azinterop.collect.answer import Answer, Collection, Totals
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.progress import CommandDone, RouterFinished
from pytest_azinterop.collect.recording import Recorder
from pytest_azinterop.collect.recording_format import About
from pytest_azinterop.collect.recording_scope import Scopes
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_azinterop.collect.plan import Plan

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ABOUT = About("1.0", "a" * 64, "net", NOON, date(2026, 3, 2))
SCOPES = Scopes({("r1", "RED"): "red", ("r1", "BLUE"): "blue", ("r1", "EMPTY"): "red"}, {}, {})
KINDS = ("bgp_neighbors", "bgp_table", "rib")
ROWS = {"RED": [1, 2], "BLUE": [3], "SHARED": [4], "EMPTY": []}
FACTS = [Fact.of("r1", kind, vrf=vrf) for kind in KINDS for vrf in ROWS]
ALONE, TOGETHER = plan(FACTS), plan(FACTS, lambda _: 2)
SHARED = "  SHARED                           65000:4               ipv4        Gi1.4\n"


def text_of(command: str) -> str:
    if command == "show vrf":
        return VRFS + SHARED
    for kind in KINDS:
        if command == COMMANDS[kind].all_vrfs:
            return every(kind, ROWS)
        for number, (vrf, rows) in enumerate(ROWS.items()):
            if command == COMMANDS[kind].render(vrf=vrf):
                return single(kind, vrf, number, rows)
    raise AssertionError(command)


def record(folder: Path, made: Plan) -> Path:
    recorder = Recorder(folder, ABOUT, SCOPES, made)
    answers = [Answer("r1", each.text, 0, NOON, 0.1, text_of(each.text)) for each in made.routers[0].commands]
    for number, answer in enumerate(answers, start=1):
        recorder.event(CommandDone(answer, number, len(answers)))
    recorder.event(RouterFinished("r1", 1.0, None))
    recorder.keep(Collection(tuple(answers), {}, Totals(1, len(answers), 1.0)))
    recorder.finish()
    return folder


def replayed(folder: Path, wanted: Plan) -> FactStore:
    recording = replay.read(folder)
    fitted = recording.fitted(wanted)
    return FactStore(fitted, recording.collection(fitted))


def told(facts: FactStore, fact: Fact) -> Sequence[object] | str:
    try:
        return facts.records(fact)
    except UndeterminedError as error:
        return error.cause


@pytest.mark.parametrize("recorded", [ALONE, TOGETHER], ids=["each recorded", "all recorded"])
@pytest.mark.parametrize(
    "wanted",
    [ALONE, TOGETHER, plan(each for each in FACTS if each.parameters == (("vrf", "RED"),))],
    ids=["each wanted", "all wanted", "one customer wanted"],
)
def test_either_form_is_read_whichever_is_wanted(tmp_path: Path, recorded: Plan, wanted: Plan) -> None:
    found = replayed(record(tmp_path / "r", recorded), wanted)
    expected = FactStore(ALONE, replay.read(record(tmp_path / "alone", ALONE)).collection(ALONE))
    facts = [fact for fact in FACTS if any(fact in command.facts for command in wanted.routers[0].commands)]
    assert len(facts) in (3, len(FACTS))
    for fact in facts:
        assert told(found, fact) == expected.records(fact)


def test_an_answer_about_every_vrf_is_the_routers(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", TOGETHER)
    assert len(list((folder / "routers/r1").glob("*.txt"))) == len(TOGETHER.routers[0].commands)
    for entry in map(json.loads, (folder / form.MANIFEST).read_text().splitlines()):
        assert entry.get("customer") is None


@pytest.mark.parametrize("kind", KINDS)
def test_each_customer_has_the_lines_of_its_own_vrfs(tmp_path: Path, kind: str) -> None:
    folder = record(tmp_path / "r", TOGETHER)
    name = form.slug(COMMANDS[kind].all_vrfs)
    for customer, own, other in (("red", [1, 2], [3, 4]), ("blue", [3], [1, 2, 4])):
        (file,) = (folder / "customers" / customer / "r1").glob(f"[0-9][0-9][0-9]-{name}.txt")
        text = file.read_text()
        shown = "192.0.2.{}," if kind == "bgp_neighbors" else "10.0.{}.0/24"
        assert all(shown.format(each) in text for each in own)
        assert not any(shown.format(each) in text for each in other)
        assert {"red": "BLUE", "blue": "RED"}[customer] not in text
        assert "SHARED" not in text


def test_a_customers_part_is_replayed_for_its_own_vrfs_and_no_others(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", TOGETHER)
    whole, part = replayed(folder, TOGETHER), replayed(folder / "customers/red", TOGETHER)
    for fact in FACTS:
        ((_, vrf),) = fact.parameters
        # What a part does not show of a VRF may still stand in the whole answer, except for a routing table.
        if vrf == "RED" or (vrf, fact.kind) == ("EMPTY", "rib"):
            assert told(part, fact) == whole.records(fact)
        else:
            assert told(part, fact) == "not-collected"


@pytest.mark.parametrize("vrfs", [7, None, "RED", {"RED": 1}])
def test_a_manifest_of_another_form_names_no_vrf(tmp_path: Path, vrfs: object) -> None:
    folder = record(tmp_path / "r", TOGETHER) / "customers/red"
    lines = [json.loads(line) for line in (folder / form.MANIFEST).read_text().splitlines()]
    for entry in lines:
        if "vrfs" in entry:
            entry["vrfs"] = vrfs
    (folder / form.MANIFEST).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert told(replayed(folder, ALONE), Fact.of("r1", "rib", vrf="RED")) == "not-collected"
