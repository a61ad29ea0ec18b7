"""The worker's side of a fleet: one station per run and worker process. Dask is told nothing but the router's number.

What a task needs and what comes of it pass through a queue of the run, never through a task's arguments or results: a
scheduler keeps those, a worker logs them, and a full worker spills them to its disk. In the queue they are sealed.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_azinterop import __version__
from pytest_azinterop.collect.fleet.errand import InterruptedRunError

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "azinterop"
BEATS = 6  # signs of life within one lease
_TICK = 1.0  # seconds
_TOGETHER = 0.005  # seconds in which what all errands of this process say makes one message


class Packet(NamedTuple):
    """What a station sends, sealed, about one attempt at one router."""

    attempt: str
    router: int
    kind: str
    body: Any = None


def upward(run: str) -> str:
    """The queue in which the stations of a run tell."""
    return f"{PREFIX}-{run}"


def downward(run: str, station: str) -> str:
    """The queue in which one station is told."""
    return f"{PREFIX}-{run}-{station}"


def work(run: str, public: bytes, router: int, lease: float) -> None:
    """The Dask task: have a router's errand sent here, and do it. `public` is the key of who sends it."""
    _station(run, public, lease).work(router)


_stations: dict[str, Station] = {}
_founding = threading.Lock()


def _station(run: str, public: bytes, lease: float) -> Station:
    with _founding:
        if run not in _stations:
            _stations[run] = Station(run, public, lease)
        return _stations[run]


class Station:
    """Carries messages between a run and the errands of this process.

    Without a sign of life from the run for `lease` seconds it ends all of them.
    """

    def __init__(self, run: str, public: bytes, lease: float) -> None:
        from distributed import Queue, get_client, get_worker

        from pytest_azinterop.collect.fleet.seal import KeyPair

        # Nornir logs a failed task with its traceback, and Dask keeps what is logged.
        logger = logging.getLogger("nornir")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        self.id = secrets.token_hex(8)
        keys = KeyPair()
        self._box = keys.box(public, run)
        worker = get_worker()
        self._said_by = (self.id, str(worker.address), keys.public)
        self.folder = str(worker.local_directory)
        self._run = run
        self._lease = lease
        client = get_client()
        self._up = Queue(upward(run), client=client)
        self._down = Queue(downward(run, self.id), client=client)
        self._outbox: queue.SimpleQueue[tuple[Packet, threading.Event | None]] = queue.SimpleQueue()
        self._attempts: dict[str, _Attempt] = {}
        self._closed = threading.Event()
        for target in (self._read, self._write):
            threading.Thread(target=target, name=f"{PREFIX}-station", daemon=True).start()

    def work(self, router: int) -> None:
        """One attempt at one router."""
        import cloudpickle

        attempt = _Attempt(self, secrets.token_hex(8), router)
        self._attempts[attempt.id] = attempt
        try:
            attempt.send("started", __version__)
            try:
                outcome = cloudpickle.dumps(attempt.take("errand")(attempt))
            except InterruptedRunError:
                attempt.send("ended-early", "interrupted")
            except Exception as error:  # noqa: BLE001 (its text could carry what was sent)
                attempt.send("ended-early", type(error).__name__)
            else:
                attempt.send("ended", outcome, wait=True)
        finally:
            del self._attempts[attempt.id]

    def send(self, packet: Packet, *, wait: bool) -> None:
        """Put into the outbox; `wait` until it is on its way."""
        written = threading.Event() if wait else None
        self._outbox.put((packet, written))
        while written is not None and not written.wait(_TICK) and not self._closed.is_set():
            pass

    @property
    def is_closed(self) -> bool:
        """Whether nobody answers any more."""
        return self._closed.is_set()

    def _write(self) -> None:
        while not self._closed.is_set():
            batch = []
            with suppress(queue.Empty):
                batch.append(self._outbox.get(timeout=self._lease / BEATS))
                self._closed.wait(_TOGETHER)
                while True:
                    batch.append(self._outbox.get_nowait())
            try:  # nothing to say is a sign of life
                self._up.put([*self._said_by, self._box.seal([tuple(packet) for packet, _ in batch])])
            except Exception:  # noqa: BLE001 (the scheduler or the run is gone)
                self._close()
            for _, written in batch:
                if written is not None:
                    written.set()

    def _read(self) -> None:
        heard = time.monotonic()
        while not self._closed.is_set() and time.monotonic() - heard < self._lease:
            try:
                attempt, kind, body = self._box.open(self._down.get(timeout=_TICK))
            except TimeoutError:
                continue
            except Exception:  # noqa: BLE001 (the scheduler is gone, or somebody else writes here)
                break
            heard = time.monotonic()
            if kind == "close":
                break
            if kind == "stop":
                for each in list(self._attempts.values()):
                    each.interrupt()
            elif attempt in self._attempts:
                self._attempts[attempt].inbox.put((kind, body))
        self._close()

    def _close(self) -> None:
        self._closed.set()
        for each in list(self._attempts.values()):
            each.interrupt()
        _stations.pop(self._run, None)
        for each_queue in (self._up, self._down):
            with suppress(Exception):  # whatever Dask raises where scheduler or run is gone: so are the queues
                each_queue.close()


class _Attempt:
    """One attempt at one router: the `Line` of its errand."""

    def __init__(self, station: Station, name: str, router: int) -> None:
        self.id = name
        self.inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._station = station
        self._router = router
        self._interrupts: list[Callable[[], None]] = []
        self._interrupted = threading.Event()

    def send(self, kind: str, body: object = None, *, wait: bool = False) -> None:
        self._station.send(Packet(self.id, self._router, kind, body), wait=wait)

    def take(self, kind: str) -> Any:  # noqa: ANN401
        """The next message, which must be of this kind. Raises InterruptedRunError."""
        while not self._interrupted.is_set() and not self._station.is_closed:
            try:
                got, body = self.inbox.get(timeout=_TICK)
            except queue.Empty:
                continue
            if got == kind:
                return body
            break
        raise InterruptedRunError

    def say(self, message: object) -> None:
        """See `Line`."""
        self.send("said", message)

    def ask(self, message: object) -> Any:  # noqa: ANN401
        """See `Line`."""
        self.send("asked", message)
        return self.take("answer")

    @property
    def folder(self) -> str:
        """See `Line`."""
        return self._station.folder

    def on_interrupt(self, call: Callable[[], None]) -> None:
        """See `Line`."""
        self._interrupts.append(call)
        if self._interrupted.is_set():
            call()

    def interrupt(self) -> None:
        """Make the errand end."""
        self._interrupted.set()
        self.inbox.put(("interrupted", None))
        for call in self._interrupts:
            call()
