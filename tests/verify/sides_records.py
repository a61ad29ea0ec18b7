"""Both sides of one site that agree in everything, as records; each test changes one thing of them.

The routers' half is that of `verify_records`. Azure's: a circuit to a hub with both kinds of gateways and to a far
network, and a branch behind the hub's VPN gateway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    ER_RECEIVED,
    GATEWAY,
    LOCAL,
    MSEE,
    NOON,
    ONLY_ER,
    ONLY_VPN,
    OWN,
    SHARED,
    SITE,
    VPN,
    VPN_ACCEPTED,
    as_path,
    neighbor,
    routes,
    site,
)

from pytest_azinterop.intent.sides import (
    ExpectedCarrier,
    ExpectedNetwork,
    ExpectedPassage,
    ExpectedRouting,
    ExpectedSides,
    ExpectedStranger,
    ExpectedSubnet,
)
from pytest_azinterop.state.azure_circuit import CircuitRoute
from pytest_azinterop.state.azure_connection import Connection
from pytest_azinterop.state.azure_gateway import (
    BgpSettings,
    Gateway,
    GatewayInstanceAddresses,
    GatewayRoute,
)
from pytest_azinterop.state.azure_network import EffectiveRoute
from pytest_azinterop.state.azure_source import AzureSource
from pytest_azinterop.verify.sides.observed import (
    ObservedCircuitTable,
    ObservedExchange,
    ObservedGatewayRoutes,
    ObservedLink,
    ObservedSides,
    ObservedSubnet,
)

MSEE_AS, HUB_AS, BRANCH_AS, SITE_AS = 64512, 64513, 64520, 64900
CE, CE_TUNNEL = ip_address("172.20.1.1"), ip_address("10.7.0.125")
# The ExpressRoute gateway's peers and instance, and the VPN gateway's.
ER_PEERS = (ip_address("10.60.0.20"), ip_address("10.60.0.21"))
ER_INSTANCE, REMOTE_INSTANCE, BRANCH_INSTANCE = map(ip_address, ("10.60.0.22", "10.62.0.22", "10.61.0.30"))
REMOTE_PEER = ip_address("10.62.0.20")
STRANGE = ip_network("10.99.0.0/24")


def azure(resource: str, operation: str) -> AzureSource:
    return AzureSource(resource, operation, NOON)


HUB = ExpectedNetwork(
    "hub", frozenset({SHARED}), ("expressroute", "vpn"), ("hub-er", "hub-vpn"), (ExpectedSubnet("hub-work", "hub"),)
)
FAR = ExpectedNetwork("far", frozenset({ONLY_ER}), ("expressroute",), ("far-er",), (ExpectedSubnet("far-work", "far"),))
BRANCH = ExpectedNetwork(
    "branch", frozenset({ONLY_VPN}), ("vpn",), ("branch-vpn",), (ExpectedSubnet("branch-work", "branch"),)
)
SIDES = ExpectedSides(
    site=SITE,
    carriers=(
        ExpectedCarrier(ER.id, "expressroute", "circuit-n", ("hub-er", "far-er"), "primary"),
        ExpectedCarrier(VPN.id, "vpn", "gateway-n", ("hub-vpn",)),
    ),
    gateways=(
        ExpectedRouting("hub-er", "expressroute", HUB_AS, "hub"),
        ExpectedRouting("far-er", "expressroute", HUB_AS, "far"),
        ExpectedRouting("hub-vpn", "vpn", HUB_AS, "hub"),
        ExpectedRouting("branch-vpn", "vpn", BRANCH_AS, "branch"),
    ),
    networks=(HUB, FAR, BRANCH),
    strangers=(ExpectedStranger("other-site", frozenset({STRANGE})),),
)
OVER_ER, OVER_VPN = ExpectedPassage(ER, SIDES), ExpectedPassage(VPN, SIDES)


def circuit_row(prefix: Any, next_hop: Any, *asns: int, **changes: Any) -> CircuitRoute:
    row = CircuitRoute(
        "primary",
        ip_network(prefix),
        None if next_hop is None else ip_address(str(next_hop)),
        as_path(*asns),
        100,
        0,
        source=azure("expressRouteCircuits/circuit-n", "route-table"),
    )
    return replace(row, **changes)


def gateway_row(prefix: Any, instance: Any, peer: Any, *asns: int, **changes: Any) -> GatewayRoute:
    row = GatewayRoute(
        ip_address(str(instance)),
        ip_network(prefix),
        None if peer is None else ip_address(str(peer)),
        None if peer is None else ip_address(str(peer)),
        "EBgp" if asns else "Network",
        as_path(*asns),
        32769 if asns[:1] == (MSEE_AS,) else 32768,
        source=azure("virtualNetworkGateways/gateway", "learned-routes"),
    )
    return replace(row, **changes)


def effective_row(prefix: Any, *hops: Any, **changes: Any) -> EffectiveRoute:
    row = EffectiveRoute(
        (ip_network(prefix),),
        tuple(ip_address(str(hop)) for hop in hops),
        "VirtualNetworkGateway",
        "VirtualNetworkGateway",
        "Active",
        source=azure("networkInterfaces/work", "effective-routes"),
    )
    return replace(row, **changes)


CIRCUIT_ROWS = (
    circuit_row(OWN, CE, SITE_AS),
    circuit_row(SHARED, "10.60.0.22", HUB_AS),
    circuit_row(ONLY_ER, "10.62.0.22", HUB_AS),
)
HUB_ER_ROWS = (
    gateway_row(SHARED, ER_INSTANCE, None),
    *(gateway_row(OWN, ER_INSTANCE, peer, MSEE_AS, SITE_AS) for peer in ER_PEERS),
    *(gateway_row(ONLY_ER, ER_INSTANCE, peer, MSEE_AS, MSEE_AS) for peer in ER_PEERS),
)
FAR_ER_ROWS = (
    gateway_row(ONLY_ER, REMOTE_INSTANCE, None),
    gateway_row(OWN, REMOTE_INSTANCE, REMOTE_PEER, MSEE_AS, SITE_AS),
    gateway_row(SHARED, REMOTE_INSTANCE, REMOTE_PEER, MSEE_AS, MSEE_AS),
)
HUB_VPN_ROWS = (
    gateway_row(SHARED, GATEWAY, None),
    gateway_row(OWN, GATEWAY, CE_TUNNEL, SITE_AS),
    gateway_row(OWN, GATEWAY, ER_PEERS[0], MSEE_AS, SITE_AS, protocol="IBgp"),
    gateway_row(ONLY_VPN, GATEWAY, BRANCH_INSTANCE, BRANCH_AS),
)
BRANCH_VPN_ROWS = (
    gateway_row(ONLY_VPN, BRANCH_INSTANCE, None),
    gateway_row(OWN, BRANCH_INSTANCE, GATEWAY, HUB_AS, SITE_AS),
    gateway_row(SHARED, BRANCH_INSTANCE, GATEWAY, HUB_AS),
)
TO_CE = (
    gateway_row(SHARED, GATEWAY, None, HUB_AS, weight=0, protocol="Igp", to_peer=CE_TUNNEL),
    gateway_row(ONLY_VPN, GATEWAY, None, HUB_AS, BRANCH_AS, weight=0, protocol="Igp", to_peer=CE_TUNNEL),
)
TO_MSEE = (gateway_row(SHARED, ER_INSTANCE, None, HUB_AS, weight=0, protocol="Igp", to_peer=ER_PEERS[0]),)
LOCAL_ROW = effective_row(SHARED, origin="Default", next_hop_type="VnetLocal")
HUB_EFFECTIVE = (
    LOCAL_ROW,
    effective_row(OWN, ER_PEERS[0]),
    effective_row(OWN, ER_PEERS[1]),
    effective_row(ONLY_ER, *ER_PEERS),
    effective_row(ONLY_VPN, GATEWAY),
)
FAR_EFFECTIVE = (effective_row(OWN, REMOTE_PEER), effective_row(SHARED, REMOTE_PEER))
BRANCH_EFFECTIVE = (effective_row(OWN, BRANCH_INSTANCE), effective_row(SHARED, BRANCH_INSTANCE))


def gateway_record(name: str, kind: str, asn: int, *addresses: Any) -> Gateway:
    own = tuple(ip_address(str(each)) for each in addresses)
    return Gateway(
        name,
        kind,
        "VpnGw2AZ",
        False,
        True,
        BgpSettings(asn, own, 0, (GatewayInstanceAddresses("default", own, (), (ip_address("203.0.113.9"),)),)),
        "RouteBased",
        None,
        (),
        source=azure(f"virtualNetworkGateways/{name}", "gateway"),
    )


GATEWAYS = (
    ("hub-er", gateway_record("hub-er", "ExpressRoute", HUB_AS, ER_INSTANCE)),
    ("far-er", gateway_record("far-er", "ExpressRoute", HUB_AS, REMOTE_INSTANCE)),
    ("hub-vpn", gateway_record("hub-vpn", "Vpn", HUB_AS, GATEWAY)),
    ("branch-vpn", gateway_record("branch-vpn", "Vpn", BRANCH_AS, BRANCH_INSTANCE)),
)


def connection(name: str, **changes: Any) -> Connection:
    record = Connection(
        name,
        "ExpressRoute",
        "gateway-id",
        None,
        None,
        "circuit-id",
        None,
        None,
        0,
        1,
        1,
        source=azure(f"connections/{name}", "connection"),
    )
    return replace(record, **changes)


def circuit_table(rows: Iterable[CircuitRoute] = CIRCUIT_ROWS, **changes: Any) -> ObservedCircuitTable:
    record = ObservedCircuitTable("circuit-n", "primary", tuple(rows), "expressRouteCircuits/circuit-n")
    return replace(record, **changes)


def gateway_routes(gateway: str, rows: Iterable[GatewayRoute], to: Any = None) -> ObservedGatewayRoutes:
    view: Any = "learned" if to is None else "advertised"
    return ObservedGatewayRoutes(gateway, view, tuple(rows), f"virtualNetworkGateways/{gateway}", to)


def effective(subnet: str, rows: Iterable[EffectiveRoute]) -> ObservedSubnet:
    return ObservedSubnet(subnet, tuple(rows), f"networkInterfaces/{subnet}")


def er_exchange(**changes: Any) -> ObservedExchange:
    record = ObservedExchange(
        ER.id,
        neighbor(ER),
        routes("advertised", MSEE, [LOCAL]),
        routes("received", MSEE, ER_RECEIVED),
        routes("accepted", MSEE, ER_ACCEPTED),
    )
    return replace(record, **changes)


def vpn_exchange(**changes: Any) -> ObservedExchange:
    record = ObservedExchange(
        VPN.id,
        neighbor(VPN),
        routes("advertised", GATEWAY, [LOCAL]),
        routes("received", GATEWAY, VPN_ACCEPTED),
        routes("accepted", GATEWAY, VPN_ACCEPTED),
    )
    return replace(record, **changes)


def sides(
    *,
    circuit: Iterable[CircuitRoute] = CIRCUIT_ROWS,
    hub_er: Iterable[GatewayRoute] = HUB_ER_ROWS,
    far_er: Iterable[GatewayRoute] = FAR_ER_ROWS,
    hub_vpn: Iterable[GatewayRoute] = HUB_VPN_ROWS,
    branch_vpn: Iterable[GatewayRoute] = BRANCH_VPN_ROWS,
    to_ce: Iterable[GatewayRoute] = TO_CE,
    to_msee: Iterable[GatewayRoute] = TO_MSEE,
    hub: Iterable[EffectiveRoute] = HUB_EFFECTIVE,
    far: Iterable[EffectiveRoute] = FAR_EFFECTIVE,
    branch: Iterable[EffectiveRoute] = BRANCH_EFFECTIVE,
    er: ObservedExchange | None = None,
    vpn: ObservedExchange | None = None,
    **changes: Any,
) -> ObservedSides:
    """Both sides, each table as it is when they agree unless another is given."""
    record = ObservedSides(
        routers=site(),
        exchanges=(er or er_exchange(), vpn or vpn_exchange()),
        circuits=(circuit_table(circuit),),
        gateways=GATEWAYS,
        routes=(
            gateway_routes("hub-er", hub_er),
            gateway_routes("far-er", far_er),
            gateway_routes("hub-vpn", hub_vpn),
            gateway_routes("branch-vpn", branch_vpn),
            gateway_routes("hub-vpn", to_ce, CE_TUNNEL),
            gateway_routes("hub-er", to_msee, ER_PEERS[0]),
        ),
        subnets=(effective("hub-work", hub), effective("far-work", far), effective("branch-work", branch)),
        links=(
            ObservedLink("hub-er", "circuit-n", connection("hub-circuit-n")),
            ObservedLink("far-er", "circuit-n", connection("far-circuit-n")),
            ObservedLink("hub-vpn", "gateway-n", connection("hub-site", kind="IPsec")),
        ),
    )
    return replace(record, **changes)


def without(rows: Iterable[Any], prefix: Any) -> tuple[Any, ...]:
    """The rows that are not of this prefix; there must be some that are."""
    every = tuple(rows)
    left = tuple(row for row in every if ip_network(prefix) not in _prefixes(row))
    assert len(left) < len(every)
    return left


def _prefixes(row: Any) -> tuple[Any, ...]:
    return row.prefixes if isinstance(row, EffectiveRoute) else (row.prefix,)
