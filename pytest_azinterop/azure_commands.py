"""The commands about rights in Azure; nothing heavy is loaded before one of them runs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_parsers(commands: Any, start_lab: Callable[..., Any]) -> None:  # noqa: ANN401 (argparse does not export it)
    """Add `azure-role` and `azure-check`."""
    role = commands.add_parser("azure-role", help="print the custom role that the checks of an inventory take in Azure")
    role.add_argument("inventory", metavar="NAME|PATH")
    role.set_defaults(run=_role)
    check = commands.add_parser("azure-check", help="say which of these rights the present credential lacks")
    check.add_argument("inventory", metavar="NAME|PATH")
    check.add_argument("--lab-scenario", action="append", metavar="NAME|FILE", help="of a simulated inventory")
    check.set_defaults(run=lambda given: _check(given, start_lab))


def _role(given: argparse.Namespace) -> int:
    return int(import_module("pytest_azinterop.azure_rights").print_role(given))


def _check(given: argparse.Namespace, start_lab: Callable[..., Any]) -> int:
    return int(import_module("pytest_azinterop.azure_rights").check(given, start_lab))
