"""The four requests that change something in Azure: starting and stopping its own failover tests. Drills alone send
them, through a transport of their own; the transport of the checks refuses them.

Azure's tests do not end by themselves: https://learn.microsoft.com/azure/expressroute/resiliency-validation
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pytest_azinterop.azure.cloud import origin
from pytest_azinterop.azure.operation import IN_GROUP, Operation, Query
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.requests_circuit import FAILOVER_API
from pytest_azinterop.azure.transport import Transport
from pytest_azinterop.errors import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.azure.answer import Answer

_CIRCUIT: Final = IN_GROUP + "expressRouteCircuits/{circuit}"
_GATEWAY: Final = IN_GROUP + "virtualNetworkGateways/{gateway}"
_OF_CIRCUIT: Final = "Microsoft.Network/expressRouteCircuits/"
_OF_GATEWAY: Final = "Microsoft.Network/virtualNetworkGateways/"
_PARAMETER: Final = re.compile(r"\\\{\w+\\\}")
_LINKS: Final = ("Primary", "Secondary")
_CATEGORIES: Final = ("BgpDisconnect", "ASPathPrepend")


def _change(name: str, path: str, right: str, says: str, query: tuple[Query, ...], body: str | None) -> Operation:
    return Operation(
        name,
        "POST",
        path,
        right,
        "resiliency:parse_link_tests",
        "azure_resiliency:LinkFailoverTest",
        says,
        api_version=FAILOVER_API,
        query=query,
        body=body,
        lane=True,
    )


CHANGES: Final[Mapping[str, Operation]] = {
    each.name: each
    for each in (
        _change(
            "start-link-failover-test",
            _CIRCUIT + "/startCircuitLinkFailoverTest",
            _OF_CIRCUIT + "startCircuitLinkFailoverTest/action",
            "Begin a failover test of one link of a circuit.",
            (Query("linkType", "link", _LINKS), Query("circuitTestCategory", "category", _CATEGORIES)),
            None,
        ),
        _change(
            "stop-link-failover-test",
            _CIRCUIT + "/stopCircuitLinkFailoverTest",
            _OF_CIRCUIT + "stopCircuitLinkFailoverTest/action",
            "End it.",
            (),
            "changes:stop_link",
        ),
        _change(
            "start-site-failover-test",
            _GATEWAY + "/startSiteFailoverTest",
            _OF_GATEWAY + "startSiteFailoverTest/action",
            "Begin a simulated loss of a peering location at a gateway.",
            (Query("peeringLocation", "location"),),
            None,
        ),
        _change(
            "stop-site-failover-test",
            _GATEWAY + "/stopSiteFailoverTest",
            _OF_GATEWAY + "stopSiteFailoverTest/action",
            "End it.",
            (),
            "changes:stop_site",
        ),
    )
}


def stop_link(given: Mapping[str, str]) -> dict[str, object]:
    """The body that ends a link's test. Raises ValueError for a link or category that Azure does not know."""
    link, category = given["link"], given["category"]
    if link not in _LINKS or category not in _CATEGORIES:
        raise ValueError(f"no link {link[:40]!r} or category {category[:40]!r}")
    successful = given.get("successful") == "true"
    return {
        "circuitTestCategory": category,
        "linkType": link,
        "wasSimulationSuccessful": successful,
        "isVerified": successful,
    }


def stop_site(given: Mapping[str, str]) -> dict[str, object]:
    """The body that ends a site's test."""
    return {
        "peeringLocation": Query("peeringLocation", "location").render(given["location"]),
        "wasSimulationSuccessful": given.get("successful") == "true",
        "details": [],
    }


@dataclass(frozen=True)
class Change(Request):
    """One request that changes something. Raises ValueError like `Request`."""

    def __post_init__(self) -> None:
        """Only the four of them, whole."""
        if self.operation_name not in CHANGES:
            raise ValueError(f"no change {self.operation_name[:80]!r}")
        _ = self.path, self.query, self.body

    @property
    def operation(self) -> Operation:
        """Which of the four it is."""
        return CHANGES[self.operation_name]


class ChangingTransport(Transport):
    """A transport that also sends the four changes, to the cloud's own host."""

    def ask(self, request: Request, deadline: float) -> Answer:
        """As `Transport.ask`. Raises NotAllowedError before anything else than the four or a question is sent."""
        import json

        if not isinstance(request, Change):
            return super().ask(request, deadline)
        url = self.url(request)
        parts = urlsplit(url)
        forms = (_PARAMETER.sub(r"[A-Za-z0-9_.()-]+", re.escape(each.path)) for each in CHANGES.values())
        if origin(url) != self.cloud.origin or not any(re.fullmatch(form, parts.path) for form in forms):
            raise NotAllowedError(f"not allowed: POST {parts.path[:200]!r} is no change of a drill")
        content = None if request.body is None else json.dumps(request.body)
        return self._send(request, "POST", url, content, deadline)
