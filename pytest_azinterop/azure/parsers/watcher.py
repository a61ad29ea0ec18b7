"""Network Watcher: next hop and connectivity check.

https://learn.microsoft.com/rest/api/network-watcher/network-watchers/get-next-hop
https://learn.microsoft.com/rest/api/network-watcher/network-watchers/check-connectivity
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.azure.document import shortened
from pytest_azinterop.azure.parsers.resource import read_one, read_rows, resource
from pytest_azinterop.state.azure_watcher import (
    Connectivity,
    ConnectivityHop,
    ConnectivityIssue,
    NetworkWatcher,
    NextHop,
)

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.state.azure_source import AzureSource


def parse_watchers(document: object, source: AzureSource) -> Reading[NetworkWatcher]:
    """The Network Watchers of a subscription: one per region."""
    return read_rows(document, source, _watcher)


def parse_next_hop(document: object, source: AzureSource) -> Reading[NextHop]:
    """Where one packet would go."""
    return read_one(document, source, _next_hop)


def parse_connectivity(document: object, source: AzureSource) -> Reading[Connectivity]:
    """The result of one connectivity check."""
    return read_one(document, source, _connectivity)


def _watcher(fields: Fields) -> NetworkWatcher:
    resource(fields)
    fields.ignore("runningOperationIds")
    return NetworkWatcher(
        name=fields.text("name"),
        region=fields.text("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _next_hop(fields: Fields) -> NextHop:
    return NextHop(
        kind=fields.text("nextHopType"),
        address=fields.address_or_none("nextHopIpAddress"),
        route_table=fields.text_or_none("routeTableId"),
        unread=fields.unread(),
        source=fields.source,
    )


def _connectivity(fields: Fields) -> Connectivity:
    return Connectivity(
        status=fields.text("connectionStatus"),
        hops=tuple(_hop(row) for row in fields.rows("hops")),
        probes_sent=fields.integer_or_none("probesSent"),
        probes_failed=fields.integer_or_none("probesFailed"),
        average_latency=fields.integer_or_none("avgLatencyInMs"),
        minimum_latency=fields.integer_or_none("minLatencyInMs"),
        maximum_latency=fields.integer_or_none("maxLatencyInMs"),
        unread=fields.unread(),
        source=fields.source,
    )


def _hop(fields: Fields) -> ConnectivityHop:
    fields.ignore("links", "previousLinks", "previousHopIds")
    return ConnectivityHop(
        hop_id=fields.text("id"),
        kind=fields.text("type"),
        address=fields.address_or_none("address"),
        resource_id=fields.text_or_none("resourceId"),
        next_hops=fields.texts_or_none("nextHopIds"),
        issues=fields.each_row("issues", _issue),
    )


def _issue(fields: Fields) -> ConnectivityIssue:
    context = fields.each_or_none("context", _pairs, "an object") or ()
    return ConnectivityIssue(
        kind=fields.text("type"),
        origin=fields.text_or_none("origin"),
        severity=fields.text_or_none("severity"),
        context=tuple(pair for pairs in context for pair in pairs),
    )


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise TypeError
    return tuple((str(key), item if isinstance(item, str) else shortened(item)) for key, item in value.items())
