"""What was observed of one subject, gathered from the records of several answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpTable, NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto import Ikev2Sa, IpsecIdentity
    from pytest_azinterop.state.device import ClockReading, DeviceFacts, Interface, Ipv6Neighbor, Vrf
    from pytest_azinterop.state.probe import PingResult
    from pytest_azinterop.state.routing import ForwardingDecision, PrefixList, RouteMap, RoutingTable
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.carriage import ObservedCarriage


@dataclass(frozen=True, slots=True)
class ObservedDevice:
    """`clock_offset` is the router's clock minus the collecting machine's at the time of the answer.

    None where the zone is not UTC. `config` None: not known; it then names no cause.
    """

    facts: DeviceFacts
    clock: ClockReading
    clock_offset: timedelta | None
    config: RunningConfig | None = None


@dataclass(frozen=True, slots=True)
class ObservedInterface:
    """`interface` None: the router has no such interface. `vrf` None: the interface is in no VRF (the global table).

    `port`: the interface that a sub-interface belongs to, or the interface itself.
    """

    interface: Interface | None
    vrf: Vrf | None
    port: Interface | None = None


@dataclass(frozen=True, slots=True)
class ObservedInterfaceIpv6:
    """An interface's addresses as the IPv6 routing table of its VRF has them: `show interfaces` shows none of them."""

    rib: RoutingTable


@dataclass(frozen=True, slots=True)
class ObservedFarEnd:
    """A session as the router at its other end has it. `neighbor` None: that router has no such neighbor."""

    router: str
    neighbor: BgpNeighbor | None
    answer: Source


@dataclass(frozen=True, slots=True)
class ObservedSession:
    """`neighbor` None: this VRF has no such neighbor. `elsewhere`: the same address as a neighbor of other VRFs.

    `config`, `interface` (the one that the neighbor is reached through), `far_end` (where that is a router of the
    intent) and `rib` (of the session's VRF) None: not known; it then names no cause.
    """

    neighbor: BgpNeighbor | None
    elsewhere: tuple[BgpNeighbor, ...]
    config: RunningConfig | None = None
    interface: Interface | None = None
    far_end: ObservedFarEnd | None = None
    rib: RoutingTable | None = None


@dataclass(frozen=True, slots=True)
class ObservedRoutes:
    """Routes of one neighbor.

    `accepted` is after inbound policy, `received` before it (None where soft reconfiguration is not expected or is
    off), `advertised` what it is sent. `config` None: not known; it then names no cause. `siblings` are the other
    expected sessions of the same router and VRF, by which a leak is traced to its origin. `cache` is the IPv6 neighbor
    cache of the VRF, None: not known.
    """

    neighbor: BgpNeighbor | None
    config: RunningConfig | None
    accepted: NeighborRoutes | None = None
    received: NeighborRoutes | None = None
    advertised: NeighborRoutes | None = None
    siblings: tuple[ExpectedSession, ...] = ()
    cache: tuple[Ipv6Neighbor, ...] | None = None


@dataclass(frozen=True, slots=True)
class ObservedPolicy:
    """What is bound to a neighbor and what those names mean on the router."""

    neighbor: BgpNeighbor | None
    config: RunningConfig
    route_maps: tuple[RouteMap, ...]
    prefix_lists: tuple[PrefixList, ...]
    accepted: NeighborRoutes
    received: NeighborRoutes | None
    advertised: NeighborRoutes


@dataclass(frozen=True, slots=True)
class ObservedSiteRouter:
    """One router of a site, for one VRF.

    `accepted` holds the accepted routes of each of the site's sessions on this router. `config` None: not asked for.
    """

    router: str
    table: BgpTable
    rib: RoutingTable
    neighbors: tuple[BgpNeighbor, ...]
    accepted: tuple[NeighborRoutes, ...]
    config: RunningConfig | None = None


@dataclass(frozen=True, slots=True)
class ObservedSite:
    """All routers of a customer's site, in the order of the intent.

    `carriages` are what carries the sessions, of those that were asked about.
    """

    routers: tuple[ObservedSiteRouter, ...]
    carriages: tuple[ObservedCarriage, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedUnderlay:
    """How the VPN neighbor is reached from inside the VRF. `config` None: not known; it then names no cause."""

    neighbor: BgpNeighbor | None
    forwarding: ForwardingDecision
    config: RunningConfig | None
    tunnel: Interface | None


@dataclass(frozen=True, slots=True)
class ObservedTunnel:
    """What was asked about a tunnel. None is what is not known: a judgement that rests on it raises, another does not
    name a cause by it.

    `interface` None: the router has no such interface, or it is not known. `before` and `after` are two samples of the
    tunnel's IPsec identities (one sample: `after`), `probe` the ping between them. `ike_answer` and `ipsec_answer` are
    where `ike` and `after` were read: without a record they are the evidence that there is none. `outer` is where
    packets to the peer go.
    """

    interface: Interface | None
    ike: tuple[Ikev2Sa, ...] | None = None
    before: tuple[IpsecIdentity, ...] | None = None
    after: tuple[IpsecIdentity, ...] | None = None
    probe: PingResult | None = None
    config: RunningConfig | None = None
    ike_answer: Source | None = None
    ipsec_answer: Source | None = None
    outer: ForwardingDecision | None = None
