"""A record as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

from pytest_azinterop.state.azure_source import AzureSource
from pytest_azinterop.state.source import Source

_ADDRESSES = (IPv4Address, IPv6Address, IPv4Network, IPv6Network, IPv4Interface, IPv6Interface)


def plain(value: object) -> object:
    """Addresses and times as text, durations in seconds, sets sorted; of the source only the place in the answer: the
    lines, or the path in the JSON."""
    if isinstance(value, AzureSource):
        return value.json_path
    if isinstance(value, Source):
        return None if value.lines is None else list(value.lines)
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, _ADDRESSES):
        return str(value)
    return _collection(value)


def _record(value: object) -> object:
    names = (item.name for item in fields(value) if not item.name.startswith("_"))  # type: ignore[arg-type]
    document = {name: plain(getattr(value, name)) for name in names if name != "source"}
    source = getattr(value, "source", None)
    if source is not None:
        document["read_at" if isinstance(source, AzureSource) else "lines_read"] = plain(source)
    return document


def _collection(value: object) -> object:
    if isinstance(value, (frozenset, set)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value
