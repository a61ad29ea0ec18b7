"""The runner that is used where the inventory names none: threads of this process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nornir.core.inventory import Host
    from nornir.core.task import AggregatedResult, Task


class ThreadsRunner:
    """See nornir's `RunnerPlugin`. An interruption comes through at once, also while threads are being started:
    nornir's own then waits for every host first."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once

    def run(self, task: Task, hosts: list[Host]) -> AggregatedResult:
        """Have the task done for every host. After an exception no host is begun any more; those that were go on."""
        from nornir.core.task import AggregatedResult

        result = AggregatedResult(task.name)
        pool = ThreadPoolExecutor(self._at_once)
        try:
            futures = [pool.submit(task.copy().start, host) for host in hosts]
            for host, future in zip(hosts, futures, strict=True):
                result[host.name] = future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        return result
