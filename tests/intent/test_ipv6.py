"""IPv6 beside IPv4: which sessions carry what, and what is refused because nothing would judge it."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.schema import schema

INTENT = """\
networks:
  hub: [10.10.30.0/24, "fd00:10:30::/64"]
  spoke: [10.11.0.0/24]
circuits: {er: {networks: [hub, spoke], primary: {router: edge-a}, accepts: 300}}
connections: {gw: {networks: [hub]}}
sites: {town: {asn: 64600, routers: [edge-a, edge-b]}}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24, "fd00:50::/48"]
        expressroute:
          - circuit: er
            path: primary
            interface: Te0/0/0.9
            subnet: 10.60.0.0/30
            hold_time: 90
            policy: {route_map_in: FROM-ER}
            ipv6: {subnet: "fd00:60::/126", local_preference: 250}
        vpn:
          - {connection: gw, router: edge-a, tunnel: Tu1, neighbor: 10.10.30.254, peer: 203.0.113.1}
        internal:
          - {routers: [edge-a, edge-b], addresses: [10.50.1.1, 10.50.1.2]}
          - {routers: [edge-a, edge-b], addresses: ["fd00:50:1::1", "fd00:50:1::2"]}
waivers:
  - {rule: site.preference, object: acme/town/ipv6, reason: the provider works on it, expires: 2030-01-01}
  - {rule: bgp.age, object: "edge-a/vrf-acme/fd00:60::2", reason: the provider works on it, expires: 2030-01-01}
"""


def loaded(folder: Path, old: str = "", new: str = "") -> Expectations:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new))
    return load(folder, rules={}).expectations


def texts(prefixes: object) -> set[str]:
    return {str(each) for each in prefixes.required}  # type: ignore[attr-defined]


def test_each_session_carries_the_prefixes_of_its_family(tmp_path: Path) -> None:
    sessions = {each.id: each for each in loaded(tmp_path).sessions}
    assert list(sessions) == [
        "edge-a/vrf-acme/10.60.0.2",
        "edge-a/vrf-acme/fd00:60::2",
        "edge-a/vrf-acme/10.10.30.254",
        "edge-a/vrf-acme/10.50.1.2",
        "edge-b/vrf-acme/10.50.1.1",
        "edge-a/vrf-acme/fd00:50:1::2",
        "edge-b/vrf-acme/fd00:50:1::1",
    ]
    four, six, vpn, *_ = sessions.values()
    assert (texts(four.announce), texts(four.receive)) == ({"10.50.0.0/24"}, {"10.10.30.0/24", "10.11.0.0/24"})
    assert (texts(six.announce), texts(six.receive)) == ({"fd00:50::/48"}, {"fd00:10:30::/64"})
    assert (texts(vpn.announce), texts(vpn.receive)) == ({"10.50.0.0/24"}, {"10.10.30.0/24"})
    assert (str(six.local_address), six.interface, six.remote_as) == ("fd00:60::1", four.interface, 12076)
    assert (four.hold_time, six.hold_time, four.local_preference, six.local_preference) == (90, 90, 200, 250)
    assert (four.policy.route_map_in, six.policy.route_map_in) == ("FROM-ER", None)
    assert (four.accepts, six.accepts) == (300, 100)


def test_each_family_is_a_site_of_its_own(tmp_path: Path) -> None:
    four, six = loaded(tmp_path).sites
    assert (four.id, six.id, four.version, six.version) == ("acme/town", "acme/town/ipv6", 4, 6)
    assert (four.prefer, six.prefer) == (("expressroute", "vpn"), ("expressroute",))
    assert [texts(reach) for _, reach in six.reach] == [{"fd00:10:30::/64"}]
    assert ({str(each) for each in four.backed_up}, six.backed_up) == ({"10.10.30.0/24"}, frozenset())
    assert [str(each.neighbor) for each in six.internal] == ["fd00:50:1::2", "fd00:50:1::1"]


def test_a_declared_backup_counts_for_both_families(tmp_path: Path) -> None:
    """IPv6 has no second role here, so `site.backup` will say that this prefix does not survive."""
    four, six = loaded(tmp_path, "        vpn:\n", "        backup: [hub]\n        vpn:\n").sites
    assert ({str(each) for each in four.backed_up}, {str(each) for each in six.backed_up}) == (
        {"10.10.30.0/24"},
        {"fd00:10:30::/64"},
    )


def test_a_path_may_have_ipv6_alone(tmp_path: Path) -> None:
    only = INTENT.replace("            subnet: 10.60.0.0/30\n", "").replace(
        '{subnet: "fd00:60::/126", local_preference: 250}', '"fd00:60::/126"'
    )
    only = only.replace(", accepts: 300", "").replace("            policy: {route_map_in: FROM-ER}\n", "")
    (tmp_path / "interop.yaml").write_text(only)
    expectations = load(tmp_path, rules={}).expectations
    assert [str(each.neighbor) for each in expectations.sessions if each.role == "expressroute"] == ["fd00:60::2"]
    assert expectations.interfaces[0].address is None
    jsonschema.validate(yaml.read(tmp_path / "interop.yaml", "interop.yaml").value, schema())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'ipv6: {subnet: "fd00:60::/126", local_preference: 250}',
            "prepends: 0",
            "no IPv6 session announces fd00:50::/48",
        ),
        ('hub: [10.10.30.0/24, "fd00:10:30::/64"]', "hub: [10.10.30.0/24]", "no network of circuit `er` has an IPv6"),
        (
            "spoke: [10.11.0.0/24]",
            'spoke: [10.11.0.0/24]\n  far: ["fd00:99::/64"]',
            "no IPv6 session reaches fd00:99::/64",
        ),
        ('prefixes: [10.50.0.0/24, "fd00:50::/48"]', "prefixes: [10.50.0.0/24]", "names no IPv6 prefix"),
        ('prefixes: [10.50.0.0/24, "fd00:50::/48"]', 'prefixes: ["fd00:50::/48"]', "names no IPv4 prefix"),
        ("fd00:60::/126", "fd00:60::/64", "is a /126"),
        ("fd00:60::/126", "10.0.0.0/30", "is not an IPv6 subnet"),
        ("subnet: 10.60.0.0/30", 'neighbor: "fd00:60::2"', "write it under `ipv6`"),
        ("local_preference: 250", "announce: [10.50.0.0/24]", "is not an IPv6 prefix"),
        ("peer: 203.0.113.1}", 'peer: 203.0.113.1, receive: ["fd00:10:30::/64"]}', "is not an IPv4 prefix"),
        ("10.50.1.2]}", '10.50.1.2], announce: ["fd00:50::/48"]}', "is not an IPv4 prefix"),
        ("[10.50.1.1, 10.50.1.2]", '[10.50.1.1, "fd00:50:1::9"]', "internal"),
        ("10.50.1.2", "10.50.1.2, x", "internal"),
    ],
)
def test_what_nothing_would_judge_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
        loaded(tmp_path, old, new)
    assert words in str(refused.value)
