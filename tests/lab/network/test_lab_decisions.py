"""The pure rules of the control plane: best path, policy, longest match, IKEv2 negotiation."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.network.bestpath import Decision, best_path
from pytest_azinterop.lab.network.negotiation import Failure, Side, negotiate, pfs_agrees, transform_words
from pytest_azinterop.lab.network.policy import Candidate, apply_route_map, as_path_permits, prefix_list_permits
from pytest_azinterop.lab.network.records import AccessList, AccessListEntry, NextHop, PrefixList, PrefixListEntry
from pytest_azinterop.lab.network.routes import Attributes, Path, Route, Table

PREFIX = IPv4Network("10.10.30.0/24")
PLAIN = Decision(100, {})


def path(peer: str = "192.0.2.1", kind: str = "external", at: float = 1.0, **attributes: object) -> Path:
    found = Attributes(IPv4Address(peer), (64999,))
    return Path(PREFIX, replace(found, **attributes), kind, IPv4Address(peer), IPv4Address(peer), at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (path(weight=1), path("192.0.2.2", local_preference=500)),
        (path(local_preference=200, as_path=(1, 2, 3)), path("192.0.2.2")),
        (path(), path("192.0.2.2", as_path=(64999, 64999))),
        (path(), path("192.0.2.2", origin="?")),
        (path(med=5), path("192.0.2.2", med=10)),
        (path("192.0.2.9"), path("192.0.2.2", kind="internal")),
        (path("192.0.2.9", at=1.0), path("192.0.2.2", at=2.0)),
        (path("192.0.2.2", kind="internal"), path("192.0.2.9", kind="internal", at=0.5)),
    ],
    ids=["weight", "local preference", "length", "origin", "med", "external", "oldest", "router id"],
)
def test_each_step_decides(better: Path, worse: Path) -> None:
    assert best_path([worse, better], PLAIN) == better
    assert best_path([better, worse], PLAIN) == better


def test_med_of_different_neighbors_is_not_compared_unless_told() -> None:
    old, new = path(med=50, at=1.0), path("192.0.2.2", as_path=(64998,), med=5, at=2.0)
    assert best_path([new, old], PLAIN) == old
    assert best_path([new, old], replace(PLAIN, always_compare_med=True)) == new


def test_a_changed_default_counts_for_paths_without_a_preference() -> None:
    learned, other = path(local_preference=200), path("192.0.2.2")
    assert best_path([learned, other], Decision(250, {})) == other


def test_igp_metric_decides_between_internal_paths() -> None:
    near, far = path("192.0.2.9", kind="internal"), path("192.0.2.2", kind="internal")
    metrics: dict[IPv4Address, int | None] = {near.attributes.next_hop: 2, far.attributes.next_hop: 30}
    assert best_path([far, near], Decision(100, metrics)) == near


PATHS = st.lists(
    st.builds(
        lambda number, weight, preference, length, kind, at: path(
            f"192.0.2.{number}", kind, at, weight=weight, local_preference=preference, as_path=(64999,) * length
        ),
        st.integers(1, 200),
        st.sampled_from([0, 0, 10]),
        st.sampled_from([None, 100, 200]),
        st.integers(1, 3),
        st.sampled_from(["external", "internal"]),
        st.floats(0, 9),
    ),
    max_size=6,
    unique_by=lambda each: each.peer,
)


@given(PATHS, st.randoms())
def test_the_order_of_the_paths_does_not_matter(paths: list[Path], random: object) -> None:
    shuffled = sorted(paths, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert best_path(paths, PLAIN) == best_path(shuffled, PLAIN)
    assert (best_path(paths, PLAIN) is None) == (not paths)


NETWORKS = st.builds(
    lambda number, length: IPv4Network((number, length), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)
)


@given(st.lists(NETWORKS, max_size=20), st.integers(0, 2**32 - 1))
def test_longest_match_agrees_with_looking_at_every_route(networks: list[IPv4Network], number: int) -> None:
    address = IPv4Address(number)
    table = Table(Route(each, "static", 1, 0, (NextHop(None, "Null0"),)) for each in networks)
    expected = max((each.prefixlen for each in networks if address in each), default=None)
    found = table.lookup(address)
    assert (None if found is None else found.prefix.prefixlen) == expected


@given(NETWORKS, NETWORKS, st.integers(0, 32), st.integers(0, 32))
def test_prefix_list_ranges(prefix: IPv4Network, of: IPv4Network, ge: int, le: int) -> None:
    entry = PrefixListEntry(5, True, of, ge, le)
    found = prefix_list_permits(PrefixList("X", (entry,)), prefix)
    assert found == (prefix.subnet_of(of) and (ge or of.prefixlen) <= prefix.prefixlen <= (le or 32))


def settings(**maps: tuple[s.MapEntry, ...]) -> s.Settings:
    lists = {"P": PrefixList("P", (PrefixListEntry(5, True, PREFIX),))}
    return s.Settings("x", route_maps=dict(maps), prefix_lists=lists)


CANDIDATE = Candidate(PREFIX, Attributes(IPv4Address("192.0.2.1"), (64999,)), 65000)


def test_undefined_objects_as_ios_treats_them() -> None:
    assert apply_route_map("MISSING", CANDIDATE, settings()) is None
    assert prefix_list_permits(None, PREFIX)
    entry = s.MapEntry(10, True, matches=(("prefix", "MISSING"),))
    assert apply_route_map("M", CANDIDATE, settings(M=(entry,))) is not None


def test_a_map_whose_clauses_do_not_match_denies() -> None:
    entry = s.MapEntry(10, True, matches=(("prefix", "P"),), sets=(("local-preference", "200"),))
    other = replace(CANDIDATE, prefix=IPv4Network("10.99.0.0/16"))
    found = apply_route_map("M", CANDIDATE, settings(M=(entry,)))
    assert found is not None
    assert found.attributes.local_preference == 200
    assert apply_route_map("M", other, settings(M=(entry,))) is None


def test_a_deny_entry_stops_and_continue_goes_on() -> None:
    deny = s.MapEntry(5, False, matches=(("prefix", "P"),))
    first = s.MapEntry(10, True, sets=(("weight", "7"),), continue_to=0)
    second = s.MapEntry(20, True, sets=(("as-path", "65000 65000"),))
    assert apply_route_map("M", CANDIDATE, settings(M=(deny, first))) is None
    found = apply_route_map("M", CANDIDATE, settings(M=(first, second)))
    assert found is not None
    assert (found.attributes.weight, found.attributes.as_path) == (7, (65000, 65000, 64999))


@pytest.mark.parametrize(
    ("pattern", "as_path", "expected"),
    [("_65516$", (65515, 65516), True), ("^65515_", (65515,), True), ("^$", (), True), ("^6551$", (65515,), False)],
)
def test_as_path_patterns(pattern: str, as_path: tuple[int, ...], expected: bool) -> None:
    found = AccessList("1", "as-path", (AccessListEntry(None, True, pattern),))
    assert as_path_permits(found, as_path) is expected


A, B = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")


def side(local: IPv4Address, remote: IPv4Address, **changes: object) -> Side:
    values: dict[str, object] = {
        "encryption": ("aes-cbc-256",), "integrity": ("sha256",), "groups": (14,), "key": "one", "pfs": None,
        "identity": None, "accepts": str(remote), "transform": ("esp-aes", "256", "esp-sha-hmac"), **changes,
    }  # fmt: skip
    crypto = s.CryptoSettings(
        proposals={"p": s.IkeProposal(*(values[each] for each in ("encryption", "integrity", "groups", "integrity")))},  # type: ignore[arg-type]
        policies=(s.IkePolicy("q", ("p",)),),
        keyrings={"k": (s.KeyringPeer("x", IPv4Network(remote), None, str(values["key"]), str(values["key"])),)},
        profiles={
            "i": s.IkeProfile(
                "i", (IPv4Network(str(values["accepts"])),), auth_local="pre-share", auth_remote="pre-share",
                keyring="k", identity=values["identity"],  # type: ignore[arg-type]
            )
        },
        transform_sets={"t": s.TransformSet(values["transform"])},  # type: ignore[arg-type]
        ipsec_profiles={"s": s.IpsecProfileSettings("s", ("t",), "i", pfs=values["pfs"])},  # type: ignore[arg-type]
    )  # fmt: skip
    return Side(crypto, local, remote, None, "s")


def test_two_sides_that_agree() -> None:
    found = negotiate(side(A, B, encryption=("aes-cbc-256", "3des")), side(B, A, encryption=("3des", "aes-cbc-256")))
    assert not isinstance(found, Failure)
    assert (found[0].encryption, found[0].integrity, found[0].group) == ("aes-cbc-256", "sha256", 14)
    assert transform_words(found[1].transform) == ("esp-256-aes", "esp-sha-hmac")


@pytest.mark.parametrize(
    ("configured", "printed"),
    [
        ("esp-aes esp-sha256-hmac", "esp-aes esp-sha256-hmac"),
        ("esp-aes 192 esp-sha256-hmac", "esp-192-aes esp-sha256-hmac"),
        ("esp-gcm 256", "esp-gcm 256"),
        ("esp-gcm", "esp-gcm"),
    ],
)
def test_an_sa_prints_its_transform(configured: str, printed: str) -> None:
    assert " ".join(transform_words(tuple(configured.split()))) == printed


@pytest.mark.parametrize(
    ("change", "stage"),
    [
        ({"groups": (19,)}, "init"),
        ({"encryption": ("aes-cbc-128",)}, "init"),
        ({"integrity": ("sha1",)}, "init"),
        ({"key": "two"}, "auth"),
        ({"identity": "203.0.113.7"}, "auth"),
        ({"accepts": "203.0.113.7"}, "auth"),
        ({"transform": ("esp-aes", "esp-sha-hmac")}, "child"),
    ],
)
def test_each_disagreement_ends_at_its_stage(change: dict[str, object], stage: str) -> None:
    for found in (negotiate(side(A, B, **change), side(B, A)), negotiate(side(A, B), side(B, A, **change))):
        assert isinstance(found, Failure)
        assert found.stage == stage


def test_pfs_is_not_asked_for_at_first() -> None:
    mine = side(A, B, pfs="group14")
    assert not isinstance(negotiate(mine, side(B, A)), Failure)
    assert not pfs_agrees(mine, side(B, A))
