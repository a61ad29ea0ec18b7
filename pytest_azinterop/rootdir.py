"""The root of a run, which item ids are relative to, must not depend on where a recording or an inventory lies.

pytest finds it before it knows any plugin's options, and takes each existing path on the command line for something to
collect, the value of `--replay DIR` too (not that of `--replay=DIR`). The same checks would get other ids. Where it is
then too late to read the project's configuration, `addopts` first, the run says so.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from _pytest.config.findpaths import determine_setup

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pytest


def without_values(arguments: Sequence[str], options: Collection[str]) -> list[str]:
    """The command line without the values of these options, which stand as words of their own."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if not skip:
            kept.append(argument)
        skip = not skip and argument in options
    return kept


def correct(config: pytest.Config, options: Collection[str]) -> str | None:
    """Where values of our options moved the root, put it to where it is without them.

    What to say where another configuration file was read for them, or none; None: the right one was.
    """
    given = [str(argument) for argument in config.invocation_params.args]
    kept = without_values(given, options)
    folder = config.invocation_params.dir
    moved = [value for value in given if value not in kept and (folder / Path(value)).exists()]
    known_arguments = config.known_args_namespace
    if not moved or known_arguments.rootdir:
        return None
    arguments = {
        "inifile": known_arguments.inifilename,
        "override_ini": known_arguments.override_ini,
        "args": kept,
        "rootdir_cmd_arg": None,
        "invocation_dir": folder,
    }
    known = inspect.signature(determine_setup).parameters
    root, file = determine_setup(**{name: value for name, value in arguments.items() if name in known})[:2]
    if known_arguments.confcutdir == str(config.rootpath):
        known_arguments.confcutdir = str(root)
    config._rootpath = root  # noqa: SLF001 (pytest has no public way)
    if file == config.inipath:
        return None
    option = given[given.index(moved[0]) - 1]
    return (
        f"{file or 'the configuration here'} is not read, since pytest takes {moved[0]} for something to collect;"
        f" write {option}={moved[0]}"
    )
