"""The read-only allow-list, enforced at the one point where a request is sent to Azure.

GET of what the catalogue asks, the catalogue's own POSTs (which only read), and GET of the address at which Azure said
that a running operation is to be polled, or a list goes on. Nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.cloud import origin
from pytest_azinterop.errors import NotAllowedError

if TYPE_CHECKING:
    from pytest_azinterop.azure.cloud import Cloud

_PARAMETER: Final = re.compile(r"\\\{\w+\\\}")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (operation.verb, re.compile(_PARAMETER.sub(r"[A-Za-z0-9_.()-]+", re.escape(operation.path))))
        for operation in OPERATIONS.values()
    )


def check(verb: str, url: str, cloud: Cloud, *, given_by_azure: bool = False) -> None:
    """Pass for a request that only reads. Raises NotAllowedError for any other.

    `given_by_azure`: the address came in an answer; it is asked with GET, and only at the cloud's own host.
    """
    parts = urlsplit(url)
    try:
        same = origin(url) == cloud.origin and parts.username is None and parts.password is None
    except ValueError:
        same = False
    if not same:
        raise NotAllowedError(f"not allowed: {verb} at another host than {cloud.endpoint}")
    if given_by_azure:
        if verb != "GET":
            raise NotAllowedError(f"not allowed: {verb} of an address that an answer gave")
        return
    path = parts.path
    if ".." in path or "%" in path or not any(verb == known and form.fullmatch(path) for known, form in _patterns()):
        raise NotAllowedError(f"not allowed: {verb} {path[:200]!r} is not in the catalogue of questions")
