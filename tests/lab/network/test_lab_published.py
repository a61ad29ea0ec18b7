"""The published network: what it shows when it is well, and what each change makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
import yaml
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock, duration
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest, TraceRequest

DATA = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data"
MSEE, GATEWAY, TWIN = IPv4Address("192.168.30.18"), IPv4Address("10.10.30.254"), IPv4Address("192.168.30.3")
HUB, SPOKE, BRANCH, REMOTE = (
    IPv4Network(each) for each in ("10.10.30.0/24", "10.11.30.0/26", "10.11.30.64/26", "10.17.30.0/25")
)
FAMILY = ("router bgp 65021", "address-family ipv4 vrf 30")


@pytest.fixture
def network() -> Simulation:
    return Simulation(DATA / "published", Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def configure(router: Router, *lines: str) -> None:
    editor = router.configure("someone")
    for line in lines:
        reply = editor.apply(line)
        assert reply.ok, (line, reply)
    editor.apply("end")


def states(router: Router) -> dict[IPv4Address, str]:
    return {
        each.address: f"{each.state} (Admin)" if each.admin_down else each.state for each in router.bgp_neighbors("30")
    }


def paths(router: Router, prefix: IPv4Network) -> dict[IPv4Address, tuple[int, bool]]:
    """Effective local preference and whether best, by the neighbor that a used path came from."""
    entry = router.bgp_entry("30", prefix)
    if entry is None:
        return {}
    return {p.from_neighbor: (p.effective_local_preference, p.best) for p in entry.paths if not p.received_only}


def advertised(router: Router, neighbor: IPv4Address) -> set[IPv4Network]:
    found = router.advertised_routes("30", neighbor)
    assert found is not None
    return {entry.prefix for entry in found.entries}


def marks(router: Router, target: str, **more: object) -> str:
    result = router.ping(PingRequest(target, "30", **more))  # type: ignore[arg-type]
    assert result.error is None
    return "".join(reply.mark for reply in result.replies)


def test_the_healthy_network(network: Simulation, edge: Router) -> None:
    assert states(edge) == {GATEWAY: "Established", TWIN: "Established", MSEE: "Established"}
    assert all((each.state_age or 0) > 7 * 86400 for each in edge.bgp_neighbors("30"))
    assert paths(edge, HUB) == {MSEE: (200, True), GATEWAY: (100, False)}
    assert paths(edge, SPOKE) == {MSEE: (200, True), GATEWAY: (100, False)}
    assert paths(edge, BRANCH) == {GATEWAY: (100, True)}
    assert paths(edge, REMOTE) == {MSEE: (200, True)}
    assert advertised(edge, MSEE) == advertised(edge, GATEWAY) == {IPv4Network("10.2.30.0/25")}
    assert not network.unsettled
    assert states(network.router("ce2-loc1"))[IPv4Address("192.168.30.22")] == "Idle"


def test_blank_preference_is_the_default_and_follows_it(edge: Router) -> None:
    entry = edge.bgp_entry("30", BRANCH)
    assert entry is not None
    assert entry.paths[0].local_preference is None
    configure(edge, "router bgp 65021", "bgp default local-preference 250")
    assert paths(edge, HUB) == {MSEE: (200, False), GATEWAY: (250, True)}


def test_location_two_uses_both_paths_and_sees_no_other_location(network: Simulation) -> None:
    for name, msee in (("ce1-loc2", "192.168.31.18"), ("ce2-loc2", "192.168.31.22")):
        table = network.router(name).bgp_table("31")
        assert table is not None
        best = {entry.prefix: str(entry.best.from_neighbor) for entry in table.entries if entry.best}
        assert best[HUB] == best[SPOKE] == msee
        assert not {IPv4Network("10.2.30.0/25"), BRANCH, REMOTE} & set(best)


@pytest.mark.parametrize(
    ("target", "hops"),
    [
        ("10.11.30.68", ["10.11.30.68"]),
        ("10.2.30.10", ["192.168.30.1", "10.2.30.10"]),
    ],
)
def test_traceroute(edge: Router, target: str, hops: list[str]) -> None:
    found = edge.traceroute(TraceRequest(target, "30"))
    assert [str(hop.address) for hop in found.hops] == hops
    assert found.reached


def test_the_site_reaches_azure_from_its_lan_and_not_from_the_peering_subnet(network: Simulation, edge: Router) -> None:
    switch = network.nodes["switch-loc1"]
    host, vm = IPv4Address("10.2.30.10"), IPv4Address("10.10.30.4")
    there = network.forwarding.walk(switch, None, host, vm)
    assert [str(hop) for hop in there.hops] == ["192.168.30.0", "192.168.30.18", "None", "10.10.30.4"]
    assert network.forwarding.reply(there, host, vm, size=100).delivered
    assert marks(edge, "10.10.30.4", source="TenGigabitEthernet0/0/0.300") == "....."


def test_the_documented_failover(network: Simulation, edge: Router) -> None:
    configure(edge, "interface TenGigabitEthernet0/0/0.300", "shutdown")
    assert states(edge)[MSEE] == "Idle"
    assert paths(edge, HUB) == {GATEWAY: (100, True)}
    assert paths(edge, REMOTE) == {}
    found = edge.traceroute(TraceRequest("10.10.30.4", "30"))
    assert [str(hop.address) for hop in found.hops] == ["10.10.30.4"]
    configure(edge, "interface TenGigabitEthernet0/0/0.300", "no shutdown")
    network.clock.advance(30)
    assert states(edge)[MSEE] == "Established"
    assert paths(edge, HUB) == {MSEE: (200, True), GATEWAY: (100, False)}


def test_inbound_policy_takes_effect_when_the_session_is_refreshed(network: Simulation, edge: Router) -> None:
    configure(edge, *FAMILY, "no neighbor 192.168.30.18 route-map prefer-ER-over-VPN in")
    network.clock.advance(600)
    assert paths(edge, HUB)[MSEE] == (200, True)
    assert edge.clear_bgp("30", MSEE, soft="in") is None
    assert paths(edge, HUB)[MSEE][0] == 100


def test_new_routes_meet_the_present_policy(network: Simulation, edge: Router) -> None:
    configure(edge, "route-map prefer-ER-over-VPN permit 10", "set local-preference 20")
    new = IPv4Network("10.10.40.0/24")
    network.set_far_end("msee-1-primary", announce=((new, (12076,)),))
    assert paths(edge, new) == {MSEE: (20, True)}
    assert paths(edge, HUB)[MSEE] == (200, True)


def test_outbound_policy_takes_effect_after_a_minute_or_at_once_when_cleared(network: Simulation, edge: Router) -> None:
    own = IPv4Network("10.2.30.0/25")
    configure(edge, *FAMILY, "no neighbor 10.10.30.254 prefix-list Cust30_to_Private out")
    assert advertised(edge, GATEWAY) == {own}
    network.clock.advance(61)
    assert advertised(edge, GATEWAY) == {own, REMOTE, HUB, SPOKE}
    configure(edge, *FAMILY, "neighbor 10.10.30.254 prefix-list Cust30_to_Private out")
    edge.clear_bgp("30", GATEWAY, soft="out")
    assert advertised(edge, GATEWAY) == {own}


def test_an_undefined_route_map_denies_everything(edge: Router) -> None:
    configure(edge, *FAMILY, "neighbor 192.168.30.18 route-map NOWHERE in")
    edge.clear_bgp("30", MSEE, soft="in")
    neighbor = next(each for each in edge.bgp_neighbors("30") if each.address == MSEE)
    assert (neighbor.state, neighbor.prefixes_accepted, neighbor.prefixes_saved) == ("Established", 0, 3)
    assert neighbor.denied.inbound == {"route-map": 3}


def test_neighbor_shutdown_and_its_notice(network: Simulation, edge: Router) -> None:
    configure(edge, *FAMILY, "neighbor 192.168.30.18 shutdown")
    assert states(edge)[MSEE] == "Idle (Admin)"
    other = network.nodes["msee-1-primary"].families[None, 4].peers[IPv4Address("192.168.30.17")]
    assert other.reset_reason == "BGP Notification received of session 1, Administrative Shutdown"
    assert any("%BGP-5-ADJCHANGE: neighbor 192.168.30.18 vpn vrf 30 Down" in line.text for line in edge.log())


def test_wrong_remote_as(network: Simulation, edge: Router) -> None:
    configure(edge, *FAMILY, "neighbor 192.168.30.18 remote-as 12077")
    network.clock.advance(300)
    neighbor = next(each for each in edge.bgp_neighbors("30") if each.address == MSEE)
    assert neighbor.state in ("Idle", "Active")
    assert "peer in wrong AS" in (neighbor.last_reset_reason or "")


def test_maximum_prefix_ends_the_session_until_it_is_cleared(network: Simulation, edge: Router) -> None:
    configure(edge, *FAMILY, "neighbor 192.168.30.18 maximum-prefix 4 75")
    more = tuple((IPv4Network(f"10.50.{index}.0/24"), ()) for index in range(3))
    network.set_far_end("msee-1-primary", announce=more)
    neighbor = next(each for each in edge.bgp_neighbors("30") if each.address == MSEE)
    assert (neighbor.state, neighbor.prefix_limit_exceeded) == ("Idle", True)
    network.clock.advance(3600)
    assert states(edge)[MSEE] == "Idle"


def test_a_silent_link_is_noticed_when_the_hold_time_ends(network: Simulation, edge: Router) -> None:
    network.set_link("expressroute-1-primary", state="silent", direction="from_azure")
    network.clock.advance(100)
    assert states(edge)[MSEE] == "Established"
    network.clock.advance(100)
    assert states(edge)[MSEE] != "Established"
    assert edge.interface("te0/0/0.300").protocol_up  # type: ignore[union-attr]
    network.set_link("expressroute-1-primary", state="up")
    network.clock.advance(30)
    assert states(edge)[MSEE] == "Established"


def test_a_link_that_is_down_takes_the_port_and_the_session_at_once(network: Simulation, edge: Router) -> None:
    network.set_link("expressroute-1-primary", state="down")
    assert states(edge)[MSEE] == "Idle"
    interface = edge.interface("TenGigabitEthernet0/0/0.300")
    assert interface is not None
    assert (interface.admin_up, interface.line_up, interface.protocol_up) == (True, False, False)


def test_a_wrong_inner_tag_leaves_the_interface_up_and_the_neighbor_unresolved(
    network: Simulation, edge: Router
) -> None:
    configure(edge, "interface TenGigabitEthernet0/0/0.300", "encapsulation dot1Q 30 second-dot1q 301")
    network.clock.advance(300)
    assert edge.interface("te0/0/0.300").protocol_up  # type: ignore[union-attr]
    assert states(edge)[MSEE] == "Active"
    assert [each.mac for each in edge.arp("30") if each.address == MSEE] == [None]


def test_without_the_host_route_the_gateway_is_reached_over_expressroute(network: Simulation, edge: Router) -> None:
    before = edge.forwarding("30", GATEWAY)
    assert [hop.interface for hop in before.next_hops] == ["Tunnel30"]
    configure(edge, "no ip route vrf 30 10.10.30.254 255.255.255.255 Tunnel30")
    network.clock.advance(600)
    after = edge.forwarding("30", GATEWAY)
    assert [hop.interface for hop in after.next_hops] == ["TenGigabitEthernet0/0/0.300"]
    assert states(edge)[GATEWAY] == "Established"


def test_the_session_over_expressroute_survives_the_tunnel_when_its_source_does(
    network: Simulation, edge: Router
) -> None:
    configure(
        edge, "no ip route vrf 30 10.10.30.254 255.255.255.255 Tunnel30", "interface Tunnel30", "no ip address",
        "shutdown", "interface Loopback31", "ip vrf forwarding 30", "ip address 10.2.30.125 255.255.255.255", *FAMILY,
        "neighbor 10.10.30.254 update-source Loopback31",
    )  # fmt: skip
    network.clock.advance(600)
    assert states(edge)[GATEWAY] == "Established"
    assert edge.crypto_sessions() == ()


def test_the_session_ends_with_the_tunnel_when_it_is_anchored_in_it(network: Simulation, edge: Router) -> None:
    configure(edge, "interface Tunnel30", "shutdown")
    assert states(edge)[GATEWAY] == "Established"
    network.clock.advance(200)
    assert states(edge)[GATEWAY] != "Established"
    assert paths(edge, BRANCH) == {}


def test_a_wrong_key_shows_when_the_association_is_cleared(network: Simulation, edge: Router) -> None:
    configure(
        edge, "crypto ikev2 keyring Cust30-azure-keyring", "peer azure", "pre-shared-key local other-key",
    )  # fmt: skip
    network.clock.advance(1800)
    assert edge.ike_sas()[0].status == "READY"
    assert "current entry 0," in show(edge, "show crypto ikev2 diagnose error")
    edge.clear_ike(None)
    network.clock.advance(300)
    assert [each.status for each in edge.ike_sas()] == ["DELETE"]
    assert edge.ipsec()[0].inbound == ()
    assert not edge.interface("Tunnel30").protocol_up  # type: ignore[union-attr]
    assert states(edge)[GATEWAY] != "Established"
    errors = show(edge, "show crypto ikev2 diagnose error").splitlines()
    assert errors[1] == "Exit Path Table - status: enable, current entry 1, deleted 0, max allow 50"
    assert errors[3:] == ["Error(1): Auth exchange failed"]


def test_no_common_proposal_leaves_no_association(network: Simulation, edge: Router) -> None:
    configure(edge, "crypto ikev2 proposal Cust30-azure-proposal", "group 19")
    edge.clear_ike(None)
    network.clock.advance(300)
    assert edge.ike_sas() == ()
    assert edge.crypto_sessions()[0].status == "DOWN"


def test_pfs_that_one_side_has_breaks_the_first_rekey(network: Simulation, edge: Router) -> None:
    configure(edge, "crypto ipsec profile Cust30-azure-ipsec-profile", "set pfs group14")
    edge.clear_ike(None)
    network.clock.advance(60)
    assert edge.interface("Tunnel30").protocol_up  # type: ignore[union-attr]
    ages = []
    for _ in range(8):
        network.clock.advance(1000)
        ages.append(edge.crypto_sessions()[0].uptime or 0.0)
    assert max(ages) < 3700


def test_rekeying_changes_the_spi_and_keeps_the_tunnel(network: Simulation, edge: Router) -> None:
    spi = edge.ipsec()[0].inbound[0].spi
    network.clock.advance(3600)
    assert edge.ipsec()[0].inbound[0].spi != spi
    assert (edge.crypto_sessions()[0].uptime or 0) > 7 * 86400


def test_traffic_counters_move_in_both_directions_unless_one_is_silent(network: Simulation, edge: Router) -> None:
    def moved(seconds: float) -> tuple[bool, bool]:
        before = edge.ipsec()[0].counters
        network.clock.advance(seconds)
        after = edge.ipsec()[0].counters
        return after.encaps > before.encaps, after.decaps > before.decaps

    assert moved(10) == (True, True)
    network.set_link("internet-loc1", state="silent", direction="from_internet")
    assert moved(10) == (True, False)


def test_pings_through_the_tunnel_count(edge: Router) -> None:
    before = edge.ipsec()[0].counters
    assert marks(edge, "10.11.30.68", source="Tunnel30", repeat=50) == "!" * 50
    after = edge.ipsec()[0].counters
    assert (after.encaps - before.encaps, after.decaps - before.decaps) == (50, 50)


def test_packets_too_large(network: Simulation, edge: Router) -> None:
    assert marks(edge, "10.11.30.68", source="Tunnel30", size=1500, df_bit=True) == "MMMMM"
    network.set_link("internet-loc1", state="silent", above_bytes=1400)
    assert marks(edge, "10.11.30.68", source="Tunnel30", size=1380) == "....."
    assert marks(edge, "10.11.30.68", source="Tunnel30", size=1000) == "!!!!!"


def test_withdrawn_announced_and_prepended(network: Simulation, edge: Router) -> None:
    network.set_far_end("msee-1-primary", withdraw=(SPOKE,), prepend=8)
    assert paths(edge, SPOKE) == {GATEWAY: (100, True)}
    entry = edge.bgp_entry("30", HUB)
    assert entry is not None
    assert entry.best is not None
    assert entry.best.as_path == (12076,) * 9
    network.set_far_end("hub-vpn", announce=((IPv4Network("10.10.30.0/25"), ()),))
    assert [hop.interface for hop in edge.forwarding("30", IPv4Address("10.10.30.4")).next_hops] == ["Tunnel30"]


def test_a_far_end_withdraws_what_it_has_from_another_and_announces_it_again(network: Simulation, edge: Router) -> None:
    branch = IPv4Network("10.11.30.64/26")
    assert paths(edge, branch) == {GATEWAY: (100, True)}
    network.set_far_end("hub-vpn", withdraw=(branch,))
    assert edge.bgp_entry("30", branch) is None
    network.set_far_end("hub-vpn", announce=((branch, (65515, 65516)),))
    assert paths(edge, branch) == {GATEWAY: (100, True)}
    network.set_far_end("hub-vpn", withdraw=(branch,))
    assert edge.bgp_entry("30", branch) is None
    network.set_far_end("hub-vpn", restore=(branch,))
    assert paths(edge, branch) == {GATEWAY: (100, True)}


def test_a_static_route_beats_bgp_and_shows_as_rib_failure(edge: Router) -> None:
    configure(edge, "ip route vrf 30 10.10.30.0 255.255.255.0 Tunnel30")
    entry = edge.bgp_entry("30", HUB)
    assert entry is not None
    assert entry.rib_failure_reason == "Higher admin distance"
    route = edge.route("30", HUB)
    assert route is not None
    assert route.protocol == "static"


def test_the_network_statement_needs_the_exact_route(network: Simulation, edge: Router) -> None:
    network.set_far_end("switch-loc1", withdraw=(IPv4Network("10.2.30.0/25"),))
    for neighbor in (MSEE, GATEWAY):
        assert advertised(edge, neighbor) == set()
    assert states(edge)[MSEE] == "Established"


def test_weight_overrules_preference_after_a_refresh(edge: Router) -> None:
    configure(edge, *FAMILY, "neighbor 10.10.30.254 weight 100")
    assert paths(edge, HUB)[MSEE] == (200, True)
    edge.clear_bgp("30", GATEWAY, soft="in")
    assert paths(edge, HUB) == {MSEE: (200, False), GATEWAY: (100, True)}


def test_the_neighbor_in_the_wrong_vrf(network: Simulation, edge: Router) -> None:
    configure(
        edge, "ip vrf 99", "rd 65021:99", *FAMILY, "no neighbor 192.168.30.18", "exit-address-family",
        "address-family ipv4 vrf 99", "neighbor 192.168.30.18 remote-as 12076",
    )  # fmt: skip
    network.clock.advance(60)
    assert MSEE not in states(edge)
    assert [each.state for each in edge.bgp_neighbors("99")] == ["Idle"]


def test_a_hard_reset_comes_back_young(network: Simulation, edge: Router) -> None:
    edge.clear_bgp("30", None, soft=None)
    assert set(states(edge).values()) <= {"Idle", "Active"}
    network.clock.advance(30)
    assert set(states(edge).values()) == {"Established"}
    assert all((each.state_age or 99) < 30 for each in edge.bgp_neighbors("30"))


def test_as_published_leaks_what_it_learned_over_expressroute(network: Simulation, edge: Router) -> None:
    scenario = yaml.safe_load((DATA / "scenarios" / "as-published.yaml").read_text())
    configure(edge, *scenario["routers"]["ce1-loc1"]["configure"].splitlines())
    edge.clear_bgp("30", GATEWAY, soft="out")
    assert REMOTE in advertised(edge, GATEWAY)
    switch = network.nodes["switch-loc1"].table(None)
    assert IPv4Network("0.0.0.0/0") in switch.routes
    assert HUB not in switch.routes


def test_scheduled_changes_happen_at_their_time(network: Simulation, edge: Router) -> None:
    network.schedule(30, lambda: network.set_link("expressroute-1-primary", state="down"))
    network.clock.advance(29)
    assert states(edge)[MSEE] == "Established"
    network.clock.advance(2)
    neighbor = next(each for each in edge.bgp_neighbors("30") if each.address == MSEE)
    assert (neighbor.state, neighbor.state_age) == ("Idle", pytest.approx(1.0))


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("2h", 7200), ("1w2d", 777600), (90, 90)])
def test_durations(text: str | float, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 minutes", "3x"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration(text)
