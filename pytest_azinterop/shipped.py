"""Where the checks and inventories that come with the package stand.

In the wheel below `_shipped/`, in a source tree beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def checks() -> Path:
    """The folder of the shipped checks."""
    return _folder("checks")


def inventory(name: str) -> Path | None:
    """The shipped inventory of that name, None where there is none."""
    if not name or Path(name).name != name:
        return None
    folder = _folder("inventory") / name
    return folder if folder.is_dir() else None


def _folder(name: str) -> Path:
    for base in (_PACKAGE / "_shipped", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"this installation of pytest-azinterop lacks its {name} folder; install it again")
