"""What an operation of the catalogue is: its request, its parser, its record, and the right that it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Literal, cast
from urllib.parse import quote

from pytest_azinterop.azure.resource import safe_name, safe_subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.state.azure_source import AzureSource

IN_GROUP: Final = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/"
IN_SUBSCRIPTION: Final = "/subscriptions/{subscription}/providers/Microsoft.Network/"
_PARSERS: Final = "pytest_azinterop.azure.parsers"
_STATE: Final = "pytest_azinterop.state"
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_WORD: Final = re.compile(r"[A-Za-z0-9 ._-]{1,90}")


@dataclass(frozen=True, slots=True)
class Query:
    """One query parameter: its name on the wire, the parameter that gives it, and the values that it can have.

    `values` () means an IP address where `address` is set, else one plain word or place name.
    """

    wire: str
    parameter: str
    values: tuple[str, ...] = ()
    required: bool = True
    address: bool = False

    def render(self, value: str) -> str:
        """The value to send; raises ValueError for one that it cannot have."""
        if self.values:
            for known in self.values:
                if known.casefold() == value.casefold():
                    return known
            raise ValueError(f"{self.parameter} is one of {', '.join(self.values)}, not {value[:40]!r}")
        if self.address:
            return str(ip_address(value))
        if not _WORD.fullmatch(value):
            raise ValueError(f"not a valid {self.parameter}: {value[:80]!r}")
        return value


@dataclass(frozen=True, slots=True)
class Operation:
    """One question to Azure Resource Manager.

    `path` is the address with its parameters; `action` is the right (of a role) that the question takes; `lane`: the
    gateway or circuit that the path names answers one long-running operation at a time. `body` names the function that
    makes the JSON of a POST; `passes` the parameters that the parser needs, by the parser's name for them. `spellings`
    are other names under which people know the operation.
    """

    name: str
    verb: Literal["GET", "POST"]
    path: str
    action: str
    parser: str
    record: str
    reads: str
    api_version: str = "2024-05-01"
    query: tuple[Query, ...] = ()
    body: str | None = None
    lane: bool = False
    passes: tuple[tuple[str, str], ...] = ()
    spellings: tuple[str, ...] = field(default=())

    @property
    def long_running(self) -> bool:
        """Azure may answer later: every POST that we send."""
        return self.verb == "POST"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of the path, in order."""
        return tuple(_PARAMETER.findall(self.path))

    def render_path(self, given: Mapping[str, str]) -> str:
        """The path to ask. Raises ValueError for a parameter that is missing or not one safe path segment."""
        missing = [name for name in self.parameters if name not in given]
        if missing:
            raise ValueError(f"{self.name} needs {', '.join(missing)}")
        return _PARAMETER.sub(lambda found: quote(_segment(found[1], given[found[1]]), safe="()"), self.path)

    def render_query(self, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The query besides `api-version`. Raises ValueError."""
        rendered = []
        for query in self.query:
            if query.parameter in given:
                rendered.append((query.wire, query.render(given[query.parameter])))
            elif query.required:
                raise ValueError(f"{self.name} needs {query.parameter}")
        return tuple(rendered)

    def render_body(self, given: Mapping[str, str]) -> dict[str, object] | None:
        """The JSON to send, None for none. Raises ValueError."""
        if self.body is None:
            return None
        make = cast("Callable[[Mapping[str, str]], dict[str, object]]", _resolve(f"pytest_azinterop.azure.{self.body}"))
        return make(given)

    def check_passed(self, given: Mapping[str, str]) -> None:
        """Raises ValueError for a value that a parameter of the parser cannot have."""
        for name, value in given.items():
            queries = [query for query in self.query if query.parameter == name]
            _ = queries[0].render(value) if queries else _segment(name, value)

    def record_type(self) -> type:
        """The class of the records that the parser returns."""
        return cast("type", _resolve(f"{_STATE}.{self.record}"))

    def read(
        self, document: object, source: AzureSource, parameters: Mapping[str, str] | None = None
    ) -> Reading[object]:
        """Parse an answer. Raises ParseError."""
        given = parameters or {}
        arguments = {argument: given[name] for name, argument in self.passes if name in given}
        parse = cast("Callable[..., Reading[object]]", _resolve(f"{_PARSERS}.{self.parser}"))
        return parse(document, source, **arguments)


def _segment(parameter: str, value: str) -> str:
    if parameter == "subscription":
        return safe_subscription(value)
    if parameter == "path" and value not in {"primary", "secondary"}:
        raise ValueError(f"path is primary or secondary, not {value[:40]!r}")
    return safe_name(value)


def _resolve(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
