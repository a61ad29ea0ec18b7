"""Signals that end a run: they come through once, and what was there before is put back."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cleanups:
    """Of pytest's configuration, what is needed here."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def add_cleanup(self, call: Callable[[], None]) -> None:
        self.calls.append(call)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in ENDINGS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def test_a_second_one_at_once_changes_nothing_and_a_later_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(interruption.time, "monotonic", lambda: now[0])
    received = interruption.Interruption()
    with pytest.raises(KeyboardInterrupt):
        received(signal.SIGINT, None)
    now[0] = 105.0
    received(signal.SIGTERM, None)
    now[0] = 105.1
    with pytest.raises(KeyboardInterrupt):
        received(signal.SIGINT, None)


@pytest.mark.parametrize("number", ENDINGS)
def test_each_of_them_interrupts_until_the_run_is_over(number: signal.Signals) -> None:
    before, config = signal.getsignal(number), Cleanups()
    interruption.begin(config)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    (end,) = config.calls
    end()
    assert signal.getsignal(number) is before


def test_what_others_handle_or_ignore_is_theirs() -> None:
    def own(*_: Any) -> None:
        """Somebody's handler."""

    signal.signal(signal.SIGTERM, own)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    config = Cleanups()
    interruption.begin(config)  # type: ignore[arg-type]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == (own, signal.SIG_IGN)
    signal.signal(signal.SIGINT, own)  # a debugger, say, that came later and stays
    config.calls[0]()
    assert [signal.getsignal(each) for each in ENDINGS] == [own, own, signal.SIG_IGN]


def test_another_thread_changes_nothing() -> None:
    config = Cleanups()
    thread = threading.Thread(target=interruption.begin, args=(config,))
    thread.start()
    thread.join()
    assert config.calls == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
