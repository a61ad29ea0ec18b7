"""What was read as single values, each with its answer and time: the content of `discovered.yaml`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from pytest_azinterop.contact import places
from pytest_azinterop.contact.blocks import scalar
from pytest_azinterop.intent.discovered import Value
from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.contact.sightings import SeenRouter, SeenSession, SeenTunnel
    from pytest_azinterop.intent.discovered import Discovered, Key, Scalar
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
    for vrf in router.known.vrfs:
        if vrf.name in vrfs:
            object_id = f"{router.name}/{vrf_label(vrf.name)}"
            yield from _value(object_id, "route-distinguisher", vrf.route_distinguisher, vrf.source)
    yield from _interfaces(router, {session.interface.name for session in azure if session.interface is not None}, vrfs)
    for session in sessions:
        yield from _session(session)
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
