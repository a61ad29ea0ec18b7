"""Cleaning an answer and telling it from a refusal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.answer import clean, lines_of, lines_or_none, refused
from pytest_azinterop.state.source import Source

SOURCE = Source("ce1", "show clock", datetime(2024, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("            ^\n% Invalid input detected at '^' marker.\n\n", "rejected"),
        ("ce1#show clok\n            ^\n% Invalid input detected at '^' marker.\n\nce1#", "rejected"),
        ("% Incomplete command.\r\n", "rejected"),
        ("% Invalid source interface - IP not enabled or interface is down\n", "no-such-interface"),
        ("% Invalid source address- IP address not on any of our up interfaces\n", "no-such-interface"),
        ('% Ambiguous command:  "sh v"\n', "rejected"),
        ("% Unknown something nobody has seen", "rejected"),
        ("%Error opening bootflash:/x (No such file or directory)", "rejected"),
        ("Command authorization failed.\n", "not-authorised"),
        ("% Authorization failed.\n", "not-authorised"),
        ("% This command is not authorized\n", "not-authorised"),
        ("Permission denied", "not-authorised"),
        ("% BGP not active\n", "feature-off"),
        ("% VRF 31 does not exist", "no-such-vrf"),
        ("% IP routing table 31 does not exist", "no-such-vrf"),
        ("% No such neighbor or address family", "no-such-neighbor"),
        ("% Inbound soft reconfiguration not enabled on 192.0.2.1", "soft-reconfiguration-off"),
    ],
)
def test_a_refusal_has_a_stable_cause(text: str, cause: str) -> None:
    refusal = refused(text)
    assert refusal is not None
    assert refusal.cause == cause
    assert text.replace("\r", "").split("\n")[refusal.line_number - 1].strip() == refusal.line
    with pytest.raises(ParseError) as caught:
        lines_or_none(text, SOURCE)
    assert caught.value.cause == cause
    assert caught.value.line_number == refusal.line_number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "% Network not in table\n",
        "% Subnet not in table",
        "Current privilege level is 15",
        "banner motd ^C\n% Invalid input detected at '^' marker.\nCommand authorization failed.\n^C\nhostname x\n",
        "Log Buffer (4096 bytes):\n\n*Mar  1 00:00:01.000: %X-3-Y: Command authorization failed.\nline\nline\nline\n",
        "  Description: % Invalid input detected\n",
    ],
)
def test_content_is_no_refusal(text: str) -> None:
    assert refused(text) is None


def test_what_surrounds_an_answer_goes_and_line_numbers_stay() -> None:
    text = (
        "ce1#show clock\r\nLoad for five secs: 0%/0%; one minute: 1%; five minutes: 1%\r\n"
        "Time source is NTP, 09:00:00.000 UTC Wed May 1 2024\r\n\r\nfirst\x1b[K\r\n"
        " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08second\r\n"
        "*May  1 09:00:01.123: %BGP-5-ADJCHANGE: neighbor 192.0.2.1 Down\r\nthird \r\nce1#"
    )
    assert clean(text).split("\n") == ["", "", "", "", "first", "second", "", "third", ""]


def test_a_cut_row_is_not_taken_for_a_prompt() -> None:
    assert clean("a\n r>") == "a\n r>"


def test_an_empty_answer_and_a_page_prompt_are_errors() -> None:
    with pytest.raises(ParseError):
        lines_of("\r\n", SOURCE)
    assert lines_or_none("", SOURCE) == [""]
    with pytest.raises(ParseError) as caught:
        lines_of("some content\n --More-- ", SOURCE)
    assert caught.value.cause == "cut-off"


@given(st.text())
def test_cleaning_again_changes_nothing_that_matters(text: str) -> None:
    once = clean(text)
    assert "\r" not in once
    assert len(clean(once).split("\n")) == len(once.split("\n"))


@pytest.mark.parametrize("wiped", ["\b" * 9 + " " * 8 + "\b" * 9, "\r" + " " * 10 + "\r", "\b" * 10])
def test_the_blanks_behind_a_page_prompt_are_the_next_lines_own(wiped: str) -> None:
    assert clean(f"first\n --More-- {wiped}   *>  10.0.0.0\n") == "first\n   *>  10.0.0.0\n"
