"""What Azure says is what the network does: the same prefixes at every hop, and one less when one is taken away."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from lab.arm.conftest import Arm, Json

EDGE, MSEE, GATEWAY = "ce1-loc1", IPv4Address("192.168.30.18"), IPv4Address("10.10.30.254")
SITE = "10.2.30.0/25"
PEERING = "expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering"
TABLE = f"{PEERING}/routeTables"
VPN, ER = "virtualNetworkGateways/hub-vpn", "virtualNetworkGateways/hub-er"
WITHDRAW = f"""
routers:
  {EDGE}:
    configure: |
      router bgp 65021
       address-family ipv4 vrf 30
        no network 10.2.30.0 mask 255.255.255.128
  ce2-loc1:
    configure: |
      router bgp 65021
       address-family ipv4 vrf 30
        no network 10.2.30.0 mask 255.255.255.128
"""


def advertised(arm: Arm, router: str, neighbor: IPv4Address, vrf: str = "30") -> set[str]:
    found = arm.network.router(router).advertised_routes(vrf, neighbor)
    assert found is not None
    return {str(each.prefix) for each in found.entries}


def received(arm: Arm, router: str, neighbor: IPv4Address, vrf: str = "30") -> set[str]:
    found = arm.network.router(router).received_routes(vrf, neighbor)
    assert found is not None
    return {str(each.prefix) for each in found.entries}


def learned(arm: Arm, gateway: str, source: str) -> set[str]:
    """Prefixes that a gateway has from one neighbor."""
    return {row["network"] for row in arm.rows(f"{gateway}/getLearnedRoutes") if row.get("sourcePeer") == source}


def effective(arm: Arm, machine: str) -> dict[str, set[str]]:
    """Active gateway routes with their next hops."""
    found: dict[str, set[str]] = {}
    for row in arm.rows(f"networkInterfaces/{machine}-nic/effectiveRouteTable"):
        if (row["source"], row["state"]) == ("VirtualNetworkGateway", "Active"):
            found.setdefault(row["addressPrefix"][0], set()).update(row["nextHopIpAddress"])
    return found


@pytest.mark.parametrize(
    ("router", "neighbor", "vrf", "circuit", "path"),
    [
        (EDGE, "192.168.30.18", "30", "expressroute-1", "primary"),
        ("ce1-loc2", "192.168.31.18", "31", "expressroute-2", "primary"),
        ("ce2-loc2", "192.168.31.22", "31", "expressroute-2", "secondary"),
    ],
)
def test_the_circuit_knows_what_the_edge_router_advertises(
    untouched: Arm, router: str, neighbor: str, vrf: str, circuit: str, path: str
) -> None:
    rows = untouched.rows(f"expressRouteCircuits/{circuit}/peerings/AzurePrivatePeering/routeTables/{path}")
    there = IPv4Address(neighbor)
    local = str(IPv4Address(int(there) - 1))
    assert {row["network"] for row in rows if row["nextHop"] == local} == advertised(untouched, router, there, vrf)
    assert {row["network"] for row in rows if row["nextHop"] != local} == received(untouched, router, there, vrf)
    assert all(row["path"].split() in (["65021"], ["65021", "I"]) for row in rows if row["nextHop"] == local)


def test_the_vpn_gateway_and_the_edge_router_tell_the_same(untouched: Arm) -> None:
    assert learned(untouched, VPN, "10.2.30.125") == advertised(untouched, EDGE, GATEWAY) == {SITE}
    rows = untouched.rows(f"{VPN}/getAdvertisedRoutes", peer="10.2.30.125")
    assert {row["network"] for row in rows} == received(untouched, EDGE, GATEWAY)
    assert {row["asPath"] for row in rows} == {"65515", "65515-65516"}


def test_as_paths_are_written_as_each_service_writes_them(untouched: Arm) -> None:
    paths = {(row["network"], row["asPath"]) for row in untouched.rows(f"{ER}/getLearnedRoutes")}
    assert {(SITE, "12076-65021"), ("10.17.30.0/25", "12076-12076"), ("10.10.30.0/24", "")} <= paths
    cisco = {row["path"] for row in untouched.rows(f"{TABLE}/primary")}
    assert cisco == {"65021", "65515"}
    juniper = {row["path"] for row in untouched.rows(f"{TABLE.replace('route-1', 'route-2')}/primary")}
    assert all(path.endswith(" I\n                    ") for path in juniper)


def test_the_effective_routes_are_those_of_the_published_traceroutes(untouched: Arm) -> None:
    hub = effective(untouched, "vm-hub")
    assert hub[SITE] == {"10.10.30.132"}
    assert hub["10.1.31.0/25"] == {"10.10.30.134", "10.10.30.135"}
    assert hub["10.17.30.0/25"] == {"10.10.30.132", "10.10.30.133"}
    assert hub["10.11.30.64/26"] == {"10.10.30.254"}
    assert effective(untouched, "vm-spoke") == hub
    remote = effective(untouched, "vm-remote")
    assert set(remote) == {SITE, "10.10.30.0/24", "10.11.30.0/26"}
    branch = effective(untouched, "vm-branch")
    assert {"10.1.31.0/25", "10.17.30.0/25"}.isdisjoint(branch)
    assert {SITE, "10.10.30.0/24", "10.11.30.0/26"} <= set(branch)


def test_a_prefix_that_the_edge_routers_withdraw_is_gone_everywhere(arm: Arm) -> None:
    assert SITE in arm.networks(f"{TABLE}/primary")
    arm.happens(WITHDRAW)
    for below in (f"{TABLE}/primary", f"{ER}/getLearnedRoutes", f"{VPN}/getLearnedRoutes"):
        assert SITE not in arm.networks(below), below
    for machine in ("vm-hub", "vm-spoke", "vm-branch", "vm-remote"):
        assert SITE not in effective(arm, machine), machine
    assert "10.1.31.0/25" in effective(arm, "vm-hub")


def test_what_an_msee_withdrew_it_may_announce_again(arm: Arm) -> None:
    spoke = "10.11.30.0/26"
    arm.happens(f"far_ends: {{msee-1-primary: {{withdraw: [{spoke}]}}}}")
    assert spoke not in received(arm, EDGE, MSEE)
    arm.happens(f"far_ends: {{msee-1-primary: {{restore: [{spoke}]}}}}")
    assert spoke in received(arm, EDGE, MSEE)


def test_without_expressroute_the_vpn_carries_the_site(arm: Arm) -> None:
    arm.happens("links: {expressroute-1-primary: {state: down}}")
    arm.passes(200)
    assert effective(arm, "vm-hub")[SITE] == {"10.10.30.254"}
    assert SITE not in arm.networks(f"{TABLE}/primary")
    assert SITE in learned(arm, VPN, "10.2.30.125")


@pytest.mark.parametrize(
    ("hop", "missing"),
    [
        ("far_ends: {msee-1-primary: {refuse: [10.2.30.0/25]}}", {"table", "learned", "effective"}),
        (
            "azure: [{resource: expressRouteCircuits/expressroute-1, refuse: [10.2.30.0/25]}]",
            {"table", "learned", "effective"},
        ),
        ("azure: [{resource: virtualNetworkGateways/hub-er, refuse: [10.2.30.0/25]}]", {"learned", "effective"}),
        (
            "azure: [{resource: routeTables/hub-workloads, set: {properties.disableBgpRoutePropagation: true}}]",
            {"effective"},
        ),
    ],
)
def test_a_prefix_stops_at_each_hop_in_turn(arm: Arm, hop: str, missing: set[str]) -> None:
    arm.happens(hop)
    assert SITE in advertised(arm, EDGE, MSEE)
    hops = effective(arm, "vm-hub").get(SITE, set())
    seen = {
        "table": SITE in arm.networks(f"{TABLE}/primary"),
        "learned": SITE in learned(arm, ER, "10.10.30.132"),
        "effective": "10.10.30.132" in hops,
    }
    assert {name for name, there in seen.items() if not there} == missing


def status(arm: Arm, gateway: str) -> dict[str, Json]:
    return {row["neighbor"]: row for row in arm.rows(f"{gateway}/getBgpPeerStatus")}


def test_peers_are_in_the_state_of_their_sessions(arm: Arm) -> None:
    before = status(arm, VPN)["10.2.30.125"]
    assert (before["state"], before["asn"], before["routesReceived"]) == ("Connected", 65021, 1)
    arm.happens(f'routers: {{{EDGE}: {{configure: "interface Tunnel30\\n shutdown"}}}}')
    arm.passes(400)
    after = status(arm, VPN)["10.2.30.125"]
    assert (after["state"], after["routesReceived"]) != ("Connected", 1)
    assert "connectedDuration" not in after


def test_a_healthy_gateway_has_peers_that_do_not_connect(untouched: Arm) -> None:
    peers = status(untouched, ER)
    assert {peer for peer, row in peers.items() if row["asn"] == 12076} == {
        "10.10.30.132", "10.10.30.133", "10.10.30.134", "10.10.30.135",
    }  # fmt: skip
    assert {row["state"] for row in peers.values() if row["asn"] == 12076} == {"Connected"}
    assert peers["10.10.30.253"]["state"] == "Connecting"
    assert list(status(untouched, VPN)) == [row["neighbor"] for row in untouched.rows(f"{VPN}/getBgpPeerStatus")]


def test_one_peer_can_be_asked_for(untouched: Arm) -> None:
    rows = untouched.rows(f"{ER}/getBgpPeerStatus", peer="10.10.30.134")
    assert [(row["localAddress"], row["neighbor"]) for row in rows] == [
        ("10.10.30.140", "10.10.30.134"), ("10.10.30.141", "10.10.30.134"),
    ]  # fmt: skip
    assert untouched.rows(f"{ER}/getAdvertisedRoutes", peer="10.9.9.9") == []


def test_the_summary_is_of_the_msee(arm: Arm) -> None:
    row = arm.rows(f"{PEERING}/routeTablesSummary/primary")[0]
    assert (row["neighbor"], row["as"], row["statePfxRcd"], row["v"]) == ("192.168.30.17", 65021, "1", 4)
    disabled = arm.rows(f"{PEERING}/routeTablesSummary/secondary")[0]
    assert (disabled["neighbor"], disabled["statePfxRcd"], disabled["upDown"]) == ("192.168.30.21", "Active", "never")


def test_arp_names_the_edge_routers_interface(arm: Arm) -> None:
    own, there = arm.rows(f"{PEERING}/arpTables/primary")
    port = arm.network.router(EDGE).interface("TenGigabitEthernet0/0/0.300")
    assert port is not None
    assert (there["interface"], there["ipAddress"], there["macAddress"]) == ("On-Prem", "192.168.30.17", port.mac)
    assert (own["interface"], own["ipAddress"]) == ("Microsoft", "192.168.30.18")
    lines = "interface TenGigabitEthernet0/0/0.300\\n encapsulation dot1Q 31 second-dot1q 300"
    arm.happens(f'routers: {{{EDGE}: {{configure: "{lines}"}}}}')
    assert arm.rows(f"{PEERING}/arpTables/primary")[1]["macAddress"] == "Incomplete"


def test_arp_shows_the_address_of_what_answers(arm: Arm) -> None:
    router = arm.network.router("ce1-loc1")

    def macs() -> tuple[str, str | None]:
        """Of the router, as the circuit sees it; of the MSEE, as the router does."""
        _, there = arm.rows(f"{PEERING}/arpTables/primary")
        here = {str(each.address): each.mac for each in router.arp("30")}
        return there["macAddress"], here["192.168.30.18"]

    before = macs()
    arm.happens("links: {expressroute-1-primary: {macs: {192.168.30.17: 0050.56ab.0001}}}")
    assert macs() == ("0050.56ab.0001", before[1])
    arm.happens("links: {expressroute-1-primary: {macs: {192.168.30.18: 0050.56ab.0002}}}")
    assert macs() == ("0050.56ab.0001", "0050.56ab.0002")
    arm.happens("""
routers:
  ce2-loc1: {configure: "interface TenGigabitEthernet0/0/0.300\\n no shutdown"}
""")
    assert arm.rows(f"{PEERING}/arpTables/secondary")[1]["macAddress"] not in (*before, "0050.56ab.0001")


def test_bytes_grow_on_the_paths_that_carry_traffic(arm: Arm) -> None:
    def counts() -> tuple[Json, Json]:
        tunnel = arm.get("connections/hub-to-loc1")["properties"]["tunnelConnectionStatus"][0]
        return arm.get(f"{PEERING}/stats"), tunnel

    before, tunnel = counts()
    arm.passes(60)
    after, later = counts()
    assert after["primarybytesIn"] > before["primarybytesIn"] > 0
    assert after["secondarybytesIn"] == before["secondarybytesIn"] == 0
    for key in ("ingressBytesTransferred", "egressBytesTransferred"):
        assert later[key] > tunnel[key] > 0
    assert arm.get("expressRouteCircuits/expressroute-1/stats") == after


def test_the_circuit_counts_what_the_router_sends_over_it(arm: Arm) -> None:
    def counts() -> tuple[int, int, int, int]:
        found = arm.get(f"{PEERING}/stats")
        (port,) = [each for each in arm.network.router(EDGE).interfaces() if each.name == "TenGigabitEthernet0/0/0.300"]
        return found["primarybytesIn"], port.counters.out_bytes, found["primarybytesOut"], port.counters.in_bytes

    def grown(seconds: float) -> list[int]:
        before = counts()
        arm.passes(seconds)
        return [after - earlier for after, earlier in zip(counts(), before, strict=True)]

    into, sent, out, received = grown(1000)
    assert min(sent, received) > 10_000
    assert into == pytest.approx(sent, abs=500)
    assert out == pytest.approx(received, abs=500)
    arm.happens("links: {expressroute-1-primary: {loss_percent: 50, direction: to_azure}}")
    into, sent, out, received = grown(1000)
    assert into == pytest.approx(sent / 2, rel=0.1)
    assert out == pytest.approx(received, abs=500)


def test_a_connection_is_as_connected_as_its_tunnel(arm: Arm) -> None:
    assert arm.get("connections/hub-to-loc1")["properties"]["connectionStatus"] == "Connected"
    arm.happens("links: {internet-loc1: {state: down}}")
    arm.passes(300)
    properties = arm.get("connections/hub-to-loc1")["properties"]
    assert properties["connectionStatus"] == "NotConnected"
    assert arm.get("connections/hub-to-branch")["properties"]["connectionStatus"] == "Connected"
    assert "connectionStatus" not in arm.get("connections/hub-er1")["properties"]


def test_gateway_and_edge_router_agree_about_the_loss_of_a_silent_msee(arm: Arm) -> None:
    arm.happens("far_ends: {msee-1-primary: {silent: true}}")
    arm.passes(400)
    peers = status(arm, ER)
    assert (peers["10.10.30.132"]["state"], peers["10.10.30.133"]["state"]) == ("Connecting", "Connected")
    assert learned(arm, ER, "10.10.30.132") == set()
    assert effective(arm, "vm-hub")[SITE] == {"10.10.30.254"}


def test_maintenance_lengthens_the_path_on_both_sides(arm: Arm) -> None:
    arm.happens("far_ends: {msee-2-primary: {prepend: 8}}")
    rows = {
        row["sourcePeer"]: row["asPath"]
        for row in arm.rows(f"{ER}/getLearnedRoutes")
        if row["network"] == "10.1.31.0/25"
    }
    assert rows["10.10.30.134"] == "-".join(["12076"] * 9 + ["65021"])
    assert rows["10.10.30.135"] == "12076-65021"
    assert effective(arm, "vm-hub")["10.1.31.0/25"] == {"10.10.30.135"}


def test_the_resiliency_of_a_gateway_is_that_of_its_circuits(arm: Arm) -> None:
    routes = arm.run(f"{ER}/getRoutesInformation")
    sets = {prefix: rows for each in routes["routeSets"] for prefix, rows in each["details"].items()}
    assert [(row["pri"], row["sec"]) for row in sets[SITE]] == [("1", "0")]
    assert [(row["pri"], row["sec"]) for row in sets["10.1.31.0/25"]] == [("1", "1")]
    before = int(arm.run(f"{ER}/getResiliencyInformation")["overallScore"])
    arm.happens(
        "azure: [{resource: expressRouteCircuits/expressroute-2, set: {properties.circuitProvisioningState: Disabled}}]"
    )
    assert int(arm.run(f"{ER}/getResiliencyInformation")["overallScore"]) < before
    assert arm.error(arm.start(f"{VPN}/getResiliencyInformation")) == (400, "OperationNotAllowed")
