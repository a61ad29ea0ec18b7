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
        "lan.routes",
        "high",
        "lan_homeward.learned",
        "Over a full OSPF adjacency towards the site routes are learned, if the site's prefixes lead there in no other "
        "way.",
        no_routes="the two ends have different network types, or the area is filtered: no route can be computed, at "
        "neither end",
    ),
    rule(
        "lan.next-hop",
        "critical",
        "lan_homeward.resolved",
        "The next hops towards the LAN of the site's prefixes are resolved: packets to them can be sent.",
        static="a static route to a machine that is not there any more",
        unresolved="the machine that routing names does not answer for its address",
    ),
    rule(
        "device.saved",
        "medium",
        "saved.configuration",
        "What the router runs is what it would start with.",
        not_saved="a change was not saved, or is not meant to stay; a reload undoes it",
    ),
)
