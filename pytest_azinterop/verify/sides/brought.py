"""Which circuit or connection brought Azure the route that it uses: one of the site's own, or another's.

AS paths do not tell sites of one AS apart, so ExpressRoute is told by the circuits' route tables: of several circuits
that have a prefix the one whose connection has the highest weight, then the one with the shortest AS path
(https://learn.microsoft.com/azure/expressroute/expressroute-optimize-routing). A VPN gateway's peers are told by their
addresses; of several the one with the shortest AS path (https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.sides.gateway_choice import exact_rows, instances, msee_asns, weight_of
from pytest_azinterop.verify.sides.view import is_from, learned_over, show_circuit, show_learned
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import DevicePath, ExpectedCarrier, ExpectedNetwork, ExpectedOtherPath
    from pytest_azinterop.state.azure_circuit import CircuitRoute
    from pytest_azinterop.state.azure_gateway import GatewayRoute
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.sides.observed import ObservedCircuitTable
    from pytest_azinterop.verify.sides.view import SidesView

    Prefix = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Other:
    """What is not the site's and brings a prefix of it. `why` says what makes Azure use it, None: nothing else brings
    the prefix. `next_command` prints where it was read."""

    words: str
    why: str | None
    next_command: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Brought:
    """`own` are the site's circuits or connections that Azure uses for a prefix, `others` what it uses beside or
    instead of them; where the intent lets another site own the same prefix, they are not told: `shared`."""

    own: frozenset[str]
    others: tuple[Other, ...] = ()
    shared: bool = False

    @property
    def by_nobody(self) -> bool:
        """Nothing that the intent names brings the prefix."""
        return not (self.own or self.others or self.shared)


def brought(view: SidesView, network: ExpectedNetwork, role: PathRole, prefix: Prefix) -> Brought:
    """Who brings the route that Azure uses for a prefix of the site, and for what covers or is inside one.

    Raises UndeterminedError where more brings it to a gateway than is known.
    """
    if role == "vpn":
        found = _over_vpn(view, [each for each in network.gateways if view.routing(each).kind == "vpn"], prefix, set())
    else:
        found = _over_expressroute(view, network, prefix)
    if prefix in view.expected.shared and found.others:
        return Brought(found.own, shared=True)
    return found


# ExpressRoute -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Holder:
    """One router that announces the prefix on one path of a circuit; `own`: the site's."""

    circuit: str
    path: DevicePath
    gateways: tuple[str, ...]
    row: CircuitRoute
    own: bool
    table: ObservedCircuitTable

    @property
    def words(self) -> str:
        at = "" if self.row.next_hop is None else f" from {self.row.next_hop}"
        return f"{self.circuit} ({self.path}){at}"


def _over_expressroute(view: SidesView, network: ExpectedNetwork, prefix: Prefix) -> Brought:
    """At each gateway by what is connected to that one: a network with two of them may have another site's circuit at
    one, whatever is better at the other."""
    at_each = [
        _at_expressroute(view, replace(network, gateways=(gateway,)), prefix)
        for gateway in network.gateways
        if view.routing(gateway).kind == "expressroute"
    ]
    others = dict.fromkeys(other for found in at_each for other in found.others)
    return Brought(frozenset().union(*(found.own for found in at_each)), tuple(others))


def _at_expressroute(view: SidesView, network: ExpectedNetwork, prefix: Prefix) -> Brought:
    (gateway,) = network.gateways
    holders = [each for each in _holders(view, prefix) if gateway in each.gateways]
    _check_all_known(view, gateway, holders, prefix)
    ranks = {each: (weight_of(view, each.circuit, network), -each.row.as_path.length) for each in holders}
    first = max(ranks.values(), default=None)
    used = [each for each in holders if ranks[each] == first]
    own = max((rank for each, rank in ranks.items() if each.own), default=None)
    return Brought(
        frozenset(each.circuit for each in used if each.own),
        tuple(
            Other(
                each.words,
                None if own is None else _why(ranks[each], own, each, some(_circuits(holders))),
                show_circuit(each.table),
                each.table.source,
            )
            for each in used
            if not each.own
        ),
    )


def _circuits(holders: Iterable[_Holder]) -> list[str]:
    return sorted({each.circuit for each in holders if each.own})


def _why(theirs: tuple[int, int], own: tuple[int, int], other: _Holder, circuits: str) -> str:
    if theirs[0] != own[0]:
        return f"the connection's weight is {theirs[0]} to {other.circuit} and {own[0]} to {circuits}"
    if theirs[1] != own[1]:
        return f"its AS path has {-theirs[1]} ASNs over {other.circuit} and {-own[1]} over {circuits}"
    return f"neither weight nor AS path prefers {circuits}"


def _holders(view: SidesView, prefix: Prefix) -> Iterator[_Holder]:
    """Every router that announces the prefix to a circuit of the networks' gateways, the site's own first."""
    azure = {each.asn for each in view.expected.gateways}
    own: dict[tuple[str, DevicePath], list[CircuitRoute]] = defaultdict(list)
    for each in view.expected.site.sessions:
        carrier = view.carrier(each)
        if carrier.role != "expressroute" or carrier.path is None:
            continue
        table, address = view.table(carrier), view.own_address(each)
        for row in view.in_table(carrier, prefix):
            if is_from(row, each, address) and row not in own[carrier.name, carrier.path]:
                own[carrier.name, carrier.path].append(row)
                yield _Holder(carrier.name, carrier.path, carrier.gateways, row, own=True, table=table)
    for other in view.expected.other_paths:
        table = view.table(other)
        for row in view.in_table(other, prefix):
            of_site = row.as_path.sequence and row.as_path.neighbor_as not in azure
            if of_site and row not in own[other.name, other.path]:
                yield _Holder(other.name, other.path, other.gateways, row, own=False, table=table)


def _check_all_known(view: SidesView, gateway: str, holders: list[_Holder], prefix: Prefix) -> None:
    """Raises UndeterminedError where a gateway learned the prefix of more MSEEs than the known tables explain, or,
    where another than the site has it, not of as many: then it is not told whose route is at the gateway.

    Each circuit has two MSEEs, and every instance has both as peers.
    """
    learned = view.learned(gateway)
    peers = _most_peers(exact_rows(view, gateway, prefix))
    paths = len({(each.circuit, each.path) for each in holders})
    circuits = len({each.circuit for each in holders})
    unnamed = peers > 2 * circuits or (peers > paths and _msees_of(view, gateway) > 2 * _named(view, gateway))
    if unnamed or (peers != paths and any(not each.own for each in holders)):
        evidence.undetermined(
            f"{gateway} learned {prefix} from {peers} MSEEs, and it is in {paths} route tables of the circuits that "
            "the intent connects to it",
            "not-understood",
            learned.source,
        )


def check_told_apart(view: SidesView, session: ExpectedSession, gateway: str, prefix: Prefix) -> None:
    """Raises UndeterminedError where others announce the prefix with the session's AS to circuits of the gateway, and
    it did not learn it over each path that has it: AS paths do not tell whose is missing."""
    rivals = [each for each in view.expected.of_same_as(session) if gateway in each.gateways]
    theirs = [each for each in rivals if _is_announced(view, each, session, prefix)]
    if not theirs:
        return
    own = {
        (each.name, each.path): each
        for each in view.expected.carriers
        if each.role == "expressroute" and gateway in each.gateways
    }
    paths = len(theirs) + sum(_is_announced(view, each, session, prefix) for each in own.values())
    peers = _most_peers(row for row in exact_rows(view, gateway, prefix) if session.local_as in row.as_path.sequence)
    if peers != paths:
        others = some(f"{each.name} ({each.path})" for each in theirs)
        evidence.undetermined(
            f"{gateway} learned {prefix} of AS {session.local_as} from {peers} MSEEs, and it is in {paths} route "
            f"tables, {others} among them, whose routers have that AS as well: whose route it is is not told",
            "not-understood",
            view.learned(gateway).source,
        )


def _is_announced(
    view: SidesView, at: ExpectedCarrier | ExpectedOtherPath, session: ExpectedSession, prefix: Prefix
) -> bool:
    """Whether a router of the session's AS announces the prefix on one path of a circuit."""
    azure = {each.asn for each in view.expected.gateways}
    return any(
        session.local_as in row.as_path.sequence and row.as_path.neighbor_as not in azure
        for row in view.in_table(at, prefix)
    )


def _msees_of(view: SidesView, gateway: str) -> int:
    msees = msee_asns(view)
    return _most_peers(row for row in view.learned(gateway).routes if row.as_path.neighbor_as in msees)


def _named(view: SidesView, gateway: str) -> int:
    """How many circuits the intent connects to a gateway."""
    named = {each.name for each in view.expected.other_paths if gateway in each.gateways}
    return len(named | {each.name for each in view.expected.carriers if gateway in each.gateways})


def _most_peers(rows: Iterable[GatewayRoute]) -> int:
    """How many peers an instance has these routes from: that with the most."""
    found: dict[IPv4Address | IPv6Address, set[IPv4Address | IPv6Address | None]] = defaultdict(set)
    for row in rows:
        found[row.instance].add(row.source_peer or row.next_hop)
    return max(map(len, found.values()), default=0)


# VPN ----------------------------------------------------------------------------------------------------------------


def _over_vpn(view: SidesView, gateways: Iterable[str], prefix: Prefix, passed: set[str]) -> Brought:
    """By each gateway's peers; what another gateway brings is what that one uses."""
    own: set[str] = set()
    others: list[Other] = []
    for gateway in gateways:
        passed.add(gateway)
        at_hand = set(instances(view, gateway))
        # What one instance of the gateway has of the other came from one of that one's peers.
        rows = [row for row in exact_rows(view, gateway, prefix) if (row.source_peer or row.next_hop) not in at_hand]
        best = max(((row.weight, -row.as_path.length) for row in rows), default=None)
        used = [row for row in rows if (row.weight, -row.as_path.length) == best]
        lengths = [row.as_path.length for row in rows if _carrier(view, row) is not None]
        for row in used:
            carrier = _carrier(view, row)
            if carrier is not None:
                own.add(carrier)
            elif behind := _gateway_of(view, row, passed):
                there = _over_vpn(view, [behind], prefix, passed)
                own |= there.own
                others += there.others
            else:
                others.append(_other_peer(view, gateway, row, min(lengths, default=None)))
    return Brought(frozenset(own), tuple(dict.fromkeys(others)))


def _carrier(view: SidesView, row: GatewayRoute) -> str | None:
    """The site's connection that a VPN gateway's route came over."""
    for each in view.expected.site.sessions:
        if each.role == "vpn" and learned_over(each, view.own_address(each), row):
            return view.carrier(each).name
    return None


def _gateway_of(view: SidesView, row: GatewayRoute, passed: set[str]) -> str | None:
    """The other VPN gateway that a route came from, if it was not asked yet and is one of the intent."""
    peer = row.source_peer or row.next_hop
    for each in view.expected.gateways:
        if each.kind != "vpn" or each.gateway in passed or row.as_path.neighbor_as != each.asn:
            continue
        if view.has_learned(each.gateway) and peer in set(instances(view, each.gateway)):
            return each.gateway
    return None


def _other_peer(view: SidesView, gateway: str, row: GatewayRoute, own: int | None) -> Other:
    peer = row.source_peer or row.next_hop
    seen = row.as_path.length
    why = (
        None
        if own is None
        else f"its AS path has {seen} ASNs, that of the site {own}"
        if seen != own
        else "the AS path of the site is as long"
    )
    learned = view.learned(gateway)
    return Other(f"peer {peer} of {gateway} (AS path {row.as_path})", why, show_learned(learned), learned.source)
