"""One HTTP answer of Azure, redacted, and what its headers say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure.redact import redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_LONGEST_WAIT: Final = 3600.0


class NotJsonError(ValueError):
    """A body that is no JSON document."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`document` is the redacted JSON, None for `null` as well as for no body; `has_body` tells them apart.

    `broken` says why a body is not JSON; `is_page`: it is a web page, which Azure never sends.

    `location`, `async_operation` and `next_link` are addresses as Azure gave
    them: they can be signed, so they never go into a message. `retry_after` is in seconds, None where Azure does not
    say.
    """

    status: int
    document: object
    has_body: bool
    broken: str | None
    location: str | None
    async_operation: str | None
    next_link: str | None
    retry_after: float | None
    request_id: str | None
    is_page: bool = False

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
        """Decode and redact: nothing outside sees the body itself."""
        document: object = None
        broken: str | None = None
        next_link: str | None = None
        if body.strip():
            try:
                raw = load(body)
            except NotJsonError as error:
                broken = str(error)
            else:
                next_link = _next_link(raw)
                document = redact(raw)
        lower = {name.lower(): value for name, value in headers.items()}
        return cls(
            status=status,
            document=document,
            has_body=bool(body.strip()),
            broken=broken,
            location=lower.get("location"),
            async_operation=lower.get("azure-asyncoperation"),
            next_link=next_link,
            retry_after=_retry_after(lower, now),
            request_id=lower.get("x-ms-request-id"),
            is_page=broken is not None and body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<",
        )

    @property
    def error(self) -> tuple[str | None, str | None]:
        """The service's code and message, from `error` or from the document itself; None where there is none."""
        return error_of(self.document)


def error_of(document: object) -> tuple[str | None, str | None]:
    """Code and message of an error document; the message is redacted, on one line and bounded."""
    found = document.get("error", document) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        return None, None
    code, message = found.get("code"), found.get("message")
    return (
        code[:100] if isinstance(code, str) and code.isprintable() else None,
        one_line(message) if isinstance(message, str) else None,
    )


def one_line(text: str, length: int = 300) -> str:
    """Text from outside for a message of ours: redacted, without control characters, bounded."""
    plain = "".join(char if char.isprintable() else " " for char in redact_text(text[: length * 10]))
    plain = " ".join(plain.split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def load(body: bytes) -> object:
    """A JSON document. Raises NotJsonError: cut off, a name twice, a number that JSON does not know, not UTF-8."""
    try:
        document: object = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise NotJsonError("it is not UTF-8") from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    return document


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJsonError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> object:
    raise NotJsonError(f"{name} is no JSON")


def _next_link(document: object) -> str | None:
    if isinstance(document, dict):
        link = document.get("nextLink")
        return link if isinstance(link, str) and link else None
    return None


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        value = headers.get(name, "")
        if value.isdecimal():
            return min(int(value) / 1000, _LONGEST_WAIT)
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_WAIT)
    if not value:
        return None
    try:
        return max(0.0, min((parsedate_to_datetime(value) - now).total_seconds(), _LONGEST_WAIT))
    except (ValueError, TypeError):
        return None
