"""A prefix that stops at one hop is found at that hop and at no other, in both directions, and over both paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify import sides_records as agreeing
from verify.sides_records import (
    CE,
    CE_TUNNEL,
    ER_INSTANCE,
    ER_PEERS,
    HUB_AS,
    MSEE_AS,
    OVER_ER,
    OVER_VPN,
    SIDES,
    SITE_AS,
    circuit_row,
    circuit_table,
    effective_row,
    er_exchange,
    gateway_routes,
    gateway_row,
    sides,
    vpn_exchange,
    without,
)
from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    ER_RECEIVED,
    GATEWAY,
    LOCAL,
    MSEE,
    ONLY_ER,
    ONLY_VPN,
    OWN,
    SHARED,
    TABLE,
    VPN,
    VPN_ACCEPTED,
    neighbor,
    path,
    routes,
    site,
    site_router,
    table,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import AsPath
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.sides.to_azure import announced
from pytest_azinterop.verify.sides.to_site import learned

OTHER = ip_network("10.7.8.0/24")
SENDS_TWO = routes("advertised", MSEE, [LOCAL, replace(LOCAL, prefix=OTHER)])
BACK_TO_AZURE = path(ONLY_VPN, GATEWAY, HUB_AS, 64520)


def judged(observed: Any) -> list[Finding]:
    """What the four passages find, the same finding once, as the reporter tells it."""
    found = [
        *announced(OVER_ER, observed),
        *announced(OVER_VPN, observed),
        *learned(OVER_ER, observed),
        *learned(OVER_VPN, observed),
    ]
    return list({(each.rule, each.object, each.cause, each.message): each for each in found}.values())


def told(observed: Any) -> list[tuple[str, str, str]]:
    return sorted((each.rule, each.object, each.cause) for each in judged(observed))


def in_table(paths: Any) -> Any:
    return site(site_router(table=table(paths)))


SITE_ID = SIDES.id
# The hop that loses a prefix; what says so: rule, object, cause
BREAKS: dict[str, tuple[Callable[[], Any], tuple[str, str, str]]] = {
    "router does not announce": (
        lambda: sides(
            er=er_exchange(advertised=routes("advertised", MSEE, [])),
            circuit=without(agreeing.CIRCUIT_ROWS, OWN),
            hub_er=without(agreeing.HUB_ER_ROWS, OWN),
            far_er=without(agreeing.FAR_ER_ROWS, OWN),
            far=without(agreeing.FAR_EFFECTIVE, OWN),
        ),
        ("sides.announced", ER.id, "not-announced"),
    ),
    "router announces one of two": (
        lambda: sides(er=er_exchange(advertised=SENDS_TWO)),
        ("sides.announced", ER.id, "not-in-circuit"),
    ),
    "MSEE has it not": (
        lambda: sides(circuit=without(agreeing.CIRCUIT_ROWS, OWN)),
        ("sides.announced", ER.id, "not-in-circuit"),
    ),
    "MSEE has it from another router": (
        lambda: sides(
            circuit=[*without(agreeing.CIRCUIT_ROWS, OWN), circuit_row(OWN, "172.20.1.9", SITE_AS)],
        ),
        ("sides.announced", ER.id, "other-next-hop"),
    ),
    "MSEE has more from this address": (
        lambda: sides(circuit=[*agreeing.CIRCUIT_ROWS, circuit_row(OTHER, CE, SITE_AS)]),
        ("sides.announced", ER.id, "not-from-router"),
    ),
    "hub's gateway has not learned it": (
        lambda: sides(hub_er=without(agreeing.HUB_ER_ROWS, OWN)),
        ("sides.announced", f"{SITE_ID}/hub-er", "not-learned"),
    ),
    "far gateway has not learned it": (
        lambda: sides(far_er=without(agreeing.FAR_ER_ROWS, OWN)),
        ("sides.announced", f"{SITE_ID}/far-er", "not-learned"),
    ),
    "one instance has not learned it": (
        lambda: sides(
            hub_er=[*agreeing.HUB_ER_ROWS, gateway_row(ONLY_ER, "10.60.0.23", ER_PEERS[0], MSEE_AS, MSEE_AS)]
        ),
        ("sides.announced", f"{SITE_ID}/hub-er", "one-instance"),
    ),
    "VPN gateway has it over ExpressRoute alone": (
        lambda: sides(hub_vpn=[row for row in agreeing.HUB_VPN_ROWS if row.source_peer != CE_TUNNEL]),
        ("sides.announced", VPN.id, "not-at-gateway"),
    ),
    "VPN gateway has more from the router": (
        lambda: sides(hub_vpn=[*agreeing.HUB_VPN_ROWS, gateway_row(OTHER, GATEWAY, CE_TUNNEL, SITE_AS)]),
        ("sides.announced", VPN.id, "not-from-router"),
    ),
    "branch's gateway has not learned it": (
        lambda: sides(branch_vpn=without(agreeing.BRANCH_VPN_ROWS, OWN)),
        ("sides.announced", f"{SITE_ID}/branch-vpn", "not-learned"),
    ),
    "network has not got it": (
        lambda: sides(hub=without(agreeing.HUB_EFFECTIVE, OWN)),
        ("sides.announced", f"{SITE_ID}/hub-work", "not-effective"),
    ),
    "network has nothing from gateways": (
        lambda: sides(hub=[agreeing.LOCAL_ROW]),
        ("sides.announced", f"{SITE_ID}/hub-work", "no-gateway-routes"),
    ),
    "network takes nothing from gateways": (
        lambda: sides(hub=[replace(agreeing.LOCAL_ROW, propagation_disabled=True)]),
        ("sides.announced", f"{SITE_ID}/hub-work", "propagation-disabled"),
    ),
    "ExpressRoute gateway does not announce": (
        lambda: sides(
            to_msee=(),
            circuit=without(agreeing.CIRCUIT_ROWS, SHARED),
            er=er_exchange(
                received=routes("received", MSEE, ER_RECEIVED[1:]), accepted=routes("accepted", MSEE, ER_ACCEPTED[1:])
            ),
        ),
        ("sides.learned", f"{SITE_ID}/hub-er", "not-advertised"),
    ),
    "MSEE lacks what the gateway announces": (
        lambda: sides(
            circuit=without(agreeing.CIRCUIT_ROWS, SHARED),
            er=er_exchange(
                received=routes("received", MSEE, ER_RECEIVED[1:]), accepted=routes("accepted", MSEE, ER_ACCEPTED[1:])
            ),
        ),
        ("sides.learned", ER.id, "not-in-circuit"),
    ),
    "router has not received it": (
        lambda: sides(
            er=er_exchange(
                received=routes("received", MSEE, ER_RECEIVED[1:]), accepted=routes("accepted", MSEE, ER_ACCEPTED[1:])
            )
        ),
        ("sides.learned", ER.id, "not-received"),
    ),
    "router filters it": (
        lambda: sides(er=er_exchange(accepted=routes("accepted", MSEE, ER_ACCEPTED[1:]))),
        ("sides.learned", ER.id, "filtered-inbound"),
    ),
    "router has more": (
        lambda: sides(circuit=[*agreeing.CIRCUIT_ROWS[:2]]),
        ("sides.learned", ER.id, "not-from-azure"),
    ),
    "table lacks it": (
        lambda: sides(routers=in_table([each for each in TABLE if each != ER_ACCEPTED[1]])),
        ("sides.learned", ER.id, "not-in-table"),
    ),
    "next hop cannot be resolved": (
        lambda: sides(
            routers=in_table([replace(each, valid=False) if each.prefix == ONLY_VPN else each for each in TABLE])
        ),
        ("sides.learned", VPN.id, "invalid"),
    ),
    "VPN gateway does not announce": (
        lambda: sides(
            to_ce=without(agreeing.TO_CE, ONLY_VPN),
            vpn=vpn_exchange(
                received=routes("received", GATEWAY, VPN_ACCEPTED[:1]),
                accepted=routes("accepted", GATEWAY, VPN_ACCEPTED[:1]),
            ),
        ),
        ("sides.learned", VPN.id, "not-advertised"),
    ),
    "router has not received it over the VPN": (
        lambda: sides(
            vpn=vpn_exchange(
                received=routes("received", GATEWAY, VPN_ACCEPTED[:1]),
                accepted=routes("accepted", GATEWAY, VPN_ACCEPTED[:1]),
            )
        ),
        ("sides.learned", VPN.id, "not-received"),
    ),
}
# Rows of the far network stand for more than one loss: the table of the MSEE no longer has it, the router does.
ALSO = {"router has more": [("sides.learned", ER.id, "not-in-circuit")]}


def test_agreement_has_no_finding() -> None:
    assert judged(sides()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_break_is_found_at_its_hop_alone(name: str) -> None:
    observed, expected = BREAKS[name]
    assert told(observed()) == sorted([expected, *ALSO.get(name, [])])


@pytest.mark.parametrize("name", BREAKS)
def test_finding_shows_both_ends_of_the_break(name: str) -> None:
    for each in judged(BREAKS[name][0]()):
        assert each.evidence
        assert each.next_command
        assert ", expected " in each.message


def test_what_azure_refuses_is_not_awaited() -> None:
    """Azure's own AS in the path: the MSEE and the gateways refuse it, as RFC 4271 says."""
    leak = path(SHARED, MSEE, MSEE_AS)
    hub = path(ONLY_VPN, GATEWAY, HUB_AS, 64520)
    er = er_exchange(advertised=routes("advertised", MSEE, [LOCAL, leak]))
    vpn = vpn_exchange(advertised=routes("advertised", GATEWAY, [LOCAL, hub]))
    assert judged(sides(er=er, vpn=vpn)) == []


@pytest.mark.parametrize("learned_there", [False, True])
def test_prefix_of_azure_itself_is_not_awaited_behind_its_gateway(learned_there: bool) -> None:
    """A leak of ExpressRoute's routes over the tunnel: a gateway filters what is a virtual network's own."""
    vpn = vpn_exchange(advertised=routes("advertised", GATEWAY, [LOCAL, path(SHARED, MSEE, MSEE_AS)]))
    more = [gateway_row(SHARED, GATEWAY, CE_TUNNEL, SITE_AS, MSEE_AS)] if learned_there else []
    assert judged(sides(vpn=vpn, hub_vpn=[*agreeing.HUB_VPN_ROWS, *more])) == []


def test_leak_that_the_msee_takes_stops_at_the_gateway_without_a_finding() -> None:
    er = er_exchange(advertised=routes("advertised", MSEE, [LOCAL, BACK_TO_AZURE]))
    circuit = [*agreeing.CIRCUIT_ROWS, circuit_row(ONLY_VPN, CE, SITE_AS, HUB_AS, 64520)]
    assert [(each.object, each.cause) for each in announced(OVER_ER, sides(er=er, circuit=circuit))] == []


def test_rows_of_the_other_address_family_are_left_alone() -> None:
    six = ip_network("fd00:60::/48")
    circuit = [*agreeing.CIRCUIT_ROWS, circuit_row(six, "fd00::1", HUB_AS), circuit_row(six, CE, SITE_AS)]
    to_ce = [*agreeing.TO_CE, gateway_row(six, GATEWAY, None, HUB_AS, to_peer=CE_TUNNEL)]
    hub_vpn = [*agreeing.HUB_VPN_ROWS, gateway_row(six, GATEWAY, CE_TUNNEL, SITE_AS)]
    assert judged(sides(circuit=circuit, to_ce=to_ce, hub_vpn=hub_vpn)) == []


def test_session_that_is_down_is_reported_as_that() -> None:
    down = er_exchange(neighbor=neighbor(ER, state="Idle"))
    gone = er_exchange(neighbor=None)
    for judge in (announced, learned):
        assert [each.rule for each in judge(OVER_ER, sides(er=down))] == ["bgp.state"]
        assert [each.rule for each in judge(OVER_ER, sides(er=gone))] == ["bgp.neighbor"]


def test_subnet_behind_a_firewall_or_without_machines_is_not_asked() -> None:
    for change in ({"via": ip_address("10.60.0.40")}, {"has_interface": False}):
        hub = replace(agreeing.HUB, subnets=(replace(agreeing.HUB.subnets[0], **change),))  # type: ignore[arg-type]
        expected = replace(OVER_ER, sides=replace(SIDES, networks=(hub, agreeing.FAR, agreeing.BRANCH)))
        assert announced(expected, sides(hub=())) == []


def test_network_that_no_gateway_serves_shows_what_it_lacks() -> None:
    """Nothing between the session's gateways and the network could be asked; its routes can."""
    alone = replace(agreeing.FAR, over=("expressroute",), gateways=())
    expected = replace(OVER_ER, sides=replace(SIDES, networks=(agreeing.HUB, alone, agreeing.BRANCH)))
    assert announced(expected, sides()) == []
    lost = list(announced(expected, sides(far=without(agreeing.FAR_EFFECTIVE, OWN))))
    assert [(each.object, each.cause) for each in lost] == [(f"{SITE_ID}/far-work", "not-effective")]


def test_overruled_route_of_a_gateway_has_arrived() -> None:
    """Which route wins is the question of the path; here it has arrived."""
    rows = [*without(agreeing.HUB_EFFECTIVE, OWN), effective_row(OWN, ER_PEERS[0], state="Invalid")]
    assert judged(sides(hub=rows)) == []


NONE_COLLECTED: dict[str, tuple[Callable[[Any, Any], Any], Any, Any]] = {
    "exchange": (announced, OVER_ER, lambda: sides(exchanges=(vpn_exchange(),))),
    "other session's exchange": (announced, OVER_ER, lambda: sides(er=er_exchange(neighbor=neighbor(VPN)))),
    "announcement": (announced, OVER_ER, lambda: sides(er=er_exchange(advertised=None))),
    "announcement to another neighbor": (
        announced,
        OVER_ER,
        lambda: sides(er=er_exchange(advertised=routes("advertised", GATEWAY, [LOCAL]))),
    ),
    "circuit's table": (announced, OVER_ER, lambda: sides(circuits=())),
    "table of the other path": (
        announced,
        OVER_ER,
        lambda: sides(circuits=(replace(circuit_table(), path="secondary"),)),
    ),
    "rows of the other path": (
        announced,
        OVER_ER,
        lambda: sides(circuit=[replace(row, path="secondary") for row in agreeing.CIRCUIT_ROWS]),
    ),
    "table of another circuit": (announced, OVER_ER, lambda: sides(circuits=(replace(circuit_table(), circuit="x"),))),
    "learned routes": (announced, OVER_ER, lambda: sides(routes=())),
    "learned routes of the VPN gateway": (announced, OVER_VPN, lambda: sides(routes=())),
    "effective routes": (announced, OVER_ER, lambda: sides(subnets=())),
    "circuit's table, to the site": (learned, OVER_ER, lambda: sides(circuits=())),
    "announcement of the gateway": (learned, OVER_VPN, lambda: sides(routes=())),
    "announcement of the gateway to another peer": (
        learned,
        OVER_VPN,
        lambda: sides(routes=(gateway_routes("hub-vpn", agreeing.TO_CE, ip_address("10.7.0.126")),)),
    ),
    "rows to another peer": (
        learned,
        OVER_VPN,
        lambda: sides(to_ce=[replace(row, to_peer=ER_INSTANCE) for row in agreeing.TO_CE]),
    ),
    "accepted routes": (learned, OVER_ER, lambda: sides(er=er_exchange(accepted=None))),
    "accepted routes of another neighbor": (
        learned,
        OVER_ER,
        lambda: sides(er=er_exchange(accepted=routes("accepted", GATEWAY, VPN_ACCEPTED))),
    ),
    "received routes": (learned, OVER_ER, lambda: sides(er=er_exchange(received=None))),
    "table of the router": (learned, OVER_ER, lambda: sides(routers=replace(site(), routers=()))),
}


@pytest.mark.parametrize("name", NONE_COLLECTED)
def test_missing_evidence_raises(name: str) -> None:
    judge, expected, observed = NONE_COLLECTED[name]
    with pytest.raises(UndeterminedError) as raised:
        judge(expected, observed())
    assert raised.value.cause in {"not-collected", "not-understood"}


def test_carriers_that_the_intent_does_not_name_raise() -> None:
    for changed in (replace(SIDES, carriers=()), replace(SIDES, gateways=())):
        with pytest.raises(UndeterminedError):
            announced(replace(OVER_ER, sides=changed), sides())
    unbound = tuple(replace(each, gateways=()) for each in SIDES.carriers)
    for passage in (OVER_ER, OVER_VPN):
        with pytest.raises(UndeterminedError):
            announced(replace(passage, sides=replace(SIDES, carriers=unbound)), sides())


EMPTY: dict[str, tuple[Callable[[Any, Any], Any], Any, Any]] = {
    "circuit": (announced, OVER_ER, lambda: sides(circuit=())),
    "learned": (announced, OVER_ER, lambda: sides(hub_er=())),
    "learned of the VPN gateway": (announced, OVER_VPN, lambda: sides(hub_vpn=())),
    "effective": (announced, OVER_VPN, lambda: sides(hub=())),
    "sent": (announced, OVER_ER, lambda: sides(er=er_exchange(advertised=routes("advertised", MSEE, [])))),
    "circuit, to the site": (learned, OVER_ER, lambda: sides(circuit=())),
    "advertised": (learned, OVER_VPN, lambda: sides(to_ce=())),
    "accepted": (
        learned,
        OVER_ER,
        lambda: sides(er=er_exchange(received=routes("received", MSEE, []), accepted=routes("accepted", MSEE, []))),
    ),
    "table": (learned, OVER_VPN, lambda: sides(routers=in_table([LOCAL]))),
}


@pytest.mark.parametrize("name", EMPTY)
def test_empty_answer_is_a_finding(name: str) -> None:
    judge, expected, observed = EMPTY[name]
    assert judge(expected, observed())


def test_nothing_declared_and_nothing_sent_is_a_finding() -> None:
    silent = replace(ER, announce=None)
    expected = replace(OVER_ER, session=silent)
    found = announced(expected, sides(circuit=(), er=er_exchange(advertised=routes("advertised", MSEE, []))))
    assert [each.cause for each in found] == ["not-announced"]


NETWORKS = st.integers(0, 255).map(lambda number: ip_network((int(ip_address("10.7.0.0")) + number * 2**16, 24)))


@given(st.sets(NETWORKS, min_size=1, max_size=8), st.data())
def test_every_lost_prefix_is_named_at_the_hop_that_lost_it(sent: set[Any], data: st.DataObject) -> None:
    """Whatever is lost on the way from the router over the MSEE to the gateway is named once."""
    at_msee = data.draw(st.sets(st.sampled_from(sorted(sent)), max_size=8))
    at_gateway = data.draw(st.sets(st.sampled_from(sorted(at_msee)), max_size=8)) if at_msee else set()
    passage = replace(OVER_ER, session=replace(ER, announce=None))
    only_hub = replace(
        SIDES,
        carriers=tuple(replace(each, gateways=("hub-er",)) for each in SIDES.carriers),
        networks=(),
    )
    observed = sides(
        er=er_exchange(advertised=routes("advertised", MSEE, [replace(LOCAL, prefix=each) for each in sent])),
        circuit=[circuit_row(each, CE, SITE_AS) for each in at_msee],
        hub_er=[gateway_row(each, ER_INSTANCE, ER_PEERS[0], MSEE_AS, SITE_AS) for each in at_gateway],
    )
    found = announced(replace(passage, sides=only_hub), observed)
    causes = {each.cause for each in found}
    assert ("not-in-circuit" in causes) == (at_msee != sent)
    assert ("not-learned" in causes) == (at_gateway != at_msee)
    assert causes <= {"not-in-circuit", "not-learned"}
    for each in found:
        lost = sent - at_msee if each.cause == "not-in-circuit" else at_msee - at_gateway
        assert str(min(lost)) in each.message


@given(st.permutations(agreeing.CIRCUIT_ROWS), st.permutations(agreeing.HUB_ER_ROWS), st.permutations(TABLE))
def test_order_does_not_matter(circuit: Any, hub_er: Any, paths: Any) -> None:
    assert judged(sides(circuit=circuit, hub_er=hub_er, routers=in_table(paths))) == []


@given(st.sets(st.sampled_from([SHARED, ONLY_ER]), max_size=2), st.booleans())
def test_whatever_the_router_does_not_keep_is_found(kept: set[Any], received_too: bool) -> None:
    accepted = [each for each in ER_ACCEPTED if each.prefix in kept]
    received = [each for each in ER_RECEIVED if each.prefix in kept or received_too]
    er = er_exchange(received=routes("received", MSEE, received), accepted=routes("accepted", MSEE, accepted))
    found = learned(OVER_ER, sides(er=er))
    assert bool(found) == (len(kept) < 2)
    assert {each.cause for each in found} <= {"filtered-inbound" if received_too else "not-received"}


def test_path_without_a_next_hop_is_told_by_its_as() -> None:
    rows = [replace(row, next_hop=None) for row in agreeing.CIRCUIT_ROWS]
    assert announced(OVER_ER, sides(circuit=rows)) == []
    stranger = [*rows[1:], circuit_row(OWN, None, 65001)]
    assert [each.cause for each in announced(OVER_ER, sides(circuit=stranger))] == ["other-next-hop"]


def test_as_path_of_the_wire_is_read_as_numbers() -> None:
    assert agreeing.as_path(12076, 65021) == AsPath("12076 65021", (12076, 65021))
