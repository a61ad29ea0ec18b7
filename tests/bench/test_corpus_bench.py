"""`make corpus`: its bars, on a small corpus of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import corpus_opinions  # noqa: E402
import corpus_samples  # noqa: E402

ARP = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
ROW = "Internet  192.0.2.1               5   00a1.b2c3.d401  ARPA   GigabitEthernet1\n"


def run(corpus: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "corpus.py"), "--corpus", str(corpus), "--output", str(output)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_absent_corpus_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere", tmp_path / "corpus.json")
    assert done.returncode == 2
    assert "no samples" in done.stderr


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A corpus with one ARP table in every directory: the content says what it is, not the directory."""
    for name in corpus_samples.DIRECTORIES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.txt").write_text(ARP + ROW)
    return tmp_path


def write_expected(small: Path, mac: str) -> None:
    entry = {"link_layer_address": mac, "age": "5"}
    document = {"interfaces": {"GigabitEthernet1": {"ipv4": {"neighbors": {"192.0.2.1": entry}}}}}
    (small / "arp" / "one.expected.json").write_text(json.dumps(document))


def test_the_bars_hold_for_what_is_read(small: Path) -> None:
    write_expected(small, "00a1.b2c3.d401")
    done = run(small, small / "corpus.json")
    assert done.returncode == 0, done.stdout
    document = json.loads((small / "corpus.json").read_text())
    jsonschema.validate(document, json.loads((BENCH / "corpus.schema.json").read_text()))
    arp = document["directories"][0]
    assert (arp["samples"], arp["read"], arp["records"], arp["agreed"]) == (1, 1, 1, 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ARP + ROW[:40] + "\n", "1 of 1 samples refused"),
        ("nothing that a router prints\n", "no known command prints this"),
    ],
)
def test_a_refusal_fails_the_run_and_is_named(small: Path, text: str, says: str) -> None:
    (small / "route" / "one.txt").write_text(text)
    done = run(small, small / "corpus.json")
    assert done.returncode == 1
    assert says in done.stdout


def test_a_disagreement_that_nobody_judged_fails_the_run(small: Path) -> None:
    write_expected(small, "00a1.b2c3.ffff")
    done = run(small, small / "corpus.json")
    assert done.returncode == 1
    assert "not judged" in done.stdout


def test_facts_that_only_one_side_has_differ() -> None:
    theirs = {("a",): {"x": "1"}, ("b",): {}}
    ours = {("a",): {"x": "2", "y": "3"}}
    agreed, found = corpus_opinions.compare(theirs, ours)
    assert agreed == 1
    assert [(each.object, each.value, each.theirs, each.ours) for each in found] == [
        ("a", "x", "1", "2"),
        ("b", "object", "present", "absent"),
    ]
