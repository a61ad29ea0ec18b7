"""The paths of a place: circuits with their peerings, connections with their tunnels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_azinterop.contact import places
from pytest_azinterop.contact.sightings import GATEWAY, MICROSOFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.contact.places import Place
    from pytest_azinterop.contact.proposal import Path_, Proposal
    from pytest_azinterop.contact.sightings import SeenSession
    from pytest_azinterop.contact.typed import Typed
    from pytest_azinterop.state.device import Interface

_HOLD_TIME, _KEEPALIVE = 180, 60  # what the intent expects of a session unless it says otherwise
_NAT_PORT = 4500
_LOCAL_PREFERENCE = {"expressroute": 200, "vpn": 100}  # the intent's defaults


@dataclass(frozen=True, slots=True)
class Carrier:
    """A circuit or a connection, where it stands in the tree, and what came over it."""

    path: Path_
    customer: str
    received: frozenset[IPv4Network | IPv6Network]


def carriers(place: Place, typed: Typed, proposal: Proposal) -> Iterator[Carrier]:
    """Propose each circuit and connection of a place with its sessions."""
    for role in ("expressroute", "microsoft"):
        for pair in places.pairs(place.of_role(role)):
            yield _circuit(place, role, pair, typed, proposal)
    gateways: dict[int, list[SeenSession]] = {}
    for session in place.of_role("vpn"):
        gateways.setdefault(session.neighbor.remote_as, []).append(session)
    for asn, sessions in gateways.items():
        yield _connection(place, asn, sessions, typed, proposal)
    _preferences(place, proposal)


def _free(kind: str, wanted: str, proposal: Proposal) -> str:
    taken = proposal.tree.get(kind, {})
    number = 2
    name = wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _circuit(place: Place, role: str, pair: Sequence[SeenSession], typed: Typed, proposal: Proposal) -> Carrier:
    ends = {path: session.router for path, session in zip(("primary", "secondary"), pair, strict=False)}
    prefix = "er" if role == "expressroute" else "er-microsoft"
    declared = typed.circuit_of(ends)
    taken = proposal.tree.get("circuits", {})
    name = (
        declared
        if declared is not None and declared not in taken
        else _free("circuits", f"{prefix}-{place.customer}-{place.site}", proposal)
    )
    here: Path_ = ("circuits", name)
    if role == "microsoft":
        proposal.put((*here, "peering"), "microsoft")
    if pair[0].neighbor.remote_as != MICROSOFT:
        proposal.put((*here, "asn"), pair[0].neighbor.remote_as)
    proposal.put((*here, "networks"), [])
    proposal.comment(here, f"guess: a circuit, since {pair[0].why}; the lower addresses are its primary path")
    for path, session in zip(("primary", "secondary"), pair, strict=False):
        proposal.put((*here, path), {"router": session.router})
        entry: dict[str, Any] = {"circuit": name, "path": path}
        entry |= _peering(session)
        entry |= _settings(place, session)
        _session(place, session, entry, "expressroute", proposal)
    if len(pair) == 1:
        proposal.ask(f"{name} shows one path; is there a second one on a router that was not read?")
    return _carrier(here, place, pair, proposal)


def _peering(session: SeenSession) -> dict[str, Any]:
    """The router's end; `subnet` where both addresses follow from it."""
    interface = session.interface
    if interface is None or interface.address is None:
        return {}
    network, hosts = interface.address.network, list(interface.address.network.hosts())[:2]
    entry: dict[str, Any] = {"interface": interface.name, **vlans(interface)}
    if network.prefixlen in (30, 31) and hosts == [interface.address.ip, session.neighbor.address]:
        return {**entry, "subnet": str(network)}
    return {**entry, "address": str(interface.address), "neighbor": str(session.neighbor.address)}


def vlans(interface: Interface) -> dict[str, Any]:
    """The tags of a sub-interface, outer first; none of an untagged one."""
    tags = [tag for tag in (interface.outer_vlan, interface.inner_vlan) if tag is not None]
    return {"vlans": tags} if tags else {}


def _settings(place: Place, session: SeenSession) -> dict[str, Any]:
    """What was negotiated and announced, where it is not what the intent expects by itself."""
    neighbor = session.neighbor
    entry: dict[str, Any] = {}
    told = tuple(map(str, session.announced or ()))
    if told and set(told) != set(places.own_prefixes(place)) and not places.leaked_prefixes(place, session):
        entry["announce"] = list(told)
    if neighbor.hold_time not in (None, 0, _HOLD_TIME):
        entry["hold_time"] = neighbor.hold_time
    if neighbor.keepalive not in (None, 0, _KEEPALIVE):
        entry["keepalive"] = neighbor.keepalive
    return entry


def _session(place: Place, session: SeenSession, entry: dict[str, Any], block: str, proposal: Proposal) -> None:
    """One attachment with the doubts about it."""
    neighbor = session.neighbor
    words = f"{session.router}: neighbor {neighbor.address}"
    comment = f"guess: {session.why}"
    if not neighbor.is_established:
        shut = "; its interface is shut" if session.interface is not None and session.interface.is_shut else ""
        comment += f"; question: it is {neighbor.state}{shut}: is it meant to be up?"
        proposal.ask(f"{words} is {neighbor.state}{shut}: is it meant to be up? If not, waive it with a date")
    elif not neighbor.soft_reconfiguration_inbound:
        proposal.ask(
            f"{words} does not keep received routes (`soft-reconfiguration inbound`): say `soft_reconfiguration: false`"
            " under `defaults.bgp` or with the session if that is meant"
        )
    if session.interface is None or ("interface" not in entry and "tunnel" not in entry):
        proposal.ask(f"{words}: which interface leads to it? It is left out")
        return
    proposal.append(("customers", place.customer, "sites", place.site, block), entry, comment)


def _connection(place: Place, asn: int, sessions: Sequence[SeenSession], typed: Typed, proposal: Proposal) -> Carrier:
    declared = [name for name in typed.names("connections") if name not in proposal.tree.get("connections", {})]
    name = (
        declared[0]
        if len(typed.names("connections")) == 1 and declared
        else _free("connections", f"vpn-{place.customer}-{place.site}", proposal)
    )
    here: Path_ = ("connections", name)
    if asn != GATEWAY:
        proposal.put((*here, "gateway_asn"), asn)
    proposal.put((*here, "networks"), [])
    proposal.comment(here, f"guess: a connection to an Azure gateway, since {sessions[0].why}")
    for session in sessions:
        _session(place, session, _tunnel(place, name, session, proposal), "vpn", proposal)
    _authentication(here, place, sessions, proposal)
    return _carrier(here, place, sessions, proposal)


def _authentication(here: Path_, place: Place, sessions: Sequence[SeenSession], proposal: Proposal) -> None:
    """How the ends of every tunnel prove who they are, where all that are up do it alike."""
    seen = [
        tunnel
        for session in sessions
        if session.interface is not None
        and (tunnel := place.router(session.router).tunnel(session.interface.name)) is not None
    ]
    ready = [each.ike for each in seen if each.ike is not None and each.ike.is_ready]
    methods = {(method or "").strip().casefold() for ike in ready for method in (ike.sign_method, ike.verify_method)}
    if methods == {"psk"}:
        proposal.put((*here, "authentication"), "psk")
    elif methods == {"rsa"}:
        points = {point for session in sessions for point in _trustpoints(place, session)}
        if len(points) == 1:
            proposal.put((*here, "authentication"), "rsa-sig")
            proposal.put((*here, "trustpoint"), points.pop())
        else:
            named = ", ".join(sorted(points)) or "none that can be read"
            proposal.ask(f"{here[-1]} uses certificates: which `trustpoint` holds them? IKEv2 profiles name {named}")
    elif len(methods) > 1:
        proposal.ask(f"the ends of {here[-1]} prove who they are in different ways: which `authentication` is meant?")


def _trustpoints(place: Place, session: SeenSession) -> Iterator[str]:
    """The trustpoints that the IKEv2 profile of a tunnel signs with."""
    config, interface = place.router(session.router).known.config, session.interface
    told = interface.tunnel if interface is not None else None
    protection = config.crypto.ipsec_profile(told.protection_profile or "") if config and told else None
    if config is None or protection is None or protection.ikev2_profile is None:
        return
    for profile in config.starting_with(f"crypto ikev2 profile {protection.ikev2_profile}"):
        for words in (line.text.split() for line in profile.children):
            if words[:2] == ["pki", "trustpoint"] and words[3:4] != ["verify"]:
                yield words[2]


def _tunnel(place: Place, connection: str, session: SeenSession, proposal: Proposal) -> dict[str, Any]:
    entry: dict[str, Any] = {"connection": connection, "router": session.router}
    interface = session.interface
    seen = place.router(session.router).tunnel(interface.name) if interface is not None else None
    told = interface.tunnel if interface is not None else None
    if interface is None or seen is None or told is None or told.destination is None:
        return entry
    entry["tunnel"] = interface.name
    if interface.address is not None:
        entry["address"] = str(interface.address)
    entry |= {"neighbor": str(session.neighbor.address), "peer": str(told.destination)}
    for key, value in (
        ("source", told.source_interface),
        ("local", told.source_address),
        ("front_vrf", seen.front_vrf),
        ("protection", told.protection_profile),
    ):
        if value is not None:
            entry[key] = str(value)
    entry |= _settings(place, session)
    where = f"{session.router} {interface.name}"
    if seen.ike is None or not seen.ike.is_ready:
        proposal.ask(f"{where}: no IKE SA is up; is the tunnel meant to be?")
    elif seen.ike.local_port == _NAT_PORT or seen.ike.nat_detected:
        proposal.ask(f"{where}: a NAT lies between; which address does Azure see? `public` of the tunnel says so")
    _algorithms(where, session, place, proposal)
    return entry


def _algorithms(where: str, session: SeenSession, place: Place, proposal: Proposal) -> None:
    """What was negotiated is no policy: which of it may be is asked."""
    seen = place.router(session.router).tunnel(session.interface.name) if session.interface is not None else None
    if seen is None or seen.ike is None or not seen.ike.is_ready:
        return
    integrity = f", integrity: [{seen.ike.integrity}]" if seen.ike.integrity is not None else ""
    ike = f"ike: {{encryption: [{seen.ike.encryption}]{integrity}, dh_groups: [{seen.ike.dh_group}]}}"
    transforms = sorted({sa.transform for identity in seen.ipsec for sa in (*identity.inbound, *identity.outbound)})
    groups = sorted({str(identity.pfs_group or "null") for identity in seen.ipsec})
    ipsec = f"ipsec: {{transforms: [{', '.join(transforms)}], pfs_groups: [{', '.join(groups)}]}}"
    shown = f"`{ike}`" + (f" and `{ipsec}`" if transforms else "")
    proposal.ask(f"{where} negotiated {shown}: is that the policy? `defaults` or the connection says so")


def _carrier(here: Path_, place: Place, sessions: Sequence[SeenSession], proposal: Proposal) -> Carrier:
    """What came over any of the sessions; a difference between them is asked about."""
    read = [session for session in sessions if session.received is not None and session.neighbor.is_established]
    received = frozenset(prefix for session in read for prefix in session.received or ())
    for session in read:
        lacking = sorted(str(prefix) for prefix in received - set(session.received or ()))
        if lacking:
            proposal.ask(
                f"{session.router}: neighbor {session.neighbor.address} does not send {', '.join(lacking)},"
                f" which the other path of {here[-1]} does: is that meant? `receive` says so"
            )
    return Carrier(here, place.customer, received)


def _preferences(place: Place, proposal: Proposal) -> None:
    """Local preference is policy: what was seen is asked about where the intent would expect something else."""
    for role, expected in _LOCAL_PREFERENCE.items():
        seen = sorted({value for session in place.of_role(role) for value in session.local_preferences or ()})
        if seen and seen != [expected]:
            values = ", ".join(map(str, seen))
            proposal.ask(
                f"{place.customer} at {place.site}: routes over {role} carry local preference {values}, and"
                f" {expected} is expected unless `local_preference` of the customer says otherwise: which is meant?"
            )
