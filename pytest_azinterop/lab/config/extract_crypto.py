"""IKEv2 and IPsec of a configuration. IOS's smart defaults apply where a proposal or policy is not configured."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block, Statement

DEFAULT_PROPOSAL = s.IkeProposal(
    encryption=("aes-cbc-256",), integrity=("sha512", "sha384"), groups=(19, 14, 21), prf=("sha512", "sha384")
)
"""``show crypto ikev2 proposal default`` of 17.x."""


def crypto_settings(root: Block) -> s.CryptoSettings:
    """Everything under ``crypto``."""
    lifetime = root.value("ipsec-lifetime-kb")
    policies = tuple(_policy(each) for each in root.named("ikev2-policy"))
    return s.CryptoSettings(
        proposals={"default": DEFAULT_PROPOSAL}
        | {_name(each): _proposal(each) for each in root.named("ikev2-proposal")},
        policies=(*policies, s.IkePolicy("default", ("default",), fvrf="any")),
        keyrings={_name(each): _keyring(each) for each in root.named("ikev2-keyring")},
        profiles={_name(each): _profile(each) for each in root.named("ikev2-profile")},
        transform_sets={"default": s.TransformSet(("esp-aes", "esp-sha-hmac"))}
        | {_name(each): _transform_set(each) for each in root.named("ipsec-transform-set")},
        ipsec_profiles={_name(each): _ipsec_profile(each) for each in root.named("ipsec-profile")},
        lifetime_seconds=int(root.value("ipsec-lifetime-seconds") or 3600),
        lifetime_kb=int(lifetime) if lifetime is not None and lifetime.isdigit() else 4608000,
        volume_disabled=lifetime == "disable",
        replay_window=int(root.value("ipsec-replay") or 64),
        dpd=_dpd(root.first("ikev2-dpd")),
        fragmentation=root.has("ikev2-fragmentation"),
        trustpoints=tuple(_name(each) for each in root.named("pki-trustpoint")),
    )


def _name(statement: Statement) -> str:
    return statement.args["name"]


def _block(statement: Statement) -> Block:
    if statement.block is None:
        raise AssertionError(statement.text)
    return statement.block


def _words(block: Block, name: str) -> tuple[str, ...]:
    return tuple((block.value(name) or "").split())


def _dpd(statement: Statement | None) -> tuple[int, int, str] | None:
    if statement is None:
        return None
    return int(statement.args["interval"]), int(statement.args["retry"]), statement.args["how"]


def _proposal(statement: Statement) -> s.IkeProposal:
    block = _block(statement)
    integrity = _words(block, "integrity")
    return s.IkeProposal(
        encryption=_words(block, "encryption"),
        integrity=integrity,
        groups=tuple(int(word) for word in _words(block, "group") if word.isdigit()),
        prf=_words(block, "prf") or integrity,
    )


def _policy(statement: Statement) -> s.IkePolicy:
    block = _block(statement)
    return s.IkePolicy(
        name=_name(statement),
        proposals=tuple(each.args["value"] for each in block.named("proposal")),
        local_addresses=tuple(IPv4Address(each.args["value"]) for each in block.named("match-address")),
        fvrf=block.value("match-fvrf"),
    )


def _keyring(statement: Statement) -> tuple[s.KeyringPeer, ...]:
    return tuple(_peer(each) for each in _block(statement).named("peer"))


def _key(text: str | None) -> str | None:
    """The key itself; a leading 0 or 6 is its encryption type."""
    if text is None:
        return None
    kind, _, rest = text.partition(" ")
    return rest if rest and kind in ("0", "6", "hex") else text


def _peer(statement: Statement) -> s.KeyringPeer:
    block = _block(statement)
    address = block.first("address")
    identity = block.first("identity")
    both = block.value("key")
    return s.KeyringPeer(
        name=_name(statement),
        network=None if address is None else _masked(address),
        identity=None if identity is None else identity.args["value"],
        local_key=_key(block.value("key-local") or both),
        remote_key=_key(block.value("key-remote") or both),
    )


def _masked(statement: Statement) -> IPv4Network:
    mask = statement.args.get("mask", "255.255.255.255")
    return IPv4Network(f"{statement.args['value']}/{mask}", strict=False)


def _profile(statement: Statement) -> s.IkeProfile:
    block = _block(statement)
    identity = block.first("identity")
    return s.IkeProfile(
        name=_name(statement),
        remote_networks=tuple(_masked(each) for each in block.named("match-remote")),
        remote_names=tuple(each.args["value"] for each in block.named("match-remote-name")),
        remote_any=block.has("match-remote-any"),
        fvrf=block.value("match-fvrf"),
        local_addresses=tuple(IPv4Address(each.args["value"]) for each in block.named("match-local")),
        identity=None if identity is None else identity.args["value"],
        auth_local=block.value("auth-local"),
        auth_remote=block.value("auth-remote"),
        keyring=block.value("keyring"),
        sign_with=_trustpoints(block, "sign"),
        verify_with=_trustpoints(block, "verify"),
        lifetime=int(block.value("lifetime") or 86400),
        dpd=_dpd(block.first("dpd")),
    )


def _trustpoints(block: Block, use: str) -> tuple[str, ...]:
    found = block.named("pki-trustpoint")
    return tuple(each.args["value"] for each in found if each.args.get("use", use) == use)


def _transform_set(statement: Statement) -> s.TransformSet:
    words = tuple(statement.args["value"].split())
    return s.TransformSet(words, _block(statement).value("mode") or "tunnel")


def _ipsec_profile(statement: Statement) -> s.IpsecProfileSettings:
    block = _block(statement)
    volume = block.value("lifetime-kb")
    seconds = block.value("lifetime-seconds")
    replay = block.value("replay")
    pfs = block.first("pfs")
    return s.IpsecProfileSettings(
        name=_name(statement),
        transform_sets=_words(block, "transform-set") or ("default",),
        ike_profile=block.value("ikev2-profile"),
        pfs=None if pfs is None else pfs.args.get("value", "group1"),
        lifetime_seconds=None if seconds is None else int(seconds),
        lifetime_kb=int(volume) if volume is not None and volume.isdigit() else None,
        volume_disabled=volume == "disable",
        replay_window=None if replay is None else int(replay),
    )
