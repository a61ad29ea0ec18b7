"""Tunnels and interfaces: packet sizes, addresses, the way back when the tunnel is down, what may enter.

Sources: Microsoft's VPN device guidance (MSS 1350), RFC 3704 (strict reverse path checks and several uplinks).
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.interface import PORT_ROLES
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.lint.ospf import covers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedTunnel
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration

# RFC 1918, RFC 6598 and RFC 3927: addresses that nobody on the Internet answers.
_NOT_ROUTED: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"))
)
# An ESP packet of a 1500 byte path carries about 1400; TCP and IP headers are 40 of them.
_LARGEST_MSS: Final = 1360
# TCP and IP headers of a segment, where TCP sends no options.
_HEADERS: Final = 40
# Azure's own networks and its ExpressRoute circuits pass packets of this size.
_FULL_SIZE: Final = 1500
# What is left of 1500 bytes for a packet inside, whatever transform and NAT: Microsoft asks for no more.
_LARGEST_MTU: Final = 1400


def _tunnels(
    expected: ExpectedConfiguration, config: RunningConfig
) -> Iterator[tuple[ExpectedTunnel, InterfaceConfig]]:
    for tunnel in expected.tunnels:
        port = reading.interface(config, tunnel.name)
        if port is None:
            reading.absent(config, f"interface {tunnel.name}")
        else:
            yield tunnel, port


def sizes(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Large packets pass the tunnel: TCP is told to send smaller ones, and the interface knows its MTU."""
    config = observed.config
    found = []
    for tunnel, port in _tunnels(expected, config):
        about = subject.of_tunnel(tunnel)
        command = f"show running-config interface {tunnel.name}"
        mss, mtu = reading.has(port.line, "ip tcp adjust-mss"), reading.has(port.line, "ip mtu")
        size, room = _number(mss), _number(mtu)
        largest = _LARGEST_MSS if room is None else min(_LARGEST_MSS, room - _HEADERS)
        if size is None or size > largest:
            if mss is None:
                reading.absent(config, f"ip tcp adjust-mss of {tunnel.name}")
            found.append(
                about.finding(
                    "lint.mss",
                    f"ip tcp adjust-mss is {'not set' if size is None else size}, expected {min(1350, largest)}",
                    cause="missing" if size is None else "too-large",
                    evidence=reading.at(config, mss or port.line, *([mtu] if size and mtu else ())),
                    next_command=command,
                )
            )
        found += _mtu(tunnel, port, mtu, config)
    return reading.judged(config, found, "which packets pass the tunnels")


def _number(line: ConfigLine | None) -> int | None:
    """The number at the end of a line."""
    last = line.text.split()[-1] if line is not None else ""
    return int(last) if last.isdigit() else None


def _mtu(
    tunnel: ExpectedTunnel, port: InterfaceConfig, line: ConfigLine | None, config: RunningConfig
) -> Iterator[Finding]:
    """The interface's IP MTU is set, and no larger than what passes: 1400, or the size that the intent declares."""
    largest = max(_LARGEST_MTU, tunnel.mtu or 0)
    if line is None:
        reading.absent(config, f"ip mtu of {tunnel.name}")
        cause, seen = "missing", "not set"
    elif (size := int(line.text.split()[-1])) > largest:
        cause, seen = "too-large", str(size)
    else:
        return
    yield subject.of_tunnel(tunnel).finding(
        "lint.tunnel-mtu",
        f"ip mtu is {seen}, expected {largest}",
        cause=cause,
        evidence=reading.at(config, line or port.line),
        next_command=f"show interfaces {tunnel.name}",
    )


def addressing(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The tunnel's address is not one of the LAN's, and the route to the gateway has a fallback that goes nowhere."""
    config = observed.config
    found = []
    for tunnel, port in _tunnels(expected, config):
        about = subject.of_tunnel(tunnel)
        inside = [prefix for prefix in _announced(expected, tunnel) if port.address and port.address.ip in prefix]
        if inside:
            found.append(
                about.finding(
                    "lint.tunnel-address",
                    f"address {port.address} lies in the site's prefix {inside[0]}, expected one that no host can have",
                    cause="inside-lan",
                    evidence=reading.at(config, port.line),
                    next_command=f"show running-config interface {tunnel.name}",
                )
            )
        found += _source(tunnel, port, config)
        gateway = ip_network(tunnel.neighbor)
        ways = [each for each in config.static_routes if (each.vrf, each.prefix) == (tunnel.inner_vrf, gateway)]
        through = [each for each in ways if each.interface == port.name]
        if through and not any(
            (each.interface or "").lower().startswith("null") and each.distance > through[0].distance for each in ways
        ):
            reading.absent(config, f"a route to {gateway} by Null0")
            found.append(
                about.finding(
                    "lint.backup-route",
                    f"route to {tunnel.neighbor} while the tunnel is down is not set, expected one to Null0 with "
                    "a higher distance",
                    cause="no-null-route",
                    evidence=reading.at(config, through[0].line),
                    next_command=f"show running-config | include {tunnel.neighbor}",
                )
            )
    return reading.judged(config, found, "how the tunnels are addressed")


def _source(tunnel: ExpectedTunnel, port: InterfaceConfig, config: RunningConfig) -> Iterator[Finding]:
    """The tunnel's own end can be reached from the Internet: its address is public, and somebody is told the way."""
    end = reading.interface(config, port.tunnel_source or "")
    if end is None or end.address is None:
        return
    address = end.address.ip
    about = subject.Subject(f"{tunnel.router}/{end.name}", f"{tunnel.router} {end.name}")
    if tunnel.public is None and any(address in network for network in _NOT_ROUTED):
        yield about.finding(
            "lint.tunnel-source",
            f"address {address} of a tunnel's source is not public, expected one, or a NAT in the intent",
            cause="private",
            evidence=reading.at(config, end.line),
            next_command=f"show running-config interface {end.name}",
        )
    elif end.name.startswith("Loopback") and tunnel.public is None and not _is_announced(end, config):
        reading.absent(config, f"an announcement of {address}")
        yield about.finding(
            "lint.tunnel-source",
            f"address {address} of a tunnel's source is announced to nobody, expected to the Internet",
            cause="not-announced",
            evidence=reading.at(config, end.line),
            next_command=f"show running-config | include {address}",
        )


def _is_announced(end: InterfaceConfig, config: RunningConfig) -> bool:
    if end.address is None:
        return False
    address = end.address.ip
    family = reading.bgp_family(config, end.vrf)
    if any(vrf == end.vrf and address in prefix for vrf, prefix in (config.bgp.networks if config.bgp else ())):
        return True
    if any(line.text.startswith("redistribute connected") for line in family):
        return True
    if any(line.text.startswith(("ip ospf ", "ip router isis")) for line in end.line.children):
        return True
    return any(
        process.vrf == end.vrf
        and any(
            covers(line, address) or line.text.startswith("redistribute connected") for line in process.line.children
        )
        for process in reading.ospf_processes(config)
    )


def _announced(expected: ExpectedConfiguration, tunnel: ExpectedTunnel) -> list[IPv4Network | IPv6Network]:
    """The prefixes that the site announces in the tunnel's VRF: its LAN."""
    return [
        prefix
        for session in expected.sessions
        if session.vrf == tunnel.inner_vrf and session.role != "internal" and session.announce is not None
        for prefix in sorted(session.announce.required, key=str)
    ]


def front_vrf(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """A tunnel in a front-door VRF has an IKEv2 policy and profile that match there: without one, IKE never starts."""
    config = observed.config
    found = []
    for tunnel, port in _tunnels(expected, config):
        if port.tunnel_vrf is None:
            continue
        wanted = (port.tunnel_vrf, "any")
        protection = config.crypto.ipsec_profile(port.protection_profile or "")
        profile = config.crypto.ikev2_profile(protection.ikev2_profile or "") if protection else None
        own_policies = [each for each in config.crypto.policies if each.name != "default"]
        lacking = []
        if own_policies and not any(each.front_vrf in wanted for each in own_policies):
            lacking.append("policy")
        if profile is not None and profile.front_vrf not in wanted:
            lacking.append("profile")
        for kind in lacking:
            reading.absent(config, f"match fvrf {port.tunnel_vrf} of an ikev2 {kind}")
            found.append(
                subject.of_tunnel(tunnel).finding(
                    "lint.front-vrf",
                    f"IKEv2 {kind} with `match fvrf {port.tunnel_vrf}` is none, expected one",
                    cause=kind,
                    evidence=reading.at(config, port.line),
                    next_command=f"show crypto ikev2 {kind}",
                )
            )
    return reading.judged(config, found, "whether IKE matches the front-door VRFs")


def interfaces(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Nothing on the customers' interfaces drops or diverts what routing decides; edge interfaces are hardened."""
    config = observed.config
    found = []
    for wanted in expected.interfaces:
        port = reading.interface(config, wanted.name)
        if port is None:
            reading.absent(config, f"interface {wanted.name}")
            continue
        about = subject.of_interface(wanted)
        command = f"show running-config interface {wanted.name}"
        strict = next(
            (
                line
                for line in port.line.children
                if re.match(r"ip verify unicast (?:source reachable-via rx|reverse-path)\b", line.text)
            ),
            None,
        )
        diverted = reading.has(port.line, "ip policy route-map")
        found += [
            about.finding(
                rule,
                f"`{line.text}` is set, expected not",
                cause=cause,
                evidence=reading.at(config, line),
                next_command=command,
            )
            for rule, cause, line in (
                ("lint.strict-urpf", "strict", strict),
                ("lint.policy-routing", wanted.role.replace(" ", "-"), diverted),
            )
            if line is not None
        ]
        found += _path_mtu(wanted, port, config)
        if port.description is None:
            reading.absent(config, f"a description of {wanted.name}")
            found.append(
                about.finding(
                    "lint.description",
                    "description is none, expected the circuit or site",
                    cause="interface",
                    evidence=reading.at(config, port.line),
                    next_command=command,
                )
            )
        if wanted.role in ("expressroute", "tunnel source"):
            hardening = (
                ("ip access-group",)
                if wanted.role == "tunnel source"
                else ("ip access-group", "no ip redirects", "no ip proxy-arp")
            )
            lacking = [each for each in hardening if reading.has(port.line, each) is None]
            if lacking:
                reading.absent(config, f"{lacking[0]} of {wanted.name}")
                found.append(
                    about.finding(
                        "lint.edge-hardening",
                        f"{', '.join(lacking)} is not set, expected on an edge interface",
                        cause=wanted.role.replace(" ", "-"),
                        evidence=reading.at(config, port.line),
                        next_command=command,
                    )
                )
    for session, settings in reading.configured(expected.sessions, config):
        if reading.clause(settings, "description") is None:
            reading.absent(config, f"a description of {session.neighbor}")
            found.append(
                subject.of_session(session).finding(
                    "lint.description",
                    "description is none, expected the path or the peer",
                    cause="neighbor",
                    evidence=reading.at(config, *settings.lines[:1]),
                    next_command="show running-config | section router bgp",
                )
            )
    return reading.judged(config, found, "what is set on the customers' interfaces")


def _path_mtu(wanted: ExpectedInterface, port: InterfaceConfig, config: RunningConfig) -> Iterator[Finding]:
    """Nothing on the unencrypted way cuts or drops packets of 1500 bytes: neither the interface nor its port."""
    if wanted.role not in PORT_ROLES:
        return
    parent = reading.interface(config, wanted.name.partition(".")[0]) if "." in wanted.name else None
    own = reading.has(port.line, "ip mtu")
    settings = [("ip-mtu", own), ("mtu", reading.has(port.line, "mtu"))]
    if parent is not None:
        settings.append(("mtu", reading.has(parent.line, "mtu")))
    for cause, line in settings:
        size = _number(line)
        if line is not None and size is not None and size < _FULL_SIZE:
            yield subject.of_interface(wanted).finding(
                "lint.path-mtu",
                f"{cause.replace('-', ' ')} is {size}, expected {_FULL_SIZE}",
                cause=cause,
                evidence=reading.at(config, line),
                next_command=f"show ip interface {wanted.name}",
            )
            return
