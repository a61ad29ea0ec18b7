"""What a judgement looks at: the fields of records that it reads, by the answer that each was read from.

A change of an answer matters to a judgement if a field that it read in health is gone or has another value.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_azinterop import state
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ORIGIN = "source"
Spot = tuple[str, str, tuple[int, int] | None, str, str]
"""Router and command (or resource and question), lines or place in the JSON, and the record's type."""
Looks = dict[tuple[Spot, str], Any]
"""Per place and field the value that was read."""


def spot(record: Any) -> Spot:
    """Which record this is, whatever its values are."""
    source = record.source
    return source.host, source.command, source.lines, getattr(source, "json_path", ""), type(record).__name__


@contextmanager
def watched(seen: Looks) -> Iterator[None]:
    """Within this block each read of a record's field is noted in `seen`."""
    kept = {record: record.__dict__.get("__getattribute__") for record in _records()}
    for record in kept:
        _watch(record, seen)
    try:
        yield
    finally:
        for record, own in kept.items():
            if own is None:
                del record.__getattribute__
            else:
                record.__getattribute__ = own


def matters(looks: Looks, of: tuple[str, str], records: Iterable[Any]) -> bool:
    """Whether anything that was looked at in an answer is not so in these records of it."""
    there = {spot(record): record for record in _every(records)}
    for (where, name), value in looks.items():
        if where[:2] == of and (where not in there or _plain(getattr(there[where], name)) != _plain(value)):
            return True
    return False


def _plain(value: Any) -> Any:
    """A value in which each record inside is no more than where it stands: what it holds is looked at by itself."""
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return spot(value) if dataclasses.is_dataclass(value) and hasattr(value, ORIGIN) else value


def _every(value: Any) -> Iterator[Any]:
    """The records, and those inside of them."""
    if isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from _every(each)
    elif dataclasses.is_dataclass(value) and not isinstance(value, (type, Source)):
        if hasattr(value, ORIGIN):
            yield value
        for field in dataclasses.fields(value):
            yield from _every(getattr(value, field.name))


def _watch(record: type[Any], seen: Looks) -> None:
    fields = {field.name for field in dataclasses.fields(record)} - {ORIGIN}
    plain = record.__getattribute__

    def noted(instance: object, name: str) -> object:
        found = plain(instance, name)
        if name in fields:
            source = plain(instance, ORIGIN)
            place = (source.host, source.command, source.lines, getattr(source, "json_path", ""), record.__name__)
            seen[place, name] = found
        return found

    record.__getattribute__ = noted


def _records() -> list[type[Any]]:
    """Every record type of `state` that says where it was read."""
    for module in pkgutil.walk_packages(state.__path__, f"{state.__name__}."):
        importlib.import_module(module.name)
    return [
        each
        for name, module in sorted(sys.modules.items())
        if name.startswith(f"{state.__name__}.")
        for each in vars(module).values()
        if isinstance(each, type)
        and dataclasses.is_dataclass(each)
        and each.__module__ == name
        and not issubclass(each, Source)
        and any(field.name == ORIGIN for field in dataclasses.fields(each))
    ]
