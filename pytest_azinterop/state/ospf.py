"""OSPF processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network

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


@dataclass(frozen=True, slots=True)
class ExternalLsa:
    """A network outside OSPF, as its originator tells it.

    `age` in seconds, 3600 while it is being withdrawn; `metric_type` 1 adds the way to its originator, 2 does not.
    `forward` None: traffic goes to the originator itself.
    """

    prefix: IPv4Network
    router: IPv4Address
    age: int
    metric: int
    metric_type: int
    tag: int
    forward: IPv4Address | None = None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class OspfDatabase:
    """What a process's link-state database has of outside, as far as was asked for (`self-originate`)."""

    process: int
    router_id: IPv4Address
    externals: tuple[ExternalLsa, ...]
    source: Source = field(compare=False, kw_only=True)
