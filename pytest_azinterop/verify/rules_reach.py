"""Rules about the data plane and the link below a session."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "msee.arp",
        "critical",
        "arp.resolved",
        "The MSEE's address is resolved to its hardware address on the path's interface.",
        missing="the interface is down, in another VRF, or has no address of the peering's subnet",
        incomplete="nobody answers on this VLAN: a wrong tag, or the provider's path is broken",
        other_interface="the address is resolved on another interface",
        own_address="this router itself has the MSEE's address: Azure always takes the second usable one",
        other_hardware="another device answers for the MSEE, or the MSEE was replaced",
    ),
    rule(
        "msee.neighbor-discovery",
        "critical",
        "neighbor_discovery.resolved",
        "The MSEE's IPv6 address is resolved to its hardware address on the path's interface.",
        missing="the interface is down, in another VRF, or has no address of the IPv6 peering's subnet",
        incomplete="nobody answers on this VLAN: a wrong tag, no IPv6 on the peering, or the provider's path is broken",
        other_interface="the address is resolved on another interface",
        static="`ipv6 neighbor` is configured, so that nothing shows whether the MSEE answers",
        other_hardware="another device answers for the MSEE, or the MSEE was replaced",
    ),
    rule(
        "reach.loss",
        "medium",
        "reach.loss",
        "Of many echo requests to a target no larger share is lost than declared.",
        loss="a few packets are lost on the way: errors on a port, a full queue, or a policer",
        no_answer="lost on the way there or back: no return route to the source's address, a filter, or a dead host",
    ),
    rule(
        "reach.answer",
        "critical",
        "reach.answer",
        "A target that the site must reach answers echo requests from the site's own address.",
        no_answer="lost on the way there or back: no return route to the source's address, a filter, or a dead host",
        unreachable="a router on the way has no route",
        loss="packets are lost on the way",
        no_route="this router has no route to the target",
        null_route="this router drops packets to the target: a route to Null0",
        interface_down="the route to the target leaves over an interface that is down",
    ),
    rule(
        "reach.forbidden-route",
        "high",
        "reach.no_route",
        "The router has no route to a target that the site must not reach.",
        bgp="a neighbor sends what it should not: a leak in Azure, Global Reach, or a Route Server",
        other_protocol="a static or interior route leads there",
    ),
    rule(
        "reach.forbidden",
        "high",
        "reach.silence",
        "A target that the site must not reach does not answer.",
        answers="traffic leaks in both directions",
    ),
    rule(
        "reach.path",
        "high",
        "reach.path",
        "Traffic to the target takes the declared path.",
        other_path="a less preferred path is in use",
        not_reached="",
    ),
    rule(
        "reach.size",
        "high",
        "reach.sizes",
        "Packets of the declared sizes reach the target without being fragmented.",
        too_big="a link of this router is too small for the packet",
        lost="large packets vanish: a smaller MTU on the way, and no answer that says so",
    ),
    rule(
        "reach.rtt",
        "medium",
        "reach.round_trip",
        "Answers of a target take as long as its declared path makes them.",
        other_path="even the fastest answer is outside: another path is in use, or a queue that never empties",
        slow_path="the path is the declared one, but busy: a full link, a policer, or a busy host",
    ),
)
