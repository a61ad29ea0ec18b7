"""What differs from a baseline, as findings: each function takes the two states and leaves out what the intent expects.

Pure. The functions that end in `_changes` also tell what the intent expects, with the reason.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pytest_azinterop.verify import (
    difference_azure,
    difference_bgp,
    difference_paths,
    difference_router,
    difference_vpn,
)
from pytest_azinterop.verify.change import Change, Compared, unexpected

if TYPE_CHECKING:
    from pytest_azinterop.intent.azure_expectations import (
        ExpectedCircuit,
        ExpectedConnection,
        ExpectedGateway,
        ExpectedLocalGateway,
        ExpectedVnet,
    )
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import DeviceFacts, Interface
    from pytest_azinterop.verify.difference_azure import Resource
    from pytest_azinterop.verify.difference_bgp import SessionRoutes, VrfScope
    from pytest_azinterop.verify.difference_paths import Tables
    from pytest_azinterop.verify.difference_vpn import Associations
    from pytest_azinterop.verify.finding import Finding

    ExpectedResource = ExpectedCircuit | ExpectedConnection | ExpectedGateway | ExpectedLocalGateway | ExpectedVnet

Neighbors = tuple["BgpNeighbor", ...]
Interfaces = tuple["Interface", ...]


def device(expected: ExpectedConfiguration, observed: Compared[DeviceFacts]) -> list[Finding]:
    """Reload, software, hardware."""
    return unexpected(difference_router.device(expected, observed))


def configuration(expected: ExpectedConfiguration, observed: Compared[RunningConfig]) -> list[Finding]:
    """The configuration, section by section. Raises UndeterminedError where one of the two is not whole."""
    return unexpected(difference_router.configuration(expected, observed))


def interfaces(expected: ExpectedConfiguration, observed: Compared[Interfaces]) -> list[Finding]:
    """State and settings of each interface."""
    return unexpected(difference_router.interfaces(expected, observed))


def counters(expected: ExpectedConfiguration, observed: Compared[Interfaces] | Compared[Associations]) -> list[Finding]:
    """Counters of interfaces or of IPsec SAs."""
    return unexpected(counter_changes(expected, observed))


def counter_changes(
    expected: ExpectedConfiguration, observed: Compared[Interfaces] | Compared[Associations]
) -> list[Change]:
    """As `counters`."""
    before, after = observed.before, observed.after
    if isinstance(before, tuple) or isinstance(after, tuple):
        return list(difference_router.counters(expected, Compared(before, after)))  # type: ignore[arg-type]
    return list(difference_vpn.counters(expected, Compared(before, after)))


def azure(expected: ExpectedResource, observed: Compared[Resource]) -> list[Finding]:
    """A resource of Azure."""
    return unexpected(azure_changes(expected, observed))


def azure_changes(expected: ExpectedResource, observed: Compared[Resource]) -> list[Change]:
    """As `azure`."""
    return list(difference_azure.resource(expected.id, observed))


def ike(expected: ExpectedConfiguration, observed: Compared[Associations]) -> list[Finding]:
    """IKE SAs."""
    return unexpected(difference_vpn.ike(expected, observed))


def ipsec(expected: ExpectedConfiguration, observed: Compared[Associations]) -> list[Finding]:
    """IPsec SAs of the declared tunnels."""
    return unexpected(difference_vpn.ipsec(expected, observed))


def neighbors(expected: VrfScope, observed: Compared[Neighbors]) -> list[Finding]:
    """BGP neighbors."""
    return unexpected(difference_bgp.neighbors(expected, observed))


def resets(expected: VrfScope, observed: Compared[Neighbors]) -> list[Finding]:
    """BGP sessions that are not the ones of the baseline."""
    return unexpected(difference_bgp.resets(expected, observed))


def received(expected: VrfScope, observed: Compared[SessionRoutes]) -> list[Finding]:
    """What neighbors send, and what of it is accepted."""
    return unexpected(difference_bgp.received(expected, observed))


def advertised(expected: VrfScope, observed: Compared[SessionRoutes]) -> list[Finding]:
    """What neighbors are sent."""
    return unexpected(difference_bgp.advertised(expected, observed))


def best_paths(expected: VrfScope, observed: Compared[Tables]) -> list[Finding]:
    """Best paths."""
    return unexpected(difference_paths.best_paths(expected, observed))


def attributes(expected: VrfScope, observed: Compared[Tables]) -> list[Finding]:
    """Attributes of paths."""
    return unexpected(difference_paths.attributes(expected, observed))


def router_device_changes(expected: ExpectedConfiguration, observed: Compared[DeviceFacts]) -> list[Change]:
    """The router itself."""
    return list(difference_router.device(expected, observed))


def configuration_changes(expected: ExpectedConfiguration, observed: Compared[RunningConfig]) -> list[Change]:
    """The configuration."""
    return list(difference_router.configuration(expected, observed))


def interface_changes(expected: ExpectedConfiguration, observed: Compared[Interfaces]) -> list[Change]:
    """Interfaces and their counters."""
    return [*difference_router.interfaces(expected, observed), *difference_router.counters(expected, observed)]


def association_changes(expected: ExpectedConfiguration, observed: Compared[Associations]) -> list[Change]:
    """IKE and IPsec, and what the latter have protected."""
    return list(
        chain(
            difference_vpn.ike(expected, observed),
            difference_vpn.ipsec(expected, observed),
            difference_vpn.counters(expected, observed),
        )
    )


def neighbor_changes(expected: VrfScope, observed: Compared[Neighbors]) -> list[Change]:
    """Neighbors and their sessions."""
    return [*difference_bgp.neighbors(expected, observed), *difference_bgp.resets(expected, observed)]


def prefix_changes(expected: VrfScope, observed: Compared[SessionRoutes]) -> list[Change]:
    """Prefixes per neighbor."""
    return [*difference_bgp.received(expected, observed), *difference_bgp.advertised(expected, observed)]


def path_changes(expected: VrfScope, observed: Compared[Tables]) -> list[Change]:
    """Best paths and attributes."""
    return [*difference_paths.best_paths(expected, observed), *difference_paths.attributes(expected, observed)]
