from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.azure.as_path import as_path

ASNS = st.lists(st.integers(1, 2**32 - 1), max_size=12)


@pytest.mark.parametrize(
    ("text", "sequence", "origin"),
    [
        ("", (), None),
        ("  \n ", (), None),
        ("65001 64807", (65001, 64807), None),
        ("46160 I\n                    ", (46160,), "i"),
        ("12076-65020", (12076, 65020), None),
        ("12076-12076", (12076, 12076), None),
        ("65515", (65515,), None),
        ("I", (), "i"),
        ("65001 ?", (65001,), "?"),
        ("1.10 65001", (65546, 65001), None),
    ],
)
def test_both_formats(text: str, sequence: tuple[int, ...], origin: str | None) -> None:
    path, code = as_path(text)
    assert (path.sequence, code) == (sequence, origin)


def test_sets_and_confederations() -> None:
    path, _ = as_path("(65100 65101) 65001 {65002,65003}")
    assert (path.confederation, path.sequence, path.aggregated) == ((65100, 65101), (65001,), {65002, 65003})
    assert path.length == 2


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "65001 x",
        "4294967296",
        "65001i2",
        "I 65001",
        "65001,65002",
        "{65001} 65002",
        "65001 I E",
        "1.2.3",
        "70000.1",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an|confederation"):
        as_path(text)


@given(ASNS, st.sampled_from([" ", "-", "  ", "\n "]), st.sampled_from(["", " I", " i\n   "]))
def test_separators_do_not_count(asns: list[int], separator: str, tail: str) -> None:
    path, origin = as_path(separator.join(map(str, asns)) + tail)
    assert path.sequence == tuple(asns)
    assert origin == ("i" if tail else None)
    assert as_path(str(path) if asns else "")[0] == path


@given(st.text(max_size=30))
def test_no_text_is_read_in_part(text: str) -> None:
    try:
        path, _ = as_path(text)
    except ValueError:
        return
    digits = sum(len(part) > 0 for part in text.replace("-", " ").split() if part[0].isdigit())
    assert len(path.sequence) <= max(digits, len(text))
