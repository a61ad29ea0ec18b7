"""What must agree on both sides follows from the sites and from Azure's block, and from nothing else."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.objects import objects
from pytest_azinterop.intent.sides import BothSides

if TYPE_CHECKING:
    from pathlib import Path

INTENT = """\
networks: {hub: [10.64.0.0/22], app: [10.65.0.0/24], branch: [10.66.0.0/24], far: [10.67.0.0/24]}
circuits:
  er: {networks: [hub, app], primary: {router: edge1}, secondary: {router: edge2}}
  public: {peering: microsoft, networks: [far], primary: {router: edge1}}
connections:
  gw: {networks: [hub, branch]}
sites:
  ams: {asn: 65010, routers: [edge1, edge2]}
  ber: {asn: 65011, routers: [edge3]}
azure:
  subscription: sub-1
  resource_group: net
  circuits: {er: {}, public: {}}
  gateways:
    hub-er: {kind: expressroute, vnet: hub}
    hub-vpn: {kind: vpn, vnet: hub}
    branch-vpn: {kind: vpn, vnet: branch, asn: 65516}
  local_gateways: {ams: , ber: , far: , hub: }
  connections:
    hub-er-ams: {gateway: hub-er, circuit: er}
    hub-ams: {gateway: hub-vpn, connection: gw, router: edge1, local_gateway: ams, over: er}
    hub-ber: {gateway: hub-vpn, connection: gw, router: edge3, local_gateway: ber}
    hub-branch: {gateway: hub-vpn, to: branch-vpn, local_gateway: far}
    branch-hub: {gateway: branch-vpn, to: hub-vpn, local_gateway: hub}
  vnets:
    hub: {peerings: {hub-to-app: {to: app, gateways: shared}}}
    app: {peerings: {app-to-hub: {to: hub, gateways: remote}}}
    branch:
    far:
  subnets:
    back: {vnet: app, nic: vm-1-nic, via: 10.64.0.4}
    empty: {vnet: app, subnet: work}
customers:
  finance:
    vrf: FIN-1
    sites:
      ams:
        prefixes: [10.20.40.0/24]
        expressroute:
          - {circuit: er, path: primary, interface: Te0/0/1.400, vlans: [40, 400], subnet: 172.20.40.0/30}
          - {circuit: er, path: secondary, interface: Te0/0/1.400, vlans: [40, 400], subnet: 172.20.40.4/30}
          - {circuit: public, path: primary, interface: Te0/0/1.401, subnet: 203.0.113.0/30}
        vpn:
          - {connection: gw, router: edge1, tunnel: Tu40, address: 10.20.40.9/32, neighbor: 10.64.1.30, peer: 10.64.1.5}
        lan: [{router: edge1, interface: Gi1, address: 10.20.40.1/24}]
        probers: [{router: edge1, source: Gi1}]
        reachability:
          - {to: hub, target: 10.64.0.4}
          - {to: far, target: 10.67.0.4, reachable: false}
          - {to: ber, target: 10.30.0.4, reachable: false}
          - {to: ber, target: 10.31.0.9, reachable: false}
      ber:
        prefixes: [10.30.0.0/24, 10.31.0.0/24]
        vpn:
          - {connection: gw, router: edge3, tunnel: Tu40, neighbor: 10.64.1.30, peer: 203.0.113.40}
        lan: [{router: edge3, interface: Gi1, address: 10.30.0.1/24}]
        probers: [{router: edge3, source: Gi1}]
        reachability: [{to: app, target: 10.65.0.4, reachable: false}]
"""


def derived(folder: Path, old: str = "", new: str = "") -> BothSides:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new, 1))
    return load(folder).expectations.both


def test_every_session_has_its_end_in_azure(tmp_path: Path) -> None:
    ams, ber = derived(tmp_path).sites
    assert [(each.role, each.name, each.path, each.gateways) for each in ams.carriers] == [
        ("expressroute", "er", "primary", ("hub-er",)),
        ("expressroute", "er", "secondary", ("hub-er",)),
        ("vpn", "gw", None, ("hub-vpn",)),
    ]
    assert [each.session for each in ams.carriers] == [each.id for each in ams.site.sessions]
    assert [(each.name, each.gateways) for each in ber.carriers] == [("gw", ("hub-vpn",))]


def test_networks_have_the_gateways_of_their_vnet_or_its_hub(tmp_path: Path) -> None:
    ams = derived(tmp_path).sites[0]
    assert [(each.name, each.over, each.gateways) for each in ams.networks] == [
        ("hub", ("expressroute", "vpn"), ("hub-er", "hub-vpn")),
        ("app", ("expressroute",), ("hub-er", "hub-vpn")),
        ("branch", ("vpn",), ("branch-vpn",)),
    ]
    app = ams.networks[1]
    assert [(each.name, str(each.via), each.has_interface) for each in app.subnets] == [
        ("back", "10.64.0.4", True),
        ("empty", "None", False),
    ]
    assert [(each.gateway, each.kind, each.asn, each.network) for each in ams.gateways] == [
        ("hub-er", "expressroute", 65515, "hub"),
        ("hub-vpn", "vpn", 65515, "hub"),
        ("branch-vpn", "vpn", 65516, "branch"),
    ]
    assert [str(each) for each in ams.prefixes] == ["10.20.40.0/24"]
    assert [(each.gateway, each.carrier, each.resource.name) for each in ams.links] == [("hub-er", "er", "hub-er-ams")]


def test_every_path_of_a_circuit_that_serves_the_networks_is_known(tmp_path: Path) -> None:
    """Also of circuits that are others'; ber reaches the hub by the VPN, beside which the circuit stands."""
    ams, ber = derived(tmp_path).sites
    for site in (ams, ber):
        assert [(each.name, each.path, each.gateways) for each in site.other_paths] == [
            ("er", "primary", ("hub-er",)),
            ("er", "secondary", ("hub-er",)),
        ]
        assert [(each.gateway, each.carrier) for each in site.links] == [("hub-er", "er")]
        assert site.elsewhere == frozenset()


def test_what_sites_share_is_known(tmp_path: Path) -> None:
    shared = INTENT.replace("    vrf: FIN-1\n", "    vrf: FIN-1\n    shared: [10.20.40.0/22]\n")
    (tmp_path / "interop.yaml").write_text(
        shared.replace("[10.30.0.0/24, 10.31.0.0/24]", "[10.30.0.0/24, 10.31.0.0/24, 10.20.40.0/25, 10.20.41.0/24]")
    )
    ams, ber = load(tmp_path).expectations.both.sites
    assert sorted(map(str, ams.elsewhere)) == ["10.20.40.0/25", "10.20.41.0/24"]
    assert list(map(str, ber.elsewhere)) == ["10.20.40.0/24"]
    assert ams.is_elsewhere(ip_network("10.20.40.0/26"))
    assert not ber.is_elsewhere(ip_network("10.20.40.0/26"))
    assert not ams.is_elsewhere(ip_network("10.20.40.128/25"))
    assert not ams.shared
    assert not ber.shared


def test_network_of_spaces_alone_is_a_stranger_by_its_host(tmp_path: Path) -> None:
    (far, *_) = derived(tmp_path, "far: [10.67.0.0/24]", "far: {within: [10.67.0.0/24]}").sites[0].strangers
    assert list(map(str, far.prefixes)) == ["10.67.0.4/32"]


def test_strangers_are_networks_sites_and_hosts(tmp_path: Path) -> None:
    strangers = derived(tmp_path).sites[0].strangers
    assert [(each.name, sorted(map(str, each.prefixes))) for each in strangers] == [
        ("far", ["10.67.0.0/24"]),
        ("ber", ["10.30.0.0/24"]),
        ("ber", ["10.31.0.0/24"]),
    ]
    other = derived(
        tmp_path, "{to: far, target: 10.67.0.4, reachable: false}", "{to: hub, target: 10.64.0.9, reachable: false}"
    )
    assert [each.name for each in other.sites[0].strangers] == ["ber", "ber"]  # a host in a network that is reached
    (app,) = derived(tmp_path).sites[1].strangers
    back, empty = app.subnets
    assert (back.via, back.has_interface, back.nic and back.nic.name) == (ip_address("10.64.0.4"), True, "vm-1-nic")
    assert (empty.via, empty.has_interface, empty.nic) == (None, False, None)


def test_bindings_are_paths_with_both_ends(tmp_path: Path) -> None:
    assert [
        (each.circuit, each.path, str(each.address), each.azure_vlan, each.vlans) for each in derived(tmp_path).bindings
    ] == [
        ("er", "primary", "172.20.40.1/30", 400, (40, 400)),
        ("er", "secondary", "172.20.40.5/30", 400, (40, 400)),
        ("public", "primary", "203.0.113.1/30", None, ()),
    ]


def test_tunnels_know_what_carries_them(tmp_path: Path) -> None:
    both = derived(tmp_path)
    first, second = both.tunnels
    assert (first.connection, first.over, first.private) == ("hub-ams", "er", True)
    assert [str(each.neighbor) for each in first.carried_by] == ["172.20.40.2"]
    assert (second.connection, second.over, second.carried_by) == ("hub-ber", None, ())
    assert [each.encrypted for each in both.sites] == [True, False]
    plain = derived(tmp_path, ", over: er", "")
    assert [(each.over, each.private, each.carried_by) for each in plain.tunnels] == [(None, False, ())] * 2
    assert not plain.sites[0].encrypted


def test_site_of_which_a_part_is_not_asked_has_no_verdict(tmp_path: Path) -> None:
    text = INTENT.replace("  circuits: {er: {}, public: {}}", "  circuits: {public: {}}\n  elsewhere: [er]")
    text = text.replace("    hub-er-ams: {gateway: hub-er, circuit: er}\n", "").replace(", over: er", "")
    (tmp_path / "interop.yaml").write_text(text.replace("    hub-er: {kind: expressroute, vnet: hub}\n", ""))
    both = load(tmp_path).expectations.both
    assert [each.id for each in both.sites] == ["finance/ber"]
    assert [each.circuit for each in both.bindings] == ["public"]


def test_without_azure_there_is_nothing_to_compare(tmp_path: Path) -> None:
    start, end = INTENT.index("azure:"), INTENT.index("customers:")
    (tmp_path / "interop.yaml").write_text(INTENT[:start] + INTENT[end:])
    assert load(tmp_path).expectations.both == BothSides()


def test_passages_and_parts_are_objects_of_waivers(tmp_path: Path) -> None:
    both = derived(tmp_path)
    assert len(both.passages) == 4
    assert all(each.carrier.session == each.id for each in both.passages)
    known = objects(load(tmp_path).expectations)
    assert {"finance/ams/hub-er", "finance/ams/back", "finance/ams/empty"} <= known
