"""The configured chain from a tunnel's protection to its peer, without any key material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True)
class Ikev2Proposal:
    """`crypto ikev2 proposal NAME`: algorithms in order of preference, as configured (`aes-cbc-256`, `sha256`, 14)."""

    name: str
    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    prf: tuple[str, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ikev2Policy:
    """`crypto ikev2 policy NAME`. `front_vrf` is `any`, a VRF, or None: the global one. No `local_addresses`: all."""

    name: str
    proposals: tuple[str, ...]
    local_addresses: tuple[str, ...]
    front_vrf: str | None
    other_matches: tuple[str, ...] = ()
    """Further `match` clauses, as configured."""


@dataclass(frozen=True, slots=True)
class KeyringPeer:
    """A peer of a keyring: whether it has a key for each direction, never the key.

    `identities` are the words after `identity` and `hostname`, by which a peer is found as well as by its address.
    """

    name: str
    address: str | None
    mask: str | None
    has_local_key: bool
    has_remote_key: bool
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ikev2Keyring:
    """`crypto ikev2 keyring NAME`."""

    name: str
    peers: tuple[KeyringPeer, ...]


@dataclass(frozen=True, slots=True)
class Ikev2Profile:
    """`crypto ikev2 profile NAME`. Identities are the words as configured (`address 192.0.2.1 255.255.255.255`).

    `lifetime` in seconds, None: the default (86400) applies. `dpd_interval` in seconds, None: off unless global.
    """

    name: str
    remote_identities: tuple[str, ...]
    local_identity: str | None
    local_authentication: str | None
    remote_authentication: tuple[str, ...]
    keyring: str | None
    front_vrf: str | None
    inner_vrf: str | None
    lifetime: int | None
    dpd_interval: int | None


@dataclass(frozen=True, slots=True)
class TransformSet:
    """`crypto ipsec transform-set NAME …`: the transforms as configured (`esp-aes 256`); `tunnel` or `transport`."""

    name: str
    transforms: tuple[str, ...]
    mode: str


@dataclass(frozen=True, slots=True)
class IpsecProfile:
    """`crypto ipsec profile NAME`. Lifetimes None: the global or built-in default; `kilobytes` 0: disabled.

    `pfs_group` as configured (`group14`), None when PFS is off. `responder_only`: it begins no negotiation or rekey.
    """

    name: str
    transform_sets: tuple[str, ...]
    ikev2_profile: str | None
    isakmp_profile: str | None
    pfs_group: str | None
    lifetime_seconds: int | None
    lifetime_kilobytes: int | None
    responder_only: bool = False


@dataclass(frozen=True, slots=True)
class CryptoConfig:
    """Every IKEv2 and IPsec object of a configuration."""

    proposals: tuple[Ikev2Proposal, ...] = ()
    policies: tuple[Ikev2Policy, ...] = ()
    keyrings: tuple[Ikev2Keyring, ...] = ()
    profiles: tuple[Ikev2Profile, ...] = ()
    transform_sets: tuple[TransformSet, ...] = ()
    ipsec_profiles: tuple[IpsecProfile, ...] = ()

    def ipsec_profile(self, name: str) -> IpsecProfile | None:
        """The IPsec profile that a `tunnel protection` names; None: undefined."""
        return next((profile for profile in self.ipsec_profiles if profile.name == name), None)

    def ikev2_profile(self, name: str) -> Ikev2Profile | None:
        """The IKEv2 profile that an IPsec profile names; None: undefined."""
        return next((profile for profile in self.profiles if profile.name == name), None)

    def keyring(self, name: str) -> Ikev2Keyring | None:
        """The keyring that an IKEv2 profile names; None: undefined."""
        return next((keyring for keyring in self.keyrings if keyring.name == name), None)

    def peer_key(self, keyring: str, peer: IPv4Address | IPv6Address) -> KeyringPeer | None:
        """The entry of a keyring whose address is exactly the peer's; None: no such entry."""
        found = self.keyring(keyring)
        if found is None:
            return None
        return next((entry for entry in found.peers if entry.address == str(peer)), None)
