"""What a route becomes on its way out of one router and into another: RFC 4271 with IOS's policies. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import UNSPECIFIED
from pytest_azinterop.lab.network.bgp_records import Confederate
from pytest_azinterop.lab.network.node import link_local
from pytest_azinterop.lab.network.policy import (
    Candidate,
    access_list_permits,
    apply_route_map,
    as_path_permits,
    prefix_list_permits,
)
from pytest_azinterop.lab.network.routes import DEFAULT_ROUTE, Attributes, Path, ases

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import BgpFamily, BgpSettings, Settings
    from pytest_azinterop.lab.network.bgp_peer import Peer


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a route did not pass; the reason is worded as in the neighbor detail."""

    reason: str


def import_route(
    peer: Peer, settings: Settings, prefix: IpNetwork, received: Attributes, at: float, router_id: IpAddress
) -> Path | Denied:
    """Apply loop prevention and inbound policy to a received route."""
    policy = peer.settings.policy
    own = {peer.local_as} if peer.node.settings.bgp is None else _own_ases(peer.node.settings.bgp, peer.local_as)
    seen = sum(number in own for number in ases(received.as_path))
    if seen > (policy.allowas_in or 0) and not peer.internal:
        return Denied("AS_PATH loop")
    if received.next_hop == peer.local_address:
        return Denied("NEXT_HOP is us")
    if peer.internal and router_id == received.originator:
        return Denied("ORIGINATOR loop")
    attributes = replace(received, weight=policy.weight or 0)
    if not (peer.internal or peer.confederate):
        attributes = replace(attributes, local_preference=None)
    candidate = Candidate(prefix, attributes, peer.local_as)
    refused = _lists(candidate, settings, policy.prefix_list_in, policy.filter_list_in, policy.distribute_list_in)
    if refused is not None:
        return refused
    if policy.route_map_in is not None:
        result = apply_route_map(policy.route_map_in, candidate, settings)
        if result is None:
            return Denied("route-map")
        candidate = result
    remote = peer.remote
    remote_id = peer.settings.address if remote is None else remote.node.families[remote.key].router_id
    kind = "internal" if peer.internal else "confederate" if peer.confederate else "external"
    return Path(prefix, candidate.attributes, kind, peer.settings.address, remote_id, at)


def _lists(
    candidate: Candidate, settings: Settings, prefix_list: str | None, filter_list: str | None, distribute: str | None
) -> Denied | None:
    if prefix_list is not None and not prefix_list_permits(
        settings.prefix_lists_of(candidate.prefix.version).get(prefix_list), candidate.prefix
    ):
        return Denied("prefix-list")
    if distribute is not None and not access_list_permits(settings.access_lists.get(distribute), candidate.prefix):
        return Denied("distribute-list")
    if filter_list is not None and not as_path_permits(
        settings.as_path_lists.get(filter_list), candidate.attributes.as_path
    ):
        return Denied("filter-list")
    return None


def export_route(
    peer: Peer, settings: Settings, family: BgpFamily, path: Path, prepend: int, *, from_client: bool
) -> Attributes | Denied:
    """Apply advertisement rules and outbound policy to a best path."""
    policy, attributes = peer.settings.policy, path.attributes
    if path.kind != "local" and path.peer == peer.settings.address:
        return Denied("Bestpath from this peer")
    if path.kind == "internal" and peer.internal and not (from_client or policy.route_reflector_client):
        return Denied("Bestpath from iBGP peer")
    if "no-advertise" in attributes.communities or (
        not peer.internal
        and (({"no-export"} if not peer.confederate else set()) | {"local-AS"}) & set(attributes.communities)
    ):
        return Denied("Well-known Community")
    if not peer.internal and not peer.confederate and path.kind != "local":
        attributes = replace(attributes, med=None)
    candidate = Candidate(path.prefix, attributes, peer.local_as)
    refused = _lists(candidate, settings, policy.prefix_list_out, policy.filter_list_out, policy.distribute_list_out)
    if refused is not None:
        return refused
    if policy.route_map_out is not None:
        result = apply_route_map(policy.route_map_out, candidate, settings)
        if result is None:
            return Denied("route-map")
        candidate = result
    out = _send(peer, family, candidate.attributes, path, prepend)
    if candidate.attributes.next_hop != attributes.next_hop:
        out = replace(out, next_hop=candidate.attributes.next_hop, link_local=None)
    return out


def _send(peer: Peer, family: BgpFamily, attributes: Attributes, path: Path, prepend: int) -> Attributes:
    policy = peer.settings.policy
    own = peer.local_address or UNSPECIFIED
    remote = peer.remote
    on_link = remote is not None and peer.interface is not None and remote.interface is not None
    mine = peer.node.settings.interfaces.get(peer.interface or "") if on_link else None
    nearby = None if mine is None or own.version == 4 else link_local(peer.node, mine)
    communities = attributes.communities if policy.send_community in ("standard", "both") else ()
    attributes = replace(attributes, weight=0, communities=communities)
    if peer.internal or peer.confederate:
        itself = policy.next_hop_self and (path.kind != "internal" or peer.confederate)
        keep = not path.attributes.next_hop.is_unspecified and not itself
        preference = attributes.local_preference
        inside = (Confederate(peer.local_as),) * (1 + prepend) if peer.confederate else ()
        return replace(
            attributes,
            as_path=inside + attributes.as_path,
            next_hop=attributes.next_hop if keep else own,
            link_local=None if keep else nearby,
            local_preference=family.default_local_preference if preference is None else preference,
            originator=None
            if peer.confederate
            else attributes.originator or (path.router_id if path.kind == "internal" else None),
        )
    as_path = tuple(part for part in attributes.as_path if not isinstance(part, Confederate))
    if policy.remove_private_as and as_path and all(_private(number) for number in ases(as_path)):
        as_path = ()
    if policy.as_override:
        as_path = tuple(peer.local_as if part == peer.settings.remote_as else part for part in as_path)
    return replace(
        attributes,
        next_hop=own,
        link_local=nearby,
        local_preference=None,
        as_path=(peer.local_as,) * (1 + prepend) + as_path,
        originator=None,
        clusters=(),
    )


def default_route(peer: Peer, prepend: int) -> Attributes:
    """What ``default-originate`` sends."""
    path = () if peer.internal else (peer.local_as,) * (1 + prepend)
    return Attributes(peer.local_address or UNSPECIFIED, path, local_preference=100 if peer.internal else None)


def _own_ases(bgp: BgpSettings, presented: int) -> set[int]:
    return {presented, bgp.asn} | (set() if bgp.confederation is None else {bgp.confederation})


def _private(number: int) -> bool:
    return 64512 <= number <= 65534 or 4200000000 <= number <= 4294967294


def outbound_fingerprint(peer: Peer, settings: Settings) -> object:
    """Changes when the configuration of what is sent to the neighbor changes."""
    policy = peer.settings.policy
    lists = settings.prefix_lists_of(peer.settings.address.version)
    return (
        policy.route_map_out,
        policy.prefix_list_out,
        policy.filter_list_out,
        policy.distribute_list_out,
        policy.send_community,
        policy.next_hop_self,
        policy.default_originate,
        policy.remove_private_as,
        policy.as_override,
        policy.route_reflector_client,
        settings.route_maps.get(policy.route_map_out or ""),
        lists.get(policy.prefix_list_out or ""),
        None if policy.route_map_out is None else tuple(sorted(lists.items())),
        settings.as_path_lists.get(policy.filter_list_out or ""),
        None if policy.route_map_out is None else tuple(sorted(settings.community_lists.items())),
    )


__all__ = ["DEFAULT_ROUTE", "Denied", "default_route", "export_route", "import_route", "outbound_fingerprint"]
