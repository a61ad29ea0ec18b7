"""A customer's site as one picture: which path came from which session, and what each router can know.

Roles belong to sessions, never to ASNs. A path is traced to the session whose accepted routes hold it; an internal one
to the router that it was learned from, and from there to that router's own session.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_azinterop.verify import carriage, evidence
from pytest_azinterop.verify.text import order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite
    from pytest_azinterop.intent.models import PathRole, Role
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpPath
    from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter

    Prefix = IPv4Network | IPv6Network
    _Key = tuple[Prefix, IPv4Address | IPv6Address, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a path comes from: `role` None for a neighbor that the intent does not declare; `local` for the router
    itself. `via` is the router that passed an internal path on, where its own best path is the same one. `session` is
    the id of the session that brought it to the site."""

    role: Role | None
    words: str
    local: bool = False
    via: str | None = None
    session: str | None = None


class SiteView:
    """Expected and observed side of a site together. Raises UndeterminedError where a router or a route set is
    missing."""

    def __init__(self, expected: ExpectedSite, observed: ObservedSite) -> None:
        self.expected = expected
        self._carriages = observed.carriages
        self.routers = {router.router: router for router in observed.routers}
        for name in expected.routers:
            if name not in self.routers:
                evidence.undetermined(f"router {name} of the site was not collected", "not-collected")
        for router in observed.routers:
            if router.table.vrf != expected.vrf or router.rib.vrf != expected.vrf:
                evidence.undetermined(
                    f"the tables of {router.router} are of another VRF", "not-understood", router.table.source
                )
        self._accepted = {
            session.id: self._accepted_of(session) for session in expected.sessions if session.router in self.routers
        }
        self._keys: dict[str, frozenset[_Key]] = {}
        self._best: dict[str, dict[Prefix, BgpPath]] = {}
        self._paths: dict[str, dict[Prefix, list[BgpPath]]] = {}

    def neighbor(self, session: ExpectedSession) -> BgpNeighbor | None:
        """The session's neighbor as its router shows it."""
        for neighbor in self.routers[session.router].neighbors:
            if neighbor.address == session.neighbor and neighbor.vrf == session.vrf:
                return neighbor
        return None

    def is_established(self, session: ExpectedSession) -> bool:
        """The session is up."""
        neighbor = self.neighbor(session)
        return neighbor is not None and neighbor.is_established

    def why_not_carried(self, session: ExpectedSession) -> str | None:
        """Why no packet gets over the path of an Established session: see `carriage`."""
        rib = self.routers[session.router].rib
        return carriage.why_not_carried(self.expected, session, rib, self._carriages)

    def _accepted_of(self, session: ExpectedSession) -> tuple[BgpPath, ...]:
        if not self.is_established(session):
            return ()
        for routes in self.routers[session.router].accepted:
            if routes.neighbor == session.neighbor and routes.vrf == session.vrf:
                return routes.paths
        return evidence.undetermined(
            f"the accepted routes of {session.neighbor} on {session.router} were not collected", "not-collected"
        )

    def accepted(self, session: ExpectedSession) -> tuple[BgpPath, ...]:
        """The paths that this session brought; none where it is not Established."""
        return self._accepted[session.id]

    def active_routers(self) -> list[ObservedSiteRouter]:
        """Routers with at least one of the site's sessions Established, in the order of the intent.

        A router without any forwards nothing to Azure: that is a finding about its sessions.
        """
        up = {
            session.router
            for session in (*self.expected.sessions, *self.expected.internal)
            if session.router in self.routers and self.is_established(session)
        }
        return [self.routers[name] for name in self.expected.routers if name in up]

    @cached_property
    def _groups(self) -> dict[str, frozenset[str]]:
        """Per router, the routers that its declared internal sessions connect it with, itself included."""
        groups = {name: {name} for name in self.expected.routers}
        for session in self.expected.internal:
            other = self.far_end(session)
            if other is not None:
                merged = groups[session.router] | groups[other]
                for name in merged:
                    groups[name] = merged
        return {name: frozenset(group) for name, group in groups.items()}

    def far_end(self, internal: ExpectedSession) -> str | None:
        """The router at the other end of an internal session."""
        for other in self.expected.internal:
            if other.local_address == internal.neighbor and other.router != internal.router:
                return other.router
        return None

    def sessions_in_reach(self, router: str) -> list[ExpectedSession]:
        """The site's sessions whose routes this router can know."""
        return [session for session in self.expected.sessions if session.router in self._groups[router]]

    def known_over(self, router: str, role: PathRole) -> frozenset[Prefix]:
        """Prefixes of valid paths that sessions of this role brought, as far as this router can know."""
        return frozenset(
            path.prefix
            for session in self.sessions_in_reach(router)
            if session.role == role
            for path in self.accepted(session)
            if path.valid
        )

    def required_over(self, router: str, role: PathRole) -> frozenset[Prefix]:
        """Prefixes that the intent says come over this role, where this router can know a session of it."""
        if not any(session.role == role for session in self.sessions_in_reach(router)):
            return frozenset()
        return next((reach.required for each, reach in self.expected.reach if each == role), frozenset())

    def judged(self, router: str) -> Iterator[tuple[Prefix, PathRole]]:
        """Each prefix that is known or required at this router, with the role that it must be reached over."""
        role_of: dict[Prefix, PathRole] = {}
        for role in self.expected.prefer:
            for prefix in self.known_over(router, role) | self.required_over(router, role):
                role_of.setdefault(prefix, role)
        yield from sorted(role_of.items(), key=lambda item: order(item[0]))

    def is_lost(self, prefix: Prefix) -> bool:
        """Whether no router of the site has a path for the prefix, and no session brought a valid one."""
        return not any(prefix in self.best(name) for name in self.routers) and prefix not in self._valid

    @cached_property
    def _valid(self) -> frozenset[Prefix]:
        """What any session of the site brought a valid path for."""
        return frozenset(path.prefix for accepted in self._accepted.values() for path in accepted if path.valid)

    def best(self, router: str) -> Mapping[Prefix, BgpPath]:
        """The best path of each prefix on a router."""
        if router not in self._best:
            self._best[router] = {path.prefix: path for path in self.routers[router].table.paths if path.best}
        return self._best[router]

    def paths(self, router: str) -> Mapping[Prefix, Sequence[BgpPath]]:
        """All paths of each prefix on a router."""
        if router not in self._paths:
            found: dict[Prefix, list[BgpPath]] = {}
            for path in self.routers[router].table.paths:
                found.setdefault(path.prefix, []).append(path)
            self._paths[router] = found
        return self._paths[router]

    def origin(self, router: str, path: BgpPath) -> Origin:
        """The session that brought a path of this router's table."""
        if path.is_local:
            return Origin(None, "the router itself", local=True)
        if path.internal:
            return self._internal_origin(router, path)
        for session in self.expected.sessions:
            if session.router == router and _key(path) in self._brought(session):
                return Origin(session.role, f"{session.role} ({session.path}, {session.neighbor})", session=session.id)
        for session in self.expected.sessions:
            if session.router == router and session.neighbor == path.next_hop:
                return Origin(session.role, f"{session.role} ({session.path}, {session.neighbor})", session=session.id)
        if not path.as_path.sequence:
            return Origin(None, f"the router itself (redistributed, next hop {path.next_hop})", local=True)
        return Origin(None, f"{path.next_hop}, which the intent does not declare")

    def _brought(self, session: ExpectedSession) -> frozenset[_Key]:
        """What tells the paths that this session brought from those of others."""
        if session.id not in self._keys:
            self._keys[session.id] = frozenset(map(_key, self.accepted(session)))
        return self._keys[session.id]

    def _internal_origin(self, router: str, path: BgpPath) -> Origin:
        """An internal path keeps the next hop of its external session, or has the other router's (`next-hop-self`)."""
        others = [
            (session, name)
            for session in self.expected.internal
            if session.router == router and (name := self.far_end(session)) is not None
        ]
        for session in self.expected.sessions:
            if session.router != router and session.neighbor == path.next_hop:
                words = f"{session.role} ({session.path}, via {session.router})"
                return Origin(session.role, words, via=session.router, session=session.id)
        candidates = [name for session, name in others if session.neighbor == path.next_hop] or [n for _, n in others]
        for name in candidates:
            best = self.best(name).get(path.prefix)
            if best is not None and not best.internal and best.as_path.text == path.as_path.text:
                found = self.origin(name, best)
                words = f"{found.words} via {name}"
                return Origin(found.role, words, local=found.local, via=name, session=found.session)
        return Origin(None, f"{path.next_hop} (internal), which the intent does not declare")


def _key(path: BgpPath) -> _Key:
    return path.prefix, path.next_hop, path.as_path.text
