"""Time, archive, OSPF, certificates and traffic as they are written, and what follows from them."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.expectations import ExpectedOspf, ExpectedPrefixes
from pytest_azinterop.intent.lan_exit import lan_exits
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_azinterop.intent.expectations import Expectations

INTENT = """\
defaults: {ntp: {servers: [192.0.2.1, "2001:db8::1"]}, archive: {maximum: 5}}
networks: {hub: [10.10.30.0/24]}
circuits: {er: {networks: [hub], primary: {router: edge-a}}}
connections: {gw: {networks: [hub], authentication: rsa-sig, trustpoint: AZURE, valid_for: 10d}}
sites: {town: {asn: 64600, routers: [edge-a, edge-b]}}
routers: {edge-b: {ntp: {highest_stratum: 3}}}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24]
        lan:
          - {router: edge-a, interface: Te0/0/1.9, ospf: true}
          - {router: edge-b, interface: Te0/0/1.9, ospf: {redistributes: true, route_map: 9, default_route: always}}
          - {router: edge-b, interface: Te0/0/2.9, ospf: false}
        expressroute:
          - {circuit: er, path: primary, interface: Te0/0/0.9, subnet: 10.60.0.0/30, traffic: {packets_per_second: 5}}
        vpn:
          - {connection: gw, router: edge-b, tunnel: Tunnel9, neighbor: 10.10.30.30, peer: 203.0.113.9}
"""


def loaded(folder: Path, old: str = "", new: str = "") -> Expectations:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new))
    return load(folder, rules={}).expectations


def test_what_follows(tmp_path: Path) -> None:
    everything = loaded(tmp_path)
    clocks = {each.router: each.ntp for each in everything.devices}
    assert clocks["edge-a"] is not None
    assert clocks["edge-b"] is not None
    assert [str(server) for server in clocks["edge-a"].servers] == ["192.0.2.1", "2001:db8::1"]
    assert (clocks["edge-b"].servers, clocks["edge-b"].highest_stratum) == ((), 3)
    assert [each.archive and each.archive.maximum for each in everything.devices] == [5, 5]
    spoken = {each.id: each.ospf for each in everything.interfaces if each.role == "lan"}
    reached = ExpectedPrefixes(frozenset({ip_network("10.10.30.0/24")}))
    assert spoken == {
        "edge-a/TenGigabitEthernet0/0/1.9": ExpectedOspf(64600, networks=reached),
        "edge-b/TenGigabitEthernet0/0/1.9": ExpectedOspf(64600, True, "9", "always", reached),
        "edge-b/TenGigabitEthernet0/0/2.9": None,
    }
    (path,) = (each for each in everything.interfaces if each.traffic is not None)
    assert (path.role, path.traffic and path.traffic.packets_per_second) == ("expressroute", 5)
    (tunnel,) = everything.tunnels
    assert (tunnel.authentication, tunnel.trustpoint, tunnel.valid_for) == ("rsa-sig", "AZURE", timedelta(days=10))
    assert tunnel.mtu == 1400


def test_nothing_is_judged_unless_declared(tmp_path: Path) -> None:
    everything = loaded(tmp_path, INTENT.splitlines()[0], "")
    assert [each.archive for each in everything.devices] == [None, None]
    assert [each.ntp is None for each in everything.devices] == [True, False]
    bare = loaded(tmp_path, "authentication: rsa-sig, trustpoint: AZURE, valid_for: 10d", "mtu: null").tunnels[0]
    assert (bare.authentication, bare.trustpoint, bare.mtu) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", trustpoint: AZURE", "", "needs `trustpoint`"),
        ("rsa-sig", "psk", "say `authentication: rsa-sig`"),
        ("rsa-sig", "eap", "psk"),
        ("redistributes: true, ", "", "say `redistributes: true`"),
        ("default_route: always", "default_route: yes", "conditional"),
        ("ospf: true", "ospf: perhaps", "ospf"),
        ("ospf: true", "ospf: {redistribute: true}", "redistributes"),
        ("highest_stratum: 3", "highest_stratum: 16", "15"),
        ("maximum: 5", "maximum: 15", "14"),
        ("packets_per_second: 5", "packets_per_second: 0", "1"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InventoryError, match=said):
        loaded(tmp_path, old, new)


def test_the_schema_knows_both_spellings_of_ospf() -> None:
    ospf = schema()["$defs"]["LanAttachment"]["properties"]["ospf"]
    assert {"type": "boolean"} in ospf["anyOf"]
    assert any("$ref" in each for each in ospf["anyOf"])


def test_a_way_out_needs_a_router_that_tells_its_metric(tmp_path: Path) -> None:
    from plugin.conftest import INTENT

    file = tmp_path / "interop.yaml"
    file.write_text(INTENT.replace("lan_exit: [edge-a]", "lan_exit: [edge-b]"), encoding="utf-8")
    with pytest.raises(InventoryError, match="`lan_exit` names edge-b, which has no `lan` here with `ospf`"):
        load(tmp_path)
    file.write_text(INTENT, encoding="utf-8")
    everything = load(tmp_path).expectations
    (way,) = lan_exits(everything)
    assert (way.id, way.exits, [port.name for port in way.lan]) == (
        "acme/town",
        ("edge-a",),
        ["GigabitEthernet0/0/1.9"],
    )
