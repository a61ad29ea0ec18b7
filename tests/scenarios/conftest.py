"""Runs of `pytest --inventory lab` in a process of their own."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest
import warm

HERE = Path(__file__).parent
CHECKS = HERE.parent.parent / "checks"


# Why an item is skipped: what the intent says, what the command line does, and what nobody could say otherwise.
_REASONS = (
    "the intent ",
    "Azure is not asked: --no-azure",
    "over ExpressRoute BGP always runs",
    "this connection has no tunnel to an address",
    "no VPN of this site runs over private peering",
    "the Internet carries this tunnel",
    "a Microsoft peering serves no gateway",
    "a connection to a circuit negotiates no tunnel",
    "over private peering the tunnel ends at a private address",
)


@dataclass(frozen=True)
class Item:
    """One item of a run, as its JUnit file tells it. `findings` are `rule:cause`; of an error, the cause alone."""

    outcome: str
    findings: frozenset[str]
    text: str


@dataclass(frozen=True)
class Run:
    """A finished run. `text` is all that it wrote to the terminal."""

    code: int
    text: str
    items: dict[str, Item]
    folder: Path


def run(
    folder: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    inventory: str = "lab",
    azure: bool = False,
) -> Run:
    """Run the checks in this folder; its JUnit file is `junit.xml`, and items are named `test[object]`.

    `azure`: ask Azure's side too; a table about routers leaves it out.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AZINTEROP_"))}
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    ours = ["--inventory", inventory, "--junitxml=junit.xml", "-c", "pytest.ini", "--rootdir", str(folder)]
    ours += [] if azure else ["--no-azure"]
    done = warm.run(
        [*ours, *arguments, str(CHECKS)],
        folder,
        {**kept, "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        180,
    )
    (folder / "terminal.txt").write_text(done.stdout, encoding="utf-8")
    cases = list(ET.parse(folder / "junit.xml").iter("testcase")) if (folder / "junit.xml").is_file() else []
    items = {str(case.get("name")): _item(case) for case in cases}
    assert len(items) == len(cases), "two items have one name"
    return Run(done.returncode, done.stdout, items, folder)


def is_explained(item: Item) -> bool:
    """Whether a skipped item says what of the intent, or of the command line, leaves it nothing to judge."""
    return any(reason in item.text for reason in _REASONS)


def _item(case: ET.Element) -> Item:
    outcome, text = "passed", ""
    for tag, word in (("skipped", "skipped"), ("failure", "failed"), ("error", "error")):
        told = case.find(tag)
        if told is not None:
            xfailed = tag == "skipped" and told.get("type") == "pytest.xfail"
            outcome, text = "xfailed" if xfailed else word, told.text or ""
    findings = set()
    rule = ""
    for told in case.iter("property"):
        if told.get("name") == "azinterop.rule":
            rule = f"{told.get('value')}:"
        elif told.get("name") == "azinterop.cause":
            findings.add(f"{rule}{told.get('value')}")
            rule = ""
    return Item(outcome, frozenset(findings), text)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The network as it should be: what every scenario is compared with."""
    return run(tmp_path_factory.mktemp("healthy"), "-q")
