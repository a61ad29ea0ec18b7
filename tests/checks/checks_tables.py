"""Writes the tables of docs/checks.md: `python tests/checks/checks_tables.py`."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from pathlib import Path

from pytest_azinterop import fixtures, shipped
from pytest_azinterop.outcomes import rules_of
from pytest_azinterop.plugin import MARKERS
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verify.rules import RULES

DOCUMENT = Path(__file__).parents[2] / "docs" / "checks.md"


def fixtures_table() -> str:
    """Every fixture with its docstring."""
    rows = ["| fixture | one item for each of the intent's | gives |", "|---|---|---|"]
    for name, kind in SUBJECTS.items():
        rows.append(f"| `{name}` | {kind.plural} | {_sentence(getattr(fixtures, name))} |")
    return "\n".join([*rows, f"| `judge` | | {_sentence(fixtures.judge)} |"])


def checks_table() -> str:
    """Every check with its marker and the rules that it judges."""
    rows = ["| marker | check | judges |", "|---|---|---|"]
    for marker in filter(_FILES.get, (line.partition(":")[0] for line in MARKERS)):
        for function in _functions(shipped.checks() / _FILES[marker]):
            rules = ", ".join(f"`{rule}`" for rule in sorted(rules_of(function, RULES.values())))
            marks = [marker, *(mark.name for mark in getattr(function, "pytestmark", ()) if mark.name == "deep")]
            rows.append(f"| {' '.join(f'`{each}`' for each in marks)} | `{function.__name__}` | {rules} |")
    return "\n".join(rows)


_FILES = {
    "devices": "test_devices.py",
    "interfaces": "test_interfaces.py",
    "bgp": "test_bgp.py",
    "policy": "test_policy.py",
    "routes": "test_routes.py",
    "ipsec": "test_ipsec.py",
    "reachability": "test_reachability.py",
    "azure": "test_azure.py",
    "sides": "test_sides.py",
    "lint": "test_lint.py",
}


def _sentence(fixture: object) -> str:
    function = getattr(fixture, "_fixture_function", None) or getattr(fixture, "__wrapped__", fixture)
    return (inspect.getdoc(function) or "").replace("\n", " ")


def _functions(file: Path) -> list:
    spec = importlib.util.spec_from_file_location(f"documented_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [value for name, value in vars(module).items() if name.startswith("test_")]


def rendered(text: str) -> str:
    """The document with its tables as they should be."""
    for name, table in (("fixtures", fixtures_table()), ("checks", checks_table())):
        block = f"<!-- {name} -->\n{table}\n<!-- end of {name} -->"
        text = re.sub(f"<!-- {name} -->.*<!-- end of {name} -->", lambda _, new=block: new, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
