"""Healthy networks: the folders of `tests/variants`, and the files of `tests/variants/changed`, each of which makes
another network of one of them. Nothing is wrong in any, so whatever fails there is a false alarm.

A file says `name` (in words), `of` (a folder of tests/variants, or `published`), and at least one of

- `replace`: text for text, in the order given, in every file of the inventory and of its network, and in their names;
- `intent`: one more file of the intent;
- `scenario`: what happened in the network before the run, as in any scenario.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[1]
VARIANTS: Final = ROOT / "tests" / "variants"
CHANGED: Final = VARIANTS / "changed"
PUBLISHED: Final = "published"
_INTENT: Final = ROOT / "inventory" / "lab"
_NETWORK: Final = ROOT / "pytest_azinterop" / "lab" / "data" / "published"
_KEYS: Final = {"name", "of", "replace", "intent", "scenario"}


@dataclass(frozen=True)
class Changed:
    """One file of `tests/variants/changed`."""

    id: str
    name: str
    of: str
    replace: dict[str, str] = field(default_factory=dict)
    intent: dict[str, Any] = field(default_factory=dict)
    scenario: dict[str, Any] = field(default_factory=dict)


def folders() -> list[str]:
    """The variants that are a folder."""
    return sorted(file.parent.name for file in VARIANTS.glob("*/interop.yaml"))


def changed(folder: Path = CHANGED) -> dict[str, Changed]:
    """Those that are a file, by its name. Raises ValueError for a file that says something else."""
    return {file.stem: _read(file) for file in sorted(folder.glob("*.yaml"))}


def _read(file: Path) -> Changed:
    found = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    if unknown := found.keys() - _KEYS:
        raise ValueError(f"{file.name}: unknown {min(unknown)}")
    if not {"name", "of"} <= found.keys() or not found.keys() & {"replace", "intent", "scenario"}:
        raise ValueError(f"{file.name}: says `name`, `of` and what is different")
    return Changed(file.stem, **found)


def write(network: Changed, folder: Path) -> tuple[Path, list[str]]:
    """Make the inventory in this folder; what pytest is told of it, and with it.

    Raises ValueError where a text that is to be replaced stands nowhere.
    """
    inventory = folder / "inventory"
    if network.of == PUBLISHED:
        shutil.copytree(_INTENT, inventory)
        shutil.copytree(_NETWORK, inventory / "network")
        (inventory / "lab.yaml").write_text("network: network\n", encoding="utf-8")
    else:
        shutil.copytree(VARIANTS / network.of, inventory)
    _replace(network, inventory)
    if network.intent:
        more = inventory / "interop.d"
        more.mkdir(exist_ok=True)
        _dump(network.intent, more / "changed.yaml")
    if not network.scenario:
        return inventory, []
    scenario = folder / "scenario.yaml"
    _dump({"name": network.name, **network.scenario}, scenario)
    return inventory, ["--lab-scenario", str(scenario)]


def _replace(network: Changed, inventory: Path) -> None:
    files = [file for file in inventory.rglob("*") if file.is_file()]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    for old, new in network.replace.items():
        if not any(old in text or old in file.name for file, text in texts.items()):
            raise ValueError(f"{network.id}: {old!r} stands nowhere")
        texts = {file: text.replace(old, new) for file, text in texts.items()}
    for file, text in texts.items():
        name = file.name
        for old, new in network.replace.items():
            name = name.replace(old, new)
        file.unlink()
        file.with_name(name).write_text(text, encoding="utf-8")


def _dump(content: dict[str, Any], file: Path) -> None:
    with file.open("w", encoding="utf-8") as opened:
        YAML(typ="safe").dump(content, opened)
