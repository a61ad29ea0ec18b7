from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.iosxe.parsers.as_path import as_path, asn


@pytest.mark.parametrize(
    ("text", "sequence", "aggregated", "confederation"),
    [
        ("", (), (), ()),
        ("12076 12076 65515", (12076, 12076, 65515), (), ()),
        ("1.10 4200000001", (65546, 4200000001), (), ()),
        ("300 47751 {27016}", (300, 47751), (27016,), ()),
        ("300 {27016,1.1}", (300,), (27016, 65537), ()),
        ("(65134) 65106", (65106,), (), (65134,)),
        ("(65134 65135)", (), (), (65134, 65135)),
    ],
)
def test_a_path_becomes_its_segments(
    text: str, sequence: tuple[int, ...], aggregated: tuple[int, ...], confederation: tuple[int, ...]
) -> None:
    path = as_path(text)
    assert (path.sequence, path.aggregated, path.confederation) == (sequence, frozenset(aggregated), confederation)
    assert path.text == text


@pytest.mark.parametrize(
    "text", ["12076 x", "1.2.3", "4294967296", "65536.1", "1.65536", "{}", "{1", "1}", "{1} {2}", "1 (2)", "-1", "1,2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"AS|segment"):
        as_path(text)


@given(st.integers(0, 2**32 - 1))
def test_asplain_and_asdot_are_the_same_number(number: int) -> None:
    assert asn(str(number)) == asn(f"{number >> 16}.{number & 0xFFFF}") == number
