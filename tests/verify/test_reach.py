"""The data plane and the link below a session: what differs is named, what is silent proves nothing."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.verify_records import ER, MSEE, TUNNEL_INTERFACE, VRF, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.reachability import ExpectedReach
from pytest_azinterop.iosxe import allow
from pytest_azinterop.state.device import ArpEntry, Ipv6Neighbor
from pytest_azinterop.state.probe import PingResult, TraceHop, TraceProbe, TraceResult
from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable
from pytest_azinterop.verify import arp, reach, rules_reach
from pytest_azinterop.verify import neighbor_discovery as discovery
from pytest_azinterop.verify.arp import ObservedArp
from pytest_azinterop.verify.neighbor_discovery import ObservedNeighborDiscovery
from pytest_azinterop.verify.reach import ObservedReach, ObservedRoute, ObservedSizes, ObservedTrace

TARGET = ip_address("10.60.0.4")
MARKER, OTHER, FAR_END = ip_address("172.20.1.2"), ip_address("10.9.9.9"), ip_address("172.20.1.6")
REACH = ExpectedReach(
    router="edge-a",
    customer="blue",
    site="north",
    vrf=VRF,
    to="core",
    target=TARGET,
    source="Loopback1",
    through=(MARKER,),
    avoids=(OTHER,),
    sizes=(1400, 1500),
)


def ping(marks: str, target: Any = TARGET) -> PingResult:
    return PingResult(VRF, target, len(marks), marks.count("!"), marks, source=source("ping"))


def trace(*hops: Any, target: Any = TARGET, limit: int | None = None) -> ObservedTrace:
    records = tuple(TraceHop(ttl, (TraceProbe(hop, hop and 1),)) for ttl, hop in enumerate(hops, 1))
    return ObservedTrace(TraceResult(VRF, target, records, limit=limit or len(hops), source=source("traceroute")))


def rib(*prefixes: str, protocol: str = "B", vrf: str = VRF) -> ObservedRoute:
    hops = (NextHop(MARKER, None),)
    routes = tuple(
        RibRoute(vrf, ip_network(each), protocol, protocol, 20, 0, hops, source=source("show ip route"))
        for each in prefixes
    )
    return ObservedRoute(RoutingTable(vrf, None, routes, source=source("show ip route")))


def entry(**changes: Any) -> ObservedArp:
    values: dict[str, Any] = {
        "vrf": VRF,
        "address": MSEE,
        "mac": "0011.2233.4455",
        "age": 3,
        "kind": "ARPA",
        "interface": ER.interface,
        "source": source("show ip arp vrf blue"),
    }
    return ObservedArp(ArpEntry(**{**values, **changes}))


ER_6 = replace(ER, mac="0011.2233.4455", neighbor=ip_address("2001:db8:9::2"))


def cached(**changes: Any) -> ObservedNeighborDiscovery:
    values: dict[str, Any] = {
        "vrf": VRF,
        "address": ER_6.neighbor,
        "mac": "0011.2233.4455",
        "age": 0,
        "state": "REACH",
        "interface": ER.interface,
        "source": source("show ipv6 neighbors vrf blue"),
    }
    return ObservedNeighborDiscovery((Ipv6Neighbor(**{**values, **changes}),))


def timed(fastest: int | None, average: int | None) -> ObservedReach:
    return ObservedReach(replace(ping(".!!!!"), rtt_min=fastest, rtt_avg=average, rtt_max=average))


def routed(*routes: tuple[str, str, NextHop], up: bool = True, vrf: str | None = VRF) -> ObservedReach:
    """Nobody answers; the routing table holds these routes, and Tunnel9 is up or down."""
    found = tuple(
        RibRoute(vrf, ip_network(prefix), code, code, 1, 0, (hop,), source=source("show ip route"))
        for prefix, code, hop in routes
    )
    table = RoutingTable(vrf, None, found, source=source("show ip route"))
    tunnel = replace(TUNNEL_INTERFACE, name="Tunnel9", line_protocol="up" if up else "down")
    return ObservedReach(ping("....."), table, (tunnel,))


NULL, TUNNEL9 = NextHop(None, "Null0"), NextHop(None, "Tunnel9")
OVER_TUNNEL = (("10.60.0.0/24", "B", NextHop(OTHER, None)), ("10.9.9.9/32", "S", TUNNEL9))
TIMED = replace(REACH, rtt_ms=(5, 20))
BOUNDED = replace(REACH, loss_percent=1.0, loss_probes=100)
SIZED = ObservedSizes(((1400, ping(".....")),))
FORBIDDEN = replace(REACH, reachable=False, through=(), avoids=(), sizes=())
NULL_ROUTED = ObservedRoute(routed(("10.0.0.0/8", "S", NULL)).rib)
STRANGER = ip_address("198.51.100.77")
WITH_MAC = replace(ER, mac="0011.2233.4455")
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (reach.answer, REACH, ObservedReach(ping(".....")), "reach.answer:no-answer"),
    (reach.answer, REACH, ObservedReach(ping("U.U.U")), "reach.answer:unreachable"),
    (reach.answer, REACH, ObservedReach(ping("..!!!")), "reach.answer:loss"),
    (reach.answer, REACH, ObservedReach(ping(".")), "reach.answer:no-answer"),
    (reach.answer, REACH, routed(), "reach.answer:no-route"),
    (reach.answer, REACH, routed(("10.61.0.0/24", "B", NextHop(MARKER, None))), "reach.answer:no-route"),
    (reach.answer, REACH, routed(("0.0.0.0/0", "S*", NextHop(MARKER, None))), "reach.answer:no-answer"),
    (reach.answer, REACH, routed(vrf=None), "reach.answer:no-answer"),  # another table than the source's says nothing
    (
        reach.answer,
        REACH,
        routed(("10.60.0.4/32", "S", NULL), ("10.60.0.0/24", "B", TUNNEL9)),
        "reach.answer:null-route",
    ),
    (reach.answer, REACH, routed(("10.60.0.0/24", "S", TUNNEL9), up=False), "reach.answer:interface-down"),
    (reach.answer, REACH, routed(*OVER_TUNNEL, up=False), "reach.answer:interface-down"),
    (reach.answer, REACH, routed(*OVER_TUNNEL), "reach.answer:no-answer"),
    (reach.answer, REACH, replace(routed(), ping=ping("...!.")), "reach.answer:loss"),
    (reach.loss, BOUNDED, ObservedReach(ping("!" * 50 + ".." + "!" * 48)), "reach.loss:loss"),
    (reach.loss, BOUNDED, ObservedReach(ping(".." + "!" * 97 + ".")), "reach.loss:loss"),
    (reach.loss, BOUNDED, ObservedReach(ping("." * 100)), "reach.loss:no-answer"),
    (reach.no_route, FORBIDDEN, rib("10.60.0.0/24"), "reach.forbidden-route:bgp"),
    (reach.no_route, FORBIDDEN, rib("10.0.0.0/8", protocol="S"), "reach.forbidden-route:other-protocol"),
    (reach.silence, FORBIDDEN, ObservedReach(ping("....!")), "reach.forbidden:answers"),
    (reach.path, REACH, trace(OTHER, MARKER, TARGET), "reach.path:other-path"),
    (reach.path, REACH, trace(TARGET), "reach.path:other-path"),
    (reach.path, REACH, trace(ip_address("10.1.1.1"), TARGET), "reach.path:other-path"),
    (reach.path, replace(REACH, far_ends=(FAR_END,)), trace(None, FAR_END, None, TARGET), "reach.path:other-path"),
    (reach.path, REACH, trace(None, None, None), "reach.path:not-reached"),
    (reach.path, REACH, trace(OTHER, MARKER, STRANGER, limit=12), "reach.path:other-path"),
    (reach.path, replace(REACH, far_ends=(FAR_END,)), trace(FAR_END, STRANGER, limit=12), "reach.path:other-path"),
    (reach.path, replace(REACH, far_ends=(FAR_END,)), trace(FAR_END, limit=12), "reach.path:other-path"),
    (reach.sizes, REACH, ObservedSizes(((1400, ping("!!!!!")), (1500, ping("MMMMM")))), "reach.size:too-big"),
    (reach.sizes, REACH, ObservedSizes(((1400, ping(".....")),)), "reach.size:lost"),
    (reach.sizes, REACH, ObservedSizes(((1400, ping(".....")),), ObservedReach(ping(".!..."))), "reach.size:lost"),
    (
        reach.sizes,
        REACH,
        ObservedSizes(((1400, ping("MMMMM")),), ObservedReach(ping("....."))),
        "reach.answer:no-answer",
    ),
    (reach.sizes, REACH, ObservedSizes(((1400, ping(".....")),), routed()), "reach.answer:no-route"),
    (
        reach.sizes,
        REACH,
        ObservedSizes(((1400, ping("!!!!!")), (1500, ping("....."))), ObservedReach(ping("....."))),
        "reach.size:lost",
    ),
    (reach.round_trip, TIMED, timed(4, 9), "reach.rtt:other-path"),
    (reach.round_trip, TIMED, timed(21, 24), "reach.rtt:other-path"),
    (reach.round_trip, TIMED, timed(5, 21), "reach.rtt:slow-path"),
    (arp.resolved, ER, ObservedArp(None), "msee.arp:missing"),
    (arp.resolved, ER, entry(mac=None, age=0, interface=None), "msee.arp:incomplete"),
    (arp.resolved, ER, entry(interface="TenGigabitEthernet0/0/1.9"), "msee.arp:other-interface"),
    (arp.resolved, ER, entry(age=None), "msee.arp:own-address"),
    (arp.resolved, WITH_MAC, entry(mac="0011.2233.4456"), "msee.arp:other-hardware"),
    (discovery.resolved, ER_6, ObservedNeighborDiscovery(()), "msee.neighbor-discovery:missing"),
    (discovery.resolved, ER_6, cached(mac=None, state="INCMP"), "msee.neighbor-discovery:incomplete"),
    (discovery.resolved, ER_6, cached(state="DELETE"), "msee.neighbor-discovery:incomplete"),
    (discovery.resolved, ER_6, cached(state="????"), "msee.neighbor-discovery:incomplete"),
    (discovery.resolved, ER_6, cached(interface="Vlan9"), "msee.neighbor-discovery:other-interface"),
    (discovery.resolved, ER_6, cached(age=None), "msee.neighbor-discovery:static"),
    (discovery.resolved, ER_6, cached(mac="0011.2233.4456"), "msee.neighbor-discovery:other-hardware"),
)
AGREEING: tuple[tuple[Any, Any, Any], ...] = (
    (reach.answer, REACH, ObservedReach(ping("!!!!!"))),
    (reach.answer, REACH, ObservedReach(ping(".!!!!"))),
    (reach.no_route, FORBIDDEN, rib("10.61.0.0/24", "10.60.0.0/30")),
    (reach.no_route, FORBIDDEN, rib("0.0.0.0/0")),
    (reach.no_route, FORBIDDEN, NULL_ROUTED),
    (reach.silence, FORBIDDEN, ObservedReach(ping("..U.."))),
    (reach.path, REACH, trace(MARKER, None, TARGET)),
    (reach.path, REACH, trace(MARKER, None, None)),
    (reach.path, REACH, trace(MARKER, STRANGER, limit=12)),
    (reach.path, replace(REACH, through=()), trace(TARGET)),
    (reach.sizes, REACH, ObservedSizes(((1400, ping(".!!!!")), (1500, ping("!!!!!"))))),
    (reach.round_trip, TIMED, timed(5, 5)),
    (reach.round_trip, TIMED, timed(20, 20)),
    (arp.resolved, ER, entry()),
    (arp.resolved, WITH_MAC, entry()),
    (arp.resolved, replace(ER, interface=None), entry(interface="Vlan9")),
    (discovery.resolved, ER_6, cached()),
    (discovery.resolved, ER_6, cached(state="STALE")),
    (discovery.resolved, replace(ER_6, mac=None), cached(mac="0011.2233.4456")),
    (discovery.resolved, replace(ER_6, interface=None), cached(interface="Vlan9")),
)


@pytest.mark.parametrize(("judge", "expected", "observed", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, observed: Any, named: str) -> None:
    found = judge(expected, observed)
    assert [f"{each.rule}:{each.cause}" for each in found] == [named]
    assert found[0].object == expected.id


@pytest.mark.parametrize(("judge", "expected", "observed"), AGREEING)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, observed: Any) -> None:
    assert judge(expected, observed) == []


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (reach.answer, REACH, ObservedReach(ping("!!!!!", OTHER))),
        (reach.answer, REACH, ObservedReach(ping(""))),
        (reach.silence, FORBIDDEN, ObservedReach(ping("", TARGET))),
        (reach.no_route, FORBIDDEN, rib(vrf="red")),
        (reach.path, REACH, trace(None, None, TARGET)),
        (reach.path, REACH, trace(ip_address("10.1.1.1"), None, None, TARGET)),
        (reach.path, replace(REACH, far_ends=(FAR_END,)), trace(ip_address("10.1.1.1"), None, TARGET)),
        (reach.path, REACH, trace(STRANGER, limit=12)),
        (reach.path, REACH, trace(ip_address("10.1.1.1"), None, STRANGER, limit=12)),
        (reach.path, REACH, trace(MARKER, limit=12)),  # it answered for the target: nothing went on behind it
        (reach.path, replace(REACH, through=()), trace(ip_address("10.1.1.1"), STRANGER, limit=12)),
        (reach.path, REACH, trace(MARKER, target=OTHER)),
        (reach.round_trip, TIMED, timed(None, None)),
        (reach.round_trip, TIMED, ObservedReach(replace(timed(5, 5).ping, target=OTHER))),
        (reach.sizes, REACH, ObservedSizes(((1400, ping("!!!!!", OTHER)),))),
    ],
)
def test_what_proves_nothing_is_not_judged(judge: Any, expected: Any, observed: Any) -> None:
    with pytest.raises(UndeterminedError):
        judge(expected, observed)


@pytest.mark.parametrize(
    ("observed", "says", "following"),
    [
        (routed(), "no route to the target in vrf", "show ip route vrf"),
        (routed(("10.60.0.4/32", "S", NULL)), "drops it: static route 10.60.0.4/32 to Null0", "show ip route vrf"),
        (
            routed(*OVER_TUNNEL, up=False),
            "leaves over Tunnel9, which is up, line protocol down",
            "show crypto ikev2 sa",
        ),
    ],
)
def test_the_routing_table_says_why_nobody_answers(observed: ObservedReach, says: str, following: str) -> None:
    (found,) = reach.answer(REACH, observed)
    assert says in (found.likely or "")
    assert (found.next_command or "").startswith(following)
    assert {each.command for each in found.evidence} >= {"ping", "show ip route"}


def test_probes_that_are_suggested_are_bounded_and_allowed() -> None:
    trace_, sized = reach.answer(REACH, ObservedReach(ping("....."))), reach.sizes(REACH, SIZED)
    for found in (*trace_, *sized):
        allow.check(str(found.next_command))
    assert str(trace_[0].next_command).endswith("timeout 1 probe 1 ttl 1 12")


def test_routes_that_lead_in_a_circle_end() -> None:
    circle = (("10.60.0.0/24", "B", NextHop(OTHER, None)), ("10.9.9.0/24", "B", NextHop(TARGET, None)))
    assert reach.answer(REACH, routed(*circle))[0].cause == "no-answer"


def test_a_target_that_does_not_answer_has_no_round_trip_time() -> None:
    (found,) = reach.round_trip(TIMED, ObservedReach(ping(".....")))
    assert (found.rule, found.cause) == ("reach.answer", "no-answer")


@given(st.integers(1, 40), st.integers(0, 40))
def test_only_answers_within_the_band_are_right(fastest: int, more: int) -> None:
    agrees = fastest >= 5 and fastest + more <= 20
    assert (reach.round_trip(TIMED, timed(fastest, fastest + more)) == []) == agrees


def test_every_cause_has_a_case() -> None:
    assert {f"{rule.name}:{cause}" for rule in rules_reach.RULES for cause in rule.causes} == {
        case[3] for case in CASES
    }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text("!.U", min_size=1, max_size=20))
def test_a_target_that_answers_is_never_silent(marks: str) -> None:
    observed = ObservedReach(ping(marks))
    assert bool(reach.silence(FORBIDDEN, observed)) == ("!" in marks)
    if "!" not in marks:
        assert reach.answer(REACH, observed)


SIX = replace(REACH, target=ip_address("2001:db8:60::4"), through=(), reachable=False)


def six(prefix: str) -> ObservedRoute:
    hop = NextHop(ip_address("2001:db8:9::2"), None)
    given = source("show ipv6 route vrf blue")
    route = RibRoute(VRF, ip_network(prefix), "B", "B", 20, 0, (hop,), source=given)
    return ObservedRoute(RoutingTable(VRF, None, (route,), source=given))


def test_a_route_of_ipv6_is_named_with_its_command() -> None:
    (found,) = reach.no_route(SIX, six("2001:db8:60::/56"))
    assert (found.rule, found.cause) == ("reach.forbidden-route", "bgp")
    assert found.next_command == f"show ipv6 route vrf {VRF} 2001:db8:60::4"
    assert reach.no_route(SIX, six("::/0")) == []
    assert reach.no_route(SIX, six("2001:db8:61::/56")) == []


def test_no_answer_over_ipv6_is_explained_by_its_own_table() -> None:
    expected = replace(SIX, reachable=True)
    silent = PingResult(VRF, SIX.target, 5, 0, ".....", source=source("ping"))
    (found,) = reach.answer(expected, ObservedReach(silent, rib=six("2001:db8:61::/56").rib))
    assert (found.cause, found.next_command) == ("no-route", f"show ipv6 route vrf {VRF} 2001:db8:60::4")


@pytest.mark.parametrize("marks", ["!" * 100, "." + "!" * 99, "!" * 60 + "." + "!" * 39, "!" * 199 + "."])
def test_a_share_within_the_bound_has_no_finding(marks: str) -> None:
    assert reach.loss(BOUNDED, ObservedReach(ping(marks))) == []
    assert reach.loss(replace(BOUNDED, loss_percent=None), ObservedReach(ping("." * 100))) == []


def test_a_share_is_told_in_words() -> None:
    (found,) = reach.loss(BOUNDED, ObservedReach(ping("!" * 97 + "...")))
    assert "loss is 3.0% (3 of 100 echo requests from " in found.message
    assert found.message.endswith("expected at most 1%")


def test_a_first_packet_that_waits_for_a_neighbor_counts_neither_way() -> None:
    """Two of 199 are more than 1%, two of 201 are less."""
    (found,) = reach.loss(BOUNDED, ObservedReach(ping("." + "!" * 197 + "..")))
    assert "(2 of 199 echo requests" in found.message


def test_fewer_packets_than_declared_tell_no_share() -> None:
    with pytest.raises(UndeterminedError):
        reach.loss(BOUNDED, ObservedReach(ping("!" * 99)))
