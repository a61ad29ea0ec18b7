"""Asking Azure Resource Manager one question, until it has answered or the deadline has passed.

Long-running operations come in three styles: the result at once (200), at the address in `Location`, or by the status
document at `Azure-AsyncOperation`, with the result in it or at `Location`. Each answer may give a new address: the
newest counts, at the ARM host only.

A GET is repeated after a failure on the way; a POST only after Azure has said that it did not start (429, a lock).

https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from pytest_azinterop.azure import failure
from pytest_azinterop.azure.answer import error_of
from pytest_azinterop.azure.document import kind_of, refuse
from pytest_azinterop.azure.failure import error
from pytest_azinterop.azure.transport import NotAnsweredError, NotSentError
from pytest_azinterop.errors import AzureError, NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pytest_azinterop.azure.answer import Answer
    from pytest_azinterop.azure.clock import Clock
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.azure.request import Request
    from pytest_azinterop.azure.transport import Transport

DEADLINE_SECONDS: Final = 300.0
POLL_SECONDS: Final = 5.0
SHORTEST_WAIT: Final = 0.1
ATTEMPTS: Final = 4
MAX_PAGES: Final = 1000

_OK: Final = 200
_CREATED: Final = 201
_ACCEPTED: Final = 202
_NO_CONTENT: Final = 204
_TRANSIENT: Final = frozenset({408, 500, 502, 503, 504})
_UNDER_WAY: Final = frozenset({"inprogress", "accepted", "running", "notstarted", "started", "creating", "updating"})
_STATUS_FIELDS: Final = frozenset(
    {"id", "name", "status", "starttime", "endtime", "percentcomplete", "error", "resourceid", "properties"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The whole answer to one question: redacted JSON with all its pages, when it was asked, and what it took."""

    request: Request
    document: object
    asked_at: datetime
    seconds: float

    def read(self) -> Reading[object]:
        """Parse it. Raises ParseError, also where the answer names itself another resource than was asked about."""
        told = self.document.get("id") if isinstance(self.document, dict) else None
        if isinstance(told, str) and not self.request.is_about(told):
            refuse("is another resource's", self.request.source(self.asked_at), path="id", value=told)
        return self.request.operation.read(self.document, self.request.source(self.asked_at), self.request.given)


class ArmClient:
    """Asks questions of the catalogue; safe to use from many threads."""

    def __init__(self, transport: Transport, clock: Clock, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._transport = transport
        self._clock = clock
        self._deadline_seconds = deadline_seconds

    @property
    def sent(self) -> int:
        """Requests sent so far, polls included."""
        return self._transport.sent

    def log_in(self) -> None:
        """Ask for the token before the first question, whose deadline a login by hand would use up."""
        self._transport.log_in()

    def call_off(self) -> None:
        """End every wait: the run was interrupted."""
        self._clock.call_off()

    def ask(self, request: Request) -> Asked:
        """The answer. Raises AzureError; nothing else is an answer, and an empty list is one only if Azure says so."""
        asked_at = self._clock.now()
        started = self._clock.monotonic()
        deadline = started + self._deadline_seconds
        answer = self._begin(request, deadline)
        document = self._result(request, answer, deadline)
        return Asked(request, document, asked_at, self._clock.monotonic() - started)

    # -- the first answer -------------------------------------------------------------------------------------------

    def _begin(self, request: Request, deadline: float) -> Answer:
        """Send the question until Azure takes it."""
        if request.operation.verb == "GET":
            return self._get(request, lambda: self._transport.ask(request, deadline), deadline)
        while True:
            try:
                answer = self._transport.ask(request, deadline)
            except (NotSentError, NotAnsweredError) as problem:
                raise error(request, f"no answer: {problem.reason}", failure.UNREACHABLE) from None
            cause = failure.cause_of(answer.status, answer.error[0])
            if answer.status < 300 or cause not in {failure.THROTTLED, failure.LOCKED}:
                return answer
            self._wait(request, answer.retry_after, deadline, failure.refused(request, answer))

    def _get(self, request: Request, send: Callable[[], Answer], deadline: float) -> Answer:
        """One GET, repeated while that can help."""
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = send()
            except (NotSentError, NotAnsweredError) as problem:
                failed = error(request, f"no answer: {problem.reason}", failure.UNREACHABLE)
                if attempt >= ATTEMPTS:
                    raise failed from None
                self._wait(request, None, deadline, failed, backoff=attempt)
                continue
            cause = failure.cause_of(answer.status, answer.error[0])
            refused = answer.status >= 300
            if refused and cause in {failure.THROTTLED, failure.LOCKED}:
                self._wait(request, answer.retry_after, deadline, failure.refused(request, answer))
            elif answer.status in _TRANSIENT and attempt < ATTEMPTS:
                self._wait(request, answer.retry_after, deadline, failure.refused(request, answer), backoff=attempt)
            else:
                return answer

    def _wait(
        self, request: Request, seconds: float | None, deadline: float, otherwise: Exception, *, backoff: int = 0
    ) -> None:
        """Wait as long as Azure asks. Raises `otherwise` where the deadline comes first."""
        wait = seconds if seconds is not None else min(POLL_SECONDS, 2.0**backoff / 2 if backoff else POLL_SECONDS)
        wait = max(wait, SHORTEST_WAIT)
        if self._clock.monotonic() + wait > deadline:
            raise otherwise
        if not self._clock.sleep(wait):
            raise error(request, "the run was called off", failure.INTERRUPTED)

    # -- the result -------------------------------------------------------------------------------------------------

    def _result(self, request: Request, answer: Answer, deadline: float) -> object:
        if not request.operation.long_running:
            self._must_be(request, answer, _OK)
            return self._pages(request, answer, deadline)
        if answer.status == _OK and answer.async_operation is None:
            return self._pages(request, self._whole(request, answer), deadline)
        self._must_be(request, answer, _OK, _CREATED, _ACCEPTED)
        if answer.async_operation is not None:
            return self._by_status(request, answer, deadline)
        if answer.location is not None:
            return self._by_location(request, answer, answer.location, deadline)
        raise self._odd(request, f"it was accepted ({answer.status}) without saying where the result will be")

    def _by_location(self, request: Request, answer: Answer, location: str, deadline: float) -> object:
        """Poll the address of the result: 202 means not yet."""
        while True:
            self._wait(request, answer.retry_after, deadline, self._never_ended(request))
            answer = self._poll(request, location, deadline)
            location = answer.location or location
            if answer.status >= 400:
                raise failure.ended(request, answer)
            self._must_be(request, answer, _OK, _CREATED, _ACCEPTED, _NO_CONTENT)
            if answer.status == _ACCEPTED or _status(answer) in _UNDER_WAY:
                continue
            self._may_have_failed(request, answer)
            self._whole(request, answer)
            if _status(answer) == "succeeded":
                # A status document where the result itself was announced.
                answer = replace(answer, document=self._inside(request, answer))
            return self._pages(request, answer, deadline)

    def _by_status(self, request: Request, answer: Answer, deadline: float) -> object:
        """Poll the status document; the result is at `Location` where there is one, else in the document."""
        address, location = answer.async_operation or "", answer.location
        while True:
            self._wait(request, answer.retry_after, deadline, self._never_ended(request))
            answer = self._poll(request, address, deadline)
            address, location = answer.async_operation or address, answer.location or location
            self._must_be(request, answer, _OK, _CREATED, _ACCEPTED)
            status = _status(answer)
            if status in _UNDER_WAY or answer.status == _ACCEPTED:
                continue
            self._may_have_failed(request, answer)
            if status != "succeeded":
                raise self._odd(request, "the status of the operation is not told")
            break
        if location is None:
            return self._pages(request, replace(answer, document=self._inside(request, answer)), deadline)
        # Some services still say 202 there for a moment.
        final = self._poll(request, location, deadline)
        while final.status == _ACCEPTED:
            self._wait(request, final.retry_after, deadline, self._never_ended(request))
            location = final.location or location
            final = self._poll(request, location, deadline)
        self._must_be(request, final, _OK, _CREATED, _NO_CONTENT)
        return self._pages(request, self._whole(request, final), deadline)

    def _poll(self, request: Request, address: str, deadline: float) -> Answer:
        url = urljoin(self._transport.url(request), address)
        try:
            return self._get(request, lambda: self._transport.follow(request, url, deadline), deadline)
        except NotAllowedError:
            raise self._odd(request, "it points to an address at another host, which is not followed") from None

    def _may_have_failed(self, request: Request, answer: Answer) -> None:
        status = _status(answer)
        if status in {"failed", "canceled", "cancelled"}:
            code, message = error_of(answer.document.get("error") if isinstance(answer.document, dict) else None)
            raise failure.operation_failed(request, status, code, message)

    def _inside(self, request: Request, answer: Answer) -> object:
        """The result in a status document: beside the status, in `properties`, or in `properties.output`."""
        document = answer.document
        if isinstance(document, dict):
            beside = {name: value for name, value in document.items() if name.casefold() not in _STATUS_FIELDS}
            if beside:
                return beside
            properties = document.get("properties")
            if isinstance(properties, dict):
                found = properties.get("output", properties)
                if found:
                    return found
        raise self._odd(request, "it succeeded, and its result is nowhere told")

    # -- bodies -----------------------------------------------------------------------------------------------------

    def _pages(self, request: Request, answer: Answer, deadline: float) -> object:
        """The document with everything that its `nextLink`s lead to."""
        self._whole(request, answer)
        document, link = answer.document, answer.next_link
        if link is None:
            return document
        rows: list[object] = list(self._rows(request, document))
        seen: set[str] = set()
        while link is not None:
            if link in seen or len(seen) >= MAX_PAGES:
                raise self._odd(request, "its pages do not end")
            seen.add(link)
            page = self._poll(request, link, deadline)
            self._must_be(request, page, _OK)
            self._whole(request, page)
            rows.extend(self._rows(request, page.document))
            link = page.next_link
        return {"value": rows}

    def _rows(self, request: Request, document: object) -> list[object]:
        found = document.get("value") if isinstance(document, dict) else None
        if not isinstance(found, list):
            raise self._odd(request, f"the `value` of a page is {kind_of(found)}, expected a list")
        return found

    def _whole(self, request: Request, answer: Answer) -> Answer:
        """An answer with a document in it."""
        if answer.is_page:
            words = "the answer is a web page and not Azure's: a proxy answers in its place, or somebody must sign in"
            raise error(request, words, failure.INTERCEPTED, status=answer.status)
        if answer.broken is not None:
            raise error(request, f"the answer is not JSON: {answer.broken}", failure.CUT_OFF, status=answer.status)
        if not answer.has_body:
            raise self._odd(request, f"the answer ({answer.status}) has no body")
        if answer.document is None:
            raise self._odd(request, "the answer is null, which does not say that there is nothing")
        return answer

    def _must_be(self, request: Request, answer: Answer, *statuses: int) -> None:
        if answer.status in statuses:
            return
        if answer.status < 400:
            raise self._odd(request, f"HTTP status {answer.status} is not expected here")
        raise failure.refused(request, answer)

    def _never_ended(self, request: Request) -> Exception:
        return error(request, f"the operation did not end within {self._deadline_seconds:.0f} seconds", failure.TIMEOUT)

    def _odd(self, request: Request, message: str) -> AzureError:
        return error(request, message, failure.NOT_UNDERSTOOD)


def _status(answer: Answer) -> str | None:
    """The `status` of a document that is about an operation, in lower case."""
    document = answer.document
    status = document.get("status") if isinstance(document, dict) else None
    return status.casefold() if isinstance(status, str) else None
