"""The few faults behind many failures: what follows from what, told once at the end. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.report import mentions, terminal
from pytest_azinterop.verify import causality

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

MAXIMUM: Final = 10  # faults that are shown
ALSO: Final = 4  # further places of one fault that are shown


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a report carries it. `gravity` sorts the gravest first; `about` is what it is about where the object
    is more than that."""

    rule: str
    object: str
    cause: str
    message: str
    gravity: tuple[int, ...]
    likely: str | None = None
    next_command: str | None = None
    about: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What decides about what follows from it."""
        return self.rule, self.cause, self.object


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding that follows from no other one. `checks` fail with it, `following` only with what follows from it.

    `also` are findings that tell the same fault at other places. `rank` is the severity of the gravest finding of all,
    0 for critical.
    """

    root: Told
    checks: int
    following: int
    families: tuple[tuple[str, int], ...]
    also: tuple[Told, ...] = ()
    rank: int = 0


def faults(
    failed: Iterable[Sequence[Told]], concerned: Callable[[str, str, str], frozenset[Hashable]], parents_of: int = 50
) -> list[Fault]:
    """The faults behind failed checks: the gravest first, with all that follows; of equal ones what most follows from.

    `failed` has the findings of each failed check; `concerned` says what a finding concerns, by rule, cause and object:
    one follows only from another that concerns some of the same. Of a finding that has more than `parents_of` possible
    reasons only these many are looked at.
    """
    checks = [tuple(findings) for findings in failed]
    told = sorted({each for findings in checks for each in findings}, key=lambda each: (each.gravity, each.message))
    about = {each: concerned(each.rule, each.cause, each.about or each.object) for each in told}
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
            if causality.may_follow(each.key, other.key) and _can_be_about(each, other)
        }
        parents[each] = list(found)[:parents_of]
    roots = {each: _roots(each, parents) for each in told}
    behind: dict[Told, list[int]] = defaultdict(list)
    for number, findings in enumerate(checks):
        for root in {root for each in findings for root in roots[each]}.difference(findings):
            behind[root].append(number)
    groups = _alike([each for each in told if roots[each] == {each}], about, behind)
    return sorted(_counted(groups, checks, roots), key=lambda each: (each.rank, -each.following, each.root.gravity))


def _alike(
    roots: Sequence[Told], about: Mapping[Told, frozenset[Hashable]], behind: Mapping[Told, Sequence[int]]
) -> list[list[Told]]:
    """What is one fault, seen at several places: what a rule says of one object, or of both ends of a session; the same
    cause, which concerns some of the same; or in the same words or of the same prefixes, with some of the same failures
    that follow."""
    groups: list[list[Told]] = []
    place: dict[Hashable, int] = {}
    for each in roots:
        words = each.message.partition(": ")[2]
        keys: list[Hashable] = [(each.rule, each.object)]
        keys += [(each.rule, about[each])] if each.rule == "bgp.state" else []
        keys += [(each.rule, each.cause, shared) for shared in about[each]]
        alike = {words, mentions.prefixes(each.rule, each.message)} - {frozenset()}
        keys += [(each.rule, each.cause, what, number) for what in alike for number in behind[each]]
        at = next((place[key] for key in keys if key in place), len(groups))
        if at == len(groups):
            groups.append([])
        groups[at].append(each)
        place.update((key, at) for key in keys if key not in place)
    return groups


def _counted(
    groups: Sequence[Sequence[Told]], checks: Sequence[Sequence[Told]], roots: Mapping[Told, set[Told]]
) -> list[Fault]:
    group_of = {each: number for number, group in enumerate(groups) for each in group}
    ranks = [min(each.gravity[0] for each in group) for group in groups]
    having, following = Counter[int](), Counter[int]()
    families: dict[int, Counter[str]] = defaultdict(Counter)
    for findings in checks:
        own = {group_of[each] for each in findings if each in group_of}
        having.update(own)
        of: dict[int, list[Told]] = defaultdict(list)
        for each in findings:
            for number in {group_of[root] for root in roots[each]}:
                of[number].append(each)
        for number, members in of.items():
            ranks[number] = min(ranks[number], *(each.gravity[0] for each in members))
            if number not in own:
                following[number] += 1
                families[number].update({each.rule.split(".")[0] for each in members})
    return [
        Fault(
            group[0],
            having[number],
            following[number],
            tuple(families[number].most_common()),
            tuple(group[1:]),
            ranks[number],
        )
        for number, group in enumerate(groups)
    ]


def _can_be_about(effect: Told, root: Told) -> bool:
    """Whether a finding can be about what a root names: the same prefixes, where both name some; and something that a
    router's configuration names, as `r1/route-map X`: it names it as well, or is about the neighbor that the
    configuration's line is about. Any other root needs no name."""
    if mentions.apart((effect.rule, effect.cause, effect.message), (root.rule, root.cause, root.message)):
        return False
    _, _, named = root.object.partition("/")
    kind, blank, name = named.partition(" ")
    if not blank or "/" in kind:
        return True
    own = " ".join(filter(None, (effect.message, effect.likely, effect.next_command)))
    return mentions.word(own, name.rpartition(" ")[2]) or mentions.word(root.message, effect.object.rpartition("/")[2])


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
        told += _also(fault)
        if root.likely:
            told.append(f"  likely:   {terminal.clean(root.likely)}")
        families = ", ".join(f"{name} {number}" for name, number in fault.families)
        checks = terminal.plural(fault.checks, "check")
        told.append(f"  fails:    {checks} with it, and {fault.following} with what may follow from it ({families})")
        if root.next_command:
            told.append(f"  next:     {terminal.clean(root.next_command)}")
    if (more := len(leading) - MAXIMUM) > 0:
        told.append(f"… and {terminal.plural(more, 'fault')} more, from which fewer follow")
    alone = sorted((fault for fault in found if not fault.following), key=lambda fault: fault.root.gravity)
    if alone:
        told.append("by themselves:")
    for fault in alone[:MAXIMUM]:
        told.append(f"  {terminal.clean(fault.root.message)}")
        told += [f"  {line}" for line in _also(fault)]
    if len(alone) > MAXIMUM:
        told.append(f"  … and {len(alone) - MAXIMUM} more")
    return told


def _also(fault: Fault) -> list[str]:
    """The other places of the fault: each by its object where it says the same, in full where it does not."""
    objects, words = fault.root.message.partition(": ")[::2]
    same, shown = [], []
    for each in fault.also:
        there, apart, what = each.message.partition(": ")
        if apart and what == words and there != objects:
            same.append(terminal.clean(there))
        else:
            shown.append(terminal.clean(what if there == objects else each.message))
    lines_ = [", ".join(same[:ALSO]) + _further(len(same))] if same else []
    lines_ += shown[:ALSO]
    found = [f"  {'also:' if not place else '':<9} {line}" for place, line in enumerate(lines_)]
    return [*found, f"            … and {len(shown) - ALSO} more"] if len(shown) > ALSO else found


def _further(count: int) -> str:
    return f" and {count - ALSO} more" if count > ALSO else ""
