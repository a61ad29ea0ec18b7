"""What two OSPF routers must have in common before one takes the other's hello (RFC 2328, 8.2 and 10.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import InterfaceSettings, OspfSettings

HELLO: Final = 10
"""Seconds between two hellos, unless configured otherwise; four times that a neighbor is waited for."""


def timers(interface: InterfaceSettings) -> tuple[int, int]:
    """Seconds: hello interval and dead interval."""
    hello = interface.ospf_hello or HELLO
    return hello, interface.ospf_dead or 4 * hello


def authentication(process: OspfSettings, interface: InterfaceSettings, area: str) -> str:
    """``none``, ``simple`` or ``message-digest``: the interface's own line counts before the area's."""
    kind = interface.ospf_authentication or dict(process.authentication).get(area) or "null"
    return "none" if kind == "null" else kind


def agree(
    mine: tuple[OspfSettings, InterfaceSettings], theirs: tuple[OspfSettings, InterfaceSettings], area: str
) -> bool:  # fmt: skip
    """Whether each takes the other's hello. Of several digest keys a pair in common is enough: keys are rolled over."""
    one, other = mine[1], theirs[1]
    kind = authentication(*mine, area)
    if timers(one) != timers(other) or kind != authentication(*theirs, area):
        return False
    if kind == "simple":
        return one.ospf_key == other.ospf_key
    keys = set(one.ospf_digest_keys), set(other.ospf_digest_keys)
    return kind == "none" or bool(keys[0] & keys[1]) or keys == (set(), set())
