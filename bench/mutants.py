"""Mutation testing of the judgements and the parsers: a seeded sample of small defects, and whether a test notices.

`python bench/mutants.py` installs mutmut in an environment of its own below build/, lets it change a copy of the
project, runs the fast tests that reach each changed function, prints the score and what survived, and writes
build/mutants.json. Exit 0 only if the score holds. There are some 39,000 mutants, so that all of them take a day.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import time
import venv
from collections import Counter
from pathlib import Path
from typing import Any, Final

import jsonschema
import yaml

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
REVIEWED: Final = HERE / "mutants.yaml"
MUTMUT: Final = "mutmut==3.8.1"
COPIED: Final = ("pytest_azinterop", "tests", "bench", "checks", "docs", "inventory", "pyproject.toml", "README.md")
SAMPLE, SEED, SCORE = 400, 1, 0.85
"""How many mutants, which ones, and the least share of those that change more than words to a reader."""
KILLED: Final = frozenset({1, 3, 36, 24, 152, 255, -24, -9, -11})
"""Exit codes of mutmut's runs in which a test failed, or did not end."""

_TEXT: Final = re.compile(r"""[rf]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CAUSES: Final = re.compile(
    r"""["'](?:XX)?(?:not-understood|not-collected|cut-off|contradiction|clock|counter-cleared)""", re.IGNORECASE
)
_PLACE: Final = re.compile(r"\bsource\b|\bsources\b|evidence=|\bindex\b|_line\(|draft\.(?:first|last)|\blines\b")
_HINT: Final = re.compile(r"next_command|_CONFIG\b|likely")
CLASSES: Final = {
    "wording": "a sentence for a reader: no test holds the words of every message, and none should",
    "error-cause": "the code or the words of an error, which stays an error",
    "place": "the line, answer or record that a message points to",
    "hint": "the next command that a finding proposes",
    "untested": "a function that no fast test reaches: runs in the lab do",
    "behavior": "something else: explained one by one, or a test is missing",
}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--output", type=Path, default=ROOT / "build" / "mutants.json")
    asked.add_argument("--sample", type=int, default=SAMPLE)
    asked.add_argument("--seed", type=int, default=SEED)
    options = asked.parse_args()
    begun = time.monotonic()
    work = options.output.resolve().parent / "mutants"
    python = environment(work / "venv")
    copy = copied(work / "copy")
    listed = subprocess.run([python, HERE / "mutant_names.py"], cwd=copy, check=True, capture_output=True, text=True)
    names = sorted(listed.stdout.split())
    chosen = random.Random(options.seed).sample(names, min(options.sample, len(names)))
    with (work / "mutmut.log").open("w", encoding="utf-8") as log:
        command = [python.with_name("mutmut"), "run", "--max-children", "1", *chosen]
        subprocess.run(command, cwd=copy, check=True, stdout=log, stderr=subprocess.STDOUT)
    told = document(len(names), survivors(copy, python, chosen), options, time.monotonic() - begun)
    jsonschema.validate(told, json.loads((HERE / "mutants.schema.json").read_text(encoding="utf-8")))
    options.output.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(told)
    return 0 if told["held"] else 1


def environment(folder: Path) -> Path:
    """Its interpreter, with the project's pinned dependencies and mutmut; made if it is not there yet."""
    python = folder / "bin" / "python"
    if not (folder / "bin" / "mutmut").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements-dev.lock"], check=True)
        subprocess.run([*pip, MUTMUT], check=True)
    return python


def copied(folder: Path) -> Path:
    """The project as it is now, for mutmut to work in."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    return folder


def survivors(copy: Path, python: Path, chosen: list[str]) -> list[dict[str, Any]]:
    """The mutants of the sample that no test noticed: name, what was, what it became, and of which kind that is."""
    codes: dict[str, int | None] = {}
    for file in (copy / "mutants").rglob("*.meta"):
        codes |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    found = []
    for name in sorted(chosen):
        if codes.get(name) in KILLED:
            continue
        command = [python.with_name("mutmut"), "show", name]
        shown = subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True)
        lines = [line for line in shown.stdout.splitlines() if not line.startswith(("---", "+++"))]
        was, became = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
        kind = "untested" if codes.get(name) == 33 else kind_of(was, became)
        found.append({"name": name, "was": was, "became": became, "kind": kind, "why": None})
    known = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    for each in found:
        each["why"] = CLASSES[each["kind"]] if each["kind"] != "behavior" else explained(each, known)
    return found


def explained(survivor: dict[str, Any], known: list[dict[str, str]]) -> str | None:
    """Why a person let it pass; mutants are known by what they change, since their numbers change with the code."""
    function = function_of(survivor["name"])
    for each in known:
        if each["function"] == function and each["became"] == survivor["became"]:
            return each["why"]
    return None


def function_of(name: str) -> str:
    """Module and function of a mutant, without mutmut's marks."""
    return (
        re.sub(r"\.xǁ|\.x_", ".", name.rpartition("__mutmut_")[0]).replace("ǁ", ".").removeprefix("pytest_azinterop.")
    )


def kind_of(was: str, became: str) -> str:
    """What a change touches, by its text alone."""
    plain = [_TEXT.sub("S", each).replace("None", "S") for each in (was, became)]
    old, new = _TEXT.findall(was), _TEXT.findall(became)
    gone = [text for text in old if text not in new]
    if _CAUSES.search(" ".join(gone)) or ("undetermined(" in was or "not_understood(" in was or "refuse(" in was):
        return "error-cause"
    if plain[0] == plain[1] and gone and all(" " in text for text in gone):
        return "wording"
    if _HINT.search(was) and _HINT.sub("", was) != was:
        return "hint"
    if plain[0] != plain[1] and _PLACE.search(was) and len(was) - len(became) in range(-20, 40) and "source" in was:
        return "place"
    return "behavior"


def document(count: int, left: list[dict[str, Any]], options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """What build/mutants.json holds. The judged score leaves out what only a reader would notice."""
    kinds = Counter(each["kind"] for each in left)
    telling = kinds["wording"] + kinds["error-cause"] + kinds["place"] + kinds["hint"]
    sample = min(options.sample, count)
    judged = 1 - (len(left) - telling) / (sample - telling)
    return {
        "held": judged >= SCORE,
        "mutants": count,
        "sample": sample,
        "seed": options.seed,
        "killed": sample - len(left),
        "score": round((sample - len(left)) / sample, 4),
        "judged_score": round(judged, 4),
        "kinds": dict(sorted(kinds.items())),
        "survivors": left,
        "seconds": round(seconds, 1),
    }


def show(told: dict[str, Any]) -> None:
    """The score and what survived."""
    print(f"{told['sample']} of {told['mutants']} mutants (seed {told['seed']}): {told['killed']} noticed by a test")
    print(f"score {told['score']:.1%}; {told['judged_score']:.1%} of those that change more than words to a reader")
    for kind, number in told["kinds"].items():
        print(f"{number:>5} survived, {kind}: {CLASSES[kind]}")
    for each in told["survivors"]:
        if each["kind"] in ("behavior", "untested"):
            print(f"{function_of(each['name'])}: {each['was'][:100]} => {each['became'][:100]}")
            print(f"      {each['why'] or 'not explained yet'}")


if __name__ == "__main__":
    sys.exit(main())
