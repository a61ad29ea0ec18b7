"""Judgements about a virtual network gateway: what it is, its BGP peers, and how near it is to its limit.

Peers that nobody declared are not judged: a gateway's other instance or a Route Server is a peer as well, and one that
does not answer is normal on a healthy gateway.

Sources: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview,
https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_azinterop.state.azure_gateway import EXPRESSROUTE_ASN
from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.azure_words import name_of, of_gateway, shown
from pytest_azinterop.verify.gateway_throughput import rate_of
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.azure_expectations import ExpectedGateway, ExpectedGatewayPeer
    from pytest_azinterop.state.azure_gateway import Gateway, GatewayBgpPeer
    from pytest_azinterop.verify.azure_observed import ObservedGateway, ObservedLearned, ObservedPeers
    from pytest_azinterop.verify.finding import Finding

_KINDS: Final = {"expressroute": "ExpressRoute", "vpn": "Vpn"}
_ALLOWED: Final = {True: "allowed", False: "not allowed"}
# Each circuit has two MSEEs, and both are peers of every instance.
_MSEES: Final = 2


def state(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """The gateway is of the declared kind, provisioned, and in the VNet that was declared."""
    gateway = observed.gateway
    found = []
    if gateway.kind != _KINDS[expected.kind]:
        words = f"kind is {shown(gateway.kind)}, expected {_KINDS[expected.kind]}"
        found.append(_finding("azure.gateway-state", expected, gateway, words, "other-kind"))
    if gateway.provisioning_state is None:
        evidence.undetermined("whether the gateway is provisioned is not told", "not-understood", gateway.source)
    if gateway.provisioning_state != "Succeeded":
        words = f"resource is {shown(gateway.provisioning_state)}, expected Succeeded"
        found.append(_finding("azure.gateway-state", expected, gateway, words, "not-succeeded"))
    return found


def place(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """Every instance is in the gateway subnet of the declared VNet."""
    gateway = observed.gateway
    if not gateway.ip_configurations:
        evidence.undetermined("the gateway's IP configurations are not told", "not-understood", gateway.source)
    vnets = {(each.subnet or "").casefold().partition("/subnets/")[0] for each in gateway.ip_configurations}
    if vnets == {expected.vnet_resource.id.casefold()}:
        return []
    words = f"VNet is {some(map(name_of, sorted(vnets)))}, expected {expected.vnet_resource.name}"
    return [_finding("azure.gateway-vnet", expected, gateway, words, "other-vnet")]


def asn(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """The gateway's own ASN. Two gateways with the same one do not accept each other's routes."""
    settings = observed.gateway.bgp
    if settings is None:
        words = f"BGP is not configured, expected ASN {expected.asn}"
        return [_finding("azure.gateway-asn", expected, observed.gateway, words, "without-bgp")]
    if settings.asn == expected.asn:
        return []
    cause = "default-asn" if settings.asn == 65515 else "other-asn"
    words = f"ASN is {settings.asn}, expected {expected.asn}"
    return [_finding("azure.gateway-asn", expected, observed.gateway, words, cause)]


def sku(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """The gateway has the declared SKU."""
    seen = observed.gateway.sku
    if expected.sku is None or seen.casefold() == expected.sku.casefold():
        return []
    words = f"SKU is {shown(seen)}, expected {expected.sku}"
    return [_finding("azure.gateway-sku", expected, observed.gateway, words, "other-sku")]


def active_active(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """Both instances are active, or one, as declared."""
    seen = observed.gateway.active_active
    if expected.active_active is None or seen == expected.active_active:
        return []
    if seen is None:
        evidence.undetermined(
            "whether both instances are active is not told", "not-understood", observed.gateway.source
        )
    words = f"active-active is {'on' if seen else 'off'}, expected {'on' if expected.active_active else 'off'}"
    cause = "active-active" if seen else "active-standby"
    return [_finding("azure.gateway-active-active", expected, observed.gateway, words, cause)]


def remote_networks(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """What comes from other VNets, and from a Virtual WAN, at its circuits is taken, or not, as declared."""
    gateway, found = observed.gateway, []
    for what, wanted, seen, causes in (
        (
            "traffic of remote VNets",
            expected.remote_vnets,
            gateway.allow_remote_vnet_traffic,
            ("allowed", "not-allowed"),
        ),
        (
            "traffic of Virtual WANs",
            expected.virtual_wan,
            gateway.allow_virtual_wan_traffic,
            ("virtual-wan-allowed", "virtual-wan-not-allowed"),
        ),
    ):
        if wanted is None or seen == wanted:
            continue
        if seen is None:
            evidence.undetermined(f"whether {what} is allowed is not told", "not-understood", gateway.source)
        words = f"{what} is {_ALLOWED[seen]}, expected {_ALLOWED[wanted]}"
        found.append(_finding("azure.gateway-remote-vnets", expected, gateway, words, causes[0 if seen else 1]))
    return found


def bgp_address(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """Each router's BGP neighbor is an address of an instance: its own, or one of those of APIPA that it was given."""
    gateway, settings = observed.gateway, observed.gateway.bgp
    sessions = [peer.session for peer in expected.peers if peer.session is not None]
    if not sessions:
        return []
    instances = None if settings is None else settings.instances
    own = {
        *((settings.addresses if settings else None) or ()),
        *(a for each in instances or () for a in each.bgp or ()),
    }
    custom = {address for each in instances or () for address in each.custom_bgp or ()}
    if not own | custom:
        evidence.undetermined("the gateway's BGP addresses are not told", "not-understood", gateway.source)
    found = []
    for session in sessions:
        if session.neighbor in own | custom:
            continue
        if session.neighbor.is_link_local and (not instances or any(each.custom_bgp is None for each in instances)):
            evidence.undetermined("the gateway's APIPA addresses are not told", "not-understood", gateway.source)
        told = some(map(str, sorted(own | custom, key=lambda each: (each.version, int(each)))))
        words = f"BGP address is {told}, expected {session.neighbor}, the neighbor of {session.router}"
        each = _finding("azure.gateway-bgp-address", expected, gateway, words, "other-address")
        found.append(replace(each, about=session.id))
    return found


def peers(expected: ExpectedGateway, observed: ObservedPeers) -> list[Finding]:
    """Every declared neighbor is connected: the MSEEs of each circuit with every instance, each router with the
    instance that its tunnel ends on, and the other gateways."""
    found = list(_msees(expected, observed)) if expected.circuits else []
    for peer in expected.peers:
        found += _peer(expected, observed, peer)
    return found


def _msees(expected: ExpectedGateway, observed: ObservedPeers) -> Iterator[Finding]:
    own = [each for each in observed.peers if each.asn == EXPRESSROUTE_ASN]
    wanted = _MSEES * len(expected.circuits)
    for instance in _instances(observed):
        there = [each for each in own if each.instance == instance]
        for each in there:
            if not each.is_connected:
                yield _not_connected(expected, each, f"MSEE {each.neighbor} at instance {instance}", "msee-down")
        if len(there) < wanted:
            words = f"number of MSEEs at instance {instance} is {len(there)}, expected {wanted}"
            read = [each.source for each in observed.peers[:1]] or [observed.gateway.source]
            cause = "msee-missing"
            yield of_gateway(expected).finding("azure.gateway-peers", words, cause=cause, evidence=read)


def _instances(observed: ObservedPeers) -> tuple[IPv4Address | IPv6Address, ...]:
    """The addresses of the gateway's instances, by its settings; by its peers where the settings do not tell them."""
    settings = observed.gateway.bgp
    if settings is not None and settings.addresses:
        return settings.addresses
    told = tuple(dict.fromkeys(each.instance for each in observed.peers))
    if not told:
        evidence.undetermined("the gateway's instances are not told", "not-understood", observed.gateway.source)
    return told


def _peer(expected: ExpectedGateway, observed: ObservedPeers, peer: ExpectedGatewayPeer) -> Iterator[Finding]:
    about = None if peer.session is None else peer.session.id
    yield from (replace(each, about=about) for each in _wrong(expected, observed, peer))


def _wrong(expected: ExpectedGateway, observed: ObservedPeers, peer: ExpectedGatewayPeer) -> Iterator[Finding]:
    addresses = _addresses(observed, peer)
    who = f"gateway {peer.gateway}" if peer.session is None else f"{peer.session.router} ({peer.session.local_address})"
    at = None if peer.session is None else peer.session.neighbor
    rows = [each for each in observed.peers if each.neighbor in addresses] if addresses else _by_asn(observed, peer)
    here = [each for each in rows if each.instance == at]
    # A tunnel ends on one instance, and what the other one of an active-active gateway lists is another session. Only
    # where `at` is none of the instances (their APIPA addresses are not those of the peers' table) any of them may be.
    rows = here if here or (rows and at in _instances(observed)) else rows
    connected = [each for each in rows if each.is_connected]
    if not rows:
        read = [each.source for each in observed.peers[:1]] or [observed.gateway.source]
        words = f"BGP peer {who} is missing, expected Connected"
        yield of_gateway(expected).finding("azure.gateway-peers", words, cause="missing", evidence=read)
    elif not connected:
        yield _not_connected(expected, rows[0], f"BGP peer {who}", "not-connected")
    for each in connected:
        if each.asn != peer.asn:
            words = f"BGP peer {who} has AS {each.asn}, expected AS {peer.asn}"
            yield of_gateway(expected).finding("azure.gateway-peers", words, cause="other-asn", evidence=[each.source])
        elif each.routes_received == 0:
            words = f"BGP peer {who} is Connected with 0 routes, expected some"
            yield of_gateway(expected).finding("azure.gateway-peers", words, cause="no-route", evidence=[each.source])


def _addresses(observed: ObservedPeers, peer: ExpectedGatewayPeer) -> tuple[IPv4Address | IPv6Address, ...]:
    if peer.gateway is None:
        return () if peer.address is None else (peer.address,)
    other = observed.other(peer.gateway)
    settings = None if other is None else other.bgp
    return () if settings is None or settings.addresses is None else settings.addresses


def _by_asn(observed: ObservedPeers, peer: ExpectedGatewayPeer) -> list[GatewayBgpPeer]:
    """Where nobody tells the neighbor's address, its ASN says who it is."""
    return [each for each in observed.peers if each.asn == peer.asn]


def _not_connected(expected: ExpectedGateway, row: GatewayBgpPeer, who: str, cause: str) -> Finding:
    words = f"{who} is {clean(row.state, 20)}, expected Connected"
    return of_gateway(expected).finding("azure.gateway-peers", words, cause=cause, evidence=[row.source])


def head_room(expected: ExpectedGateway, observed: ObservedLearned) -> list[Finding]:
    """What is left below the number of prefixes that the gateway can learn: in all over ExpressRoute, of each peer over
    VPN."""
    limit, percent = expected.learned_limit, expected.head_room
    if limit is None or percent is None:
        return []
    learned = [route for route in observed.routes if route.protocol != "Network"]
    groups: Iterable[tuple[str, set[object]]]
    if expected.kind == "expressroute":
        groups = [("in all", {route.prefix for route in learned})]
    else:
        by_peer: dict[str, set[object]] = {}
        for route in learned:
            by_peer.setdefault(f"from {route.source_peer}", set()).add(route.prefix)
        groups = by_peer.items()
    found = []
    for whence, prefixes in groups:
        if 100 * (limit - len(prefixes)) < percent * limit:
            most = limit * (100 - percent) // 100
            words = f"number of prefixes learned {whence} is {len(prefixes)}, expected at most {most} of {limit}"
            read = [route.source for route in learned[:1]]
            found.append(
                of_gateway(expected).finding("azure.gateway-head-room", words, cause="near-limit", evidence=read)
            )
    return found


def throughput(expected: ExpectedGateway, observed: ObservedGateway) -> list[Finding]:
    """The gateway carries the load that is declared for its connections: they share what its SKU allows."""
    if expected.load_mbps is None:
        return []
    gateway = observed.gateway
    rate = rate_of(gateway)
    if expected.load_mbps <= rate:
        return []
    words = f"declared load is {expected.load_mbps} Mbit/s, expected at most {rate} of SKU {shown(gateway.sku)}"
    return [_finding("azure.gateway-throughput", expected, gateway, words, "overloaded")]


def _finding(rule: str, expected: ExpectedGateway, gateway: Gateway, words: str, cause: str) -> Finding:
    return of_gateway(expected).finding(rule, words, cause=cause, evidence=[gateway.source])
