"""What a router tells about IKEv2 and IPsec: frozen records that a show command prints; see ``records``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True)
class IkeSa:
    """One IKEv2 SA, up or being negotiated.

    ``status``: ``READY``, ``IN-NEG``, ``DELETE``. Algorithms are None while nothing was agreed.
    """

    tunnel_id: int
    local: IPv4Address
    local_port: int
    remote: IPv4Address
    remote_port: int
    fvrf: str | None
    ivrf: str | None
    status: str
    encryption: str | None
    """``AES-CBC``, ``AES-GCM`` or ``3DES``."""
    key_size: int | None
    prf: str | None
    """``SHA1``, ``SHA256``, ``SHA384``, ``SHA512``, ``MD5``."""
    integrity: str | None
    """``SHA96``, ``SHA256``, …; ``None`` text is printed by IOS for GCM."""
    dh_group: int | None
    auth_sign: str | None
    """``PSK`` or ``RSA``."""
    auth_verify: str | None
    lifetime: int
    active_time: int
    initiator: bool
    local_spi: int
    remote_spi: int
    local_id: str | None
    remote_id: str | None
    local_message_id: int
    remote_message_id: int
    dpd_interval: int
    """Seconds; 0 when DPD is off."""
    nat_detected: bool
    """Behind NAT, this side or the other: ports are 4500."""
    nat_outside: bool
    fragmentation: bool
    profile: str | None
    children: tuple[int, ...] = ()
    """SPIs (inbound) of its child SAs."""


@dataclass(frozen=True, slots=True)
class IpsecSa:
    """One direction of a pair of child SAs."""

    spi: int
    inbound: bool
    transform: tuple[str, ...]
    """Words as IOS prints between braces, for example ``("esp-256-aes", "esp-sha-hmac")``."""
    mode: str
    """``Tunnel`` or ``Transport``; ``Tunnel UDP-Encaps`` behind NAT."""
    conn_id: int
    flow_id: str
    """For example ``ESG:21``."""
    crypto_map: str
    remaining_kb: int | None
    """None when volume lifetime is disabled."""
    remaining_seconds: int
    replay_window: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class IpsecCounters:
    """Counters of one identity pair."""

    encaps: int = 0
    encrypt: int = 0
    digest: int = 0
    decaps: int = 0
    decrypt: int = 0
    verify: int = 0
    send_errors: int = 0
    recv_errors: int = 0
    no_sa_send: int = 0
    invalid_sa: int = 0
    replay_failed: int = 0
    verify_failed: int = 0
    encap_failed: int = 0


@dataclass(frozen=True, slots=True)
class IpsecIdentity:
    """One block of ``show crypto ipsec sa``: a protected tunnel and its SAs, if any."""

    interface: str
    crypto_map: str
    """``Tunnel30-head-0``."""
    local_address: IPv4Address
    protected_vrf: str | None
    local_selector: IPv4Network
    remote_selector: IPv4Network
    peer: IPv4Address
    peer_port: int
    counters: IpsecCounters
    path_mtu: int
    ip_mtu: int
    ip_mtu_interface: str | None
    plaintext_mtu: int
    outbound_spi: int
    """0 without SA."""
    pfs: str | None
    """For example ``group14``; None is ``N``."""
    inbound: tuple[IpsecSa, ...]
    outbound: tuple[IpsecSa, ...]


@dataclass(frozen=True, slots=True)
class CryptoFlow:
    """One ``IPSEC FLOW`` of a session."""

    local: IPv4Network
    remote: IPv4Network
    active_sas: int
    origin: str
    """``crypto map``."""
    in_decrypted: int
    in_dropped: int
    in_life_kb: int | None
    in_life_seconds: int
    out_encrypted: int
    out_dropped: int
    out_life_kb: int | None
    out_life_seconds: int


@dataclass(frozen=True, slots=True)
class CryptoSession:
    """One block of ``show crypto session``.

    ``status``: ``UP-ACTIVE``, ``UP-IDLE``, ``UP-NO-IKE``, ``DOWN`` or ``DOWN-NEGOTIATING``.
    """

    interface: str
    profile: str | None
    uptime: float | None
    status: str
    peer: IPv4Address
    peer_port: int
    fvrf: str | None
    ivrf: str | None
    phase1_id: str | None
    description: str | None
    ike_sas: tuple[IkeSa, ...]
    flows: tuple[CryptoFlow, ...]


@dataclass(frozen=True, slots=True)
class Ikev2Proposal:
    """``show crypto ikev2 proposal``: names as configured."""

    name: str
    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    prf: tuple[str, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IpsecProfile:
    """``show crypto ipsec profile``."""

    name: str
    ikev2_profile: str | None
    transform_sets: tuple[str, ...]
    pfs: str | None
    lifetime_seconds: int
    lifetime_kb: int | None
    interfaces: tuple[str, ...] = ()
