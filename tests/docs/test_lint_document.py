"""The table of docs/lint.md says what the registry says: `python tests/docs/test_lint_document.py` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_azinterop.report.terminal import SEVERITIES
from pytest_azinterop.verify.rules import RULES

DOCUMENT = Path(__file__).parents[2] / "docs" / "lint.md"


def table() -> str:
    """The lint rules, the gravest first."""
    rules = sorted((SEVERITIES.index(each.severity), name) for name, each in RULES.items() if name.startswith("lint."))
    rows = [f"| {SEVERITIES[rank]} | `{name}` | {RULES[name].description} |" for rank, name in rules]
    return "\n".join(["| severity | rule | says |", "|---|---|---|", *rows])


def rendered(text: str) -> str:
    """The document with its table as it should be."""
    block = f"<!-- lint rules -->\n{table()}\n<!-- end of lint rules -->"
    return re.sub("<!-- lint rules -->.*<!-- end of lint rules -->", lambda _: block, text, flags=re.DOTALL)


def test_the_table_of_lint_rules_is_fresh() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == rendered(text), "run: python tests/docs/test_lint_document.py"
    assert text.count("| `lint.") > 40


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
