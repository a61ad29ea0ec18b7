"""The side of the network that no router's operator can reach: links and far ends, for scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network

    from pytest_azinterop.lab.network.view import RouterView


@dataclass(frozen=True, slots=True)
class LinkEffect:
    """What happens to a link; None leaves a property as it is."""

    state: str | None = None
    """``up``, ``down`` (carrier lost on both sides) or ``silent`` (packets vanish, nobody sees it)."""
    direction: str | None = None
    """``from_azure`` or ``to_azure``: the only direction concerned; None is both."""
    above_bytes: int | None = None
    """Only packets larger than this are concerned."""
    delay_ms: float | None = None
    loss_percent: float | None = None


class NetworkControl(Protocol):
    """A simulated network as the lab's service sees it. Names are the topology's; an unknown one raises KeyError."""

    @property
    def router_names(self) -> Sequence[str]: ...

    @property
    def link_names(self) -> Sequence[str]: ...

    @property
    def far_end_names(self) -> Sequence[str]: ...

    def router(self, name: str) -> RouterView: ...

    def set_link(self, name: str, effect: LinkEffect) -> None: ...

    def withdraw(self, far_end: str, prefix: IPv4Network) -> None:
        """Stop announcing the prefix to every router. ValueError when it is not announced."""
        ...

    def announce(self, far_end: str, prefix: IPv4Network, as_path: Sequence[int] | None) -> None:
        """Announce a prefix; ``as_path`` is the whole path as received, None the far end's usual one."""
        ...

    def set_prepend(self, far_end: str, times: int) -> None:
        """Repeat the far end's own AS this many more times in front of every path it announces."""
        ...

    def set_silent(self, far_end: str, silent: bool) -> None:
        """A silent far end answers nothing any more: sessions die by their timers."""
        ...
