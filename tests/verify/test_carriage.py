"""Whether a session's packets get anywhere: Established, it may have lost its tunnel or link within its hold time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from verify.sides_records import SIDES, sides
from verify.test_sides_matrix import ER2, pair
from verify.test_sides_matrix import PAIR as TWO_PATHS
from verify.verify_records import (
    ER,
    RIB,
    SITE,
    TUNNEL_INTERFACE,
    VPN,
    carried,
    identity,
    rib,
    site,
    site_router,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.device import Ipv6Neighbor
from pytest_azinterop.verify import carriage, preference
from pytest_azinterop.verify.arp import ObservedArp
from pytest_azinterop.verify.neighbor_discovery import ObservedNeighborDiscovery
from pytest_azinterop.verify.sides import backup, matrix

DEAD: dict[str, tuple[Any, Any, str]] = {
    "no tunnel interface": (carried(VPN, tunnel=None), site_router(), "tunnel-down"),
    "tunnel is down": (
        carried(VPN, tunnel=replace(TUNNEL_INTERFACE, line_protocol="down")),
        site_router(),
        "tunnel-down",
    ),
    "no identity": (carried(VPN, ipsec=()), site_router(), "no-sa"),
    "no SAs": (carried(VPN, ipsec=(identity(1, 1, 0, inbound=(), outbound=()),)), site_router(), "no-sa"),
    "one direction": (carried(VPN, ipsec=(identity(1, 1, 0, outbound=()),)), site_router(), "no-sa"),
    "another gateway's": (
        carried(VPN, ipsec=(identity(1, 1, 0, peer=ip_address("203.0.113.99")),)),
        site_router(),
        "no-sa",
    ),
    "neighbor over ExpressRoute": (
        carried(VPN),
        site_router(rib=rib(each for each in RIB if each.protocol != "S")),
        "outside-tunnel",
    ),
}


@pytest.mark.parametrize("name", DEAD)
def test_a_path_over_a_dead_tunnel_is_no_backup(name: str) -> None:
    given, router, cause = DEAD[name]
    observed = site(router, carriages=(carried(ER), given))
    (found,) = preference.backup(SITE, observed)
    assert (found.rule, found.cause) == ("site.backup", cause)
    assert carriage.WORDS[cause] in found.message
    causes = {each.cause for each in backup.complete(SIDES, sides(routers=observed))}
    assert cause in causes


def test_a_living_tunnel_carries_a_backup() -> None:
    assert preference.backup(SITE, site()) == []
    assert backup.complete(SIDES, sides()) == []


@pytest.mark.parametrize("lost", ["mac", "row"])
def test_a_circuit_on_whose_link_nobody_answers_does_not_remain(lost: str) -> None:
    row = carried(ER2).arp
    assert row is not None
    assert row.entry is not None
    silent = ObservedArp(replace(row.entry, mac=None) if lost == "mac" else None)
    whole = pair()
    routers = replace(whole.routers, carriages=(carried(ER), carried(ER2, arp=silent), carried(VPN)))
    assert matrix.remaining(TWO_PATHS, whole) == []
    (found,) = matrix.remaining(TWO_PATHS, replace(whole, routers=routers))
    assert (found.object, found.cause) == (ER2.id, "no-answer")


def test_over_ipv6_the_neighbor_cache_says_it() -> None:
    session = replace(ER, neighbor=ip_address("2001:db8::2"))
    address, port = ip_address("2001:db8::2"), str(ER.interface)
    entry = Ipv6Neighbor(ER.vrf, address, "0011.2233.4455", 3, "REACH", port, source=RIB[0].source)  # type: ignore[arg-type]
    for entries, cause in (((entry,), None), ((), "no-answer"), ((replace(entry, state="INCMP"),), "no-answer")):
        given = carriage.ObservedCarriage(session.id, discovery=ObservedNeighborDiscovery(entries))
        assert carriage.why_not_carried(SITE, session, rib(RIB), (given,)) == cause


@pytest.mark.parametrize(
    ("session", "given", "words"),
    [
        (VPN, (), "what carries .* was not collected"),
        (VPN, (carried(VPN, ipsec=None),), "IPsec SAs of Tunnel12 are not known"),
        (ER, (carried(ER, arp=None),), "ARP entry of .* was not collected"),
        (replace(VPN, interface="Tunnel99"), (carried(replace(VPN, interface="Tunnel99")),), "names no tunnel"),
        (
            replace(ER, neighbor=ip_address("2001:db8::2")),
            (carried(replace(ER, neighbor=ip_address("2001:db8::2"))),),
            "IPv6 neighbor .* was not collected",
        ),
    ],
)
def test_what_was_not_collected_is_not_alive(session: Any, given: Any, words: str) -> None:
    with pytest.raises(UndeterminedError, match=words):
        carriage.why_not_carried(SITE, session, rib(RIB), given)
