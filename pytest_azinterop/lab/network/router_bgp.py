"""BGP of one router as its show commands see it."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import DEFAULTS, UNSPECIFIED, IpNetwork
from pytest_azinterop.lab.config.communities import printed
from pytest_azinterop.lab.network.bfd import hop_mode
from pytest_azinterop.lab.network.bgp_records import (
    BgpEntry,
    BgpNeighbor,
    BgpPath,
    BgpProcess,
    BgpTable,
    DeniedCounts,
    NeighborRoutes,
)
from pytest_azinterop.lab.network.bgp_transfer import outbound_fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import BgpFamily, FamilyKey
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.node import Family, Node
    from pytest_azinterop.lab.network.routes import Attributes, Entry, Path

RETRY = 120.0


def process(node: Node) -> BgpProcess | None:
    """The process, or None without one."""
    bgp = node.settings.bgp
    if bgp is None:
        return None
    default = bgp.families[None, 4]
    vrfs = [
        vrf
        for (vrf, ip), family in bgp.families.items()
        if ip == 4 and (vrf is not None or family.neighbors or family.networks)
    ]
    return BgpProcess(
        local_as=bgp.asn,
        router_id=node.families[None, 4].router_id,
        default_local_preference=default.default_local_preference,
        vrfs=_ordered(vrfs),
        vrfs6=_ordered(vrf for vrf, ip in bgp.families if ip == 6),
        asdot=bgp.asdot,
        log_changes=bgp.log_changes,
        distances=default.distances,
    )


def _ordered(vrfs: Iterable[str | None]) -> tuple[str | None, ...]:
    """The global table first."""
    return tuple(sorted(vrfs, key=lambda vrf: (vrf is not None, vrf or "")))


def table_id(node: Node, vrf: str | None) -> int:
    """The number of a VRF's table: in order of definition, from 1; the global table is 0."""
    return 0 if vrf is None else list(node.settings.vrfs).index(vrf) + 1 if vrf in node.settings.vrfs else 0


def _family(node: Node, key: FamilyKey) -> tuple[BgpFamily, Family, int] | None:
    """Settings, state and AS number of a family that is configured."""
    bgp, family = node.settings.bgp, node.families.get(key)
    if bgp is None or family is None or key not in bgp.families:
        return None
    return bgp.families[key], family, bgp.asn


def table(node: Node, vrf: str | None, ip: int) -> BgpTable | None:
    """The table of a VRF, or None without the address family."""
    standing = _family(node, (vrf, ip))
    if standing is None:
        return None
    settings, family, asn = standing
    known = node.settings.vrfs.get(vrf or "")
    return BgpTable(
        vrf=vrf,
        rd=None if known is None else known.rd,
        version=family.version,
        router_id=family.router_id,
        local_as=asn,
        default_local_preference=settings.default_local_preference,
        entries=tuple(_entry(node, settings, family, family.entries[prefix]) for prefix in sorted(family.entries)),
        table_id=table_id(node, vrf),
    )


def _entry(node: Node, settings: BgpFamily, family: Family, entry: Entry) -> BgpEntry:
    failure = _rib_failure(node, settings.vrf, entry)
    paths = tuple(
        _path(node, settings, entry, path, valid=valid, rib_failure=failure is not None)
        for path, valid in zip(entry.paths, entry.valid, strict=True)
    )
    groups = _update_groups(node, family)
    advertised = {
        groups[address]
        for address, peer in family.peers.items()
        if peer.up and (sent := peer.sent.get(entry.prefix)) is not None and sent[1] is not None
    }
    return BgpEntry(entry.prefix, entry.version, paths, tuple(sorted(advertised)), failure)


def _rib_failure(node: Node, vrf: str | None, entry: Entry) -> str | None:
    best = entry.best
    if best is None or best.kind == "local":
        return None
    route = node.table(vrf).routes.get(entry.prefix)
    return None if route is None or route.protocol == "bgp" else "Higher admin distance"


def _path(node: Node, settings: BgpFamily, entry: Entry, path: Path, *, valid: bool, rib_failure: bool) -> BgpPath:
    best = path == entry.best
    record = path_record(node, path.attributes, settings.default_local_preference)
    vrf = node.settings.vrfs.get(settings.vrf or "")
    return replace(
        record,
        from_neighbor=path.peer,
        neighbor_router_id=path.router_id,
        valid=valid,
        best=best,
        internal=path.kind == "internal",
        confederation=path.kind == "confederate" or (path.kind == "internal" and _in_confederation(node)),
        local=path.kind == "local",
        inaccessible=not valid and path.peer not in entry.damped,
        dampened=path.peer in entry.damped,
        stale=path.stale,
        suppressed=entry.suppressed,
        multipath=path in entry.multipath,
        rib_failure=rib_failure and best,
        igp_metric=entry.igp_metrics.get(path.attributes.next_hop),
        received_at=path.received_at,
        sourced=path.sourced,
        extended_communities=() if vrf is None else tuple(f"RT:{target}" for target in vrf.export_targets),
    )


def _in_confederation(node: Node) -> bool:
    return node.settings.bgp is not None and node.settings.bgp.confederation is not None


def path_record(node: Node, attributes: Attributes, default_preference: int) -> BgpPath:
    """Attributes as a record, all flags off."""
    preference = attributes.local_preference
    return BgpPath(
        next_hop=attributes.next_hop,
        link_local=attributes.link_local,
        from_neighbor=UNSPECIFIED,
        neighbor_router_id=UNSPECIFIED,
        metric=attributes.med,
        local_preference=preference,
        effective_local_preference=default_preference if preference is None else preference,
        weight=attributes.weight,
        as_path=attributes.as_path,
        origin=attributes.origin,
        valid=False,
        best=False,
        internal=False,
        local=False,
        communities=tuple(
            printed(each, new_format=node.settings.new_community_format) for each in attributes.communities
        ),
        aggregated_by=attributes.aggregator,
        atomic_aggregate=attributes.atomic_aggregate,
    )


def _update_groups(node: Node, family: Family) -> dict[IpAddress, int]:
    keys: dict[object, int] = {}
    found: dict[IpAddress, int] = {}
    for address in sorted(family.peers):
        peer = family.peers[address]
        key = (peer.internal, repr(outbound_fingerprint(peer, node.settings)))
        found[address] = keys.setdefault(key, len(keys) + 1)
    return found


def entry(node: Node, vrf: str | None, target: IpAddress | IpNetwork) -> BgpEntry | None:
    """One prefix with all paths, those that inbound policy denied or changed included."""
    standing_family = _family(node, (vrf, target.version))
    if standing_family is None:
        return None
    settings, family, _ = standing_family
    prefix = _find(family, target)
    if prefix is None:
        return None
    standing = family.entries.get(prefix)
    found = BgpEntry(prefix, 0, ()) if standing is None else _entry(node, settings, family, standing)
    paths = list(found.paths)
    for peer in family.peers.values():
        stored = peer.adj_in.get(prefix)
        if stored is None or not peer.up or not peer.settings.policy.soft_reconfiguration:
            continue
        used = peer.accepted.get(prefix)
        if used is None or replace(used.attributes, weight=0) != replace(stored[0], weight=0):
            paths.insert(_place(paths, peer.settings.address, stored[1]), _received(settings, peer, *stored))
    return replace(found, paths=tuple(paths)) if paths else None


def _place(paths: list[BgpPath], neighbor: IpAddress, at: float) -> int:
    """A received route follows the path that policy made of it, or stands by its age among the others."""
    for index, path in enumerate(paths):
        if path.from_neighbor == neighbor:
            return index + 1
    return next((index for index, path in enumerate(paths) if path.received_at < at), len(paths))


def _received(settings: BgpFamily, peer: Peer, attributes: Attributes, at: float) -> BgpPath:
    remote = peer.remote
    return replace(
        path_record(peer.node, attributes, settings.default_local_preference),
        from_neighbor=peer.settings.address,
        neighbor_router_id=UNSPECIFIED if remote is None else remote.node.families[remote.key].router_id,
        internal=peer.internal,
        received_only=True,
        used=False,
        received_at=at,
    )


def _find(family: Family, target: IpAddress | IpNetwork) -> IpNetwork | None:
    known = set(family.entries)
    for peer in family.peers.values():
        if peer.up and peer.settings.policy.soft_reconfiguration:
            known |= set(peer.adj_in)
    if isinstance(target, IpNetwork):
        return target if target in known else None
    found = [prefix for prefix in known if target in prefix]
    return max(found, key=lambda prefix: prefix.prefixlen, default=None)


def advertised(node: Node, vrf: str | None, address: IpAddress) -> NeighborRoutes | None:
    """What is sent to a neighbor, as it stands in the own table."""
    found = _peer(node, vrf, address)
    if found is None:
        return None
    settings, family, peer = found
    entries: list[BgpEntry] = []
    for prefix in sorted(peer.sent):
        out, standing = peer.sent[prefix][1], family.entries.get(prefix)
        if out is None or standing is None or standing.best is None:
            continue
        whole = _entry(node, settings, family, standing)
        entries.append(replace(whole, paths=tuple(path for path in whole.paths if path.best)))
    default = peer.settings.policy.default_originate and DEFAULTS[family.ip] in peer.sent
    return NeighborRoutes(address, family.version, family.router_id, tuple(entries), default_originated=default)


def received(node: Node, vrf: str | None, address: IpAddress) -> NeighborRoutes | None:
    """What a neighbor sent, before policy."""
    found = _peer(node, vrf, address)
    if found is None:
        return None
    settings, family, peer = found
    if not peer.settings.policy.soft_reconfiguration:
        text = f"% Inbound soft reconfiguration not enabled on {address}"
        return NeighborRoutes(address, family.version, family.router_id, (), error=text)
    entries: list[BgpEntry] = []
    for prefix in sorted(peer.adj_in):
        attributes, at = peer.adj_in[prefix]
        path = _received(settings, peer, attributes, at)
        standing = family.entries.get(prefix)
        best = standing is not None and standing.best is not None and standing.best.peer == address
        path = replace(path, received_only=False, used=True, valid=True, best=best)
        if peer.accepted.get(prefix) is None:
            path = replace(path, valid=True, best=False, received_only=True, used=False)
        entries.append(BgpEntry(prefix, 0, (path,)))
    return NeighborRoutes(address, family.version, family.router_id, tuple(entries))


def accepted(node: Node, vrf: str | None, address: IpAddress) -> NeighborRoutes | None:
    """What is left of it after policy."""
    found = _peer(node, vrf, address)
    if found is None:
        return None
    settings, family, _ = found
    entries: list[BgpEntry] = []
    for prefix in sorted(family.entries):
        whole = _entry(node, settings, family, family.entries[prefix])
        mine = tuple(path for path in whole.paths if path.from_neighbor == address and not path.local)
        if mine:
            entries.append(replace(whole, paths=mine))
    return NeighborRoutes(address, family.version, family.router_id, tuple(entries))


def _peer(node: Node, vrf: str | None, address: IpAddress) -> tuple[BgpFamily, Family, Peer] | None:
    found = _family(node, (vrf, address.version))
    if found is None or address not in found[1].peers:
        return None
    return found[0], found[1], found[1].peers[address]


def neighbors(node: Node, vrf: str | None, ip: int, now: float) -> tuple[BgpNeighbor, ...]:
    """All neighbors of a VRF, by address."""
    family = node.families.get((vrf, ip))
    if family is None:
        return ()
    groups = _update_groups(node, family)
    return tuple(_neighbor(node, family, family.peers[each], groups[each], now) for each in sorted(family.peers))


def _neighbor(node: Node, family: Family, peer: Peer, group: int, now: float) -> BgpNeighbor:
    settings = peer.settings
    sent, into = peer.messages(now)
    remote = peer.remote
    best = sum(entry.best is not None and entry.best.peer == settings.address for entry in family.entries.values())
    multi = sum(any(path.peer == settings.address for path in entry.multipath) for entry in family.entries.values())
    used = sum(path is not None for path in peer.accepted.values())
    local_port, foreign_port = _ports(peer)
    single_hop = not peer.internal and settings.multihop is None
    age = None if peer.since is None else now - peer.since
    return BgpNeighbor(
        vrf=family.vrf,
        address=settings.address,
        remote_as=settings.remote_as,
        local_as=peer.local_as,
        internal=peer.internal,
        description=settings.description,
        peer_group=settings.peer_group,
        activated=settings.activated,
        state=peer.state,
        admin_down=settings.shutdown,
        prefix_limit_exceeded=peer.prefix_limit,
        state_age=age,
        remote_router_id=None if remote is None else remote.node.families[remote.key].router_id,
        router_id=family.router_id,
        last_read=now - peer.last_heard(now) if peer.up else None,
        last_write=(now - (peer.established_at or now)) % (peer.keepalive or 1) if peer.up else None,
        graceful_restart=peer.offers_restart(),
        restart_time=peer.restart_times()[0],
        stalepath_time=peer.restart_times()[1],
        remote_restarts=remote is not None and remote.offers_restart(),
        remote_restart_time=120 if remote is None else remote.restart_times()[0],
        hold_time=peer.hold if peer.up else peer.offered_hold(),
        keepalive=peer.keepalive if peer.up else peer.offered_keepalive(),
        configured_hold_time=settings.hold,
        configured_keepalive=settings.keepalive,
        minimum_hold_time=settings.minimum_hold,
        sent=sent,
        received=into,
        advertisement_interval=_interval(peer, family.vrf),
        ebgp_multihop=settings.multihop,
        disable_connected_check=settings.disable_connected_check,
        ttl_security_hops=settings.ttl_security,
        update_source=settings.update_source,
        local_host=peer.local_address if peer.up else None,
        local_port=local_port if peer.up else None,
        foreign_host=settings.address if peer.up else None,
        foreign_port=foreign_port if peer.up else None,
        interface=peer.interface if single_hop and peer.up else None,
        route_to_peer=node.table(family.vrf).lookup(settings.address) is not None,
        connections_established=peer.established_count,
        connections_dropped=peer.dropped_count,
        last_reset_age=None if peer.reset_at is None else now - peer.reset_at,
        last_reset_reason=peer.reset_reason,
        next_active_open=RETRY - now % RETRY if peer.state == "Active" else None,
        policy=settings.policy,
        table_version=family.version if peer.up else 1,
        main_table_version=family.version,
        prefixes_sent=sum(attributes is not None for _, attributes in peer.sent.values()),
        prefixes_accepted=used,
        prefixes_saved=len(peer.adj_in) if settings.policy.soft_reconfiguration else None,
        bestpaths=best,
        multipaths=multi,
        explicit_withdraws_received=peer.withdraws_received,
        implicit_withdraws_received=0,
        withdraws_sent=peer.withdraws_sent,
        denied=DeniedCounts(dict(Counter(peer.denied_reason.values())), dict(Counter(peer.denied_out.values()))),
        bfd=hop_mode(peer),
        password=settings.password is not None,
        update_group=group,
        established_for=None if peer.established_at is None else now - peer.established_at,
        table_id=table_id(node, family.vrf),
        passive=settings.passive,
        bfd_up=peer.bfd is not None and peer.bfd.up,
    )


def _interval(peer: Peer, vrf: str | None) -> int:
    if peer.settings.advertisement_interval is not None:
        return peer.settings.advertisement_interval
    return 0 if peer.internal or vrf is not None else 30


def _ports(peer: Peer) -> tuple[int, int]:
    remote = peer.remote
    if remote is None:
        return 179, 179
    active = peer if peer.active_side else remote
    seed = f"{active.node.name}{active.settings.address}{active.established_at}"
    port = 11000 + zlib.crc32(seed.encode()) % 50000
    return (port, 179) if peer.active_side else (179, port)
