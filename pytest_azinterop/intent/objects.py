"""The objects that findings can be about: what the object of a waiver must be to cover anything, ever."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.intent.interface_names import in_object
from pytest_azinterop.intent.problem import Problem
from pytest_azinterop.intent.waivers import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.intent.models import Intent, Waiver

# Rules that name what they find on a router, such as `edge1/route-map X`: of those the intent knows the router alone.
OPEN = ("lint.", "baseline.")


def objects(everything: Expectations) -> frozenset[str]:
    """The id of every expectation, of each router of a site, and of the session behind each tunnel."""
    return frozenset(_objects(everything))


def _objects(everything: Expectations) -> Iterator[str]:
    for kind in (
        everything.devices,
        everything.interfaces,
        everything.sessions,
        everything.tunnels,
        everything.sites,
        everything.reaches,
    ):
        yield from (each.id for each in kind)
    if everything.azure is not None:
        yield from everything.azure.ids()
    for tunnel in everything.tunnels:
        yield f"{tunnel.router}/{vrf_label(tunnel.inner_vrf)}/{tunnel.neighbor}"
    for sides in everything.both.sites:
        yield from (f"{sides.id}/{name}" for name in sides.parts)
    for site in everything.sites:
        yield from (session.id for session in site.internal)
        yield from (f"{site.id}/{router}" for router in site.routers)


def with_long_names(intent: Intent, known: Collection[str]) -> Intent:
    """The same intent; the interfaces that its waivers name are spelled as findings spell them."""
    waivers = tuple(_with_long_names(waiver, known) for waiver in intent.waivers)
    return intent.model_copy(update={"waivers": waivers}) if waivers != intent.waivers else intent


def _with_long_names(waiver: Waiver, known: Collection[str]) -> Waiver:
    # What exists as it is written is meant as it is written: a network may be called `lo1`.
    if any(matches(waiver.object, each) for each in known):
        return waiver
    return waiver.model_copy(update={"object": in_object(waiver.object)})


def problems_of_waivers(intent: Intent, known: Collection[str], rules: Collection[str]) -> Iterator[Problem]:
    """Waivers that can cover nothing. `rules` are all rules; empty: their names are not known."""
    for index, waiver in enumerate(intent.waivers):
        if any(matches(waiver.object, each) for each in known):
            continue
        if _may_be_open(waiver.rule, rules):
            first = waiver.object.partition("/")[0]
            starts = {each.partition("/")[0] for each in known}
            if any(matches(first, each) for each in starts):
                continue
            yield Problem(
                ("waivers", index, "object"), _nothing(waiver, f"nothing begins with `{first}`", first, starts)
            )
        else:
            why = "no finding of this rule can be about it"
            yield Problem(("waivers", index, "object"), _nothing(waiver, why, waiver.object, known))


def _may_be_open(pattern: str, rules: Collection[str]) -> bool:
    if not rules:
        return pattern.startswith((*OPEN, "*"))
    return any(rule.startswith(OPEN) and matches(pattern, rule) for rule in rules)


def _nothing(waiver: Waiver, why: str, written: str, known: Collection[str]) -> str:
    close = get_close_matches(written, sorted(known), n=1, cutoff=0.4)
    hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(sorted(known)[:8])}"
    return f"the waiver for `{waiver.object}` covers nothing, ever: {why}; {hint}"
