"""Answers that a scenario puts in the place of the computed ones: refusals, failures, delays, damage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.messages import ArmError, Response

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.messages import Request
    from pytest_azinterop.lab.scenario_azure import AzureAnswer

CODES = {
    400: "BadRequest", 401: "InvalidAuthenticationToken", 403: "AuthorizationFailed", 404: "ResourceNotFound",
    409: "AnotherOperationInProgress", 429: "TooManyRequests", 500: "InternalServerError", 502: "BadGateway",
    503: "ServiceUnavailable", 504: "GatewayTimeout",
}  # fmt: skip
OK, ERROR = 200, 400
EVERY = "*"


@dataclass(slots=True)
class Standing:
    """An answer that a scenario ordered, and how often it is still given (None: always)."""

    answer: AzureAnswer
    left: int | None


@dataclass(slots=True)
class Answers:
    """By operation: a path below the provider, perhaps with a method in front of it."""

    _standing: dict[str, Standing] = field(default_factory=dict)

    def order(self, operation: str, answer: AzureAnswer | None) -> None:
        """None takes an answer back."""
        key = operation.strip().lower()
        self._standing.pop(key, None)
        if answer is not None:
            self._standing[key] = Standing(answer, answer.times)

    def take(self, request: Request, path: str) -> AzureAnswer | None:
        """The answer for a request, if one was ordered."""
        for key in (f"{request.method} {path}".lower(), path.lower(), EVERY):
            standing = self._standing.get(key)
            if standing is None:
                continue
            if standing.left is not None:
                standing.left -= 1
                if not standing.left:
                    del self._standing[key]
            return standing.answer
        return None


def error(answer: AzureAnswer) -> ArmError | None:
    """The refusal or failure that was ordered; None when the answer is a good one in form."""
    status = answer.status or (ERROR if answer.code is not None else OK)
    if status < ERROR:
        return None
    code = answer.code or CODES.get(status, "Error")
    headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return ArmError(status, code, answer.message or f"{code} (ordered by a scenario).", headers)


def body(answer: AzureAnswer) -> bytes | None:
    """The body that was ordered: a text goes out as it is, anything else as JSON; None is the computed one."""
    if "body" not in answer.model_fields_set:
        return None
    return answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()


def damaged(response: Response, answer: AzureAnswer) -> Response:
    """The response with what was ordered for it: another body, or one that breaks off."""
    wanted = body(answer)
    return Response(
        response.status,
        response.body if wanted is None else wanted,
        {**response.headers, **({} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)})},
        broken=answer.cut,
    )
