"""The ends of a tunnel: where it ends in Azure, and who begins its negotiation.

Sources: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview (each instance has a public and a BGP
address of its own) and https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq (connection modes)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.sides.crypto import both_ends, profile_of, unprotected
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from pytest_azinterop.intent.sides import ExpectedCrypto
    from pytest_azinterop.state.azure_gateway import GatewayInstanceAddresses
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import ObservedCrypto


def tunnel_peer(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """The tunnel ends at a public address of the gateway, and its BGP neighbor is of the same instance.

    Not judged over private peering, where it ends at a private address: `outer_path`.
    """
    if expected.private:
        return []
    gateway, tunnel = observed.gateway, expected.tunnel
    if gateway is None:
        evidence.undetermined(f"the gateway of {expected.connection} was not collected", "not-collected")
    instances = (None if gateway.bgp is None else gateway.bgp.instances) or ()
    if not instances or any(not each.tunnel for each in instances):
        evidence.undetermined(f"the public addresses of {gateway.name} are not told", "not-understood", gateway.source)
    told = [address for each in instances for address in each.tunnel or ()]
    here = [each for each in instances if tunnel.peer in (each.tunnel or ())]
    if not here:
        seen = f"public address of the gateway is {some(map(str, told))}, expected {tunnel.peer}, the tunnel's end"
        agree = _called(expected, observed.config) in [str(each) for each in told]
        return [_peer(expected, observed, seen, "intent" if agree else "other-address")]
    there = [each for each in instances if tunnel.neighbor in _bgp_addresses(each)]
    if not there and any(
        each.custom_bgp is None if tunnel.neighbor.is_link_local else not each.bgp for each in instances
    ):
        evidence.undetermined(f"the BGP addresses of {gateway.name} are not told", "not-understood", gateway.source)
    if there and not any(each in here for each in there):
        at = some(str(address) for each in there for address in each.tunnel or ())
        seen = f"instance of BGP neighbor {tunnel.neighbor} is that at {at}, expected that at {tunnel.peer}"
        return [_peer(expected, observed, seen, "other-instance")]
    return []


def _called(expected: ExpectedCrypto, config: RunningConfig | None) -> str | None:
    """The address that the router calls; None where its configuration does not say so."""
    section = None if config is None else reading.interface(config, expected.tunnel.name)
    return None if section is None else section.tunnel_destination


def _bgp_addresses(instance: GatewayInstanceAddresses) -> tuple[object, ...]:
    return (*(instance.bgp or ()), *(instance.custom_bgp or ()))


def _peer(expected: ExpectedCrypto, observed: ObservedCrypto, seen: str, cause: str) -> Finding:
    return subject.of_tunnel(expected.tunnel).finding(
        "sides.tunnel-peer",
        seen,
        cause=cause,
        evidence=[observed.gateway.source if observed.gateway else None],
        next_command=f"show running-config interface {expected.tunnel.name}",
    )


def initiation(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """One end at least begins: a tunnel that both only answer never comes back after a loss."""
    connection, config = both_ends(expected, observed)
    if connection.mode is None:
        evidence.undetermined(f"{connection.name} does not tell its mode", "not-understood", connection.source)
    profile = profile_of(expected, config)
    if profile is None:
        return [unprotected(expected, connection, config, "sides.initiation")]
    if connection.mode.casefold() != "responderonly" or not profile.responder_only:
        return []
    return [
        subject.of_tunnel(expected.tunnel).finding(
            "sides.initiation",
            "end that begins the negotiation is none, expected the router, the gateway or both",
            cause="both-wait",
            evidence=[connection.source, config.source],
            next_command="show running-config | section crypto",
        )
    ]
