"""A network that agrees with whatever an intent says, as facts in memory, and ways to change or lose one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any

from plugin.agreeing_azure import AZURE_HARDWARE, SITE_HARDWARE, AgreeingAzure

from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.plan import Plan, command_text
from pytest_azinterop.errors import AzureError, UndeterminedError
from pytest_azinterop.intent.expectations import Expectations, ExpectedSession, ExpectedTunnel
from pytest_azinterop.iosxe.parsers import config as config_parser
from pytest_azinterop.state.adjacency import BfdNeighbor, OspfNeighbor
from pytest_azinterop.state.bgp import AsPath, BgpNeighbor, BgpPath, BgpTable, NeighborRoutes
from pytest_azinterop.state.bgp_detail import BgpPrefix, PrefixPath
from pytest_azinterop.state.certificate import Certificate
from pytest_azinterop.state.crypto import EspSa, Ikev2Sa, IpsecCounters, IpsecIdentity
from pytest_azinterop.state.crypto_session import CryptoSession
from pytest_azinterop.state.device import (
    ArpEntry,
    ClockReading,
    DeviceFacts,
    Interface,
    InterfaceCounters,
    Ipv6Neighbor,
    Privilege,
    SubinterfaceTraffic,
    TunnelParameters,
    Vrf,
)
from pytest_azinterop.state.operations import ConfigArchive, ConfigDifferences, NtpAssociation, NtpStatus
from pytest_azinterop.state.ospf import ExternalLsa, OspfDatabase, OspfProcess, Redistribution
from pytest_azinterop.state.probe import PingResult, TraceHop, TraceProbe, TraceResult
from pytest_azinterop.state.routing import (
    ForwardingDecision,
    NextHop,
    PrefixList,
    PrefixListEntry,
    RibRoute,
    RouteMap,
    RouteMapEntry,
    RoutingTable,
)
from pytest_azinterop.state.source import Source

Change = Callable[[Any], Any]


_CRYPTO = """\
crypto ikev2 proposal AZURE
 encryption aes-cbc-256
 integrity sha256
 group 14
crypto ikev2 policy AZURE
 proposal AZURE
crypto ikev2 profile AZURE
 match identity remote address {peer} 255.255.255.255
 authentication remote rsa-sig
 authentication local rsa-sig
 pki trustpoint AZURE
 lifetime 28800
 dpd 10 2 on-demand
crypto ipsec transform-set AZURE esp-aes 256 esp-sha256-hmac
 mode tunnel
crypto ipsec profile TO-AZURE
 set security-association lifetime kilobytes disable
 set security-association replay window-size 1024
 set transform-set AZURE
 set pfs group14
 set ikev2-profile AZURE"""


class MemoryFacts:
    """Implements `Facts`. `changes` act on the records of a kind (and router); `lost` facts raise."""

    def __init__(self, expectations: Expectations) -> None:
        self._expectations = expectations
        self._changes: list[tuple[str, str | None, Change]] = []
        self._lost: list[tuple[str, str | None, str]] = []
        self._gone: set[Fact | Request] = set()
        self._kept: frozenset[Fact | Request] | None = None

    def change(self, kind: str, change: Change, host: str | None = None) -> MemoryFacts:
        """Apply `change` to each record of a kind; None takes the record away."""
        self._changes.append((kind, host, change))
        return self

    def lose(self, kind: str, host: str | None = None, cause: str = "not-authorised") -> MemoryFacts:
        """No fact of this kind (`*`: none at all) can be determined."""
        self._lost.append((kind, host, cause))
        return self

    def lose_fact(self, fact: Fact | Request) -> MemoryFacts:
        """This one fact can not be determined."""
        self._gone.add(fact)
        return self

    def only(self, facts: Iterable[Fact | Request]) -> MemoryFacts:
        """Everything else was never collected."""
        self._kept = frozenset(facts)
        return self

    def records(self, fact: Fact | Request) -> Sequence[Any]:
        """As the protocol says."""
        return self._told(fact) if isinstance(fact, Request) else self._records(fact, 2)

    def _told(self, request: Request) -> Sequence[Any]:
        if request in self._gone or (self._kept is not None and request not in self._kept):
            raise AzureError(f"{request.short}: not there", cause="not-collected", host=request.short)
        for kind, host, cause in self._lost:
            if kind in (request.operation_name, "*") and host in (request.short, None):
                raise AzureError(f"{request.short}: {request}: refused", cause=cause, host=request.short)
        assert self._expectations.azure is not None
        records = AgreeingAzure(self._expectations.azure).records(request)
        for kind, host, change in self._changes:
            if kind == request.operation_name and host in (request.short, None):
                records = [changed for record in records if (changed := change(record)) is not None]
        return records

    def origin(self, fact: Fact) -> Source:
        """As the protocol says."""
        self.records(fact)
        return Source(fact.host, command_text(fact), datetime.now(UTC))

    def samples(self, fact: Fact) -> tuple[Sequence[Any], Sequence[Any]]:
        """As the protocol says."""
        return self._records(fact, 1), self._records(fact, 2)

    def _records(self, fact: Fact, sample: int) -> Sequence[Any]:
        if fact in self._gone or (self._kept is not None and fact not in self._kept):
            raise UndeterminedError(f"{fact.host}: {fact.kind}: not there", cause="not-collected", host=fact.host)
        for kind, host, cause in self._lost:
            if kind in (fact.kind, "*") and host in (fact.host, None):
                what = f"{fact.host}: unreachable" if kind == "*" else f"{fact.host}: {command_text(fact)}: refused"
                raise UndeterminedError(what, cause=cause, host=fact.host)
        records = _Router(self._expectations, fact, sample).records()
        for kind, host, change in self._changes:
            if kind == fact.kind and host in (fact.host, None):
                records = [changed for record in records if (changed := change(record)) is not None]
        return records


def facts_for(config: Any, plan: Plan) -> MemoryFacts:
    """The agreeing network of the run's intent."""
    from pytest_azinterop.verification import VERIFICATION

    return MemoryFacts(config.stash[VERIFICATION].loaded.expectations)


class _Router:
    def __init__(self, expectations: Expectations, fact: Fact, sample: int) -> None:
        self.all = expectations
        self.fact = fact
        self.host = fact.host
        self.sample = sample
        self.parameters = dict(fact.parameters)
        self.vrf = self.parameters.get("vrf")
        self.family = 6 if fact.kind.endswith("_ipv6") else 4
        self.source = Source(fact.host, command_text(fact), datetime.now(UTC))

    def records(self) -> list[Any]:
        return list(getattr(self, self.fact.kind.removesuffix("_ipv6"))())

    @property
    def sessions(self) -> list[ExpectedSession]:
        return [each for each in self.all.sessions if each.router == self.host]

    @property
    def here(self) -> list[ExpectedSession]:
        """The sessions of the VRF and address family that were asked for."""
        return [each for each in self.sessions if (each.vrf, each.version) == (self.vrf, self.family)]

    @property
    def tunnels(self) -> list[ExpectedTunnel]:
        return [each for each in self.all.tunnels if each.router == self.host]

    def version(self) -> list[DeviceFacts]:
        device = next(each for each in self.all.devices if each.router == self.host)
        uptime = timedelta(days=40)
        return [
            DeviceFacts(device.hostname, "17.09.04a", "ASR1001-X", device.serial or "X1", uptime, source=self.source)
        ]

    def clock(self) -> list[ClockReading]:
        return [ClockReading(self.source.asked_at, "UTC", "synchronised", source=self.source)]

    def privilege(self) -> list[Privilege]:
        return [Privilege(15, source=self.source)]

    def interfaces(self) -> list[Interface]:
        found = []
        for each in (each for each in self.all.interfaces if each.router == self.host):
            tunnel = next((tunnel for tunnel in self.tunnels if tunnel.name == each.name), None)
            tags = (each.vlans or ()) + (None, None)
            found.append(
                Interface(
                    name=each.name,
                    status="up",
                    line_protocol="up",
                    description=None,
                    address=each.address,
                    mtu=1500,
                    bandwidth=None,
                    mac=SITE_HARDWARE,
                    outer_vlan=tags[0],
                    inner_vlan=tags[1],
                    tunnel=tunnel
                    and TunnelParameters(tunnel.source, tunnel.local, tunnel.peer, "IPSEC/IP", "TO-AZURE", None),
                    counters=None if "." in each.name else InterfaceCounters(9, 900, 9, 900, 0, 0, 0),
                    source=self.source,
                )
            )
        known = {each.name for each in found}
        ports = dict.fromkeys(each.name.partition(".")[0] for each in found)
        return found + [self._port(name) for name in ports if name not in known]

    def _port(self, name: str) -> Interface:
        counters = InterfaceCounters(9, 900, 9, 900, 0, 0, 0)
        return Interface(name, "up", "up", None, None, 1500, None, counters=counters, source=self.source)

    def vrfs(self) -> list[Vrf]:
        names = dict.fromkeys(each.vrf for each in self.all.interfaces if each.router == self.host and each.vrf)
        return [
            Vrf(
                name,
                "65000:1",
                tuple(each.name for each in self.all.interfaces if (each.router, each.vrf) == (self.host, name)),
                source=self.source,
            )
            for name in names
        ]

    def bgp_neighbors(self) -> list[BgpNeighbor]:
        return [
            BgpNeighbor(
                vrf=each.vrf,
                address=each.neighbor,
                remote_as=each.remote_as,
                external=True,
                state="Established",
                shutdown=False,
                in_state_for=timedelta(days=9),
                hold_time=each.hold_time,
                keepalive=each.keepalive,
                local_address=each.local_address,
                soft_reconfiguration_inbound=each.soft_reconfiguration,
                accepted_prefixes=len(each.receive.required) if each.receive else 0,
                sent_prefixes=len(each.announce.required) if each.announce else 0,
                connections_dropped=0,
                route_map_in=f"FROM-{each.role}",
                route_map_out=f"TO-{each.role}" if each.announce_communities else None,
                prefix_list_out="OWN",
                source=self.source,
            )
            for each in self.here
        ]

    def bfd_neighbors(self) -> list[BfdNeighbor]:
        return [
            BfdNeighbor(
                neighbor=each.neighbor,
                local_address=each.local_address,
                local_discriminator=number,
                remote_discriminator=number,
                remote_heard="Up",
                state="Up",
                interface=each.interface or "",
                minimum_transmit=each.bfd.interval * 1000,
                minimum_receive=each.bfd.interval * 1000,
                multiplier=each.bfd.multiplier,
                received_minimum_receive=each.bfd.interval * 1000,
                received_minimum_transmit=each.bfd.interval * 1000,
                received_multiplier=each.bfd.multiplier,
                local_diagnostic=0,
                clients=("BGP", "CEF"),
                up_for=timedelta(days=9),
                source=self.source,
            )
            for number, each in enumerate(self.sessions, start=1)
            if each.bfd and each.vrf == self.vrf
        ]

    def _session(self) -> ExpectedSession:
        return next(
            each for each in self.sessions if (each.vrf, str(each.neighbor)) == (self.vrf, self.parameters["address"])
        )

    def _paths(self, session: ExpectedSession, preference: int | None, *, best: bool = True) -> tuple[BgpPath, ...]:
        prefixes = sorted(session.receive.required, key=str) if session.receive else []
        return tuple(
            BgpPath(
                prefix=prefix,
                next_hop=session.neighbor,
                valid=True,
                best=best,
                internal=False,
                flags="*>" if best else "*",
                metric=None,
                local_preference=preference,
                weight=0,
                as_path=AsPath(str(session.remote_as), (session.remote_as,)),
                origin="i",
                source=self.source,
            )
            for prefix in prefixes
        )

    def _own(self, session: ExpectedSession) -> tuple[BgpPath, ...]:
        return tuple(
            BgpPath(
                prefix=prefix,
                next_hop=IPv4Address(0) if prefix.version == 4 else IPv6Address(0),
                valid=True,
                best=True,
                internal=False,
                flags="*>",
                metric=0,
                local_preference=None,
                weight=32768,
                as_path=AsPath("", ()),
                origin="i",
                source=self.source,
            )
            for prefix in (sorted(session.announce.required, key=str) if session.announce else [])
        )

    def _routes(self, view: Any, paths: tuple[BgpPath, ...]) -> list[NeighborRoutes]:
        session = self._session()
        return [NeighborRoutes(session.vrf, session.neighbor, view, paths, source=self.source)]

    def accepted_routes(self) -> list[NeighborRoutes]:
        session = self._session()
        return self._routes("accepted", self._paths(session, session.local_preference))

    def received_routes(self) -> list[NeighborRoutes]:
        return self._routes("received", self._paths(self._session(), None))

    def advertised_routes(self) -> list[NeighborRoutes]:
        return self._routes("advertised", self._own(self._session()))

    def _table(self) -> tuple[BgpPath, ...]:
        here = self.here
        ranked = sorted(here, key=lambda each: -(each.local_preference or 0))
        taken: set[object] = set()
        paths: list[BgpPath] = []
        for session in ranked:
            for path in self._paths(session, session.local_preference):
                best = path.prefix not in taken
                taken.add(path.prefix)
                paths.append(replace(path, best=best, flags="*>" if best else "*"))
        return (*(self._own(here[0]) if here else ()), *paths)

    def bgp_table(self) -> list[BgpTable]:
        return [BgpTable(self.vrf, IPv4Address("192.0.2.1"), 9, "65000:1", self._table(), source=self.source)]

    def bgp_prefix(self) -> list[BgpPrefix]:
        prefix = ip_network(self.parameters["prefix"])
        communities = {each: values for session in self.sessions for each, values in session.carried}
        paths = [
            PrefixPath(
                next_hop=row.next_hop,
                learned_from=row.next_hop,
                router_id=None,
                as_path=row.as_path,
                origin=row.origin,
                metric=row.metric,
                local_preference=row.local_preference or 100,
                weight=row.weight,
                valid=True,
                best=row.best,
                kind="sourced" if row.is_local else "external",
                communities=() if row.is_local else communities.get(prefix, ()),
                source=self.source,
            )
            for row in self._table()
            if row.prefix == prefix
        ]
        best = next((number for number, path in enumerate(paths, start=1) if path.best), None)
        found = BgpPrefix(self.vrf, prefix, "65000:1", 9, best, False, True, tuple(paths), source=self.source)
        return [found] if paths else []

    def rib(self) -> list[RoutingTable]:
        routes = [
            RibRoute(self.vrf, path.prefix, "B", "B", 20, 0, (self._hop(path),), source=self.source)
            for path in self._table()
            if path.best and not path.is_local
        ]
        own = {path.prefix for path in self._table() if path.is_local}
        here = [each for each in self.all.interfaces if (each.router, each.vrf) == (self.host, self.vrf)]
        inside = next((each.name for each in here if each.role == "lan"), "GigabitEthernet0/0/1.9")
        connected = [(prefix, "C", inside) for prefix in sorted(own, key=str)]
        for each in here if self.family == 6 else ():
            if each.ipv6 is not None:
                connected += [(each.ipv6.network, "C", each.name), (IPv6Network(each.ipv6.ip), "L", each.name)]
        routes += [
            RibRoute(self.vrf, prefix, code, code, None, None, (NextHop(None, name),), source=self.source)
            for prefix, code, name in connected
        ]
        routes += [
            RibRoute(
                self.vrf,
                IPv4Network(f"{each.neighbor}/32"),
                "S",
                "S",
                1,
                0,
                (NextHop(None, each.name),),
                source=self.source,
            )
            for each in self.tunnels
            if self.family == 4
        ]
        return [RoutingTable(self.vrf, None, tuple(routes), source=self.source)]

    def _hop(self, path: BgpPath) -> NextHop:
        """IPv6 forwards to the link-local address of an external neighbor."""
        if self.family == 4:
            return NextHop(path.next_hop, None)
        session = next(each for each in self.here if each.neighbor == path.next_hop)
        return NextHop(IPv6Address("fe80::2"), session.interface)

    def _tunnel(self) -> ExpectedTunnel:
        return next(each for each in self.tunnels if each.name == self.parameters["interface"])

    def forwarding(self) -> list[ForwardingDecision]:
        address = self.parameters["address"]
        outer = next((each for each in self.tunnels if str(each.peer) == address), None)
        if outer is not None:
            default, uplink = IPv4Network("0.0.0.0/0"), (NextHop(IPv4Address("192.0.2.254"), "GigabitEthernet0/0/9"),)
            return [ForwardingDecision(self.vrf, outer.peer, default, "forward", uplink, source=self.source)]
        tunnel = next(each for each in self.tunnels if str(each.neighbor) == address)
        prefix = IPv4Network(f"{tunnel.neighbor}/32")
        hops = (NextHop(None, tunnel.name),)
        return [ForwardingDecision(self.vrf, tunnel.neighbor, prefix, "attached", hops, source=self.source)]

    def ikev2_sas(self) -> list[Ikev2Sa]:
        return [
            Ikev2Sa(
                tunnel_id=number,
                local_address=each.local,
                local_port=500,
                remote_address=each.peer,
                remote_port=500,
                front_vrf=each.front_vrf,
                inner_vrf=each.inner_vrf,
                status="READY",
                encryption="AES-CBC-256",
                prf="SHA256",
                integrity="SHA256",
                dh_group=14,
                lifetime=28800,
                active_for=600,
                sign_method="PSK" if each.authentication == "psk" else "RSA",
                verify_method="PSK" if each.authentication == "psk" else "RSA",
                nat_detected=False,
                source=self.source,
            )
            for number, each in enumerate(self.tunnels, start=1)
        ]

    def ipsec_sas(self) -> list[IpsecIdentity]:
        tunnel = self._tunnel()
        count = 1000 * self.sample
        esp = EspSa(0x1234, "esp-256-aes esp-sha256-hmac", True, "ACTIVE(ACTIVE)", remaining_seconds=2000)
        everything = IPv4Network("0.0.0.0/0")
        return [
            IpsecIdentity(
                interface=tunnel.name,
                crypto_map=f"{tunnel.name}-head-0",
                local_address=tunnel.local,
                protected_vrf=tunnel.inner_vrf,
                local_selector=everything,
                remote_selector=everything,
                protocol=0,
                peer=tunnel.peer,
                peer_port=500,
                counters=IpsecCounters(count, count, count, count),
                current_outbound_spi=0x1234,
                pfs=False,
                pfs_group=None,
                inbound=(esp,),
                outbound=(esp,),
                source=self.source,
            )
        ]

    def ping(self) -> list[PingResult]:
        count = int(self.parameters["repeat"])
        target = IPv4Address(self.parameters["address"])
        if any(each.target == target and not each.reachable for each in self.all.reaches):
            return [PingResult(self.vrf, target, count, 0, "." * count, source=self.source)]
        return [PingResult(self.vrf, target, count, count, "!" * count, 1, 2, 3, source=self.source)]

    def traceroute(self) -> list[TraceResult]:
        target = IPv4Address(self.parameters["address"])
        hops = (TraceHop(1, (TraceProbe(target, 2),)),)
        return [TraceResult(self.vrf, target, hops, source=self.source)]

    def arp(self) -> list[ArpEntry]:
        far = [
            ArpEntry(each.vrf, each.neighbor, AZURE_HARDWARE, 3, "ARPA", each.interface, source=self.source)
            for each in self.sessions
            if each.vrf == self.vrf and each.role == "expressroute" and each.version == 4
        ]
        own = [
            ArpEntry(each.vrf, each.address.ip, "0000.5e00.5301", None, "ARPA", each.name, source=self.source)
            for each in self.all.interfaces
            if (each.router, each.vrf) == (self.host, self.vrf) and isinstance(each.address, IPv4Interface)
        ]
        return [*own, *far]

    def ipv6_neighbors(self) -> list[Ipv6Neighbor]:
        return [
            Ipv6Neighbor(each.vrf, each.neighbor, AZURE_HARDWARE, 3, "REACH", each.interface, source=self.source)
            for each in self.sessions
            if each.vrf == self.vrf and each.role == "expressroute" and each.version == 6
        ]

    def ospf_neighbors(self) -> list[OspfNeighbor]:
        router_id = IPv4Address("192.0.2.9")
        return [
            OspfNeighbor(router_id, 1, "FULL", None, None, beside, each.name, source=self.source)
            for each in self.all.interfaces
            if each.router == self.host and each.ospf and each.address is not None
            for beside in [next(host for host in each.address.network.hosts() if host != each.address.ip)]
        ]

    @property
    def router_id(self) -> IPv4Address:
        """Another one of each router."""
        return IPv4Address("192.0.2.1") + [each.router for each in self.all.devices].index(self.host)

    def ospf_processes(self) -> list[OspfProcess]:
        return [
            OspfProcess(
                number=9,
                router_id=self.router_id,
                vrf=each.vrf,
                shutdown=False,
                border=True,
                redistributed=(Redistribution("bgp", str(each.ospf.asn), True),),
                source=self.source,
            )
            for each in self.all.interfaces
            if each.router == self.host and each.ospf
        ]

    def ospf_external(self) -> list[OspfDatabase]:
        router = self.router_id
        return [
            OspfDatabase(
                9,
                router,
                tuple(
                    ExternalLsa(prefix, router, 10, 10, 2, 0, source=self.source)
                    for prefix in sorted(
                        {
                            prefix
                            for session in self.sessions
                            if (session.vrf, session.version) == (each.vrf, 4) and session.role != "internal"
                            for prefix in (session.receive.required if session.receive else ())
                        }
                    )
                ),
                source=self.source,
            )
            for each in self.all.interfaces
            if each.router == self.host and each.ospf
        ]

    def vlan_traffic(self) -> list[SubinterfaceTraffic]:
        count = 1_000_000 * self.sample
        later = replace(self.source, asked_at=self.source.asked_at + timedelta(seconds=self.sample))
        return [
            SubinterfaceTraffic(each.vlans[0], None, each.name, count, count, source=later)
            for each in self.all.interfaces
            if each.router == self.host and each.vlans
        ]

    def certificates(self) -> list[Certificate]:
        now = self.source.asked_at
        return [
            Certificate(
                kind=kind,
                status="Available",
                serial="01",
                usage=None,
                issuer=(),
                subject=(),
                not_before=now - timedelta(days=400),
                not_after=now + timedelta(days=400),
                zone="UTC",
                trustpoints=(each.trustpoint,),
                source=self.source,
            )
            for each in self.tunnels
            if each.trustpoint
            for kind in ("Certificate", "CA Certificate")
        ]

    def crypto_sessions(self) -> list[CryptoSession]:
        tunnel = self._tunnel()
        return [CryptoSession(tunnel.name, "UP-ACTIVE", tunnel.peer, 500, source=self.source)]

    def config_differences(self) -> list[ConfigDifferences]:
        return [ConfigDifferences((), source=self.source)]

    def ntp_status(self) -> list[NtpStatus]:
        return [NtpStatus(True, 3, "192.0.2.123", 0.5, source=self.source)]

    def ntp_associations(self) -> list[NtpAssociation]:
        wanted = next(each.ntp for each in self.all.devices if each.router == self.host)
        servers = [str(server) for server in wanted.servers] if wanted and wanted.servers else ["192.0.2.123"]
        return [
            NtpAssociation(server, ".GPS.", 2, 255, "+" if number else "*", True, source=self.source)
            for number, server in enumerate(servers)
        ]

    def archive(self) -> list[ConfigArchive]:
        return [ConfigArchive(True, 10, "bootflash:old-1", (), None, source=self.source)]

    def route_map(self) -> list[RouteMap]:
        preferences = {each.role: each.local_preference for each in self.sessions}
        inbound = [
            RouteMap(f"FROM-{role}", (RouteMapEntry(10, True, (), (f"local-preference {value}",)),), source=self.source)
            for role, value in preferences.items()
        ]
        marks = {each.role: " ".join(each.announce_communities) for each in self.sessions if each.announce_communities}
        return inbound + [
            RouteMap(f"TO-{role}", (RouteMapEntry(10, True, (), (f"community {words}",)),), source=self.source)
            for role, words in marks.items()
        ]

    def prefix_list(self) -> list[PrefixList]:
        announced = {prefix for each in self.sessions if each.announce for prefix in each.announce.required}
        own = sorted((each for each in announced if each.version == self.family), key=str)
        entries = tuple(PrefixListEntry(5 * number, True, prefix) for number, prefix in enumerate(own, start=1))
        return [PrefixList("OWN", entries, source=self.source)]

    def running_config(self) -> list[Any]:
        source = replace(self.source, command="show running-config")
        text = "\n".join(["Building configuration...", "", "Current configuration : 900 bytes", *self._config(), "end"])
        return list(config_parser.parse(text, source).records)

    def _config(self) -> list[str]:
        return [
            f"hostname {self.host}",
            *self._crypto_config(),
            *self._interface_config(),
            *self._ospf_config(),
            *self._bgp_config(),
            *self._policy_config(),
        ]

    def _crypto_config(self) -> list[str]:
        return [line for each in self.tunnels for line in _CRYPTO.format(peer=each.peer).splitlines()]

    def _interface_config(self) -> list[str]:
        lines = []
        for vrf in dict.fromkeys(each.vrf for each in self.sessions if each.vrf):
            lines += [f"vrf definition {vrf}", " rd 65000:1", " address-family ipv4", " exit-address-family"]
        for interface in (each for each in self.all.interfaces if each.router == self.host):
            lines.append(f"interface {interface.name}")
            lines += [f" vrf forwarding {interface.vrf}"] if interface.vrf else []
            if interface.vlans:
                lines.append(f" encapsulation dot1Q {' second-dot1q '.join(map(str, interface.vlans))}")
            if interface.address:
                lines.append(f" ip address {interface.address.ip} {interface.address.netmask}")
            for tunnel in (each for each in self.tunnels if each.name == interface.name):
                lines += [f" tunnel source {tunnel.source}", " tunnel mode ipsec ipv4"]
                lines += [f" tunnel destination {tunnel.peer}", " tunnel protection ipsec profile TO-AZURE"]
        return lines

    def _ospf_config(self) -> list[str]:
        lines = []
        for each in (each for each in self.all.interfaces if each.router == self.host and each.ospf and each.address):
            lines += ["route-map TO-SITE permit 10", f"router ospf 9 vrf {each.vrf}"]
            lines += [f" redistribute bgp {each.ospf.asn} subnets route-map TO-SITE"]
            lines += [f" network {each.address.ip} 0.0.0.0 area 0"]
        return lines

    def _bgp_config(self) -> list[str]:
        lines = []
        lines += [f"router bgp {asn}" for asn in dict.fromkeys(each.local_as for each in self.sessions)]
        for vrf, version in dict.fromkeys((each.vrf, each.version) for each in self.sessions):
            here = [each for each in self.sessions if (each.vrf, each.version) == (vrf, version)]
            lines.append(f" address-family ipv{version} vrf {vrf}" if vrf else f" address-family ipv{version}")
            own = sorted({prefix for each in here if each.announce for prefix in each.announce.required})
            lines += [
                f"  network {prefix.network_address} mask {prefix.netmask}" if version == 4 else f"  network {prefix}"
                for prefix in own
            ]
            for each in here:
                start = f"  neighbor {each.neighbor}"
                lines += [f"{start} remote-as {each.remote_as}", f"{start} activate"]
                lines += [f"{start} soft-reconfiguration inbound"] if each.soft_reconfiguration else []
                if each.announce_communities:
                    lines += [f"{start} send-community", f"{start} route-map TO-{each.role} out"]
                lines += [f"{start} prefix-list OWN out", f"{start} route-map FROM-{each.role} in"]
            lines.append(" exit-address-family")
        return lines

    def _policy_config(self) -> list[str]:
        lines = []
        for tunnel in self.tunnels:
            vrf = f"vrf {tunnel.inner_vrf} " if tunnel.inner_vrf else ""
            lines.append(f"ip route {vrf}{tunnel.neighbor} 255.255.255.255 {tunnel.name}")
        entries = self.prefix_list()[0].entries
        lines += [f"ip prefix-list OWN seq {entry.sequence} permit {entry.prefix}" for entry in entries]
        self.family = 6
        entries = self.prefix_list()[0].entries
        lines += [f"ipv6 prefix-list OWN seq {entry.sequence} permit {entry.prefix}" for entry in entries]
        for each in self.route_map():
            lines += [f"route-map {each.name} permit 10", f" set {each.entries[0].sets[0]}"]
        return lines
