"""What the sites say about Azure's resources: ASNs, VLANs and /30s of circuits, and what is reached over what."""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from ipaddress import IPv4Network

    from pytest_azinterop.intent.azure import Azure
    from pytest_azinterop.intent.models import CustomerSite, ExpressRouteAttachment, Intent, Network


def attachments_of(intent: Intent, circuit: str) -> Iterator[tuple[str, CustomerSite, ExpressRouteAttachment]]:
    """Every path of a circuit that a site uses, with the site's name."""
    for customer in intent.customers.values():
        for site, at in customer.sites.items():
            yield from ((site, at, path) for path in at.expressroute if path.circuit == circuit)


def peer_asns(intent: Intent, circuit: str) -> tuple[int, ...]:
    """The ASNs of the sites at a circuit, each once."""
    found = (intent.sites[site].asn for site, _, _ in attachments_of(intent, circuit) if site in intent.sites)
    return tuple(dict.fromkeys(found))


def vlans_of(intent: Intent, circuit: str) -> tuple[int, ...]:
    """The innermost tags of a circuit's paths, each once: what Azure calls the VLAN of the peering."""
    return tuple(dict.fromkeys(path.vlans[-1] for _, _, path in attachments_of(intent, circuit) if path.vlans))


def subnets_of(intent: Intent, circuit: str, path: str) -> tuple[IPv4Network, ...]:
    """The /30s of one path, each once."""
    found: dict[IPv4Network, None] = {}
    for _, _, each in attachments_of(intent, circuit):
        if each.path != path:
            continue
        if each.subnet is not None:
            found[each.subnet] = None
        elif isinstance(each.address, IPv4Interface) and each.address.network.prefixlen < 32:
            found[each.address.network] = None
    return tuple(found)


def reached_over_gateways(azure: Azure, gateways: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The circuits, and the intent's connections to sites, that packets at these gateways can leave by.

    A VPN gateway passes on what it learns of another one; ExpressRoute and VPN do not pass on each other's without a
    Route Server: https://learn.microsoft.com/azure/expressroute/how-to-configure-coexisting-gateway-portal
    """
    circuits = {each.circuit for each in azure.connections.values() if each.gateway in gateways and each.circuit}
    reached, left = set(gateways), list(gateways)
    while left:
        here = left.pop()
        for each in azure.connections.values():
            if each.gateway == here and each.to is not None and each.to not in reached:
                reached.add(each.to)
                left.append(each.to)
    sites = {each.connection for each in azure.connections.values() if each.gateway in reached and each.connection}
    return frozenset(circuits), frozenset(sites)


def networks_by_name(intent: Intent) -> dict[str, tuple[str | None, str, Network]]:
    """Every network: shared ones by name, a customer's own as `customer/name`; with the customer and the plain name."""
    found: dict[str, tuple[str | None, str, Network]] = {
        name: (None, name, network) for name, network in intent.networks.items()
    }
    for customer, body in intent.customers.items():
        for name, own in body.networks.items():
            found[f"{customer}/{name}"] = (customer, name, own)
    return found
