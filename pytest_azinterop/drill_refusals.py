"""Under which command lines and environments a drill is refused, before anything is asked or sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_azinterop import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SWITCH: Final = "AZINTEROP_DRILL"
# What build services set.
CI_VARIABLES: Final = (
    *("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "BUILDKITE", "CIRCLECI", "TEAMCITY_VERSION"),
    *("BUILD_BUILDID", "CODEBUILD_BUILD_ID", "DRONE", "BITBUCKET_BUILD_NUMBER"),
)
# Options of pytest and of plugins that leave out, repeat or reorder items, by their names in `config.option`.
_SELECTING: Final = (
    ("keyword", "-k"),
    ("markexpr", "-m"),
    ("deselect", "--deselect"),
    ("ignore", "--ignore"),
    ("ignore_glob", "--ignore-glob"),
    ("lf", "--lf"),
    ("failedfirst", "--ff"),
    ("newfirst", "--nf"),
    ("stepwise", "--sw"),
    ("usepdb", "--pdb"),
    ("trace", "--trace"),
    ("setuponly", "--setup-only"),
    ("setupplan", "--setup-plan"),
    ("runxfail", "--runxfail"),
    ("reruns", "--reruns"),
    ("count", "--count"),
    ("random_order_bucket", "--random-order"),
)
# What they are set to where nobody has set them and they are not empty.
_UNSET: Final = {"count": 1, "random_order_bucket": "none"}


def is_approved(config: pytest.Config) -> bool:
    """Whether the command line asks to act, and not only for the plan."""
    return options.value(config, "drill-confirm") is not None


def check(config: pytest.Config, environ: Mapping[str, str] | None = None) -> None:
    """Raise pytest.UsageError with everything that speaks against this command line."""
    environ = os.environ if environ is None else environ
    if options.value(config, "drill") is None:
        return
    found = [*_selecting(config)]
    if is_approved(config):
        found += _not_approved(config, environ)
    elif options.value(config, "ticket") is not None:
        confirm = options.form(config, "drill-confirm")
        found.append(f"{options.form(config, 'ticket')} goes with {confirm} HASH; without it the drill is only planned")
    if found:
        raise pytest.UsageError("the drill is refused, and nothing was sent: " + "; ".join(found))


def _selecting(config: pytest.Config) -> Iterator[str]:
    option = config.option
    if getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no" or _is_worker(config):
        yield "it excludes pytest-xdist: one process watches and restores"
    for name, spelled in _SELECTING:
        value = getattr(option, name, None)
        if value and value != _UNSET.get(name, False):
            yield f"it excludes {spelled}: every check of the customer runs, once and in order"
    plugins = config.pluginmanager
    if plugins.hasplugin("randomly") and getattr(option, "randomly_reorganize", True):
        yield "pytest-randomly changes the order; add -p no:randomly"
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        yield "it takes no files or names of checks: every check of the customer runs"


def _no_folder(folder: Path) -> str | None:
    """Why the evidence cannot be written there; None: it can. Nothing is made."""
    try:
        if folder.is_dir():
            used = any(folder.iterdir())
            return f"{folder} is not empty; a drill needs a new folder" if used else _not_writable(folder)
        above = next(each for each in (folder, *folder.parents) if each.exists())
    except OSError as problem:
        return f"{folder} cannot be looked at: {problem.strerror}"
    if not above.is_dir():
        return f"{folder} cannot be made: {above} is no folder"
    return _not_writable(above)


def _not_writable(folder: Path) -> str | None:
    return None if os.access(folder, os.W_OK | os.X_OK) else f"{folder} cannot be written to"


def missing(
    environ: Mapping[str, str], ticket: str, *, in_ci: bool, ticket_form: str = "--ticket", ci_form: str = "--in-ci"
) -> Iterator[str]:
    """What whoever changes a router must have brought together, and has not: ticket, switch, login, not in CI."""
    if not ticket.strip():
        yield f"it needs {ticket_form} ID"
    if environ.get(SWITCH) != "1":
        yield f"it needs {SWITCH}=1 in the environment"
    if not environ.get("AZINTEROP_DRILL_USERNAME"):
        yield "it needs a login of its own: set AZINTEROP_DRILL_USERNAME and AZINTEROP_DRILL_PASSWORD"
    inside = [name for name in CI_VARIABLES if environ.get(name)]
    if inside and not in_ci:
        yield f"this is a build service ({inside[0]} is set); {ci_form} allows it there"


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _not_approved(config: pytest.Config, environ: Mapping[str, str]) -> Iterator[str]:
    yield from missing(
        environ,
        str(options.value(config, "ticket") or ""),
        ticket_form=options.form(config, "ticket"),
        in_ci=bool(options.value(config, "drill-in-ci")),
        ci_form=options.form(config, "drill-in-ci"),
    )
    if getattr(config.option, "maxfail", 0):
        yield "it excludes -x and --maxfail: the verdict needs every item after one that failed"
    folder = options.value(config, "drill-dir")
    if folder:
        trouble = _no_folder(config.invocation_params.dir / Path(str(folder)).expanduser())
        if trouble is not None:
            yield f"{options.form(config, 'drill-dir')} {trouble}"
    if options.value(config, "no-azure"):
        yield f"it excludes {options.form(config, 'no-azure')}: Azure's side must be known"
    if config.option.collectonly:
        yield "it excludes --collect-only"
