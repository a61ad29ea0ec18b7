"""Whether one session alone could carry packets between a prefix of the site and one of Azure, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.sides.brought import check_told_apart
from pytest_azinterop.verify.sides.view import is_from, learned_over

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.sides import ExpectedNetwork
    from pytest_azinterop.verify.sides.view import SidesView

    Prefix = IPv4Network | IPv6Network


def is_up(view: SidesView, session: ExpectedSession) -> bool:
    """The session is Established."""
    neighbor = view.exchange(session).neighbor
    return neighbor is not None and neighbor.is_established


def is_declared(view: SidesView, session: ExpectedSession, network: ExpectedNetwork) -> bool:
    """The intent has the network over this session's circuit or connection."""
    carrier = view.carrier(session)
    if carrier.role not in network.over:
        return False
    return carrier.role == "vpn" or bool(set(carrier.gateways).intersection(network.gateways))


def knows_gateways(view: SidesView, network: ExpectedNetwork, session: ExpectedSession | None = None) -> bool:
    """Whether the intent names a gateway of the network, and one at the session's end: without, what Azure would do
    over it is not known."""
    return bool(network.gateways) and (session is None or bool(view.carrier(session).gateways))


def why_not_to_azure(view: SidesView, session: ExpectedSession, prefix: Prefix) -> str | None:
    """Why the site could not send to a prefix of Azure over this session; None where it could."""
    if not is_up(view, session):
        return "session-down"
    exchange = view.exchange(session)
    routes = evidence.routes_of(session.vrf, session.neighbor, "accepted", exchange.accepted)
    paths = [path for path in routes.paths if path.prefix == prefix]
    if not paths:
        return "site-missing"
    if not any(path.valid and not path.is_local for path in paths):
        return "site-invalid"
    return view.site.why_not_carried(session)


def why_not_from_azure(
    view: SidesView, session: ExpectedSession, network: ExpectedNetwork, prefix: Prefix
) -> str | None:
    """Why a network could not send to a prefix of the site over this session; None where it could.

    Of a network with several ExpressRoute gateways at the circuit each has to know the way: behind each stand other
    VNets. A tunnel ends at one of the connection's gateways.
    Raises UndeterminedError where another site of its AS may be the one whose route a gateway has.
    """
    if not is_up(view, session):
        return "session-down"
    carrier = view.carrier(session)
    own = view.own_address(session)
    if carrier.role == "expressroute":
        table = view.table(carrier)
        if not any(row.prefix == prefix and is_from(row, session, own) for row in table.routes):
            return "azure-missing"
        gateways = [each for each in carrier.gateways if each in network.gateways]
    else:
        gateways = list(carrier.gateways)
    if not gateways:
        return "no-gateway"
    knowing = [
        gateway
        for gateway in gateways
        if any(learned_over(session, own, row) for row in view.learned_of(gateway, prefix))
    ]
    if not knowing or (carrier.role == "expressroute" and knowing != gateways):
        return "azure-missing"
    for gateway in knowing:
        check_told_apart(view, session, gateway, prefix)
    return None
