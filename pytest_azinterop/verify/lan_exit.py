"""Which edge router a site's LAN prefers on its way to Azure, by what each of them tells the LAN over OSPF.

Source: RFC 2328, section 16.4: of external routes those of type 1 come first, then the lower metric of type 2.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, lan_routes
from pytest_azinterop.verify.subject import Subject
from pytest_azinterop.verify.text import prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from ipaddress import IPv4Network

    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.intent.lan_exit import ExpectedExit
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.ospf import ExternalLsa, OspfDatabase
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

_MAX_AGE: Final = 3600  # seconds; an LSA of this age is being withdrawn (RFC 2328, MaxAge)


@dataclass(frozen=True, slots=True)
class ObservedExitRouter:
    """One interface towards the LAN: its router's configuration, and what the processes there tell by themselves."""

    interface: ExpectedInterface
    config: RunningConfig
    databases: tuple[OspfDatabase, ...]


@dataclass(frozen=True, slots=True)
class ObservedExits:
    """Every interface with OSPF towards the LAN."""

    routers: tuple[ObservedExitRouter, ...]


def preferred(expected: ExpectedExit, observed: ObservedExits) -> list[Finding]:
    """To every network of Azure that the site is told, the declared routers are the best, and equally good.

    A declared router that does not tell a network leaves it to the others: whether it should is judged by
    `lan.external-routes`. A route of type 1 comes before any of type 2. Where several of type 1 compete the way to the
    router counts too: then each must be a declared one. Raises UndeterminedError where another one competes.
    """
    about = Subject(expected.id, f"LAN of {expected.customer} at {expected.site}")
    told: dict[IPv4Network, dict[str, ExternalLsa]] = defaultdict(dict)
    sources: list[Source] = []
    for each in observed.routers:
        database = _database(each)
        sources.append(each.config.source if database is None else database.source)
        for lsa in () if database is None else _towards_azure(each.interface, database):
            told[lsa.prefix][each.interface.router] = lsa
    command = "show ip ospf database external self-originate"
    if not told:
        words = f"exit is none, expected {some(expected.exits)}: no router tells it a network of Azure"
        return [about.finding("lan.exit", words, cause="nothing-told", evidence=sources, next_command=command)]
    wrong: dict[tuple[str, ...], list[IPv4Network]] = defaultdict(list)
    for prefix, tellers in told.items():
        winners = _winners(tellers)
        if len(winners) > 1 and tellers[winners[0]].metric_type == 1 and not set(winners) <= set(expected.exits):
            evidence.undetermined(
                f"routes of type 1 to {prefix} compete: which is nearer is not known", "not-supported", sources[0]
            )
        if not set(winners) <= set(expected.exits) or not set(expected.exits) & tellers.keys() <= set(winners):
            wrong[winners].append(prefix)
    return [
        about.finding(
            "lan.exit",
            f"exit to {prefix_list(prefixes)} is {some(winners)}, expected {some(expected.exits)}",
            cause="not-shared" if set(winners) <= set(expected.exits) else "other-router",
            evidence=[lsa.source for lsa in told[prefixes[0]].values()],
            next_command=command,
        )
        for winners, prefixes in wrong.items()
    ]


def _winners(tellers: Mapping[str, ExternalLsa]) -> tuple[str, ...]:
    """The routers of which one is taken, or all: any that tells type 1 before all others, by what is nearer."""
    first = {router for router, lsa in tellers.items() if lsa.metric_type == 1}
    best = min(lsa.metric for lsa in tellers.values())
    return tuple(sorted(first or {router for router, lsa in tellers.items() if lsa.metric == best}))


def _database(router: ObservedExitRouter) -> OspfDatabase | None:
    """Of the process that speaks on the interface; None: none does, and the LAN is told nothing there."""
    configured = lan_routes.process(router.interface, router.config)
    if configured is None:
        return None
    found = next((each for each in router.databases if each.process == configured.number), None)
    if found is None:
        evidence.undetermined(
            f"the database of ospf {configured.number} was not printed", "not-understood", router.config.source
        )
    return found


def _towards_azure(interface: ExpectedInterface, database: OspfDatabase) -> Iterator[ExternalLsa]:
    if interface.ospf is None:
        return
    networks = interface.ospf.networks
    for lsa in database.externals:
        if lsa.age < _MAX_AGE and any(lies_in(lsa.prefix, each) for each in (*networks.required, *networks.allowed)):
            yield lsa
