"""Many questions at once: those about one gateway or circuit one after the other, everything else beside it.

Threads, since Nornir's runner beside it uses threads as well and a wait for Azure costs none of them anything.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure import failure
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Protocol, TypeAlias

    from pytest_azinterop.azure.client import Asked
    from pytest_azinterop.azure.request import Request

    Outcome: TypeAlias = Asked | UndeterminedError

    class Client(Protocol):
        """Who answers: Azure, files, a recording."""

        def log_in(self) -> None:
            """Be ready to ask; a refusal is told by every question."""

        def ask(self, request: Request) -> Asked:
            """Raises UndeterminedError."""

        def call_off(self) -> None:
            """End every wait."""


MAX_THREADS: Final = 48


def lanes(requests: Iterable[Request]) -> tuple[tuple[Request, ...], ...]:
    """Each question once, those that must wait for each other together; the longest chain comes first."""
    chains: dict[str, list[Request]] = {}
    for at, request in enumerate(dict.fromkeys(requests)):
        chains.setdefault(request.lane or f"#{at}", []).append(request)
    ordered = sorted(chains.values(), key=lambda chain: (-len(chain), not chain[0].operation.long_running))
    return tuple(tuple(chain) for chain in ordered)


def gather(
    client: Client,
    requests: Iterable[Request],
    *,
    on_answer: Callable[[Request, Outcome], None] | None = None,
    follow_up: Callable[[Request, Outcome], Iterable[Request]] | None = None,
    max_threads: int = MAX_THREADS,
) -> dict[Request, Outcome]:
    """Every question's answer, or why there is none. One that fails costs nobody else's.

    `on_answer` is called as each is known, from the thread that asked. `follow_up` says what an answer leads to: it is
    asked in the same chain, and must be about the same gateway or circuit. Behind a question that did not end in time
    the rest of its chain is not asked: each would wait as long for the same resource. Any other error ends the
    gathering and is raised.
    """
    chains = lanes(requests)
    found: dict[Request, Outcome] = {}
    if not chains:
        return found

    def run(chain: Sequence[Request]) -> None:
        waiting = deque(chain)
        held_by: Request | None = None
        while waiting:
            request = waiting.popleft()
            outcome: Outcome
            try:
                if held_by is not None:
                    raise failure.not_asked(request, held_by)
                outcome = client.ask(request)
            except UndeterminedError as problem:
                outcome = problem
                if problem.cause == failure.TIMEOUT:
                    held_by = held_by or request
            found[request] = outcome
            if on_answer is not None:
                on_answer(request, outcome)
            if follow_up is not None:
                further = (each for each in follow_up(request, outcome) if each.lane == request.lane)
                waiting.extend(each for each in further if each not in found and each not in waiting)

    client.log_in()
    with ThreadPoolExecutor(min(max_threads, len(chains)), thread_name_prefix="azure") as pool:
        running = [pool.submit(run, chain) for chain in chains]
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            client.call_off()
            raise
    return found
