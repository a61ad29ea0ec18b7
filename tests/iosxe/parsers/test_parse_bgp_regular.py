"""Rows that are read at once are read as column by column: the same records, and for what is wrong the same words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iosxe.parsers.parser_samples import HEAD, SOURCE, corpus_cases, row

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.parsers import bgp_table

OLD_HEAD = """BGP table version is 17, local router ID is 10.0.0.1
Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,
              r RIB-failure, S Stale
Origin codes: i - IGP, e - EGP, ? - incomplete

   Network          Next Hop            Metric LocPrf Weight Path
"""
ROWS = (
    row(" *>", "10.1.0.0/16", "192.0.2.1", None, 200, 0, "12076 65515", "i"),
    row(" *", "", "192.0.2.2", 5, 150, 0, "65515", "?"),
    row(" *>i", "10.2.0.0/24", "203.0.113.254", 4294967295, 12345678, 1, "7", "e"),
    row("Vr>", "10.0.0.0", "0.0.0.0", 0, None, 32768, "", "?"),
    row(" t", "fd00::/8", "2001:db8::1", None, None, 0, "7 8", "i"),
    row(" *>", "192.168.100.128/25", "192.0.2.1", 0, None, 0, "100 25 4000000000", "i"),
    " *> 10.3.0.0/16      192.0.2.1                0             0 7 i\n",
    " *> 10.4.0.0/16      192.0.2.1                0    100      0 7 i\n",
    " *                    192.0.2.9   0 100 0 7 i\n",
    "Total number of prefixes 4\n",
)


@contextmanager
def by_columns() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bgp_table._Reader, "_regular_row", lambda *_: False)
        yield


def outcome(text: str) -> object:
    """The records with the lines that they were read from, or what is said against the answer."""
    try:
        read = bgp_table.parse(text, SOURCE)
    except ParseError as error:
        return str(error), error.cause, error.line_number
    return [(table, [(path, path.source) for path in table.paths]) for table in read.records], read.unread


def agree(text: str) -> None:
    at_once = outcome(text)
    with by_columns():
        assert at_once == outcome(text)


@settings(max_examples=150)
@given(st.sampled_from((HEAD, OLD_HEAD)), st.lists(st.sampled_from(ROWS), min_size=1, max_size=5), st.data())
def test_disturbed_rows_are_read_alike(head: str, rows: list[str], data: st.DataObject) -> None:
    body = "".join(rows)
    at = data.draw(st.integers(0, len(body) - 1))
    instead = data.draw(st.sampled_from(["", " ", "  ", "0", "1", "a", ".", ":", "/", "*", "t", "\n", body[at]]))
    agree(head + body[:at] + instead + body[at + data.draw(st.integers(0, 2)) :])


@pytest.mark.parametrize("path", [*corpus_cases("bgp_table"), *corpus_cases("bgp_received")])
def test_real_tables_are_read_alike(path: Path) -> None:
    agree(answer.clean(path.read_text(encoding="utf-8", errors="replace")))


def test_most_rows_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[str] = []
    by_column = bgp_table._Reader._row
    monkeypatch.setattr(bgp_table._Reader, "_row", lambda self, line: (slow.append(line), by_column(self, line))[1])
    assert isinstance(outcome(HEAD + ROWS[0] + ROWS[1] + ROWS[2]), tuple)
    assert slow == []
    outcome(HEAD + ROWS[0] + ROWS[5])  # a network that fills its column is wrapped
    assert len(slow) == 2
