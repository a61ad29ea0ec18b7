"""Where the intent says that a rule over both sides does not apply."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.sides import ExpectedCrypto, ExpectedSides

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _has_pairs(each: ExpectedSides) -> bool:
    return bool(each.prefixes) and any(network.prefixes and network.over for network in each.networks)


def _has_seconds(each: ExpectedSides) -> bool:
    return any(count > 1 for count in Counter(carrier.role for carrier in each.carriers).values())


_NO_PAIRS: Final = "the intent names no prefix of the site, or none of a network that it reaches"
_SITES: Final[Mapping[str, tuple[Callable[[ExpectedSides], bool], str]]] = {
    "sides.path": (_has_pairs, _NO_PAIRS),
    "sides.reach": (_has_pairs, _NO_PAIRS),
    "sides.backup": (
        lambda each: bool(each.site.backed_up),
        "the intent names no prefix that a second role must back up",
    ),
    "sides.apart": (lambda each: bool(each.strangers), "the intent names nothing that the site must not reach"),
    "sides.loss": (
        lambda each: _has_seconds(each) and _has_pairs(each),
        "the intent has no second path or tunnel here, or no prefix of one side",
    ),
    "sides.clear-text": (lambda each: each.encrypted, "no VPN of this site runs over private peering"),
}
_TUNNELS: Final[Mapping[str, tuple[Callable[[ExpectedCrypto], bool], str]]] = {
    "sides.outer-path": (lambda each: each.over is not None, "the Internet carries this tunnel"),
    "sides.tunnel-peer": (
        lambda each: not each.private,
        "over private peering the tunnel ends at a private address of the gateway",
    ),
}


def reason_not_judged(rule: str, expected: object) -> str | None:
    """Why the intent leaves nothing to judge; None where it does."""
    if isinstance(expected, ExpectedSides) and rule in _SITES:
        applies, reason = _SITES[rule]
        return None if applies(expected) else reason
    if isinstance(expected, ExpectedCrypto) and rule in _TUNNELS:
        outer, reason = _TUNNELS[rule]
        return None if outer(expected) else reason
    return None
