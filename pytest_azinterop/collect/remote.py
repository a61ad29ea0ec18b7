"""The collection's part for a fleet: what a worker does with one router, and what it asks of the run meanwhile.

The session and the parsing are the worker's. Who may log in, how much happens at once and what is asked next is decided
here, for all workers together.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.answer import Collection, Failure
from pytest_azinterop.collect.inventory import KNOWN_HOSTS, RouterInventory
from pytest_azinterop.collect.plan import Plan
from pytest_azinterop.collect.progress import CommandDone, LoggedIn, RouterFinished, RouterStarted
from pytest_azinterop.collect.run import NOT_TRIED, Job, Run
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import ConnectionFailedError

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from nornir.core.configuration import Config
    from nornir.core.inventory import ConnectionOptions, Host

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.fleet.errand import Line, LostError
    from pytest_azinterop.collect.plan import PlannedCommand
    from pytest_azinterop.collect.progress import Event

LOST = "worker-lost"


@dataclass(frozen=True, slots=True)
class Enter:
    """May this router's login be tried now? The answer is None or the failure."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What became of the login."""

    cause: str | None


@dataclass(frozen=True, slots=True)
class Following:
    """The answers since the last time: what is asked next?"""

    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Where a router is reached: what the inventory says of it, groups and defaults applied.

    `ssh_config` None: the one that the worker's user has.
    """

    name: str
    hostname: str | None
    port: int | None
    platform: str | None
    options: dict[str, ConnectionOptions]
    ssh_config: str | None

    @classmethod
    def of(cls, host: Host, names: tuple[str, ...], config: Config) -> Where:
        """Without the login, which the job carries."""
        from nornir.core.configuration import DEFAULT_SSH_CONFIG
        from nornir.core.inventory import ConnectionOptions

        options = {}
        for name in names:
            known = host.get_connection_parameters(name)
            options[name] = ConnectionOptions(known.hostname, known.port, None, None, known.platform, known.extras)
        file = config.ssh.config_file
        own = None if file == DEFAULT_SSH_CONFIG else file
        return cls(host.name, host.hostname, host.port, host.platform, options, own)

    def inventory(self, folder: Path) -> RouterInventory:
        """An inventory of this router alone."""
        from nornir.core import Nornir
        from nornir.core.configuration import Config, SSHConfig
        from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
        from nornir.core.plugins.connections import ConnectionPluginRegister
        from nornir.plugins.runners import SerialRunner

        from pytest_azinterop.iosxe.connection import CONNECTION_NAME, IosXeConnection

        if CONNECTION_NAME not in ConnectionPluginRegister.available:
            ConnectionPluginRegister.register(CONNECTION_NAME, IosXeConnection)
        host = Host(
            name=self.name,
            hostname=self.hostname,
            port=self.port,
            platform=self.platform,
            connection_options=self.options,
            defaults=Defaults(),
        )
        alone = Inventory(Hosts({self.name: host}), Groups(), Defaults())
        nornir = Nornir(alone, config=Config(ssh=SSHConfig(self.ssh_config)))
        return RouterInventory(folder, nornir, SerialRunner())


@dataclass(frozen=True, slots=True)
class AskRouter:
    """The errand: one router, from login to parsed records."""

    job: Job
    where: Where
    known_hosts: bytes
    is_followed: bool

    def __call__(self, line: Line) -> Collection:
        """What came of it."""
        host, started = self.where.name, time.monotonic()
        with tempfile.TemporaryDirectory(prefix="azinterop-", dir=line.folder) as name:
            folder = Path(name)
            (folder / KNOWN_HOSTS).write_bytes(self.known_hosts)
            admission = _AskedFor(line)
            following = _Followed(line) if self.is_followed else None
            run = Run({host: self.job}, self.where.inventory(folder), _told(line), following, admission)
            line.on_interrupt(run.interrupt)
            run.everything()
        collection = run.collection(time.monotonic() - started)
        store = FactStore(Plan(() if self.is_followed else (self.job.plan,)), collection)
        return replace(collection, records=store.understood())


def _told(line: Line) -> Any:  # noqa: ANN401 (a Progress)
    """What is worth telling before the end: answers count only once the router is through."""

    def tell(event: Event) -> None:
        if isinstance(event, RouterStarted | LoggedIn):
            line.say(event)

    return tell


class _AskedFor:
    """The `Admission` of a router whose run is elsewhere."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def enter(self, host: str) -> None:
        failure: Failure | None = self._line.ask(Enter())
        if failure is not None:
            raise ConnectionFailedError(failure.message, cause=failure.cause, host=host)

    def leave(self, host: str, cause: str | None) -> None:
        del host
        self._line.say(Leave(cause))

    def wake(self) -> None:
        """The line's own interruption does."""


class _Followed:
    """What follows, asked of the run with the answers that it does not have yet."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told = 0

    def __call__(self, host: str, answers: Sequence[Answer]) -> Sequence[PlannedCommand]:
        del host
        new, self._told = tuple(answers[self._told :]), len(answers)
        found: Sequence[PlannedCommand] = self._line.ask(Following(new))
        return found


class RemoteRouters:
    """The Nornir task function of a run, and the `Sender` of its errands."""

    __name__ = "collect"

    def __init__(self, run: Run) -> None:
        self._run = run
        self._entered: set[str] = set()
        self._answers: dict[str, list[Answer]] = {}
        self._known_hosts = run.inventory.known_hosts.read_bytes() if run.inventory.known_hosts.is_file() else b""

    def __call__(self, task: object) -> None:
        """Only a runner that sends errands is given this task."""
        del task
        raise TypeError("this task is done by workers")

    @property
    def at_once(self) -> int:
        """See `Sender`."""
        return self._run.routers_at_once

    @property
    def attempts(self) -> int:
        """Two; but who follows a router's answers cannot begin again."""
        return 2 if self._run.following is None else 1

    def worker(self, host: Host) -> str | None:
        """See `Sender`."""
        return self._run.jobs[host.name].settings.worker

    def turn(self, host: Host) -> threading.BoundedSemaphore:
        """A session sends one command after the other, so as many sessions as commands may be under way."""
        return self._run.commands_at_once(host.name)

    def errand(self, host: Host) -> AskRouter:
        """See `Sender`."""
        from pytest_azinterop.collect.connect import STOCK_NAME
        from pytest_azinterop.iosxe.connection import CONNECTION_NAME

        where = Where.of(host, (CONNECTION_NAME, STOCK_NAME), self._run.inventory.nornir.config)
        return AskRouter(self._run.jobs[host.name], where, self._known_hosts, self._run.following is not None)

    def hear(self, host: Host, message: object) -> object:
        """See `Sender`."""
        name = host.name
        if isinstance(message, Enter):
            try:
                self._run.admission.enter(name)
            except ConnectionFailedError as error:
                return Failure(error.cause, error.message)
            self._entered.add(name)
        elif isinstance(message, Leave):
            self._leave(name, message.cause)
        elif isinstance(message, Following) and self._run.following is not None:
            answers = self._answers.setdefault(name, [])
            answers.extend(message.answers)
            return self._run.following(name, tuple(answers))
        elif isinstance(message, RouterStarted | LoggedIn):
            self._run.progress(message)
        return None

    def _leave(self, host: str, cause: str | None) -> None:
        if host in self._entered:
            self._entered.discard(host)
            if cause not in NOT_TRIED:
                self._run.count_login()
        self._run.admission.leave(host, cause)

    def forget(self, host: Host) -> None:
        """See `Sender`."""
        self._leave(host.name, LOST)
        self._answers.pop(host.name, None)

    def take(self, host: Host, outcome: Collection) -> None:
        """See `Sender`."""
        self._run.take(host.name, outcome)
        for number, answer in enumerate(outcome.answers, start=1):
            self._run.progress(CommandDone(answer, number, len(outcome.answers)))
        self._run.progress(RouterFinished(host.name, outcome.totals.seconds, outcome.failures.get(host.name)))

    def lose(self, host: Host, error: LostError) -> None:
        """See `Sender`."""
        self._leave(host.name, error.cause)
        failure = Failure(error.cause, f"{host.name}: {error.words}")
        self._run.failures[host.name] = failure
        self._run.progress(RouterFinished(host.name, 0.0, failure))

    def interrupt(self) -> None:
        """See `Sender`."""
        self._run.interrupt()
