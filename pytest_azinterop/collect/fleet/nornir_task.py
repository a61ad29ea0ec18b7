"""Any Nornir task as an errand: task, host and the inventory around it go to the worker, the result comes back."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nornir.core.inventory import Host
    from nornir.core.task import MultiResult, Result, Task

    from pytest_azinterop.collect.fleet.errand import Line, LostError

BLOCK = "azinterop"


@dataclass(frozen=True, slots=True)
class TaskErrand:
    """A task for one host. Processors and runner stay behind, and of the configuration what concerns the inventory.

    `ssh_config` None: the one that the worker's user has.
    """

    task: Task
    host: Host
    ssh_config: str | None

    def __call__(self, line: Line) -> MultiResult:
        """Nornir's result; its exceptions are in it. The connections that the task opened are closed."""
        import cloudpickle
        from nornir.core.configuration import SSHConfig
        from nornir.core.plugins.connections import ConnectionPluginRegister

        del line
        self.task.nornir.config.ssh = SSHConfig(self.ssh_config)
        ConnectionPluginRegister.auto_register()
        try:
            results = self.task.start(self.host)
        finally:
            self.host.close_connections()
        for each in results:
            each.host = None
            if each.exception is not None and not _is_picklable(each.exception, cloudpickle):
                each.exception = RuntimeError(f"{type(each.exception).__name__} (the text is in the result)")
        return results


def _is_picklable(value: object, pickling: Any) -> bool:  # noqa: ANN401 (a module)
    try:
        pickling.loads(pickling.dumps(value))
    except Exception:  # noqa: BLE001 (a foreign exception's own pickling can raise anything)
        return False
    return True


class NornirTasks:
    """The `Sender` of a task that knows nothing of workers."""

    attempts = 2

    def __init__(self, task: Task, at_once: int) -> None:
        self.at_once = at_once
        self._task = task

    def worker(self, host: Host) -> str | None:
        """From the block `azinterop` of the host's data, or that of the nearest group."""
        block = host.get(BLOCK) or {}
        return None if block.get("worker") is None else str(block["worker"])

    def turn(self, host: Host) -> AbstractContextManager[object]:
        """At once."""
        del host
        return nullcontext()

    def errand(self, host: Host) -> TaskErrand:
        """See `TaskErrand`."""
        from nornir.core import Nornir
        from nornir.core.configuration import DEFAULT_SSH_CONFIG, Config
        from nornir.core.inventory import Hosts, Inventory
        from nornir.core.processor import Processors
        from nornir.core.task import Task

        task, whole = self._task, self._task.nornir
        alone = Inventory(Hosts({host.name: host}), whole.inventory.groups, whole.inventory.defaults)
        known = whole.config
        nornir = Nornir(alone, config=Config(core=known.core, user_defined=known.user_defined))
        sent = Task(
            task.task,
            nornir,
            task.global_dry_run,
            Processors([]),
            task.name,
            task.severity_level,
            None,
            **task.params,
        )
        file = known.ssh.config_file
        return TaskErrand(sent, host, None if file == DEFAULT_SSH_CONFIG else file)

    def hear(self, host: Host, message: object) -> object:
        """Such a task says nothing."""
        del host, message
        return None

    def forget(self, host: Host) -> None:
        """Nothing is held for it."""

    def take(self, host: Host, outcome: MultiResult) -> MultiResult:
        """The result, of this process's host."""
        for each in outcome:
            each.host = host
        return outcome

    def lose(self, host: Host, error: LostError) -> MultiResult:
        """A failed result."""
        from nornir.core.task import Result

        lost = Result(host, result=f"{host.name}: {error.words}", failed=True, exception=error)
        return named(lost, self._task.name)

    def interrupt(self) -> None:
        """Nobody waits here."""


def named(result: Result, name: str) -> MultiResult:
    """What Nornir makes of the one result of a task."""
    from nornir.core.task import MultiResult

    setattr(result, "name", name)  # noqa: B010 (Nornir declares it as None)
    results = MultiResult(name)
    results.append(result)
    return results
