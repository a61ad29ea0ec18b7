"""A check that the intent gives nothing to judge is skipped with the reason: it never passes, and asks for nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scenarios.conftest import run

from pytest_azinterop import applicability
from pytest_azinterop.intent.loader import load
from pytest_azinterop.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.plugin.conftest import Runs

HERE = Path(__file__).parent
TIMERS = "test_timers_are_negotiated_as_declared"
TAGS = "test_carries_its_vlan_tags"
SESSION = "edge-a/vrf-ACME/10.60.0.2"
LAN = "edge-a/GigabitEthernet0/0/1.9"

# Checks that are judged by the presence of a record in what was read, or by its absence.
BY_PRESENCE = ("test_neighbor_exists", "test_exists", "test_is_in_its_vrf")


def undeclared(text: str) -> str:
    """The intent without timers and without the LAN's tag."""
    changed = text.replace("            vlans: [9]\n", "").replace(
        "defaults:\n", "defaults:\n  bgp: {hold_time: null, keepalive: null}\n", 1
    )
    assert len(changed.splitlines()) == len(text.splitlines())
    assert changed != text
    return changed


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["one process", "two workers"])
def test_it_is_skipped_with_its_reason(runs: Runs, arguments: tuple[str, ...]) -> None:
    before = runs.pytest(*arguments).outcomes()
    assert before[f"{TIMERS}[{SESSION}]"] == before[f"{TAGS}[{LAN}]"] == "passed"
    runs.intent(undeclared(runs.INTENT))
    result = runs.pytest("-rs", *arguments)
    assert result.code == 0
    after = result.outcomes()
    changed = {name: word for name, word in after.items() if word != before[name]}
    assert set(changed.values()) == {"skipped"}
    assert {name.partition("[")[0] for name in changed} == {TIMERS, TAGS}
    assert f"{TAGS}[{LAN}]" in changed
    assert "the intent declares no 802.1Q tags" in result.text
    assert "the intent does not judge timers" in result.text


def test_nothing_is_asked_for_it(runs: Runs) -> None:
    """Not even the commands that would help to name a cause."""
    assert "show interfaces" in runs.pytest("--plan", "-k", f"{TAGS} and edge-a").text
    runs.intent(undeclared(runs.INTENT))
    lan = f"{TAGS} and GigabitEthernet0/0/1"
    assert "show interfaces" not in runs.pytest("--plan", "-k", lan).text
    assert "will ask 0 routers" in runs.pytest("-k", lan).text
    assert set(runs.pytest("-k", lan).outcomes().values()) == {"skipped"}


def test_a_lost_router_does_not_hide_it_and_it_hides_no_lost_router(runs: Runs) -> None:
    runs.intent(undeclared(runs.INTENT))
    runs.network('facts.lose("*", "edge-a", "unreachable")')
    outcomes = runs.pytest().outcomes()
    assert outcomes[f"{TIMERS}[{SESSION}]"] == "skipped"
    others = {word for name, word in outcomes.items() if "[edge-a/" in name and word != "skipped"}
    assert others == {"error"}


def test_a_check_with_an_assertion_of_its_own_is_run(runs: Runs) -> None:
    runs.intent(undeclared(runs.INTENT))
    runs.file(
        "checks/test_own.py",
        "from pytest_azinterop.verify import session\n"
        "def test_own(bgp_session, judge):\n"
        "    judge(session.timers(bgp_session.expected, bgp_session.evidence))\n"
        "    assert bgp_session.observed.remote_as == 64999\n",
    )
    assert runs.pytest("-k", "edge-a").outcomes()[f"test_own[{SESSION}]"] == "failed"


def test_a_check_that_judges_by_way_of_a_function_is_skipped_after_it_ran(runs: Runs) -> None:
    runs.intent(undeclared(runs.INTENT))
    runs.file(
        "checks/test_own.py",
        "from pytest_azinterop.verify import session\n"
        "def only(findings):\n"
        "    return list(findings)\n"
        "def test_own(bgp_session, judge):\n"
        "    judge(only(session.timers(bgp_session.expected, bgp_session.evidence)))\n",
    )
    result = runs.pytest("-rs", "-k", "edge-a")
    assert result.outcomes()[f"test_own[{SESSION}]"] == "skipped"
    assert "the intent does not judge timers" in result.text
    runs.network('facts.lose("*", "edge-a", "unreachable")')
    assert runs.pytest("-k", "edge-a").outcomes()[f"test_own[{SESSION}]"] == "error"


def test_a_check_of_two_rules_of_which_one_applies_is_judged(runs: Runs) -> None:
    """Transforms are judged where perfect forward secrecy is not."""
    names = [name for name in runs.pytest().outcomes() if name.startswith("test_ipsec_uses_declared_transforms")]
    assert names
    assert {runs.pytest("-k", "transforms").outcomes()[name] for name in names} == {"passed"}


def test_a_waiver_of_what_does_not_apply_covers_nothing(runs: Runs) -> None:
    waiver = f'waivers: [{{rule: bgp.timers, object: "{SESSION}", reason: was slow once, expires: 2999-01-01}}]\n'
    runs.intent(undeclared(runs.INTENT) + waiver)
    result = runs.pytest()
    assert result.code == 1
    assert "covers nothing any more" in result.text


VARIANTS = sorted(file.parent for file in (HERE.parent / "variants").glob("*/interop.yaml"))
LAB = HERE.parent.parent / "inventory" / "lab"


@pytest.mark.parametrize("folder", [LAB, *VARIANTS], ids=lambda folder: folder.name)
def test_what_is_not_judged_is_a_matter_of_the_intent_alone(folder: Path) -> None:
    """Each reason is one sentence about the intent, and every shipped check has something to judge somewhere."""
    from checks.test_shipped_checks import checks

    everything = load(folder).expectations
    reasons = set()
    for _, function, _ in checks():
        subject = next(name for name in function.__code__.co_varnames if name in SUBJECTS)
        for expected in SUBJECTS[subject].select(everything):
            reasons.add(applicability.reason_to_skip(function, expected))
    assert None in reasons
    assert all(reason and " " in reason for reason in reasons - {None})


@pytest.mark.slow
def test_every_check_that_passes_has_looked_at_what_was_read(runs: Runs) -> None:
    result = runs.pytest("-p", "evidence_spy", "--deep", env={"PYTHONPATH": str(HERE)})
    assert result.code == 0
    judged_unread(result.outcomes(), runs.folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    "inventory", ["lab", str(HERE.parent / "variants" / "expressroute-only")], ids=["lab", "plain"]
)
def test_so_has_every_check_of_the_simulated_network(inventory: str, tmp_path: Path) -> None:
    done = run(tmp_path, "-p", "evidence_spy", "--deep", environment={"PYTHONPATH": str(HERE)}, inventory=inventory)
    assert done.code == 0, done.text
    judged_unread({name: item.outcome for name, item in done.items.items()}, tmp_path)


def judged_unread(outcomes: dict[str, str], folder: Path) -> None:
    """Only what is judged by its presence passes without a look at what was read."""
    passed = {name for name, word in outcomes.items() if word == "passed"}
    unread = passed & set(json.loads((folder / "unread.json").read_text()))
    assert unread < passed
    assert {name for name in unread if name.partition("[")[0] not in BY_PRESENCE} == set()
