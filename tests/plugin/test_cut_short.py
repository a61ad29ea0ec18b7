"""Runs that are cut short: a worker that is killed, Ctrl-C while routers are asked."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from iosxe.driver.fake_router import HANG, FakeRouter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugin.conftest import Runs

HOSTS = """\
edge-a: {{hostname: 127.0.0.1, port: {0}, platform: ios}}
edge-b: {{hostname: 127.0.0.1, port: {1}, platform: ios}}
"""
LOGIN = {"AZINTEROP_USERNAME": "netops", "AZINTEROP_PASSWORD": "right-horse-battery"}
CLOCKS = (
    "import os, pathlib, signal\n"
    "from datetime import UTC, datetime\n"
    "from pytest_azinterop import gathering\n"
    "from pytest_azinterop.collect.answer import Answer, Collection, Totals\n"
    "def ask(source, plan, deadlines, progress, client):\n"
    "    with open('asked', 'a') as file:\n        file.write('x')\n"
    "    {then}\n"
    "    now = datetime.now(UTC)\n"
    "    answers = tuple(Answer(r.host, c.text, c.sample, now, 0.1, text='*12:00:00.1 UTC Mon Nov 23 2026')\n"
    "                    for r in plan.routers for c in r.commands)\n"
    "    return Collection(answers, {{}}, Totals(2, len(answers), 0.5))\n"
    "gathering.ask = ask\n"
    "def pytest_runtest_call(item):\n"
    "    if '{kill}' in item.name and not os.path.exists('killed'):\n"
    "        pathlib.Path('killed').touch()\n"
    "        os.kill(os.getpid(), signal.SIGKILL)\n"
)
OWN = (
    "import pytest\n"
    "@pytest.mark.parametrize('number', range(8))\n"
    "def test_it(number):\n    pass\n"
    "def test_clock(device, judge):\n    assert device.observed\n"
)


def test_a_worker_that_is_killed_while_it_collects_costs_every_fact_and_no_second_login(
    runs: Runs, tmp_path: Path
) -> None:
    runs.file("conftest.py", CLOCKS.format(then="os.kill(os.getpid(), signal.SIGKILL)", kill="nothing"))
    runs.file("inventory/net/hosts.yaml", HOSTS.format(9, 9))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = runs.pytest("--no-azure", "-n2", env={**LOGIN, "TMPDIR": str(temporary)})
    assert (runs.folder / "asked").read_text() == "x"
    assert result.code == 1
    outcomes = list(result.judged().values())
    assert len(outcomes) > 30
    assert set(outcomes) <= {"error", "failed"}
    assert outcomes.count("failed") <= 1  # what xdist says of the item that the worker had before it
    assert "the worker that collected ended before it had the answers" in result.text
    assert [path.name for path in temporary.iterdir() if path.name.startswith("azinterop")] == []


def test_a_worker_that_is_killed_later_costs_its_own_item(runs: Runs) -> None:
    runs.file("inventory/net/hosts.yaml", HOSTS.format(9, 9))
    runs.file("checks/test_own.py", OWN)
    runs.file("conftest.py", CLOCKS.format(then="pass", kill="nothing"))
    alone = runs.pytest("--no-azure", env=LOGIN)
    (runs.folder / "asked").unlink()
    runs.file("conftest.py", CLOCKS.format(then="pass", kill="test_it[5]"))
    killed = runs.pytest("--no-azure", "-n2", env=LOGIN)
    assert (runs.folder / "killed").exists()
    assert (runs.folder / "asked").read_text() == "x"
    expected = alone.outcomes()
    found = {name.rpartition("::")[2]: word for name, word in killed.outcomes().items()}
    assert len(expected) == 10
    assert found == {**expected, "test_it[5]": "error"}


# What a process has at its end that it had not at the beginning of its session.
LEFT = """\
import os, pathlib, threading

def _open():
    found = set()
    for number in os.listdir('/proc/self/fd'):
        try:
            found.add(os.readlink('/proc/self/fd/' + number))
        except OSError:
            pass
    return {{each for each in found if each.startswith('socket:')}}

_name = os.environ.get('PYTEST_XDIST_WORKER', 'main')
_sockets = _open()
pathlib.Path('process-' + _name).write_text(str(os.getpid()))

def pytest_sessionfinish(session, exitstatus):
    threads = [each.name for each in threading.enumerate() if each.name.startswith(('ThreadPool', 'Thread-'))]
    pathlib.Path('left-' + _name).write_text(repr((threads, sorted(_open() - _sockets))))
"""


class Interrupting(dict[str, Any]):
    """Answers of a router: the first command brings the signals to the whole run, and nothing more comes."""

    def __init__(self, folder: Path, signals: tuple[signal.Signals, ...]) -> None:
        super().__init__()
        self._folder = folder
        self._signals = signals
        self.interrupted: list[int] = []

    def get(self, line: str, default: Any = None) -> Any:
        if not self.interrupted:
            group = int((self._folder / "process-main").read_text())
            self.interrupted.append(group)
            for each in self._signals:
                os.killpg(group, each)
        return [HANG]


CTRL_C, TWICE, TERMINATE = (signal.SIGINT,), (signal.SIGINT, signal.SIGTERM), (signal.SIGTERM,)


@pytest.mark.parametrize(
    ("signals", "arguments"),
    [(CTRL_C, ()), (CTRL_C, ("-n2",)), (TWICE, ()), (TWICE, ("-n2",)), (TERMINATE, ()), (TERMINATE, ("-n2",))],
    ids=[f"{what}, {way}" for what in ("Ctrl-C", "twice", "SIGTERM") for way in ("one process", "workers")],
)
def test_a_run_that_is_ended_while_routers_are_asked_leaves_nothing(
    runs: Runs, tmp_path: Path, signals: tuple[signal.Signals, ...], arguments: tuple[str, ...]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    answers = Interrupting(runs.folder, signals)
    with FakeRouter(hostname="edge-a", answers=answers) as one, FakeRouter(hostname="edge-b", answers=answers) as other:
        runs.file("conftest.py", LEFT.format())
        runs.file("inventory/net/hosts.yaml", HOSTS.format(one.port, other.port))
        known = "".join(fake.known_hosts(tmp_path).read_text() for fake in (one, other))
        runs.file("inventory/net/known_hosts", known)
        result = runs.pytest("--no-azure", *arguments, env={**LOGIN, "TMPDIR": str(temporary)})
        attempts = len(one.attempts), len(other.attempts)
    assert answers.interrupted
    assert result.code == 2, result.text
    assert " passed" not in result.text
    assert all(each <= 1 for each in attempts)
    left = {path.name: path.read_text() for path in runs.folder.glob("left-*")}
    assert left.pop("left-main") == "([], [])"
    assert len(left) == (2 if arguments else 0)
    assert {each.partition("], ")[2] for each in left.values()} <= {"[])"}  # a thread without a session may just end
    assert [path.name for path in temporary.iterdir() if path.name.startswith("azinterop")] == []
