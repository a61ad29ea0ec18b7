"""What a probe makes of each answer: authorised, read, and what was left unread. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.contact.tables import Known
from pytest_azinterop.errors import ParseError, UndeterminedError
from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.state.config import ConfigLine
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.store import FactStore

FULL_PRIVILEGE = 15
# Refusals that say something about the router, and nothing about the account or the release.
STATEMENTS: Final = frozenset(
    {"feature-off", "soft-reconfiguration-off", "no-such-vrf", "no-such-neighbor", "no-such-interface"}
)
REFUSED: Final = frozenset({"not-authorised", "not-allowed"})
UNKNOWN: Final = "rejected"  # to this release, or to this privilege level: IOS hides commands that are above it
NOT_READ: Final = "not-understood"


@dataclass(frozen=True, slots=True)
class Row:
    """One command. `cause` None: read into `rows` rows, with the `unread` lines that no record accounts for.

    What a table has by rows, a configuration by lines and anything else by blocks counts as rows.

    `size` in bytes, `seconds` until the answer was complete; `detail` is the line that was refused or not understood.
    """

    command: str
    cause: str | None
    rows: int
    unread: tuple[str, ...]
    size: int
    seconds: float
    detail: str | None = None

    @property
    def authorised(self) -> bool | None:
        """Whether the account may ask this; None: it cannot be told, the router gave no whole answer."""
        if self.cause is None or self.cause in STATEMENTS or self.cause == NOT_READ:
            return True
        return False if self.cause in REFUSED else None

    @property
    def parsed(self) -> bool | None:
        """Whether the answer was read; None: there was nothing to read."""
        if self.cause is None:
            return True
        return False if self.cause == NOT_READ else None

    @property
    def is_fine(self) -> bool:
        """Read, or the router said that there is no such thing."""
        return self.cause is None or self.cause in STATEMENTS


def rows(plan: Plan, answers: Sequence[Answer]) -> tuple[Row, ...]:
    """A row per command of the plan that was answered, in the order of the plan."""
    given = {(answer.host, answer.command): answer for answer in answers}
    return tuple(
        _row(command.facts[0], given[router.host, command.text])
        for router in plan.routers
        for command in router.commands
        if (router.host, command.text) in given
    )


def _row(fact: Fact, answer: Answer) -> Row:
    size = len((answer.text or "").encode("utf-8", "surrogatepass"))
    if answer.failure is not None:
        return Row(answer.command, answer.failure.cause, 0, (), size, answer.seconds, answer.failure.message)
    source = Source(answer.host, answer.command, answer.asked_at)
    try:
        parsed = COMMANDS[fact.kind].read(answer.text or "", source, dict(fact.parameters))
    except UndeterminedError as error:
        line = getattr(error, "line", None)
        number = error.line_number if isinstance(error, ParseError) else None
        where = f"line {number}: " if number is not None else ""
        return Row(answer.command, error.cause, 0, (), size, answer.seconds, f"{where}{line or error.message}")
    except Exception as error:  # noqa: BLE001 (a parser's defect is what a probe is there to find)
        words = f"the parser failed with {type(error).__name__}"
        return Row(answer.command, NOT_READ, 0, (), size, answer.seconds, words)
    unread = (*parsed.unread, *(line for record in parsed.records for line in _unread(record)))
    return Row(answer.command, None, sum(map(_rows, parsed.records)), unread, size, answer.seconds)


# The field of a record that holds its rows, where a record is a whole table.
TABLES: Final[Mapping[str, str]] = {
    "BgpPrefix": "paths",
    "BgpSummary": "neighbors",
    "BgpTable": "paths",
    "ConfigDifferences": "differences",
    "ConfigurationLock": "sessions",
    "InstallSummary": "packages",
    "LogBuffer": "messages",
    "NeighborRoutes": "paths",
    "OspfDatabase": "externals",
    "PrefixList": "entries",
    "RouteMap": "entries",
    "RoutingTable": "routes",
    "RunningConfig": "lines",
    "TraceResult": "hops",
}


def _inner(record: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 (records of any kind)
    """The rows of a table; None: the record is one itself."""
    field = TABLES.get(type(record).__name__)
    return None if field is None else tuple(getattr(record, field))


def _rows(record: Any) -> int:  # noqa: ANN401 (records of any kind)
    inner = _inner(record)
    if inner is None:
        return 1
    return sum(len(tuple(each.walk())) if isinstance(each, ConfigLine) else 1 for each in inner)


def _unread(record: Any) -> Iterator[str]:  # noqa: ANN401 (records of any kind)
    yield from getattr(record, "unread", ())
    for each in _inner(record) or ():
        yield from getattr(each, "unread", ())


def not_seen(host: str, facts: FactStore, found: Sequence[Row]) -> tuple[str, ...]:
    """What the account may not see, in words; each of these makes the picture incomplete."""
    return (*_privilege(Known(host, facts)), *_hidden(Known(host, facts)), *_refused(found))


def _privilege(known: Known) -> Iterator[str]:
    privilege = known.first("privilege")
    if privilege is None:
        yield "the account's privilege level is not known, so no line counts as absent from the configuration"
    elif privilege.level < FULL_PRIVILEGE:
        yield f"the account has privilege {privilege.level}: `show running-config` leaves out what it may not see"


def _hidden(known: Known) -> Iterator[str]:
    """Objects that other answers show and the configuration does not."""
    config = known.config
    if config is None:
        yield "the configuration cannot be read"
        return
    if not config.whole:
        yield "the configuration is not whole: its beginning or its `end` is missing"
    lacking = sorted({vrf.name for vrf in known.vrfs} - {vrf.name for vrf in config.vrfs})
    if lacking:
        yield f"in `show vrf` and not in the configuration: {', '.join(lacking)}"
    configured = {(entry.vrf, entry.address) for entry in config.bgp.neighbors} if config.bgp is not None else set()
    missing = [
        f"{neighbor.address}"
        for vrf in known.bgp_tables()
        for neighbor in known.neighbors(vrf)
        if (vrf, neighbor.address) not in configured
    ]
    if missing:
        yield f"BGP neighbors that the configuration does not show: {', '.join(missing)}"


def _refused(found: Sequence[Row]) -> Iterator[str]:
    for words, these in (
        ("what it is not authorised for", [row for row in found if row.authorised is False]),
        ("what its privilege level or this release does not know", [row for row in found if row.cause == UNKNOWN]),
    ):
        if these:
            yield f"{words}: {'; '.join(row.command for row in these)}"
