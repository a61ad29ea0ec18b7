"""An inventory that is built from nothing but `azinterop discover` and a few typed lines verifies green."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from contact.secrets_planted import SECRETS

from pytest_azinterop.contact import typed
from pytest_azinterop.intent import discovered
from pytest_azinterop.intent.loader import load

ROOT = Path(__file__).resolve().parents[2]
DUAL_STACK = ROOT / "tests" / "variants" / "dual-stack" / "network"
VARIANT = ROOT / "tests" / "variants" / "two-routers" / "network"
PUBLISHED_INTENT = ROOT / "inventory" / "lab" / "interop.yaml"

# What no router says: names, algorithms that may be, and what is known to be wrong.
PUBLISHED = """\
version: 1
networks:
  hub: [10.10.30.0/24]
  spoke: [10.11.30.0/26]
  branch: [10.11.30.64/26]
  remote: [10.17.30.0/25]
sites:
  loc1: {routers: [ce1-loc1, ce2-loc1]}
  loc2: {routers: [ce1-loc2, ce2-loc2]}
defaults:
  ike: {encryption: [AES-CBC-256], integrity: [SHA96], dh_groups: [2]}
  ipsec: {transforms: [esp-256-aes esp-sha-hmac], pfs_groups: [null]}
lint: {ignore: [lint.*]}
waivers:
  - {rule: interface.state, object: ce2-loc1/TenGigabitEthernet0/0/0.300, reason: is disabled, expires: 2028-12-31}
  - {rule: lan.external-routes, object: ce2-loc1/Te*, reason: ExpressRoute is disabled, expires: 2028-12-31}
  - {rule: "*", object: ce2-loc1/vrf-30/192.168.30.22, reason: is disabled, expires: 2028-12-31}
"""
PARIS = """\
version: 1
networks:
  core: [10.100.0.0/16]
  data: [10.101.0.0/20, 10.101.64.0/20]
  plant: [172.20.8.0/22]
sites:
  paris: {routers: [par-edge-01, par-edge-02]}
customers:
  retail: {vrf: Retail-FR_prod}
lint: {ignore: [lint.*]}
"""
DUAL = """\
version: 1
networks:
  hub: {exactly: [10.40.0.0/24, "2001:db8:a40::/56"]}
  spoke: {exactly: [10.40.1.0/24, "2001:db8:a40:100::/56"]}
sites:
  loc4: {routers: [ce1-dual, ce2-dual]}
customers:
  customer-40: {vrf: 40}
lint: {ignore: [lint.*]}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "intent", "least", "said"),
    [
        (None, PUBLISHED, 200, {"loc1", "loc2", "hub", "branch"}),
        (VARIANT, PARIS, 100, {"paris", "core", "plant", "retail"}),
        (DUAL_STACK, DUAL, 200, {"2001:db8:40:ff::4/126", "2001:db8:40:20::2", "bfd: true", "192.0.2.123"}),
    ],
    ids=["published", "other-names", "dual-stack"],
)
def test_discover_and_twenty_typed_lines_verify_green(
    network: Callable, folder: Path | None, intent: str, least: int, said: set[str]
) -> None:
    assert len(intent.splitlines()) <= 20
    net = network(folder)
    net.type(intent)
    shown = net.run("discover", net.inventory)
    assert shown.returncode == 0, shown.stderr
    assert not (net.inventory / typed.ACCEPTED).exists()
    accepted = net.run("discover", net.inventory, "--accept")
    assert accepted.returncode == 0, accepted.stderr
    assert "+++ discovered" in accepted.stdout
    assert "not whole" not in accepted.stderr
    text = (net.inventory / typed.ACCEPTED).read_text(encoding="utf-8")
    assert all(name in text for name in said)
    for secret in SECRETS:
        noted = (net.inventory / discovered.FILE).read_text(encoding="utf-8")
        assert secret not in text + noted + accepted.stdout + accepted.stderr
    verified = net.verify("-q", "--tb=short", "--deep")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert int(verified.stdout.split(" passed")[0].split()[-1]) >= least
    # What was accepted is proposed again as it is, so that a change of the network shows as a difference.
    again = net.run("discover", net.inventory, "--accept")
    assert again.returncode == 0
    assert "+++" not in again.stdout


@pytest.mark.slow
def test_without_any_intent_names_are_made_up_and_asked_about(network: Callable) -> None:
    net = network(VARIANT)
    net.type("version: 1\n")
    done = net.run("discover", net.inventory)
    assert done.returncode == 0, done.stderr
    assert "# guess: AS 12076 is Microsoft's" in done.stdout
    assert "Tunnel100 has IPsec protection; AS 65515 is the default of Azure's gateways" in done.stdout
    assert "which Azure network owns 172.20.8.0/22?" in done.stdout
    assert "which networks must survive the loss of the preferred path?" in done.stdout
    assert "secondary: {router: par-edge-02}" in done.stdout
    assert "{routers: [par-edge-01, par-edge-02], addresses: [10.200.31.2, 10.200.31.3], interfaces: [" in done.stdout


@pytest.mark.slow
def test_each_value_has_its_source_and_time_and_none_is_expected(network: Callable) -> None:
    net = network(VARIANT)
    net.type("version: 1\n")
    net.run("discover", net.inventory)
    found = discovered.load(net.inventory)
    assert found is not None
    by_key = {(value.object, value.key): value for value in found.values}
    serial = by_key["par-edge-01", "serial"]
    assert (serial.value, serial.command, serial.guess) == ("FOX2441PAR1", "show version", None)
    tags = by_key["par-edge-01/TenGigabitEthernet0/0/1.1205", "vlans"]
    assert (tags.value, tags.command) == ((120, 1205), "show interfaces")
    assert tags.lines is not None
    role = by_key["par-edge-01/vrf-Retail-FR_prod/172.29.8.2", "role"]
    assert role.value == "expressroute"
    assert role.guess
    received = by_key["par-edge-01/vrf-Retail-FR_prod/172.29.8.2", "received"]
    assert received.command.endswith("neighbors 172.29.8.2 received-routes")
    assert set(received.value) == {"10.100.0.0/16", "10.101.0.0/20", "10.101.64.0/20"}
    assert by_key["par-edge-02/vrf-Retail-FR_prod/Tunnel100", "peer"].value == "20.50.60.70"
    assert all(value.read <= found.read for value in found.values)
    # By itself it is no intent: without accepted blocks there is nothing to check.
    assert "no customer is declared" in net.verify().stderr


@pytest.mark.slow
def test_what_nobody_accepted_is_counted_in_the_header(network: Callable) -> None:
    net = network()
    intent = PUBLISHED_INTENT.read_text(encoding="utf-8")
    net.type(intent)
    net.run("discover", net.inventory)
    left = discovered.not_accepted(discovered.load(net.inventory), load(net.inventory).expectations)
    assert ("ce1-loc1", "serial") in {(value.object, value.key) for value in left}
    assert not [value for value in left if value.key in ("remote-as", "role", "peer", "received")]
    head = net.verify("--collect-only", "-q", "-v").stdout
    assert f"azinterop: {len(left)} values discovered and not accepted, so not expected: ce1-loc1 serial" in head


def without_azure(intent: str) -> str:
    """The intent without what it says of Azure's side, which would have to be changed with it, and without waivers."""
    before, _, rest = intent.partition("azure:")
    return before + rest[rest.index("\nsites:") + 1 : rest.index("\nwaivers:") + 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "instead", "object_id", "words"),
    [
        (
            "gateway_asn: 65515",
            "gateway_asn: 65516",
            "ce1-loc1/vrf-30/10.10.30.254",
            "the intent says remote AS 65516, and the session is Established with 65515",
        ),
        (
            "peer: 52.168.162.84",
            "peer: 52.168.162.99",
            "ce1-loc1/vrf-30/Tunnel30",
            "the intent says peer 52.168.162.99, and the tunnel leads to 52.168.162.84, whose IKE SA is READY",
        ),
        (
            "vlans: [31, 310], subnet: 192.168.31.16/30",
            "vlans: [31, 311], subnet: 192.168.31.16/30",
            "ce1-loc2/TenGigabitEthernet0/0/0.310",
            "the intent says tags 31/311, and 192.168.31.18 is Established over tags 31/310",
        ),
    ],
    ids=["remote-as", "peer", "tags"],
)
def test_an_intent_that_both_ends_have_left_is_stale(
    network: Callable, said: str, instead: str, object_id: str, words: str
) -> None:
    net = network()
    intent = without_azure(PUBLISHED_INTENT.read_text(encoding="utf-8"))
    assert intent.count(said) == 1
    net.type(intent)
    current = net.run("discover", net.inventory)
    assert (current.returncode, "intent.stale" in current.stdout) == (0, False)
    net.type(intent.replace(said, instead))
    stale = net.run("discover", net.inventory)
    assert stale.returncode == 1
    assert words in stale.stdout
    assert (
        f"intent.stale (high), cause {'tags' if 'tags' in words else 'peer' if 'peer' in words else 'remote-as'}"
        in (stale.stdout)
    )
    assert f"object {object_id}" in stale.stdout


@pytest.mark.slow
def test_a_router_that_cannot_be_read_loses_no_accepted_block(network: Callable) -> None:
    net = network(VARIANT, "management:\n  par-edge-02: {unreachable: true}\n")
    net.type(PARIS)
    first = net.run("discover", net.inventory, "--accept")
    assert first.returncode == 1
    assert "par-edge-02" in first.stderr
    accepted = net.inventory / typed.ACCEPTED
    before = accepted.read_text(encoding="utf-8")
    second = net.run("discover", net.inventory, "--accept")
    assert second.returncode == 4
    assert "stays as it is" in second.stderr
    assert accepted.read_text(encoding="utf-8") == before
    shutil.rmtree(accepted.parent)


def test_an_account_without_the_configuration_still_finds_the_paths(network: Callable) -> None:
    net = network(VARIANT, 'management:\n  par-edge-01: {deny: ["^show running-config"]}\n')
    net.type(PARIS)
    done = net.run("discover", net.inventory)
    assert done.returncode == 1
    assert "the configuration cannot be read; what only it says is missing" in done.stderr
    assert "path: primary, interface: TenGigabitEthernet0/0/1.1205" in done.stdout
