"""The names of all mutants that mutmut makes of the files that it is configured for.

Run in a copy of the project by mutmut's own interpreter, since it offers no list before a run.
"""

from __future__ import annotations

from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

for path in sorted(Path("pytest_azinterop").rglob("*.py")):
    if config().should_mutate(path):
        for name in mutate_file_contents(str(path), path.read_text(encoding="utf-8"), None, None).mutant_names:
            print(get_mutant_name(path, name))
