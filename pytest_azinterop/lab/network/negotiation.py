"""IKEv2 between two configurations: what they agree on, or why they do not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.settings import (
        CryptoSettings,
        IkeProfile,
        IkeProposal,
        IpsecProfileSettings,
        KeyringPeer,
    )

ENCRYPTION = {
    "aes-cbc-128": ("AES-CBC", 128),
    "aes-cbc-192": ("AES-CBC", 192),
    "aes-cbc-256": ("AES-CBC", 256),
    "aes-gcm-128": ("AES-GCM", 128),
    "aes-gcm-256": ("AES-GCM", 256),
    "3des": ("3DES", None),
    "des": ("DES", None),
}
INTEGRITY = {"sha1": "SHA96", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512", "md5": "MD596"}


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a tunnel on its way into a negotiation."""

    crypto: CryptoSettings
    local: IPv4Address
    remote: IPv4Address
    fvrf: str | None
    profile: str
    certificates: tuple[Certificate, ...] = ()
    """Those of configured trustpoints."""
    at: float = field(default=0.0, compare=False)
    """What the side's own clock shows."""
    epoch: int = 0
    """How many of the network's certificates have begun or ended by that clock: the same attempt may fare otherwise."""


@dataclass(frozen=True, slots=True)
class IkeSuite:
    """Agreed algorithms of the IKE SA, in configuration words."""

    encryption: str
    integrity: str | None
    prf: str
    group: int


@dataclass(frozen=True, slots=True)
class ChildSuite:
    """Agreed transform of the child SAs, in configuration words."""

    transform: tuple[str, ...]
    mode: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no SA. ``stage``: ``init`` (nothing agreed), ``auth`` (identity or key), ``child``."""

    stage: str
    reason: str
    suite: IkeSuite | None = None
    message: str | None = None
    """What a router logs of it, besides the failure itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one side does not accept the other."""

    reason: str
    message: str | None = None


def negotiate(initiator: Side, responder: Side) -> tuple[IkeSuite, ChildSuite] | Failure:
    """IKE_SA_INIT, IKE_AUTH with the first child SA."""
    suite = ike_suite(initiator, responder)
    if suite is None:
        return Failure("init", "no proposal chosen")
    for mine, theirs in ((initiator, responder), (responder, initiator)):
        failure = _authenticate(mine, theirs)
        if failure is not None:
            return Failure("auth", failure.reason, suite, failure.message)
    child = child_suite(initiator, responder)
    if child is None:
        return Failure("child", "no transform chosen", suite)
    return suite, child


def ipsec_profile(side: Side) -> IpsecProfileSettings | None:
    """The profile that protects the tunnel; None when it is not defined."""
    return side.crypto.ipsec_profiles.get(side.profile)


def ike_profile(side: Side) -> IkeProfile | None:
    """The IKEv2 profile that the IPsec profile names; None when there is none."""
    found = ipsec_profile(side)
    return None if found is None or found.ike_profile is None else side.crypto.profiles.get(found.ike_profile)


def proposals(side: Side) -> tuple[IkeProposal, ...]:
    """The proposals of the policy that fits the local address; the default policy only when no other fits."""
    for policy in side.crypto.policies:
        if policy.local_addresses and side.local not in policy.local_addresses:
            continue
        if policy.fvrf != "any" and policy.fvrf != side.fvrf:
            continue
        if policy.remote_addresses and side.remote not in policy.remote_addresses:
            continue
        found = tuple(side.crypto.proposals[name] for name in policy.proposals if name in side.crypto.proposals)
        if found:
            return found
    return ()


def ike_suite(initiator: Side, responder: Side) -> IkeSuite | None:
    """The initiator's first choice that the responder accepts."""
    for mine in proposals(initiator):
        for theirs in proposals(responder):
            suite = _agree(mine, theirs)
            if suite is not None:
                return suite
    return None


def _agree(mine: IkeProposal, theirs: IkeProposal) -> IkeSuite | None:
    encryption = next((each for each in mine.encryption if each in theirs.encryption), None)
    group = next((each for each in mine.groups if each in theirs.groups), None)
    prf = next((each for each in mine.prf if each in theirs.prf), None)
    if encryption is None or group is None or prf is None:
        return None
    if "gcm" in encryption:
        return IkeSuite(encryption, None, prf, group)
    integrity = next((each for each in mine.integrity if each in theirs.integrity), None)
    return None if integrity is None else IkeSuite(encryption, integrity, prf, group)


def keyring_peer(side: Side) -> KeyringPeer | None:
    """The keyring entry for the remote address: the most specific one."""
    profile = ike_profile(side)
    if profile is None or profile.keyring is None:
        return None
    peers = [
        each
        for each in side.crypto.keyrings.get(profile.keyring, ())
        if each.network is not None and side.remote in each.network
    ]
    return max(peers, key=lambda each: each.network.prefixlen if each.network else 0, default=None)


def identity(side: Side) -> str:
    """What the side presents as its IKE identity."""
    profile = ike_profile(side)
    return str(side.local) if profile is None or profile.identity is None else profile.identity


def _authenticate(mine: Side, theirs: Side) -> Refusal | None:
    """Why ``mine`` does not accept ``theirs``; None when it does."""
    profile, other = ike_profile(mine), ike_profile(theirs)
    if profile is None or other is None:
        return Refusal("no IKEv2 profile")
    if profile.fvrf not in ("any", mine.fvrf):
        return Refusal("profile does not match the front-door VRF")
    if profile.local_addresses and mine.local not in profile.local_addresses:
        return Refusal("profile does not match the local address")
    presented = identity(theirs)
    if not _matches(profile, presented):
        return Refusal("identity of the peer matches no profile")
    if profile.auth_remote is None or profile.auth_remote != other.auth_local:
        return Refusal("authentication method")
    if profile.auth_remote == "rsa-sig":
        return _verify_certificate(mine, profile, theirs, other)
    key, their_key = keyring_peer(mine), keyring_peer(theirs)
    if key is None or their_key is None or key.remote_key is None or their_key.local_key is None:
        return Refusal("no pre-shared key")
    return None if key.remote_key == their_key.local_key else Refusal("authentication failed")


def presented_certificate(side: Side, profile: IkeProfile) -> Certificate | None:
    """What a side signs with: of the trustpoints that its profile names, or of any; one that is valid comes first."""
    usable = [
        each
        for each in side.certificates
        if not each.ca and (not profile.sign_with or each.trustpoint in profile.sign_with)
    ]
    return next((each for each in usable if each.valid(side.at)), usable[0] if usable else None)


def _verify_certificate(mine: Side, profile: IkeProfile, theirs: Side, other: IkeProfile) -> Refusal | None:
    """RFC 5280, 6.1, as far as dates and the one step to a CA go."""
    shown = presented_certificate(theirs, other)
    if shown is None:
        return Refusal("no certificate")
    for side in (theirs, mine):
        if not shown.valid(side.at):
            return Refusal("certificate is not valid", _not_valid(shown, side.at))
    authorities = [
        each
        for each in mine.certificates
        if each.ca
        and each.subject == shown.issuer
        and (not profile.verify_with or each.trustpoint in profile.verify_with)
    ]
    if not authorities:
        return Refusal("issuer of the certificate is not trusted")
    if not any(each.valid(mine.at) for each in authorities):
        return Refusal("certificate of the CA is not valid", _not_valid(authorities[0], mine.at))
    return None


def _not_valid(certificate: Certificate, at: float) -> str:
    begins = at < certificate.not_before
    moment = datetime.fromtimestamp(certificate.not_before if begins else certificate.not_after, UTC)
    stamp = f"{moment:%H:%M:%S} UTC {moment:%b} {moment.day} {moment.year}"
    what = "is not yet valid   Validity period starts on" if begins else "has expired.    Validity period ended on"
    name = "NOT_YET_VALID" if begins else "EXPIRED"
    return (
        f"%PKI-3-CERTIFICATE_INVALID_{name}: Certificate chain validation has failed.  "
        f"The certificate (SN: {certificate.serial}) {what} {stamp}"
    )


def _matches(profile: IkeProfile, presented: str) -> bool:
    if profile.remote_any or presented in profile.remote_names:
        return True
    return any(_inside(presented, str(network)) for network in profile.remote_networks)


def _inside(presented: str, network: str) -> bool:
    from ipaddress import AddressValueError, IPv4Address, IPv4Network

    try:
        return IPv4Address(presented) in IPv4Network(network)
    except AddressValueError:
        return False


def child_suite(initiator: Side, responder: Side) -> ChildSuite | None:
    """The initiator's first transform-set that the responder has too."""
    mine, theirs = _transforms(initiator), _transforms(responder)
    for suite in mine:
        if any(
            _canonical(suite.transform) == _canonical(each.transform) and suite.mode == each.mode for each in theirs
        ):
            return suite
    return None


def _transforms(side: Side) -> list[ChildSuite]:
    profile = ipsec_profile(side)
    if profile is None:
        return []
    sets = [side.crypto.transform_sets[name] for name in profile.transform_sets if name in side.crypto.transform_sets]
    return [ChildSuite(each.words, each.mode) for each in sets]


def _canonical(words: tuple[str, ...]) -> tuple[str, ...]:
    """``esp-aes`` alone is 128 bits, ``esp-gcm`` too."""
    text = " ".join(words)
    for name in ("esp-aes", "esp-gcm", "esp-gmac"):
        text = text.replace(f"{name} 128", name)
    return tuple(text.split())


def transform_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """As an SA prints its transform: AES-CBC has the key size in the middle of the name, AES-GCM behind it."""
    found: list[str] = []
    for word in words:
        if word.isdigit() and found and found[-1] == "esp-aes":
            prefix, _, rest = found[-1].partition("-")
            found[-1] = f"{prefix}-{word}-{rest}"
        else:
            found.append(word)
    return tuple(found)


def pfs_agrees(initiator: Side, responder: Side) -> bool:
    """Whether a rekey of the child SA finds a common Diffie-Hellman group (or none on both sides)."""
    mine, theirs = ipsec_profile(initiator), ipsec_profile(responder)
    return mine is not None and theirs is not None and mine.pfs == theirs.pfs
