"""What the intent says of one router as a whole: the scope in which its configuration is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import (
        Expectations,
        ExpectedInterface,
        ExpectedSession,
        ExpectedSite,
        ExpectedTunnel,
    )


@dataclass(frozen=True, slots=True)
class ExpectedConfiguration:
    """A router with every session, interface and tunnel that the intent puts on it, and the sites that it serves."""

    router: str
    sessions: tuple[ExpectedSession, ...] = ()
    interfaces: tuple[ExpectedInterface, ...] = ()
    tunnels: tuple[ExpectedTunnel, ...] = ()
    sites: tuple[ExpectedSite, ...] = ()

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.router

    @property
    def vrfs(self) -> tuple[str | None, ...]:
        """The VRFs of its customers, in the order of the intent; None is the global table."""
        return tuple(dict.fromkeys(site.vrf for site in self.sites))

    def shares(self, vrf: str | None) -> bool:
        """Whether another router serves the same customer at the same site."""
        return any(site.vrf == vrf and len(set(site.routers)) > 1 for site in self.sites)


def configurations(everything: Expectations) -> tuple[ExpectedConfiguration, ...]:
    """One per router of the intent, in its order."""
    return tuple(
        ExpectedConfiguration(
            router=device.router,
            sessions=tuple(each for each in everything.sessions if each.router == device.router),
            interfaces=tuple(each for each in everything.interfaces if each.router == device.router),
            tunnels=tuple(each for each in everything.tunnels if each.router == device.router),
            sites=tuple(each for each in everything.sites if device.router in each.routers),
        )
        for device in everything.devices
    )
