"""Long-running operations: 202, a place to ask, and an answer when their time has come.

Gateways and network interfaces answer with ``Location`` alone; circuits and Network Watcher with
``Azure-AsyncOperation`` and ``Location``. The place to ask changes with every poll: with ``Location`` alone the last
two names of an operation are understood, older ones are not. Beside a state, clients keep the first ``Location``.
"""

from __future__ import annotations

import math
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.messages import ArmError, Request, Response, answer

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS, STATUS = "operationresults", "operations"
USUAL = 10.0
"""Seconds that a client is told to wait for what does not end."""


@dataclass(slots=True)
class Running:
    """``compute`` gives the result when it is asked for the first time. Times are the endpoint's own, in seconds."""

    subject: str
    location: str
    style: str
    ready_at: float
    compute: Callable[[], object]
    version: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    marks: list[str] = field(default_factory=list)
    result: bytes | None = None
    failure: tuple[str, str] | None = None
    """Code and message with which it ends."""
    cut: bool = False
    """The connection breaks in the middle of the result."""
    poll_failure: ArmError | None = None
    """What every poll answers instead of the operation's state."""

    def mark(self) -> str:
        """A new name; the one before it stays valid, so that a poll that got lost can be repeated."""
        self.marks = [*(self.marks[-1:] if self.style == "location" else self.marks), secrets.token_hex(8)]
        return self.marks[-1]


class LongRunning:
    """All operations of an endpoint."""

    def __init__(self, now: Callable[[], float], pace: float) -> None:
        """``pace``: how many seconds of the service pass in one of ``now``."""
        self._now, self.pace = now, pace
        self._running: dict[str, Running] = {}
        self._locks: dict[str, float] = {}

    def retry_after(self, seconds: float) -> dict[str, str]:
        """The header for a wait of real seconds: whole seconds, or milliseconds for less than one."""
        if math.isinf(seconds):
            seconds = self.service_seconds(USUAL)
        if seconds >= 1:
            return {"Retry-After": str(math.ceil(seconds))}
        return {"retry-after-ms": str(max(1, math.ceil(seconds * 1000)))}

    def service_seconds(self, seconds: float) -> float:
        """How long the service's seconds take here."""
        return seconds / self.pace

    def lock(self, resource: str, seconds: float) -> None:
        """Take a gateway or circuit for an operation. Raises ArmError while another one runs on it."""
        until = self._locks.get(resource, 0.0)
        if until > self._now():
            wait = self.retry_after(until - self._now())
            if resource.startswith("expressroutecircuits"):
                message = f"The operation is blocked by another operation that is in progress on {resource}."
                raise ArmError(429, "RetryableErrorDueToAnotherOperation", message, wait)
            message = f"Another operation on this or dependent resource is in progress: {resource}."
            raise ArmError(409, "AnotherOperationInProgress", message, wait)
        self._locks[resource] = self._now() + self.service_seconds(seconds)

    def start(self, running: Running, request: Request, prefix: str) -> Response:
        """202 with where to ask; ``prefix`` is ``/subscriptions/…/providers/Microsoft.Network/locations``."""
        self._running[running.id] = running
        return answer(None, 202, self._headers(running, request, prefix))

    def _url(self, running: Running, request: Request, prefix: str, kind: str, mark: str) -> str:
        place = {RESULTS: "operationResults", STATUS: "operations"}[kind]
        query = f"api-version={running.version}&t={int(self._now() * 1000)}&c=TEFC&s={mark}&h={running.id[:8]}"
        return f"{request.base}{prefix}/{running.location}/{place}/{running.id}?{query}"

    def _headers(self, running: Running, request: Request, prefix: str) -> dict[str, str]:
        mark = running.mark()
        headers = self.retry_after(max(running.ready_at - self._now(), 0.001))
        if running.style in ("location", "both"):
            headers["Location"] = self._url(running, request, prefix, RESULTS, mark)
        if running.style in ("async", "both"):
            headers["Azure-AsyncOperation"] = self._url(running, request, prefix, STATUS, mark)
        return headers

    def find(self, identifier: str, request: Request) -> Running:
        """The operation that a poll asks for. Raises ArmError."""
        running = self._running.get(identifier.lower())
        if running is None:
            raise ArmError(404, "OperationNotFound", f"The operation {identifier} was not found.")
        if request.parameter("s") not in running.marks:
            raise ArmError(404, "OperationNotFound", "The polling URL has expired: follow the newest one.")
        return running

    def subject(self, identifier: str) -> str | None:
        """What an operation is about."""
        running = self._running.get(identifier)
        return None if running is None else running.subject

    def poll(self, kind: str, running: Running, request: Request, prefix: str) -> Response:
        """One poll of the state (``operations``) or of the result (``operationresults``). Raises ArmError."""
        if running.poll_failure is not None:
            raise running.poll_failure
        if running.ready_at > self._now():
            headers = self._headers(running, request, prefix)
            return answer({"status": "InProgress"}, 200, headers) if kind == STATUS else answer(None, 202, headers)
        if running.failure is not None:
            code, message = running.failure
            if kind == STATUS:
                error = {"code": code, "message": message, "details": []}
                return answer({"status": "Failed", "error": error})
            raise ArmError(400, code, message)
        result = self._result(running)
        if kind == RESULTS:
            return Response(200, result, {"Location": self._url(running, request, prefix, RESULTS, running.mark())})
        if running.style == "async":
            return Response(200, _with_status(result))
        return answer({"status": "Succeeded"})

    def _result(self, running: Running) -> bytes:
        if running.result is None:
            found = running.compute()
            running.result = found if isinstance(found, bytes) else answer(found).body
        return running.result


def _with_status(result: bytes) -> bytes:
    """Without a Location the result stands in the state's document itself."""
    inner = result.strip()
    return inner[:1] + b'"status": "Succeeded", ' + inner[1:] if inner.startswith(b"{") and inner != b"{}" else inner
