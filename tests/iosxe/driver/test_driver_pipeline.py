"""Commands typed before the ones before them are answered: no answer is ever told for another command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.driver.fake_router import CLOSE, HANG, PAGE, FakeRouter
from iosxe.driver.test_driver_prompt import PROMPT, TEXTS, cut
from iosxe.driver.test_driver_sessions import driver

from pytest_azinterop.errors import NotAllowedError
from pytest_azinterop.iosxe import pipeline
from pytest_azinterop.iosxe.pipeline import MOST_BYTES, MOST_COMMANDS, Replies, together

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_azinterop.iosxe.terminal import Told

TYPED = ("show clock   ", "show hosts ", "show privilege      ")
COMMANDS = tuple(line.rstrip() for line in TYPED)
MESSAGE = b"\r\n*Nov 27 10:00:00.000: %SYS-5-CONFIG_I: Configured from console by x on vty0\r\n"


def stream(typed: tuple[str, ...], texts: tuple[str, ...]) -> bytes:
    """What a router sends back that is at its prompt when it is typed ahead to."""
    answers = zip(typed, texts, strict=True)
    return "".join(f"{line}\r\n{text}ce1-loc1#" for line, text in answers).encode()


@given(st.tuples(TEXTS, TEXTS, TEXTS), st.data())
def test_each_answer_is_its_own_command_s_however_it_arrives(texts: tuple[str, ...], data: st.DataObject) -> None:
    replies = Replies(TYPED, PROMPT)
    for chunk in data.draw(cut(stream(TYPED, texts))):
        assert not replies.doubt
        replies.feed(chunk)
    assert replies.complete
    assert replies.texts() == [text.encode() for text in texts]
    assert replies.rest_of_previous == b""


@given(
    st.tuples(TEXTS, TEXTS, TEXTS),
    st.lists(st.sampled_from([f"ce1-loc1#{line}\r\n" for line in (*TYPED, *COMMANDS)]), max_size=3),
    st.sets(st.sampled_from(range(3))),
    st.integers(0, 60),
    st.data(),
)
def test_no_answer_is_told_for_another_command(
    texts: tuple[str, ...], planted: list[str], dropped: set[int], missing: int, data: st.DataObject
) -> None:
    """Whatever stands in the answers, whichever commands the router never took, and wherever its words end."""
    planted_texts = [*texts]
    for line in planted:
        planted_texts[data.draw(st.integers(0, 2))] += line
    taken = [number for number in range(3) if number not in dropped]
    whole = stream(tuple(TYPED[n] for n in taken), tuple(planted_texts[n] for n in taken))
    replies = Replies(TYPED, PROMPT)
    for chunk in data.draw(cut(whole[: len(whole) - missing])):
        if not replies.doubt:
            replies.feed(chunk)
    forged = any(line == f"ce1-loc1#{typed}\r\n" for line in planted for typed in TYPED)
    for number, told in enumerate(replies.texts()):
        if told is None or (forged and dropped):
            continue
        assert number in taken
        if missing:
            assert planted_texts[number].encode().startswith(told)
        else:
            assert told == planted_texts[number].encode()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_command_that_the_router_lost_is_not_answered(lost: int) -> None:
    texts = ("one\r\n", "two\r\n", "three\r\n")
    taken = [number for number in range(3) if number != lost]
    replies = Replies(TYPED, PROMPT)
    replies.feed(stream(tuple(TYPED[n] for n in taken), tuple(texts[n] for n in taken)))
    assert not replies.complete
    assert (
        replies.texts()
        == {
            0: [None, None, None],
            1: [None, None, None],
            2: [b"one\r\n", b"two\r\n", None],
        }[lost]
    )
    assert bool(replies.doubt) == (lost == 1)


def test_an_echo_that_stands_in_an_answer_too_puts_both_sides_of_it_in_doubt() -> None:
    replies = Replies(TYPED, PROMPT)
    replies.feed(stream(TYPED, ("one\r\nce1-loc1#show hosts \r\nforged\r\n", "two\r\n", "three\r\n")))
    assert replies.complete
    assert replies.texts() == [None, None, b"three\r\n"]


def test_the_same_words_with_other_blanks_are_text() -> None:
    replies = Replies(TYPED, PROMPT)
    text = "one\r\nce1-loc1#show hosts\r\nforged\r\nce1-loc1#"
    replies.feed(stream(TYPED, (f"{text}\r\n", "two\r\n", "three\r\n")))
    assert replies.texts() == [f"{text}\r\n".encode(), b"two\r\n", b"three\r\n"]


def test_a_message_behind_a_prompt_belongs_to_no_answer() -> None:
    replies = Replies(TYPED, PROMPT)
    sent = stream(TYPED, ("one\r\n", "two\r\n", "three\r\n"))
    replies.feed(sent.replace(b"ce1-loc1#show hosts", b"ce1-loc1#" + MESSAGE + b"show hosts"))
    assert replies.texts() == [b"one\r\n", b"two\r\n", b"three\r\n"]


def test_an_echo_without_a_prompt_before_it_is_none() -> None:
    replies = Replies(TYPED[:2], PROMPT)
    replies.feed(b"show clock   \r\nshow hosts \r\none\r\nce1-loc1#two\r\nce1-loc1#")
    assert not replies.complete
    assert replies.echoed == 1


def test_what_is_typed_at_once_fits_the_router_s_buffer() -> None:
    many = [f"show ip route 10.0.{number}.0" for number in range(50)]
    taken = together(many)
    assert 1 < len(taken) <= MOST_COMMANDS
    assert sum(len(command) + pipeline._BLANKS + 1 for command in taken) <= MOST_BYTES
    assert together(["show clock", "show hosts", "show clock"]) == ["show clock", "show hosts"]
    assert together(["show clock", "ping 10.0.0.1", "show hosts"]) == ["show clock"]
    assert together(["ping 10.0.0.1", "show hosts"]) == ["ping 10.0.0.1"]
    assert together(["show " + "x" * 500, "show hosts"]) == ["show " + "x" * 500]
    assert {len(pipeline.blanks()) for _ in range(1000)} == set(range(1, pipeline._BLANKS + 1))


# ------------------------------------------------------------------ over SSH

ANSWERS = {"show clock": [b"one\r\n"], "show hosts": [b"two\r\n"], "show privilege": [b"three\r\n"]}


def told(router: FakeRouter, folder: Path, deadline: float = 10.0) -> tuple[list[Told], bool]:
    device = driver(router, folder)
    device.open()
    try:
        return device.ask_together(COMMANDS, deadline, 20.0), device.is_open
    finally:
        device.close()


def test_a_router_answers_what_is_typed_ahead(tmp_path: Path) -> None:
    with FakeRouter(answers=dict(ANSWERS), delay=0.01) as router:
        found, still_open = told(router, tmp_path)
    assert [each.text for each in found] == ["one\r\n", "two\r\n", "three\r\n"]
    assert still_open
    assert all(each.failure is None and each.seconds >= 0.005 for each in found)
    assert router.commands[2:] == list(COMMANDS)


def test_a_router_that_drops_what_is_typed_ahead(tmp_path: Path) -> None:
    with FakeRouter(answers=dict(ANSWERS), drops_ahead=True) as router:
        found, still_open = told(router, tmp_path, 0.3)
    assert found[0].text == "one\r\n"
    assert [each.failure.cause for each in found[1:] if each.failure] == ["timeout", "timeout"]
    assert "leave pipelining off" in str(found[1].failure)
    assert not still_open


# A page prompt that is seen at the end of what was received is one; else the key that it takes is missed later.
@pytest.mark.parametrize(
    ("step", "causes"), [(CLOSE, {"cut-off"}), (HANG, {"timeout"}), (PAGE, {"cut-off", "timeout"})]
)
def test_an_answer_that_stops_or_takes_a_key_takes_the_ones_behind_it_along(
    tmp_path: Path, step: str, causes: set[str]
) -> None:
    with FakeRouter(answers={**ANSWERS, "show hosts": [b"half\r\n", step, b"rest\r\n"]}, delay=0.05) as router:
        found, still_open = told(router, tmp_path, 0.5)
    assert found[0].text == "one\r\n"
    assert [each.failure is not None and each.failure.cause in causes for each in found[1:]] == [True, True]
    assert not still_open


def test_nothing_is_sent_where_one_command_is_not_allowed(tmp_path: Path) -> None:
    with FakeRouter(answers=dict(ANSWERS)) as router:
        device = driver(router, tmp_path)
        device.open()
        with pytest.raises(NotAllowedError):
            device.ask_together(["show clock", "reload"], 1.0, 1.0)
        assert device.ask("show clock", 1.0) == "one\r\n"
        device.close()
    assert router.commands[2:] == ["show clock"]


def test_a_router_that_goes_on_paging_is_not_typed_ahead_to(tmp_path: Path) -> None:
    with FakeRouter(answers=dict(ANSWERS), refuse={"terminal length 0"}) as router:
        device = driver(router, tmp_path)
        device.open()
        assert not device.may_be_typed_ahead
        device.close()
