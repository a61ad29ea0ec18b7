"""What is missing, hidden or cut off raises: no judgement passes, and none fails, without evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Interface
from typing import Any, cast

import pytest
from verify import verify_records as agreeing
from verify.verify_records import (
    DEVICE,
    ER,
    GATEWAY,
    IKE_SA,
    INTERFACE,
    MSEE,
    OBSERVED_DEVICE,
    OBSERVED_INTERFACE,
    PAIR,
    SHARED,
    SITE,
    TUNNEL,
    TUNNEL_INTERFACE,
    VPN,
    config,
    decision,
    er_policy,
    er_routes,
    identity,
    neighbor,
    observed_tunnel,
    observed_underlay,
    path,
    routes,
    site,
    site_router,
    vpn_routes,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.models import Policy
from pytest_azinterop.state.bgp import LastReset
from pytest_azinterop.state.config import BgpConfig
from pytest_azinterop.state.crypto import IpsecCounters
from pytest_azinterop.state.routing import NextHop, RouteMap, RouteMapEntry
from pytest_azinterop.verify import (
    announce,
    device,
    ike,
    interface,
    ipsec,
    policy,
    preference,
    scope,
    session,
    tunnel,
    underlay,
)
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.observed import ObservedSession, ObservedSite, ObservedTunnel

CUT_OFF = config(whole=False)
HIDDEN = config(hidden=True)
BGP = cast("BgpConfig", config().bgp)
COMMUNITY = RouteMap(
    "RAISE",
    (RouteMapEntry(10, True, ("community (community-list filter): 1",), ("local-preference 300",)),),
    source=agreeing.source(),
)
NO_PROBE = observed_tunnel(after=(identity(100, 200, 2),), probe=None)

UNDETERMINED: dict[str, Callable[[], Any]] = {
    "no hostname": lambda: device.identity(
        DEVICE, replace(OBSERVED_DEVICE, facts=replace(OBSERVED_DEVICE.facts, hostname=""))
    ),
    "no local address printed": lambda: session.source(ER, ObservedSession(neighbor(ER, local_address=None), ())),
    "no timers printed": lambda: session.timers(ER, ObservedSession(neighbor(ER, hold_time=None), ())),
    "no up time printed": lambda: session.age(ER, ObservedSession(neighbor(ER, in_state_for=None), ())),
    "own AS, configuration cut off": lambda: session.local_as(ER, er_routes(config=replace(CUT_OFF, bgp=None))),
    "default preference, configuration cut off": lambda: policy.local_preference(VPN, vpn_routes(config=CUT_OFF)),
    "default preference, configuration hidden": lambda: policy.local_preference(VPN, vpn_routes(config=HIDDEN)),
    "accepted routes not collected": lambda: policy.local_preference(ER, er_routes(accepted=None)),
    "accepted routes of another neighbor": lambda: policy.local_preference(
        ER, er_routes(accepted=routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED))
    ),
    "accepted routes of another VRF": lambda: announce.received(
        ER, er_routes(accepted=routes("accepted", MSEE, agreeing.ER_ACCEPTED, vrf="red"))
    ),
    "received routes instead of accepted ones": lambda: announce.received(
        ER, er_routes(accepted=routes("received", MSEE, agreeing.ER_ACCEPTED))
    ),
    "need of a policy, configuration hidden": lambda: policy.bound(
        replace(ER, policy=Policy()), er_policy(neighbor=neighbor(ER, route_map_in=None), config=HIDDEN)
    ),
    "list in a match, configuration cut off": lambda: policy.defined(
        ER, er_policy(route_maps=(COMMUNITY,), config=CUT_OFF)
    ),
    "received routes not collected": lambda: policy.effect(ER, er_policy(received=None)),
    "clause that is not modelled": lambda: policy.effect(
        ER, er_policy(route_maps=(COMMUNITY,), accepted=routes("accepted", MSEE, [path(SHARED)]))
    ),
    "distribute-list": lambda: policy.effect(
        ER,
        er_policy(
            config=config(
                agreeing.CONFIG_TEXT.replace(
                    "  neighbor 172.20.1.2 activate", "  neighbor 172.20.1.2 distribute-list 7 in"
                )
            ),
            accepted=routes("accepted", MSEE, [path(SHARED)]),
        ),
    ),
    "advertised routes not collected": lambda: announce.announced(ER, er_routes(advertised=None)),
    "a router of the site not collected": lambda: preference.best_path(PAIR, ObservedSite((agreeing.edge_a(),))),
    "a session's routes not collected": lambda: preference.backup(SITE, site(site_router(accepted=()))),
    "the table of another VRF": lambda: preference.best_path(
        SITE, site(site_router(table=replace(agreeing.table(()), vrf="red")))
    ),
    "policy routing, configuration hidden": lambda: preference.static(SITE, site(site_router(config=HIDDEN))),
    "forwarding of another address": lambda: underlay.forwarding(
        TUNNEL, observed_underlay(forwarding=replace(decision(NextHop(None, "Tunnel12")), address=MSEE))
    ),
    "forwarding without an interface": lambda: underlay.forwarding(
        TUNNEL, observed_underlay(forwarding=decision(NextHop(MSEE, None)))
    ),
    "session's end not printed": lambda: underlay.session_in_tunnel(
        TUNNEL, observed_underlay(neighbor=neighbor(VPN, local_address=None))
    ),
    "READY without algorithms": lambda: ike.algorithms(
        TUNNEL, observed_tunnel(ike=(replace(IKE_SA, encryption=None),))
    ),
    "READY without integrity": lambda: ike.algorithms(TUNNEL, observed_tunnel(ike=(replace(IKE_SA, integrity=None),))),
    "PFS without its group": lambda: ipsec.pfs(TUNNEL, observed_tunnel(after=(identity(105, 205, 2, pfs_group=None),))),
    "no traffic and no probe": lambda: ipsec.traffic(TUNNEL, NO_PROBE),
    "one sample": lambda: ipsec.traffic(TUNNEL, observed_tunnel(before=(identity(100, 200, 2),))),
    "identity only in the later sample": lambda: ipsec.traffic(TUNNEL, observed_tunnel(before=())),
    "errors, one sample": lambda: ipsec.errors(TUNNEL, observed_tunnel(before=())),
    "counter cleared and nothing since": lambda: ipsec.traffic(TUNNEL, observed_tunnel(after=(identity(0, 0, 2),))),
    "error counters differ in kind": lambda: ipsec.errors(
        TUNNEL, observed_tunnel(after=(identity(2, 2, 2, counters=IpsecCounters(2, 2, 2, 2, errors=(("x", 1),))),))
    ),
    "not a tunnel's interface lines": lambda: tunnel.protection(
        TUNNEL, observed_tunnel(interface=replace(TUNNEL_INTERFACE, tunnel=None))
    ),
    "front-door VRF, configuration cut off": lambda: tunnel.source(
        TUNNEL, observed_tunnel(config=replace(CUT_OFF, interfaces=()))
    ),
}


@pytest.mark.parametrize("judge", UNDETERMINED.values(), ids=UNDETERMINED.keys())
def test_raises_without_evidence(judge: Callable[[], Any]) -> None:
    with pytest.raises(UndeterminedError) as raised:
        judge()
    assert raised.value.cause in {"cut-off", "not-authorised", "not-collected", "not-understood", "not-modelled"} | {
        "no-traffic",
        "counter-cleared",
    }


def test_explicit_preferences_need_no_configuration() -> None:
    assert policy.local_preference(ER, er_routes(config=HIDDEN)) == []


def test_sessions_that_are_down_are_reported_as_that() -> None:
    down = neighbor(ER, state="Active", local_address=None, hold_time=None, keepalive=None, in_state_for=None)
    observed = ObservedSession(down, ())
    for judge in (session.source, session.timers, session.age):
        assert [each.rule for each in judge(ER, observed)] == ["bgp.state"]
    for judge_routes in (policy.local_preference, announce.announced, announce.received):
        assert [each.rule for each in judge_routes(ER, er_routes(neighbor=down))] == ["bgp.state"]


def test_absent_neighbor_is_explained_by_a_whole_configuration() -> None:
    for changed, cause in (
        (config(agreeing.CONFIG_TEXT.replace("ipv4 vrf blue", "ipv4 vrf red")), "other-vrf"),
        (config(agreeing.CONFIG_TEXT.replace("neighbor 172.20.1.2", "neighbor 172.20.1.9")), "not-configured"),
        (
            config(bgp=replace(BGP, neighbors=tuple(replace(each, activated=False) for each in BGP.neighbors))),
            "not-activated",
        ),
        (HIDDEN, "missing"),
    ):
        found = announce.announced(ER, er_routes(neighbor=None, config=changed))
        assert [(each.rule, each.cause) for each in found] == [("bgp.neighbor", cause)]


def test_a_neighbor_that_is_shown_and_not_activated_is_named_as_such() -> None:
    idle = neighbor(ER, state="Idle")
    left_out = config(bgp=replace(BGP, neighbors=tuple(replace(each, activated=False) for each in BGP.neighbors)))
    found = session.neighbor(ER, ObservedSession(idle, (), left_out))
    assert [(each.rule, each.cause) for each in found] == [("bgp.neighbor", "not-activated")]
    for observed in (
        ObservedSession(neighbor(ER), (), left_out),  # Established: another address family carries it
        ObservedSession(idle, (), config()),
        ObservedSession(idle, (), None),
    ):
        assert session.neighbor(ER, observed) == []


def test_intent_that_says_nothing_is_out_of_scope_and_has_no_finding() -> None:
    bare = replace(INTERFACE, vlans=None, address=None, route_distinguisher=None)
    for rule in ("interface.tags", "interface.address", "interface.route-distinguisher"):
        assert scope.reason_not_judged(rule, bare)
        assert scope.reason_not_judged(rule, INTERFACE) is None
    silent = replace(
        ER,
        local_address=None,
        hold_time=None,
        keepalive=None,
        soft_reconfiguration=False,
        local_preference=None,
        announce=None,
        receive=None,
    )
    for rule in ("bgp.source", "bgp.timers", "bgp.soft-reconfiguration", "policy.local-preference"):
        assert scope.reason_not_judged(rule, silent)
        assert scope.reason_not_judged(rule, ER) is None
    for rule in ("routes.announced", "routes.received"):
        assert scope.reason_not_judged(rule, silent)
    assert scope.reason_not_judged("bgp.state", silent) is None
    assert scope.reason_not_judged("site.backup", replace(SITE, backed_up=frozenset()))
    assert scope.reason_not_judged("site.backup", SITE) is None
    assert scope.reason_not_judged("site.rib", replace(SITE, prefer=(), sessions=()))
    assert preference.rib(replace(SITE, prefer=(), sessions=()), site()) == []


def test_what_was_not_asked_for_raises_where_the_verdict_rests_on_it() -> None:
    bare = ObservedTunnel(interface=TUNNEL_INTERFACE)
    for judge in (ike.sa, ike.algorithms, ike.nat, ipsec.sa, ipsec.transform, ipsec.traffic, ipsec.errors):
        with pytest.raises(UndeterminedError) as raised:
            judge(TUNNEL, bare)
        assert raised.value.cause == "not-collected"
    with pytest.raises(UndeterminedError):
        tunnel.source(TUNNEL, bare)
    for judge in (tunnel.state, tunnel.destination, tunnel.protection, tunnel.mode):
        assert judge(TUNNEL, bare) == []


def test_a_tunnel_that_is_down_is_found_without_knowing_why() -> None:
    down = ObservedTunnel(interface=replace(TUNNEL_INTERFACE, line_protocol="down"))
    assert [each.cause for each in tunnel.state(TUNNEL, down)] == ["protocol-down"]


ABOUT_THE_PORT = "show logging | include TenGigabitEthernet0/0/1.120"


@pytest.mark.parametrize(
    ("line_protocol", "words", "command"),
    [
        ("up", "is up again: the session is still coming up", ABOUT_THE_PORT),
        ("down", "towards the neighbor is down", ABOUT_THE_PORT),
        (None, "the interface towards the neighbor went down", f"show logging | include {ER.neighbor}"),
    ],
)
def test_an_interface_that_went_down_is_told_as_it_is_now(line_protocol: str | None, words: str, command: str) -> None:
    flapped = neighbor(ER, state="Idle", last_reset=LastReset(timedelta(seconds=60), "Interface flap"))
    now = OBSERVED_INTERFACE.interface
    assert now is not None
    interface = None if line_protocol is None else replace(now, line_protocol=line_protocol)
    (found,) = session.state(ER, ObservedSession(flapped, (), interface=interface))
    assert found.cause == "interface-down"
    assert words in str(found.likely)
    assert str(found.likely).endswith("(last reset: Interface flap)")
    assert found.next_command == command


def _cited(findings: list[Finding], of: str) -> list[str]:
    """The lines of the configuration that findings name, stripped."""
    lines = of.splitlines()
    return [
        lines[number - 1].strip()
        for finding in findings
        for each in finding.evidence
        if each.command == "show running-config"
        for number in range((each.lines or (0, -1))[0], (each.lines or (0, -1))[1] + 1)
    ]


@pytest.mark.parametrize(
    ("judge", "change", "old", "new", "cited"),
    [
        (
            policy.bound,
            {"neighbor": neighbor(ER, route_map_in=None)},
            "  neighbor 172.20.1.2 route-map RAISE in\n",
            "",
            "neighbor 172.20.1.2 remote-as 64512",
        ),
        (
            policy.defined,
            {"route_maps": ()},
            "route-map RAISE permit 10\n set local-preference 300\n",
            "",
            "neighbor 172.20.1.2 route-map RAISE in",
        ),
        (
            policy.local_preference,
            {"accepted": routes("accepted", MSEE, [path(SHARED, MSEE, 64512, local_preference=None)])},
            " set local-preference 300\n",
            "",
            "route-map RAISE permit 10",
        ),
    ],
    ids=["bound", "defined", "local preference"],
)
def test_lines_of_the_policy_are_named(
    judge: Callable[..., list[Finding]], change: dict[str, Any], old: str, new: str, cited: str
) -> None:
    assert old in agreeing.CONFIG_TEXT
    changed = agreeing.CONFIG_TEXT.replace(old, new)
    undeclared = replace(ER, policy=Policy())
    named = _cited(judge(undeclared, er_policy(**change, config=config(changed))), changed)
    assert cited in named
    assert len(named) < 8


def test_the_policy_of_a_neighbor_that_is_missing_is_told_of_the_neighbor() -> None:
    (found,) = policy.defined(ER, er_policy(neighbor=None))
    assert (found.rule, found.object) == ("bgp.neighbor", ER.id)


@pytest.mark.parametrize("lent", [None, IPv4Address("172.20.1.9")])
def test_a_host_address_that_is_expected_is_borrowed_from_no_other(lent: IPv4Address | None) -> None:
    host = replace(INTERFACE, address=IPv4Interface("172.20.1.1/32"))
    borrows = replace(OBSERVED_INTERFACE.interface, address=None, borrowed=lent, lender="Loopback1" if lent else None)
    (found,) = interface.address(host, replace(OBSERVED_INTERFACE, interface=borrows))
    assert found.rule == "interface.address"
    own = replace(borrows, borrowed=IPv4Address("172.20.1.1"), lender="Loopback1")
    assert interface.address(host, replace(OBSERVED_INTERFACE, interface=own)) == []
