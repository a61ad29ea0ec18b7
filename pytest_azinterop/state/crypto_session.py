"""Crypto sessions: what a router says about a peer as a whole, its IKE SAs and the flows that they protect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class SessionIkeSa:
    """An IKE SA of a session; two stand beside each other while one replaces the other.

    `version` is 1 or 2, None where the release does not say. `remaining` is the life time left (0 of an SA that is
    not up), None in the short form; `capabilities` are the legend's letters, empty for `(none)`, None in the short
    form.
    """

    version: int | None
    local_address: IPv4Address | IPv6Address
    local_port: int
    remote_address: IPv4Address | IPv6Address
    remote_port: int
    status: str
    session_id: int | None = None
    capabilities: str | None = None
    connection_id: int | None = None
    remaining: timedelta | None = None

    @property
    def is_active(self) -> bool:
        """The IKE SA is up."""
        return self.status == "Active"


@dataclass(frozen=True, slots=True)
class FlowDirection:
    """Packets and drops of a flow in one direction, cumulative.

    `remaining_kilobytes` is None where the rekey by volume is off; `remaining_seconds` is 0 without an SA.
    """

    packets: int
    drops: int
    remaining_kilobytes: int | None
    remaining_seconds: int


@dataclass(frozen=True, slots=True)
class SessionFlow:
    """A protected flow. `selector` as printed, such as `permit ip 0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0`.

    `active_sas` counts inbound and outbound SAs together: 2 in the steady state, 4 during a rekey. The directions are
    None in the short form.
    """

    selector: str
    active_sas: int
    origin: str
    inbound: FlowDirection | None = None
    outbound: FlowDirection | None = None


@dataclass(frozen=True, slots=True)
class CryptoSession:
    """One peer below one interface.

    `status` as printed: `UP-ACTIVE` (IKE and IPsec SAs), `UP-IDLE` (IKE only), `UP-NO-IKE` (IPsec only), `DOWN`,
    `DOWN-NEGOTIATING`. `uptime` is None where none is printed: the session is not up. Names are None for `(none)`.
    """

    interface: str
    status: str
    peer: IPv4Address | IPv6Address
    port: int
    profile: str | None = None
    uptime: timedelta | None = None
    front_vrf: str | None = None
    inner_vrf: str | None = None
    phase1_id: str | None = None
    description: str | None = None
    ike_sas: tuple[SessionIkeSa, ...] = ()
    flows: tuple[SessionFlow, ...] = ()
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_active(self) -> bool:
        """IKE and IPsec SAs are there."""
        return self.status == "UP-ACTIVE"
