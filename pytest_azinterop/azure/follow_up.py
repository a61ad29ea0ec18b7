"""Questions that another answer leads to: whom they are about is told by Azure alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.request import Request
from pytest_azinterop.state.azure_gateway import EXPRESSROUTE_ASN, GatewayBgpPeer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.azure.operation import Operation

_UP: Final = "Connected"


@dataclass(frozen=True, slots=True)
class AdvertisedToMsees:
    """What an ExpressRoute gateway advertises to each MSEE that it has a session with.

    Microsoft chooses the addresses by which a gateway knows the MSEEs, inside of the gateway's subnet, and documents no
    rule for them; `after`, the gateway's BGP peers, tells them. Both instances of a gateway have the same MSEEs.
    """

    after: Request

    def __post_init__(self) -> None:
        """Raises ValueError for another question than about BGP peers."""
        if self.after.operation_name != "bgp-peers":
            raise ValueError(f"{self.after.operation_name} tells no BGP peers")

    @property
    def operation(self) -> Operation:
        """What is asked of each MSEE."""
        return OPERATIONS["advertised-routes"]

    def requests(self, records: Iterable[object]) -> tuple[Request, ...]:
        """One question per MSEE, in the order of the answer; a session that is down has no announcements."""
        peers = (each for each in records if isinstance(each, GatewayBgpPeer))
        neighbors = (each.neighbor for each in peers if each.asn == EXPRESSROUTE_ASN and each.state == _UP)
        given = self.after.given
        return tuple(
            Request.of(
                self.operation.name,
                subscription=given["subscription"],
                group=given["group"],
                gateway=given["gateway"],
                peer=str(neighbor),
            )
            for neighbor in dict.fromkeys(neighbors)
        )

    def describe(self) -> str:
        """Which questions these are."""
        action = self.operation.path.rpartition("/")[2]
        return f"{action} for each MSEE that getBgpPeerStatus tells"
