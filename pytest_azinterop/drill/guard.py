"""What stands between a plan and a drill: a guard names the facts that it needs, and judges them.

Every judgement is a pure function that returns objections as findings (rule `drill.NAME`). No waiver covers one, and a
fact that could not be determined is an objection of its own: the item that judges ends as an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.drill import own_address
from pytest_azinterop.verify.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Scene:
    """What a guard looks at. `router` is the one that is asked about, empty for a guard of the whole drill.

    `addresses` are where the routers are reached, as far as the inventory says it; `resolve` gives the IP addresses of
    a name, none where nobody answers.
    """

    drill: Drill
    router: str
    everything: Expectations
    addresses: Mapping[str, str] = field(default_factory=dict)
    resolve: Callable[[str], tuple[str, ...]] = own_address.resolve

    @property
    def object(self) -> str:
        """What an objection is about."""
        return self.router or self.drill.id


@dataclass(frozen=True, slots=True)
class Guard:
    """One pre-check. `where` gives the routers that it is asked of; a guard of the whole drill gives one empty name.

    `says` is the sentence that is true when it passes.
    """

    name: str
    says: str
    where: Callable[[Drill], tuple[str, ...]]
    needs: Callable[[Scene], tuple[Need, ...]]
    judge: Callable[[Scene, Facts], list[Finding]]


def changed(drill: Drill) -> tuple[str, ...]:
    """The routers that are changed."""
    return tuple(drill.changes)


def everyone(drill: Drill) -> tuple[str, ...]:
    """Every router of the site."""
    return drill.routers


def whole(_: Drill) -> tuple[str, ...]:
    """The drill as a whole."""
    return ("",)


def objection(
    name: str,
    object_: str,
    cause: str,
    message: str,
    *evidence: Source,
    likely: str | None = None,
    next_command: str | None = None,
) -> Finding:
    """Why a drill must not begin, or what it did not show."""
    return Finding(
        f"drill.{name}",
        object_,
        "critical",
        f"{object_}: {message}",
        cause,
        evidence,
        likely=likely,
        next_command=next_command,
    )
