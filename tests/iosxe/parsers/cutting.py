"""What every parser must do with a part of an answer.

A cut between two records, or inside the last word before the end, can only be told by the prompt that does not follow;
the session proves that. Everything else the parser itself must refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def read_or_none(parse: Callable[[str], Sequence[object]], text: str) -> Sequence[object] | None:
    try:
        return parse(text)
    except ParseError:
        return None


def assert_cuts_are_seen(parse: Callable[[str], Sequence[object]], text: str, *, tails: Sequence[str] = ()) -> None:
    """Cut at every byte: an error, the first records unchanged, or a difference that ends in the word that was cut.

    `tails` are beginnings of lines that a record may lack without being incomplete.
    """
    whole = parse(text)
    refused = 0
    for cut in range(len(text)):
        part = read_or_none(parse, text[:cut])
        if part is None:
            refused += 1
            continue
        assert part[:-1] == whole[: max(len(part) - 1, 0)], text[:cut]
        if part and part[-1] != whole[len(part) - 1]:
            in_word = not text[cut - 1].isspace() and not text[cut].isspace()
            rest = [line.strip() for line in text[cut:].split("\n") if line.strip()]
            allowed = in_word or (rest and rest[0].startswith(tuple(tails)))
            assert allowed, f"cut unseen before {text[cut : cut + 60]!r}"
    assert refused > len(text) // 4


def assert_noise_is_refused(parse: Callable[[str], Sequence[object]], text: str, noise: str = "ce1#") -> None:
    """A foreign line between any two lines of the answer is an error, or changes nothing."""
    whole = parse(text)
    lines = text.split("\n")
    for at in range(1, len(lines) - 1):
        found = read_or_none(parse, "\n".join([*lines[:at], noise, *lines[at:]]))
        assert found is None or found == whole, f"noise taken before {lines[at]!r}"


def refuses(parse: Callable[[str], Sequence[object]], text: str, match: str) -> None:
    with pytest.raises(ParseError, match=match):
        parse(text)
