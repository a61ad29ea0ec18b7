from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_azinterop.collect.gate import Gate
from pytest_azinterop.errors import ConnectionFailedError

HOSTS = ["r1", "r2", "r3"]


def cause(gate: Gate, host: str) -> str | None:
    try:
        gate.enter(host)
    except ConnectionFailedError as error:
        return error.cause
    return None


def test_the_first_in_order_goes_first_whoever_comes_first() -> None:
    gate = Gate(HOSTS, threading.Event(), patience=30)
    with ThreadPoolExecutor() as pool:
        third = pool.submit(cause, gate, "r3")
        second = pool.submit(cause, gate, "r2")
        gate.enter("r1")
        assert not third.done()
        assert not second.done()
        gate.leave("r1", None)
        assert (second.result(20), third.result(20)) == (None, None)


@pytest.mark.parametrize("refusal", ["login-refused", "enable-refused"])
def test_one_refusal_speaks_for_all(refusal: str) -> None:
    gate = Gate(HOSTS, threading.Event(), patience=30)
    with ThreadPoolExecutor() as pool:
        others = [pool.submit(cause, gate, host) for host in ("r2", "r3")]
        gate.enter("r1")
        gate.leave("r1", refusal)
        assert [other.result(20) for other in others] == ["login-not-tried"] * 2


def test_a_router_that_failed_otherwise_hands_on_to_the_next() -> None:
    gate = Gate(HOSTS, threading.Event(), patience=30)
    gate.enter("r1")
    gate.leave("r1", "timeout")
    gate.enter("r2")
    gate.leave("r2", "login-refused")
    assert cause(gate, "r3") == "login-not-tried"


def test_a_dead_first_router_holds_the_others_up_for_a_short_while_only() -> None:
    gate = Gate(HOSTS, threading.Event(), patience=0.05)
    gate.enter("r2")
    gate.leave("r2", None)
    assert cause(gate, "r3") is None


def test_a_refusal_after_an_accepted_login_closes_nothing() -> None:
    gate = Gate(HOSTS, threading.Event(), patience=30)
    gate.enter("r1")
    gate.leave("r1", None)
    gate.enter("r2")
    gate.leave("r2", "login-refused")
    assert cause(gate, "r3") is None


def test_stop_ends_the_waiting() -> None:
    stop = threading.Event()
    gate = Gate(HOSTS, stop, patience=30)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(cause, gate, "r2")
        stop.set()
        gate.wake()
        assert waiting.result(20) == "not-collected"
