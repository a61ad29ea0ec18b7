"""One question about one resource, ready to be sent: what the plan counts and what an answer belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Self, cast

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.state.azure_source import AzureSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pytest_azinterop.azure.operation import Operation
    from pytest_azinterop.azure.resource import ResourceId

_PROVIDER = "/providers/microsoft.network/"


@dataclass(frozen=True)
class Request:
    """Operation and parameters; two equal requests are one question.

    Raises ValueError where a parameter is missing, unknown or unsafe.
    """

    operation_name: str
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, operation_name: str, **parameters: str | None) -> Self:
        """A request from keyword parameters; those that are None do not count."""
        given = tuple(sorted((name, value) for name, value in parameters.items() if value is not None))
        return cast("Self", _made(cls, operation_name, given))  # type: ignore[arg-type]  # hashable it is

    @classmethod
    def about(cls, operation_name: str, resource: ResourceId, **parameters: str | None) -> Request:
        """A request about a resource that is named by its id. Raises ValueError for a resource of another type."""
        if operation_name not in OPERATIONS:
            raise ValueError(f"no operation {operation_name[:80]!r}")
        template = OPERATIONS[operation_name].path.partition("/providers/Microsoft.Network/")[2].split("/")
        named: dict[str, str | None] = {}
        for at, (kind, name) in enumerate(zip(resource.types, resource.names, strict=True)):
            place = template[2 * at : 2 * at + 2]
            if len(place) != 2 or place[0].casefold() != kind.casefold() or not place[1].startswith("{"):
                raise ValueError(f"{operation_name} is not about {resource.short}")
            named[place[1][1:-1]] = name
        return cls.of(operation_name, subscription=resource.subscription, group=resource.group, **named, **parameters)

    def __post_init__(self) -> None:
        """Check everything now: nothing half-made is ever planned."""
        if self.operation_name not in OPERATIONS:
            raise ValueError(f"no operation {self.operation_name[:80]!r}")
        known = {*self.operation.parameters, *(query.parameter for query in self.operation.query)}
        if self.operation.body is None and (unknown := self.given.keys() - known):
            raise ValueError(f"{self.operation_name} takes no {', '.join(sorted(unknown))}")
        _ = self.path, self.query, self.body

    @property
    def operation(self) -> Operation:
        """The entry of the catalogue."""
        return OPERATIONS[self.operation_name]

    @cached_property
    def given(self) -> Mapping[str, str]:
        """The parameters by name."""
        return dict(self.parameters)

    @cached_property
    def path(self) -> str:
        """The path on the ARM host."""
        return self.operation.render_path(self.given)

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query without `api-version`."""
        return self.operation.render_query(self.given)

    @cached_property
    def body(self) -> dict[str, object] | None:
        """The JSON to send."""
        return self.operation.render_body(self.given)

    @property
    def lane(self) -> str | None:
        """The gateway or circuit that answers one long-running operation at a time; None: no need to wait."""
        if not self.operation.lane:
            return None
        before, provider, after = self.path.casefold().partition(_PROVIDER)
        return before + provider + "/".join(after.split("/")[:2])

    @property
    def resource(self) -> str:
        """The resource that the question is about: the path without the name of the action."""
        parts = self.path.split("/")
        after = len(self.path.casefold().partition(_PROVIDER)[2].split("/"))
        if self.given.get("path") and parts[-1] == self.given["path"]:
            return "/".join(parts[:-2])
        return self.path if after % 2 == 0 else "/".join(parts[:-1])

    def is_about(self, resource: str) -> bool:
        """Whether the id that a resource gives itself is that of the resource that is asked; ids know no case."""
        return resource.rstrip("/").casefold() == self.resource.casefold() or self.operation.verb != "GET"

    @property
    def short(self) -> str:
        """The resource without subscription and group, for messages; a list of a whole group is named by the group."""
        _, provider, after = _split(self.resource)
        return after if provider and after else self.path.partition("/providers/")[0].lstrip("/")

    def source(self, asked_at: datetime) -> AzureSource:
        """Where the records of the answer come from."""
        return AzureSource(host=self.short, command=str(self), asked_at=asked_at, resource_id=self.resource)

    def __str__(self) -> str:
        named = {*self.operation.parameters} - {"path"}
        rest = (f"{name}={value}" for name, value in self.parameters if name not in named)
        return " ".join((self.operation_name, *rest))


@lru_cache(maxsize=4096)
def _made(kind: type[Request], operation_name: str, given: tuple[tuple[str, str], ...]) -> Request:
    """Every subject names the questions that it rests on; one question is checked once."""
    return kind(operation_name, given)


def _split(path: str) -> tuple[str, str, str]:
    at = path.casefold().find(_PROVIDER)
    return (path, "", "") if at < 0 else (path[:at], _PROVIDER, path[at + len(_PROVIDER) :])
