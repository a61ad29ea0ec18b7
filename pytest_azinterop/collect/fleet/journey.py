"""One router's errand on its way: begun by a worker, perhaps by another one again, and back or lost in the end."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pytest_azinterop import __version__
from pytest_azinterop.collect.fleet.errand import LostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.collect.fleet.dispatch import Dispatch
    from pytest_azinterop.collect.fleet.errand import Errand
    from pytest_azinterop.collect.fleet.station import Packet

_SECURE = "tls://"
_LAST_WORD = 6.0  # seconds that an outcome may be behind Dask's word that the task is done


class Journey:
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
        elif self._finished is not None and time.monotonic() - self._finished > _LAST_WORD:
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
        error = type(future.exception(timeout=_LAST_WORD)).__name__
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
        # Whatever Dask raises: an attempt that runs on is not listened to, and its lease ends.
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
