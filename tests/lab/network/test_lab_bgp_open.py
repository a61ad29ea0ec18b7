"""What BGP refuses before it exchanges a route: one identifier for two, packets from too far, two filters at once."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest
from lab.network.test_lab_published import DATA, FAMILY, GATEWAY, MSEE, TWIN, configure, states
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)


@pytest.fixture
def network(clock: Clock) -> Simulation:
    return Simulation(DATA / "published", clock)


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def identifier(router: Router) -> IPv4Address:
    return router.node.families["30", 4].router_id


def test_two_routers_of_an_as_with_one_identifier_refuse_each_other(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    own, theirs = identifier(edge), identifier(network.router("ce2-loc1"))
    configure(edge, *FAMILY, f"bgp router-id {theirs}")
    clock.advance(120)
    found = states(edge)
    assert (found[TWIN], found[MSEE], found[GATEWAY]) == ("Idle", "Established", "Established")
    assert "(BGP identifier wrong) 4 bytes" in show(edge, "show logging")
    assert "Router ID changed" in show(edge, "show logging")
    configure(edge, *FAMILY, f"bgp router-id {own}")
    clock.advance(120)
    assert states(edge)[TWIN] == "Established"


def test_ttl_security_needs_it_at_both_ends(edge: Router, clock: Clock) -> None:
    configure(edge, *FAMILY, f"neighbor {MSEE} ttl-security hops 1")
    clock.advance(300)
    assert states(edge)[MSEE] != "Established"
    assert "hold time expired" in show(edge, "show logging")
    configure(edge, *FAMILY, f"no neighbor {MSEE} ttl-security hops 1")
    clock.advance(120)
    assert states(edge)[MSEE] == "Established"


@pytest.mark.parametrize(("first", "second"), [("prefix-list", "distribute-list"), ("distribute-list", "prefix-list")])
def test_a_neighbor_has_one_of_the_two_lists_in_each_direction(edge: Router, first: str, second: str) -> None:
    editor = edge.configure("someone")
    for line in (*FAMILY, f"no neighbor {MSEE} prefix-list Cust30_to_Private out", f"neighbor {MSEE} {first} 7 out"):
        assert editor.apply(line).ok, line
    reply = editor.apply(f"neighbor {MSEE} {second} 8 out")
    assert (reply.ok, "co-exist" in reply.text) == (False, True)
    assert editor.apply(f"neighbor {MSEE} {second} 8 in").ok


def test_a_static_arp_entry_sends_frames_to_the_address_that_it_names(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    def arp() -> str:
        return show(edge, f"show ip arp vrf 30 {MSEE}").splitlines()[-1]

    def reached() -> bool:
        return all(each.mark == "!" for each in edge.ping(PingRequest(str(MSEE), "30")).replies)

    learned = arp().split()[3]
    configure(edge, f"arp vrf 30 {MSEE} {learned} arpa")
    assert reached()
    configure(edge, f"ip arp vrf 30 {MSEE} 0000.0c07.ac01 arpa")
    assert arp().split() == ["Internet", str(MSEE), "-", "0000.0c07.ac01", "ARPA"]
    assert not reached()
    clock.advance(300)
    assert states(edge)[MSEE] != "Established"
    configure(edge, f"no ip arp vrf 30 {MSEE} 0000.0c07.ac01 arpa")
    clock.advance(60)
    assert reached()
    assert arp().split()[3] == learned


@pytest.mark.parametrize(
    "lines",
    [
        ("ip arp gratuitous none",),
        ("arp timeout 4",),
        ("no ip cef",),
        ("interface GigabitEthernet0/0/0", "duplex half"),
    ],
)
def test_what_would_have_no_effect_here_is_refused(edge: Router, lines: tuple[str, ...]) -> None:
    *before, last = lines
    editor = edge.configure("someone")
    assert all(editor.apply(line).ok for line in before)
    assert "Not modelled by this lab" in editor.apply(last).text


def test_a_host_route_at_the_gateway_leads_into_the_tunnel(network: Simulation, edge: Router, clock: Clock) -> None:
    configure(
        edge,
        "ip prefix-list Cust30_to_Private seq 10 permit 10.2.30.0/25 le 32",
        *(*FAMILY, "redistribute connected"),
    )
    clock.advance(120)
    told = network.nodes["hub-vpn"].table(None).routes
    assert [each for each in told.values() if each.prefix.prefixlen == 32 and each.protocol == "bgp"]
    assert states(edge)[GATEWAY] == "Established"


def test_esp_that_is_denied_is_not_decapsulated(edge: Router, clock: Clock) -> None:
    def decapsulated() -> int:
        return next(each for each in edge.ipsec() if each.interface == "Tunnel30").counters.decaps

    before = decapsulated()
    clock.advance(60)
    assert decapsulated() > before
    configure(
        edge,
        *("ip access-list extended no-esp", "deny esp any any", "permit ip any any"),
        *("interface GigabitEthernet0/0/0", "ip access-group no-esp in"),
    )
    clock.advance(1)
    still = decapsulated()
    clock.advance(60)
    assert decapsulated() == still
