"""BFD: a session of both sides, its timers, and what its end does to BGP."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest
from lab.network.test_lab_published import DATA, FAMILY, MSEE, TWIN, configure, states

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation

PORT = "interface TenGigabitEthernet0/0/0.300"
TIMERS = "bfd interval 300 min_rx 300 multiplier 3"
FALL_OVER = f"neighbor {MSEE} fall-over bfd"
LINK = "expressroute-1-primary"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)


@pytest.fixture
def network(clock: Clock) -> Simulation:
    return Simulation(DATA / "published", clock)


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def watch(edge: Router, clock: Clock, timers: str = TIMERS) -> None:
    configure(edge, PORT, timers, *FAMILY, FALL_OVER)
    clock.advance(5)


def up(edge: Router) -> dict[object, bool]:
    return {each.address: each.up for each in edge.bfd_neighbors()}


def detail(edge: Router) -> tuple[str | None, bool]:
    found = next(each for each in edge.bgp_neighbors("30") if each.address == MSEE)
    return found.bfd, found.bfd_up


def far_state(network: Simulation) -> str:
    network.settle()
    (peer,) = network.nodes["msee-1-primary"].families[None, 4].peers.values()
    return peer.state


def test_no_session_without_both_halves_of_the_configuration(edge: Router, clock: Clock) -> None:
    assert detail(edge) == (None, False)
    configure(edge, PORT, TIMERS)
    clock.advance(5)
    assert up(edge) == {}
    configure(edge, PORT, "no bfd interval", *FAMILY, FALL_OVER)
    clock.advance(5)
    assert up(edge) == {}
    assert detail(edge) == ("single-hop", False)


def test_a_session_comes_up_a_moment_after_it_was_asked_for(edge: Router, clock: Clock) -> None:
    configure(edge, PORT, TIMERS, *FAMILY, FALL_OVER)
    assert up(edge) == {MSEE: False}
    clock.advance(2)
    assert up(edge) == {MSEE: True}
    assert detail(edge) == ("single-hop", True)


def test_the_slower_side_sets_each_interval(network: Simulation, edge: Router, clock: Clock) -> None:
    network.set_far_end("msee-1-primary", bfd={"interval": 750, "min_rx": 500, "multiplier": 4})
    watch(edge, clock)
    (session,) = edge.bfd_neighbors()
    assert (session.transmit_interval, session.remote_min_rx, session.remote_multiplier) == (500, 500, 4)
    network.set_link(LINK, state="silent")
    clock.advance(2.9)
    assert up(edge) == {MSEE: True}
    clock.advance(0.2)
    assert up(edge) == {}


def test_a_silent_link_takes_bfd_and_bgp_down_long_before_the_hold_time(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    watch(edge, clock)
    network.set_link(LINK, state="silent")
    clock.advance(0.8)
    assert states(edge)[MSEE] == "Established"
    clock.advance(0.2)
    assert states(edge)[MSEE] != "Established"
    assert far_state(network) != "Established"
    texts = [line.text for line in edge.log()]
    assert any("BFD_SESS_DOWN" in text and "DETECT TIMER EXPIRED" in text for text in texts)
    assert f"%BGP-5-ADJCHANGE: neighbor {MSEE} vpn vrf 30 Down BFD adjacency down" in texts
    network.set_link(LINK, state="up")
    clock.advance(30)
    assert up(edge) == {MSEE: True}


def test_the_same_link_without_bfd_waits_for_the_hold_time(network: Simulation, edge: Router, clock: Clock) -> None:
    network.set_link(LINK, state="silent")
    clock.advance(100)
    assert states(edge)[MSEE] == "Established"
    clock.advance(100)
    assert states(edge)[MSEE] != "Established"


def test_one_direction_is_enough_and_the_deaf_side_tells_the_other(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    watch(edge, clock)
    network.set_link(LINK, state="silent", direction="from_azure")
    clock.advance(1)
    assert states(edge)[MSEE] != "Established"
    assert far_state(network) != "Established"


def test_the_far_side_of_a_shut_interface_sees_it_by_bfd(network: Simulation, edge: Router, clock: Clock) -> None:
    watch(edge, clock)
    configure(edge, PORT, "shutdown")
    assert up(edge) == {}
    clock.advance(1)
    assert far_state(network) != "Established"


def test_a_far_end_without_bfd_leaves_the_session_down_and_bgp_up(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    network.set_far_end("msee-1-primary", bfd=False)
    watch(edge, clock)
    assert up(edge) == {MSEE: False}
    assert edge.bfd_neighbors()[0].remote_discriminator == 0
    assert states(edge)[MSEE] == "Established"
    network.set_far_end("msee-1-primary", bfd=True)
    clock.advance(5)
    assert up(edge) == {MSEE: True}
    network.set_far_end("msee-1-primary", bfd=False)
    clock.advance(5)
    assert up(edge) == {MSEE: False}
    assert states(edge)[MSEE] == "Established"


def test_two_routers_watch_each_other_by_echoes(network: Simulation, edge: Router, clock: Clock) -> None:
    twin = network.router("ce2-loc1")
    for router, other in ((edge, TWIN), (twin, IPv4Address("192.168.30.2"))):
        configure(router, "interface TenGigabitEthernet1/0/1.30", TIMERS, *FAMILY, f"neighbor {other} fall-over bfd")
    clock.advance(5)
    (session,) = edge.bfd_neighbors()
    assert (session.up, session.echo_interval, session.min_tx) == (True, 300, 1000)
    configure(twin, "interface TenGigabitEthernet1/0/1.30", "no bfd echo")
    (session,) = edge.bfd_neighbors()
    assert (session.up, session.echo_interval, session.min_tx) == (True, None, 300)


def test_a_multihop_neighbor_has_no_session_without_a_map(edge: Router, clock: Clock) -> None:
    configure(edge, *FAMILY, "neighbor 10.10.30.254 fall-over bfd")
    clock.advance(5)
    assert up(edge) == {}
    found = next(each for each in edge.bgp_neighbors("30") if each.address == IPv4Address("10.10.30.254"))
    assert (found.bfd, found.bfd_up) == ("multi-hop", False)


def test_the_lines_stand_where_they_are_shown_and_go(edge: Router, clock: Clock) -> None:
    before = edge.running_config()
    watch(edge, clock, "bfd int 300 min_rx 300 mult 3")
    text = edge.running_config()
    assert f"\n {TIMERS}\n" in text
    assert f"\n  {FALL_OVER}\n" in text
    configure(edge, PORT, f"no {TIMERS}", *FAMILY, f"no {FALL_OVER}")
    assert edge.running_config() == before
    assert up(edge) == {}


@pytest.mark.parametrize(
    "lines",
    [
        (PORT, "bfd template fast"),
        ("bfd map ipv4 vrf 30 10.10.30.254/32 10.2.30.125/32 slow",),
        (*FAMILY, f"neighbor {MSEE} fall-over"),
        (*FAMILY, f"{FALL_OVER} strict-mode"),
    ],
)
def test_what_is_not_modelled_is_refused(edge: Router, lines: tuple[str, ...]) -> None:
    editor = edge.configure("someone")
    for line in lines[:-1]:
        assert editor.apply(line).ok
    reply = editor.apply(lines[-1])
    assert not reply.ok
    assert "Not modelled by this lab" in reply.text
