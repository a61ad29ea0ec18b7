"""Two hundred routers, twenty of them dead in several ways."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from iosxe.driver.fake_router import FakeRouter

from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.iosxe.secret import Secret

ALL, DEAD = 200, 20
LIMITS = {"connect_deadline": 1.0, "login_deadline": 2.0, "command_deadline": 10.0, "router_deadline": 20.0}
ANSWERS = {"show clock": [b"12:00:00.000 UTC Mon Nov 23 2026\r\n"]}


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _threads() -> set[threading.Thread]:
    """Without those in which the routers hash passwords."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}


@pytest.mark.parametrize("where", ["first", "spread"])
def test_the_healthy_ones_are_verified_in_bounded_time(where: str, tmp_path: Path) -> None:
    names = [f"r{number:03}" for number in range(ALL)]
    dead = names[:DEAD] if where == "first" else names[:: ALL // DEAD]
    with ExitStack() as stack:
        loop = stack.enter_context(_loop())
        silent, closed = (stack.enter_context(socket.socket()) for _ in range(2))
        for each in (silent, closed):
            each.bind(("127.0.0.1", 0))
        silent.listen(DEAD)
        ports = {name: (silent, closed)[index % 2].getsockname()[1] for index, name in enumerate(dead)}
        healthy = [
            stack.enter_context(FakeRouter(hostname=name, loop=loop, answers=ANSWERS))
            for name in names
            if name not in ports
        ]
        ports |= {router.hostname: router.port for router in healthy}
        (tmp_path / "hosts.yaml").write_text(
            "".join(f"{name}: {{hostname: 127.0.0.1, port: {ports[name]}}}\n" for name in names)
        )
        (tmp_path / "known_hosts").write_text("".join(each.known_hosts(tmp_path).read_text() for each in healthy))
        before = _threads()
        login = Credentials("netops", Secret(healthy[0].password))
        wanted = plan(Fact(name, "clock") for name in names)
        started = time.monotonic()
        collection = gather(wanted, load(tmp_path), credentials=login, limits=LIMITS)
        seconds = time.monotonic() - started
        assert _threads() == before
    store = FactStore(wanted, collection)
    assert all(store.records(Fact(router.hostname, "clock")) for router in healthy)
    assert [len(router.attempts) for router in healthy] == [1] * (ALL - DEAD)
    assert set(collection.failures) == set(dead)
    assert Counter(failure.cause for failure in collection.failures.values()) == {"unreachable": DEAD}
    assert collection.totals.logins == ALL - DEAD
    # What the dead cost: their own deadline once, as they wait beside each other, and the canary's patience.
    assert seconds < 25
