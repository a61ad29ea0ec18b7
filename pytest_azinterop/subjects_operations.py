"""What a check can ask about what operation rests on: time, archive, what the site is told, what a path carries,
certificates.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop import subjects_vpn
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.intent.lan_exit import lan_exits, shared_lans
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify import path_mtu
from pytest_azinterop.verify.archive import ObservedArchive
from pytest_azinterop.verify.certificates import ObservedCertificates
from pytest_azinterop.verify.lan_exit import ObservedExitRouter, ObservedExits
from pytest_azinterop.verify.lan_external import ObservedExternal
from pytest_azinterop.verify.lan_identity import ObservedLan, ObservedLanRouter
from pytest_azinterop.verify.lan_routes import ObservedLanRoutes
from pytest_azinterop.verify.path_mtu import ObservedSizes
from pytest_azinterop.verify.path_traffic import ObservedPathTraffic
from pytest_azinterop.verify.software import ObservedSoftware
from pytest_azinterop.verify.time_source import ObservedTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedDevice, ExpectedInterface, ExpectedTunnel
    from pytest_azinterop.intent.lan_exit import ExpectedExit, ExpectedLan


_SIZE_PROBES: Final = "2"


def _status_of(device: ExpectedDevice) -> Fact:
    return Fact.of(device.router, "ntp_status")


def _associations_of(device: ExpectedDevice) -> Fact:
    return Fact.of(device.router, "ntp_associations")


def _time_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return _status_of(device), _associations_of(device)


def _time(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedTime:
    return ObservedTime(
        fact.the_one(facts, _status_of(device)),
        tuple(facts.records(_associations_of(device))),
    )


def _with_ntp(everything: Expectations) -> Sequence[ExpectedDevice]:
    return tuple(each for each in everything.devices if each.ntp is not None)


def _archive_of(device: ExpectedDevice) -> Fact:
    return Fact.of(device.router, "archive")


def _archive_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return (_archive_of(device),)


def _archive(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedArchive:
    return ObservedArchive(fact.the_one(facts, _archive_of(device)))


def _with_archive(everything: Expectations) -> Sequence[ExpectedDevice]:
    return tuple(each for each in everything.devices if each.archive is not None)


def _processes_of(interface: ExpectedInterface) -> Fact:
    return Fact.of(interface.router, "ospf_processes")


def _lan_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    router = interface.router
    return fact.privilege(router), fact.running_config(router), _processes_of(interface)


def _lan(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedLanRoutes:
    return ObservedLanRoutes(
        fact.configuration(interface.router, facts), tuple(facts.records(_processes_of(interface)))
    )


def _redistributing(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.ospf and each.ospf.redistributes is not None)


def _defaulting(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.ospf and each.ospf.default_route is not None)


def _external_of(interface: ExpectedInterface) -> Fact:
    return Fact.of(interface.router, "ospf_external")


def _external_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return (*_lan_needs(interface), _external_of(interface), fact.bgp_table(interface.router, interface.vrf))


def _external(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedExternal:
    return ObservedExternal(
        config=fact.configuration(interface.router, facts),
        processes=tuple(facts.records(_processes_of(interface))),
        databases=tuple(facts.records(_external_of(interface))),
        table=fact.the_one(facts, fact.bgp_table(interface.router, interface.vrf)),
    )


def _telling(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(
        each
        for each in everything.interfaces
        if each.ospf and (each.ospf.redistributes is not None or each.ospf.default_route in ("none", "always"))
    )


def _exit_needs(expected: ExpectedExit) -> tuple[Need, ...]:
    return tuple(
        need
        for each in expected.lan
        for need in (fact.privilege(each.router), fact.running_config(each.router), _external_of(each))
    )


def _exits(expected: ExpectedExit, facts: Facts, _: Expectations) -> ObservedExits:
    return ObservedExits(
        tuple(
            ObservedExitRouter(each, fact.configuration(each.router, facts), tuple(facts.records(_external_of(each))))
            for each in expected.lan
        )
    )


def _shared_needs(expected: ExpectedLan) -> tuple[Need, ...]:
    return tuple(need for each in expected.lan for need in _lan_needs(each))


def _shared(expected: ExpectedLan, facts: Facts, everything: Expectations) -> ObservedLan:
    seen = ((each, _lan(each, facts, everything)) for each in expected.lan)
    return ObservedLan(tuple(ObservedLanRouter(each, told.config, told.processes) for each, told in seen))


def _vlan_traffic_of(interface: ExpectedInterface) -> Fact:
    return Fact.of(interface.router, "vlan_traffic")


def _path_traffic_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    interval = interface.traffic.interval if interface.traffic else timedelta(0)
    return (Sampled(_vlan_traffic_of(interface), probe=None, interval=interval),)


def _path_traffic_helps(interface: ExpectedInterface) -> tuple[Need, ...]:
    return (fact.interfaces(interface.router),)


def _path_traffic(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedPathTraffic:
    before, after = facts.samples(_vlan_traffic_of(interface))
    return ObservedPathTraffic(tuple(before), tuple(after), fact.known(facts, fact.interfaces(interface.router)))


def _carrying(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.traffic is not None)


def _certificates_of(tunnel: ExpectedTunnel) -> Fact:
    return Fact.of(tunnel.router, "certificates")


def _certificates_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return _certificates_of(tunnel), fact.clock(tunnel.router)


def _certificates_helps(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (fact.running_config(tunnel.router),)


def _certificates(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedCertificates:
    return ObservedCertificates(
        tuple(facts.records(_certificates_of(tunnel))),
        fact.the_one(facts, fact.clock(tunnel.router)),
        fact.known_configuration(tunnel.router, facts),
    )


def _with_certificates(everything: Expectations) -> Sequence[ExpectedTunnel]:
    return tuple(each for each in everything.tunnels if each.trustpoint is not None)


def _size_of(tunnel: ExpectedTunnel, size: int) -> Fact:
    return Fact.of(
        tunnel.router,
        "ping",
        vrf=tunnel.inner_vrf,
        address=str(tunnel.neighbor),
        source=fact.probe_source(tunnel),
        repeat=_SIZE_PROBES,
        size=str(size),
        timeout=fact.PROBE_TIMEOUT,
    )


def _size_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    router = tunnel.router
    return (
        fact.interfaces(router),
        fact.privilege(router),
        fact.running_config(router),
        *(_size_of(tunnel, size) for size in path_mtu.ladder(tunnel)),
    )


def _sizes(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedSizes:
    config = fact.configuration(tunnel.router, facts)
    interface = fact.interface_named(facts.records(fact.interfaces(tunnel.router)), tunnel.name)
    if interface is None:
        return ObservedSizes(None, config, ())
    pings = ((size, subjects_vpn.probed(facts, _size_of(tunnel, size), interface)) for size in path_mtu.ladder(tunnel))
    return ObservedSizes(interface, config, tuple(pings))


def _with_sizes(everything: Expectations) -> Sequence[ExpectedTunnel]:
    return tuple(each for each in everything.tunnels if each.mtu is not None)


def _software_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return (fact.version(device.router),)


def _software(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedSoftware:
    return ObservedSoftware(fact.the_one(facts, fact.version(device.router)))


def _with_releases(everything: Expectations) -> Sequence[ExpectedDevice]:
    return tuple(each for each in everything.devices if each.software and each.software.releases)


def _with_uptime(everything: Expectations) -> Sequence[ExpectedDevice]:
    return tuple(each for each in everything.devices if each.software and each.software.minimum_uptime is not None)


KINDS: Final = (
    SubjectKind("lan_external", "interfaces with declared routes of OSPF", _telling, _external_needs, _external),
    SubjectKind("lan_exit", "sites with a declared way out", lambda all_: tuple(lan_exits(all_)), _exit_needs, _exits),
    SubjectKind(
        "shared_lan",
        "sites with several routers at the LAN",
        lambda all_: tuple(shared_lans(all_)),
        _shared_needs,
        _shared,
    ),
    SubjectKind("software", "routers with approved releases", _with_releases, _software_needs, _software),
    SubjectKind("uptime", "routers with a declared uptime", _with_uptime, _software_needs, _software),
    SubjectKind("tunnel_sizes", "VPN tunnels with a declared packet size", _with_sizes, _size_needs, _sizes),
    SubjectKind(
        "path_traffic",
        "ExpressRoute paths with declared traffic",
        _carrying,
        _path_traffic_needs,
        _path_traffic,
        _path_traffic_helps,
    ),
    SubjectKind(
        "vpn_certificates",
        "VPN tunnels with certificates",
        _with_certificates,
        _certificates_needs,
        _certificates,
        _certificates_helps,
    ),
    SubjectKind("lan_redistribution", "interfaces whose site is told BGP's routes", _redistributing, _lan_needs, _lan),
    SubjectKind("lan_default_route", "interfaces with a declared default route", _defaulting, _lan_needs, _lan),
    SubjectKind("time_source", "routers with declared time sources", _with_ntp, _time_needs, _time),
    SubjectKind("archive", "routers with a declared archive", _with_archive, _archive_needs, _archive),
)
