"""Azure's block as it is written, what follows from it, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.azure_expectations import AzureExpectations, ResourceName
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.schema import schema
from pytest_azinterop.intent.yaml import read

if TYPE_CHECKING:
    from pathlib import Path

HUBS = "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/expressRouteGateways/core"
OTHERS = "/subscriptions/sub-9/resourceGroups/theirs/providers/Microsoft.Network/expressRouteCircuits/er-b"
INTENT = f"""\
networks: {{hub: [10.64.0.0/22], app: [10.65.0.0/24], far: [10.66.0.0/24]}}
circuits:
  er: {{networks: [hub, app], primary: {{router: edge1}}}}
connections:
  gw: {{networks: [hub, app, far]}}
  old: {{networks: [hub]}}
sites:
  ams: {{asn: 65010, routers: [edge1, edge2]}}
azure:
  subscription: sub-1
  resource_group: net
  circuits:
    er: {{resource: {OTHERS}, tier: premium, secondary: 172.20.40.4/30}}
  gateways:
    hub-er: {{kind: expressroute, vnet: hub, sku: ErGw2AZ}}
    hub-vpn: {{kind: vpn, vnet: hub}}
    far-vpn: {{kind: vpn, vnet: far, asn: 65516, resource_group: far-rg}}
  local_gateways: {{ams: , far: far-device, hub: }}
  connections:
    hub-er-ams: {{gateway: hub-er, circuit: er}}
    hub-ams: {{gateway: hub-vpn, connection: gw, local_gateway: ams, ipsec: default}}
    hub-far: {{gateway: hub-vpn, to: far-vpn, local_gateway: far}}
    far-hub: {{gateway: far-vpn, to: hub-vpn, local_gateway: hub}}
  vnets:
    hub: {{peerings: {{hub-to-app: {{to: app, gateways: shared}}}}}}
    app: {{peerings: {{app-to-hub: {{to: hub, gateways: remote}}}}}}
    far:
  subnets:
    back: {{vnet: app, nic: vm-1-nic, via: 10.64.0.4}}
    empty: {{vnet: far, subnet: work, route_table: rt}}
  elsewhere: [old]
customers:
  finance:
    vrf: FIN-1
    sites:
      ams:
        prefixes: [10.20.40.0/24]
        expressroute:
          - {{circuit: er, path: primary, interface: Te0/0/1.400, vlans: [40, 400], subnet: 172.20.40.0/30}}
        vpn:
          - {{connection: gw, router: edge2, tunnel: Tu40, address: 10.20.40.9/32, neighbor: 10.64.1.30, peer: 203.0.113.40, local: 198.51.100.7}}
          - {{connection: old, router: edge2, tunnel: Tu41, neighbor: 10.64.1.31, peer: 203.0.113.41}}
"""  # noqa: E501


def expected(folder: Path, old: str = "", new: str = "") -> AzureExpectations:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new, 1))
    azure = load(folder).expectations.azure
    assert azure is not None
    return azure


def test_without_the_block_nothing_is_expected_of_azure(tmp_path: Path) -> None:
    start, end = INTENT.index("azure:"), INTENT.index("customers:")
    (tmp_path / "interop.yaml").write_text(INTENT[:start] + INTENT[end:])
    assert load(tmp_path).expectations.azure is None


def test_resources_are_named_by_key_by_name_and_by_id(tmp_path: Path) -> None:
    azure = expected(tmp_path)
    assert azure.circuits[0].resource.id == OTHERS
    assert [each.resource for each in azure.gateways] == [
        ResourceName("sub-1", "net", ("virtualNetworkGateways", "hub-er")),
        ResourceName("sub-1", "net", ("virtualNetworkGateways", "hub-vpn")),
        ResourceName("sub-1", "far-rg", ("virtualNetworkGateways", "far-vpn")),
    ]
    assert [each.resource.name for each in azure.local_gateways] == ["ams", "far-device", "hub"]
    assert azure.vnet_peerings[0].resource.parts == ("virtualNetworks", "hub", "virtualNetworkPeerings", "hub-to-app")
    assert azure.circuits[0].resource.is_(OTHERS.upper())
    assert not azure.circuits[0].resource.is_(None)


def test_a_circuit_is_what_its_paths_say(tmp_path: Path) -> None:
    circuit = expected(tmp_path).circuits[0]
    assert (circuit.peer_asn, circuit.vlan, circuit.paths[0].accepts, circuit.peering_name) == (
        65010,
        400,
        10000,
        "AzurePrivatePeering",
    )
    primary, secondary = circuit.paths
    assert [str(each) for each in primary.neighbors] == ["172.20.40.1"]
    assert [session.router for session in primary.sessions] == ["edge1"]
    # No router is there, and the circuit has this path all the same.
    assert secondary.sessions == ()
    assert [str(each) for each in (*secondary.neighbors, *secondary.azure_addresses)] == ["172.20.40.5", "172.20.40.6"]


def test_gateways_have_the_peers_of_their_connections(tmp_path: Path) -> None:
    er, vpn, far = expected(tmp_path).gateways
    assert (er.circuits, er.peers, er.learned_limit) == (("er",), (), 9500)
    assert [(peer.asn, str(peer.address), peer.gateway) for peer in vpn.peers] == [
        (65010, "10.20.40.9", None),
        (65516, "None", "far-vpn"),
    ]
    assert vpn.peers[0].session is not None
    assert vpn.peers[0].session.id == "edge2/vrf-FIN-1/10.64.1.30"
    assert [(peer.asn, peer.gateway) for peer in far.peers] == [(65515, "hub-vpn")]


def test_a_local_network_gateway_is_what_stands_behind_it(tmp_path: Path) -> None:
    site, far, _ = expected(tmp_path).local_gateways
    assert ([str(each) for each in site.addresses], site.asn, [str(each) for each in site.bgp_addresses]) == (
        ["198.51.100.7"],
        65010,
        ["10.20.40.9"],
    )
    assert (far.addresses, far.asn, far.to) == ((), 65516, "far-vpn")


def test_connections_know_their_ends(tmp_path: Path) -> None:
    er, site, vnet, _ = expected(tmp_path).connections
    assert (er.kind, er.bgp, er.circuit_resource and er.circuit_resource.id) == ("ExpressRoute", None, OTHERS)
    assert (site.kind, site.ipsec, [tunnel.name for tunnel in site.tunnels]) == ("IPsec", "default", ["Tunnel40"])
    assert (vnet.kind, vnet.to, vnet.tunnels) == ("IPsec", "far-vpn", ())


def test_subnets_reach_the_sites_that_their_gateways_lead_to(tmp_path: Path) -> None:
    back, empty = expected(tmp_path).subnets
    assert (back.gateways, str(back.via), back.nic and back.nic.name) == (
        ("hub-er", "hub-vpn"),
        "10.64.0.4",
        "vm-1-nic",
    )
    assert [(each.site, each.circuits, each.site_connections) for each in back.destinations] == [
        ("ams", ("er",), ("gw",))
    ]
    # By way of the hub's gateway; ExpressRoute does not pass that way.
    assert [(each.circuits, each.site_connections) for each in empty.destinations] == [((), ("gw",))]
    assert (empty.nic, empty.route_table and empty.route_table.name) == (None, "rt")


def test_a_customers_own_network_is_reached_by_that_customer_alone(tmp_path: Path) -> None:
    own = INTENT.replace("    vrf: FIN-1\n", "    vrf: FIN-1\n    networks: {app: [10.70.0.0/24]}\n")
    (tmp_path / "interop.yaml").write_text(own)
    azure = load(tmp_path).expectations.azure
    assert azure is not None
    assert azure.subnets[0].destinations == ()
    (tmp_path / "interop.yaml").write_text(own.replace("app: {peerings", "app: {network: finance/app, peerings"))
    azure = load(tmp_path).expectations.azure
    assert azure is not None
    assert [str(each) for each in azure.vnets[1].spaces.required] == ["10.70.0.0/24"]  # type: ignore[union-attr]
    assert [each.site for each in azure.subnets[0].destinations] == ["ams"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  subscription: sub-1\n", "", "no subscription is named"),
        ("  resource_group: net\n", "", "no resource group is named"),
        ("subscription: sub-1", "subscription: ../x", "not the id of a subscription"),
        ("expressRouteCircuits/er-b", "virtualNetworks/er-b", "no resource of the type expressRouteCircuits"),
        (f"{OTHERS}, tier", f"{OTHERS}, subscription: s, tier", "has its group and subscription in it"),
        (f"resource: {OTHERS}", "resource: /subscriptions/x", "is not an id such as"),
        ("resource_group: far-rg", "resource: hub-vpn", "already named by azure.gateways.hub-vpn"),
        (f"    er: {{resource: {OTHERS}", f"    er9: {{resource: {OTHERS}", "circuit `er9` is not declared"),
        ("secondary: 172.20.40.4/30", "primary: 172.20.40.4/30", "the primary path at the site has 172.20.40.0/30"),
        ("secondary: 172.20.40.4/30", "secondary: 172.20.40.0/30", "172.20.40.0/30 is on both of its paths"),
        ("secondary: 172.20.40.4/30", "vlan: 40", "have the VLAN 400"),
        (
            "{connection: old, router: edge2",
            "{connection: gw, router: edge1",
            "has tunnels on edge1 and edge2, and Azure",
        ),
        ("kind: expressroute, vnet: hub", f"resource: {HUBS}, kind: expressroute, vnet: hub", "belongs to Virtual WAN"),
        ("nic: vm-1-nic", f"nic: {HUBS}", "name the circuits and connections that end there in `azure.elsewhere`"),
        ("kind: expressroute, vnet: hub", "kind: expressroute, vnet: hup", "did you mean `hub`"),
        ("kind: expressroute, vnet: hub", "kind: expressroute, asn: 65001, vnet: hub", "cannot be changed"),
        ("{gateway: hub-er, circuit: er}", "{gateway: hub-vpn, circuit: er}", "needs an ExpressRoute gateway"),
        ("{gateway: hub-er, circuit: er}", "{gateway: hub-er, circuit: er, to: far-vpn}", "say one of"),
        ("{gateway: hub-er, circuit: er}", "{gateway: hub-er, circuit: er, ipsec: default}", "has no `ipsec`"),
        ("local_gateway: ams, ipsec", "router: edge1, local_gateway: ams, ipsec", "no site has a tunnel"),
        ("local_gateway: ams, ipsec: default", "ipsec: default", "what Azure knows of the device"),
        ("local_gateway: far}", "local_gateway: ams}", "already stands for the far end of `hub-ams`"),
        ("local_gateway: far}", "}", "no connection leads to it"),
        ("kind: vpn, vnet: hub}", "kind: vpn, asn: 65001, vnet: hub}", "connection `gw` says 65515"),
        ("to: hub-vpn", "to: hub-er", "from one VPN gateway to another"),
        ("{to: hub, gateways: remote}", "{to: app, gateways: remote}", "is not declared"),
        ("{to: app, gateways: shared}", "{to: app, gateways: remote}", "has a gateway of its own"),
        ("    far:\n", "    far:\n    moon:\n", "nothing says what it should be"),
        ("via: 10.64.0.4", "via: 10.99.0.4", "lies in no VNet"),
        ("via: 10.64.0.4", "via: internet", "internet"),
        ("elsewhere: [old]", "elsewhere: []", "ends this tunnel of `old` on edge2"),
        ("elsewhere: [old]", "elsewhere: [old, gw]", "`gw` is described here"),
        ("elsewhere: [old]", "elsewhere: [old, moon]", "circuit or connection `moon`"),
        ("nic: vm-1-nic", f"nic: {OTHERS}", "no resource of the type networkInterfaces"),
        ("ipsec: default", "ipsec: {ike_encryption: AES256}", "lacks the key"),
        ("gateways: shared", "gatways: shared", "did you mean `gateways`"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in INTENT
    (tmp_path / "interop.yaml").write_text(INTENT.replace(old, new, 1))
    with pytest.raises(InventoryError) as refused:
        load(tmp_path)
    assert said in str(refused.value)
    assert "interop.yaml:" in str(refused.value)


@pytest.mark.parametrize("path", ["primary", "secondary"])
def test_paths_that_disagree_need_a_word(tmp_path: Path, path: str) -> None:
    other = "          - {circuit: er, path: primary, router: edge2, interface: Te0/0/2.401, vlans: [40, 401], subnet: 172.20.41.0/30}\n"  # noqa: E501
    text = INTENT.replace("        vpn:\n", other.replace("path: primary", f"path: {path}") + "        vpn:\n")
    (tmp_path / "interop.yaml").write_text(text)
    with pytest.raises(InventoryError, match="400 and 401; say which one"):
        load(tmp_path)


def test_the_schema_takes_what_the_loader_takes(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text(INTENT)
    content: Any = read(tmp_path / "interop.yaml", "interop.yaml").value
    jsonschema.validate(content, schema())
    content["azure"]["gateways"]["hub-er"]["kind"] = "satellite"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, schema())


def test_waivers_may_name_objects_of_azure(tmp_path: Path) -> None:
    waiver = (
        "waivers:\n  - {rule: azure.path-arp, object: circuit/er/secondary, reason: ordered, expires: 2030-01-01}\n"
    )
    (tmp_path / "interop.yaml").write_text(INTENT + waiver)
    assert load(tmp_path).intent.waivers[0].object == "circuit/er/secondary"
    (tmp_path / "interop.yaml").write_text(INTENT + waiver.replace("circuit/er/", "circuit/moon/"))
    with pytest.raises(InventoryError, match="covers nothing, ever"):
        load(tmp_path)
