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


@dataclass(frozen=True, slots=True)
class ExpectedLan:
    """A customer at a site with several routers that speak OSPF to the LAN; `lan` are their interfaces there."""

    customer: str
    site: str
    lan: tuple[ExpectedInterface, ...]

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"{self.customer}/{self.site}"


def shared_lans(everything: Expectations) -> Iterator[ExpectedLan]:
    """Every site at which more than one router speaks OSPF to the LAN."""
    for each in everything.sites:
        lan = _with_ospf(everything, each.customer, each.site)
        if each.version == 4 and len({port.router for port in lan}) > 1:
            yield ExpectedLan(each.customer, each.site, lan)


def lan_exits(everything: Expectations) -> Iterator[ExpectedExit]:
    """Every site of which the intent names them. OSPF is read of IPv4 alone."""
    for each in everything.sites:
        if each.exits and each.version == 4:
            yield ExpectedExit(each.customer, each.site, each.exits, _with_ospf(everything, each.customer, each.site))


def _with_ospf(everything: Expectations, customer: str, site: str) -> tuple[ExpectedInterface, ...]:
    """The interfaces of a site's routers that speak OSPF to the LAN."""
    return tuple(
        port
        for port in everything.interfaces
        if (port.customer, port.site) == (customer, site) and port.role == "lan" and port.ospf
    )
