"""Who may be changing the configuration: the rollback timer, the configuration lock, NETCONF sessions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.operations import ConfigurationLock, ConfigurationSession, NetconfSession, RollbackTimer

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_NONE_PENDING = re.compile(r"%\s*No Rollback Confirmed Change pending\.?")
_TIMER = {
    "set_at": re.compile(r"Time configured ?\(or reconfigured\): (\S.*)"),
    "kind": re.compile(r"Timer type: (absolute|idle) timer"),
    "minutes": re.compile(r"Timer value: (\d+) min(?:ute)?s?"),
    "user": re.compile(r"User: (\S.*)"),
}
_TITLE = re.compile(r"(Config Session|Parser Configure) Lock")
_RULE = re.compile(r"-{5,}")
_PAIR = re.compile(r"(?P<name>[A-Z][\w ()]*?)\s*:\s*(?P<value>.*)")
_NO_SESSION = re.compile(r"There are no active sessions")
_COUNT = re.compile(r"Number of sessions\s*:\s*(\d+)")
_LEGEND = re.compile(r"[RCS]: Global-lock on (?:running|candidate|startup) datastore")
_HEADER = re.compile(r"session-id\s+transport\s+username\s+source-host\s+global-lock")
_SESSION = re.compile(r"(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)")


def parse_timer(text: str, source: Source) -> Parsed[RollbackTimer]:
    """One record. Nothing is pending only where the router says so; a pending one has all four lines.

    Cisco, Configuration Rollback Confirmed Change.
    """
    lines = lines_of(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    if len(content) == 1 and _NONE_PENDING.fullmatch(content[0][1]):
        return Parsed((RollbackTimer(False, source=source.at(content[0][0] + 1)),))
    said: dict[str, str] = {}
    for index, words in content:
        name, found = next(
            ((name, found) for name, pattern in _TIMER.items() if (found := pattern.fullmatch(words))), ("", None)
        )
        if found is None or name in said:
            raise not_understood(lines, index, source, "not a line of a rollback timer")
        said[name] = found[1]
    if said.keys() != _TIMER.keys():
        raise not_understood(lines, None, source, "the rollback timer is told in part", cause="cut-off")
    record = RollbackTimer(
        pending=True,
        set_at=said["set_at"],
        idle=said["kind"] == "idle",
        minutes=int(said["minutes"]),
        user=said["user"],
        source=source.at(content[0][0] + 1, content[-1][0] + 1),
    )
    return Parsed((record,))


def parse_lock(text: str, source: Source) -> Parsed[ConfigurationLock]:
    """One record. The block of the exclusive lock is always there, and comes last; its `State` is required."""
    lines = lines_of(text, source)
    blocks: list[tuple[str, list[tuple[str, str]]]] = []
    unread: list[str] = []
    for index, line in enumerate(lines):
        words = line.strip()
        if not words or _RULE.fullmatch(words):
            continue
        if title := _TITLE.fullmatch(words):
            blocks.append((title[1], []))
        elif blocks and (pair := _PAIR.fullmatch(words)):
            blocks[-1][1].append((pair["name"].lower(), pair["value"].strip()))
        else:
            raise not_understood(lines, index, source, "not a line of the configuration lock")
    if not blocks or blocks[-1][0] != "Parser Configure":
        raise not_understood(lines, None, source, "the exclusive lock is not told", cause="cut-off")
    lock = dict(blocks[-1][1])
    state, last = lock.get("state"), lock.get("lock expiration timer (in sec)")
    if state is None or last is None:
        raise not_understood(lines, None, source, "the exclusive lock is told in part", cause="cut-off")
    if state not in ("FREE", "LOCKED"):
        raise not_understood(lines, None, source, f"a state of the lock that is not known: {state[:40]}")
    sessions = [each for name, pairs in blocks if name == "Config Session" for each in _sessions(pairs, lines, source)]
    exclusive = None if state == "FREE" else lock.get("user", "")
    return Parsed((ConfigurationLock(tuple(sessions), exclusive, source=source),), tuple(unread))


def _sessions(pairs: list[tuple[str, str]], lines: list[str], source: Source) -> list[ConfigurationSession]:
    """A session begins with its process and has terminal, user and time."""
    each: list[dict[str, str]] = []
    for name, value in pairs:
        if name == "owner pid":
            each.append({})
        if not each:
            raise not_understood(lines, None, source, "a configuration session without its process")
        each[-1][name] = value
    try:
        return [
            ConfigurationSession(
                user=known["tty username"],
                line=int(known["tty number"]),
                seconds=int(known["lock active time (in sec)"]),
            )
            for known in each
        ]
    except (KeyError, ValueError):
        raise not_understood(lines, None, source, "a configuration session is told in part") from None


def parse_netconf(text: str, source: Source) -> Parsed[NetconfSession]:
    """A record per session; none only where the router says so. The number of sessions must agree with the rows."""
    lines = lines_of(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    if len(content) == 1 and _NO_SESSION.fullmatch(content[0][1]):
        return Parsed(())
    records: list[NetconfSession] = []
    count: int | None = None
    header = False
    for index, words in content:
        if found := _COUNT.fullmatch(words):
            count = int(found[1])
        elif _HEADER.fullmatch(words):
            header = True
        elif header and (row := _SESSION.fullmatch(words)):
            lock = None if row[5] == "None" else row[5]
            records.append(NetconfSession(int(row[1]), row[2], row[3], row[4], lock, source=source.at(index + 1)))
        elif not _LEGEND.fullmatch(words) and not _RULE.fullmatch(words):
            raise not_understood(lines, index, source, "not a row of the NETCONF sessions")
    if count is None or count != len(records):
        raise not_understood(lines, None, source, f"{len(records)} rows of {count} sessions", cause="cut-off")
    return Parsed(tuple(records))
