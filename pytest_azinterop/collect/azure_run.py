"""Asking Azure beside the routers: its answers as a collection has them. One resource's trouble costs its own facts."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.gather import gather
from pytest_azinterop.collect.answer import Answer, Collection, Failure, Totals
from pytest_azinterop.collect.azure_plan import longest_chain
from pytest_azinterop.collect.progress import AzureAnswered, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_azinterop.azure.request import Request
    from pytest_azinterop.collect.azure_plan import AzurePlan
    from pytest_azinterop.collect.progress import Progress
    from pytest_azinterop.errors import UndeterminedError


class Asker(Protocol):
    """A client of Azure, or a folder of its answers."""

    @property
    def sent(self) -> int:
        """Requests sent so far, polls included."""

    def log_in(self) -> None:
        """Be ready to ask; a refusal is told by every question."""

    def ask(self, request: Request) -> Asked:
        """The answer. Raises AzureError."""

    def call_off(self) -> None:
        """End every wait."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The asking that goes on; `result` waits for its end."""

    result: Callable[[], Collection]


@contextmanager
def beside(client: Asker, plan: AzurePlan, progress: Progress = silent) -> Iterator[Beside]:
    """Ask in another thread while the block runs; where the block ends in an exception, every wait is called off."""
    with ThreadPoolExecutor(1, thread_name_prefix="azure") as pool:
        going_on = pool.submit(collect, client, plan, progress)
        try:
            yield Beside(going_on.result)
        except BaseException:
            client.call_off()
            raise


def collect(client: Asker, plan: AzurePlan, progress: Progress = silent) -> Collection:
    """Every request of the plan once, and what they lead to; what Azure does not answer is in the collection too."""
    started = time.monotonic()
    answers: dict[Request, Answer] = {}

    def keep(request: Request, outcome: Asked | UndeterminedError) -> None:
        answers[request] = answer_of(request, outcome)
        progress(AzureAnswered(answers[request]))

    def follow_up(_: Request, outcome: Asked | UndeterminedError) -> tuple[Request, ...]:
        return plan.after(outcome) if isinstance(outcome, Asked) else ()

    gather(client, plan.requests, on_answer=keep, follow_up=follow_up)
    asked = [request for request in plan.requests if request in answers]
    asked += [request for request in answers if request not in plan.requests]
    totals = Totals(
        seconds=time.monotonic() - started,
        requests=client.sent,
        questions=len(asked),
        chain=longest_chain(asked),
    )
    return Collection(tuple(answers[request] for request in asked), {}, totals)


def follow_ups(plan: AzurePlan, answers: Iterable[Answer]) -> tuple[Request, ...]:
    """What the answers to a plan have led to."""
    by_place = {(answer.host, answer.command): answer for answer in answers}
    found: list[Request] = []
    for request in plan.requests:
        answer = by_place.get(place(request))
        if answer is not None and answer.text is not None and any(each.after == request for each in plan.later):
            with suppress(ValueError):
                document = json.loads(answer.text)
                found += plan.after(Asked(request, document, answer.asked_at, answer.seconds))
    return tuple(dict.fromkeys(found))


def answer_of(request: Request, outcome: Asked | UndeterminedError) -> Answer:
    """What came of a request, as it is kept: redacted JSON, or why there is none."""
    host, command = place(request)
    if isinstance(outcome, Asked):
        text = json.dumps(outcome.document, ensure_ascii=False, indent=1)
        return Answer(host, command, 0, outcome.asked_at, outcome.seconds, text=text)
    return Answer(host, command, 0, datetime.now(UTC), 0.0, failure=Failure(outcome.cause, outcome.message))


def place(request: Request) -> tuple[str, str]:
    """The two names under which an answer is kept: the resource's id, and the question about it."""
    return request.resource, str(request)
