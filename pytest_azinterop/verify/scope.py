"""Where the intent says that a rule does not apply: the item is then skipped with the reason, and never passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.expectations import (
    ExpectedDevice,
    ExpectedInterface,
    ExpectedSession,
    ExpectedSite,
    ExpectedTunnel,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Expected = ExpectedDevice | ExpectedInterface | ExpectedSession | ExpectedSite | ExpectedTunnel


def reason_not_judged(rule: str, expected: Expected) -> str | None:
    """Why the intent leaves nothing to judge, None where it does. Raises KeyError for an unknown rule."""
    from pytest_azinterop.verify.rules import RULES

    area = RULES[rule].name.split(".")[0]
    if isinstance(expected, ExpectedInterface):
        check = _INTERFACE.get(rule)
        return check(expected) if check else None
    if isinstance(expected, ExpectedSession):
        check_session = _SESSION.get(rule)
        return check_session(expected) if check_session else None
    if isinstance(expected, ExpectedSite) and area == "site":
        if not expected.prefer:
            return "the intent has no path here between which to prefer"
        if rule == "site.backup" and not expected.backed_up:
            return "the intent names no prefix that a second role must back up"
    if isinstance(expected, ExpectedTunnel) and rule == "ipsec.pfs" and expected.ipsec.pfs_groups is None:
        return "the intent does not judge perfect forward secrecy"
    return None


def _unless(condition: bool, reason: str) -> str | None:
    return None if condition else reason


_INTERFACE: Final[Mapping[str, Callable[[ExpectedInterface], str | None]]] = {
    "interface.tags": lambda each: _unless(each.vlans is not None, "the intent declares no 802.1Q tags"),
    "interface.address": lambda each: _unless(each.address is not None, "the intent declares no address"),
    "interface.route-distinguisher": lambda each: _unless(
        each.route_distinguisher is not None, "the intent declares no route distinguisher"
    ),
}
_SESSION: Final[Mapping[str, Callable[[ExpectedSession], str | None]]] = {
    "bgp.source": lambda each: _unless(each.local_address is not None, "the intent declares no local address"),
    "bgp.timers": lambda each: _unless(
        each.hold_time is not None or each.keepalive is not None, "the intent does not judge timers"
    ),
    "bgp.soft-reconfiguration": lambda each: _unless(
        each.soft_reconfiguration, "the intent does not expect inbound soft reconfiguration"
    ),
    "bgp.head-room": lambda each: _unless(each.head_room is not None, "the intent does not judge limits of prefixes"),
    "bgp.flaps": lambda each: _unless(each.most_drops is not None, "the intent does not judge flaps"),
    "routes.as-path": lambda each: _unless(
        each.prepends is not None and each.role != "internal", "the intent does not judge this neighbor's AS paths"
    ),
    "policy.local-preference": lambda each: _unless(
        each.local_preference is not None, "the intent declares no local preference for this session"
    ),
    "routes.announced": lambda each: _unless(each.announce is not None, "the intent declares no announced prefixes"),
    "routes.received": lambda each: _unless(each.receive is not None, "the intent declares no received prefixes"),
}
