"""Judgements about a customer's site as a whole: which path is best, what backs it up, and what overrules it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.verify import carriage, subject
from pytest_azinterop.verify.evidence import is_proof
from pytest_azinterop.verify.local_preference import default_of
from pytest_azinterop.verify.overrule import more_specific, rib, static
from pytest_azinterop.verify.session import show_prefix
from pytest_azinterop.verify.site_view import SiteView
from pytest_azinterop.verify.text import order, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite
    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter

    Prefix = IPv4Network | IPv6Network

__all__ = ["backup", "best_path", "more_specific", "rib", "static", "weight"]


def best_path(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """On every router the best path of each prefix is of the most preferred role that carries the prefix.

    A prefix counts as carried by a role when a session of it brought a valid path or the intent requires one. Between
    routers that a declared internal session connects, what one knows the other must prefer too. A router whose
    sessions are all down is left to `bgp.state`, unless it is so for the whole site.
    """
    if not expected.prefer:
        return []
    view = SiteView(expected, observed)
    routers = view.active_routers()
    if not routers:
        return [_no_path_at_all(view, observed)]
    found = []
    for router in routers:
        best = view.best(router.router)
        about = subject.of_site_router(expected, router.router)
        lost: dict[PathRole, list[Prefix]] = defaultdict(list)
        wrong: dict[tuple[str, str, PathRole, str | None], list[Prefix]] = defaultdict(list)
        for prefix, role in view.judged(router.router):
            if view.is_lost(prefix):
                lost[role].append(prefix)
                continue
            path = best.get(prefix)
            origin = view.origin(router.router, path) if path else None
            if origin is None or origin.role != role:
                cause, likely = why_not_preferred(view, router, prefix, role)
                wrong[cause, origin.words if origin else "none", role, likely].append(prefix)
        found += [
            about.finding(
                "site.preference",
                f"{_no_path(expected, prefixes)}, expected best path over {role}",
                cause="no-path",
                evidence=[router.table.source],
                likely=_why_lost(view),
                next_command=show_prefix(expected.vrf, prefixes[0]),
                severity="critical",
            )
            for role, prefixes in lost.items()
        ]
        found += [
            about.finding(
                "site.preference",
                f"best path of {prefix_list(prefixes)} is {words}, expected {role}",
                cause=cause,
                evidence=[*(best[prefix].source for prefix in prefixes[:3] if prefix in best), router.table.source],
                likely=likely,
                next_command=show_prefix(expected.vrf, prefixes[0]),
            )
            for (cause, words, role, likely), prefixes in wrong.items()
        ]
    return found


def _no_path(expected: ExpectedSite, prefixes: Iterable[Prefix]) -> str:
    roles = f"any of {', '.join(expected.prefer)}" if len(expected.prefer) > 1 else expected.prefer[0]
    return f"no path to {prefix_list(prefixes)} over {roles}"


def _why_lost(view: SiteView) -> str:
    down = [
        f"{session.router} {session.neighbor} ({session.role})"
        for session in view.expected.sessions
        if not view.is_established(session)
    ]
    return f"no session of the site brings it; not Established: {some(down) or 'none'}"


def _no_path_at_all(view: SiteView, observed: ObservedSite) -> Finding:
    """No session of the site is Established: with what that takes from it, where nothing else brings it."""
    expected = view.expected
    declared = {prefix for role, reach in expected.reach if role in expected.prefer for prefix in reach.required}
    lost = {prefix for prefix in declared if view.is_lost(prefix)}
    if not lost:
        return _no_session(expected, observed, "site.preference")
    return replace(
        _no_session(expected, observed, "site.preference", f"{_no_path(expected, lost)}: "), severity="critical"
    )


def _unusable(paths: list[BgpPath]) -> str | None:
    """Words for paths that are all there and not valid: the router cannot resolve their next hops."""
    if not paths or any(path.valid for path in paths):
        return None
    hops = some(sorted({str(path.next_hop) for path in paths}))
    return (
        f"nothing leads to the next hop {hops}: its route is gone, or `next-hop-self` is missing where the path is from"
    )


def why_not_preferred(
    view: SiteView, router: ObservedSiteRouter, prefix: Prefix, role: PathRole
) -> tuple[str, str | None]:
    """The cause, and words where the facts say more than the cause does."""
    name = router.router
    best = view.best(name).get(prefix)
    if prefix not in view.known_over(name, role):
        origin = view.origin(name, best) if best else None
        if origin is None or not origin.local:
            return "preferred-missing", f"{role} does not bring the prefix"
    if best is None:
        unusable = _unusable([path for path in router.table.paths if path.prefix == prefix])
        return ("no-path", None) if unusable is None else ("inaccessible", unusable)
    origin = view.origin(name, best)
    if origin.local:
        return "local-origin", None
    if origin.role is None:
        return "undeclared-source", None
    if origin.via is not None:
        return "less-preferred", f"{origin.via} passes this path on, as its own best one"
    rivals = [path for path in view.paths(name).get(prefix, ()) if path.valid and view.origin(name, path).role == role]
    if not rivals:
        return "less-preferred", "the preferred path is known at another router of the site, and not passed on here"
    return _why_best(best, rivals, _default(router)), None


def _default(router: ObservedSiteRouter) -> int | None:
    """What a blank local preference means, None where the configuration does not prove it."""
    return default_of(router.config) if is_proof(router.config) and router.config.bgp else None


def _why_best(best: BgpPath, rivals: list[BgpPath], default: int | None) -> str:
    """Which step of best-path selection chose against the preferred role (Cisco document 13753: weight, then local
    preference)."""
    if all(best.weight > rival.weight for rival in rivals):
        return "weight"
    if any(best.weight != rival.weight for rival in rivals):
        return "less-preferred"
    own = default if best.local_preference is None else best.local_preference
    others = [default if rival.local_preference is None else rival.local_preference for rival in rivals]
    if all(own == other for other in others):
        return "equal-preference"
    return "local-preference" if None not in (own, *others) else "less-preferred"


def backup(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """Each prefix of `backed_up` has a valid path from a session of a less preferred role, over a tunnel with SAs or a
    link on which the MSEE answers.

    With an internal session the backup router prefers, and shows as best, the other router's path; the backup is
    therefore looked for among the routes that its own session brought, not among best paths.
    """
    if not expected.backed_up:
        return []
    view = SiteView(expected, observed)
    about = subject.of_site(expected)
    evidence = [router.table.source for router in observed.routers]
    if len(expected.prefer) < 2:
        return [
            about.finding(
                "site.backup",
                f"backup of {prefix_list(expected.backed_up)} is none, expected a second role",
                cause="no-backup-role",
                evidence=evidence,
            )
        ]
    wrong: dict[tuple[PathRole, str, tuple[ExpectedSession, ...]], list[Prefix]] = defaultdict(list)
    for prefix in sorted(expected.backed_up, key=order):
        role = _backup_role(expected, prefix)
        carriers = tuple(
            session for session in expected.sessions if session.role == role and session.router in view.routers
        )
        up = [session for session in carriers if view.is_established(session)]
        paths = {session: [path for path in view.accepted(session) if path.prefix == prefix] for session in up}
        ready = [
            session for session, brought in paths.items() if any(path.valid and not path.is_local for path in brought)
        ]
        dead = [view.why_not_carried(session) for session in ready]
        if None in dead:
            continue
        cause = (
            (dead[0] or "") if dead else "session-down" if not up else "invalid" if any(paths.values()) else "missing"
        )
        wrong[role, cause, carriers].append(prefix)
    return [
        about.finding(
            "site.backup",
            f"backup path of {prefix_list(prefixes)} over {role} is {_BACKUP_WORDS[cause]} "
            f"({some(f'{session.router} {session.neighbor}' for session in carriers)}), expected present and valid",
            cause=cause,
            evidence=[
                routes.source
                for router in observed.routers
                for routes in router.accepted
                if any(routes.neighbor == session.neighbor for session in carriers)
            ]
            or evidence,
            next_command=f"on {carriers[0].router}: {show_prefix(expected.vrf, prefixes[0])}" if carriers else None,
        )
        for (role, cause, carriers), prefixes in wrong.items()
    ]


_BACKUP_WORDS = {
    "session-down": "lost with its session",
    "invalid": "not valid",
    "missing": "missing",
    **carriage.WORDS,
}


def _backup_role(expected: ExpectedSite, prefix: Prefix) -> PathRole:
    """The role after the first that reaches the prefix."""
    roles = [role for role, reach in expected.reach if reach.permits(prefix) and role in expected.prefer]
    return roles[1] if len(roles) > 1 else expected.prefer[1]


def weight(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """No path of a less preferred role has a higher weight than the preferred path of the same prefix has, and none
    of another router of the site wins by its weight alone over this router's own path of the preferred role.

    Weight is local to a router, and a path that the preferred role would bring has weight 0 while it is not known. It
    is compared before anything else (Cisco document 13753).
    """
    if not expected.prefer:
        return []
    view = SiteView(expected, observed)
    routers = view.active_routers()
    if not routers:
        return [_no_session(expected, observed, "site.weight")]
    found = []
    for router in routers:
        heavy: dict[tuple[int, int, str, PathRole], list[BgpPath]] = defaultdict(list)
        paths = view.paths(router.router)
        for prefix, role in view.judged(router.router):
            known = [(path, view.origin(router.router, path)) for path in paths.get(prefix, ())]
            preferred = max((path.weight for path, origin in known if origin.role == role), default=0)
            own = [path for path, origin in known if origin.role == role and path.valid and not path.internal]
            for path, origin in known:
                if origin.role != role and not origin.local and path.weight > preferred:
                    heavy[path.weight, preferred, origin.words, role].append(path)
                elif origin.role == role and path.internal and _wins_by_weight(path, own, _default(router)):
                    most = max(each.weight for each in own)
                    heavy[path.weight, most, origin.words, role].append(path)
        about = subject.of_site_router(expected, router.router)
        found += [
            about.finding(
                "site.weight",
                f"weight of {prefix_list(path.prefix for path in each)} from {words} is {weight_}, "
                f"expected at most {preferred} as over {role}",
                cause="weight",
                evidence=[*(path.source for path in each[:3]), router.table.source],
                next_command="show running-config | section router bgp",
            )
            for (weight_, preferred, words, role), each in heavy.items()
        ]
    return found


def _wins_by_weight(internal: BgpPath, own: list[BgpPath], default: int | None) -> bool:
    """Whether an internal path beats all of the router's own ones only because of its weight: a higher local
    preference, as where one router of the site has the primary path and the other the secondary one, wins without it.
    """
    if not own or not internal.valid or any(each.weight >= internal.weight for each in own):
        return False
    preferences = [default if each.local_preference is None else each.local_preference for each in (internal, *own)]
    first, *others = [100 if each is None else each for each in preferences]
    return any(first <= each for each in others)


def _no_session(expected: ExpectedSite, observed: ObservedSite, rule: str, first: str = "") -> Finding:
    return subject.of_site(expected).finding(
        rule,
        f"{first}number of Established sessions is 0, expected at least one",
        cause="no-session",
        evidence=[neighbor.source for router in observed.routers for neighbor in router.neighbors]
        or [router.table.source for router in observed.routers],
    )
