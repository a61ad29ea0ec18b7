"""Mutation testing of the judgements and the parsers: a seeded sample of small defects, and whether a test notices.

`python bench/mutants.py` installs mutmut in an environment of its own below build/, lets it change a copy of the
project, runs the fast tests that reach each changed function, prints the score and what survived, and writes
build/mutants.json. Exit 0 only if the score holds and each survivor that may matter is explained. There are some
39,000 mutants, so that all of them take a day.
"""

from __future__ import annotations

import argparse
import json
import os
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
KILLED: Final = frozenset({1, 3, -11})
"""Exit codes of mutmut's runs in which a test failed."""
UNENDED: Final = frozenset({36, 24, 152, 255, -24, -9})
"""Exit codes of runs that were ended from outside. A loaded machine does that too, so that none of them is a kill."""
UNREACHED: Final = 33
"""mutmut's exit code for a mutant of a function that no test ran."""
JUDGED: Final = ("behavior", "untested", "unended")
"""Kinds of which each survivor is explained by itself."""

_TEXT: Final = re.compile(r"""[rf]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CAUSES: Final = re.compile(
    r"""["'](?:XX)?(?:not-understood|not-collected|cut-off|contradiction|clock|counter-cleared)""", re.IGNORECASE
)
_NONE_OR_TEXT: Final = re.compile(r"\b(?:None|S)\b")
_ERROR: Final = re.compile(r"\b(?:undetermined|not_understood|refuse)\(")
_LOOP: Final = re.compile(r"\bfor [\w, ()]+ in\b")
_DECISION: Final = re.compile(
    r"^(?:if|elif|while)\b|\.(?:has|find|named|all|below)\(|[=!<>]=|[<>]|\b(?:not|in|is)\b|\[S|\.(?:startswith|endswith|removeprefix|removesuffix|r?partition|r?split|replace|"
    r"search|(?:full)?match|sub|get|count|r?index|r?find|strip|lstrip|rstrip|finditer|findall)\("
)
"""What compares text or takes it apart."""
_COMMAND: Final = re.compile(
    r"""^["'](?:no )?(?:aaa|access-\w+|address-family|bfd|bgp|crypto|interface|ip|ipv6|line|logging|match|neighbor|"""
    r"""ntp|passive-interface|redistribute|router|service|set|snmp-server|tunnel|vrf) """
)
"""How a line of a router's configuration begins, which a text may be looked for as."""
_AT: Final = r"(?:\.at\((?:[^()]|\([^()]*\))*\))?"
_PLACE: Final = re.compile(rf"\bsource=(?:None|[\w.]+{_AT})(?=[,)]|$)")
"""An argument that says where a finding or record stands."""
_HINT: Final = re.compile(r"\bnext_command=(?:None|[\w.]+(?:\([^()]*\))?)(?=[,)]|$)")
"""An argument that proposes the next command."""
CLASSES: Final = {
    "wording": "a sentence for a reader: no test holds the words of every message, and none should",
    "error-cause": "the code or the words of an error, which stays an error",
    "place": "the line, answer or record that a message points to",
    "hint": "the next command that a finding proposes",
    "untested": "a function that no fast test reaches: explained one by one, or a test is missing",
    "unended": "a test run that took too long, for a loop without end or a loaded machine: explained one by one",
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
    raw = work / "run.json"
    with (work / "mutmut.log").open("w", encoding="utf-8") as log:
        command = [python, HERE / "mutant_run.py", str(options.sample), str(options.seed), raw]
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        ended = subprocess.run(command, cwd=copy, check=False, env=clean, stdout=log, stderr=subprocess.STDOUT)
    if ended.returncode:
        print(f"mutmut ended with {ended.returncode}, see {log.name}", file=sys.stderr)
        return 2
    ran = json.loads(raw.read_text(encoding="utf-8"))
    told = document(ran["mutants"], survivors(ran["sample"]), options, time.monotonic() - begun)
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


def survivors(sample: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mutants of the sample that no test noticed: name, what was, what it became, and of which kind that is."""
    known = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    found = []
    for mutant in sorted(sample, key=lambda each: str(each["name"])):
        if mutant["code"] in KILLED:
            continue
        was, became = changed(mutant["diff"])
        kind = "untested" if mutant["code"] == UNREACHED else kind_of(was, became)
        if mutant["code"] in UNENDED:
            kind = "unended"
        each = {"name": mutant["name"], "was": was, "became": became, "kind": kind}
        found.append(each | {"why": explained(each, known) if kind in JUDGED else CLASSES[kind]})
    return found


def changed(diff: str) -> tuple[str, str]:
    """What a mutant's lines were and what they became, each on one line."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, became = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return was, became


def explained(survivor: dict[str, Any], known: list[dict[str, str]]) -> str | None:
    """Why a person let it pass; mutants are known by what they change, since their numbers change with the code.

    What a line was is told too where nothing but signs is left of it.
    """
    function = function_of(survivor["name"])
    for each in known:
        same = each["function"] == function and each["became"] == survivor["became"]
        if same and each.get("was", survivor["was"]) == survivor["was"]:
            return each["why"]
    return None


def function_of(name: str) -> str:
    """Module and function of a mutant, without mutmut's marks."""
    return (
        re.sub(r"\.xǁ|\.x_", ".", name.rpartition("__mutmut_")[0]).replace("ǁ", ".").removeprefix("pytest_azinterop.")
    )


def kind_of(was: str, became: str) -> str:
    """What a change touches, by its text alone; whatever might decide something is behavior."""
    old, new = _TEXT.findall(was), _TEXT.findall(became)
    gone = [text for text in old if text not in new]
    plain, plain_after = _TEXT.sub("S", was), _TEXT.sub("S", became)
    only_texts = bool(gone) and _NONE_OR_TEXT.sub("S", plain) == _NONE_OR_TEXT.sub("S", plain_after)
    if _within_error(was, became) or (only_texts and _CAUSES.search(" ".join(gone)) and not _decides(plain)):
        return "error-cause"
    if only_texts and all(" " in text and not _COMMAND.search(text) for text in gone) and not _decides(plain):
        return "wording"
    if _without(_HINT, was) == _without(_HINT, became):
        return "hint"
    if _without(_PLACE, was) == _without(_PLACE, became):
        return "place"
    return "behavior"


def _decides(plain: str) -> bool:
    """Whether a line compares or takes apart text, so that a text in it may be more than words."""
    return bool(_DECISION.search(_LOOP.sub("", plain)))


def _within_error(was: str, became: str) -> bool:
    """Whether both are the same but for what stands between the brackets of a call that makes an error."""
    call = _ERROR.search(was)
    if call is None or not became.startswith(was[: call.end()]):
        return False
    rests = [_after_bracket(line[call.end() :]) for line in (was, became)]
    return rests[0] == rests[1]


def _after_bracket(text: str) -> str:
    """What follows the bracket that closes one opened before the text; nothing if the line ends before."""
    depth = 1
    for index, sign in enumerate(_TEXT.sub(lambda found: "S" * len(found[0]), text)):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return text[index + 1 :]
    return ""


def _without(pattern: re.Pattern[str], line: str) -> str:
    """The line without what the pattern finds, and with one blank where several stood."""
    return re.sub(r"[\s,]+", " ", pattern.sub("", line)).strip()


def document(count: int, left: list[dict[str, Any]], options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """What build/mutants.json holds. The judged score leaves out what only a reader would notice."""
    kinds = Counter(each["kind"] for each in left)
    telling = kinds["wording"] + kinds["error-cause"] + kinds["place"] + kinds["hint"]
    sample = min(options.sample, count)
    judged = 1 - (len(left) - telling) / (sample - telling)
    return {
        "held": judged >= SCORE and all(each["why"] for each in left if each["kind"] in JUDGED),
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
        if each["kind"] in JUDGED:
            print(f"{function_of(each['name'])}: {each['was'][:100]} => {each['became'][:100]}")
            print(f"      {each['why'] or 'not explained yet'}")


if __name__ == "__main__":
    sys.exit(main())
