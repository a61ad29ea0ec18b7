"""The small values of the intent: durations, interface names, tags, prefixes."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from pytest_azinterop.intent.interface_names import interface_name

_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?")
_DURATION_PATTERN = r"^(?=.)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?$"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/@+-]{0,99}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def duration(value: Any) -> timedelta:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """`90s`, `5m`, `2h30m`, `1w` as a time span. A bare number is refused: nobody remembers its unit."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write it with units, such as 90s, 5m or 2h30m")
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def duration_text(value: timedelta) -> str:
    """The shortest spelling that `duration` reads back."""
    rest = int(value.total_seconds())
    parts = []
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def prefix(value: Any) -> IPv4Network | IPv6Network:  # noqa: ANN401
    """A network prefix with its length, and without host bits."""
    if isinstance(value, (IPv4Network, IPv6Network)):
        return value
    text = str(value)
    if "/" in text:
        with suppress(ValueError):
            return ip_network(text)
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not a prefix such as 10.2.30.0/25") from None
    if "/" not in text:
        raise ValueError(f"{value!r} has no length; write {_with_length(loose)}")
    raise ValueError(f"{value!r} has host bits set; did you mean {loose}?")


def _with_length(address: IPv4Network | IPv6Network) -> str:
    """`10.21.40.0/24, or /32 for one address`: the length that zeros at the end suggest."""
    number, size = int(address.network_address), address.max_prefixlen
    step = 8 if address.version == 4 else 16
    bits = step
    while bits + step < size and number % (1 << (bits + step)) == 0:
        bits += step
    if number % (1 << bits):
        return f"{address.network_address}/{size} if this one address is meant"
    return f"{address.network_address}/{size - bits}, or /{size} for one address"


def subnet(value: Any) -> IPv4Network:  # noqa: ANN401
    """An IPv4 prefix, such as the /30 of a peering."""
    found = prefix(value)
    if isinstance(found, IPv6Network):
        raise ValueError(f"{value!r} is not an IPv4 subnet such as 172.20.40.0/30")
    return found


def subnet_ipv6(value: Any) -> IPv6Network:  # noqa: ANN401
    """An IPv6 prefix, such as the /126 of a peering."""
    found = prefix(value)
    if isinstance(found, IPv4Network):
        raise ValueError(f"{value!r} is not an IPv6 subnet such as fd00:172:20:40::/126")
    return found


def day(value: Any) -> date:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """A day as `2027-04-09`; no other spelling says for sure which part is the month."""
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a day of the calendar; write YYYY-MM-DD") from None
    raise ValueError(f"{value!r} is not a date; write YYYY-MM-DD, such as 2027-04-09")


def lies_in(inner: IPv4Network | IPv6Network, space: IPv4Network | IPv6Network) -> bool:
    """Whether `inner` is `space` or a more specific part of it."""
    if inner.version != space.version or inner.prefixlen < space.prefixlen:
        return False
    beyond = space.max_prefixlen - space.prefixlen
    return int(inner.network_address) >> beyond == int(space.network_address) >> beyond


def name(value: Any) -> str:  # noqa: ANN401
    """A name of the intent, a VRF or a router. YAML reads `vrf: 30` as a number; names of digits are names.

    Names become words of commands, so they hold nothing that a command line would read as more than one word.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise ValueError(f"{value!r} is not a name; write one word")
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is not a name; use one word of at most 100 letters, digits and . _ - : / @ +")
    return text


def mac_address(value: Any) -> str:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """A hardware address in any spelling, as IOS-XE prints it: `0011.2233.4455`."""
    digits = re.sub(r"[.:-]", "", value) if isinstance(value, str) else ""
    if re.fullmatch(r"[0-9A-Fa-f]{12}", digits) is None:
        raise ValueError(f"{value!r} is not a hardware address; write it as 00:11:22:33:44:55 or 0011.2233.4455")
    return ".".join(digits.lower()[at : at + 4] for at in (0, 4, 8))


WELL_KNOWN = {"internet": 0, "no-export": 0xFFFFFF01, "no-advertise": 0xFFFFFF02, "local-AS": 0xFFFFFF03}


def community_number(text: str) -> int | None:
    """A standard community as a number, from any way that IOS-XE prints it; None: it is none (RFC 1997)."""
    if text in WELL_KNOWN:
        return WELL_KNOWN[text]
    high, colon, low = text.partition(":")
    if not (high.isdecimal() and high.isascii() and (not colon or (low.isdecimal() and low.isascii()))):
        return None
    number = (int(high) << 16) + int(low) if colon else int(high)
    return number if number < 1 << 32 and (not colon or int(low) < 1 << 16) else None


def community(value: Any) -> str:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """A standard BGP community, such as 12076:50004."""
    if not isinstance(value, str) or (":" not in value and value not in WELL_KNOWN) or community_number(value) is None:
        raise ValueError(f'{value!r} is not a community; write it in quotes as "12076:50004", or a word as no-export')
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN, "examples": ["90s", "5m", "2h30m"]}),
]
InterfaceName = Annotated[str, AfterValidator(interface_name)]
MacAddress = Annotated[
    str, BeforeValidator(mac_address), WithJsonSchema({"type": "string", "examples": ["00:11:22:33:44:55"]})
]
Prefix = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(prefix),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["10.2.30.0/25"]}),
]
Subnet = Annotated[IPv4Network, BeforeValidator(subnet), WithJsonSchema({"type": "string", "format": "ipv4network"})]
SubnetIpv6 = Annotated[
    IPv6Network, BeforeValidator(subnet_ipv6), WithJsonSchema({"type": "string", "format": "ipv6network"})
]
Community = Annotated[
    str, BeforeValidator(community), WithJsonSchema({"type": "string", "examples": ["12076:50004", "no-export"]})
]
Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[
    str,
    BeforeValidator(name),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}], "examples": ["30", "customer-30"]}),
]
