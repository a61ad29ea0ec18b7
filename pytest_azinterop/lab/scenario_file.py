"""Reading scenario files, with the file, the line and the nearest valid word in every error."""

from __future__ import annotations

import difflib
import types
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pytest_azinterop.lab.scenario import Scenario

SHIPPED = "data/scenarios"


class ScenarioError(Exception):
    """A scenario cannot be used: its text names file, line and reason."""


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
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [_explain(problem, data, file) for problem in error.errors()]
        raise ScenarioError("\n".join(lines)) from None


def _explain(problem: Any, data: object, file: str) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    path = problem["loc"]
    where = ".".join(str(part) for part in path) or "the file"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = nearest(str(path[-1]), _keys_at(Scenario, path[:-1]))
        message = "unknown key" + (f", did you mean {near}?" if near else "")
    return f"{file}:{_line(data, path)}: {where}: {message}"


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return found[0] if found else None


def _line(data: object, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of the path that stands in the file."""
    line = 1
    for part in path:
        position = getattr(data, "lc", None)
        try:
            line = position.data[part][0] + 1 if position is not None and position.data else line
            data = data[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line


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
