"""Whatever Azure answers in whatever order: the client returns the result that was told, or raises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fake_azure import ManualClock
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.azure.answer import Answer
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.failure import LOCKED, THROTTLED, cause_of
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.transport import NotAnsweredError, NotSentError
from pytest_azinterop.errors import AzureError

REQUEST = Request.of("learned-routes", subscription="s", group="g", gateway="gw")
RESULT = {"value": [{"marker": "the result"}]}
HOST = "https://arm.example"
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Location": st.sampled_from([f"{HOST}/r/1", f"{HOST}/r/2", "/r/3"]),
        "Azure-AsyncOperation": st.sampled_from([f"{HOST}/o/1", "/o/2"]),
        "Retry-After": st.sampled_from(["0", "1", "10", "x", "-1", "99999999999"]),
    },
)
BODIES = st.sampled_from(
    [
        "",
        "null",
        "{}",
        "[]",
        '{"value": null}',
        '{"status": "InProgress"}',
        '{"status": "Running", "value": []}',
        '{"status": "Succeeded"}',
        '{"status": "Failed", "error": {"code": "AnotherOperationInProgress"}}',
        '{"status": "Canceled"}',
        '{"status": 7}',
        '{"error": {"code": "AnotherOperationInProgress"}}',
        '{"error": {"code": "TooManyRequests"}}',
        '{"value": [{"mark',
        json.dumps(RESULT),
        json.dumps({"status": "Succeeded", "properties": {"output": RESULT}}),
        json.dumps({"status": "Succeeded", **RESULT}),
    ]
)
STATUSES = st.sampled_from([200, 200, 200, 201, 202, 202, 202, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503])
REPLIES = st.one_of(
    st.tuples(STATUSES, HEADERS, BODIES),
    st.just("not sent"),
    st.just("not answered"),
)


class Script:
    """In the transport's place: one reply after the other, then always 202."""

    def __init__(self, replies: list[Any], clock: ManualClock) -> None:
        self._replies: Iterator[Any] = iter(replies)
        self._clock = clock
        self.posts: list[Any] = []
        self.sent = 0

    def url(self, request: Request) -> str:
        return HOST + request.path

    def ask(self, request: Request, deadline: float) -> Answer:
        reply = self._next()
        self.posts.append(reply)
        return self._answer(reply)

    def follow(self, request: Request, url: str, deadline: float) -> Answer:
        assert url.startswith(HOST + "/")
        return self._answer(self._next())

    def _next(self) -> Any:
        self.sent += 1
        return next(self._replies, (202, {"Location": f"{HOST}/r/9"}, ""))

    def _answer(self, reply: Any) -> Answer:
        if reply == "not sent":
            raise NotSentError("x")
        if reply == "not answered":
            raise NotAnsweredError("x")
        status, headers, body = reply
        return Answer.read(status, headers, body.encode(), self._clock.now())


@given(st.lists(REPLIES, max_size=8))
def test_the_result_or_an_error(replies: list[Any]) -> None:
    clock = ManualClock()
    script = Script(replies, clock)
    client = ArmClient(script, clock, deadline_seconds=120)  # type: ignore[arg-type]
    try:
        document = client.ask(REQUEST).document
    except AzureError as error:
        assert error.cause.startswith("azure-")  # noqa: PT017
        assert error.host == "virtualNetworkGateways/gw"  # noqa: PT017
    else:
        told = [reply for reply in replies if not isinstance(reply, str) and reply[2] and reply[0] in {200, 201}]
        assert document == RESULT or json.dumps(document) in {body for _, _, body in told}
        # An answer that is no list of routes is not taken for one.
        assert document != {"status": "Succeeded"}
    assert clock.monotonic() <= 120
    for refused in script.posts[:-1]:
        status, _, body = refused
        code = (json.loads(body).get("error") or {}).get("code") if body.startswith('{"error') else None
        assert cause_of(status, code) in {THROTTLED, LOCKED}
        assert status >= 300


@given(
    st.lists(
        st.tuples(st.sampled_from([429, 409]), HEADERS, st.just('{"error": {"code": "AnotherOperationInProgress"}}')),
        max_size=6,
    )
)
def test_a_lock_is_waited_for(locks: list[Any]) -> None:
    clock = ManualClock()
    script = Script([*locks, (200, {}, json.dumps(RESULT))], clock)
    client = ArmClient(script, clock, deadline_seconds=120)  # type: ignore[arg-type]
    try:
        assert client.ask(REQUEST).document == RESULT
    except AzureError as error:
        assert error.cause == LOCKED  # noqa: PT017
    assert clock.monotonic() <= 120
