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

from pytest_azinterop import __version__
from pytest_azinterop.collect.fleet.errand import InterruptedRunError, LostError
from pytest_azinterop.collect.fleet.station import BEATS, PREFIX, Packet, downward, upward, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.collect.fleet.errand import Errand
    from pytest_azinterop.collect.fleet.seal import Box

_TICK = 1.0
_SECURE = "tls://"


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
        with suppress(Exception):
            self._up.put(None, timeout=_TICK)
        self._reader.join(self._lease)
        for each in (self._up, *(station.queue for station in self._stations.values())):
            with suppress(Exception):
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
        journey = _Journey(self, router, errand, hear, forget, worker, attempts)
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
        with suppress(Exception):
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
        with suppress(Exception):
            found = self._client.scheduler_info()["workers"].values()
            having = sum(worker is None or worker in (each.get("resources") or {}) for each in found)
            of_these = "" if worker is None else f", {having} of them with the resource {worker!r}"
            return f"the cluster has {len(found)} workers{of_these}"
        return "the scheduler does not answer"

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


class _Journey:
    """One router's errand, over all attempts."""

    def __init__(
        self,
        dispatch: Dispatch,
        router: int,
        errand: Errand,
        hear: Callable[[object], object],
        forget: Callable[[], None],
        worker: str | None,
        attempts: int,
    ) -> None:
        self._dispatch = dispatch
        self._router = router
        self._errand = errand
        self._hear = hear
        self._forget = forget
        self._worker = worker
        self._attempts = attempts
        self.outcome: object = None
        self._future: Any = None
        self._submitted = 0
        self._begun = 0
        self._attempt: str | None = None
        self._station = ""
        self._since = 0.0
        self._finished: float | None = None

    def submit(self) -> None:
        """Give it to Dask, once more."""
        self._submitted += 1
        self._since, self._finished = time.monotonic(), None
        self._future = self._dispatch.submit(self._router, self._submitted, self._worker)

    def look(self) -> None:
        """Nothing was heard for a while. Raises LostError."""
        dispatch = self._dispatch
        if dispatch.is_broken:
            raise LostError("worker-lost", "the scheduler of the workers was lost")
        if self._finished is None and self._future.done():
            self._end_of_task()
        elif self._attempt is None:
            if dispatch.waited(self._worker, self._since):
                lost = "the worker that had it was lost, and " if self._begun else ""
                words = f"{lost}no worker took it in time: {dispatch.offers(self._worker)}"
                raise LostError("worker-lost" if self._begun else "no-worker", words)
        elif dispatch.silent(self._station):
            self._drop()
            self._again("the worker that had it gave no sign of life")
        elif self._finished is not None and time.monotonic() - self._finished > _TICK * BEATS:
            self._drop()
            self._again("the worker that had it ended without a word")

    def _end_of_task(self) -> None:
        """Dask is done with the task, well or not; the outcome may be on its way still."""
        future = self._future
        if future.status == "finished":
            self._finished = time.monotonic()
            return
        if future.status in ("cancelled", "lost"):
            self._drop()
            self._again("the scheduler dropped it")
            return
        error = type(future.exception(timeout=_TICK)).__name__
        self._drop()
        if error == "KilledWorker":
            self._again("the worker that had it died")
            return
        words = f"the worker could not begin with it ({error}); is this package installed there?"
        raise LostError("worker-failed", words)

    def take(self, station: str, packet: Packet) -> bool:
        """What a station sent: whether it is the `outcome`. Raises LostError."""
        if packet.kind == "started":
            self._start(station, packet)
            return False
        if packet.attempt != self._attempt:
            return False  # of a worker that was given up
        if packet.kind == "ended":
            self.outcome = _unpacked(packet.body)
            return True
        if packet.kind == "ended-early":
            raise LostError("worker-failed", f"the worker's part of it failed with {packet.body}")
        answer = self._hear(packet.body)
        if packet.kind == "asked":
            self._dispatch.tell(self._station, packet.attempt, "answer", answer)
        return False

    def _start(self, station: str, packet: Packet) -> None:
        self._drop()
        address = self._dispatch.address(station)
        cause, refusal = "worker-failed", ""
        if not address.startswith(_SECURE):
            refusal = f"the worker at {address} is not reached over TLS"
        elif packet.body != __version__:
            refusal = f"the worker has version {packet.body} of this package, here it is {__version__}"
        elif self._begun >= self._attempts:
            cause, refusal = "worker-lost", self._given_up("the worker that had it died")
        if refusal:
            self._dispatch.tell(station, packet.attempt, "refused")
            raise LostError(cause, refusal)
        self._begun += 1
        self._attempt, self._station = packet.attempt, station
        self._dispatch.begin(self._worker, 1)
        self._dispatch.tell(station, packet.attempt, "errand", self._errand)

    def _drop(self) -> None:
        """The attempt, if there is one, is lost."""
        if self._attempt is not None:
            self._attempt = None
            self._dispatch.begin(self._worker, -1)
            self._forget()

    def _again(self, why: str) -> None:
        if self._begun >= self._attempts or self._submitted > self._attempts:
            raise LostError("worker-lost", self._given_up(why))
        self._release()
        self.submit()

    def _given_up(self, why: str) -> str:
        return f"{why}, and so did {self._begun - 1} before it" if self._begun > 1 else why

    def _release(self) -> None:
        with suppress(Exception):
            self._future.cancel()

    def end(self) -> None:
        """Nothing of it is left with Dask."""
        if self._attempt is not None:
            self._attempt = None
            self._dispatch.begin(self._worker, -1)
        if self._future is not None:
            self._release()


def _unpacked(body: bytes) -> object:
    import cloudpickle

    try:
        outcome: object = cloudpickle.loads(body)
    except Exception as error:  # noqa: BLE001 (what a foreign task returned can raise anything)
        words = f"what the worker returned cannot be read here ({type(error).__name__})"
        raise LostError("worker-failed", words) from None
    return outcome
