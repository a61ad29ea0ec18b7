"""Accepted paths lead to the neighbor that sent them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any

import pytest
from verify.verify_records import ER, ER_ACCEPTED, MSEE, neighbor, path, routes, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.device import Ipv6Neighbor
from pytest_azinterop.verify.next_hop import of_neighbor
from pytest_azinterop.verify.observed import ObservedRoutes

ELSEWHERE = path("10.60.0.0/24", "10.7.9.2", 12076)


def observed(*accepted: Any, **changes: Any) -> ObservedRoutes:
    return ObservedRoutes(neighbor(ER, **changes), None, accepted=routes("accepted", MSEE, accepted))


def test_paths_to_the_neighbor_pass() -> None:
    assert of_neighbor(ER, observed(*ER_ACCEPTED)) == []


@pytest.mark.parametrize(("name", "cause"), [("IN", "changed"), (None, "as-sent")])
def test_a_path_to_somebody_else_is_told(name: str | None, cause: str) -> None:
    (found,) = of_neighbor(ER, observed(*ER_ACCEPTED, ELSEWHERE, route_map_in=name))
    assert (found.rule, found.cause) == ("routes.next-hop", cause)
    assert "10.7.9.2" in found.message
    assert "10.60.0.0/24" in found.message


def test_without_the_session_or_its_routes_nothing_passes() -> None:
    assert of_neighbor(ER, observed(*ER_ACCEPTED, state="Active"))
    assert of_neighbor(ER, replace(observed(), neighbor=None))
    with pytest.raises(UndeterminedError):
        of_neighbor(ER, replace(observed(), accepted=None))


NEAR = IPv6Address("fe80::1")
OVER_IPV6 = replace(ER, neighbor=IPv6Address("fd00:60::2"))


def by_link_local(*cache: tuple[str, str | None, str]) -> ObservedRoutes:
    """A path whose next hop is a link-local address, and what the router knows of the addresses on its links."""
    rows = tuple(
        Ipv6Neighbor("blue", IPv6Address(address), mac, 1, "REACH", port, source=source("show ipv6 neighbors vrf blue"))
        for address, mac, port in cache
    )
    told = replace(path("10.60.0.0/24", "10.7.9.2", 12076), next_hop=NEAR)
    accepted = replace(routes("accepted", MSEE, [told]), neighbor=OVER_IPV6.neighbor)
    return replace(observed(), accepted=accepted, cache=rows or None)


LINK = ER.interface or ""
THEIRS = ("fd00:60::2", "0000.5e00.5301", LINK)


def test_the_neighbors_link_local_address_is_the_neighbor() -> None:
    assert of_neighbor(OVER_IPV6, by_link_local(THEIRS, ("fe80::1", "0000.5e00.5301", LINK))) == []


def test_another_machines_link_local_address_is_told() -> None:
    (found,) = of_neighbor(OVER_IPV6, by_link_local(THEIRS, ("fe80::1", "0000.5e00.5399", LINK)))
    assert found.rule == "routes.next-hop"
    assert "fe80::1" in found.message


@pytest.mark.parametrize(
    "cache",
    [
        (),
        (THEIRS,),
        (("fe80::1", "0000.5e00.5301", LINK),),
        (THEIRS, ("fe80::1", None, LINK)),
        (THEIRS, ("fe80::1", "0000.5e00.5301", "GigabitEthernet0/0/9")),
    ],
    ids=["no cache", "without it", "without the neighbor", "unresolved", "on another link"],
)
def test_a_link_local_address_of_nobody_known_is_not_judged(cache: tuple[Any, ...]) -> None:
    with pytest.raises(UndeterminedError, match="fe80::1"):
        of_neighbor(OVER_IPV6, by_link_local(*cache))


def test_an_address_of_apipa_is_an_address_like_others() -> None:
    (found,) = of_neighbor(ER, observed(*ER_ACCEPTED, path("10.60.0.0/24", "169.254.21.9", 12076)))
    assert "169.254.21.9" in found.message
