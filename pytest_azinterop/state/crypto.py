"""IKEv2 and IPsec security associations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Ikev2Sa:
    """One block of `show crypto ikev2 sa detailed`.

    `status` as printed (`READY`, `IN-NEG`, `DELETE`, …). `encryption` with key size, as in `AES-CBC-256`, `AES-
    GCM-256`; algorithms are None where the
    negotiation has not settled them (the router prints `Unknown - 0`). `lifetime` and `active_for` in seconds. VRFs
    are None where `none` is printed.
    """

    tunnel_id: int
    local_address: IPv4Address | IPv6Address
    local_port: int
    remote_address: IPv4Address | IPv6Address
    remote_port: int
    front_vrf: str | None
    inner_vrf: str | None
    status: str
    encryption: str | None = None
    prf: str | None = None
    integrity: str | None = None
    dh_group: int | None = None
    sign_method: str | None = None
    verify_method: str | None = None
    lifetime: int | None = None
    active_for: int | None = None
    local_id: str | None = None
    remote_id: str | None = None
    local_spi: str | None = None
    remote_spi: str | None = None
    initiator: bool | None = None
    nat_detected: bool | None = None
    dpd_interval: int | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_ready(self) -> bool:
        """The IKE SA is negotiated and usable."""
        return self.status == "READY"


@dataclass(frozen=True, slots=True)
class EspSa:
    """One inbound or outbound ESP SA.

    `transform` as printed (`esp-256-aes esp-sha-hmac`); remaining lifetimes are None where disabled or not printed.
    """

    spi: int
    transform: str
    tunnel_mode: bool
    status: str
    remaining_kilobytes: int | None = None
    remaining_seconds: int | None = None
    replay_detection: bool | None = None


@dataclass(frozen=True, slots=True)
class IpsecCounters:
    """Cumulative per identity pair; a decrease means a reset or a wrap at 2**32."""

    encaps: int
    encrypt: int
    decaps: int
    decrypt: int
    digest: int | None = None
    verify: int | None = None
    send_errors: int = 0
    receive_errors: int = 0
    errors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class IpsecIdentity:
    """One identity pair (proxy) of `show crypto ipsec sa`, with its SAs. No SA pair: `inbound` and `outbound` are
    empty.

    `pfs_group` is None when PFS is off. `local_selector`/`remote_selector` are the traffic selectors.
    """

    interface: str
    crypto_map: str
    local_address: IPv4Address | IPv6Address
    protected_vrf: str | None
    local_selector: IPv4Network | IPv6Network
    remote_selector: IPv4Network | IPv6Network
    protocol: int
    peer: IPv4Address | IPv6Address
    peer_port: int
    counters: IpsecCounters
    current_outbound_spi: int
    pfs: bool
    pfs_group: int | None
    inbound: tuple[EspSa, ...]
    outbound: tuple[EspSa, ...]
    path_mtu: int | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)
