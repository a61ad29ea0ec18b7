"""The paths of a place: circuits with their peerings, connections with their tunnels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_azinterop.contact import places, proposal_bfd
from pytest_azinterop.contact.communities import of_prefixes
from pytest_azinterop.contact.sightings import GATEWAY
from pytest_azinterop.contact.tables import MICROSOFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

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
    """A circuit or a connection, where it stands in the tree, and what came over it.

    `versions` are the IP versions of the sessions whose routes were read. `communities` are those that a prefix carries
    on every session of a circuit; a prefix whose entries were not read is missing.
    """

    path: Path_
    customer: str
    received: frozenset[IPv4Network | IPv6Network]
    versions: frozenset[int]
    communities: Mapping[IPv4Network | IPv6Network, frozenset[str]]


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
    _preferences(place, typed, proposal)


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
    sessions = [each for session in pair for each in (session, places.beside(session, place.sessions)) if each]
    detection, everywhere = proposal_bfd.of_circuit(sessions, typed, proposal)
    if detection is not None:
        proposal.put((*here, "bfd"), detection)
        proposal.comment((*here, "bfd"), "guess: BFD is meant, since it runs")
    preferences = _path_preferences(place, role, pair, typed)
    for path, session in zip(("primary", "secondary"), pair, strict=False):
        proposal.put((*here, path), {"router": session.router})
        entry = _attachment(place, session, {"circuit": name, "path": path}, preferences)
        if entry is not None and not everywhere:
            _detection(entry, session, place, typed, proposal)
        _session(place, session, entry or {}, "expressroute", proposal)
        second = places.beside(session, place.sessions)
        if second is not None:
            words = f"{second.router}: neighbor {second.neighbor.address}"
            _doubts(second, words, proposal)
            if "ipv6" not in (entry or {}):
                proposal.ask(f"{words}: which of its addresses has this router? `ipv6` of the path is left out")
    if len(pair) == 1:
        proposal.ask(f"{name} shows one path; is there a second one on a router that was not read?")
    return _carrier(here, place, sessions, proposal)


def _attachment(
    place: Place, session: SeenSession, entry: dict[str, Any], preferences: Mapping[IPv4Address | IPv6Address, int]
) -> dict[str, Any] | None:
    """A path with its sessions of both address families; None: the interface is not known."""
    if session.interface is None:
        return None
    entry |= {"interface": session.interface.name, **vlans(session.interface)}
    if session.neighbor.address in preferences:
        entry["local_preference"] = preferences[session.neighbor.address]
    second = session if session.version == 6 else places.beside(session, place.sessions)
    if session.version == 4:
        ends = _ends(session)
        if ends is None:
            return None
        entry |= {**ends, **_settings(place, session)}
    if second is not None and (ends := _ends(second)) is not None:
        inner = {**ends, **_settings(place, second, inherited=entry)}
        entry["ipv6"] = inner["subnet"] if inner.keys() == {"subnet"} else inner
    return entry


def _ends(session: SeenSession) -> dict[str, Any] | None:
    """The router's end and the neighbor; `subnet` where both addresses follow from it."""
    own = session.own_address
    if own is None:
        return None
    hosts = [own.network[0], own.network[1]] if own.network.prefixlen == 31 else [own.network[1], own.network[2]]
    usual = own.network.prefixlen in ((30, 31) if session.version == 4 else (126,))
    if usual and hosts == [own.ip, session.neighbor.address]:
        return {"subnet": str(own.network)}
    return {"address": str(own), "neighbor": str(session.neighbor.address)}


def _detection(entry: dict[str, Any], session: SeenSession, place: Place, typed: Typed, proposal: Proposal) -> None:
    """BFD on one path, where the paths of its circuit differ."""
    own = proposal_bfd.of_session(session, typed, proposal)
    if own is not None:
        entry["bfd"] = own
    second = places.beside(session, place.sessions)
    if second is None or "ipv6" not in entry or not second.neighbor.is_established:
        return
    theirs = proposal_bfd.of_session(second, typed, proposal)
    if theirs != own:
        inner = entry["ipv6"]
        entry["ipv6"] = {"subnet": inner} if isinstance(inner, str) else inner
        entry["ipv6"]["bfd"] = False if theirs is None else theirs


def vlans(interface: Interface) -> dict[str, Any]:
    """The tags of a sub-interface, outer first; none of an untagged one."""
    tags = [tag for tag in (interface.outer_vlan, interface.inner_vlan) if tag is not None]
    return {"vlans": tags} if tags else {}


def _settings(place: Place, session: SeenSession, inherited: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What was negotiated and announced, where it is not what the intent expects by itself, or what an IPv6 session has
    `inherited` from its path."""
    given = inherited or {}
    neighbor = session.neighbor
    entry: dict[str, Any] = {}
    told = tuple(map(str, session.announced or ()))
    own = set(places.own_prefixes(place, session.version))
    if told and set(told) != own and not places.leaked_prefixes(place, session):
        entry["announce"] = list(told)
    if neighbor.hold_time not in (None, 0, given.get("hold_time", _HOLD_TIME)):
        entry["hold_time"] = neighbor.hold_time
    if neighbor.keepalive not in (None, 0, given.get("keepalive", _KEEPALIVE)):
        entry["keepalive"] = neighbor.keepalive
    return entry


def _session(place: Place, session: SeenSession, entry: dict[str, Any], block: str, proposal: Proposal) -> None:
    """One attachment with the doubts about it."""
    words = f"{session.router}: neighbor {session.neighbor.address}"
    comment = f"guess: {session.why}{_doubts(session, words, proposal)}"
    if "local_preference" in entry:
        comment += f"; guess: it is the less preferred path, since its routes carry {entry['local_preference']}"
        proposal.ask(
            f"{words}: is local preference {entry['local_preference']} meant, which is less than on the other path?"
        )
    if session.interface is None or ("interface" not in entry and "tunnel" not in entry):
        proposal.ask(f"{words}: which interface leads to it? It is left out")
        return
    proposal.append(("customers", place.customer, "sites", place.site, block), entry, comment)


def _doubts(session: SeenSession, words: str, proposal: Proposal) -> str:
    """Ask about a session that is down, or keeps no received routes; returns what its comment says of that."""
    neighbor = session.neighbor
    if not neighbor.is_established:
        shut = "; its interface is shut" if session.interface is not None and session.interface.is_shut else ""
        proposal.ask(f"{words} is {neighbor.state}{shut}: is it meant to be up? If not, waive it with a date")
        return f"; question: it is {neighbor.state}{shut}: is it meant to be up?"
    if not neighbor.soft_reconfiguration_inbound:
        proposal.ask(
            f"{words} does not keep received routes (`soft-reconfiguration inbound`): say `soft_reconfiguration: false`"
            " under `defaults.bgp` or with the session if that is meant"
        )
    return ""


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
        family = {prefix for prefix in received if prefix.version == session.version}
        lacking = sorted(str(prefix) for prefix in family - set(session.received or ()))
        if lacking:
            proposal.ask(
                f"{session.router}: neighbor {session.neighbor.address} does not send {', '.join(lacking)},"
                f" which the other path of {here[-1]} does: is that meant? `receive` says so"
            )
    known = of_prefixes(place, read) if read and read[0].role == "expressroute" else {}
    return Carrier(here, place.customer, received, frozenset(session.version for session in read), known)


def _path_preferences(
    place: Place, role: str, pair: Sequence[SeenSession], typed: Typed
) -> dict[IPv4Address | IPv6Address, int]:
    """By neighbor, the local preference of the path that is less preferred than the other one of its circuit.

    Only where each path carries one value and the higher one is what the intent expects of the role: the customer's
    `local_preference` could not say it.
    """
    if role != "expressroute" or len(pair) != 2:
        return {}
    values: dict[IPv4Address | IPv6Address, int] = {}
    for session in pair:
        second = places.beside(session, place.sessions)
        seen = {*(session.local_preferences or ()), *((second.local_preferences or ()) if second is not None else ())}
        if len(seen) != 1:
            return {}
        values[session.neighbor.address] = seen.pop()
    highest = max(values.values())
    if highest != typed.local_preference(place.customer, role, _LOCAL_PREFERENCE[role]):
        return {}
    return {neighbor: value for neighbor, value in values.items() if value < highest}


def _preferences(place: Place, typed: Typed, proposal: Proposal) -> None:
    """Local preference is policy: what was seen is asked about where the intent would expect something else."""
    for role, usual in _LOCAL_PREFERENCE.items():
        expected = typed.local_preference(place.customer, role, usual)
        said = {value for pair in places.pairs(place.of_role(role)) for value in _said_of(place, role, pair, typed)}
        seen = {value for session in place.of_role(role) for value in session.local_preferences or ()} - said
        if seen and seen != {expected}:
            values = ", ".join(map(str, sorted(seen)))
            proposal.ask(
                f"{place.customer} at {place.site}: routes over {role} carry local preference {values}, and"
                f" {expected} is expected unless `local_preference` of the customer says otherwise: which is meant?"
            )


def _said_of(place: Place, role: str, pair: Sequence[SeenSession], typed: Typed) -> Iterator[int]:
    yield from _path_preferences(place, role, pair, typed).values()
