"""What is written and would be judged by nothing: it is refused, so that nobody takes a key for a check.

Pure; refers only to names that `intent.references` has checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.intent.derive import Place
from pytest_azinterop.intent.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.intent.azure import Azure
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import Bfd, Customer, Intent, InternalSession, Network, SessionSettings
    from pytest_azinterop.intent.problem import Path

# Keys of a path that are about its IPv4 session alone.
_IPV4_ALONE = ("policy", "announce_communities")


def problems_of_unjudged(intent: Intent) -> Iterator[Problem]:
    """In the order of the intent."""
    places = [Place(intent, name, site) for name, customer in intent.customers.items() for site in customer.sites]
    sampling = intent.defaults.sampling
    if not sampling.probe and "probes" in sampling.model_fields_set:
        yield Problem(
            ("defaults", "sampling", "probes"),
            "`probe: false` sends no probes, so their number means nothing; remove `probes`",
        )
    yield from _networks(intent, places)
    yield from _circuits(intent, places)
    used = {vpn.connection for place in places for vpn in place.at.vpn}
    used |= (
        {each.connection for each in intent.azure.connections.values() if each.connection} if intent.azure else set()
    )
    for name, connection in intent.connections.items():
        if name not in used:
            yield Problem(("connections", name), _unused(f"no tunnel of a customer belongs to connection `{name}`"))
        if connection.authentication != "rsa-sig" and "valid_for" in connection.model_fields_set:
            yield Problem(
                ("connections", name, "valid_for"),
                "`valid_for` is about certificates: say `authentication: rsa-sig`, or remove it",
            )
    if intent.azure is not None:
        yield from _azure(intent.azure, intent.defaults.bgp.head_room)
    yield from _sites(intent, places)
    for name, customer in intent.customers.items():
        yield from _preference(name, customer, [place for place in places if place.name == name])
    for place in places:
        yield from _place(place)


def _unused(why: str) -> str:
    return f"{why}, so nothing of it is ever judged; remove it, or say who uses it"


def _networks(intent: Intent, places: Sequence[Place]) -> Iterator[Problem]:
    """Networks that no path, tunnel or probe leads to, and communities that no session brings."""
    owners: list[tuple[str | None, Path, dict[str, Network]]] = [(None, ("networks",), intent.networks)]
    owners += [(name, ("customers", name, "networks"), body.networks) for name, body in intent.customers.items()]
    vnets = intent.azure.vnets if intent.azure else {}
    in_azure = {vnet.network or name for name, vnet in vnets.items()}
    for owner, base, networks in owners:
        for name, network in networks.items():
            users = [place for place in places if owner in (None, place.name)]
            if not any(name in _reached(place) for place in users):
                if (name if owner is None else f"{owner}/{name}") not in in_azure:
                    yield Problem((*base, name), _unused(f"no customer's path or tunnel reaches network `{name}`"))
                continue
            brought = {prefix for place in users for session in place.sessions() for prefix, _ in session.carried}
            lost = [prefix for prefix in (*network.exactly, *network.at_least) if prefix not in brought]
            if network.communities and lost:
                yield Problem(
                    (*base, name, "communities"),
                    f"no ExpressRoute session is expected to receive {lost[0]}, so its communities are never judged",
                )


def _reached(place: Place) -> set[str]:
    """Names of the networks that a customer's site reaches, or tries to."""
    found = {name for path in place.at.expressroute for name in place.intent.circuits[path.circuit].networks}
    found |= {name for vpn in place.at.vpn for name in place.intent.connections[vpn.connection].networks}
    return found | {each.to for each in place.at.reachability}


def _circuits(intent: Intent, places: Sequence[Place]) -> Iterator[Problem]:
    for name, circuit in intent.circuits.items():
        over = [(place, path) for place in places for path in place.at.expressroute if path.circuit == name]
        here: Path = ("circuits", name)
        if not over:
            if intent.azure is not None and name in intent.azure.circuits:
                continue
            yield Problem(here, _unused(f"no customer's path belongs to circuit `{name}`"))
            continue
        for which in ("primary", "secondary"):
            end, ways = getattr(circuit, which), [path for _, path in over if path.path == which]
            if end is None:
                continue
            if not ways:
                yield Problem((*here, which), _unused(f"no customer's site is on the {which} path of circuit `{name}`"))
            elif all(path.router not in (None, end.router) for path in ways):
                yield Problem(
                    (*here, which), f"every path that is {which} names another `router`, so this one is never asked"
                )
        if circuit.accepts is not None and not any(path.has_ipv4 for _, path in over):
            yield Problem(
                (*here, "accepts"), "no path of this circuit has IPv4, which alone this limits; say it under `ipv6`"
            )
        sessions = [session for place, path in over for session in (place.over_ipv4(path), place.over_ipv6(path))]
        yield from _detection(circuit.bfd, sessions, here)


def _azure(azure: Azure, head_room: int | None) -> Iterator[Problem]:
    """Keys of resources that nothing on Azure's side would be compared with."""
    for name, gateway in azure.gateways.items():
        if head_room is None and gateway.learned_limit is not None:
            yield Problem(
                ("azure", "gateways", name, "learned_limit"),
                "`defaults.bgp.head_room` is off, so no limit is judged; say a percentage there, or remove this",
            )
    for name, connection in azure.connections.items():
        here: Path = ("azure", "connections", name)
        said = connection.model_fields_set
        if connection.circuit is not None and "bgp" in said:
            yield Problem((*here, "bgp"), "over ExpressRoute BGP always runs, and Azure does not tell it; remove `bgp`")
        if connection.circuit is not None and "traffic" in said:
            yield Problem(
                (*here, "traffic"), "Azure counts the bytes of a circuit elsewhere, and none here; remove `traffic`"
            )
        if connection.over is not None and connection.local_gateway is None:
            yield Problem(
                (*here, "over"),
                "without a `local_gateway` Azure keeps the tunnel inside its own network; remove `over`",
            )


def _sites(intent: Intent, places: Sequence[Place]) -> Iterator[Problem]:
    serving = {router for place in places for router in place.routers()}
    targets = {each.to for place in places for each in place.at.reachability}
    for name, site in intent.sites.items():
        if not any(place.site == name for place in places):
            if name in targets:
                continue
            yield Problem(("sites", name), _unused(f"no customer is at site `{name}`"))
            continue
        for index, router in enumerate(site.routers):
            if router not in serving:
                yield Problem(("sites", name, "routers", index), _unused(f"router `{router}` serves no customer here"))


def _preference(name: str, customer: Customer, places: Sequence[Place]) -> Iterator[Problem]:
    if customer.local_preference is None:
        return
    present = {session.role for place in places for session in place.sessions()}
    for role in sorted(customer.local_preference.model_fields_set):
        if role not in present:
            yield Problem(
                ("customers", name, "local_preference", role),
                f"this customer has no `{role}` session whose routes could carry it; remove it",
            )


def _place(place: Place) -> Iterator[Problem]:
    base: Path = ("customers", place.name, "sites", place.site)
    for index, path in enumerate(place.at.expressroute):
        here: Path = (*base, "expressroute", index)
        ipv4, ipv6 = place.over_ipv4(path), place.over_ipv6(path)
        if ipv4 is None:
            for key in _IPV4_ALONE:
                if key in path.model_fields_set and getattr(path, key):
                    yield Problem((*here, key), f"this path has no IPv4 session, which `{key}` would be about")
        yield from _session(path, [ipv4, ipv6], here)
        if path.ipv6 is not None:
            yield from _session(path.ipv6, [ipv6], (*here, "ipv6"))
    for index, vpn in enumerate(place.at.vpn):
        yield from _session(vpn, [place.over_tunnel(vpn)], (*base, "vpn", index))
    for index, pair in enumerate(place.at.internal):
        here = (*base, "internal", index)
        yield from _within_the_as(pair, here)
        yield from _session(pair, list(place.between(pair)), here)


def _within_the_as(pair: InternalSession, here: Path) -> Iterator[Problem]:
    for name in ("prepends", "announce_prepends"):
        if name in pair.model_fields_set and getattr(pair, name) not in (None, "any"):
            yield Problem(
                (*here, name), "within an AS nothing is added to a path, so no prepending can be judged; remove it"
            )


def _session(settings: SessionSettings, sessions: Sequence[ExpectedSession | None], here: Path) -> Iterator[Problem]:
    """`sessions` are those that the settings are about."""
    present = [each for each in sessions if each is not None]
    yield from _detection(settings.bfd, present, here)
    if "inbound_changes" in settings.model_fields_set and not any(
        each.soft_reconfiguration and each.receive is not None and each.receive.required for each in present
    ):
        yield Problem(
            (*here, "inbound_changes"),
            "what inbound policy changes is read prefix by prefix, with `soft_reconfiguration`: "
            "name prefixes in `receive` and expect it, or remove `inbound_changes`",
        )
    if (
        settings.announce_communities
        and present
        and not any(each.announce is not None and each.announce.required for each in present)
    ):
        yield Problem(
            (*here, "announce_communities"), "communities are asked for prefix by prefix; name prefixes in `announce`"
        )


def _detection(said: Bfd | None, sessions: Sequence[ExpectedSession | None], here: Path) -> Iterator[Problem]:
    """Values of BFD where no session needs it."""
    if said is None or (said.interval is None and said.multiplier is None):
        return
    if not any(each is not None and each.bfd is not None for each in sessions):
        yield Problem(
            (*here, "bfd"),
            "no session is required to run BFD here, so its values are never judged; say `required: true`",
        )
