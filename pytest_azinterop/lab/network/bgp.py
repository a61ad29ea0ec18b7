"""BGP of the whole network: sessions that follow from forwarding, exchange of routes, the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import DEFAULTS, UNSPECIFIED, within
from pytest_azinterop.lab.network import bgp_session, dampening
from pytest_azinterop.lab.network.bestpath import Decision, best_path
from pytest_azinterop.lab.network.bgp_origin import local_path, local_routes
from pytest_azinterop.lab.network.bgp_records import Confederate
from pytest_azinterop.lab.network.bgp_transfer import (
    Denied,
    default_route,
    export_route,
    import_route,
    outbound_fingerprint,
)
from pytest_azinterop.lab.network.node import Family
from pytest_azinterop.lab.network.records import NextHop
from pytest_azinterop.lab.network.routes import Attributes, Entry, Path, Route, Table, path_length

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import BgpFamily
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.forwarding import Forwarding
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.topology import Topology

REFRESH_DELAY = 60.0
"""Seconds after a change of outbound policy until IOS refreshes the update group by itself."""


class Bgp:
    """Every BGP speaker. ``update`` is called until nothing changes any more."""

    def __init__(self, nodes: dict[str, Node], forwarding: Forwarding, topology: Topology) -> None:
        self._nodes = nodes
        self._topology = topology
        self.sessions = bgp_session.Sessions(nodes, forwarding)

    def configure(self, node: Node, now: float) -> None:
        """Bring families and peers in line with a node's settings."""
        self._families(node)
        for family in node.families.values():
            self.sessions.sync(node, family, now)
            for peer in family.peers.values():
                fingerprint = outbound_fingerprint(peer, node.settings)
                if peer.out_policy is not None and fingerprint != peer.out_policy and peer.up:
                    peer.refresh_out_at = now + REFRESH_DELAY
                peer.out_policy = fingerprint

    def _families(self, node: Node) -> None:
        bgp = node.settings.bgp
        wanted = {} if bgp is None else bgp.families
        for key in [key for key in node.families if key not in wanted]:
            for peer in node.families[key].peers.values():
                self.sessions.drop_remote(peer)
            del node.families[key]
        for key in wanted:
            if key not in node.families:
                node.families[key] = Family(key[0], UNSPECIFIED, ip=key[1])

    def refresh_router_ids(self, node: Node, now: float) -> bool:
        """Router IDs stick once chosen; a configured one always counts, and another one ends the sessions."""
        bgp, changed = node.settings.bgp, False
        if bgp is None:
            return False
        for (vrf, ip), family in node.families.items():
            same_vrf = bgp.families.get((vrf, 4))
            configured = bgp.families[vrf, ip].router_id or (None if same_vrf is None else same_vrf.router_id)
            configured = configured or bgp.router_id
            if configured is not None:
                if family.router_id not in (UNSPECIFIED, configured):
                    for peer in family.peers.values():
                        changed |= peer.up
                        self.sessions.down(peer, now, "Router ID changed", "Administrative Reset")
                family.router_id = configured
            elif family.router_id == UNSPECIFIED:
                family.router_id = _highest_address(node, vrf)
        return changed

    def update(self, now: float) -> bool:
        """Sessions, origination, exchange, decision once round; True when any of it changed something."""
        changed = self.sessions.update(now)
        for node in self._nodes.values():
            changed |= self.refresh_router_ids(node, now)
        for _ in range(40):
            moved = False
            for node in self._nodes.values():
                bgp = node.settings.bgp
                if bgp is None:
                    continue
                for key, family in node.families.items():
                    moved |= self._decide(node, bgp.families[key], family, now)
            for node in self._nodes.values():
                for family in node.families.values():
                    for peer in family.peers.values():
                        if peer.up and peer.remote is not None:
                            moved |= self._advertise(node, family, peer, now)
            changed |= moved
            if not moved:
                break
        return changed

    def _decide(self, node: Node, settings: BgpFamily, family: Family, now: float) -> bool:
        """Run inbound policy where it is due, then the decision for every prefix. True when a best path changed."""
        basis = (
            node.settings_version, node.table_versions.get(family.vrf), node.far_state(), family.router_id,
            tuple((peer.established_at, peer.stale_until) for peer in family.peers.values()),
        )  # fmt: skip
        if (
            family.decided_on == basis
            and not any(peer.changed for peer in family.peers.values())
            and not settings.aggregates
        ):
            return False
        family.decided_on = basis
        paths: dict[IpNetwork, list[Path]] = {}
        origins = local_routes(node, settings, family, self._topology)
        for prefix in [prefix for prefix in family.local if prefix not in origins]:
            del family.local[prefix]
        for prefix, origin in origins.items():
            standing = family.local.get(prefix)
            if standing is None or standing[0] != origin:
                family.local[prefix] = (origin, now)
            paths[prefix] = [local_path(prefix, origin, family.router_id, family.local[prefix][1])]
        for peer in family.peers.values():
            if peer.up or peer.stale_until is not None:
                if peer.up:
                    self._accept(node, family, peer, now)
                for prefix, path in peer.accepted.items():
                    if path is not None:
                        paths.setdefault(prefix, []).append(path)
        hidden = [each.prefix for each in settings.aggregates if each.summary_only and each.prefix in paths]
        changed = False
        for prefix in [prefix for prefix in family.entries if prefix not in paths]:
            changed = True
            family.version += 1
            del family.entries[prefix]
        for prefix, found in paths.items():
            suppressed = any(prefix != each and within(prefix, each) for each in hidden)
            damped = frozenset(path.peer for path in found if _damped(family, path, now))
            changed |= self._decide_one(node, settings, family, prefix, found, suppressed=suppressed, damped=damped)
        return changed

    def _decide_one(
        self, node: Node, settings: BgpFamily, family: Family, prefix: IpNetwork, found: list[Path], *,
        suppressed: bool, damped: frozenset[IpAddress],
    ) -> bool:  # fmt: skip
        table = node.table(settings.vrf)
        metrics: dict[IpAddress, int | None] = {}
        usable: list[bool] = []
        found.sort(key=lambda path: (-path.received_at, -int(path.peer)))
        for path in found:
            hop = path.attributes.next_hop
            if path.kind == "local":
                usable.append(True)
                continue
            route = table.lookup(hop)
            resolved = table.resolve(hop) if route is not None else ()
            metrics[hop] = None if route is None else route.metric
            usable.append(bool(resolved) and path.peer not in damped)
        decision = Decision(
            settings.default_local_preference, metrics, settings.compare_routerid, settings.always_compare_med
        )
        candidates = [path for path, valid in zip(found, usable, strict=True) if valid]
        best = best_path(candidates, decision)
        while best is not None and _through_itself(table, prefix, best):
            usable[found.index(best)] = False
            candidates.remove(best)
            best = best_path(candidates, decision)
        entry = family.entries.get(prefix)
        fresh = entry is None
        if entry is None:
            entry = family.entries[prefix] = Entry(prefix)
        entry.paths, entry.valid, entry.igp_metrics = tuple(found), tuple(usable), metrics
        entry.damped = damped
        multipath = _multipath(candidates, best, settings, decision)
        if multipath != entry.multipath:
            family.version += 1
        entry.multipath = multipath
        if best == entry.best and suppressed == entry.suppressed and not fresh:
            return False
        entry.best, entry.suppressed = best, suppressed
        family.version += 1
        entry.version = family.version
        return True

    def _accept(self, node: Node, family: Family, peer: Peer, now: float) -> None:
        """Judge the received routes that the present policy has not judged yet."""
        if not peer.changed:
            return
        peer.changed = False
        for prefix in [prefix for prefix in peer.accepted if prefix not in peer.adj_in]:
            del peer.accepted[prefix]
            peer.denied_reason.pop(prefix, None)
        for prefix, (attributes, at) in peer.adj_in.items():
            if prefix in peer.accepted:
                continue
            if prefix in node.refused:
                peer.accepted[prefix], peer.denied_reason[prefix] = None, "prefix-list"
                continue
            result = import_route(peer, node.settings, prefix, attributes, at, family.router_id)
            if isinstance(result, Denied):
                peer.accepted[prefix] = None
                peer.denied_reason[prefix] = result.reason
            else:
                peer.accepted[prefix] = result
                peer.denied_reason.pop(prefix, None)
        self.sessions.check_limit(peer, now)

    def _advertise(self, node: Node, family: Family, peer: Peer, now: float) -> bool:
        """Send what changed since the last time to one neighbor; True when the neighbor noticed."""
        remote, bgp = peer.remote, node.settings.bgp
        if remote is None or bgp is None:
            return False
        settings = bgp.families[family.key]
        basis = (family.version, node.prepend, node.withdrawn, peer.settings.policy.default_originate)
        if peer.advertised_on == basis:
            return False
        peer.advertised_on = basis
        news = 0
        for prefix, entry in family.entries.items():
            decision = (entry.best, entry.suppressed, node.prepend, _is_withdrawn(node, prefix))
            before = peer.sent.get(prefix)
            if before is not None and before[0] == decision:
                continue
            out = self._export(node, family, settings, peer, entry)
            news += self._send(peer, remote, prefix, before, decision, out, now)
        gone = [prefix for prefix in peer.sent if prefix not in family.entries]
        if peer.settings.policy.default_originate and settings is not None:
            marker = ("default-originate", peer.local_address)
            default = DEFAULTS[family.ip]
            before = peer.sent.get(default)
            if before is None or before[0] != marker:
                news += self._send(peer, remote, default, before, marker, default_route(peer, node.prepend), now)
            gone = [prefix for prefix in gone if prefix != default]
        for prefix in gone:
            _, attributes = peer.sent.pop(prefix)
            peer.denied_out.pop(prefix, None)
            if attributes is not None:
                news += 1
                self._withdraw(peer, remote, prefix, now)
        if news:
            count = 1 + news // 50
            peer.sent_messages["updates"] += count
            remote.received_messages["updates"] += count
        return bool(news)

    def _export(
        self, node: Node, family: Family, settings: BgpFamily, peer: Peer, entry: Entry
    ) -> Attributes | Denied | None:
        best = entry.best
        if best is None or entry.suppressed or _is_withdrawn(node, entry.prefix):
            return None
        source = family.peers.get(best.peer)
        from_client = source is not None and source.settings.policy.route_reflector_client
        return export_route(peer, node.settings, settings, best, node.prepend, from_client=from_client)

    def _send(
        self, peer: Peer, remote: Peer, prefix: IpNetwork, before: tuple[object, Attributes | None] | None,
        decision: object, out: Attributes | Denied | None, now: float,
    ) -> int:  # fmt: skip
        peer.denied_out.pop(prefix, None)
        if isinstance(out, Denied):
            peer.denied_out[prefix] = out.reason
            out = None
        peer.sent[prefix] = (decision, out)
        if before is not None and before[1] == out:
            return 0
        if out is None:
            if before is None or before[1] is None:
                return 0
            self._withdraw(peer, remote, prefix, now)
            return 1
        remote.adj_in[prefix] = (out, now)
        remote.accepted.pop(prefix, None)
        remote.changed = True
        return 1

    def _withdraw(self, peer: Peer, remote: Peer, prefix: IpNetwork, now: float) -> None:
        peer.withdraws_sent += 1
        remote.withdraws_received += 1
        if remote.adj_in.pop(prefix, None) is not None:
            dampening.flapped(remote, prefix, now)
            remote.accepted.pop(prefix, None)
            remote.changed = True

    def routes(self, node: Node, vrf: str | None, ip: int) -> list[Route]:
        """What BGP offers to the routing table of a VRF."""
        key = (vrf, ip)
        bgp, family = node.settings.bgp, node.families.get(key)
        if bgp is None or family is None or key not in bgp.families or (ip == 6 and not node.settings.ipv6_routing):
            return []
        settings = bgp.families[key]
        found: list[Route] = []
        for entry in family.entries.values():
            best = entry.best
            if best is None:
                continue
            if best.kind == "local":
                if best.sourced == "aggregate":
                    hop = (NextHop(None, "Null0"),)
                    found.append(self._route(entry.prefix, settings.distances[2], 0, hop, best, bgp.asn))
                continue
            external = best.kind == "external"
            distance = settings.distances[0 if external else 1]
            hops = tuple(_next_hop(family, path) for path in entry.multipath or (best,))
            found.append(self._route(entry.prefix, distance, best.attributes.med or 0, hops, best, bgp.asn))
        return found

    def _route(
        self, prefix: IpNetwork, distance: int, metric: int, hops: tuple[NextHop, ...], best: Path, asn: int
    ) -> Route:
        path = best.attributes.as_path
        first = next((part for part in path if isinstance(part, int) and not isinstance(part, Confederate)), None)
        return Route(
            prefix, "bgp", distance, metric, hops, best.received_at, process=str(asn), tag=first,
            route_type="external" if best.kind == "external" else "internal",
            source=best.peer, as_hops=path_length(path), external=best.kind == "external",
        )  # fmt: skip

    def refresh_in(self, peer: Peer) -> None:
        """Apply the present inbound policy to everything received (soft in, or route refresh)."""
        peer.accepted.clear()
        peer.denied_reason.clear()
        peer.changed = True
        if not peer.settings.policy.soft_reconfiguration and peer.remote is not None:
            peer.sent_messages["refresh"] += 1
            peer.remote.received_messages["refresh"] += 1

    def refresh_out(self, peer: Peer) -> None:
        """Apply the present outbound policy to everything advertised."""
        peer.refresh_out_at, peer.advertised_on = None, None
        for prefix, (_decision, attributes) in list(peer.sent.items()):
            peer.sent[prefix] = (None, attributes)
        default = DEFAULTS[peer.key[1]]
        if not peer.settings.policy.default_originate and default in peer.sent and peer.remote is not None:
            family = peer.node.families[peer.key]
            if default not in family.entries:
                peer.sent[default] = (None, peer.sent[default][1])


def _is_withdrawn(node: Node, prefix: IpNetwork) -> bool:
    """Whether a far end tells nobody of a prefix any more, wherever it has it from."""
    return prefix in node.withdrawn and prefix not in node.announced


def _damped(family: Family, path: Path, now: float) -> bool:
    peer = family.peers.get(path.peer)
    return path.kind != "local" and peer is not None and dampening.suppressed(peer, path.prefix, now)


def _next_hop(family: Family, path: Path) -> NextHop:
    """An IPv6 neighbor on the link is reached by its link-local address; everything else recursively."""
    peer = family.peers.get(path.peer)
    if path.attributes.link_local is not None and peer is not None and peer.interface is not None:
        return NextHop(path.attributes.link_local, peer.interface)
    return NextHop(path.attributes.next_hop, None)


def _through_itself(table: Table, prefix: IpNetwork, path: Path) -> bool:
    """True for a path that, once best, would have to be used to reach its own next hop."""
    hop = path.attributes.next_hop
    if path.kind == "local" or hop not in prefix:
        return False
    route = table.lookup(hop)
    if route is None:
        return False
    shorter = route.prefix.prefixlen < prefix.prefixlen
    return shorter or (route.prefix == prefix and route.protocol == "bgp")


def _multipath(candidates: list[Path], best: Path | None, settings: BgpFamily, decision: Decision) -> tuple[Path, ...]:
    """The paths that are equal to the best one up to the IGP metric, as ``maximum-paths`` allows."""
    if best is None or best.kind == "local":
        return ()
    limit = settings.maximum_paths if best.kind == "external" else settings.maximum_paths_ibgp
    if limit <= 1:
        return ()

    def rank(path: Path) -> tuple[object, ...]:
        a = path.attributes
        preference = decision.default_local_preference if a.local_preference is None else a.local_preference
        shape: object = len(a.as_path) if settings.multipath_relax else a.as_path
        return (path.kind, a.weight, preference, shape, a.origin, a.med or 0, decision.igp_metrics.get(a.next_hop))

    equal = [path for path in candidates if rank(path) == rank(best)]
    equal.sort(key=lambda path: path != best)
    return tuple(equal[:limit]) if len(equal) > 1 else ()


def _highest_address(node: Node, vrf: str | None) -> IPv4Address:
    interfaces = [each for name, each in node.settings.interfaces.items() if node.up(name) and each.address]
    for wanted in (vrf, None):
        mine = [each for each in interfaces if each.vrf == wanted]
        loopbacks = [each for each in mine if each.name.startswith("Loopback")]
        found = [each.address.ip for each in loopbacks or mine if each.address is not None]
        if found:
            return max(found)
    return UNSPECIFIED
