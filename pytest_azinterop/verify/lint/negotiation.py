"""Whether the next IKEv2 negotiation of a tunnel finds its policy and its key; the SA in use shows nothing of it.

Source: Cisco, "Configuring Internet Key Exchange Version 2 (IKEv2)", on policies, keyrings and profiles.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.ike_cause import no_key, no_policy
from pytest_azinterop.verify.lint import reading

if TYPE_CHECKING:
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import InterfaceConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration


def negotiation(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """A policy is used for each tunnel, and the keyring of its profile has a key for the gateway.

    Where no policy matches the tunnel's front-door VRF at all, `lint.front-vrf` says so.
    """
    config = observed.config
    found: list[Finding] = []
    for tunnel, port, profile in reading.tunnel_profiles(expected.tunnels, config):
        about = subject.of_tunnel(tunnel)
        tables = {each.front_vrf for each in config.crypto.policies}
        in_vain = port.tunnel_vrf is not None and tables.isdisjoint((port.tunnel_vrf, "any"))
        if (
            not in_vain
            and (words := no_policy(config.crypto, port.tunnel_vrf, _local(port, config) or tunnel.local)) is not None
        ):
            reading.absent(config, f"an IKEv2 policy for {tunnel.name}")
            found.append(
                about.finding(
                    "lint.ike-policy",
                    f"{words}, expected one",
                    cause="no-match",
                    evidence=reading.at(config, *config.starting_with("crypto ikev2 policy")),
                    next_command="show crypto ikev2 policy",
                )
            )
        if (lacking := no_key(tunnel, profile, config.crypto)) is not None:
            reading.absent(config, f"a key for {tunnel.peer}")
            found.append(
                about.finding(
                    "lint.ike-key",
                    lacking[1],
                    cause=lacking[0],
                    evidence=reading.at(config, *config.starting_with(f"crypto ikev2 keyring {profile.keyring}")),
                    next_command="show running-config | section crypto ikev2 keyring",
                )
            )
    return reading.judged(config, found, "which policy and key the next IKEv2 negotiation uses")


def _local(port: InterfaceConfig, config: RunningConfig) -> IPv4Address | None:
    """The tunnel's own end by the configuration."""
    source = reading.interface(config, port.tunnel_source or "")
    if source is not None:
        return source.address.ip if source.address else None
    try:
        return IPv4Address(port.tunnel_source or "")
    except ValueError:
        return None
