"""A drill from its first look to its last: watch, arm, take away, hold, put back, watch again.

Whatever happens between the trigger and the undo, the routers are restored before anything else: `RouterDrill` is
entered before its trigger. All durations are those of the routers' clocks, with the same durations of this machine's
clock as the hard limit.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill import settling
from pytest_azinterop.drill.abort import Abort, Watchkeeper
from pytest_azinterop.drill.config_session import opener
from pytest_azinterop.drill.device import RouterDrill
from pytest_azinterop.drill.observer import PATIENCE, WAIT, Observer, Scenery
from pytest_azinterop.drill.record import RouterEnd
from pytest_azinterop.drill.signals import stopping
from pytest_azinterop.errors import AzinteropError, DrillFailedError, DrillRefusedError
from pytest_azinterop.intent.drill_expectations import Manual

if TYPE_CHECKING:
    from pytest_azinterop.drill.azure_tests import AzureTest
    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.drill.records import Restored
    from pytest_azinterop.intent.drill_expectations import Drill

# Looks of a router that may be missed before it counts as lost.
_MISSED: Final = 5
_HANDS: Final = 900.0  # seconds of this machine for a person to act
_MOST_SILENT: Final = timedelta(seconds=15)
_SPARE: Final = timedelta(seconds=60)
_STOPPED: Final = "stopped by the operator"
_STAYS: Final = 3  # looks for which a network must stay back


@dataclass(slots=True)
class Conduct:
    """One drill. `run` fills the record, whatever happens."""

    drill: Drill
    scenery: Scenery
    record: Record
    _seen: Observer = field(init=False)
    _keeper: Watchkeeper = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is opened yet."""
        self._seen = Observer(self.drill, self.scenery, self.record)
        self._keeper = Watchkeeper(self.drill, max(_MISSED * self.drill.poll, _MOST_SILENT))

    def run(self) -> None:
        """All of it. What goes wrong stands in the record; nothing is raised but defects."""
        try:
            with stopping(), ExitStack() as watching:
                watching.callback(self._seen.end)
                self._seen.begin()
                self._act()
        except KeyboardInterrupt:
            self.record.abort = self.record.abort or Abort("stopped", _STOPPED)
            self.scenery.say(f"drill: ended early: {_STOPPED}; nothing is left to restore")
        except DrillRefusedError as refused:
            self._fail(str(refused))
        except DrillFailedError as failed:
            self._fail(failed.message)
            if failed.shout:
                self.scenery.say(failed.shout)
        except AzinteropError as error:
            self._fail(str(error))
        finally:
            self.record.refine_trigger()

    def _fail(self, words: str) -> None:
        self.record.failure = self.record.failure or words
        self.scenery.say(f"drill: {words}")

    # Acting ---------------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        told = self.scenery.say
        drills = [
            RouterDrill(
                each,
                opener(self.scenery.inventory, each.router, self.scenery.drill_login),
                self.scenery.journal,
                told=told,
                restoring=partial(self._begins_undo, each.router),
                restored=self._has_undone,
            )
            for each in self.scenery.targets
        ]
        interrupted = False
        try:
            with ExitStack() as stack:
                try:
                    self._change(drills, stack)
                except BaseException as stopped:
                    # Said before anything else: restoring takes a while.
                    self._ended_early(stopped, drills)
                    raise
        except KeyboardInterrupt:
            interrupted = True
        finally:
            self._ends(drills)
        if self.record.triggered is not None:
            self._come_back(short=interrupted)

    def _ended_early(self, stopped: BaseException, drills: list[RouterDrill]) -> None:
        """Tell it. Never raises: the routers are restored next."""
        if isinstance(stopped, KeyboardInterrupt):
            self.record.abort = Abort("stopped", _STOPPED)
        why = _STOPPED if isinstance(stopped, KeyboardInterrupt) else str(stopped) or type(stopped).__name__
        with suppress(Exception):
            left = [each for each in drills if each.memory.begun and each.restored is None] or self.scenery.tests
            self._seen.step(f"ended early: {why}; {'restoring, please wait' if left else 'nothing is left to restore'}")

    def _begins_undo(self, router: str) -> None:
        self.record.undoing = self.record.undoing or self._seen.now()
        self._seen.step(f"{router}: undo")

    def _has_undone(self, done: Restored) -> None:
        if done.at is not None:
            self.record.undone = done.at if self.record.undone is None else max(done.at, self.record.undone)
            self._seen.step(f"{done.router}: undone", done.at)
        self._seen.step(f"{done.router}: {done.words}")

    def _change(self, drills: list[RouterDrill], stack: ExitStack) -> None:
        for each in drills:
            stack.enter_context(each)
            armed = each.arm()
            self.record.armed.append(each.router)
            self._seen.step(f"{each.router}: armed, restores itself at {armed.until:%H:%M:%S}", armed.at)
        self._ready()
        self._trigger(drills)
        for test in self.scenery.tests:
            stack.enter_context(test)
            stack.callback(self._stop_if_runs, test)
            self.record.triggered = self.record.triggered or self._seen.now()
            test.start()
            self._seen.step(f"{test.trigger.id}: Azure's failover test runs")
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
        self._seen.until_looks(1)
        found = self._broken(self._seen.now())
        if found is not None:
            raise DrillRefusedError(f"right before the trigger: {found.words}; nothing was taken away")

    def _trigger(self, drills: list[RouterDrill]) -> None:
        for each in drills:
            done = each.trigger()
            if self.record.triggered is None:
                self.record.note_trigger(done.before, done.at)
            self._seen.step(
                f"{each.router}: {'; '.join(map(str, (one.change for one in each.target.programs)))}", done.at
            )

    @property
    def _by_hand(self) -> tuple[Manual, ...]:
        return tuple(each for each in self.drill.triggers if isinstance(each, Manual))

    def _await_hands(self) -> None:
        """What somebody else does is seen by its effect. Raises DrillRefusedError where none comes."""
        for each in self._by_hand:
            self._seen.step(f"now, by hand: {each.words}")
        until = time.monotonic() + self.drill.failover.total_seconds() + _HANDS
        while time.monotonic() < until:
            for look in self._seen.take(WAIT):
                if self._has_moved():
                    self.record.triggered = look.at
                    self._seen.step("what was done by hand is seen", look.at)
                    return
            if self._seen.watch.ended:
                break
        raise DrillRefusedError("nothing that was done by hand was seen")

    def _has_moved(self) -> bool:
        for pair in self.drill.pairs:
            for reach in pair.reaches:
                path = looking.path_of(self.drill, self._seen.watch.last, reach)
                if pair.before != pair.during and path.word != "unknown" and not looking.is_on(pair, "before", path):
                    return True
        return False

    def _hand_back(self) -> None:
        for each in self._by_hand:
            self._seen.step(f"now, by hand, the undo of: {each.words}")
        self.record.undone = self._seen.now()

    def _stop(self, test: AzureTest) -> None:
        self.record.undoing = self.record.undoing or self._seen.now()
        self._seen.step(f"{test.trigger.id}: Azure's failover test is stopped")
        stopped = test.stop(successful=self.record.abort is None)
        self.record.undone = self._seen.now()
        self._seen.step(f"{test.trigger.id}: {stopped.words}")
        if stopped.shout:
            self.scenery.say(stopped.shout)

    def _stop_if_runs(self, test: AzureTest) -> None:
        """Whatever ended the drill: with the words of an ordinary end. What this cannot do, the test's end does."""
        if test.stopped is None:
            self._stop(test)

    def _hold(self) -> None:
        """Watch until the hold time is over, or a rule is broken."""
        triggered = self.record.triggered
        if triggered is None:
            return
        drill = self.drill
        hard = time.monotonic() + (drill.failover + drill.hold + _SPARE).total_seconds()
        traced = False
        while True:
            if self._seen.take(WAIT / 4):
                self.record.refine_trigger()
            now = self._seen.now()
            if self.record.abort is None:
                self.record.abort = self._broken(now)
            if self.record.abort is not None:
                self._seen.step(f"ended early: {self.record.abort.words}")
                return
            settled = settling.moved_at(self.record) if self.record.is_dated else None
            if settled is not None and not traced:
                traced = True
                # In the timeline it is what the verdicts count.
                self._seen.tell("every network that keeps service is on its path", settled, self.record.triggered)
                self._seen.record_aside("during")
            if now >= min(settled or now + drill.hold, triggered + drill.failover) + drill.hold:
                self._seen.step("the hold time is over")
                return
            if time.monotonic() > hard:
                self.record.abort = Abort("clock", "it takes longer by this machine's clock than by the router's")
                return

    def _broken(self, now: datetime) -> Abort | None:
        if self._seen.watch.ended:
            router, why = next(iter(self._seen.watch.ended.items()))
            return Abort("router-lost", f"{router}: {why}")
        return self._keeper.judge(self._seen.watch.last, now, datetime.now(UTC))

    def _restore(self, router: RouterDrill) -> None:
        done = router.restore()
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
        if self.record.triggered is not None and self.record.undone is None:
            self.record.undone = self._seen.now()

    # Afterwards -----------------------------------------------------------------------------------------------------

    def _come_back(self, *, short: bool) -> None:
        """Watch until every network is back, then look a second time. `short`: the operator wants to end."""
        undone = self.record.undone
        if undone is None:
            return
        try:
            self._watch_back(undone)
            if not short:
                self._look_again(undone)
        except KeyboardInterrupt:
            # The undo is over: what is missing are looks, and the verdicts on them say that.
            self._seen.step(f"the looks end here: {_STOPPED}")
        self.record.ended = self._seen.now()
        self._seen.record_now("after")

    def _watch_back(self, undone: datetime) -> None:
        drill = self.drill
        hard = time.monotonic() + (drill.fail_back + _SPARE).total_seconds()
        last = undone + drill.fail_back + timedelta(seconds=10)
        settled: datetime | None = None
        while self._seen.now() < last and time.monotonic() < hard and not self._seen.watch.ended:
            self._seen.take(WAIT / 4)
            settled = settling.back_at(self.record)
            if settled is not None and self._stayed(settled):
                break
        if settled is None:
            self._seen.step("not every network is back")
        else:
            self._seen.tell("every network is back on its path", settled, undone)
        self._seen.join()

    def _stayed(self, since: datetime) -> bool:
        counts = dict.fromkeys(self.drill.routers, 0)
        for each in self.record.looks[-40:]:
            counts[each.router] += each.at >= since
        return min(counts.values()) >= _STAYS

    def _look_again(self, undone: datetime) -> None:
        """After the declared time. Until then the routers are looked at less often."""
        due = undone + self.drill.second_look
        if due - self._seen.now() > timedelta(seconds=90):
            self._seen.step(f"a second look follows at {due:%H:%M:%S}; Ctrl-C ends without it")
        self._seen.watch.pace(max(self.drill.poll, self.drill.second_look / 20))
        hard = time.monotonic() + (self.drill.second_look + _SPARE).total_seconds()
        while self._seen.now() < due and time.monotonic() < hard and not self._seen.watch.ended:
            self._seen.take(WAIT)
        self._seen.watch.pace(self.drill.poll)
        wanted = set(self.drill.routers)
        hard = time.monotonic() + PATIENCE
        second: dict[str, Look] = {}
        while second.keys() < wanted and time.monotonic() < hard and not self._seen.watch.ended:
            second |= {each.router: each for each in self._seen.take(WAIT) if each.at >= due}
        if second.keys() >= wanted:
            self.record.second = list(second.values())
            self._seen.step("second look taken")
