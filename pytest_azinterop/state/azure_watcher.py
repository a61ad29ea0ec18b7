"""What Network Watcher answers: where a packet would go, and whether a connection can be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.azure_source import AzureSource


@dataclass(frozen=True, slots=True)
class NetworkWatcher:
    """The Network Watcher of one region."""

    name: str
    region: str
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where the platform sends a packet: `kind` as Azure spells it (`VnetLocal`, `VirtualNetworkGateway`, `None`, …).

    `route_table` is the id of the route table that decides, or `System Route`; None where it is not told.
    """

    kind: str
    address: IPv4Address | IPv6Address | None
    route_table: str | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConnectivityIssue:
    """What a hop is blamed for; `origin` is `Local`, `Inbound` or `Outbound`, `severity` `Error` or `Warning`."""

    kind: str
    origin: str | None
    severity: str | None
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectivityHop:
    """One hop; `next_hops` are the ids of the hops behind it. `address` None: a hop that has no address;
    lists are None where they are not told."""

    hop_id: str
    kind: str
    address: IPv4Address | IPv6Address | None
    resource_id: str | None
    next_hops: tuple[str, ...] | None
    issues: tuple[ConnectivityIssue, ...] | None


@dataclass(frozen=True, slots=True)
class Connectivity:
    """The result of a connectivity check.

    `status` is as printed (`Connected`, `Degraded`, `Disconnected`, `Unknown`, also `Reachable`, `Unreachable`).
    Latencies are in milliseconds, None where no probe came back.
    """

    status: str
    hops: tuple[ConnectivityHop, ...]
    probes_sent: int | None
    probes_failed: int | None
    average_latency: int | None = None
    minimum_latency: int | None = None
    maximum_latency: int | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_connected(self) -> bool:
        """Every probe, or enough of them by Azure's own judgement, came through."""
        return self.status in {"Connected", "Reachable"}
