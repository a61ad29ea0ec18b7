from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_azinterop.iosxe.prompt import Idle, Prompt, Reply, password_wanted

PROMPT = Prompt(b"ce1-loc1")
LINES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
LOOKALIKES = st.sampled_from(["ce1-loc1#show clock", "ce1-loc1#", "ce1-loc2#", " ce1-loc1#", "ce1-loc1> x", "#", ">"])
TEXTS = st.lists(st.one_of(LINES, LOOKALIKES), max_size=8).map(lambda lines: "".join(f"{line}\r\n" for line in lines))


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> list[bytes]:
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=10)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@given(TEXTS, st.data())
def test_an_answer_is_read_whole_however_it_arrives(text: str, data: st.DataObject) -> None:
    sent = b"show hosts\r\n" + text.encode() + b"ce1-loc1#"
    reply = Reply("show hosts", PROMPT)
    for chunk in data.draw(cut(sent)):
        reply.feed(chunk)
    assert reply.complete
    assert reply.text == text.encode()
    assert reply.prompt == b"ce1-loc1#"
    assert reply.rest_of_previous == b""


@given(TEXTS, st.integers(1, 9))
def test_an_answer_without_its_prompt_is_not_complete(text: str, missing: int) -> None:
    assume(not text.rstrip().endswith(("#", ">")))
    reply = Reply("show hosts", PROMPT)
    reply.feed((b"show hosts\r\n" + text.encode() + b"ce1-loc1#")[:-missing])
    assert not reply.complete
    with pytest.raises(ValueError, match="not complete"):
        _ = reply.text


@given(TEXTS, TEXTS)
def test_the_rest_of_the_answer_before_is_told_apart(rest: str, text: str) -> None:
    assume(rest.strip())
    assume("ce1-loc1#show" not in rest)
    reply = Reply("show hosts", PROMPT)
    reply.feed(b" " + rest.encode() + b"ce1-loc1#show hosts\r\n" + text.encode() + b"ce1-loc1#")
    assert reply.rest_of_previous == b" " + rest.encode()
    assert reply.text == text.encode()


@pytest.mark.parametrize(
    ("received", "complete", "rest"),
    [
        (b"\r\nce1-loc1#", True, b""),
        (b"more\r\nce1-loc1#", False, b""),
        (b" more\r\nce1-loc1#\r\nce1-loc1#", True, b" more\r\n"),
        (b"\r\n", False, b""),
    ],
)
def test_an_empty_line_brings_the_prompt_and_nothing_else(received: bytes, complete: bool, rest: bytes) -> None:
    idle = Idle(PROMPT)
    idle.feed(received)
    assert (idle.complete, idle.rest_of_previous) == (complete, rest)


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (b"banner\r\nce1#", b"ce1#"),
        (b"ce1>", b"ce1>"),
        (b"\r\n\x1b[0mce1# ", b"ce1#"),
        (b"\x07ce1#", b"ce1#"),
        (b"text\r\nce1# text", None),
        (b"####", None),
        (b"\r\n% error >", None),
        (b"", None),
    ],
)
def test_before_the_hostname_is_known_any_prompt_counts_at_the_end(received: bytes, found: bytes | None) -> None:
    assert Prompt().at_end(received) == found


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (b"\r\na-hostname-of-many-characters#", b"a-hostname-of-many-characters#"),
        (b"\r\na-hostname-of-many-c(config-router-af)#", b"a-hostname-of-many-c(config-router-af)#"),
        (b"\r\na-hostname-of-many-c#", None),
        (b"\r\nx a-hostname-of-many-characters#", None),
    ],
)
def test_configuration_mode_shortens_the_hostname(received: bytes, found: bytes | None) -> None:
    assert Prompt(b"a-hostname-of-many-characters").at_end(received) == found


WARNING = (
    b"Rollback Confirmed Change: Rollback will begin in one minute.\r\n"
    b'Enter "configure confirm" if you wish to keep what you\'ve configured\r\n\r\n'
)


@pytest.mark.parametrize("between", [b"", b"\r\n"])
def test_what_a_pending_rollback_says_behind_the_prompt_is_no_answer(between: bytes) -> None:
    reply = Reply("show clock", PROMPT)
    reply.feed(b"show clock\r\n10:00:00.000 UTC Mon Jan 5 2026\r\nce1-loc1#" + between + WARNING)
    assert reply.complete
    assert reply.text == b"10:00:00.000 UTC Mon Jan 5 2026\r\n"
    following = Reply("show hosts", PROMPT)
    following.feed(between + WARNING + b"show hosts\r\nnone\r\nce1-loc1#")
    assert (following.text, following.rest_of_previous) == (b"none\r\n", b"")


def test_the_page_prompt_counts_at_the_end_only() -> None:
    reply = Reply("show hosts", PROMPT)
    reply.feed(b"show hosts\r\nsay --More-- \r\n")
    assert not reply.paging
    reply.feed(b" --More-- ")
    assert reply.paging


@pytest.mark.parametrize(
    ("received", "wanted"),
    [
        (b"enable\r\nPassword: ", True),
        (b"\r\nPasscode:", True),
        (b"\r\nPassword: x", False),
        (b"no password: set", False),
    ],
)
def test_a_question_for_a_password_stands_at_the_end(received: bytes, wanted: bool) -> None:
    assert password_wanted(received) is wanted
