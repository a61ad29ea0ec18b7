"""Who is asked how much, and why a router that no selected check names: something over several routers needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop import gathering
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from pytest_azinterop.collect.facts import Wanted
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.verification import Verification

_SHOWN = 3  # objects that one line names


def announced(plan: Plan) -> str:
    """How many routers and resources of Azure are asked how much."""
    routers, asked = terminal.plural(len(plan.routers), "router"), len(plan.azure.requests)
    text = f"{routers} {terminal.plural(plan.command_count, 'command')}"
    if not asked:
        return text
    resources = terminal.plural(len(plan.azure.resources), "resource")
    return f"{text}, and Azure {terminal.plural(asked, 'question')} about {resources}"


def others(items: Iterable[pytest.Item], plan: Plan, verification: Verification) -> list[str]:
    """Routers that are in the plan and in the id of no selected check, a line for all that the same subjects need."""
    selected = [(item, dict.fromkeys(_about(item))) for item in items]
    named = {part for _, about in selected for _, id_ in about for part in id_.split("/")}
    needed: dict[str, dict[tuple[str, str], None]] = {
        router.host: {} for router in plan.routers if router.host not in named
    }
    for item, about in selected if needed else ():
        needs = (*gathering.needs_of(item, verification), *gathering.helping_of(item))
        for host in set(_hosts(needs)) & needed.keys():
            needed[host].update(about)
    reasons: dict[str, list[str]] = {}
    for host, about in needed.items():
        if about:
            reasons.setdefault(_words(about), []).append(host)
    return [f"{', '.join(hosts)} asked for {reason}" for reason, hosts in reasons.items()]


def _about(item: pytest.Item) -> Iterator[tuple[str, str]]:
    for kind, expected in gathering.subjects_of(item):
        yield kind.plural, expected.id


def _hosts(needs: Iterable[Wanted]) -> Iterator[str]:
    for need in needs:
        if isinstance(need, (Fact, Sampled)):
            yield (need.fact if isinstance(need, Sampled) else need).host


def _words(about: Iterable[tuple[str, str]]) -> str:
    """`customer sites (customer-30/loc1)`."""
    by_kind: dict[str, list[str]] = {}
    for plural, id_ in about:
        by_kind.setdefault(plural, []).append(terminal.clean(id_, 80))
    return ", ".join(
        f"{plural} ({', '.join(ids[:_SHOWN])}{f' and {len(ids) - _SHOWN} more' if len(ids) > _SHOWN else ''})"
        for plural, ids in by_kind.items()
    )
