"""What no single field of Azure's block can know: names lead somewhere, ends agree, nothing is left unchecked."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.intent.azure_derive import named, resource_of
from pytest_azinterop.intent.azure_links import (
    attachments_of,
    networks_by_name,
    peer_asns,
    reached_over_gateways,
    subnets_of,
    vlans_of,
)
from pytest_azinterop.intent.problem import Path, Problem, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from ipaddress import IPv4Network

    from pytest_azinterop.intent.azure import Azure, AzureCircuit, AzureConnection, AzureResource, AzureSubnet
    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.models import Intent

_TYPES = {
    "circuits": "expressRouteCircuits",
    "gateways": "virtualNetworkGateways",
    "connections": "connections",
    "local_gateways": "localNetworkGateways",
    "vnets": "virtualNetworks",
}


# Virtual WAN routes by itself, between its hubs too: https://learn.microsoft.com/azure/virtual-wan/about-virtual-hub-routing
_OF_VIRTUAL_WAN = frozenset(
    ("virtualwans", "virtualhubs", "expressroutegateways", "vpngateways", "p2svpngateways", "vpnsites")
)


def problems_of_azure(intent: Intent) -> Iterator[Problem]:
    """Everything in the block that does not fit, in the order of the block."""
    azure = intent.azure
    if azure is None:
        return
    if not azure.circuits and not azure.gateways and not azure.vnets:
        yield Problem(("azure",), "no circuit, gateway or VNet is named, so there is nothing to check; name one")
    found = [
        *_resources(azure),
        *_circuits(intent, azure),
        *_gateways(azure),
        *_connections(intent, azure),
        *_vnets(intent, azure),
    ]
    yield from found
    if not found:
        yield from _subnets(intent, azure)
        yield from _left_out(intent, azure)


def _entries(azure: Azure) -> Iterator[tuple[str, str, AzureResource]]:
    for block in _TYPES:
        mapping: Mapping[str, AzureResource] = getattr(azure, block)
        yield from ((block, key, each) for key, each in mapping.items())


def _resources(azure: Azure) -> Iterator[Problem]:
    """Every resource is whole, of its type, and named once."""
    seen: dict[str, Path] = {}
    for block, key, each in _entries(azure):
        where: Path = ("azure", block, key)
        if not (each.resource or key).startswith("/"):
            if not (each.subscription or azure.subscription):
                yield Problem(where, "no subscription is named; say `subscription` here or once for the block")
                continue
            if not (each.resource_group or azure.resource_group):
                yield Problem(where, "no resource group is named; say `resource_group` here or once for the block")
                continue
        resource = resource_of(azure, each, key, _TYPES[block])
        if len(resource.parts) != 2 or resource.parts[0].casefold() != _TYPES[block].casefold():
            yield Problem((*where, "resource"), _other_type(resource, _TYPES[block]))
        taken = seen.setdefault(resource.id.casefold(), where)
        if taken != where:
            yield Problem(where, f"{resource.id} is already named by {'.'.join(map(str, taken))}")


def _circuits(intent: Intent, azure: Azure) -> Iterator[Problem]:
    for name, said in azure.circuits.items():
        where: Path = ("azure", "circuits", name)
        if name not in intent.circuits:
            yield Problem(where, unknown("circuit", name, intent.circuits))
            continue
        if not list(attachments_of(intent, name)):
            yield Problem(where, f"no site uses circuit `{name}`, so nothing says what its paths should be")
        asns, vlans = peer_asns(intent, name), vlans_of(intent, name)
        if said.peer_asn is None and len(asns) > 1:
            yield Problem(where, f"its sites have the ASNs {_listed(asns)}; say which one the peering has: `peer_asn`")
        if said.vlan is None and len(vlans) > 1:
            yield Problem(where, f"its paths have the VLANs {_listed(vlans)}; say which one the peering has: `vlan`")
        if said.vlan is not None and vlans and said.vlan not in vlans:
            yield Problem((*where, "vlan"), f"the paths at the site have the VLAN {_listed(vlans)}")
        yield from _subnets_of_peering(intent, said, name)


def _subnets_of_peering(intent: Intent, said: AzureCircuit, name: str) -> Iterator[Problem]:
    where: Path = ("azure", "circuits", name)
    ends: list[tuple[IPv4Network, ...]] = []
    for path in ("primary", "secondary"):
        subnet, found = getattr(said, path), subnets_of(intent, name, path)
        if subnet is not None and subnet.prefixlen != 30:
            yield Problem((*where, path), f"a path's subnet is a /30, not {subnet}")
        elif subnet is not None and found and subnet not in found:
            yield Problem((*where, path), f"the {path} path at the site has {_listed(found)}")
        elif subnet is None and len(found) > 1:
            yield Problem(where, f"its {path} path has {_listed(found)}; say which one the peering has: `{path}`")
        ends.append(found if subnet is None else (subnet,))
    same = next((one for one in ends[0] for other in ends[1] if one.overlaps(other)), None)
    if same is not None and (said.primary or said.secondary):
        yield Problem(where, f"{same} is on both of its paths; each path has a subnet of its own, correct one")


def _gateways(azure: Azure) -> Iterator[Problem]:
    for name, said in azure.gateways.items():
        where: Path = ("azure", "gateways", name)
        if said.vnet not in azure.vnets:
            yield Problem((*where, "vnet"), unknown("VNet", said.vnet, azure.vnets))
        if said.kind == "expressroute" and said.asn != 65515:
            yield Problem((*where, "asn"), "an ExpressRoute gateway has ASN 65515, which cannot be changed")
        for key in ("remote_vnets", "virtual_wan"):
            if said.kind == "vpn" and getattr(said, key) is not None:
                yield Problem((*where, key), "a VPN gateway is at no circuit, where others could be; remove it")


def _connections(intent: Intent, azure: Azure) -> Iterator[Problem]:
    routers = {
        (vpn.connection, vpn.router)
        for body in intent.customers.values()
        for at in body.sites.values()
        for vpn in at.vpn
    }
    used: dict[str, str] = {}
    for name, said in azure.connections.items():
        where: Path = ("azure", "connections", name)
        if said.gateway not in azure.gateways:
            yield Problem((*where, "gateway"), unknown("gateway", said.gateway, azure.gateways))
            continue
        yield from _ends(intent, azure, said, where)
        if said.local_gateway is not None:
            if said.local_gateway not in azure.local_gateways:
                message = unknown("local network gateway", said.local_gateway, azure.local_gateways)
                yield Problem((*where, "local_gateway"), message)
            elif said.local_gateway in used:
                message = f"`{said.local_gateway}` already stands for the far end of `{used[said.local_gateway]}`"
                yield Problem((*where, "local_gateway"), message)
            used.setdefault(said.local_gateway, name)
        if said.over is not None and said.over not in intent.circuits:
            yield Problem((*where, "over"), unknown("circuit", said.over, intent.circuits))
        if said.connection in intent.connections and not any(
            connection == said.connection and said.router in {None, router} for connection, router in routers
        ):
            on = f" on `{said.router}`" if said.router else ""
            yield Problem(where, f"no site has a tunnel of connection `{said.connection}`{on}")
        devices = sorted(router for connection, router in routers if connection == said.connection)
        if said.connection is not None and said.router is None and len(devices) > 1:
            yield Problem(
                where,
                f"connection `{said.connection}` has tunnels on {_listed(devices)}, and Azure a connection and a local "
                "network gateway for each device; say `router` here, and add one for each of the others",
            )
    for name in azure.local_gateways:
        if name not in used:
            message = "no connection leads to it, so nothing says what it should be; name it as a `local_gateway`"
            yield Problem(("azure", "local_gateways", name), message)


def _ends(intent: Intent, azure: Azure, said: AzureConnection, where: Path) -> Iterator[Problem]:
    kind = azure.gateways[said.gateway].kind
    if said.circuit is not None:
        if kind != "expressroute":
            yield Problem(
                (*where, "gateway"), f"`{said.gateway}` is a VPN gateway; a circuit needs an ExpressRoute gateway"
            )
        if said.circuit not in azure.circuits:
            yield Problem((*where, "circuit"), unknown("Azure circuit", said.circuit, azure.circuits))
        elif intent.circuits[said.circuit].peering == "microsoft":
            yield Problem((*where, "circuit"), f"`{said.circuit}` has Microsoft peering, which no gateway connects to")
        return
    if kind != "vpn":
        yield Problem((*where, "gateway"), f"`{said.gateway}` is an ExpressRoute gateway, which has no tunnels")
    if said.to is not None:
        if said.to not in azure.gateways:
            yield Problem((*where, "to"), unknown("gateway", said.to, azure.gateways))
        elif said.to == said.gateway or azure.gateways[said.to].kind != "vpn":
            yield Problem((*where, "to"), "a connection leads from one VPN gateway to another")
    elif said.connection not in intent.connections:
        yield Problem((*where, "connection"), unknown("connection", str(said.connection), intent.connections))
    elif intent.connections[str(said.connection)].gateway_asn != azure.gateways[said.gateway].asn:
        here, there = azure.gateways[said.gateway].asn, intent.connections[str(said.connection)].gateway_asn
        message = f"`{said.gateway}` has ASN {here}, but connection `{said.connection}` says {there}"
        yield Problem((*where, "gateway"), message)


def _vnets(intent: Intent, azure: Azure) -> Iterator[Problem]:
    known = networks_by_name(intent)
    used = {each.vnet for each in azure.gateways.values()} | {each.vnet for each in azure.subnets.values()}
    used |= {each.to for vnet in azure.vnets.values() for each in vnet.peerings.values()}
    for name, said in azure.vnets.items():
        where: Path = ("azure", "vnets", name)
        if said.network is not None and said.network not in known:
            yield Problem((*where, "network"), unknown("network", said.network, known))
        elif said.network is None and name not in known and not said.peerings and name not in used:
            yield Problem(where, "nothing says what it should be; name its `network`, a peering, a gateway or a subnet")
        for peering, each in said.peerings.items():
            here = (*where, "peerings", peering)
            if each.to not in azure.vnets or each.to == name:
                yield Problem((*here, "to"), unknown("VNet", each.to, [vnet for vnet in azure.vnets if vnet != name]))
                continue
            if each.gateways == "remote" and any(gateway.vnet == name for gateway in azure.gateways.values()):
                yield Problem((*here, "gateways"), f"`{name}` has a gateway of its own; it cannot use remote ones")
            if each.gateways == "remote" and not any(gateway.vnet == each.to for gateway in azure.gateways.values()):
                yield Problem((*here, "gateways"), f"no gateway of `{each.to}` is declared that could be used")


def _subnets(intent: Intent, azure: Azure) -> Iterator[Problem]:
    known = networks_by_name(intent)
    for name, said in azure.subnets.items():
        where: Path = ("azure", "subnets", name)
        if said.vnet not in azure.vnets:
            yield Problem((*where, "vnet"), unknown("VNet", said.vnet, azure.vnets))
            continue
        network = azure.vnets[said.vnet].network or said.vnet
        if network not in known:
            yield Problem((*where, "vnet"), f"`{said.vnet}` has no network, so nothing says which sites it reaches")
            continue
        yield from _types(azure, said, where)
        places = {said.vnet, *(p.to for p in azure.vnets[said.vnet].peerings.values() if p.gateways == "remote")}
        reached = reached_over_gateways(azure, [key for key, each in azure.gateways.items() if each.vnet in places])
        if not any(reached):
            yield Problem(where, f"no gateway leads from `{said.vnet}` to a site, so its routes say nothing; remove it")
        hubs = [known[key][2] for key in (azure.vnets[place].network or place for place in places) if key in known]
        spaces = [space for hub in hubs for space in (*hub.exactly, *hub.at_least, *hub.within)]
        if said.via_nic is not None and said.via == "gateway":
            yield Problem((*where, "via_nic"), "no firewall is on the way; say its address as `via`, or remove this")
        for key, address in (("via", said.via), ("back_via", said.back_via)):
            if not isinstance(address, IPv4Address) or not spaces:
                continue
            if not any(address in space for space in spaces):
                yield Problem((*where, key), f"{address} lies in no VNet that `{said.vnet}` reaches")


def _types(azure: Azure, said: AzureSubnet, where: Path) -> Iterator[Problem]:
    for key, reference, kind in (
        ("nic", said.nic, "networkInterfaces"),
        ("via_nic", said.via_nic, "networkInterfaces"),
        ("route_table", said.route_table, "routeTables"),
    ):
        if reference is None:
            continue
        resource = named(azure, reference, kind)
        if len(resource.parts) != 2 or resource.parts[0].casefold() != kind.casefold():
            yield Problem((*where, key), _other_type(resource, kind))


def _left_out(intent: Intent, azure: Azure) -> Iterator[Problem]:
    """A circuit or connection of the intent without its Azure side would never be compared, and nobody would notice."""
    declared = {*intent.circuits, *intent.connections}
    for index, name in enumerate(azure.elsewhere):
        if name not in declared:
            yield Problem(("azure", "elsewhere", index), unknown("circuit or connection", name, declared))
        elif name in azure.circuits or any(each.connection == name for each in azure.connections.values()):
            yield Problem(("azure", "elsewhere", index), f"`{name}` is described here; remove it from `elsewhere`")
    for name in intent.circuits:
        if name not in azure.circuits and name not in azure.elsewhere:
            message = (
                f"circuit `{name}` has no Azure side; add it to `circuits` here, or to `elsewhere` if others own it"
            )
            yield Problem(("azure",), message)
    ended = {(each.connection, each.router) for each in azure.connections.values()}
    for customer, body in intent.customers.items():
        for site, at in body.sites.items():
            for index, vpn in enumerate(at.vpn):
                asked = {(vpn.connection, None), (vpn.connection, vpn.router)} & ended
                if not asked and vpn.connection not in azure.elsewhere:
                    message = (
                        f"no connection of `azure.connections` ends this tunnel of `{vpn.connection}` on {vpn.router}; "
                        f"add one, or name `{vpn.connection}` in `azure.elsewhere`"
                    )
                    yield Problem(("customers", customer, "sites", site, "vpn", index), message)


def _other_type(resource: ResourceName, kind: str) -> str:
    if resource.parts[0].casefold() in _OF_VIRTUAL_WAN:
        return (
            f"{resource.id} belongs to Virtual WAN, which is not supported: only a {kind} can stand here; remove it, "
            "and name the circuits and connections that end there in `azure.elsewhere`"
        )
    return f"{resource.id} is no resource of the type {kind}"


def _listed(values: Iterable[object]) -> str:
    return " and ".join(map(str, values))
