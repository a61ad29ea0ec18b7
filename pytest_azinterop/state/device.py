"""The router itself: identity, clock, interfaces, VRFs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """`show version`. `serial` is the chassis's (processor board ID); `release` as printed, such as 17.09.04a."""

    hostname: str
    release: str
    model: str
    serial: str
    uptime: timedelta
    image: str | None = None
    last_reload_reason: str | None = None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """`show clock`. `time` is UTC where the zone is UTC or GMT, else naive local time with the printed `zone`.

    `quality`: IOS-XE prints `*` before a clock that was never set from a good source ("not authoritative") and `.`
    before one that
    was but has lost it ("not synchronised").
    """

    time: datetime
    zone: str
    quality: Literal["synchronised", "not synchronised", "not authoritative"]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class InterfaceCounters:
    """Cumulative since the last clearing; a QinQ sub-interface prints none."""

    input_packets: int
    input_bytes: int
    output_packets: int
    output_bytes: int
    input_errors: int | None = None
    output_errors: int | None = None
    output_drops: int | None = None


@dataclass(frozen=True, slots=True)
class TunnelParameters:
    """The tunnel lines of `show interfaces TunnelN`.

    `source_address` is the resolved address of `source_interface`. `protocol` as printed: `IPSEC/IP`, `GRE/IP`, …
    `protection_profile` is None when no `tunnel protection` is active. `transport_mtu` is the largest packet in bytes
    that fits the transport with what the tunnel adds, None where it is not printed.
    """

    source_interface: str | None
    source_address: IPv4Address | None
    destination: IPv4Address | None
    protocol: str
    protection_profile: str | None = None
    path_vrf: str | None = None
    transport_mtu: int | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """One block of `show interfaces`.

    `admin` is "up" or "administratively down"; `line` the line protocol. `outer_vlan`/`inner_vlan` are None where the
    interface has no such tag;
    a single-tagged sub-interface has only `outer_vlan`. `mtu` in bytes, `bandwidth` in kbit/s.
    `borrowed` is the address of an unnumbered interface, which has no mask there, `lender` the interface that has it.
    """

    name: str
    status: str
    line_protocol: str
    description: str | None
    address: IPv4Interface | None
    mtu: int
    bandwidth: int | None
    mac: str | None = None
    encapsulation: str | None = None
    outer_vlan: int | None = None
    inner_vlan: int | None = None
    ipv6_addresses: tuple[IPv6Interface, ...] = ()
    tunnel: TunnelParameters | None = None
    counters: InterfaceCounters | None = None
    borrowed: IPv4Address | None = None
    lender: str | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_up(self) -> bool:
        """Both the interface and its line protocol are up."""
        return self.status == "up" and self.line_protocol == "up"

    @property
    def is_shut(self) -> bool:
        """Shut by configuration."""
        return self.status == "administratively down"


@dataclass(frozen=True, slots=True)
class Vrf:
    """One VRF of `show vrf`.

    `route_distinguisher` is None where IOS-XE prints `<not set>`; interface names are long forms.
    """

    name: str
    route_distinguisher: str | None
    interfaces: tuple[str, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Privilege:
    """`show privilege`: the level of this session. Below 15 the configuration may be shown in part."""

    level: int
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ArpEntry:
    """One row of `show ip arp`.

    `mac` is None for an incomplete entry (asked, not answered). `age` in minutes, None where `-` is printed: the
    router's own address or a static entry.
    """

    vrf: str | None
    address: IPv4Address
    mac: str | None
    age: int | None
    kind: str
    interface: str | None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Ipv6Neighbor:
    """One row of `show ipv6 neighbors`.

    `mac` is None while it is unresolved. `age` in minutes, None where `-` is printed: a static entry. `state` as
    printed: `REACH`, `STALE`, `DELAY` and `PROBE` have answered, `INCMP` has not.
    """

    vrf: str | None
    address: IPv6Address
    mac: str | None
    age: int | None
    state: str
    interface: str
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class SubinterfaceTraffic:
    """Traffic of one VLAN tag or pair of tags, from `show vlans` (which names the interface) or `show vlans dot1q`.

    Cumulative counters; bytes are None where the release does not print them. `inner_vlan` is None for a single tag.
    """

    outer_vlan: int
    inner_vlan: int | None
    interface: str | None
    input_packets: int
    output_packets: int
    input_bytes: int | None = None
    output_bytes: int | None = None
    source: Source = field(compare=False, kw_only=True)
