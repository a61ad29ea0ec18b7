"""Judgements about virtual networks and their peerings.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview (gateway transit)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import azure_supported, evidence
from pytest_azinterop.verify.azure_words import name_of, not_succeeded, of_vnet, of_vnet_peering, shown
from pytest_azinterop.verify.text import prefix_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.azure_expectations import ExpectedVnet, ExpectedVnetPeering
    from pytest_azinterop.state.azure_network import VnetPeering
    from pytest_azinterop.verify.azure_observed import ObservedVnet
    from pytest_azinterop.verify.finding import Finding


def spaces(expected: ExpectedVnet, observed: ObservedVnet) -> list[Finding]:
    """The VNet's address space is what its network declares: that is what its gateways announce."""
    azure_supported.vnet(observed.vnet)
    wanted = expected.spaces
    if wanted is None:
        return []
    seen = frozenset(observed.vnet.prefixes)
    found = []
    if (unready := not_succeeded(observed.vnet.provisioning_state)) is not None:
        found.append((unready, "not-succeeded"))
    missing = wanted.required - seen
    if missing:
        words = f"address space lacks {prefix_list(missing)}, expected among {prefix_list(seen) or 'nothing'}"
        found.append((words, "missing"))
    further = [each for each in seen if not wanted.permits(each)]
    if further:
        words = f"address space has {prefix_list(further)}, expected {prefix_list(wanted.required) or 'none of it'}"
        found.append((words, "further"))
    unmet = wanted.unmet_spaces(seen)
    if unmet:
        found.append((f"address space has nothing inside {prefix_list(unmet)}, expected a prefix there", "missing"))
    read = [observed.vnet.source]
    return [of_vnet(expected).finding("azure.vnet-space", words, cause=cause, evidence=read) for words, cause in found]


def peering_state(expected: ExpectedVnetPeering, observed: ObservedVnet) -> list[Finding]:
    """The peering is there, leads to the declared VNet, and is connected and in sync with the far side's prefixes."""
    if observed.vnet.peerings is None:
        evidence.undetermined("the VNet's peerings are not told", "not-understood", observed.vnet.source)
    azure_supported.vnet(observed.vnet)
    peering = observed.peering(expected.name)
    if peering is None:
        words = "peering is missing, expected Connected"
        return [
            of_vnet_peering(expected).finding(
                "azure.vnet-peering-state", words, cause="missing", evidence=[observed.vnet.source]
            )
        ]
    found = []
    if (unready := not_succeeded(peering.provisioning_state)) is not None:
        found.append(_peering("azure.vnet-peering-state", expected, peering, unready, "not-succeeded"))
    if not expected.to_resource.is_(peering.remote_vnet):
        words = f"far VNet is {name_of(peering.remote_vnet)}, expected {expected.to_resource.name}"
        found.append(_peering("azure.vnet-peering-state", expected, peering, words, "other-vnet"))
    if peering.state != "Connected":
        cause = "initiated" if peering.state == "Initiated" else "disconnected"
        words = f"state is {shown(peering.state)}, expected Connected"
        found.append(_peering("azure.vnet-peering-state", expected, peering, words, cause))
    else:
        found += _in_sync(expected, peering)
    return found


def _in_sync(expected: ExpectedVnetPeering, peering: VnetPeering) -> Iterator[Finding]:
    """By Azure's word, and by what it has synchronised against what the far VNet has: older versions of the API tell no
    level. https://learn.microsoft.com/azure/virtual-network/update-virtual-network-peering-address-space"""
    ours, theirs = peering.remote_prefixes, peering.remote_vnet_prefixes
    both = ours is not None and theirs is not None
    if peering.sync_level is None and not both:
        evidence.undetermined("the peering's sync level is not told", "not-understood", peering.source)
    if peering.sync_level not in {None, "FullyInSync"}:
        words = f"sync level is {shown(peering.sync_level)}, expected FullyInSync"
        yield _peering("azure.vnet-peering-state", expected, peering, words, "not-in-sync")
    elif ours is not None and theirs is not None and set(ours) != set(theirs):
        has, wanted = prefix_list(ours) or "nothing", prefix_list(theirs) or "nothing"
        words = f"prefixes of the far VNet are {has}, expected {wanted}, which it has now"
        yield _peering("azure.vnet-peering-state", expected, peering, words, "not-in-sync")


def peering_gateways(expected: ExpectedVnetPeering, observed: ObservedVnet) -> list[Finding]:
    """The hub allows gateway transit, the spoke uses remote gateways, and nobody else does either."""
    peering = observed.peering(expected.name)
    if peering is None:
        return peering_state(expected, observed)
    return [
        *_flag(expected, peering, "allowGatewayTransit", peering.allow_gateway_transit, expected.gateway_transit),
        *_flag(expected, peering, "useRemoteGateways", peering.use_remote_gateways, expected.remote_gateways),
    ]


def peering_traffic(expected: ExpectedVnetPeering, observed: ObservedVnet) -> list[Finding]:
    """Both VNets may reach each other, and forwarded traffic may come in where it was declared to."""
    peering = observed.peering(expected.name)
    if peering is None:
        return peering_state(expected, observed)
    found = list(_flag(expected, peering, "allowVirtualNetworkAccess", peering.allow_vnet_access, wanted=True))
    if expected.forwarded_traffic is not None:
        wanted = expected.forwarded_traffic
        found += _flag(expected, peering, "allowForwardedTraffic", peering.allow_forwarded_traffic, wanted)
    return found


_FLAGS: Final = {
    "allowGatewayTransit": ("azure.vnet-peering-gateways", "gateway-transit"),
    "useRemoteGateways": ("azure.vnet-peering-gateways", "remote-gateways"),
    "allowVirtualNetworkAccess": ("azure.vnet-peering-traffic", "access"),
    "allowForwardedTraffic": ("azure.vnet-peering-traffic", "forwarded"),
}


def _flag(
    expected: ExpectedVnetPeering, peering: VnetPeering, name: str, seen: bool | None, wanted: bool
) -> Iterator[Finding]:
    if seen is None:
        evidence.undetermined(f"{name} of the peering is not told", "not-understood", peering.source)
    if seen != wanted:
        rule, cause = _FLAGS[name]
        words = f"{name} is {str(seen).lower()}, expected {str(wanted).lower()}"
        yield _peering(rule, expected, peering, words, cause if seen else f"no-{cause}")


def _peering(rule: str, expected: ExpectedVnetPeering, peering: VnetPeering, words: str, cause: str) -> Finding:
    return of_vnet_peering(expected).finding(rule, words, cause=cause, evidence=[peering.source])
