"""The IPv6 half of a circuit's peering: its prefixes are those of the routers' IPv6 sessions."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import pytest
from verify.sides_records import azure

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.azure_expectations import ExpectedCircuit
from pytest_azinterop.intent.loader import load
from pytest_azinterop.state.azure_circuit import CircuitPeering, Ipv6Peering
from pytest_azinterop.state.azure_network import EffectiveRoute, Subnet, Vnet
from pytest_azinterop.verify.azure_circuit import peering_subnets
from pytest_azinterop.verify.azure_observed import ObservedCircuit, ObservedSubnet
from pytest_azinterop.verify.azure_subnet import next_hop

BOTH = Ipv6Peering(IPv6Network("2001:db8:40:ff::/126"), IPv6Network("2001:db8:40:ff::4/126"), "Enabled")
PEERING = CircuitPeering(
    name="AzurePrivatePeering",
    kind="AzurePrivatePeering",
    state="Enabled",
    azure_asn=12076,
    peer_asn=65040,
    vlan=400,
    primary_prefix=IPv4Network("192.168.40.16/30"),
    secondary_prefix=IPv4Network("192.168.40.20/30"),
    ipv6=BOTH,
    source=azure("expressRouteCircuits/expressroute-4", "circuit"),
)


BOTH_FAMILIES = ("10.40.0.0/26", "2001:db8:a40::/64")


def _wanted() -> dict[int, list[IPv4Network | IPv6Network]]:
    side = load(Path(__file__).parents[1] / "variants" / "dual-stack").expectations.azure
    assert side is not None
    prefixes = {each for subnet in side.subnets for there in subnet.destinations for each in there.prefixes.required}
    return {version: [each for each in prefixes if each.version == version] for version in (4, 6)}


WANTED = _wanted()


class Seen(ObservedCircuit):
    """A circuit of which one peering matters."""

    def __init__(self, peering: CircuitPeering) -> None:
        object.__setattr__(self, "circuit", peering)

    def peering(self, name: str) -> CircuitPeering | None:
        assert name == PEERING.name
        return self.circuit  # type: ignore[return-value]


def expected() -> ExpectedCircuit:
    """The circuit of the variant with both families."""
    side = load(Path(__file__).parents[1] / "variants" / "dual-stack").expectations.azure
    assert side is not None
    (circuit,) = side.circuits
    return circuit


def judged(ipv6: Ipv6Peering | None) -> list[tuple[str, str]]:
    found = peering_subnets(expected(), Seen(replace(PEERING, ipv6=ipv6)))
    assert {each.rule for each in found} <= {"azure.peering-subnets"}
    return [(each.cause, each.message) for each in found]


def test_prefixes_that_hold_both_ends_agree() -> None:
    assert judged(BOTH) == []
    assert judged(replace(BOTH, state=None)) == []


@pytest.mark.parametrize(
    ("ipv6", "causes"),
    [
        (None, ["ipv6-missing", "ipv6-missing"]),
        (replace(BOTH, secondary_prefix=None), ["ipv6-missing"]),
        (replace(BOTH, state="Disabled"), ["ipv6-missing", "ipv6-missing"]),
        (replace(BOTH, primary_prefix=IPv6Network("2001:db8:40:ee::/126")), ["other-subnet"]),
        (
            replace(BOTH, primary_prefix=BOTH.secondary_prefix, secondary_prefix=BOTH.primary_prefix),
            ["other-subnet", "other-subnet"],
        ),
    ],
)
def test_others_do_not(ipv6: Ipv6Peering | None, causes: list[str]) -> None:
    assert [cause for cause, _ in judged(ipv6)] == causes


def next_hops(*routes: str, subnet: tuple[str, ...]) -> list[tuple[str, str]]:
    """What is found in the first subnet of the variant, whose machine has these routes of a gateway."""
    source = azure("networkInterfaces/front-1-nic", "effective-routes")
    side = load(Path(__file__).parents[1] / "variants" / "dual-stack").expectations.azure
    assert side is not None
    (declared,) = (each for each in side.subnets if each.id == "subnet/front")
    kind = "VirtualNetworkGateway"
    rows = tuple(
        EffectiveRoute((ip_network(each),), (), kind, kind, "Active", source=source)
        for each in (*routes, *map(str, sorted(WANTED[4])))
    )
    there = Subnet(declared.resource.name, tuple(map(ip_network, subnet)), None, source=source)
    seen = ObservedSubnet(Vnet("hub", None, (there,), None, source=source), rows)
    return [(each.cause, each.message) for each in next_hop(declared, seen)]


class TestNextHop:
    def test_what_both_families_have_agrees(self) -> None:
        assert next_hops(*map(str, WANTED[6]), subnet=BOTH_FAMILIES) == []

    def test_an_ipv6_route_that_is_missing_is_told(self) -> None:
        found = next_hops("2001:db8:ffff::/48", subnet=BOTH_FAMILIES)
        assert {cause for cause, _ in found} == {"no-route"}
        assert all(any(str(each) in message for each in WANTED[6]) for _, message in found)

    def test_a_machine_without_ipv6_says_nothing_of_others(self) -> None:
        with pytest.raises(UndeterminedError, match="the machine has no IPv6 and the subnet does"):
            next_hops(subnet=BOTH_FAMILIES)

    def test_a_subnet_without_ipv6_needs_no_ipv6_route(self) -> None:
        assert next_hops(subnet=BOTH_FAMILIES[:1]) == []

    def test_a_subnet_whose_prefixes_are_not_told_is_not_judged(self) -> None:
        with pytest.raises(UndeterminedError, match="prefixes of the subnet are not told"):
            next_hops(subnet=())


def test_the_message_says_what_should_be() -> None:
    (cause, message), *_ = judged(replace(BOTH, primary_prefix=IPv6Network("2001:db8:40:ee::/126")))
    assert cause == "other-subnet"
    assert "IPv6 subnet of the primary path is 2001:db8:40:ee::/126" in message
    assert "2001:db8:40:ff::1 and 2001:db8:40:ff::2" in message
