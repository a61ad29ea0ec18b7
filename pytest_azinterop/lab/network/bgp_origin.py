"""The routes that a router originates: network, redistribute, aggregate-address; and a far end's networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import NOWHERE, UNSPECIFIED, within
from pytest_azinterop.lab.config.communities import ordered
from pytest_azinterop.lab.network.policy import Candidate, apply_route_map
from pytest_azinterop.lab.network.routes import Attributes, Path, Route

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.config.settings import BgpFamily, Redistribution
    from pytest_azinterop.lab.network.node import Family, Node
    from pytest_azinterop.lab.topology import Topology

LOCAL_WEIGHT = 32768
Origin = tuple[Attributes, str]


def local_routes(node: Node, family: BgpFamily, runtime: Family, topology: Topology) -> dict[IpNetwork, Origin]:
    """Attributes and source (``network``, ``redistribute``, ``aggregate``) by prefix."""
    table = node.table(family.vrf)
    found: dict[IpNetwork, Origin] = {}
    for redistribution in family.redistributions:
        for route in table.routes.values():
            if _picked(redistribution, route, family):
                attributes = _from_rib(route, family, redistribution.metric, "?")
                _add(node, found, route, attributes, redistribution.route_map, "redistribute")
    for statement in family.networks:
        standing = table.routes.get(statement.prefix)
        if standing is not None and standing.protocol != "bgp":
            attributes = _from_rib(standing, family, None, "i")
            _add(node, found, standing, attributes, statement.route_map, "network")
    for prefix, path in far_end_networks(node, topology).items():
        if prefix.version != family.version:
            continue
        communities = _communities(node, topology, prefix)
        found[prefix] = (
            Attributes(NOWHERE[family.version], path, weight=LOCAL_WEIGHT, communities=communities),
            "network",
        )
    for aggregate in family.aggregates:
        parts = [
            entry
            for prefix, entry in runtime.entries.items()
            if prefix != aggregate.prefix and within(prefix, aggregate.prefix) and entry.best is not None
        ]
        if parts:
            members: frozenset[int] = frozenset()
            if aggregate.as_set:
                paths = [entry.best.attributes.as_path for entry in parts if entry.best is not None]
                members = frozenset(number for path in paths for number in path if isinstance(number, int))
            found[aggregate.prefix] = (
                Attributes(
                    NOWHERE[family.version],
                    (members,) if members else (),
                    weight=LOCAL_WEIGHT,
                    atomic_aggregate=not aggregate.as_set,
                ),
                "aggregate",
            )
    return found


def far_end_networks(node: Node, topology: Topology) -> dict[IpNetwork, tuple[int | frozenset[int], ...]]:
    """What a far end announces by itself: its VNets and networks less the withdrawn, and what a scenario added."""
    spec = node.far_end
    if spec is None or node.silent:
        return {}
    prefixes = [prefix for name in spec.vnets for prefix in topology.vnets[name].prefixes]
    if spec.kind != "lan":
        prefixes += spec.networks
    found: dict[IpNetwork, tuple[int | frozenset[int], ...]] = {
        prefix: () for prefix in prefixes if prefix not in node.withdrawn
    }
    for prefix, path in node.announced.items():
        own = node.settings.bgp.asn if node.settings.bgp is not None else None
        found[prefix] = path[1:] if path and path[0] == own else path
    return found


def _communities(node: Node, topology: Topology, prefix: IpNetwork) -> tuple[str, ...]:
    """What a far end attaches: an MSEE the communities of the VNet's region too, a VPN gateway none of them."""
    spec = node.far_end
    if spec is None:
        return ()
    if prefix in node.communities:
        return node.communities[prefix]
    of_vnets = {
        each
        for name in (spec.vnets if spec.kind == "msee" else ())
        if prefix in topology.vnets[name].prefixes
        for each in topology.vnets[name].communities
    }
    return ordered((*spec.communities, *of_vnets))


def _picked(redistribution: Redistribution, route: Route, family: BgpFamily) -> bool:
    if route.protocol != redistribution.protocol or route.prefix.version != family.version:
        return False
    if route.prefix.prefixlen == 0 and not family.default_information:
        return False
    if redistribution.process is not None and route.process != str(redistribution.process):
        return False
    if redistribution.protocol == "ospf":
        internal = route.route_type != "extern 2"
        return (
            internal if not redistribution.match else ("internal" if internal else "external") in redistribution.match
        )
    return True


def _from_rib(route: Route, family: BgpFamily, metric: int | None, origin: str) -> Attributes:
    hop = route.next_hops[0].address if route.next_hops else None
    if metric is None:
        metric = family.default_metric if origin == "?" and family.default_metric is not None else route.metric
    if hop is None or family.version == 6:
        hop = NOWHERE[family.version]
    return Attributes(hop, (), origin, metric, weight=LOCAL_WEIGHT)


def _add(
    node: Node, found: dict[IpNetwork, Origin], route: Route, attributes: Attributes, name: str | None, source: str
) -> None:
    if name is not None:
        candidate = Candidate(route.prefix, attributes, 0, route.protocol, route.tag)
        result = apply_route_map(name, candidate, node.settings)
        if result is None:
            return
        attributes = result.attributes
    found[route.prefix] = (attributes, source)


def local_path(prefix: IpNetwork, origin: Origin, router_id: IPv4Address, at: float) -> Path:
    """The path of a locally originated route."""
    return Path(prefix, origin[0], "local", UNSPECIFIED, router_id, at, sourced=origin[1])
