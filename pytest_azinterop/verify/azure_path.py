"""Judgements about one path of a circuit, as the MSEE shows it: ARP, sessions, whom it serves, how many prefixes.

Sources: https://learn.microsoft.com/azure/expressroute/expressroute-troubleshooting-arp-resource-manager,
https://learn.microsoft.com/azure/expressroute/expressroute-faqs (limits of prefixes)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.azure_words import of_path, shown
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.azure_expectations import ExpectedCircuitPath
    from pytest_azinterop.state.azure_circuit import CircuitArpEntry, CircuitSession
    from pytest_azinterop.state.azure_gateway import Gateway
    from pytest_azinterop.verify.azure_observed import ObservedPath, ObservedPathArp
    from pytest_azinterop.verify.finding import Finding

ESTABLISHED: Final = "Established"
_ON_PREMISES: Final = "on-prem"
_MICROSOFT: Final = "microsoft"
# Prefixes that one connection may bring from Azure to the circuit before it goes down.
_PER_CONNECTION: Final = {4: 1000, 6: 100}


def arp(expected: ExpectedCircuitPath, observed: ObservedPathArp) -> list[Finding]:
    """Both ends of the /30 have a hardware address. IPv6 has no ARP.

    Some of Microsoft's platforms show the customer's end alone (the page on ARP tables says so), so where that is
    resolved and the other has no row at all, nothing is missing.
    """
    found: list[Finding] = []
    heard = any(entry.mac is not None for entry in observed.entries if entry.side.casefold() == _ON_PREMISES)
    for side, wanted in ((_ON_PREMISES, expected.neighbors), (_MICROSOFT, expected.azure_addresses)):
        entries = [entry for entry in observed.entries if entry.side.casefold() == side]
        if side == _MICROSOFT and not entries and heard:
            continue
        for address in wanted:
            if address.version == 4:
                found += _resolved(expected, observed, entries, address, side)
    return found


def _resolved(
    expected: ExpectedCircuitPath,
    observed: ObservedPathArp,
    entries: Sequence[CircuitArpEntry],
    address: IPv4Address | IPv6Address,
    side: str,
) -> Iterator[Finding]:
    whose = "the router" if side == _ON_PREMISES else "Microsoft"
    entry = next((each for each in entries if each.address == address), None)
    if entry is not None and entry.mac is not None:
        return
    if entry is not None:
        cause, seen = ("incomplete" if side == _ON_PREMISES else "microsoft-incomplete"), "Incomplete"
    elif entries:
        cause, seen = "other-address", f"missing, instead there is {some(str(each.address) for each in entries)}"
    else:
        cause, seen = ("missing" if side == _ON_PREMISES else "microsoft-missing"), "missing"
    read = [each.source for each in (entries or observed.entries)[:2]]
    words = f"ARP entry of {whose}, {address}, is {seen}, expected a hardware address"
    yield of_path(expected).finding("azure.path-arp", words, cause=cause, evidence=read)


def sessions(expected: ExpectedCircuitPath, observed: ObservedPath) -> list[Finding]:
    """The MSEE has an established session with each router of the path; where no router is named, with anyone who has
    the peering's ASN."""
    found: list[Finding] = []
    for neighbor in expected.neighbors:
        there = next((each for each in observed.sessions if each.neighbor == neighbor), None)
        found += _session(expected, observed, str(neighbor), there)
    if not expected.neighbors:
        own = [each for each in observed.sessions if each.asn == expected.peer_asn]
        best = next((each for each in own if each.state == ESTABLISHED), next(iter(own), None))
        found += _session(expected, observed, f"AS {expected.peer_asn}", best)
    return found


def _session(
    expected: ExpectedCircuitPath, observed: ObservedPath, with_whom: str, session: CircuitSession | None
) -> Iterator[Finding]:
    if session is None:
        read = [each.source for each in observed.sessions[:1]]
        words = f"session with {with_whom} is missing, expected Established"
        yield of_path(expected).finding("azure.path-session", words, cause="missing", evidence=read)
        return
    read = [session.source]
    if expected.peer_asn is not None and session.asn != expected.peer_asn:
        words = f"session with {with_whom} is with AS {session.asn}, expected AS {expected.peer_asn}"
        yield of_path(expected).finding("azure.path-session", words, cause="other-asn", evidence=read)
    if session.state != ESTABLISHED:
        words = f"session with {with_whom} is {clean(session.state, 20)}, expected Established"
        yield of_path(expected).finding("azure.path-session", words, cause="down", evidence=read)
    elif session.received_prefixes == 0:
        words = f"session with {with_whom} is Established with 0 prefixes, expected some"
        yield of_path(expected).finding("azure.path-session", words, cause="no-prefix", evidence=read)


def gateways(expected: ExpectedCircuitPath, observed: ObservedPath) -> list[Finding]:
    """Each instance of the declared gateways has a session with the MSEE, and no other gateway has one.

    A Microsoft peering serves no gateway.
    """
    instances = {address: key for key, gateway in observed.gateways for address in _addresses(gateway, key)}
    routers = {*expected.neighbors}
    inside = [each for each in observed.sessions if each.neighbor not in routers and each.asn != expected.peer_asn]
    found = []
    for address, key in instances.items():
        session = next((each for each in inside if each.neighbor == address), None)
        seen = "missing" if session is None else clean(session.state, 20)
        if session is None or session.state != ESTABLISHED:
            cause = "not-served" if session is None else "down"
            words = f"session with {address} of gateway {key} is {seen}, expected Established"
            read = [each.source for each in ([session] if session else observed.sessions[:1])]
            found.append(of_path(expected).finding("azure.path-gateways", words, cause=cause, evidence=read))
    for session in inside:
        if session.neighbor not in instances:
            words = f"session with {session.neighbor}, AS {session.asn}, is there, expected only declared gateways"
            found.append(
                of_path(expected).finding(
                    "azure.path-gateways", words, cause="unknown-gateway", evidence=[session.source]
                )
            )
    return found


def _addresses(gateway: Gateway, key: str) -> tuple[IPv4Address | IPv6Address, ...]:
    addresses = None if gateway.bgp is None else gateway.bgp.addresses
    if not addresses:
        evidence.undetermined(f"the BGP addresses of gateway {key} are not told", "not-understood", gateway.source)
    return addresses


def head_room(expected: ExpectedCircuitPath, observed: ObservedPath) -> list[Finding]:
    """What is left below the limit of what the peering takes from the sites, and below what each gateway's connection
    may bring to it. A path without an established session has nothing to count: `path-session`."""
    percent = expected.head_room
    if percent is None:
        return []
    if not any(session.state == ESTABLISHED for session in observed.sessions):
        return sessions(expected, observed)
    routers = {*expected.neighbors}
    found = []
    for session in observed.sessions:
        if session.state != ESTABLISHED:
            continue
        count = session.received_prefixes
        if count is None:
            evidence.undetermined("the number of prefixes is not told", "not-understood", session.source)
        own = session.neighbor in routers or session.asn == expected.peer_asn
        limit = expected.accepts if own else _PER_CONNECTION[session.neighbor.version]
        if 100 * (limit - count) >= percent * limit:
            continue
        whom = "the site" if own else "a gateway"
        words = (
            f"number of prefixes from {whom}, {session.neighbor}, is {shown(count)}, "
            f"expected at most {limit * (100 - percent) // 100} of {limit}"
        )
        cause = "circuit-limit" if own else "connection-limit"
        found.append(of_path(expected).finding("azure.head-room", words, cause=cause, evidence=[session.source]))
    return found
