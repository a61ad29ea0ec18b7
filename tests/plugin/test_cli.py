"""`azinterop`: commands, exit codes, and one line instead of a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop import __version__, cli

if TYPE_CHECKING:
    from pathlib import Path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"pytest-azinterop {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["parse"]], ids=str)
def test_wrong_usage_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: azinterop" in capsys.readouterr().err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"


def test_init_refuses_to_overwrite_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    assert cli.main(["init", str(tmp_path)]) == 4
    said = capsys.readouterr().err
    assert said.startswith("azinterop: ")
    assert said.count("\n") == 1


def test_parse_reads_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "clock.txt"
    file.write_text("22:14:03.120 UTC Sun Mar 1 2026\n")
    assert cli.main(["parse", "sh clock", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"command", "parser", "records", "unread", "complete"}
    file.write_text("no clock here\n")
    assert cli.main(["parse", "sh clock", str(file)]) == 3
    assert cli.main(["parse", "reload", str(file)]) == 2


@pytest.mark.parametrize("arguments", [["lab", "names"], ["lab", "schema"]], ids=" ".join)
def test_the_lab_s_commands_are_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out


def test_starting_loads_no_networking_library() -> None:
    code = (
        "import sys; from pytest_azinterop import cli; cli.main(['version']);"
        "heavy = {'nornir', 'napalm', 'netmiko', 'asyncssh', 'pydantic', 'pytest'} & sys.modules.keys();"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
