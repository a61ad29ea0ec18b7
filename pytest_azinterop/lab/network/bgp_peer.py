"""One side of a BGP session: its state, what it received and what it sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.network.bgp_records import Messages

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import FamilyKey, NeighborSettings
    from pytest_azinterop.lab.network.bfd import BfdSession
    from pytest_azinterop.lab.network.dampening import Flap
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.routes import Attributes, Path

DEFAULT_HOLD, DEFAULT_KEEPALIVE = 180, 60


@dataclass(slots=True)
class Peer:
    """State of one configured neighbor. Times are UTC epoch seconds."""

    node: Node
    vrf: str | None
    settings: NeighborSettings
    local_as: int
    state: str = "Idle"
    since: float | None = None
    """When the session last came up or went down; None before the first time."""
    established_at: float | None = None
    remote: Peer | None = None
    local_address: IpAddress | None = None
    interface: str | None = None
    """The connected interface that the session uses, for a single-hop neighbor."""
    active_side: bool = False
    established_count: int = 0
    dropped_count: int = 0
    reset_at: float | None = None
    reset_reason: str | None = None
    sent_messages: Counter[str] = field(default_factory=Counter)
    received_messages: Counter[str] = field(default_factory=Counter)
    adj_in: dict[IpNetwork, tuple[Attributes, float]] = field(default_factory=dict)
    """As received, before policy, and when."""
    accepted: dict[IpNetwork, Path | None] = field(default_factory=dict)
    """After the inbound policy of the time when it was last applied; None is denied."""
    denied_reason: dict[IpNetwork, str] = field(default_factory=dict)
    sent: dict[IpNetwork, tuple[object, Attributes | None]] = field(default_factory=dict)
    """What the decision was and what went out for it under the outbound policy of that time."""
    denied_out: dict[IpNetwork, str] = field(default_factory=dict)
    withdraws_sent: int = 0
    withdraws_received: int = 0
    hold: int = DEFAULT_HOLD
    keepalive: int = DEFAULT_KEEPALIVE
    unheard_since: float | None = None
    """When packets from the neighbor stopped arriving; None while they do."""
    ready_at: float | None = None
    """When the session will come up, if its conditions still hold."""
    refresh_out_at: float | None = None
    out_policy: object = None
    advertised_on: object = None
    """What the last advertisement was based on: while it stands, there is nothing to send."""
    prefix_limit: bool = False
    warned: bool = False
    changed: bool = False
    """Something was received or lost since the last decision."""
    restarts: bool = False
    """Graceful restart was agreed when the session came up."""
    stale_until: float | None = None
    """While the session is down: how long the routes of the neighbor are used all the same."""
    bfd: BfdSession | None = None
    flaps: dict[IpNetwork, Flap] = field(default_factory=dict)
    """Routes that have come and gone, where the router dampens."""

    @property
    def key(self) -> FamilyKey:
        """The family that the neighbor belongs to."""
        return self.vrf, self.settings.address.version

    @property
    def confederate(self) -> bool:
        """True towards another member of the confederation."""
        bgp = self.node.settings.bgp
        return bgp is not None and bgp.confederation is not None and self.settings.remote_as in bgp.confederates

    @property
    def internal(self) -> bool:
        """True for iBGP. To a VPN gateway whatever is at the other end of a tunnel is external."""
        return self.settings.remote_as == self.local_as and not self.node.is_gateway

    @property
    def up(self) -> bool:
        """Established."""
        return self.established_at is not None

    def offers_restart(self) -> bool:
        """Graceful restart in our OPEN."""
        bgp = self.node.settings.bgp
        if not self.node.is_router or bgp is None:
            return self.node.graceful_restart
        own = self.settings.graceful_restart
        return bgp.graceful_restart if own is None else own

    def restart_times(self) -> tuple[int, int]:
        """Seconds until this side is back, and those that it keeps the other's routes at most."""
        bgp = self.node.settings.bgp
        return (120, 360) if bgp is None else (bgp.restart_time, bgp.stalepath_time)

    def keep_stale(self, now: float, remote: Peer | None) -> None:
        """Go on using the neighbor's routes until it should be back (RFC 4724, 4.2)."""
        back = self.restart_times()[0] if remote is None else remote.restart_times()[0]
        self.stale_until = now + min(self.restart_times()[1], back)
        for prefix, path in self.accepted.items():
            if path is not None:
                self.accepted[prefix] = replace(path, stale=True)

    def forget_stale(self) -> None:
        """The neighbor is back and tells its routes anew, or it has stayed away too long."""
        self.stale_until = None
        self.accepted.clear()
        self.denied_reason.clear()

    def offered_hold(self) -> int:
        """The hold time in our OPEN."""
        return DEFAULT_HOLD if self.settings.hold is None else self.settings.hold

    def offered_keepalive(self) -> int:
        """The keepalive interval before negotiation."""
        return DEFAULT_KEEPALIVE if self.settings.keepalive is None else self.settings.keepalive

    def hold_expires(self) -> float | None:
        """When the hold timer runs out; None while packets arrive or without a hold time."""
        if self.unheard_since is None or not self.hold or self.established_at is None:
            return None
        return self.last_heard(self.unheard_since) + self.hold

    def last_heard(self, now: float) -> float:
        """When the last message arrived, at or before ``now``."""
        until = now if self.unheard_since is None else min(now, self.unheard_since)
        start = self.established_at or until
        if not self.keepalive:
            return start
        return start + (until - start) // self.keepalive * self.keepalive

    def keepalives(self, now: float) -> tuple[int, int]:
        """Keepalives (sent, received) in the present session."""
        if self.established_at is None or not self.keepalive:
            return 0, 0
        heard = now if self.unheard_since is None else min(now, self.unheard_since)
        return (
            int((now - self.established_at) // self.keepalive) + 1,
            int((heard - self.established_at) // self.keepalive) + 1,
        )

    def messages(self, now: float) -> tuple[Messages, Messages]:
        """Counters (sent, received)."""
        out, into = self.keepalives(now)
        return _messages(self.sent_messages, out), _messages(self.received_messages, into)

    def name(self) -> str:
        """As IOS's log names it."""
        vrf = "" if self.vrf is None else f" vpn vrf {self.vrf}"
        return f"{text(self.settings.address)}{vrf}"


def _messages(counts: Counter[str], keepalives: int) -> Messages:
    return Messages(
        opens=counts["opens"],
        notifications=counts["notifications"],
        updates=counts["updates"],
        keepalives=counts["keepalives"] + keepalives,
        route_refresh=counts["refresh"],
    )
