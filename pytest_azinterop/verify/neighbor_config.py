"""A neighbor's settings in a configuration, and the networks of the interfaces that it may be on."""

from __future__ import annotations

import re
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address

    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, NeighborConfig, RunningConfig

_NEIGHBOR_LINE: Final = re.compile(r"(?P<no>no )?(?:neighbor \S+ )?(?P<clause>.+)")


def networks(port: InterfaceConfig) -> Iterator[IPv4Network]:
    """The connected networks of an interface, of its secondary addresses too."""
    for line in port.line.children:
        found = re.fullmatch(r"ip address (\d\S+) (\d\S+)(?: secondary)?", line.text)
        if found:
            yield IPv4Interface(f"{found[1]}/{found[2]}").network


def neighbor(config: RunningConfig, vrf: str | None, address: IPv4Address | IPv6Address) -> NeighborConfig | None:
    """A neighbor's settings in its VRF; None: not configured there."""
    if config.bgp is None:
        return None
    return next((each for each in config.bgp.neighbors if (each.vrf, each.address) == (vrf, address)), None)


def clause(settings: NeighborConfig, words: str) -> ConfigLine | None:
    """The line that decides a setting of a neighbor, with what it inherits; None where it is off or not there.

    A neighbor's own line stands after those of its group and templates, and replaces them, `no` included.
    """
    decided: ConfigLine | None = None
    for line in settings.lines:
        found = _NEIGHBOR_LINE.fullmatch(line.text)
        if found and (found["clause"] == words or found["clause"].startswith(words + " ")):
            decided = None if found["no"] else line
    return decided
