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

    `place` is the router or the subnet that decides, `detail` says how it shows that. `role` None: packets go nowhere
    (`route` None), or elsewhere than to the other side. `carriers` are the circuits or connections that the choice may
    use, empty where they are not told apart. `route` decides, None for no route. `cause` and `reason` say why it is
    not the wanted one: a cause of `sides.path`, None where it is wanted, and what the facts say beyond that cause's own
    words. `follows` is the other router whose choice this one is. `others` are in words those who are not the site, and
    to whom its packets go over the role, all or some.
    """

    place: str
    role: PathRole | None
    detail: str
    route: IPv4Network | IPv6Network | None
    carriers: frozenset[str] = frozenset()
    cause: str | None = None
    reason: str | None = None
    next_command: str | None = None
    follows: str | None = None
    evidence: tuple[Source | None, ...] = field(default=(), compare=False)
    others: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """It is what the intent prefers."""
        return self.cause is None

    @property
    def arrives(self) -> bool:
        """Packets get to the other side, and to nobody else."""
        return self.role is not None and not self.others

    @property
    def way(self) -> str:
        """`over ROLE`, `nowhere` or `elsewhere`."""
        if self.arrives:
            return f"over {self.role}"
        return "nowhere" if self.route is None else "elsewhere"

    @property
    def words(self) -> str:
        """Way and detail, for messages."""
        return f"{self.way} ({self.detail})"
