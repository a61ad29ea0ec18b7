"""Asking the routers: one login each, all at once within the limits, one router's trouble costs its own facts only."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.collect.answer import Collection, Failure, Totals
from pytest_azinterop.collect.connect import Door
from pytest_azinterop.collect.gate import Gate
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
from pytest_azinterop.errors import AzinteropError, InventoryError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nornir.core import Nornir
    from nornir.core.task import Task

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.collect.limits import HostSettings
    from pytest_azinterop.collect.plan import Plan, PlannedCommand, RouterPlan
    from pytest_azinterop.collect.progress import Progress

    Following = Callable[[str, Sequence[Answer]], Sequence[PlannedCommand]]

# Failures before any credential was sent.
NOT_TRIED = frozenset({"unreachable", "host-key"})
SETTLE_DEADLINE = 10.0  # seconds for an empty line to come back
LAST_PROOF = 1.0  # the same, where the router's time is already up
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
    run = _Run(jobs, inventory, progress, following)
    run.everything()
    return Collection(
        tuple(answer for host in jobs for answer in run.answers.get(host, ())),
        {host: run.failures[host] for host in jobs if host in run.failures},
        Totals(run.logins, run.commands, time.monotonic() - started),
        began,
    )


@dataclass(frozen=True, slots=True)
class Job:
    """One router's part of a run."""

    plan: RouterPlan
    settings: HostSettings
    credentials: Credentials


class _Run:
    def __init__(
        self,
        jobs: Mapping[str, Job],
        inventory: RouterInventory,
        progress: Progress,
        following: Following | None = None,
    ) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.failures: dict[str, Failure] = {}
        self.logins = 0
        self.commands = 0
        self._jobs = jobs
        self._inventory = inventory
        self._progress = progress
        self._following = following
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._doors: set[Door] = set()
        self._idle = threading.Condition(self._lock)
        self._busy = 0
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        domains: dict[str, list[HostSettings]] = defaultdict(list)
        for host in sorted(jobs):
            groups[jobs[host].credentials.group].append(host)
            domains[jobs[host].settings.aaa_domain].append(jobs[host].settings)
        self._gates = {group: Gate(hosts, self._stop) for group, hosts in groups.items()}
        self._logins_at_once = {
            name: threading.BoundedSemaphore(min(item.limits.logins_at_once for item in items))
            for name, items in domains.items()
        }
        self._commands_at_once = {
            name: threading.BoundedSemaphore(min(item.limits.commands_at_once for item in items))
            for name, items in domains.items()
        }

    def everything(self) -> None:
        """Run all jobs through Nornir's runner. After an interruption nothing is left running."""
        nornir = self._nornir()
        try:
            nornir.run(task=self._task, name="collect")
        except BaseException:
            self._stop.set()
            for gate in self._gates.values():
                gate.wake()
            with self._lock:
                doors = list(self._doors)
            for door in doors:
                door.abort()
            with self._idle:
                self._idle.wait_for(lambda: self._busy == 0, FAREWELL)
            raise

    def _nornir(self) -> Nornir:
        """The inventory's Nornir with the planned routers only, in order, so that a canary never waits for a worker."""
        from nornir.core import Nornir
        from nornir.core.inventory import Hosts, Inventory
        from nornir.plugins.runners import ThreadedRunner

        whole = self._inventory.nornir
        hosts = Hosts({name: whole.inventory.hosts[name] for name in sorted(self._jobs)})
        at_once = min(job.settings.limits.routers_at_once for job in self._jobs.values())
        runner = self._inventory.runner or ThreadedRunner(num_workers=min(at_once, len(hosts)))
        chosen = Inventory(hosts=hosts, groups=whole.inventory.groups, defaults=whole.inventory.defaults)
        return Nornir(inventory=chosen, config=whole.config, runner=runner)

    def _task(self, task: Task) -> None:
        """One router, from login to farewell. Raises nothing: Nornir would log it with its arguments."""
        host = task.host.name
        job = self._jobs[host]
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
            self._progress(RouterFinished(host, time.monotonic() - started, failure))

    def _router(self, task: Task, job: Job) -> Failure | None:
        host = task.host.name
        if self._stop.is_set():
            return Failure("not-collected", f"{host}: interrupted")
        self._progress(RouterStarted(host, len(job.plan.commands)))
        started = time.monotonic()
        door = Door(task, job.settings, job.credentials, self._inventory.known_hosts)
        with self._lock:
            self._doors.add(door)
        try:
            self._log_in(door, job)
            spent = door.seconds
            self._progress(LoggedIn(host, time.monotonic() - started))
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
        gate = self._gates[job.credentials.group]
        at_once = self._logins_at_once[job.settings.aaa_domain]
        holds = False

        def before_login() -> None:
            nonlocal holds
            gate.enter(host)
            at_once.acquire()
            holds = True

        cause: str | None = "collector-failed"
        try:
            door.open(before_login)
            cause = None
        except UndeterminedError as error:
            cause = error.cause
            raise
        finally:
            if holds:
                at_once.release()
            if holds and cause not in NOT_TRIED:
                with self._lock:
                    self.logins += 1
            gate.leave(host, cause)

    def _ask_everything(self, session: Session, job: Job, spent: float) -> Failure | None:
        """Every command in order. The failure: why some were not asked."""
        limits, host = job.settings.limits, job.plan.host
        first_answered: dict[str, float] = {}
        at_once = self._commands_at_once[job.settings.aaa_domain]
        commands, number = list(job.plan.commands), 0
        while number < len(commands):
            command = commands[number]
            number += 1
            if command.sample == 2 and self._stop.wait(
                max(0.0, first_answered.get(command.text, 0.0) + command.after.total_seconds() - time.monotonic())
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
                before = session.answers[-1:]
                answer = _ask(session, command, min(left, deadline_of(command, limits.command_deadline)))
            spent += answer.seconds
            first_answered[command.text] = time.monotonic()
            self._tell_amended(before, session.answers[-2:-1])
            if number == len(commands) and session.is_open:
                commands += self._more(session, host)
            self._progress(CommandDone(answer, number, len(commands)))
            if not session.is_open and (number < len(commands) or self._following is not None):
                cause = "cut-off" if answer.failure is None else answer.failure.cause
                return Failure(cause, f"{host}: not asked: the session ended at `{command.text}` ({cause})")
        self._settle(
            session, max(LAST_PROOF, min(SETTLE_DEADLINE, limits.command_deadline, limits.router_deadline - spent))
        )
        return None

    def _settle(self, session: Session, deadline: float) -> None:
        before = session.answers[-1:]
        session.settle(deadline)
        self._tell_amended(before, session.answers[-1:])

    def _more(self, session: Session, host: str) -> Sequence[PlannedCommand]:
        """What follows from the answers so far, within the session's budget."""
        if self._following is None:
            return ()
        more = self._following(host, tuple(session.answers))
        session.extend(more)
        return more

    def _tell_amended(self, before: Sequence[Answer], now: Sequence[Answer]) -> None:
        """Say so where an answer that was told already has been replaced."""
        for told, known in zip(before, now, strict=True):
            if known is not told:
                self._progress(AnswerAmended(known))


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
