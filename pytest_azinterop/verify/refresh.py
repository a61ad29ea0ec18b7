"""What a refresh of a session would do against the intent: the configured policy may be wrong, and not yet felt.

Where routes still are as the intent wants them and the configured policy would change that, a refresh is the outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify.policy_model import Verdict
from pytest_azinterop.verify.session import show_list
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedPrefixes, ExpectedSession
    from pytest_azinterop.verify.policy_model import Effect, Filters


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What the configured policy would do, what the intent wants instead, and both in words for an engineer.

    `command` shows the policy that is to be corrected, `policy` says what kind of policy that is.
    """

    would: str
    wanted: str
    because: str
    policy: str
    command: str

    @property
    def likely(self) -> str:
        """What not to do, and what to do first."""
        return f"{self.because}: do not refresh; correct the {self.policy} first"


def inbound(
    expected: ExpectedSession,
    filters: Filters,
    effect: Effect,
    prefix: IPv4Network | IPv6Network,
    local_preference: int | None,
) -> Contradiction | None:
    """How a refresh would make a received route differ from the intent; None where it would not, as far as is known.

    `local_preference` is what the route would carry, None where it is not known.
    """
    policy, command = deciding(filters, expected.version, effect)
    if effect.verdict is Verdict.DENY:
        if not declares(expected.receive, prefix):
            return None
        words = "the configured policy would drop a route that the intent declares"
        return Contradiction("would be dropped", "accepted", words, policy, command)
    if effect.verdict is Verdict.OPEN:
        return None
    if expected.receive is not None and not expected.receive.permits(prefix):
        words = "the configured policy would let in a route that the intent does not declare"
        return Contradiction("would be let in", "denied", words, policy, command)
    wanted = expected.local_preference
    if wanted is None or local_preference is None or local_preference == wanted:
        return None
    verb = "set" if effect.local_preference is not None else "leave"
    words = f"the configured policy would {verb} {local_preference}, the intent wants {wanted}"
    return Contradiction(f"would be {local_preference}", str(wanted), words, policy, command)


def outbound(
    expected: ExpectedSession, filters: Filters, effect: Effect, prefix: IPv4Network | IPv6Network
) -> Contradiction | None:
    """A route that is advertised, that the intent declares, and that the configured policy would withdraw."""
    if effect.verdict is not Verdict.DENY or not declares(expected.announce, prefix):
        return None
    policy, command = deciding(filters, expected.version, effect)
    words = "the configured policy would withdraw a route that the intent declares"
    return Contradiction("would be withdrawn", "advertised", words, policy, command)


def declares(prefixes: ExpectedPrefixes | None, prefix: IPv4Network | IPv6Network) -> bool:
    """Whether the intent names this prefix or a space that it lies in; a mere lack of limits declares nothing."""
    if prefixes is None:
        return False
    return prefix in prefixes.required or any(lies_in(prefix, space) for space in prefixes.allowed)


def deciding(filters: Filters, version: int, effect: Effect | None = None) -> tuple[str, str]:
    """What kind of policy decided, and the command that shows it; without an effect, what is bound."""
    if effect is not None and effect.verdict is Verdict.DENY and effect.because is not None:
        kind, _, name = effect.because.partition(" ")
        if kind == "prefix-list":
            return kind, show_list(name, version)
        if kind == "filter-list":
            return kind, f"show ip as-path-access-list {clean(name)}"
    if filters.route_map is not None:
        return "route-map", f"show route-map {clean(filters.route_map)}"
    if filters.prefix_list is not None:
        return "prefix-list", show_list(filters.prefix_list, version)
    return "policy", "show running-config | section router bgp"
