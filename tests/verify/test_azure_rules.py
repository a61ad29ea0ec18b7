"""Azure's side: what differs from the intent is named, with its cause; what Azure does not tell is no judgement."""

from __future__ import annotations

import importlib
import shlex
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from plugin.agreeing_network import MemoryFacts
from plugin.conftest import WITH_AZURE

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load
from pytest_azinterop.state.azure_network import UserRoute
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.subjects_azure import KINDS
from pytest_azinterop.verify import azure_absent, rules_azure
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.scope import reason_not_judged

PEERING = "AzurePrivatePeering"


@cache
def intent(old: str = "", new: str = "") -> Expectations:
    assert old in WITH_AZURE
    with TemporaryDirectory() as folder:
        (Path(folder) / "interop.yaml").write_text(WITH_AZURE.replace(old, new, 1))
        return load(Path(folder)).expectations


# Which subject a judgement looks at, and under which rule it is registered.
SUBJECT_OF = {
    "azure_circuit": "circuit",
    "azure_path.arp": "circuit_arp",
    "azure_path.sessions": "circuit_path",
    "azure_path.head_room": "circuit_path",
    "azure_path.gateways": "circuit_service",
    "azure_gateway": "gateway",
    "azure_gateway.peers": "gateway_peers",
    "azure_gateway.head_room": "gateway_routes",
    "azure_connection": "connection",
    "azure_connection.far_address": "local_gateway",
    "azure_connection.far_bgp": "local_gateway",
    "azure_connection.far_prefixes": "local_gateway",
    "azure_network.spaces": "vnet",
    "azure_network": "vnet_peering",
    "azure_subnet.of_gateways": "gateway_subnet",
    "azure_subnet.route_table": "subnet",
    "azure_subnet.next_hop": "subnet_routes",
    "azure_appliance": "subnet_appliance",
    "azure_return": "subnet_return",
}


def judged(rule: str, everything: Expectations, facts: MemoryFacts, object_id: str) -> list[Finding]:
    (entry,) = (each for each in rules_azure.RULES if each.name == rule)
    module, _, name = entry.judged_by.rpartition(".")
    kind = SUBJECTS[SUBJECT_OF.get(entry.judged_by) or SUBJECT_OF[module]]
    (expected,) = (each for each in kind.select(everything) if each.id == object_id)
    judge = getattr(importlib.import_module(f"pytest_azinterop.verify.{module}"), name)
    found: list[Finding] = judge(expected, kind.observe(expected, facts, everything))
    for each in found:
        said = shlex.split(each.next_command or "")
        assert said[:2] == ["az", "network"], each
        assert {"--resource-group", "--subscription"} <= set(said), each
    return found


def peering(**changes: Any) -> Any:
    return lambda circuit: replace(circuit, peerings=tuple(replace(each, **changes) for each in circuit.peerings))


def fields(**changes: Any) -> Any:
    return lambda record: replace(record, **changes)


def only(wanted: Any, **changes: Any) -> Any:
    """Change the records that `wanted` says, keep the others."""
    return lambda record: replace(record, **changes) if wanted(record) else record


def without(wanted: Any) -> Any:
    return lambda record: None if wanted(record) else record


def vnet_peering(**changes: Any) -> Any:
    return lambda vnet: replace(vnet, peerings=tuple(replace(each, **changes) for each in vnet.peerings))


def subnets(**changes: Any) -> Any:
    return lambda vnet: replace(vnet, subnets=tuple(replace(each, **changes) for each in vnet.subnets))


def only_subnet(name: str, **changes: Any) -> Any:
    return lambda vnet: replace(
        vnet, subnets=tuple(replace(each, **changes) if each.name == name else each for each in vnet.subnets)
    )


def with_addresses(gateway: Any, **changes: Any) -> Any:
    """With other addresses of each instance, and of the gateway as a whole."""
    instances = tuple(replace(each, **changes) for each in gateway.bgp.instances)
    return replace(gateway, bgp=replace(gateway.bgp, instances=instances, addresses=changes["bgp"]))


def bgp(**changes: Any) -> Any:
    return lambda record: replace(record, bgp=replace(record.bgp, **changes))


def on_premises(record: Any) -> bool:
    return bool(record.side == "On-Prem")


def microsoft(record: Any) -> bool:
    return bool(record.side == "Microsoft")


def router(record: Any) -> bool:
    return bool(record.asn == 64600)


def user_route(prefix: str, kind: str = "VirtualAppliance", hop: str = "198.18.77.7", name: str = "odd") -> Any:
    """A user's route beside those that are there."""

    def add(record: Any) -> Any:
        if record.next_hop_type != "VnetLocal":
            return record
        hops = (IPv4Address(hop),) if hop else ()
        return replace(
            record, prefixes=(IPv4Network(prefix),), next_hops=hops, next_hop_type=kind, origin="User", name=name
        )

    return add


def to_sites(record: Any) -> bool:
    return bool(record.next_hop_type != "VnetLocal")


LOST = "198.18.44.44"
CIRCUIT, PRIMARY, SECONDARY = "circuit/er", "circuit/er/primary", "circuit/er/secondary"
EDGE, TOWN, LEAF = "connection/core-edge", "connection/core-town", "vnet/leaf/leaf-to-core"
CASES: tuple[tuple[str, str, str, str, Any], ...] = (
    ("azure.circuit-state", "not-provisioned", CIRCUIT, "circuit", fields(provider_state="NotProvisioned")),
    ("azure.circuit-state", "disabled", CIRCUIT, "circuit", fields(circuit_state="Disabled")),
    ("azure.circuit-state", "deprovisioning", CIRCUIT, "circuit", fields(provider_state="Deprovisioning")),
    ("azure.circuit-state", "failed", CIRCUIT, "circuit", fields(provisioning_state="Failed")),
    ("azure.circuit-bandwidth", "less", CIRCUIT, "circuit", fields(bandwidth_mbps=200)),
    ("azure.circuit-bandwidth", "more", CIRCUIT, "circuit", fields(bandwidth_mbps=None, bandwidth_gbps=1.0, port="p")),
    ("azure.circuit-tier", "other-tier", CIRCUIT, "circuit", fields(tier="Standard")),
    ("azure.circuit-location", "other", CIRCUIT, "circuit", fields(peering_location="Village")),
    ("azure.circuit-location", "not-told", CIRCUIT, "circuit", fields(peering_location=None)),
    *(
        (f"azure.peering-{each}", "missing", CIRCUIT, "circuit", fields(peerings=()))
        for each in ("state", "asn", "vlan", "subnets")
    ),
    ("azure.peering-state", "disabled", CIRCUIT, "circuit", peering(state="Disabled")),
    ("azure.peering-state", "failed", CIRCUIT, "circuit", peering(provisioning_state="Failed")),
    ("azure.peering-asn", "other-peer-asn", CIRCUIT, "circuit", peering(peer_asn=64601)),
    ("azure.peering-asn", "other-azure-asn", CIRCUIT, "circuit", peering(azure_asn=None)),
    ("azure.peering-vlan", "other-vlan", CIRCUIT, "circuit", peering(vlan=91)),
    ("azure.peering-subnets", "other-subnet", CIRCUIT, "circuit", peering(primary_prefix=IPv4Network("10.60.0.0/29"))),
    ("azure.peering-subnets", "missing", CIRCUIT, "circuit", peering(secondary_prefix=None)),
    ("azure.peering-subnets", "ipv6-missing", CIRCUIT, "circuit", peering(ipv6=None)),
    (
        "azure.peering-subnets",
        "swapped",
        CIRCUIT,
        "circuit",
        peering(primary_prefix=IPv4Network("10.60.0.4/30"), secondary_prefix=IPv4Network("10.60.0.0/30")),
    ),
    ("azure.path-arp", "incomplete", PRIMARY, "circuit-arp", only(on_premises, mac=None)),
    ("azure.path-arp", "missing", PRIMARY, "circuit-arp", without(on_premises)),
    ("azure.path-arp", "missing", SECONDARY, "circuit-arp", lambda _: None),
    ("azure.path-arp", "microsoft-incomplete", PRIMARY, "circuit-arp", only(microsoft, mac=None)),
    ("azure.path-arp", "microsoft-missing", PRIMARY, "circuit-arp", lambda _: None),
    (
        "azure.path-arp",
        "microsoft-missing",
        PRIMARY,
        "circuit-arp",
        lambda each: None if microsoft(each) else only(on_premises, mac=None)(each),
    ),
    ("azure.path-arp", "other-address", PRIMARY, "circuit-arp", only(microsoft, address=IPv4Address(LOST))),
    ("azure.path-arp", "other-address", PRIMARY, "circuit-arp", only(on_premises, address=IPv4Address(LOST))),
    ("azure.path-session", "missing", PRIMARY, "circuit-sessions", without(router)),
    ("azure.path-session", "missing", SECONDARY, "circuit-sessions", without(router)),
    ("azure.path-session", "down", PRIMARY, "circuit-sessions", only(router, state="Idle", received_prefixes=None)),
    ("azure.path-session", "other-asn", PRIMARY, "circuit-sessions", only(router, asn=64666)),
    ("azure.path-session", "no-prefix", PRIMARY, "circuit-sessions", only(router, received_prefixes=0)),
    ("azure.path-gateways", "not-served", PRIMARY, "circuit-sessions", lambda each: each if router(each) else None),
    ("azure.path-gateways", "down", PRIMARY, "circuit-sessions", only(lambda each: not router(each), state="Active")),
    ("azure.path-gateways", "unknown-gateway", PRIMARY, "gateway", bgp(addresses=(IPv4Address("198.18.0.4"),))),
    ("azure.head-room", "circuit-limit", PRIMARY, "circuit-sessions", only(router, received_prefixes=9999)),
    (
        "azure.head-room",
        "connection-limit",
        PRIMARY,
        "circuit-sessions",
        only(lambda each: not router(each), received_prefixes=1001),
    ),
    ("azure.head-room", "down", PRIMARY, "circuit-sessions", fields(state="Active", received_prefixes=None)),
    ("azure.head-room", "missing", PRIMARY, "circuit-sessions", lambda _: None),
    ("azure.gateway-state", "other-kind", "gateway/core-er", "gateway", fields(kind="Vpn")),
    ("azure.gateway-state", "not-succeeded", "gateway/core-er", "gateway", fields(provisioning_state="Updating")),
    (
        "azure.gateway-vnet",
        "other-vnet",
        "gateway/core-er",
        "gateway",
        lambda each: replace(
            each,
            ip_configurations=tuple(
                replace(one, subnet=one.subnet.replace("/core/", "/far/")) for one in each.ip_configurations
            ),
        ),
    ),
    ("azure.gateway-asn", "default-asn", "gateway/far-vpn", "gateway", bgp(asn=65515)),
    ("azure.gateway-asn", "other-asn", "gateway/far-vpn", "gateway", bgp(asn=65517)),
    ("azure.gateway-asn", "without-bgp", "gateway/far-vpn", "gateway", fields(bgp=None)),
    ("azure.gateway-sku", "other-sku", "gateway/core-vpn", "gateway", fields(sku="VpnGw1AZ")),
    ("azure.gateway-active-active", "active-active", "gateway/core-vpn", "gateway", fields(active_active=True)),
    *(
        ("azure.gateway-bgp-address", "other-address", "gateway/core-vpn", "gateway", change)
        for change in (
            lambda each: with_addresses(each, bgp=(IPv4Address(LOST),)),
            lambda each: with_addresses(each, bgp=(IPv4Address(LOST),), custom_bgp=(IPv4Address("169.254.22.1"),)),
        )
    ),
    (
        "azure.gateway-subnet",
        "route-table",
        "gateway/core-vpn",
        "vnet",
        only_subnet("GatewaySubnet", route_table="/subscriptions/x/routeTables/y"),
    ),
    (
        "azure.gateway-subnet",
        "security-group",
        "gateway/core-er",
        "vnet",
        only_subnet("GatewaySubnet", network_security_group="/subscriptions/x/networkSecurityGroups/y"),
    ),
    (
        "azure.gateway-peers",
        "msee-down",
        "gateway/core-er",
        "bgp-peers",
        only(lambda each: str(each.neighbor).endswith(".1"), state="Connecting"),
    ),
    (
        "azure.gateway-peers",
        "msee-missing",
        "gateway/core-er",
        "bgp-peers",
        without(lambda each: str(each.neighbor).endswith(".1")),
    ),
    ("azure.gateway-peers", "msee-missing", "gateway/core-er", "bgp-peers", lambda _: None),
    ("azure.gateway-peers", "missing", "gateway/core-vpn", "bgp-peers", without(router)),
    ("azure.gateway-peers", "missing", "gateway/far-vpn", "bgp-peers", lambda _: None),
    (  # a gateway with two instances, of which the wrong one has the router
        "azure.gateway-peers",
        "missing",
        "gateway/core-vpn",
        "bgp-peers",
        only(router, instance=IPv4Address("198.18.77.99")),
    ),
    ("azure.gateway-peers", "not-connected", "gateway/core-vpn", "bgp-peers", only(router, state="Connecting")),
    ("azure.gateway-peers", "other-asn", "gateway/core-vpn", "bgp-peers", only(router, asn=64601)),
    ("azure.gateway-peers", "no-route", "gateway/core-vpn", "bgp-peers", only(router, routes_received=0)),
    ("azure.connection-ends", "other-kind", TOWN, "connection", fields(kind="IPsec")),
    (
        "azure.connection-ends",
        "other-gateway",
        TOWN,
        "connection",
        lambda each: replace(each, gateway=each.gateway.replace("core-er", "far-vpn")),
    ),
    ("azure.connection-ends", "other-circuit", TOWN, "connection", fields(circuit=None)),
    (
        "azure.connection-ends",
        "other-far-end",
        EDGE,
        "connection",
        lambda each: replace(each, local_gateway=(each.local_gateway or "") + "x"),
    ),
    ("azure.connection-state", "not-succeeded", TOWN, "connection", fields(provisioning_state="Failed")),
    ("azure.connection-state", "not-connected", TOWN, "connection", fields(status="NotConnected")),
    ("azure.connection-state", "not-connected", EDGE, "connection", fields(status="NotConnected")),
    ("azure.connection-state", "connecting", EDGE, "connection", fields(status="Connecting")),
    (
        "azure.connection-state",
        "tunnel-down",
        EDGE,
        "connection",
        lambda each: replace(each, tunnels=tuple(replace(one, status="NotConnected") for one in each.tunnels)),
    ),
    ("azure.connection-bgp", "without-bgp", EDGE, "connection", fields(bgp_enabled=False)),
    ("azure.connection-bgp", "policy-based", EDGE, "connection", fields(policy_based=True)),
    ("azure.connection-mode", "responder-only", EDGE, "connection", fields(mode="ResponderOnly")),
    ("azure.connection-mode", "initiator-only", "connection/core-far", "connection", fields(mode="InitiatorOnly")),
    ("azure.connection-weight", "other-weight", TOWN, "connection", fields(routing_weight=10)),
    ("azure.connection-ipsec", "default-policy", EDGE, "connection", fields(ipsec_policies=())),
    (
        "azure.connection-ipsec",
        "other-policy",
        EDGE,
        "connection",
        lambda each: replace(each, ipsec_policies=tuple(replace(one, pfs_group="None") for one in each.ipsec_policies)),
    ),
    (
        "azure.connection-ipsec",
        "custom-policy",
        "connection/core-far",
        "connection",
        lambda each: replace(each, ipsec_policies=("any",)),
    ),
    ("azure.connection-traffic", "nothing-in", EDGE, "connection", fields(ingress_bytes=0)),
    ("azure.connection-traffic", "nothing-out", EDGE, "connection", fields(egress_bytes=0)),
    ("azure.connection-address", "private-address", EDGE, "connection", fields(over_private_address=True)),
    (
        "azure.local-gateway-address",
        "other-address",
        "local-gateway/town",
        "local-gateway",
        fields(address=IPv4Address(LOST)),
    ),
    ("azure.local-gateway-address", "other-address", "local-gateway/far", "local-gateway", fields(address=None)),
    ("azure.local-gateway-bgp", "without-bgp", "local-gateway/town", "local-gateway", fields(bgp=None)),
    ("azure.local-gateway-bgp", "other-asn", "local-gateway/town", "local-gateway", bgp(asn=65001)),
    (
        "azure.local-gateway-bgp",
        "other-bgp-address",
        "local-gateway/town",
        "local-gateway",
        bgp(addresses=(IPv4Address(LOST),)),
    ),
    ("azure.local-gateway-bgp", "other-bgp-address", "local-gateway/core", "local-gateway", bgp(addresses=None)),
    (
        "azure.local-gateway-prefixes",
        "further",
        "local-gateway/town",
        "local-gateway",
        fields(prefixes=(IPv4Network("10.0.0.0/24"),)),
    ),
    (
        "azure.local-gateway-prefixes",
        "holds-tunnel-end",
        "local-gateway/town",
        "local-gateway",
        lambda each: replace(each, prefixes=(IPv4Network(f"{each.address}/24", strict=False),)),
    ),
    ("azure.vnet-space", "missing", "vnet/leaf", "vnet", fields(prefixes=())),
    ("azure.vnet-space", "not-succeeded", "vnet/leaf", "vnet", fields(provisioning_state="Failed")),
    ("azure.vnet-peering-state", "not-succeeded", LEAF, "vnet", vnet_peering(provisioning_state="Updating")),
    ("azure.subnet-table", "not-succeeded", "subnet/work", "vnet", subnets(provisioning_state="Failed")),
    ("azure.subnet-table", "not-succeeded", "subnet/guarded", "route-table", fields(provisioning_state="Failed")),
    (
        "azure.local-gateway-address",
        "not-succeeded",
        "local-gateway/far",
        "local-gateway",
        fields(provisioning_state="Failed"),
    ),
    (
        "azure.vnet-space",
        "further",
        "vnet/leaf",
        "vnet",
        lambda each: replace(each, prefixes=(*each.prefixes, IPv4Network("10.0.0.0/24"))),
    ),
    *(
        (f"azure.vnet-peering-{each}", "missing", LEAF, "vnet", fields(peerings=()))
        for each in ("state", "gateways", "traffic")
    ),
    ("azure.vnet-peering-state", "other-vnet", LEAF, "vnet", vnet_peering(remote_vnet="/subscriptions/x")),
    ("azure.vnet-peering-state", "initiated", LEAF, "vnet", vnet_peering(state="Initiated")),
    ("azure.vnet-peering-state", "disconnected", LEAF, "vnet", vnet_peering(state="Disconnected")),
    ("azure.vnet-peering-state", "not-in-sync", LEAF, "vnet", vnet_peering(sync_level="RemoteNotInSync")),
    ("azure.vnet-peering-gateways", "no-remote-gateways", LEAF, "vnet", vnet_peering(use_remote_gateways=False)),
    ("azure.vnet-peering-gateways", "gateway-transit", LEAF, "vnet", vnet_peering(allow_gateway_transit=True)),
    (
        "azure.vnet-peering-gateways",
        "no-gateway-transit",
        "vnet/core/core-to-leaf",
        "vnet",
        vnet_peering(allow_gateway_transit=False),
    ),
    (
        "azure.vnet-peering-gateways",
        "remote-gateways",
        "vnet/core/core-to-leaf",
        "vnet",
        vnet_peering(use_remote_gateways=True),
    ),
    ("azure.vnet-peering-traffic", "no-access", LEAF, "vnet", vnet_peering(allow_vnet_access=False)),
    ("azure.vnet-peering-traffic", "no-forwarded", LEAF, "vnet", vnet_peering(allow_forwarded_traffic=False)),
    ("azure.subnet-table", "missing", "subnet/work", "vnet", fields(subnets=())),
    ("azure.subnet-table", "no-table", "subnet/guarded", "vnet", subnets(route_table=None)),
    (
        "azure.subnet-table",
        "other-table",
        "subnet/guarded",
        "vnet",
        subnets(route_table="/subscriptions/x/routeTables/y"),
    ),
    ("azure.subnet-table", "propagation-off", "subnet/empty", "route-table", fields(disable_bgp_propagation=True)),
    ("azure.subnet-next-hop", "no-route", "subnet/work", "effective-routes", without(to_sites)),
    ("azure.subnet-next-hop", "no-route", "subnet/work", "effective-routes", only(to_sites, state="Invalid")),
    (
        "azure.subnet-next-hop",
        "no-route",
        "subnet/work",
        "effective-routes",
        only(to_sites, next_hop_type="None", origin="Default", prefixes=(IPv4Network("10.0.0.0/8"),)),
    ),
    (
        "azure.subnet-next-hop",
        "no-route",
        "subnet/work",
        "effective-routes",
        only(to_sites, next_hop_type="Internet", origin="Default", prefixes=(IPv4Network("0.0.0.0/0"),)),
    ),
    ("azure.subnet-next-hop", "user-route", "subnet/work", "effective-routes", user_route("10.50.0.0/24")),
    ("azure.subnet-next-hop", "user-route", "subnet/work", "effective-routes", user_route("10.50.0.128/25")),
    (
        "azure.subnet-next-hop",
        "user-route",
        "subnet/work",
        "effective-routes",
        only(to_sites, origin="User", next_hop_type="Internet"),
    ),
    (
        "azure.subnet-next-hop",
        "other-next-hop",
        "subnet/work",
        "effective-routes",
        only(to_sites, origin="Default", next_hop_type="VNetPeering"),
    ),
    (
        "azure.subnet-next-hop",
        "around-firewall",
        "subnet/guarded",
        "effective-routes",
        only(to_sites, next_hop_type="VirtualNetworkGateway", origin="VirtualNetworkGateway"),
    ),
    (
        "azure.subnet-next-hop",
        "user-route",
        "subnet/guarded",
        "effective-routes",
        only(to_sites, next_hops=(IPv4Address(LOST),)),
    ),
    *(
        ("azure.appliance", cause, "subnet/guarded", "network-interface", fields(**changes))
        for cause, changes in (
            ("not-forwarding", {"forwarding": False}),
            ("other-address", {"addresses": (IPv4Address("172.20.0.9"),)}),
            ("no-machine", {"machine": None}),
            ("not-succeeded", {"provisioning_state": "Failed"}),
        )
    ),
    ("azure.subnet-next-hop", "missing", "subnet/empty", "vnet", fields(subnets=())),
    ("azure.subnet-next-hop", "no-table", "subnet/empty", "vnet", subnets(route_table=None)),
    (
        "azure.subnet-next-hop",
        "other-table",
        "subnet/empty",
        "vnet",
        subnets(route_table="/subscriptions/x/routeTables/y"),
    ),
    ("azure.subnet-next-hop", "propagation-off", "subnet/empty", "route-table", fields(disable_bgp_propagation=True)),
)
# The gateways' subnet has a declared route table, and what it must lead through the firewall.
GATES = (
    """\
    guarded: {vnet: core, nic: vm-2-nic, via: 172.20.0.4, via_nic: fw-nic, back_via: gateway, route_table: to-firewall}
    empty: {vnet: core, route_table: nothing}
""",
    """\
    guarded: {vnet: core, nic: vm-2-nic, via: 172.20.0.4, route_table: to-firewall}
    gates: {vnet: core, subnet: GatewaySubnet, route_table: from-gateways}
""",
)


def to(prefix: str, hop: str | None, kind: str = "VirtualAppliance") -> UserRoute:
    """A user's route."""
    return UserRoute("back", IPv4Network(prefix), kind, None if hop is None else IPv4Address(hop))


# Causes that need another intent: what is replaced in it comes first.
OTHER_CASES: tuple[tuple[tuple[str, str], str, str, str, str, Any], ...] = (
    (
        ("sku: VpnGw2AZ, active_active: false", "active_active: true"),
        "azure.gateway-active-active",
        "active-standby",
        "gateway/core-vpn",
        "gateway",
        fields(active_active=False),
    ),
    (("sku: ErGw1AZ,", "learned_limit: 1,"), "azure.gateway-head-room", "near-limit", "gateway/core-er", "", None),
    (
        ("kind: vpn, vnet: core, asn: 65010,", "kind: vpn, vnet: core, asn: 65010, learned_limit: 1,"),
        "azure.gateway-head-room",
        "near-limit",
        "gateway/core-vpn",
        "",
        None,
    ),
    (
        ("local_gateway: town\n", "local_gateway: town\n      bgp: false\n"),
        "azure.connection-bgp",
        "with-bgp",
        EDGE,
        "connection",
        fields(bgp_enabled=True),
    ),
    (
        ("local_gateway: town\n", "local_gateway: town\n      over: er\n"),
        "azure.connection-address",
        "public-address",
        EDGE,
        "connection",
        fields(over_private_address=False),
    ),
    *(
        (
            ("sku: ErGw1AZ,", f"sku: ErGw1AZ, {key}: {str(wanted).lower()},"),
            "azure.gateway-remote-vnets",
            cause,
            "gateway/core-er",
            "gateway",
            fields(**{field: not wanted}),
        )
        for key, field, wanted, cause in (
            ("remote_vnets", "allow_remote_vnet_traffic", True, "not-allowed"),
            ("remote_vnets", "allow_remote_vnet_traffic", False, "allowed"),
            ("virtual_wan", "allow_virtual_wan_traffic", True, "virtual-wan-not-allowed"),
            ("virtual_wan", "allow_virtual_wan_traffic", False, "virtual-wan-allowed"),
        )
    ),
    (
        ("local_gateway: town\n", "local_gateway: town\n      mode: responder-only\n"),
        "azure.connection-mode",
        "default",
        EDGE,
        "connection",
        fields(mode="Default"),
    ),
    (
        ("forwarded_traffic: true", "forwarded_traffic: false"),
        "azure.vnet-peering-traffic",
        "forwarded",
        LEAF,
        "vnet",
        vnet_peering(allow_forwarded_traffic=True),
    ),
    (
        ("vnet: core, route_table: nothing", "vnet: core"),
        "azure.subnet-table",
        "unexpected-table",
        "subnet/empty",
        "vnet",
        subnets(route_table="/subscriptions/x/routeTables/y"),
    ),
    (
        ("vnet: core, route_table: nothing", "vnet: core"),
        "azure.subnet-next-hop",
        "unexpected-table",
        "subnet/empty",
        "vnet",
        subnets(route_table="/subscriptions/x/routeTables/y"),
    ),
    (
        ("vnet: core, route_table: nothing", "vnet: core, via: 172.20.0.4"),
        "azure.subnet-next-hop",
        "around-firewall",
        "subnet/empty",
        "",
        None,
    ),
    (
        ("vnet: core, nic: vm-2-nic, via: 172.20.0.4", "vnet: core, via: 172.20.0.4"),
        "azure.subnet-next-hop",
        "around-firewall",
        "subnet/guarded",
        "route-table",
        fields(routes=()),
    ),
    (
        ("vnet: core, nic: vm-2-nic, via: 172.20.0.4", "vnet: core, via: 172.20.0.4"),
        "azure.subnet-next-hop",
        "user-route",
        "subnet/guarded",
        "route-table",
        lambda each: replace(
            each, routes=tuple(replace(one, next_hop=None, next_hop_type="None") for one in each.routes)
        ),
    ),
    (
        ("via: 172.20.0.4, via_nic: fw-nic, back_via: gateway", "via: 172.20.0.4"),
        "azure.subnet-return",
        "around-firewall",
        "subnet/guarded",
        "",
        None,
    ),
    (GATES, "azure.subnet-return", "around-firewall", "subnet/guarded", "route-table", fields(routes=())),
    (
        GATES,
        "azure.subnet-return",
        "other-next-hop",
        "subnet/guarded",
        "route-table",
        fields(routes=(to("172.20.0.0/22", "172.20.0.9"),)),
    ),
    (
        GATES,
        "azure.subnet-return",
        "other-next-hop",
        "subnet/work",
        "route-table",
        fields(routes=(to("172.22.0.0/24", "172.20.0.9"),)),
    ),
)
# Reached by too many connections for the tier, by two tunnels, or only by way of another rule's case.
ELSEWHERE = {
    ("azure.gateway-throughput", "overloaded"),
    ("azure.circuit-tier", "too-many-connections"),
    ("azure.connection-state", "tunnel-missing"),
    *((rule, "missing") for _, rule in azure_absent._RULES.values()),  # tests/verify/test_azure_absent.py
}


@pytest.mark.parametrize(("rule", "cause", "object_id", "kind", "change"), CASES)
def test_a_difference_is_named(rule: str, cause: str, object_id: str, kind: str, change: Any) -> None:
    everything = intent()
    found = judged(rule, everything, MemoryFacts(everything).change(kind, change), object_id)
    assert cause in {each.cause for each in found if each.rule in {rule, *MEANT.get(rule, ())}}
    assert {each.object for each in found} == {object_id}
    assert all("expected" in each.message for each in found)


# A rule that answers with the finding of another one, because without that there is nothing to judge.
MEANT = {
    **dict.fromkeys(("azure.peering-asn", "azure.peering-vlan", "azure.peering-subnets"), ("azure.peering-state",)),
    "azure.head-room": ("azure.path-session",),
    **dict.fromkeys(("azure.vnet-peering-gateways", "azure.vnet-peering-traffic"), ("azure.vnet-peering-state",)),
    "azure.subnet-next-hop": ("azure.subnet-table",),
}


@pytest.mark.parametrize(("change_of_intent", "rule", "cause", "object_id", "kind", "change"), OTHER_CASES)
def test_a_difference_from_another_intent_is_named(
    change_of_intent: tuple[str, str], rule: str, cause: str, object_id: str, kind: str, change: Any
) -> None:
    everything = intent(*change_of_intent)
    facts = MemoryFacts(everything)
    found = judged(rule, everything, facts.change(kind, change) if change is not None else facts, object_id)
    assert cause in {each.cause for each in found}


def test_every_cause_has_a_case() -> None:
    reached = {(rule, cause) for rule, cause, *_ in CASES} | {(rule, cause) for _, rule, cause, *_ in OTHER_CASES}
    told = {(entry.name, cause) for entry in rules_azure.RULES for cause in entry.causes}
    assert told - reached - ELSEWHERE == set()


@pytest.mark.parametrize("entry", rules_azure.RULES, ids=lambda each: each.name)
def test_what_agrees_has_no_finding(entry: Any) -> None:
    everything = intent()
    module, _, name = entry.judged_by.rpartition(".")
    kind = SUBJECTS[SUBJECT_OF.get(entry.judged_by) or SUBJECT_OF[module]]
    judge = getattr(importlib.import_module(f"pytest_azinterop.verify.{module}"), name)
    for expected in kind.select(everything):
        facts = MemoryFacts(everything)
        if reason_not_judged(entry.name, expected) is None:
            assert judge(expected, kind.observe(expected, facts, everything)) == []


def elsewhere(gateway: Any) -> Any:
    """In another VNet than the declared one, of whose subnets nothing is known."""
    place = replace(gateway.ip_configurations[0], subnet="/subscriptions/x/virtualNetworks/y/subnets/GatewaySubnet")
    return replace(gateway, ip_configurations=(place,))


# A field that Azure does not tell is never taken for one that agrees.
NOT_TOLD: tuple[tuple[str, str, str, Any], ...] = (
    ("azure.circuit-bandwidth", CIRCUIT, "circuit", fields(bandwidth_mbps=None)),
    ("azure.circuit-tier", CIRCUIT, "circuit", fields(tier=None)),
    ("azure.peering-state", CIRCUIT, "circuit", fields(peerings=None)),
    ("azure.path-gateways", PRIMARY, "gateway", bgp(addresses=None)),
    ("azure.head-room", PRIMARY, "circuit-sessions", fields(received_prefixes=None)),
    ("azure.appliance", "subnet/guarded", "network-interface", fields(forwarding=None)),
    ("azure.gateway-vnet", "gateway/core-er", "gateway", fields(ip_configurations=None)),
    ("azure.gateway-active-active", "gateway/core-er", "gateway", fields(active_active=None)),
    ("azure.connection-state", EDGE, "connection", fields(status=None)),
    ("azure.connection-state", TOWN, "connection", fields(status=None, provisioning_state=None)),
    ("azure.connection-bgp", EDGE, "connection", fields(bgp_enabled=None)),
    ("azure.connection-bgp", EDGE, "connection", fields(policy_based=None)),
    ("azure.gateway-bgp-address", "gateway/core-vpn", "gateway", fields(bgp=None)),
    (  # an address of APIPA is none of those that are told
        "azure.gateway-bgp-address",
        "gateway/core-vpn",
        "gateway",
        lambda each: with_addresses(each, bgp=(IPv4Address(LOST),), custom_bgp=None),
    ),
    ("azure.gateway-subnet", "gateway/core-vpn", "gateway", fields(ip_configurations=())),
    ("azure.gateway-subnet", "gateway/core-vpn", "vnet", fields(subnets=None)),
    ("azure.gateway-subnet", "gateway/core-vpn", "vnet", fields(subnets=())),
    ("azure.gateway-subnet", "gateway/far-vpn", "gateway", elsewhere),
    ("azure.connection-mode", EDGE, "connection", fields(mode=None)),
    ("azure.connection-mode", EDGE, "connection", fields(mode="Sometimes")),
    ("azure.connection-weight", EDGE, "connection", fields(routing_weight=None)),
    ("azure.connection-ipsec", EDGE, "connection", fields(ipsec_policies=None)),
    ("azure.connection-traffic", EDGE, "connection", fields(egress_bytes=None)),
    ("azure.connection-address", EDGE, "connection", fields(over_private_address=None)),
    ("azure.local-gateway-address", "local-gateway/far", "gateway", bgp(instances=None)),
    ("azure.local-gateway-bgp", "local-gateway/far", "gateway", bgp(addresses=None)),
    ("azure.local-gateway-prefixes", "local-gateway/town", "local-gateway", fields(prefixes=None)),
    ("azure.local-gateway-address", "local-gateway/town", "local-gateway", fields(address=None, fqdn="x.example")),
    ("azure.vnet-peering-state", LEAF, "vnet", fields(peerings=None)),
    ("azure.vnet-peering-state", LEAF, "vnet", vnet_peering(sync_level=None)),
    ("azure.vnet-peering-gateways", LEAF, "vnet", vnet_peering(use_remote_gateways=None)),
    ("azure.vnet-peering-traffic", LEAF, "vnet", vnet_peering(allow_vnet_access=None)),
    ("azure.subnet-table", "subnet/work", "vnet", fields(subnets=None)),
    ("azure.subnet-next-hop", "subnet/empty", "route-table", fields(routes=None)),
    ("azure.subnet-next-hop", "subnet/work", "effective-routes", lambda _: None),
)


def test_a_peer_at_an_address_that_is_no_instance_s_may_be_at_any_instance() -> None:
    everything, elsewhere = intent(), IPv4Address("198.18.77.99")
    assert everything.azure is not None
    (own,) = (each.resource.name for each in everything.azure.gateways if each.id == "gateway/core-vpn")
    facts = MemoryFacts(everything).change("bgp-peers", only(router, instance=elsewhere))
    facts.change("gateway", lambda each: bgp(addresses=(elsewhere,))(each) if each.name == own else each)
    assert judged("azure.gateway-peers", everything, facts, "gateway/core-vpn") == []


def test_some_platforms_show_the_routers_end_of_a_path_alone() -> None:
    everything = intent()
    facts = MemoryFacts(everything).change("circuit-arp", without(microsoft))
    assert judged("azure.path-arp", everything, facts, PRIMARY) == []


def test_a_router_may_call_an_address_of_apipa_that_its_gateway_was_given() -> None:
    everything = intent()
    facts = MemoryFacts(everything).change(
        "gateway",
        lambda each: with_addresses(each, bgp=(IPv4Address(LOST),), custom_bgp=(IPv4Address("169.254.21.1"),)),
    )
    assert judged("azure.gateway-bgp-address", everything, facts, "gateway/core-vpn") == []


def test_whether_remote_vnets_are_allowed_must_be_told() -> None:
    everything = intent("sku: ErGw1AZ,", "sku: ErGw1AZ, remote_vnets: false,")
    facts = MemoryFacts(everything).change("gateway", fields(allow_remote_vnet_traffic=None))
    with pytest.raises(UndeterminedError, match="remote VNets is allowed is not told"):
        judged("azure.gateway-remote-vnets", everything, facts, "gateway/core-er")


def test_a_gateways_subnet_may_have_the_route_table_that_is_declared_for_it() -> None:
    declared = "gates: {vnet: far, subnet: GatewaySubnet, route_table: to-firewall-2}"
    everything = intent("    empty: {vnet: core, route_table: nothing}", f"    {declared}")
    assert judged("azure.gateway-subnet", everything, MemoryFacts(everything), "gateway/far-vpn") == []
    assert everything.azure is not None
    (table,) = {one.id for each in everything.azure.gateways for one in each.subnet_tables}
    assert table.endswith("/routeTables/to-firewall-2")
    facts = MemoryFacts(everything).change("vnet", subnets(route_table=table))
    found = judged("azure.gateway-subnet", everything, facts, "gateway/core-vpn")
    assert [each.cause for each in found] == ["route-table"]  # declared for another VNet's


def test_a_finding_about_a_peer_names_its_session() -> None:
    everything = intent()
    facts = MemoryFacts(everything).change("bgp-peers", only(router, state="Connecting"))
    assert everything.azure is not None
    (peer,) = (
        peer
        for each in everything.azure.gateways
        if each.id == "gateway/core-vpn"
        for peer in each.peers
        if peer.session
    )
    assert peer.session is not None
    (found,) = judged("azure.gateway-peers", everything, facts, "gateway/core-vpn")
    assert found.about == peer.session.id


@pytest.mark.parametrize("level", ["FullyInSync", None])
def test_a_peering_in_sync_has_the_prefixes_that_the_far_vnet_has(level: str | None) -> None:
    everything = intent()
    old, new = IPv4Network("172.20.0.0/22"), IPv4Network("172.29.0.0/24")

    def causes(*now: IPv4Network) -> list[str]:
        told = vnet_peering(sync_level=level, remote_prefixes=(old,), remote_vnet_prefixes=now)
        found = judged("azure.vnet-peering-state", everything, MemoryFacts(everything).change("vnet", told), LEAF)
        return [each.cause for each in found]

    assert causes(old) == []
    assert causes(old, new) == ["not-in-sync"]


@pytest.mark.parametrize(
    ("routes", "causes"),
    [
        ((to("172.20.0.0/22", "172.20.0.4"),), []),
        ((to("172.20.0.0/16", "172.20.0.4"),), ["around-firewall"]),
        ((to("172.20.0.0/16", "172.20.0.9"), to("172.20.0.0/22", "172.20.0.4")), []),
        ((to("172.20.0.0/23", "172.20.0.4"),), ["around-firewall"]),
        ((to("172.20.0.0/22", None, "VnetLocal"),), ["other-next-hop"]),
        ((to("172.20.0.0/22", "172.20.0.4"), to("172.20.0.8/32", None, "None")), ["other-next-hop"]),
    ],
)
def test_the_longest_route_of_the_gateways_subnet_decides(routes: tuple[UserRoute, ...], causes: list[str]) -> None:
    everything = intent(*GATES)
    facts = MemoryFacts(everything).change("route-table", fields(routes=routes))
    found = judged("azure.subnet-return", everything, facts, "subnet/guarded")
    assert [each.cause for each in found] == causes


def test_a_route_to_the_whole_vnet_wins_over_azures_own() -> None:
    everything = intent(*GATES)
    wide = fields(routes=(to("172.20.0.0/20", "172.20.0.4"),))
    facts = MemoryFacts(everything).change("route-table", wide)
    facts = facts.change("vnet", fields(prefixes=(IPv4Network("172.20.0.0/20"),)))
    assert judged("azure.subnet-return", everything, facts, "subnet/guarded") == []


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("vnet", only_subnet("GatewaySubnet", route_table="/x/routeTables/other"), "is not declared"),
        ("vnet", fields(subnets=None), "subnets are not told"),
        ("vnet", fields(subnets=()), "does not tell subnet"),
        ("vnet", fields(prefixes=()), "address space of 172.20.0.0/22 is not told"),
        ("route-table", fields(routes=None), "routes of the route table are not told"),
    ],
)
def test_a_way_back_that_is_not_known_is_not_judged(kind: str, change: Any, words: str) -> None:
    everything = intent(*GATES)
    with pytest.raises(UndeterminedError, match=words):
        judged("azure.subnet-return", everything, MemoryFacts(everything).change(kind, change), "subnet/guarded")


def test_a_subnet_without_a_declared_way_back_is_not_asked_about() -> None:
    everything = intent()
    assert SUBJECTS["subnet_return"].select(everything) == ()


@pytest.mark.parametrize(("rule", "object_id", "kind", "change"), NOT_TOLD)
def test_what_is_not_told_is_not_judged(rule: str, object_id: str, kind: str, change: Any) -> None:
    everything = intent()
    with pytest.raises(UndeterminedError):
        judged(rule, everything, MemoryFacts(everything).change(kind, change), object_id)


def test_a_tier_links_only_so_many_vnets() -> None:
    everything = intent()
    assert everything.azure is not None
    circuit = replace(everything.azure.circuits[0], connections=tuple(f"c{number}" for number in range(41)), tier=None)
    kind = SUBJECTS["circuit"]
    from pytest_azinterop.verify.azure_circuit import tier

    observed = kind.observe(circuit, MemoryFacts(everything), everything)
    assert [each.cause for each in tier(circuit, observed)] == ["too-many-connections"]
    assert tier(replace(circuit, connections=circuit.connections[:40]), observed) == []


@pytest.mark.parametrize(
    ("sku", "generation", "rate"),
    [("VpnGw2AZ", "Generation1", 1000), ("VpnGw2AZ", "Generation2", 1250), ("VpnGw1", None, 650), ("Basic", None, 100)],
)
def test_a_gateway_carries_what_its_sku_allows(sku: str, generation: str | None, rate: int) -> None:
    from pytest_azinterop.verify.azure_gateway import throughput

    loads = intent("      connection: gw\n", f"      connection: gw\n      load_mbps: {rate}\n")
    assert loads.azure is not None
    (declared,) = (each for each in loads.azure.gateways if each.id == "gateway/core-vpn")
    assert declared.load_mbps == rate
    facts = MemoryFacts(loads).change("gateway", fields(sku=sku, generation=generation))
    observed = SUBJECTS["gateway"].observe(declared, facts, loads)
    assert throughput(declared, observed) == []
    assert [each.cause for each in throughput(replace(declared, load_mbps=rate + 1), observed)] == ["overloaded"]


@pytest.mark.parametrize(("sku", "rate"), [("ErGw1AZ", 1000), ("HighPerformance", 2000), ("ErGw3AZ", 10000)])
def test_an_expressroute_gateway_carries_what_its_sku_allows(sku: str, rate: int) -> None:
    from pytest_azinterop.verify.azure_gateway import throughput

    everything = intent()
    assert everything.azure is not None
    declared = replace(everything.azure.gateways[0], load_mbps=rate + 1)
    seen = SUBJECTS["gateway"].observe(declared, MemoryFacts(everything).change("gateway", fields(sku=sku)), everything)
    assert [each.cause for each in throughput(declared, seen)] == ["overloaded"]
    assert throughput(replace(declared, load_mbps=rate), seen) == []
    unknown = replace(seen, gateway=replace(seen.gateway, sku="ErGwScale"))
    with pytest.raises(UndeterminedError, match="throughput of SKU ErGwScale is not known"):
        throughput(declared, unknown)


def test_a_gateway_that_lacks_a_tunnel_is_told() -> None:
    from pytest_azinterop.verify.azure_connection import state

    everything = intent()
    assert everything.azure is not None
    (edge,) = (each for each in everything.azure.connections if each.id == EDGE)
    observed = SUBJECTS["connection"].observe(edge, MemoryFacts(everything), everything)
    second = replace(edge.tunnels[0], peer=IPv4Address(LOST))
    assert [each.cause for each in state(replace(edge, tunnels=(*edge.tunnels, second)), observed)] == [
        "tunnel-missing"
    ]


def test_every_subject_of_azure_needs_what_it_observes() -> None:
    """A fact that is observed and was not asked for would be an error in every run."""
    everything = intent()
    for kind in KINDS:
        assert kind.of_azure
        for expected in kind.select(everything):
            asked = set(kind.needs(expected))

            class Told(MemoryFacts):
                def records(self, fact: Any) -> Any:
                    assert fact in asked, (kind.name, fact)  # noqa: B023
                    return super().records(fact)

            kind.observe(expected, Told(everything), everything)
