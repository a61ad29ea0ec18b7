"""The binding is right: the router, interface, VLAN and /30 that the intent names are those that the circuit sees.

Until that is proven, a verdict over both sides may be about two networks. Source:
https://learn.microsoft.com/azure/expressroute/expressroute-routing (the customer has the first usable address of each
/30, Microsoft the second) and https://learn.microsoft.com/azure/expressroute/expressroute-troubleshooting-arp-resource-manager
"""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network

    from pytest_azinterop.intent.sides import ExpectedBinding
    from pytest_azinterop.state.azure_circuit import CircuitArpEntry, CircuitPeering
    from pytest_azinterop.state.device import ArpEntry, Interface
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import ObservedBinding

_RULE = "sides.binding"
_ON_PREMISES, _MICROSOFT = "On-Prem", "Microsoft"


def bound(expected: ExpectedBinding, observed: ObservedBinding) -> list[Finding]:
    """Subnet, addresses, VLAN and ASNs of the path agree on both sides, and each side resolves the other's address to
    the hardware address that it has."""
    interface, peering = observed.interface, observed.peering
    sources = [*(each.source for each in (interface, peering) if each is not None), *observed.sources]
    if interface is None:
        return [
            _finding(expected, f"interface is missing, expected {expected.session.interface}", "no-interface", sources)
        ]
    if peering is None:
        return [_finding(expected, f"peering of {expected.circuit} is missing, expected there", "no-peering", sources)]
    found = [
        *(_finding(expected, words, cause, sources) for words, cause in _addresses(expected, interface, peering)),
        *(_finding(expected, words, cause, sources) for words, cause in _tags(expected, interface, peering)),
        *(_finding(expected, words, cause, sources) for words, cause in _numbers(expected, peering)),
    ]
    return [*found, *_hardware(expected, observed, interface)]


def _addresses(expected: ExpectedBinding, interface: Interface, peering: CircuitPeering) -> Iterator[tuple[str, str]]:
    subnet = peering.primary_prefix if expected.path == "primary" else peering.secondary_prefix
    if subnet is None:
        evidence.undetermined(
            f"the subnet of {expected.circuit} {expected.path} is not told", "not-understood", peering.source
        )
    if subnet != expected.address.network:
        yield (
            f"subnet of {expected.circuit} {expected.path} is {subnet}, expected {expected.address.network}",
            "other-subnet",
        )
        return
    first, second = _hosts(subnet)
    if interface.address is None:
        yield f"address of {clean(interface.name)} is none, expected {first}/{subnet.prefixlen}", "router-address"
    elif interface.address != IPv4Interface((first, subnet.prefixlen)):
        yield (
            f"address of {clean(interface.name)} is {interface.address}, expected {first}/{subnet.prefixlen}, the "
            "first of the circuit's subnet",
            "router-address",
        )
    if expected.session.neighbor != second:
        yield (
            f"neighbor is {expected.session.neighbor}, expected {second}, the second of the circuit's subnet",
            "neighbor",
        )


def _hosts(subnet: IPv4Network) -> tuple[IPv4Address, IPv4Address]:
    hosts = list(subnet.hosts())
    if len(hosts) < 2:
        evidence.undetermined(f"{subnet} is no subnet of a peering", "not-understood")
    return hosts[0], hosts[1]


def _tags(expected: ExpectedBinding, interface: Interface, peering: CircuitPeering) -> Iterator[tuple[str, str]]:
    if expected.azure_vlan is None:
        return
    if peering.vlan is None:
        evidence.undetermined(f"the VLAN of {expected.circuit} is not told", "not-understood", peering.source)
    if peering.vlan != expected.azure_vlan:
        yield f"VLAN of {expected.circuit} is {peering.vlan}, expected {expected.azure_vlan}", "vlan"
    if expected.vlans and expected.vlans[-1] == expected.azure_vlan:
        innermost = interface.inner_vlan if interface.inner_vlan is not None else interface.outer_vlan
        if innermost != peering.vlan:
            seen = "none" if innermost is None else innermost
            yield (
                f"innermost tag of {clean(interface.name)} is {seen}, expected {peering.vlan} as in the circuit",
                "vlan",
            )


def _numbers(expected: ExpectedBinding, peering: CircuitPeering) -> Iterator[tuple[str, str]]:
    for what, actual, wanted, cause in (
        ("customer's ASN", peering.peer_asn, expected.session.local_as, "customer-asn"),
        ("Azure's ASN", peering.azure_asn, expected.session.remote_as, "azure-asn"),
    ):
        if actual is None:
            evidence.undetermined(f"the {what} of {expected.circuit} is not told", "not-understood", peering.source)
        if actual != wanted:
            yield f"{what} of {expected.circuit} is {actual}, expected {wanted}", cause


def _hardware(expected: ExpectedBinding, observed: ObservedBinding, interface: Interface) -> Iterator[Finding]:
    router = evidence.known(observed.router_arp, f"the ARP table of {expected.session.router}")
    circuit = evidence.known(observed.circuit_arp, f"the ARP table of {expected.circuit} ({expected.path})")
    stranger = next((row for row in circuit if row.path not in (None, expected.path)), None)
    if stranger is not None:
        evidence.undetermined(
            f"the ARP table of {expected.circuit} is that of the {stranger.path} path",
            "not-understood",
            stranger.source,
        )
    own, neighbor = expected.address.ip, expected.session.neighbor
    mine = next((each for each in router if each.address == own and each.age is None), None)
    hardware = interface.mac or (mine.mac if mine else None)
    if hardware is None:
        evidence.undetermined(
            f"the hardware address of {clean(interface.name)} is not known", "not-understood", interface.source
        )
    heard = next((each for each in router if each.address == neighbor), None)
    # Some of Microsoft's platforms show the customer's end alone; the router's own table then tells of the other one.
    one_end = all(each.side == _ON_PREMISES for each in circuit) and any(each.mac is not None for each in circuit)
    for side, address, wanted, cause, sources in (
        (_ON_PREMISES, own, hardware, "router-hardware", (interface.source,)),
        (_MICROSOFT, neighbor, heard.mac if heard else None, "msee-hardware", tuple(_sources(heard))),
    ):
        row = next((each for each in circuit if each.address == address and each.side == side), None)
        told = [*(() if row is None else (row.source,)), *sources, *observed.sources]
        who = f"{expected.circuit}'s {side} entry of {address} ({expected.path})"
        if side == _MICROSOFT and one_end:
            if wanted is None:
                yield _finding(expected, f"{_unheard(expected, heard)}, expected complete", "router-arp", told)
        elif row is None or row.mac is None:
            seen = "missing" if row is None else "incomplete"
            yield _finding(
                expected, f"{who} is {seen}, expected {wanted or 'complete'}", f"circuit-arp-{seen}", told, circuit=True
            )
        elif wanted is None:
            yield _finding(
                expected, f"{_unheard(expected, heard)}, expected {row.mac} as in the circuit", "router-arp", told
            )
        elif row.mac.lower() != wanted.lower():
            yield _finding(
                expected, f"{who} is {row.mac}, expected {wanted} as on the router", cause, told, circuit=True
            )


def _unheard(expected: ExpectedBinding, entry: ArpEntry | None) -> str:
    session, seen = expected.session, "missing" if entry is None else "incomplete"
    return f"ARP entry of {session.neighbor} on {session.router} is {seen}"


def _sources(entry: ArpEntry | CircuitArpEntry | None) -> Iterator[Source]:
    if entry is not None:
        yield entry.source


def _finding(
    expected: ExpectedBinding, disagreement: str, cause: str, sources: list[Source], *, circuit: bool = False
) -> Finding:
    name = expected.circuit if expected.resource is None else expected.resource.name
    peering = "AzurePrivatePeering" if expected.session.role == "expressroute" else "MicrosoftPeering"
    in_azure = (
        f"az network express-route list-arp-tables --name {name} --path {expected.path} --peering-name {peering}"
        f"{next_command.in_azure(expected.resource)}"
    )
    on_router = (
        next_command.ping(expected.session.vrf, expected.session.neighbor)
        if cause == "router-arp"
        else next_command.configured_interface(expected.session.interface or "")
    )
    return subject.of_session(expected.session).finding(
        _RULE,
        disagreement,
        cause=cause,
        evidence=sources,
        next_command=in_azure if circuit else on_router,
    )
