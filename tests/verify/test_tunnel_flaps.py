"""Tunnels that come and go: SAs made together, below a session that was there before; and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from verify.sides_records import connection
from verify.verify_records import (
    CONFIG_TEXT,
    ESP,
    IKE_SA,
    TUNNEL,
    VPN,
    config,
    config_with,
    decision,
    identity,
    neighbor,
    observed_tunnel,
    observed_underlay,
    source,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import LastReset
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import tunnel_flaps
from pytest_azinterop.verify.tunnel_flaps import ObservedTunnelAge

JUDGED = replace(TUNNEL, minimum_age=timedelta(minutes=5), flap_window=timedelta(hours=24), most_drops=3)
DAY = timedelta(days=1)
DETECTION = " authentication local pre-share\n keyring local KEYS"


def observed(
    ike: tuple[int | None, ...] = (77,), left: tuple[int | None, ...] = (3522,), text: Any = None, **session: Any
) -> ObservedTunnelAge:
    """SAs of these ages and with these remaining lifetimes, below a session."""
    esp = tuple(replace(ESP, remaining_seconds=each) for each in left)
    tunnel = observed_tunnel(
        ike=tuple(replace(IKE_SA, active_for=each) for each in ike),
        after=(identity(105, 205, 2, inbound=esp, outbound=esp),),
        config=text or config(),
    )
    inside = observed_underlay(neighbor=neighbor(VPN, **{"connections_dropped": 0, **session}))
    return ObservedTunnelAge(tunnel, inside)


def lifetimes(text: str) -> Any:
    return config(CONFIG_TEXT.replace("\ncrypto ipsec profile TO-GATEWAY\n", text))


PROFILE = "\ncrypto ipsec profile TO-GATEWAY\n set security-association lifetime seconds 27000\n"
GLOBAL = "\ncrypto ipsec security-association lifetime seconds 7200\ncrypto ipsec profile TO-GATEWAY\n"


@pytest.mark.parametrize(
    "seen",
    [
        observed(),
        observed(ike=(299,), left=(3301,)),
        observed(in_state_for=timedelta(seconds=108)),
        observed(ike=(40, 77), left=(3590, 3522)),
        observed(left=(26922,), text=lifetimes(PROFILE)),
        observed(left=(7122,), text=lifetimes(GLOBAL)),
        observed(in_state_for=timedelta(seconds=60), connections_dropped=4),
        observed(ike=(3000,), left=(600,), in_state_for=timedelta(seconds=2990), connections_dropped=9),
    ],
    ids=[
        "below an old session",
        "just before it is old enough",
        "a little younger than the session",
        "with successors beside it",
        "lifetime of the profile",
        "lifetime of the router",
        "again and again with the session",
        "again and again within the window",
    ],
)
def test_a_tunnel_that_comes_and_goes_is_found(seen: ObservedTunnelAge) -> None:
    (found,) = tunnel_flaps.flaps(JUDGED, seen)
    assert (found.rule, found.cause, found.object) == ("ike.flaps", "flapping", JUDGED.id)
    assert " is " in found.message
    assert ", expected at " in found.message
    assert {each.command for each in found.evidence} >= {
        "show crypto ikev2 sa detailed",
        "show crypto ipsec sa interface Tunnel12",
        "show bgp vpnv4 unicast vrf blue neighbors",
    }


@pytest.mark.parametrize(
    "seen",
    [
        observed(in_state_for=timedelta(seconds=70)),
        observed(in_state_for=timedelta(seconds=100)),
        observed(in_state_for=timedelta(seconds=70), connections_dropped=3),
        observed(ike=(300,), left=(3300,)),
        observed(ike=(7200,), left=(3500,), in_state_for=timedelta(hours=1), connections_dropped=4),
        observed(ike=(5,), left=(2000,)),
        observed(ike=(5000,), left=(3595,)),
        observed(ike=(20, 5000), left=(3595, 3580)),
        observed(left=(100, 3522)),
        observed(ike=(86401,), left=(3590,), in_state_for=2 * DAY, connections_dropped=9),
    ],
    ids=[
        "the first of both",
        "answers some seconds apart",
        "as often as allowed",
        "old enough",
        "rekeyed since",
        "IKE rekeyed just now",
        "IPsec rekeyed just now",
        "two IKE SAs during a rekey",
        "two IPsec SAs during a rekey",
        "an old tunnel",
    ],
)
def test_what_only_looks_like_it_is_not(seen: ObservedTunnelAge) -> None:
    assert tunnel_flaps.flaps(JUDGED, seen) == []


def test_what_the_intent_does_not_judge_is_not_found() -> None:
    assert tunnel_flaps.flaps(replace(JUDGED, most_drops=None), observed()) == []
    assert tunnel_flaps.flaps(TUNNEL, observed()) == []
    patient = replace(JUDGED, minimum_age=timedelta(0))
    assert tunnel_flaps.flaps(patient, observed()) == []


@pytest.mark.parametrize(
    "seen",
    [
        observed(ike=(None,)),
        observed(left=(None,)),
        observed(in_state_for=None),
        observed(connections_dropped=None),
        observed(text=config(whole=False)),
        observed(text=config(hidden=True)),
        replace(observed(), tunnel=replace(observed().tunnel, config=None)),
        replace(observed(), tunnel=replace(observed().tunnel, ike=None)),
        replace(observed(), tunnel=replace(observed().tunnel, after=None)),
    ],
)
def test_without_a_fact_nothing_is_decided(seen: ObservedTunnelAge) -> None:
    with pytest.raises(UndeterminedError):
        tunnel_flaps.flaps(JUDGED, seen)


def test_what_is_not_there_is_said_to_be_so() -> None:
    whole = observed()
    down = replace(whole, tunnel=replace(whole.tunnel, ike=()))
    bare = replace(whole, tunnel=replace(whole.tunnel, after=(identity(1, 1, 2, inbound=(), outbound=()),)))
    without = replace(whole, underlay=observed_underlay(neighbor=None))
    way = decision(NextHop(ip_address("172.20.1.2"), "TenGigabitEthernet0/0/1.120"))
    elsewhere = replace(whole, underlay=replace(whole.underlay, forwarding=way))
    assert [each.rule for each in tunnel_flaps.flaps(JUDGED, down)] == ["ike.sa"]
    assert [each.rule for each in tunnel_flaps.flaps(JUDGED, bare)] == ["ipsec.sa"]
    assert [each.rule for each in tunnel_flaps.flaps(JUDGED, observed(state="Idle"))] == ["bgp.state"]
    assert [each.rule for each in tunnel_flaps.flaps(JUDGED, without)] == ["bgp.neighbor"]
    assert [each.rule for each in tunnel_flaps.flaps(JUDGED, elsewhere)] == ["vpn.session-in-tunnel"]


@pytest.mark.parametrize(
    ("line", "timeout", "words"),
    [
        (" dpd 10 2 periodic", 9, ["router after about 20s (`dpd 10 2 periodic`)", "Azure after 9s"]),
        (" dpd 10 5 on-demand", 9, ["by Azure after 9s"]),
        (" dpd 10 2 on-demand", None, ["by the router after about 20s"]),
        (" dpd 10 5 on-demand", 45, []),
        ("", None, []),
    ],
)
def test_dead_peer_detection_that_gives_up_early_is_named(line: str, timeout: int | None, words: list[str]) -> None:
    text = config_with(DETECTION, f"{DETECTION}\n{line}" if line else DETECTION)
    seen = observed(text=text, last_reset=LastReset(timedelta(days=2), "Interface flap"))
    if timeout is not None:
        seen = replace(seen, connection=connection("gateway-n", dpd_timeout_seconds=timeout))
    (found,) = tunnel_flaps.flaps(JUDGED, seen)
    likely = str(found.likely)
    assert all(each in likely for each in words), likely
    assert bool(words) != (likely == "last reset of the session: Interface flap")
    assert source("x").host in {each.host for each in found.evidence}


def test_the_detection_of_the_whole_router_counts_where_the_profile_has_none() -> None:
    text = config_with("\nend\n", "\ncrypto ikev2 dpd 10 3 periodic\nend\n")
    assert "about 25s (`crypto ikev2 dpd 10 3 periodic`)" in str(
        tunnel_flaps.flaps(JUDGED, observed(text=text))[0].likely
    )
