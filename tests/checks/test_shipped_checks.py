"""The shipped checks as a whole: they judge every rule, read like sentences, and agree with the simulated network."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import warm

from pytest_azinterop import shipped
from pytest_azinterop.outcomes import rules_of
from pytest_azinterop.plugin import FIXTURES, MARKERS
from pytest_azinterop.verify.rules import RULES
from tests.lab_log import lab_events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FunctionType

FILES = sorted(shipped.checks().glob("test_*.py"))
LONGEST = 10  # lines of a check
TIERS = {"deep"}  # beside the marker of its file


def checks() -> Iterator[tuple[Path, FunctionType, list[str]]]:
    """Every check with its file and the markers of its module."""
    for file in FILES:
        spec = importlib.util.spec_from_file_location(f"shipped_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        marks = module.pytestmark if isinstance(module.pytestmark, list) else [module.pytestmark]
        for name, value in vars(module).items():
            if name.startswith("test_"):
                own = getattr(value, "pytestmark", [])
                yield file, value, [mark.name for mark in (*marks, *own)]


def test_every_rule_is_judged_by_a_check() -> None:
    judged = {rule for _, function, _ in checks() for rule in rules_of(function, RULES.values())}
    assert judged == {rule for rule in RULES if not rule.startswith("baseline.")}


def test_every_check_judges_a_rule_and_asks_for_one_subject() -> None:
    for file, function, _ in checks():
        assert rules_of(function, RULES.values()), f"{file.name}::{function.__name__}"
        asked = set(inspect.signature(function).parameters)
        assert asked <= FIXTURES
        assert len(asked - {"judge"}) == 1


def test_checks_are_short_and_marked() -> None:
    known = {line.partition(":")[0] for line in MARKERS}
    seen = set()
    for _, function, marks in checks():
        assert len(inspect.getsource(function).splitlines()) <= LONGEST
        assert set(marks) <= known
        assert len(set(marks) - TIERS) == 1
        seen.update(marks)
    assert seen == known - {"baseline", "drill"}  # those have no check of their own


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_checks_stands_alone(file: Path) -> None:
    """A copy imports the package's judgements and pytest, nothing beside it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "pytest_azinterop.verify"}
    assert ast.get_docstring(tree)


def outcome(case: ET.Element) -> str:
    """The outcome that a test case of JUnit tells."""
    skipped = case.find("skipped")
    if skipped is not None:
        return "xfailed" if skipped.get("type") == "pytest.xfail" else "skipped"
    return next((tag for tag in ("failure", "error") if case.find(tag) is not None), "passed")


def run(folder: Path, *arguments: str) -> tuple[int, str, dict[str, str]]:
    """`pytest --inventory lab` in an empty folder: exit code, text, outcomes."""
    done = warm.run(
        ["--inventory", "lab", "--junitxml=junit.xml", *arguments],
        folder,
        {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "AZINTEROP_"))},
        120,
    )
    cases = ET.parse(folder / "junit.xml").iter("testcase")
    return done.returncode, done.stdout, {str(case.get("name")): outcome(case) for case in cases}


@pytest.mark.slow
def test_the_simulated_network_is_green_in_an_empty_folder(tmp_path: Path) -> None:
    code, text, outcomes = run(tmp_path, "--lab-log", "lab.jsonl")
    assert code == 0, text
    assert set(outcomes.values()) <= {"passed", "skipped", "xfailed"}
    published = {function.__name__ for file, function, _ in checks() if file.name in ("test_lint.py", "test_sides.py")}
    waived = {name for name, word in outcomes.items() if word == "xfailed"}
    assert all(is_disabled_path(name) for name in waived if name.partition("[")[0] not in published)
    assert len(outcomes) > 150
    assert "shipped with pytest-azinterop" in text


def is_disabled_path(name: str) -> bool:
    """Whether an item is about the secondary path of ExpressRoute 1, on either side."""
    return "ce2-loc1" in name or "circuit/expressroute-1/secondary" in name


@pytest.mark.slow
def test_one_login_per_router_and_no_command_more_often_than_planned(tmp_path: Path) -> None:
    run(tmp_path, "--lab-log", "lab.jsonl")
    events = lab_events(tmp_path / "lab.jsonl")
    logins = Counter(event["router"] for event in events if event["event"] == "login")
    assert set(logins.values()) == {1}
    planned = subprocess.run(
        [sys.executable, "-m", "pytest", "--inventory", "lab", "--plan"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    budget = Counter()
    router, followed = "", 0
    for line in planned.splitlines():
        if ": one login" in line:
            router = line.split(":")[0]
        elif line.startswith("Azure "):
            router = ""
        elif line.startswith("    +  getAdvertisedRoutes for each MSEE"):
            followed += 1
        elif line.startswith("   "):
            budget[router, line.split(maxsplit=1)[1].partition("   (")[0].partition("&")[0].strip()] += 1
    sent = Counter((event["router"], event["command"]) for event in events if event["event"] == "command")
    shows = Counter({key: count for key, count in sent.items() if key[1].split()[0] in ("show", "ping")})
    # A poll has the name of its operation; what is asked has none.
    asked = Counter(
        ("", f"{event['method']} {event['path']}?api-version={event['api_version']}")
        for event in events
        if event["event"] == "arm" and "/locations/" not in event["path"]
    )
    # Each ExpressRoute gateway is asked about every MSEE that it told of, once: the hub has two circuits.
    after = {key: asked.pop(key) for key in list(asked) if "-er/getAdvertisedRoutes" in key[1]}
    assert len(after) == followed == 2
    assert sorted(after.values()) == [2, 4]
    assert shows + asked == budget


@pytest.mark.slow
def test_the_same_outcomes_with_workers(tmp_path: Path) -> None:
    alone, spread = tmp_path / "alone", tmp_path / "spread"
    alone.mkdir()
    spread.mkdir()
    assert run(alone)[2] == run(spread, "-n2")[2]


@pytest.mark.slow
def test_only_what_is_waived_is_not_green(tmp_path: Path) -> None:
    code, _, outcomes = run(tmp_path, "-m", "not lint and not sides")
    assert code == 0
    waived = {name for name, word in outcomes.items() if word == "xfailed"}
    assert waived
    assert all(is_disabled_path(name) for name in waived)


@pytest.mark.slow
def test_a_leak_of_the_published_example_is_found(tmp_path: Path) -> None:
    code, text, outcomes = run(tmp_path, "--lab-scenario", "as-published")
    assert code == 1
    assert [name for name, word in outcomes.items() if word == "failure"] == [
        "test_site_is_told_the_routes_to_azure[ce1-loc1/TenGigabitEthernet1/0/0.30]",
        "test_site_is_given_its_default_route[ce1-loc1/TenGigabitEthernet1/0/0.30]",
        "test_site_is_told_what_is_configured[ce1-loc1/TenGigabitEthernet1/0/0.30]",
        "test_site_leaves_through_the_declared_routers[customer-30/loc1]",
        "test_names_in_use_are_defined[ce1-loc1]",
        "test_what_azure_is_sent_and_sends_is_filtered[ce1-loc1]",
        "test_large_packets_fit_the_tunnel[ce1-loc1]",
        "test_default_route_has_something_behind_it[ce1-loc1]",
        "test_exactly_the_declared_prefixes_are_announced[ce1-loc1/vrf-30/10.10.30.254]",
    ]
    for rule in ("undefined-redistribution", "outbound-filter", "mss", "default-origination"):
        assert f"rule:     lint.{rule} (high)" in text
    assert "cause leaked-from-expressroute" in text


def test_a_scenario_that_does_not_exist_stops_the_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--inventory", "lab", "--lab-scenario", "no-such", "-m", "devices"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "no-such" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_document_s_tables_are_fresh() -> None:
    from checks import checks_tables

    text = checks_tables.DOCUMENT.read_text(encoding="utf-8")
    assert text == checks_tables.rendered(text), "run: python tests/checks/checks_tables.py"


def test_the_document_s_examples_are_checks(tmp_path: Path) -> None:
    from checks import checks_tables

    text = checks_tables.DOCUMENT.read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in text.split("```python\n")[1:]]
    assert len(examples) == 2
    (tmp_path / "test_examples.py").write_text("\n".join(examples))
    code, printed, outcomes = run(tmp_path, "test_examples.py", "-k", "ce1-loc1")
    assert code == 0, printed
    assert set(outcomes.values()) <= {"passed", "skipped"}
    assert "passed" in outcomes.values()
