"""Interface names as IOS-XE prints them, from any spelling that an engineer types."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

# What routers of the family accept behind `interface`, physical and virtual.
TYPES: Final = (
    "AppGigabitEthernet",
    "Async",
    "ATM",
    "BDI",
    "Bundle-Ether",
    "BVI",
    "Cellular",
    "CEM",
    "Dialer",
    "Embedded-Service-Engine",
    "Ethernet",
    "Ethernet-Internal",
    "FastEthernet",
    "FiftyGigE",
    "FiveGigabitEthernet",
    "FortyGigabitEthernet",
    "FourHundredGigE",
    "GigabitEthernet",
    "HundredGigE",
    "LISP",
    "Loopback",
    "MFR",
    "Multilink",
    "Null",
    "NVI",
    "nve",
    "Overlay",
    "Port-channel",
    "POS",
    "pseudowire",
    "Serial",
    "Service-Engine",
    "TenGigabitEthernet",
    "Tunnel",
    "Tunnel-tp",
    "TwentyFiveGigabitEthernet",
    "TwentyFiveGigE",
    "TwoGigabitEthernet",
    "TwoHundredGigE",
    "ucse",
    "vasileft",
    "vasiright",
    "Virtual-Access",
    "Virtual-Template",
    "VirtualPortGroup",
    "Vlan",
    "Wlan-GigabitEthernet",
)
# Abbreviations that begin several types, and the one that is meant.
_USUAL: Final = {
    "gi": "GigabitEthernet",
    "te": "TenGigabitEthernet",
    "tw": "TwoGigabitEthernet",
    "twe": "TwentyFiveGigE",
    "fo": "FortyGigabitEthernet",
    "hu": "HundredGigE",
    "et": "Ethernet",
    "fa": "FastEthernet",
    "fi": "FiveGigabitEthernet",
    "lo": "Loopback",
    "tu": "Tunnel",
    "po": "Port-channel",
    "vi": "Virtual-Access",
    "vt": "Virtual-Template",
    "vp": "VirtualPortGroup",
    "bd": "BDI",
    "be": "Bundle-Ether",
    "mu": "Multilink",
    "nu": "Null",
}
# What makes a misspelt type recognizable: so many characters at its beginning, or so much of the whole.
_ALIKE_BEGINNING: Final = 3
_ALIKE: Final = 0.7
_LESS_ALIKE: Final = 0.5  # with all but one of those characters
_NAME = re.compile(r"([A-Za-z][A-Za-z-]*) ?(\d[\d/.:]*)")
# A name within an object such as `ce1-loc1/Te0/0/0.300` or `ce1-loc1/vrf-30/Tu30`; `*` may stand in its number.
_IN_OBJECT = re.compile(r"(?<=/)([A-Za-z][A-Za-z-]*) ?(?=[\d*][\d/.:*]*(?:/|$))")


def interface_name(value: str) -> str:
    """The long form of an interface name: `Te0/0/0.300` becomes `TenGigabitEthernet0/0/0.300`.

    Raises ValueError for anything else, and for a type that IOS-XE does not know.
    """
    match = _NAME.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not an interface name such as TenGigabitEthernet0/0/0.300 or Tunnel30")
    kind, number = match.groups()
    full = full_type(kind)
    if full is None:
        near = _nearest(kind)
        hint = f"did you mean {near}{number}?" if near else "such as GigabitEthernet, TenGigabitEthernet or Tunnel"
        raise ValueError(f"{value!r}: IOS-XE knows no interface type {kind!r}; {hint}")
    return full + number


def in_object(text: str) -> str:
    """The name of an object with the interface names in it in their long form; what is none stays as it is."""
    return _IN_OBJECT.sub(lambda found: full_type(found[1]) or found[0], text)


def full_type(kind: str) -> str | None:
    """The type that this abbreviation means, in any case; None: no type, or several that begin so."""
    lower = kind.lower()
    exact = next((each for each in TYPES if each.lower() == lower), None)
    if exact is not None:
        return exact
    for short, full in _USUAL.items():
        if lower == short or (lower.startswith(short) and full.lower().startswith(lower)):
            return full
    begun = [each for each in TYPES if each.lower().startswith(lower)]
    return begun[0] if len(begun) == 1 and len(lower) > 1 else None


def _nearest(kind: str) -> str | None:
    """The type that is most like it; None: none is."""
    lower = kind.lower()

    def likeness(each: str) -> tuple[int, float]:
        known = each.lower()
        begun = next((at for at, (ours, theirs) in enumerate(zip(lower, known, strict=False)) if ours != theirs), 99)
        return begun, SequenceMatcher(None, lower, known).ratio()

    def is_near(each: str) -> bool:
        begun, ratio = likeness(each)
        return begun >= _ALIKE_BEGINNING or ratio >= (_LESS_ALIKE if begun == _ALIKE_BEGINNING - 1 else _ALIKE)

    return max(filter(is_near, (*_USUAL.values(), *TYPES)), key=likeness, default=None)
