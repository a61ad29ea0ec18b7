"""AS numbers and AS paths as IOS-XE prints them."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_azinterop.state.bgp import AsPath

_MAX_ASN = 2**32 - 1
_ASN = re.compile(r"(\d{1,10})(?:\.(\d{1,5}))?\Z", re.ASCII)
_SEGMENT = re.compile(r"\{([^{}()\[\]]*)\}|\(([^{}()\[\]]*)\)|\[([^{}()\[\]]*)\]|([^\s{}()\[\]]+)")


def asn(text: str) -> int:
    """An AS number in asplain (`4200000001`) or asdot (`64086.59905`, RFC 5396) notation; ValueError otherwise."""
    match = _ASN.match(text)
    if match is None:
        raise ValueError(f"not an AS number: {text[:20]!r}")
    high, low = match.groups()
    if low is None:
        number = int(high)
    else:
        if int(high) > 0xFFFF or int(low) > 0xFFFF:
            raise ValueError(f"not an AS number: {text[:20]!r}")
        number = int(high) * 0x10000 + int(low)
    if number > _MAX_ASN:
        raise ValueError(f"not an AS number: {text[:20]!r}")
    return number


def _members(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    if not words:
        raise ValueError("an empty segment in an AS path")
    return tuple(asn(word) for word in words)


@lru_cache(maxsize=65536)
def as_path(text: str) -> AsPath:
    """Read an AS path without its origin code; ValueError if it is anything else.

    `{…}` is an AS_SET, `(…)` and `[…]` are confederation segments, which may only lead (RFC 5065 5.3). A path with
    more than one AS_SET is refused: its length could not be told from the record.
    """
    text = " ".join(text.split())
    sequence: list[int] = []
    confederation: list[int] = []
    aggregated: frozenset[int] = frozenset()
    position = 0
    for match in _SEGMENT.finditer(text):
        if text[position : match.start()].strip():
            raise ValueError(f"not an AS path: {text[:60]!r}")
        position = match.end()
        as_set, confed_sequence, confed_set, single = match.groups()
        if single is not None:
            sequence.append(asn(single))
        elif as_set is not None:
            if aggregated:
                raise ValueError("an AS path with more than one AS_SET")
            aggregated = frozenset(_members(as_set))
        else:
            if sequence or aggregated:
                raise ValueError("a confederation segment behind other ASNs")
            confederation.extend(_members(confed_sequence if confed_sequence is not None else confed_set))
    if text[position:].strip():
        raise ValueError(f"not an AS path: {text[:60]!r}")
    return AsPath(text=text, sequence=tuple(sequence), aggregated=aggregated, confederation=tuple(confederation))
