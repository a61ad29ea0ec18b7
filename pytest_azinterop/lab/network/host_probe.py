"""What a host of the site's LAN or of a virtual network finds when it sends packets, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.probes import unlucky

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.network.forwarding import Forwarding, Walk
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.topology import HostSpec

HEADERS = 28
"""Bytes of an ICMP echo besides its payload."""


@dataclass(frozen=True, slots=True)
class HostProbe:
    """The view of one host."""

    spec: HostSpec
    nodes: dict[str, Node]
    forwarding: Forwarding

    def _there(self, target: IpAddress, size: int) -> Walk | None:
        spec = self.spec
        if spec.behind is not None:
            return self.forwarding.walk(self.nodes[spec.behind], None, spec.address, target, size=size)
        vnets: tuple[str, ...] = () if spec.vnet is None else (spec.vnet,)
        if self.forwarding.steering is not None:
            vnets = self.forwarding.steering(spec.address, target, vnets)
        start = self.forwarding.vnet_exit(vnets, target)
        return None if start is None else self.forwarding.walk(start, None, spec.address, target, size=size)

    def echo(self, target: IpAddress, payload: int) -> float | None:
        """Milliseconds until the answer is back; None: there is none."""
        there = self._there(target, payload + HEADERS)
        if there is None or not there.delivered:
            return None
        back = self.forwarding.reply(there, self.spec.address, target, size=payload + HEADERS)
        if unlucky(there, back, 0, self.forwarding.now()):
            return None
        return there.delay_ms + back.delay_ms if back.delivered else None

    def trace(self, target: IpAddress) -> tuple[IpAddress | None, ...]:
        """The hops; the host's own gateway first where it has one. It ends with the target if that answers."""
        there = self._there(target, 60)
        if there is None:
            return ()
        first = () if self.spec.gateway is None else (self.spec.gateway,)
        answers = self.echo(target, 32) is not None
        hops = there.hops if answers or not there.delivered else there.hops[:-1]
        return (*first, *hops)
