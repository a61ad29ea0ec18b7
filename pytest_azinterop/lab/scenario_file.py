"""Reading scenario files, with the file, the line and the nearest valid word in every error."""

from __future__ import annotations

import difflib
import types
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pytest_azinterop.lab.scenario import Scenario
from pytest_azinterop.lab.scenario_place import Path as Where
from pytest_azinterop.lab.scenario_place import Place, ScenarioError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["ScenarioError", "find", "load", "nearest", "parse", "shipped_scenarios"]

SHIPPED = "data/scenarios"


def shipped_scenarios() -> dict[str, Path]:
    """The scenarios that come with the lab, by name."""
    folder = Path(str(resources.files("pytest_azinterop.lab") / SHIPPED))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find(name_or_file: str) -> Path:
    """A file, or a shipped scenario by its name. Raises ScenarioError."""
    path = Path(name_or_file)
    if path.is_file():
        return path
    shipped = shipped_scenarios()
    if name_or_file in shipped:
        return shipped[name_or_file]
    raise ScenarioError(f"no such scenario: {name_or_file} is neither a file nor one of {', '.join(shipped) or 'none'}")


def load(name_or_file: str) -> Scenario:
    """A scenario from a file or by a shipped name. Raises ScenarioError."""
    path = find(name_or_file)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Scenario:
    """A scenario from YAML; ``file`` is named in errors. Raises ScenarioError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise ScenarioError(f"{file}:{line}: {error.problem}") from None
    except YAMLError as error:
        raise ScenarioError(f"{file}: {error}") from None
    if data is None:
        return Scenario()
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError("\n".join(_explained(error, Place(file, data)))) from None
    scenario.read_from(file, data)
    return scenario


def _explained(error: ValidationError, place: Place) -> list[str]:
    """One message for each mistake. Of the forms that a value may have, the one that it comes closest to."""
    problems = [(_written(problem, place.data), problem) for problem in error.errors()]
    found: dict[Where, str] = {}
    for path, problem in problems:
        if any(other[: len(path)] == path and len(other) > len(path) for other, _ in problems):
            continue
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            near = nearest(str(path[-1]), _keys_at(Scenario, problem["loc"][:-1]))
            message = "unknown key" + (f", did you mean {near}?" if near else "")
        found.setdefault(path, str(place.error(path, message)))
    return list(found.values())


def _written(problem: ErrorDetails, data: object) -> Where:
    """The path of a problem in the file: pydantic also names the form that it tried to read a value as."""
    path: list[int | str] = []
    for at, part in enumerate(problem["loc"]):
        try:
            data = data[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if problem["type"] != "missing" or at + 1 < len(problem["loc"]):
                continue
        path.append(part)
    return tuple(path)


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return found[0] if found else None


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    current: object = model
    for part in path:
        inner = _inner(current)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            fields = {field.alias or name: field for name, field in inner.model_fields.items()}
            current = fields[str(part)].annotation if part in fields else None
        else:
            arguments = get_args(inner)
            current = arguments[-1] if arguments else None
    inner = _inner(current)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return [field.alias or name for name, field in inner.model_fields.items()]
    return []


def _inner(annotation: object) -> object:
    """Without ``Annotated`` and ``None``."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _inner(kinds[0])
    return annotation
