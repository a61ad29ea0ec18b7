"""Runs against several routers over SSH."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from iosxe.driver.fake_router import CLOSE, HANG, WAIT, FakeRouter
from nornir.core.task import Task

from pytest_azinterop.collect.admission import Doorkeeper
from pytest_azinterop.collect.answer import Collection
from pytest_azinterop.collect.connect import Door
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.inventory import RouterInventory, load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.progress import CommandDone, LoggedIn, RouterFinished, RouterStarted
from pytest_azinterop.collect.run import Run, collect, gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.iosxe.driver import IosXeDriver
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.iosxe.terminal import IosXeTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLOCK = b"12:00:00.000 UTC Mon Nov 23 2026\r\n"
PRIVILEGE = b"Current privilege level is 15\r\n"
SETUP = ["terminal length 0", "terminal width 0"]
PASSWORD = "right-horse-battery"
LOGIN = Credentials("netops", Secret(PASSWORD))


@pytest.fixture
def routers() -> Iterator[Callable[..., list[FakeRouter]]]:
    with contextlib.ExitStack() as stack:

        def start(count: int, **settings: Any) -> list[FakeRouter]:
            return [
                stack.enter_context(
                    FakeRouter(
                        hostname=f"r{number}",
                        answers={"show clock": [CLOCK], "show privilege": [PRIVILEGE], "show vrf": [b"", CLOSE]},
                        **settings,
                    )
                )
                for number in range(1, count + 1)
            ]

        yield start


def inventory(folder: Path, routers: list[FakeRouter], extra: str = "", host_extra: str = "") -> RouterInventory:
    hosts = "".join(
        f"{router.hostname}:\n  hostname: 127.0.0.1\n  port: {router.port}\n{host_extra}" for router in routers
    )
    (folder / "hosts.yaml").write_text(hosts)
    (folder / "defaults.yaml").write_text("data:\n  azinterop:\n    router_deadline: 60\n" + extra)
    (folder / "known_hosts").write_text("".join(router.known_hosts(folder).read_text() for router in routers))
    return load(folder)


def clocks(*names: str) -> list[Fact]:
    return [Fact(name, "clock") for name in names]


def cause(store: FactStore, fact: Fact) -> str:
    with pytest.raises(UndeterminedError) as caught:
        store.records(fact)
    return caught.value.cause


def test_every_router_is_logged_in_to_once_and_asked_what_is_planned(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3)
    needs = [*clocks("r1", "r2", "r3"), *clocks("r1"), Fact("r1", "privilege")]
    store = collect(plan(needs), inventory(tmp_path, fakes), credentials=LOGIN)
    assert [len(fake.attempts) for fake in fakes] == [1, 1, 1]
    assert fakes[0].commands == [*SETUP, "show clock", "show privilege"]
    assert fakes[1].commands == [*SETUP, "show clock"]
    assert store.records(Fact("r1", "privilege"))[0].level == 15
    totals = store.collection.totals
    assert (totals.logins, totals.commands) == (3, 4)
    assert totals.seconds > 0


def test_commands_typed_ahead_are_answered_the_same(routers: Any, tmp_path: Path) -> None:
    needed = plan([Fact("r1", "clock"), Sampled(Fact("r1", "privilege"), None), Fact("r1", "vrfs")])
    found = []
    for extra in ("", "    pipelining: true\n"):
        (router,) = routers(1)
        router.answers["show vrf"] = [b""]
        folder = tmp_path / (extra.strip(" \n").partition(":")[0] or "one")
        folder.mkdir()
        found.append(gather(needed, inventory(folder, [router], extra), credentials=LOGIN))
        assert router.commands == [*SETUP, *(command.text for command in needed.routers[0].commands)]
    for one, other in zip(found[0].answers, found[1].answers, strict=True):
        assert (one.command, one.sample, one.text) == (other.command, other.sample, other.text)
        assert one.text is not None
    assert not found[0].failures
    assert not found[1].failures


def test_a_router_that_drops_what_is_typed_ahead_gives_no_wrong_answer(routers: Any, tmp_path: Path) -> None:
    (router,) = routers(1)
    router.drops_ahead = True
    extra = "    pipelining: true\n    command_deadline: 0.3\n"
    needed = plan([Fact("r1", "clock"), Fact("r1", "privilege")])
    found = gather(needed, inventory(tmp_path, [router], extra), credentials=LOGIN)
    right = {"show clock": CLOCK.decode(), "show privilege": PRIVILEGE.decode()}
    first, second = found.answers
    assert first.text == right[first.command]
    assert second.text is None
    assert second.failure is not None
    assert second.failure.cause == "timeout"
    assert "leave pipelining off" in second.failure.message


def test_a_router_that_nobody_needs_is_not_touched(routers: Any, tmp_path: Path) -> None:
    fakes = routers(2)
    collect(plan(clocks("r2")), inventory(tmp_path, fakes), credentials=LOGIN)
    assert (fakes[0].attempts, len(fakes[1].attempts)) == ([], 1)


def test_nothing_to_ask_needs_no_credentials(routers: Any, tmp_path: Path) -> None:
    assert gather(plan([]), inventory(tmp_path, routers(1))) == Collection()


def test_both_samples_and_the_probe_between(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    need = Sampled(Fact("r1", "clock"), Fact("r1", "privilege"), timedelta(milliseconds=50))
    store = collect(plan([need]), inventory(tmp_path, [fake]), credentials=LOGIN)
    assert fake.commands == [*SETUP, "show clock", "show privilege", "show clock"]
    earlier, later = store.samples(Fact("r1", "clock"))
    assert later[0].source.asked_at - earlier[0].source.asked_at >= timedelta(milliseconds=50)
    assert store.records(Fact("r1", "clock")) == later


def test_a_session_is_looked_after_between_two_samples(
    routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (router,) = routers(1)
    looks: list[int] = []
    is_open = IosXeDriver.is_open.fget
    assert is_open is not None
    monkeypatch.setattr("pytest_azinterop.collect.run.LOOK", 0.01)
    monkeypatch.setattr(
        IosXeDriver, "is_open", property(lambda self: (looks.append(len(router.commands)), is_open(self))[1])
    )
    needed = plan([Sampled(Fact("r1", "clock"), None, timedelta(milliseconds=200))])
    found = gather(needed, inventory(tmp_path, [router]), credentials=LOGIN)
    assert [answer.failure for answer in found.answers] == [None, None]
    assert looks.count(len(SETUP) + 1) > 3


def test_a_refused_login_is_tried_once_in_all(routers: Any, tmp_path: Path) -> None:
    fakes = routers(4, password="another-password")
    store = collect(plan(clocks("r1", "r2", "r3", "r4")), inventory(tmp_path, fakes), credentials=LOGIN)
    assert [len(fake.attempts) for fake in fakes] == [1, 0, 0, 0]
    assert cause(store, Fact("r1", "clock")) == "login-refused"
    for name in ("r2", "r3", "r4"):
        assert cause(store, Fact(name, "clock")) == "login-not-tried"
    with pytest.raises(UndeterminedError, match="r1"):
        store.records(Fact("r3", "clock"))
    assert store.collection.totals.logins == 1


def test_a_refusal_of_one_login_says_nothing_about_another(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3)
    fakes[0].password = "another-password"
    logins = {"r1": Credentials("netops", Secret(PASSWORD), None, "a"), "r2": LOGIN, "r3": LOGIN}
    store = collect(plan(clocks("r1", "r2", "r3")), inventory(tmp_path, fakes), credentials=logins)
    assert cause(store, Fact("r1", "clock")) == "login-refused"
    assert store.records(Fact("r2", "clock"))
    assert store.records(Fact("r3", "clock"))


def test_a_refusal_after_an_accepted_login_costs_its_own_router(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3)
    fakes[1].password = "another-password"
    store = collect(plan(clocks("r1", "r2", "r3")), inventory(tmp_path, fakes), credentials=LOGIN)
    assert cause(store, Fact("r2", "clock")) == "login-refused"
    assert store.records(Fact("r1", "clock"))
    assert store.records(Fact("r3", "clock"))


def test_the_canary_is_the_first_router_that_can_be_reached(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3, password="another-password")
    folder = inventory(tmp_path, fakes)
    folder.nornir.inventory.hosts["r1"].port = 1
    store = collect(plan(clocks("r1", "r2", "r3")), folder, credentials=LOGIN)
    assert cause(store, Fact("r1", "clock")) == "unreachable"
    assert cause(store, Fact("r2", "clock")) == "login-refused"
    assert cause(store, Fact("r3", "clock")) == "login-not-tried"


def test_the_canary_is_not_chosen_by_chance(routers: Any, tmp_path: Path) -> None:
    fakes = routers(4)
    fakes[0].password = "another-password"
    for _ in range(5):
        for fake in fakes:
            fake.attempts.clear()
        collect(plan(clocks("r1", "r2", "r3", "r4")), inventory(tmp_path, fakes), credentials=LOGIN)
        assert [len(fake.attempts) for fake in fakes] == [1, 0, 0, 0]


def test_one_dead_router_costs_its_own_facts_only(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3)
    folder = inventory(tmp_path, fakes)
    folder.nornir.inventory.hosts["r2"].port = 1
    store = collect(plan(clocks("r1", "r2", "r3")), folder, credentials=LOGIN)
    assert cause(store, Fact("r2", "clock")) == "unreachable"
    assert store.records(Fact("r1", "clock"))
    assert store.records(Fact("r3", "clock"))


@pytest.mark.parametrize(("steps", "expected"), [([b"x", CLOSE], "cut-off"), ([b"x", HANG], "timeout")])
def test_a_session_that_ends_leaves_the_rest_unasked(
    routers: Any, tmp_path: Path, steps: list[Any], expected: str
) -> None:
    (fake,) = routers(1)
    fake.answers["show clock"] = steps
    needs = [Fact("r1", "clock"), Fact("r1", "privilege")]
    store = collect(plan(needs), inventory(tmp_path, [fake]), credentials=LOGIN, limits={"command_deadline": 0.3})
    assert cause(store, Fact("r1", "clock")) == expected
    assert cause(store, Fact("r1", "privilege")) == expected
    with pytest.raises(UndeterminedError, match="not asked: the session ended at `show clock`"):
        store.records(Fact("r1", "privilege"))
    assert fake.commands == [*SETUP, "show clock"]


def test_a_rejected_command_costs_its_own_fact_only(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    fake.answers["show clock"] = [b"Command authorization failed.\r\n\r\n"]
    store = collect(
        plan([Fact("r1", "clock"), Fact("r1", "privilege")]), inventory(tmp_path, [fake]), credentials=LOGIN
    )
    assert cause(store, Fact("r1", "clock")) == "not-authorised"
    assert store.records(Fact("r1", "privilege"))


def test_an_answer_is_completed_when_it_went_on_after_a_prompt(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    fake.answers["show clock"] = [b"r1#", WAIT, b" and more\r\n"]
    fake.answers["show privilege"] = [PRIVILEGE, b"r1#", WAIT, b" and more\r\n"]
    collection = gather(
        plan([Fact("r1", "clock"), Fact("r1", "privilege")]), inventory(tmp_path, [fake]), credentials=LOGIN
    )
    assert [answer.text for answer in collection.answers] == [
        "r1# and more\r\n",
        PRIVILEGE.decode() + "r1# and more\r\n",
    ]


def test_a_last_answer_that_cannot_be_proven_whole_is_none(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    fake.answers["show clock"] = [CLOCK, b"r1#", WAIT, CLOSE]
    store = collect(plan(clocks("r1")), inventory(tmp_path, [fake]), credentials=LOGIN)
    assert cause(store, Fact("r1", "clock")) == "cut-off"


def test_what_a_router_may_take_in_all_is_bounded(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1, delay=1.0)
    needs = [Fact("r1", "clock"), Fact("r1", "privilege"), Fact("r1", "vrfs")]
    started = time.monotonic()
    store = collect(plan(needs), inventory(tmp_path, [fake]), credentials=LOGIN, limits={"router_deadline": 1.5})
    assert time.monotonic() - started < 4
    assert store.records(needs[0])
    assert [cause(store, need) for need in needs[1:]] == ["timeout", "timeout"]
    assert fake.commands == [*SETUP, "show clock", "show privilege"]


def test_a_login_takes_no_more_than_the_router_may_in_all(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1, silent_at="prompt")
    started = time.monotonic()
    store = collect(plan(clocks("r1")), inventory(tmp_path, [fake]), credentials=LOGIN, limits={"router_deadline": 0.5})
    assert time.monotonic() - started < 3
    assert cause(store, Fact("r1", "clock")) == "timeout"


class Meeting:
    """Counts who is in it, and lets everyone go when as many are in it as can be."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Condition()
        self.inside = 0
        self.most = 0

    def attend(self, event: Any) -> None:
        """Called by each collecting thread, while it holds what is capped."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._lock.notify_all()
            self._lock.wait_for(lambda: self.most >= self._size, 20)
            self.inside -= 1


def test_commands_at_once_are_capped(routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = routers(5)
    meeting = Meeting(2)
    ask = IosXeDriver.ask

    def counted(driver: IosXeDriver, command: str, deadline: float) -> str:
        meeting.attend(command)
        return ask(driver, command, deadline)

    monkeypatch.setattr(IosXeDriver, "ask", counted)
    needs = plan(clocks(*(fake.hostname for fake in fakes)))
    limits = {"commands_at_once": 2}
    gather(needs, inventory(tmp_path, fakes), credentials=LOGIN, limits=limits)
    assert meeting.most == 2


def test_logins_at_once_are_capped(routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = routers(5)
    meeting = Meeting(2)
    prepare = IosXeTerminal._prepare

    def counted(terminal: IosXeTerminal, deadline: Any) -> None:
        prepare(terminal, deadline)
        if terminal._login.host != "r1":  # the canary is alone by design
            meeting.attend(terminal)

    monkeypatch.setattr(IosXeTerminal, "_prepare", counted)
    needs = plan(clocks(*(fake.hostname for fake in fakes)))
    gather(needs, inventory(tmp_path, fakes), credentials=LOGIN, limits={"logins_at_once": 2})
    assert meeting.most == 2


def test_routers_of_another_aaa_domain_have_their_own_cap(
    routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes = routers(2)
    meeting = Meeting(2)
    ask = IosXeDriver.ask

    def counted(driver: IosXeDriver, command: str, deadline: float) -> str:
        meeting.attend(command)
        return ask(driver, command, deadline)

    monkeypatch.setattr(IosXeDriver, "ask", counted)
    folder = inventory(tmp_path, fakes)
    folder.nornir.inventory.hosts["r2"].data["azinterop"] = {"aaa_domain": "other"}
    gather(plan(clocks("r1", "r2")), folder, credentials=LOGIN, limits={"commands_at_once": 1})
    assert meeting.most == 2


def test_an_account_below_privilege_15_sees_a_hidden_configuration(routers: Any, tmp_path: Path) -> None:
    config = b"Building configuration...\r\n\r\nCurrent configuration : 40 bytes\r\n!\r\nhostname r1\r\nend\r\n\r\n"
    for level, hidden in ((b"15", False), (b"7", True)):
        (fake,) = routers(1)
        fake.answers["show running-config"] = [config]
        fake.answers["show privilege"] = [b"Current privilege level is " + level + b"\r\n"]
        fact = Fact("r1", "running_config")
        store = collect(plan([fact]), inventory(tmp_path, [fake]), credentials=LOGIN)
        assert store.records(fact)[0].hidden is hidden


def test_an_account_of_unknown_privilege_sees_a_hidden_configuration(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    fake.answers["show running-config"] = [b"Building configuration...\r\n!\r\nhostname r1\r\n!\r\nend\r\n"]
    fake.answers["show privilege"] = [b"% Invalid input detected at '^' marker.\r\n"]
    fact = Fact("r1", "running_config")
    store = collect(plan([fact]), inventory(tmp_path, [fake]), credentials=LOGIN)
    assert store.records(fact)[0].hidden is True


def test_progress_tells_each_step(routers: Any, tmp_path: Path) -> None:
    events: list[Any] = []
    collect(plan(clocks("r1")), inventory(tmp_path, routers(1)), credentials=LOGIN, progress=events.append)
    assert [type(event) for event in events] == [RouterStarted, LoggedIn, CommandDone, RouterFinished]
    assert (events[2].number, events[2].commands, events[3].failure) == (1, 1, None)


def test_a_run_leaves_no_thread_and_no_session_behind(routers: Any, tmp_path: Path) -> None:
    fakes = routers(3)
    fakes[2].answers["show clock"] = [HANG]
    before = set(threading.enumerate())
    collect(
        plan(clocks("r1", "r2", "r3")),
        inventory(tmp_path, fakes),
        credentials=LOGIN,
        limits={"command_deadline": 0.2},
    )
    assert set(threading.enumerate()) == before


def test_an_interruption_ends_every_session(routers: Any, tmp_path: Path) -> None:
    fakes = routers(4)
    for fake in fakes:
        fake.answers["show clock"] = [HANG]
    before = set(threading.enumerate())
    logged_in: list[Any] = []

    def progress(event: Any) -> None:
        if isinstance(event, LoggedIn):
            logged_in.append(event)
            if len(logged_in) == 3:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        gather(
            plan(clocks("r1", "r2", "r3", "r4")),
            inventory(tmp_path, fakes),
            credentials=LOGIN,
            limits={"routers_at_once": 3},
            progress=progress,
        )
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) == before
    assert fakes[3].attempts == []


def test_an_interruption_while_routers_are_being_begun_waits_for_none_of_them(
    routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes = routers(3)
    for fake in fakes:
        fake.answers["show clock"] = [HANG]
    inside, finished, begun = threading.Semaphore(0), [], []
    copy = Task.copy

    def copied(task: Task) -> Task:
        begun.append(task)
        if len(begun) == 3:
            assert all(inside.acquire(timeout=30) for _ in range(2))
            raise KeyboardInterrupt
        return copy(task)

    def progress(event: Any) -> None:
        if isinstance(event, LoggedIn):
            inside.release()
        if isinstance(event, RouterFinished):
            finished.append(event)

    monkeypatch.setattr(Task, "copy", copied)
    with pytest.raises(KeyboardInterrupt):
        gather(
            plan(clocks("r1", "r2", "r3")),
            inventory(tmp_path, fakes),
            credentials=LOGIN,
            limits={"command_deadline": 5},
            progress=progress,
        )
    assert {each.host: each.failure for each in finished} == {"r1": None, "r2": None}  # no answer came too late
    assert max(each.seconds for each in finished) < 5
    assert fakes[2].attempts == []


@pytest.mark.parametrize(
    "moment", ["before its door", "before it connects", "before its login", "before a stock login"]
)
def test_a_router_that_is_begun_when_the_interruption_comes_sees_no_login(
    moment: str, routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fake,) = routers(1)
    known, events = threading.Event(), []
    interrupt, enter = Run.interrupt, Doorkeeper.enter

    def interrupted(run: Run) -> None:
        interrupt(run)
        known.set()

    def come() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert known.wait(30)

    class Late(Door):
        def __init__(self, *given: Any) -> None:
            if moment == "before its door":
                come()
            super().__init__(*given)

    def entered(keeper: Doorkeeper, host: str) -> None:
        enter(keeper, host)
        if "login" in moment:
            come()

    def progress(event: Any) -> None:
        events.append(type(event))
        if isinstance(event, RouterStarted) and moment == "before it connects":
            come()

    monkeypatch.setattr(Run, "interrupt", interrupted)
    monkeypatch.setattr(Doorkeeper, "enter", entered)
    monkeypatch.setattr("pytest_azinterop.collect.run.Door", Late)
    with pytest.raises(KeyboardInterrupt):
        gather(
            plan(clocks("r1")),
            inventory(tmp_path, [fake], "    driver: stock\n" if "stock" in moment else ""),
            credentials=LOGIN,
            progress=progress,
        )
    assert (fake.attempts, fake.commands) == ([], [])
    assert len(fake.connections) == (moment == "before its login")
    assert (RouterStarted in events) == (moment != "before its door")


def test_answers_survive_json(routers: Any, tmp_path: Path) -> None:
    fakes = routers(2)
    fakes[1].answers["show clock"] = [CLOSE]
    needs = plan([*clocks("r1", "r2"), Fact("r2", "privilege")])
    collection = gather(needs, inventory(tmp_path, fakes), credentials=LOGIN)
    again = Collection.from_json(json.loads(json.dumps(collection.to_json())))
    store = FactStore(needs, again)
    assert store.records(Fact("r1", "clock")) == FactStore(needs, collection).records(Fact("r1", "clock"))
    assert cause(store, Fact("r2", "clock")) == "cut-off"
    assert cause(store, Fact("r2", "privilege")) == "cut-off"


def test_a_router_outside_the_inventory_stops_the_run(routers: Any, tmp_path: Path) -> None:
    fakes = routers(1)
    with pytest.raises(InventoryError, match="r9"):
        gather(plan(clocks("r1", "r9")), inventory(tmp_path, fakes), credentials=LOGIN)
    assert fakes[0].attempts == []


def test_missing_credentials_stop_the_run(routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USERNAME", "PASSWORD", "ENABLE"):
        monkeypatch.delenv(f"AZINTEROP_{name}", raising=False)
    fakes = routers(1)
    with pytest.raises(InventoryError, match="AZINTEROP_USERNAME"):
        gather(plan(clocks("r1")), inventory(tmp_path, fakes))
    assert fakes[0].attempts == []


def test_credentials_come_from_the_environment(routers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZINTEROP_USERNAME", "netops")
    monkeypatch.setenv("AZINTEROP_PASSWORD", PASSWORD)
    store = collect(plan(clocks("r1")), inventory(tmp_path, routers(1)))
    assert store.records(Fact("r1", "clock"))


def test_the_stock_driver_answers_the_same(routers: Any, tmp_path: Path) -> None:
    fakes = routers(2)
    folder = inventory(tmp_path, fakes, host_extra="  data: {azinterop: {driver: stock}}\n")
    store = collect(plan(clocks("r1", "r2")), folder, credentials=LOGIN)
    assert store.records(Fact("r1", "clock"))[0].time.hour == 12
    assert [len(fake.attempts) for fake in fakes] == [1, 1]


def test_the_stock_driver_is_refused_once_too(routers: Any, tmp_path: Path) -> None:
    fakes = routers(2, password="another-password")
    folder = inventory(tmp_path, fakes, host_extra="  data: {azinterop: {driver: stock}}\n")
    store = collect(plan(clocks("r1", "r2")), folder, credentials=LOGIN)
    assert cause(store, Fact("r1", "clock")) == "login-refused"
    assert cause(store, Fact("r2", "clock")) == "login-not-tried"
    assert [len(fake.attempts) for fake in fakes] == [1, 0]


def test_the_stock_driver_wants_a_known_host_key(routers: Any, tmp_path: Path) -> None:
    (fake,) = routers(1)
    folder = inventory(tmp_path, [fake], host_extra="  data: {azinterop: {driver: stock}}\n")
    (tmp_path / "known_hosts").write_text("")
    store = collect(plan(clocks("r1")), folder, credentials=LOGIN)
    assert cause(store, Fact("r1", "clock")) == "host-key"
    assert fake.attempts == []
    assert store.collection.totals.logins == 0


@pytest.mark.parametrize("driver", ["iosxe", "stock"])
def test_a_planted_password_and_key_are_nowhere(
    routers: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, driver: str, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    planted, key = "planted-pass-0451", "planted-key-0451"
    fakes = routers(3, password=planted)
    fakes[1].password = "another-password"
    fakes[2].answers["show clock"] = [HANG]
    for fake in fakes:
        fake.answers["show running-config"] = [
            b"Building configuration...\r\n!\r\nhostname r1\r\ncrypto ikev2 keyring K\r\n peer P\r\n"
            b"  pre-shared-key local " + key.encode() + b"\r\n!\r\nend\r\n"
        ]
    needs = plan([*(Fact(fake.hostname, "running_config") for fake in fakes), *clocks("r1", "r2", "r3")])
    folder = inventory(tmp_path, fakes, host_extra=f"  data: {{azinterop: {{driver: {driver}}}}}\n")
    login = Credentials("netops", Secret(planted), Secret(planted))
    events: list[Any] = []
    collection = gather(needs, folder, credentials=login, limits={"command_deadline": 0.5}, progress=events.append)
    shown = [repr(collection), json.dumps(collection.to_json()), repr(events), repr(folder), repr(login), caplog.text]
    shown += [path.read_text() for path in tmp_path.iterdir()]
    shown += capfd.readouterr()
    assert "pre-shared-key" in shown[0]
    for text in shown:
        assert planted not in text
        assert key not in text
