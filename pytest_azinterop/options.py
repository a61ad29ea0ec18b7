"""The command line. Every option has a long form `--azinterop-…`, and a short one where nobody else has taken it.

Cheap to import: a run that names no inventory loads this module and `plugin`, and nothing else of the package.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "--azinterop-"
GROUP = "azinterop"


@dataclass(frozen=True, slots=True)
class Option:
    """`name` without dashes; `attributes` as `parser.addoption` takes them. `short`: whether a short form is tried."""

    name: str
    attributes: dict[str, Any]
    short: bool = True

    @property
    def dest(self) -> str:
        """The attribute of `config.option`."""
        return f"azinterop_{self.name.replace('-', '_')}"


def _seconds(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return value


def _factor(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


OPTIONS = (
    Option(
        "inventory",
        {"metavar": "NAME|PATH", "help": "verify the network of this inventory (inventory/NAME, shipped, or a path)"},
    ),
    Option("plan", {"action": "store_true", "default": False, "help": "print what would be sent; connect to nothing"}),
    Option(
        "lab-scenario",
        {"action": "append", "metavar": "NAME|FILE", "help": "change the simulated network first; may be repeated"},
    ),
    Option("lab-speed", {"type": _factor, "metavar": "N", "help": "run the simulated network's clock N times faster"}),
    Option("record", {"metavar": "DIR", "help": "keep every answer, redacted, with a manifest, in this new folder"}),
    Option("replay", {"metavar": "DIR", "help": "run the checks on a recording; connect to nothing"}),
    Option("baseline", {"metavar": "DIR", "help": "also fail on what differs from this recording, unless expected"}),
    Option(
        "expect-change",
        {
            "action": "append",
            "metavar": "RULE:OBJECT",
            "help": "a difference from the baseline that is meant; * stands for anything; may be repeated",
        },
    ),
    Option(
        "settle",
        {"type": _seconds, "metavar": "S", "help": "collect again until no check fails, for at most S seconds"},
    ),
    Option("lab-log", {"metavar": "FILE", "help": "write the simulated network's log, one JSON line per event"}),
    Option(
        "drill",
        {"metavar": "NAME", "help": "plan a failover drill of the intent: look, print the plan, change nothing"},
    ),
    Option(
        "drill-confirm",
        {"metavar": "HASH", "help": "carry out the drill that was planned under this hash; needs --ticket and a login"},
    ),
    Option("ticket", {"metavar": "ID", "help": "under which ticket a drill is carried out"}),
    Option("drill-dir", {"metavar": "DIR", "help": "where a drill leaves its evidence (default: drill-NAME-TIME)"}),
    Option(
        "drill-answer",
        {
            "action": "append",
            "metavar": "NAME=WORDS",
            "help": "the operator's answer to a question of the drill's plan; may be repeated",
        },
    ),
    Option(
        "drill-in-ci",
        {"action": "store_true", "default": False, "help": "let a drill be carried out by a build service"},
        short=False,
    ),
    Option("deep", {"action": "store_true", "default": False, "help": "also run the rare and costly checks"}),
    Option(
        "no-azure",
        {"action": "store_true", "default": False, "help": "ask routers alone; checks of Azure's side are skipped"},
    ),
    Option(
        "azure-deadline",
        {"type": _seconds, "metavar": "S", "help": "seconds that one request to Azure may take, with its polls"},
        short=False,
    ),
    Option(
        "command-deadline",
        {"type": _seconds, "metavar": "S", "help": "seconds that one command of a router may take"},
        short=False,
    ),
    Option(
        "router-deadline",
        {"type": _seconds, "metavar": "S", "help": "seconds that one router may take in all"},
        short=False,
    ),
)
# Options that cannot be given together, with why; and options that are nothing without another one.
_NOTHING_ASKED = "a replay asks no router"
_PLAN_ONLY = "a plan collects nothing"
_DRILL_ALONE = "a drill asks the routers itself, and keeps what they answer"
EXCLUDED = (
    *(
        ("replay", other, _NOTHING_ASKED)
        for other in ("record", "settle", "plan", "lab-scenario", "lab-speed", "lab-log")
    ),
    *(("replay", other, _NOTHING_ASKED) for other in ("command-deadline", "router-deadline", "azure-deadline")),
    *(("plan", other, _PLAN_ONLY) for other in ("record", "settle", "drill-confirm")),
    *(("drill", other, _DRILL_ALONE) for other in ("replay", "record", "settle", "baseline")),
)
REQUIRED = (
    *((name, "inventory") for name in ("record", "replay", "baseline", "settle", "drill")),
    *((name, "drill") for name in ("drill-confirm", "ticket", "drill-dir", "drill-answer")),
    ("expect-change", "baseline"),
)
SHORT_FORMS = pytest.StashKey[frozenset[str]]()
UNREAD = pytest.StashKey[str | None]()
"""That the project's configuration is not read, and what to write so that it is; None: it is."""


def add_long_forms(parser: pytest.Parser) -> None:
    """The forms that always exist."""
    group = parser.getgroup(GROUP, "pytest-azinterop: verify the routers of a hybrid Azure connection")
    for option in OPTIONS:
        group.addoption(LONG + option.name, dest=option.dest, **option.attributes)


def add_free_short_forms(parser: pytest.Parser) -> frozenset[str]:
    """The short forms that no plugin and no initial conftest has taken, whatever the order in which they were loaded.

    Called after all of them have registered theirs, and before the command line is parsed for good.
    """
    taken = []
    group = parser.getgroup(GROUP)
    for option in OPTIONS:
        if not option.short:
            continue
        attributes = {**option.attributes, "help": f"short for {LONG}{option.name}"}
        try:
            group.addoption(f"--{option.name}", dest=option.dest, **attributes)
        except (argparse.ArgumentError, ValueError):
            continue
        taken.append(option.name)
    return frozenset(taken)


def with_values() -> frozenset[str]:
    """Every spelling of an option that is followed by a value."""
    named = [option for option in OPTIONS if option.attributes.get("action") != "store_true"]
    return frozenset(form for option in named for form in (f"--{option.name}", LONG + option.name))


def form(config: pytest.Config, name: str) -> str:
    """How to spell an option in this run: the short form if it is ours."""
    ours = config.stash.get(SHORT_FORMS, frozenset())
    return f"--{name}" if name in ours else LONG + name


def value(config: pytest.Config, name: str) -> Any:  # noqa: ANN401 (as the option's type)
    """What was given, None or the default otherwise."""
    return config.getoption(f"azinterop_{name.replace('-', '_')}", default=None)


def check_together(config: pytest.Config) -> None:
    """Raise pytest.UsageError for options that make no sense together, or not by themselves."""
    for name, needed in REQUIRED:
        if value(config, name) is not None and value(config, needed) is None:
            raise pytest.UsageError(f"{form(config, name)} needs {form(config, needed)} as well")
    for name, other, why in EXCLUDED:
        if value(config, name) and value(config, other):
            raise pytest.UsageError(f"{form(config, name)} excludes {form(config, other)}: {why}")
    if value(config, "settle"):
        if getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
            raise pytest.UsageError(f"{form(config, 'settle')} excludes -n: one process collects and judges again")
        if getattr(config.option, "usepdb", False):
            raise pytest.UsageError(f"{form(config, 'settle')} excludes --pdb: checks are judged more than once")


@dataclass(frozen=True, slots=True)
class NamedInventory:
    """The folder that `--inventory` means. `shipped`: it is the package's own."""

    name: str
    folder: Path
    shipped: bool

    @property
    def is_simulated(self) -> bool:
        """A folder with `lab.yaml` is simulated: its routers are started for the run."""
        return (self.folder / "lab.yaml").is_file()


def resolve(name: str, cwd: Path, shipped: Callable[[str], Path | None]) -> NamedInventory:
    """`inventory/NAME` below the current directory, then the shipped one, then a path. Raises pytest.UsageError."""
    local = cwd / "inventory" / name
    if name and local.is_dir():
        return NamedInventory(name, local, shipped=False)
    packaged = shipped(name)
    if packaged is not None:
        return NamedInventory(name, packaged, shipped=True)
    path = cwd / Path(name).expanduser()
    if name and path.is_dir():
        return NamedInventory(path.name, path, shipped=False)
    raise pytest.UsageError(
        f"no inventory {name!r}: neither {local} nor {path} is a folder, and none of that name is shipped;"
        " `azinterop init DIR` writes one to start from"
    )
