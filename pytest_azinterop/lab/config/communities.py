"""BGP communities (RFC 1997) as text: typed in three ways, kept as ``AA:NN`` or the well-known name, printed in two."""

from __future__ import annotations

import re

_WELL_KNOWN = {
    "internet": 0,
    "gshut": 0xFFFF0000,
    "no-export": 0xFFFFFF01,
    "no-advertise": 0xFFFFFF02,
    "local-AS": 0xFFFFFF03,
}
_NAMES = {value: name for name, value in _WELL_KNOWN.items()}
_PAIR = re.compile(r"(\d{1,5}):(\d{1,5})", re.ASCII)


def community(word: str) -> str | None:
    """The one spelling of a community; None when the word is not one. ``65021:30``, ``4261216286``, ``no-export``."""
    known = next((name for name in _WELL_KNOWN if name.lower() == word.lower()), None)
    if known is not None:
        return known
    pair = _PAIR.fullmatch(word)
    if pair is not None:
        high, low = int(pair[1]), int(pair[2])
        return _text(high << 16 | low) if high < 65536 and low < 65536 else None
    if word.isascii() and word.isdigit() and 0 < int(word) < 2**32:
        return _text(int(word))
    return None


def _text(value: int) -> str:
    return _NAMES.get(value) or f"{value >> 16}:{value & 0xFFFF}"


def number(text: str) -> int:
    """The 32 bits of a community in its one spelling."""
    if text in _WELL_KNOWN:
        return _WELL_KNOWN[text]
    high, _, low = text.partition(":")
    return int(high) << 16 | int(low)


def ordered(communities: set[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in the order of an update."""
    return tuple(sorted(set(communities), key=number))


def printed(text: str, *, new_format: bool) -> str:
    """As a router prints it: one decimal number unless ``ip bgp-community new-format`` is configured."""
    return text if new_format or text in _WELL_KNOWN else str(number(text))
