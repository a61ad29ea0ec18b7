"""What differs in the BGP of one VRF on one router: neighbors, what they send and what they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.verify import text
from pytest_azinterop.verify.change import Change, Compared, altered, is_newer
from pytest_azinterop.verify.subject import Subject, of_neighbor, vrf_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import Expectations, ExpectedPrefixes, ExpectedSession, ExpectedSite
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes

    Prefixes = frozenset[IPv4Network | IPv6Network]

ROLES: Final = {"expressroute": "ExpressRoute", "microsoft": "Microsoft peering", "vpn": "VPN"}


@dataclass(frozen=True, slots=True)
class VrfScope:
    """One VRF on one router (None: the global table), with every session and site of the intent that is in it."""

    router: str
    vrf: str | None
    customers: tuple[str, ...]
    sessions: tuple[ExpectedSession, ...]
    sites: tuple[ExpectedSite, ...]
    peers: Mapping[IPv4Address | IPv6Address, str] = field(default_factory=dict)
    """The other edge routers of the intent, by the address of the session with each."""
    version: int = 4

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"{self.router}/{vrf_label(self.vrf)}" + ("" if self.version == 4 else "/ipv6")

    @property
    def words(self) -> str:
        """As messages begin."""
        return f"{self.router} {vrf_words(self.vrf)}" + ("" if self.version == 4 else ", IPv6")

    def session(self, neighbor: IPv4Address | IPv6Address) -> ExpectedSession | None:
        """The declared session with a neighbor."""
        return next((each for each in self.sessions if each.neighbor == neighbor), None)

    def neighbor(self, address: IPv4Address | IPv6Address) -> Subject:
        """A neighbor, with what it is to the intent."""
        subject, session = of_neighbor(self.router, self.vrf, address), self.session(address)
        return subject if session is None else Subject(subject.id, f"{subject.words} ({via(session)})")


@dataclass(frozen=True, slots=True)
class SessionRoutes:
    """The routes of the declared neighbors by address; a view that was not asked for is not there."""

    neighbors: tuple[BgpNeighbor, ...]
    accepted: Mapping[IPv4Address | IPv6Address, NeighborRoutes]
    received: Mapping[IPv4Address | IPv6Address, NeighborRoutes]
    advertised: Mapping[IPv4Address | IPv6Address, NeighborRoutes]


def scopes(everything: Expectations) -> tuple[VrfScope, ...]:
    """Each VRF of each router that the intent has a customer in, per address family, in its order."""
    keys = dict.fromkeys((router, site.vrf, site.version) for site in everything.sites for router in site.routers)
    return tuple(
        VrfScope(
            router=router,
            vrf=vrf,
            customers=tuple(
                dict.fromkeys(
                    site.customer
                    for site in everything.sites
                    if (site.vrf, site.version) == (vrf, version) and router in site.routers
                )
            ),
            sessions=tuple(
                each for each in everything.sessions if (each.router, each.vrf, each.version) == (router, vrf, version)
            ),
            sites=tuple(
                site
                for site in everything.sites
                if (site.vrf, site.version) == (vrf, version) and router in site.routers
            ),
            version=version,
            peers={
                each.local_address: each.router
                for each in everything.sessions
                if (each.role, each.vrf, each.version) == ("internal", vrf, version)
                and each.router != router
                and each.local_address
            },
        )
        for router, vrf, version in keys
    )


def via(session: ExpectedSession) -> str:
    """`ExpressRoute, expressroute-1 primary`; of a session between edge routers `iBGP`."""
    return "iBGP" if session.role == "internal" else f"{ROLES.get(session.role, session.role)}, {session.path}"


# Neighbors -----------------------------------------------------------------------------------------------------------


def neighbors(expected: VrfScope, observed: Compared[tuple[BgpNeighbor, ...]]) -> Iterator[Change]:
    """Each neighbor: there, in its state, with its settings."""
    before = {each.address: each for each in observed.before}
    after = {each.address: each for each in observed.after}
    for address in dict.fromkeys((*before, *after)):
        about, session = expected.neighbor(address), expected.session(address)
        was, is_ = before.get(address), after.get(address)
        if is_ is None and was is not None:
            words = f"is gone, was {_state(was)}{_with_it(was)}"
            found = about.finding("baseline.neighbor", words, cause="gone", evidence=(was.source,))
            yield Change(found, "the intent does not declare it" if session is None else None)
        elif was is None and is_ is not None:
            words = f"is new, and {_state(is_)}"
            found = about.finding("baseline.neighbor", words, cause="appeared", evidence=(is_.source,))
            yield Change(found, None if session is None else "the intent declares it")
        elif was is not None and is_ is not None:
            yield from _neighbor(about, session, was, is_)


def _neighbor(about: Subject, session: ExpectedSession | None, was: BgpNeighbor, is_: BgpNeighbor) -> Iterator[Change]:
    sources = (is_.source, was.source)
    if _is_up(was) != _is_up(is_) or was.shutdown != is_.shutdown:
        lost = _with_it(was) if was.is_established else ""
        found = about.finding(
            "baseline.neighbor", f"is now {_state(is_)}, was {_state(was)}{lost}", cause="state", evidence=sources
        )
        wanted = session is not None and is_.is_established
        yield Change(found, "the intent wants it Established" if wanted else None)
    negotiated: tuple[tuple[str, object, object], ...] = ()
    if was.is_established and is_.is_established:
        negotiated = (
            ("hold time", was.hold_time, is_.hold_time),
            ("keepalive", was.keepalive, is_.keepalive),
            ("local address", was.local_address, is_.local_address),
            ("router ID", was.router_id, is_.router_id),
        )
    settings = list(
        altered(
            (
                ("remote AS", was.remote_as, is_.remote_as),
                ("local AS", was.local_as, is_.local_as),
                *negotiated,
                ("inbound route-map", was.route_map_in, is_.route_map_in),
                ("outbound route-map", was.route_map_out, is_.route_map_out),
                ("inbound prefix-list", was.prefix_list_in, is_.prefix_list_in),
                ("outbound prefix-list", was.prefix_list_out, is_.prefix_list_out),
                ("weight", was.weight, is_.weight),
                ("soft reconfiguration", was.soft_reconfiguration_inbound, is_.soft_reconfiguration_inbound),
            )
        )
    )
    if settings:
        found = about.finding("baseline.neighbor", "; ".join(settings), cause="setting", evidence=sources)
        declared = session is not None and was.remote_as != is_.remote_as == session.remote_as and len(settings) == 1
        yield Change(found, "the intent declares this AS" if declared else None)


def _is_up(neighbor: BgpNeighbor) -> bool:
    """Idle, Active and Connect take turns while a session is down: between them nothing has changed."""
    return neighbor.is_established


def _state(neighbor: BgpNeighbor) -> str:
    return f"{neighbor.state} (administratively shut)" if neighbor.shutdown else neighbor.state


def _with_it(neighbor: BgpNeighbor) -> str:
    count = neighbor.accepted_prefixes
    return f" with {count} accepted prefix{'' if count == 1 else 'es'}" if count else ""


def resets(expected: VrfScope, observed: Compared[tuple[BgpNeighbor, ...]]) -> Iterator[Change]:
    """Sessions that are Established on both sides of the comparison, and not the same ones."""
    before = {each.address: each for each in observed.before if each.is_established}
    for is_ in observed.after:
        was = before.get(is_.address)
        if was is None or not is_.is_established:
            continue
        words = []
        young = (
            was.in_state_for is not None
            and is_.in_state_for is not None
            and is_newer(was.in_state_for, was.source.asked_at, is_.in_state_for, is_.source.asked_at)
        )
        if young:
            words.append(f"it is up for {is_.in_state_for}, and was for {was.in_state_for}")
        dropped = (was.connections_dropped or 0, is_.connections_dropped or 0)
        if dropped[1] > dropped[0]:
            words.append(f"connections dropped are {dropped[1]}, were {dropped[0]}")
        if words:
            reason = is_.last_reset.reason if is_.last_reset is not None else None
            why = f"; the router says: {text.clean(reason)}" if reason else ""
            found = expected.neighbor(is_.address).finding(
                "baseline.session-reset",
                f"was reset since the baseline: {', '.join(words)}{why}",
                cause="reset",
                evidence=(is_.source, was.source),
            )
            yield Change(found)


# Prefixes ------------------------------------------------------------------------------------------------------------


def received(expected: VrfScope, observed: Compared[SessionRoutes]) -> Iterator[Change]:
    """What each declared neighbor sends and what of it is accepted, told together."""
    for session in _up_on_both_sides(expected, observed):
        address = session.neighbor
        was, is_ = observed.before.accepted.get(address), observed.after.accepted.get(address)
        if was is None or is_ is None:
            continue
        old, new = _prefixes(was), _prefixes(is_)
        sent = observed.after.received.get(address)
        refused = frozenset() if sent is None else (old - new) & _prefixes(sent)
        lost = old - new - refused
        parts = [f"no longer received: {text.prefix_list(lost)}"] if lost else []
        parts += [f"received, and no longer accepted: {text.prefix_list(refused)}"] if refused else []
        parts += [f"newly accepted: {text.prefix_list(new - old)}"] if new - old else []
        parts += _only_received(observed, address, old | new)
        if parts:
            cause = "lost" if lost else "not-accepted" if refused else "gained"
            yield _prefixes_change(expected, session, "received", cause, parts, (was, is_), session.receive)


def _only_received(
    observed: Compared[SessionRoutes], address: IPv4Address | IPv6Address, told: Prefixes
) -> Iterator[str]:
    """Changes among the prefixes that inbound policy refuses."""
    was, is_ = observed.before.received.get(address), observed.after.received.get(address)
    if was is None or is_ is None:
        return
    old, new = _prefixes(was) - told, _prefixes(is_) - told
    if old - new:
        yield f"no longer received, nor accepted before: {text.prefix_list(old - new)}"
    if new - old:
        yield f"newly received, and not accepted: {text.prefix_list(new - old)}"


def advertised(expected: VrfScope, observed: Compared[SessionRoutes]) -> Iterator[Change]:
    """What each declared neighbor is sent."""
    for session in _up_on_both_sides(expected, observed):
        address = session.neighbor
        was, is_ = observed.before.advertised.get(address), observed.after.advertised.get(address)
        if was is None or is_ is None:
            continue
        old, new = _prefixes(was), _prefixes(is_)
        parts = [f"no longer advertised: {text.prefix_list(old - new)}"] if old - new else []
        parts += [f"newly advertised: {text.prefix_list(new - old)}"] if new - old else []
        if parts:
            cause = "lost" if old - new else "gained"
            yield _prefixes_change(expected, session, "advertised", cause, parts, (was, is_), session.announce)


def _prefixes_change(
    expected: VrfScope,
    session: ExpectedSession,
    view: str,
    cause: str,
    parts: list[str],
    routes: tuple[NeighborRoutes, NeighborRoutes],
    declared: ExpectedPrefixes | None,
) -> Change:
    was, is_ = routes
    old, new = _prefixes(was), _prefixes(is_)
    words = f"{'; '.join(parts)} (now {len(new)}, was {len(old)})"
    found = expected.neighbor(session.neighbor).finding(
        f"baseline.{view}", words, cause=cause, evidence=(is_.source, was.source)
    )
    wanted = (
        declared is not None
        and old != new
        and new - old <= declared.required
        and not any(declared.permits(each) for each in old - new)
    )
    return Change(found, "the intent declares the prefixes of now, and not those of before" if wanted else None)


def _up_on_both_sides(expected: VrfScope, observed: Compared[SessionRoutes]) -> Iterator[ExpectedSession]:
    """A session that is down, or was, has lost or gained everything: that is told by its state."""
    up = [{each.address for each in side.neighbors if each.is_established} for side in _sides(observed)]
    yield from (each for each in expected.sessions if all(each.neighbor in side for side in up))


def _sides(observed: Compared[SessionRoutes]) -> tuple[SessionRoutes, SessionRoutes]:
    return observed.before, observed.after


def _prefixes(routes: NeighborRoutes) -> Prefixes:
    return routes.prefixes
