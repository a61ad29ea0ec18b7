"""What scenario files say in words of their own: durations, prefixes, communities, protocols."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pytest_azinterop.lab.config.addresses import IpNetwork
from pytest_azinterop.lab.config.communities import community

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")


def seconds(value: object) -> float:
    """``90``, ``"30s"``, ``"2h"``, ``"1d12h"`` in seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    text = str(value).strip()
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != re.sub(r"\s", "", text):
        raise ValueError("not a duration: expected for example 30s, 2h or 1d12h")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


Duration = Annotated[float, BeforeValidator(seconds, json_schema_input_type=str | float)]
"""Seconds of simulated time; written as ``30s``, ``2h``, ``1d12h`` or a number of seconds."""


def compiled(patterns: list[str]) -> list[str]:
    """The same. Raises ValueError for what is no regular expression."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {pattern} ({error})") from None
    return patterns


Asn = Annotated[int, Field(ge=1, le=4294967295)]


class Strict(BaseModel):
    """An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


Mac = Annotated[str, Field(pattern=r"^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$")]
"""A MAC address as IOS writes it: ``0050.56ab.0001``."""


def _blocked(value: object) -> tuple[str, int | None]:
    protocol, slash, port = str(value).partition("/")
    if protocol not in _PROTOCOLS or (slash and not (protocol in ("tcp", "udp") and port.isdigit())):
        raise ValueError(f"not a protocol: expected one of {', '.join(_PROTOCOLS)}, udp/500 or tcp/179")
    return protocol, int(port) if slash else None


_PROTOCOLS = ("esp", "gre", "icmp", "ospf", "tcp", "udp")
Blocked = Annotated[tuple[str, int | None], BeforeValidator(_blocked, json_schema_input_type=str)]
"""A protocol, for TCP and UDP perhaps with a port of either end: ``esp``, ``udp/500``."""


def _network(value: object) -> object:
    return ip_network(value) if isinstance(value, str) else value


Prefix = Annotated[IpNetwork, BeforeValidator(_network, json_schema_input_type=str)]
"""An IPv4 or IPv6 network without host bits."""


def _community(value: object) -> str:
    found = community(str(value))
    if found is None:
        raise ValueError("not a community: expected for example 12076:51004 or no-export")
    return found


Community = Annotated[str, BeforeValidator(_community, json_schema_input_type=str)]
"""``12076:51004`` or a well-known name."""
