"""What differs in the BGP table of one VRF on one router: best paths, and the attributes of paths."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.verify import text
from pytest_azinterop.verify.change import Change, Compared
from pytest_azinterop.verify.difference_bgp import ROLES
from pytest_azinterop.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.bgp import BgpPath, BgpTable
    from pytest_azinterop.verify.difference_bgp import VrfScope

    Best = Mapping[IPv4Network | IPv6Network, BgpPath]

MOST_MOVES = 20  # prefixes that move from one path to another in the same way; more are told together
DEFAULT_LOCAL_PREFERENCE = 100


@dataclass(frozen=True, slots=True)
class Tables:
    """The BGP table of a VRF, and those of the other edge routers by the address of the session with each.

    A peer's table that is not known is not there: what came from that router is then told here as well.
    """

    own: BgpTable
    peers: Mapping[IPv4Address | IPv6Address, BgpTable] = field(default_factory=dict)


def best_paths(expected: VrfScope, observed: Compared[Tables]) -> Iterator[Change]:
    """Prefixes whose best path is another one; those that came or went where no declared neighbor's routes say so."""
    before, after = _best(observed.before.own), _best(observed.after.own)
    evidence, peers = (observed.after.own.source, observed.before.own.source), _Peers.of(observed)
    moves: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for prefix in sorted(before.keys() | after.keys(), key=text.order):
        was, is_ = before.get(prefix), after.get(prefix)
        about = Subject(f"{expected.id}/{prefix}", expected.words)
        if was is not None and is_ is not None:
            old, new = _way(expected, was), _way(expected, is_)
            if old != new:
                words = f"{prefix} is now best via {new}, was {old}"
                found = about.finding("baseline.best-path", words, cause="moved", evidence=(is_.source, was.source))
                moves[old, new].append(Change(found, _preferred(expected, was, is_)))
        elif was is not None and not _told_elsewhere(expected, was) and not peers.lost(was):
            words = f"{prefix} is in the table no longer, was best via {_way(expected, was)}"
            yield Change(about.finding("baseline.best-path", words, cause="gone", evidence=evidence))
        elif is_ is not None and not _told_elsewhere(expected, is_) and not peers.gained(is_):
            words = f"{prefix} is new in the table, best via {_way(expected, is_)}"
            yield Change(about.finding("baseline.best-path", words, cause="appeared", evidence=evidence))
    for (old, new), changes in moves.items():
        if len(changes) <= MOST_MOVES or any(change.expected for change in changes):
            yield from changes
        else:
            prefixes = text.some(change.finding.object.split("/", 2)[2] for change in changes)
            words = f"{len(changes)} prefixes are now best via {new}, were {old}: {prefixes}"
            about = Subject(expected.id, expected.words)
            yield Change(about.finding("baseline.best-path", words, cause="moved", evidence=evidence))


def _best(table: BgpTable) -> dict[IPv4Network | IPv6Network, BgpPath]:
    return {path.prefix: path for path in table.paths if path.best}


def _way(expected: VrfScope, path: BgpPath) -> str:
    """`VPN (hub-vpn)`, `ExpressRoute (expressroute-1 primary)`, `iBGP (192.168.30.3)`, `this router itself`."""
    if path.is_local:
        return "this router itself"
    session = expected.session(path.next_hop)
    if session is None:
        return f"next hop {path.next_hop}"
    if session.role == "internal":
        return f"iBGP ({path.next_hop})"
    return f"{ROLES.get(session.role, session.role)} ({session.path})"


def _told_elsewhere(expected: VrfScope, path: BgpPath) -> bool:
    """Whether the routes of a declared neighbor in Azure say that the prefix came or went."""
    session = expected.session(path.next_hop)
    return session is not None and session.role != "internal"


def _preferred(expected: VrfScope, was: BgpPath, is_: BgpPath) -> str | None:
    """Whether the intent prefers the role that the prefix has come to."""
    old, new = expected.session(was.next_hop), expected.session(is_.next_hop)
    if new is None or (old is not None and old.role == new.role):
        return None
    for site in expected.sites:
        reachable = [role for role, prefixes in site.reach if is_.prefix in prefixes.required]
        first = next((role for role in site.prefer if role in reachable), None)
        if first is not None and new.role == first:
            return f"the intent prefers {ROLES.get(new.role, new.role)}"
    return None


def attributes(expected: VrfScope, observed: Compared[Tables]) -> Iterator[Change]:
    """Attributes of paths that are there on both sides, one finding per neighbor and way in which they changed.

    What another edge router passes on otherwise than before because its own best path is another one is told there.
    """
    before, after = _by_way(observed.before.own), _by_way(observed.after.own)
    peers = _Peers.of(observed)
    groups: dict[tuple[object, str, str, str], list[tuple[BgpPath, BgpPath]]] = defaultdict(list)
    for key in before.keys() & after.keys():
        for was, is_ in zip(before[key], after[key], strict=False):
            for cause, words, old, new in _attributes(was, is_):
                if old != new and not peers.passed_on(cause, was, is_):
                    groups[key[1], cause, words, f"{new}, was {old}"].append((was, is_))
    for (_, cause, words, values), pairs in sorted(groups.items(), key=lambda group: str(group[0])):
        was, is_ = pairs[0]
        about = Subject(f"{expected.id}/this-router", expected.words)
        if not is_.is_local:
            about = expected.neighbor(is_.next_hop)
        prefixes = text.prefix_list(pair[1].prefix for pair in pairs)
        found = about.finding(
            "baseline.attributes",
            f"{words} of {prefixes} is now {values}",
            cause=cause,
            evidence=(is_.source, was.source),
        )
        yield Change(found, _declared_preference(expected, cause, was, is_))


@dataclass(frozen=True, slots=True)
class _Peers:
    """The best paths of the other edge routers, before and after, by session address."""

    before: Mapping[IPv4Address | IPv6Address, Best]
    after: Mapping[IPv4Address | IPv6Address, Best]

    @classmethod
    def of(cls, observed: Compared[Tables]) -> _Peers:
        before, after = (
            {address: _best(table) for address, table in side.peers.items()}
            for side in (observed.before, observed.after)
        )
        return cls(before, after)

    def _of(self, path: BgpPath) -> tuple[BgpPath | None, BgpPath | None] | None:
        """What the router that passes this path on had and has as best; None: that is not known."""
        if path.next_hop not in self.before or path.next_hop not in self.after:
            return None
        return self.before[path.next_hop].get(path.prefix), self.after[path.next_hop].get(path.prefix)

    def lost(self, was: BgpPath) -> bool:
        found = self._of(was)
        return found is not None and found[0] is not None and found[1] is None

    def gained(self, is_: BgpPath) -> bool:
        found = self._of(is_)
        return found is not None and found[0] is None and found[1] is not None

    def passed_on(self, cause: str, was: BgpPath, is_: BgpPath) -> bool:
        """Whether the other router's best path changed in this attribute as the path here did."""
        old, new = self._of(is_) or (None, None)
        if old is None or new is None:
            return False
        return _passed(cause, old) == _passed(cause, was) and _passed(cause, new) == _passed(cause, is_)


def _passed(cause: str, path: BgpPath) -> object:
    """An attribute as a session between edge routers carries it; a weight is not carried, and so its own."""
    if cause == "local-preference":
        return DEFAULT_LOCAL_PREFERENCE if path.local_preference is None else path.local_preference
    carried = {"as-path": str(path.as_path), "metric": path.metric or 0, "origin": path.origin}
    return carried.get(cause, path)


def _attributes(was: BgpPath, is_: BgpPath) -> Iterable[tuple[str, str, str, str]]:
    yield "local-preference", "local preference", _preference(was), _preference(is_)
    yield "as-path", "AS path", str(was.as_path), str(is_.as_path)
    yield "metric", "MED", *(("none" if each.metric is None else str(each.metric)) for each in (was, is_))  # type: ignore[misc]
    yield "weight", "weight", str(was.weight), str(is_.weight)
    yield "origin", "origin", was.origin, is_.origin


def _preference(path: BgpPath) -> str:
    return "blank" if path.local_preference is None else str(path.local_preference)


def _declared_preference(expected: VrfScope, cause: str, was: BgpPath, is_: BgpPath) -> str | None:
    session = expected.session(is_.next_hop)
    if cause != "local-preference" or session is None or session.local_preference is None:
        return None
    old, new = (
        DEFAULT_LOCAL_PREFERENCE if each.local_preference is None else each.local_preference for each in (was, is_)
    )
    wanted = session.local_preference
    return f"the intent declares {wanted}" if new == wanted != old else None


def _by_way(table: BgpTable) -> dict[tuple[object, object, bool], list[BgpPath]]:
    """The paths of each prefix by next hop; several of one next hop in a stable order."""
    found: dict[tuple[object, object, bool], list[BgpPath]] = defaultdict(list)
    for path in table.paths:
        found[path.prefix, path.next_hop, path.internal].append(path)
    for paths in found.values():
        paths.sort(key=lambda path: (str(path.as_path), path.local_preference or 0, path.metric or 0))
    return found
