"""The communities that routes carry when they are sent to a neighbor.

No command of IOS-XE shows the communities of an advertised route: they follow from the path in the table, the outbound
route-map, and whether communities are sent at all.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import community_number
from pytest_azinterop.state.bgp import BgpPath
from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Verdict, apply_route_map
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp_detail import BgpPrefix, PrefixPath
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.policy_model import Definitions
    from pytest_azinterop.verify.prefix_detail import ObservedPrefixes

    Prefix = IPv4Network | IPv6Network

_NOT_STANDARD: Final = ("send-community extended", "send-community large")


def announced(expected: ExpectedSession, observed: ObservedPrefixes) -> list[Finding]:
    """Each announced prefix leaves with the declared communities.

    Raises UndeterminedError where the outbound route-map has a clause that is not modelled.
    """
    about, neighbor = subject.of_session(expected), observed.neighbor
    if down := session.not_established(about, neighbor):
        return down
    config = evidence.whole(observed.config, f"the communities that {expected.neighbor} is sent")
    section = session.configured(expected, config)
    if section is None:
        return session.absent(expected, config)
    sends = reading.clause(section, "send-community")
    if sends is None or sends.text.endswith(_NOT_STANDARD):
        return [
            about.finding(
                "routes.announced-communities",
                f"send-community is {'extended or large alone' if sends else 'not set'}, expected standard communities",
                cause="not-sent",
                evidence=reading.at(config, *(section.lines[:1] if sends is None else [sends])),
                next_command="show running-config | section router bgp",
            )
        ]
    known = definitions(config)
    wrong: dict[tuple[str, str], list[tuple[Prefix, Source]]] = defaultdict(list)
    for prefix, entry in observed.entries:
        cause, leaving, source = _leaving(observed, entry, prefix, config, known)
        numbers = {community_number(each) for each in leaving}
        if cause is None and not {community_number(each) for each in expected.announce_communities} <= numbers:
            cause = "not-set"
        if cause is not None:
            wrong[cause, clean(" ".join(leaving)) or "none"].append((prefix, source))
    return [
        about.finding(
            "routes.announced-communities",
            f"communities of announced {prefix_list(prefix for prefix, _ in each)} are {seen}, "
            f"expected {' '.join(expected.announce_communities)} among them",
            cause=cause,
            evidence=[*(source for _, source in each[:3]), config.source],
            next_command=f"show route-map {clean(neighbor.route_map_out)}"
            if neighbor.route_map_out
            else session.show_prefix(expected.vrf, each[0][0]),
        )
        for (cause, seen), each in sorted(wrong.items())
    ]


def _leaving(
    observed: ObservedPrefixes,
    entry: BgpPrefix | None,
    prefix: Prefix,
    config: RunningConfig,
    known: Definitions,
) -> tuple[str | None, tuple[str, ...], Source]:
    """The communities with which the best path leaves, or the cause why none does; and where that was read."""
    best = entry.best_path if entry is not None else None
    if entry is None or best is None:
        return "no-path", (), entry.source if entry else observed.neighbor.source
    name = observed.neighbor.route_map_out
    if name is None:
        return None, best.communities, best.source
    effect = apply_route_map(name, _as_row(prefix, best), known, best.communities)
    if effect.verdict is Verdict.DENY:
        return "denied", (), best.source
    sets = [text.removeprefix("set ") for text in effect.sets]
    if effect.verdict is Verdict.OPEN or any(text.startswith("comm-list") for text in sets):
        evidence.undetermined(
            f"the communities that outbound route-map {clean(name)} gives {prefix} are not known: "
            f"{clean(effect.because or 'it deletes by a list')}",
            "not-modelled",
            config.source,
        )
    leaving = best.communities
    for text in sets:
        if text.startswith("community "):
            words = text.split()[1:]
            given = tuple(word for word in words if word not in ("additive", "none"))
            leaving = (*leaving, *given) if "additive" in words else given
    return None, leaving, best.source


def _as_row(prefix: Prefix, path: PrefixPath) -> BgpPath:
    """The path as a table shows it, which is what policy is applied to."""
    return BgpPath(
        prefix=prefix,
        next_hop=path.next_hop,
        valid=path.valid,
        best=path.best,
        internal="internal" in path.kind,
        flags="",
        metric=path.metric,
        local_preference=path.local_preference,
        weight=path.weight,
        as_path=path.as_path,
        origin=path.origin,
        source=path.source,
    )
