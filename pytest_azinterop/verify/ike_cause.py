"""What the router's own configuration says about a negotiation that does not succeed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.verify.evidence import is_proof
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto_config import CryptoConfig, Ikev2Policy, Ikev2Profile, Ikev2Proposal, KeyringPeer

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
    if (words := no_policy(crypto, expected.front_vrf, expected.local)) is not None:
        return "proposal", words
    proposals = list(offered(expected, crypto))
    if proposals and not any(_acceptable(expected, proposal) for proposal in proposals):
        names = some(clean(proposal.name) for proposal in proposals)
        return "proposal", f"no proposal of this router ({names}) offers the declared algorithms"
    return None


def key_words(expected: ExpectedTunnel, config: RunningConfig | None) -> str | None:
    """What a whole configuration says of the key for the gateway; None: nothing against it."""
    if not is_proof(config):
        return None
    crypto = config.crypto
    name = next((each.protection_profile for each in config.interfaces if each.name == expected.name), None)
    ipsec = crypto.ipsec_profile(name or "")
    profile = crypto.ikev2_profile(ipsec.ikev2_profile or "") if ipsec is not None else None
    lacking = no_key(expected, profile, crypto) if profile is not None else None
    return lacking[1] if lacking is not None else None


def offered(expected: ExpectedTunnel, crypto: CryptoConfig) -> Iterator[Ikev2Proposal]:
    """The proposals of the policies that fit the tunnel's local end; none where IOS-XE's default policy applies."""
    names = {
        name
        for policy in crypto.policies
        if matches(policy, expected.front_vrf, expected.local)
        for name in policy.proposals
    }
    return (proposal for proposal in crypto.proposals if proposal.name in names)


def matches(policy: Ikev2Policy, front_vrf: str | None, local: IPv4Address | None) -> bool:
    """Whether the policy is used for a tunnel's end; `local` None is an address that is not known.

    Without `match fvrf` a policy is for the global table, without `match address local` for all addresses (Cisco,
    "Configuring Internet Key Exchange Version 2"). A clause that is not understood is taken to match.
    """
    if policy.front_vrf not in ("any", front_vrf):
        return False
    if not policy.local_addresses or local is None:
        return True
    return str(local) in policy.local_addresses or not all(map(_is_address, policy.local_addresses))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def no_policy(crypto: CryptoConfig, front_vrf: str | None, local: IPv4Address | None) -> str | None:
    """Words for that no policy of the router is used for a tunnel's end; None: one is, or there is none at all.

    Then IOS-XE uses its default policy.
    """
    own = [each for each in crypto.policies if each.name != "default"]
    if not own or any(each.other_matches or matches(each, front_vrf, local) for each in crypto.policies):
        return None
    where = f"local {local}" if local is not None else "the tunnel"
    if front_vrf is not None:
        where += f" in vrf {clean(front_vrf)}"
    listed = some(f"{clean(each.name)} is for {_meant_for(each)}" for each in own)
    return f"no IKEv2 policy of this router matches {where} ({listed})"


def _meant_for(policy: Ikev2Policy) -> str:
    addresses = some(map(clean, policy.local_addresses)) or "any address"
    table = "the global table" if policy.front_vrf is None else f"vrf {clean(policy.front_vrf)}"
    return f"{addresses} in {table}"


def no_key(expected: ExpectedTunnel, profile: Ikev2Profile, crypto: CryptoConfig) -> tuple[str, str] | None:
    """Cause and words for that the profile's keyring has no key for the gateway; None: it has, or nothing shows it.

    A peer is found by its address, or by an identity; one with an identity that is no address may be any.
    """
    ring = crypto.keyring(profile.keyring) if profile.keyring is not None else None
    local, remote = profile.local_authentication == "pre-share", "pre-share" in profile.remote_authentication
    if ring is None or not (local or remote):
        return None
    found = [each for each in ring.peers if _is_for(each, expected.peer)]
    if not found:
        listed = some(f"{clean(each.name)} ({clean(each.address or 'no address')})" for each in ring.peers)
        return (
            "no-peer",
            f"peers of keyring {clean(ring.name)} are {listed or 'none'}, expected one for {expected.peer}",
        )
    if not any((each.has_local_key or not local) and (each.has_remote_key or not remote) for each in found):
        return "no-key", f"key of keyring {clean(ring.name)} for {expected.peer} is none, expected one"
    return None


def _is_for(entry: KeyringPeer, gateway: IPv4Address) -> bool:
    for words in entry.identities:
        kind, _, value = words.partition(" ")
        if kind != "address" or value.split()[:1] == [str(gateway)]:
            return True
    if entry.address is None:
        return not entry.identities
    try:
        return gateway in ip_network(f"{entry.address}/{entry.mask}" if entry.mask else entry.address, strict=False)
    except ValueError:
        return True


def _acceptable(expected: ExpectedTunnel, proposal: Ikev2Proposal) -> bool:
    policy = expected.ike
    encryption = algorithms(proposal.encryption) & algorithms(policy.encryption)
    combined = any("gcm" in each for each in encryption)
    integrity = algorithms(proposal.integrity) & algorithms(policy.integrity)
    return bool(encryption and (combined or integrity) and set(proposal.groups) & set(policy.dh_groups))
