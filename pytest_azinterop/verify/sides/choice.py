"""Which way one side sends packets to one destination."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Choice:
    """A forwarding decision.

    `place` is the router or the subnet that decides. `role` None: packets go nowhere, or elsewhere than to the other
    side; `words` then say where. `carriers` are the circuits or connections that the choice may use, empty where they
    are not told apart. `route` decides, None for no route. `cause` and `reason` say why it is not the wanted one: a
    cause of `sides.path`, None where it is wanted, and what the facts say beyond that cause's own words.
    """

    place: str
    role: PathRole | None
    words: str
    route: IPv4Network | IPv6Network | None
    carriers: frozenset[str] = frozenset()
    cause: str | None = None
    reason: str | None = None
    next_command: str | None = None
    evidence: tuple[Source | None, ...] = field(default=(), compare=False)

    @property
    def is_wanted(self) -> bool:
        """It is what the intent prefers."""
        return self.cause is None
