"""Intent, router and circuit must mean the same link before anything else about it means something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.sides_records import azure
from verify.verify_records import ER, MSEE, OBSERVED_INTERFACE, VRF, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.sides import ExpectedBinding
from pytest_azinterop.state.azure_circuit import CircuitArpEntry, CircuitPeering
from pytest_azinterop.state.device import ArpEntry
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides.binding import bound
from pytest_azinterop.verify.sides.observed import ObservedBinding

OURS, THEIRS = "00c8.8b00.0001", "2478.ef00.0002"
CE, OTHER = IPv4Address("172.20.1.1"), IPv4Network("172.20.9.0/30")
EXPECTED = ExpectedBinding(ER, "circuit-n", "primary", IPv4Interface("172.20.1.1/30"), 120, (12, 120))
INTERFACE = replace(OBSERVED_INTERFACE.interface, mac=OURS)  # type: ignore[type-var]
PEERING = CircuitPeering(
    "AzurePrivatePeering",
    "AzurePrivatePeering",
    "Enabled",
    64512,
    64900,
    120,
    IPv4Network("172.20.1.0/30"),
    IPv4Network("172.20.1.4/30"),
    source=azure("expressRouteCircuits/circuit-n", "peering"),
)


def router_row(address: Any, mac: str | None, age: int | None = 3) -> ArpEntry:
    return ArpEntry(
        VRF,
        IPv4Address(str(address)),
        mac,
        age,
        "ARPA",
        "TenGigabitEthernet0/0/1.120",
        source=source("show ip arp vrf blue"),
    )


def circuit_row(address: Any, mac: str | None, side: str) -> CircuitArpEntry:
    return CircuitArpEntry(
        "primary",
        IPv4Address(str(address)),
        mac,
        side,
        5,
        source=azure("expressRouteCircuits/circuit-n", "arp-table"),
    )


ROUTER_ARP = (router_row(CE, OURS, None), router_row(MSEE, THEIRS))
CIRCUIT_ARP = (circuit_row(CE, OURS, "On-Prem"), circuit_row(MSEE, THEIRS, "Microsoft"))


def observed(**changes: Any) -> ObservedBinding:
    return replace(ObservedBinding(INTERFACE, PEERING, ROUTER_ARP, CIRCUIT_ARP), **changes)


def on(**changes: Any) -> ObservedBinding:
    return observed(interface=replace(INTERFACE, **changes))


def peering(**changes: Any) -> ObservedBinding:
    return observed(peering=replace(PEERING, **changes))


CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "no such interface": (lambda: observed(interface=None), "no-interface"),
    "no such peering": (lambda: observed(peering=None), "no-peering"),
    "another subnet in Azure": (lambda: peering(primary_prefix=OTHER), "other-subnet"),
    "the two subnets swapped": (
        lambda: peering(primary_prefix=PEERING.secondary_prefix, secondary_prefix=PEERING.primary_prefix),
        "other-subnet",
    ),
    "router has Azure's address": (lambda: on(address=IPv4Interface("172.20.1.2/30")), "router-address"),
    "router has a wider mask": (lambda: on(address=IPv4Interface("172.20.1.1/29")), "router-address"),
    "router has no address": (lambda: on(address=None), "router-address"),
    "another VLAN in Azure": (lambda: peering(vlan=121), "vlan"),
    "another tag on the router": (lambda: on(inner_vlan=121), "vlan"),
    "customer's ASN": (lambda: peering(peer_asn=64901), "customer-asn"),
    "Azure's ASN": (lambda: peering(azure_asn=12076), "azure-asn"),
    "circuit does not see the router": (lambda: observed(circuit_arp=CIRCUIT_ARP[1:]), "circuit-arp-missing"),
    "circuit's entry is incomplete": (
        lambda: observed(circuit_arp=(replace(CIRCUIT_ARP[0], mac=None), CIRCUIT_ARP[1])),
        "circuit-arp-incomplete",
    ),
    "circuit sees another device": (
        lambda: observed(circuit_arp=(replace(CIRCUIT_ARP[0], mac="0011.2233.4455"), CIRCUIT_ARP[1])),
        "router-hardware",
    ),
    "router sees another device": (
        lambda: observed(router_arp=(ROUTER_ARP[0], replace(ROUTER_ARP[1], mac="0011.2233.4455"))),
        "msee-hardware",
    ),
    "router does not see the MSEE": (lambda: observed(router_arp=ROUTER_ARP[:1]), "router-arp"),
    "router's entry is incomplete": (
        lambda: observed(router_arp=(ROUTER_ARP[0], replace(ROUTER_ARP[1], mac=None))),
        "router-arp",
    ),
}


def test_agreement_has_no_finding() -> None:
    assert bound(EXPECTED, observed()) == []
    assert bound(replace(EXPECTED, azure_vlan=None), peering(vlan=None)) == []
    assert bound(replace(EXPECTED, azure_vlan=77), peering(vlan=77)) == []


@pytest.mark.parametrize("name", CASES)
def test_each_difference_has_its_cause(name: str) -> None:
    seen, cause = CASES[name]
    found = bound(EXPECTED, seen())
    assert {each.cause for each in found} == {cause}
    assert {each.object for each in found} == {ER.id}
    for each in found:
        assert each.evidence or cause == "no-interface"
        assert each.next_command
        assert ", expected " in each.message


def test_neighbor_that_is_not_azures_end() -> None:
    wrong = replace(EXPECTED, session=replace(ER, neighbor=IPv4Address("172.20.1.3")))
    assert "neighbor" in {each.cause for each in bound(wrong, observed())}


def test_every_cause_has_a_case() -> None:
    assert {cause for _, cause in CASES.values()} | {"neighbor"} == set(RULES["sides.binding"].causes)


def test_secondary_path_is_judged_by_its_own_subnet() -> None:
    expected = replace(
        EXPECTED,
        path="secondary",
        address=IPv4Interface("172.20.1.5/30"),
        session=replace(ER, neighbor=IPv4Address("172.20.1.6")),
    )
    seen = ObservedBinding(
        replace(INTERFACE, address=IPv4Interface("172.20.1.5/30")),
        PEERING,
        (router_row("172.20.1.6", THEIRS),),
        (
            replace(circuit_row("172.20.1.5", OURS, "On-Prem"), path="secondary"),
            replace(circuit_row("172.20.1.6", THEIRS, "Microsoft"), path="secondary"),
        ),
    )
    assert bound(expected, seen) == []
    primary = bound(replace(expected, path="primary"), replace(seen, circuit_arp=()))
    assert primary[0].cause == "other-subnet"


def test_hardware_address_of_the_router_may_stand_in_its_arp_table() -> None:
    """A sub-interface may print none."""
    assert bound(EXPECTED, on(mac=None)) == []
    with pytest.raises(UndeterminedError):
        bound(EXPECTED, replace(on(mac=None), router_arp=ROUTER_ARP[1:]))


def test_some_platforms_show_the_routers_end_alone() -> None:
    alone = CIRCUIT_ARP[:1]
    assert bound(EXPECTED, observed(circuit_arp=alone)) == []
    deaf = (ROUTER_ARP[0], replace(ROUTER_ARP[1], mac=None))
    for router_arp, seen in ((ROUTER_ARP[:1], "missing"), (deaf, "incomplete")):
        (found,) = bound(EXPECTED, observed(circuit_arp=alone, router_arp=router_arp))
        assert found.cause == "router-arp"
        assert f"is {seen}, expected complete" in found.message
    unresolved = (replace(CIRCUIT_ARP[0], mac=None),)
    causes = [each.cause for each in bound(EXPECTED, observed(circuit_arp=unresolved))]
    assert causes == ["circuit-arp-incomplete", "circuit-arp-missing"]
    strange = (CIRCUIT_ARP[0], replace(CIRCUIT_ARP[1], address=IPv4Address("172.20.1.9")))
    assert [each.cause for each in bound(EXPECTED, observed(circuit_arp=strange))] == ["circuit-arp-missing"]


def test_empty_tables_are_findings() -> None:
    causes = [each.cause for each in bound(EXPECTED, observed(circuit_arp=(), router_arp=()))]
    assert causes == ["circuit-arp-missing", "circuit-arp-missing"]


MISSING: dict[str, Callable[[], Any]] = {
    "router's ARP": lambda: observed(router_arp=None),
    "circuit's ARP": lambda: observed(circuit_arp=None),
    "ARP of the other path": lambda: observed(
        circuit_arp=tuple(replace(each, path="secondary") for each in CIRCUIT_ARP)
    ),
    "subnet": lambda: peering(primary_prefix=None),
    "VLAN": lambda: peering(vlan=None),
    "customer's ASN": lambda: peering(peer_asn=None),
    "Azure's ASN": lambda: peering(azure_asn=None),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_raises(name: str) -> None:
    with pytest.raises(UndeterminedError):
        bound(EXPECTED, MISSING[name]())


@given(st.permutations(ROUTER_ARP), st.permutations(CIRCUIT_ARP), st.booleans())
def test_order_and_case_do_not_matter(router: Any, circuit: Any, upper: bool) -> None:
    rows = [replace(each, mac=each.mac.upper()) if upper else each for each in circuit]
    assert bound(EXPECTED, observed(router_arp=tuple(router), circuit_arp=tuple(rows))) == []


@given(st.text("0123456789abcdef", min_size=12, max_size=12))
def test_any_other_hardware_address_is_found(digits: str) -> None:
    mac = f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"
    found = bound(EXPECTED, observed(circuit_arp=(replace(CIRCUIT_ARP[0], mac=mac), CIRCUIT_ARP[1])))
    assert bool(found) == (mac != OURS)
