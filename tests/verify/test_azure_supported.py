"""Global Reach, FastPath and Virtual WAN are named where they are met, and no verdict that rests on them passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from plugin.agreeing_network import MemoryFacts
from verify.test_azure_rules import CIRCUIT, LEAF, TOWN, fields, intent, judged, peering, vnet_peering

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.subjects import SUBJECTS

ELSEWHERE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/"
HUB = "/subscriptions/s/resourceGroups/RG_core_1/providers/Microsoft.Network/virtualNetworks/HV_core_2"
IN_HUB = f"{ELSEWHERE}expressRouteGateways/core/expressRouteConnections/c"
MET: dict[str, tuple[str, str, str, Callable[[Any], Any], str]] = {
    "by its flag": (
        "azure.peering-state",
        CIRCUIT,
        "circuit",
        fields(global_reach_enabled=True),
        "Global Reach",
    ),
    "made here": ("azure.peering-state", CIRCUIT, "circuit", peering(global_reach=("/x",)), "Global Reach"),
    "made there": ("azure.peering-state", CIRCUIT, "circuit", peering(global_reach_peers=("/x",)), "Global Reach"),
    "circuit at a hub": ("azure.peering-state", CIRCUIT, "circuit", peering(hub_connection=IN_HUB), "Virtual WAN"),
    "FastPath": ("azure.connection-ends", TOWN, "connection", fields(fast_path=True), "FastPath"),
    "to private link": ("azure.connection-ends", TOWN, "connection", fields(private_link_fast_path=True), "FastPath"),
    "hub's gateway": (
        "azure.connection-ends",
        TOWN,
        "connection",
        fields(gateway=f"{ELSEWHERE}expressRouteGateways/core"),
        "Virtual WAN",
    ),
    "hub's VPN": (
        "azure.connection-ends",
        TOWN,
        "connection",
        fields(other_gateway=f"{ELSEWHERE}vpnGateways/core"),
        "Virtual WAN",
    ),
    "peered with a hub": ("azure.vnet-peering-state", LEAF, "vnet", vnet_peering(remote_vnet=HUB), "Virtual WAN"),
    "named by Azure": (
        "azure.vnet-space",
        "vnet/leaf",
        "vnet",
        vnet_peering(name="RemoteVnetToHubPeering_1"),
        "Virtual WAN",
    ),
    "subnet": (
        "azure.subnet-next-hop",
        "subnet/work",
        "vnet",
        vnet_peering(remote_vnet=HUB),
        "Virtual WAN",
    ),
}


@pytest.mark.parametrize("name", MET)
def test_it_is_named_and_refused(name: str) -> None:
    rule, object_id, kind, change, words = MET[name]
    everything = intent()
    with pytest.raises(UndeterminedError, match=f"{words}.*not supported") as refused:
        judged(rule, everything, MemoryFacts(everything).change(kind, change), object_id)
    assert refused.value.cause == "not-supported"


@pytest.mark.parametrize("subject", ["both_sides", "standby", "separation"])
@pytest.mark.parametrize(
    ("kind", "change"),
    [("circuit", fields(global_reach_enabled=True)), ("connection", fields(fast_path=True))],
    ids=["Global Reach", "FastPath"],
)
def test_no_verdict_over_both_sides_ignores_it(subject: str, kind: str, change: Callable[[Any], Any]) -> None:
    everything = intent()
    asked = SUBJECTS[subject]
    (expected, *_) = asked.select(everything)
    needed = {getattr(each, "operation_name", "") for each in asked.needs(expected)}
    assert {"circuit", "connection"} <= needed
    with pytest.raises(UndeterminedError, match="not supported"):
        asked.observe(expected, MemoryFacts(everything).change(kind, change), everything)


def test_what_is_told_as_absent_is_supported() -> None:
    everything = intent()
    facts = MemoryFacts(everything)
    facts.change("circuit", lambda circuit: replace(circuit, global_reach_enabled=False))
    facts.change("circuit", peering(global_reach=(), global_reach_peers=()))
    facts.change("connection", fields(fast_path=False, private_link_fast_path=False))
    assert judged("azure.peering-state", everything, facts, CIRCUIT) == []
    assert judged("azure.connection-ends", everything, facts, TOWN) == []
