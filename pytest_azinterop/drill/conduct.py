"""A drill from its first look to its last: watch, arm, take away, hold, put back, watch again.

Whatever happens between the trigger and the undo, the routers are restored before anything else: `RouterDrill` is
entered before its trigger. All durations are those of the routers' clocks, with the same durations of this machine's
clock as the hard limit.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill import linux, verdict
from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.abort import Abort, Watchkeeper
from pytest_azinterop.drill.azure_watch import AzureWatch
from pytest_azinterop.drill.config_session import opener
from pytest_azinterop.drill.device import RouterDrill
from pytest_azinterop.drill.record import RouterEnd
from pytest_azinterop.drill.signals import stopping
from pytest_azinterop.drill.timeline import Event
from pytest_azinterop.drill.watch import Watch
from pytest_azinterop.errors import AzinteropError, DrillFailedError, DrillRefusedError
from pytest_azinterop.intent.drill_expectations import Manual

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.drill.azure_tests import AzureTest
    from pytest_azinterop.drill.azure_watch import Question
    from pytest_azinterop.drill.device import Target
    from pytest_azinterop.drill.journal import Journal
    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.expectations import Expectations

LOOKS_BEFORE: Final = 3
# Looks of a router that may be missed before it counts as lost.
_MISSED: Final = 5
_HANDS: Final = 900.0  # seconds of this machine for a person to act
_MOST_SILENT: Final = timedelta(seconds=15)
_PATIENCE: Final = 60.0  # seconds of this machine for the first looks
_SPARE: Final = timedelta(seconds=60)
_WAIT: Final = 0.25
_STAYS: Final = 3  # looks for which a network must stay back


@dataclass(frozen=True, slots=True)
class Scenery:
    """Where a drill takes place. `read` None: the reading login is the user's own; `azure` None: Azure is not asked.

    `say` is told what a person who watches should know, one line at a time.
    """

    inventory: RouterInventory
    everything: Expectations
    drill_login: Credentials
    targets: tuple[Target, ...]
    journal: Journal
    say: Callable[[str], None]
    snapshot: Callable[[str], None]
    read: Mapping[str, Credentials] | None = None
    azure: Asker | None = None
    questions: tuple[Question, ...] = ()
    tests: tuple[AzureTest, ...] = ()


@dataclass(slots=True)
class Conduct:
    """One drill. `run` fills the record, whatever happens."""

    drill: Drill
    scenery: Scenery
    record: Record
    _watch: Watch = field(init=False)
    _keeper: Watchkeeper = field(init=False)
    _hosts: list[linux.LinuxHost] = field(default_factory=list)
    _azure: AzureWatch | None = None
    _told: str = ""

    def __post_init__(self) -> None:
        """Nothing is opened yet."""
        self._watch = Watch(self.drill, self.scenery.inventory, self.scenery.read)
        self._keeper = Watchkeeper(self.drill, max(_MISSED * self.drill.poll, _MOST_SILENT))
        self.record.looks, self.record.clock = self._watch.looks, self._watch.clocks[self._reference]

    @property
    def _reference(self) -> str:
        """The router whose clock is the axis: the first that is changed."""
        return self.drill.routers[0]

    def run(self) -> None:
        """All of it. What goes wrong stands in the record; nothing is raised but defects."""
        try:
            with stopping(), ExitStack() as watching:
                watching.callback(self._end_watching)
                self._begin_watching()
                self._act()
        except KeyboardInterrupt:
            self.record.abort = self.record.abort or Abort("stopped", "it was stopped by the operator")
        except DrillRefusedError as refused:
            self._fail(str(refused))
        except DrillFailedError as failed:
            self._fail(failed.message)
            if failed.shout:
                self.scenery.say(failed.shout)
        except AzinteropError as error:
            self._fail(str(error))

    def _fail(self, words: str) -> None:
        self.record.failure = self.record.failure or words
        self.scenery.say(f"drill: {words}")

    # Watching -------------------------------------------------------------------------------------------------------

    def _begin_watching(self) -> None:
        self.scenery.say(f"drill: watching {', '.join(self.drill.routers)}")
        self._watch.start()
        until = time.monotonic() + _PATIENCE
        while not self._has_looked() and time.monotonic() < until:
            self._take(_WAIT)
            if self._watch.ended:
                router, why = next(iter(self._watch.ended.items()))
                raise DrillRefusedError(f"{router} cannot be watched: {why}; nothing was changed")
        if not self._has_looked():
            raise DrillRefusedError(f"the routers showed nothing for {_PATIENCE:.0f} s; nothing was changed")
        self.record.began = self._now()
        self._step("watching begins")
        self._begin_azure()
        self._begin_hosts()

    def _has_looked(self) -> bool:
        return self._watch.last.keys() >= set(self.drill.routers)

    def _begin_azure(self) -> None:
        if self.scenery.azure is None or not self.scenery.questions:
            self.record.unproven.append("Azure's own side during the drill: it was not asked")
            return
        self._azure = AzureWatch(
            self.scenery.azure, self.scenery.questions, self.drill.poll_azure, lambda: self.record.clock.rate
        )
        self.record.azure = self._azure.rounds
        self._azure.start()

    def _begin_hosts(self) -> None:
        """Those Linux hosts that stand at this site: their way to Azure leads over one of its LAN addresses."""
        lan = {
            str(each.address.ip)
            for each in self.scenery.everything.interfaces
            if each.role == "lan"
            and each.address
            and (each.customer, each.site) == (self.drill.customer, self.drill.site)
        }
        targets = list(dict.fromkeys(str(each.target) for each in looking.targets(self.drill)))
        clocks: list[tuple[str, datetime, datetime]] = []
        for name in linux.hosts(self.scenery.inventory):
            try:
                host = linux.LinuxHost(self.scenery.inventory, name)
                host.open()
                traces = [host.trace(target) for target in targets]
                asked = datetime.now(UTC)
                here, there = host.clock()
                here -= (here - asked) / 2
            except linux.LinuxError as error:
                self.record.unproven.append(f"what {name} sees: {error}")
                self.scenery.say(f"drill: {error}")
                continue
            if not any(str(hop.address) in lan for trace in traces for hop in trace.hops):
                host.close()
                continue
            self._hosts.append(host)
            clocks.append((name, here, there))
            self.record.traces["before"] = (*self.record.traces.get("before", ()), *traces)
            for target in targets:
                host.probe(target)
            self.record.series.extend(host.series.values())
        self._until_looks(LOOKS_BEFORE)
        # Only now is known how the router's clock goes.
        self.record.offsets = {name: self.record.clock.router_time(here) - there for name, here, there in clocks}
        if not self._hosts:
            self.record.unproven.append("loss on the LAN: no Linux host of the site probes")

    def _end_watching(self) -> None:
        for host in self._hosts:
            host.close()
        if self._azure is not None:
            self._azure.stop()
        self._watch.stop()
        self._watch.take(0.0)
        trouble = dict.fromkeys(words for each in self.record.azure for words in each.trouble)
        self.record.unproven.extend(f"Azure's own side at some time of the drill: {words}" for words in trouble)

    def _take(self, patience: float) -> list[Look]:
        found = self._watch.take(patience)
        for each in found:
            self._tell(each)
        return found

    def _until_looks(self, number: int) -> None:
        """Until every router has shown so many more looks that begin from now on. Raises DrillFailedError where one
        stops."""
        since = datetime.now(UTC)
        wanted = dict.fromkeys(self.drill.routers, number)
        until = time.monotonic() + _PATIENCE
        while any(left > 0 for left in wanted.values()):
            for each in self._take(_WAIT):
                wanted[each.router] -= each.asked_at >= since
            if self._watch.ended or time.monotonic() > until:
                raise DrillFailedError(f"watching stopped: {'; '.join(self._watch.ended.values()) or 'no looks'}")

    def _tell(self, look: Look) -> None:
        """What has changed, in one line."""
        paths = []
        for pair in self.drill.pairs:
            for reach in pair.reaches:
                path = looking.path_of(self.drill, self._watch.last, reach)
                answer = looking.answered(self._watch.last.get, reach)
                paths.append(f"{pair.network} {path.word}{'' if answer else ' (silent)'}")
        told = ", ".join(paths)
        if told != self._told and self._has_looked():
            self._told = told
            zero = self.record.triggered
            since = "        " if zero is None else f"{(look.at - zero).total_seconds():+7.1f} s"
            self.scenery.say(f"drill: {since} {told}")

    def _now(self) -> datetime:
        return self._watch.now(self._reference)

    def _step(self, words: str, at: datetime | None = None) -> None:
        when = at or self._now()
        self.record.steps.append(Event(when, "step", "drill", words))
        self.scenery.say(f"drill: {words} ({when:%H:%M:%S} by the router's clock)")

    # Acting ---------------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        told = self.scenery.say
        drills = [
            RouterDrill(
                each,
                opener(self.scenery.inventory, each.router, self.scenery.drill_login),
                self.scenery.journal,
                told=told,
            )
            for each in self.scenery.targets
        ]
        interrupted = False
        try:
            with ExitStack() as stack:
                try:
                    self._change(drills, stack)
                except BaseException:
                    self.record.undoing = self.record.undoing or self._now()
                    raise
        except KeyboardInterrupt:
            interrupted = True
            self.record.abort = Abort("stopped", "it was stopped by the operator")
        finally:
            self._ends(drills)
        if self.record.triggered is not None:
            self._come_back(short=interrupted)

    def _change(self, drills: list[RouterDrill], stack: ExitStack) -> None:
        for each in drills:
            stack.enter_context(each)
            armed = each.arm()
            self.record.armed.append(each.router)
            self._step(f"{each.router}: armed, restores itself at {armed.until:%H:%M:%S}", armed.at)
        self._ready()
        self._trigger(drills)
        for test in self.scenery.tests:
            stack.enter_context(test)
            self.record.triggered = self.record.triggered or self._now()
            test.start()
            self._step(f"{test.trigger.id}: Azure's failover test runs")
        if self._by_hand:
            self._await_hands()
        self._hold()
        for test in reversed(self.scenery.tests):
            self._stop(test)
        for each in reversed(drills):
            self._restore(each)
        if self._by_hand:
            self._hand_back()

    def _ready(self) -> None:
        """One more judgement right before the trigger. Raises DrillRefusedError; the routers are disarmed then."""
        self._until_looks(1)
        found = self._broken(self._now())
        if found is not None:
            raise DrillRefusedError(f"right before the trigger: {found.words}; nothing was taken away")

    def _trigger(self, drills: list[RouterDrill]) -> None:
        for each in drills:
            done = each.trigger()
            if self.record.triggered is None:
                self.record.note_trigger(done.before, done.at)
            self._step(f"{each.router}: {'; '.join(map(str, (one.change for one in each.target.programs)))}", done.at)

    @property
    def _by_hand(self) -> tuple[Manual, ...]:
        return tuple(each for each in self.drill.triggers if isinstance(each, Manual))

    def _await_hands(self) -> None:
        """What somebody else does is seen by its effect. Raises DrillRefusedError where none comes."""
        for each in self._by_hand:
            self._step(f"now, by hand: {each.words}")
        until = time.monotonic() + self.drill.failover.total_seconds() + _HANDS
        while time.monotonic() < until:
            for look in self._take(_WAIT):
                if self._has_moved():
                    self.record.triggered = look.at
                    self._step("what was done by hand is seen", look.at)
                    return
            if self._watch.ended:
                break
        raise DrillRefusedError("nothing that was done by hand was seen")

    def _has_moved(self) -> bool:
        for pair in self.drill.pairs:
            for reach in pair.reaches:
                path = looking.path_of(self.drill, self._watch.last, reach)
                if pair.before != pair.during and path.word != "unknown" and not looking.is_on(pair, "before", path):
                    return True
        return False

    def _hand_back(self) -> None:
        for each in self._by_hand:
            self._step(f"now, by hand, the undo of: {each.words}")
        self.record.undone = self._now()

    def _stop(self, test: AzureTest) -> None:
        self.record.undoing = self.record.undoing or self._now()
        self._step(f"{test.trigger.id}: Azure's failover test is stopped")
        stopped = test.stop(successful=self.record.abort is None)
        self.record.undone = self._now()
        self._step(f"{test.trigger.id}: {stopped.words}")
        if stopped.shout:
            self.scenery.say(stopped.shout)

    def _hold(self) -> None:
        """Watch until the hold time is over, or a rule is broken."""
        triggered = self.record.triggered
        if triggered is None:
            return
        drill = self.drill
        hard = time.monotonic() + (drill.failover + drill.hold + _SPARE).total_seconds()
        traced = False
        while True:
            if self._take(_WAIT / 4):
                self.record.refine_trigger()
            now = self._now()
            if self.record.abort is None:
                self.record.abort = self._broken(now)
            if self.record.abort is not None:
                self._step(f"ended early: {self.record.abort.words}")
                return
            settled = verdict.moved_at(self.record)
            if settled is not None and not traced:
                traced = True
                self._step("every network that keeps service is on its path", settled)
                self._trace("during")
                self.scenery.snapshot("during")
            if now >= min(settled or now + drill.hold, triggered + drill.failover) + drill.hold:
                self._step("the hold time is over")
                return
            if time.monotonic() > hard:
                self.record.abort = Abort("clock", "it takes longer by this machine's clock than by the router's")
                return

    def _broken(self, now: datetime) -> Abort | None:
        if self._watch.ended:
            router, why = next(iter(self._watch.ended.items()))
            return Abort("router-lost", f"{router}: {why}")
        return self._keeper.judge(self._watch.last, now, datetime.now(UTC))

    def _restore(self, router: RouterDrill) -> None:
        self.record.undoing = self.record.undoing or self._now()
        self._step(f"{router.router}: undo")
        done = router.restore()
        if done.at is not None:
            self.record.undone = done.at
        self._step(f"{router.router}: {done.words}")
        if done.shout:
            self.scenery.say(done.shout)

    def _ends(self, drills: list[RouterDrill]) -> None:
        """How every router was left, for the record."""
        for test in self.scenery.tests:
            stopped = test.stopped
            if stopped is not None and not stopped.is_stopped:
                self.record.failure = f"{test.trigger.id}: {stopped.words}"
        for each in drills:
            done = each.restored
            if done is not None and not any(end.router == each.router for end in self.record.ends):
                self.record.ends.append(RouterEnd(each.router, done.how, done.difference, done.words))
                if done.at is not None:
                    self.record.undone = done.at
        if self.record.triggered is not None and self.record.undone is None:
            self.record.undone = self._now()

    # Afterwards -----------------------------------------------------------------------------------------------------

    def _come_back(self, *, short: bool) -> None:
        """Watch until every network is back, then look a second time. `short`: the operator wants to end."""
        undone = self.record.undone
        if undone is None:
            return
        drill = self.drill
        hard = time.monotonic() + (drill.fail_back + _SPARE).total_seconds()
        last = undone + drill.fail_back + timedelta(seconds=10)
        settled: datetime | None = None
        while self._now() < last and time.monotonic() < hard and not self._watch.ended:
            self._take(_WAIT / 4)
            settled = verdict.back_at(self.record)
            if settled is not None and self._stayed(settled):
                break
        self._step("every network is back on its path" if settled else "not every network is back", settled)
        self._trace("after")
        if not short:
            self._look_again(undone)
        self.record.ended = self._now()
        self.scenery.snapshot("after")

    def _stayed(self, since: datetime) -> bool:
        counts = dict.fromkeys(self.drill.routers, 0)
        for each in self.record.looks[-40:]:
            counts[each.router] += each.at >= since
        return min(counts.values()) >= _STAYS

    def _look_again(self, undone: datetime) -> None:
        """After the declared time. Until then the routers are looked at less often."""
        due = undone + self.drill.second_look
        if due - self._now() > timedelta(seconds=90):
            self._step(f"a second look follows at {due:%H:%M:%S}; Ctrl-C ends without it")
        self._watch.pace(max(self.drill.poll, self.drill.second_look / 20))
        hard = time.monotonic() + (self.drill.second_look + _SPARE).total_seconds()
        while self._now() < due and time.monotonic() < hard and not self._watch.ended:
            self._take(_WAIT)
        self._watch.pace(self.drill.poll)
        wanted = set(self.drill.routers)
        hard = time.monotonic() + _PATIENCE
        second: dict[str, Look] = {}
        while second.keys() < wanted and time.monotonic() < hard and not self._watch.ended:
            second |= {each.router: each for each in self._take(_WAIT) if each.at >= due}
        if second.keys() >= wanted:
            self.record.second = list(second.values())
            self._step("second look taken")

    def _trace(self, phase: str) -> None:
        for host in self._hosts:
            for target in dict.fromkeys(str(each.target) for each in looking.targets(self.drill)):
                try:
                    found = host.trace(target)
                except linux.LinuxError as error:
                    self.record.unproven.append(f"the way of {host.name} {phase}: {error}")
                    continue
                self.record.traces[phase] = (*self.record.traces.get(phase, ()), found)
