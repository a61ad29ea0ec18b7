"""Rules about single prefixes with all their paths and attributes."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "policy.inbound",
        "high",
        "prefix_detail.inbound",
        "Inbound policy lets in every declared prefix that the neighbor sends, and changes no more than it may.",
        denied="the neighbor sends it, and the inbound policy denies it",
        own_as="this router's own AS stands in the path: it is refused as a loop",
        not_kept="without `soft-reconfiguration inbound` nothing shows what the neighbor sent",
        as_path="the inbound route-map prepends or replaces",
        communities="the inbound route-map sets or deletes communities",
        local_preference="the intent wants it as it came",
        metric="the inbound route-map sets the metric",
        next_hop="the inbound route-map sets the next hop",
        origin="the inbound route-map sets the origin",
    ),
    rule(
        "routes.communities",
        "medium",
        "prefix_detail.communities",
        "Prefixes come with the communities that the intent declares for their network.",
        no_path="the neighbor brings no usable path of the prefix",
        none="the path has no community at all: the neighbor sends none",
        other_region="the prefix comes from another Azure region than declared",
        missing="the path has other communities",
        removed_inbound="the neighbor sends it, and the inbound policy takes it away",
    ),
    rule(
        "routes.announced-communities",
        "medium",
        "communities_sent.announced",
        "What the neighbor is sent carries the declared communities.",
        not_sent="the neighbor lacks `send-community`: communities are taken off",
        not_set="neither the path in the table has it nor does the outbound route-map set it",
        denied="the outbound route-map denies the prefix",
        no_path="the router has no best path of the prefix to send",
    ),
    rule(
        "site.paths",
        "high",
        "path_set.paths",
        "Every declared session has a usable path of each prefix that it should bring, and no path is from elsewhere.",
        no_session="no session of the site is Established",
        missing="the neighbor does not send it, or inbound policy denies it",
        received_only="the neighbor sends it, and the inbound policy denies it",
        inaccessible="the routing table has no route to the path's next hop",
        not_valid="",
        undeclared_source="a neighbor that the intent does not declare sends it",
        local_origin="the router originates a prefix of Azure itself: a `network`, `aggregate-address` or "
        "`redistribute` line",
        imported="the VRF imports the route of another one",
    ),
)
