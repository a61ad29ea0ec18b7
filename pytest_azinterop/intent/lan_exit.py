"""Through which routers a site's LAN leaves to Azure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import Expectations, ExpectedInterface


@dataclass(frozen=True, slots=True)
class ExpectedExit:
    """A customer at a site with the routers that the LAN must prefer, all of them equally. `lan` are its interfaces
    with OSPF towards the site, of every router."""

    customer: str
    site: str
    exits: tuple[str, ...]
    lan: tuple[ExpectedInterface, ...]

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"{self.customer}/{self.site}"


def lan_exits(everything: Expectations) -> Iterator[ExpectedExit]:
    """Every site of which the intent names them. OSPF is read of IPv4 alone."""
    for each in everything.sites:
        if each.exits and each.version == 4:
            lan = (
                port
                for port in everything.interfaces
                if (port.customer, port.site) == (each.customer, each.site) and port.role == "lan" and port.ospf
            )
            yield ExpectedExit(each.customer, each.site, each.exits, tuple(lan))
