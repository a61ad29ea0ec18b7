"""The kinds of values that stand in a command, and what a command's renderer gets to see of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, NetmaskValueError
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INTERFACE_TYPES = (
    "Ethernet",
    "FastEthernet",
    "GigabitEthernet",
    "TenGigabitEthernet",
    "TwentyFiveGigE",
    "FortyGigabitEthernet",
    "HundredGigE",
    "Loopback",
    "Tunnel",
    "Port-channel",
    "BDI",
    "BVI",
    "Vlan",
    "Null",
    "Serial",
    "Dialer",
    "Virtual-Template",
    "Virtual-Access",
    "VirtualPortGroup",
    "nve",
)
_INTERFACE = re.compile(r"([A-Za-z][A-Za-z-]*?)\s*(\d+(?:/\d+)*(?:\.\d+)?(?::\d+)?)", re.ASCII)
_MAX_PORT = 2**32


def interface_name(text: str) -> str | None:
    """The full name of an interface from any unambiguous abbreviation, None when it is not one.

    Ambiguous abbreviations resolve as IOS-XE does it: the first type in its own order wins (``t0`` is a
    TenGigabitEthernet only where no other type starts so; ``Tu``, ``Te``, ``Tw`` are the shortest forms).
    """
    found = _INTERFACE.fullmatch(text.strip())
    if found is None:
        return None
    start, number = found.group(1).lower(), found.group(2)
    exact = [name for name in INTERFACE_TYPES if name.lower() == start]
    names = exact or [name for name in INTERFACE_TYPES if name.lower().startswith(start)]
    return f"{names[0]}{number}" if len(names) == 1 else None


def _address(tokens: Sequence[str]) -> tuple[str, int] | None:
    try:
        return str(IPv4Address(tokens[0])), 1
    except AddressValueError:
        return None


def _address6(tokens: Sequence[str]) -> tuple[str, int] | None:
    try:
        return (str(IPv6Address(tokens[0])), 1) if "%" not in tokens[0] else None
    except AddressValueError:
        return None


def _prefix6(tokens: Sequence[str]) -> tuple[str, int] | None:
    """``X:X::X`` or ``X:X::X/n``, host bits cleared."""
    text, slash, length = tokens[0].partition("/")
    if not slash:
        return _address6(tokens)
    try:
        return (str(IPv6Network(f"{text}/{length}", strict=False)), 1) if length.isdecimal() else None
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _prefix(tokens: Sequence[str]) -> tuple[str, int] | None:
    """``A.B.C.D``, ``A.B.C.D/n`` (host bits are cleared, as IOS does) or ``A.B.C.D M.M.M.M``."""
    text, slash, length = tokens[0].partition("/")
    try:
        IPv4Address(text)
        if slash:
            return (str(IPv4Network(f"{text}/{length}", strict=False)), 1) if length.isdecimal() else None
        if len(tokens) > 1 and _address(tokens[1:]) is not None:
            return str(IPv4Network(f"{text}/{tokens[1]}", strict=False)), 2
    except (AddressValueError, NetmaskValueError, ValueError):
        return None
    return text, 1


def _interface(tokens: Sequence[str]) -> tuple[str, int] | None:
    name = interface_name(tokens[0])
    if name is not None:
        return name, 1
    if len(tokens) > 1 and tokens[0].replace("-", "").isalpha() and tokens[1][:1].isdigit():
        name = interface_name(tokens[0] + tokens[1])
        return None if name is None else (name, 2)
    return None


def _number(tokens: Sequence[str]) -> tuple[str, int] | None:
    text = tokens[0]
    return (str(int(text)), 1) if text.isascii() and text.isdecimal() and int(text) < _MAX_PORT else None


def _word(tokens: Sequence[str]) -> tuple[str, int] | None:
    return tokens[0], 1


Reader = Callable[["Sequence[str]"], "tuple[str, int] | None"]
"""Reads a value from the tokens at hand: the value in its canonical form and how many tokens it took."""

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "addr": _address,
        "addr6": _address6,
        "prefix": _prefix,
        "prefix6": _prefix6,
        "interface": _interface,
        "number": _number,
        "word": _word,
    }
)
"""By kind, most specific first: the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``<name>`` or ``<name:kind>`` of a pattern; ``rest`` takes the remainder of the line as it was typed."""

    name: str
    kind: str

    @classmethod
    def parse(cls, text: str) -> Parameter:
        """From the text between the angle brackets. Without a kind, the name is the kind, or else it is a word."""
        name, colon, kind = text.partition(":")
        kind = kind if colon else (name if name in READERS or name == "rest" else "word")
        if kind not in READERS and kind != "rest":
            raise ValueError(f"unknown kind of parameter: <{text}>")
        return cls(name, kind)

    @property
    def rank(self) -> int:
        """Specific kinds are tried before a word."""
        return len(READERS) if self.kind == "rest" else list(READERS).index(self.kind)


@dataclass(frozen=True, slots=True)
class Args:
    """What was typed: parameter values in canonical form, and every keyword in full."""

    values: Mapping[str, str]
    keywords: tuple[str, ...]
    line: str = ""
    """The command as typed, without its pipe."""
    command: str = ""
    """The same with every keyword in full."""
    user: str | None = None
    """Who is logged in."""
    via: str = ""
    """The line that asks, and from where: ``vty0 (10.0.0.1)``."""
    privilege: int = 15

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def get(self, name: str) -> str | None:
        """None when the parameter was not given."""
        return self.values.get(name)

    def has(self, keyword: str) -> bool:
        """Whether this keyword of the pattern was typed (in any abbreviation)."""
        return keyword in self.keywords
