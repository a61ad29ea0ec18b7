"""What gateways choose between them by the routes that they learned.

Longest prefix first, then ExpressRoute; of several circuits the highest weight, then the shortest AS path. Sources:
https://learn.microsoft.com/azure/expressroute/expressroute-coexist-resource-manager and
https://learn.microsoft.com/azure/expressroute/expressroute-optimize-routing
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.state.azure_gateway import EXPRESSROUTE_ASN
from pytest_azinterop.verify import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import ExpectedNetwork
    from pytest_azinterop.state.azure_gateway import GatewayRoute
    from pytest_azinterop.verify.sides.view import SidesView

    Address = IPv4Address | IPv6Address
    Prefix = IPv4Network | IPv6Network


def learned_rows(view: SidesView, gateway: str, destination: Prefix) -> Iterator[GatewayRoute]:
    """What a gateway itself learned of a destination, or of what covers it: for the VPN gateway without what it has of
    the ExpressRoute one."""
    yield from _own(view, gateway, (row for row in view.learned(gateway).routes if lies_in(destination, row.prefix)))


def exact_rows(view: SidesView, gateway: str, prefix: Prefix) -> Iterator[GatewayRoute]:
    """The same of this very prefix."""
    yield from _own(view, gateway, view.learned_of(gateway, prefix))


def _own(view: SidesView, gateway: str, rows: Iterable[GatewayRoute]) -> Iterator[GatewayRoute]:
    is_vpn = view.routing(gateway).kind == "vpn"
    msees = msee_asns(view)
    for row in rows:
        if row.as_path.sequence and is_vpn == (row.as_path.neighbor_as not in msees):
            yield row


def msee_asns(view: SidesView) -> frozenset[int]:
    """The ASN of every MSEE, and what the intent has for those of the site's circuits."""
    declared = (each.remote_as for each in view.expected.site.sessions if each.role == "expressroute")
    return frozenset({EXPRESSROUTE_ASN, *declared})


def by_learned(view: SidesView, gateways: Iterable[str], destination: Prefix) -> tuple[PathRole, list[GatewayRoute]]:
    """What gateways of both kinds choose between them: the longest prefix, then ExpressRoute; no rows: none has it.

    Of one gateway's routes the one with the highest weight, then with the shortest AS path.
    """
    best: tuple[tuple[int, int], PathRole, list[GatewayRoute]] = ((-1, 0), "expressroute", [])
    for gateway in gateways:
        kind = view.routing(gateway).kind
        rows = list(learned_rows(view, gateway, destination))
        if not rows:
            continue
        length = max(row.prefix.prefixlen for row in rows)
        rank = (length, 1 if kind == "expressroute" else 0)
        if rank > best[0]:
            of_length = [row for row in rows if row.prefix.prefixlen == length]
            preference = max((row.weight, -row.as_path.length) for row in of_length)
            best = (rank, kind, [row for row in of_length if (row.weight, -row.as_path.length) == preference])
    return best[1], best[2]


def weight_of(view: SidesView, carrier: str, network: ExpectedNetwork) -> int:
    """The routing weight of a circuit's or site's connection to the network's gateways; 0 where the intent has none.

    Raises UndeterminedError where Azure does not tell it, or where a connection that the intent has was not asked.
    """
    known = {(each.gateway, each.carrier) for each in view.observed.links}
    for link in view.expected.links:
        if link.carrier == carrier and link.gateway in network.gateways and (link.gateway, carrier) not in known:
            evidence.undetermined(f"the connection of {link.gateway} to {carrier} was not collected", "not-collected")
    weights = []
    for each in view.observed.links:
        if each.carrier != carrier or each.gateway not in network.gateways:
            continue
        if each.connection.routing_weight is None:
            evidence.undetermined("the connection's weight is not told", "not-understood", each.connection.source)
        weights.append(each.connection.routing_weight)
    return max(weights, default=0)


def instances(view: SidesView, gateway: str) -> Iterator[Address]:
    """The addresses that a gateway has in its subnet."""
    yield from (row.instance for row in view.learned(gateway).routes)
    for name, record in view.observed.gateways:
        if name != gateway:
            continue
        yield from (each.private_address for each in record.ip_configurations or () if each.private_address)
        if record.bgp is not None:
            yield from record.bgp.addresses or ()
            for instance in record.bgp.instances or ():
                yield from instance.bgp or ()
