"""The running-configuration: a tree of lines, the proof that it is whole, and its sections that the judgements need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.state.crypto_config import CryptoConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class ConfigLine:
    """A line without its indentation, and the lines below it. `number` counts from 1 in the answer."""

    text: str
    number: int
    children: tuple[ConfigLine, ...] = ()

    def walk(self) -> Iterator[ConfigLine]:
        """This line and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class VrfConfig:
    """`vrf definition NAME` or `ip vrf NAME`. `legacy` is True for the latter."""

    name: str
    route_distinguisher: str | None
    legacy: bool
    line: ConfigLine


@dataclass(frozen=True, slots=True)
class InterfaceConfig:
    """An interface's section. Names are as configured; `policy_route_map` is `ip policy route-map`."""

    name: str
    vrf: str | None
    address: IPv4Interface | None
    outer_vlan: int | None
    inner_vlan: int | None
    shutdown: bool
    description: str | None
    tunnel_source: str | None
    tunnel_destination: str | None
    tunnel_mode: str | None
    tunnel_vrf: str | None
    protection_profile: str | None
    policy_route_map: str | None
    line: ConfigLine


@dataclass(frozen=True, slots=True)
class NeighborConfig:
    """A neighbor inside one address family (peer-group and template settings merged in where they are in the text)."""

    vrf: str | None
    address: IPv4Address | IPv6Address
    remote_as: int | None
    shutdown: bool
    activated: bool
    update_source: str | None
    ebgp_multihop: int | None
    route_map_in: str | None
    route_map_out: str | None
    prefix_list_in: str | None
    prefix_list_out: str | None
    weight: int | None
    soft_reconfiguration_inbound: bool
    keepalive: int | None
    hold_time: int | None
    lines: tuple[ConfigLine, ...]


@dataclass(frozen=True, slots=True)
class BgpConfig:
    """`router bgp`. `default_local_preference` is None where the line is absent: 100 applies."""

    asn: int
    default_local_preference: int | None
    neighbors: tuple[NeighborConfig, ...]
    networks: tuple[tuple[str | None, IPv4Network | IPv6Network], ...]
    line: ConfigLine


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """`ip route [vrf X] PREFIX …`. `next_hop` and `interface` as configured; `distance` 1 unless given.

    `track` is the tracked object that must be up; `global_next_hop` says that the next hop is looked up in the global
    table.
    """

    vrf: str | None
    prefix: IPv4Network
    next_hop: IPv4Address | None
    interface: str | None
    distance: int
    line: ConfigLine
    name: str | None = None
    tag: int | None = None
    track: int | None = None
    permanent: bool = False
    global_next_hop: bool = False


@dataclass(frozen=True, slots=True)
class RunningConfig:
    """The running-configuration as one answer showed it.

    `whole` is True only if the start marker and `end` were seen in one unbroken text; it says nothing about
    privilege, which the judgement
    must add (`hidden` is True when the account's view is known to leave lines out). Absence of a line means something
    only in a whole, unhidden configuration.
    """

    hostname: str | None
    lines: tuple[ConfigLine, ...]
    whole: bool
    hidden: bool
    vrfs: tuple[VrfConfig, ...]
    interfaces: tuple[InterfaceConfig, ...]
    bgp: BgpConfig | None
    static_routes: tuple[StaticRoute, ...]
    crypto: CryptoConfig = field(default_factory=CryptoConfig)
    source: Source = field(compare=False, kw_only=True)
    _by_words: dict[tuple[str, ...], list[ConfigLine]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def starting_with(self, words: str) -> tuple[ConfigLine, ...]:
        """Top-level lines that begin with these words."""
        if not self._by_words:  # hundreds of interfaces, neighbors and VRFs are looked up by name
            for line in self.lines:
                first, second = (*line.text.split(" ", 2), "", "")[:2]
                for key in ((first,), (first, second)):
                    self._by_words.setdefault(key, []).append(line)
        found = self._by_words.get(tuple(words.split(" ", 2)[:2]), ())
        return tuple(line for line in found if line.text == words or line.text.startswith(words + " "))

    def where(self, *lines: ConfigLine) -> Source:
        """The source narrowed to these lines and what stands below and between them; all of it where there are none."""
        numbers = [each.number for line in lines for each in line.walk()]
        return self.source.at(min(numbers), max(numbers)) if numbers else self.source
