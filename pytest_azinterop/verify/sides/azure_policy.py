"""What an Azure VPN connection offers and accepts, in the router's own terms.

With a custom policy exactly its one combination, in both roles; without one Azure's defaults. Sources:
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-devices (default proposals and lifetimes) and
https://learn.microsoft.com/azure/vpn-gateway/ipsec-ike-policy-howto (names and groups).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.ike_cause import algorithm
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.state.azure_connection import Connection, IpsecPolicy

IKE_LIFETIME: Final = 28800  # seconds, with and without a custom policy
_IKE_CIPHERS: Final = {
    "DES": "des",
    "DES3": "3des",
    "AES128": "aescbc128",
    "AES192": "aescbc192",
    "AES256": "aescbc256",
    "GCMAES128": "aesgcm128",
    "GCMAES256": "aesgcm256",
}
_HASHES: Final = {"MD5": "md596", "SHA1": "sha96", "SHA256": "sha256", "SHA384": "sha384"}
_COMBINED: Final = ("GCMAES128", "GCMAES192", "GCMAES256")
_GROUPS: Final[Mapping[str, int | None]] = {
    "None": None,
    "DHGroup1": 1,
    "DHGroup2": 2,
    "DHGroup14": 14,
    "DHGroup2048": 14,
    "DHGroup24": 24,
    "ECP256": 19,
    "ECP384": 20,
    "PFS1": 1,
    "PFS2": 2,
    "PFS14": 14,
    "PFS2048": 14,
    "PFS24": 24,
}
_ESP_CIPHERS: Final = {
    "None": "null",
    "DES": "des",
    "DES3": "3des",
    "AES128": "aes128",
    "AES192": "aes192",
    "AES256": "aes256",
    "GCMAES128": "gcm128",
    "GCMAES192": "gcm192",
    "GCMAES256": "gcm256",
}


@dataclass(frozen=True, slots=True)
class IkeSuite:
    """One combination for the IKE SA. `integrity` None: the cipher has its own (RFC 5282)."""

    encryption: str
    integrity: str | None
    group: int | None

    def __str__(self) -> str:
        return "/".join(map(str, filter(None, (self.encryption, self.integrity, f"group {self.group}"))))


@dataclass(frozen=True, slots=True)
class EspSuite:
    """One combination for the IPsec SAs. `integrity` None: the cipher has its own (RFC 4106)."""

    encryption: str
    integrity: str | None

    def __str__(self) -> str:
        return "/".join(filter(None, (self.encryption, self.integrity)))


@dataclass(frozen=True, slots=True)
class AzurePolicy:
    """What the gateway takes, and what it proposes itself.

    `pfs_proposed` is what it asks for when it begins a rekey, `pfs_accepted` what it takes when the router begins.
    None among them: no PFS. `kilobytes` 0: not bounded by volume.
    """

    custom: bool
    ike: tuple[IkeSuite, ...]
    esp: tuple[EspSuite, ...]
    pfs_proposed: frozenset[int | None]
    pfs_accepted: frozenset[int | None]
    seconds: int
    kilobytes: int

    @property
    def words(self) -> str:
        """For messages."""
        return "its policy" if self.custom else "Azure's defaults"


DEFAULT: Final = AzurePolicy(
    custom=False,
    ike=tuple(
        IkeSuite(cipher, digest, 2) for cipher in ("aescbc256", "aescbc128", "3des") for digest in ("sha96", "sha256")
    ),
    esp=(
        EspSuite("gcm256", None),
        EspSuite("aes256", "sha96"),
        EspSuite("3des", "sha96"),
        EspSuite("aes256", "sha256"),
        EspSuite("aes128", "sha96"),
        EspSuite("3des", "sha256"),
    ),
    pfs_proposed=frozenset({None}),
    pfs_accepted=frozenset({None, 1, 2, 14, 24}),
    seconds=27000,
    kilobytes=102_400_000,
)


def policy_of(connection: Connection) -> AzurePolicy:
    """The connection's policy. Raises UndeterminedError where Azure does not tell it, or in words that are unknown."""
    policies = connection.ipsec_policies
    if policies is None:
        evidence.undetermined(f"the IPsec policy of {connection.name} is not told", "not-understood", connection.source)
    if not policies:
        return DEFAULT
    every = [_custom(each, connection) for each in policies]
    return AzurePolicy(
        custom=True,
        ike=tuple(suite for each in every for suite in each.ike),
        esp=tuple(suite for each in every for suite in each.esp),
        pfs_proposed=frozenset().union(*(each.pfs_proposed for each in every)),
        pfs_accepted=frozenset().union(*(each.pfs_accepted for each in every)),
        seconds=min(each.seconds for each in every),
        kilobytes=min(each.kilobytes for each in every),
    )


def _custom(policy: IpsecPolicy, connection: Connection) -> AzurePolicy:
    def known(words: Mapping[str, str], name: str) -> str:
        if name not in words:
            evidence.undetermined(
                f"{connection.name} names {clean(name)}, which is not known", "not-understood", connection.source
            )
        return words[name]

    def group(name: str) -> int | None:
        if name not in _GROUPS:
            evidence.undetermined(
                f"{connection.name} names {clean(name)}, which is not known", "not-understood", connection.source
            )
        return _GROUPS[name]

    dh = group(policy.dh_group)
    pfs = frozenset({dh if policy.pfs_group == "PFSMM" else group(policy.pfs_group)})
    combined = policy.ike_encryption in _COMBINED
    esp_combined = policy.ipsec_encryption in _COMBINED
    return AzurePolicy(
        custom=True,
        ike=(
            IkeSuite(
                known(_IKE_CIPHERS, policy.ike_encryption),
                None if combined else known(_HASHES, policy.ike_integrity),
                dh,
            ),
        ),
        esp=(
            EspSuite(
                known(_ESP_CIPHERS, policy.ipsec_encryption),
                None if esp_combined else known(_HASHES, policy.ipsec_integrity),
            ),
        ),
        pfs_proposed=pfs,
        pfs_accepted=pfs,
        seconds=policy.lifetime_seconds,
        kilobytes=policy.lifetime_kilobytes,
    )


def ike_cipher(name: str) -> str:
    """A router's IKE algorithm in the same words (`aes-cbc-256` and `AES-CBC-256` alike)."""
    return algorithm(name)


def esp_suite(transforms: tuple[str, ...] | str) -> EspSuite | None:
    """A router's transform as configured (`esp-aes 256`, `esp-sha256-hmac`) or as printed (`esp-256-aes
    esp-sha256-hmac`); None where a word is unknown."""
    words = (transforms if isinstance(transforms, str) else " ".join(transforms)).replace(",", " ").lower().split()
    cipher: str | None = None
    digest: str | None = None
    for index, word in enumerate(words):
        size = words[index + 1] if index + 1 < len(words) and words[index + 1].isdigit() else None
        if word.isdigit():
            continue
        if word in ("esp-aes", "esp-gcm"):
            cipher = f"{word.removeprefix('esp-')}{size or 128}"
        elif word in ("esp-128-aes", "esp-192-aes", "esp-256-aes"):
            cipher = f"aes{word.split('-')[1]}"
        elif word in ("esp-128-gcm", "esp-192-gcm", "esp-256-gcm"):
            cipher = f"gcm{word.split('-')[1]}"
        elif word in ("esp-3des", "esp-des", "esp-null"):
            cipher = word.removeprefix("esp-")
        elif word.endswith("-hmac"):
            digest = algorithm(word.removeprefix("esp-").removesuffix("-hmac"))
        else:
            return None
    return EspSuite(cipher, digest) if cipher is not None else None
