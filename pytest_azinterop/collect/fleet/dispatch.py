"""This process's side of a fleet: errands go out one per router, and each comes back or is known to be lost."""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pytest_azinterop.collect.fleet.errand import InterruptedRunError
from pytest_azinterop.collect.fleet.journey import Journey
from pytest_azinterop.collect.fleet.station import BEATS, PREFIX, Packet, downward, upward, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.collect.fleet.errand import Errand
    from pytest_azinterop.collect.fleet.seal import Box

_TICK = 1.0  # seconds


@dataclass(slots=True)
class _Station:
    """A worker process that has sent word: where it is, its queue, and when it did so last."""

    address: str
    queue: Any
    box: Box
    seen: float


class Dispatch:
    """One run on one cluster. A context manager; inside, `send` may be called from several threads.

    `patience`: seconds that a router waits for a worker while none has a router of its kind. `lease`: seconds without a
    sign of life after which a worker counts as dead.
    """

    def __init__(self, client: Any, *, patience: float, lease: float) -> None:  # noqa: ANN401 (a distributed.Client)
        from distributed import Queue

        from pytest_azinterop.collect.fleet.seal import KeyPair

        self._client = client
        self._keys = KeyPair()
        self._patience = patience
        self._lease = lease
        self._run = secrets.token_hex(8)
        self._up = Queue(upward(self._run), client=client)
        self._stations: dict[str, _Station] = {}
        self._inboxes: dict[int, queue.SimpleQueue[tuple[str, Packet] | None]] = {}
        self._lock = threading.Lock()
        self._having: Counter[str | None] = Counter()
        self._moved: dict[str | None, float] = {}
        self._stopped = threading.Event()
        self._broken = threading.Event()
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"{PREFIX}-dispatch", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let all workers go, and leave nothing on the scheduler."""
        self._closed.set()
        if self.is_broken:
            return
        self._tell_all("close")
        with suppress(Exception):  # Dask raises here whatever went wrong at its scheduler; the reader's wait is bounded
            self._up.put(None, timeout=_TICK)
        self._reader.join(self._lease)
        for each in (self._up, *(station.queue for station in self._stations.values())):
            with suppress(Exception):  # as above: a scheduler that is gone has no queue to take down
                each.close()

    def stop(self) -> None:
        """Interrupt whatever is under way: `send` raises InterruptedRunError in every thread."""
        self._stopped.set()
        self._tell_all("stop")
        for inbox in list(self._inboxes.values()):
            inbox.put(None)

    def send(
        self,
        router: int,
        errand: Errand,
        hear: Callable[[object], object],
        forget: Callable[[], None],
        *,
        worker: str | None,
        attempts: int,
    ) -> object:
        """Have one router's errand done, and give what came of it.

        `worker` is the resource that is needed. Raises LostError, or InterruptedRunError after `stop`.
        """
        inbox: queue.SimpleQueue[tuple[str, Packet] | None] = queue.SimpleQueue()
        self._inboxes[router] = inbox
        journey = Journey(self, router, errand, hear, forget, worker, attempts)
        try:
            journey.submit()
            while True:
                if self._stopped.is_set():
                    raise InterruptedRunError
                try:
                    got = inbox.get(timeout=_TICK)
                except queue.Empty:
                    journey.look()
                    continue
                if got is not None and journey.take(*got):
                    return journey.outcome
        finally:
            journey.end()
            del self._inboxes[router]

    def submit(self, router: int, number: int, worker: str | None) -> Any:  # noqa: ANN401 (a distributed.Future)
        """Give Dask the task that will ask for the errand."""
        return self._client.submit(
            work,
            self._run,
            self._keys.public,
            router,
            self._lease,
            key=f"{PREFIX}-{self._run}-{router}-{number}",
            pure=False,
            resources=None if worker is None else {worker: 1},
        )

    def tell(self, station: str, attempt: str, kind: str, body: object = None) -> None:
        """Send word to an attempt. A station that cannot be told is found dead by its silence."""
        known = self._stations[station]
        sealed = known.box.seal((attempt, kind, body))
        with suppress(Exception):  # of Dask's own choice, as it raises anew what its scheduler raised
            known.queue.put(sealed, timeout=self._lease)

    def begin(self, worker: str | None, by: int) -> None:
        """A router that needs such a worker has got one (1), or is through with it (-1)."""
        with self._lock:
            self._having[worker] += by
            self._moved[worker] = time.monotonic()

    def waited(self, worker: str | None, since: float) -> bool:
        """Whether nobody has taken routers of this kind for longer than is borne."""
        with self._lock:
            if self._having[worker]:
                return False
            return time.monotonic() - max(since, self._moved.get(worker, since)) > self._patience

    def address(self, station: str) -> str:
        """Where its worker listens."""
        return self._stations[station].address

    def silent(self, station: str) -> bool:
        """Whether a station has sent no sign of life for too long."""
        return time.monotonic() - self._stations[station].seen > self._lease

    @property
    def is_broken(self) -> bool:
        """Whether there is no scheduler any more."""
        return self._broken.is_set()

    def offers(self, worker: str | None) -> str:
        """What workers there are, in words."""
        try:
            found = self._client.scheduler_info()["workers"].values()
        except Exception:  # noqa: BLE001 (as `tell`; these are words for a failure that is told already)
            return "the scheduler does not answer"
        having = sum(worker is None or worker in (each.get("resources") or {}) for each in found)
        of_these = "" if worker is None else f", {having} of them with the resource {worker!r}"
        return f"the cluster has {len(found)} workers{of_these}"

    def _tell_all(self, kind: str) -> None:
        for station in list(self._stations):
            self.tell(station, "", kind)

    def _read(self) -> None:
        beat = time.monotonic()
        while not self._closed.is_set():
            try:
                told = self._up.get(timeout=_TICK)
                if told is not None:
                    self._sort(*told)
            except TimeoutError:
                pass
            except Exception:  # noqa: BLE001 (whatever it is, nothing can be heard any more)
                self._broken.set()
                return
            if time.monotonic() - beat > self._lease / BEATS:
                self._tell_all("alive")
                beat = time.monotonic()

    def _sort(self, name: str, address: str, public: bytes, sealed: bytes) -> None:
        from distributed import Queue

        station = self._stations.get(name)
        if station is None:
            told = Queue(downward(self._run, name), client=self._client)
            station = _Station(address, told, self._keys.box(public, self._run), 0.0)
            self._stations[name] = station
        station.seen = time.monotonic()
        for packet in map(Packet._make, station.box.open(sealed)):
            inbox = self._inboxes.get(packet.router)
            if inbox is not None:
                inbox.put((name, packet))
