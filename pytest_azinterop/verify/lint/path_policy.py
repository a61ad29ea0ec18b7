"""Whether the paths of a circuit have the same policy, and which of them is not as the intent declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import breadth, names, reading
from pytest_azinterop.verify.local_preference import DEFAULT
from pytest_azinterop.verify.policy_model import Verdict, clause, preferences
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite
    from pytest_azinterop.state.config import NeighborConfig, RunningConfig
    from pytest_azinterop.state.routing import RouteMap
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.policy_model import Definitions

Path = tuple["ExpectedSession", "NeighborConfig", "RunningConfig"]
_DIRECTIONS: Final = (("inbound", "in"), ("outbound", "out"))


def differences(site: ExpectedSite, first: Path, second: Path) -> Iterator[Finding]:
    """What differs in the policies of two paths, told of the path that deviates from the intent.

    Where neither deviates, or each in its own way, it is a finding about the site that names both.
    """
    for cause, direction in _DIRECTIONS:
        if content(first[1], first[2], direction) == content(second[1], second[2], direction):
            continue
        one, other = _deviations(first, second, direction), _deviations(second, first, direction)
        if one and not other:
            yield _of_path(second, first, cause, direction, one)
        elif other and not one:
            yield _of_path(first, second, cause, direction, other)
        else:
            yield _of_both(site, first, second, cause, direction, [*one, *other])


def _of_path(sound: Path, deviating: Path, cause: str, direction: str, how: list[str]) -> Finding:
    session, settings, _ = deviating
    return subject.of_session(session).finding(
        "lint.path-policy",
        f"{cause} policy is not the same as on {_words(sound)}, expected the same",
        cause=cause,
        evidence=(*_lines(deviating, direction), *_lines(sound, direction)),
        likely=some(how),
        next_command=_show(settings, direction),
    )


def _of_both(site: ExpectedSite, first: Path, second: Path, cause: str, direction: str, how: list[str]) -> Finding:
    return subject.of_site(site).finding(
        "lint.path-policy",
        f"{cause} policy of {_words(first)} is not the same as on {_words(second)}, expected the same",
        cause=cause,
        evidence=(*_lines(first, direction), *_lines(second, direction)),
        likely=some(how) if how else "the intent does not tell which of the two is meant",
        next_command=_show(first[1], direction),
    )


def _words(path: Path) -> str:
    session = path[0]
    return f"{session.router} {session.neighbor} ({session.path})"


def _lines(path: Path, direction: str) -> tuple[Source, ...]:
    _, settings, config = path
    return reading.at(config, *(reading.filters(settings, direction) or settings.lines[:1]))


def _show(settings: NeighborConfig, direction: str) -> str:
    """What shows the definition that the two are to be compared by; the section where nothing is bound."""
    for kind, name in breadth.bound(settings, direction):
        if kind == "route-map":
            return f"show route-map {clean(name)}"
        if kind == "prefix-list":
            return f"show {'ip' if settings.address.version == 4 else 'ipv6'} prefix-list detail {clean(name)}"
    return f"show running-config | include neighbor {settings.address}"


def _deviations(path: Path, beside: Path, direction: str) -> list[str]:
    """How the policy of a path differs from what the intent declares, where that of the path beside it does not."""
    own = _against_intent(path, beside, direction)
    others = _against_intent(beside, path, direction).keys()
    return [words for key, words in own.items() if key not in others]


def _against_intent(path: Path, beside: Path, direction: str) -> dict[tuple[str, object], str]:
    session, settings, config = path
    found: dict[tuple[str, object], str] = {}
    wanted = (session.policy.route_map_in, session.policy.prefix_list_in)
    if direction == "out":
        wanted = (session.policy.route_map_out, session.policy.prefix_list_out)
    bound = dict(breadth.bound(settings, direction))
    for kind, name in zip(("route-map", "prefix-list"), wanted, strict=True):
        if name is not None and bound.get(kind) != name:
            found["name", kind] = f"the intent names {kind} {name}"
    of = breadth.known(settings, config, direction)
    theirs = breadth.known(beside[1], beside[2], direction)
    declared = session.receive if direction == "in" else session.announce
    for prefix in breadth.tried((session, beside[0]), direction, (of, theirs)):
        effect = breadth.effect(session, direction, settings, prefix, of)
        lets = {Verdict.PERMIT: True, Verdict.DENY: False}.get(effect.verdict)
        if declared is not None and lets is not None and lets != declared.permits(prefix):
            how = "lets through" if lets else "stops"
            found["passes", prefix] = (
                f"it {how} {prefix}, which the intent {'does not declare' if lets else 'declares'}"
            )
    if direction == "out" and session.announce_prepends == 0:
        sets = [text for each in of.route_maps.values() for entry in each.entries for text in entry.sets]
        for text in sets:
            if text.startswith("as-path prepend"):
                found["prepends", text] = f"it sets `{clean(text)}`, and the intent declares no prepending"
    if direction == "in" and session.local_preference is not None:
        given = local_preferences(settings, config)
        if given is not None and given != {session.local_preference}:
            values = " or ".join(map(str, sorted(given)))
            found["local-preference", given] = f"it gives local preference {values}"
    return found


def local_preferences(settings: NeighborConfig, config: RunningConfig) -> frozenset[int] | None:
    """The local preferences that the inbound route-map can give; without one the router's default.

    None: the bound route-map is undefined, or permits nothing, so no route has any.
    """
    default = DEFAULT
    if config.bgp is not None and config.bgp.default_local_preference is not None:
        default = config.bgp.default_local_preference
    if settings.route_map_in is None:
        return frozenset({default})
    of = breadth.known(settings, config, "in")
    if settings.route_map_in not in of.route_maps:
        return None
    values = preferences(settings.route_map_in, of)
    return frozenset(default if value is None else value for value in values) or None


def _map(name: str, of: Definitions) -> RouteMap | None:
    return of.route_maps.get(name)


def content(settings: NeighborConfig, config: RunningConfig, direction: str) -> tuple[object, ...]:
    """What is bound in a direction, by content: names may differ between routers."""
    of = breadth.known(settings, config, direction)
    found: list[object] = []
    for kind, name in breadth.bound(settings, direction):
        bound = _map(name, of) if kind == "route-map" else None
        if bound is not None:
            says: tuple[object, ...] = tuple(
                (
                    entry.permit,
                    tuple(_clause(text, config) for text in entry.matches),
                    entry.sets,
                    of.continues.get(name, {}).get(entry.sequence),
                )
                for entry in bound.entries
            )
        else:
            says = _list(breadth.LISTS.get(kind, kind), name, config) or (name,)
        found.append((kind, says))
    return tuple(sorted(found, key=str))


def _clause(match: str, config: RunningConfig) -> tuple[object, ...]:
    """A match clause with the names of lists replaced by their lines."""
    read = clause(match)
    kind = breadth.LISTS.get(read.kind)
    if kind is None:
        return (read.text,)
    return (read.kind, *(_list(kind, name, config) or (name,) for name in read.values))


def _list(kind: str, name: str, config: RunningConfig) -> tuple[object, ...]:
    """The lines of a list without its name and sequence numbers."""
    found: list[object] = []
    for line in names.lines_of(config, kind, name):
        words = line.text.split()
        rest = " ".join(words[words.index(name) + 1 :])
        found.append((re.sub(r"^seq \d+ ", "", rest), *(re.sub(r"^\d+ ", "", each.text) for each in line.children)))
    return tuple(found)
