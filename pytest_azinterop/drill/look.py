"""One look at a router: what it is asked at every turn of a drill, and what the answers say about paths and load."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.drill_expectations import Manual
from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.intent.drill_expectations import Drill, Pair
    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedTunnel
    from pytest_azinterop.intent.reachability import ExpectedReach
    from pytest_azinterop.state.operations import LogBuffer, LogMessage
    from pytest_azinterop.state.routing import ForwardingDecision

PROBES: Final = "2"  # the first one may be lost to address resolution
TIMEOUT: Final = "1"
_STAMP = re.compile(
    r"(?:\d+: )?[*.]?(?:(?P<year>\d{4}) )?(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?:(?P<late>\d{4}) )?"
    r"(?P<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: \S+)?"
)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a router sends packets of one target.

    `session`: to the neighbor of that session (`name` its id); `internal`: to another edge router (`name`); `none`:
    nowhere; `elsewhere`: to something that the intent does not know (`name` in words).
    """

    kind: Literal["session", "internal", "none", "elsewhere"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class TunnelSeen:
    """Packets so far in each direction, and whether security associations exist in both."""

    encaps: int
    decaps: int
    active: bool


@dataclass(frozen=True, slots=True)
class Logged:
    """A message of a router's log. `at` by the router's clock, None where the stamp is none."""

    router: str
    at: datetime | None
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one router showed at one moment.

    `at` is the router's clock (UTC) when the look began, `asked_at` this machine's at that moment; `ended_at` this
    machine's when the last answer was there. `sessions` are states by id (`missing`: there is no such neighbor), `best`
    the neighbor of the best path by prefix (`none`: there is none), `ways` by target, `answers` sent and received
    probes by the id of the reach. `pending`: the router will restore itself; None: it was not asked. `trouble` says
    what could not be determined. `until` is the router's clock at its end, None: as `at`.
    """

    router: str
    at: datetime
    asked_at: datetime
    ended_at: datetime
    sessions: Mapping[str, str] = field(default_factory=dict)
    best: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, Way] = field(default_factory=dict)
    answers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tunnels: Mapping[str, TunnelSeen] = field(default_factory=dict)
    messages: tuple[Logged, ...] = ()
    pending: bool | None = None
    trouble: tuple[str, ...] = ()
    until: datetime | None = None

    @property
    def over(self) -> datetime:
        """The router's clock when the last answer was there: what was read, was so by then."""
        return self.until or self.at


# What is asked ------------------------------------------------------------------------------------------------------


def _of_router(drill: Drill, router: str) -> tuple[list[ExpectedSession], list[ExpectedTunnel]]:
    sessions = [each for site in drill.sites for each in (*site.sessions, *site.internal) if each.router == router]
    return sessions, [each for each in drill.tunnels if each.router == router]


def targets(drill: Drill) -> tuple[ExpectedReach, ...]:
    """Every target of the drill's pairs."""
    return tuple(reach for pair in drill.pairs for reach in pair.reaches)


def forwarding(router: str, reach: ExpectedReach) -> Fact:
    """Where a router sends packets of a target."""
    return Fact.of(router, fact.of_family("forwarding", reach.target.version), vrf=reach.vrf, address=str(reach.target))


def timer(router: str) -> Fact:
    """What rollback is pending."""
    return Fact.of(router, "rollback_timer")


def probe(reach: ExpectedReach) -> Fact:
    """A few echo requests to a target, from its prober; one where no answer must come."""
    return Fact.of(
        reach.router,
        "ping",
        vrf=reach.vrf,
        address=str(reach.target),
        source=reach.source,
        repeat=PROBES if reach.reachable else "1",
        timeout=TIMEOUT,
    )


def _log(router: str) -> Fact:
    return Fact.of(router, "log")


def wanted(drill: Drill, router: str) -> tuple[Fact, ...]:
    """Every fact of one look."""
    sessions, tunnels = _of_router(drill, router)
    versions = sorted({each.version for each in sessions})
    probed = [each for each in (*targets(drill), *drill.forbidden) if each.router == router]
    seen = [each for each in targets(drill) if fact.of_family("forwarding", each.target.version) in COMMANDS]
    return tuple(
        dict.fromkeys(
            (
                fact.clock(router),
                *(fact.bgp_neighbors(router, drill.vrf, version) for version in versions),
                *(fact.prefix_in(router, drill.vrf, prefix) for pair in drill.pairs for prefix in pair.prefixes),
                *(forwarding(router, each) for each in seen),
                *(fact.ipsec_sas(each) for each in tunnels),
                *((timer(router),) if router in drill.changes else ()),
                *(probe(each) for each in probed),
                _log(router),
            )
        )
    )


# What the answers say -----------------------------------------------------------------------------------------------


def read(drill: Drill, router: str, facts: Facts, answered: timedelta, ended_at: datetime) -> Look:
    """The look that these facts are; `answered` is how long the router's clock took to answer. Raises UndeterminedError
    where that cannot be read: then nothing else of the look has a time."""
    clock = fact.the_one(facts, fact.clock(router))
    at = clock.time if clock.time.tzinfo is not None else clock.time.replace(tzinfo=UTC)
    reading = _Reading(drill, router, facts, at)
    return Look(
        router=router,
        at=at,
        asked_at=clock.source.asked_at + answered / 2,
        ended_at=ended_at,
        sessions=reading.sessions(),
        best=reading.best(),
        ways=reading.ways(),
        answers=reading.answers(),
        tunnels=reading.tunnels(),
        messages=reading.messages(),
        pending=reading.pending(),
        trouble=tuple(reading.trouble),
    )


class _Reading:
    def __init__(self, drill: Drill, router: str, facts: Facts, at: datetime) -> None:
        self.drill, self.router, self.facts, self.at = drill, router, facts, at
        self.trouble: list[str] = []
        self._sessions, self._tunnels = _of_router(drill, router)

    def _records(self, wanted: Fact) -> Sequence[object] | None:
        try:
            return self.facts.records(wanted)
        except UndeterminedError as error:
            self.trouble.append(error.message[:200])
            return None

    def sessions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self._sessions:
            records = self._records(fact.neighbors_of(each))
            if records is not None:
                neighbor = next((one for one in records if one.address == each.neighbor), None)  # type: ignore[attr-defined]
                found[each.id] = "missing" if neighbor is None else str(neighbor.state)  # type: ignore[attr-defined]
        return found

    def best(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for prefix in dict.fromkeys(prefix for pair in self.drill.pairs for prefix in pair.prefixes):
            records = self._records(fact.prefix_in(self.router, self.drill.vrf, prefix))
            if records is None:
                continue
            paths = [path for entry in records for path in entry.paths if path.best]  # type: ignore[attr-defined]
            found[str(prefix)] = str(paths[0].learned_from) if paths else "none"
        return found

    def ways(self) -> dict[str, Way]:
        found: dict[str, Way] = {}
        for each in targets(self.drill):
            wanted = forwarding(self.router, each)
            if wanted.kind not in COMMANDS:
                continue
            records = self._records(wanted)
            if records is not None:
                found[str(each.target)] = way(self.drill, self.router, records[0])  # type: ignore[arg-type]
        return found

    def answers(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for each in (*targets(self.drill), *self.drill.forbidden):
            if each.router != self.router:
                continue
            records = self._records(probe(each))
            if records:
                found[each.id] = (records[0].sent, records[0].received)  # type: ignore[attr-defined]
        return found

    def tunnels(self) -> dict[str, TunnelSeen]:
        found: dict[str, TunnelSeen] = {}
        for each in self._tunnels:
            records = self._records(fact.ipsec_sas(each))
            if records is not None:
                found[each.id] = TunnelSeen(
                    encaps=sum(one.counters.encaps for one in records),  # type: ignore[attr-defined]
                    decaps=sum(one.counters.decaps for one in records),  # type: ignore[attr-defined]
                    active=any(one.inbound and one.outbound for one in records),  # type: ignore[attr-defined]
                )
        return found

    def pending(self) -> bool | None:
        if self.router not in self.drill.changes:
            return None
        records = self._records(timer(self.router))
        return None if not records else bool(records[0].pending)  # type: ignore[attr-defined]

    def messages(self) -> tuple[Logged, ...]:
        records = self._records(_log(self.router))
        return () if not records else tuple(_logged(self.router, records[0], self.at))  # type: ignore[arg-type]


def _logged(router: str, buffer: LogBuffer, at: datetime) -> Iterator[Logged]:
    for each in buffer.messages:
        name = f"{each.facility}-{each.severity}-{each.mnemonic}"
        yield Logged(router, stamped(each, at), name, each.text)


def stamped(message: LogMessage, near: datetime) -> datetime | None:
    """When a message was written, by the router's clock. A stamp without a year is of the last twelve months before
    `near`; None where it is an uptime or has no date."""
    found = _STAMP.fullmatch(message.stamp)
    if found is None:
        return None
    clock, _, fraction = found["time"].partition(".")
    year = found["year"] or found["late"] or str(near.year)
    try:
        when = datetime.strptime(f"{year} {found['month']} {found['day']} {clock}", "%Y %b %d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    when = when.replace(microsecond=int(fraction.ljust(6, "0")) if fraction else 0, tzinfo=near.tzinfo)
    ahead = when > near + timedelta(days=1) and not (found["year"] or found["late"])
    return when.replace(year=when.year - 1) if ahead else when


def way(drill: Drill, router: str, decision: ForwardingDecision) -> Way:
    """Where a forwarding decision leads, in the words of the intent."""
    if decision.action not in ("forward", "attached") or not decision.next_hops:
        return Way("none") if decision.action == "drop" else Way("elsewhere", decision.action)
    sessions, _ = _of_router(drill, router)
    hop = decision.next_hops[0]
    for each in sessions:
        if each.role != "internal" and hop.address is not None and hop.address == each.neighbor:
            return Way("session", each.id)
    for each in sessions:
        if each.role != "internal" and each.interface is not None and hop.interface == each.interface:
            return Way("session", each.id)
    for each in sessions:
        if each.role == "internal" and hop.address == each.neighbor:
            return Way("internal", _owner(drill, each))
    return Way("elsewhere", f"{hop.address or ''} {hop.interface or ''}".strip())


def _owner(drill: Drill, session: ExpectedSession) -> str:
    """The router at the other end of an internal session."""
    return next(
        (
            other.router
            for site in drill.sites
            for other in site.internal
            if other.router != session.router and other.local_address == session.neighbor
        ),
        str(session.neighbor),
    )


def taken(drill: Drill) -> tuple[ExpectedSession, ...]:
    """The sessions that are expected to go: those that are taken away, and where somebody acts by hand those that carry
    a network before and not meanwhile."""
    found = list(drill.taken)
    if any(isinstance(each, Manual) for each in drill.triggers):
        for pair in drill.pairs:
            if pair.before != pair.during:
                found += [each for each in pair.before.sessions if each not in pair.during.sessions]
    return tuple(dict.fromkeys(found))


# Where a pair goes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """Over what a target is reached. `word` as the intent spells it, or `elsewhere`, or `unknown`; `session` None: over
    none."""

    word: str
    session: ExpectedSession | None = None
    words: str = ""

    def __str__(self) -> str:
        return f"{self.word} ({self.words})" if self.words else self.word


def path_of(drill: Drill, looks: Mapping[str, Look], reach: ExpectedReach) -> Path:
    """The path of a target, followed from its prober over the site's other routers."""
    router, passed = reach.router, [reach.router]
    while True:
        look = looks.get(router)
        found = None if look is None else look.ways.get(str(reach.target))
        if found is None:
            return Path("unknown", words=f"{router} was not asked")
        if found.kind == "none":
            return Path("none")
        if found.kind == "elsewhere":
            return Path("elsewhere", words=f"{router}: {found.name}")
        if found.kind == "session":
            session = next(each for each in drill.sessions if each.id == found.name)
            return Path(class_of(session), session, "" if len(passed) == 1 else " to ".join(passed))
        if found.name in passed:
            return Path("elsewhere", words=f"a loop: {' to '.join((*passed, found.name))}")
        router = found.name
        passed.append(router)


def class_of(session: ExpectedSession) -> str:
    """`vpn`, `expressroute-primary` or `expressroute-secondary`."""
    return "vpn" if session.role == "vpn" else f"expressroute-{session.path.rpartition(' ')[2]}"


def is_on(pair: Pair, phase: str, path: Path) -> bool:
    """Whether a path is the one that a pair must have in this phase."""
    expected = {"before": pair.before, "during": pair.during, "after": pair.after}[phase]
    if expected.name == "none":
        return path.word == "none"
    return path.session is not None and path.session in expected.sessions


def answered(look_of: Callable[[str], Look | None], reach: ExpectedReach) -> bool | None:
    """Whether any probe of the last look came back; None: it was not asked."""
    look = look_of(reach.router)
    found = None if look is None else look.answers.get(reach.id)
    return None if found is None else found[1] > 0
