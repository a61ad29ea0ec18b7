"""The registry is public API: complete, consistent, and documented as it is."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from pytest_azinterop.verify import rule_docs, rules
from pytest_azinterop.verify.rule import rule
from pytest_azinterop.verify.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_page_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == rule_docs.markdown(), "run python -m pytest_azinterop.verify.rule_docs"


@pytest.mark.parametrize("name", RULES)
def test_rule_names_a_function_and_says_one_sentence(name: str) -> None:
    entry = RULES[name]
    module, _, function = entry.judged_by.rpartition(".")
    parameters = inspect.signature(getattr(import_module(f"pytest_azinterop.verify.{module}"), function)).parameters
    assert list(parameters) == ["expected", "observed"]
    assert entry.description.endswith(".")
    assert ". " not in entry.description
    assert entry.causes
    for code, words in entry.causes.items():
        assert code == code.lower()
        assert "_" not in code
        assert not words.endswith(".")


def test_two_rules_of_one_name_are_refused() -> None:
    twice = rule("a.b", "low", "session.state", "Says.", some_cause="words")
    with pytest.raises(ValueError, match=r"a\.b"):
        rules.registry([twice], [twice])


def test_finding_needs_a_registered_rule_and_cause() -> None:
    with pytest.raises(KeyError):
        rules.finding("bgp.nothing", "o", "o", "x is y, expected z", cause="missing")
    with pytest.raises(KeyError):
        rules.finding("bgp.state", "o", "o", "x is y, expected z", cause="nothing")


def test_finding_has_its_rules_severity_and_its_causes_words() -> None:
    found = rules.finding("bgp.state", "o", "a b", "state is Idle, expected Established", cause="shutdown")
    assert found.severity == RULES["bgp.state"].severity
    assert found.likely == RULES["bgp.state"].causes["shutdown"]
    assert found.message == "a b: state is Idle, expected Established"
