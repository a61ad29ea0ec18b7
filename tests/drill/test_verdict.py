"""What a drill has shown: a good one passes everything, and each thing that is wrong has a cause of its own."""

from __future__ import annotations

import hashlib
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from drill.scenes import EDGE, EXPRESSROUTE, TUNNEL, VPN, ZERO, change, looks, message, record, the_drill, ways

from pytest_azinterop.drill import evidence, settling, verdict
from pytest_azinterop.drill.abort import Abort
from pytest_azinterop.drill.drawing import draw
from pytest_azinterop.drill.linux import Probe, Series
from pytest_azinterop.drill.look import TunnelSeen, Way, targets
from pytest_azinterop.drill.record import Record, RouterEnd, direction, losses, timeline

LATE = (2, 300, 660)
HUB = "10.10.30.4"


def causes(found: Record) -> dict[str, set[str]]:
    everything = {each.name: each.judge(found) for each in (*verdict.VERDICTS, *verdict.LAST_VERDICTS)}
    return {name: {each.cause for each in findings} for name, findings in everything.items() if findings}


def test_a_good_drill_passes_everything() -> None:
    found = record()
    assert causes(found) == {}
    assert settling.moved_at(found) == ZERO + timedelta(seconds=2)
    assert settling.back_at(found) == ZERO + timedelta(seconds=666)


def test_the_number_of_the_result_ends_with_a_line_of_the_timeline() -> None:
    """One definition for the result, the timeline and the drawing: which network, seen by whom."""
    found = record()
    failover, _, fail_back = evidence.times(found)
    assert failover.startswith("failover: 2.0 s, allowed 60 s (ends when ce1-loc1 shows ")
    lines = [line for line in evidence.timeline_lines(found) if " ends after " in line]
    assert len(lines) == 2
    assert lines[0].startswith("   +2.000 s")
    assert "failover ends after 2.000 s: " in lines[0]
    assert lines[1].startswith(" +666.000 s")
    assert fail_back.startswith("fail-back: 4.0 s, ")
    assert "fail-back ends after 4.000 s: " in lines[1]
    assert all(f">{word}<" in draw(found) for word in ("trigger", "moved", "undone", "back"))


def test_what_moved_before_the_trigger_is_dated_is_not_announced() -> None:
    found = record()
    trigger = found.triggered
    assert trigger is not None
    assert found.is_dated
    found.note_trigger(trigger, trigger + timedelta(hours=2))
    assert not found.is_dated


def silent(network: str) -> dict[str, tuple[int, int]]:
    whole = looks(0, "vpn")[0].answers
    ids = {reach.id for reach in targets(the_drill()) if reach.to == network}
    return {name: (2, 0) if name in ids else counts for name, counts in whole.items()}


def answering(network: str) -> dict[str, tuple[int, int]]:
    whole = looks(0, "vpn")[0].answers
    return {name: (2, 2) if f"/{network}/" in name else counts for name, counts in whole.items()}


def one_direction(found: Record) -> None:
    found.looks, found.second = (
        [
            replace(each, tunnels={name: replace(seen, decaps=900) for name, seen in each.tunnels.items()})
            for each in seen_by
        ]
        for seen_by in (found.looks, found.second)
    )


def no_trigger(found: Record) -> None:
    found.triggered, found.failure = None, "refused"


def another_hop(found: Record) -> None:
    change(found, LATE, ways={**ways("vpn"), HUB: Way("elsewhere", "Null0")})


def one_lost(found: Record) -> None:
    sessions = {EXPRESSROUTE: "Idle", VPN: "Active", f"{EDGE}/vrf-30/192.168.30.3": "Established"}
    change(found, (300,), sessions=sessions)


def aborted(found: Record) -> None:
    found.abort = Abort("loss", "hub was silent")


def unanswered_for_long(found: Record) -> None:
    found.looks = sorted([*found.looks, *looks(340, "vpn", load=5100)], key=lambda each: each.at)
    change(found, (300, 340), answers=silent("hub"))


def moved_late(found: Record) -> None:
    change(found, (2,), ways=ways("expressroute"))


def back_late(found: Record) -> None:
    found.looks = [each for each in found.looks if each.at < ZERO + timedelta(seconds=666)]
    found.looks += [*looks(700, "vpn"), *looks(900)]


def left(how: str, *lines: str) -> Callable[[Record], None]:
    def wrong(found: Record) -> None:
        found.ends = [RouterEnd(EDGE, how, lines, how)]  # type: ignore[arg-type]

    return wrong


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (lambda found: found.armed.clear(), {"armed": {"not-armed"}}),
        (
            lambda found: change(found, LATE, sessions=looks(0)[0].sessions),
            {"trigger-seen": {"still-up"}},
        ),
        (another_hop, {"moved": {"other-path"}, "budgets": {"never"}}),
        (
            lambda found: change(found, LATE, answers=silent("hub")),
            {"moved": {"one-way"}, "budgets": {"never", "silence", "loss"}},
        ),
        (one_direction, {"moved": {"one-way"}}),
        (lambda found: change(found, LATE, answers=answering("remote")), {"moved": {"not-lost"}}),
        (moved_late, {"budgets": {"failover"}}),
        (unanswered_for_long, {"budgets": {"silence", "loss"}}),
        (lambda found: change(found, (300,), ways=ways("expressroute")), {"budgets": {"unsteady"}}),
        (one_lost, {"nothing-else": {"session-lost"}}),
        (aborted, {"nothing-else": {"loss"}}),
        (lambda found: change(found, (666, 670), answers=silent("hub")), {"back": {"no-answer"}}),
        (back_late, {"back": {"fail-back"}}),
        (lambda found: found.ends.clear(), {"configuration": {"unknown"}}),
        (left("undone-and-confirmed", "+ ip domain name x"), {"configuration": {"differs"}}),
        (left("left-to-timer"), {"configuration": {"left-to-timer"}}),
        (left("reverted"), {"configuration": {"reverted"}}),
        (lambda found: found.second.clear(), {"second-look": {"not-taken"}}),
    ],
)
def test_each_thing_that_is_wrong_has_its_cause(wrong: Callable[[Record], None], expected: dict[str, set[str]]) -> None:
    found = record()
    wrong(found)
    assert causes(found) == expected


@pytest.mark.parametrize(("during", "cause"), [("secondary", "moved-to-secondary"), ("expressroute", "did-not-move")])
def test_where_traffic_went_instead_are_different_failures(during: str, cause: str) -> None:
    assert cause in causes(record(during))["moved"]


def test_a_secondary_path_that_is_accepted_proves_nothing_and_fails_nothing() -> None:
    drill = the_drill(accepts=the_drill().accepts.model_copy(update={"no_secondary_proof": True}))
    found = record("secondary", drill=drill)
    assert "moved-to-secondary" not in causes(found).get("moved", set())


def test_what_never_began_passes_nothing_that_it_would_have_shown() -> None:
    found = record()
    no_trigger(found)
    assert causes(found)["trigger-seen"] == {"not-triggered"}
    assert causes(found)["moved"] == {"not-watched"}
    assert Record(the_drill()).zero is None
    assert {"armed", "trigger-seen", "moved", "budgets", "nothing-else", "restored", "back"} <= causes(
        Record(the_drill())
    ).keys()


def test_a_path_that_was_not_read_is_not_the_right_one() -> None:
    found = record()
    change(found, LATE, ways={})
    assert "moved" in causes(found)


def test_the_log_alone_shows_a_trigger() -> None:
    found = record()
    change(found, LATE, sessions={})
    assert causes(found)["trigger-seen"] == {"not-watched"}
    down = message(0.5, "BGP-5-ADJCHANGE", "neighbor 192.168.30.18 vpn vrf 30 Down Admin. shutdown")
    change(found, (300,), sessions={}, messages=(down,))
    assert "trigger-seen" not in causes(found)


def test_a_flap_before_the_second_look_is_told() -> None:
    found = record()
    down = message(900, "BGP-5-ADJCHANGE", "neighbor 192.168.30.18 vpn vrf 30 Down BGP Notification sent")
    found.second = [replace(found.second[0], messages=(down,)), found.second[1]]
    assert causes(found)["second-look"] == {"flap"}


@pytest.mark.parametrize(
    ("encaps", "decaps", "expected"),
    [
        pytest.param(50, 50, set(), id="as much each way, as before"),
        pytest.param(50, 56, {"one-way"}, id="the answers of the probes come in beside"),
        pytest.param(50, 5000, {"one-way"}, id="and those of everybody else"),
        pytest.param(5000, 50, set(), id="more goes out"),
    ],
)
def test_answers_that_come_back_through_the_tunnel_are_told(encaps: int, decaps: int, expected: set[str]) -> None:
    """Over ExpressRoute it is asked; the tunnel's own traffic is as it was."""
    found = record()
    now = TunnelSeen(10001 + encaps, 9901 + decaps, True)
    found.second = [replace(found.second[0], tunnels={TUNNEL: now}), found.second[1]]
    assert causes(found).get("second-look", set()) == expected


def test_a_tunnel_that_was_not_counted_since_is_told() -> None:
    found = record()
    change(found, (666, 670), tunnels={})
    assert causes(found)["second-look"] == {"not-counted"}


def test_the_moment_of_the_trigger_is_that_of_the_log() -> None:
    found = Record(the_drill())
    found.note_trigger(ZERO, ZERO + timedelta(seconds=3))
    early = message(-1, "BGP-5-ADJCHANGE", "neighbor 192.168.30.18 Down")
    right = message(1.25, "BGP-5-ADJCHANGE", "neighbor 192.168.30.18 vpn vrf 30 Down Admin. shutdown")
    found.looks = looks(4, "vpn", messages=(early, right))
    found.refine_trigger()
    assert found.triggered == ZERO + timedelta(seconds=1.25)


# Loss, timeline, evidence -------------------------------------------------------------------------------------------


def series(lost: range) -> Series:
    """Ten probes a second for 20 seconds from a host whose clock is 5 s behind; those with these numbers are lost."""
    behind = ZERO - timedelta(seconds=5)
    probes = [
        Probe(behind + timedelta(seconds=number / 10), number, None if number in lost else 2.0) for number in range(200)
    ]
    return Series("loc1-host", HUB, probes)


def test_loss_is_counted_on_the_routers_axis() -> None:
    found = record()
    found.series, found.offsets = [series(range(12, 49))], {"loc1-host": timedelta(seconds=5)}
    (loss,) = [each for each in losses(found, ZERO, None) if each.prober == "loc1-host"]
    assert (loss.pair, loss.sent, loss.lost) == ("hub", 200, 37)
    assert loss.resolution == timedelta(seconds=0.1)
    (silence,) = loss.silences
    assert (silence.begins, silence.length) == (ZERO + timedelta(seconds=1.2), timedelta(seconds=3.7))


def test_the_direction_of_a_loss_is_only_told_where_it_is_shown() -> None:
    reach = next(each for each in targets(the_drill()) if each.to == "hub")
    found = record()
    found.series, found.offsets = [series(range(200))], {"loc1-host": timedelta(seconds=305)}
    found.looks = [*looks(301, "vpn", load=0), *looks(310, "vpn", load=0)]
    silence = next(each for each in losses(found, None, None) if each.prober == "loc1-host").silences[0]
    assert direction(found, reach, silence) == "not told"
    grown = {name: replace(seen, encaps=seen.encaps + 50) for name, seen in looks(0)[0].tunnels.items()}
    change(found, (310,), tunnels=grown)
    assert direction(found, reach, silence).startswith("from Azure")
    change(found, (301, 310), ways={**ways("vpn"), HUB: Way("none")})
    assert direction(found, reach, silence).startswith("to Azure")


def test_the_timeline_says_how_exactly_a_moment_is_known() -> None:
    found = record()
    found.looks[4] = replace(found.looks[4], messages=(message(1.5, "BGP-5-ADJCHANGE", "neighbor Down"),))
    events = {each.words: each for each in timeline(found)}
    assert events["%BGP-5-ADJCHANGE: neighbor Down"].resolution == timedelta(0)
    moved = events["path to hub: expressroute-primary → vpn"]
    assert (moved.at, moved.resolution) == (ZERO + timedelta(seconds=2), timedelta(seconds=6))


def test_evidence_holds_no_secret_and_a_manifest_of_everything(tmp_path: Path) -> None:
    found = record()
    found.failure = "username admin password 7 0822455D0A16"
    found.waived = [f"check[{number}]" for number in range(9)]
    outcomes = [evidence.Outcome("armed", "passed"), evidence.Outcome("moved", "failed", "why | not")]
    evidence.write(tmp_path / "drill", found, ["plan"], outcomes)
    texts = {each.name: each.read_text() for each in (tmp_path / "drill").iterdir()}
    assert texts.keys() == {"plan.txt", "timeline.txt", "timeline.svg", "drill.json", "drill.md", "manifest.sha256"}
    assert not any("0822455D0A16" in text for text in texts.values())
    for line in texts["manifest.sha256"].splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(texts[name].encode()).hexdigest() == digest
    assert json.loads(texts["drill.json"])["outcomes"][1] == {"name": "moved", "outcome": "failed", "why": "why | not"}
    assert "**Not passed**: moved" in texts["drill.md"]
    assert "failover: 2.0 s, allowed 60 s" in texts["drill.md"]
    assert all(each in texts["drill.md"] and each in texts["plan.txt"] for each in found.waived)


def test_what_a_router_logs_is_anybodys_text() -> None:
    found = record()
    hostile = message(1.5, "BGP-5-ADJCHANGE", "\x1b[2J``` <script>&\n# Passed")
    found.looks[4] = replace(found.looks[4], messages=(hostile,))
    text = "\n".join(evidence.timeline_lines(found))
    assert "\x1b" not in text
    assert "```" not in text
    assert not any(line.startswith("# Passed") for line in text.splitlines())
    ET.fromstring(draw(found))


def test_the_drawing_shows_states_paths_loss_and_load(tmp_path: Path) -> None:
    found = record()
    found.series, found.offsets = [series(range(12, 49))], {"loc1-host": timedelta(seconds=5)}
    root = ET.fromstring(draw(found))
    told = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(each.startswith("vpn: 2.0 s to 666.0 s") for each in told)
    assert any(each.startswith("silent: 1.2 s to 4.9 s") for each in told)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
    assert "nothing was watched" in draw(Record(the_drill()))
