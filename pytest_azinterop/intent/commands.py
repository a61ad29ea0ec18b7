"""`azinterop schema` and `azinterop init DIR`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_azinterop import __version__, shipped
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    import argparse


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands; each sets `run`."""
    schema = commands.add_parser("schema", help="print the JSON Schema of interop.yaml")
    schema.set_defaults(run=_schema)
    init = commands.add_parser("init", help="write an inventory to start from, and a copy of the checks")
    init.add_argument("folder", type=Path, metavar="DIR", help="where checks/ and inventory/ are written")
    init.add_argument("--name", default="prod", help="name of the inventory (default: prod)")
    init.set_defaults(run=_init)


def _schema(_: argparse.Namespace) -> int:
    from pytest_azinterop.intent.schema import schema

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
    return 0


def _init(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    example = shipped.inventory("prod")
    if example is None:
        raise InventoryError("the shipped example inventory is missing; install pytest-azinterop again")
    targets = ((example, folder / "inventory" / arguments.name), (shipped.checks(), folder / "checks"))
    for _, target in targets:
        if target.exists():
            raise InventoryError("exists already and is left as it is; choose another DIR or --name", file=str(target))
    for source, target in targets:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    (folder / "checks" / "COPIED_FROM").write_text(f"pytest-azinterop {__version__}\n", encoding="utf-8")
    inventory = targets[0][1]
    sys.stdout.write(
        f"Written: {inventory} and {folder / 'checks'}\n"
        f"Next:\n"
        f"  1. name your routers in {inventory / 'hosts.yaml'}, with the address of each\n"
        f"  2. say in {inventory / 'interop.yaml'} what the network should be\n"
        f"  3. export AZINTEROP_USERNAME and AZINTEROP_PASSWORD\n"
        f"  4. in {folder}: pytest --inventory {arguments.name} --plan    (prints what would be sent)\n"
        f"  5. in {folder}: pytest --inventory {arguments.name}\n"
    )
    return 0
