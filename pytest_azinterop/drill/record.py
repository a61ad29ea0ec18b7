"""What is known of one drill when it is over: what was done, when, and everything that was seen meanwhile."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.timeline import ClockMap, Event, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_azinterop.drill.abort import Abort
    from pytest_azinterop.drill.azure_watch import AzureRound
    from pytest_azinterop.drill.linux import Series, Trace
    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.records import How
    from pytest_azinterop.intent.drill_expectations import Drill, Pair
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.reachability import ExpectedReach

_DOWN = ("BGP-5-ADJCHANGE", "LINK-5-CHANGED", "LINEPROTO-5-UPDOWN")
_TOLD = ("BGP", "BFD", "LINK", "LINEPROTO", "CRYPTO", "IKEV2", "SYS-5-CONFIG", "ARCHIVE", "OSPF", "TUN")


@dataclass(frozen=True, slots=True)
class RouterEnd:
    """How a changed router was left. `difference`: lines by which its configuration differs from the start."""

    router: str
    how: How
    difference: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who let it happen. `answers` are the operator's, by the name of the question."""

    user: str
    ticket: str
    digest: str
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Record:
    """One drill. Times are those of the routers' clocks; None: it did not come to that.

    `triggered` is when the first router took the change, by its log where that tells it, `undoing` when the undo began,
    `undone` when the last router had taken it back. `offsets` are what must be added to a host's clock. `second` are
    those of the looks that are the second look. `waived` are the checks before it that passed by a waiver alone.
    """

    drill: Drill
    approval: Approval | None = None
    looks: list[Look] = field(default_factory=list)
    second: list[Look] = field(default_factory=list)
    azure: list[AzureRound] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    offsets: dict[str, timedelta] = field(default_factory=dict)
    traces: dict[str, tuple[Trace, ...]] = field(default_factory=dict)
    steps: list[Event] = field(default_factory=list)
    ends: list[RouterEnd] = field(default_factory=list)
    lost_sessions: dict[str, str] = field(default_factory=dict)
    unproven: list[str] = field(default_factory=list)
    waived: list[str] = field(default_factory=list)
    clock: ClockMap = field(default_factory=ClockMap)
    armed: list[str] = field(default_factory=list)
    began: datetime | None = None
    triggered: datetime | None = None
    undoing: datetime | None = None
    undone: datetime | None = None
    ended: datetime | None = None
    abort: Abort | None = None
    failure: str | None = None
    _taken: tuple[datetime, datetime] | None = None

    @property
    def zero(self) -> datetime | None:
        """Where the axis begins: the trigger, or the beginning where there was none."""
        return self.triggered or self.began

    def note_trigger(self, before: datetime, at: datetime) -> None:
        """The change was taken between these two moments; the router's log may tell it more exactly later."""
        self.triggered = self.triggered or before
        self._taken = (before, at)

    def refine_trigger(self) -> None:
        """The moment by the router's own log, if it tells it: the first session or port that it says is down."""
        if self._taken is None:
            return
        before, at = self._taken
        stamps = [
            message.at
            for look in self.looks
            if look.router in self.drill.changes
            for message in look.messages
            if message.at is not None
            and before <= message.at <= at
            and message.name in _DOWN
            and "down" in message.text.lower()
        ]
        if stamps:
            self.triggered, self._taken = min(stamps), None

    @property
    def is_dated(self) -> bool:
        """Whether the moment of the trigger is as exact as it will be: the log tells it, or has been read since."""
        if self._taken is None:
            return self.triggered is not None
        _, at = self._taken
        seen = {each.router for each in self.looks if each.at >= at}
        return seen >= set(self.drill.changes)

    def moments(self) -> Iterator[tuple[datetime, Mapping[str, Look]]]:
        """At the end of each look: its time, and the last look of every router."""
        last: dict[str, Look] = {}
        for each in sorted(self.looks, key=lambda one: one.over):
            last[each.router] = each
            yield each.over, dict(last)

    def during(self) -> list[tuple[datetime, Mapping[str, Look]]]:
        """The moments between trigger and undo, with looks that began after the trigger alone."""
        return [] if self.triggered is None else list(self._since(self.triggered, self.undoing or self.undone))

    def afterwards(self) -> list[tuple[datetime, Mapping[str, Look]]]:
        """The moments after the undo, with looks that began after it alone."""
        return [] if self.undone is None else list(self._since(self.undone, None))

    def _since(self, since: datetime, until: datetime | None) -> Iterator[tuple[datetime, Mapping[str, Look]]]:
        for at, looks in self.moments():
            fresh = {router: each for router, each in looks.items() if each.at >= since}
            if fresh and (until is None or at < until):
                yield at, fresh


def logged_down(record: Record, session: ExpectedSession) -> bool:
    """Whether the router's log says that this session went down between trigger and undo."""
    since, until = record.triggered, record.undone
    return any(
        message.name == "BGP-5-ADJCHANGE"
        and f"neighbor {session.neighbor} " in message.text
        and "Down" in message.text
        and message.at is not None
        and since is not None
        and since <= message.at
        and (until is None or message.at <= until)
        for look in record.looks
        if look.router == session.router
        for message in look.messages
    )


# Loss ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silence:
    """A time without an answer, from the first lost probe to the next answer (None: none came)."""

    begins: datetime
    ends: datetime | None
    last: datetime
    lost: int

    @property
    def length(self) -> timedelta:
        """How long; where no answer came any more, until the last lost probe."""
        return (self.ends or self.last) - self.begins


@dataclass(frozen=True, slots=True)
class Loss:
    """What a prober saw of a target. `resolution` is the time between two probes."""

    pair: str
    prober: str
    target: str
    sent: int
    lost: int
    silences: tuple[Silence, ...]
    resolution: timedelta

    @property
    def longest(self) -> timedelta:
        """The longest silence."""
        return max((each.length for each in self.silences), default=timedelta(0))


def losses(record: Record, since: datetime | None, until: datetime | None) -> list[Loss]:
    """Per target and prober, between two moments of the routers' clocks (None: no bound)."""
    found: list[Loss] = []
    pairs = {str(reach.target): pair for pair in record.drill.pairs for reach in pair.reaches}
    for series in record.series:
        pair = pairs.get(series.target)
        if pair is None:
            continue
        offset = record.offsets.get(series.host, timedelta(0))
        probes = [(each.at + offset, each.milliseconds is not None) for each in list(series.probes)]
        found.append(_loss(pair, series.host, series.target, _within(sorted(probes), since, until)))
    for pair in record.drill.pairs:
        for reach in pair.reaches:
            looks = [each for each in record.looks if reach.id in each.answers]
            probes = [(each.over, each.answers[reach.id][1] > 0) for each in sorted(looks, key=lambda one: one.over)]
            found.append(_loss(pair, reach.router, str(reach.target), _within(probes, since, until)))
    return found


def _within(
    probes: Sequence[tuple[datetime, bool]], since: datetime | None, until: datetime | None
) -> list[tuple[datetime, bool]]:
    return [each for each in probes if (since is None or each[0] >= since) and (until is None or each[0] < until)]


def _loss(pair: Pair, prober: str, target: str, probes: Sequence[tuple[datetime, bool]]) -> Loss:
    silences: list[Silence] = []
    begins: datetime | None = None
    last, lost = None, 0
    for at, came in probes:
        if not came:
            begins, last, lost = begins or at, at, lost + 1
        elif begins is not None and last is not None:
            silences.append(Silence(begins, at, last, lost))
            begins, last, lost = None, None, 0
    if begins is not None and last is not None:
        silences.append(Silence(begins, None, last, lost))
    gaps = sorted(later[0] - earlier[0] for earlier, later in itertools.pairwise(probes))
    resolution = gaps[len(gaps) // 2] if gaps else timedelta(0)
    missing = sum(1 for _, came in probes if not came)
    return Loss(pair.network, prober, target, len(probes), missing, tuple(silences), resolution)


def direction(record: Record, reach: ExpectedReach, silence: Silence) -> str:
    """In which direction the packets of a silence were lost, as far as the routers show it.

    An echo request alone does not tell; the router's own decision and its tunnel's counters do: without a route they
    are lost to Azure, and where the tunnel sends and receives nothing they are lost from Azure.
    """
    moments = [looks for at, looks in record.moments() if silence.begins <= at <= (silence.ends or silence.last)]
    words: dict[str, int] = defaultdict(int)
    for earlier, later in itertools.pairwise(moments):
        if earlier.get(reach.router) is later.get(reach.router):
            continue
        path = looking.path_of(record.drill, later, reach)
        if path.word == "none":
            words["to Azure: no route"] += 1
        elif path.session is not None and path.word == "vpn":
            sent, came = _grown(earlier, later, path.session.router)
            words["from Azure: the tunnel sends and receives nothing" if sent and not came else "not told"] += 1
        else:
            words["not told"] += 1
    return max(words, key=lambda each: words[each]) if words else "not told"


def _grown(earlier: Mapping[str, Look], later: Mapping[str, Look], router: str) -> tuple[int, int]:
    """Packets that a router's tunnels have sent and received between two looks."""
    first, last = earlier.get(router), later.get(router)
    if first is None or last is None:
        return 0, 0
    names = first.tunnels.keys() & last.tunnels.keys()
    return (
        sum(last.tunnels[name].encaps - first.tunnels[name].encaps for name in names),
        sum(last.tunnels[name].decaps - first.tunnels[name].decaps for name in names),
    )


# Timeline -------------------------------------------------------------------------------------------------------------


def timeline(record: Record) -> list[Event]:
    """Everything that changed, in order, with who tells it and how exactly its moment is known."""
    found = [*record.steps, *_messages(record), *_changes(record), *_of_azure(record), *_of_hosts(record)]
    return ordered(found)


def _messages(record: Record) -> Iterator[Event]:
    for each in record.looks:
        for message in each.messages:
            if message.at is None or record.began is None or message.at < record.began:
                continue
            if message.name.startswith(_TOLD):
                yield Event(message.at, "log", each.router, f"%{message.name}: {message.text}"[:200])


def _changes(record: Record) -> Iterator[Event]:
    """What differs between a look and the one before."""
    before: dict[str, str] = {}
    seen: dict[str, datetime] = {}
    for at, looks in record.moments():
        now = _state(record.drill, looks)
        for (key, kind, source), value in now.items():
            name = f"{kind} {source} {key}"
            if name in before and before[name] != value:
                yield Event(at, kind, source, f"{key}: {before[name]} → {value}", at - seen[name])  # type: ignore[arg-type]
            before[name], seen[name] = value, looks[source].at


def _state(drill: Drill, looks: Mapping[str, Look]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for router, look in looks.items():
        for session, state in look.sessions.items():
            found[f"session {session}", "session", router] = state
        for tunnel, seen in look.tunnels.items():
            found[f"tunnel {tunnel}", "tunnel", router] = "active" if seen.active else "down"
    for pair in drill.pairs:
        for reach in pair.reaches:
            path = looking.path_of(drill, looks, reach)
            if path.word != "unknown":
                found[f"path to {pair.network}", "path", reach.router] = str(path)
            answer = looking.answered(looks.get, reach)
            if answer is not None:
                found[f"{pair.network} ({reach.target})", "answer", reach.router] = "answers" if answer else "silent"
    return found


def _of_azure(record: Record) -> Iterator[Event]:
    before: dict[str, str] = {}
    last: datetime | None = None
    for each in record.azure:
        try:
            at = record.clock.router_time(each.ended_at)
            began = record.clock.router_time(each.asked_at)
        except ValueError:
            return
        within = at - (last or began)
        for subject, value in each.told.items():
            if subject in before and before[subject] != value:
                yield Event(at, "azure", "azure", f"{subject}: {before[subject]} → {value}", within)
        for subject in before.keys() - each.told.keys() if not each.trouble else ():
            yield Event(at, "azure", "azure", f"{subject}: {before[subject]} → gone", within)
        for words in each.trouble:
            yield Event(at, "trouble", "azure", words, within)
        before = {**before, **each.told} if each.trouble else dict(each.told)
        last = began


def _of_hosts(record: Record) -> Iterator[Event]:
    for loss in losses(record, record.began, None):
        if loss.prober not in record.offsets:
            continue
        for each in loss.silences:
            words = f"{loss.pair} ({loss.target}): no answer from here"
            yield Event(each.begins, "host", loss.prober, words, loss.resolution)
            if each.ends is not None:
                back = f"{loss.pair} ({loss.target}): answers again, {each.lost} probes lost"
                yield Event(each.ends, "host", loss.prober, back, loss.resolution)
