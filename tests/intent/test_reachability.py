"""Reachability as it is written, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.values import mac_address

INTENT = """\
networks: {hub: [10.10.30.0/24]}
circuits: {er: {networks: [hub], primary: {router: edge-a}}}
sites: {town: {asn: 64600, routers: [edge-a]}, other: {asn: 64601, routers: [edge-b]}}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24]
        expressroute:
          - {circuit: er, path: primary, interface: Te0/0/0.9, subnet: 10.60.0.0/30, mac: "00:11:22:AA:bb:CC"}
        probers: [{router: edge-a, source: Lo1}]
        reachability:
          - {to: hub, target: 10.10.30.4, through: [10.60.0.2], sizes: [1400]}
          - {to: other, target: 10.51.0.4, reachable: false}
"""


def loaded(folder: Path, old: str = "", new: str = "") -> object:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new))
    return load(folder, rules={}).expectations


def test_each_prober_tries_each_target(tmp_path: Path) -> None:
    expectations = loaded(tmp_path, "{router: edge-a, source: Lo1}", "{router: edge-a, source: Lo1}")
    assert [each.id for each in expectations.reaches] == [
        "edge-a/vrf-acme/hub/10.10.30.4",
        "edge-a/vrf-acme/other/10.51.0.4",
    ]
    assert [each.reachable for each in expectations.reaches] == [True, False]
    assert {each.source for each in expectations.reaches} == {"Loopback1"}
    assert expectations.sessions[0].mac == "0011.22aa.bbcc"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to: other", "to: moon", "moon"),
        ("probers: [{router: edge-a,", "probers: [{router: edge-b,", "not one of site"),
        ("        probers: [{router: edge-a, source: Lo1}]\n", "", "probers"),
        ("reachable: false", "reachable: false, sizes: [900]", "no path, packet sizes"),
        ("sizes: [1400]", "rtt_ms: [9, 2]", "the least first"),
        ("reachable: false", "reachable: false, rtt_ms: [1, 2]", "round-trip time and loss"),
        ("{to: other, target: 10.51.0.4", "{to: hub, target: 10.10.30.4", "declared twice"),
        ("00:11:22:AA:bb:CC", "00:11:22", "not a hardware address"),
        (
            "target: 10.10.30.4",
            "target: 10.99.30.4",
            r"interop.yaml:14: 10.99.30.4 is not in network `hub` \(10.10.30.0/24",
        ),
        (
            "- {to: other",
            "- {to: town, target: 10.51.0.4}\n          - {to: other",
            r"interop.yaml:15: 10.51.0.4 is not in site `town` \(10.50.0.0/24",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InventoryError, match=said):
        loaded(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[10.10.30.0/24]", "{at_least: [10.99.0.0/16]}"),  # others may be there
        ("[10.10.30.0/24]", "{at_least: [10.99.0.0/16], within: [10.10.0.0/16]}"),
        ("- {to: other", "- {to: town, target: 10.50.0.9}\n          - {to: other"),
    ],
)
def test_a_target_is_where_the_intent_says(tmp_path: Path, old: str, new: str) -> None:
    assert loaded(tmp_path, old, new)


def test_a_link_of_a_router_belongs_to_its_site(tmp_path: Path) -> None:
    link = "prefixes: [10.50.0.0/24]\n        lan: [{router: edge-a, interface: Te1/0/0.9, address: 10.51.0.5/31}]"
    text = INTENT.replace("prefixes: [10.50.0.0/24]", link) + "          - {to: town, target: 10.51.0.4}\n"
    (tmp_path / "interop.yaml").write_text(text)
    assert load(tmp_path, rules={})
    (tmp_path / "interop.yaml").write_text(text.replace("10.51.0.5/31", "10.51.0.7/31"))
    with pytest.raises(InventoryError, match="is not in site `town`"):
        load(tmp_path, rules={})


@pytest.mark.parametrize("spelled", ["0011.2233.4455", "00:11:22:33:44:55", "00-11-22-33-44-55", "001122334455"])
def test_every_spelling_of_a_hardware_address_is_the_same(spelled: str) -> None:
    assert mac_address(spelled) == "0011.2233.4455"


SIX = """\
          - {to: hub, target: "fd00:10::4", through: ["fd00:60::2"]}
          - {to: hub, target: 10.10.30.5}
"""


def with_ipv6(folder: Path, old: str = "", new: str = "") -> object:
    text = INTENT.replace("10.10.30.0/24]", '10.10.30.0/24, "fd00:10::/64"]').replace("/24]", '/24, "fd00:50::/48"]', 2)
    text = text.replace('[10.10.30.0/24, "fd00:50::/48", ', "[10.10.30.0/24, ")
    text = text.replace("10.60.0.0/30, mac", '10.60.0.0/30, ipv6: "fd00:60::/126", mac') + SIX
    assert old in text
    (folder / "interop.yaml").write_text(text.replace(old, new))
    return load(folder, rules={}).expectations


def test_ipv6_targets_have_the_far_ends_of_their_family(tmp_path: Path) -> None:
    found = {str(each.target): each for each in with_ipv6(tmp_path).reaches}
    assert found["fd00:10::4"].far_ends == ()
    assert [str(each) for each in found["10.10.30.5"].far_ends] == ["10.60.0.2"]
    found = {str(each.target): each for each in with_ipv6(tmp_path, ', through: ["fd00:60::2"]').reaches}
    assert [str(each) for each in found["fd00:10::4"].far_ends] == ["fd00:60::2"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('through: ["fd00:60::2"]', "through: [10.60.0.2]", "no hop on a path to fd00:10::4"),
        ('through: ["fd00:60::2"]', "avoids: [10.60.0.2]", "no hop on a path to fd00:10::4"),
        ('through: ["fd00:60::2"]', "sizes: [1400]", "so `sizes` prove nothing"),
        ("through: [10.60.0.2]", 'through: ["fd00:60::2"]', "no hop on a path to 10.10.30.4"),
        ("fd00:10::4", "fd00:11::4", "fd00:11::4 is not in network `hub`"),
    ],
)
def test_what_ipv6_cannot_show_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InventoryError, match=said):
        with_ipv6(tmp_path, old, new)


def test_an_open_network_is_open_in_its_own_address_family(tmp_path: Path) -> None:
    text = INTENT.replace("[10.10.30.0/24]", "{at_least: [10.10.30.0/24]}")
    (tmp_path / "interop.yaml").write_text(text + '          - {to: hub, target: "fd00:10::9"}\n')
    with pytest.raises(InventoryError, match="fd00:10::9 is not in network `hub`"):
        load(tmp_path, rules={})
