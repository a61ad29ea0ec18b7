"""What a single word of a command may be, and its canonical spelling."""

from __future__ import annotations

import re
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    NetmaskValueError,
)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INTERFACE_TYPES = (
    "TenGigabitEthernet",
    "TwentyFiveGigE",
    "FortyGigabitEthernet",
    "HundredGigE",
    "GigabitEthernet",
    "FastEthernet",
    "Ethernet",
    "Loopback",
    "Tunnel",
    "Port-channel",
    "Null",
    "Vlan",
)
LOGICAL_TYPES = ("Loopback", "Tunnel", "Null", "Vlan", "Port-channel")
"""Interfaces that configuration creates and removes; the others are hardware."""

SEVERITIES = (
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
)
"""Of log messages, by number."""

_INTERFACE = re.compile(r"(?P<type>[A-Za-z][A-Za-z-]*)(?P<number>\d+(?:/\d+)*(?:\.\d+)?)")


def interface_name(text: str) -> str | None:
    """Full name of an interface from any unambiguous abbreviation; None when it is not one."""
    found = _INTERFACE.fullmatch(text)
    if found is None:
        return None
    short = found["type"].lower()
    names = [name for name in INTERFACE_TYPES if name.lower().startswith(short)]
    exact = [name for name in names if name.lower() == short]
    if not names or (len(names) > 1 and not exact and len(short) < 2):
        return None
    return (exact or names)[0] + found["number"]


def short_interface_name(name: str) -> str:
    """IOS's two-letter form: ``Te0/0/0``, ``Lo30``, ``Tu30``."""
    found = _INTERFACE.fullmatch(name)
    return name if found is None else found["type"][:2] + found["number"]


def parent_interface(name: str) -> str | None:
    """The port of a sub-interface; None for anything else."""
    return name.rsplit(".", 1)[0] if "." in name else None


def is_logical(name: str) -> bool:
    """True for interfaces that need no hardware (sub-interfaces included)."""
    return "." in name or name.startswith(LOGICAL_TYPES)


def choose(text: str, choices: tuple[str, ...]) -> str | None:
    """The choice that ``text`` abbreviates without ambiguity."""
    lower = text.lower()
    if lower in choices:
        return lower
    found = [choice for choice in choices if choice.startswith(lower)]
    return found[0] if len(found) == 1 else None


def asn(text: str) -> int | None:
    """An AS number, plain or asdot; None when out of range."""
    if text.isascii() and text.isdigit():
        value = int(text)
        return value if 0 < value < 2**32 else None
    high, dot, low = text.partition(".")
    if dot and high.isdigit() and low.isdigit() and int(high) < 65536 and int(low) < 65536:
        return int(high) * 65536 + int(low)
    return None


def _address(text: str) -> str | None:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return None


def _mask(text: str) -> str | None:
    value = _address(text)
    if value is None:
        return None
    number = int(IPv4Address(value)) ^ 0xFFFFFFFF
    return value if number & (number + 1) == 0 else None


def _prefix(text: str) -> str | None:
    if "/" not in text:
        return None
    try:
        return str(IPv4Network(text, strict=False))
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _address6(text: str) -> str | None:
    try:
        return str(IPv6Address(text)).upper() if "%" not in text else None
    except AddressValueError:
        return None


def _prefix6(text: str) -> str | None:
    return _of6(text, lambda value: IPv6Network(value, strict=False))


def _interface6(text: str) -> str | None:
    return _of6(text, IPv6Interface)


def _of6(text: str, read: Callable[[str], object]) -> str | None:
    if "/" not in text or "%" in text:
        return None
    try:
        return str(read(text)).upper()
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _asn(text: str) -> str | None:
    return text if asn(text) is not None else None


def _word(text: str) -> str | None:
    return text


def _interface(text: str) -> str | None:
    return interface_name(text)


def _peer(text: str) -> str | None:
    """A neighbor: an address or the name of a peer group."""
    if re.fullmatch(r"[\d.]+", text):
        return _address(text)
    if ":" in text:
        return _address6(text)
    return text if re.fullmatch(r"[A-Za-z][\w-]*", text) else None


def _seconds(text: str) -> str | None:
    return text if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text) else None


def _severity(text: str) -> str | None:
    return SEVERITIES[int(text)] if re.fullmatch("[0-7]", text) else choose(text, SEVERITIES)


_KINDS: dict[str, Callable[[str], str | None]] = {
    "ip": _address,
    "mask": _mask,
    "wildcard": _address,
    "prefix": _prefix,
    "ip6": _address6,
    "prefix6": _prefix6,
    "addr6": _interface6,
    "asn": _asn,
    "word": _word,
    "ifname": _interface,
    "peer": _peer,
    "mac": lambda text: text.lower() if re.fullmatch(r"(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}", text) else None,
    "rt": lambda text: text if re.fullmatch(r"[\d.]+:\d+", text) else None,
    "area": lambda text: text if text.isdigit() or _address(text) else None,
    "key": _word,
    "seconds": _seconds,
    "severity": _severity,
}


def canonical(kind: str, text: str) -> str | None:
    """Canonical spelling of a word of this kind, or None when it is not one. ``int(1-10)`` is a range."""
    if kind.startswith("int"):
        if not (text.isascii() and text.isdigit()):
            return None
        bounds = re.fullmatch(r"int\((\d+)-(\d+)\)", kind)
        value = int(text)
        return str(value) if bounds is None or int(bounds[1]) <= value <= int(bounds[2]) else None
    return _KINDS[kind](text)


def is_address(word: str) -> bool:
    """Whether a neighbor's name is an address (of canonical spelling) and not a peer group's."""
    return word[:1].isdigit() or ":" in word


def unquoted(text: str) -> str:
    """What stands between double quotes, or the text as it is."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key under which ``Te0/0/10`` follows ``Te0/0/9`` and addresses stand in numeric order."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in re.findall(r"\d+|\D+", text))


def classful(network: IPv4Address) -> IPv4Network:
    """The network that an address names without a mask."""
    first = int(network) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    return IPv4Network((int(network), length), strict=False)
