"""What Azure is asked, resource by resource. Pure: nothing is opened, sent or read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pytest_azinterop.azure.gather import lanes
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.azure.client import Asked
    from pytest_azinterop.azure.cloud import Cloud
    from pytest_azinterop.azure.follow_up import AdvertisedToMsees
    from pytest_azinterop.azure.request import Request

FOLLOWED = (
    "each POST is followed by GETs of the addresses at which Azure says that it goes on, and each list by GETs of its"
    " further pages, at the same host"
)


@dataclass(frozen=True, slots=True)
class AzurePlan:
    """Each request once, and what their answers will lead to. `cloud` None: where Azure is asked is not known before a
    simulated one has started."""

    requests: tuple[Request, ...] = ()
    cloud: Cloud | None = None
    later: tuple[AdvertisedToMsees, ...] = ()

    def after(self, asked: Asked) -> tuple[Request, ...]:
        """What an answer leads to, without what is planned anyway; nothing for one that is not understood."""
        wanted = [each for each in self.later if each.after == asked.request]
        if not wanted:
            return ()
        try:
            records = asked.read().records
        except UndeterminedError:
            return ()
        found = (request for each in wanted for request in each.requests(records))
        return tuple(request for request in dict.fromkeys(found) if request not in self.requests)

    @property
    def resources(self) -> Mapping[str, tuple[Request, ...]]:
        """The requests by the resource that they are about; of a circuit or gateway also those of its parts."""
        found: dict[str, list[Request]] = {}
        for request in self.requests:
            found.setdefault(top_level(request), []).append(request)
        return {resource: tuple(found[resource]) for resource in sorted(found, key=str.casefold)}

    @property
    def longest_chain(self) -> int:
        """How many operations follow one another at most, because one gateway or circuit answers one at a time."""
        return longest_chain(self.requests)

    def describe(self) -> tuple[str, ...]:
        """A heading per resource and one line per request."""
        lines: list[str] = []
        for resource, requests in self.resources.items():
            count = len(requests)
            serial = sum(request.lane is not None for request in requests)
            after = f", {serial} operations one after the other" if serial > 1 else ""
            lines.append(f"Azure {resource}: {count} request{'' if count == 1 else 's'}{after}")
            lines += [f"  {number:>3}  {self._line(request)}" for number, request in enumerate(requests, start=1)]
            lines += [f"    +  {each.describe()}" for each in self.later if each.after in requests]
        return (*lines, FOLLOWED) if lines else ()

    def _line(self, request: Request) -> str:
        operation = request.operation
        version, host = operation.api_version, ""
        if self.cloud is not None:
            version = self.cloud.api_version(request.operation_name, version)
            host = self.cloud.endpoint.rstrip("/")
        query = urlencode((("api-version", version), *request.query))
        return f"{operation.verb} {host}{request.path}?{query}"


def longest_chain(requests: Iterable[Request]) -> int:
    """How many operations follow one another at most."""
    return max(map(len, lanes(requests)), default=0)


def top_level(request: Request) -> str:
    """The circuit, gateway, VNet … that a request is about, without its parts."""
    before, provider, after = request.resource.partition("/providers/Microsoft.Network/")
    return before + provider + "/".join(after.split("/")[:2])
