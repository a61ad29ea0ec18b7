"""Where the intent gives a rule over both sides nothing to judge, the check is skipped, and never passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify.sides_records import HUB, SIDES
from verify.verify_records import ER, SITE, TUNNEL, VPN

from pytest_azinterop.intent.azure_expectations import ExpectedVnet, ResourceName
from pytest_azinterop.intent.sides import ExpectedCrypto, ExpectedSides
from pytest_azinterop.verify import scope, scope_sides

TWO = replace(
    SIDES,
    site=replace(SITE, sessions=(ER, ER, VPN)),
    carriers=(SIDES.carriers[0], *SIDES.carriers),
    encrypted=True,
)
NOTHING: dict[str, ExpectedSides] = {
    "sides.path": replace(SIDES, networks=(replace(HUB, prefixes=frozenset()),)),
    "sides.reach": replace(SIDES, site=replace(SITE, sessions=(replace(ER, announce=None),))),
    "sides.backup": replace(SIDES, site=replace(SITE, backed_up=frozenset())),
    "sides.apart": replace(SIDES, strangers=()),
    "sides.loss": SIDES,
    "sides.clear-text": SIDES,
}


def test_loss_is_not_judged_one_way_alone() -> None:
    nothing = replace(
        TWO, site=replace(TWO.site, sessions=tuple(replace(each, announce=None) for each in (ER, ER, VPN)))
    )
    assert scope.reason_not_judged("sides.loss", nothing)


@pytest.mark.parametrize("rule", NOTHING)
def test_rule_about_a_site_applies_where_there_is_something(rule: str) -> None:
    assert scope.reason_not_judged(rule, NOTHING[rule])
    assert scope.reason_not_judged(rule, TWO) is None


def test_tunnel_over_the_internet_has_no_outer_path_to_judge() -> None:
    assert scope.reason_not_judged("sides.outer-path", ExpectedCrypto(TUNNEL, "x"))
    assert scope.reason_not_judged("sides.outer-path", ExpectedCrypto(TUNNEL, "x", "circuit-n")) is None
    assert scope.reason_not_judged("sides.ike", ExpectedCrypto(TUNNEL, "x")) is None
    assert scope_sides.reason_not_judged("sides.announced", SIDES) is None


def test_a_virtual_network_is_judged_by_its_space_where_the_intent_names_one() -> None:
    bare = ExpectedVnet("a", ResourceName("0-1", "group", ("virtualNetworks", "a")), None, None)
    named = replace(bare, spaces=ER.announce)
    assert scope.reason_not_judged("azure.vnet-space", bare)
    assert scope.reason_not_judged("azure.vnet-space", named) is None
