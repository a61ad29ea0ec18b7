"""A declared resource that Azure does not have is a finding; whatever else is not found leaves the question open."""

from __future__ import annotations

from typing import Any

import pytest
from verify.test_azure_rules import intent

from pytest_azinterop.azure import failure
from pytest_azinterop.azure.request import Request
from pytest_azinterop.errors import AzureError
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verify import azure_absent

KINDS = {
    "circuit": "azure.circuit-state",
    "gateway": "azure.gateway-state",
    "connection": "azure.connection-ends",
    "local_gateway": "azure.local-gateway-address",
    "subnet_appliance": "azure.appliance",
}


def refused(request: Request, status: int = 404, code: str = "ResourceNotFound") -> AzureError:
    return failure.error(request, "does not exist", failure.cause_of(status, code), status=status, code=code)


def found(kind: str, error: Any = None, *, of: int = 0) -> list[Any]:
    everything = intent()
    expected = SUBJECTS[kind].select(everything)[of]
    request = SUBJECTS[kind].needs(expected)[0]
    assert isinstance(request, Request)
    told = refused(request) if error is None else error(request)
    return azure_absent.absent(kind, expected, (request.short, str(request)), told)


@pytest.mark.parametrize(("kind", "rule"), KINDS.items())
def test_a_resource_that_azure_does_not_have_is_missing(kind: str, rule: str) -> None:
    (finding,) = found(kind)
    assert (finding.rule, finding.cause) == (rule, "missing")
    assert finding.object == SUBJECTS[kind].select(intent())[0].id


@pytest.mark.parametrize(
    "error",
    [
        lambda request: refused(request, 403, "AuthorizationFailed"),
        lambda request: refused(request, 404, "ResourceGroupNotFound"),
        lambda request: refused(request, 404, "SubscriptionNotFound"),
        lambda request: refused(request, 404, "NotFound"),
        lambda request: refused(request, 404, ""),
        lambda _: refused(SUBJECTS["connection"].needs(SUBJECTS["connection"].select(intent())[1])[0]),  # type: ignore[arg-type]
    ],
    ids=["forbidden", "no group", "no subscription", "another code", "no code", "another resource"],
)
def test_what_else_is_not_found_leaves_it_open(error: Any) -> None:
    assert found("connection", error) == []


def test_a_table_of_a_gateway_is_no_resource() -> None:
    expected = SUBJECTS["gateway_peers"].select(intent())[0]
    request = SUBJECTS["gateway_peers"].needs(expected)[0]
    assert isinstance(request, Request)
    assert azure_absent.absent("gateway_peers", expected, (request.short, str(request)), refused(request)) == []
