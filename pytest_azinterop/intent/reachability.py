"""What must be reached from where, and what must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.models import CustomerSite


@dataclass(frozen=True, slots=True)
class ExpectedReach:
    """One target as seen from one router.

    `source` is the interface that probes leave from. `through` (one of them) and `avoids` (none of them) are hops;
    `sizes` are whole packets in bytes that must pass unfragmented, `rtt_ms` the least and the most milliseconds of an
    answer. `far_ends` are the neighbors on the site's paths that are none of `through`: a hop of theirs proves another
    path. `loss_percent` is the share of `loss_probes` that may be lost, None: not judged. A target that is not
    `reachable` has neither route nor answer.
    """

    router: str
    customer: str
    site: str
    vrf: str | None
    to: str
    target: IPv4Address | IPv6Address
    source: str
    reachable: bool = True
    through: tuple[IPv4Address | IPv6Address, ...] = ()
    avoids: tuple[IPv4Address | IPv6Address, ...] = ()
    sizes: tuple[int, ...] = ()
    rtt_ms: tuple[int, int] | None = None
    far_ends: tuple[IPv4Address | IPv6Address, ...] = ()
    loss_percent: float | None = None
    loss_probes: int = 0

    @property
    def id(self) -> str:
        """Stable name of the object."""
        label = "global" if self.vrf is None else f"vrf-{self.vrf}"
        return f"{self.router}/{label}/{self.to}/{self.target}"


def reaches(
    customer: str, site: str, vrf: str | None, at: CustomerSite, neighbors: Iterable[IPv4Address | IPv6Address]
) -> Iterator[ExpectedReach]:
    """Every declared target from every prober of a site; `neighbors` are the far ends of the site's paths to Azure."""
    far_ends = tuple(dict.fromkeys(neighbors))
    for prober in at.probers:
        for each in at.reachability:
            yield ExpectedReach(
                router=prober.router,
                customer=customer,
                site=site,
                vrf=vrf,
                to=each.to,
                target=each.target,
                source=prober.source,
                reachable=each.reachable,
                through=each.through,
                avoids=each.avoids,
                sizes=each.sizes,
                rtt_ms=each.rtt_ms,
                loss_percent=None if each.loss is None else each.loss.percent,
                loss_probes=0 if each.loss is None else each.loss.probes,
                far_ends=tuple(
                    address
                    for address in far_ends
                    if address not in each.through and address.version == each.target.version
                ),
            )
