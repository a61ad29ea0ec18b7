"""What the router's own configuration says about a negotiation that does not succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify.evidence import is_proof
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto_config import CryptoConfig, Ikev2Proposal

# The same hash under its name in the configuration and in `show crypto ikev2 sa` (its length in bits, truncated).
_PRINTED = {"sha1": "sha96", "sha": "sha96", "md5": "md596"}


def algorithm(name: str) -> str:
    """An algorithm's name without case and punctuation, as the router prints it of an SA."""
    key = "".join(character for character in name.casefold() if character.isalnum())
    return _PRINTED.get(key, key)


def algorithms(names: Iterable[str]) -> set[str]:
    """Several of them."""
    return {algorithm(name) for name in names}


def from_configuration(expected: ExpectedTunnel, config: RunningConfig | None) -> tuple[str, str] | None:
    """Cause and words, where a whole configuration shows what is wrong on this side; None where it does not."""
    if not is_proof(config):
        return None
    crypto = config.crypto
    name = next((each.protection_profile for each in config.interfaces if each.name == expected.name), None)
    if name is None:
        return None
    ipsec = crypto.ipsec_profile(name)
    if ipsec is None:
        return "broken-chain", f"IPsec profile {clean(name)} is not defined"
    if ipsec.ikev2_profile is None:
        return "broken-chain", f"IPsec profile {clean(name)} names no IKEv2 profile"
    profile = crypto.ikev2_profile(ipsec.ikev2_profile)
    if profile is None:
        return "broken-chain", f"IKEv2 profile {clean(ipsec.ikev2_profile)} is not defined"
    if profile.keyring is not None and crypto.keyring(profile.keyring) is None:
        return "broken-chain", f"keyring {clean(profile.keyring)} is not defined"
    proposals = list(offered(expected, crypto))
    if proposals and not any(_acceptable(expected, proposal) for proposal in proposals):
        names = some(clean(proposal.name) for proposal in proposals)
        return "proposal", f"no proposal of this router ({names}) offers the declared algorithms"
    return None


def offered(expected: ExpectedTunnel, crypto: CryptoConfig) -> Iterator[Ikev2Proposal]:
    """The proposals of the policies that fit the tunnel's local end; none where IOS-XE's default policy applies."""
    local = str(expected.local) if expected.local is not None else None
    names = {
        name
        for policy in crypto.policies
        if policy.front_vrf in ("any", expected.front_vrf)
        and (not policy.local_addresses or local is None or local in policy.local_addresses)
        for name in policy.proposals
    }
    return (proposal for proposal in crypto.proposals if proposal.name in names)


def _acceptable(expected: ExpectedTunnel, proposal: Ikev2Proposal) -> bool:
    policy = expected.ike
    encryption = algorithms(proposal.encryption) & algorithms(policy.encryption)
    combined = any("gcm" in each for each in encryption)
    integrity = algorithms(proposal.integrity) & algorithms(policy.integrity)
    return bool(encryption and (combined or integrity) and set(proposal.groups) & set(policy.dh_groups))
