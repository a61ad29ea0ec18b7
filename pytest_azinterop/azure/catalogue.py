"""Every question that is asked of Azure, and the names under which people know it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure import requests_circuit, requests_gateway, requests_network
from pytest_azinterop.errors import AzinteropError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.azure.operation import Operation

_ALL: Final = (*requests_circuit.OPERATIONS, *requests_gateway.OPERATIONS, *requests_network.OPERATIONS)
OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _ALL}
# Where long-running operations are polled: rights that every POST takes besides its own.
POLLING_RIGHTS: Final = (
    "Microsoft.Network/locations/operationResults/read",
    "Microsoft.Network/locations/operations/read",
)


class UnknownOperationError(AzinteropError):
    """A name that no operation of the catalogue has. `nearest` are known names."""

    def __init__(self, name: str, nearest: tuple[str, ...]) -> None:
        self.name = name[:200]
        self.nearest = nearest
        hint = f"nearest: {', '.join(nearest)}" if nearest else f"known: {', '.join(sorted(OPERATIONS))}"
        super().__init__(f"{self.name!r} is not an operation that a parser reads; {hint}")


def find(name: str) -> Operation:
    """The operation by our name, the service's (`getLearnedRoutes`, `VirtualNetworkGateways_GetLearnedRoutes`), the
    SDK's method or the command of `az`. Case and punctuation do not count. Raises UnknownOperationError."""
    known = _spellings()
    key = _plain(name)
    if key in known:
        return OPERATIONS[known[key]]
    near = get_close_matches(key, known, n=5, cutoff=0.6)
    raise UnknownOperationError(name, tuple(dict.fromkeys(known[found] for found in near)))


@cache
def _spellings() -> Mapping[str, str]:
    """Spelling -> name. A spelling that two operations share would be an accident: the first keeps it."""
    found = {_plain(name): name for name in OPERATIONS}
    for operation in _ALL:
        last = operation.path.replace("/{path}", "").rsplit("/", 1)[-1]
        wire = (last,) if operation.verb == "POST" else ()
        for spelling in (*operation.spellings, *wire):
            method = spelling.rpartition(".")[2]
            for each in (spelling, method, method.removeprefix("begin_")) if "begin_" in spelling else (spelling,):
                found.setdefault(_plain(each), operation.name)
    return found


def _plain(name: str) -> str:
    text = re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
    text = text.removeprefix("az ")
    return text.replace(" ", "")
