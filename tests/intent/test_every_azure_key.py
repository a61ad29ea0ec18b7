"""Every key of Azure's part of the intent changes what is asked or judged there, or is refused with its line.

Azure answers as the intent was before a key is changed: the rule of the key must then have a finding.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from intent.test_every_key import keys
from plugin.agreeing_network import MemoryFacts
from plugin.conftest import WITH_AZURE
from verify.test_azure_rules import SUBJECT_OF

from pytest_azinterop.azure.request import Request
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.intent.azure import Azure
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.scope import reason_not_judged

BASE: dict[str, Any] = yaml.safe_load(WITH_AZURE)
BASE["azure"]["elsewhere"] = ["er-old"]
BASE["networks"]["wide"] = ["172.20.0.0/21"]
BASE["circuits"]["er-old"] = {"networks": ["core", "wide"]}
BASE["customers"]["acme"]["sites"]["town"]["expressroute"].append(
    {"circuit": "er-old", "path": "secondary", "interface": "Te0/0/5.9", "router": "edge-b", "subnet": "10.60.9.0/30"}
)
del BASE["customers"]["acme"]["sites"]["town"]["expressroute"][0]["vlans"]
ASKED, LOGS_IN, LEFT_OUT = "what is asked", "who asks", "not judged"
ID = "/subscriptions/sub-2/resourceGroups/other/providers/Microsoft.Network/"
# By place: another value, and the rule that then has a finding; or what it decides; or why it is refused.
PLACES: dict[str, tuple[Any, str]] = {
    "cloud": ("china", LOGS_IN),
    "subscription": ("sub-9", ASKED),
    "resource_group": ("other", ASKED),
    "credential.kind": ("azure-cli", LOGS_IN),
    "credential.options": ({"client_id": "x"}, LOGS_IN),
    "files": ("answers", LOGS_IN),
    "api_versions": ({"*": "2023-09-01"}, LOGS_IN),
    "circuits.er.resource": (f"{ID}expressRouteCircuits/er", ASKED),
    "circuits.er.resource_group": ("other", ASKED),
    "circuits.er.subscription": ("sub-2", ASKED),
    "circuits.er.tier": ("standard", "azure.circuit-tier"),
    "circuits.er.bandwidth_mbps": (100, "azure.circuit-bandwidth"),
    "circuits.er.peering_location": ("City", "azure.circuit-location"),
    "circuits.er.vlan": (91, "azure.peering-vlan"),
    "circuits.er.peer_asn": (64601, "azure.peering-asn"),
    "circuits.er.primary": ("10.60.0.8/30", "refused: the primary path at the site has"),
    "circuits.er.secondary": ("10.60.0.8/30", "azure.peering-subnets"),
    "gateways.core-er.resource": ("core-er9", ASKED),
    "gateways.core-er.resource_group": ("other", ASKED),
    "gateways.core-er.subscription": ("sub-2", ASKED),
    "gateways.core-er.kind": ("vpn", "refused: needs an ExpressRoute gateway"),
    "gateways.core-er.vnet": ("far", "azure.gateway-vnet"),
    "gateways.core-er.asn": (65001, "refused: cannot be changed"),
    "gateways.far-vpn.asn": (65517, "azure.gateway-asn"),
    "gateways.core-er.sku": ("ErGw2AZ", "azure.gateway-sku"),
    "gateways.core-er.active_active": (True, "azure.gateway-active-active"),
    "gateways.core-er.learned_limit": (1, "azure.gateway-head-room"),
    "gateways.core-er.remote_vnets": (True, "azure.gateway-remote-vnets"),
    "gateways.core-er.virtual_wan": (True, "azure.gateway-remote-vnets"),
    "gateways.core-vpn.remote_vnets": (True, "refused: is at no circuit"),
    "gateways.core-vpn.virtual_wan": (True, "refused: is at no circuit"),
    "connections.core-edge.mode": ("responder-only", "azure.connection-mode"),
    "connections.core-town.mode": ("responder-only", "refused: has no `mode`"),
    "connections.core-edge.resource": ("core-edge9", ASKED),
    "connections.core-edge.resource_group": ("other", ASKED),
    "connections.core-edge.subscription": ("sub-2", ASKED),
    "connections.core-edge.gateway": ("far-vpn", "refused: has ASN 65516"),
    "connections.core-town.gateway": ("far-er", "azure.connection-ends"),
    "connections.core-edge.circuit": ("er", "refused: say one of"),
    "connections.core-edge.connection": ("gw9", "refused: is not declared"),
    "connections.core-edge.router": ("edge-a", "refused: no site has a tunnel"),
    "connections.core-edge.to": ("far-vpn", "refused: say one of"),
    "connections.core-far.to": ("far-er", "refused: from one VPN gateway to another"),
    "connections.core-edge.local_gateway": ("far", "refused: already stands for"),
    "connections.core-edge.weight": (7, "azure.connection-weight"),
    "connections.core-edge.bgp": (False, "azure.connection-bgp"),
    "connections.core-town.bgp": (True, "refused: BGP always runs"),
    "connections.core-edge.ipsec.ike_encryption": ("AES128", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.ike_integrity": ("SHA384", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.dh_group": ("ECP384", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.ipsec_encryption": ("AES128", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.ipsec_integrity": ("SHA1", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.pfs_group": ("PFS24", "azure.connection-ipsec"),
    "connections.core-edge.ipsec.lifetime_seconds": (3600, "azure.connection-ipsec"),
    "connections.core-edge.ipsec.lifetime_kilobytes": (2000, "azure.connection-ipsec"),
    "connections.core-edge.over": ("er", "azure.connection-address"),
    "connections.core-edge.load_mbps": (5000, "azure.gateway-throughput"),
    "connections.core-edge.traffic": (False, f"{LEFT_OUT}: azure.connection-traffic"),
    "connections.core-town.traffic": (True, "refused: remove `traffic`"),
    "local_gateways.town.resource": ("town9", ASKED),
    "local_gateways.town.resource_group": ("other", ASKED),
    "local_gateways.town.subscription": ("sub-2", ASKED),
    "vnets.core.resource": ("core9", ASKED),
    "vnets.core.resource_group": ("other", ASKED),
    "vnets.core.subscription": ("sub-2", ASKED),
    "vnets.core.network": ("wide", "azure.vnet-space"),
    "vnets.core.peerings.core-to-leaf.to": ("far", "azure.vnet-peering-state"),
    "vnets.core.peerings.core-to-leaf.gateways": ("none", "azure.vnet-peering-gateways"),
    "vnets.core.peerings.core-to-leaf.forwarded_traffic": (True, "azure.vnet-peering-traffic"),
    "subnets.work.vnet": ("core", "azure.subnet-table"),
    "subnets.work.subnet": ("play", "azure.subnet-table"),
    "subnets.work.nic": ("vm-9-nic", ASKED),
    "subnets.work.via": ("172.20.0.4", "azure.subnet-next-hop"),
    "subnets.work.route_table": ("strange", ASKED),
    "subnets.work.via_nic": ("fw-9-nic", "refused: no firewall is on the way"),
    "subnets.work.back_via": ("172.20.0.9", "azure.subnet-return"),
    "elsewhere": (["er-old", "er-older"], "refused: is not declared"),
}
# Over ExpressRoute these have no meaning, or a value of the base already stands for them.
BESIDE = ("connections.core-town.", "connections.core-far.", "gateways.far-vpn.", "gateways.core-vpn.")


def walked() -> Iterator[str]:
    """Every key, at the first entry of each block; of connections at one that ends a tunnel."""
    base = copy.deepcopy(BASE["azure"])
    base["connections"] = {"core-edge": base["connections"]["core-edge"]}
    yield from (place for place, _ in keys(Azure, base))


def written(folder: Path, place: str | None = None, value: Any = None) -> Expectations:
    content = copy.deepcopy(BASE)
    if place is not None:
        *steps, last = place.split(".")
        at = content["azure"]
        for step in steps:
            if at.get(step) is None:
                at[step] = {}
            at = at[step]
        at[last] = value
    (folder / "interop.yaml").write_text(json.dumps(content, indent=1))
    return load(folder, rules=RULES).expectations


def requests(everything: Expectations) -> set[object]:
    kinds = [kind for kind in SUBJECTS.values() if kind.of_azure]
    found = {need for kind in kinds for each in kind.select(everything) for need in kind.needs(each)}
    return {need for need in found if isinstance(need, Request)}


def causes(rule: str, expected: Expectations, told: Expectations) -> list[str]:
    """What a rule finds where Azure answers as another intent says."""
    module, _, name = RULES[rule].judged_by.rpartition(".")
    kind = SUBJECTS[SUBJECT_OF.get(RULES[rule].judged_by) or SUBJECT_OF[module]]
    judge = getattr(import_module(f"pytest_azinterop.verify.{module}"), name)
    found: list[str] = []
    for each in kind.select(expected):
        if reason_not_judged(rule, each) is None:
            try:
                found += [finding.cause for finding in judge(each, kind.observe(each, MemoryFacts(told), expected))]
            except UndeterminedError:
                found.append("undetermined")
    return found


def test_every_key_has_a_row() -> None:
    places = set(walked())
    assert len(places) > 50
    assert places == {place for place in PLACES if not place.startswith(BESIDE)}


@pytest.mark.parametrize("place", PLACES)
def test_every_key_of_azure_is_judged_or_refused(tmp_path: Path, place: str) -> None:
    value, decides = PLACES[place]
    before = written(tmp_path)
    if decides.startswith("refused: "):
        with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
            written(tmp_path, place, value)
        assert decides.removeprefix("refused: ") in str(refused.value)
        return
    after = written(tmp_path, place, value)
    assert before.azure is not None
    assert after.azure is not None
    if decides == LOGS_IN:
        assert before.azure.cloud != after.azure.cloud
    elif decides == ASKED:
        assert requests(before) != requests(after)
    elif decides.startswith(LEFT_OUT):
        rule = decides.rpartition(" ")[2]
        left = [[reason_not_judged(rule, each) for each in all_.azure.connections] for all_ in (before, after)]  # type: ignore[union-attr]
        assert left[0] != left[1]
    else:
        assert causes(decides, before, before) == []
        assert causes(decides, after, before), f"{decides} finds nothing"
        assert "undetermined" not in causes(decides, after, before)


def refused(folder: Path, content: dict[str, Any]) -> str:
    (folder / "interop.yaml").write_text(json.dumps(content, indent=1))
    with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as said:
        load(folder, rules=RULES)
    return str(said.value)


def test_a_limit_without_head_room_is_refused(tmp_path: Path) -> None:
    content = copy.deepcopy(BASE)
    content["azure"]["gateways"]["core-er"]["learned_limit"] = 500
    content.setdefault("defaults", {}).setdefault("bgp", {})["head_room"] = None
    assert "`defaults.bgp.head_room` is off" in refused(tmp_path, content)


def test_a_tunnel_inside_azure_takes_no_circuit(tmp_path: Path) -> None:
    content = copy.deepcopy(BASE)
    del content["azure"]["local_gateways"]["far"], content["azure"]["connections"]["core-far"]["local_gateway"]
    content["azure"]["connections"]["core-far"]["over"] = "er"
    assert "remove `over`" in refused(tmp_path, content)
