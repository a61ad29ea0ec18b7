"""What a check can ask about what must go on by itself: crypto sessions, the LAN's routing, the saved configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.access_list import ObservedInterfaceFilters
from pytest_azinterop.verify.crypto_session import ObservedCryptoSession
from pytest_azinterop.verify.lan_homeward import ObservedLanHops, ObservedLanRoutes
from pytest_azinterop.verify.lan_routing import ObservedOspf
from pytest_azinterop.verify.saved import ObservedSaved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import (
        Expectations,
        ExpectedDevice,
        ExpectedInterface,
        ExpectedTunnel,
    )


def _session_of(tunnel: ExpectedTunnel) -> Fact:
    return Fact.of(tunnel.router, "crypto_sessions", interface=tunnel.name)


def _session_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (_session_of(tunnel),)


def _session(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedCryptoSession:
    return ObservedCryptoSession(tuple(facts.records(_session_of(tunnel))))


def _ospf_of(interface: ExpectedInterface) -> Fact:
    return Fact.of(interface.router, "ospf_neighbors")


def _ospf_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return (_ospf_of(interface),)


def _ospf(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedOspf:
    wanted = _ospf_of(interface)
    return ObservedOspf(
        tuple(facts.records(wanted)), facts.origin(wanted), fact.known_configuration(interface.router, facts)
    )


def _ospf_helps(interface: ExpectedInterface) -> tuple[Need, ...]:
    return (fact.running_config(interface.router),)


def _with_ospf(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.ospf)


def _routes_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return fact.rib(interface.router, interface.vrf), _ospf_of(interface)


def _routes(interface: ExpectedInterface, facts: Facts, everything: Expectations) -> ObservedLanRoutes:
    rib = fact.the_one(facts, fact.rib(interface.router, interface.vrf))
    return ObservedLanRoutes(rib, _ospf(interface, facts, everything))


def _arp_of(interface: ExpectedInterface) -> Fact:
    return Fact.of(interface.router, "arp", vrf=interface.vrf)


def _hops_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return fact.interfaces(interface.router), fact.rib(interface.router, interface.vrf), _arp_of(interface)


def _hops(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedLanHops:
    rib = fact.the_one(facts, fact.rib(interface.router, interface.vrf))
    here = fact.interface_named(facts.records(fact.interfaces(interface.router)), interface.name)
    return ObservedLanHops(here, rib, tuple(facts.records(_arp_of(interface))))


def _to_lan(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.owned)


def _filters_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    router = interface.router
    config = fact.privilege(router), fact.running_config(router)
    return (*config, fact.rib(router, interface.vrf)) if _depends_on_routes(interface) else config


def _depends_on_routes(interface: ExpectedInterface) -> bool:
    return any(each.beside_others for each in interface.flows)


def _filters(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedInterfaceFilters:
    wanted = fact.rib(interface.router, interface.vrf)
    rib = fact.the_one(facts, wanted) if _depends_on_routes(interface) else None
    return ObservedInterfaceFilters(fact.configuration(interface.router, facts), rib)


def _carrying(everything: Expectations) -> Sequence[ExpectedInterface]:
    return tuple(each for each in everything.interfaces if each.flows or each.peers)


def _differences_of(device: ExpectedDevice) -> Fact:
    return Fact.of(device.router, "config_differences")


def _saved_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return (_differences_of(device),)


def _saved(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedSaved:
    return ObservedSaved(fact.the_one(facts, _differences_of(device)))


KINDS: Final = (
    SubjectKind("crypto_session", "VPN tunnels", lambda all_: all_.tunnels, _session_needs, _session),
    SubjectKind("lan", "interfaces with OSPF", _with_ospf, _ospf_needs, _ospf, _ospf_helps),
    SubjectKind("lan_routes", "interfaces with OSPF", _with_ospf, _routes_needs, _routes, _ospf_helps),
    SubjectKind("lan_next_hops", "interfaces towards the LAN", _to_lan, _hops_needs, _hops),
    SubjectKind("interface_filters", "interfaces between site and Azure", _carrying, _filters_needs, _filters),
    SubjectKind("saved_configuration", "routers", lambda all_: all_.devices, _saved_needs, _saved),
)
