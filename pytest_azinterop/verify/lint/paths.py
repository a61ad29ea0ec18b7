"""What must be the same, or must differ, between the routers of a site."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import path_policy, reading
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite
    from pytest_azinterop.state.config import InterfaceConfig, NeighborConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfigurations

_Configured = tuple["ExpectedSession", "NeighborConfig", "RunningConfig"]
_CONFIG = "show running-config | section router bgp"


def policy(expected: ExpectedSite, observed: ObservedConfigurations) -> list[Finding]:
    """The two paths of a circuit are treated alike: Azure's own preference between them (it prepends one of the two
    during maintenance) decides only then. A path that deviates from what the intent declares is the one that is named.
    """
    found = []
    circuits: dict[str, list[_Configured]] = {}
    for session in expected.sessions:
        if session.role == "vpn":
            continue
        config = observed.of(session.router)
        circuit = session.path.rpartition(" ")[0]
        circuits.setdefault(circuit, []).extend(
            (each, of, config) for each, of in reading.configured([session], config)
        )
    for paths in circuits.values():
        found += _preferences(paths)
        for first, second in pairwise(paths):
            found += path_policy.differences(expected, first, second)
        found += _origins(expected, paths)
    _whole(observed, "whether paths are treated alike")
    return found


def _origins(expected: ExpectedSite, paths: list[_Configured]) -> Iterator[Finding]:
    """A prefix of the site that one router of the circuit originates, and another only passes on while it has it from
    there. A router that redistributes into BGP may originate it without a `network` line.
    """
    routers = {session.router: (session, of, config) for session, of, config in reversed(paths)}
    for prefix in sorted(expected.owned.required, key=str):
        origins, others = [], []
        for path in routers.values():
            session, _, config = path
            if config.bgp is not None and (session.vrf, prefix) in config.bgp.networks:
                origins.append(path)
            elif not any(
                line.text.startswith("redistribute ")
                for line in reading.bgp_family(config, session.vrf, prefix.version)
            ):
                others.append(path)
        for session, of, config in others if origins else ():
            known, _, elsewhere = origins[0]
            reading.absent(config, f"a network line of {prefix}")
            yield subject.of_session(session).finding(
                "lint.path-policy",
                f"origin of {prefix} is none on {session.router}, expected `network` as on {known.router}",
                cause="origin",
                evidence=(*reading.at(config, *of.lines[:1]), elsewhere.source),
                next_command=_CONFIG,
            )


def _whole(observed: ObservedConfigurations, question: str) -> None:
    for _, config in observed.routers:
        reading.judged(config, (), question)


def _preferences(paths: list[_Configured]) -> list[Finding]:
    """Paths of a circuit whose routes get another preference than declared, or another one than on the other paths.

    A route-map that sets the declared value for some routes only deviates where another path sets it for all:
    `policy.local-preference` judges the routes themselves. A path whose route-map gives no route anything is left out.
    """
    given = []
    judged = []
    for path in paths:
        values = path_policy.local_preferences(path[1], path[2])
        if values is not None:
            judged.append(path)
            given.append(values)
    return [*_deviating(judged, given), *_weights(paths)]


def _deviating(paths: list[_Configured], given: list[frozenset[int]]) -> Iterator[Finding]:
    alike = len(set(given)) == 1
    undeclared = [(path, values) for path, values in zip(paths, given, strict=True) if path[0].local_preference is None]
    for path, values in zip(paths, given, strict=True):
        declared = path[0].local_preference
        if declared is not None:
            wanted, other = frozenset({declared}), None
            agrees = declared in values if alike else values == wanted
        else:
            other, wanted = undeclared[0]
            agrees = values == wanted
        if not agrees:
            seen = f"local preference of its routes is {_words(values)}"
            yield _path_finding(path, "local-preference", seen, _words(wanted), other)


def _weights(paths: list[_Configured]) -> Iterator[Finding]:
    weights = [of.weight or 0 for _, of, _ in paths]
    for path, weight in zip(paths, weights, strict=True):
        if weight and len(set(weights)) > 1:
            other = next((each for each in paths if not each[1].weight), None)
            yield _path_finding(path, "weight", f"weight of its routes is {weight}", "0", other)


def _path_finding(path: _Configured, cause: str, seen: str, wanted: str, other: _Configured | None) -> Finding:
    session, of, config = path
    as_on = f" as on {other[0].router} {other[0].neighbor} ({other[0].path})" if other is not None else ""
    sources = [*reading.at(config, *of.lines[:1])]
    if other is not None:
        sources += reading.at(other[2], *other[1].lines[:1])
    return subject.of_session(session).finding(
        "lint.path-preference",
        f"{seen}, expected {wanted}{as_on}",
        cause=cause,
        evidence=sources,
        next_command=f"show route-map {clean(of.route_map_in)}" if cause != "weight" and of.route_map_in else _CONFIG,
    )


def _words(values: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(values)))


def metrics(expected: ExpectedSite, observed: ObservedConfigurations) -> list[Finding]:
    """The LAN can tell the edge routers of a site apart: equal metrics would share traffic with a dead one."""
    found = []
    seen: dict[str, str] = {}
    for router, config in observed.routers:
        for process in reading.ospf_processes(config):
            line = reading.has(process.line, "default-metric") if process.vrf == expected.vrf else None
            if line is None:
                continue
            value = line.text.split()[1]
            if value in seen and seen[value] != router:
                found.append(
                    subject.of_site_router(expected, router).finding(
                        "lint.default-metric",
                        f"OSPF default-metric is {value} as on {seen[value]}, expected another on each router",
                        cause="same",
                        evidence=reading.at(config, line),
                        next_command="show running-config | section router ospf",
                    )
                )
            seen.setdefault(value, router)
    _whole(observed, "whether metrics differ")
    return found


def redundancy(expected: ExpectedSite, observed: ObservedConfigurations) -> list[Finding]:
    """A customer's site has both paths of each circuit, and a second tunnel for the other instance of the gateway."""
    found = []
    about = subject.of_site(expected)
    circuits: dict[str, set[str]] = {}
    for session in expected.sessions:
        if session.role != "vpn":
            circuit, _, which = session.path.rpartition(" ")
            port = reading.interface(observed.of(session.router), session.interface or "")
            if port is None or not port.shutdown:
                circuits.setdefault(circuit, set()).add(which)
            else:
                circuits.setdefault(circuit, set())
    for circuit, paths in circuits.items():
        if len(paths) < 2:
            found.append(
                about.finding(
                    "lint.redundancy",
                    f"{circuit} has {', '.join(sorted(paths)) or 'no path'} not shut, expected primary and secondary",
                    cause="one-path",
                    evidence=[config.source for _, config in observed.routers],
                )
            )
    for circuit in circuits:
        ends = [each.router for each in expected.sessions if each.path.startswith(f"{circuit} ")]
        if len(ends) > 1 and len(set(ends)) == 1:
            found.append(
                about.finding(
                    "lint.redundancy",
                    f"{circuit} ends on {ends[0]} with both paths, expected a router for each",
                    cause="one-router",
                    evidence=[observed.of(ends[0]).source],
                )
            )
    peers: dict[str, set[object]] = {}
    for tunnel in expected.tunnels:
        peers.setdefault(tunnel.connection, set()).add(tunnel.peer)
    for connection, known in peers.items():
        if len(known) < 2:
            found.append(
                about.finding(
                    "lint.redundancy",
                    f"{connection} has tunnels to one instance of the gateway, expected two",
                    cause="one-tunnel",
                    evidence=[config.source for _, config in observed.routers],
                )
            )
    uplinks = [(config, port) for router, config in observed.routers for port in _uplinks(expected, router, config)]
    if len(uplinks) == 1:
        config, port = uplinks[0]
        found.append(
            about.finding(
                "lint.redundancy",
                f"site hangs on one interface, {clean(config.hostname or config.source.host)} {clean(port.name)}, "
                "expected two",
                cause="one-uplink",
                evidence=reading.at(config, port.line),
            )
        )
    _whole(observed, "which paths exist")
    return found


def _uplinks(expected: ExpectedSite, router: str, config: RunningConfig) -> Iterator[InterfaceConfig]:
    """Interfaces of the customer towards the site: none of a path to Azure, and none towards its other router."""
    to_azure = {each.interface for each in (*expected.sessions, *expected.internal) if each.router == router}
    others = [each.neighbor for each in expected.internal if each.router == router]
    for port in config.interfaces:
        if port.vrf != expected.vrf or port.address is None or port.shutdown or port.name in to_azure:
            continue
        if port.name.startswith(("Loopback", "Tunnel")):
            continue
        if any(each in network for network in reading.networks(port) for each in others):
            continue
        yield port
