"""What an engineer sees of a hostile router, and how long it takes; the table of docs/hostile-sessions.md.

With AZINTEROP_WRITE_DOCS=1 the table is written from what was measured; else it must agree but for the seconds.
"""

from __future__ import annotations

import gc
import os
import re
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from collect.hostile_cases import CASES, LIMITS, PASSWORD, Case, Target, credentials
from ruamel.yaml import YAML

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.iosxe.driver import IosXeDriver  # NAPALM's imports open a socket for good

assert IosXeDriver

DOCUMENT = Path(__file__).parents[2] / "docs" / "hostile-sessions.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
NEEDS = (Fact("ce1-loc1", "clock"), Fact("ce1-loc1", "privilege"))
SPARE = 2.0  # seconds, for a busy machine


@dataclass(frozen=True)
class Outcome:
    cause: str | None
    message: str
    seconds: float
    logins: int


def inventory(folder: Path, target: Target) -> Path:
    host = {"hostname": target.hostname, "data": {"azinterop": target.data}}
    if target.port is not None:
        host["port"] = target.port
    for name, text in target.files.items():
        (folder / name).write_text(text)
    (folder / "known_hosts").write_text(target.known_hosts)
    with (folder / "hosts.yaml").open("w") as file:
        YAML().dump({"ce1-loc1": host}, file)
    return folder


def run(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.setenv("HOME", str(folder))
    (folder / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    before = _held()
    with case.start(folder) as target:
        routers = load(inventory(folder, target))
        started = time.monotonic()
        wanted = plan(NEEDS)
        collection = gather(wanted, routers, credentials=credentials(target), limits=LIMITS)
        seconds = time.monotonic() - started
    assert _released(before) == ([], [], [], [])
    store = FactStore(wanted, collection)
    for need in NEEDS:
        try:
            assert store.records(need)
        except UndeterminedError as error:
            return Outcome(error.cause, str(error), seconds, collection.totals.logins)
    return Outcome(None, "", seconds, collection.totals.logins)


def _held() -> tuple[set[str], set[str], set[str], set[str]]:
    """Threads, sockets and pipes, children and temporary files of this process, without the fake routers' own."""
    return (
        {thread.name for thread in threading.enumerate()},
        {f"{each.name}:{_target(each)}" for each in Path("/proc/self/fd").iterdir()},
        set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        {path.name for path in Path(tempfile.gettempdir()).iterdir()},
    )


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


def _released(before: tuple[set[str], ...]) -> tuple[list[str], ...]:
    """What is held in addition; the routers' side of a connection gets a moment to close."""
    gc.collect()
    until = time.monotonic() + 5
    while True:
        left = tuple(sorted(now - then) for now, then in zip(_held(), before, strict=True))
        left = (left[0], [each for each in left[1] if re.search("socket|pipe|tmp", each)], left[2], left[3])
        if left == ([], [], [], []) or time.monotonic() > until:
            return left
        threading.Event().wait(0.02)


RESULTS: dict[str, Outcome] = {}


# The fake router's own library warns when it speaks as an old router does.
@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_seen_and_how_long_it_takes(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run(case, tmp_path, monkeypatch)
    assert (outcome.cause, outcome.logins) == (case.cause, case.logins), outcome.message
    assert case.says in outcome.message
    assert PASSWORD not in outcome.message
    assert len(outcome.message) < 500
    if case.cause is not None:
        assert outcome.message.count("ce1-loc1") >= 1 or "show clock" in outcome.message
    assert outcome.seconds < LIMITS[case.bound] + SPARE
    RESULTS[case.name] = outcome
    if not os.environ.get("AZINTEROP_WRITE_DOCS"):
        assert row(case, outcome, seconds="") in documented()


def test_the_table_has_no_other_rows() -> None:
    if os.environ.get("AZINTEROP_WRITE_DOCS"):
        write()
    names = [line.split(" | ")[0].removeprefix("| ") for line in documented()]
    assert names == [case.name for case in CASES]


def row(case: Case, outcome: Outcome, seconds: str) -> str:
    """A line of the table; what differs from run to run is written alike."""
    text = outcome.message or "(the facts are read)"
    text = re.sub(r"\[(127\.0\.0\.1|::1)\]:\d+", r"\1", text)
    text = re.sub(r"SHA256:[\w+/]+", "SHA256:…", text)
    text = re.sub(r"127\.0\.0\.1(:| port )\d+", "127.0.0.1", text)
    text = re.sub(r"(/\S+)?/(known_hosts|ssh_config)", r"\2", text)
    text = re.sub(r"\d+ bytes of it", "N bytes of it", text)
    return f"| {case.name} | {text.replace('|', chr(92) + '|')} | {outcome.cause or '-'} | {seconds}"


def documented() -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = text.partition(BEGIN)[2].partition(END)[0].splitlines()[2:]
    return [_without_seconds(line) for line in lines]


def _without_seconds(line: str) -> str:
    return re.sub(r"[\d.]+ \|$", "", line)


def write() -> None:
    """The table, from the runs before."""
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    lines = ["| case | what is said | cause | seconds |", "|---|---|---|---|"]
    lines += [
        row(case, RESULTS[case.name], f"{RESULTS[case.name].seconds:.1f} |") for case in CASES if case.name in RESULTS
    ]
    DOCUMENT.write_text(head + BEGIN + "\n".join(lines) + "\n" + END + tail, encoding="utf-8")
