"""OSPF towards the LAN: what the site is told, and whether a second edge router is understood.

Sources: RFC 4577 (the DN bit and the VPN route tag, which a CE with a VRF must ignore), Cisco's OSPF command reference.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.policy_config import configured_maps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration
    from pytest_azinterop.verify.lint.reading import OspfProcess
    from pytest_azinterop.verify.subject import Subject

_CONFIG = "show running-config | section router ospf"


def _processes(expected: ExpectedConfiguration, config: RunningConfig) -> Iterator[tuple[OspfProcess, Subject]]:
    """The processes of the customers' VRFs."""
    for process in reading.ospf_processes(config):
        if process.vrf in expected.vrfs:
            yield process, reading.named(expected.router, "ospf", str(process.number))


def origination(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The LAN gets a default route only while there is something behind it."""
    config = observed.config
    found = []
    for process, about in _processes(expected, config):
        line = reading.has(process.line, "default-information originate")
        if line is not None and " always" in line.text and " route-map " not in line.text:
            found.append(
                about.finding(
                    "lint.default-origination",
                    "default route is announced to the LAN always, expected only while Azure is reached",
                    cause="ospf-always",
                    evidence=reading.at(config, line),
                    next_command=_CONFIG,
                )
            )
    return reading.judged(config, found, "whether a default route is always announced")


def redistribution(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """With two edge routers the LAN sees the routes of both, and which path is behind each."""
    config = observed.config
    maps = {each.name: each for each in configured_maps(config)}
    found = []
    for process, about in _processes(expected, config):
        if not expected.shares(process.vrf):
            continue
        if process.vrf is not None and reading.has(process.line, "capability vrf-lite") is None:
            reading.absent(config, f"capability vrf-lite of ospf {process.number}")
            found.append(
                about.finding(
                    "lint.vrf-lite",
                    "capability vrf-lite is not set, expected at a site with two edge routers",
                    cause="missing",
                    evidence=reading.at(config, process.line),
                    next_command=_CONFIG,
                )
            )
        line = reading.has(process.line, "redistribute bgp")
        if line is None:
            continue
        named = re.search(r"\broute-map (\S+)", line.text)
        used = maps.get(named[1]) if named else None
        by_path = used is not None and any(text.startswith("metric") for entry in used.entries for text in entry.sets)
        if not by_path and not re.search(r"\bmetric \d+", line.text):
            found.append(
                about.finding(
                    "lint.redistribution-metric",
                    "metric of redistributed routes is the same for every path, expected one that tells them apart",
                    cause="same-for-all",
                    evidence=reading.at(config, line),
                    next_command=_CONFIG,
                )
            )
    return reading.judged(config, found, "how BGP routes reach the LAN")


def hardening(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The router ID is an address of the router, adjacencies form only where meant, and their loss is seen."""
    config = observed.config
    found = []
    own = {each.address.ip for each in config.interfaces if each.address is not None}
    for process, about in _processes(expected, config):
        fixed = reading.has(process.line, "router-id")
        if fixed is not None and IPv4Address(fixed.text.split()[1]) not in own:
            reading.absent(config, f"an interface with {fixed.text.split()[1]}")
            found.append(
                about.finding(
                    "lint.ospf-router-id",
                    f"router ID {fixed.text.split()[1]} is no address of the router, expected one of a loopback",
                    cause="no-interface",
                    evidence=reading.at(config, fixed),
                    next_command=_CONFIG,
                )
            )
        if reading.has(process.line, "passive-interface default") is None:
            reading.absent(config, f"passive-interface default of ospf {process.number}")
            found.append(
                about.finding(
                    "lint.ospf-hardening",
                    "passive-interface default is not set, expected adjacencies only where they are named",
                    cause="not-passive",
                    evidence=reading.at(config, process.line),
                    next_command=_CONFIG,
                )
            )
        for port in _speaking(process, config):
            found += _adjacency(expected, config, process, port)
    return reading.judged(config, found, "how OSPF is protected")


def _adjacency(
    expected: ExpectedConfiguration, config: RunningConfig, process: OspfProcess, port: InterfaceConfig
) -> Iterator[Finding]:
    about = subject.Subject(f"{expected.router}/{port.name}", f"{expected.router} {port.name}")
    authenticated = reading.has(port.line, "ip ospf authentication") or any(
        re.fullmatch(r"area \S+ authentication.*", line.text) for line in process.line.children
    )
    if not authenticated:
        reading.absent(config, f"OSPF authentication of {port.name}")
        yield about.finding(
            "lint.ospf-hardening",
            "OSPF authentication is none, expected one",
            cause="no-authentication",
            evidence=reading.at(config, port.line),
            next_command=f"show running-config interface {port.name}",
        )
    if not (reading.has(port.line, "ip ospf bfd") or reading.has(process.line, "bfd all-interfaces")):
        reading.absent(config, f"BFD of {port.name}")
        yield about.finding(
            "lint.lan-bfd",
            "BFD for OSPF is off, expected on",
            cause="off",
            evidence=reading.at(config, port.line),
            next_command=f"show running-config interface {port.name}",
        )


def _speaking(process: OspfProcess, config: RunningConfig) -> Iterator[InterfaceConfig]:
    """Interfaces on which the process forms adjacencies: by its `network` lines, or by their own `ip ospf N area`."""
    passive = {
        line.text.partition(" ")[2] for line in process.line.children if line.text.startswith("passive-interface ")
    }
    quiet = "default" in passive
    woken = {line.text.removeprefix("no passive-interface ") for line in process.line.children}
    for port in config.interfaces:
        if port.vrf != process.vrf or port.address is None or port.name.startswith("Loopback"):
            continue
        spoken = reading.has(port.line, f"ip ospf {process.number} area") or any(
            covers(line, port.address.ip) for line in process.line.children
        )
        if spoken and port.name not in passive and (not quiet or port.name in woken):
            yield port


def covers(line: ConfigLine, address: IPv4Address) -> bool:
    """Whether a `network … area` line takes in an address."""
    found = re.match(r"network (\S+) (\S+) area ", line.text)
    if found is None:
        return False
    wildcard = int(IPv4Address(found[2]))
    return int(IPv4Address(found[1])) | wildcard == int(address) | wildcard
