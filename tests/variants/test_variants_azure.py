"""Variants with Azure's side: each fault of a resource fails exactly what it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from scenarios.conftest import run
from variants.test_guarded import faulty
from variants.test_variants import HERE, failing

WITH_AZURE = sorted(file.parents[1].name for file in HERE.glob("*/network/azure.yaml"))


@dataclass(frozen=True)
class Fault:
    """`fails`: by object the findings. `also`: parts of the ids of other objects that fail, being about the same."""

    variant: str
    scenario: str
    fails: dict[str, set[str]]
    also: tuple[str, ...] = ()


FAULTS = {
    "the routes to the firewall are missing": Fault(
        "two-routers",
        """
        azure:
          - resource: routeTables/rt-through-firewall
            set: {properties.disableBgpRoutePropagation: false, properties.routes: []}
        """,
        {name: {"azure.subnet-next-hop:around-firewall"} for name in ("subnet/sql", "subnet/archive")},
    ),
    "what comes from the site passes the firewall no more": Fault(
        "two-routers",
        """
        azure:
          - resource: routeTables/rt-gateway
            set:
              properties.routes:
                - name: data-2
                  properties:
                    {addressPrefix: 10.101.64.0/20, nextHopType: VirtualAppliance, nextHopIpAddress: 10.100.2.4}
        """,
        {"subnet/sql": {"azure.subnet-return:around-firewall"}},
    ),
    "the firewall does not forward": Fault(
        "two-routers",
        """
        azure:
          - {resource: networkInterfaces/firewall-nic, set: {properties.enableIPForwarding: false}}
        """,
        {"subnet/sql": {"azure.appliance:not-forwarding"}, "subnet/archive": {"azure.appliance:not-forwarding"}},
    ),
    "what comes from the site is sent to another machine": Fault(
        "two-routers",
        """
        azure:
          - resource: routeTables/rt-gateway
            set:
              properties.routes:
                - name: data-1
                  properties:
                    {addressPrefix: 10.101.0.0/20, nextHopType: VirtualAppliance, nextHopIpAddress: 10.100.1.4}
                - name: data-2
                  properties:
                    {addressPrefix: 10.101.64.0/20, nextHopType: VirtualAppliance, nextHopIpAddress: 10.100.2.4}
        """,
        {"subnet/sql": {"azure.subnet-return:other-next-hop"}},
    ),
    "the gateways' subnet has lost its route table": Fault(
        "two-routers",
        """
        azure:
          - {resource: virtualNetworks/core/subnets/GatewaySubnet, set: {properties.routeTable: null}}
        """,
        {
            "subnet/gateways": {"azure.subnet-table:no-table"},
            **{f"subnet/{name}": {"azure.subnet-return:around-firewall"} for name in ("sql", "archive")},
        },
    ),
    "one tunnel of an active-active gateway is missing": Fault(
        "paired-gateway",
        """
        routers:
          clinic-gw:
            configure: |
              interface Tunnel92
               shutdown
        advance: 10m
        """,
        {
            "connection/to-clinic": {"azure.connection-state:tunnel-down"},
            "clinic/clinic": {"sides.loss:tunnel-down"},  # its session stays, through the other tunnel
        },
        also=("Tunnel92", "10.90.15.229"),
    ),
    "an active-active gateway was resized": Fault(
        "paired-gateway",
        """
        azure:
          - {resource: virtualNetworkGateways/vgw-ward, set: {properties.sku.name: VpnGw1AZ}}
        """,
        {"gateway/vgw-ward": {"azure.gateway-sku:other-sku"}},
    ),
    "the weights of two circuits are reversed": Fault(
        "two-circuits",
        """
        azure:
          - {resource: connections/to-ams, set: {properties.routingWeight: 50}}
          - {resource: connections/to-fra, set: {properties.routingWeight: 100}}
        """,
        {
            "connection/to-ams": {"azure.connection-weight:other-weight"},
            "connection/to-fra": {"azure.connection-weight:other-weight"},
            "freight/depot": {"sides.path:azure-weight"},
        },
    ),
    "a connection of both families has a weight": Fault(
        "dual-stack",
        """
        azure:
          - resource: connections/dual-er-4
            set: {properties.routingWeight: 10}
        """,
        {"connection/dual-er-4": {"azure.connection-weight:other-weight"}},
    ),
    "an inner prefix travels in clear": Fault(
        "private-peering",
        """
        routers:
          crypt-pe:
            configure: |
              ip route 10.198.0.0 255.255.255.0 Null0
              ip prefix-list outer seq 10 permit 10.198.0.0/24
              router bgp 65498
               address-family ipv4
                network 10.198.0.0 mask 255.255.255.0
            exec: ["clear ip bgp 192.168.98.2 soft out", "clear ip bgp 192.168.98.6 soft out"]
        advance: 3m
        """,
        {
            "teller/bank": {"sides.clear-text:from-azure", "sides.path:azure-other-site", "sides.reach:from-azure"},
            "crypt-pe/global/192.168.98.2": {"routes.announced:undeclared"},
            "crypt-pe/global/192.168.98.6": {"routes.announced:undeclared"},
        },
    ),
    "a hub's connection has a weight": Fault(
        "vpn-only",
        """
        azure:
          - {resource: connections/shop-to-azure, set: {properties.routingWeight: 10}}
        """,
        {"connection/shop-to-azure": {"azure.connection-weight:other-weight"}},
    ),
}


def test_the_asked_shapes_are_there() -> None:
    assert {"two-routers", "vpn-over-circuit", "private-peering", "vpn-only", "paired-gateway", "two-circuits"} <= set(
        WITH_AZURE
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_azure_fails_what_it_concerns(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    found = failing(faulty(tmp_path, name, fault.scenario, inventory=str(HERE / fault.variant)))
    others = [about for about in found if any(part in about for part in fault.also)]
    assert {about: causes for about, causes in found.items() if about not in others} == fault.fails
    assert bool(others) == bool(fault.also)


@pytest.mark.slow
def test_what_is_not_compared_over_both_sides_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "azure", "-k", "circuit", inventory=str(HERE / "dual-stack"), azure=True)
    assert done.code == 0, done.text
    assert "customer-40/loc4/ipv6 is not compared over both sides" in done.text
