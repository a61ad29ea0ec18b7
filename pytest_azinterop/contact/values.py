"""What was read as single values, each with its answer and time: the content of `discovered.yaml`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from pytest_azinterop.contact import places
from pytest_azinterop.contact.blocks import scalar
from pytest_azinterop.contact.communities import spelled
from pytest_azinterop.contact.discovery_facts import asked_prefixes
from pytest_azinterop.intent.discovered import Value
from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.report.terminal import clean
from pytest_azinterop.subject_facts import of_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.contact.sightings import SeenRouter, SeenSession, SeenTunnel
    from pytest_azinterop.intent.discovered import Discovered, Key, Scalar
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.source import Source

_LONGEST = 200


def values(routers: Iterable[SeenRouter]) -> tuple[Value, ...]:
    """Every value that has to do with a path to Azure, in the order of the routers."""
    return tuple(value for router in routers for value in _router(router))


def _value(object_id: str, key: Key, value: object, source: Source, guess: str | None = None) -> Iterator[Value]:
    """One value; nothing where there is none."""
    if value is None or value == ():
        return
    plain: Scalar | tuple[Scalar, ...] = (
        tuple(map(_scalar, value)) if isinstance(value, (tuple, list)) else _scalar(value)
    )
    yield Value(
        object=clean(object_id, _LONGEST),
        key=key,
        value=plain,
        command=source.command,
        lines=source.lines,
        read=source.asked_at,
        guess=guess,
    )


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, int) else clean(str(value), _LONGEST)


def _router(router: SeenRouter) -> Iterator[Value]:
    azure = [session for session in router.sessions if places.is_azure(session)]
    vrfs = {session.vrf for session in azure}
    sessions = [session for session in router.sessions if session.vrf in vrfs]
    if not azure:
        return
    if router.device is not None:
        yield from _value(router.name, "hostname", router.device.hostname, router.device.source)
        yield from _value(router.name, "serial", router.device.serial, router.device.source)
    if router.asn is not None:
        source = router.known.config.source if router.known.config is not None else azure[0].neighbor.source
        yield from _value(router.name, "asn", router.asn, source)
    yield from _upkeep(router)
    for vrf in router.known.vrfs:
        if vrf.name in vrfs:
            object_id = f"{router.name}/{vrf_label(vrf.name)}"
            yield from _value(object_id, "route-distinguisher", vrf.route_distinguisher, vrf.source)
    yield from _interfaces(router, {session.interface.name for session in azure if session.interface is not None}, vrfs)
    for session in sessions:
        yield from _session(session)
    for table in sorted(vrfs, key=str):
        yield from _communities(router, table)
    for tunnel in router.tunnels:
        yield from _tunnel(router.name, tunnel)


def _interfaces(router: SeenRouter, carrying: set[str], vrfs: set[str | None]) -> Iterator[Value]:
    for each in router.known.interfaces:
        vrf = router.known.vrf_of(each.name)
        if each.name in carrying or (vrf is not None and vrf in vrfs):
            object_id = f"{router.name}/{each.name}"
            tags = tuple(tag for tag in (each.outer_vlan, each.inner_vlan) if tag is not None)
            source = next((one.source for one in router.known.vrfs if one.name == vrf), each.source)
            yield from _value(object_id, "vrf", vrf, source)
            yield from _value(object_id, "address", each.address, each.source)
            yield from _value(object_id, "vlans", tags, each.source)
            yield from _ipv6_address(router, object_id, each)
            full = [one for one in router.known.records("ospf_neighbors") or () if one.interface == each.name]
            for neighbor in (one for one in full if one.is_full):
                yield from _value(object_id, "ospf", f"{neighbor.state} with {neighbor.router_id}", neighbor.source)
                break


def _ipv6_address(router: SeenRouter, object_id: str, interface: Interface) -> Iterator[Value]:
    rib = router.known.first("rib_ipv6", vrf=router.known.vrf_of(interface.name))
    own = tuple(str(each) for each in router.known.addresses(interface) if each.version == 6)
    if rib is not None:
        yield from _value(object_id, "ipv6-address", own, rib.source)


def _upkeep(router: SeenRouter) -> Iterator[Value]:
    """Time servers that answer, and where earlier configurations are kept."""
    servers = [each for each in router.known.records("ntp_associations") or () if each.configured and each.reach]
    if servers:
        yield from _value(router.name, "ntp", tuple(sorted(each.server for each in servers)), servers[0].source)
    archive = router.known.first("archive")
    if archive is not None and archive.enabled:
        yield from _value(router.name, "archive", archive.next_file, archive.source)


def _communities(router: SeenRouter, vrf: str | None) -> Iterator[Value]:
    """What Microsoft says of the prefixes that were asked for one by one."""
    for prefix in asked_prefixes(router.known, vrf):
        entry = router.known.first(of_family("bgp_prefix", prefix.version), vrf=vrf, prefix=str(prefix))
        if entry is not None:
            carried = sorted({text for path in entry.paths for text in spelled(path.communities)})
            yield from _value(f"{router.name}/{vrf_label(vrf)}/{prefix}", "communities", tuple(carried), entry.source)


def _session(session: SeenSession) -> Iterator[Value]:
    neighbor = session.neighbor
    object_id = f"{session.router}/{vrf_label(session.vrf)}/{neighbor.address}"
    yield from _value(object_id, "remote-as", neighbor.remote_as, neighbor.source)
    yield from _value(object_id, "role", session.role, neighbor.source, guess=session.why)
    if session.role == "internal":
        return
    if session.interface is not None:
        yield from _value(object_id, "interface", session.interface.name, session.interface.source)
    received = session.before_policy or session.accepted
    if session.advertised is not None:
        yield from _value(object_id, "announced", session.announced, session.advertised.source)
    if received is not None:
        yield from _value(object_id, "received", session.received, received.source)
    if session.accepted is not None:
        yield from _value(object_id, "local-preference", session.local_preferences, session.accepted.source)
    if session.bfd is not None and session.bfd.is_up:
        yield from _value(object_id, "bfd", session.bfd.state, session.bfd.source)
    yield from _value(object_id, "hold-time", neighbor.hold_time, neighbor.source)
    yield from _value(object_id, "keepalive", neighbor.keepalive, neighbor.source)


def _tunnel(router: str, tunnel: SeenTunnel) -> Iterator[Value]:
    told = tunnel.interface.tunnel
    if told is None:
        return
    object_id = f"{router}/{vrf_label(tunnel.vrf)}/{tunnel.interface.name}"
    source = tunnel.interface.source
    yield from _value(object_id, "address", tunnel.interface.address, source)
    yield from _value(object_id, "source", told.source_interface, source)
    yield from _value(object_id, "local", told.source_address, source)
    yield from _value(object_id, "peer", told.destination, source)
    yield from _value(object_id, "protection", told.protection_profile, source)
    yield from _value(object_id, "front-vrf", tunnel.front_vrf, source)
    if tunnel.ike is not None and tunnel.ike.is_ready:
        ike = (tunnel.ike.encryption, tunnel.ike.integrity, f"group {tunnel.ike.dh_group}")
        yield from _value(object_id, "ike", tuple(word for word in ike if word), tunnel.ike.source)
    for identity in tunnel.ipsec[:1]:
        transforms = sorted({sa.transform for sa in (*identity.inbound, *identity.outbound)})
        yield from _value(object_id, "ipsec", tuple(transforms), identity.source)


def text(discovered: Discovered) -> str:
    """`discovered.yaml`: a line per value."""
    document = discovered.model_dump(mode="json", exclude_none=True)
    found = document.pop("values")
    head = "# Read from the network. A note, and never an expectation: what the intent does not say is not expected.\n"
    dumped = yaml.safe_dump(document, sort_keys=False)
    lines = [f"- {scalar(value)}" for value in found]
    return head + dumped + ("values:\n" + "\n".join(lines) + "\n" if lines else "values: []\n")
