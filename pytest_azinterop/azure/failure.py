"""What a refusal of Azure means: one stable cause per kind, and one sentence.

| cause | means |
|---|---|
| azure-login-refused | no token, or Azure does not take it |
| azure-forbidden | the identity lacks the right for this question |
| azure-no-resource | the resource does not exist: Azure asks for the right to read before it looks |
| azure-not-found | something on the way to the resource does not exist, or the identity cannot see it |
| azure-throttled | too many requests, until the deadline |
| azure-locked | another operation held the resource, until the deadline |
| azure-not-running | effective routes of an interface whose machine does not run |
| azure-api-version | this cloud does not know the version of the API |
| azure-rejected | Azure refuses the question itself |
| azure-unavailable | a failure on Azure's side |
| azure-unreachable | no connection, no answer, TLS |
| azure-timeout | the deadline passed |
| azure-failed | a long-running operation ended in failure |
| azure-cut-off | an answer that is not whole |
| azure-intercepted | a web page in place of Azure's answer: of a proxy, or to sign in |
| azure-not-understood | an answer that is whole and not understood |
| azure-no-file | the answer was to stand in a file, and there is none |
| azure-interrupted | the run was called off |

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
https://learn.microsoft.com/azure/networking/troubleshoot-failed-state
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.errors import AzureError

if TYPE_CHECKING:
    from pytest_azinterop.azure.answer import Answer
    from pytest_azinterop.azure.request import Request

LOGIN: Final = "azure-login-refused"
FORBIDDEN: Final = "azure-forbidden"
NO_RESOURCE: Final = "azure-no-resource"
NOT_FOUND: Final = "azure-not-found"
THROTTLED: Final = "azure-throttled"
LOCKED: Final = "azure-locked"
NOT_RUNNING: Final = "azure-not-running"
API_VERSION: Final = "azure-api-version"
REJECTED: Final = "azure-rejected"
UNAVAILABLE: Final = "azure-unavailable"
UNREACHABLE: Final = "azure-unreachable"
TIMEOUT: Final = "azure-timeout"
FAILED: Final = "azure-failed"
CUT_OFF: Final = "azure-cut-off"
INTERCEPTED: Final = "azure-intercepted"
NOT_UNDERSTOOD: Final = "azure-not-understood"
NO_FILE: Final = "azure-no-file"
INTERRUPTED: Final = "azure-interrupted"

# Another operation holds the resource; Azure says so with 409 as well as with 429.
_LOCK_CODES: Final = frozenset(
    {
        "anotheroperationinprogress",
        "retryableerrorduetoanotheroperation",
        "retryableerror",
        "operationinprogress",
        "resourceinuse",
        "referencedresourcenotprovisioned",
        "resourcenotprovisioned",
        "operationcanceledduetopreemption",
        "canceledandsupersededduetoanotheroperation",
    }
)
_VERSION_CODES: Final = frozenset(
    {"noregisteredproviderfound", "invalidapiversionparameter", "unsupportedapiversion", "invalidresourcetype"}
)
_BY_CODE: Final = {
    "authorizationfailed": FORBIDDEN,
    "linkedauthorizationfailed": FORBIDDEN,
    "requestdisallowedbypolicy": FORBIDDEN,
    "nicmustbeattachedtorunningvmtogeteffectiveroutes": NOT_RUNNING,
    "networkinterfacenotattachedtorunningvm": NOT_RUNNING,
    "resourcenotfound": NO_RESOURCE,
    "notfound": NOT_FOUND,
    "resourcegroupnotfound": NOT_FOUND,
    "subscriptionnotfound": NOT_FOUND,
    "invalidauthenticationtoken": LOGIN,
    "invalidauthenticationtokenaudience": LOGIN,
    "invalidauthenticationtokentenant": LOGIN,
    "expiredauthenticationtoken": LOGIN,
    "toomanyrequests": THROTTLED,
    "subscriptionrequeststhrottled": THROTTLED,
    **dict.fromkeys(_VERSION_CODES, API_VERSION),
    **dict.fromkeys(_LOCK_CODES, LOCKED),
}
_BY_STATUS: Final = {401: LOGIN, 403: FORBIDDEN, 404: NOT_FOUND, 410: NOT_FOUND, 429: THROTTLED}
_SERVER_ERROR: Final = 500

_SENTENCES: Final = {
    LOGIN: "Azure does not accept the token (expired, of another tenant, or for another cloud)",
    FORBIDDEN: "the identity is not allowed to ask this",
    NO_RESOURCE: "the resource does not exist",
    NOT_FOUND: "does not exist, or the identity cannot see it",
    THROTTLED: "too many requests",
    LOCKED: "another operation holds the resource",
    NOT_RUNNING: "its machine is not running, so Azure does not tell the routes that apply",
    API_VERSION: "this cloud does not know the version of the API; set another for the operation",
    REJECTED: "Azure refuses the question",
    UNAVAILABLE: "a failure on Azure's side",
    FAILED: "the operation failed in Azure",
}


def cause_of(status: int, code: str | None) -> str:
    """The kind of a refusal. The code decides before the status: 429 is also how a lock is told."""
    known = _BY_CODE.get((code or "").casefold())
    if known is not None:
        return known
    return _BY_STATUS.get(status, UNAVAILABLE if status >= _SERVER_ERROR else REJECTED)


def refused(request: Request, answer: Answer) -> AzureError:
    """The error for an answer that is no success."""
    code, message = answer.error
    return _error(request, cause_of(answer.status, code), answer.status, code, message)


def ended(request: Request, answer: Answer) -> AzureError:
    """The error for a long-running operation whose result is no success: Azure took the question, and then failed."""
    code, message = answer.error
    cause = cause_of(answer.status, code)
    return _error(request, FAILED if cause == REJECTED else cause, answer.status, code, message)


def not_asked(request: Request, before: Request) -> AzureError:
    """The error for a question about a resource that still holds an earlier one."""
    return error(request, f"not asked: {before.operation_name} before it did not end in time", TIMEOUT)


def operation_failed(request: Request, status: str, code: str | None, message: str | None) -> AzureError:
    """The error for a long-running operation that ended as `Failed` or `Canceled`."""
    cause = _BY_CODE.get((code or "").casefold(), FAILED)
    return _error(request, cause, None, code, message or f"it ended as {status}")


def _error(request: Request, cause: str, status: int | None, code: str | None, message: str | None) -> AzureError:
    sentence = _SENTENCES[cause]
    if cause == FORBIDDEN:
        sentence += f": it lacks {request.operation.action}"
    shown = ", ".join(str(part) for part in (status, code) if part is not None)
    told = f" ({shown})" if shown else ""
    said = f"; Azure says: {message}" if message and cause in {REJECTED, UNAVAILABLE, FAILED, API_VERSION} else ""
    return error(request, f"{sentence}{told}{said}", cause, status=status, code=code)


def error(
    request: Request, message: str, cause: str, *, status: int | None = None, code: str | None = None
) -> AzureError:
    """An error about one question."""
    return AzureError(
        f"{request.short}: {message}", cause=cause, host=request.short, command=str(request), status=status, code=code
    )
