"""Which SSH algorithms are offered to a router.

The old ones sign and agree with SHA-1 or with groups and ciphers that are no longer thought safe. IOS and IOS-XE before
about 17.3 know no others for the host key (`ssh-rsa`) or the key exchange (`diffie-hellman-group14-sha1`). They are
offered only where the inventory says so, and then last.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Any, ClassVar

import paramiko
from cryptography.hazmat.primitives import hashes
from paramiko.kex_gex import KexGexSHA256
from paramiko.kex_group14 import KexGroup14SHA256

WEAK_CIPHERS = ("3des-cbc",)
WEAK_MACS = ("hmac-md5", "hmac-md5-96", "hmac-sha1-96")
# What a key in a known_hosts file can sign with, by the type of the key.
SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
# RFC 2409, section 6.2 (the second Oakley group).
_GROUP1 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)


class _Group14Sha1(KexGroup14SHA256):
    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1


class _Group1Sha1(KexGroup14SHA256):
    name = "diffie-hellman-group1-sha1"
    hash_algo = sha1
    P = _GROUP1


class _GroupExchangeSha1(KexGexSHA256):
    name = "diffie-hellman-group-exchange-sha1"
    hash_algo = sha1


class _RsaSha1(paramiko.RSAKey):
    HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": hashes.SHA1}  # type: ignore[misc]


_EXCHANGES = (_GroupExchangeSha1, _Group14Sha1, _Group1Sha1)
_OLD_EXCHANGES = tuple(kind.name for kind in _EXCHANGES)
_OLD_SIGNATURES = ("ssh-rsa", "ssh-dss")
_ALL: Any = paramiko.Transport


def _without(names: tuple[str, ...], old: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in old)


_KEX = _without(_ALL._preferred_kex, _OLD_EXCHANGES)  # noqa: SLF001
_KEYS = _without(_ALL._preferred_keys, _OLD_SIGNATURES)  # noqa: SLF001
# What authenticates as it decrypts comes first: paramiko compares each other message's code byte by byte in Python.
_CIPHERS = tuple(
    sorted(_without(_ALL._preferred_ciphers, WEAK_CIPHERS), key=lambda name: "gcm" not in name)  # noqa: SLF001
)
_MACS = _without(_ALL._preferred_macs, WEAK_MACS)  # noqa: SLF001


class ModernAlgorithms:
    """What is offered by default. Mixed into a paramiko transport, whose attributes these are."""

    _preferred_kex = _KEX
    _preferred_keys = _KEYS
    _preferred_ciphers = _CIPHERS
    _preferred_macs = _MACS


class LegacyAlgorithms:
    """What is offered where the inventory allows the old ones: they come last."""

    _preferred_kex = (*_KEX, *_OLD_EXCHANGES)
    _preferred_keys = (*_KEYS, "ssh-rsa")
    _preferred_ciphers = (*_CIPHERS, *WEAK_CIPHERS)
    _preferred_macs = (*_MACS, *WEAK_MACS)
    _kex_info: ClassVar[dict[str, Any]] = {
        **_ALL._kex_info,  # noqa: SLF001
        **{kind.name: kind for kind in _EXCHANGES},
    }
    _key_info: ClassVar[dict[str, Any]] = {**_ALL._key_info, "ssh-rsa": _RsaSha1}  # noqa: SLF001
