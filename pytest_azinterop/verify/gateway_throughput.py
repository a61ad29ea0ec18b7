"""What a gateway carries, all its connections together, by its SKU.

Sources: https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus (aggregate throughput by SKU and generation),
https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways (estimated performance)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.state.azure_gateway import Gateway

# Mbit/s. Zone-redundant SKUs of VPN gateways carry what the others do. An ErGwScale depends on its scale units, which
# Azure does not tell with the gateway.
_VPN: Final = {"basic": 100, "vpngw1": 650, "vpngw2": 1000, "vpngw3": 1250, "vpngw4": 5000, "vpngw5": 10000}
_SECOND_GENERATION: Final = {"vpngw2": 1250, "vpngw3": 2500}
_EXPRESSROUTE: Final = {
    "standard": 1000,
    "ergw1az": 1000,
    "highperformance": 2000,
    "ergw2az": 2000,
    "ultraperformance": 10000,
    "ergw3az": 10000,
}


def rate_of(gateway: Gateway) -> int:
    """Mbit/s. Raises UndeterminedError for a SKU that is not known."""
    sku = gateway.sku.casefold()
    if gateway.kind == "ExpressRoute":
        rate = _EXPRESSROUTE.get(sku)
    else:
        plain = sku.removesuffix("az")
        second = _SECOND_GENERATION.get(plain) if (gateway.generation or "").casefold() == "generation2" else None
        rate = second or _VPN.get(plain)
    if rate is None:
        words = f"the throughput of SKU {clean(gateway.sku)} is not known"
        evidence.undetermined(words, "not-understood", gateway.source)
    return rate
