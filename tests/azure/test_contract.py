"""The released SDK and our client ask the same and read the same, for every question of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import azure_answers as answers
import pytest
from azure_sdk import CALLS, FIELDS, GATEWAY, Door, Sdk, call_of, read_alike, sdk_async, sdk_sync
from fake_azure import TOKEN, FakeAzure, ManualClock, Reply, Seen

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.request import Request

pytestmark = pytest.mark.contract

RESULT: Final = f"/subscriptions/{answers.SUBSCRIPTION}/providers/Microsoft.Network/locations/uk/operationResults/1"
STATUS: Final = RESULT.replace("operationResults", "operations")
ANSWERS: Final = {name: document for name, _, document in answers.ANSWERS}


def at_location(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(None, 202, {"Location": azure.url + RESULT}))
    azure.on("GET", RESULT, Reply(None, 202, {"Location": azure.url + RESULT}), Reply(document))


def in_status(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(None, 202, {"Azure-AsyncOperation": azure.url + STATUS}))
    beside = document if isinstance(document, dict) else {"value": document}
    azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded", **beside}))


def both(azure: FakeAzure, path: str, document: object) -> None:
    headers = {"Azure-AsyncOperation": azure.url + STATUS, "Location": azure.url + RESULT}
    azure.on("POST", path, Reply(None, 202, headers))
    azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded"}))
    azure.on("GET", RESULT, Reply(document))


def at_once(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(document))


Style = Callable[[FakeAzure, str, object], None]


def scripted(azure: FakeAzure, request: Request, style: Style = at_location) -> None:
    document = ANSWERS[request.operation_name]
    if request.operation.verb == "POST":
        style(azure, request.path, document)
    elif isinstance(document, dict) and "id" in document:
        azure.on("GET", request.path, Reply({**document, "id": request.resource}))
    else:
        azure.on("GET", request.path, Reply(document))


def asked(azure: FakeAzure) -> list[tuple[str, str, frozenset[tuple[str, str]], object]]:
    """What arrived, without the polls: verb, path, query, body."""
    return [
        (seen.verb, seen.path, frozenset(seen.query), seen.body)
        for seen in azure.seen
        if "/locations/" not in seen.path
    ]


@pytest.fixture(params=[sdk_sync, sdk_async], ids=["sync", "async"])
def sdk(request: pytest.FixtureRequest) -> Iterator[Sdk]:
    return request.param  # type: ignore[no-any-return]


def test_every_question_is_compared() -> None:
    assert CALLS.keys() == OPERATIONS.keys()
    assert {operation.record_type().__name__ for operation in OPERATIONS.values()} == FIELDS.keys()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_asked_and_read_alike(azure: FakeAzure, client: ArmClient, sdk: Sdk, operation: str) -> None:
    request = Request.of(operation, **CALLS[operation][0])
    scripted(azure, request)
    records: Any = client.ask(request).read().records
    ours = asked(azure)
    azure.seen.clear()
    scripted(azure, request)
    rows = sdk(Door.of(azure), request, call_of(operation))
    assert asked(azure) == ours
    read_alike(records, rows)


@pytest.mark.parametrize("style", [at_once, at_location, both, in_status])
@pytest.mark.parametrize("operation", ["learned-routes", "circuit-routes", "next-hop"])
def test_every_style_of_long_running_operation(
    azure: FakeAzure, client: ArmClient, sdk: Sdk, operation: str, style: Style
) -> None:
    request = Request.of(operation, **CALLS[operation][0])
    scripted(azure, request, style)
    records = client.ask(request).read().records
    polls = [seen.path for seen in azure.seen]
    azure.seen.clear()
    scripted(azure, request, style)
    rows = sdk(Door.of(azure), request, call_of(operation))
    assert len(rows) == len(records) > 0
    assert [seen.path for seen in azure.seen] == polls


@pytest.mark.parametrize("operation", ["site-failover-tests", "site-failover-test", "link-failover-tests"])
def test_a_shape_that_the_sdk_does_not_read(azure: FakeAzure, client: ArmClient, operation: str) -> None:
    """Microsoft's own PowerShell module reads `{"value": […]}` here, which the SDK takes for a list."""
    request = Request.of(operation, **CALLS[operation][0])
    at_location(azure, request.path, {"value": ANSWERS[operation]})
    assert len(client.ask(request).read().records) == 1


def test_what_the_sdk_takes_for_an_answer(azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
    """A status document without a result is a list without a value to the SDK; to us it is no answer."""
    request = Request.of("learned-routes", **GATEWAY)
    in_status(azure, request.path, {})
    (row,) = sdk_sync(Door.of(azure), request, call_of("learned-routes"))
    assert row.value is None
    in_status(azure, request.path, {})
    with pytest.raises(Exception, match="nowhere told"):
        client.ask(request)


def test_the_token_is_sent_alike(azure: FakeAzure, client: ArmClient) -> None:
    request = Request.of("gateway", **GATEWAY)
    scripted(azure, request)
    client.ask(request)
    sdk_sync(Door.of(azure), request, call_of("gateway"))
    ours, theirs = azure.seen
    assert isinstance(ours, Seen)
    assert ours.authorization == theirs.authorization == f"Bearer {TOKEN}"
