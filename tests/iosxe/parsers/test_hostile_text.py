"""The same real answer as another terminal would have shown it: other line ends, pager, log messages, echo, prompt.

What is read must not change; a line that no router would print there is refused or stays unread.
"""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from iosxe.parsers.parser_samples import SOURCE, corpus

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.catalogue import COMMANDS

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import corpus_samples

LISTED = corpus_samples.left_out(Path(corpus_samples.__file__).with_name("corpus_left_out.toml"))
MESSAGE = "*Mar  3 10:00:00.123: %BGP-5-ADJCHANGE: neighbor 192.0.2.1 Up"
PAGER = " --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b"
FOREIGN = ("ce1#show version", "ce1#", "% Invalid input detected at '^' marker.", "\x00\x1b[K~")


def cases() -> list[object]:
    """Every sixth sample of a directory that is read: its fact and its text."""
    found: list[object] = []
    for directory in corpus_samples.DIRECTORIES:
        for path in corpus(directory)[::6]:
            sample = corpus_samples.Sample(directory, path, "", None, same_device=False)
            if corpus_samples.excuse(sample, LISTED) or ".expected." in path.name:
                continue
            reading = corpus_samples.read(sample)
            if reading.parsed is not None and reading.fact != "running_config":  # whose lines carry their numbers
                found.append(pytest.param(reading.fact, reading.text, id=f"{directory}/{path.stem}"))
    reason = "the corpus of real router output is not here (AZINTEROP_CORPUS)"
    return found or [pytest.param("", "", marks=pytest.mark.skip(reason=reason), id="no-corpus")]


def read(fact: str, text: str) -> tuple[object, ...]:
    return COMMANDS[fact].read(text, SOURCE, {"address": "192.0.2.1"}).records


def bare(record: Any) -> Any:
    """A record without its unread lines, and so with every record in it."""
    if isinstance(record, tuple):
        return tuple(bare(item) for item in record)
    if not is_dataclass(record) or isinstance(record, type):
        return record
    changes = {
        each.name: bare(getattr(record, each.name)) for each in fields(record) if each.init and each.name != "source"
    }
    if "unread" in changes:
        changes["unread"] = ()
    return replace(record, **changes)


def lines_of(text: str) -> list[str]:
    return answer.clean(text).strip("\n").split("\n")


@pytest.mark.parametrize(("fact", "text"), cases())
def test_the_terminal_does_not_change_what_is_read(fact: str, text: str) -> None:
    lines = lines_of(text)
    plain = "\n".join(lines) + "\n"
    expected = read(fact, plain)
    every = range(1, len(lines), max(1, len(lines) // 20))
    for variant in (
        plain.replace("\n", "\r\n"),
        plain.replace("\n", "\r\r\n"),
        f"ce1#show something\r\n{plain}ce1#",
        f"\r\nce1#show something\nLoad for five secs: 1%/0%; one minute: 1%; five minutes: 1%\n{plain}\nce1# ",
        "\n".join(PAGER + line if at in every else line for at, line in enumerate(lines)) + "\n",
        "\n".join(f"{MESSAGE}\n{line}" if at in every else line for at, line in enumerate(lines)) + "\n",
    ):
        assert read(fact, variant) == expected


@pytest.mark.parametrize(("fact", "text"), cases())
def test_a_foreign_line_is_refused_or_unread(fact: str, text: str) -> None:
    lines = lines_of(text)
    expected = bare(read(fact, "\n".join(lines) + "\n"))
    for at in range(1, len(lines), max(1, len(lines) // 8)):
        for foreign in FOREIGN:
            damaged = "\n".join([*lines[:at], foreign, *lines[at:]]) + "\n"
            try:
                found = read(fact, damaged)
            except ParseError:
                continue
            assert bare(found) == expected, (at, foreign)
