"""Rules about the BFD session that guards a BGP session."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "bfd.state",
        "high",
        "bfd.state",
        "A BFD session with the neighbor is up at both ends, so that a broken path is seen at once.",
        not_configured="the BGP neighbor has no `fall-over bfd`",
        not_on_interface="the interface has neither `bfd interval` nor `bfd template`",
        missing="BGP has asked for the session, and the router runs none",
        other_interface="the neighbor is reached through another interface than declared",
        bgp_down="BGP asks for its BFD session when it is Established",
        down="the far end does not answer: BFD is off there (on an old circuit until its peering is reset), udp/3784 "
        "is filtered, or the path is broken",
        one_way="the far end is heard and does not hear this router",
        admin_down="BFD is shut on this router",
        remote_down="the far end reports the session as not up",
        remote_admin_down="BFD is shut at the far end",
    ),
    rule(
        "bfd.registered",
        "high",
        "bfd.registered",
        "BGP is a client of the BFD session: without that, its loss changes nothing.",
        not_configured="the BGP neighbor has no `fall-over bfd`: another protocol asked for the session",
        not_registered="the neighbor has `fall-over bfd`, and BGP has not registered with the session",
    ),
    rule(
        "bfd.timers",
        "medium",
        "bfd.timers",
        "Interval and multiplier of the BFD session are negotiated as declared, in both directions.",
        wrong_timers="this router's interface has another interval",
        neighbors_timers="the far end asks for a longer interval",
        wrong_multiplier="this router's interface has another multiplier",
        neighbors_multiplier="the far end uses another multiplier",
    ),
    rule(
        "bfd.age",
        "medium",
        "bfd.age",
        "The BFD session has not gone down recently.",
        young="",
        detection_time_expired="packets of the far end failed to arrive",
        echo_failed="echoes of this router failed to come back",
        signaled_down="the far end took the session down",
        admin_down="BFD was shut on this router",
    ),
)
