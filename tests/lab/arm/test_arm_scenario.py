"""What a scenario does to Azure: properties that change the network, ordered answers, rights, and what it refuses."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network

import pytest
from lab.arm.conftest import Arm

from pytest_azinterop.lab.network.view import PingRequest, TraceRequest
from pytest_azinterop.lab.scenario_file import ScenarioError, parse

EDGE, MSEE, GATEWAY = "ce1-loc1", IPv4Address("192.168.30.18"), IPv4Address("10.10.30.254")
PAIR = "virtualNetworks/hub/virtualNetworkPeerings/hub-to-spoke"
BACK = "virtualNetworks/spoke/virtualNetworkPeerings/spoke-to-hub"
PEERING = "expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering"
LEARNED = "virtualNetworkGateways/hub-vpn/getLearnedRoutes"
HUB, SPOKE, SITE = "10.10.30.0/24", "10.11.30.0/26", "10.2.30.0/25"


def change(arm: Arm, resource: str, **properties: object) -> None:
    values = {f"properties.{name.replace('__', '.')}": value for name, value in properties.items()}
    arm.happens(json.dumps({"azure": [{"resource": resource, "set": values}]}))


def received(arm: Arm, neighbor: IPv4Address) -> set[str]:
    found = arm.network.router(EDGE).received_routes("30", neighbor)
    return set() if found is None else {str(each.prefix) for each in found.entries}


def states(arm: Arm) -> dict[str, str]:
    return {str(each.address): each.state for each in arm.network.router(EDGE).bgp_neighbors("30")}


def effective(arm: Arm, machine: str, prefix: str) -> list[tuple[str, str, str]]:
    """Source, state and next hop type of each row of a prefix."""
    rows = arm.rows(f"networkInterfaces/{machine}-nic/effectiveRouteTable")
    return [
        (row["source"], row["state"], row["nextHopType"])
        for row in rows
        if row["addressPrefix"] == [prefix]
    ]  # fmt: skip


def answers(arm: Arm, target: str) -> bool:
    """Whether a host answers the edge router's ping from within the site."""
    result = arm.network.router(EDGE).ping(PingRequest(target, "30", source="Loopback130"))
    return "!" in "".join(each.mark for each in result.replies)


@pytest.mark.parametrize(
    ("resource", "name", "value"),
    [
        (PAIR, "allowGatewayTransit", False),
        (BACK, "useRemoteGateways", False),
        (PAIR, "peeringState", "Disconnected"),
        (BACK, "peeringState", "Initiated"),
    ],
)
def test_without_gateway_transit_the_spoke_is_announced_nowhere(
    arm: Arm, resource: str, name: str, value: object
) -> None:
    assert {SPOKE} <= received(arm, MSEE) & received(arm, GATEWAY)
    change(arm, resource, **{name: value})
    assert SPOKE not in received(arm, MSEE) | received(arm, GATEWAY)
    assert HUB in received(arm, MSEE) & received(arm, GATEWAY)
    assert SPOKE not in arm.networks(f"{PEERING}/routeTables/primary")
    assert arm.get(resource)["properties"][name] == value
    assert effective(arm, "vm-spoke", SITE) == []
    assert not answers(arm, "10.11.30.4")
    assert answers(arm, "10.10.30.4")


def test_access_between_peered_networks_shows_in_their_routes(arm: Arm) -> None:
    assert effective(arm, "vm-spoke", HUB) == [("Default", "Active", "VNetPeering")]
    change(arm, BACK, allowVirtualNetworkAccess=False)
    assert effective(arm, "vm-spoke", HUB) == []


def test_the_branch_with_the_hubs_asn_is_learned_by_nobody(arm: Arm) -> None:
    branch = "10.11.30.64/26"
    assert branch in received(arm, GATEWAY)
    change(arm, "virtualNetworkGateways/branch-vpn", bgpSettings__asn=65515)
    change(arm, "localNetworkGateways/branch", bgpSettings__asn=65515)
    arm.passes(300)
    assert arm.get("connections/hub-to-branch")["properties"]["connectionStatus"] == "Connected"
    status = {row["neighbor"]: row for row in arm.rows("virtualNetworkGateways/hub-vpn/getBgpPeerStatus")}
    assert (status["10.11.30.126"]["state"], status["10.11.30.126"]["routesReceived"]) == ("Connected", 0)
    assert branch not in received(arm, GATEWAY) | arm.networks(LEARNED)


def test_a_wrong_asn_in_the_local_network_gateway_keeps_the_session_down(arm: Arm) -> None:
    change(arm, "localNetworkGateways/loc1", bgpSettings__asn=65099)
    arm.passes(300)
    assert states(arm)[str(GATEWAY)] != "Established"
    row = arm.rows("virtualNetworkGateways/hub-vpn/getBgpPeerStatus", peer="10.2.30.125")[0]
    assert (row["asn"], row["routesReceived"]) == (65099, 0)
    assert row["state"] != "Connected"


def test_a_disabled_peering_ends_both_sessions(arm: Arm) -> None:
    change(arm, PEERING, state="Disabled")
    assert states(arm)[str(MSEE)] != "Established"
    assert arm.rows(f"{PEERING}/arpTables/primary") == []
    assert SITE not in arm.networks("virtualNetworkGateways/remote-er/getLearnedRoutes")
    change(arm, PEERING, state="Enabled")
    arm.passes(60)
    assert states(arm)[str(MSEE)] == "Established"


@pytest.mark.parametrize(
    ("name", "value"),
    [("circuitProvisioningState", "Disabled"), ("serviceProviderProvisioningState", "NotProvisioned")],
)
def test_a_circuit_that_is_not_provisioned_carries_nothing(arm: Arm, name: str, value: str) -> None:
    change(arm, "expressRouteCircuits/expressroute-1", **{name: value})
    assert states(arm)[str(MSEE)] != "Established"
    assert arm.networks("virtualNetworkGateways/hub-er/getLearnedRoutes") >= {"10.1.31.0/25"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("peerASN", 65099), ("primaryPeerAddressPrefix", "192.168.30.24/30"), ("vlanId", 301)],
)
def test_a_peering_that_differs_from_the_router_has_no_session(arm: Arm, name: str, value: object) -> None:
    change(arm, PEERING, **{name: value})
    arm.passes(400)
    assert states(arm)[str(MSEE)] != "Established"
    assert arm.get(PEERING)["properties"][name] == value
    assert SITE not in arm.networks(f"{PEERING}/routeTables/primary")


POLICY = {
    "saLifeTimeSeconds": 27000, "saDataSizeKilobytes": 102400000, "ipsecEncryption": "AES256",
    "ipsecIntegrity": "SHA1", "ikeEncryption": "AES256", "ikeIntegrity": "SHA1", "dhGroup": "DHGroup2",
    "pfsGroup": "None",
}  # fmt: skip


def tunnel(arm: Arm) -> str:
    found: str = arm.get("connections/hub-to-loc1")["properties"]["connectionStatus"]
    return found


@pytest.mark.parametrize(
    ("difference", "connected"),
    [
        ({}, True),
        ({"dhGroup": "DHGroup14"}, False),
        ({"ikeIntegrity": "SHA256"}, False),
        ({"ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256"}, False),
        ({"pfsGroup": "PFS2"}, True),
    ],
)
def test_a_policy_is_what_the_gateway_negotiates(arm: Arm, difference: dict[str, str], connected: bool) -> None:
    change(arm, "connections/hub-to-loc1", ipsecPolicies=[POLICY | difference])
    arm.network.router(EDGE).clear_ike(None)
    arm.passes(120)
    assert tunnel(arm) == ("Connected" if connected else "NotConnected")
    other = arm.get("connections/hub-to-branch")["properties"]
    assert (other["connectionStatus"], other["ipsecPolicies"]) == ("Connected", [])


def test_a_shorter_lifetime_counts_from_the_next_rekey(arm: Arm) -> None:
    def since() -> str:
        (found,) = arm.get("connections/hub-to-loc1")["properties"]["tunnelConnectionStatus"]
        return str(found["lastConnectionEstablishedUtcTime"])

    def left() -> int:
        (tunnel,) = arm.network.router(EDGE).ipsec()
        return tunnel.inbound[0].remaining_seconds

    arm.network.router(EDGE).clear_ike(None)
    arm.passes(500)
    up, before = since(), left()
    change(arm, "connections/hub-to-loc1", ipsecPolicies=[POLICY | {"saLifeTimeSeconds": 300}])
    assert (tunnel(arm), since(), left()) == ("Connected", up, before)
    arm.passes(before)
    assert (tunnel(arm), since()) == ("Connected", up)
    assert 0 < left() <= 300


def test_pfs_on_one_side_fails_at_the_first_rekey(arm: Arm) -> None:
    change(arm, "connections/hub-to-loc1", ipsecPolicies=[POLICY | {"pfsGroup": "PFS2", "saLifeTimeSeconds": 3600}])
    arm.network.router(EDGE).clear_ike(None)
    arm.passes(3000)
    assert tunnel(arm) == "Connected"
    up = arm.get("connections/hub-to-loc1")["properties"]["tunnelConnectionStatus"][0]
    arm.passes(1000)
    later = arm.get("connections/hub-to-loc1")["properties"]["tunnelConnectionStatus"][0]
    assert later.get("lastConnectionEstablishedUtcTime") != up["lastConnectionEstablishedUtcTime"]


@pytest.mark.parametrize(
    ("resource", "name", "value"),
    [
        ("connections/hub-to-loc1", "sharedKey", "another key"),
        ("connections/hub-to-loc1", "connectionProtocol", "IKEv1"),
        ("connections/hub-to-loc1", "usePolicyBasedTrafficSelectors", True),
        ("localNetworkGateways/loc1", "gatewayIpAddress", "66.198.12.107"),
        ("publicIPAddresses/hub-vpn-pip1", "ipAddress", "52.168.162.99"),
    ],
)
def test_a_connection_that_differs_from_the_router_does_not_connect(
    arm: Arm, resource: str, name: str, value: object
) -> None:
    change(arm, resource, **{name: value})
    arm.network.router(EDGE).clear_ike(None)
    arm.passes(400)
    assert tunnel(arm) == "NotConnected"


def test_without_bgp_a_connection_has_the_static_prefixes(arm: Arm) -> None:
    change(arm, "connections/hub-to-loc1", enableBgp=False)
    change(arm, "localNetworkGateways/loc1", localNetworkAddressSpace__addressPrefixes=["10.2.30.0/26"])
    arm.passes(400)
    assert states(arm)[str(GATEWAY)] != "Established"
    assert tunnel(arm) == "Connected"
    neighbors = {row["neighbor"] for row in arm.rows("virtualNetworkGateways/hub-vpn/getBgpPeerStatus")}
    assert "10.2.30.125" not in neighbors
    assert effective(arm, "vm-hub", "10.2.30.0/26") == [("VirtualNetworkGateway", "Active", "VirtualNetworkGateway")]


def test_a_gateway_with_another_bgp_address_is_not_the_routers_neighbor(arm: Arm) -> None:
    change(arm, "virtualNetworkGateways/hub-vpn", bgpSettings__bgpPeeringAddress="10.10.30.200")
    arm.passes(400)
    assert states(arm)[str(GATEWAY)] != "Established"


def test_more_than_a_thousand_prefixes_take_the_connection_down(arm: Arm) -> None:
    many = [str(each) for each in list(IPv4Network("172.16.0.0/16").subnets(new_prefix=27))[:1000]]
    arm.happens(
        f"""
routers:
  {EDGE}:
    configure: |
      router bgp 65021
       address-family ipv4 vrf 30
        no neighbor 192.168.30.18 maximum-prefix
"""
    )
    change(arm, "virtualNetworks/remote", addressSpace__addressPrefixes=many)
    assert len(received(arm, MSEE)) == 1002
    change(arm, "virtualNetworks/remote", addressSpace__addressPrefixes=[*many, "10.17.30.0/25"])
    assert received(arm, MSEE) == {HUB, SPOKE}
    row = arm.rows("virtualNetworkGateways/remote-er/getBgpPeerStatus", peer="10.17.30.36")[0]
    assert row["state"] == "Connecting"


def test_the_edge_router_may_send_as_many_prefixes_as_the_circuit_allows(arm: Arm) -> None:
    limits = {}
    for tier in ("Standard", "Premium"):
        arm.happens(f"azure: [{{resource: expressRouteCircuits/expressroute-1, set: {{sku.tier: {tier}}}}}]")
        limits[tier] = arm.network.far_end("msee-1-primary").spec.neighbors[0].maximum_prefix
    assert limits == {"Standard": 4000, "Premium": 10000}


def test_a_network_that_grew_is_announced_after_its_peering_is_in_sync(arm: Arm) -> None:
    change(arm, "virtualNetworks/spoke", addressSpace__addressPrefixes=[SPOKE, "10.11.31.0/24"])
    assert arm.get(PAIR)["properties"]["peeringSyncLevel"] == "RemoteNotInSync"
    assert arm.get(BACK)["properties"]["peeringSyncLevel"] == "LocalNotInSync"
    assert "10.11.31.0/24" not in received(arm, MSEE)
    change(arm, PAIR, peeringSyncLevel="FullyInSync")
    assert "10.11.31.0/24" in received(arm, MSEE) & received(arm, GATEWAY)


def test_networks_of_one_circuit_meet_only_if_both_gateways_let_them(arm: Arm) -> None:
    remote = "10.17.30.0/25"
    assert remote in arm.networks("virtualNetworkGateways/hub-er/getLearnedRoutes")
    change(arm, "virtualNetworkGateways/remote-er", allowRemoteVnetTraffic=False)
    assert remote not in arm.networks("virtualNetworkGateways/hub-er/getLearnedRoutes")
    assert HUB not in arm.networks("virtualNetworkGateways/remote-er/getLearnedRoutes")
    assert remote in received(arm, MSEE)


BOTH_SITES = """
routers:
  ce1-loc2:
    configure: |
      ip route vrf 31 10.2.30.0 255.255.255.128 Null0
      ip prefix-list Cust31_to_Private seq 20 permit 10.2.30.0/25
      router bgp 65021
       address-family ipv4 vrf 31
        network 10.2.30.0 mask 255.255.255.128
    exec: ["clear ip bgp vrf 31 192.168.31.18 soft out"]
"""


def test_routing_weight_prefers_a_connection(arm: Arm) -> None:
    def hops() -> set[str]:
        rows = arm.rows("networkInterfaces/vm-hub-nic/effectiveRouteTable")
        return {hop for row in rows if row["addressPrefix"] == [SITE] for hop in row["nextHopIpAddress"]}

    arm.happens(BOTH_SITES)
    assert hops() == {"10.10.30.132", "10.10.30.134"}
    change(arm, "connections/hub-er2", routingWeight=10)
    assert hops() == {"10.10.30.134"}


def test_packets_follow_the_weight_too(arm: Arm) -> None:
    arm.happens(BOTH_SITES)
    change(arm, "connections/hub-er1", routingWeight=10)
    assert answers(arm, "10.10.30.4")
    change(arm, "connections/hub-er2", routingWeight=20)
    assert not answers(arm, "10.10.30.4"), "location 2 announces the prefix and does not have it"
    assert answers(arm, "10.17.30.4"), "another gateway's connection weighs nothing here"


def test_a_vpn_gateway_prefers_the_connection_with_the_greater_weight(arm: Arm) -> None:
    def best() -> str:
        (found,) = [each for each in arm.network.far_end("hub-vpn").routes() if str(each.prefix) == SITE and each.best]
        return str(found.peer)

    arm.happens(f"far_ends: {{branch-vpn: {{announce: [{{prefix: {SITE}, as_path: [65516, 65516]}}]}}}}")
    assert best() == "10.2.30.125"
    change(arm, "connections/hub-to-branch", routingWeight=10)
    assert best() == "10.11.30.126"
    change(arm, "connections/hub-to-loc1", routingWeight=20)
    assert best() == "10.2.30.125"
    assert states(arm)["10.10.30.254"] == "Established", "it is no new session"


def route(prefix: str, kind: str, hop: str | None = None) -> dict[str, str]:
    return {"name": "r1", "addressPrefix": prefix, "nextHopType": kind, **({"nextHopIpAddress": hop} if hop else {})}


def test_a_user_defined_route_wins_over_the_gateways(arm: Arm) -> None:
    assert answers(arm, "10.10.30.4")
    change(arm, "routeTables/hub-workloads", routes=[route(SITE, "None")])
    assert effective(arm, "vm-hub", SITE) == [
        ("VirtualNetworkGateway", "Invalid", "VirtualNetworkGateway"),
        ("User", "Active", "None"),
    ]
    assert not answers(arm, "10.10.30.4")
    assert answers(arm, "10.11.30.4")


def test_an_appliance_in_the_hub_forwards_if_it_may(arm: Arm) -> None:
    change(arm, "routeTables/spoke-workloads", routes=[route("10.2.0.0/16", "VirtualAppliance", "10.10.30.4")])
    assert answers(arm, "10.11.30.4"), "a longer prefix of the gateway wins over the appliance's"
    change(arm, "routeTables/spoke-workloads", routes=[route(SITE, "VirtualAppliance", "10.10.30.4")])
    assert not answers(arm, "10.11.30.4")
    change(arm, "networkInterfaces/vm-hub-nic", enableIPForwarding=True)
    assert answers(arm, "10.11.30.4")
    machine = arm.azure.resource("networkInterfaces/vm-spoke-nic").properties["virtualMachine"]["id"]
    watcher = "networkWatchers/NetworkWatcher_eastus"
    body = {"targetResourceId": machine, "sourceIPAddress": "10.11.30.4", "destinationIPAddress": "10.2.30.10"}
    hop = arm.run(f"{watcher}/nextHop", body)
    assert (hop["nextHopType"], hop["nextHopIpAddress"]) == ("VirtualAppliance", "10.10.30.4")
    assert hop["routeTableId"].endswith("/routeTables/spoke-workloads")
    check = arm.run(
        f"{watcher}/connectivityCheck", {"source": {"resourceId": machine}, "destination": {"address": "10.2.30.10"}}
    )
    assert check["connectionStatus"] == "Reachable"


def test_a_subnet_without_propagation_or_table_follows(arm: Arm) -> None:
    change(arm, "routeTables/hub-workloads", disableBgpRoutePropagation=True)
    assert effective(arm, "vm-hub", SITE) == []
    assert not answers(arm, "10.10.30.4")
    change(arm, "virtualNetworks/hub/subnets/workloads", routeTable=None)
    assert effective(arm, "vm-hub", SITE) != []
    change(arm, "virtualNetworks/hub/subnets/GatewaySubnet", routeTable="hub-workloads")
    table = arm.get("virtualNetworks/hub/subnets/GatewaySubnet")["properties"]["routeTable"]["id"]
    assert table.endswith("/routeTables/hub-workloads")
    subnets = arm.get("routeTables/hub-workloads")["properties"]["subnets"]
    assert [each["id"].rpartition("/")[2] for each in subnets] == ["GatewaySubnet"]


def test_the_gateways_subnet_sends_what_comes_from_the_site(arm: Arm) -> None:
    change(arm, "virtualNetworks/hub/subnets/workloads", routeTable=None)
    change(arm, "virtualNetworks/hub/subnets/GatewaySubnet", routeTable="hub-workloads")
    assert answers(arm, "10.11.30.4"), "a table without routes changes nothing"
    change(arm, "routeTables/hub-workloads", routes=[route("10.0.0.0/8", "VirtualAppliance", "10.10.30.4")])
    assert answers(arm, "10.11.30.4"), "the network's own routes are longer"
    change(arm, "routeTables/hub-workloads", routes=[route("10.11.30.0/26", "VirtualAppliance", "10.10.30.4")])
    assert not answers(arm, "10.11.30.4"), "the appliance does not forward"
    assert answers(arm, "10.10.30.4")
    change(arm, "networkInterfaces/vm-hub-nic", enableIPForwarding=True)
    assert answers(arm, "10.11.30.4")
    trace = arm.network.router(EDGE).traceroute(TraceRequest("10.11.30.4", "30", source="Loopback130"))
    assert [hop.address and str(hop.address) for hop in trace.hops] == ["192.168.30.18", None, None, "10.11.30.4"]
    change(arm, "routeTables/hub-workloads", routes=[route("10.11.30.0/26", "None")])
    assert not answers(arm, "10.11.30.4")


def test_a_gateway_without_propagation_on_its_subnet_does_not_work(arm: Arm) -> None:
    change(arm, "routeTables/spoke-workloads", disableBgpRoutePropagation=True)
    change(arm, "virtualNetworks/spoke/subnets/workloads", routeTable=None)
    assert answers(arm, "10.11.30.4")
    change(arm, "virtualNetworks/hub/subnets/GatewaySubnet", routeTable="spoke-workloads")
    assert effective(arm, "vm-spoke", SITE) != []
    assert not answers(arm, "10.11.30.4")
    assert answers(arm, "10.17.30.4"), "another network's gateway has its own subnet"


def test_a_gateways_route_within_the_network_is_not_used(arm: Arm) -> None:
    space = ["10.10.30.0/24", "10.2.0.0/16"]
    change(arm, "virtualNetworks/hub", addressSpace__addressPrefixes=space)
    assert effective(arm, "vm-hub", SITE) == [("VirtualNetworkGateway", "Invalid", "VirtualNetworkGateway")]
    assert not answers(arm, "10.10.30.4")
    change(arm, "routeTables/hub-workloads", routes=[route(SITE, "VirtualNetworkGateway")])
    assert answers(arm, "10.10.30.4"), "a route of one's own overrides the network's"
    assert effective(arm, "vm-spoke", SITE) == [("VirtualNetworkGateway", "Active", "VirtualNetworkGateway")]
    change(arm, PAIR, peeringSyncLevel="FullyInSync")
    change(arm, BACK, peeringSyncLevel="FullyInSync")
    assert effective(arm, "vm-spoke", SITE) == [("VirtualNetworkGateway", "Invalid", "VirtualNetworkGateway")]


def test_a_machine_that_does_not_run_has_no_effective_routes(arm: Arm) -> None:
    change(arm, "networkInterfaces/vm-hub-nic", virtualMachine=None)
    error = arm.error(arm.start("networkInterfaces/vm-hub-nic/effectiveRouteTable"))
    assert error == (400, "NicMustBeAttachedToRunningVmToGetEffectiveRoutes")


def test_a_deleted_connection_is_gone_and_carries_nothing(arm: Arm) -> None:
    arm.happens("azure: [{resource: connections/remote-er1, delete: true}]")
    assert arm.error(arm.send("GET", arm.path("connections/remote-er1"))) == (404, "ResourceNotFound")
    assert "10.17.30.0/25" not in received(arm, MSEE)
    arm.happens("azure: [{resource: connections/hub-to-loc1, delete: true}]")
    arm.passes(400)
    assert states(arm)[str(GATEWAY)] != "Established"


def test_a_hub_without_spokes_is_a_network_too(arm: Arm) -> None:
    arm.happens("azure: [{resource: virtualNetworks/spoke, delete: true}]")
    assert received(arm, MSEE) == {HUB, "10.17.30.0/25"}
    assert arm.get(PAIR)["properties"]["peeringState"] == "Disconnected"
    assert [each["name"] for each in arm.get("virtualNetworks")["value"]] == ["hub", "branch", "remote"]
    assert arm.error(arm.start("networkInterfaces/vm-spoke-nic/effectiveRouteTable")) == (404, "ResourceNotFound")
    assert effective(arm, "vm-hub", SPOKE) == []


def test_a_change_of_azure_leaves_alone_what_it_says_nothing_about(arm: Arm) -> None:
    arm.happens("far_ends: {msee-1-primary: {bfd: false, prepend: 2}}")
    change(arm, PAIR, allowGatewayTransit=False)
    msee = arm.network.far_end("msee-1-primary")
    assert (msee.spec.bfd, msee.prepend) == (None, 2)
    assert msee.spec.vnets == ("hub", "remote")


# -- answers


def ordered(arm: Arm, operation: str, answer: str) -> None:
    arm.happens(f"azure: [{{operation: {operation!r}, answer: {answer}}}]")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("{status: 401}", (401, "InvalidAuthenticationToken")),
        ("{status: 401, code: InvalidAuthenticationTokenAudience}", (401, "InvalidAuthenticationTokenAudience")),
        ("{status: 403, code: AuthorizationFailed}", (403, "AuthorizationFailed")),
        ("{status: 404}", (404, "ResourceNotFound")),
        ("{status: 409}", (409, "AnotherOperationInProgress")),
        ("{status: 429, retry_after: 7}", (429, "TooManyRequests")),
        ("{status: 500}", (500, "InternalServerError")),
        ("{status: 503}", (503, "ServiceUnavailable")),
    ],
)
def test_each_http_error_can_be_ordered(arm: Arm, answer: str, error: tuple[int, str]) -> None:
    ordered(arm, LEARNED, answer)
    response = arm.start(LEARNED)
    assert arm.error(response) == error
    assert response.headers.get("Retry-After") == ("7" if "retry_after" in answer else None)
    assert arm.start("virtualNetworkGateways/hub-vpn/getBgpPeerStatus").status == 202
    arm.time[0] += 100
    ordered(arm, LEARNED, "null")
    assert arm.start(LEARNED).status == 202


def test_an_answer_can_be_for_the_next_requests_only(arm: Arm) -> None:
    ordered(arm, "GET virtualNetworks/hub", "{status: 503, times: 2}")
    assert [arm.send("GET", arm.path("virtualNetworks/hub")).status for _ in range(3)] == [503, 503, 200]


def test_an_answer_can_be_for_every_request(arm: Arm) -> None:
    ordered(arm, "*", "{status: 429, retry_after: 1, times: 1}")
    assert arm.send("GET", arm.path("connections")).status == 429
    assert arm.send("GET", arm.path("connections")).status == 200


def test_a_poll_that_never_ends_keeps_the_gateway_busy(arm: Arm) -> None:
    ordered(arm, LEARNED, "{never_ends: true}")
    url = arm.start(LEARNED).headers["Location"]
    for _ in range(5):
        arm.time[0] += 10_000
        response = arm.send("GET", url)
        assert (response.status, response.headers["Retry-After"]) == (202, "10")
        url = response.headers["Location"]
    assert arm.error(arm.start("virtualNetworkGateways/hub-vpn/getBgpPeerStatus")) == (
        409,
        "AnotherOperationInProgress",
    )


def test_a_poll_can_fail_where_the_start_did_not(arm: Arm) -> None:
    ordered(arm, LEARNED, "{status: 500, stage: poll}")
    started = arm.start(LEARNED)
    assert arm.error(arm.finish(started)) == (500, "InternalServerError")


def test_an_operation_can_end_in_failure(arm: Arm) -> None:
    ordered(arm, f"{PEERING}/arpTables/primary", "{fails: {code: Broken, message: no luck}}")
    started = arm.start(f"{PEERING}/arpTables/primary")
    arm.time[0] += 100
    state = json.loads(arm.send("GET", started.headers["Azure-AsyncOperation"]).body)
    assert (state["status"], state["error"]["code"]) == ("Failed", "Broken")


def test_a_result_can_stand_in_the_states_document(arm: Arm) -> None:
    ordered(arm, LEARNED, "{style: async}")
    started = arm.start(LEARNED)
    assert "Location" not in started.headers
    document = json.loads(arm.finish(started).body)
    assert document["status"] == "Succeeded"
    assert document["value"]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ('{body: "<html>busy</html>"}', b"<html>busy</html>"),
        ("{body: null}", b"null"),
        ("{body: {}}", b"{}"),
        ("{body: {value: null}}", b'{"value": null}'),
        ('{body: ""}', b""),
    ],
)
@pytest.mark.parametrize("read", [False, True])
def test_a_body_can_be_anything(arm: Arm, answer: str, body: bytes, read: bool) -> None:
    name = "GET connections/hub-er1" if read else LEARNED
    ordered(arm, name, answer)
    response = arm.send("GET", arm.path("connections/hub-er1")) if read else arm.finish(arm.start(LEARNED))
    assert (response.status, response.body) == (200, body)


def test_a_body_can_break_off(arm: Arm) -> None:
    ordered(arm, LEARNED, "{cut: true}")
    assert arm.finish(arm.start(LEARNED)).broken
    ordered(arm, "GET virtualNetworks/hub", "{cut: true}")
    assert arm.send("GET", arm.path("virtualNetworks/hub")).broken


# -- rights


@pytest.mark.parametrize(
    ("right", "request_", "allowed"),
    [
        ("Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action", ("POST", LEARNED), ("GET", "connections")),
        ("microsoft.network/connections/read", ("GET", "connections/hub-er1"), ("GET", "virtualNetworks")),
        (
            "Microsoft.Network/expressRouteCircuits/peerings/routeTables/action",
            ("POST", f"{PEERING}/routeTables/primary"), ("POST", f"{PEERING}/arpTables/primary"),
        ),
        ("*/read", ("GET", "virtualNetworks/hub"), ("POST", LEARNED)),
    ],
)  # fmt: skip
def test_a_right_can_be_taken_away(arm: Arm, right: str, request_: tuple[str, str], allowed: tuple[str, str]) -> None:
    arm.happens(f"azure: [{{deny: ['{right}']}}]")
    assert arm.error(arm.send(request_[0], arm.path(request_[1]))) == (403, "AuthorizationFailed")
    assert arm.send(allowed[0], arm.path(allowed[1])).status in (200, 202)


def test_what_is_not_allowed_is_known(arm: Arm) -> None:
    arm.happens("azure: [{deny: [Microsoft.Network/locations/operationResults/read]}]")
    started = arm.start(LEARNED)
    assert arm.error(arm.finish(started)) == (403, "AuthorizationFailed")
    path = f"{arm.azure.store.group_id}/providers/Microsoft.Authorization/permissions"
    document = json.loads(arm.send("GET", path).body)
    assert document["value"][0]["notActions"] == ["Microsoft.Network/locations/operationResults/read"]


# -- what is refused


@pytest.mark.parametrize(
    ("change_", "message"),
    [
        ("{resource: virtualNetworks/hubb, set: {properties.x: 1}}", "did you mean virtualNetworks/hub?"),
        (f"{{resource: {PAIR}, set: {{properties.allowGatewayTransitt: no}}}}", "mean properties.allowGatewayTransit?"),
        (f"{{resource: {PAIR}, set: {{properties.allowGatewayTransit: 'no'}}}}", "must be true or false"),
        ("{resource: connections/hub-to-loc1, set: {properties.connectionStatus: Unknown}}", "follows from the tunnel"),
        ("{resource: connections/hub-to-loc1, set: {properties.ipsecPolicies: [{}]}}", "a policy has exactly"),
        (f"{{resource: {PEERING}, set: {{properties.primaryPeerAddressPrefix: 10.0.0.0/29}}}}", "must be a /30"),
        ("{resource: virtualNetworks/hub/subnets/workloads, set: {properties.routeTable: none}}", "no route table"),
        ("{resource: routeTables/hub-workloads, set: {properties.routes: [{nextHopType: Up}]}}", "must be one of"),
        ("{resource: publicIPAddresses/hub-vpn-pip1, delete: true}", "cannot be deleted: it is in use"),
        ("{resource: virtualNetworks/hub, delete: true}", "delete its gateways first"),
        ("{resource: virtualNetworks/hub, refuse: [10.0.0.0/8]}", "only gateways and circuits refuse prefixes"),
        ("{operation: virtualNetworkGateways/hub-vpn/getEverything, answer: {status: 500}}", "could not be found"),
        ("{operation: virtualNetworkGateways/hubvpn/getLearnedRoutes, answer: {status: 500}}", "did you mean"),
        ("{operation: PUT virtualNetworks/hub, answer: {status: 500}}", "the method is one of GET, POST"),
    ],
)  # fmt: skip
def test_a_scenario_that_names_something_wrong_changes_nothing(untouched: Arm, change_: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        untouched.happens(f"azure: [{change_}]")
    assert message in str(caught.value)
    assert "azure.0" in str(caught.value)


@pytest.mark.parametrize(
    ("change_", "message"),
    [
        ("{resource: a}", "resource needs exactly one of set, delete and refuse"),
        ("{resource: a, set: {x: 1}, operation: b, answer: {}}", "exactly one of resource, operation, deny and cloud"),
        ("{operation: a}", "operation and answer stand together"),
        ("{operation: a, answer: {statuss: 500}}", "unknown key, did you mean status?"),
        ("{operation: a, answer: {status: 200}}", "greater than or equal to 400"),
        ("{set: {x: 1}}", "exactly one of resource, operation, deny and cloud"),
    ],
)
def test_a_scenario_is_strict(change_: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"azure: [{change_}]", "file.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("file.yaml:1: azure.0")
