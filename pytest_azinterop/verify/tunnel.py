"""Judgements about the tunnel interface. A missing tunnel is `tunnel.state`, whatever was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, ike, ipsec, next_command, subject
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.device import TunnelParameters
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel


def state(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Up, and its line protocol up: with IPsec that means that an SA pair exists."""
    interface = observed.interface
    about = subject.of_tunnel(expected)
    if interface is None:
        return [
            about.finding(
                "tunnel.state",
                "interface is missing, expected on the router",
                cause="missing",
                evidence=[observed.config.source if observed.config else None],
                next_command=f"show running-config interface {expected.name}",
            )
        ]
    if interface.is_up:
        return []
    cause = _why_down(expected, observed)
    return [
        about.finding(
            "tunnel.state",
            f"state is {clean(interface.status)}, line protocol {clean(interface.line_protocol)}, expected up, up",
            cause=cause,
            evidence=[
                interface.source,
                *(sa.source for sa in observed.ike or () if sa.remote_address == expected.peer),
            ],
            next_command=_following(expected, cause),
        )
    ]


def _following(expected: ExpectedTunnel, cause: str) -> str:
    if cause == "shut":
        return next_command.configured_interface(expected.name)
    if cause == "no-ike":
        return next_command.IKE_ERRORS
    if cause == "no-ipsec":
        return f"show crypto ipsec sa interface {expected.name}"
    return next_command.logged(expected.name)


def _why_down(expected: ExpectedTunnel, observed: ObservedTunnel) -> str:
    interface = observed.interface
    if interface is not None and interface.is_shut:
        return "shut"
    if observed.ike is not None and not any(sa.is_ready for sa in ike.of_tunnel(expected, observed)):
        return "no-ike"
    if observed.after is not None and not any(map(ipsec.is_complete, ipsec.of_tunnel(expected, observed.after))):
        return "no-ipsec"
    return "protocol-down" if interface is not None and interface.status == "up" else "down"


def _parameters(observed: ObservedTunnel) -> TunnelParameters:
    interface = observed.interface
    if interface is None or interface.tunnel is None:
        evidence.undetermined(
            "the interface's tunnel lines were not printed", "not-understood", interface.source if interface else None
        )
    return interface.tunnel


def source(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Source interface, its address and the front-door VRF; each is judged where it is declared."""
    if observed.interface is None:
        return state(expected, observed)
    tunnel = _parameters(observed)
    about = subject.of_tunnel(expected)
    found = []
    name = tunnel.source_interface
    # A tunnel sourced from a bare address prints no interface; the address then says it all.
    if expected.source is not None and (name or expected.local is None) and _key(name) != _key(expected.source):
        found.append(("other-interface", "source interface", clean(name) if name else "none", expected.source))
    if expected.local is not None and tunnel.source_address != expected.local:
        cause = "no-address" if tunnel.source_address is None else "other-address"
        found.append((cause, "source address", str(tunnel.source_address or "none"), str(expected.local)))
    front = _front_vrf(expected, observed, tunnel)
    if front != expected.front_vrf:
        found.append(
            ("other-front-vrf", "front-door VRF", clean(vrf_words(front)), vrf_words(expected.front_vrf)),
        )
    return [
        about.finding(
            "tunnel.source",
            f"{what} is {actual}, expected {wanted}",
            cause=cause,
            evidence=[
                observed.interface.source,
                observed.config.source if observed.config and cause == "other-front-vrf" else None,
            ],
            next_command=f"show running-config interface {expected.name}",
        )
        for cause, what, actual, wanted in found
    ]


def _key(name: str | None) -> str:
    return (name or "").casefold()


def _front_vrf(expected: ExpectedTunnel, observed: ObservedTunnel, tunnel: TunnelParameters) -> str | None:
    """The VRF of the outer packets: as the interface prints it, else as configured (not every release prints it)."""
    if tunnel.path_vrf is not None:
        return tunnel.path_vrf
    for interface in observed.config.interfaces if observed.config else ():
        if _key(interface.name) == _key(expected.name) and interface.tunnel_vrf is not None:
            return interface.tunnel_vrf
    evidence.whole(observed.config, "the tunnel's front-door VRF")
    return None


def destination(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """The gateway's public address."""
    if observed.interface is None:
        return state(expected, observed)
    actual = _parameters(observed).destination
    if actual == expected.peer:
        return []
    return [
        subject.of_tunnel(expected).finding(
            "tunnel.destination",
            f"destination is {actual or 'none'}, expected {expected.peer}",
            cause="other-address" if actual else "no-destination",
            evidence=[observed.interface.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def protection(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """An IPsec profile is active on the tunnel, and the declared one where one is declared."""
    if observed.interface is None:
        return state(expected, observed)
    actual = _parameters(observed).protection_profile
    if actual is not None and expected.protection in (None, actual):
        return []
    return [
        subject.of_tunnel(expected).finding(
            "tunnel.protection",
            f"IPsec profile is {clean(actual) if actual else 'none'}, expected {expected.protection or 'one'}",
            cause="other-profile" if actual else "unprotected",
            evidence=[observed.interface.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def mode(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """`tunnel mode ipsec ipv4`; the default is GRE."""
    if observed.interface is None:
        return state(expected, observed)
    actual = _parameters(observed).protocol
    if actual.upper().startswith("IPSEC"):
        return []
    return [
        subject.of_tunnel(expected).finding(
            "tunnel.mode",
            f"tunnel protocol is {clean(actual)}, expected IPSEC/IP",
            cause="gre" if "GRE" in actual.upper() else "other-mode",
            evidence=[observed.interface.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]
