"""Whether the routers of a site can be told apart by OSPF.

Of two routers with one router ID the area keeps the LSAs of one at a time: each takes the other's for old ones of its
own (RFC 2328, sections 12.1.2 and 13.4). Both adjacencies stay FULL while routes come and go.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import lan_routes
from pytest_azinterop.verify.subject import Subject
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.intent.lan_exit import ExpectedLan
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.ospf import OspfProcess
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedLanRouter:
    """One interface towards the LAN, its router's configuration, and the processes there."""

    interface: ExpectedInterface
    config: RunningConfig
    processes: tuple[OspfProcess, ...]


@dataclass(frozen=True, slots=True)
class ObservedLan:
    """Every interface with OSPF towards the LAN."""

    routers: tuple[ObservedLanRouter, ...]


def own_router_ids(expected: ExpectedLan, observed: ObservedLan) -> list[Finding]:
    """No two routers of the site have the same OSPF router ID in what they are to the LAN."""
    about = Subject(expected.id, f"LAN of {expected.customer} at {expected.site}")
    found: list[Finding] = []
    known: dict[IPv4Address, dict[str, OspfProcess]] = defaultdict(dict)
    for each in observed.routers:
        configured = lan_routes.process(each.interface, each.config)
        if configured is None:
            found.append(lan_routes.without_process(each.interface, each.config, "lan.router-id"))
            continue
        running = lan_routes.running_process(configured, each.config, each.processes)
        known[running.router_id][each.interface.router] = running
    return found + [
        about.finding(
            "lan.router-id",
            f"OSPF router ID {router_id} is that of {some(sorted(routers))}, expected one for each",
            cause="duplicate",
            evidence=[running.source for running in routers.values()],
            next_command="show ip ospf",
        )
        for router_id, routers in known.items()
        if len(routers) > 1
    ]
