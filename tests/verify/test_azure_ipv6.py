"""The IPv6 half of a circuit's peering: its prefixes are those of the routers' IPv6 sessions."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest
from verify.sides_records import azure

from pytest_azinterop.intent.azure_expectations import ExpectedCircuit
from pytest_azinterop.intent.loader import load
from pytest_azinterop.state.azure_circuit import CircuitPeering, Ipv6Peering
from pytest_azinterop.verify.azure_circuit import peering_subnets
from pytest_azinterop.verify.azure_observed import ObservedCircuit

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


def test_the_message_says_what_should_be() -> None:
    (cause, message), *_ = judged(replace(BOTH, primary_prefix=IPv6Network("2001:db8:40:ee::/126")))
    assert cause == "other-subnet"
    assert "IPv6 subnet of the primary path is 2001:db8:40:ee::/126" in message
    assert "2001:db8:40:ff::1 and 2001:db8:40:ff::2" in message
