"""Which way Azure sends packets to a site, read from effective routes and from what its gateways learned, and why.

Longest prefix first; for one prefix a user-defined route before one of a gateway before one of the platform; and of
both gateways the ExpressRoute one. Sources: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
and https://learn.microsoft.com/azure/expressroute/expressroute-coexist-resource-manager.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.sides.brought import brought
from pytest_azinterop.verify.sides.choice import Choice
from pytest_azinterop.verify.sides.gateway_choice import by_learned, instances, learned_rows, weight_of
from pytest_azinterop.verify.sides.view import show_effective, show_learned, wanted_carriers
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import ExpectedNetwork, ExpectedSubnet
    from pytest_azinterop.state.azure_gateway import GatewayRoute
    from pytest_azinterop.state.azure_network import EffectiveRoute
    from pytest_azinterop.verify.sides.brought import Brought
    from pytest_azinterop.verify.sides.observed import ObservedSubnet
    from pytest_azinterop.verify.sides.view import SidesView

    Address = IPv4Address | IPv6Address
    Prefix = IPv4Network | IPv6Network

_ORIGINS: Final = ("User", "VirtualNetworkGateway", "Default")
_GATEWAY: Final = "VirtualNetworkGateway"


def places(network: ExpectedNetwork) -> list[ExpectedSubnet | None]:
    """Where a network's choice is read: its subnets with machines; None: its gateways, where there is no such one."""
    asked: list[ExpectedSubnet | None] = [each for each in network.subnets if each.has_interface]
    return asked or [None]


def destinations(view: SidesView, network: ExpectedNetwork, prefix: Prefix) -> list[Prefix]:
    """A declared prefix of the site, and every route inside it that the network has: packets may go another way.

    Behind a firewall the gateways' routes count as well. The host routes to the site's own ends of its tunnels are no
    destinations, nor is what another site owns of the prefix. A summary that the site announces and does not own, or a
    default route, covers what is others'.
    """
    if prefix.prefixlen == 0 or not view.expected.site.owned.permits(prefix):
        return [prefix]
    tunnels = view.expected.site.tunnels
    ends = {each.address.ip for each in tunnels if each.address is not None} | {each.bgp_address for each in tunnels}
    inside: set[Prefix] = set()
    for place in places(network):
        if place is None or place.via is not None:
            inside |= {row.prefix for gateway in network.gateways for row in view.learned(gateway).routes}
        if place is not None:
            inside |= {each for row in view.effective(place.name).routes if row.is_active for each in row.prefixes}
    return [
        prefix,
        *sorted(
            (
                each
                for each in inside
                if each != prefix
                and lies_in(each, prefix)
                and not view.expected.is_elsewhere(each)
                and not (each.prefixlen == each.max_prefixlen and each.network_address in ends)
            ),
            key=lambda each: (int(each.network_address), each.prefixlen),
        ),
    ]


def choose(view: SidesView, network: ExpectedNetwork, place: ExpectedSubnet | None, destination: Prefix) -> Choice:
    """The decision for packets from one place of a network to a destination of the site."""
    if place is None:
        return _by_gateways(view, network, destination, f"the gateways of {network.name}", network.gateways)
    effective = view.effective(place.name)
    rows = deciding(effective, destination)
    if not rows or (rows[0].origin not in ("User", _GATEWAY)):
        return _no_route(view, network, effective, destination)
    row = rows[0]
    if row.origin == "User":
        return _user_route(view, network, place, effective, row, destination)
    hops = [hop for each in rows for hop in each.next_hops or ()]
    prefix = _prefix_of(row, destination)
    if not hops:
        return _by_gateways(view, network, prefix, place.name, network.gateways)
    roles = {_role_of(view, network, hop, effective) for hop in hops}
    if len(roles) > 1:
        evidence.undetermined(
            f"next hops of {prefix} in {place.name} are of both gateways", "not-understood", effective.source
        )
    role = roles.pop()
    hop_words = some(sorted({str(hop) for hop in hops}))
    return _judged(
        view,
        network,
        Choice(
            place.name,
            role,
            f"{place.name} via {hop_words}" + ("" if prefix == destination else f", route {prefix}"),
            prefix,
            next_command=show_effective(effective),
            evidence=(row.source, effective.source),
        ),
        destination,
    )


def deciding(effective: ObservedSubnet, destination: Prefix) -> list[EffectiveRoute]:
    """The active rows that packets to a destination follow: of the longest prefix, and of the first origin that has
    it. Several are equal-cost next hops."""
    covering = [
        (row, max(covers, key=lambda each: each.prefixlen))
        for row in effective.routes
        if row.is_active and (covers := [each for each in row.prefixes if lies_in(destination, each)])
    ]
    if not covering:
        return []
    length = max(prefix.prefixlen for _, prefix in covering)
    rows = [row for row, prefix in covering if prefix.prefixlen == length]
    first = min((_rank(row) for row in rows), default=0)
    return [row for row in rows if _rank(row) == first]


def _rank(row: EffectiveRoute) -> int:
    return _ORIGINS.index(row.origin) if row.origin in _ORIGINS else len(_ORIGINS)


def _prefix_of(row: EffectiveRoute, destination: Prefix) -> Prefix:
    return max((each for each in row.prefixes if lies_in(destination, each)), key=lambda each: each.prefixlen)


def _no_route(view: SidesView, network: ExpectedNetwork, effective: ObservedSubnet, destination: Prefix) -> Choice:
    disabled = any(row.propagation_disabled for row in effective.routes)
    know = [gateway for gateway in network.gateways if any(True for _ in learned_rows(view, gateway, destination))]
    reason = (
        "the subnet's route table keeps routes of gateways out"
        if disabled
        else f"{some(know)} has learned it, the subnet has not"
        if know
        else f"{some(network.gateways)} has not learned it"
    )
    return Choice(
        effective.subnet,
        None,
        f"{effective.subnet} has no route",
        None,
        cause="azure-missing",
        reason=reason,
        next_command=show_effective(effective),
        evidence=(effective.source,),
    )


def _user_route(
    view: SidesView,
    network: ExpectedNetwork,
    place: ExpectedSubnet,
    effective: ObservedSubnet,
    row: EffectiveRoute,
    destination: Prefix,
) -> Choice:
    """A user-defined route: to the declared firewall, behind which the gateways decide; to the VPN gateway, which is
    what next hop type VirtualNetworkGateway means; or elsewhere."""
    hops = row.next_hops or ()
    if place.via is not None and place.via in hops:
        return _by_gateways(view, network, destination, f"{place.name} through {place.via}", network.gateways)
    if row.next_hop_type == _GATEWAY and network.over[0] == "vpn":
        vpn = [each for each in network.gateways if view.routing(each).kind == "vpn"]
        return _by_gateways(view, network, destination, place.name, vpn)
    prefix = _prefix_of(row, destination)
    target = clean(" ".join([row.next_hop_type, *map(str, hops)]))
    return Choice(
        place.name,
        "vpn" if row.next_hop_type == _GATEWAY else None,
        f"{place.name}: user-defined route {prefix} to {target}",
        prefix,
        cause="azure-user-route",
        reason=f"user-defined route {prefix} to {target} stands before the gateways' routes",
        next_command=show_effective(effective),
        evidence=(row.source, effective.source),
    )


def _role_of(view: SidesView, network: ExpectedNetwork, hop: Address, effective: ObservedSubnet) -> PathRole:
    """Which kind of gateway a next hop belongs to, by the addresses that the network's gateways have and show.

    A VPN gateway's next hop is one of its instances; that of an ExpressRoute gateway is an address of the MSEE's
    side, which the gateway may show as a peer or not at all.
    """
    kinds = {view.routing(gateway).kind for gateway in network.gateways}
    if len(kinds) == 1:
        return kinds.pop()
    expressroute: set[Address] = set()
    vpn: set[Address] = set()
    for gateway in network.gateways:
        if view.routing(gateway).kind == "vpn":
            vpn |= set(instances(view, gateway))
        else:
            expressroute |= set(instances(view, gateway))
            expressroute |= {each for row in view.learned(gateway).routes for each in _ends(row)}
    if hop in vpn and hop not in expressroute:
        return "vpn"
    if hop in expressroute:
        return "expressroute"
    if not vpn:
        evidence.undetermined(
            f"next hop {hop} in {effective.subnet} belongs to no gateway that is known",
            "not-understood",
            effective.source,
        )
    return "expressroute"


def _ends(row: GatewayRoute) -> Iterator[Address]:
    for each in (row.next_hop, row.source_peer):
        if each is not None:
            yield each


def _by_gateways(
    view: SidesView, network: ExpectedNetwork, destination: Prefix, place: str, gateways: Iterable[str]
) -> Choice:
    role, rows = by_learned(view, gateways, destination)
    tables = [view.learned(gateway) for gateway in gateways]
    if not tables:
        evidence.undetermined(f"the intent names no gateway of {network.name}", "not-collected")
    sources = tuple(each.source for each in tables)
    if not rows:
        return Choice(
            place,
            None,
            f"{place}: no gateway has a route",
            None,
            cause="azure-missing",
            reason=f"{some(gateways)} has not learned it",
            next_command=show_learned(tables[0]),
            evidence=sources,
        )
    prefix = rows[0].prefix
    return _judged(
        view,
        network,
        Choice(
            place,
            role,
            place if prefix == destination else f"{place}, route {prefix}",
            prefix,
            next_command=show_learned(tables[0]),
            evidence=sources,
        ),
        destination,
    )


def _judged(view: SidesView, network: ExpectedNetwork, choice: Choice, destination: Prefix) -> Choice:
    """The same choice with why it is not the wanted one."""
    if choice.role is None or choice.route is None:
        return choice
    by = brought(view, network, choice.role, choice.route)
    choice = replace(choice, carriers=by.own)
    if by.others:
        return _of_others(choice, by)
    if by.by_nobody and choice.role == network.over[0]:
        return replace(
            choice,
            others=("none that the intent names",),
            cause="azure-unknown-origin",
            reason=f"route {choice.route}",
        )
    wanted = network.over[0]
    cause: str | None = None
    reason: str | None = None
    declared = {each for each in view.expected.prefixes if lies_in(destination, each)}
    own = max(declared, key=lambda each: each.prefixlen, default=destination)
    is_inner = choice.route is not None and choice.route != own and lies_in(choice.route, own)
    if choice.role == wanted:
        carriers = wanted_carriers(view, network, wanted)
        if carriers and choice.carriers and not carriers & choice.carriers:
            if is_inner:
                cause, reason = "azure-more-specific", f"{choice.route} over {some(sorted(choice.carriers))}"
            else:
                cause, reason = _other_circuit(view, network, choice, carriers)
        elif carriers and choice.carriers - carriers:
            cause = "azure-equal-cost"
            reason = f"{some(sorted(choice.carriers - carriers))} beside {some(sorted(choice.carriers & carriers))}"
    else:
        if is_inner:
            cause = "azure-more-specific"
        elif not any(
            row.prefix == own
            for gateway in network.gateways
            if view.routing(gateway).kind == wanted
            for row in learned_rows(view, gateway, own)
        ):
            names = [each for each in network.gateways if view.routing(each).kind == wanted]
            cause, reason = "azure-missing", f"{some(names) or f'a gateway for {wanted}'} has not learned it"
        else:
            cause = "azure-less-preferred"
    return replace(choice, cause=cause, reason=reason)


def _of_others(choice: Choice, by: Brought) -> Choice:
    """Packets go, all or some, to others than the site."""
    first = by.others[0]
    names = some(dict.fromkeys(each.words for each in by.others))
    beside = f" beside {some(sorted(by.own))}" if by.own else ""
    return replace(
        choice,
        detail=f"{choice.detail}, route {choice.route} of {names}{beside}",
        others=tuple(each.words for each in by.others),
        cause="azure-other-site",
        reason=first.why or f"nothing of the site's own brings {choice.route}",
        next_command=first.next_command,
        evidence=(first.source, *choice.evidence),
    )


def _other_circuit(
    view: SidesView, network: ExpectedNetwork, choice: Choice, carriers: frozenset[str]
) -> tuple[str, str]:
    ours = max(weight_of(view, each, network) for each in carriers)
    theirs = max(weight_of(view, each, network) for each in choice.carriers)
    names, wanted = some(sorted(choice.carriers)), some(sorted(carriers))
    if theirs > ours:
        return "azure-weight", f"the connection's weight is {theirs} to {names} and {ours} to {wanted}"
    return "azure-prepend", f"its AS path is shorter over {names} than over {wanted}"
