"""Runs of pytest in a process of their own, against a network in memory."""

from __future__ import annotations

import os
import shutil
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest
import warm

HERE = Path(__file__).parent
CHECKS = HERE.parent.parent / "checks"

INTENT = """\
version: 1
defaults:
  ntp: {servers: [192.0.2.123]}
  archive: {path: "bootflash:", maximum: 10}
  software: {releases: ["17.09.*"], minimum_uptime: 1d}
networks:
  core: {exactly: [172.20.0.0/22], communities: ["12076:50004"]}
  far: {at_least: [172.21.0.0/24], within: [172.21.0.0/16]}
circuits:
  er: {networks: [core, far], primary: {router: edge-a}, bfd: true}
connections:
  gw: {networks: [core], gateway_asn: 65010, authentication: rsa-sig, trustpoint: AZURE}
sites:
  town: {asn: 64600, routers: [edge-a, edge-b]}
customers:
  acme:
    vrf: ACME
    sites:
      town:
        prefixes: [10.50.0.0/24]
        lan:
          - router: edge-a
            interface: GigabitEthernet0/0/1.9
            address: 10.50.0.1/24
            vlans: [9]
            ospf: {redistributes: true, route_map: TO-SITE, default_route: none}
        lan_exit: [edge-a]
        expressroute:
          - circuit: er
            path: primary
            interface: GigabitEthernet0/0/0.9
            vlans: [9, 90]
            subnet: 10.60.0.0/30
            traffic: {interval: 0s}
            announce_communities: ["64600:9"]
        vpn:
          - connection: gw
            router: edge-b
            tunnel: Tunnel9
            address: 169.254.21.2/30
            source: Loopback9
            local: 198.51.100.9
            peer: 203.0.113.9
            neighbor: 169.254.21.1
        probers: [{router: edge-a, source: Loopback1}]
        reachability:
          - to: core
            target: 172.20.0.4
            avoids: [192.0.2.77]
            sizes: [1400]
            rtt_ms: [1, 5]
            loss: {percent: 1, probes: 100}
          - {to: far, target: 172.21.9.9, reachable: false}
"""
# The same network with IPv6 beside IPv4.
DUAL_STACK = (
    INTENT.replace("exactly: [172.20.0.0/22]", 'exactly: [172.20.0.0/22, "fd00:20::/48"]')
    .replace("prefixes: [10.50.0.0/24]", 'prefixes: [10.50.0.0/24, "fd00:50::/48"]')
    .replace("subnet: 10.60.0.0/30\n", 'subnet: 10.60.0.0/30\n            ipv6: "fd00:60::/126"\n')
)
# The same network with its Azure side.
AZURE = """\
azure:
  subscription: sub-1
  resource_group: net
  circuits:
    er: {tier: premium, bandwidth_mbps: 500, peering_location: Town, secondary: 10.60.0.4/30}
  gateways:
    core-er: {kind: expressroute, vnet: core, sku: ErGw1AZ, active_active: false}
    core-vpn: {kind: vpn, vnet: core, asn: 65010, sku: VpnGw2AZ, active_active: false}
    far-vpn: {kind: vpn, vnet: far, asn: 65516}
    far-er: {kind: expressroute, vnet: far}
  local_gateways: {town: , far: , core: }
  connections:
    core-town: {gateway: core-er, circuit: er}
    far-town: {gateway: far-er, circuit: er}
    core-edge:
      gateway: core-vpn
      connection: gw
      local_gateway: town
      ipsec:
        {ike_encryption: AES256, ike_integrity: SHA256, dh_group: DHGroup14, ipsec_encryption: AES256,
         ipsec_integrity: SHA256, pfs_group: PFS14}
    core-far: {gateway: core-vpn, to: far-vpn, local_gateway: far, ipsec: default}
    far-core: {gateway: far-vpn, to: core-vpn, local_gateway: core}
  vnets:
    core: {peerings: {core-to-leaf: {to: leaf, gateways: shared}}}
    leaf: {network: leaf, peerings: {leaf-to-core: {to: core, gateways: remote, forwarded_traffic: true}}}
    far:
  subnets:
    work: {vnet: leaf, nic: vm-nic, via: gateway}
    guarded: {vnet: core, nic: vm-2-nic, via: 172.20.0.4, via_nic: fw-nic, back_via: gateway, route_table: to-firewall}
    empty: {vnet: core, route_table: nothing}
"""
WITH_AZURE = (
    DUAL_STACK.replace("\ncircuits:\n", "\n  leaf: [172.22.0.0/24]\ncircuits:\n")
    .replace("networks: [core, far]", "networks: [core, far, leaf]")
    .replace("sites:\n  town:", f"{AZURE}sites:\n  town:")
)
COLLECT = """\
import sys
from dataclasses import replace
sys.path.insert(0, {here!r})
from plugin.agreeing_network import facts_for

def pytest_azinterop_collect(config, plan):
    facts = facts_for(config, plan)
    {change}
    return facts
"""


@dataclass
class Result:
    """What a run printed and returned. `lines` are its terminal output."""

    code: int
    text: str
    folder: Path

    def cases(self) -> dict[str, ET.Element]:
        """The test cases of the run's JUnit file by name."""
        return {str(case.get("name")): case for case in ET.parse(self.folder / "junit.xml").iter("testcase")}

    def outcomes(self) -> dict[str, str]:
        """Each item's outcome by name, from the JUnit file."""
        return {name: outcome(case) for name, case in self.cases().items()}

    def judged(self) -> dict[str, str]:
        """The outcomes of the items that the intent gives something to judge."""
        return {name: word for name, word in self.outcomes().items() if word != "skipped"}


def outcome(case: ET.Element) -> str:
    """The outcome that a test case of JUnit tells."""
    skipped = case.find("skipped")
    if skipped is not None:
        return "xfailed" if skipped.get("type") == "pytest.xfail" else "skipped"
    for tag, word in (("failure", "failed"), ("error", "error")):
        if case.find(tag) is not None:
            return word
    return "passed"


class Runs:
    """Runs pytest in a folder that has an inventory `net` and a copy of the checks.

    The checks of whole configurations stay out: the network in memory has no more configuration than the others need.
    """

    INTENT = INTENT
    CHECKS = CHECKS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "inventory" / "net").mkdir(parents=True)
        self.intent(INTENT)
        self._copied = folder / "checks"
        shutil.copytree(CHECKS, self._copied, ignore=shutil.ignore_patterns("test_lint.py", "__pycache__"))
        (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")

    def intent(self, text: str) -> None:
        """Replace the intent."""
        (self.folder / "inventory" / "net" / "interop.yaml").write_text(text)

    def without_checks(self) -> None:
        """A folder that has no checks of its own."""
        shutil.rmtree(self._copied)

    def network(self, change: str = "pass") -> None:
        """The network agrees with the intent, but for this change (one statement about `facts`)."""
        (self.folder / "conftest.py").write_text(COLLECT.format(here=str(HERE.parent), change=change))

    def file(self, name: str, text: str) -> Path:
        """Write a file below the folder."""
        path = self.folder / name
        if path.parent == self._copied and not hasattr(self, "_own"):
            self._own = True
            shutil.rmtree(self._copied)  # a test that brings a check wants no others
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def pytest(
        self,
        *arguments: str,
        inventory: str | None = "net",
        env: dict[str, str] | None = None,
        cache: bool = False,
    ) -> Result:
        """Run pytest; the JUnit file is `junit.xml`."""
        named = ["--inventory", inventory] if inventory else []
        plain = [*([] if cache else ["-p", "no:cacheprovider"]), "--junitxml=junit.xml", "--rootdir", str(self.folder)]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "AZINTEROP_"))}
        done = warm.run(
            [*named, *plain, *arguments],
            self.folder,
            {**environment, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200", **(env or {})},
            120,
        )
        return Result(done.returncode, done.stdout, self.folder)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """A folder with an inventory, and a network that agrees with it."""
    made = Runs(tmp_path)
    made.network()
    return made
