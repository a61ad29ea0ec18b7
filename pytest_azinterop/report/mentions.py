"""What the text of a finding mentions: names of a configuration, and prefixes. Pure."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Network = IPv4Network | IPv6Network
_WORD: Final = re.compile(r"[0-9A-Fa-f:.]+(?:/\d{1,3})?")
_TARGET: Final = re.compile(r"\(([0-9A-Fa-f:.]+)\)")
_CUT: Final = re.compile(r" and \d+ more\b|…")
# Findings that are about the prefixes that they name, all of them.
_OF_PREFIXES: Final = ("routes.", "site.", "sides.announced", "sides.learned", "sides.path", "sides.reach")
_TO_AZURE: Final = frozenset(
    {"site.preference", "sides.learned"}
    | {f"routes.received:{cause}" for cause in ("missing", "nothing-received", "not-sent", "filtered-inbound")}
)


def word(text: str, name: str) -> bool:
    """Whether the text has this name, and not as a part of a longer one."""
    return re.search(rf"(?<![\w.:-]){re.escape(name)}(?![\w:-]|\.\w)", text) is not None


@cache
def prefixes(rule: str, message: str) -> frozenset[Network]:
    """The prefixes that a finding is about; none where it is about no certain ones, or does not name them all."""
    if rule.startswith("reach."):
        return frozenset(_networks(_TARGET.findall(message)))
    if not rule.startswith(_OF_PREFIXES) or _CUT.search(message):
        return frozenset()
    return frozenset(_networks(each for each in _WORD.findall(message) if "/" in each))


def apart(effect: tuple[str, str, str], root: tuple[str, str, str]) -> bool:
    """Whether two findings, each rule, cause and message, are about prefixes that have nothing in common.

    A probe names its target and not where it comes from, to which the answer has to find back: of it only what is
    about ways to Azure can be told apart.
    """
    if effect[0].startswith("reach.") and not _TO_AZURE & {root[0], f"{root[0]}:{root[1]}"}:
        return False
    here, there = prefixes(effect[0], effect[2]), prefixes(root[0], root[2])
    return bool(here and there) and not any(
        mine.version == their.version and mine.overlaps(their) for mine in here for their in there
    )


def _networks(words: Iterable[str]) -> list[Network]:
    found = []
    for each in words:
        try:
            found.append(ip_network(each, strict=False))
        except ValueError:
            continue
    return found
