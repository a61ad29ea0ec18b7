"""What README.md lists is what the program has: `python tests/docs/test_readme_reference.py` writes the commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_azinterop import options
from pytest_azinterop.collect.credentials import KEYRING_SERVICE
from pytest_azinterop.iosxe.allow import SESSION
from pytest_azinterop.iosxe.catalogue import COMMANDS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def listed() -> str:
    """Every line that can be sent, in the order of the catalogue."""
    forms = dict.fromkeys(form for command in COMMANDS.values() for form in command.lines)
    return "\n".join((*SESSION, *forms))


def rendered(text: str) -> str:
    """The README with its commands as they should be."""
    block = f"<!-- commands -->\n\n```text\n{listed()}\n```\n\n<!-- end of commands -->"
    return re.sub("<!-- commands -->.*<!-- end of commands -->", lambda _: block, text, flags=re.DOTALL)


def test_the_readme_lists_every_command_that_is_sent() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == rendered(text), "run: python tests/docs/test_readme_reference.py"
    assert text.count("\nshow ") > 40


@pytest.mark.parametrize("option", options.OPTIONS, ids=lambda each: each.name)
def test_the_table_of_options_has_each_of_them(option: options.Option) -> None:
    spelled = f"--{option.name}" if option.short else options.LONG + option.name
    rows = [row for row in README.read_text(encoding="utf-8").splitlines() if row.startswith("| `--")]
    assert [row for row in rows if re.match(rf"\| `{spelled}[ `]", row)], f"README.md has no row for {spelled}"


def test_the_table_of_options_has_no_other() -> None:
    known = {f"--{each.name}" for each in options.OPTIONS} | {options.LONG + each.name for each in options.OPTIONS}
    rows = re.findall(r"^\| `(--[a-z-]+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) <= known


def test_the_keyring_service_is_the_one_that_is_read() -> None:
    intent = (ROOT / "docs" / "intent.md").read_text(encoding="utf-8")
    assert re.findall(r"\(service `([^`]+)`", intent) == [KEYRING_SERVICE]
    assert f"keyring set {KEYRING_SERVICE} " in intent


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")
