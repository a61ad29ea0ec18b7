"""What the sides of a site are looked up by, and what rules over a site take from its intent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify.sides_records import HUB, SIDES, effective_row, er_exchange, sides, vpn_exchange
from verify.verify_records import ER, MSEE, OWN, SHARED, SITE, VPN, edge_a, neighbor, prefixes

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify import overrule, preference
from pytest_azinterop.verify.sides import matrix
from pytest_azinterop.verify.sides.view import SidesView, wanted_carriers


def test_an_end_that_is_not_declared_is_the_one_that_the_router_shows() -> None:
    undeclared = replace(ER, local_address=None)
    assert SidesView(SIDES, sides()).own_address(undeclared) == ER.local_address
    silent = er_exchange(neighbor=neighbor(ER, local_address=None))
    with pytest.raises(UndeterminedError, match="own address towards"):
        SidesView(SIDES, sides(exchanges=(silent, vpn_exchange()))).own_address(undeclared)


def test_the_connection_of_the_highest_declared_preference_is_wanted_of_several() -> None:
    """A circuit only where one of the network's gateways is connected to it; a connection in any case."""
    first, second = replace(VPN, local_preference=110), replace(VPN, local_preference=90, neighbor=MSEE)
    vpn = next(each for each in SIDES.carriers if each.role == "vpn")
    expected = replace(
        SIDES,
        site=replace(SITE, sessions=(ER, first, second)),
        carriers=(SIDES.carriers[0], vpn, replace(vpn, session=second.id, name="other")),
    )
    view = SidesView(expected, sides())
    assert wanted_carriers(view, HUB, "vpn") == {vpn.name}
    assert wanted_carriers(view, replace(HUB, gateways=()), "vpn") == {vpn.name}
    assert wanted_carriers(view, replace(HUB, gateways=()), "expressroute") == frozenset()


@pytest.mark.parametrize(
    ("origin", "kind", "leads"),
    [
        ("VirtualNetworkGateway", "VirtualNetworkGateway", True),
        ("User", "VirtualAppliance", True),
        ("User", "None", False),
        ("Default", "VnetLocal", False),
    ],
)
def test_a_gateway_s_route_and_a_user_s_own_lead_out(origin: str, kind: str, leads: bool) -> None:
    assert matrix._leads_out(effective_row(OWN, origin=origin, next_hop_type=kind)) is leads


def test_a_prefix_inside_a_space_that_is_allowed_is_meant() -> None:
    open_site = replace(SITE, reach=(("expressroute", prefixes(within=[SHARED.supernet()])),))
    assert overrule._is_meant(SHARED, "expressroute", open_site)
    assert not overrule._is_meant(SHARED, "vpn", open_site)
    assert not overrule._is_meant(OWN, "expressroute", open_site)


def test_a_default_preference_is_known_from_a_whole_configuration_alone() -> None:
    whole = edge_a().config
    assert whole is not None
    assert preference._default(edge_a()) == 100
    assert preference._default(edge_a(config=None)) is None
    assert preference._default(edge_a(config=replace(whole, whole=False))) is None
