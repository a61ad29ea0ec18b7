"""AS paths as Azure prints them, brought to one form.

A circuit's route table separates ASNs by spaces, and some devices add the origin code and line noise (`46160 I\\n   `);
gateways separate them by dashes (`12076-65020`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pytest_azinterop.azure.values import as_text
from pytest_azinterop.state.bgp import AsPath

_ASN_MAX: Final = 2**32 - 1
_TOKEN = re.compile(r"\{([\d., ]+)\}|\(([\d. ]+)\)|(\d+(?:\.\d+)?)|([IiEe?])(?=\s*$)")
_SEPARATOR = re.compile(r"[\s-]*")
_ORIGIN: Final = {"i": "i", "e": "e", "?": "?"}


def as_path_of(value: object) -> tuple[AsPath, str | None]:
    """`as_path` of a JSON value; an empty text is the empty path."""
    return as_path(as_text(value))


@lru_cache(maxsize=4096)
def as_path(text: str) -> tuple[AsPath, str | None]:
    """The path and the origin code behind it (None without one). Raises ValueError for anything else."""
    sequence: list[int] = []
    confederation: tuple[int, ...] = ()
    aggregated: frozenset[int] = frozenset()
    origin: str | None = None
    position = _skip(text, 0)
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or (aggregated and not token[4]):
            raise ValueError(f"not an AS path: {text[:80]!r}")
        if token[1]:
            aggregated = frozenset(_number(asn) for asn in re.findall(r"\d+(?:\.\d+)?", token[1]))
        elif token[2]:
            if sequence:
                raise ValueError(f"a confederation behind other ASNs: {text[:80]!r}")
            confederation += tuple(_number(asn) for asn in token[2].split())
        elif token[3]:
            sequence.append(_number(token[3]))
        else:
            origin = _ORIGIN[token[4].lower()]
        after = _skip(text, token.end())
        if after == token.end() < len(text):
            raise ValueError(f"not an AS path: {text[:80]!r}")
        position = after
    shown = " ".join(str(asn) for asn in sequence)
    if confederation:
        shown = f"({' '.join(str(asn) for asn in confederation)}) {shown}".strip()
    if aggregated:
        shown = f"{shown} {{{','.join(str(asn) for asn in sorted(aggregated))}}}".strip()
    return AsPath(shown, tuple(sequence), aggregated, confederation), origin


def _skip(text: str, position: int) -> int:
    found = _SEPARATOR.match(text, position)
    return found.end() if found else position


def _number(text: str) -> int:
    high, dot, low = text.partition(".")
    if dot and (int(high) > 0xFFFF or int(low) > 0xFFFF):
        raise ValueError(f"not an ASN: {text[:20]!r}")
    asn = (int(high) << 16) + int(low) if dot else int(high)
    if asn > _ASN_MAX:
        raise ValueError(f"not an ASN: {text[:20]!r}")
    return asn
