"""A run among pytest's own options, its other plugins and several processes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugin.conftest import Runs

BAD = 'facts.change("bgp_neighbors", lambda r: replace(r, remote_as=64999))'


def test_stops_at_the_first_failure(runs: Runs) -> None:
    runs.network(BAD)
    outcomes = runs.pytest("-x").outcomes()
    assert list(outcomes.values()).count("failed") == 1
    assert len(outcomes) < 60


def test_last_failed_runs_what_failed(runs: Runs) -> None:
    runs.network(BAD)
    first = runs.pytest(cache=True).outcomes()
    failed = {name for name, word in first.items() if word == "failed"}
    again = runs.pytest("--lf", cache=True)
    assert set(again.outcomes()) == failed
    assert failed


def test_the_order_of_items_does_not_matter(runs: Runs) -> None:
    runs.network(BAD + '.lose("clock")')
    straight = runs.pytest().outcomes()
    conftest = runs.folder / "conftest.py"
    conftest.write_text(
        conftest.read_text()
        + "\ndef pytest_collection_modifyitems(items):\n    import random\n    random.Random(7).shuffle(items)\n"
    )
    mixed = runs.pytest().outcomes()
    assert mixed == straight
    assert list(mixed) != list(straight)


def test_workers_agree_with_a_single_process(runs: Runs) -> None:
    runs.network(BAD + '.lose("clock", "edge-b")')
    alone = runs.pytest()
    spread = runs.pytest("-n2")
    assert spread.outcomes() == alone.outcomes()
    assert spread.code == alone.code == 1


def test_last_failed_asks_only_for_what_it_needs(runs: Runs) -> None:
    runs.network('facts.change("clock", lambda r: replace(r, quality="not authoritative"), "edge-a")')
    runs.pytest("-m", "devices", cache=True)
    text = runs.pytest("--lf", cache=True).text
    assert "will ask 1 router 2 commands" in text


def test_a_repeated_item_begins_anew(runs: Runs) -> None:
    runs.file(
        "checks/test_own.py",
        "from pytest_azinterop.verify import device as judged\n"
        "def test_it(device, judge):\n    judge(judged.clock(device.expected, device.observed))\n",
    )
    runs.network('facts.change("clock", lambda r: replace(r, quality="not authoritative"))')
    conftest = runs.folder / "conftest.py"
    conftest.write_text(
        conftest.read_text() + "\ndef pytest_runtest_protocol(item, nextitem):\n"
        "    from _pytest.runner import runtestprotocol\n"
        "    runtestprotocol(item, nextitem=nextitem, log=False)\n"
    )
    case = runs.pytest("-k", "edge-a").cases()["test_it[edge-a]"]
    assert [each.get("name") for each in case.iter("property")].count("azinterop.rule") == 1


def test_ids_are_stable(runs: Runs) -> None:
    assert runs.pytest("--co", "-q").text.splitlines()[:-2] == runs.pytest("--co", "-q").text.splitlines()[:-2]


HOSTS = "\n".join(f"{name}:\n  hostname: 127.0.0.1\n  port: 9\n  platform: ios" for name in ("edge-a", "edge-b"))
LOGIN = {"AZINTEROP_USERNAME": "operator", "AZINTEROP_PASSWORD": "pl4nted-Secret"}


class TestUnreachableRouters:
    """Without a network in memory: the routers of the inventory are asked for real, on a port where nobody listens."""

    @pytest.fixture
    def real(self, runs: Runs) -> Runs:
        (runs.folder / "conftest.py").unlink()
        runs.file("inventory/net/hosts.yaml", HOSTS + "\n")
        return runs

    @pytest.mark.parametrize(
        "arguments", [(), ("-n2",), ("-l", "-vv", "--showlocals")], ids=["plain", "workers", "loud"]
    )
    def test_everything_is_an_error_and_no_secret_shows(self, real: Runs, arguments: tuple[str, ...]) -> None:
        result = real.pytest("--no-azure", *arguments, env=LOGIN, cache=True)
        assert result.code == 1
        assert set(result.judged().values()) == {"error"}
        assert "unreachable" in result.text
        written = [path for path in real.folder.rglob("*") if path.is_file()]
        assert any(path.name == "junit.xml" for path in written)
        for text in (result.text, *(path.read_text(errors="replace") for path in written)):
            assert "pl4nted-Secret" not in text

    def test_each_cause_is_said_once_with_its_count(self, real: Runs) -> None:
        result = real.pytest("--no-azure", "-m", "devices", env=LOGIN)
        lines = result.text.splitlines()
        (cause,) = [line for line in lines if line.startswith("12 checks: ")]
        assert "edge-a" in cause
        assert lines[lines.index(cause) + 1] == "  likewise: edge-b"

    @pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["one process", "workers"])
    def test_without_credentials_the_run_stops_with_one_line(self, real: Runs, arguments: tuple[str, ...]) -> None:
        result = real.pytest("--no-azure", *arguments, env={"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"})
        assert result.code == 4
        assert "AZINTEROP_" in result.text
        assert "Traceback" not in result.text

    def test_a_router_that_the_inventory_lacks_stops_the_run(self, real: Runs) -> None:
        real.file("inventory/net/hosts.yaml", HOSTS.replace("edge-b", "edge-c") + "\n")
        result = real.pytest("--no-azure", env=LOGIN)
        assert result.code == 4
        assert "edge-b" in result.text

    def test_workers_leave_nothing_behind(self, real: Runs, tmp_path: Path) -> None:
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        real.pytest("--no-azure", "-n2", "-m", "devices", env={**LOGIN, "TMPDIR": str(temporary)})
        assert [path.name for path in temporary.iterdir() if path.name.startswith("azinterop")] == []


def test_a_collector_that_breaks_is_an_error_everywhere(runs: Runs) -> None:
    runs.file(
        "conftest.py",
        "from pytest_azinterop import gathering\n"
        "def broken(*args):\n    raise RuntimeError('secret-in-a-message')\n"
        "gathering.ask = broken\n",
    )
    runs.file("inventory/net/hosts.yaml", HOSTS + "\n")
    for arguments in ((), ("-n2",)):
        result = runs.pytest("--no-azure", *arguments, env=LOGIN)
        assert result.code == 1
        assert set(result.judged().values()) == {"error"}
        assert "the collection failed with RuntimeError at conftest.py" in result.text
        assert "secret-in-a-message" not in result.text


@pytest.mark.parametrize("workers", [1, 3])
def test_one_process_collects_for_all(runs: Runs, workers: int) -> None:
    runs.file(
        "conftest.py",
        "import os, pathlib, stat\n"
        "from datetime import UTC, datetime\n"
        "from pytest_azinterop import gathering\n"
        "from pytest_azinterop.collect.answer import Answer, Collection, Totals\n"
        "def ask(source, plan, deadlines, progress, client):\n"
        "    with open('asked', 'a') as file:\n        file.write('x')\n"
        "    now = datetime.now(UTC)\n"
        "    answers = tuple(Answer(r.host, c.text, c.sample, now, 0.1, text='*12:00:00.1 UTC Mon Nov 23 2026')\n"
        "                    for r in plan.routers for c in r.commands)\n"
        "    return Collection(answers, {}, Totals(2, len(answers), 0.5))\n"
        "gathering.ask = ask\n"
        "def pytest_sessionfinish(session):\n"
        "    shared = getattr(session.config, 'workerinput', {}).get('azinterop_shared')\n"
        "    if shared:\n"
        "        modes = [oct(stat.S_IMODE(os.stat(p).st_mode)) for p in [shared, shared + '/answers.json']]\n"
        "        pathlib.Path('modes').write_text(' '.join(modes))\n",
    )
    runs.file("checks/test_own.py", "def test_it(device, judge):\n    assert device.observed\n")
    runs.file("inventory/net/hosts.yaml", HOSTS + "\n")
    result = runs.pytest("--no-azure", *([] if workers == 1 else [f"-n{workers}"]), env=LOGIN)
    assert (runs.folder / "asked").read_text() == "x"
    assert "azinterop: 2 logins to 2 routers, 4 commands, 0.5 s" in result.text
    assert set(result.judged().values()) == {"error"}  # `show version` does not look like this
    if workers > 1:
        assert (runs.folder / "modes").read_text() == "0o700 0o600"


def test_the_closing_line_and_the_announcement(runs: Runs) -> None:
    text = runs.pytest("--co").text
    assert "azinterop: would ask 2 routers" in text
    assert "azinterop: will ask 2 routers" in runs.pytest().text


def test_a_router_that_no_check_names_is_announced_with_what_needs_it(runs: Runs) -> None:
    site = runs.pytest("-k", "test_preferred_path_is_best", "--plan").text
    assert "azinterop: would ask 2 routers" in site
    assert re.search(r"^azinterop: edge-a, edge-b asked for customer sites \(\S+/\S+\)$", site, re.MULTILINE)
    for named in (["-k", "edge-a and devices"], []):
        assert " asked for customer" not in runs.pytest(*named, "--plan").text


def test_text_of_a_device_cannot_drive_the_terminal(runs: Runs) -> None:
    runs.network('facts.change("version", lambda r: replace(r, hostname="x\\x1b[2J" + "y" * 5000))')
    result = runs.pytest("-m", "devices")
    assert result.code == 1
    assert "\x1b[2J" not in result.text
    assert "y" * 1000 not in result.text
    assert json.dumps(result.outcomes())
