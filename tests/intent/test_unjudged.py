"""What is written and would be judged by nothing is refused, where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load

INTENT = """\
networks:
  hub: [10.10.30.0/24]
circuits:
  er: {networks: [hub], primary: {router: edge-a}}
connections:
  gw: {networks: [hub]}
sites:
  town: {asn: 64600, routers: [edge-a, edge-b]}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24]
        expressroute:
          - {circuit: er, path: primary, interface: Te0/0/0.9, subnet: 10.60.0.0/30}
        vpn:
          - {connection: gw, router: edge-a, tunnel: Tu1, neighbor: 10.10.30.254, peer: 203.0.113.1}
        internal:
          - {routers: [edge-a, edge-b], addresses: [10.50.1.1, 10.50.1.2]}
"""


def loaded(folder: Path, old: str = "", new: str = "") -> Expectations:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new))
    return load(folder, rules={}).expectations


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("  hub:", "  spare: [10.9.0.0/24]\n  hub:", 2, "no customer's path or tunnel reaches network `spare`"),
        ("    vrf: acme\n", "    vrf: acme\n    networks: {x: [10.9.0.0/24]}\n", 12, "reaches network `x`"),
        ("circuits:\n", "circuits:\n  er2: {networks: [hub]}\n", 4, "no customer's path belongs to circuit `er2`"),
        ("{router: edge-a}}", "{router: edge-a}, secondary: {router: edge-b}}", 4, "on the secondary path of circuit"),
        ("path: primary,", "path: primary, router: edge-b,", 4, "names another `router`, so this one is never asked"),
        ("connections:\n", "connections:\n  gw2: {networks: [hub]}\n", 6, "no tunnel of a customer belongs to"),
        ("gw: {networks: [hub]}", "gw: {networks: [hub], valid_for: 60d}", 6, "`valid_for` is about certificates"),
        ("sites:\n  town", "sites:\n  moon: {asn: 1, routers: [edge-c]}\n  town", 8, "no customer is at site `moon`"),
        ("edge-b]}\ncust", "edge-b, edge-c]}\ncust", 8, "router `edge-c` serves no customer"),
        ("    vrf: acme\n", "    vrf: acme\n    bogus: 1\n", 12, "unknown key `bogus`"),
        ("10.50.1.2]", "10.50.1.2], prepends: 2", 20, "within an AS nothing is added to a path"),
        ("10.50.1.2]", "10.50.1.2], prepends: 0", 20, "within an AS nothing is added to a path"),
        ("10.50.1.2]", "10.50.1.2], inbound_changes: [metric]", 20, "name prefixes in `receive`"),
        ("10.60.0.0/30", "10.60.0.0/30, soft_reconfiguration: false, inbound_changes: []", 16, "and expect it"),
        ("        vpn:", "        probers: [{router: edge-a, source: Lo1}]\n        vpn:", 13, "`probers` try what"),
        ("networks:\n  hub", "defaults: {sampling: {probe: false, probes: 3}}\nnetworks:\n  hub", 1, "sends no probes"),
    ],
)
def test_it_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(InventoryError) as refused:
        loaded(tmp_path, old, new)
    assert words in str(refused.value)
    assert f"interop.yaml:{line}: " in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("subnet: 10.60.0.0/30", 'policy: {route_map_in: X}, ipv6: "fd00:60::/126"', "no IPv4 session, which `policy`"),
        ("primary: {router: edge-a}", "accepts: 9, primary: {router: edge-a}", "no path of this circuit has IPv4"),
    ],
)
def test_what_belongs_to_ipv4_needs_an_ipv4_session(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = INTENT.replace("hub: [", 'hub: ["fd00:10::/64", ').replace("prefixes: [", 'prefixes: ["fd00:50::/48", ')
    text = text.replace(old, new).replace("subnet: 10.60.0.0/30", 'ipv6: "fd00:60::/126"')
    (tmp_path / "interop.yaml").write_text(text)
    with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
        load(tmp_path, rules={})
    assert words in str(refused.value)


def test_a_preference_for_a_role_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = "    vrf: acme\n    local_preference: {expressroute: 300, vpn: 50}\n"
    (tmp_path / "interop.yaml").write_text(
        INTENT.replace("    vrf: acme\n", said)
        .replace("connections:\n  gw: {networks: [hub]}\n", "")
        .replace(INTENT[INTENT.index("        vpn:") : INTENT.index("        internal:")], "")
    )
    with pytest.raises(InventoryError, match=r"interop\.yaml:10: this customer has no `vpn` session"):
        load(tmp_path, rules={})


def test_internal_sessions_have_the_preference_that_is_declared(tmp_path: Path) -> None:
    plain = [each.local_preference for each in loaded(tmp_path).sessions if each.role == "internal"]
    said = loaded(tmp_path, "10.50.1.2]", "10.50.1.2], local_preference: 200, prepends: null")
    declared = [each.local_preference for each in said.sessions if each.role == "internal"]
    assert (plain, declared) == ([None, None], [200, 200])
