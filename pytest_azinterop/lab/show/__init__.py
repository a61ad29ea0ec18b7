"""What a router prints: one renderer per show command, from records of the view to IOS-XE 17.9's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.show import (
    archive,
    bfd,
    bgp,
    configuration,
    crypto_session,
    forwarding,
    ikev2,
    interfaces,
    ip_interfaces,
    ipsec,
    ipv6,
    logging,
    ospf,
    ospf_interface,
    pki,
    platform,
    policy,
    routes,
    sessions,
    system,
    time,
    vlans,
    vrf,
)

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.grammar import ShowCommand

COMMANDS: tuple[ShowCommand, ...] = (
    *bfd.COMMANDS,
    *archive.COMMANDS,
    *bgp.COMMANDS,
    *configuration.COMMANDS,
    *crypto_session.COMMANDS,
    *forwarding.COMMANDS,
    *ikev2.COMMANDS,
    *interfaces.COMMANDS,
    *ip_interfaces.COMMANDS,
    *ipsec.COMMANDS,
    *logging.COMMANDS,
    *ospf.COMMANDS,
    *ospf_interface.COMMANDS,
    *ipv6.COMMANDS,
    *pki.COMMANDS,
    *platform.COMMANDS,
    *policy.COMMANDS,
    *routes.COMMANDS,
    *sessions.COMMANDS,
    *system.COMMANDS,
    *time.COMMANDS,
    *vlans.COMMANDS,
    *vrf.COMMANDS,
)
"""Every show command that the lab answers."""
