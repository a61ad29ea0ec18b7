"""What a check can ask for. Registered only when an inventory is named.

A subject fixture is parametrized from the intent, never from what routers answer: an expected neighbor that is missing
is a failure, not a test that does not exist.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop.applicability import reason_to_skip
from pytest_azinterop.azure.request import Request
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.outcomes import RECORD, ItemRecord, Judge, UndeterminedFailure
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verification import VERIFICATION, NeighborMissing, Subject
from pytest_azinterop.verify import azure_absent, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.subject_facts import SubjectKind
    from pytest_azinterop.verify.finding import Finding


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per expectation of the intent; where there is none, or nothing to judge, an item that says so."""
    verification = metafunc.config.stash[VERIFICATION]
    asked = [name for name in metafunc.fixturenames if name in SUBJECTS and _is_ours(metafunc, name)]
    for name in asked:
        kind = SUBJECTS[name]
        expected = kind.select(verification.loaded.expectations)
        not_asked = verification.not_asked(kind)
        if expected and not_asked is not None:
            left_out = [pytest.param(item, marks=pytest.mark.skip(reason=not_asked)) for item in expected]
            metafunc.parametrize(name, left_out, indirect=True, ids=[str(item.id) for item in expected])
        elif expected:
            alone = asked == [name]
            metafunc.parametrize(
                name,
                [_parameter(metafunc.function, item, alone=alone) for item in expected],
                indirect=True,
                ids=[str(item.id) for item in expected],
            )
        else:
            reason = f"the intent has no {kind.plural}"
            metafunc.parametrize(
                name, [pytest.param(None, marks=pytest.mark.skip(reason=reason))], indirect=True, ids=["none"]
            )


def _parameter(function: Callable[..., object], expected: object, *, alone: bool) -> object:
    """The expectation, skipped where it gives the check nothing to judge; `alone`: the check has no other subject."""
    reason = reason_to_skip(function, expected) if alone and isinstance(function, FunctionType) else None
    return expected if reason is None else pytest.param(expected, marks=pytest.mark.skip(reason=reason))


def _is_ours(metafunc: pytest.Metafunc, name: str) -> bool:
    """Whether this test means our fixture, and not one of the same name in its own conftest or module."""
    definitions = metafunc._arg2fixturedefs.get(name, ())  # noqa: SLF001 (pytest has no public way to ask)
    return bool(definitions) and definitions[-1].func.__module__ == __name__


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Fail with the findings of a judgement that no waiver covers: `judge(session.state(x.expected, x.evidence))`."""
    return _judge(request)


def _judge(request: pytest.FixtureRequest) -> Judge:
    verification = request.config.stash[VERIFICATION]
    record = request.node.stash.setdefault(RECORD, ItemRecord())
    return Judge(record, verification.waivers, verification.today, verification.loaded.intent.lint)


def _subject(request: pytest.FixtureRequest, kind: SubjectKind) -> Subject:
    __tracebackhide__ = True
    verification = request.config.stash[VERIFICATION]
    expected = request.param
    judge = _judge(request)
    try:
        bundle = verification.observe(kind, expected)
    except NeighborMissing as missing:
        return Subject(kind.name, expected, None, _absent(judge, session.absent(expected, missing.config)))
    except UndeterminedError as error:
        if missing_resource := _missing_resource(kind, expected, error):
            return Subject(kind.name, expected, None, _absent(judge, missing_resource))
        raise UndeterminedFailure(error) from None
    if kind.name == "bgp_session" and bundle.neighbor is None:
        return Subject(kind.name, expected, bundle, _absent(judge, session.neighbor(expected, bundle)))
    return Subject(kind.name, expected, bundle)


def _missing_resource(kind: SubjectKind, expected: Any, error: UndeterminedError) -> list[Finding]:  # noqa: ANN401
    """The finding where Azure does not have the resource that the subject is about: the first that it asks for."""
    request = next(iter(kind.needs(expected)), None)
    if not kind.of_azure or not isinstance(request, Request):
        return []
    return azure_absent.absent(kind.name, expected, (request.short, str(request)), error)


def _absent(judge: Judge, findings: list[Finding]) -> Callable[[], None]:
    def fail() -> None:
        __tracebackhide__ = True
        judge(findings)
        # Every finding is waived: what is not there can still not be looked at.
        pytest.xfail("the router or Azure does not have this object, which a waiver accepts")

    return fail


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Subject:
    """A router: `.observed.facts`, `.observed.clock`, `.observed.clock_offset`."""
    return _subject(request, SUBJECTS["device"])


@pytest.fixture
def interface(request: pytest.FixtureRequest) -> Subject:
    """An interface that a customer depends on: `.observed.interface`, `.observed.vrf`."""
    return _subject(request, SUBJECTS["interface"])


@pytest.fixture
def bgp_session(request: pytest.FixtureRequest) -> Subject:
    """A BGP session: `.observed` is the neighbor as the router shows it."""
    return _subject(request, SUBJECTS["bgp_session"])


@pytest.fixture
def bfd_session(request: pytest.FixtureRequest) -> Subject:
    """A BGP session that BFD guards, and the BFD sessions of its VRF: `.observed.sessions`."""
    return _subject(request, SUBJECTS["bfd_session"])


@pytest.fixture
def learned_routes(request: pytest.FixtureRequest) -> Subject:
    """What a router accepted from a neighbor in Azure: `.observed.accepted`."""
    return _subject(request, SUBJECTS["learned_routes"])


@pytest.fixture
def routing_policy(request: pytest.FixtureRequest) -> Subject:
    """What is bound to a neighbor in Azure, what it means on the router, and the routes that it acts on."""
    return _subject(request, SUBJECTS["routing_policy"])


@pytest.fixture
def announcement(request: pytest.FixtureRequest) -> Subject:
    """What a neighbor is sent: `.observed.advertised`."""
    return _subject(request, SUBJECTS["announcement"])


@pytest.fixture
def reception(request: pytest.FixtureRequest) -> Subject:
    """What a neighbor sends: `.observed.accepted`, and `.observed.received` before inbound policy."""
    return _subject(request, SUBJECTS["reception"])


@pytest.fixture
def received_prefixes(request: pytest.FixtureRequest) -> Subject:
    """The declared prefixes of a neighbor, each with all its paths: `.observed.entries`, `.observed.received`."""
    return _subject(request, SUBJECTS["received_prefixes"])


@pytest.fixture
def carried_communities(request: pytest.FixtureRequest) -> Subject:
    """The prefixes that a neighbor sends with declared communities: `.observed.entries`."""
    return _subject(request, SUBJECTS["carried_communities"])


@pytest.fixture
def announced_communities(request: pytest.FixtureRequest) -> Subject:
    """The prefixes that a neighbor is sent with declared communities: `.observed.entries`."""
    return _subject(request, SUBJECTS["announced_communities"])


@pytest.fixture
def site_paths(request: pytest.FixtureRequest) -> Subject:
    """All paths of the prefixes that a customer's site reaches, on each router: `.observed.routers`."""
    return _subject(request, SUBJECTS["site_paths"])


@pytest.fixture
def site_routes(request: pytest.FixtureRequest) -> Subject:
    """A customer at a site, over all its routers: `.observed.routers`."""
    return _subject(request, SUBJECTS["site_routes"])


@pytest.fixture
def site_backup(request: pytest.FixtureRequest) -> Subject:
    """As `site_routes`, and what carries the sessions of the roles after the first: `.observed.carriages`."""
    return _subject(request, SUBJECTS["site_backup"])


@pytest.fixture
def site_configuration(request: pytest.FixtureRequest) -> Subject:
    """As `site_routes`, and what the configuration of each router says: `.observed.routers[…].config`."""
    return _subject(request, SUBJECTS["site_configuration"])


@pytest.fixture
def vpn_underlay(request: pytest.FixtureRequest) -> Subject:
    """How the BGP neighbor behind a tunnel is reached: `.observed.forwarding`."""
    return _subject(request, SUBJECTS["vpn_underlay"])


@pytest.fixture
def tunnel(request: pytest.FixtureRequest) -> Subject:
    """A tunnel interface: `.observed.interface`."""
    return _subject(request, SUBJECTS["tunnel"])


@pytest.fixture
def tunnel_transport(request: pytest.FixtureRequest) -> Subject:
    """A tunnel interface and the configuration of what carries it: `.observed.interface`, `.observed.config`."""
    return _subject(request, SUBJECTS["tunnel_transport"])


@pytest.fixture
def tunnel_age(request: pytest.FixtureRequest) -> Subject:
    """A tunnel, its SAs, and the BGP session inside: `.observed.tunnel`, `.observed.underlay`."""
    return _subject(request, SUBJECTS["tunnel_age"])


@pytest.fixture
def ike_sa(request: pytest.FixtureRequest) -> Subject:
    """A tunnel and the router's IKE SAs: `.observed.ike`."""
    return _subject(request, SUBJECTS["ike_sa"])


@pytest.fixture
def ipsec_sa(request: pytest.FixtureRequest) -> Subject:
    """A tunnel and its IPsec SAs: `.observed.after`."""
    return _subject(request, SUBJECTS["ipsec_sa"])


@pytest.fixture
def tunnel_counters(request: pytest.FixtureRequest) -> Subject:
    """A tunnel and two samples of its counters: `.observed.before` and `.observed.after`."""
    return _subject(request, SUBJECTS["tunnel_counters"])


@pytest.fixture
def tunnel_traffic(request: pytest.FixtureRequest) -> Subject:
    """A tunnel, two samples of its counters, and the ping that was sent in between: `.observed.probe`."""
    return _subject(request, SUBJECTS["tunnel_traffic"])


@pytest.fixture
def msee(request: pytest.FixtureRequest) -> Subject:
    """The far end of an ExpressRoute path on its link: `.observed.entry` of the ARP table."""
    return _subject(request, SUBJECTS["msee"])


@pytest.fixture
def msee_ipv6(request: pytest.FixtureRequest) -> Subject:
    """The far end of an ExpressRoute path over IPv6: `.observed.entries` of the neighbor discovery cache."""
    return _subject(request, SUBJECTS["msee_ipv6"])


@pytest.fixture
def reachable_target(request: pytest.FixtureRequest) -> Subject:
    """A target that a site must reach: `.observed.ping`."""
    return _subject(request, SUBJECTS["reachable_target"])


@pytest.fixture
def timed_target(request: pytest.FixtureRequest) -> Subject:
    """A target with a declared round-trip time: `.observed.ping`."""
    return _subject(request, SUBJECTS["timed_target"])


@pytest.fixture
def forbidden_target(request: pytest.FixtureRequest) -> Subject:
    """A target that a site must not reach: `.observed.rib`."""
    return _subject(request, SUBJECTS["forbidden_target"])


@pytest.fixture
def forbidden_probe(request: pytest.FixtureRequest) -> Subject:
    """A target that a site must not reach, and what came back of a probe: `.observed.ping`."""
    return _subject(request, SUBJECTS["forbidden_probe"])


@pytest.fixture
def traced_target(request: pytest.FixtureRequest) -> Subject:
    """A target with a declared path, and the hops to it: `.observed.trace`."""
    return _subject(request, SUBJECTS["traced_target"])


@pytest.fixture
def counted_target(request: pytest.FixtureRequest) -> Subject:
    """A target of which the intent bounds the loss, and a ping of many packets: `.observed.ping`."""
    return _subject(request, SUBJECTS["counted_target"])


@pytest.fixture
def sized_target(request: pytest.FixtureRequest) -> Subject:
    """A target, and a ping of each declared size that must not be fragmented: `.observed.pings`."""
    return _subject(request, SUBJECTS["sized_target"])


@pytest.fixture
def crypto_session(request: pytest.FixtureRequest) -> Subject:
    """A tunnel and what the router says of its crypto session: `.observed.sessions`."""
    return _subject(request, SUBJECTS["crypto_session"])


@pytest.fixture
def lan(request: pytest.FixtureRequest) -> Subject:
    """An interface towards the site that runs OSPF: `.observed.neighbors` of the router."""
    return _subject(request, SUBJECTS["lan"])


@pytest.fixture
def saved_configuration(request: pytest.FixtureRequest) -> Subject:
    """What differs between the running and the saved configuration: `.observed.differences`."""
    return _subject(request, SUBJECTS["saved_configuration"])


@pytest.fixture
def time_source(request: pytest.FixtureRequest) -> Subject:
    """A router with declared time sources: `.observed.status` of NTP, and its `.observed.associations`."""
    return _subject(request, SUBJECTS["time_source"])


@pytest.fixture
def archive(request: pytest.FixtureRequest) -> Subject:
    """A router that keeps earlier configurations: `.observed.archive`."""
    return _subject(request, SUBJECTS["archive"])


@pytest.fixture
def software(request: pytest.FixtureRequest) -> Subject:
    """A router with approved releases: `.observed.facts`."""
    return _subject(request, SUBJECTS["software"])


@pytest.fixture
def uptime(request: pytest.FixtureRequest) -> Subject:
    """A router with a declared uptime: `.observed.facts`."""
    return _subject(request, SUBJECTS["uptime"])


@pytest.fixture
def lan_redistribution(request: pytest.FixtureRequest) -> Subject:
    """An interface whose site is told BGP's routes by OSPF: `.observed.config`, `.observed.processes`."""
    return _subject(request, SUBJECTS["lan_redistribution"])


@pytest.fixture
def interface_ipv6(request: pytest.FixtureRequest) -> Subject:
    """An interface with a declared IPv6 address: `.observed.rib`, the IPv6 routing table of its VRF."""
    return _subject(request, SUBJECTS["interface_ipv6"])


@pytest.fixture
def lan_routes(request: pytest.FixtureRequest) -> Subject:
    """An interface with OSPF and what is routed over it: `.observed.rib`, `.observed.neighbors`."""
    return _subject(request, SUBJECTS["lan_routes"])


@pytest.fixture
def lan_next_hops(request: pytest.FixtureRequest) -> Subject:
    """An interface towards the LAN and the next hops there: `.observed.interface`, `.rib`, `.arp`."""
    return _subject(request, SUBJECTS["lan_next_hops"])


@pytest.fixture
def interface_filters(request: pytest.FixtureRequest) -> Subject:
    """An interface that carries a site's traffic, and its router's configuration: `.observed.config`."""
    return _subject(request, SUBJECTS["interface_filters"])


@pytest.fixture
def microsoft_routes(request: pytest.FixtureRequest) -> Subject:
    """A session of Microsoft peering, what it brings and what the router follows: `.observed.accepted`, `.rib`."""
    return _subject(request, SUBJECTS["microsoft_routes"])


@pytest.fixture
def lan_external(request: pytest.FixtureRequest) -> Subject:
    """An interface with OSPF of which the intent says what the site is told: `.observed.databases`, `.table`."""
    return _subject(request, SUBJECTS["lan_external"])


@pytest.fixture
def lan_exit(request: pytest.FixtureRequest) -> Subject:
    """A site of which the intent names the way out: what each router tells its LAN, `.observed.routers`."""
    return _subject(request, SUBJECTS["lan_exit"])


@pytest.fixture
def shared_lan(request: pytest.FixtureRequest) -> Subject:
    """A site with several routers that speak OSPF to the LAN: their processes, `.observed.routers`."""
    return _subject(request, SUBJECTS["shared_lan"])


@pytest.fixture
def lan_default_route(request: pytest.FixtureRequest) -> Subject:
    """An interface whose site is given a default route, or not: `.observed.config`, `.observed.processes`."""
    return _subject(request, SUBJECTS["lan_default_route"])


@pytest.fixture
def tunnel_sizes(request: pytest.FixtureRequest) -> Subject:
    """A tunnel, its configuration, and a ping through it of several sizes that must not be fragmented:
    `.observed.pings`."""
    return _subject(request, SUBJECTS["tunnel_sizes"])


@pytest.fixture
def path_traffic(request: pytest.FixtureRequest) -> Subject:
    """An ExpressRoute path that must carry traffic: two samples of what is counted for the tags of its router,
    `.observed.before` and `.observed.after`."""
    return _subject(request, SUBJECTS["path_traffic"])


@pytest.fixture
def vpn_certificates(request: pytest.FixtureRequest) -> Subject:
    """A tunnel whose ends have certificates: `.observed.certificates` of the router, and its `.observed.clock`."""
    return _subject(request, SUBJECTS["vpn_certificates"])


@pytest.fixture
def authenticated_tunnel(request: pytest.FixtureRequest) -> Subject:
    """A tunnel with a declared authentication, and the router's IKE SAs: `.observed.ike`."""
    return _subject(request, SUBJECTS["authenticated_tunnel"])


@pytest.fixture
def configuration(request: pytest.FixtureRequest) -> Subject:
    """A router's configuration as a whole: `.observed.config`, and its `.observed.release`."""
    return _subject(request, SUBJECTS["configuration"])


@pytest.fixture
def configurations(request: pytest.FixtureRequest) -> Subject:
    """The configurations of all routers of a customer's site: `.observed.of(router)`."""
    return _subject(request, SUBJECTS["configurations"])


@pytest.fixture
def circuit(request: pytest.FixtureRequest) -> Subject:
    """A circuit with its peerings: `.observed.circuit`."""
    return _subject(request, SUBJECTS["circuit"])


@pytest.fixture
def circuit_arp(request: pytest.FixtureRequest) -> Subject:
    """The ARP table of one path of a circuit: `.observed.entries`."""
    return _subject(request, SUBJECTS["circuit_arp"])


@pytest.fixture
def circuit_path(request: pytest.FixtureRequest) -> Subject:
    """The sessions of the MSEE on one path of a circuit: `.observed.sessions`."""
    return _subject(request, SUBJECTS["circuit_path"])


@pytest.fixture
def circuit_service(request: pytest.FixtureRequest) -> Subject:
    """As `circuit_path`, and the gateways that it should serve: `.observed.gateways`."""
    return _subject(request, SUBJECTS["circuit_service"])


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Subject:
    """A gateway: `.observed.gateway`."""
    return _subject(request, SUBJECTS["gateway"])


@pytest.fixture
def gateway_subnet(request: pytest.FixtureRequest) -> Subject:
    """A gateway and the VNet with its subnet: `.observed.gateway`, `.observed.vnet`."""
    return _subject(request, SUBJECTS["gateway_subnet"])


@pytest.fixture
def gateway_peers(request: pytest.FixtureRequest) -> Subject:
    """A gateway and its BGP peers: `.observed.peers`."""
    return _subject(request, SUBJECTS["gateway_peers"])


@pytest.fixture
def gateway_routes(request: pytest.FixtureRequest) -> Subject:
    """A gateway and what it has learned: `.observed.routes`."""
    return _subject(request, SUBJECTS["gateway_routes"])


@pytest.fixture
def connection(request: pytest.FixtureRequest) -> Subject:
    """A connection of a gateway: `.observed.connection`."""
    return _subject(request, SUBJECTS["connection"])


@pytest.fixture
def local_gateway(request: pytest.FixtureRequest) -> Subject:
    """A local network gateway: `.observed.local`, and the gateway that it stands for: `.observed.far`."""
    return _subject(request, SUBJECTS["local_gateway"])


@pytest.fixture
def vnet(request: pytest.FixtureRequest) -> Subject:
    """A virtual network: `.observed.vnet`."""
    return _subject(request, SUBJECTS["vnet"])


@pytest.fixture
def vnet_peering(request: pytest.FixtureRequest) -> Subject:
    """One direction of a VNet peering, in its VNet: `.observed.peering(name)`."""
    return _subject(request, SUBJECTS["vnet_peering"])


@pytest.fixture
def subnet(request: pytest.FixtureRequest) -> Subject:
    """A subnet in its VNet, and its declared route table: `.observed.table`."""
    return _subject(request, SUBJECTS["subnet"])


@pytest.fixture
def subnet_routes(request: pytest.FixtureRequest) -> Subject:
    """As `subnet`, and the routes of a machine in it: `.observed.routes`."""
    return _subject(request, SUBJECTS["subnet_routes"])


@pytest.fixture
def subnet_appliance(request: pytest.FixtureRequest) -> Subject:
    """A subnet behind a firewall that is a machine: `.observed.interface` of the firewall."""
    return _subject(request, SUBJECTS["subnet_appliance"])


@pytest.fixture
def subnet_return(request: pytest.FixtureRequest) -> Subject:
    """A subnet, and the gateways' subnets from which it is entered: `.observed.gateways`, with their route tables."""
    return _subject(request, SUBJECTS["subnet_return"])


@pytest.fixture
def announced_passage(request: pytest.FixtureRequest) -> Subject:
    """A session towards Azure: what the router sends, and Azure's tables behind it."""
    return _subject(request, SUBJECTS["announced_passage"])


@pytest.fixture
def learned_passage(request: pytest.FixtureRequest) -> Subject:
    """A session from Azure: what Azure sends, and what the router got and kept of it."""
    return _subject(request, SUBJECTS["learned_passage"])


@pytest.fixture
def session_ends(request: pytest.FixtureRequest) -> Subject:
    """A session as both ends tell it: `.observed.neighbor` of the router, `.observed.rows` of Azure."""
    return _subject(request, SUBJECTS["session_ends"])


@pytest.fixture
def both_sides(request: pytest.FixtureRequest) -> Subject:
    """A customer's site and its networks: everything by which either side chooses a path."""
    return _subject(request, SUBJECTS["both_sides"])


@pytest.fixture
def standby(request: pytest.FixtureRequest) -> Subject:
    """A customer's site and its networks: what each session could carry by itself."""
    return _subject(request, SUBJECTS["standby"])


@pytest.fixture
def separation(request: pytest.FixtureRequest) -> Subject:
    """A customer's site and what it must be kept apart from."""
    return _subject(request, SUBJECTS["separation"])


@pytest.fixture
def binding_of_path(request: pytest.FixtureRequest) -> Subject:
    """One path of a circuit: the router's interface, the circuit's peering, and what each side resolves."""
    return _subject(request, SUBJECTS["binding_of_path"])


@pytest.fixture
def tunnel_ends(request: pytest.FixtureRequest) -> Subject:
    """A tunnel and Azure's connection at its other end."""
    return _subject(request, SUBJECTS["tunnel_ends"])
