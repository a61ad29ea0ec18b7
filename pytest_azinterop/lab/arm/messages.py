"""A request and an answer of the ARM endpoint, apart from how they travel."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """``headers`` have lower-case names; ``base`` is scheme, host and port as the client wrote them."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = "https://127.0.0.1"

    def parameter(self, name: str) -> str | None:
        """A query parameter; their names are case-insensitive."""
        return next((value for key, value in self.query.items() if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Response:
    """``broken``: the connection is cut in the middle of the body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False

    @property
    def all_headers(self) -> dict[str, str]:
        """With those that every answer of ARM carries."""
        request = str(uuid.uuid4())
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-cache",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "x-content-type-options": "nosniff",
            "x-ms-request-id": request,
            "x-ms-correlation-request-id": request,
            **self.headers,
        }


def answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON; None is the text ``null``, as the network resource provider writes it."""
    return Response(status, json.dumps(document, ensure_ascii=False).encode(), headers or {})


class ArmError(Exception):
    """An answer with ARM's error body."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def response(self) -> Response:
        """As it goes to the client."""
        return answer({"error": {"code": self.code, "message": self.message}}, self.status, self.headers)
