"""Adjacencies besides BGP: OSPF neighbors and BFD sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class OspfNeighbor:
    """One row of `show ip ospf [PROCESS] neighbor`.

    `state` is the adjacency's (`FULL`, `2WAY`, `EXSTART`, …), `role` the neighbor's on the segment (`DR`, `BDR`,
    `DROTHER`), None where there is none to elect. `dead_in` is the time left until it counts as dead, None where `-`
    is printed (a demand circuit).
    """

    router_id: IPv4Address
    priority: int
    state: str
    role: str | None
    dead_in: timedelta | None
    address: IPv4Address
    interface: str
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_full(self) -> bool:
        """The databases agree."""
        return self.state == "FULL"


@dataclass(frozen=True, slots=True)
class BfdNeighbor:
    """One session of `show bfd neighbors [details]`.

    `state` and `remote_heard` are words as printed (`Up`, `Down`, `AdminDown`, `Init`); older releases print
    `remote_heard` as a number, 1 for `Up`. The rest is of the detailed form, None in the short one: intervals in
    microseconds, `up_for` or `down_for` by the state, `clients` the protocols that use the session. What was
    `received` is of the neighbor's last packet; `local_diagnostic` and `received_diagnostic` are RFC 5880's codes.
    `local_address` is None where the release does not print it.
    """

    neighbor: IPv4Address | IPv6Address
    local_address: IPv4Address | IPv6Address | None
    local_discriminator: int
    remote_discriminator: int
    remote_heard: str
    state: str
    interface: str
    echo_interval: int | None = None
    hardware: bool | None = None
    local_diagnostic: int | None = None
    minimum_transmit: int | None = None
    minimum_receive: int | None = None
    multiplier: int | None = None
    received_minimum_receive: int | None = None
    received_multiplier: int | None = None
    received_minimum_transmit: int | None = None
    received_diagnostic: int | None = None
    clients: tuple[str, ...] = ()
    template: str | None = None
    up_for: timedelta | None = None
    down_for: timedelta | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_up(self) -> bool:
        """Both ends hear each other."""
        return self.state == "Up"
