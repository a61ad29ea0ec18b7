"""Words for messages: bounded, in a stable order, and free of what a terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

_SHOWN = 5


def clean(text: str, limit: int = 100) -> str:
    """Text from a device, on one line, without control characters, at most `limit` characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def order(prefix: IPv4Network | IPv6Network) -> tuple[int, int, int]:
    """A sort key by family, address and length."""
    return prefix.version, int(prefix.network_address), prefix.prefixlen


def prefix_list(prefixes: Iterable[IPv4Network | IPv6Network]) -> str:
    """`10.10.30.0/24, 10.11.30.0/26`, in order, without repetition, the rest of a long list as a number."""
    return some(map(str, sorted(set(prefixes), key=order)))


def some(words: Iterable[str]) -> str:
    """The first few words in their order, and how many more there are."""
    every = list(words)
    rest = len(every) - _SHOWN
    return ", ".join(every) if rest <= 0 else f"{', '.join(every[:_SHOWN])} and {rest} more"
