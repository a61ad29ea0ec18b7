"""Every rule: what it says, how grave its breach is, and the causes that it can name. The registry is public API.

A waiver names a rule; JUnit carries rule and cause; `docs/rules.md` is generated from here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import (
    rules_azure,
    rules_baseline,
    rules_bfd,
    rules_lint,
    rules_lint_edge,
    rules_operations,
    rules_prefix,
    rules_reach,
    rules_router,
    rules_routing,
    rules_session,
    rules_sides,
    rules_upkeep,
    rules_vpn,
)
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.next_command import further

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Severity
    from pytest_azinterop.verify.rule import Rule


def registry(*groups: Iterable[Rule]) -> Mapping[str, Rule]:
    """All rules by name. Raises ValueError where two have the same name."""
    rules: dict[str, Rule] = {}
    for entry in (entry for group in groups for entry in group):
        if entry.name in rules:
            raise ValueError(f"two rules are named {entry.name}")
        rules[entry.name] = entry
    return MappingProxyType(rules)


RULES: Final[Mapping[str, Rule]] = registry(
    rules_baseline.RULES,
    rules_azure.RULES,
    rules_router.RULES,
    rules_routing.RULES,
    rules_session.RULES,
    rules_bfd.RULES,
    rules_prefix.RULES,
    rules_reach.RULES,
    rules_upkeep.RULES,
    rules_operations.RULES,
    rules_vpn.RULES,
    rules_lint.RULES,
    rules_lint_edge.RULES,
    rules_sides.RULES,
)


def finding(
    name: str,
    object_id: str,
    words: str,
    disagreement: str,
    *,
    cause: str,
    evidence: Iterable[Source | None] = (),
    likely: str | None = None,
    next_command: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding of a registered rule. `words` name the object, `disagreement` is `{what} is {observed}, expected …`.

    `severity` defaults to the rule's, `likely` to the words of the cause where the registry has more than its name to
    say. A `next_command` whose answer is evidence already is left out. Raises KeyError for an unknown rule or cause: a
    defect, not a state of the network.
    """
    entry = RULES[name]
    sources = tuple(dict.fromkeys(source for source in evidence if source is not None))
    told = entry.causes[cause]
    return Finding(
        rule=name,
        object=object_id,
        severity=severity or entry.severity,
        message=f"{words}: {disagreement}",
        cause=cause,
        evidence=sources,
        likely=likely or told or None,
        next_command=further(next_command, sources),
    )
