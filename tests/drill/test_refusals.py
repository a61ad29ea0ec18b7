"""A drill cannot happen by accident: every combination of flags, plugins and environment that is not exactly right."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_azinterop import drill_refusals, options

APPROVED = {"drill": "expressroute-1-loss", "drill_confirm": "a-b-c", "ticket": "CHG1"}
ENVIRONMENT = {"AZINTEROP_DRILL": "1", "AZINTEROP_DRILL_USERNAME": "drill"}


class Config:
    """As much of pytest's configuration as is looked at."""

    def __init__(self, given: dict[str, Any], plugins: tuple[str, ...] = (), *, named: bool = False) -> None:
        ours = {f"azinterop_{name}": value for name, value in given.items() if name in KNOWN}
        foreign = {name: value for name, value in given.items() if name not in KNOWN}
        self.option = SimpleNamespace(**{"collectonly": False, **ours, **foreign})
        self.pluginmanager = SimpleNamespace(hasplugin=lambda name: name in plugins)
        sources = pytest.Config.ArgsSource
        self.args_source = sources.ARGS if named else sources.TESTPATHS
        self.invocation_params = SimpleNamespace(dir=Path.cwd())
        self.stash: dict[Any, Any] = {options.SHORT_FORMS: frozenset(each.name for each in options.OPTIONS)}

    def getoption(self, name: str, default: Any = None) -> Any:
        return getattr(self.option, name, default)


KNOWN = {each.name.replace("-", "_") for each in options.OPTIONS}


def refused(given: dict[str, Any], environ: dict[str, str], **more: Any) -> str:
    with pytest.raises(pytest.UsageError) as raised:
        drill_refusals.check(Config(given, **more), environ)  # type: ignore[arg-type]
    return str(raised.value)


def test_everything_together_is_let_through() -> None:
    drill_refusals.check(Config(APPROVED), ENVIRONMENT)  # type: ignore[arg-type]


def test_a_plan_needs_nothing_of_it() -> None:
    drill_refusals.check(Config({"drill": "expressroute-1-loss"}), {"CI": "true"})  # type: ignore[arg-type]


def test_a_run_without_a_drill_is_not_looked_at() -> None:
    drill_refusals.check(Config({"numprocesses": 2, "keyword": "bgp"}), {"CI": "1"})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["AZINTEROP_DRILL", "AZINTEROP_DRILL_USERNAME"])
def test_each_variable_is_needed(missing: str) -> None:
    environ = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    assert missing in refused(APPROVED, environ)


@pytest.mark.parametrize("value", ["0", "true", "yes", "", " 1"])
def test_the_switch_is_exactly_one(value: str) -> None:
    assert "AZINTEROP_DRILL=1" in refused(APPROVED, {**ENVIRONMENT, "AZINTEROP_DRILL": value})


@pytest.mark.parametrize("ticket", [None, "", "  "])
def test_a_ticket_is_needed(ticket: str | None) -> None:
    assert "--ticket" in refused({**APPROVED, "ticket": ticket}, ENVIRONMENT)


def test_a_ticket_alone_does_nothing() -> None:
    assert "--drill-confirm" in refused({"drill": "x", "ticket": "CHG1"}, ENVIRONMENT)


@pytest.mark.parametrize("name", drill_refusals.CI_VARIABLES)
def test_a_build_service_needs_a_further_switch(name: str) -> None:
    environ = {**ENVIRONMENT, name: "true"}
    assert "build service" in refused(APPROVED, environ)
    drill_refusals.check(Config({**APPROVED, "drill_in_ci": True}), environ)  # type: ignore[arg-type]


SELECTING = {
    "numprocesses": 2,
    "dist": "load",
    "keyword": "bgp",
    "markexpr": "not lint",
    "deselect": ["x"],
    "ignore": ["checks/test_bgp.py"],
    "ignore_glob": ["*"],
    "lf": True,
    "failedfirst": True,
    "newfirst": True,
    "stepwise": True,
    "usepdb": True,
    "trace": True,
    "setuponly": True,
    "setupplan": True,
    "runxfail": True,
    "reruns": 2,
    "count": 3,
    "random_order_bucket": "module",
}


@pytest.mark.parametrize("name", SELECTING)
@pytest.mark.parametrize("given", [APPROVED, {"drill": "x"}], ids=["approved", "planned"])
def test_nothing_selects_repeats_or_reorders(name: str, given: dict[str, Any]) -> None:
    assert "excludes" in refused({**given, name: SELECTING[name]}, ENVIRONMENT)


def test_evidence_that_cannot_be_written_is_refused_before_anything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "drill.md").write_text("x")
    for name, said in (("file", "is no folder"), ("file/below", "is no folder"), ("used", "is not empty")):
        assert said in refused({**APPROVED, "drill_dir": str(tmp_path / name)}, ENVIRONMENT)
    good = Config({**APPROVED, "drill_dir": str(tmp_path / "new" / "one")})
    drill_refusals.check(good, ENVIRONMENT)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_nothing_cuts_the_verdict() -> None:
    assert "-x and --maxfail" in refused({**APPROVED, "maxfail": 1}, ENVIRONMENT)
    drill_refusals.check(Config({"drill": "x", "maxfail": 1}), {})  # type: ignore[arg-type]


def test_every_option_that_is_looked_at_is_tried_here() -> None:
    assert {name for name, _ in drill_refusals._SELECTING} <= SELECTING.keys()


def test_a_random_order_is_refused_until_it_is_switched_off() -> None:
    assert "randomly" in refused(APPROVED, ENVIRONMENT, plugins=("randomly",))


def test_a_part_of_the_checks_is_refused() -> None:
    assert "names of checks" in refused(APPROVED, ENVIRONMENT, named=True)


@pytest.mark.parametrize("name", ["no_azure", "collectonly"])
def test_what_looks_less_acts_not(name: str) -> None:
    assert "excludes" in refused({**APPROVED, name: True}, ENVIRONMENT)


@pytest.mark.parametrize("other", ["replay", "record", "settle", "baseline"])
def test_a_drill_goes_with_no_other_kind_of_run(other: str) -> None:
    config = Config({**APPROVED, "inventory": "prod", other: "x"})
    with pytest.raises(pytest.UsageError, match="excludes"):
        options.check_together(config)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["drill_confirm", "ticket", "drill_dir", "drill_answer"])
def test_what_belongs_to_a_drill_is_nothing_without_one(name: str) -> None:
    with pytest.raises(pytest.UsageError, match="--drill"):
        options.check_together(Config({"inventory": "prod", name: "x"}))  # type: ignore[arg-type]
