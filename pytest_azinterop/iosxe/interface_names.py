"""The long form of an interface name that IOS-XE shortens in tables."""

from __future__ import annotations

import re
from typing import Final

# The abbreviation that IOS-XE prints, and the type. An unknown one stays as it is.
_TYPES: Final = {
    "Ap": "AppGigabitEthernet",
    "BD": "BDI",
    "Bd": "BDI",
    "BE": "Bundle-Ether",
    "BV": "BVI",
    "Ce": "Cellular",
    "Di": "Dialer",
    "Et": "Ethernet",
    "Fa": "FastEthernet",
    "Fi": "FiveGigabitEthernet",
    "Fo": "FortyGigabitEthernet",
    "Gi": "GigabitEthernet",
    "Hu": "HundredGigE",
    "Lo": "Loopback",
    "Mu": "Multilink",
    "Nu": "Null",
    "Po": "Port-channel",
    "Se": "Serial",
    "Te": "TenGigabitEthernet",
    "Tu": "Tunnel",
    "Tw": "TwoGigabitEthernet",
    "Twe": "TwentyFiveGigE",
    "Vi": "Virtual-Access",
    "Vl": "Vlan",
    "VP": "VirtualPortGroup",
    "Vp": "VirtualPortGroup",
    "Vt": "Virtual-Template",
    "nv": "nve",
}
_NAME = re.compile(r"([A-Za-z][A-Za-z-]*)\s*(\d[\w/.:]*)")


def long_name(name: str) -> str:
    """`Te0/0/0.300` as `TenGigabitEthernet0/0/0.300`, `Tunnel 30` as `Tunnel30`; anything else unchanged."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        return name.strip()
    kind, number = found.groups()
    return _TYPES.get(kind, kind) + number
