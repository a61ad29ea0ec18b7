"""Which routers belong together, and which sessions are a customer's at a site. Pure; guesses say why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.contact.sightings import SeenRouter, SeenSession
    from pytest_azinterop.contact.typed import Typed

_HALF = {4: 29, 6: 125}  # both /30s (/126s) of a circuit's peering often lie in one /29 (/125)


@dataclass(frozen=True, slots=True)
class Link:
    """An internal session that both of its ends show."""

    routers: tuple[str, str]
    addresses: tuple[str, str]
    interfaces: tuple[str, str]
    established: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A customer (a VRF) at a site: the routers with a path to Azure, or that lead to one that has."""

    vrf: str | None
    customer: str
    site: str
    asn: int | None
    routers: tuple[SeenRouter, ...]
    sessions: tuple[SeenSession, ...]
    links: tuple[Link, ...]

    def of_role(self, role: str) -> tuple[SeenSession, ...]:
        """The sessions of a role, in the order of their addresses."""
        found = [session for session in self.sessions if session.role == role]
        return tuple(sorted(found, key=lambda each: (each.neighbor.address.version, int(each.neighbor.address))))

    def router(self, name: str) -> SeenRouter:
        """One of the place's routers."""
        return next(router for router in self.routers if router.name == name)


def places(routers: Sequence[SeenRouter], typed: Typed) -> Iterator[Place]:
    """Every VRF and site with a path to Azure, in order."""
    site_of = sites(routers, typed)
    vrfs = dict.fromkeys(session.vrf for router in routers for session in router.sessions if is_azure(session))
    for vrf in vrfs:
        for site in dict.fromkeys(site_of.values()):
            here = tuple(router for router in routers if site_of[router.name] == site and _serves(router, vrf))
            sessions = tuple(each for router in here for each in router.sessions if each.vrf == vrf)
            if any(map(is_azure, sessions)):
                yield Place(
                    vrf=vrf,
                    customer=typed.customer_of(vrf) or ("global" if vrf is None else plain_name(f"customer-{vrf}")),
                    site=site,
                    asn=next((router.asn for router in here if router.asn is not None), None),
                    routers=here,
                    sessions=sessions,
                    links=tuple(links(here, vrf)),
                )


def own_prefixes(place: Place, version: int | None = None) -> tuple[str, ...]:
    """What the site announces to Azure and Azure has no part of; of one address family, where it is named."""
    up = [each for each in place.sessions if is_azure(each) and each.neighbor.is_established]
    theirs = {prefix for session in up for prefix in session.received or ()}
    announced = {prefix for session in up for prefix in session.announced or ()}
    own = {prefix for prefix in announced if not any(lies_in(prefix, x) or lies_in(x, prefix) for x in theirs)}
    family = (each for each in own if version in (None, each.version))
    return tuple(map(str, sorted(family, key=lambda each: (each.version, int(each.network_address), each.prefixlen))))


def leaked_prefixes(place: Place, session: SeenSession) -> tuple[str, ...]:
    """What a session is announced although Azure sends just that to the site."""
    theirs = {prefix for each in place.sessions if is_azure(each) for prefix in each.received or ()}
    return tuple(str(prefix) for prefix in session.announced or () if any(lies_in(prefix, x) for x in theirs))


def plain_name(text: str) -> str:
    """A made-up name that the intent accepts."""
    return re.sub(r"[^A-Za-z0-9_.:/@+-]+", "-", text)[:90]


def is_azure(session: SeenSession) -> bool:
    """Whether a session seems to lead to Azure."""
    return session.role in ("expressroute", "microsoft", "vpn")


def _serves(router: SeenRouter, vrf: str | None) -> bool:
    return any(session.vrf == vrf for session in router.sessions)


def links(routers: Sequence[SeenRouter], vrf: str | None) -> Iterator[Link]:
    """Internal sessions between these routers: each end has the address that the other has as its neighbor."""
    for index, one in enumerate(routers):
        for other in routers[index + 1 :]:
            theirs = [session for session in one.sessions if session.vrf == vrf and session.role == "internal"]
            ours = [session for session in other.sessions if session.vrf == vrf and session.role == "internal"]
            for there in theirs:
                for here in ours:
                    if there.version != here.version:
                        continue
                    ends = (
                        one.interface_with(vrf, here.neighbor.address),
                        other.interface_with(vrf, there.neighbor.address),
                    )
                    if ends[0] is not None and ends[1] is not None:
                        yield Link(
                            routers=(one.name, other.name),
                            addresses=(str(here.neighbor.address), str(there.neighbor.address)),
                            interfaces=(ends[0], ends[1]),
                            established=there.neighbor.is_established and here.neighbor.is_established,
                        )


def sites(routers: Sequence[SeenRouter], typed: Typed) -> dict[str, str]:
    """The site of each router: the declared one; else routers with an internal session between them share one."""
    group = {router.name: router.name for router in routers}
    vrfs = dict.fromkeys(session.vrf for router in routers for session in router.sessions)
    for vrf in vrfs:
        for link in links(routers, vrf):
            one, other = (group[name] for name in link.routers)
            group = {name: min(one, other) if place in (one, other) else place for name, place in group.items()}
    names: dict[str, str] = {}
    for router in sorted(group):
        declared = typed.site_of(router)
        mates = [mate for mate in sorted(group) if group[mate] == group[router]]
        shared = next((site for mate in mates if (site := typed.site_of(mate)) is not None), None)
        names[router] = declared or shared or plain_name(f"site-{mates[0]}")
    return names


def beside(session: SeenSession, sessions: Sequence[SeenSession]) -> SeenSession | None:
    """The IPv6 session on the interface of an IPv4 one."""
    found = (each for each in sessions if each.version == 6 and each.carrier == session.carrier)
    return next(found, None) if session.version == 4 and session.interface is not None else None


def pairs(sessions: Sequence[SeenSession]) -> Iterator[tuple[SeenSession, ...]]:
    """Sessions to MSEEs as the paths of circuits: those of one /29 belong together, then any two that are left.

    An IPv6 session that stands beside an IPv4 one on its interface is no path of its own.
    """
    second = [beside(session, sessions) for session in sessions]
    left = [session for session in sessions if session not in second]
    rest: list[SeenSession] = []
    while left:
        first = left.pop(0)
        mate = next((each for each in left if _same_half(first, each)), None)
        if mate is not None:
            left.remove(mate)
            yield first, mate
        else:
            rest.append(first)
    if len(rest) == 2 and rest[0].version == rest[1].version:
        yield rest[0], rest[1]
    else:
        yield from ((session,) for session in rest)


def _same_half(one: SeenSession, other: SeenSession) -> bool:
    first, second = one.neighbor.address, other.neighbor.address
    if first.version != second.version:
        return False
    rest = first.max_prefixlen - _HALF[first.version]
    return int(first) >> rest == int(second) >> rest
