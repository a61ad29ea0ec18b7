"""The JSON that goes with the few questions that need one."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROTOCOLS: Final = ("Tcp", "Http", "Https", "Icmp")
_PORT_MAX: Final = 65535


def next_hop(given: Mapping[str, str]) -> dict[str, object]:
    """`target` is the id of a virtual machine, `nic` that of its interface where it has several."""
    body: dict[str, object] = {
        "targetResourceId": _machine(given, "target"),
        "sourceIPAddress": str(ip_address(_needed(given, "source"))),
        "destinationIPAddress": str(ip_address(_needed(given, "destination"))),
    }
    if "nic" in given:
        body["targetNicResourceId"] = _machine(given, "nic")
    return body


def connectivity(given: Mapping[str, str]) -> dict[str, object]:
    """`source` is the id of a virtual machine, `destination` an address; `port` and `protocol` (Tcp, Http, Https,
    Icmp) may be left to Azure."""
    destination: dict[str, object] = {"address": str(ip_address(_needed(given, "destination")))}
    if "port" in given:
        port = int(given["port"]) if given["port"].isdecimal() else 0
        if not 0 < port <= _PORT_MAX:
            raise ValueError(f"not a port: {given['port'][:20]!r}")
        destination["port"] = port
    body: dict[str, object] = {"source": {"resourceId": _machine(given, "source")}, "destination": destination}
    if "protocol" in given:
        known = {name.casefold(): name for name in _PROTOCOLS}
        try:
            body["protocol"] = known[given["protocol"].casefold()]
        except KeyError:
            raise ValueError(f"protocol is one of {', '.join(_PROTOCOLS)}, not {given['protocol'][:20]!r}") from None
    return body


def _needed(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        raise ValueError(f"the question needs {name}")
    return given[name]


def _machine(given: Mapping[str, str], name: str) -> str:
    text = _needed(given, name)
    if not text.casefold().startswith("/subscriptions/") or not text.isprintable() or len(text) > 1000:
        raise ValueError(f"{name} is not the id of a resource: {text[:80]!r}")
    return text
