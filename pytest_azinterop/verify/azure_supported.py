"""What Azure can do and is not judged here: Global Reach, FastPath, Virtual WAN. Met, it is told and never passed over.

Each function raises UndeterminedError, cause `not-supported`. Sources:
https://learn.microsoft.com/azure/expressroute/expressroute-global-reach (far sites are learned here),
https://learn.microsoft.com/azure/expressroute/about-fastpath (packets go past the gateway),
https://learn.microsoft.com/azure/virtual-wan/virtual-wan-expressroute-about (virtual hubs)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.azure_words import shown

if TYPE_CHECKING:
    from pytest_azinterop.state.azure_circuit import Circuit
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.azure_network import Vnet

_CAUSE: Final = "not-supported"
_OF_VIRTUAL_WAN: Final = re.compile(
    r"/providers/microsoft\.network/(virtualhubs|virtualwans|expressroutegateways|vpngateways|p2svpngateways)/",
    re.IGNORECASE,
)
# What the service makes for a VNet that joins a virtual hub: a peering of this name, to a VNet of this name in a group
# of Microsoft's.
_PEERING_TO_HUB: Final = "remotevnettohubpeering_"
_HUB_VNET: Final = re.compile(
    r"/resourcegroups/rg_[^/]+/providers/microsoft\.network/virtualnetworks/hv_", re.IGNORECASE
)


def circuit(seen: Circuit) -> None:
    """The circuit is joined to no other circuit, and to no virtual hub."""
    remedy = "name the circuit in `azure.elsewhere`, and verify it otherwise"
    if seen.global_reach_enabled:
        words = f"circuit {shown(seen.name)} has Global Reach, which is not supported: {remedy}"
        evidence.undetermined(words, _CAUSE, seen.source)
    for each in seen.peerings or ():
        if each.global_reach or each.global_reach_peers:
            words = f"circuit {shown(seen.name)} is joined to another one by Global Reach, which is not supported"
            evidence.undetermined(f"{words}: {remedy}", _CAUSE, each.source)
        if each.hub_connection is not None:
            words = f"circuit {shown(seen.name)} is connected to a virtual hub of Virtual WAN, which is not supported"
            evidence.undetermined(f"{words}: {remedy}", _CAUSE, each.source)


def connection(seen: Connection) -> None:
    """The connection has no FastPath, and neither of its ends is a virtual hub's."""
    if seen.fast_path or seen.private_link_fast_path:
        words = f"connection {shown(seen.name)} uses FastPath, which is not supported: packets go past the gateway"
        evidence.undetermined(words, _CAUSE, seen.source)
    for end in (seen.gateway, seen.other_gateway, seen.circuit, seen.local_gateway):
        if end is not None and _OF_VIRTUAL_WAN.search(end):
            words = f"connection {shown(seen.name)} leads to a gateway of Virtual WAN, which is not supported"
            evidence.undetermined(words, _CAUSE, seen.source)


def vnet(seen: Vnet) -> None:
    """The VNet has not joined a virtual hub."""
    for each in seen.peerings or ():
        to_hub = _HUB_VNET.search(each.remote_vnet) or _OF_VIRTUAL_WAN.search(each.remote_vnet)
        if to_hub or each.name.casefold().startswith(_PEERING_TO_HUB):
            words = f"VNet {shown(seen.name)} has joined a virtual hub of Virtual WAN by {shown(each.name)}"
            evidence.undetermined(f"{words}, which is not supported: its routes come from there", _CAUSE, each.source)
