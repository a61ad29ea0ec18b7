"""What is not the site's own brings Azure its prefix: another circuit, or another peer of the VPN gateway."""

from __future__ import annotations

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
    ER_INSTANCE,
    ER_PEERS,
    FAR,
    HUB,
    HUB_AS,
    MSEE_AS,
    SIDES,
    SITE_AS,
    circuit_row,
    circuit_table,
    connection,
    effective_row,
    gateway_row,
    sides,
    without,
)
from verify.verify_records import ER, ER_ACCEPTED, GATEWAY, MSEE2, OWN, SHARED, VPN, neighbor, routes

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.azure_expectations import ResourceName
from pytest_azinterop.intent.sides import ExpectedLink, ExpectedOtherPath
from pytest_azinterop.verify.sides import backup, matrix, to_azure, verdict
from pytest_azinterop.verify.sides.brought import brought
from pytest_azinterop.verify.sides.delivery import why_not_from_azure
from pytest_azinterop.verify.sides.observed import ObservedLink
from pytest_azinterop.verify.sides.view import SidesView

INSIDE = ip_network("10.7.0.0/26")
AROUND = ip_network("10.7.0.0/16")
OTHER = "172.20.9.1"  # the other site's router on its circuit
THIRD_PEER, FOURTH_PEER = ip_address("10.60.0.23"), ip_address("10.60.0.24")
SECOND_END = ip_address("172.20.1.5")
SECOND = replace(ER, neighbor=MSEE2, path="circuit-n secondary", local_address=SECOND_END)
STRANGER = ip_address("10.99.0.125")  # the other site's end of a tunnel


def named(name: str) -> ResourceName:
    return ResourceName("sub", "group", ("connections", name))


WITH_OTHERS = replace(
    SIDES,
    other_paths=(
        ExpectedOtherPath("circuit-n", "primary", ("hub-er", "far-er")),
        ExpectedOtherPath("circuit-n", "secondary", ("hub-er", "far-er")),
        ExpectedOtherPath("circuit-x", "primary", ("hub-er",)),
        ExpectedOtherPath("circuit-x", "secondary", ("hub-er",)),
    ),
    links=(
        ExpectedLink("hub-er", "circuit-n", named("hub-n")),
        ExpectedLink("far-er", "circuit-n", named("far-n")),
        ExpectedLink("hub-er", "circuit-x", named("hub-x")),
    ),
)


def observed(
    *rows: Any, prefix: Any = OWN, weights: tuple[int, int] = (0, 0), own_peers: Any = ER_PEERS[:1], **changes: Any
) -> Any:
    """The other circuit has these rows, and the gateway learned the prefix from its MSEE besides the site's own."""
    azures = agreeing.CIRCUIT_ROWS[1:]
    learned = [
        *without(agreeing.HUB_ER_ROWS, OWN),
        *(gateway_row(OWN, ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in own_peers),
        *([gateway_row(prefix, ER_INSTANCE, THIRD_PEER, MSEE_AS, SITE_AS)] if rows else []),
    ]
    base = sides(hub_er=changes.pop("hub_er", learned), **changes)
    return replace(
        base,
        circuits=(
            *base.circuits,
            circuit_table([replace(row, path="secondary") for row in azures], path="secondary"),
            circuit_table([*rows, *azures], circuit="circuit-x", resource="expressRouteCircuits/circuit-x"),
            circuit_table([replace(row, path="secondary") for row in azures], circuit="circuit-x", path="secondary"),
        ),
        links=(
            ObservedLink("hub-er", "circuit-n", connection("n", routing_weight=weights[0])),
            ObservedLink("far-er", "circuit-n", connection("f")),
            ObservedLink("hub-er", "circuit-x", connection("x", routing_weight=weights[1])),
        ),
    )


def told(seen: Any, expected: Any = WITH_OTHERS) -> list[tuple[str | None, str]]:
    found = verdict.path(expected, seen)
    for each in found:
        assert each.evidence
        assert each.likely
        assert each.next_command
    return [(each.cause, each.message.split(" is ")[1].split(":")[0]) for each in found]


OF_OTHER = circuit_row(OWN, OTHER, SITE_AS)


def test_other_circuits_that_bring_nothing_of_the_site_change_nothing() -> None:
    assert told(observed()) == []
    assert matrix.reached(WITH_OTHERS, observed()) == []


def test_weight_of_another_sites_circuit_draws_the_packets_away() -> None:
    seen = observed(OF_OTHER, weights=(0, 100))
    assert told(seen) == [("azure-other-site", "broken")]
    (found,) = verdict.path(WITH_OTHERS, seen)
    assert "circuit-x (primary) from 172.20.9.1" in found.message
    assert "the connection's weight is 100 to circuit-x and 0 to circuit-n" in (found.likely or "")
    assert "--name circuit-x --path primary" in (found.next_command or "")
    assert [each.cause for each in matrix.reached(WITH_OTHERS, seen)] == ["from-azure"]


def test_own_weight_or_shorter_as_path_keeps_them() -> None:
    assert told(observed(OF_OTHER, weights=(1, 0))) == []
    assert told(observed(circuit_row(OWN, OTHER, SITE_AS, SITE_AS))) == []


def test_as_path_and_chance_draw_them_away() -> None:
    first = [circuit_row(OWN, agreeing.CE, SITE_AS, SITE_AS), *agreeing.CIRCUIT_ROWS[1:]]
    assert told(observed(OF_OTHER, circuit=first)) == [("azure-other-site", "broken")]
    even = observed(OF_OTHER)
    assert told(even) == [("azure-other-site", "broken")]
    (found,) = verdict.path(WITH_OTHERS, even)
    assert "neither weight nor AS path prefers circuit-n" in (found.likely or "")
    assert "beside circuit-n" in found.message


def test_own_circuit_whose_other_end_is_not_the_site() -> None:
    """On the secondary path of the site's own circuit, where the intent has no session of the site."""
    base = observed(own_peers=(ER_PEERS[0], THIRD_PEER))
    rows = [replace(circuit_row(OWN, OTHER, SITE_AS), path="secondary"), *base.circuits[1].routes]
    seen = replace(base, circuits=(base.circuits[0], replace(base.circuits[1], routes=tuple(rows)), *base.circuits[2:]))
    # The far network is behind the same circuit, and its gateway has the prefix from one MSEE alone.
    with pytest.raises(UndeterminedError, match="far-er learned"):
        told(seen)
    assert told(seen, replace(WITH_OTHERS, networks=(HUB, BRANCH))) == [("azure-other-site", "broken")]


@given(st.integers(25, 31), st.integers(0, 255))
def test_any_longer_prefix_of_another_circuit_is_found(length: int, last: int) -> None:
    inside = ip_network((int(OWN.network_address) + last, length), strict=False)
    row = circuit_row(inside, OTHER, SITE_AS)
    seen = observed(
        row, prefix=inside, weights=(100, 0), hub=(*agreeing.HUB_EFFECTIVE, effective_row(inside, THIRD_PEER))
    )
    found = verdict.path(WITH_OTHERS, seen)
    assert [each.cause for each in found] == ["azure-other-site"]
    assert str(inside) in found[0].message


def test_longer_prefix_behind_a_firewall_is_found_at_the_gateways() -> None:
    """The subnet itself has no route but the one to the firewall."""
    firewall = ip_address("10.60.0.99")
    through = replace(HUB, subnets=(replace(HUB.subnets[0], via=firewall),))
    expected = replace(WITH_OTHERS, networks=(through, FAR, BRANCH))
    hub = [effective_row("0.0.0.0/0", firewall, origin="User", next_hop_type="VirtualAppliance")]
    assert told(observed(hub=hub), expected) == []
    seen = observed(circuit_row(INSIDE, OTHER, SITE_AS), prefix=INSIDE, hub=hub)
    assert told(seen, expected) == [("azure-other-site", "broken")]


def test_shorter_prefix_of_another_is_no_way_to_the_site() -> None:
    hub = (*without(agreeing.HUB_EFFECTIVE, OWN), effective_row(AROUND, THIRD_PEER))
    seen = observed(circuit_row(AROUND, OTHER, SITE_AS), prefix=AROUND, own_peers=(), hub=hub)
    assert told(seen) == [("azure-other-site", "broken")]


def test_what_is_better_at_one_gateway_of_a_network_does_not_hide_another_sites_circuit_at_the_other() -> None:
    both = replace(HUB, gateways=("hub-er", "far-er"))
    expected = replace(
        WITH_OTHERS,
        networks=(both,),
        carriers=tuple(replace(each, gateways=("far-er",)) if each.role != "vpn" else each for each in SIDES.carriers),
        other_paths=tuple(
            replace(each, gateways=("hub-er",) if each.name == "circuit-x" else ("far-er",))
            for each in WITH_OTHERS.other_paths
        ),
        links=WITH_OTHERS.links[1:],
    )
    seen = observed(OF_OTHER, own_peers=())
    weighty = (ObservedLink("far-er", "circuit-n", connection("f", routing_weight=100)), seen.links[2])
    found = brought(SidesView(expected, replace(seen, links=weighty)), both, "expressroute", OWN)
    assert found.own == {"circuit-n"}
    assert [each.words for each in found.others] == ["circuit-x (primary) from 172.20.9.1"]


@pytest.mark.parametrize("backwards", [False, True])
def test_every_circuit_of_the_site_is_looked_at_in_whatever_order(backwards: bool) -> None:
    sessions = SIDES.site.sessions[::-1] if backwards else SIDES.site.sessions
    assert {each.role for each in sessions} == {"expressroute", "vpn"}
    expected = replace(WITH_OTHERS, site=replace(SIDES.site, sessions=sessions))
    found = brought(SidesView(expected, observed(OF_OTHER)), HUB, "expressroute", OWN)
    assert found.own == {"circuit-n"}


def test_each_gateway_of_a_network_has_to_know_the_way_back() -> None:
    both = replace(HUB, gateways=("hub-er", "far-er"))
    view = SidesView(SIDES, sides(far_er=without(agreeing.FAR_ER_ROWS, OWN)))
    assert why_not_from_azure(view, ER, HUB, OWN) is None
    assert why_not_from_azure(view, ER, both, OWN) == "azure-missing"
    assert why_not_from_azure(SidesView(SIDES, sides()), ER, both, OWN) is None


# What is not known --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, 4))
def test_a_table_that_was_not_collected_is_no_empty_table(number: int) -> None:
    seen = observed()
    circuits = tuple(each for index, each in enumerate(seen.circuits) if index != number)
    with pytest.raises(UndeterminedError, match="was not collected"):
        told(replace(seen, circuits=circuits))


def test_a_connection_that_was_not_collected_has_no_weight_of_zero() -> None:
    seen = observed(OF_OTHER, weights=(1, 0))
    with pytest.raises(UndeterminedError, match="connection of hub-er to circuit-x was not collected"):
        told(replace(seen, links=seen.links[:2]))


def test_more_msees_than_the_tables_explain() -> None:
    many = (*ER_PEERS, THIRD_PEER)
    with pytest.raises(UndeterminedError, match="from 3 MSEEs"):
        told(observed(own_peers=many))
    # A third circuit shows itself by its other routes.
    odd = [
        gateway_row(f"10.9.{number}.0/24", ER_INSTANCE, f"10.60.0.{50 + number}", 12076, 64999) for number in range(5)
    ]
    rows = [
        *without(agreeing.HUB_ER_ROWS, OWN),
        *odd,
        *(gateway_row(OWN, ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in ER_PEERS),
    ]
    with pytest.raises(UndeterminedError, match="from 2 MSEEs"):
        told(observed(hub_er=rows))


def test_fewer_msees_than_tables_leave_open_whose_route_it_is() -> None:
    with pytest.raises(UndeterminedError, match="from 1 MSEEs, and it is in 2 route tables"):
        told(observed(OF_OTHER, own_peers=(), weights=(10, 0)))


def test_route_that_nothing_brings() -> None:
    circuit = without(agreeing.CIRCUIT_ROWS, OWN)
    seen = observed(circuit=circuit, own_peers=())
    assert told(seen, replace(WITH_OTHERS, networks=(HUB, BRANCH))) == [("azure-unknown-origin", "broken")]


# Shared -------------------------------------------------------------------------------------------------------------


def test_what_the_intent_lets_another_site_own_is_not_told() -> None:
    anycast = replace(WITH_OTHERS, elsewhere=frozenset({OWN}))
    assert told(observed(OF_OTHER, weights=(0, 100)), anycast) == []
    part = replace(WITH_OTHERS, elsewhere=frozenset({INSIDE}))
    hub = (*agreeing.HUB_EFFECTIVE, effective_row(INSIDE, THIRD_PEER))
    seen = observed(circuit_row(INSIDE, OTHER, SITE_AS), prefix=INSIDE, hub=hub)
    assert told(seen, part) == []
    assert told(seen, replace(WITH_OTHERS, elsewhere=frozenset({AROUND}))) == [("azure-other-site", "broken")]


# VPN ----------------------------------------------------------------------------------------------------------------


def vpn(*rows: Any, **changes: Any) -> Any:
    return sides(hub_vpn=(*agreeing.HUB_VPN_ROWS, *rows), **changes)


def test_another_peer_of_the_vpn_gateway_draws_the_branchs_packets_away() -> None:
    own = gateway_row(OWN, GATEWAY, STRANGER, SITE_AS)
    seen = vpn(own)
    assert told(seen, SIDES) == [("azure-other-site", "broken")]
    (found,) = verdict.path(SIDES, seen)
    assert f"peer {STRANGER} of hub-vpn" in found.message
    assert "branch-work" in found.message
    assert [each.cause for each in matrix.reached(SIDES, seen)] == ["from-azure"]
    longer = gateway_row(OWN, GATEWAY, STRANGER, SITE_AS, SITE_AS)
    assert told(vpn(longer), SIDES) == []


def test_longer_prefix_of_another_peer() -> None:
    rows = (gateway_row(INSIDE, GATEWAY, STRANGER, 64999),)
    branch_rows = (*agreeing.BRANCH_VPN_ROWS, gateway_row(INSIDE, BRANCH_INSTANCE, GATEWAY, HUB_AS, 64999))
    branch = (*agreeing.BRANCH_EFFECTIVE, effective_row(INSIDE, BRANCH_INSTANCE))
    seen = vpn(*rows, branch_vpn=branch_rows, branch=branch)
    assert told(seen, SIDES) == [("azure-other-site", "broken")]


def test_a_peer_of_the_branchs_own_gateway() -> None:
    rows = (*agreeing.BRANCH_VPN_ROWS, gateway_row(OWN, BRANCH_INSTANCE, STRANGER, SITE_AS))
    assert told(sides(branch_vpn=rows), SIDES) == [("azure-other-site", "broken")]


def test_what_one_instance_has_of_the_other_is_no_other_peer() -> None:
    second = ip_address("10.60.0.31")
    twin = gateway_row(OWN, second, GATEWAY, SITE_AS, protocol="IBgp")
    back = gateway_row(OWN, GATEWAY, second, SITE_AS, protocol="IBgp")
    own = gateway_row(OWN, second, CE_TUNNEL, SITE_AS)
    assert told(vpn(twin, back, own), SIDES) == []


def test_user_route_to_the_vpn_gateway_needs_a_route_there() -> None:
    """Where the VPN is preferred: the user's route leads to the gateway, and the gateway's own table on."""
    behind = replace(BRANCH, subnets=BRANCH.subnets)
    user = (effective_row(OWN, origin="User"),)
    expected = replace(SIDES, networks=(HUB, FAR, behind))
    assert told(sides(branch=user), expected) == []
    gone = without(agreeing.BRANCH_VPN_ROWS, OWN)
    assert told(sides(branch=user, branch_vpn=gone), expected) == [("azure-missing", "broken")]


# What is next in line -----------------------------------------------------------------------------------------------

BY_VPN_FIRST = replace(
    WITH_OTHERS,
    networks=(replace(HUB, over=("vpn", "expressroute")), FAR, BRANCH),
    site=replace(SIDES.site, backed_up=frozenset({SHARED})),
)


def test_backup_over_a_circuit_is_not_that_of_another_site() -> None:
    """Same AS and same prefix: only the circuits' tables tell which of them Azure would take."""
    assert azure_side(observed(OF_OTHER, weights=(1, 0))) == []
    assert azure_side(observed(OF_OTHER, weights=(0, 1))) == ["azure-not-next"]
    (found,) = [each for each in backup.complete(BY_VPN_FIRST, observed(OF_OTHER)) if each.cause == "azure-not-next"]
    assert "is that of circuit-x (primary) from 172.20.9.1" in found.message
    assert azure_side(observed()) == []


def azure_side(seen: Any) -> list[str | None]:
    return [each.cause for each in backup.complete(BY_VPN_FIRST, seen) if (each.cause or "").startswith("azure")]


# One AS at several sites --------------------------------------------------------------------------------------------

OVER_ER = replace(agreeing.OVER_ER, sides=WITH_OTHERS)
TWO_PATHS = replace(  # both paths of the site's own circuit have a session, so that one can be lost
    WITH_OTHERS,
    site=replace(WITH_OTHERS.site, sessions=(ER, SECOND, VPN)),
    carriers=(
        *WITH_OTHERS.carriers,
        replace(WITH_OTHERS.carriers[0], session=SECOND.id, path="secondary"),
    ),
)


def at_both_sites(*peers: Any, **changes: Any) -> Any:
    """The other site has the prefix as well, and the gateway learned it from these MSEEs."""
    learned = [
        *without(agreeing.HUB_ER_ROWS, OWN),
        *(gateway_row(OWN, ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in peers),
    ]
    return observed(OF_OTHER, hub_er=learned, **changes)


def test_what_another_site_of_the_as_announces_is_not_taken_for_the_sites_own() -> None:
    assert list(to_azure.announced(OVER_ER, at_both_sites(ER_PEERS[0], THIRD_PEER))) == []
    with pytest.raises(UndeterminedError, match=r"circuit-x \(primary\) among them, whose routers have that AS"):
        to_azure.announced(OVER_ER, at_both_sites(THIRD_PEER))


def test_nor_is_it_where_it_hides_that_nothing_arrives() -> None:
    """The MSEE's table is empty of it as well: that is told, whatever the other site does."""
    found = list(to_azure.announced(OVER_ER, at_both_sites(THIRD_PEER, circuit=agreeing.CIRCUIT_ROWS[1:])))
    assert [each.cause for each in found] == ["not-in-circuit"]


def test_a_path_whose_routers_have_another_as_is_no_rival() -> None:
    other_as = tuple(
        replace(each, asns=frozenset({64999} if each.name == "circuit-x" else {SITE_AS}))
        for each in WITH_OTHERS.other_paths
    )
    assert {each.name for each in WITH_OTHERS.of_same_as(ER)} == {"circuit-n", "circuit-x"}
    assert {each.name for each in replace(WITH_OTHERS, other_paths=other_as).of_same_as(ER)} == {"circuit-n"}
    assert WITH_OTHERS.of_same_as(VPN) == ()


def test_a_table_that_was_not_read_is_no_table_without_the_prefix() -> None:
    seen = at_both_sites(ER_PEERS[0], THIRD_PEER)
    with pytest.raises(UndeterminedError, match=r"circuit-x .* was not collected"):
        to_azure.announced(OVER_ER, replace(seen, circuits=seen.circuits[:2]))


def with_second(seen: Any) -> Any:
    second = replace(agreeing.er_exchange(neighbor=neighbor(SECOND)), session=SECOND.id)
    rows = [replace(circuit_row(OWN, SECOND_END, SITE_AS), path="secondary"), *seen.circuits[1].routes]
    circuits = (seen.circuits[0], circuit_table(rows, path="secondary"), *seen.circuits[2:])
    accepted = routes("accepted", MSEE2, [replace(each, next_hop=MSEE2) for each in ER_ACCEPTED])
    return replace(seen, exchanges=(*seen.exchanges, replace(second, accepted=accepted)), circuits=circuits)


def test_what_a_loss_leaves_is_not_told_by_another_sites_route() -> None:
    expected = replace(TWO_PATHS, networks=(HUB,))
    whole = with_second(at_both_sites(ER_PEERS[0], FOURTH_PEER, THIRD_PEER))
    with pytest.raises(UndeterminedError, match="whose routers have that AS as well"):
        matrix.remaining(expected, with_second(at_both_sites(THIRD_PEER)))
    assert matrix.remaining(expected, whole) == []


def test_a_branch_has_the_sites_prefix_from_the_gateway_before_it() -> None:
    beside = [*without(agreeing.BRANCH_VPN_ROWS, OWN), gateway_row(OWN, BRANCH_INSTANCE, STRANGER, SITE_AS)]
    found = list(to_azure.announced(agreeing.OVER_VPN, sides(branch_vpn=beside)))
    assert [(each.object.rpartition("/")[2], each.cause) for each in found] == [("branch-vpn", "not-learned")]
