"""What subjects are made of: their kinds, the facts that they name, and how one fact is read.

Pure: nothing is collected here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.collect.facts import Facts, Need, Wanted
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession, ExpectedTunnel
    from pytest_azinterop.state.bgp import NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.source import Source

PROBE_TIMEOUT = "1"  # seconds that a router waits for each reply


def _nothing(_: object) -> tuple[Wanted, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """One subject fixture.

    `select` yields its expectations in the order of the intent, `needs` the facts of one of them, `observe` its
    observed bundle (raises UndeterminedError). `plural` is how the terminal calls them. `helps` are facts that name the
    cause of a finding: they are asked for as well, and a check is judged without them where they are not there.
    """

    name: str
    plural: str
    select: Callable[[Expectations], Sequence[Any]]
    needs: Callable[[Any], tuple[Need, ...]]
    observe: Callable[[Any, Facts, Expectations], Any]
    helps: Callable[[Any], tuple[Wanted, ...]] = _nothing
    of_azure: bool = False
    """Azure is needed, alone or beside routers."""


def the_one(facts: Facts, fact: Fact | Request) -> Any:  # noqa: ANN401 (the record type follows from the fact's kind)
    """The single record of a fact. Raises UndeterminedError where there is not exactly one."""
    records = facts.records(fact)
    if len(records) != 1:
        host, kind = (fact.short, str(fact)) if isinstance(fact, Request) else (fact.host, fact.kind)
        raise UndeterminedError(
            f"{host}: {kind}: {len(records)} records where one is expected",
            cause="not-understood",
            host=host,
        )
    return records[0]


def some(facts: Facts, request: Request) -> tuple[Any, ...]:
    """The rows of a table of Azure that is never empty. Raises UndeterminedError where it tells none.

    A gateway knows its own VNet and an interface its subnet, whatever their neighbors send.
    """
    records = tuple(facts.records(request))
    if not records:
        raise UndeterminedError(
            f"{request.short}: {request}: Azure tells no route at all",
            cause="azure-not-understood",
            host=request.short,
            command=str(request),
        )
    return records


def known(facts: Facts, fact: Fact | Request) -> tuple[Any, ...] | None:
    """The records of a fact that only helps to name a cause; None where it was not collected or not understood.

    It must decide nothing: a subject does not need it, and is judged in the same way without it.
    """
    try:
        return tuple(facts.records(fact))
    except UndeterminedError:
        return None


def known_origin(facts: Facts, fact: Fact) -> Source | None:
    """Where `known` was read; None where that is None."""
    try:
        return facts.origin(fact)
    except UndeterminedError:
        return None


# Facts, by the words of the command catalogue -----------------------------------------------------------------------


def version(router: str) -> Fact:
    """Software, platform, serial number."""
    return Fact.of(router, "version")


def clock(router: str) -> Fact:
    """The router's time."""
    return Fact.of(router, "clock")


def interfaces(router: str) -> Fact:
    """All interfaces."""
    return Fact.of(router, "interfaces")


def vrfs(router: str) -> Fact:
    """All VRFs with their interfaces."""
    return Fact.of(router, "vrfs")


def running_config(router: str) -> Fact:
    """The configuration; see `configuration`."""
    return Fact.of(router, "running_config")


def privilege(router: str) -> Fact:
    """The account's privilege level."""
    return Fact.of(router, "privilege")


def configuration(router: str, facts: Facts) -> RunningConfig:
    """The configuration, and the account's privilege with it: without that, an absent line means nothing."""
    the_one(facts, privilege(router))
    found: RunningConfig = the_one(facts, running_config(router))
    return found


def known_configuration(router: str, facts: Facts) -> RunningConfig | None:
    """The configuration where it was read; None where that could not be: see `known`."""
    return next(iter(known(facts, running_config(router)) or ()), None)


def route_maps(router: str) -> Fact:
    """All route-maps."""
    return Fact.of(router, "route_map")


def prefix_lists(router: str, version: int = 4) -> Fact:
    """All prefix-lists of one address family."""
    return Fact.of(router, of_family("prefix_list", version))


def of_family(kind: str, version: int) -> str:
    """The kind of fact that says the same of an address family: IPv6 has commands of its own."""
    return kind if version == 4 else f"{kind}_ipv6"


def bgp_neighbors(router: str, vrf: str | None, version: int = 4) -> Fact:
    """The BGP neighbors of a VRF in one address family."""
    return Fact.of(router, of_family("bgp_neighbors", version), vrf=vrf)


def bgp_table(router: str, vrf: str | None, version: int = 4) -> Fact:
    """The BGP table of a VRF in one address family."""
    return Fact.of(router, of_family("bgp_table", version), vrf=vrf)


def rib(router: str, vrf: str | None, version: int = 4) -> Fact:
    """The routing table of a VRF in one address family."""
    return Fact.of(router, of_family("rib", version), vrf=vrf)


def neighbors_of(session: ExpectedSession) -> Fact:
    """The BGP neighbors of the session's VRF."""
    return bgp_neighbors(session.router, session.vrf, session.version)


def ipv6_neighbors(session: ExpectedSession) -> Fact:
    """The IPv6 neighbor cache of the session's VRF."""
    return Fact.of(session.router, "ipv6_neighbors", vrf=session.vrf)


def neighbor_routes(session: ExpectedSession, view: str) -> Fact:
    """One `view` of a neighbor's routes: accepted, received or advertised."""
    kind = of_family(f"{view}_routes", session.version)
    return Fact.of(session.router, kind, vrf=session.vrf, address=str(session.neighbor))


def routes_of(session: ExpectedSession, facts: Facts, view: str) -> NeighborRoutes:
    """One `view` of a neighbor's routes. Raises UndeterminedError, also for routes that are another neighbor's.

    The router's answer does not name the neighbor. What an external neighbor sends has its own address as next hop, as
    long as nobody set another one; where all of it has that of another neighbor of this VRF, the answer is mistaken.
    So is one without any route of a neighbor of which the router counts accepted prefixes.
    """
    found: NeighborRoutes = the_one(facts, neighbor_routes(session, view))
    if view == "advertised" or session.role == "internal":
        return found
    neighbors = facts.records(neighbors_of(session))
    brought = sum(each.accepted_prefixes or 0 for each in neighbors if each.address == session.neighbor)
    if view == "accepted" and brought and not found.paths:
        raise UndeterminedError(
            f"{session.router}: no route of {session.neighbor} is listed, and it brought {brought} prefixes: one of the"
            " two answers is another's, or the routes changed in between",
            cause="contradiction",
            host=session.router,
            command=found.source.command,
        )
    hops = {path.next_hop for path in found.paths}
    others = {each.address for each in neighbors} - {session.neighbor}
    if len(hops) == 1 and hops <= others:
        raise UndeterminedError(
            f"{session.router}: all {view} routes of {session.neighbor} have the next hop {hops.pop()}, which is"
            " another neighbor",
            cause="not-understood",
            host=session.router,
            command=found.source.command,
        )
    return found


def prefix_entry(session: ExpectedSession, prefix: IPv4Network | IPv6Network) -> Fact:
    """Every path of a prefix in the session's table."""
    return prefix_in(session.router, session.vrf, prefix)


def prefix_in(router: str, vrf: str | None, prefix: IPv4Network | IPv6Network) -> Fact:
    """Every path of a prefix in a VRF's table."""
    return Fact.of(router, of_family("bgp_prefix", prefix.version), vrf=vrf, prefix=str(prefix))


def forwarding(tunnel: ExpectedTunnel) -> Fact:
    """Where packets to the BGP neighbor behind a tunnel go."""
    return Fact.of(tunnel.router, "forwarding", vrf=tunnel.inner_vrf, address=str(tunnel.neighbor))


def outer_forwarding(tunnel: ExpectedTunnel) -> Fact:
    """Where a tunnel's own packets go."""
    return Fact.of(tunnel.router, "forwarding", vrf=tunnel.front_vrf, address=str(tunnel.peer))


def probe_source(tunnel: ExpectedTunnel) -> str:
    """The tunnel; where BGP runs from a loopback that one's address, since Azure knows no way back to another."""
    own = None if tunnel.address is None else tunnel.address.ip
    return tunnel.name if tunnel.bgp_address in {None, own} else str(tunnel.bgp_address)


def probe(tunnel: ExpectedTunnel) -> Fact:
    """A ping from the tunnel to the BGP neighbor behind it."""
    return Fact.of(
        tunnel.router,
        "ping",
        vrf=tunnel.inner_vrf,
        address=str(tunnel.neighbor),
        source=probe_source(tunnel),
        repeat=str(tunnel.sampling.probes),
        timeout=PROBE_TIMEOUT,
    )


def ike_sas(router: str) -> Fact:
    """All IKEv2 SAs."""
    return Fact.of(router, "ikev2_sas")


def ipsec_sas(tunnel: ExpectedTunnel) -> Fact:
    """The IPsec identities of a tunnel, with their SAs and counters."""
    return Fact.of(tunnel.router, "ipsec_sas", interface=tunnel.name)


def interface_named(found: Sequence[Interface], name: str) -> Interface | None:
    """The interface of this name; None: there is none."""
    return next((interface for interface in found if interface.name == name), None)
