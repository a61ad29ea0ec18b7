"""Forms of lines are found by how a line begins: each form must begin as it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.iosxe.parsers.bgp_neighbor_lines import SESSION, UNICAST
from pytest_azinterop.iosxe.parsers.interfaces import _VALUES
from pytest_azinterop.iosxe.parsers.line_forms import Beginnings, LineForms

FORMS = [(forms, *form) for forms in (SESSION, UNICAST, _VALUES) for form in forms.forms]
ALTERNATIVES = {"BGP state", "Session state", "Using BFD", "BFD is", "Tunnel", "Transport", "Path"}


@pytest.mark.parametrize(
    ("forms", "start", "pattern"), FORMS, ids=[f"{start}-{at}" for at, (_, start, _) in enumerate(FORMS)]
)
@given(data=st.data())
def test_a_line_of_a_form_is_found(forms: LineForms, start: str, pattern: str, data: st.DataObject) -> None:
    line = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    if start not in ALTERNATIVES:
        assert line[0].isdigit() if start == "0" else line.startswith(start)
    assert forms.fullmatch(line) is not None


def test_the_first_form_that_fits_counts_and_words_inside_come_last() -> None:
    forms = LineForms(
        ("abcd", r"abcd (?P<first>\d+)"),
        ("abc", r"abc.* (?P<second>\d+)"),
        ("0", r"(?P<number>\d+) apples"),
        inside=(("pears", r"(?P<pears>.*pears.*)"),),
    )
    found = {
        line: match.lastgroup
        for line in ("abcd 1", "abcx 1", "7 apples", "abcd pears", "7 pears", "zzz", "")
        if (match := forms.fullmatch(line))
    }
    assert found == {
        "abcd 1": "first",
        "abcx 1": "second",
        "7 apples": "number",
        "abcd pears": "pears",
        "7 pears": "pears",
    }


def test_a_beginning_that_is_too_short_to_be_found_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        LineForms(("ab", "ab.*"))
    with pytest.raises(ValueError, match="too short"):
        Beginnings(("ab",), "x")
    words = Beginnings(("abc", "abcd e"), r"\d+ x")
    assert [words.match(line) for line in ("abcdef", "ab", "12 xy", "x 12 x")] == [True, False, True, False]
