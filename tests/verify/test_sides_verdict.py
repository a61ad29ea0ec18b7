"""One verdict over both sides: each way in which one side goes astray, with which side it is and why."""

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
    BRANCH,
    CE_TUNNEL,
    ER_INSTANCE,
    ER_PEERS,
    FAR,
    HUB,
    MSEE_AS,
    SIDES,
    SITE_AS,
    circuit_row,
    circuit_table,
    connection,
    effective_row,
    er_exchange,
    gateway_row,
    sides,
    without,
)
from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    GATEWAY,
    LOCAL,
    MSEE,
    MSEE2,
    ONLY_ER,
    ONLY_VPN,
    OWN,
    RIB,
    SHARED,
    SITE,
    TABLE,
    VPN,
    VPN_ACCEPTED,
    neighbor,
    path,
    rib,
    rib_route,
    routes,
    site,
    site_router,
    table,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.sides import ExpectedCarrier
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import verdict
from pytest_azinterop.verify.sides.observed import ObservedLink
from pytest_azinterop.verify.sides.view import SidesView

SPECIFIC = ip_network("10.60.0.128/25")
INSIDE_OWN = ip_network("10.7.0.0/26")


def told(observed: Any, expected: Any = SIDES) -> list[tuple[str, str]]:
    """Cause and verdict of each finding."""
    found = verdict.path(expected, observed)
    for each in found:
        assert each.evidence
        assert each.likely
        assert each.next_command
    return [(each.cause, each.message.split(" is ")[1].split(":")[0]) for each in found]


def routers(paths: Any = TABLE, entries: Any = RIB, **changes: Any) -> Any:
    return site(site_router(table=table(paths), rib=rib(entries), **changes))


def over_vpn(**changes: Any) -> Any:
    """The shared prefix is best over the VPN."""
    er = replace(ER_ACCEPTED[0], best=False, **changes)
    vpn = replace(VPN_ACCEPTED[0], best=True)
    paths = (LOCAL, er, ER_ACCEPTED[1], vpn, VPN_ACCEPTED[1])
    return routers(paths, (rib_route(SHARED, GATEWAY), *RIB[1:]))


def hub_rows(*rows: Any) -> Any:
    return (*without(agreeing.HUB_EFFECTIVE, OWN), *rows)


OWN_OVER_VPN = effective_row(OWN, GATEWAY)
WRONG: dict[str, tuple[Callable[[], Any], str, str]] = {
    "local preference of ExpressRoute lost": (
        lambda: sides(routers=over_vpn(local_preference=50)),
        "site-local-preference",
        "asymmetric",
    ),
    "equal local preference": (
        lambda: sides(routers=over_vpn(local_preference=100)),
        "site-equal-preference",
        "asymmetric",
    ),
    "Azure prepends and nothing holds against it": (
        lambda: sides(
            routers=over_vpn(local_preference=100, as_path=agreeing.as_path(MSEE_AS, MSEE_AS, MSEE_AS)),
        ),
        "site-prepend",
        "asymmetric",
    ),
    "weight on the VPN neighbor": (
        lambda: sides(
            routers=routers(
                (
                    LOCAL,
                    replace(ER_ACCEPTED[0], best=False),
                    ER_ACCEPTED[1],
                    replace(VPN_ACCEPTED[0], best=True, weight=100),
                    VPN_ACCEPTED[1],
                ),
                (rib_route(SHARED, GATEWAY), *RIB[1:]),
            )
        ),
        "site-weight",
        "asymmetric",
    ),
    "static route of the site": (
        lambda: sides(routers=routers(TABLE, (rib_route(SHARED, NextHop(None, "Tunnel12"), protocol="S"), *RIB[1:]))),
        "site-static",
        "asymmetric",
    ),
    "static route into nothing": (
        lambda: sides(routers=routers(TABLE, (rib_route(SHARED, NextHop(None, "Null0"), protocol="S"), *RIB[1:]))),
        "site-static",
        "broken",
    ),
    "a route of OSPF": (
        lambda: sides(routers=routers(TABLE, (rib_route(SHARED, "10.7.0.9", protocol="O"), *RIB[1:]))),
        "site-other-route",
        "broken",
    ),
    "more specific prefix of Azure over the VPN": (
        lambda: sides(
            routers=routers((*TABLE, path(SPECIFIC, GATEWAY, 64513)), (*RIB, rib_route(SPECIFIC, GATEWAY))),
        ),
        "site-more-specific",
        "asymmetric",
    ),
    "static route to a part of Azure": (
        lambda: sides(
            routers=routers(TABLE, (*RIB, rib_route(SPECIFIC, NextHop(None, "Tunnel12"), protocol="S"))),
        ),
        "site-static",
        "asymmetric",
    ),
    "no route to Azure": (lambda: sides(routers=routers(TABLE, RIB[1:])), "site-missing", "broken"),
    "only the default route to Azure": (
        lambda: sides(routers=routers(TABLE, (*RIB[1:], rib_route("0.0.0.0/0", "10.7.0.9", protocol="O")))),
        "site-missing",
        "broken",
    ),
    "user-defined route to a firewall": (
        lambda: sides(
            hub=hub_rows(effective_row(OWN, "10.60.0.99", origin="User", next_hop_type="VirtualAppliance")),
        ),
        "azure-user-route",
        "broken",
    ),
    "user-defined route into nothing": (
        lambda: sides(hub=hub_rows(effective_row(OWN, origin="User", next_hop_type="None"))),
        "azure-user-route",
        "broken",
    ),
    "user-defined route to the VPN gateway": (
        lambda: sides(hub=hub_rows(effective_row(OWN, origin="User"))),
        "azure-user-route",
        "asymmetric",
    ),
    "user-defined route beside the gateway's": (
        lambda: sides(
            hub=(
                *agreeing.HUB_EFFECTIVE,
                effective_row(OWN, "10.60.0.99", origin="User", next_hop_type="VirtualAppliance"),
            )
        ),
        "azure-user-route",
        "broken",
    ),
    "more specific prefix of the site over the VPN": (
        lambda: sides(
            hub=(*agreeing.HUB_EFFECTIVE, effective_row(INSIDE_OWN, GATEWAY)),
            hub_vpn=(*agreeing.HUB_VPN_ROWS, gateway_row(INSIDE_OWN, GATEWAY, CE_TUNNEL, SITE_AS)),
        ),
        "azure-more-specific",
        "asymmetric",
    ),
    "ExpressRoute gateway has not learned it": (
        lambda: sides(hub=hub_rows(OWN_OVER_VPN), hub_er=without(agreeing.HUB_ER_ROWS, OWN)),
        "azure-missing",
        "asymmetric",
    ),
    "VPN used although ExpressRoute has it": (
        lambda: sides(hub=hub_rows(OWN_OVER_VPN)),
        "azure-less-preferred",
        "asymmetric",
    ),
    "Azure has no route": (
        lambda: sides(hub=without(agreeing.HUB_EFFECTIVE, OWN)),
        "azure-missing",
        "broken",
    ),
    "Azure has only the way to the Internet": (
        lambda: sides(hub=hub_rows(effective_row("0.0.0.0/0", origin="Default", next_hop_type="Internet"))),
        "azure-missing",
        "broken",
    ),
    "the gateway's route is not active": (
        lambda: sides(hub=hub_rows(effective_row(OWN, ER_PEERS[0], state="Invalid"))),
        "azure-missing",
        "broken",
    ),
    "both sides over the VPN": (
        lambda: sides(
            routers=over_vpn(local_preference=50),
            hub=hub_rows(OWN_OVER_VPN),
            hub_er=without(agreeing.HUB_ER_ROWS, OWN),
        ),
        "both-less-preferred",
        "symmetric over vpn",
    ),
}


def test_agreement_has_no_finding() -> None:
    assert verdict.path(SIDES, sides()) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_astray_is_one_block_with_its_cause(name: str) -> None:
    observed, cause, seen = WRONG[name]
    assert told(observed()) == [(cause, seen)]


def test_every_cause_has_a_case() -> None:
    """Those of several circuits, and of a site without sessions, stand below."""
    below = {
        "no-session",
        "azure-weight",
        "azure-prepend",
        "azure-equal-cost",
        "site-other-circuit",
        "site-less-preferred",
        "azure-other-site",  # in test_sides_others.py, as the next one
        "azure-unknown-origin",
    }
    assert {cause for _, cause, _ in WRONG.values()} | below == set(RULES["sides.path"].causes)


def test_message_tells_both_directions_and_who_is_wrong() -> None:
    found = verdict.path(SIDES, sides(routers=over_vpn(local_preference=50)))
    assert [each.message for each in found] == [
        "blue at north: traffic between 10.7.0.0/24 and 10.60.0.0/24 is asymmetric: "
        "to Azure over vpn (edge-a via 10.60.0.30), "
        "from Azure over expressroute (hub-work via 10.60.0.20, 10.60.0.21), "
        "expected over expressroute both ways"
    ]
    assert found[0].likely == (
        "the site (edge-a) chooses wrongly: its local preference is the higher one "
        "(local preference is the default over vpn and 50 over expressroute)"
    )
    assert found[0].next_command == "on edge-a: show bgp vpnv4 unicast vrf blue 10.60.0.0/24"
    found = verdict.path(SIDES, sides(hub=hub_rows(effective_row(OWN, origin="User", next_hop_type="None"))))
    assert found[0].likely == (
        "Azure (hub-work) chooses wrongly: a user-defined route decides "
        "(user-defined route 10.7.0.0/24 to None stands before the gateways' routes)"
    )
    assert "from Azure elsewhere (hub-work: user-defined route 10.7.0.0/24 to None)" in found[0].message


def test_many_prefixes_with_one_cause_are_one_block() -> None:
    more = [ip_network(f"10.64.{number}.0/24") for number in range(40)]
    hub = replace(HUB, prefixes=HUB.prefixes | set(more))
    er = [path(each, MSEE, 64512, best=False, local_preference=50) for each in more]
    vpn = [path(each, GATEWAY, 64513, best=True) for each in more]
    observed = sides(
        routers=site(
            site_router(
                table=table([*TABLE, *er, *vpn]),
                rib=rib([*RIB, *(rib_route(each, GATEWAY) for each in more)]),
                accepted=(
                    routes("accepted", MSEE, [*ER_ACCEPTED, *er]),
                    routes("accepted", GATEWAY, [*VPN_ACCEPTED, *vpn]),
                ),
            )
        )
    )
    found = verdict.path(replace(SIDES, networks=(hub, FAR, BRANCH)), observed)
    assert [each.cause for each in found] == ["site-local-preference"]
    assert "and 35 more" in found[0].message


def test_declared_firewall_is_on_the_way_and_the_gateways_decide_behind_it() -> None:
    firewall = ip_address("10.60.0.99")
    through = replace(HUB, subnets=(replace(HUB.subnets[0], via=firewall),))
    expected = replace(SIDES, networks=(through, FAR, BRANCH))
    rows = hub_rows(effective_row(OWN, firewall, origin="User", next_hop_type="VirtualAppliance"))
    assert told(sides(hub=rows), expected) == []
    wide = hub_rows(effective_row("0.0.0.0/0", firewall, origin="User", next_hop_type="VirtualAppliance"))
    assert told(sides(hub=wide), expected) == []
    lost = sides(hub=rows, hub_er=without(agreeing.HUB_ER_ROWS, OWN))
    assert told(lost, expected) == [("azure-missing", "asymmetric")]


def test_network_without_machines_is_judged_by_its_gateways() -> None:
    for subnets in ((), (replace(HUB.subnets[0], has_interface=False),)):
        expected = replace(SIDES, networks=(replace(HUB, subnets=subnets), FAR, BRANCH))
        assert told(sides(hub=()), expected) == []
        lost = sides(hub_er=without(agreeing.HUB_ER_ROWS, OWN), hub=())
        assert told(lost, expected) == [("azure-missing", "asymmetric")]
        gone = sides(hub_er=(), hub_vpn=(), hub=())
        # The branch's gateway still has what the hub's has no more.
        assert told(gone, expected) == [("azure-missing", "broken"), ("azure-unknown-origin", "broken")]


def test_unknown_next_hop_is_the_msees_where_the_vpn_gateways_addresses_are_known() -> None:
    assert told(sides(hub=hub_rows(effective_row(OWN, "192.0.2.77")))) == []
    unknown = tuple((name, replace(each, bgp=None)) for name, each in agreeing.GATEWAYS)
    with pytest.raises(UndeterminedError):
        verdict.path(SIDES, sides(hub=hub_rows(effective_row(OWN, "192.0.2.77")), gateways=unknown, hub_vpn=()))


def test_next_hops_of_both_gateways_are_not_understood() -> None:
    with pytest.raises(UndeterminedError):
        verdict.path(SIDES, sides(hub=hub_rows(effective_row(OWN, ER_PEERS[0], GATEWAY))))


# Two circuits -------------------------------------------------------------------------------------------------------

ER2 = replace(ER, neighbor=MSEE2, path="circuit-s primary", local_address=ip_address("172.20.1.5"))
FIRST, SECOND = replace(ER, local_preference=300), replace(ER2, local_preference=250)
TWO = replace(
    SIDES,
    site=replace(SITE, sessions=(FIRST, SECOND, VPN)),
    carriers=(*SIDES.carriers, ExpectedCarrier(ER2.id, "expressroute", "circuit-s", ("hub-er",), "primary")),
)
TWO_ACCEPTED = [
    replace(each, next_hop=MSEE2, local_preference=250, best=False) for each in ER_ACCEPTED if each.prefix == SHARED
]
TWO_ROUTERS: dict[str, Any] = {
    "neighbors": (neighbor(ER), neighbor(ER2), neighbor(VPN)),
    "accepted": (
        routes("accepted", MSEE, ER_ACCEPTED),
        routes("accepted", MSEE2, TWO_ACCEPTED),
        routes("accepted", GATEWAY, VPN_ACCEPTED),
    ),
}


def two(*asns: int, weights: tuple[int, int] = (0, 0), swapped: bool = False) -> Any:
    best = [replace(each, best=each.next_hop == MSEE2) for each in (ER_ACCEPTED[0], *TWO_ACCEPTED)]
    paths = (LOCAL, *best, ER_ACCEPTED[1], *VPN_ACCEPTED) if swapped else (*TABLE, *TWO_ACCEPTED)
    entries = (rib_route(SHARED, MSEE2), *RIB[1:]) if swapped else RIB
    second = circuit_table([circuit_row(OWN, "172.20.1.5", *asns), *agreeing.CIRCUIT_ROWS[1:]], circuit="circuit-s")
    exchange = replace(
        er_exchange(neighbor=neighbor(ER2)), session=ER2.id, advertised=routes("advertised", MSEE2, [LOCAL])
    )
    base = sides(routers=routers(paths, entries, **TWO_ROUTERS))
    return replace(
        base,
        circuits=(*base.circuits, second),
        exchanges=(*base.exchanges, exchange),
        links=(
            ObservedLink("hub-er", "circuit-n", connection("n", routing_weight=weights[0])),
            ObservedLink("hub-er", "circuit-s", connection("s", routing_weight=weights[1])),
        ),
    )


def test_two_circuits_of_one_preference_order() -> None:
    assert told(two(SITE_AS, SITE_AS, weights=(0, 0)), TWO) == []
    assert told(two(SITE_AS, weights=(10, 0)), TWO) == []


def test_equal_cost_in_azure_does_not_agree_with_a_preference_of_the_site() -> None:
    observed = two(SITE_AS)
    assert told(observed, TWO) == [("azure-equal-cost", "asymmetric")]
    (found,) = verdict.path(TWO, observed)
    assert "circuit-s beside circuit-n" in (found.likely or "")


def test_weight_of_a_connection_turns_azure_to_the_other_circuit() -> None:
    assert told(two(SITE_AS, weights=(0, 10)), TWO) == [("azure-weight", "asymmetric")]


def test_a_weight_that_azure_does_not_tell_is_no_weight_of_zero() -> None:
    observed = two(SITE_AS, weights=(10, 0))
    links = tuple(replace(each, connection=replace(each.connection, routing_weight=None)) for each in observed.links)
    with pytest.raises(UndeterminedError, match="weight is not told"):
        told(replace(observed, links=links), TWO)


def test_prepend_of_the_site_turns_azure_to_the_other_circuit() -> None:
    observed = two(SITE_AS)
    first = circuit_table([circuit_row(OWN, agreeing.CE, SITE_AS, SITE_AS, SITE_AS), *agreeing.CIRCUIT_ROWS[1:]])
    assert told(replace(observed, circuits=(first, observed.circuits[1])), TWO) == [("azure-prepend", "asymmetric")]


def test_a_longer_prefix_over_the_other_circuit_is_no_prepend() -> None:
    observed = two(SITE_AS)
    first, second = observed.circuits
    inner = circuit_table([*second.routes, circuit_row(INSIDE_OWN, "172.20.1.5", SITE_AS)], circuit="circuit-s")
    more = sides(
        hub=(*agreeing.HUB_EFFECTIVE, effective_row(INSIDE_OWN, agreeing.ER_PEERS[0])),
        hub_er=(
            *agreeing.HUB_ER_ROWS,
            *(gateway_row(INSIDE_OWN, agreeing.ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in agreeing.ER_PEERS),
        ),
    )
    changed = replace(observed, circuits=(first, inner), subnets=more.subnets, routes=more.routes)
    assert ("azure-more-specific", "asymmetric") in told(changed, TWO)
    assert "azure-prepend" not in {cause for cause, _ in told(changed, TWO)}


def test_site_on_the_other_circuit() -> None:
    assert told(two(SITE_AS, weights=(10, 0), swapped=True), TWO) == [("site-other-circuit", "asymmetric")]


def test_equal_declared_preferences_prefer_no_circuit() -> None:
    even = replace(TWO, site=replace(TWO.site, sessions=(ER, replace(ER2, local_preference=300), VPN)))
    assert told(two(SITE_AS, swapped=True), even) == []


# Evidence -----------------------------------------------------------------------------------------------------------


def test_site_without_sessions_is_a_finding() -> None:
    down = routers(neighbors=(neighbor(ER, state="Idle"), neighbor(VPN, state="Idle")))
    assert [each.cause for each in verdict.path(SIDES, sides(routers=down))] == ["no-session"]


def test_router_that_only_stands_by_decides_nothing() -> None:
    """Without an internal session edge-b knows the VPN alone; the site's hosts choose between the two routers."""
    from verify.verify_records import PAIR, edge_a, edge_b

    vpn_b = PAIR.sessions[1]
    alone = replace(PAIR, internal=())
    carriers = (SIDES.carriers[0], replace(SIDES.carriers[1], session=vpn_b.id))
    expected = replace(SIDES, site=alone, carriers=carriers, networks=(HUB, FAR))
    a = edge_a(table=table((LOCAL, *ER_ACCEPTED)), rib=rib((rib_route(SHARED, MSEE), rib_route(ONLY_ER, MSEE))))
    b = edge_b(table=table((LOCAL, *VPN_ACCEPTED)), rib=rib((rib_route(SHARED, GATEWAY),)))
    base = sides(routers=site(a, b))
    observed = replace(base, exchanges=(base.exchanges[0], replace(base.exchanges[1], session=vpn_b.id)))
    assert verdict.path(expected, observed) == []
    gone = replace(observed, routers=site(replace(a, rib=rib(())), b))
    assert {each.cause for each in verdict.path(expected, gone)} == {"site-missing"}


def test_path_that_another_router_passes_on_is_named() -> None:
    """An internal path of the wrong role: the router that chose it is asked, not this one."""
    from verify.verify_records import PAIR, edge_a, edge_b

    internal = path(SHARED, "10.7.9.2", 64513, internal=True, local_preference=100)
    a = edge_a(
        table=table((LOCAL, replace(ER_ACCEPTED[0], best=False), ER_ACCEPTED[1], internal)),
        rib=rib((rib_route(SHARED, "10.7.9.2"), rib_route(ONLY_ER, MSEE), rib_route(ONLY_VPN, "10.7.9.2"))),
    )
    b = edge_b(
        table=table((LOCAL, *VPN_ACCEPTED[1:], replace(VPN_ACCEPTED[0], best=True))),
        rib=rib((rib_route(SHARED, GATEWAY), rib_route(ONLY_ER, "10.7.9.1"), rib_route(ONLY_VPN, GATEWAY))),
    )
    vpn_b = PAIR.sessions[1]
    carriers = (SIDES.carriers[0], replace(SIDES.carriers[1], session=vpn_b.id))
    expected = replace(SIDES, site=PAIR, carriers=carriers, networks=(HUB,))
    base = sides(routers=site(a, b))
    exchanges = (base.exchanges[0], replace(base.exchanges[1], session=vpn_b.id))
    found = verdict.path(expected, replace(base, exchanges=exchanges))
    assert [each.cause for each in found] == ["site-less-preferred"]
    assert [each.message.split(" is ")[1].split(":")[0] for each in found] == ["asymmetric"]
    assert "edge-a" in found[0].message
    assert "edge-b" in found[0].message


MISSING: dict[str, Callable[[], Any]] = {
    "routers": lambda: sides(routers=replace(site(), routers=())),
    "effective routes": lambda: sides(subnets=()),
    "learned routes": lambda: sides(routes=()),
    "circuit's table": lambda: sides(circuits=()),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_raises(name: str) -> None:
    with pytest.raises(UndeterminedError):
        verdict.path(SIDES, MISSING[name]())


def test_nothing_to_judge_raises() -> None:
    silent = tuple(replace(each, announce=None) for each in SITE.sessions)
    for expected in (
        replace(SIDES, networks=()),
        replace(SIDES, site=replace(SITE, sessions=silent)),
        replace(SIDES, networks=(replace(HUB, gateways=(), subnets=()),)),
    ):
        with pytest.raises(UndeterminedError):
            verdict.path(expected, sides())


EMPTY: dict[str, Callable[[], Any]] = {
    "effective routes": lambda: sides(hub=()),
    "routing table": lambda: sides(routers=routers(TABLE, ())),
    "BGP table": lambda: sides(routers=routers(())),
}


@pytest.mark.parametrize("name", EMPTY)
def test_empty_answer_is_a_finding(name: str) -> None:
    assert told(EMPTY[name]())


@given(
    st.sampled_from(["expressroute", "vpn", None]),
    st.sampled_from(["expressroute", "vpn", None]),
)
def test_healthy_only_where_both_sides_choose_what_is_wanted(there: Any, back: Any) -> None:
    hops = {"expressroute": MSEE, "vpn": GATEWAY}
    entries = RIB[1:] if there is None else (rib_route(SHARED, hops[there]), *RIB[1:])
    paths = [replace(each, best=each.next_hop == hops.get(there)) if each.prefix == SHARED else each for each in TABLE]
    ways = {"expressroute": (effective_row(OWN, ER_INSTANCE),), "vpn": (OWN_OVER_VPN,), None: ()}
    found = verdict.path(SIDES, sides(routers=routers(paths, entries), hub=hub_rows(*ways[back])))
    assert bool(found) == ((there, back) != ("expressroute", "expressroute"))
    for each in found:
        seen = each.message.split(" is ")[1].split(":")[0]
        broken = None in (there, back)
        assert seen == ("broken" if broken else f"symmetric over {there}" if there == back else "asymmetric")


@given(st.permutations(agreeing.HUB_EFFECTIVE), st.permutations(agreeing.HUB_VPN_ROWS), st.permutations(RIB))
def test_order_does_not_matter(hub: Any, hub_vpn: Any, entries: Any) -> None:
    assert verdict.path(SIDES, sides(hub=hub, hub_vpn=hub_vpn, routers=routers(TABLE, entries))) == []


@given(st.integers(25, 32), st.integers(0, 255))
def test_any_more_specific_route_over_the_vpn_is_found(length: int, last: int) -> None:
    inside = ip_network((int(SHARED.network_address) + last, length), strict=False)
    entry = rib_route(inside, GATEWAY)
    observed = sides(routers=routers((*TABLE, path(inside, GATEWAY, 64513)), (*RIB, entry)))
    found = verdict.path(SIDES, observed)
    if inside == ip_network(f"{GATEWAY}/32"):
        assert not found
    else:
        assert [each.cause for each in found] == ["site-more-specific"]
        assert str(inside) in found[0].message


def test_view_gives_the_pairs() -> None:
    """What the matrix of reachability rests on too."""
    found = list(verdict.pairs(SidesView(SIDES, sides())))
    assert {(str(each.own), str(each.theirs), each.verdict) for each in found} == {
        (str(OWN), str(SHARED), "symmetric over expressroute"),
        (str(OWN), str(ONLY_ER), "symmetric over expressroute"),
        (str(OWN), str(ONLY_VPN), "symmetric over vpn"),
    }
