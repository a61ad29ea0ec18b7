"""OSPF processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Redistribution:
    """What one protocol gives: `bgp` with its AS as `instance`, `static` with none. `metric` None: OSPF's default.

    Without `subnets`, only networks of a classful mask are taken.
    """

    protocol: str
    instance: str | None
    subnets: bool
    metric: int | None = None


@dataclass(frozen=True, slots=True)
class OspfProcess:
    """One process of `show ip ospf`.

    `vrf` is None for the global table, and where the release does not print it (as with `capability vrf-lite`).
    `border` says that it brings routes from outside, which a default route alone makes of it too.
    """

    number: int
    router_id: IPv4Address
    vrf: str | None
    shutdown: bool
    border: bool
    redistributed: tuple[Redistribution, ...]
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)
