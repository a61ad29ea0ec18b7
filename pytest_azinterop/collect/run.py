"""Asking the routers: one login each, all at once within the limits, one router's trouble costs its own facts only."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.admission import Doorkeeper
from pytest_azinterop.collect.answer import Collection, Failure, Totals
from pytest_azinterop.collect.connect import Door
from pytest_azinterop.collect.progress import (
    AnswerAmended,
    CommandDone,
    LoggedIn,
    RouterFinished,
    RouterStarted,
    silent,
)
from pytest_azinterop.collect.session import Session
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.collect.threads import ThreadsRunner
from pytest_azinterop.errors import AzinteropError, ConnectionFailedError, InventoryError, UndeterminedError
from pytest_azinterop.iosxe.pipeline import MOST_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nornir.core import Nornir
    from nornir.core.task import Task

    from pytest_azinterop.collect.admission import Admission
    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.collect.limits import HostSettings
    from pytest_azinterop.collect.plan import Plan, PlannedCommand, RouterPlan, Sample
    from pytest_azinterop.collect.progress import Progress

    Following = Callable[[str, Sequence[Answer]], Sequence[PlannedCommand]]

# Failures before any credential was sent.
NOT_TRIED = frozenset({"unreachable", "host-key"})
SETTLE_DEADLINE = 10.0  # seconds for an empty line to come back
LAST_PROOF = 1.0  # the same, where the router's time is already up
LOOK = 2.0  # seconds between two looks at a session that waits
FAREWELL = 10.0  # seconds for threads to end after an interruption


def collect(
    plan: Plan,
    inventory: RouterInventory,
    *,
    credentials: Credentials | Mapping[str, Credentials] | None = None,
    limits: Mapping[str, float] | None = None,
    progress: Progress = silent,
) -> FactStore:
    """Ask what the plan says and give the facts.

    `credentials` as one for all or by router name; None: from the environment or the keyring. `limits` overrides the
    inventory's by the field names of `Limits`. Raises InventoryError before any connection; what routers do or do not
    answer is in the facts.
    """
    return FactStore(plan, gather(plan, inventory, credentials=credentials, limits=limits, progress=progress))


def gather(
    plan: Plan,
    inventory: RouterInventory,
    *,
    credentials: Credentials | Mapping[str, Credentials] | None = None,
    limits: Mapping[str, float] | None = None,
    progress: Progress = silent,
    following: Following | None = None,
) -> Collection:
    """As `collect`, before any answer is parsed.

    `following` makes further commands of what a router answered so far, in the same session, until it makes none; it is
    called from the collecting threads.
    """
    started, began = time.monotonic(), datetime.now(UTC)
    unknown = sorted({router.host for router in plan.routers} - set(inventory.hosts))
    if unknown:
        raise InventoryError(f"not in the inventory: {', '.join(unknown)}", file=str(inventory.folder))
    if not plan.routers:
        return Collection()
    jobs = {
        router.host: Job(
            router,
            inventory.settings(router.host, limits or {}),
            inventory.credentials(router.host, credentials),
        )
        for router in plan.routers
    }
    run = Run(jobs, inventory, progress, following)
    run.everything()
    return run.collection(time.monotonic() - started, began)


@dataclass(frozen=True, slots=True)
class Job:
    """One router's part of a run."""

    plan: RouterPlan
    settings: HostSettings
    credentials: Credentials


class Run:
    """The routers of a run, from their jobs to what came of them.

    `admission` is who lets routers log in, None: this run alone decides.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        inventory: RouterInventory,
        progress: Progress,
        following: Following | None = None,
        admission: Admission | None = None,
    ) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.failures: dict[str, Failure] = {}
        self.records: dict[tuple[Fact, Sample], Sequence[Any]] = {}
        self.logins = 0
        self.commands = 0
        self.jobs = jobs
        self.inventory = inventory
        self.progress = progress
        self.following = following
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._doors: set[Door] = set()
        self._idle = threading.Condition(self._lock)
        self._busy = 0
        domains: dict[str, list[HostSettings]] = defaultdict(list)
        for host in sorted(jobs):
            domains[jobs[host].settings.aaa_domain].append(jobs[host].settings)
        self.admission = admission or Doorkeeper(
            {host: job.credentials.group for host, job in jobs.items()},
            {host: job.settings for host, job in jobs.items()},
            self._stop,
        )
        self._commands_at_once = {
            name: threading.BoundedSemaphore(min(item.limits.commands_at_once for item in items))
            for name, items in domains.items()
        }

    @property
    def routers_at_once(self) -> int:
        """How many routers may have a session at the same time."""
        return min(*(job.settings.limits.routers_at_once for job in self.jobs.values()), len(self.jobs))

    def commands_at_once(self, host: str) -> threading.BoundedSemaphore:
        """Who sends a command to this router, or has others send some, holds this meanwhile."""
        return self._commands_at_once[self.jobs[host].settings.aaa_domain]

    def everything(self) -> None:
        """Run all jobs through Nornir's runner. After an interruption nothing is left running."""
        nornir = self._nornir()
        task: Callable[[Task], None] = self._task
        if getattr(self.inventory.runner, "sends_errands", False):
            from pytest_azinterop.collect.remote import RemoteRouters

            task = RemoteRouters(self)
        try:
            nornir.run(task=task, name="collect")
        except BaseException:
            self.interrupt()
            with self._idle:
                self._idle.wait_for(lambda: self._busy == 0, FAREWELL)
            raise

    def interrupt(self) -> None:
        """Make every session end now; may be called from any thread."""
        self._stop.set()
        self.admission.wake()
        with self._lock:
            doors = list(self._doors)
        for door in doors:
            door.abort()

    def count_login(self) -> None:
        """A login was tried."""
        with self._lock:
            self.logins += 1

    def take(self, host: str, found: Collection) -> None:
        """What came of one job elsewhere; its logins have been counted where they were allowed."""
        with self._lock:
            self.answers[host] = list(found.answers)
            self.failures.update(found.failures)
            self.records.update(found.records)
            self.commands += found.totals.commands

    def collection(self, seconds: float, began: datetime | None = None) -> Collection:
        """What came of all jobs."""
        return Collection(
            tuple(answer for host in self.jobs for answer in self.answers.get(host, ())),
            {host: self.failures[host] for host in self.jobs if host in self.failures},
            Totals(self.logins, self.commands, seconds),
            began,
            self.records,
        )

    def _nornir(self) -> Nornir:
        """The inventory's Nornir with the planned routers only, in order, so that a canary never waits for a worker."""
        from nornir.core import Nornir
        from nornir.core.inventory import Hosts, Inventory

        whole = self.inventory.nornir
        hosts = Hosts({name: whole.inventory.hosts[name] for name in sorted(self.jobs)})
        runner = self.inventory.runner or ThreadsRunner(self.routers_at_once)
        chosen = Inventory(hosts=hosts, groups=whole.inventory.groups, defaults=whole.inventory.defaults)
        return Nornir(inventory=chosen, config=whole.config, runner=runner)

    def _task(self, task: Task) -> None:
        """One router, from login to farewell. Raises nothing: Nornir would log it with its arguments."""
        host = task.host.name
        job = self.jobs[host]
        started = time.monotonic()
        with self._lock:
            self._busy += 1
        failure: Failure | None = None
        try:
            failure = self._router(task, job)
        except UndeterminedError as error:
            failure = Failure(error.cause, error.message)
        except Exception as error:  # noqa: BLE001 (a defect must cost this router only)
            failure = Failure("collector-failed", f"{host}: the collector failed with {type(error).__name__}")
        finally:
            with self._idle:
                if failure is not None:
                    self.failures[host] = failure
                self._busy -= 1
                self._idle.notify_all()
            self.progress(RouterFinished(host, time.monotonic() - started, failure))

    def _router(self, task: Task, job: Job) -> Failure | None:
        host = task.host.name
        door = Door(task, job.settings, job.credentials, self.inventory.known_hosts)
        with self._lock:
            self._doors.add(door)
        try:
            if self._stop.is_set():  # from here on, an interruption finds the door
                return Failure("not-collected", f"{host}: interrupted")
            self.progress(RouterStarted(host, len(job.plan.commands)))
            started = time.monotonic()
            self._log_in(door, job)
            spent = door.seconds
            self.progress(LoggedIn(host, time.monotonic() - started))
            session = Session(job.plan, door.channel)
            try:
                return self._ask_everything(session, job, spent)
            finally:
                with self._lock:
                    self.answers[host] = session.answers
                    self.commands += session.sent
        finally:
            door.close()
            with self._lock:
                self._doors.discard(door)

    def _log_in(self, door: Door, job: Job) -> None:
        host = job.plan.host
        entered = False

        def before_login() -> None:
            nonlocal entered
            self.admission.enter(host)
            if self._stop.is_set():
                raise ConnectionFailedError(f"{host}: interrupted", cause="not-collected", host=host)
            entered = True

        cause: str | None = "collector-failed"
        try:
            door.open(before_login)
            cause = None
        except UndeterminedError as error:
            cause = error.cause
            raise
        finally:
            if entered and cause not in NOT_TRIED:
                self.count_login()
            self.admission.leave(host, cause)

    def _ask_everything(self, session: Session, job: Job, spent: float) -> Failure | None:
        """Every command in order. The failure: why some were not asked."""
        limits, host = job.settings.limits, job.plan.host
        first_answered: dict[str, float] = {}
        at_once = self.commands_at_once(host)
        commands, number = list(job.plan.commands), 0
        while number < len(commands):
            command = commands[number]
            if command.sample == 2 and self._wait(
                session, first_answered.get(command.text, 0.0) + command.after.total_seconds()
            ):
                return Failure("not-collected", f"{host}: interrupted")
            left = limits.router_deadline - spent
            if left <= 0:
                self._settle(session, LAST_PROOF)
                return Failure(
                    "timeout",
                    f"{host}: not asked: its login and answers took {limits.router_deadline:g} s in all; a slow router"
                    " needs a larger router_deadline",
                )
            with at_once:
                if self._stop.is_set():
                    return Failure("not-collected", f"{host}: interrupted")
                before, told = session.answers[-1:], len(session.answers)
                together = (
                    session.together(commands[number : number + MOST_COMMANDS]) if job.settings.pipelining else ()
                )
                if len(together) > 1:
                    session.ask_together(together, min(left, limits.command_deadline), left)
                else:
                    _ask(session, command, min(left, deadline_of(command, limits.command_deadline)))
            self._tell_amended(before, session.answers[told - 1 : told] if told else ())
            now = time.monotonic()
            for answer in session.answers[told:]:
                number += 1
                spent += answer.seconds
                first_answered[answer.command] = now
                if number == len(commands) and session.is_open:
                    commands += self._more(session, host)
                self.progress(CommandDone(answer, number, len(commands)))
            answer = next((each for each in session.answers[told:] if each.failure is not None), session.answers[-1])
            if not session.is_open and (number < len(commands) or self.following is not None):
                cause = "cut-off" if answer.failure is None else answer.failure.cause
                return Failure(cause, f"{host}: not asked: the session ended at `{answer.command}` ({cause})")
        self._settle(
            session, max(LAST_PROOF, min(SETTLE_DEADLINE, limits.command_deadline, limits.router_deadline - spent))
        )
        return None

    def _wait(self, session: Session, until: float) -> bool:
        """Wait until then by `time.monotonic`; whether the run was interrupted.

        What the router sends meanwhile, such as its wish for new keys, is acted on every now and then: the session has
        no thread that would.
        """
        while (left := until - time.monotonic()) > 0 and session.is_open:
            if self._stop.wait(min(left, LOOK)):
                return True
        return self._stop.is_set()

    def _settle(self, session: Session, deadline: float) -> None:
        before = session.answers[-1:]
        session.settle(deadline)
        self._tell_amended(before, session.answers[-1:])

    def _more(self, session: Session, host: str) -> Sequence[PlannedCommand]:
        """What follows from the answers so far, within the session's budget."""
        if self.following is None:
            return ()
        more = self.following(host, tuple(session.answers))
        session.extend(more)
        return more

    def _tell_amended(self, before: Sequence[Answer], now: Sequence[Answer]) -> None:
        """Say so where an answer that was told already has been replaced."""
        for told, known in zip(before, now, strict=True):
            if known is not told:
                self.progress(AnswerAmended(known))


def _ask(session: Session, command: PlannedCommand, deadline: float) -> Answer:
    try:
        return session.ask(command, deadline)
    except AzinteropError as error:
        return session.refuse(command, error)


def deadline_of(command: PlannedCommand, deadline: float) -> float:
    """Seconds for one command. A probe may in addition take its own repetitions, each up to its timeout."""
    own = 0.0
    for fact in command.facts:
        given = dict(fact.parameters)
        if fact.kind == "ping":
            own = max(own, float(given.get("repeat", 5)) * float(given.get("timeout", 2)))
    return deadline + own
