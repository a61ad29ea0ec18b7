"""The few faults behind many failures: what follows from what, told once at the end. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.report import terminal
from pytest_azinterop.verify import causality

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

MAXIMUM: Final = 10  # faults that are shown


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a report carries it. `gravity` sorts the gravest first."""

    rule: str
    object: str
    cause: str
    message: str
    gravity: tuple[int, ...]
    likely: str | None = None
    next_command: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What decides about what follows from it."""
        return self.rule, self.cause, self.object


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding that follows from no other one. `checks` fail with it, `following` only with what follows from it."""

    root: Told
    checks: int
    following: int
    families: tuple[tuple[str, int], ...]


def faults(
    failed: Iterable[Sequence[Told]], concerned: Callable[[str, str, str], frozenset[Hashable]], parents_of: int = 50
) -> list[Fault]:
    """The faults behind failed checks, those first from which most follows, then the gravest.

    `failed` has the findings of each failed check; `concerned` says what a finding concerns, by rule, cause and object:
    one follows only from another that concerns some of the same. Of a finding that has more than `parents_of` possible
    reasons only these many are looked at.
    """
    checks = [tuple(findings) for findings in failed]
    told = sorted({each for findings in checks for each in findings}, key=lambda each: (each.gravity, each.message))
    about = {each: concerned(*each.key) for each in told}
    near: dict[Hashable, list[Told]] = defaultdict(list)
    for each in told:
        for shared in about[each]:
            near[shared].append(each)
    parents: dict[Told, list[Told]] = {}
    for each in told:
        found = {
            other: None
            for shared in about[each]
            for other in near[shared]
            if causality.may_follow(each.key, other.key) and _names(each, other)
        }
        parents[each] = list(found)[:parents_of]
    roots = {each: _roots(each, parents) for each in told}
    having: Counter[Told] = Counter()
    following: Counter[Told] = Counter()
    families: dict[Told, Counter[str]] = defaultdict(Counter)
    for findings in checks:
        own = {each for each in findings if roots[each] == {each}}
        having.update(own)
        for root in {root for each in findings for root in roots[each]} - own:
            following[root] += 1
            families[root].update({each.rule.split(".")[0] for each in findings if root in roots[each]})
    found_faults = [
        Fault(root, having[root], following[root], tuple(families[root].most_common()))
        for root in told
        if roots[root] == {root}
    ]
    return sorted(found_faults, key=lambda fault: (-fault.following, fault.root.gravity))


def _names(effect: Told, root: Told) -> bool:
    """Whether a finding can be about something that a router's configuration names, as `r1/route-map X`: it names it
    as well, or is about the neighbor that the configuration's line is about. Any other root needs no name."""
    _, _, named = root.object.partition("/")
    kind, blank, name = named.partition(" ")
    if not blank or "/" in kind:
        return True
    own = " ".join(filter(None, (effect.message, effect.likely, effect.next_command)))
    return _mentions(own, name.rpartition(" ")[2]) or _mentions(root.message, effect.object.rpartition("/")[2])


def _mentions(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w.:-]){re.escape(word)}(?![\w:-]|\.\w)", text) is not None


def _roots(of: Told, parents: dict[Told, list[Told]]) -> set[Told]:
    """What a finding follows from in the end; itself where it follows from nothing."""
    found, open_, seen = set(), [of], {of}
    while open_:
        each = open_.pop()
        above = parents[each]
        if not above:
            found.add(each)
        open_ += [other for other in above if other not in seen]
        seen.update(above)
    return found


def lines(found: Sequence[Fault], failed: int) -> list[str]:
    """The diagnosis as text; none where nothing follows from anything."""
    if not any(fault.following for fault in found):
        return []
    count = terminal.plural(len(found), "fault")
    told = [f"{count} behind {terminal.plural(failed, 'failed check')}, as far as the findings tell:"]
    leading = [fault for fault in found if fault.following]
    for fault in leading[:MAXIMUM]:
        root = fault.root
        told.append(terminal.clean(root.message))
        if root.likely:
            told.append(f"  likely:   {terminal.clean(root.likely)}")
        families = ", ".join(f"{name} {number}" for name, number in fault.families)
        checks = terminal.plural(fault.checks, "check")
        told.append(f"  fails:    {checks} with it, and {fault.following} with what may follow from it ({families})")
        if root.next_command:
            told.append(f"  next:     {terminal.clean(root.next_command)}")
    if (more := len(leading) - MAXIMUM) > 0:
        told.append(f"… and {terminal.plural(more, 'fault')} more, from which fewer follow")
    alone = sorted((fault.root for fault in found if not fault.following), key=lambda root: root.gravity)
    if alone:
        told.append("by themselves:")
        told += [f"  {terminal.clean(root.message)}" for root in alone[:MAXIMUM]]
    if len(alone) > MAXIMUM:
        told.append(f"  … and {len(alone) - MAXIMUM} more")
    return told
