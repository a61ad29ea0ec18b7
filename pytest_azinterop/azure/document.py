"""Strict reading of one JSON object of Azure: every field is asked for by name, and what nobody asked for is kept.

Names are compared without case, as Azure does. A resource reads the same as Azure Resource Manager sends it (with
`properties`) and as `az … -o json` prints it (without). A required field that is missing, `null`, empty or of another
type raises ParseError with its path; each of the four is told apart. An optional field is None when it is missing,
`null` or an empty text: Azure writes absence in all three ways.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from pytest_azinterop.azure import values
from pytest_azinterop.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from pytest_azinterop.azure.values import Address, Prefix
    from pytest_azinterop.state.azure_source import AzureSource

CAUSE: Final = "azure-not-understood"
CUT_OFF: Final = "azure-cut-off"
ValueT = TypeVar("ValueT")

_SHOWN = 120


def refuse(message: str, source: AzureSource, *, path: str, value: object = None, cause: str = CAUSE) -> NoReturn:
    """Raise ParseError about one place of an answer."""
    shown = None if value is None else shortened(value)
    where = path or "the answer"
    raise ParseError(
        f"{where} {message}" + ("" if shown is None else f": {shown}"),
        line=shown,
        cause=cause,
        host=source.host,
        command=source.command,
    )


def shortened(value: object) -> str:
    """JSON on one line, bounded, non-ASCII escaped: the text is the service's and may be anything."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def kind_of(value: object) -> str:
    """What a JSON value is, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "a number"


class Fields:
    """One JSON object, read field by field."""

    def __init__(self, value: object, path: str, source: AzureSource) -> None:
        """Raises ParseError for anything but an object, or for one whose names differ in nothing but case."""
        if not isinstance(value, dict):
            refuse(f"is {kind_of(value)}, expected an object", source, path=path)
        self.path = path
        self.source = source.within(path)
        self._values: dict[str, tuple[str, object]] = {}
        self._used: set[str] = set()
        self._inner: list[Fields] = []
        self._missing_in = path
        self._take(value, path)

    def _take(self, value: dict[str, object], path: str) -> None:
        for name, field in value.items():
            key = name.casefold()
            if key in self._values:
                refuse(f"has the field {shortened(name)} twice", self.source, path=path)
            self._values[key] = (f"{path}.{name}" if path else name, field)

    def as_resource(self) -> Fields:
        """Look into `properties` as well, where there is one (the command-line client takes it apart)."""
        if "properties" in self._values:
            where, properties = self._values.pop("properties")
            if not isinstance(properties, dict):
                refuse(f"is {kind_of(properties)}, expected an object", self.source, path=where)
            self._missing_in = where
            outer = dict(self._values)
            self._values = {}
            self._take(properties, where)
            # A name that stands in both is the resource's own (`id`, `name`, `type`).
            self._values.update(outer)
        return self

    def has(self, name: str) -> bool:
        """The field is there, whatever its value."""
        return name.casefold() in self._values

    def ignore(self, *names: str) -> None:
        """Fields that say nothing about the network."""
        self._used.update(name.casefold() for name in names)

    def unread(self) -> tuple[str, ...]:
        """`path: value` of every field that nobody asked for, here and below; values are bounded."""
        own = (
            f"{where}: {shortened(value)}"
            for key, (where, value) in self._values.items()
            if key not in self._used and value is not None
        )
        return (*own, *(line for inner in self._inner for line in inner.unread()))

    # -- values -----------------------------------------------------------------------------------------------------

    def _find(self, name: str) -> tuple[str, object] | None:
        self._used.add(name.casefold())
        return self._values.get(name.casefold())

    def _optional(self, name: str) -> tuple[str, object] | None:
        found = self._find(name)
        return None if found is None or found[1] is None or found[1] == "" else found

    def _required(self, name: str) -> tuple[str, object]:
        found = self._find(name)
        if found is None:
            refuse("is missing", self.source, path=self._at(name))
        if found[1] is None:
            refuse("is null", self.source, path=found[0])
        if found[1] == "":
            refuse("is empty", self.source, path=found[0])
        return found

    def _at(self, name: str) -> str:
        return f"{self._missing_in}.{name}" if self._missing_in else name

    def _read(self, found: tuple[str, object], read: Callable[[object], ValueT], expected: str) -> ValueT:
        where, value = found
        try:
            return read(value)
        except (ValueError, TypeError, OverflowError):
            refuse(f"is not {expected}", self.source, path=where, value=value)

    def get(self, name: str, read: Callable[[object], ValueT], expected: str) -> ValueT:
        """A required field, made a value by `read` (which raises ValueError)."""
        return self._read(self._required(name), read, expected)

    def get_or_none(self, name: str, read: Callable[[object], ValueT], expected: str) -> ValueT | None:
        """An optional field; malformed still raises."""
        found = self._optional(name)
        return None if found is None else self._read(found, read, expected)

    def text(self, name: str) -> str:
        """A required text."""
        return self.get(name, values.as_text, "a text")

    def text_or_none(self, name: str) -> str | None:
        """An optional text."""
        return self.get_or_none(name, values.as_text, "a text")

    def get_blank(self, name: str, read: Callable[[object], ValueT], expected: str) -> ValueT:
        """A field that must be there and may be empty: emptiness says something (the AS path of the VNet's own)."""
        found = self._find(name)
        if found is None:
            refuse("is missing", self.source, path=self._at(name))
        if found[1] is None:
            refuse("is null", self.source, path=found[0])
        return self._read(found, read, expected)

    def integer(self, name: str) -> int:
        """A required whole number of 0 or more; digits as text count."""
        return self.get(name, values.as_integer, "a whole number")

    def integer_or_none(self, name: str) -> int | None:
        """An optional whole number."""
        return self.get_or_none(name, values.as_integer, "a whole number")

    def number_or_none(self, name: str) -> float | None:
        """An optional number."""
        return self.get_or_none(name, values.as_float, "a number")

    def flag_or_none(self, name: str) -> bool | None:
        """An optional true or false."""
        return self.get_or_none(name, values.as_flag, "true or false")

    def address(self, name: str) -> Address:
        """A required IP address."""
        return self.get(name, values.as_address, "an IP address")

    def address_or_none(self, name: str) -> Address | None:
        """An optional IP address."""
        return self.get_or_none(name, values.as_address, "an IP address")

    def prefix(self, name: str) -> Prefix:
        """A required prefix."""
        return self.get(name, values.as_prefix, "a prefix")

    def duration_or_none(self, name: str) -> timedelta | None:
        """An optional .NET TimeSpan (`3.03:14:13.1796961`)."""
        return self.get_or_none(name, values.timespan, "a duration such as 3.03:14:13")

    def moment_or_none(self, name: str) -> datetime | None:
        """An optional time in UTC, in ISO 8601 or as Azure's older services print it."""
        return self.get_or_none(name, values.moment, "a time")

    # -- structures -------------------------------------------------------------------------------------------------

    def child(self, name: str) -> Fields:
        """A required object."""
        return self._child(*self._required(name))

    def child_or_none(self, name: str) -> Fields | None:
        """An optional object."""
        found = self._optional(name)
        return None if found is None else self._child(*found)

    def reference(self, name: str) -> str:
        """The id in a required `{"id": …}`."""
        return self.child(name).identity()

    def reference_or_none(self, name: str) -> str | None:
        """The id in an optional `{"id": …}`."""
        child = self.child_or_none(name)
        return None if child is None else child.identity()

    def identity(self) -> str:
        """The id of this object, of which nothing else is wanted: Azure embeds whole resources where one is meant."""
        self.ignore(*self._values)
        return self.text("id")

    def _child(self, where: str, value: object) -> Fields:
        inner = Fields(value, where, self.source)
        self._inner.append(inner)
        return inner

    def rows(self, name: str) -> tuple[Fields, ...]:
        """A required list of objects, which may be empty."""
        return self._rows(*self._required(name))

    def rows_or_none(self, name: str) -> tuple[Fields, ...] | None:
        """An optional list of objects: None is not told, () is none."""
        found = self._optional(name)
        return None if found is None else self._rows(*found)

    def each_row(self, name: str, read: Callable[[Fields], ValueT]) -> tuple[ValueT, ...] | None:
        """An optional list of objects, each made a value."""
        rows = self.rows_or_none(name)
        return None if rows is None else tuple(read(row) for row in rows)

    def _rows(self, where: str, value: object) -> tuple[Fields, ...]:
        return tuple(self._child(f"{where}[{at}]", item) for at, item in enumerate(self._list(where, value)))

    def _list(self, where: str, value: object) -> list[object]:
        if not isinstance(value, list):
            refuse(f"is {kind_of(value)}, expected a list", self.source, path=where, value=value)
        return value

    def each(self, name: str, read: Callable[[object], ValueT], expected: str) -> tuple[ValueT, ...]:
        """A required list of plain values, which may be empty."""
        return self._each(self._required(name), read, expected)

    def each_or_none(self, name: str, read: Callable[[object], ValueT], expected: str) -> tuple[ValueT, ...] | None:
        """An optional list of plain values: None is not told, () is none."""
        found = self._optional(name)
        return None if found is None else self._each(found, read, expected)

    def _each(self, found: tuple[str, object], read: Callable[[object], ValueT], expected: str) -> tuple[ValueT, ...]:
        where, value = found
        return tuple(
            self._read((f"{where}[{at}]", item), read, expected) for at, item in enumerate(self._list(where, value))
        )

    def texts_or_none(self, name: str) -> tuple[str, ...] | None:
        """An optional list of texts."""
        return self.each_or_none(name, values.as_filled, "a text")

    def texts(self, name: str) -> tuple[str, ...]:
        """A required list of texts."""
        return self.each(name, values.as_filled, "a text")

    def addresses_or_none(self, name: str) -> tuple[Address, ...] | None:
        """An optional list of addresses."""
        return self.each_or_none(name, values.as_address, "an IP address")

    def prefixes_or_none(self, name: str) -> tuple[Prefix, ...] | None:
        """An optional list of prefixes."""
        return self.each_or_none(name, values.as_prefix, "a prefix")

    def entries(self, name: str) -> tuple[tuple[str, str, object], ...]:
        """The `(key, path, value)` of a required object whose names are data."""
        where, value = self._required(name)
        if not isinstance(value, dict):
            refuse(f"is {kind_of(value)}, expected an object", self.source, path=where)
        return tuple((key, f"{where}[{shortened(key)}]", item) for key, item in value.items())

    def embedded(self, value: object, path: str) -> Fields:
        """An object found by `entries`."""
        return self._child(path, value)


def table(document: object, source: AzureSource) -> tuple[Fields, ...]:
    """The rows of a list answer: `{"value": […]}` as the service sends it, or the bare list as some clients have it.

    A list that goes on (`nextLink`) is cut off: whoever asked has to join the pages before.
    """
    if isinstance(document, list):
        return tuple(Fields(item, f"[{at}]", source) for at, item in enumerate(document))
    if document is None:
        refuse("is null: the service answered nothing, which does not say that there is nothing", source, path="")
    fields = Fields(document, "", source)
    fields.ignore("nextLink")
    if fields.text_or_none("nextLink") is not None:
        refuse("shows that the list goes on, and the rest is not here", source, path="nextLink", cause=CUT_OFF)
    return fields.rows("value")


def unread_beside(document: object) -> tuple[str, ...]:
    """What stands beside the `value` of a list answer."""
    if not isinstance(document, dict):
        return ()
    return tuple(
        f"{name}: {shortened(value)}"
        for name, value in document.items()
        if name.casefold() not in {"value", "nextlink"} and value is not None
    )


def prefixes_of(space: Fields | None) -> tuple[Prefix, ...] | None:
    """The prefixes of an `addressSpace`; None where it is not told."""
    if space is None:
        return None
    space.ignore("ipamPoolPrefixAllocations")
    return space.prefixes_or_none("addressPrefixes")
