"""The link-state database of a process: what it and the routers that it reaches have originated, and since when."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.ospf_records import ExternalLsa, RouterLsa

if TYPE_CHECKING:
    from collections.abc import Hashable
    from ipaddress import IPv4Address, IPv4Network

REFRESH = 1800
"""Seconds after which an LSA is originated anew (RFC 2328, LSRefreshTime)."""
_FIRST = 0x80000001


@dataclass(slots=True)
class _Instance:
    content: Hashable
    since: float
    changes: int = 0


@dataclass(slots=True)
class Originations:
    """When each LSA got its present content, by originator and key."""

    _known: dict[tuple[object, ...], _Instance] = field(default_factory=dict)

    def tell(self, originator: object, contents: dict[object, Hashable], now: float) -> None:
        """An originator tells these, and nothing else."""
        for key in [key for key in self._known if key[0] == originator and key[1] not in contents]:
            del self._known[key]
        for name, content in contents.items():
            known = self._known.get((originator, name))
            if known is None:
                self._known[originator, name] = _Instance(content, now)
            elif known.content != content:
                known.content, known.since, known.changes = content, now, known.changes + 1

    def router_lsa(self, originator: object, area: str, router: IPv4Address, links: int, now: float) -> RouterLsa:
        """The record of a router's own links."""
        age, sequence, checksum = self._state(originator, area, now)
        return RouterLsa(router, area, links, age, sequence, checksum)

    def external_lsa(
        self, originator: object, prefix: IPv4Network, router: IPv4Address, now: float, *,
        metric: int, metric_type: int, tag: int, down: bool, own: bool,
    ) -> ExternalLsa:  # fmt: skip
        """The record of a network outside."""
        age, sequence, checksum = self._state(originator, prefix, now)
        return ExternalLsa(prefix, router, metric, metric_type, tag, down, own, age, sequence, checksum)

    def _state(self, originator: object, name: object, now: float) -> tuple[int, int, int]:
        known = self._known.get((originator, name))
        if known is None:
            return 0, _FIRST, 0
        elapsed = max(0, int(now - known.since))
        sequence = _FIRST + known.changes + elapsed // REFRESH
        checksum = zlib.crc32(f"{originator}{name}{known.content}{sequence}".encode()) & 0xFFFF
        return elapsed % REFRESH, sequence, checksum
