"""Resiliency of ExpressRoute as Azure judges it, and its failover tests.

A field, also a list, that the answer does not tell is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.state.azure_source import AzureSource


@dataclass(frozen=True, slots=True)
class ResiliencyRecommendation:
    """One thing that Azure advises; `severity` as printed."""

    title: str
    recommendation_id: str | None
    severity: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class ResiliencyComponent:
    """One part of the score. Scores are as printed: Azure sends them as text."""

    name: str
    score: str | None
    maximum: str | None
    recommendations: tuple[ResiliencyRecommendation, ...] | None


@dataclass(frozen=True, slots=True)
class GatewayResiliency:
    """The resiliency index of an ExpressRoute gateway; computed at most once per hour, at `computed_at`."""

    score: str
    score_change: str | None
    components: tuple[ResiliencyComponent, ...]
    computed_at: datetime | None
    next_at: datetime | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RouteOrigin:
    """Where one prefix comes from: a circuit by the key of `RouteSets.circuits`, and its paths as printed."""

    circuit: str
    primary: str | None
    secondary: str | None


@dataclass(frozen=True, slots=True)
class RouteSet:
    """Prefixes that share their peering locations. Keys of `origins` are prefixes."""

    name: str
    locations: tuple[str, ...]
    origins: tuple[tuple[IPv4Network | IPv6Network, tuple[RouteOrigin, ...]], ...]


@dataclass(frozen=True, slots=True)
class CircuitOfRouteSet:
    """A circuit that route sets name by `key`."""

    key: str
    name: str | None
    link: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class RouteSets:
    """Every prefix that an ExpressRoute gateway has, by circuit and path; computed at most once per hour."""

    sets: tuple[RouteSet, ...]
    circuits: tuple[CircuitOfRouteSet, ...]
    version: str | None
    computed_at: datetime | None
    next_at: datetime | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class FailoverConnection:
    """One connection of a site failover test; `status` is `Connected` or `Disconnected`."""

    name: str
    status: str | None
    resource_id: str | None
    updated_at: str | None


@dataclass(frozen=True, slots=True)
class SiteFailoverTest:
    """One failover test of a peering location, of all tests of a gateway.

    `status` is `NotStarted`, `Starting`, `Running`, `StartFailed`, `Stopping`, `Completed`, `StopFailed`, `Invalid` or
    `Expired`; times as printed, since their form differs.
    """

    location: str
    status: str
    kind: str | None
    test_id: str | None
    started: str | None
    ended: str | None
    circuits: tuple[str, ...] | None
    connections: tuple[FailoverConnection, ...] | None
    issues: tuple[str, ...] | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_under_way(self) -> bool:
        """A test that nobody stops runs on."""
        return self.status in {"Starting", "Running", "Stopping", "StopFailed"}


@dataclass(frozen=True, slots=True)
class SiteFailoverResult:
    """What one failover test of a peering location showed.

    `redundant` are pairs of peering locations and the routes that they share; `not_redundant` are routes that only
    this location has.
    """

    location: str
    status: str
    started: str | None
    ended: str | None
    redundant: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] | None
    not_redundant: tuple[str, ...] | None
    successful: bool | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LinkBgpStatus:
    """BGP of one link during a test: `family` is `IPv4` or `IPv6`, `status` as printed."""

    family: str
    link: str
    status: str
    checked_at: str | None


@dataclass(frozen=True, slots=True)
class LinkRoute:
    """One route before or during a link failover test."""

    prefix: str
    next_hop: str | None
    primary_as_path: str | None
    secondary_as_path: str | None


@dataclass(frozen=True, slots=True)
class LinkFailoverTest:
    """One failover test of a circuit's link: `category` is `BgpDisconnect` or `ASPathPrepend`, `link` is `Primary` or
    `Secondary`.

    The four route lists are None where the answer does not tell them (a list of all tests does not).
    """

    link: str
    status: str
    category: str | None
    kind: str | None
    test_id: str | None
    started: str | None
    ended: str | None
    successful: bool | None
    issues: tuple[str, ...] | None
    bgp: tuple[LinkBgpStatus, ...] | None
    redundant_before: tuple[LinkRoute, ...] | None = None
    redundant_during: tuple[LinkRoute, ...] | None = None
    not_redundant_before: tuple[LinkRoute, ...] | None = None
    not_redundant_during: tuple[LinkRoute, ...] | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_under_way(self) -> bool:
        """A test that nobody stops runs on."""
        return self.status in {"Starting", "Running", "Stopping", "StopFailed"}
