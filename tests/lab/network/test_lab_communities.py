"""Communities: what far ends attach, what policy makes of them, what a prefix then shows."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.network.test_lab_published import (
    BRANCH,
    DATA,
    FAMILY,
    GATEWAY,
    HUB,
    MSEE,
    REMOTE,
    SPOKE,
    TWIN,
    configure,
    network,
)

from pytest_azinterop.lab.config.communities import community, number, ordered, printed
from pytest_azinterop.lab.network.bgp_records import BgpPath
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.topology import TopologyError, load_topology

__all__ = ["network"]
EAST, WEST = "12076:51004", "12076:51026"
MAP = "prefer-ER-over-VPN"


@pytest.fixture
def edge(network: Simulation) -> Router:
    router = network.router("ce1-loc1")
    configure(router, "ip bgp-community new-format")
    return router


def paths(router: Router, prefix: IPv4Network) -> list[BgpPath]:
    entry = router.bgp_entry("30", prefix)
    return [] if entry is None else list(entry.paths)


def kinds(router: Router, prefix: IPv4Network) -> list[tuple[object, str, tuple[str, ...]]]:
    """Neighbor, how the path is used, communities; in the order of the router."""
    return [
        (
            each.from_neighbor,
            "received-only" if each.received_only else "best" if each.best else "used",
            each.communities,
        )
        for each in paths(router, prefix)
    ]


def soft_in(router: Router) -> None:
    router.clear_bgp("30", MSEE, soft="in")


@given(st.integers(1, 2**32 - 1))
def test_the_three_ways_to_write_a_community_mean_the_same(value: int) -> None:
    text = community(str(value))
    assert text is not None
    assert number(text) == value
    assert community(f"{value >> 16}:{value & 0xFFFF}") == text
    assert community(printed(text, new_format=False)) == community(printed(text, new_format=True)) == text


@pytest.mark.parametrize("word", ["", "1:70000", "70000:1", "no-exports", "1:2:3", str(2**32), "-1", "\u0661:1"])
def test_what_is_no_community(word: str) -> None:
    assert community(word) is None


def test_they_stand_in_the_order_of_their_numbers() -> None:
    assert ordered(("no-export", "65021:7", "9:9", "65021:7")) == ("9:9", "65021:7", "no-export")


def test_an_msee_attaches_the_region_and_a_vpn_gateway_nothing(edge: Router) -> None:
    assert kinds(edge, HUB) == [
        (MSEE, "best", (EAST,)),
        (MSEE, "received-only", (EAST,)),
        (GATEWAY, "used", ()),
    ]
    assert {each[2] for each in kinds(edge, REMOTE)} == {(WEST,)}
    assert all(each[2] == () for each in kinds(edge, BRANCH))


def test_without_the_new_format_they_are_numbers(edge: Router) -> None:
    configure(edge, "no ip bgp-community new-format")
    assert kinds(edge, HUB)[0][2] == (str(12076 * 65536 + 51004),)


def test_policy_unchanged_is_received_and_used(edge: Router) -> None:
    configure(edge, *FAMILY, f"no neighbor {MSEE} route-map {MAP} in")
    soft_in(edge)
    assert sorted(kind for _, kind, _ in kinds(edge, SPOKE)) == ["best", "used"]


def test_set_community_replaces_unless_additive(edge: Router) -> None:
    configure(edge, f"route-map {MAP} permit 10", "set community 65021:9 no-export additive")
    soft_in(edge)
    assert kinds(edge, HUB)[0] == (MSEE, "best", (EAST, "65021:9", "no-export"))
    configure(edge, f"route-map {MAP} permit 10", "set community 65021:9")
    soft_in(edge)
    assert kinds(edge, HUB)[:2] == [(MSEE, "best", ("65021:9",)), (MSEE, "received-only", (EAST,))]
    configure(edge, f"route-map {MAP} permit 10", "set community none")
    soft_in(edge)
    assert kinds(edge, HUB)[0][2] == ()


@pytest.mark.parametrize(
    ("community_list", "match", "taken"),
    [
        (f"standard region permit {WEST}", "region", True),
        (f"standard region permit {number(WEST)}", "region", True),
        (f"standard region permit {WEST} 1:1", "region", False),
        ("standard region permit internet", "region", True),
        (f"standard region permit {WEST}", "region exact-match", True),
        ("standard region permit internet", "region exact-match", False),
        ("expanded region permit ^12076:510[0-9]+$", "region", True),
        ("expanded region permit _51004", "region", False),
        (f"17 permit {WEST}", "17", True),
        ("117 permit 51026$", "117", True),
        (f"standard region deny {WEST}", "region", False),
    ],
)
def test_a_community_list_decides(edge: Router, community_list: str, match: str, taken: bool) -> None:
    configure(
        edge, f"ip community-list {community_list}", f"route-map {MAP} permit 5", f"match community {match}",
        "set local-preference 333",
    )  # fmt: skip
    soft_in(edge)
    assert (paths(edge, REMOTE)[0].local_preference == 333) is taken


def test_a_denied_prefix_is_received_only_and_not_in_the_table(edge: Router) -> None:
    configure(
        edge, f"ip prefix-list far seq 5 permit {REMOTE}", f"route-map {MAP} deny 5", "match ip address prefix-list far"
    )
    soft_in(edge)
    assert [(kind, each) for _, kind, each in kinds(edge, REMOTE)] == [("received-only", (WEST,))]
    table = edge.bgp_table("30")
    assert table is not None
    assert REMOTE not in {entry.prefix for entry in table.entries}
    received = edge.received_routes("30", MSEE)
    assert received is not None
    assert REMOTE in {entry.prefix for entry in received.entries}
    configure(edge, *FAMILY, f"no neighbor {MSEE} soft-reconfiguration inbound")
    assert paths(edge, REMOTE) == []


def test_communities_are_sent_only_where_it_says_so(network: Simulation, edge: Router) -> None:
    twin = network.router("ce2-loc1")
    configure(twin, "ip bgp-community new-format")

    def seen() -> set[tuple[str, ...]]:
        return {each.communities for each in paths(twin, REMOTE) if each.internal}

    assert seen() == {()}
    configure(edge, *FAMILY, f"neighbor {TWIN} send-community standard")
    assert f"  neighbor {TWIN} send-community\n" in edge.running_config()
    edge.clear_bgp("30", TWIN, soft="out")
    assert seen() == {(WEST,)}
    configure(edge, *FAMILY, f"neighbor {TWIN} send-community extended")
    edge.clear_bgp("30", TWIN, soft="out")
    assert seen() == {()}


def test_no_export_keeps_a_route_within_the_as(network: Simulation, edge: Router) -> None:
    def at_the_msee() -> set[IPv4Network]:
        found = edge.advertised_routes("30", MSEE)
        assert found is not None
        return {entry.prefix for entry in found.entries}

    site = IPv4Network("10.2.30.0/25")
    assert site in at_the_msee()
    configure(edge, "route-map keep permit 10", "set community no-export")
    configure(edge, *FAMILY, "no network 10.2.30.0 mask 255.255.255.128")
    configure(edge, *FAMILY, "network 10.2.30.0 mask 255.255.255.128 route-map keep")
    assert site not in at_the_msee()


def test_a_route_target_stands_on_every_path_of_the_vrf(edge: Router) -> None:
    configure(edge, "ip vrf 30", "route-target export 65021:30")
    shown = {each.received_only: each.extended_communities for each in paths(edge, HUB)}
    assert shown == {False: ("RT:65021:30",), True: ()}


def test_a_scenario_attaches_others(network: Simulation, edge: Router) -> None:
    network.set_far_end("msee-1-primary", communities={HUB: ("65000:1",)})
    assert kinds(edge, HUB)[0][2] == ("65000:1",)
    assert kinds(edge, SPOKE)[0][2] == (EAST,)


@pytest.mark.parametrize(
    "lines",
    [
        (f"route-map {MAP} permit 10", "set community foo"),
        (f"route-map {MAP} permit 10", "set community additive"),
        ("ip community-list standard x permit 12076:51.*",),
        ("ip community-list 501 permit 1:1",),
        (f"route-map {MAP} permit 10", "set comm-list x delete"),
        (f"route-map {MAP} permit 10", "set extcommunity rt 1:1"),
    ],
)
def test_what_is_no_community_is_refused(edge: Router, lines: tuple[str, ...]) -> None:
    editor = edge.configure("someone")
    for line in lines[:-1]:
        assert editor.apply(line).ok
    assert not editor.apply(lines[-1]).ok


def test_a_topology_with_a_wrong_community_names_it(tmp_path: Path) -> None:
    text = (DATA / "published" / "topology.yaml").read_text().replace(f'["{WEST}"]', "[12076:foo]")
    (tmp_path / "topology.yaml").write_text(text)
    with pytest.raises(TopologyError, match=r"vnets.remote.communities: '12076:foo' is not a community"):
        load_topology(tmp_path)
