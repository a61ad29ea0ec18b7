"""Judgements about an ExpressRoute circuit and its peering, as Azure has them.

Sources: https://learn.microsoft.com/azure/expressroute/expressroute-workflows (states of a circuit),
https://learn.microsoft.com/azure/expressroute/expressroute-routing (ASN, VLAN and /30s of a peering),
https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#expressroute-limits
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import azure_supported, evidence
from pytest_azinterop.verify.azure_words import of_circuit, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.azure_expectations import ExpectedCircuit
    from pytest_azinterop.state.azure_circuit import CircuitPeering
    from pytest_azinterop.verify.azure_observed import ObservedCircuit
    from pytest_azinterop.verify.finding import Finding

# VNets that can be linked to a circuit; for premium it grows with the bandwidth (Mbps: links).
_LINKS: Final = 10
_PREMIUM_LINKS: Final = ((40000, 100), (10000, 100), (5000, 75), (2000, 60), (1000, 50), (500, 40), (200, 25))
_PREMIUM_LEAST: Final = 20


def state(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The provider has provisioned the circuit and Microsoft has enabled it."""
    circuit = observed.circuit
    if circuit.provisioning_state == "Failed":
        return [_finding("azure.circuit-state", expected, observed, "resource is Failed, expected Succeeded", "failed")]
    if circuit.is_provisioned:
        return []
    cause = "not-provisioned"
    if circuit.provider_state == "Provisioned":
        cause = "disabled"
    elif circuit.provider_state.casefold() == "deprovisioning":
        cause = "deprovisioning"
    seen = f"{shown(circuit.provider_state)} at the provider and {shown(circuit.circuit_state)} at Microsoft"
    words = f"state is {seen}, expected Provisioned and Enabled"
    return [_finding("azure.circuit-state", expected, observed, words, cause)]


def bandwidth(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The circuit has the bandwidth that was declared."""
    seen = _bandwidth(observed)
    if expected.bandwidth_mbps is None:
        return []
    if seen is None:
        evidence.undetermined("the circuit's bandwidth is not told", "not-understood", observed.circuit.source)
    if seen == expected.bandwidth_mbps:
        return []
    cause = "less" if seen < expected.bandwidth_mbps else "more"
    words = f"bandwidth is {seen} Mbit/s, expected {expected.bandwidth_mbps}"
    return [_finding("azure.circuit-bandwidth", expected, observed, words, cause)]


def _bandwidth(observed: ObservedCircuit) -> int | None:
    circuit = observed.circuit
    if circuit.bandwidth_gbps is not None and circuit.port is not None:
        return round(circuit.bandwidth_gbps * 1000)
    return circuit.bandwidth_mbps


def tier(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The circuit has the declared tier, and no more VNets are declared at it than that tier links."""
    seen = observed.circuit.tier
    if seen is None:
        evidence.undetermined("the circuit's tier is not told", "not-understood", observed.circuit.source)
    found = []
    if expected.tier is not None and seen.casefold() != expected.tier:
        words = f"tier is {shown(seen)}, expected {expected.tier.capitalize()}"
        found.append(_finding("azure.circuit-tier", expected, observed, words, "other-tier"))
    most = _links(seen, _bandwidth(observed))
    if len(expected.connections) > most:
        words = f"number of connections is {len(expected.connections)}, expected at most {most} of tier {shown(seen)}"
        found.append(_finding("azure.circuit-tier", expected, observed, words, "too-many-connections"))
    return found


def _links(tier_: str, mbps: int | None) -> int:
    if tier_.casefold() != "premium":
        return _LINKS
    return next((links for least, links in _PREMIUM_LINKS if (mbps or 0) >= least), _PREMIUM_LEAST)


def location(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The circuit meets Microsoft where it was declared to."""
    seen = observed.circuit.peering_location
    if expected.peering_location is None or (seen or "").casefold() == expected.peering_location.casefold():
        return []
    words = f"peering location is {shown(seen)}, expected {expected.peering_location}"
    return [_finding("azure.circuit-location", expected, observed, words, "not-told" if seen is None else "other")]


def peering_state(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The circuit has the peering, enabled."""
    if observed.circuit.peerings is None:
        evidence.undetermined("the circuit's peerings are not told", "not-understood", observed.circuit.source)
    azure_supported.circuit(observed.circuit)
    peering = observed.peering(expected.peering_name)
    if peering is None:
        words = f"{expected.peering_name} is missing, expected Enabled"
        return [_finding("azure.peering-state", expected, observed, words, "missing")]
    if peering.provisioning_state == "Failed":
        words = f"{expected.peering_name} is Failed, expected Succeeded"
        return [_finding("azure.peering-state", expected, observed, words, "failed", peering)]
    if peering.is_enabled:
        return []
    words = f"{expected.peering_name} is {shown(peering.state)}, expected Enabled"
    return [_finding("azure.peering-state", expected, observed, words, "disabled", peering)]


def peering_asn(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """Both ASNs of the peering are those of the intent. A peering that is missing has none: `peering-state`."""
    peering = observed.peering(expected.peering_name)
    if peering is None:
        return peering_state(expected, observed)
    found = []
    for what, seen, wanted, cause in (
        ("peer ASN", peering.peer_asn, expected.peer_asn, "other-peer-asn"),
        ("Azure's ASN", peering.azure_asn, expected.azure_asn, "other-azure-asn"),
    ):
        if wanted is not None and seen != wanted:
            words = f"{what} is {shown(seen)}, expected {wanted}"
            found.append(_finding("azure.peering-asn", expected, observed, words, cause, peering))
    return found


def peering_vlan(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """The peering's VLAN is the one that the routers' interfaces have."""
    peering = observed.peering(expected.peering_name)
    if peering is None:
        return peering_state(expected, observed)
    if expected.vlan is None or peering.vlan == expected.vlan:
        return []
    words = f"VLAN is {shown(peering.vlan)}, expected {expected.vlan}"
    return [_finding("azure.peering-vlan", expected, observed, words, "other-vlan", peering)]


def peering_subnets(expected: ExpectedCircuit, observed: ObservedCircuit) -> list[Finding]:
    """Each path has the /30 of the routers. Two that have changed places are told as that."""
    peering = observed.peering(expected.peering_name)
    if peering is None:
        return peering_state(expected, observed)
    seen = {"primary": peering.primary_prefix, "secondary": peering.secondary_prefix}
    wanted = {path.path: path.subnet for path in expected.paths}
    swapped = wanted["primary"] is not None and seen["primary"] == wanted["secondary"]
    swapped = swapped and seen["secondary"] == wanted["primary"]
    found = []
    for path in expected.paths:
        if path.subnet is None or seen[path.path] == path.subnet:
            continue
        told = seen[path.path]
        cause = "swapped" if swapped else "missing" if told is None else "other-subnet"
        words = f"subnet of the {path.path} path is {shown(told)}, expected {path.subnet}"
        found.append(_finding("azure.peering-subnets", expected, observed, words, cause, peering))
    return [*found, *_ipv6_subnets(expected, observed, peering)]


def _ipv6_subnets(expected: ExpectedCircuit, observed: ObservedCircuit, peering: CircuitPeering) -> Iterator[Finding]:
    """Both ends of each IPv6 session lie in the prefix that the peering has for its path."""
    told = peering.ipv6
    seen = {} if told is None else {"primary": told.primary_prefix, "secondary": told.secondary_prefix}
    for path in expected.paths:
        prefix = seen.get(path.path)
        for session in path.sessions:
            if session.version != 6:
                continue
            ends = [each for each in (session.local_address, session.neighbor) if each is not None]
            if prefix is None:
                cause, state = "ipv6-missing", "missing"
            elif told is not None and told.state not in (None, "Enabled"):
                cause, state = "ipv6-missing", shown(told.state)
            elif any(each not in prefix for each in ends):
                cause, state = "other-subnet", str(prefix)
            else:
                continue
            words = f"IPv6 subnet of the {path.path} path is {state}, expected one with {' and '.join(map(str, ends))}"
            yield _finding("azure.peering-subnets", expected, observed, words, cause, peering)


def _finding(
    rule: str,
    expected: ExpectedCircuit,
    observed: ObservedCircuit,
    words: str,
    cause: str,
    peering: CircuitPeering | None = None,
) -> Finding:
    read = observed.circuit.source if peering is None else peering.source
    return of_circuit(expected).finding(rule, words, cause=cause, evidence=[read])
