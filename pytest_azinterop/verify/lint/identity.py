"""Who an IKEv2 profile says that the router is, whom it lets in, and which certificate it shows.

Source: RFC 7296 2.15 and 3.5: what an end says of itself is part of what is authenticated. Azure knows a router by the
public address of its local network gateway.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, RunningConfig
    from pytest_azinterop.state.crypto_config import Ikev2Profile
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration

_COMMAND = "show crypto ikev2 profile"


def identity(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The IKEv2 profile of each tunnel names the address that Azure knows, the gateway, and the declared trustpoint."""
    config = observed.config
    found: list[Finding] = []
    for tunnel, port, profile in reading.tunnel_profiles(expected.tunnels, config):
        line = next(each for each in config.starting_with(f"crypto ikev2 profile {profile.name}"))
        found += _local(tunnel, port, profile, config, line)
        found += _remote(tunnel, profile, config, line)
        found += _trustpoint(tunnel, profile, config, line)
    return reading.judged(config, found, "which identities IKEv2 profiles use")


def _local(
    tunnel: ExpectedTunnel, port: InterfaceConfig, profile: Ikev2Profile, config: RunningConfig, line: ConfigLine
) -> Iterator[Finding]:
    """What IKE says of this router. Unset, it is the tunnel's own address, or the subject of a certificate."""
    source = reading.interface(config, port.tunnel_source or "")
    own = tunnel.local or (source.address.ip if source and source.address else None)
    wanted = tunnel.public or own
    kind, _, value = (profile.local_identity or "").partition(" ")
    by_key = profile.local_authentication != "rsa-sig"
    if wanted is None or (kind != "address" and not by_key):
        return
    if kind == "":
        if own is None or own == wanted:
            return
        reading.absent(config, f"identity local of ikev2 profile {clean(profile.name)}")
        cause, seen = "private", f"not set, so {own}"
    elif kind == "address":
        if _address(value) == wanted:
            return
        cause, seen = "other-address", clean(value)
    else:
        cause, seen = "not-an-address", clean(profile.local_identity or "")
    yield subject.of_tunnel(tunnel).finding(
        "lint.ike-identity",
        f"local identity of ikev2 profile {clean(profile.name)} is {seen}, expected {wanted}",
        cause=cause,
        evidence=reading.at(config, reading.has(line, "identity local") or line),
        next_command=_COMMAND,
    )


def _remote(
    tunnel: ExpectedTunnel, profile: Ikev2Profile, config: RunningConfig, line: ConfigLine
) -> Iterator[Finding]:
    """The gateway is let in; judged where every identity that the profile accepts is an address."""
    accepted = [_network(each) for each in profile.remote_identities]
    if not accepted or any(each is None or tunnel.peer in each for each in accepted):
        return
    yield subject.of_tunnel(tunnel).finding(
        "lint.ike-identity",
        f"remote identities of ikev2 profile {clean(profile.name)} are "
        f"{some(map(clean, profile.remote_identities))}, expected {tunnel.peer} among them",
        cause="gateway-not-matched",
        evidence=reading.at(config, reading.has(line, "match identity remote") or line),
        next_command=_COMMAND,
    )


def _trustpoint(
    tunnel: ExpectedTunnel, profile: Ikev2Profile, config: RunningConfig, line: ConfigLine
) -> Iterator[Finding]:
    """The profile signs with the declared trustpoint; one without a use is for both directions."""
    if tunnel.trustpoint is None:
        return
    lines = [each for each in line.children if each.text.startswith("pki trustpoint ")]
    signing = [each.text.split()[2] for each in lines if each.text.split()[3:4] != ["verify"]]
    if tunnel.trustpoint in signing:
        return
    if not signing:
        reading.absent(config, f"a trustpoint of ikev2 profile {clean(profile.name)}")
    yield subject.of_tunnel(tunnel).finding(
        "lint.ike-trustpoint",
        f"trustpoint of ikev2 profile {clean(profile.name)} is {some(map(clean, signing)) if signing else 'none'}, "
        f"expected {tunnel.trustpoint}",
        cause="other" if signing else "none",
        evidence=reading.at(config, *(lines or [line])),
        next_command=_COMMAND,
    )


def _address(text: str) -> object:
    try:
        return ip_address(text.split(maxsplit=1)[0]) if text else None
    except ValueError:
        return None


def _network(identity_words: str) -> IPv4Network | None:
    """`address 192.0.2.1 255.255.255.255` as a network, None for what is no IPv4 address: it may match anything."""
    words = identity_words.split()
    try:
        if words[:1] != ["address"] or len(words) not in (2, 3):
            return None
        return IPv4Network(f"{IPv4Address(words[1])}/{words[2] if len(words) == 3 else 32}", strict=False)
    except ValueError:
        return None
