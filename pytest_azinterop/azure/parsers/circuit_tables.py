"""The tables of a circuit's two devices: ARP, routes, sessions. `path` says whose.

https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/list-arp-table
https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/list-routes-table
https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/list-routes-table-summary
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, cast

from pytest_azinterop.azure import values
from pytest_azinterop.azure.as_path import as_path_of
from pytest_azinterop.azure.parsers.resource import read_rows
from pytest_azinterop.state.azure_circuit import CircuitArpEntry, CircuitRoute, CircuitSession

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.azure.values import Address
    from pytest_azinterop.state.azure_circuit import DevicePath
    from pytest_azinterop.state.azure_source import AzureSource

_HEX: Final = re.compile(r"[0-9a-f]{12}")
_UNRESOLVED: Final = frozenset({"", "incomplete", "000000000000"})
_ESTABLISHED: Final = "Established"
_ELAPSED: Final = re.compile(
    r"(?:(\d{1,3})y)? ?(?:(\d{1,3})w)? ?(?:(\d{1,4})d)? ?(?:(\d{1,2})h)? ?(?:(\d{1,4}):(\d\d):(\d\d))?", re.ASCII
)
_STATE = re.compile(r"[A-Za-z][A-Za-z ()/_-]{1,39}")


def parse_arp(document: object, source: AzureSource, *, path: str | None = None) -> Reading[CircuitArpEntry]:
    """The ARP table of one path."""
    device = _device(path)

    def row(fields: Fields) -> CircuitArpEntry:
        return CircuitArpEntry(
            path=device,
            address=fields.address("ipAddress"),
            mac=_mac(fields),
            side=fields.text("interface"),
            age=fields.integer_or_none("age"),
            source=fields.source,
        )

    return read_rows(document, source, row)


def parse_routes(document: object, source: AzureSource, *, path: str | None = None) -> Reading[CircuitRoute]:
    """The route table of one path."""
    device = _device(path)

    def row(fields: Fields) -> CircuitRoute:
        next_hop = fields.get_or_none("nextHop", _next_hop, "a next hop")
        route, origin = fields.get_blank("path", as_path_of, "an AS path")
        return CircuitRoute(
            path=device,
            prefix=fields.prefix("network"),
            next_hop=None if next_hop is None else next_hop[0],
            as_path=route,
            local_preference=fields.integer_or_none("locPrf"),
            weight=fields.integer_or_none("weight"),
            origin=origin,
            marked=next_hop is not None and next_hop[1],
            source=fields.source,
        )

    return read_rows(document, source, row)


def parse_sessions(document: object, source: AzureSource, *, path: str | None = None) -> Reading[CircuitSession]:
    """The route table summary of one path: its BGP sessions."""
    device = _device(path)

    def row(fields: Fields) -> CircuitSession:
        shown = fields.get("statePfxRcd", _state, "a state or a number of prefixes")
        return CircuitSession(
            path=device,
            neighbor=fields.address("neighbor"),
            # One client names the field after its own attribute: `as` is a word of Python.
            asn=fields.integer("asProperty" if fields.has("asProperty") else "as"),
            state=_ESTABLISHED if isinstance(shown, int) else shown,
            received_prefixes=shown if isinstance(shown, int) else None,
            up_down=fields.text("upDown"),
            up_for=_elapsed(fields.text("upDown")),
            bgp_version=fields.integer_or_none("v"),
            source=fields.source,
        )

    return read_rows(document, source, row)


def _elapsed(text: str) -> timedelta | None:
    """`00:00:09`, `2d03h`, `1w2d`, `1y2w` as one kind of MSEE prints it, `1w2d 03:04:05` as the other; None else."""
    found = _ELAPSED.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    years, weeks, days, hours, of_clock, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(365 * years + 7 * weeks + days, hours=hours + of_clock, minutes=minutes, seconds=seconds)


def _device(path: str | None) -> DevicePath | None:
    if path not in {"primary", "secondary", None}:
        raise ValueError(f"not a device path: {path[:20]!r}" if path else "empty")
    return cast("DevicePath | None", path)


def _mac(fields: Fields) -> str | None:
    return fields.get_or_none("macAddress", _mac_text, "a MAC address")


def _mac_text(value: object) -> str | None:
    digits = re.sub(r"[.:-]", "", values.as_text(value)).lower()
    if digits in _UNRESOLVED:
        return None
    if not _HEX.fullmatch(digits):
        raise ValueError("no MAC address")
    return f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"


def _next_hop(value: object) -> tuple[Address, bool]:
    text = values.as_text(value).strip()
    return ip_address(text.rstrip("*")), text.endswith("*")


def _state(value: object) -> int | str:
    if isinstance(value, int):
        return values.as_integer(value)
    text = values.as_text(value).strip()
    if text.isdecimal():
        return int(text)
    if not _STATE.fullmatch(text):
        raise ValueError("no state")
    return text
