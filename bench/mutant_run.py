"""Let mutmut make and judge a sample of its mutants, and nothing else: `mutant_run.py SAMPLE SEED OUTPUT`.

Run in a copy of the project by mutmut's own interpreter. mutmut itself writes every mutant of every file it may change,
some 39,000 copies of functions that each test run would then load, before it looks at which ones it was asked for.
Here only the chosen ones are written, so that mutmut numbers them anew.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import pkgutil
import sys
from collections import Counter
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import libcst
from mutmut import __main__ as commands
from mutmut.configuration import config
from mutmut.mutation import file_mutation
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline_templates import mangle_function_name
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name

if TYPE_CHECKING:
    from mutmut.workers.isolation import MutantRunner

JOBS: Final = 2
PACKAGES: Final = ("pytest_azinterop.verify", "pytest_azinterop.iosxe.parsers")

_every_mutation: Final = file_mutation.create_mutations


def main(sample: int, seed: int, output: Path) -> None:
    paths = [path for path in sorted(Path("pytest_azinterop").rglob("*.py")) if config().should_mutate(path)]
    with Pool(JOBS) as pool:
        named = [name for names in pool.map(names_of, paths, chunksize=4) for name in names]
    chosen = frozenset(sorted(named, key=lambda name: lot(name, seed))[:sample])
    file_mutation.create_mutations = functools.partial(only, chosen)
    judged()
    told(len(named), output)


def lot(name: str, seed: int) -> str:
    """Where a mutant stands in the draw: a function that changes moves none but its own mutants in or out."""
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()


def judged() -> None:
    """Let mutmut write the chosen mutants and run the tests that reach each."""
    # Long enough for a loaded machine: from two minutes on a test run counts as one without end.
    config().timeout_constant, config().timeout_multiplier = 12.0, 10.0
    runner_of = commands.get_mutant_runner
    commands.get_mutant_runner = lambda jobs: warm(runner_of(jobs))
    commands.run.callback((), max_children=JOBS)


def warm(runner: MutantRunner) -> MutantRunner:
    """Load the project once, for all test runs that fork from here; the first, for the statistics, is the clean one."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    assert "mutants" in Path(str(importlib.import_module("pytest_azinterop").__file__)).parts
    runner.run_clean_tests = lambda **_given: 0
    return runner


def told(count: int, output: Path) -> None:
    """Write what became of each chosen mutant."""
    sample: list[dict[str, Any]] = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            sample.append({"name": name, "code": code, "diff": get_diff_for_mutant(name, path=path)})
    output.write_text(json.dumps({"mutants": count, "sample": sample}, indent=1), encoding="utf-8")


def names_of(path: Path) -> list[str]:
    """What mutmut would call the mutants of this file, were all of them made."""
    module, mutations, *_ = _every_mutation(str(path), path.read_text(encoding="utf-8"))
    return [name for name in mutmut_names(str(path), module, mutations) if name is not None]


def mutmut_names(filename: str, module: libcst.Module, mutations: list[file_mutation.Mutation]) -> list[str | None]:
    """A name for each mutation; none for one outside of functions, which mutmut does not make."""
    function_names: dict[libcst.CSTNode, str] = {}
    for statement in module.body:
        if isinstance(statement, libcst.FunctionDef):
            function_names[statement] = mangle_function_name(name=statement.name.value, class_name=None)
        elif isinstance(statement, libcst.ClassDef) and isinstance(statement.body, libcst.IndentedBlock):
            for method in statement.body.body:
                if isinstance(method, libcst.FunctionDef):
                    mangled = mangle_function_name(name=method.name.value, class_name=statement.name.value)
                    function_names[method] = mangled
    counts: Counter[str] = Counter()
    names: list[str | None] = []
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if function is None or function not in function_names:
            names.append(None)
            continue
        mangled = function_names[function]
        counts[mangled] += 1
        names.append(get_mutant_name(Path(filename), f"{mangled}__mutmut_{counts[mangled]}"))
    return names


def only(
    chosen: frozenset[str], filename: str, code: str, covered: set[int] | None, excluded: set[int] | None
) -> tuple[libcst.Module, list[file_mutation.Mutation], set[str], set[str]]:
    """The mutations of a file that were chosen, in place of all of them."""
    module, mutations, classes, functions = _every_mutation(filename, code, covered, excluded)
    names = mutmut_names(filename, module, mutations)
    kept = [mutation for name, mutation in zip(names, mutations, strict=True) if name in chosen]
    return module, kept, classes, functions


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
