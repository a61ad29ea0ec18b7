"""Everything that looks while a drill lasts: routers, Linux hosts of the site, Azure; and what is told of it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill import linux
from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.azure_watch import AzureWatch
from pytest_azinterop.drill.timeline import Event
from pytest_azinterop.drill.watch import Watch
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError

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
PATIENCE: Final = 60.0  # seconds of this machine for the first looks
WAIT: Final = 0.25


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
class Observer:
    """Watches for one drill, and writes what it sees into the record."""

    drill: Drill
    scenery: Scenery
    record: Record
    watch: Watch = field(init=False)
    _hosts: list[linux.LinuxHost] = field(default_factory=list)
    _azure: AzureWatch | None = None
    _told: str = ""
    _aside: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Nothing is opened yet."""
        self.watch = Watch(self.drill, self.scenery.inventory, self.scenery.read)
        self.record.looks, self.record.clock = self.watch.looks, self.watch.clocks[self._reference]

    @property
    def _reference(self) -> str:
        """The router whose clock is the axis: the first that is changed."""
        return self.drill.routers[0]

    def begin(self) -> None:
        """Log in everywhere and take the first looks. Raises DrillRefusedError where a router cannot be watched."""
        self.scenery.say(f"drill: watching {', '.join(self.drill.routers)}")
        self.watch.start()
        until = time.monotonic() + PATIENCE
        while not self._has_looked() and time.monotonic() < until:
            self.take(WAIT)
            if self.watch.ended:
                router, why = next(iter(self.watch.ended.items()))
                raise DrillRefusedError(f"{router} cannot be watched: {why}; nothing was changed")
        if not self._has_looked():
            raise DrillRefusedError(f"the routers showed nothing for {PATIENCE:.0f} s; nothing was changed")
        self.record.began = self.now()
        self.step("watching begins")
        self._begin_azure()
        self._begin_hosts()

    def _has_looked(self) -> bool:
        return self.watch.last.keys() >= set(self.drill.routers)

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
        self.until_looks(LOOKS_BEFORE)
        # Only now is known how the router's clock goes.
        self.record.offsets = {name: self.record.clock.router_time(here) - there for name, here, there in clocks}
        if not self._hosts:
            self.record.unproven.append("loss on the LAN: no Linux host of the site probes")

    def end(self) -> None:
        """End every session."""
        self.join()
        for host in self._hosts:
            host.close()
        if self._azure is not None:
            self._azure.stop()
        self.watch.stop()
        self.watch.take(0.0)
        trouble = dict.fromkeys(words for each in self.record.azure for words in each.trouble)
        self.record.unproven.extend(f"Azure's own side at some time of the drill: {words}" for words in trouble)

    def take(self, patience: float) -> list[Look]:
        """The looks that have come; see `Watch.take`."""
        found = self.watch.take(patience)
        for each in found:
            self._tell(each)
        return found

    def until_looks(self, number: int) -> None:
        """Until every router has shown so many more looks that begin from now on. Raises DrillFailedError where one
        stops."""
        since = datetime.now(UTC)
        wanted = dict.fromkeys(self.drill.routers, number)
        until = time.monotonic() + PATIENCE
        while any(left > 0 for left in wanted.values()):
            for each in self.take(WAIT):
                wanted[each.router] -= each.asked_at >= since
            if self.watch.ended or time.monotonic() > until:
                raise DrillFailedError(f"watching stopped: {'; '.join(self.watch.ended.values()) or 'no looks'}")

    def _tell(self, look: Look) -> None:
        """What has changed, in one line."""
        paths = []
        for pair in self.drill.pairs:
            for reach in pair.reaches:
                path = looking.path_of(self.drill, self.watch.last, reach)
                answer = looking.answered(self.watch.last.get, reach)
                paths.append(f"{pair.network} {path.word}{'' if answer else ' (silent)'}")
        told = ", ".join(paths)
        if told != self._told and self._has_looked():
            self._told = told
            zero = self.record.triggered
            since = "        " if zero is None else f"{(look.at - zero).total_seconds():+7.1f} s"
            self.scenery.say(f"drill: {since} {told}")

    def now(self) -> datetime:
        """The axis's clock at this moment."""
        return self.watch.now(self._reference)

    def step(self, words: str, at: datetime | None = None) -> None:
        """Something that the drill did, for the timeline and for whoever watches."""
        when = at or self.now()
        self.record.steps.append(Event(when, "step", "drill", words))
        self.tell(words, when)

    def tell(self, words: str, at: datetime, since: datetime | None = None) -> None:
        """For whoever watches alone. `since`: where the time that ends here began."""
        lasted = "" if since is None else f"after {(at - since).total_seconds():.1f} s, "
        self.scenery.say(f"drill: {words} ({lasted}{at:%H:%M:%S} by the router's clock)")

    def record_aside(self, phase: str) -> None:
        """Traces and a recording, while the looks and the rules that end a drill go on."""
        self._aside = threading.Thread(target=self.record_now, args=(phase,), name=f"drill-{phase}", daemon=True)
        self._aside.start()

    def record_now(self, phase: str) -> None:
        """Traces of the hosts, and a recording of the routers."""
        self._trace(phase)
        self.scenery.snapshot(phase)

    def join(self) -> None:
        """Wait for what goes on aside."""
        if self._aside is not None:
            self._aside.join(PATIENCE)

    def _trace(self, phase: str) -> None:
        for host in self._hosts:
            for target in dict.fromkeys(str(each.target) for each in looking.targets(self.drill)):
                try:
                    found = host.trace(target)
                except linux.LinuxError as error:
                    self.record.unproven.append(f"the way of {host.name} {phase}: {error}")
                    continue
                self.record.traces[phase] = (*self.record.traces.get(phase, ()), found)
