"""What a router prints: one renderer per show command, from records of the view to IOS-XE 17.9's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.show import bgp, forwarding, interfaces, ip_interfaces, routes, system, vrf

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.grammar import ShowCommand

COMMANDS: tuple[ShowCommand, ...] = (
    *bgp.COMMANDS,
    *forwarding.COMMANDS,
    *interfaces.COMMANDS,
    *ip_interfaces.COMMANDS,
    *routes.COMMANDS,
    *system.COMMANDS,
    *vrf.COMMANDS,
)
"""Every show command that the lab answers."""
