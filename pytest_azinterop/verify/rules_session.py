"""Rules about how a BGP session fares: its limits, its rest, and the paths that it brings."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "bgp.head-room",
        "medium",
        "limits.head_room",
        "The session is far enough from every limit of prefixes, in both directions.",
        own_limit="`maximum-prefix` closes the session when the neighbor sends a few more",
        own_limit_warns="`maximum-prefix … warning-only` will only log it",
        neighbors_limit="Azure closes the session when this router announces a few more",
    ),
    rule(
        "bgp.flaps",
        "high",
        "limits.flaps",
        "The session is not one that comes and goes.",
        flapping="",
    ),
    rule(
        "routes.next-hop",
        "critical",
        "next_hop.of_neighbor",
        "Paths accepted from an external neighbor lead to that neighbor.",
        changed="the inbound route-map sets the next hop",
        as_sent="the neighbor names a third party, or the router was told to take its paths so",
    ),
    rule(
        "routes.as-path",
        "high",
        "as_path.prepends",
        "The neighbor's AS stands in the accepted paths as often as declared.",
        maintenance="Microsoft repeats its AS eight times while it works on a MSEE: use another path, start no drill",
        prepended="the neighbor makes this path less attractive than another one",
        not_prepended="the neighbor does not repeat its AS as the intent declares",
    ),
    rule(
        "routes.announced-as-path",
        "high",
        "as_path_sent.prepends",
        "What is announced is prepended as often as declared; not at all on the preferred path, unless said otherwise.",
        prepended="the outbound policy makes this path less attractive: return traffic takes another one",
        not_prepended="the outbound policy does not lengthen the path: return traffic takes this one",
    ),
)
