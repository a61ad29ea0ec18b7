"""How long Azure takes: what an MSEE has lost or learned reaches the virtual networks only after a while.

Until then a virtual network goes on sending to an MSEE that has lost the route, where the packets are dropped, and
after a return it still uses the VPN gateway. The management plane shows both later still.

Source of the order of magnitude: https://learn.microsoft.com/azure/expressroute/expressroute-bfd (up to a minute) and
https://learn.microsoft.com/azure/expressroute/use-s2s-vpn-as-backup-for-expressroute-privatepeering (below 10 s).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.routes import Path

ALWAYS = float("-inf")


@dataclass(slots=True)
class _Known:
    """A prefix of an MSEE: its path, the last one where it is lost, and since when that is so."""

    path: Path
    present: bool
    since: float
    delay: float = 0.0
    """Seconds that virtual networks take to act on it: as set when it happened, less where it is less by now."""
    shown: float = 0.0
    """How much later the management plane shows it, likewise."""


@dataclass(slots=True)
class Convergence:
    """Seconds; 0: at once. ``wake`` has the network looked at again after so many seconds."""

    wake: Callable[[float], None]
    lost: float = 0.0
    returned: float = 0.0
    shown: float = 0.0
    """How much later the management plane shows it."""
    _known: dict[tuple[str, IpNetwork], _Known] = field(default_factory=dict)
    _started: bool = False

    @property
    def active(self) -> bool:
        """Whether anything takes time."""
        return bool(self.lost or self.returned or self.shown)

    def update(self, nodes: dict[str, Node], now: float) -> None:
        """Note what has come and gone."""
        for name, node in nodes.items():
            if node.far_end is not None and node.far_end.kind == "msee":
                self._note(name, node, now)
        self._started = True

    def _note(self, name: str, node: Node, now: float) -> None:
        since = now if self._started else ALWAYS
        family = node.families.get((None, 4))
        best = {} if family is None else {prefix: entry.best for prefix, entry in family.entries.items()}
        learned = {prefix: path for prefix, path in best.items() if path is not None and path.kind != "local"}
        for prefix, path in learned.items():
            known = self._known.get((name, prefix))
            if known is None or not known.present:
                self._known[name, prefix] = _Known(
                    path, present=True, since=since, delay=self.returned, shown=self.shown
                )
                self._wake(self.returned)
            else:
                known.path = path
        for (owner, prefix), known in self._known.items():
            if owner == name and known.present and prefix not in learned:
                known.present, known.since, known.delay, known.shown = False, now, self.lost, self.shown
                self._wake(self.lost)

    def _wake(self, after: float) -> None:
        if self._started and after:
            self.wake(after)

    def used(self, name: str, now: float, *, shown: bool = False) -> Iterator[Path]:
        """The paths by which the virtual networks reach the site over an MSEE, as they believe.

        ``shown``: as the management plane shows it, which sees it later.
        """
        for (owner, _), known in self._known.items():
            if owner != name:
                continue
            delay = min(known.delay, self.returned if known.present else self.lost)
            if shown:
                delay += min(known.shown, self.shown)
            if (now >= known.since + delay) is known.present:
                yield known.path

    def lookup(self, name: str, target: IpAddress, now: float) -> Path | None:
        """Longest match among them."""
        found = [path for path in self.used(name, now) if target in path.prefix]
        return max(found, key=lambda path: path.prefix.prefixlen, default=None)
