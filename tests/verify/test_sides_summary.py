"""What a site announces beside its own prefixes, over some of its sessions alone: a default route, a summary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from verify import sides_records as agreeing
from verify.sides_records import (
    CE,
    CE_TUNNEL,
    ER_INSTANCE,
    ER_PEERS,
    MSEE_AS,
    REMOTE_INSTANCE,
    REMOTE_PEER,
    SIDES,
    SITE_AS,
    circuit_row,
    effective_row,
    gateway_row,
    sides,
)
from verify.verify_records import ER, GATEWAY, OWN, RIB, SITE, VPN, prefixes, rib, rib_route, site, site_router

from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.sides import backup, matrix, verdict

WIDE = ("0.0.0.0/0", "10.0.0.0/8")
OTHERS = "10.9.0.0/24"  # of nobody that the intent knows, inside both


def announcing(prefix: str, *, over_vpn: bool = False) -> Any:
    """The site announces this beside its own, over ExpressRoute and perhaps over the VPN too."""
    both = prefixes(OWN, prefix)
    vpn = replace(VPN, announce=both) if over_vpn else VPN
    return replace(SIDES, site=replace(SITE, sessions=(replace(ER, announce=both), vpn)))


def seen(prefix: str, **changes: Any) -> Any:
    """As Azure has it where that arrives; others have a part of it over the VPN."""
    given: dict[str, Any] = {
        "circuit": (*agreeing.CIRCUIT_ROWS, circuit_row(prefix, CE, SITE_AS)),
        "hub_er": (
            *agreeing.HUB_ER_ROWS,
            *(gateway_row(prefix, ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in ER_PEERS),
        ),
        "far_er": (*agreeing.FAR_ER_ROWS, gateway_row(prefix, REMOTE_INSTANCE, REMOTE_PEER, MSEE_AS, SITE_AS)),
        "hub_vpn": (*agreeing.HUB_VPN_ROWS, gateway_row(OTHERS, GATEWAY, "10.60.9.9", 65099)),
        "hub": (
            *agreeing.HUB_EFFECTIVE,
            *(effective_row(prefix, peer) for peer in ER_PEERS),
            effective_row(OTHERS, GATEWAY),
        ),
        "far": (*agreeing.FAR_EFFECTIVE, effective_row(prefix, REMOTE_PEER)),
        "routers": site(
            site_router(rib=rib([*RIB, rib_route(prefix, NextHop(None, "TenGigabitEthernet0/0/2.12"), protocol="S")]))
        ),
    }
    return sides(**{**given, **changes})


@pytest.mark.parametrize("prefix", WIDE)
def test_what_goes_over_one_role_alone_needs_no_backup_and_holds_what_is_others(prefix: str) -> None:
    for judge in (verdict.path, matrix.reached, backup.complete, matrix.remaining):
        assert judge(announcing(prefix), seen(prefix)) == []


@pytest.mark.parametrize("prefix", WIDE)
def test_it_is_judged_where_it_is_declared(prefix: str) -> None:
    lost = seen(prefix, hub_er=agreeing.HUB_ER_ROWS, hub=agreeing.HUB_EFFECTIVE)
    assert {each.cause for each in verdict.path(announcing(prefix), lost)} & {"azure-missing"}
    (found,) = backup.complete(announcing(prefix, over_vpn=True), seen(prefix))
    assert (found.cause, prefix in found.message) == ("azure-missing", True)


def test_a_part_of_what_the_site_owns_is_still_told() -> None:
    inside = "10.7.0.0/26"
    hub = (*agreeing.HUB_EFFECTIVE, effective_row(inside, GATEWAY))
    hub_vpn = (*agreeing.HUB_VPN_ROWS, gateway_row(inside, GATEWAY, CE_TUNNEL, SITE_AS))
    assert [each.cause for each in verdict.path(SIDES, sides(hub=hub, hub_vpn=hub_vpn))] == ["azure-more-specific"]
