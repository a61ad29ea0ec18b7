"""Read every sample of a corpus of real router output, print what came of it and write it as JSON.

Exit code 0 only if the bars hold: every intact table is read exactly, at most 5 % of the samples of a directory are
refused, nothing is dropped in silence, no disagreement with a second opinion is ours, and every best path stands in
the RIB. 1: a bar does not hold; 2: the corpus is not there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import corpus_checks
import corpus_opinions
import corpus_ours
import corpus_samples
import jsonschema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_samples import LeftOut, Reading, Sample

HERE = Path(__file__).resolve().parent
REFUSED_SHARE = 0.05
# What other projects expect of these comes from several commands, so it is no opinion about one of them.
_ONE_COMMAND = ("arp", "interfaces", "ping", "traceroute")


@dataclass(slots=True)
class Directory:
    """The tally of one directory."""

    name: str
    samples: int = 0
    left_out: list[dict[str, str]] = field(default_factory=list)
    records: int = 0
    unread: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    opinions: int = 0
    agreed: int = 0
    disagreements: list[dict[str, str]] = field(default_factory=list)
    best_paths: int = 0
    not_in_rib: list[str] = field(default_factory=list)
    commands_understood: int = 0

    @property
    def read(self) -> int:
        """Samples that were to be read and were."""
        return self.samples - len(self.left_out) - len(self.refused)

    def failures(self) -> list[str]:
        """The bars that this directory does not hold, in words."""
        asked = self.samples - len(self.left_out)
        found = []
        if len(self.refused) > REFUSED_SHARE * asked:
            found.append(f"{self.name}: {len(self.refused)} of {asked} samples refused, at most 5 % may be")
        found += [f"{row['sample']}: an intact table was refused" for row in self.refused if row["intact_table"]]
        found += [f"{row['sample']}: {row['opened']} records open, {row['read']} were read" for row in self.dropped]
        found += [
            f"{row['sample']}: {row['object']}: {row['value']}: {row['ours']}, they expect {row['theirs']}"
            f" ({row['verdict']})"
            for row in self.disagreements
            if row["verdict"] != "theirs"
        ]
        return found + [f"{name}: a best path that is not in the RIB" for name in self.not_in_rib]


def main(argv: Sequence[str] | None = None) -> int:
    """Read, print, write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="the directory that holds arp/, bfd/, …")
    parser.add_argument("--output", type=Path, default=Path("build/corpus.json"))
    arguments = parser.parse_args(argv)
    listed = corpus_samples.left_out(HERE / "corpus_left_out.toml")
    judged = tomllib.loads((HERE / "corpus_judged.toml").read_text(encoding="utf-8"))["judged"]
    try:
        directories = [_directory(arguments.corpus, name, listed, judged) for name in corpus_samples.DIRECTORIES]
    except FileNotFoundError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    failures = [failure for directory in directories for failure in directory.failures()]
    _write(arguments.output, arguments.corpus, directories, failures)
    _print(directories, failures)
    return 1 if failures else 0


def _directory(corpus: Path, name: str, listed: tuple[LeftOut, ...], judged: list[dict[str, str]]) -> Directory:
    tally = Directory(name)
    for sample in corpus_samples.samples(corpus, name):
        tally.samples += 1
        if entry := corpus_samples.excuse(sample, listed):
            tally.left_out.append({"sample": sample.name, "kind": entry.kind, "reason": entry.reason})
            continue
        reading = corpus_samples.read(sample)
        if reading.parsed is None:
            tally.refused.append(
                {
                    "sample": sample.name,
                    "reason": reading.refused,
                    "line": reading.line,
                    "intact_table": sample.columns is not None and sample.intact,
                }
            )
            continue
        _tally(tally, corpus, sample, reading, judged)
    return tally


def _tally(tally: Directory, corpus: Path, sample: Sample, reading: Reading, judged: list[dict[str, str]]) -> None:
    assert reading.parsed is not None
    read, opened = corpus_checks.count(reading), corpus_checks.opened(reading)
    tally.records += read
    tally.commands_understood += reading.typed is not None
    tally.unread += len(reading.parsed.unread)
    if opened is not None and opened != read:
        tally.dropped.append({"sample": sample.name, "opened": opened, "read": read})
    agreed, missing = corpus_checks.best_paths(corpus, sample, reading)
    tally.best_paths += agreed
    tally.not_in_rib += [f"{sample.name}: {path}" for path in missing]
    expected = sample.expected()
    several = "napalm" in sample.path.name and reading.fact not in _ONE_COMMAND
    if expected is None or several or reading.fact not in corpus_opinions.THEIRS:
        return
    theirs = corpus_opinions.facts(corpus_opinions.THEIRS[reading.fact](corpus_opinions.load(expected)))
    ours = corpus_opinions.facts(chain.from_iterable(map(corpus_ours.OURS[reading.fact], reading.parsed.records)))
    count, found = corpus_opinions.compare(theirs, ours)
    tally.opinions += 1
    tally.agreed += count
    for each in found:
        verdict = next(
            (row for row in judged if fnmatch(sample.name, row["sample"]) and fnmatch(each.object, row["object"])),
            {"verdict": "not judged", "reason": ""},
        )
        tally.disagreements.append(
            {
                "sample": sample.name,
                "object": each.object,
                "value": each.value,
                "theirs": each.theirs,
                "ours": each.ours,
                "verdict": verdict["verdict"],
                "reason": verdict["reason"],
            }
        )


def _write(output: Path, corpus: Path, directories: list[Directory], failures: list[str]) -> None:
    document = {
        "corpus": str(corpus),
        "held": not failures,
        "failures": failures,
        "directories": [
            {
                "name": each.name,
                "samples": each.samples,
                "left_out": each.left_out,
                "read": each.read,
                "records": each.records,
                "unread_lines": each.unread,
                "refused": each.refused,
                "dropped": each.dropped,
                "second_opinions": each.opinions,
                "agreed": each.agreed,
                "disagreements": each.disagreements,
                "best_paths_in_rib": each.best_paths,
                "best_paths_not_in_rib": each.not_in_rib,
                "commands_understood": each.commands_understood,
            }
            for each in directories
        ],
    }
    jsonschema.validate(document, json.loads((HERE / "corpus.schema.json").read_text(encoding="utf-8")))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _print(directories: list[Directory], failures: list[str]) -> None:
    print(f"{'directory':<16}{'samples':>8}{'left out':>9}{'read':>6}{'refused':>8}{'records':>9}", end="")
    print(f"{'opinions':>10}{'agreed':>8}{'differ':>7}{'best = RIB':>12}")
    for each in directories:
        rib = f"{each.best_paths}/{each.best_paths + len(each.not_in_rib)}" if each.best_paths else ""
        print(
            f"{each.name:<16}{each.samples:>8}{len(each.left_out):>9}{each.read:>6}{len(each.refused):>8}"
            f"{each.records:>9}{each.opinions:>10}{each.agreed:>8}{len(each.disagreements):>7}{rib:>12}"
        )
    for each in directories:
        for row in each.refused:
            print(f"refused  {row['sample']}: {row['reason']}")
    for entry in sorted({(row["kind"], row["sample"], row["reason"]) for each in directories for row in each.left_out}):
        print(f"left out {entry[1]}: {entry[0]}: {entry[2]}")
    seen = {(row["sample"], row["verdict"], row["reason"]) for each in directories for row in each.disagreements}
    for sample, verdict, reason in sorted(seen):
        print(f"differs  {sample}: {verdict}: {reason}")
    for failure in failures:
        print(f"FAILED   {failure}")


if __name__ == "__main__":
    sys.exit(main())
