"""Routers that are asked by the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from collect.fleet.dask_processes import ROOT, Processes
from iosxe.driver.fake_router import HANG, FakeRouter

from pytest_azinterop.collect.answer import Collection
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.inventory import RouterInventory, load
from pytest_azinterop.collect.plan import PlannedCommand, plan
from pytest_azinterop.collect.progress import Event, LoggedIn, RouterFinished
from pytest_azinterop.collect.remote import Where
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.iosxe.secret import Secret

pytestmark = pytest.mark.slow
CLOCK = b"12:00:00.000 UTC Mon Nov 23 2026\r\n"
PASSWORD = "planted-7f3a9c-password"
LOGIN = Credentials("netops", Secret(PASSWORD), Secret("planted-7f3a9c-enable"))
Start = Callable[..., list[FakeRouter]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Two workers, one of them for routers of `emea`."""
    processes = Processes(tmp_path_factory.mktemp("dask"))
    try:
        processes.worker("first")
        processes.worker("second", "emea=4")
        processes.wait_for(2)
        yield processes
    finally:
        processes.end()


@pytest.fixture
def routers() -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def start(count: int, **settings: Any) -> list[FakeRouter]:
            names = [f"r{number}" for number in range(1, count + 1)]
            answers = {"show clock": [CLOCK]}
            given = {"password": PASSWORD, **settings}
            return [stack.enter_context(FakeRouter(hostname=name, answers=dict(answers), **given)) for name in names]

        yield start


def inventory(
    folder: Path, routers: list[FakeRouter], options: dict[str, Any], workers: dict[str, str] | None = None
) -> RouterInventory:
    hosts = {
        router.hostname: {
            "hostname": "127.0.0.1",
            "port": router.port,
            "data": {"azinterop": {"worker": (workers or {}).get(router.hostname)}},
        }
        for router in routers
    }
    (folder / "hosts.yaml").write_text(json.dumps(hosts))
    (folder / "known_hosts").write_text("".join(each.known_hosts(folder).read_text() for each in routers))
    (folder / "nornir.yaml").write_text(json.dumps({"runner": {"plugin": "azinterop_dask", "options": options}}))
    return load(folder)


def clock(router: FakeRouter) -> Fact:
    return Fact(router.hostname, "clock")


def causes(collection: Collection) -> dict[str, str]:
    return {host: failure.cause for host, failure in collection.failures.items()}


def test_sessions_and_parsing_are_the_workers(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    fakes = routers(3)
    found = inventory(tmp_path, fakes, cluster.options(), {"r2": "emea"})
    wanted = plan(map(clock, fakes))
    heard: list[Event] = []
    collection = gather(wanted, found, credentials=LOGIN, progress=heard.append)
    assert causes(collection) == {}
    assert [len(fake.attempts) for fake in fakes] == [1, 1, 1]
    assert {fact.host for fact, _ in collection.records} == {"r1", "r2", "r3"}
    here = FactStore(wanted, Collection.from_json(collection.to_json()))
    assert all(FactStore(wanted, collection).records(clock(fake)) == here.records(clock(fake)) for fake in fakes)
    assert (collection.totals.logins, collection.totals.commands) == (3, 3)
    assert {event.host for event in heard if isinstance(event, RouterFinished)} == {"r1", "r2", "r3"}


def test_a_router_that_no_worker_may_have_is_an_error(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    (fake,) = routers(1)
    found = inventory(tmp_path, [fake], cluster.options(patience=0.5), {"r1": "nowhere"})
    collection = gather(plan([clock(fake)]), found, credentials=LOGIN)
    assert causes(collection) == {"r1": "no-worker"}
    assert "the cluster has 2 workers, 0 of them with the resource 'nowhere'" in collection.failures["r1"].message
    assert fake.attempts == []
    with pytest.raises(UndeterminedError):
        FactStore(plan([clock(fake)]), collection).records(clock(fake))


def test_a_refused_login_is_tried_once_on_all_workers_together(
    cluster: Processes, routers: Start, tmp_path: Path
) -> None:
    fakes = routers(4, password="another-password")
    collection = gather(plan(map(clock, fakes)), inventory(tmp_path, fakes, cluster.options()), credentials=LOGIN)
    assert sorted(causes(collection).values()) == ["login-not-tried"] * 3 + ["login-refused"]
    assert sum(len(fake.attempts) for fake in fakes) == collection.totals.logins == 1


@pytest.mark.parametrize("limit", ["routers_at_once", "commands_at_once"])
def test_a_cap_holds_over_all_workers(limit: str, cluster: Processes, routers: Start, tmp_path: Path) -> None:
    fakes = routers(4)
    heard: list[Event] = []
    found = inventory(tmp_path, fakes, cluster.options(), {"r2": "emea", "r3": "emea"})
    collection = gather(plan(map(clock, fakes)), found, credentials=LOGIN, limits={limit: 1}, progress=heard.append)
    assert causes(collection) == {}
    sessions = [event for event in heard if isinstance(event, LoggedIn | RouterFinished)]
    assert [type(event) for event in sessions] == [LoggedIn, RouterFinished] * 4
    assert [event.host for event in sessions[::2]] == [event.host for event in sessions[1::2]]


def test_what_follows_is_asked_in_the_same_session(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    (fake,) = routers(1)
    seen: list[int] = []

    def following(host: str, answers: Any) -> tuple[PlannedCommand, ...]:
        seen.append(len(answers))
        return plan([clock(fake)]).routers[0].commands if len(answers) < 3 else ()

    found = inventory(tmp_path, [fake], cluster.options())
    collection = gather(plan([clock(fake)]), found, credentials=LOGIN, following=following)
    assert (seen, len(collection.answers), len(fake.attempts)) == ([1, 2, 3], 3, 1)


def test_a_worker_that_dies_costs_a_retry_and_then_an_error(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    """r1 is hanging whenever its worker is killed, r2 only the first time, r3 has a worker that lives."""
    fakes = routers(3)
    for fake in fakes[:2]:
        fake.answers["show clock"] = [HANG]
    doomed = {"r1": "doomed", "r2": "doomed"}
    logged_in: list[str] = []
    finished: list[str] = []
    lock = threading.Lock()

    def progress(event: Event) -> None:
        with lock:
            if isinstance(event, LoggedIn) and event.host in doomed:
                logged_in.append(event.host)
                if len(logged_in) == 2:
                    fakes[1].answers["show clock"] = [CLOCK]
                    cluster.kill("third")
                    cluster.worker("fourth", "doomed=4")
            if isinstance(event, RouterFinished) and event.host == "r2":
                finished.append("r2")
            if finished and logged_in.count("r1") == 2 and "fourth" in cluster.running:
                cluster.kill("fourth")
                cluster.worker("fifth", "doomed=4")

    cluster.worker("third", "doomed=4")
    found = inventory(tmp_path, fakes, cluster.options(), doomed)
    wanted = plan(map(clock, fakes))
    collection = gather(wanted, found, credentials=LOGIN, progress=progress)
    store = FactStore(wanted, collection)
    cluster.kill("fifth")
    assert list(cluster.temporary.glob("azinterop-*")) == []
    assert causes(collection) == {"r1": "worker-lost"}
    with pytest.raises(UndeterminedError, match="r1: the worker that had it"):
        store.records(clock(fakes[0]))
    assert all(store.records(clock(fake)) for fake in fakes[1:])
    assert [len(fake.attempts) for fake in fakes] == [2, 2, 1]
    assert collection.totals.logins == 5


def test_without_its_scheduler_no_router_is_green(routers: Start, tmp_path: Path) -> None:
    fakes = routers(2)
    fakes[0].answers["show clock"] = [HANG]
    processes = Processes(tmp_path)

    def progress(event: Event) -> None:
        if isinstance(event, LoggedIn) and event.host == "r1":
            processes.kill("scheduler")

    try:
        processes.worker("only")
        found = inventory(tmp_path, fakes, processes.options())
        wanted = plan([*map(clock, fakes), Fact("r1", "privilege")])
        collection = gather(wanted, found, credentials=LOGIN, progress=progress)
    finally:
        processes.end()
    assert causes(collection)["r1"] == "worker-lost"
    assert "r2" in causes(collection) or FactStore(wanted, collection).records(clock(fakes[1]))


def test_no_secret_reaches_dask(cluster: Processes, routers: Start, tmp_path: Path, capfd: Any) -> None:
    """Neither while a session is open, nor after tasks that fail with a secret in their words."""
    from distributed import Client
    from nornir.core import Nornir

    fakes = routers(2)
    fakes[0].answers["show clock"] = [HANG]
    found = inventory(tmp_path, fakes, cluster.options())
    dumped: list[str] = []
    with Client(cluster.address, security=cluster.security, set_as_default=False) as client:

        def state() -> None:
            place = tmp_path / f"dump-{len(dumped)}"
            client.dump_cluster_state(str(place), format="yaml")
            logs = f"{client.get_scheduler_logs()}{client.get_worker_logs()}"
            dumped.append(place.with_suffix(".yaml").read_text() + logs)

        def progress(event: Event) -> None:
            if isinstance(event, LoggedIn) and event.host == "r1":
                state()

        limits = {"command_deadline": 2.0}
        collection = gather(plan(map(clock, fakes)), found, credentials=LOGIN, limits=limits, progress=progress)
        state()
    assert causes(collection) in ({}, {"r1": "timeout"})

    def fails(task: Any, word: str) -> None:
        raise ValueError(f"{task.host.name} does not like {word}")

    result = Nornir(found.nornir.inventory, runner=found.runner, config=found.nornir.config).run(fails, word=PASSWORD)
    assert all(PASSWORD in str(each[0].exception) for each in result.values())
    assert "azinterop-" in dumped[0]
    assert "azinterop-" in cluster.logged
    told = "\n".join((*dumped, cluster.logged, *capfd.readouterr()))
    assert [line for line in told.splitlines() if "planted-7f3a9c" in line] == []


def test_it_is_a_runner_for_any_nornir_task(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    from nornir.core import Nornir

    seen: list[str] = []

    class Seen:
        def __getattr__(self, name: str) -> Any:
            return lambda *each: seen.append(name)

    def says(task: Any, word: str) -> Any:
        if task.host.name == "r2":
            raise LookupError(word)
        if task.host.name == "r4":
            return threading.Lock()
        return f"{task.host.name} {word} {os.getpid()}"

    found = inventory(tmp_path, routers(4), cluster.options())
    nornir = Nornir(found.nornir.inventory, runner=found.runner, config=found.nornir.config)
    result = nornir.with_processors([Seen()]).run(says, name="hello", word="there")  # type: ignore[list-item]
    assert result.name == "hello"
    unsendable = nornir.run(says, word=threading.Lock())  # type: ignore[arg-type]
    assert [str(each[0].result) for each in unsendable.values()] == [
        f"{name}: the collector failed with TypeError" for name in ("r1", "r3")
    ]
    assert set(result.failed_hosts) == {"r2", "r4"}
    assert "failed with TypeError" in str(result["r4"][0].result)
    assert isinstance(result["r2"][0].exception, LookupError)
    assert [str(result["r1"][0].host), result["r1"][0].name] == ["r1", "hello"]
    words = [str(result[name][0].result).split() for name in ("r1", "r3")]
    assert [each[:2] for each in words] == [["r1", "there"], ["r3", "there"]]
    assert {int(each[2]) for each in words} <= {each.pid for each in cluster.running.values()}
    assert sorted(seen) == [
        "task_completed",
        *["task_instance_completed"] * 4,
        *["task_instance_started"] * 4,
        "task_started",
    ]


def test_an_interruption_ends_the_sessions_on_the_workers(cluster: Processes, routers: Start, tmp_path: Path) -> None:
    (fake,) = routers(1)
    fake.answers["show clock"] = [HANG]

    def progress(event: Event) -> None:
        if isinstance(event, LoggedIn):
            assert not fake.connections[0].is_closed()
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        gather(
            plan([clock(fake)]),
            inventory(tmp_path, [fake], cluster.options()),
            credentials=LOGIN,
            progress=progress,
        )
    until = time.monotonic() + 10
    while not fake.connections[0].is_closed():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_local_cluster_leaves_nothing_behind(
    interrupted: bool, routers: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (fake,) = routers(1)
    found = inventory(tmp_path, [fake], {"workers": 1, "threads": 2}, {"r1": "emea"})
    if interrupted:
        fake.answers["show clock"] = [HANG]
    before = {thread.name for thread in threading.enumerate()}
    doors = len(list(Path("/proc/self/fd").iterdir()))

    def progress(event: Event) -> None:
        if interrupted and isinstance(event, LoggedIn):
            os.kill(os.getpid(), signal.SIGINT)

    if interrupted:
        with pytest.raises(KeyboardInterrupt):
            gather(plan([clock(fake)]), found, credentials=LOGIN, progress=progress)
    else:
        assert gather(plan([clock(fake)]), found, credentials=LOGIN, progress=progress).failures == {}
    assert list(scratch.iterdir()) == []
    assert multiprocessing.active_children() == []
    # Dask keeps this one thread and its loop's sockets for the next cluster of the process.
    assert {thread.name for thread in threading.enumerate()} - before <= {"Dask-Offload_0"}
    assert len(list(Path("/proc/self/fd").iterdir())) <= doors + 4
    assert fake.connections[0].is_closed()


@pytest.mark.parametrize(("configured", "sent"), [(None, None), ("/etc/ssh/fleet", "/etc/ssh/fleet")])
def test_a_worker_has_its_own_users_ssh_configuration(configured: str | None, sent: str | None, tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("r1: {hostname: 192.0.2.1}\n")
    (tmp_path / "nornir.yaml").write_text(json.dumps({"ssh": {"config_file": configured}} if configured else {}))
    found = load(tmp_path)
    where = Where.of(found.nornir.inventory.hosts["r1"], ("azinterop_iosxe",), found.nornir.config)
    assert where.ssh_config == sent


def test_dask_is_imported_by_nobody_who_does_not_choose_it(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("r1: {hostname: 127.0.0.1}\n")
    (tmp_path / "nornir.yaml").write_text("runner: {plugin: threaded}\n")
    script = (
        "import sys, pathlib\n"
        "import pytest_azinterop.plugin, pytest_azinterop.collect.run\n"
        "from pytest_azinterop.collect.inventory import load\n"
        f"load(pathlib.Path({str(tmp_path)!r}))\n"
        "print(sorted({'dask', 'distributed', 'cloudpickle', 'tornado'} & sys.modules.keys()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "[]\n"
