"""What differs from a baseline at a resource of Azure: its settings and states, part by part; counters and times do not
count."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.change import Change, altered
from pytest_azinterop.verify.subject import Subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.state.azure_circuit import Circuit
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.azure_gateway import Gateway, LocalNetworkGateway
    from pytest_azinterop.state.azure_network import Vnet
    from pytest_azinterop.verify.change import Compared

    Resource = Circuit | Connection | Gateway | LocalNetworkGateway | Vnet

_VOLATILE: Final = frozenset({"ingress_bytes", "egress_bytes", "established_at", "resource_id"})


def resource(object_id: str, observed: Compared[Resource]) -> Iterator[Change]:
    """One finding for each part that differs. Raises UndeterminedError where the two are not of one kind."""
    before, after = observed.before, observed.after
    if type(before) is not type(after):
        evidence.undetermined(f"{object_id} is of another kind than in the baseline", "not-understood", after.source)
    about = Subject(object_id, object_id.replace("/", " ", 1))
    for words in altered(_parts(before, after)):
        yield Change(about.finding("baseline.azure", words, cause="changed", evidence=(after.source, before.source)))


def _parts(before: object, after: object, name: str = "") -> Iterator[tuple[str, object, object]]:
    """Each value that differs, by the names that lead to it; parts of a list go by their own names."""
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            if field.compare and field.name not in _VOLATILE:
                here = f"{name} {field.name.replace('_', ' ')}".strip()
                yield from _parts(getattr(before, field.name), getattr(after, field.name), here)
        return
    one, other = _by_name(before), _by_name(after)
    if one is None or other is None:
        yield name, before, after
        return
    for key in dict.fromkeys((*one, *other)):
        if key in one and key in other:
            yield from _parts(one[key], other[key], f"{name} {key}")
        else:
            yield f"{name} {key}", key in one, key in other


def _by_name(value: object) -> dict[str, object] | None:
    """The parts of a list by their names; None for what is no such list."""
    if not isinstance(value, tuple):
        return None
    names = [getattr(each, "name", None) or getattr(each, "tunnel", None) for each in value]
    if not all(isinstance(each, str) for each in names) or len(set(names)) != len(names):
        return None
    return {clean(str(each), 80): part for each, part in zip(names, value, strict=True)}
