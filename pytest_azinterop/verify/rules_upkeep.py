"""Rules about what must go on by itself: renewal of SAs, the LAN's routing protocol, a configuration that survives."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "ike.lifetime",
        "high",
        "lifetime.ike",
        "The IKE SA is renewed before its lifetime ends.",
        overdue="the renewal failed, or the gateway refuses it",
    ),
    rule(
        "ipsec.lifetime",
        "high",
        "lifetime.ipsec",
        "Each IPsec SA is renewed before its lifetime ends.",
        overdue="no successor is negotiated: the gateway may refuse the renewal, as it does where PFS does not agree",
    ),
    rule(
        "tunnel.crypto-session",
        "critical",
        "crypto_session.active",
        "The router counts the crypto session with the gateway as active.",
        missing="the tunnel has no crypto session: protection is missing, or nothing was ever negotiated",
        other_peer="the session on this tunnel is with another peer",
        down="neither an IKE nor an IPsec SA is there",
        idle="an IKE SA is there, but no IPsec SA",
        no_ike="IPsec SAs are there, but no IKE SA that could renew them",
        other_status="",
    ),
    rule(
        "lan.ospf",
        "high",
        "lan_routing.neighbor",
        "The router has a full OSPF adjacency on the interface towards the site.",
        missing="no hello arrives: the link, the area, the timers, or authentication",
        not_enabled="no OSPF process of the VRF speaks on the interface: neither by its own nor a `network` line",
        passive="`passive-interface` of the process: no hello is sent here",
        not_full="databases are not exchanged: often an MTU that differs",
    ),
    rule(
        "device.saved",
        "medium",
        "saved.configuration",
        "What the router runs is what it would start with.",
        not_saved="a change was not saved, or is not meant to stay; a reload undoes it",
    ),
)
