"""Reads `interop.yaml` and `interop.d/*.yaml` of an inventory folder into one intent.

Every error names file, line and remedy.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import objects, wording, yaml
from pytest_azinterop.intent.derive import derive
from pytest_azinterop.intent.drills_derive import problems_of_drills
from pytest_azinterop.intent.models import Intent
from pytest_azinterop.intent.references import problems_of
from pytest_azinterop.intent.unjudged import problems_of_unjudged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.intent.problem import Problem

MAXIMUM_SHOWN = 12


@dataclass(frozen=True, slots=True)
class LoadedIntent:
    """The intent of one inventory.

    `digest` is the SHA-256 of its meaning: comments, order of keys and split into files do not change it.
    """

    intent: Intent
    expectations: Expectations
    files: tuple[Path, ...]
    digest: str


def load(folder: Path, *, rules: Collection[str] = (), hosts: Collection[str] | None = None) -> LoadedIntent:
    """Load and check the intent of `folder`.

    `rules` are the names that waivers may use (empty: not checked), `hosts` the names of the Nornir inventory (None:
    not checked).
    Raises `InventoryError` that lists what is wrong, at most twelve findings of it.
    """
    files = _files(folder)
    merged = _merged([(file, yaml.read(file, _shown(file, folder))) for file in files])
    try:
        intent = Intent.model_validate(merged.value)
    except ValidationError as invalid:
        raise _all([_explained(error, merged) for error in _causes(invalid.errors(include_url=False))]) from None
    found = problems_of(intent, rules=rules, hosts=hosts, hosts_file=str(folder / "hosts.yaml"))
    if found:
        raise _all([_located(problem, merged) for problem in found])
    expectations = derive(intent)
    if not expectations.devices:
        raise InventoryError(
            "no customer is declared, so there is nothing to check; add a block under `customers:`",
            file=_shown(files[0], folder),
        )
    known = objects.objects(expectations)
    intent = objects.with_long_names(intent, known)
    found = [*problems_of_unjudged(intent), *objects.problems_of_waivers(intent, known, rules)]
    found += problems_of_drills(intent, expectations)
    if found:
        raise _all([_located(problem, merged) for problem in found])
    return LoadedIntent(intent, expectations, tuple(files), _digest(intent))


def _files(folder: Path) -> list[Path]:
    files = [path for path in (folder / "interop.yaml",) if path.is_file()]
    files += sorted(path for path in (folder / "interop.d").glob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    if not files:
        raise InventoryError(
            "holds neither interop.yaml nor interop.d/*.yaml; `azinterop init DIR` writes an example", file=str(folder)
        )
    return files


def _shown(file: Path, folder: Path) -> str:
    return str(folder / file.relative_to(folder))


def _merged(documents: list[tuple[Path, yaml.Document]]) -> yaml.Document:
    """Mappings are merged key by key; anything else may stand in one file only. Lists of waivers are joined."""
    whole = yaml.Document({})
    for _, document in documents:
        if not whole.positions:
            whole.positions[()] = document.positions[()]
        _merge(whole.value, document.value, whole, document, ())
    return whole


def _merge(
    into: dict[str, yaml.Value],
    new: dict[str, yaml.Value],
    whole: yaml.Document,
    document: yaml.Document,
    path: yaml.Path_,
) -> None:
    for key, value in new.items():
        here = (*path, key)
        present = into.get(key)
        if key not in into:
            into[key] = value
            _adopt(whole, document, here, here)
        elif isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value, whole, document, here)
        elif here == ("waivers",) and isinstance(present, list) and isinstance(value, list):
            for index, item in enumerate(value):
                _adopt(whole, document, (*here, index), (*here, len(present)))
                present.append(item)
        elif here == ("version",) and present == value:
            continue
        else:
            first, second = whole.positions[here], document.positions[here]
            raise InventoryError(
                f"`{'.'.join(map(str, here))}` is already said at {first}; keep one of the two",
                file=second.file,
                line=second.line,
            )


def _adopt(whole: yaml.Document, document: yaml.Document, source: yaml.Path_, target: yaml.Path_) -> None:
    """Take over the positions of a subtree under its new path."""
    depth = len(source)
    for path, position in document.positions.items():
        if path[:depth] == source:
            whole.positions[(*target, *path[depth:])] = position


def _causes(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without keys that are only missing because they are misspelt: the misspelling is told. And of a value that may be
    a word or a block, a block is wrong in itself, and not for being no word."""
    misspelt: dict[tuple[int | str, ...], list[str]] = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            misspelt.setdefault(error["loc"][:-1], []).append(str(error["loc"][-1]))
    for error in errors:
        above = error["loc"][:-1]
        beside_it = (other for other in errors if other is not error and other["loc"][: len(above)] == above)
        if error["type"] == "literal_error" and isinstance(error.get("input"), dict) and any(beside_it):
            continue
        beside = misspelt.get(error["loc"][:-1], ())
        if error["type"] != "missing" or not get_close_matches(str(error["loc"][-1]), beside, n=1, cutoff=0.5):
            yield error


def _explained(error: ErrorDetails, merged: yaml.Document) -> tuple[yaml.Position, str]:
    """A pydantic error in words, at the line that it is about."""
    path, position = _nearest(error["loc"], merged)
    name = ".".join(map(str, path)) or "the file"
    kind = error["type"]
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        known = _keys_at(path[:-1])
        close = get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(sorted(known))}"
        return position, f"unknown key `{key}` in `{'.'.join(map(str, path[:-1])) or 'the top level'}`; {hint}"
    if kind == "missing":
        return position, f"`{name}` lacks the key `{error['loc'][-1]}`; add it"
    return position, f"`{name}`: {wording.words(error)}"


def _nearest(loc: tuple[int | str, ...], merged: yaml.Document) -> tuple[yaml.Path_, yaml.Position]:
    """The longest part of pydantic's location that stands in the files: it also names union members, which do not."""
    path: yaml.Path_ = ()
    for step in loc:
        if (*path, step) in merged.positions:
            path = (*path, step)
    return path, merged.positions[path]


def _keys_at(path: yaml.Path_) -> list[str]:
    """Valid keys of the mapping at this path."""
    models: list[type[BaseModel]] = [Intent]
    for step in path:
        following: list[type[BaseModel]] = []
        for model in models:
            annotation: Any = model.model_fields[step].annotation if step in model.model_fields else model
            following += _models_in(annotation)
        models = following or models
    return [key for model in models for key in model.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - typing forms have no common type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def _located(problem: Problem, merged: yaml.Document) -> tuple[yaml.Position, str]:
    _, position = _nearest(problem.path, merged)
    return position, problem.message


def _all(found: list[tuple[yaml.Position, str]]) -> InventoryError:
    """One error for everything that is wrong, in the order of files and lines."""
    unique = sorted(dict.fromkeys(found), key=lambda item: (item[0].file, item[0].line))
    (position, first), *others = unique
    lines = [first, *(f"{where}: {message}" for where, message in others[: MAXIMUM_SHOWN - 1])]
    if len(unique) > MAXIMUM_SHOWN:
        lines.append(f"… and {len(unique) - MAXIMUM_SHOWN} more")
    return InventoryError("\n".join(lines), file=position.file, line=position.line)


def _digest(intent: Intent) -> str:
    canonical = json.dumps(intent.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
