"""From needed facts to the smallest set of commands per router. Pure: nothing is opened, sent or read."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.azure_plan import AzurePlan
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_azinterop.collect.facts import Wanted

    # From how many VRFs on a router (by its name) is asked for all of them at once; None: never.
    AllVrfs = Callable[[str], int | None]

Sample = Literal[0, 1, 2]
SET_UP = (
    "each session begins with: terminal length 0, terminal width 0 (where that is refused: 511), and enable where the"
    " login needs it; it ends with an empty line and exit"
)
_ORDER = {kind: place for place, kind in enumerate(COMMANDS)}


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """One sending of one command line.

    `sample` is 0 for a command that is sent once, 1 and 2 for the two sendings of a sampled one. `after` is the least
    time between the first sample's answer and the sending of the second (zero otherwise). `facts` share the answer;
    with `every_vrf` each of them is about another VRF, and the answer about every VRF of the router.
    """

    text: str
    facts: tuple[Fact, ...]
    sample: Sample = 0
    after: timedelta = timedelta(0)
    probe: bool = False
    every_vrf: bool = False

    @property
    def subject(self) -> Fact:
        """What the answer as a whole is about, and is read as."""
        fact = self.facts[0]
        return Fact(fact.host, fact.kind) if self.every_vrf else fact


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """What one router is asked, in order."""

    host: str
    commands: tuple[PlannedCommand, ...]

    @property
    def budget(self) -> Mapping[str, int]:
        """How often each command line may be sent."""
        return Counter(command.text for command in self.commands)

    def describe(self, address: str | None = None) -> tuple[str, ...]:
        """A heading and one line per sending. `address`: where the router is reached; None: not known."""
        count = len(self.commands)
        where = "" if address is None else f" ({address})"
        lines = [f"{self.host}{where}: one login, {count} command{'' if count == 1 else 's'}"]
        for number, command in enumerate(self.commands, start=1):
            notes = ""
            if command.sample == 1:
                notes = "   (first sample)"
            elif command.sample == 2:
                wait = f", at least {command.after.total_seconds():g} s later" if command.after else ""
                notes = f"   (second sample{wait})"
            elif command.probe:
                notes = "   (probe between the samples)"
            lines.append(f"  {number:>3}  {command.text}{notes}")
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Plan:
    """What all routers are asked, by host name in order, and what Azure is asked at the same time."""

    routers: tuple[RouterPlan, ...]
    azure: AzurePlan = field(default_factory=AzurePlan)

    @property
    def is_empty(self) -> bool:
        """Nobody is asked anything."""
        return not self.routers and not self.azure.requests

    @property
    def command_count(self) -> int:
        """The number of sendings over all routers."""
        return sum(len(router.commands) for router in self.routers)

    def router(self, host: str) -> RouterPlan | None:
        """The plan of one router; None: nothing is asked of it."""
        return next((router for router in self.routers if router.host == host), None)

    def describe(self, addresses: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """The lines that show, per router, exactly what would be sent, and where to as far as `addresses` says it."""
        known = addresses or {}
        lines = tuple(line for router in self.routers for line in router.describe(known.get(router.host)))
        return (*lines, *((SET_UP,) if lines else ()), *self.azure.describe())


@lru_cache(maxsize=65_536)  # asked again whenever a fact is looked up
def command_text(fact: Fact) -> str:
    """The command line that answers a fact. Raises InventoryError where no valid command line can be made of it."""
    if fact.kind not in COMMANDS:
        raise InventoryError(f"{fact.host}: no command answers the fact {fact.kind!r}")
    try:
        return _rendered(fact.kind, fact.parameters)
    except ValueError as error:
        raise InventoryError(f"{fact.host}: {error}") from None


@lru_cache(maxsize=65_536)  # many routers are asked the same
def _rendered(kind: str, parameters: tuple[tuple[str, str], ...]) -> str:
    return COMMANDS[kind].render(**dict(parameters))


def never(host: str) -> int | None:
    """An `AllVrfs`: each VRF is asked for by itself."""
    del host
    return None


def plan(needs: Iterable[Wanted], all_vrfs: AllVrfs = never) -> Plan:
    """The smallest set of commands that answers these needs.

    Each command line is sent once, a sampled one exactly twice; facts with the same command line share its answer. The
    first samples come first, then their probes, then everything else, so that other commands fill the interval. A
    configuration is only worth something together with the account's privilege, which is therefore asked as well.
    Where `all_vrfs` says so, one command answers the facts of one kind about many VRFs. It says nothing of a VRF that
    has none of what is asked for, and neither of one that does not exist, so the router's VRFs are asked as well then.
    """
    routers: dict[str, _Router] = {}
    requests: dict[Request, None] = {}
    later: dict[AdvertisedToMsees, None] = {}
    for need in needs:
        if isinstance(need, AdvertisedToMsees):
            later[need] = requests[need.after] = None
            continue
        if isinstance(need, Request):
            requests[need] = None
            continue
        fact = need.fact if isinstance(need, Sampled) else need
        router = routers.setdefault(fact.host, _Router())
        if isinstance(need, Sampled):
            router.sample(need)
        else:
            router.once(fact)
    for host, router in routers.items():
        router.join(host, all_vrfs)
    return Plan(
        tuple(RouterPlan(host, routers[host].commands()) for host in sorted(routers)),
        AzurePlan(
            tuple(sorted(requests, key=_place_of_request)),
            later=tuple(sorted(later, key=lambda each: _place_of_request(each.after))),
        ),
    )


def _place_of_request(request: Request) -> tuple[str, str, str]:
    return request.resource.casefold(), request.operation_name, str(request)


class _Router:
    """The needs of one router, gathered by command line."""

    def __init__(self) -> None:
        self._facts: dict[str, set[Fact]] = {}
        self._intervals: dict[str, timedelta] = {}
        self._probes: set[str] = set()
        self._every_vrf: set[str] = set()

    def once(self, fact: Fact) -> str:
        text = command_text(fact)
        self._facts.setdefault(text, set()).add(fact)
        if fact.kind == "running_config":
            self.once(Fact(fact.host, "privilege"))
        return text

    def sample(self, need: Sampled) -> None:
        text = self.once(need.fact)
        self._intervals[text] = max(need.interval, self._intervals.get(text, timedelta(0)))
        if need.probe is not None:
            if need.probe.host != need.fact.host:
                raise InventoryError(f"{need.fact.host}: a probe from another router ({need.probe.host})")
            self._probes.add(self.once(need.probe))

    def join(self, host: str, all_vrfs: AllVrfs) -> None:
        """Ask once for all VRFs what would be asked for many. Samples and probes stay as they are."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for text in self._facts.keys() - self._intervals.keys() - self._probes:
            for fact in self._facts[text]:
                if _has_all_vrfs(fact):
                    by_kind[fact.kind].append(text)
        for kind, texts in by_kind.items():
            least = all_vrfs(host) if len(texts) > 1 else None
            if least is None or len(texts) < least:
                continue
            joined = COMMANDS[kind].all_vrfs
            self._facts[joined] = {fact for text in texts for fact in self._facts.pop(text)}
            self._every_vrf.add(joined)
            if COMMANDS[kind].may_be_empty:
                self.once(Fact(host, "vrfs"))

    def commands(self) -> tuple[PlannedCommand, ...]:
        def place(text: str) -> tuple[int, str]:
            return min(_ORDER[fact.kind] for fact in self._facts[text]), text

        sampled = sorted(self._intervals, key=place)
        probes = sorted(self._probes - self._intervals.keys(), key=place)
        rest = sorted(self._facts.keys() - self._intervals.keys() - self._probes, key=place)
        return (
            *(self._planned(text, sample=1) for text in sampled),
            *(self._planned(text, probe=True) for text in probes),
            *(self._planned(text) for text in rest),
            *(self._planned(text, sample=2, after=self._intervals[text]) for text in sampled),
        )

    def _planned(
        self, text: str, *, sample: Sample = 0, after: timedelta = timedelta(0), probe: bool = False
    ) -> PlannedCommand:
        facts = tuple(sorted(self._facts[text]))
        return PlannedCommand(text, facts, sample, after, probe, text in self._every_vrf)


def _has_all_vrfs(fact: Fact) -> bool:
    """Whether a command for every VRF would answer this fact about one of them."""
    return bool(COMMANDS[fact.kind].all_vrfs) and [name for name, _ in fact.parameters] == ["vrf"]


def as_answered(wanted: Plan, answered: Callable[[Fact, str], bool]) -> Plan:
    """The plan with the forms of commands that were answered (about a fact, by a command line), whichever it has."""
    return replace(wanted, routers=tuple(_as_answered(router, answered) for router in wanted.routers))


def _as_answered(router: RouterPlan, answered: Callable[[Fact, str], bool]) -> RouterPlan:
    commands: dict[tuple[str, Sample], PlannedCommand] = {}
    joined: dict[str, list[Fact]] = defaultdict(list)
    for command in router.commands:
        if command.sample or command.probe or not all(map(_has_all_vrfs, command.facts)):
            commands[command.text, command.sample] = command
            continue
        for fact in command.facts:
            single, every = command_text(fact), COMMANDS[fact.kind].all_vrfs
            if answered(fact, every) and not answered(fact, single):
                joined[every].append(fact)
            else:
                commands[single, 0] = PlannedCommand(single, (fact,))
    for every, facts in joined.items():
        commands[every, 0] = PlannedCommand(every, tuple(sorted(facts)), every_vrf=True)
        vrfs = Fact(router.host, "vrfs")
        commands.setdefault((command_text(vrfs), 0), PlannedCommand(command_text(vrfs), (vrfs,)))
    return RouterPlan(router.host, tuple(commands.values()))
