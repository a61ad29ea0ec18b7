"""A resource of Azure against a baseline: what was changed is named by its parts, what only counts is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from plugin.agreeing_network import MemoryFacts
from verify.test_azure_rules import fields, intent, peering, vnet_peering

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.azure_connection import TunnelHealth
from pytest_azinterop.subjects_azure import circuit, connection, gateway, vnet
from pytest_azinterop.verify import difference
from pytest_azinterop.verify.change import Compared

REQUESTS = {"circuit": circuit, "connection": connection, "gateway": gateway, "vnet": vnet}
CASES: dict[str, tuple[str, Any, str]] = {
    "value": ("circuit", fields(bandwidth_mbps=50), "bandwidth mbps is now 50, was 500"),
    "part of a part": ("circuit", peering(vlan=7), "peerings AzurePrivatePeering vlan is now 7, was 90"),
    "part that went": ("circuit", fields(peerings=()), "peerings AzurePrivatePeering is now off, was on"),
    "no list any more": ("circuit", fields(peerings=None), "peerings is now none"),
    "state": ("connection", fields(status="Connecting"), "status is now Connecting"),
    "weight": ("connection", fields(routing_weight=9), "routing weight is now 9, was 0"),
    "SKU": ("gateway", fields(sku="Basic"), "sku is now Basic"),
    "flag": ("vnet", vnet_peering(allow_gateway_transit=False), "allow gateway transit is now off, was on"),
}


def compared(kind: str, change: Any) -> tuple[Any, Compared[Any]]:
    everything = intent()
    assert everything.azure is not None
    (expected, *_) = {
        "circuit": everything.azure.circuits,
        "connection": [each for each in everything.azure.connections if each.site_connection],
        "gateway": everything.azure.gateways,
        "vnet": everything.azure.vnets,
    }[kind]
    request = REQUESTS[kind](expected.resource)
    before, after = (MemoryFacts(everything) for _ in range(2))
    (was,), (is_,) = before.records(request), after.change(kind, change).records(request)
    return expected, Compared(was, is_)


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_named_by_its_part(name: str) -> None:
    kind, change, words = CASES[name]
    expected, both = compared(kind, change)
    (finding,) = difference.azure(expected, both)
    assert (finding.rule, finding.cause, finding.object) == ("baseline.azure", "changed", expected.id)
    assert words in finding.message
    assert len(finding.evidence) == 2


@pytest.mark.parametrize("kind", REQUESTS)
def test_nothing_changed_is_no_finding(kind: str) -> None:
    expected, both = compared(kind, lambda record: record)
    assert difference.azure(expected, both) == []


def test_counters_and_times_are_no_change() -> None:
    def later(record: Any) -> Any:
        tunnels = tuple(replace(each, ingress_bytes=77, established_at=datetime.now(UTC)) for each in record.tunnels)
        return replace(record, ingress_bytes=99, egress_bytes=99, tunnels=tunnels)

    assert difference.azure(*compared("connection", later)) == []


def test_a_tunnel_that_went_down_is_a_change() -> None:
    def down(record: Any) -> Any:
        return replace(record, tunnels=tuple(replace(each, status="Connecting") for each in record.tunnels))

    (finding,) = difference.azure(*compared("connection", down))
    assert "status is now Connecting, was Connected" in finding.message


def test_another_kind_of_resource_is_not_compared() -> None:
    expected, both = compared("connection", lambda record: record)
    with pytest.raises(UndeterminedError, match="another kind"):
        difference.azure(expected, replace(both, after=TunnelHealthOf(both.after)))


class TunnelHealthOf:
    """Something else with a source."""

    def __init__(self, record: Any) -> None:
        self.source = record.source
        self.tunnel = TunnelHealth("x", "Connected", None, None, None)
