"""How often a router prepends to the AS paths of what it announces.

`advertised-routes` shows the path as it stands in the table; what the outbound route-map prepends is not in it, and
follows from the route-map as the router has it. Where a router prints the lengthened path, that counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Filters, Verdict
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.state.routing import RouteMap, RouteMapEntry
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedPolicy
    from pytest_azinterop.verify.policy_model import Definitions

_PREPEND: Final = re.compile(r"(?:set )?as-path prepend (?P<last>last-as )?(?P<values>[\d. ]+)")


def prepends(expected: ExpectedSession, observed: ObservedPolicy) -> list[Finding]:
    """What is announced is prepended as often as declared.

    Raises UndeterminedError where a route-map that changes AS paths has a clause that is not modelled.
    """
    neighbor = observed.neighbor
    if neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    if down := session.not_established(about, neighbor):
        return down
    if expected.announce_prepends is None or expected.role == "internal":
        return []
    routes = evidence.routes_of(expected.vrf, expected.neighbor, "advertised", observed.advertised)
    known = definitions(observed.config, observed.route_maps, observed.prefix_lists)
    name = neighbor.route_map_out
    bound = known.route_maps.get(name) if name is not None else None
    filters = Filters(name, neighbor.prefix_list_out, neighbor.filter_list_out)
    own = {expected.local_as, neighbor.local_as, observed.config.bgp.asn if observed.config.bgp else None}
    wrong: dict[int, list[BgpPath]] = defaultdict(list)
    for path in routes.paths:
        shown = sum(1 for _ in takewhile(own.__contains__, path.as_path.sequence))
        added = _added(bound, filters, path, known)
        if added is not None and max(shown, added) != expected.announce_prepends:
            wrong[max(shown, added)].append(path)
    where: Source | None = bound.source if bound is not None else None
    return [
        about.finding(
            "routes.announced-as-path",
            f"AS path of announced {prefix_list(path.prefix for path in paths)} is prepended {_times(count)}, "
            f"expected {_times(expected.announce_prepends)}",
            cause="prepended" if count > expected.announce_prepends else "not-prepended",
            evidence=[*(path.source for path in paths[:3]), routes.source, where],
            next_command="show running-config | include route-map|as-path prepend"
            if name is None
            else f"show running-config | section route-map {clean(name)}",
        )
        for count, paths in sorted(wrong.items())
    ]


def _added(bound: RouteMap | None, filters: Filters, path: BgpPath, known: Definitions) -> int | None:
    """How many ASNs the outbound route-map puts in front; None where it lets the route out no longer."""
    if bound is None:
        # An undefined route-map denies everything: what is still advertised is another rule's finding.
        return 0 if filters.route_map is None else None
    if not any(_changes_path(entry) for entry in bound.entries):
        return 0
    effect = filters.apply(path, known)
    if effect.verdict is Verdict.DENY:
        return None
    if effect.verdict is Verdict.OPEN:
        _unknown(bound, path, effect.because or "")
    prepends = [text for text in effect.sets if "as-path" in text.split()]
    if len(prepends) > 1:
        _unknown(bound, path, f"whether `set {prepends[-1]}` replaces or follows `set {prepends[0]}` is not known")
    count = 0
    for text in effect.sets:
        found = _PREPEND.fullmatch(" ".join(text.split()))
        if found is None:
            if "as-path" in text.split():
                _unknown(bound, path, f"`set {text}` is not modelled")
            continue
        if found["last"] and not path.as_path.sequence:
            _unknown(bound, path, "what `last-as` repeats of a path without ASNs is not known")
        count += int(found["values"]) if found["last"] else len(found["values"].split())
    return count


def _changes_path(entry: RouteMapEntry) -> bool:
    return any("as-path" in text.split() for text in entry.sets)


def _unknown(bound: RouteMap, path: BgpPath, because: str) -> None:
    evidence.undetermined(
        f"what outbound route-map {clean(bound.name)} does to the AS path of {path.prefix} is not known: "
        f"{clean(because)}",
        "not-modelled",
        bound.source,
    )


def _times(count: int) -> str:
    return {0: "not at all", 1: "once"}.get(count, f"{count} times")
