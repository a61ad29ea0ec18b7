"""`discovered.yaml`: what was read from the network, value by value. It is a note, and never an expectation.

A value is accepted when the intent says something of the same object and key; what stands only here is counted.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, ValidationError

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml
from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.intent.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_azinterop.intent.expectations import Expectations

FILE = "discovered.yaml"
SHOWN = 3

Key = Literal[
    "hostname",
    "serial",
    "asn",
    "route-distinguisher",
    "vrf",
    "address",
    "ipv6-address",
    "ospf",
    "ntp",
    "archive",
    "bfd",
    "communities",
    "vlans",
    "remote-as",
    "role",
    "interface",
    "announced",
    "received",
    "local-preference",
    "hold-time",
    "keepalive",
    "source",
    "local",
    "peer",
    "protection",
    "front-vrf",
    "ike",
    "ipsec",
]
Scalar = str | int
_OF_TUNNELS: tuple[Key, ...] = ("peer", "ike", "ipsec", "front-vrf")  # what the intent always says of a tunnel


class Value(BaseModel):
    """One value of one object, with the answer that it was read from."""

    model_config = Strict.model_config

    object: str
    """The stable name of the object, as findings have it, such as `ce1-loc1/vrf-30/192.168.30.18`."""
    key: Key
    value: Scalar | tuple[Scalar, ...]
    command: str
    """The command whose answer says so."""
    lines: tuple[int, int] | None = None
    """First and last line of that answer; null: the whole of it."""
    read: datetime
    guess: str | None = None
    """Why this is believed, where the answer does not say it; null: it was read."""


class Discovered(BaseModel):
    """The whole of `discovered.yaml`."""

    model_config = Strict.model_config

    version: Literal[1] = 1
    tool: str
    read: datetime
    values: tuple[Value, ...] = Field(())


def load(folder: Path) -> Discovered | None:
    """What was discovered for an inventory; None: nothing was. Raises InventoryError for a file that is not one."""
    file = folder / FILE
    if not file.is_file():
        return None
    content = yaml.read(file, str(file)).value
    try:
        return Discovered.model_validate(content)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        words = f"`{where}`: {first['msg']}; `azinterop discover` writes it anew"
        raise InventoryError(words, file=str(file)) from None


def not_accepted(discovered: Discovered, everything: Expectations) -> tuple[Value, ...]:
    """The values of which the intent says nothing."""
    said = set(_said(everything))
    return tuple(value for value in discovered.values if (value.object, value.key) not in said)


def header(discovered: Discovered | None, everything: Expectations) -> list[str]:
    """The line for the head of a run; none where everything is accepted."""
    left = () if discovered is None else not_accepted(discovered, everything)
    if not left:
        return []
    shown = ", ".join(f"{value.object} {value.key}" for value in left[:SHOWN]) + (", …" if len(left) > SHOWN else "")
    count = "1 value" if len(left) == 1 else f"{len(left)} values"
    return [f"azinterop: {count} discovered and not accepted, so not expected: {shown}"]


def _said(everything: Expectations) -> Iterator[tuple[str, Key]]:
    """Every object and key of which the intent says something."""
    for device in everything.devices:
        yield device.id, "hostname"
        judged: Mapping[Key, object] = {"serial": device.serial, "ntp": device.ntp, "archive": device.archive}
        yield from ((device.id, key) for key, value in judged.items() if value is not None)
    for interface in everything.interfaces:
        yield interface.id, "vrf"
        yield from ((interface.id, "address"),) if interface.address is not None else ()
        yield from ((interface.id, "vlans"),) if interface.vlans is not None else ()
        yield from ((interface.id, "ospf"),) if interface.ospf is not None else ()
        if interface.route_distinguisher is not None:
            yield f"{interface.router}/{vrf_label(interface.vrf)}", "route-distinguisher"
    for session in everything.sessions:
        yield session.router, "asn"
        yield session.id, "remote-as"
        yield session.id, "role"
        given: Mapping[Key, object] = {
            "interface": session.interface,
            "announced": session.announce,
            "received": session.receive,
            "local-preference": session.local_preference,
            "hold-time": session.hold_time,
            "keepalive": session.keepalive,
            "bfd": session.bfd,
        }
        table = f"{session.router}/{vrf_label(session.vrf)}"
        yield from ((f"{table}/{prefix}", "communities") for prefix, _ in session.carried)
        if session.version == 6 and session.interface is not None and session.local_address is not None:
            yield f"{session.router}/{session.interface}", "ipv6-address"
        yield from ((session.id, key) for key, value in given.items() if value is not None)
    for tunnel in everything.tunnels:
        yield from ((tunnel.id, key) for key in _OF_TUNNELS)
        given = {
            "source": tunnel.source,
            "local": tunnel.local,
            "protection": tunnel.protection,
            "address": tunnel.address,
        }
        yield from ((tunnel.id, key) for key, value in given.items() if value is not None)
