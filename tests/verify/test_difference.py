"""One difference at a time: found once, by its rule and cause, in words; what the intent expects is only told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Interface, ip_address, ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify import verify_records as agreeing
from verify.verify_records import ER, ESP, GATEWAY, IKE_SA, LOCAL, MSEE, ONLY_ER, SHARED, SITE, TUNNEL, VPN, VRF

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.router_scope import ExpectedConfiguration
from pytest_azinterop.state.device import InterfaceCounters
from pytest_azinterop.verify import change, difference, difference_bgp
from pytest_azinterop.verify.change import Change, Compared
from pytest_azinterop.verify.difference_bgp import SessionRoutes, VrfScope
from pytest_azinterop.verify.difference_paths import Tables
from pytest_azinterop.verify.difference_vpn import Associations
from pytest_azinterop.verify.rules_baseline import RULES

ROUTER = ExpectedConfiguration("edge-a", (ER, VPN), (agreeing.INTERFACE,), (TUNNEL,), (SITE,))
SCOPE = VrfScope("edge-a", VRF, ("blue",), (ER, VPN, agreeing.INTERNAL_A), (SITE,), {ip_address("10.7.9.2"): "edge-b"})
LATER = 3600  # seconds between baseline and now
FACTS = agreeing.OBSERVED_DEVICE.facts
INTERFACE = agreeing.OBSERVED_INTERFACE.interface
assert INTERFACE is not None
COUNTED = replace(INTERFACE, counters=InterfaceCounters(50_000, 5_000_000, 40_000, 4_000_000))
NEIGHBORS = (agreeing.neighbor(ER), agreeing.neighbor(VPN))
ROUTES = SessionRoutes(
    NEIGHBORS,
    accepted={MSEE: agreeing.routes("accepted", MSEE, agreeing.ER_ACCEPTED)},
    received={MSEE: agreeing.routes("received", MSEE, agreeing.ER_RECEIVED)},
    advertised={MSEE: agreeing.routes("advertised", MSEE, (LOCAL,))},
)
TABLE = agreeing.table(agreeing.TABLE)
SAS = Associations(
    (IKE_SA,), (agreeing.identity(1_000_000, 2_000_000, 0),), (agreeing.identity(1_000_000, 2_000_000, 0),)
)


def after(record: Any, **changes: Any) -> Any:
    """A record of an hour later."""
    source = replace(record.source, asked_at=record.source.asked_at + timedelta(seconds=LATER))
    return replace(record, source=source, **changes)


def established(**changes: Any) -> Any:
    return after(agreeing.neighbor(ER, in_state_for=timedelta(days=2)), **changes)


def neighbors(**changes: Any) -> tuple[Any, ...]:
    return (established(**changes), after(agreeing.neighbor(VPN)))


def routes(view: str, *prefixes: Any, **others: Any) -> SessionRoutes:
    paths = [agreeing.path(prefix, MSEE, 64512, local_preference=300) for prefix in prefixes]
    return replace(ROUTES, **{view: {MSEE: agreeing.routes(view, MSEE, paths)}}, **others)


def tables(*paths: Any) -> Tables:
    return Tables(agreeing.table(paths))


def moved(prefix: Any) -> tuple[Any, ...]:
    """The table in which the VPN's path of this prefix has become the best one."""
    return tuple(
        replace(path, best=path.next_hop == GATEWAY) if path.prefix == prefix else path for path in agreeing.TABLE
    )


def with_first(changed: Any) -> tuple[Any, ...]:
    return tuple(changed if path is agreeing.ER_ACCEPTED[0] else path for path in agreeing.TABLE)


def sas(ike: tuple[Any, ...] = (IKE_SA,), first: Any = None, **changes: Any) -> Associations:
    now = after(agreeing.identity(1_000_900, 2_000_900, 0, **changes))
    return Associations(ike, (now,), (first or after(agreeing.identity(1_000_800, 2_000_800, 0)),))


def config(old: str, new: str) -> Any:
    return agreeing.config_with(old, new)


ER_WORDS = f"edge-a vrf {VRF} {MSEE} (ExpressRoute, circuit-n primary)"
RELOADED = after(FACTS, uptime=timedelta(minutes=30), last_reload_reason="PowerOn")
OVERTAKEN = Compared(FACTS, after(FACTS, uptime=FACTS.uptime + timedelta(hours=1)))
CASES: list[tuple[Callable[[Any, Any], list[Change]], Any, Any, Any, dict[str, tuple[Any, str, str, str]]]] = [
    (
        difference.router_device_changes,
        ROUTER,
        FACTS,
        after(FACTS, uptime=FACTS.uptime + timedelta(hours=1)),
        {
            "reload": (RELOADED, "device", "reloaded", "edge-a: was reloaded since the baseline (PowerOn)"),
            "release": (
                after(FACTS, release="17.12.01"),
                "device",
                "other-software",
                "edge-a: release is now 17.12.01, was 17.09.04a",
            ),
            "chassis": (after(FACTS, serial="FXS9"), "device", "other-hardware", "edge-a: serial number is now FXS9"),
        },
    ),
    (
        difference.interface_changes,
        ROUTER,
        (COUNTED,),
        (after(COUNTED, counters=InterfaceCounters(60_000, 6_000_000, 49_999, 5_000_000)),),
        {
            "down": (
                (after(COUNTED, status="down", line_protocol="down"),),
                "interface",
                "state",
                "edge-a TenGigabitEthernet0/0/1.120: is now down, line protocol down, was up, line protocol up",
            ),
            "address": (
                (after(COUNTED, address=IPv4Interface("172.20.1.9/30")),),
                "interface",
                "setting",
                "address is now 172.20.1.9/30, was 172.20.1.1/30",
            ),
            "gone": ((), "interface", "gone", "is gone, was up"),
            "new": ((COUNTED, after(COUNTED, name="Loopback7")), "interface", "appeared", "edge-a Loopback7: is new"),
            "cleared": (
                (after(COUNTED, counters=InterfaceCounters(12, 1200, 40_100, 4_000_000)),),
                "counters",
                "reset",
                "input packets are 12, were 50000",
            ),
        },
    ),
    (
        difference.association_changes,
        ROUTER,
        SAS,
        sas(),
        {
            "IKE gone": (sas(ike=()), "ike", "gone", "is gone, was READY"),
            "IKE not ready": (sas(ike=(replace(IKE_SA, status="IN-NEG"),)), "ike", "state", "is now IN-NEG, was READY"),
            "IKE new": (
                sas(ike=(IKE_SA, replace(IKE_SA, remote_address=ip_address("203.0.113.99")))),
                "ike",
                "appeared",
                "to 203.0.113.99: is new, and READY",
            ),
            "IKE algorithms": (
                sas(ike=(replace(IKE_SA, dh_group=2, encryption="3DES"),)),
                "ike",
                "algorithms",
                "encryption is now 3DES, was AES-CBC-256; DH group is now 2, was 14",
            ),
            "no SA pair": (sas(inbound=(), outbound=()), "ipsec", "gone", "has no SA pair any more"),
            "transform": (
                sas(outbound=(replace(ESP, transform="esp-3des esp-sha-hmac"),)),
                "ipsec",
                "algorithms",
                "outbound transform is now esp-3des esp-sha-hmac (tunnel), was esp-256-aes",
            ),
            "set up anew": (
                Associations((IKE_SA,), (after(agreeing.identity(7, 9, 0)),), (after(agreeing.identity(5, 6, 0)),)),
                "counters",
                "reset",
                "encrypted packets are 7, were 1000000; decrypted packets are 9, were 2000000",
            ),
            "standing still": (
                Associations((IKE_SA,), *[(after(agreeing.identity(1_000_000, 2_000_500, 0)),)] * 2),
                "counters",
                "not-growing",
                "encrypted packets are still 1000000",
            ),
        },
    ),
    (
        difference.configuration_changes,
        ROUTER,
        agreeing.config(),
        agreeing.config(),
        {
            "a line of a section": (
                config(" set local-preference 300\n", " set local-preference 20\n"),
                "configuration",
                "changed",
                "edge-a configuration, route-map RAISE permit 10: removed: `set local-preference 300`; "
                "added: `set local-preference 20`",
            ),
            "a whole section": (
                agreeing.config_adding("route-map NEW permit 10\n set weight 9\n"),
                "configuration",
                "changed",
                "edge-a configuration, route-map NEW permit 10: added: `route-map NEW permit 10` with 1 line below it",
            ),
        },
    ),
    (
        difference.neighbor_changes,
        SCOPE,
        NEIGHBORS,
        neighbors(),
        {
            "shut": (
                neighbors(state="Idle", shutdown=True, in_state_for=None),
                "neighbor",
                "state",
                f"{ER_WORDS}: is now Idle (administratively shut), was Established",
            ),
            "gone": ((after(agreeing.neighbor(VPN)),), "neighbor", "gone", f"{ER_WORDS}: is gone, was Established"),
            "new": (
                (*neighbors(), established(address=ip_address("172.20.1.99"))),
                "neighbor",
                "appeared",
                "172.20.1.99: is new, and Established",
            ),
            "timers": (neighbors(hold_time=30), "neighbor", "setting", "hold time is now 30, was 180"),
            "policy": (neighbors(route_map_in=None), "neighbor", "setting", "inbound route-map is now none, was RAISE"),
            "reset, by its age": (
                neighbors(in_state_for=timedelta(minutes=2)),
                "session-reset",
                "reset",
                "was reset since the baseline: it is up for 0:02:00, and was for 2 days",
            ),
            "reset, by its count": (
                neighbors(connections_dropped=1),
                "session-reset",
                "reset",
                "connections dropped are 1, were 0",
            ),
        },
    ),
    (
        difference.prefix_changes,
        SCOPE,
        ROUTES,
        ROUTES,
        {
            "withdrawn": (
                routes(
                    "accepted", SHARED, received={MSEE: agreeing.routes("received", MSEE, agreeing.ER_RECEIVED[:1])}
                ),
                "received",
                "lost",
                f"{ER_WORDS}: no longer received: {ONLY_ER} (now 1, was 2)",
            ),
            "filtered": (
                routes("accepted", SHARED),
                "received",
                "not-accepted",
                f"{ER_WORDS}: received, and no longer accepted: {ONLY_ER} (now 1, was 2)",
            ),
            "more": (
                routes("accepted", SHARED, ONLY_ER, ip_network("10.99.0.0/16")),
                "received",
                "gained",
                f"{ER_WORDS}: newly accepted: 10.99.0.0/16 (now 3, was 2)",
            ),
            "leaked": (
                routes("advertised", agreeing.OWN, SHARED),
                "advertised",
                "gained",
                f"{ER_WORDS}: newly advertised: {SHARED} (now 2, was 1)",
            ),
            "not announced": (
                routes("advertised"),
                "advertised",
                "lost",
                f"{ER_WORDS}: no longer advertised: {agreeing.OWN} (now 0, was 1)",
            ),
        },
    ),
    (
        difference.path_changes,
        SCOPE,
        Tables(TABLE),
        Tables(after(TABLE)),
        {
            "another best path": (
                tables(*moved(SHARED)),
                "best-path",
                "moved",
                f"edge-a vrf {VRF}: {SHARED} is now best via VPN (gateway-n), was ExpressRoute (circuit-n primary)",
            ),
            "a local prefix is gone": (
                tables(*agreeing.TABLE[1:]),
                "best-path",
                "gone",
                f"{agreeing.OWN} is in the table no longer, was best via this router itself",
            ),
            "a prefix of nobody declared": (
                tables(*agreeing.TABLE, agreeing.path("10.88.0.0/16", "192.0.2.1")),
                "best-path",
                "appeared",
                "10.88.0.0/16 is new in the table, best via next hop 192.0.2.1",
            ),
            "local preference": (
                tables(*with_first(replace(agreeing.ER_ACCEPTED[0], local_preference=20))),
                "attributes",
                "local-preference",
                f"{ER_WORDS}: local preference of {SHARED} is now 20, was 300",
            ),
            "prepended": (
                tables(*with_first(replace(agreeing.ER_ACCEPTED[0], as_path=agreeing.as_path(64512, 64512)))),
                "attributes",
                "as-path",
                f"{ER_WORDS}: AS path of {SHARED} is now 64512 64512, was 64512",
            ),
            "metric": (
                tables(*with_first(replace(agreeing.ER_ACCEPTED[0], metric=7))),
                "attributes",
                "metric",
                f"{ER_WORDS}: MED of {SHARED} is now 7, was none",
            ),
            "weight": (
                tables(*with_first(replace(agreeing.ER_ACCEPTED[0], weight=5))),
                "attributes",
                "weight",
                f"{ER_WORDS}: weight of {SHARED} is now 5, was 0",
            ),
            "origin": (
                tables(*with_first(replace(agreeing.ER_ACCEPTED[0], origin="?"))),
                "attributes",
                "origin",
                f"{ER_WORDS}: origin of {SHARED} is now ?, was i",
            ),
        },
    ),
]


@pytest.mark.parametrize(
    ("judge", "expected", "before", "now"), [pytest.param(*case[:4], id=case[0].__name__) for case in CASES]
)
def test_what_is_the_same_is_no_difference(judge: Any, expected: Any, before: Any, now: Any) -> None:
    assert judge(expected, Compared(before, now)) == []


@pytest.mark.parametrize(
    ("judge", "expected", "before", "now", "rule", "cause", "words"),
    [
        pytest.param(judge, expected, before, *changed, id=f"{judge.__name__}: {name}")
        for judge, expected, before, _, changes in CASES
        for name, changed in changes.items()
    ],
)
def test_one_difference_is_found_once(
    judge: Any, expected: Any, before: Any, now: Any, rule: str, cause: str, words: str
) -> None:
    (found,) = judge(expected, Compared(before, now))
    assert (found.finding.rule, found.finding.cause) == (f"baseline.{rule}", cause)
    assert words in found.finding.message
    assert found.finding.object.startswith("edge-a")
    assert found.finding.evidence
    assert found.expected is None
    public = getattr(
        difference, next(each for each in RULES if each.name == found.finding.rule).judged_by.split(".")[1]
    )
    assert found.finding in public(expected, Compared(before, now))


def test_every_cause_is_shown() -> None:
    shown = {(f"baseline.{rule}", cause) for *_, changes in CASES for _, rule, cause, _ in changes.values()}
    every = {(rule.name, cause) for rule in RULES for cause in rule.causes}
    # Only ever a repair: below; or of Azure, in a file of its own.
    assert every - shown == {("baseline.ipsec", "appeared"), ("baseline.azure", "changed")}


@pytest.mark.parametrize(
    ("judge", "expected", "before", "now", "reason"),
    [
        (difference.neighbor_changes, SCOPE, neighbors(state="Active", in_state_for=None), NEIGHBORS, "Established"),
        (difference.neighbor_changes, SCOPE, NEIGHBORS[1:], NEIGHBORS, "declares"),
        (difference.prefix_changes, SCOPE, routes("advertised", agreeing.OWN, SHARED), ROUTES, "declares"),
        (difference.path_changes, SCOPE, tables(*moved(SHARED)), Tables(TABLE), "prefers ExpressRoute"),
        (
            difference.path_changes,
            SCOPE,
            tables(*with_first(replace(agreeing.ER_ACCEPTED[0], local_preference=20))),
            Tables(TABLE),
            "declares 300",
        ),
        (difference.interface_changes, ROUTER, (replace(COUNTED, status="down"),), (COUNTED,), "wants it up"),
        (difference.association_changes, ROUTER, sas(ike=()), SAS, "declares the tunnel"),
        (difference.association_changes, ROUTER, sas(inbound=(), outbound=()), SAS, "declares the tunnel"),
    ],
)
def test_what_the_intent_expects_is_told_with_its_reason(
    judge: Any, expected: Any, before: Any, now: Any, reason: str
) -> None:
    (found,) = judge(expected, Compared(before, now))
    assert reason in str(found.expected)
    assert change.unexpected([found]) == []


def test_a_session_that_went_down_tells_of_its_prefixes_itself() -> None:
    down = replace(
        ROUTES, neighbors=neighbors(state="Idle", in_state_for=None), accepted={}, received={}, advertised={}
    )
    assert difference.prefix_changes(SCOPE, Compared(ROUTES, down)) == []
    was = (replace(NEIGHBORS[0], accepted_prefixes=2), NEIGHBORS[1])
    (found,) = difference.neighbor_changes(SCOPE, Compared(was, down.neighbors))
    assert found.finding.message.endswith("is now Idle, was Established with 2 accepted prefixes")


def test_what_another_edge_router_passes_on_is_told_there() -> None:
    peer = ip_address("10.7.9.2")
    own = [
        agreeing.path(SHARED, peer, asn, internal=True, local_preference=lp) for asn, lp in ((64512, 300), (64513, 100))
    ]
    theirs = [
        agreeing.table([agreeing.ER_ACCEPTED[0]]),
        agreeing.table([agreeing.path(SHARED, GATEWAY, 64513, local_preference=None)]),
    ]
    before, now = (Tables(agreeing.table([path]), {peer: table}) for path, table in zip(own, theirs, strict=True))
    assert difference.path_changes(SCOPE, Compared(before, now)) == []
    alone = Compared(Tables(before.own), Tables(now.own))
    causes = {each.finding.cause for each in difference.path_changes(SCOPE, alone)}
    assert causes == {"as-path", "local-preference"}


def test_lines_in_another_order_are_a_difference() -> None:
    text = "ip access-list extended X\n 10 permit ip any any\n 20 deny ip any any\n"
    turned = "ip access-list extended X\n 20 deny ip any any\n 10 permit ip any any\n"
    compared = Compared(agreeing.config_adding(text), agreeing.config_adding(turned))
    (found,) = difference.configuration_changes(ROUTER, compared)
    assert "the same lines stand in another order" in found.finding.message


@pytest.mark.parametrize("changes", [{"whole": False}, {"hidden": True}])
@pytest.mark.parametrize("place", ["before", "after"])
def test_half_a_configuration_is_not_compared(changes: dict[str, bool], place: str) -> None:
    compared = replace(Compared(agreeing.config(), agreeing.config()), **{place: agreeing.config(**changes)})
    with pytest.raises(UndeterminedError):
        difference.configuration_changes(ROUTER, compared)


@given(
    st.timedeltas(timedelta(0), timedelta(days=900)), st.timedeltas(timedelta(0), timedelta(days=400)), st.booleans()
)
def test_a_session_that_goes_on_is_never_called_reset(age: timedelta, passed: timedelta, newer: bool) -> None:
    """Ages as printed: truncated to hours, days or weeks."""

    def printed(value: timedelta) -> timedelta:
        years = value // timedelta(days=365) * timedelta(days=365)
        rest = value - years
        for least, unit in ((timedelta(weeks=1), timedelta(days=1)), (timedelta(days=1), timedelta(hours=1))):
            if not years and rest >= least:
                return rest - rest % unit
        if years:
            return years + rest - rest % timedelta(weeks=1)
        return value - value % timedelta(seconds=1)

    assert not change.is_newer(printed(age), agreeing.NOON, printed(age + passed), agreeing.NOON + passed)
    restarted = passed / 4  # set up anew after the baseline
    if newer and restarted > timedelta(minutes=2):
        coarse = timedelta(weeks=1) if restarted >= timedelta(days=365) else timedelta(days=1)
        if passed - restarted > coarse:
            assert change.is_newer(printed(age), agreeing.NOON, printed(restarted), agreeing.NOON + passed)


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_counter_that_grows_never_went_back(before: int, more: int) -> None:
    assert not change.went_back(before, before + more)
    assert not change.went_back(2**32 - 5, 3)


def test_a_new_prefix_that_a_neighbor_in_azure_announces_is_told_with_its_routes() -> None:
    new = ip_network("10.77.0.0/24")
    before = Tables(TABLE)
    assert (
        difference.path_changes(SCOPE, Compared(before, tables(*agreeing.TABLE, agreeing.path(new, MSEE, 64512)))) == []
    )
    own = agreeing.path(new, "0.0.0.0", weight=32768)
    (found,) = difference.path_changes(SCOPE, Compared(before, tables(*agreeing.TABLE, own)))
    assert found.finding.cause == "appeared"


def test_a_prefix_that_another_edge_router_gained_is_told_there() -> None:
    peer = ip_address("10.7.9.2")
    passed_on = agreeing.path(ONLY_ER, peer, 64513, internal=True, local_preference=100)
    before = Tables(agreeing.table([]), {peer: agreeing.table([])})
    now = Tables(agreeing.table([passed_on]), {peer: agreeing.table([agreeing.path(ONLY_ER, GATEWAY, 64513)])})
    assert difference.path_changes(SCOPE, Compared(before, now)) == []
    alone = difference.path_changes(SCOPE, Compared(Tables(before.own), Tables(now.own)))
    assert [each.finding.cause for each in alone] == ["appeared"]


def test_a_move_within_a_role_or_from_an_unknown_neighbor_is_judged_by_the_role_that_it_comes_to() -> None:
    other, stranger = ip_address("172.20.1.6"), ip_address("192.0.2.77")
    twice = replace(SCOPE, sessions=(*SCOPE.sessions, replace(ER, neighbor=other, path="circuit-n secondary")))

    def expected(old: Any, new: Any) -> str | None:
        before, now = (tables(agreeing.path(SHARED, hop, 64512)) for hop in (old, new))
        best = [each for each in difference.path_changes(twice, Compared(before, now)) if each.finding.cause == "moved"]
        (found,) = best
        return found.expected

    assert expected(MSEE, other) is None
    assert "prefers ExpressRoute" in str(expected(stranger, MSEE))
    assert expected(MSEE, stranger) is None


@pytest.mark.parametrize(("count", "told"), [(20, 20), (21, 1)])
def test_many_prefixes_that_move_together_are_told_together(count: int, told: int) -> None:
    prefixes = [ip_network(f"10.90.{number}.0/24") for number in range(count)]
    before, now = (tables(*(agreeing.path(each, hop, 64512) for each in prefixes)) for hop in (MSEE, GATEWAY))
    found = [
        each.finding
        for each in difference.path_changes(SCOPE, Compared(before, now))
        if each.finding.rule == "baseline.best-path"
    ]
    assert len(found) == told
    assert {each.cause for each in found} == {"moved"}
    if told == 1:
        assert f"{count} prefixes are now best via" in found[0].message
        assert "10.90.0.0/24" in found[0].message


def test_an_address_that_the_intent_declares_is_expected() -> None:
    assert agreeing.INTERFACE.address == COUNTED.address
    was = (replace(COUNTED, address=IPv4Interface("172.20.1.9/30")),)
    (found,) = difference.interface_changes(ROUTER, Compared(was, (after(COUNTED),)))
    assert found.expected == "the intent declares it so"
    undeclared = replace(ROUTER, interfaces=(replace(agreeing.INTERFACE, address=None),))
    for now in (COUNTED, replace(COUNTED, address=None)):
        (found,) = difference.interface_changes(undeclared, Compared(was, (after(now),)))
        assert found.expected is None


def test_a_scope_has_the_sessions_and_sites_of_its_vrf_and_family() -> None:
    far = replace(SITE, customer="red", vrf="red", sessions=(replace(VPN, vrf="red"),))
    six = replace(SITE, version=6, sessions=(replace(ER, neighbor=ip_address("2001:db8::2")),))
    sites = (SITE, far, six)
    everything: Any = SimpleNamespace(sites=sites, sessions=tuple(each for site in sites for each in site.sessions))
    found = difference_bgp.scopes(everything)
    assert [(each.router, each.vrf, each.version, each.customers) for each in found] == [
        ("edge-a", VRF, 4, ("blue",)),
        ("edge-a", "red", 4, ("red",)),
        ("edge-a", VRF, 6, ("blue",)),
    ]
    assert [each.sites for each in found] == [(SITE,), (far,), (six,)]
    assert [each.sessions for each in found] == [SITE.sessions, far.sessions, six.sessions]


@pytest.mark.parametrize("gone", [{"inbound": ()}, {"outbound": ()}, {"inbound": (), "outbound": ()}])
def test_the_settings_of_a_tunnel_without_sas_are_no_difference(gone: dict[str, Any]) -> None:
    assert difference.association_changes(ROUTER, Compared(sas(**gone), sas(**gone, peer_port=4501, pfs=True))) == []
