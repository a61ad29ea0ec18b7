"""Backup, reachability and separation, as both control planes have them."""

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
    BRANCH_INSTANCE,
    CE_TUNNEL,
    FAR,
    HUB,
    SIDES,
    SITE_AS,
    STRANGE,
    circuit_row,
    circuit_table,
    effective,
    effective_row,
    er_exchange,
    gateway_row,
    sides,
    vpn_exchange,
    without,
)
from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    GATEWAY,
    LOCAL,
    MSEE,
    MSEE2,
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
from pytest_azinterop.intent.sides import ExpectedCarrier, ExpectedStranger, ExpectedSubnet
from pytest_azinterop.verify import carriage
from pytest_azinterop.verify.finding import PartialFindings
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import backup, matrix


def causes(judge: Any, observed: Any, expected: Any = SIDES) -> list[str]:
    found = judge(expected, observed)
    for each in found:
        assert each.evidence
        assert ", expected " in each.message
    return [each.cause for each in found]


def in_table(paths: Any) -> Any:
    return site(site_router(table=table(paths)))


def in_rib(*entries: Any) -> Any:
    return site(site_router(rib=rib(entries)))


# Backup -------------------------------------------------------------------------------------------------------------

FLOATING = path(SHARED, "192.0.2.9", 65000, best=False, weight=500)
BACKUP: dict[str, tuple[Callable[[], Any], str]] = {
    "VPN session is down": (lambda: sides(vpn=vpn_exchange(neighbor=neighbor(VPN, state="Idle"))), "session-down"),
    "router has no VPN neighbor": (lambda: sides(vpn=vpn_exchange(neighbor=None)), "session-down"),
    "site does not get it over the VPN": (
        lambda: sides(vpn=vpn_exchange(accepted=routes("accepted", GATEWAY, VPN_ACCEPTED[1:]))),
        "site-missing",
    ),
    "next hop cannot be resolved": (
        lambda: sides(vpn=vpn_exchange(accepted=routes("accepted", GATEWAY, [replace(VPN_ACCEPTED[0], valid=False)]))),
        "site-invalid",
    ),
    "another path would take over": (lambda: sides(routers=in_table((*TABLE, FLOATING))), "site-not-next"),
    "VPN gateway has not learned it": (
        lambda: sides(hub_vpn=[row for row in agreeing.HUB_VPN_ROWS if row.source_peer != CE_TUNNEL]),
        "azure-missing",
    ),
    "VPN gateway has it of the branch alone": (
        lambda: sides(hub_vpn=[gateway_row(OWN, GATEWAY, BRANCH_INSTANCE, 64520)]),
        "azure-missing",
    ),
    "the branch would take over": (
        lambda: sides(
            hub_vpn=[
                gateway_row(OWN, GATEWAY, CE_TUNNEL, SITE_AS, SITE_AS),
                gateway_row(OWN, GATEWAY, BRANCH_INSTANCE, 64520),
            ]
        ),
        "azure-not-next",
    ),
}


def test_complete_backup_has_no_finding() -> None:
    assert backup.complete(SIDES, sides()) == []
    assert backup.complete(replace(SIDES, site=replace(SITE, backed_up=frozenset())), sides()) == []


@pytest.mark.parametrize("name", BACKUP)
def test_incomplete_backup_has_its_cause(name: str) -> None:
    observed, cause = BACKUP[name]
    assert causes(backup.complete, observed()) == [cause]


def test_network_without_a_second_role_or_gateway() -> None:
    single = replace(SIDES, networks=(replace(HUB, over=("expressroute",)), FAR, BRANCH))
    assert causes(backup.complete, sides(), single) == ["no-backup-role"]
    spoke = replace(SIDES, networks=(replace(HUB, gateways=("hub-er",)), FAR, BRANCH))
    assert causes(backup.complete, sides(), spoke) == ["no-gateway"]


def without_gateways(expected: Any) -> Any:
    return replace(expected, networks=tuple(replace(each, gateways=()) for each in expected.networks))


def test_a_backup_in_a_network_whose_gateways_nobody_named_is_not_known() -> None:
    unnamed = replace(SIDES, networks=(replace(HUB, gateways=()), FAR, BRANCH))
    ends = tuple(replace(each, gateways=()) if each.role == "vpn" else each for each in SIDES.carriers)
    for expected in (unnamed, replace(SIDES, carriers=ends)):
        with pytest.raises(UndeterminedError, match="the intent names no gateway of hub") as raised:
            backup.complete(expected, sides())
        assert raised.value.cause == "not-collected"
        down = sides(vpn=vpn_exchange(neighbor=neighbor(VPN, state="Idle")))
        found = backup.complete(expected, down)
        assert [each.cause for each in found] == ["session-down"]
        assert isinstance(found, PartialFindings), "a waiver of the session would hide the network"
        assert "names no gateway of hub" in found.undetermined.message


def test_every_cause_of_the_backup_has_a_case() -> None:
    elsewhere = {"no-backup-role", "no-gateway", *carriage.WORDS}  # test_carriage.py
    assert {cause for _, cause in BACKUP.values()} | elsewhere == set(RULES["sides.backup"].causes)


# Reachability -------------------------------------------------------------------------------------------------------


def test_complete_matrix_has_no_finding() -> None:
    for judge in (matrix.reached, matrix.apart, matrix.remaining):
        assert judge(SIDES, sides()) == []


REACH: dict[str, tuple[Callable[[], Any], str]] = {
    "no route to Azure": (lambda: sides(routers=in_rib(*RIB[1:])), "to-azure"),
    "no route in Azure": (lambda: sides(hub=without(agreeing.HUB_EFFECTIVE, OWN)), "from-azure"),
    "user-defined route into nothing": (
        lambda: sides(
            far=(effective_row(OWN, origin="User", next_hop_type="None"),),
        ),
        "from-azure",
    ),
    "router does not know its site": (lambda: sides(routers=in_rib(*RIB[:-1])), "no-way-home"),
    "router has only a default route to its site": (
        lambda: sides(routers=in_rib(*RIB[:-1], rib_route("0.0.0.0/0", "10.7.0.9", protocol="O"))),
        "no-way-home",
    ),
    "no session": (
        lambda: sides(routers=site(site_router(neighbors=(neighbor(ER, state="Idle"), neighbor(VPN, state="Idle"))))),
        "no-session",
    ),
}


@pytest.mark.parametrize("name", REACH)
def test_way_that_ends_has_its_cause(name: str) -> None:
    observed, cause = REACH[name]
    assert causes(matrix.reached, observed()) == [cause]


def test_every_cause_of_reachability_has_a_case() -> None:
    assert {cause for _, cause in REACH.values()} == set(RULES["sides.reach"].causes)


def test_path_that_is_not_the_preferred_one_still_reaches() -> None:
    rows = (*without(agreeing.HUB_EFFECTIVE, OWN), effective_row(OWN, GATEWAY))
    assert matrix.reached(SIDES, sides(hub=rows)) == []


# What must be apart -------------------------------------------------------------------------------------------------

LOOK = ExpectedSubnet("other-work", "other")
APART = replace(SIDES, strangers=(ExpectedStranger("other", frozenset({STRANGE}), (LOOK,)),))
SEPARATE = (effective_row(STRANGE, origin="Default", next_hop_type="VnetLocal"),)


def apart(rows: Any = SEPARATE, **changes: Any) -> Any:
    base = sides(**changes)
    return replace(base, subnets=(*base.subnets, effective("other-work", rows)))


LEAKS: dict[str, tuple[Callable[[], Any], str]] = {
    "route of a neighbor": (lambda: apart(routers=in_rib(*RIB, rib_route(STRANGE, MSEE))), "at-router"),
    "route to a part": (lambda: apart(routers=in_rib(*RIB, rib_route("10.99.0.64/26", MSEE))), "at-router"),
    "route around it": (lambda: apart(routers=in_rib(*RIB, rib_route("10.96.0.0/11", MSEE))), "at-router"),
    "static route": (
        lambda: apart(routers=in_rib(*RIB, rib_route(STRANGE, "10.7.0.9", protocol="S"))),
        "at-router",
    ),
    "row of the circuit": (
        lambda: apart(circuit=(*agreeing.CIRCUIT_ROWS, circuit_row(STRANGE, "10.60.0.9", 64512, 65001))),
        "in-circuit",
    ),
    "gateway's route in Azure": (lambda: apart((effective_row(OWN, "10.60.0.9"),)), "in-azure"),
    "gateway's route to a part": (lambda: apart((effective_row("10.7.0.0/26", "10.60.0.9"),)), "in-azure"),
    "gateway's route around it": (lambda: apart((effective_row("10.7.0.0/16", "10.60.0.9"),)), "in-azure"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_leak_has_its_cause(name: str) -> None:
    observed, cause = LEAKS[name]
    assert causes(matrix.apart, observed(), APART) == [cause]


def test_what_leads_nowhere_is_no_leak() -> None:
    """A default route, the platform's own routes for private space, a summary of the site's own."""
    quiet = (
        *SEPARATE,
        effective_row("0.0.0.0/0", origin="Default", next_hop_type="Internet"),
        effective_row("10.0.0.0/8", origin="Default", next_hop_type="None"),
        effective_row(OWN, "10.60.0.9", state="Invalid"),
    )
    summary = rib_route("10.0.0.0/8", "10.7.0.9", protocol="O")
    default = rib_route("0.0.0.0/0", MSEE)
    assert matrix.apart(APART, apart(quiet, routers=in_rib(*RIB, summary, default))) == []
    announced = (*agreeing.CIRCUIT_ROWS, circuit_row("10.0.0.0/8", agreeing.CE, SITE_AS))
    assert matrix.apart(APART, apart(circuit=announced)) == []


@pytest.mark.parametrize("subnets", [(), (replace(LOOK, has_interface=False),)])
def test_an_azure_network_without_a_machine_is_not_known_to_be_apart(subnets: Any) -> None:
    silent = replace(SIDES, strangers=(ExpectedStranger("other", frozenset({STRANGE}), subnets, in_azure=True),))
    with pytest.raises(UndeterminedError, match="no machine in other can be asked for its routes to the site"):
        matrix.apart(silent, sides())
    leak = sides(routers=in_rib(*RIB, rib_route(STRANGE, MSEE)))
    assert causes(matrix.apart, leak, silent) == ["at-router"]


def test_every_cause_of_separation_has_a_case() -> None:
    assert {cause for _, cause in LEAKS.values()} == set(RULES["sides.apart"].causes)


# What a loss leaves -------------------------------------------------------------------------------------------------

SECOND_END = ip_address("172.20.1.5")
ER2 = replace(ER, neighbor=MSEE2, path="circuit-n secondary", local_address=SECOND_END)
PAIR = replace(
    SIDES,
    site=replace(SITE, sessions=(ER, ER2, VPN)),
    carriers=(*SIDES.carriers, replace(SIDES.carriers[0], session=ER2.id, path="secondary")),
)
SECOND_ROWS = tuple(
    replace(row, path="secondary", next_hop=SECOND_END if row.prefix == OWN else row.next_hop)
    for row in agreeing.CIRCUIT_ROWS
)
SECOND = replace(
    er_exchange(),
    session=ER2.id,
    neighbor=neighbor(ER2),
    advertised=routes("advertised", MSEE2, [LOCAL]),
    accepted=routes("accepted", MSEE2, [replace(each, next_hop=MSEE2) for each in ER_ACCEPTED]),
)


def pair(rows: Any = SECOND_ROWS, **changes: Any) -> Any:
    both = (neighbor(ER), neighbor(ER2), neighbor(VPN))
    accepted = (*site_router().accepted, routes("accepted", MSEE2, ER_ACCEPTED))
    base = sides(routers=site(site_router(neighbors=both, accepted=accepted)))
    second = circuit_table(rows, path="secondary")
    return replace(base, circuits=(*base.circuits, second), exchanges=(*base.exchanges, replace(SECOND, **changes)))


LOSSES: dict[str, tuple[Callable[[], Any], str]] = {
    "other path is down": (lambda: pair(neighbor=neighbor(ER2, state="Idle")), "session-down"),
    "other path brings nothing": (lambda: pair(accepted=routes("accepted", MSEE2, [])), "site-missing"),
    "other path's next hop cannot be resolved": (
        lambda: pair(accepted=routes("accepted", MSEE2, [replace(each, valid=False) for each in ER_ACCEPTED])),
        "site-invalid",
    ),
    "Azure has nothing over the other path": (lambda: pair(SECOND_ROWS[1:]), "azure-missing"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_path_that_would_not_remain_is_named(name: str) -> None:
    observed, cause = LOSSES[name]
    found = matrix.remaining(PAIR, observed())
    assert [(each.object, each.cause) for each in found] == [(ER2.id, cause)]
    assert found[0].message == (
        f"edge-a vrf blue {MSEE2}: networks that the loss of circuit-n primary takes away are hub, far, "
        "expected to remain over circuit-n secondary"
    )
    assert found[0].evidence


def none_up() -> Any:
    base = pair(neighbor=None)
    return replace(base, exchanges=(er_exchange(neighbor=None), *base.exchanges[1:]))


def test_where_no_path_is_left_each_is_named() -> None:
    """That nothing can be lost any more is no green."""
    found = matrix.remaining(PAIR, none_up())
    assert [(each.object, each.cause) for each in found] == [(ER.id, "session-down"), (ER2.id, "session-down")]
    assert found[0].message == (
        f"edge-a vrf blue {MSEE}: networks that no path of this kind carries are hub, far, "
        "expected to remain over circuit-n primary"
    )


def test_two_whole_paths_and_single_paths_have_no_finding() -> None:
    assert matrix.remaining(PAIR, pair()) == []
    assert matrix.remaining(SIDES, sides(er=er_exchange(neighbor=None))) == []


def test_a_network_that_is_left_out_of_the_comparison_is_no_pass() -> None:
    with pytest.raises(UndeterminedError, match="names no gateway that joins hub, far to") as raised:
        matrix.remaining(without_gateways(PAIR), pair())
    assert raised.value.cause == "not-collected"
    apart = replace(PAIR, networks=tuple(replace(each, gateways=("elsewhere",)) for each in PAIR.networks[:1]))
    with pytest.raises(UndeterminedError, match="names no gateway that joins hub to"):
        matrix.remaining(apart, pair())


@pytest.mark.parametrize("changes", [{"state": "Idle"}, None])
def test_a_session_that_is_down_is_told_whatever_the_networks_are(changes: Any) -> None:
    lost = None if changes is None else neighbor(ER, **changes)
    observed = replace(pair(), exchanges=(er_exchange(neighbor=lost), *pair().exchanges[1:]))
    told = matrix.remaining(without_gateways(PAIR), observed)
    assert isinstance(told, PartialFindings), "a waiver of the session would hide the networks"
    (found,) = told
    assert (found.object, found.cause) == (ER.id, "session-down")
    assert found.evidence
    assert [(each.object, each.cause) for each in matrix.remaining(PAIR, observed)] == [(ER.id, "session-down")]


def test_gateway_at_one_end_alone() -> None:
    """A second circuit of which the hub's gateway is not part is not declared for the hub."""
    apart_carrier = ExpectedCarrier(ER2.id, "expressroute", "circuit-n", ("other-er",), "secondary")
    expected = replace(PAIR, carriers=(*SIDES.carriers, apart_carrier))
    assert matrix.remaining(expected, pair(SECOND_ROWS[1:])) == []


# Evidence -----------------------------------------------------------------------------------------------------------

SILENT, MUTE_PAIR = (
    replace(each, site=replace(each.site, sessions=tuple(replace(one, announce=None) for one in each.site.sessions)))
    for each in (SIDES, PAIR)
)
MISSING: dict[str, tuple[Any, Any, Callable[[], Any]]] = {
    "backup: exchange": (backup.complete, SIDES, lambda: sides(exchanges=())),
    "backup: accepted": (backup.complete, SIDES, lambda: sides(vpn=vpn_exchange(accepted=None))),
    "backup: accepted of another": (
        backup.complete,
        SIDES,
        lambda: sides(vpn=vpn_exchange(accepted=routes("accepted", MSEE, ER_ACCEPTED))),
    ),
    "backup: learned": (backup.complete, SIDES, lambda: sides(routes=())),
    "backup: routers": (backup.complete, SIDES, lambda: sides(routers=replace(site(), routers=()))),
    "backup: a prefix of no network": (
        backup.complete,
        replace(SIDES, networks=(FAR, BRANCH)),
        sides,
    ),
    "reach: effective": (matrix.reached, SIDES, lambda: sides(subnets=())),
    "reach: routers": (matrix.reached, SIDES, lambda: sides(routers=replace(site(), routers=()))),
    "reach: nothing declared": (matrix.reached, replace(SIDES, networks=()), sides),
    "apart: effective": (matrix.apart, APART, sides),
    "apart: circuit": (matrix.apart, APART, lambda: apart(circuits=())),
    "apart: routers": (matrix.apart, APART, lambda: apart(routers=replace(site(), routers=()))),
    "backup: no prefix of the site": (backup.complete, SILENT, sides),
    "loss: no prefix of the site": (matrix.remaining, MUTE_PAIR, pair),
    "loss: circuit": (matrix.remaining, PAIR, lambda: replace(pair(), circuits=())),
    "loss: learned": (matrix.remaining, PAIR, lambda: replace(pair(), routes=())),
    "loss: exchange": (matrix.remaining, PAIR, lambda: replace(pair(), exchanges=())),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_raises(name: str) -> None:
    judge, expected, observed = MISSING[name]
    with pytest.raises(UndeterminedError):
        judge(expected, observed())


@given(st.permutations(agreeing.HUB_VPN_ROWS), st.permutations(TABLE))
def test_order_does_not_matter(hub_vpn: Any, paths: Any) -> None:
    observed = sides(hub_vpn=hub_vpn, routers=in_table(paths))
    for judge in (backup.complete, matrix.reached, matrix.apart, matrix.remaining):
        assert judge(SIDES, observed) == []


NETWORKS = st.integers(0, 2**16 - 1).map(lambda number: ip_network((10 * 2**24 + number * 256, 24)))


@given(st.sets(NETWORKS, max_size=10))
def test_a_router_that_knows_a_stranger_is_found_whatever_else_it_knows(known: set[Any]) -> None:
    others = {OWN, SHARED, *(route.prefix for route in RIB)}
    entries = [*RIB, *(rib_route(each, MSEE) for each in known if each not in others)]
    found = matrix.apart(SIDES, sides(routers=in_rib(*entries)))
    assert bool(found) == (STRANGE in known)
