"""What holds for any network: order does not matter, nothing hides among many, strangers change nothing."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from verify import verify_records as agreeing
from verify.verify_records import ER, MSEE, SITE, TUNNEL, VPN, er_routes, neighbor, path, routes, site, site_router

from pytest_azinterop.state.bgp import BgpPath
from pytest_azinterop.verify import announce, ike, ipsec, policy, preference
from pytest_azinterop.verify.text import clean

NETWORKS = st.integers(0, 2**16 - 1).map(lambda number: ip_network((10 * 2**24 + number * 256, 24)))
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


def learned(preferences: dict[Any, int | None]) -> Any:
    return er_routes(
        accepted=routes("accepted", MSEE, [path(each, local_preference=value) for each, value in preferences.items()])
    )


@SETTINGS
@given(st.dictionaries(NETWORKS, st.one_of(st.none(), st.sampled_from([100, 200, 300, 301])), min_size=1, max_size=12))
def test_any_path_with_another_preference_is_found(preferences: dict[Any, int | None]) -> None:
    found = policy.local_preference(ER, learned(preferences))
    wrong = {prefix for prefix, value in preferences.items() if value != 300}
    assert bool(found) == bool(wrong)
    if len(wrong) <= 5:
        assert all(any(str(prefix) in each.message for each in found) for prefix in wrong)


@SETTINGS
@given(st.permutations(agreeing.TABLE), st.permutations(agreeing.RIB), st.data())
def test_order_of_paths_and_routes_does_not_matter(table: Any, rib: Any, data: st.DataObject) -> None:
    winner = data.draw(st.sampled_from([MSEE, agreeing.GATEWAY, None]))
    changed = [replace(each, best=each.is_local or each.next_hop == winner) for each in table]
    ordered = sorted(changed, key=lambda each: (str(each.prefix), str(each.next_hop)))
    for judge in (preference.best_path, preference.more_specific, preference.static, preference.weight, preference.rib):
        some = judge(SITE, site(site_router(table=agreeing.table(changed), rib=agreeing.rib(rib))))
        same = judge(SITE, site(site_router(table=agreeing.table(ordered))))
        assert {(each.cause, each.object, each.message) for each in some} == {
            (each.cause, each.object, each.message) for each in same
        }


@SETTINGS
@given(st.sets(NETWORKS, max_size=8), st.sets(NETWORKS, max_size=8))
def test_exactly_means_both_directions(declared: set[Any], sent: set[Any]) -> None:
    expected = replace(VPN, announce=agreeing.prefixes(*declared))
    advertised = [replace(agreeing.LOCAL, prefix=each) for each in sent]
    found = announce.announced(
        expected, agreeing.vpn_routes(advertised=routes("advertised", agreeing.GATEWAY, advertised))
    )
    assert bool(found) == (declared != sent)


@SETTINGS
@given(st.lists(NETWORKS, max_size=4), st.sampled_from(["red", "Mgmt-intf", None]))
def test_records_of_another_vrf_change_nothing(networks: list[Any], vrf: str | None) -> None:
    stranger = neighbor(ER, vrf=vrf, state="Idle", shutdown=True)
    strange_routes = routes("accepted", MSEE, [path(each) for each in networks], vrf=vrf)
    with_stranger = site_router(
        neighbors=(stranger, neighbor(ER), neighbor(VPN)),
        accepted=(strange_routes, *site_router().accepted),
    )
    for judge in (preference.best_path, preference.backup, preference.weight, preference.rib):
        assert judge(SITE, site(with_stranger)) == []


@SETTINGS
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 5000),
    st.integers(0, 5000),
)
def test_traffic_is_seen_in_each_direction_whatever_the_counters_were(
    encaps: int, decaps: int, sent: int, received: int
) -> None:
    observed = agreeing.observed_tunnel(
        before=(agreeing.identity(encaps, decaps, 0),),
        after=(agreeing.identity((encaps + sent) % 2**32, (decaps + received) % 2**32, 2),),
    )
    found = ipsec.traffic(TUNNEL, observed)
    assert bool(found) == (not sent or not received)
    if found:
        assert f"{sent} packets encrypted and {received} decrypted" in found[0].message


@SETTINGS
@given(st.text(), st.integers(2, 200))
def test_text_of_a_device_stays_on_one_line_and_bounded(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert cleaned.isprintable()


@SETTINGS
@given(st.text(min_size=1, max_size=30))
def test_only_ready_is_ready(status: str) -> None:
    found = ike.sa(TUNNEL, agreeing.observed_tunnel(ike=(replace(agreeing.IKE_SA, status=status),)))
    assert bool(found) == (status != "READY")


@SETTINGS
@given(st.lists(NETWORKS, min_size=1, max_size=6, unique=True))
def test_every_learned_prefix_is_judged_and_not_only_declared_ones(networks: list[Any]) -> None:
    """A prefix that both roles bring, and that nobody declared, must follow the preference too."""
    er: list[BgpPath] = [path(each, MSEE, 64512, local_preference=300, best=False) for each in networks]
    vpn = [path(each, agreeing.GATEWAY, 64513, weight=1) for each in networks]
    expected = replace(SITE, reach=(("expressroute", agreeing.prefixes()), ("vpn", agreeing.prefixes())))
    router = site_router(
        table=agreeing.table([*er, *vpn]),
        accepted=(routes("accepted", MSEE, er), routes("accepted", agreeing.GATEWAY, vpn)),
    )
    found = preference.best_path(expected, site(router))
    assert {each.cause for each in found} == {"weight"}
