"""BGP sessions and processes: filters, limits, failure detection, and settings that make no sense towards Azure.

Sources: Microsoft's ExpressRoute and VPN gateway documentation (BFD on every private peering, reserved ASNs, hops in
sample configurations), Cisco's IOS XE BGP configuration guide.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import breadth, reading
from pytest_azinterop.verify.policy_config import configured_maps
from pytest_azinterop.verify.session import show_list, show_neighbor
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, NeighborConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration
    from pytest_azinterop.verify.subject import Subject

# Azure's own: neither side of a customer's session may use them (Microsoft, "About BGP with VPN gateway").
RESERVED_ASNS: Final = frozenset({8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520})
_TUNNEL_HOPS: Final = 2
_CONFIG: Final = "show running-config | section router bgp"


def _azure(expected: ExpectedConfiguration, config: RunningConfig) -> Iterator[tuple[ExpectedSession, NeighborConfig]]:
    return reading.configured((each for each in expected.sessions if each.role != "internal"), config)


def filters(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """What Azure is sent passes a filter, and so does what it sends."""
    config = observed.config
    maps = {each.name: each for each in configured_maps(config)}
    found: list[Finding] = []
    for session, settings in _azure(expected, config):
        about = subject.of_session(session)
        found += _outbound(expected, session, settings, config)
        inbound = reading.filters(settings, "in")
        if not inbound:
            reading.absent(config, f"an inbound filter of {session.neighbor}")
            cause, words = "no-policy", "inbound policy is none"
        elif settings.route_map_in is not None and len(inbound) == 1:
            bound = maps.get(settings.route_map_in)
            if bound is None or not any(entry.permit and not entry.matches for entry in bound.entries):
                continue
            cause, words = "any-prefix", f"inbound route-map {settings.route_map_in} permits every prefix"
        elif breadth.permits_everything(settings, config, "in"):
            cause, words = "any-prefix", f"what is bound inbound ({_names(settings, 'in')}) permits every prefix"
        else:
            continue
        found.append(
            about.finding(
                "lint.inbound-filter",
                f"{words}, expected a filter on the prefixes of Azure",
                cause=cause,
                evidence=reading.at(config, *(inbound or settings.lines[:1])),
                next_command=_CONFIG,
            )
        )
    return reading.judged(config, found, "whether what is sent and received is filtered")


def _names(settings: NeighborConfig, direction: str) -> str:
    return " and ".join(f"{kind} {clean(name)}" for kind, name in breadth.bound(settings, direction))


def _outbound(
    expected: ExpectedConfiguration, session: ExpectedSession, settings: NeighborConfig, config: RunningConfig
) -> Iterator[Finding]:
    """What is bound outbound stops something; where it does not, what the router has that leaks by it."""
    bound = reading.filters(settings, "out")
    likely = None
    if not bound:
        reading.absent(config, f"an outbound filter of {session.neighbor}")
        seen = "outbound filter is none"
        cause, likely = _leaking(expected, session, config)
        command = f"{show_neighbor(session)} advertised-routes"
    elif breadth.permits_everything(settings, config, "out"):
        cause, seen = "any-prefix", f"what is bound outbound ({_names(settings, 'out')}) permits every prefix"
        kind, name = next(breadth.bound(settings, "out"))
        command = show_list(name, session.version) if kind == "prefix-list" else f"show route-map {clean(name)}"
    else:
        return
    yield subject.of_session(session).finding(
        "lint.outbound-filter",
        f"{seen}, expected a prefix-list or route-map that lets only the site's own prefixes out",
        cause=cause,
        evidence=reading.at(config, *(bound or settings.lines[:1])),
        likely=likely,
        next_command=command,
    )


def _leaking(
    expected: ExpectedConfiguration, session: ExpectedSession, config: RunningConfig
) -> tuple[str, str | None]:
    """The cause of what an unfiltered session leaks, by what this VRF of the router has; words where they say more.

    Routes of the neighbor's own AS are refused by it and leak nowhere.
    """
    neighbors = config.bgp.neighbors if config.bgp else ()
    others = [
        each
        for each in neighbors
        if each.vrf == session.vrf
        and each.address != session.neighbor
        and each.address.version == session.version
        and each.activated
        and each.remote_as != session.remote_as
    ]
    roles = {each.neighbor: each.role for each in expected.sessions if each.vrf == session.vrf}
    transit = {"vpn": ("expressroute",), "expressroute": ("vpn",), "microsoft": ("expressroute", "vpn")}[session.role]
    if any(roles.get(each.address) in transit for each in others):
        return f"{session.role}-neighbor", None
    if others:
        return "other-neighbor", (
            f"while the session is up, routes learned from {some(str(each.address) for each in others)} are announced"
        )
    lines = [
        line.text
        for line in reading.bgp_family(config, session.vrf, session.version)
        if line.text.startswith("redistribute ")
    ]
    if lines:
        return (
            "redistribution",
            f"the address family has {some(f'`{clean(line)}`' for line in lines)}: while the session is up, all of it "
            "leaves",
        )
    return "nothing-else", None


def limits(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """A neighbor cannot flood the router, and not everybody can be the neighbor."""
    config = observed.config
    found = []
    for session, settings in _azure(expected, config):
        about = subject.of_session(session)
        if reading.clause(settings, "maximum-prefix") is None:
            reading.absent(config, f"maximum-prefix of {session.neighbor}")
            found.append(
                about.finding(
                    "lint.maximum-prefix",
                    "maximum-prefix is not set, expected a limit",
                    cause="missing",
                    evidence=reading.at(config, *settings.lines[:1]),
                    next_command=_CONFIG,
                )
            )
        guarded = any(reading.clause(settings, each) is not None for each in ("password", "ttl-security"))
        if session.role != "vpn" and not guarded:
            reading.absent(config, f"password or ttl-security of {session.neighbor}")
            found.append(
                about.finding(
                    "lint.session-protection",
                    "password and ttl-security are not set, expected one of them",
                    cause="missing",
                    evidence=reading.at(config, *settings.lines[:1]),
                    next_command=_CONFIG,
                )
            )
    return reading.judged(config, found, "whether sessions are limited")


def detection(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The loss of an ExpressRoute path is seen by BFD, and not three minutes later by the hold time."""
    config = observed.config
    found = []
    for session, settings in _azure(expected, config):
        if session.role == "vpn":
            continue
        about = subject.of_session(session)
        fall_over = reading.clause(settings, "fall-over bfd")
        port = reading.interface(config, session.interface) if session.interface else None
        interval = None if port is None else reading.has(port.line, "bfd interval", "bfd template")
        if fall_over is None or interval is None:
            reading.absent(config, f"BFD of {session.neighbor}")
            cause = "none" if fall_over is None and interval is None else "no-fall-over" if interval else "no-interval"
            told = {
                "none": "BFD is neither on the neighbor nor on its interface",
                "no-fall-over": "BFD is on the interface and not used by the neighbor (no `fall-over bfd`)",
                "no-interval": "BFD is on the neighbor and has no interval on its interface",
            }
            found.append(
                about.finding(
                    "lint.bfd",
                    f"{told[cause]}, expected on both",
                    cause=cause,
                    evidence=reading.at(config, *settings.lines[:1], port.line if port else None),
                    next_command="show bfd neighbors",
                )
            )
        found += _fallover(about, fall_over, port, config)
        restart = reading.clause(settings, "ha-mode graceful-restart")
        everywhere = None if config.bgp is None else reading.has(config.bgp.line, "bgp graceful-restart")
        if (restart or everywhere) and reading.clause(settings, "ha-mode graceful-restart disable") is None:
            found.append(
                about.finding(
                    "lint.graceful-restart",
                    "graceful restart is on, expected off where another path should take over",
                    cause="keeps-stale-routes",
                    evidence=reading.at(config, restart or everywhere),
                    next_command=_CONFIG,
                )
            )
    return reading.judged(config, found, "whether BFD guards ExpressRoute")


def _fallover(
    about: Subject, fall_over: ConfigLine | None, port: InterfaceConfig | None, config: RunningConfig
) -> Iterator[Finding]:
    """Without BFD a link that is down ends its session at once, unless that is switched off."""
    off = None if config.bgp is None else reading.has(config.bgp.line, "no bgp fast-external-fallover")
    if port is not None:  # the interface's word counts
        if reading.has(port.line, "ip bgp fast-external-fallover permit"):
            return
        off = reading.has(port.line, "ip bgp fast-external-fallover deny") or off
    if off is not None and fall_over is None:
        yield about.finding(
            "lint.fast-fallover",
            f"`{off.text}` is set without BFD, expected one of both to end the session of a dead link",
            cause="off",
            evidence=reading.at(config, off),
            next_command=_CONFIG,
        )


def settings(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Settings of a neighbor in Azure that do nothing, or more than is meant."""
    config = observed.config
    found = []
    for session, of in _azure(expected, config):
        about = subject.of_session(session)
        hops = of.ebgp_multihop
        needed = _TUNNEL_HOPS if session.role == "vpn" else 1
        if hops is not None and hops > needed:
            found.append(
                about.finding(
                    "lint.multihop",
                    f"ebgp-multihop is {hops}, expected at most {needed}",
                    cause="tunnel" if session.role == "vpn" else "connected",
                    evidence=reading.at(config, reading.clause(of, "ebgp-multihop")),
                    next_command=_CONFIG,
                )
            )
        for rule, words, cause in (
            ("lint.next-hop-self", "next-hop-self", "external"),
            ("lint.loop-prevention", "allowas-in", "allowas-in"),
            ("lint.loop-prevention", "as-override", "as-override"),
            ("lint.default-origination", "default-originate", "bgp-neighbor"),
        ):
            line = reading.clause(of, words)
            if line is None or (
                words == "default-originate" and (" route-map " in line.text or _sends_default(session))
            ):
                continue
            found.append(
                about.finding(
                    rule,
                    f"{words} is set on a session to Azure, expected not",
                    cause=cause,
                    evidence=reading.at(config, line),
                    next_command=_CONFIG,
                )
            )
        asn = _local_as(of) or (config.bgp.asn if config.bgp else session.local_as)
        process = config.bgp.line if config.bgp else None
        if asn in RESERVED_ASNS:
            found.append(
                about.finding(
                    "lint.reserved-as",
                    f"local AS is {asn}, expected one that Azure does not use itself",
                    cause="reserved-by-azure",
                    evidence=reading.at(config, reading.clause(of, "local-as") or process),
                    next_command="show running-config | include router bgp",
                )
            )
    return reading.judged(config, found, "what is set on sessions to Azure")


def _sends_default(session: ExpectedSession) -> bool:
    """Whether the intent wants the neighbor to be sent a default route."""
    return session.announce is not None and session.announce.permits(ip_network("0.0.0.0/0"))


def _local_as(settings: NeighborConfig) -> int | None:
    line = reading.clause(settings, "local-as")
    found = re.search(r"\blocal-as (\d+)(?:\.(\d+))?", line.text) if line else None
    if found is None:
        return None
    return int(found[1]) if found[2] is None else int(found[1]) * 65536 + int(found[2])


def process(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Settings of `router bgp` and of its families for the customers' VRFs."""
    config = observed.config
    if config.bgp is None:
        reading.absent(config, "router bgp")
        return []
    section = config.bgp.line
    found = []
    if reading.has(section, "bgp log-neighbor-changes") is None:
        reading.absent(config, "bgp log-neighbor-changes")
        found.append(
            reading.router(expected).finding(
                "lint.neighbor-logging",
                "bgp log-neighbor-changes is off, expected on",
                cause="off",
                evidence=reading.at(config, section),
                next_command=_CONFIG,
            )
        )
    for vrf in expected.vrfs:
        found += _family(expected, config, vrf)
    return reading.judged(config, found, "what `router bgp` sets")


def _family(expected: ExpectedConfiguration, config: RunningConfig, vrf: str | None) -> Iterator[Finding]:
    """One VRF's family: a fixed router ID, the distance of external routes, networks that need an exact route."""
    lines = reading.bgp_family(config, vrf)
    if config.bgp is None or not lines:
        return
    about = subject.Subject(f"{expected.router}/{_label(vrf)}", f"{expected.router} {subject.vrf_words(vrf)}")
    process_wide = reading.has(config.bgp.line, "bgp router-id")
    if process_wide is None and not any(line.text.startswith("bgp router-id ") for line in lines):
        reading.absent(config, "bgp router-id")
        yield about.finding(
            "lint.bgp-router-id",
            "BGP router ID is chosen by the router, expected a fixed one",
            cause="not-fixed",
            evidence=reading.at(config, config.bgp.line),
            next_command=_CONFIG,
        )
    for line in lines:
        found = re.fullmatch(r"distance bgp (\d+) \d+ \d+", line.text)
        if found and found[1] != "20":
            yield about.finding(
                "lint.distance",
                f"administrative distance of eBGP routes is {found[1]}, expected 20",
                cause="distance-bgp",
                evidence=reading.at(config, line),
                next_command=_CONFIG,
            )
    connected = {
        network
        for each in config.interfaces
        if each.vrf == vrf and not each.shutdown
        for network in reading.networks(each)
    }
    anchored = connected | {route.prefix for route in config.static_routes if route.vrf == vrf}
    for of, prefix in config.bgp.networks:
        if of == vrf and prefix not in anchored:
            reading.absent(config, f"a route for {prefix}")
            yield about.finding(
                "lint.network-anchor",
                f"network {prefix} is neither connected nor a static route here, expected a route that no IGP can "
                "take away",
                cause="depends-on-igp",
                evidence=reading.at(
                    config,
                    next((line for line in lines if line.text.startswith(f"network {prefix.network_address}")), None),
                ),
                next_command=f"show ip route {'' if vrf is None else f'vrf {vrf} '}{prefix.network_address}",
            )


def _label(vrf: str | None) -> str:
    return "global" if vrf is None else f"vrf-{vrf}"
