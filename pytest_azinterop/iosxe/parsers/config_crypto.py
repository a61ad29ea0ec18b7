"""The IKEv2 and IPsec objects of a configuration. Key material is not read, only whether it is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.state.crypto_config import (
    CryptoConfig,
    Ikev2Keyring,
    Ikev2Policy,
    Ikev2Profile,
    Ikev2Proposal,
    IpsecProfile,
    KeyringPeer,
    TransformSet,
)

if TYPE_CHECKING:
    from pytest_azinterop.state.config import ConfigLine

_TRANSFORM = re.compile(r"(?:esp|ah|comp)-\S+(?: (?:128|192|256))?")


def crypto(lines: tuple[ConfigLine, ...]) -> CryptoConfig:
    """Every object that the top-level lines define."""

    lines = tuple(line for line in lines if line.text.startswith("crypto "))

    def named(prefix: str) -> list[tuple[str, ConfigLine]]:
        found = (line for line in lines if line.text.startswith(prefix + " "))
        return [(line.text.split()[len(prefix.split())], line) for line in found]

    return CryptoConfig(
        proposals=tuple(_proposal(name, line) for name, line in named("crypto ikev2 proposal")),
        policies=tuple(_policy(name, line) for name, line in named("crypto ikev2 policy")),
        keyrings=tuple(
            Ikev2Keyring(name, tuple(_peer(child) for child in line.children if child.text.startswith("peer ")))
            for name, line in named("crypto ikev2 keyring")
        ),
        profiles=tuple(_profile(name, line) for name, line in named("crypto ikev2 profile")),
        transform_sets=tuple(_transform_set(name, line) for name, line in named("crypto ipsec transform-set")),
        ipsec_profiles=tuple(_ipsec_profile(name, line) for name, line in named("crypto ipsec profile")),
    )


def _after(line: ConfigLine, words: str) -> tuple[str, ...]:
    """What follows these words, for every child that begins with them."""
    return tuple(child.text[len(words) + 1 :] for child in line.children if child.text.startswith(words + " "))


def _first(line: ConfigLine, words: str) -> str | None:
    return next(iter(_after(line, words)), None)


def _number(text: str | None) -> int | None:
    return int(text.split()[0]) if text and text.split()[0].isdigit() else None


def _proposal(name: str, line: ConfigLine) -> Ikev2Proposal:
    return Ikev2Proposal(
        name,
        encryption=tuple((_first(line, "encryption") or "").split()),
        integrity=tuple((_first(line, "integrity") or "").split()),
        prf=tuple((_first(line, "prf") or "").split()),
        groups=tuple(int(group) for group in (_first(line, "group") or "").split() if group.isdigit()),
    )


def _policy(name: str, line: ConfigLine) -> Ikev2Policy:
    return Ikev2Policy(
        name,
        proposals=_after(line, "proposal"),
        local_addresses=_after(line, "match address local"),
        front_vrf=_first(line, "match fvrf"),
        other_matches=tuple(
            child.text
            for child in line.children
            if child.text.startswith("match ") and not child.text.startswith(("match fvrf ", "match address local "))
        ),
    )


def _peer(line: ConfigLine) -> KeyringPeer:
    address = (_first(line, "address") or "").split()
    keys = _after(line, "pre-shared-key")
    return KeyringPeer(
        name=line.text.split()[1],
        address=address[0] if address else None,
        mask=address[1] if len(address) > 1 else None,
        has_local_key=any(not key.startswith("remote ") for key in keys),
        has_remote_key=any(not key.startswith("local ") for key in keys),
        identities=(*_after(line, "identity"), *(f"hostname {name}" for name in _after(line, "hostname"))),
    )


def _profile(name: str, line: ConfigLine) -> Ikev2Profile:
    return Ikev2Profile(
        name,
        remote_identities=_after(line, "match identity remote"),
        local_identity=_first(line, "identity local"),
        local_authentication=(_first(line, "authentication local") or "").partition(" ")[0] or None,
        remote_authentication=tuple(text.partition(" ")[0] for text in _after(line, "authentication remote")),
        keyring=_first(line, "keyring local") or _first(line, "keyring aaa"),
        front_vrf=_first(line, "match fvrf"),
        inner_vrf=_first(line, "ivrf"),
        lifetime=_number(_first(line, "lifetime")),
        dpd_interval=_number(_first(line, "dpd")),
    )


def _transform_set(name: str, line: ConfigLine) -> TransformSet:
    mode = (_first(line, "mode") or "tunnel").split()[0]
    return TransformSet(name, tuple(_TRANSFORM.findall(line.text.split(name, 1)[1])), mode)


def _ipsec_profile(name: str, line: ConfigLine) -> IpsecProfile:
    kilobytes = _first(line, "set security-association lifetime kilobytes")
    return IpsecProfile(
        name,
        transform_sets=tuple((_first(line, "set transform-set") or "").split()),
        ikev2_profile=_first(line, "set ikev2-profile"),
        isakmp_profile=_first(line, "set isakmp-profile"),
        pfs_group=_first(line, "set pfs") or ("group1" if any(c.text == "set pfs" for c in line.children) else None),
        lifetime_seconds=_number(_first(line, "set security-association lifetime seconds")),
        lifetime_kilobytes=0 if kilobytes == "disable" else _number(kilobytes),
        responder_only=any(child.text == "responder-only" for child in line.children),
    )
