"""Where a part of a scenario stands in its file, for the errors that only the network can find."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[int | str, ...]
"""Keys and places in lists, from the top of the file: ``("routers", "ce1", "exec", 0)``."""


class ScenarioError(Exception):
    """A scenario cannot be used: its text names file, line and reason."""


class UnplacedError(ScenarioError):
    """The same while it is not known where the scenario came from: ``path`` is from the change that is at fault.

    ``block`` is the number of the line (from 0) within a text of several lines.
    """

    def __init__(self, path: Path, reason: str, block: int | None = None) -> None:
        super().__init__(f"{spelled(path)}: {reason}")
        self.path, self.reason, self.block = path, reason, block


@dataclass(frozen=True, slots=True)
class Place:
    """A change in a scenario file: ``data`` is the file as ruamel.yaml read it, ``path`` leads to the change."""

    file: str
    data: object
    path: Path = ()

    def error(self, path: Path, reason: str, block: int | None = None) -> ScenarioError:
        """An error at a path below the change."""
        whole = (*self.path, *path)
        return ScenarioError(f"{self.file}:{self.line(whole, block)}: {spelled(whole)}: {reason}")

    def located(self, fault: UnplacedError) -> ScenarioError:
        """The same error with file and line."""
        return self.error(fault.path, fault.reason, fault.block)

    def line(self, path: Path, block: int | None = None) -> int:
        """The line of the deepest part of the path that stands in the file."""
        from ruamel.yaml.scalarstring import LiteralScalarString

        data, line, inside = self.data, 1, 0
        for part in path:
            position = getattr(data, "lc", None)
            try:
                found = position.data[part] if position is not None and position.data else None
                data = data[part]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return line
            if found is not None:
                line, inside = found[0] + 1, found[2] if len(found) > 2 else found[0]
        if block is not None and isinstance(data, LiteralScalarString):
            return inside + 2 + block  # it begins below its `|`
        return line


def spelled(path: Path) -> str:
    """``routers.ce1.exec.0``, or ``the file``."""
    return ".".join(str(part) for part in path) or "the file"
