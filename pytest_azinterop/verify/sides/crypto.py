"""IKE and IPsec agree: the router's proposals and what was negotiated against the connection's policy.

What is negotiated today says little about tomorrow: the first IPsec SA is made inside IKE_AUTH without an exchange of
its own (RFC 7296 1.2), so a disagreement about PFS shows at the first rekey, and a changed policy at the next IKE SA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.gateway_throughput import rate_of
from pytest_azinterop.verify.ike_cause import algorithms, no_policy, offered
from pytest_azinterop.verify.ipsec import is_active
from pytest_azinterop.verify.sides.azure_policy import IkeSuite, esp_suite, ike_cipher, policy_of
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.intent.sides import ExpectedCrypto
    from pytest_azinterop.state.azure_connection import Connection, TrafficSelector
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto import Ikev2Sa
    from pytest_azinterop.state.crypto_config import Ikev2Proposal, IpsecProfile
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.azure_policy import AzurePolicy
    from pytest_azinterop.verify.sides.observed import ObservedCrypto

ROUTER_KILOBYTES: Final = 4_608_000  # IOS-XE's default of `set security-association lifetime kilobytes`
SHORTEST: Final = 300  # seconds: renewing keys more often than this under full load is a load of its own


def ike(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """Some proposal of the router is one that the connection takes, and what is negotiated still is."""
    connection, config = both_ends(expected, observed)
    policy = policy_of(connection)
    if profile_of(expected, config) is None:
        return [unprotected(expected, connection, config, "sides.ike")]
    sources = [connection.source, config.source]
    if connection.ike is not None and connection.ike != "IKEv2":
        return [
            _finding(expected, "sides.ike", f"protocol is {clean(connection.ike)}, expected IKEv2", "version", sources)
        ]
    found = []
    negotiated = _ready(expected, observed)
    if connection.ike is None and not negotiated:
        evidence.undetermined(f"{connection.name} does not tell its protocol", "not-understood", connection.source)
    proposals = list(offered(expected.tunnel, config.crypto))
    lacking = no_policy(config.crypto, expected.tunnel.front_vrf, expected.tunnel.local)
    if lacking is not None:
        words = "the SA in use is older than the change; the next one will not come up" if negotiated else None
        found.append(_finding(expected, "sides.ike", f"{lacking}, expected one", "no-policy", sources, words))
    if not proposals and not negotiated and lacking is None:
        evidence.undetermined(
            "the router's IKEv2 proposals are those of its release, and no SA shows them",
            "not-understood",
            config.source,
        )
    if proposals and not any(_fits(suite, each) for each in proposals for suite in policy.ike):
        cause, has, wants = _ike_difference(proposals, policy)
        found.append(
            _finding(
                expected,
                "sides.ike",
                f"{cause} of the router's proposals is {has}, expected {wants} as in {policy.words}",
                cause,
                sources,
                "the SA in use is older than the change; the next one will not come up" if negotiated else None,
            )
        )
    wants = some(map(str, policy.ike))
    return found + [
        _finding(
            expected,
            "sides.ike",
            f"negotiated IKE SA is {seen}, expected {wants} as in {policy.words}",
            "negotiated",
            [each.source, connection.source],
        )
        for each in negotiated
        if (seen := _suite(each)) not in policy.ike
    ]


def ipsec(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """Some transform of the router is one that the connection takes, what is negotiated still is, and both protect any
    traffic."""
    connection, config = both_ends(expected, observed)
    policy = policy_of(connection)
    profile = profile_of(expected, config)
    if profile is None:
        return [unprotected(expected, connection, config, "sides.ipsec")]
    sources = [connection.source, config.source]
    found = []
    if connection.policy_based is None:
        evidence.undetermined(
            f"{connection.name} does not tell its traffic selectors", "not-understood", connection.source
        )
    narrow = [each for each in connection.traffic_selectors or () if not _is_any(each)]
    if connection.policy_based or narrow:
        kind = "policy-based" if connection.policy_based else "narrowed"
        seen = f"traffic selectors of the connection are {kind}, expected any to any"
        found.append(_finding(expected, "sides.ipsec", seen, "selectors", sources))
    suites = [
        suite
        for each in config.crypto.transform_sets
        if each.name in profile.transform_sets and (suite := esp_suite(each.transforms)) is not None
    ]
    if not suites:
        evidence.undetermined(
            f"the transforms of IPsec profile {clean(profile.name)} are not understood", "not-understood", config.source
        )
    if not set(suites).intersection(policy.esp):
        has, wants = some(map(str, suites)), some(map(str, policy.esp))
        seen = f"transform of the router is {has}, expected {wants} as in {policy.words}"
        found.append(_finding(expected, "sides.ipsec", seen, "transform", sources))
    for identity in evidence.known(observed.ipsec, f"the IPsec SAs of {expected.tunnel.name}"):
        if identity.peer != expected.tunnel.peer or identity.interface.casefold() != expected.tunnel.name.casefold():
            continue
        active = {each.transform for each in (*identity.inbound, *identity.outbound) if is_active(each)}
        for text in sorted(active):
            negotiated = esp_suite(text)
            if negotiated not in policy.esp:
                wants = some(map(str, policy.esp))
                seen = f"negotiated transform is {clean(text)}, expected {wants} as in {policy.words}"
                found.append(
                    _finding(expected, "sides.ipsec", seen, "negotiated", [identity.source, connection.source])
                )
    return found


def _is_any(selector: TrafficSelector) -> bool:
    """Everything to everything."""
    return all(any(prefix.prefixlen == 0 for prefix in side) for side in (selector.local, selector.remote))


def rekey(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """Whoever begins the next rekey, both sides agree about PFS."""
    connection, config = both_ends(expected, observed)
    policy = policy_of(connection)
    profile = profile_of(expected, config)
    if profile is None:
        return [unprotected(expected, connection, config, "sides.rekey")]
    own = _pfs(profile, config)
    sources = [connection.source, config.source]
    left = _left(expected, observed)
    when = f"the SA in use ends in {left} seconds; its successor is refused" if left is not None else None
    if own not in policy.pfs_accepted:
        wants = some(sorted(map(_group, policy.pfs_accepted)))
        seen = f"PFS of the router is {_group(own)}, expected {wants} as in {policy.words}"
        cause = "pfs-missing" if own is None else "pfs-other" if policy.pfs_accepted != {None} else "pfs-not-offered"
        return [_finding(expected, "sides.rekey", seen, cause, sources, when)]
    if own not in policy.pfs_proposed:
        wants = some(sorted(map(_group, policy.pfs_proposed)))
        seen = f"PFS of the router is {_group(own)}, expected {wants}, which {policy.words} propose"
        return [_finding(expected, "sides.rekey", seen, "pfs-one-way", sources)]
    return []


def key_volume(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """A tunnel that carries what its gateway can renews its keys no more often than every five minutes."""
    connection, config = both_ends(expected, observed)
    policy = policy_of(connection)
    profile = profile_of(expected, config)
    if profile is None:
        return [unprotected(expected, connection, config, "sides.key-volume")]
    gateway = observed.gateway
    if gateway is None:
        evidence.undetermined(f"the gateway of {expected.connection} was not collected", "not-collected")
    rate = rate_of(gateway)
    found = []
    own = profile.lifetime_kilobytes
    for cause, who, kilobytes, sources in (
        ("router-volume", "router's", _volume(config) if own is None else own, [config.source, gateway.source]),
        ("azure-volume", "connection's", policy.kilobytes, [connection.source, gateway.source]),
    ):
        if kilobytes and (seconds := kilobytes * 8 // (rate * 1000)) < SHORTEST:
            found.append(
                _finding(
                    expected,
                    "sides.key-volume",
                    f"{who} key lifetime by volume is {kilobytes} KB, {seconds}s at the gateway's {rate} Mbit/s, "
                    f"expected at least {SHORTEST}s or no limit by volume",
                    cause,
                    sources,
                )
            )
    return found


def _volume(config: RunningConfig) -> int:
    """The default by volume of this router in KB: as configured for all, else IOS-XE's; 0: disabled."""
    words = "crypto ipsec security-association lifetime kilobytes"
    for line in config.starting_with(words):
        value = line.text.removeprefix(words).strip()
        return int(value) if value.isdigit() else 0
    return ROUTER_KILOBYTES


def both_ends(expected: ExpectedCrypto, observed: ObservedCrypto) -> tuple[Connection, RunningConfig]:
    """The connection and the whole configuration. Raises UndeterminedError where one is missing."""
    connection = observed.connection
    if connection is None:
        evidence.undetermined(f"connection {expected.connection} was not collected", "not-collected")
    if connection.kind not in ("IPsec", "Vnet2Vnet"):
        evidence.undetermined(
            f"connection {expected.connection} is of kind {clean(connection.kind)}", "not-understood", connection.source
        )
    return connection, evidence.whole(observed.config, f"what {expected.tunnel.name} proposes")


def profile_of(expected: ExpectedCrypto, config: RunningConfig) -> IpsecProfile | None:
    """The IPsec profile on the tunnel; None: nothing protects it, or nothing that is defined."""
    name = _protection(expected, config)
    return config.crypto.ipsec_profile(name) if name is not None else None


def _protection(expected: ExpectedCrypto, config: RunningConfig) -> str | None:
    wanted = expected.tunnel.name.casefold()
    return next((each.protection_profile for each in config.interfaces if each.name.casefold() == wanted), None)


def unprotected(expected: ExpectedCrypto, connection: Connection, config: RunningConfig, rule: str) -> Finding:
    """That the router has nothing by which this tunnel could be negotiated: there is no profile on it."""
    name = _protection(expected, config)
    if name is not None:
        seen, cause = f"IPsec profile {clean(name)} is not defined, expected it defined", "undefined-profile"
    else:
        seen, cause = "IPsec profile of the tunnel is none, expected one", "unprotected"
    return _finding(expected, rule, seen, cause, [config.source, connection.source])


def _ready(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Ikev2Sa]:
    return [
        each
        for each in evidence.known(observed.ike, "the IKE SAs")
        if each.is_ready
        and each.remote_address == expected.tunnel.peer
        and each.front_vrf == expected.tunnel.front_vrf
        and expected.tunnel.local in (None, each.local_address)
    ]


def _suite(sa: Ikev2Sa) -> IkeSuite:
    if sa.encryption is None or sa.dh_group is None:
        evidence.undetermined("a READY IKE SA shows no algorithms", "not-understood", sa.source)
    cipher = ike_cipher(sa.encryption)
    if "gcm" in cipher:
        return IkeSuite(cipher, None, sa.dh_group)
    if sa.integrity is None:
        evidence.undetermined("a READY IKE SA shows no integrity algorithm", "not-understood", sa.source)
    return IkeSuite(cipher, ike_cipher(sa.integrity), sa.dh_group)


def _fits(suite: IkeSuite, proposal: Ikev2Proposal) -> bool:
    return (
        suite.encryption in algorithms(proposal.encryption)
        and (suite.integrity is None or suite.integrity in algorithms(proposal.integrity))
        and suite.group in proposal.groups
    )


def _ike_difference(proposals: Iterable[Ikev2Proposal], policy: AzurePolicy) -> tuple[str, str, str]:
    """What no proposal has in common with the policy: the cause, what the router offers, what Azure takes."""
    each = list(proposals)
    ciphers = {name for one in each for name in algorithms(one.encryption)}
    digests = {name for one in each for name in algorithms(one.integrity)}
    groups = {group for one in each for group in one.groups}
    fitting = [suite for suite in policy.ike if suite.encryption in ciphers]
    if not fitting:
        return "encryption", some(sorted(ciphers)), some(sorted({suite.encryption for suite in policy.ike}))
    hashed = [suite for suite in fitting if suite.integrity is None or suite.integrity in digests]
    if not hashed:
        wanted = sorted({suite.integrity or "none" for suite in fitting})
        return "integrity", some(sorted(digests)) or "none", some(wanted)
    if not any(suite.group in groups for suite in hashed):
        wanted = sorted({str(suite.group) for suite in hashed})
        return "group", some(map(str, sorted(groups))) or "none", some(wanted)
    return "combination", some(clean(one.name) for one in each), some(map(str, policy.ike))


def _pfs(profile: IpsecProfile, config: RunningConfig) -> int | None:
    if profile.pfs_group is None:
        return None
    digits = profile.pfs_group.removeprefix("group")
    if not digits.isdigit():
        evidence.undetermined(f"PFS {clean(profile.pfs_group)} is not understood", "not-understood", config.source)
    return int(digits)


def _group(group: int | None) -> str:
    return "none" if group is None else f"group {group}"


def _left(expected: ExpectedCrypto, observed: ObservedCrypto) -> int | None:
    """Seconds until the youngest SA of the tunnel ends; None where that is not known."""
    times = [
        each.remaining_seconds
        for identity in observed.ipsec or ()
        if identity.peer == expected.tunnel.peer
        for each in (*identity.inbound, *identity.outbound)
        if is_active(each) and each.remaining_seconds is not None
    ]
    return max(times, default=None)


def _finding(
    expected: ExpectedCrypto,
    rule: str,
    disagreement: str,
    cause: str,
    sources: Iterable[Source],
    likely: str | None = None,
) -> Finding:
    return subject.of_tunnel(expected.tunnel).finding(
        rule,
        disagreement,
        cause=cause,
        evidence=sources,
        likely=likely,
        next_command="show running-config | section crypto",
    )
