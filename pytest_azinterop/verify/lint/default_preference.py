"""Preference of a VPN path that no policy gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.local_preference import default_of
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import preferences

if TYPE_CHECKING:
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import NeighborConfig, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration


def default_preference(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The VPN's routes have the local preference that a policy sets, and not whatever the router's default is.

    A neighbor without any inbound policy is a finding of `lint.inbound-filter`.
    """
    config = observed.config
    found = []
    sessions = [each for each in expected.sessions if each.role == "vpn"]
    for session, settings in reading.configured(sessions, config):
        inbound = reading.filters(settings, "in")
        if not inbound or _sets_it(settings, config):
            continue
        reading.absent(config, f"a local preference of {session.neighbor}")
        found.append(
            subject.of_session(session).finding(
                "lint.default-preference",
                f"local preference of its routes is set by nothing, so the default of {default_of(config)}, "
                "expected one that inbound policy sets",
                cause="not-set",
                evidence=reading.at(config, *inbound),
                next_command="show running-config | section route-map",
            )
        )
    return reading.judged(config, found, "what gives the VPN's routes their preference")


def _sets_it(settings: NeighborConfig, config: RunningConfig) -> bool:
    """Whether every entry that lets routes in sets it. An undefined route-map lets none in, and is told elsewhere."""
    if settings.route_map_in is None:
        return False
    known = definitions(config)
    return settings.route_map_in not in known.route_maps or None not in preferences(settings.route_map_in, known)
