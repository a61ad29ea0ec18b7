"""What routers answered, before any parser reads it: redacted text with its time, or why there is none.

Everything here can be written as JSON and read back, so that another process, or a later one, can read the same facts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_azinterop.errors import CommandFailedError, ConnectionFailedError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.plan import Sample

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: a stable cause code and a sentence for the terminal that names the router."""

    cause: str
    message: str

    def error(self, host: str, command: str | None) -> UndeterminedError:
        """A new exception of the fitting kind: without a command, the whole router could not be asked."""
        kind = ConnectionFailedError if command is None else CommandFailedError
        return kind(self.message, cause=self.cause, host=host, command=command)


@dataclass(frozen=True, slots=True)
class Answer:
    """One sending of a command: `text` as received and redacted, or the `failure`; exactly one of them is not None.

    `asked_at` is UTC by the collecting machine's clock, `seconds` the time until the answer was complete or given up.
    """

    host: str
    command: str
    sample: Sample
    asked_at: datetime
    seconds: float
    text: str | None = None
    failure: Failure | None = None

    def __post_init__(self) -> None:
        """Refuse an answer that says both or nothing."""
        if (self.text is None) == (self.failure is None):
            raise ValueError("an answer has either text or a failure")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a collection cost: `logins` that were tried, commands that were sent (session set-up left out), seconds.

    Of Azure: `questions` that were asked, `requests` that this took (polls and pages included), and the longest `chain`
    of operations that had to follow one another.
    """

    logins: int = 0
    commands: int = 0
    seconds: float = 0.0
    questions: int = 0
    requests: int = 0
    chain: int = 0

    def __add__(self, other: Totals) -> Totals:
        """What two rounds of a collection cost."""
        return Totals(
            self.logins + other.logins,
            self.commands + other.commands,
            self.seconds + other.seconds,
            self.questions + other.questions,
            self.requests + other.requests,
            max(self.chain, other.chain),
        )

    def beside(self, other: Totals) -> Totals:
        """What two parts of a collection cost that went on at the same time."""
        return replace(self + other, seconds=max(self.seconds, other.seconds))

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Totals:
        """What `to_json` wrote, also by a version that asked routers alone. Raises ValueError, KeyError, TypeError."""
        counts = {name: int(data.get(name, 0)) for name in ("questions", "requests", "chain")}
        return cls(int(data["logins"]), int(data["commands"]), float(data["seconds"]), **counts)


@dataclass(frozen=True, slots=True)
class Collection:
    """Every answer of a run, and the routers with which there was no session, or no longer one, and why.

    `began`: when the routers began to be asked (UTC, this machine's clock); None: not known.
    `records` are of facts whose answers were parsed where they arrived; they say nothing that the answers do not say,
    and are not written.
    """

    answers: tuple[Answer, ...] = ()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    totals: Totals = Totals()
    began: datetime | None = None
    records: Mapping[tuple[Fact, Sample], Sequence[Any]] = field(default_factory=dict, repr=False, compare=False)

    def beside(self, other: Collection) -> Collection:
        """Both, of parts that went on at the same time."""
        return Collection(
            (*self.answers, *other.answers),
            {**self.failures, **other.failures},
            self.totals.beside(other.totals),
            self.began or other.began,
            {**self.records, **other.records},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {
            "format": FORMAT,
            "answers": [_answer_to_json(answer) for answer in self.answers],
            "failures": {
                host: {"cause": failure.cause, "message": failure.message} for host, failure in self.failures.items()
            },
            "totals": self.totals.to_json(),
            "began": None if self.began is None else self.began.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Collection:
        """What `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        if data["format"] != FORMAT:
            raise ValueError(f"unknown format {data['format']!r}")
        return cls(
            answers=tuple(_answer_from_json(item) for item in data["answers"]),
            failures={host: Failure(**item) for host, item in data["failures"].items()},
            totals=Totals.from_json(data["totals"]),
            began=None if data.get("began") is None else datetime.fromisoformat(data["began"]),
        )


def _answer_to_json(answer: Answer) -> dict[str, Any]:
    failure = answer.failure
    return {
        "host": answer.host,
        "command": answer.command,
        "sample": answer.sample,
        "asked_at": answer.asked_at.isoformat(),
        "seconds": round(answer.seconds, 6),
        "text": answer.text,
        "failure": None if failure is None else {"cause": failure.cause, "message": failure.message},
    }


def _answer_from_json(item: Mapping[str, Any]) -> Answer:
    failure = item["failure"]
    return Answer(
        host=item["host"],
        command=item["command"],
        sample=item["sample"],
        asked_at=datetime.fromisoformat(item["asked_at"]),
        seconds=item["seconds"],
        text=item["text"],
        failure=None if failure is None else Failure(**failure),
    )
