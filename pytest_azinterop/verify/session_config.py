"""Why a session is not Established, as far as this router's own configuration and routing table show it.

The state and the last reset tell what was felt: silence, or a connection that does not come about. What the router does
to its own packets is a better cause, where it is plain to see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command
from pytest_azinterop.verify.neighbor_config import clause, neighbor, networks
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.config import NeighborConfig, RunningConfig
    from pytest_azinterop.state.routing import RibRoute
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSession

# What silence looks like; a cause that the neighbor itself has told stands.
_FELT: Final = frozenset({"hold-time-expired", "no-connection", "no-route", "bfd-down", "idle", "interface-down"})
_OVER_HOPS: Final = ("ebgp-multihop", "disable-connected-check", "ttl-security")


def explained(expected: ExpectedSession, observed: ObservedSession, found: Finding) -> Finding:
    """The finding with the cause that the router's own facts name; as it is where they name none."""
    if found.cause not in _FELT:
        return found
    if discard := _discard(expected, observed):
        hops = clean(discard.codes)
        return _because(
            found,
            "null-route",
            f"{hops} route {discard.prefix} to Null0 discards what this router sends to the neighbor",
            next_command.route(expected.vrf, expected.neighbor),
            discard.source,
        )
    config = observed.config
    if not evidence.is_proof(config):
        return found
    if expected.version == 6 and not any(line.text == "ipv6 unicast-routing" for line in config.lines):
        show = "show running-config | include ipv6 unicast-routing"
        return _because(found, "no-ipv6-routing", None, show, config.source)
    settings = neighbor(config, expected.vrf, expected.neighbor)
    if settings is None:
        return found
    if _is_too_far(expected, config, settings):
        return _because(
            found,
            "no-multihop",
            None,
            next_command.BGP,
            config.source.at(settings.lines[0].number) if settings.lines else config.source,
        )
    password = clause(settings, "password")
    if password is not None and found.cause == "no-connection":
        words = f"{found.likely}; this router signs with a password, and drops what the neighbor does not sign alike"
        return replace(
            found,
            likely=words,
            evidence=(*found.evidence, config.source.at(password.number)),
            next_command=next_command.logged(expected.neighbor),
        )
    return found


def _because(found: Finding, cause: str, likely: str | None, command: str, source: Source) -> Finding:
    return replace(
        found,
        cause=cause,
        likely=likely or RULES["bgp.state"].causes[cause],
        next_command=command,
        evidence=(*found.evidence, source),
    )


def _discard(expected: ExpectedSession, observed: ObservedSession) -> RibRoute | None:
    """A discard route that is longer than the connected network of the neighbor.

    Without that network the interface is down, and an aggregate around it says nothing.
    """
    if observed.rib is None:
        return None
    around = [route for route in observed.rib.routes if expected.neighbor in route.prefix]
    longest = max(around, key=lambda route: route.prefix.prefixlen, default=None)
    if longest is None or not any(route.protocol == "C" for route in around):
        return None
    hops = [(hop.interface or "").casefold() for hop in longest.next_hops]
    return longest if hops and all(hop.startswith("null") for hop in hops) else None


def _is_too_far(expected: ExpectedSession, config: RunningConfig, settings: NeighborConfig) -> bool:
    """An external neighbor on no network of the router's interfaces, without leave to be further away.

    On an interface of another VRF it is near, and in the wrong VRF; that is judged by `interface.vrf`.

    Source: Cisco "IP Routing: BGP Configuration Guide", `neighbor ebgp-multihop`: an external neighbor has to be
    directly connected by default.
    """
    if expected.version != 4 or expected.remote_as == expected.local_as or settings.remote_as == expected.local_as:
        return False
    if any(clause(settings, words) is not None for words in _OVER_HOPS):
        return False
    ports = [each for each in config.interfaces if each.vrf == expected.vrf]
    near = (net for port in config.interfaces for net in networks(port))
    return bool(ports) and not any(expected.neighbor in net for net in near)
