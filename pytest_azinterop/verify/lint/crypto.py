"""IKEv2 and IPsec: algorithms, dead peers, lifetimes.

What a release refuses follows Cisco's field notice FN72510: from 17.11.1 on, the weakest algorithms are refused unless
`crypto engine compliance shield disable` stands in the configuration.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.evidence import undetermined
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.crypto_config import Ikev2Proposal, IpsecProfile
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration

_WEAK_CIPHERS: Final = frozenset({"des", "3des"})
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})
_WEAK_GROUPS: Final = frozenset({1, 2, 5})
# Nothing is broken there, and little is left: RFC 8247 advises against group 24.
_MODEST_CIPHERS: Final = frozenset({"aes-cbc-128", "aes-gcm-128"})
_MODEST_GROUPS: Final = frozenset({24})
_WEAK_TRANSFORM_CIPHERS: Final = frozenset({"esp-des", "esp-3des", "esp-null"})
_WEAK_TRANSFORM_HASHES: Final = frozenset({"esp-md5-hmac", "esp-sha-hmac", "ah-md5-hmac", "ah-sha-hmac"})
_REFUSED_HASHES: Final = frozenset({"md5"})
_REFUSED_TRANSFORMS: Final = _WEAK_TRANSFORM_CIPHERS | {"esp-gmac", "esp-md5-hmac", "ah-md5-hmac"}
_REFUSED_PFS: Final = frozenset({"group1", "group2", "group5"})
_FIRST_TO_REFUSE: Final = (17, 11)
_ISAKMP: Final = {"encr": "encryption", "encryption": "encryption", "hash": "integrity", "group": "group"}
# The shortest lifetime of an IPsec SA that Azure takes in a policy.
_SHORTEST: Final = 300
_SHIELD_OFF: Final = "crypto engine compliance shield disable"
_CONFIG: Final = "show running-config | section crypto"


class _Lines:
    """The first line of each crypto object, found by its kind and name: a router has hundreds of them."""

    def __init__(self, config: RunningConfig) -> None:
        self._by_words: dict[str, ConfigLine] = {}
        for line in config.lines:
            if line.text.startswith("crypto "):
                words = line.text.split()
                for count in range(3, 6):
                    self._by_words.setdefault(" ".join(words[:count]), line)

    def __call__(self, words: str) -> ConfigLine | None:
        """The first line that begins with these three to five words."""
        return self._by_words.get(words)


def _weak(proposal: Ikev2Proposal) -> tuple[tuple[str, list[str]], ...]:
    """The weak algorithms that a proposal offers, by the cause that names their kind."""
    return (
        ("encryption", [each for each in proposal.encryption if each in _WEAK_CIPHERS]),
        ("integrity", [each for each in (*proposal.integrity, *proposal.prf) if each in _WEAK_HASHES]),
        ("group", [str(group) for group in proposal.groups if group in _WEAK_GROUPS]),
    )


def _modest(proposal: Ikev2Proposal) -> tuple[tuple[str, list[str]], ...]:
    """As `_weak`, for what is not weak and no longer recommended."""
    return (
        ("encryption", [each for each in proposal.encryption if each in _MODEST_CIPHERS]),
        ("group", [str(group) for group in proposal.groups if group in _MODEST_GROUPS]),
    )


def algorithms(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Nothing weak is offered to a peer, not even as the last choice."""
    config = observed.config
    lines = _Lines(config)
    found = []
    for proposal in config.crypto.proposals:
        about = reading.named(expected.router, "ikev2 proposal", proposal.name)
        line = lines(f"crypto ikev2 proposal {proposal.name}")
        found += [
            about.finding(
                rule,
                f"{cause} offers {some(dict.fromkeys(offered))}, expected {instead}",
                cause=cause,
                evidence=reading.at(config, reading.has(line, cause) if line else None),
                next_command="show crypto ikev2 proposal",
            )
            for rule, instead, kinds in (
                ("lint.weak-ike", "none that is weak", _weak(proposal)),
                ("lint.modest-ike", "AES-256 and group 14, 19 or 20 alone", _modest(proposal)),
            )
            for cause, offered in kinds
            if offered
        ]
    found += _isakmp(expected.router, config)
    for transforms in config.crypto.transform_sets:
        about = reading.named(expected.router, "transform-set", transforms.name)
        for rule, cause, weak in (
            ("lint.weak-ipsec-cipher", "encryption", _WEAK_TRANSFORM_CIPHERS),
            ("lint.weak-ipsec-integrity", "integrity", _WEAK_TRANSFORM_HASHES),
        ):
            used = [each for each in transforms.transforms if each.split()[0] in weak]
            if used:
                found.append(
                    about.finding(
                        rule,
                        f"{cause} is {some(map(clean, used))}, expected a stronger transform",
                        cause=cause,
                        evidence=reading.at(config, lines(f"crypto ipsec transform-set {transforms.name}")),
                        next_command="show crypto ipsec transform-set",
                    )
                )
    return reading.judged(config, found, "which algorithms are offered")


def _isakmp(router: str, config: RunningConfig) -> Iterator[Finding]:
    """IKEv1 policies. What a policy does not say is DES, SHA-1 and group 1."""
    for section in config.starting_with("crypto isakmp policy"):
        chosen = {"encryption": "des", "integrity": "sha", "group": "1"}
        for line in section.children:
            words = line.text.split()
            if len(words) > 1 and words[0] in _ISAKMP:
                chosen[_ISAKMP[words[0]]] = words[1]
        for cause, weak in (
            ("encryption", _WEAK_CIPHERS),
            ("integrity", frozenset({"md5", "sha"})),
            ("group", frozenset(map(str, _WEAK_GROUPS))),
        ):
            if chosen[cause] in weak:
                yield reading.named(router, "isakmp policy", section.text.split()[3]).finding(
                    "lint.weak-ike",
                    f"{cause} is {chosen[cause]}, expected none that is weak",
                    cause=cause,
                    evidence=reading.at(config, section),
                    next_command="show crypto isakmp policy",
                )


def refused(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Objects of which this release, or the next, leaves nothing: every choice of one kind is refused by default.

    Raises UndeterminedError for a release that is not understood.
    """
    config = observed.config
    lines = _Lines(config)
    release = re.match(r"(\d+)\.(\d+)", observed.release)
    if release is None:
        undetermined(f"release {clean(observed.release)} is not understood", "not-understood", config.source)
    refuses = (int(release[1]), int(release[2])) >= _FIRST_TO_REFUSE
    if refuses and lines(_SHIELD_OFF) is not None:
        return reading.judged(config, (), "which algorithms the release refuses")
    cause = "refused-now" if refuses else "refused-after-upgrade"
    told = f"release {clean(observed.release)} refuses it" if refuses else "releases from 17.11 on refuse it"
    found = []
    for kind, name, what, line in _refused_objects(config, lines):
        if refuses:
            reading.absent(config, f"`{_SHIELD_OFF}`")
        found.append(
            reading.named(expected.router, kind, name).finding(
                "lint.refused-algorithms",
                f"{what} and {told}, expected at least one that is accepted",
                cause=cause,
                evidence=reading.at(config, line),
                next_command=f"show running-config | include {_SHIELD_OFF.removesuffix(' disable')}",
            )
        )
    return reading.judged(config, found, "which algorithms the release refuses")


def _refused_objects(config: RunningConfig, lines: _Lines) -> Iterator[tuple[str, str, str, ConfigLine | None]]:
    for proposal in config.crypto.proposals:
        line = lines(f"crypto ikev2 proposal {proposal.name}")
        for words, offered, refused_ones in (
            ("encryption", proposal.encryption, _WEAK_CIPHERS),
            ("integrity", proposal.integrity, _REFUSED_HASHES),
            ("group", tuple(map(str, proposal.groups)), frozenset(map(str, _WEAK_GROUPS))),
        ):
            if offered and refused_ones.issuperset(offered):
                yield "ikev2 proposal", proposal.name, f"{words} offers only {some(offered)}", line
    for transforms in config.crypto.transform_sets:
        refused_transforms = [each for each in transforms.transforms if each.split()[0] in _REFUSED_TRANSFORMS]
        if refused_transforms:
            line = lines(f"crypto ipsec transform-set {transforms.name}")
            yield "transform-set", transforms.name, f"it contains {some(map(clean, refused_transforms))}", line
    for profile in config.crypto.ipsec_profiles:
        if profile.pfs_group in _REFUSED_PFS:
            line = lines(f"crypto ipsec profile {profile.name}")
            yield "ipsec profile", profile.name, f"PFS is {profile.pfs_group}", line


def profiles(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """A dead peer is noticed, and the IKE lifetime is a decision."""
    config = observed.config
    lines = _Lines(config)
    found = []
    everywhere = lines("crypto ikev2 dpd")
    for profile in config.crypto.profiles:
        about = reading.named(expected.router, "ikev2 profile", profile.name)
        line = lines(f"crypto ikev2 profile {profile.name}")
        for rule, setting, missing, words in (
            ("lint.dpd", "dpd", profile.dpd_interval is None and everywhere is None, "dead peer detection is off"),
            ("lint.ike-lifetime", "lifetime", profile.lifetime is None, "lifetime is the default of 86400 seconds"),
        ):
            if missing:
                reading.absent(config, f"{setting} of ikev2 profile {clean(profile.name)}")
                expectation = "on" if rule == "lint.dpd" else "28800, Azure's"
                found.append(
                    about.finding(
                        rule,
                        f"{words}, expected {expectation}",
                        cause="missing",
                        evidence=reading.at(config, line),
                        next_command="show crypto ikev2 profile",
                    )
                )
        if profile.lifetime is not None and profile.lifetime < _SHORTEST:
            found.append(
                about.finding(
                    "lint.ike-lifetime",
                    f"lifetime is {profile.lifetime} seconds, expected 28800, Azure's",
                    cause="short",
                    evidence=reading.at(config, (reading.has(line, "lifetime") if line else None) or line),
                    next_command="show crypto ikev2 profile",
                )
            )
    return reading.judged(config, found, "what IKEv2 profiles set")


def associations(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Perfect forward secrecy, the volume after which an SA is replaced, and the replay window of IPsec profiles."""
    config = observed.config
    lines = _Lines(config)
    volume = lines("crypto ipsec security-association lifetime kilobytes")
    seconds = lines("crypto ipsec security-association lifetime seconds")
    window = lines("crypto ipsec security-association replay")
    accepted = _without_pfs(expected, config)
    found: list[Finding] = []
    for profile in config.crypto.ipsec_profiles:
        line = lines(f"crypto ipsec profile {profile.name}")
        replay = reading.has(line, "set security-association replay") if line else None
        found += _short(expected.router, profile, line, seconds, config)
        for rule, missing, words in (
            (
                "lint.pfs",
                profile.pfs_group is None and profile.name not in accepted,
                "perfect forward secrecy is off, expected on or accepted in the intent",
            ),
            (
                "lint.volume-lifetime",
                profile.lifetime_kilobytes is None and volume is None,
                "volume lifetime is the default of 4608000 KB, expected `disable` or a volume of many minutes",
            ),
            (
                "lint.replay-window",
                replay is None and window is None,
                "replay window is the default of 64 packets, expected a larger one",
            ),
        ):
            if missing:
                reading.absent(config, f"a setting of ipsec profile {clean(profile.name)}")
                found.append(
                    reading.named(expected.router, "ipsec profile", profile.name).finding(
                        rule,
                        words,
                        cause="missing",
                        evidence=reading.at(config, line),
                        next_command=_CONFIG,
                    )
                )
    return reading.judged(config, found, "what IPsec profiles set")


def _short(
    router: str, profile: IpsecProfile, line: ConfigLine | None, everywhere: ConfigLine | None, config: RunningConfig
) -> Iterator[Finding]:
    """The profile's lifetime in seconds, or that of the router, is none that Azure would refuse in a policy."""
    lifetime, told = profile.lifetime_seconds, line
    if lifetime is None and everywhere is not None:
        last = everywhere.text.split()[-1]
        lifetime, told = int(last) if last.isdigit() else None, everywhere
    if lifetime is not None and lifetime < _SHORTEST:
        yield reading.named(router, "ipsec profile", profile.name).finding(
            "lint.ipsec-lifetime",
            f"lifetime is {lifetime} seconds, expected at least {_SHORTEST}",
            cause="short",
            evidence=reading.at(config, told),
            next_command=_CONFIG,
        )


def _without_pfs(expected: ExpectedConfiguration, config: RunningConfig) -> frozenset[str]:
    """Names of IPsec profiles of tunnels for which the intent accepts to have no perfect forward secrecy."""
    found = set()
    for tunnel in expected.tunnels:
        port = reading.interface(config, tunnel.name)
        if port is not None and port.protection_profile and None in (tunnel.ipsec.pfs_groups or ()):
            found.add(port.protection_profile)
    return frozenset(found)
