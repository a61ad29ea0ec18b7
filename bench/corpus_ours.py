"""Our records as the facts that `corpus_opinions` compares."""

# ruff: noqa: ANN401 - expected results have the shape that each project gave them, and records are of many types

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from corpus_opinions import named, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Iterator[tuple[tuple[str, ...], dict[str, str]]]


def _table(record: Any) -> Rows:
    for path in record.paths:
        yield (
            (str(path.prefix), str(path.next_hop)),
            named(metric=path.metric, local_preference=path.local_preference, weight=path.weight,
                   path=path.as_path.text or "local", origin=path.origin, best=path.best),
        )  # fmt: skip


def _neighbor(record: Any) -> Rows:
    link = "external" if record.external else "internal"
    values = named(remote_as=record.remote_as, state=spelled(record.state), router_id=record.router_id, link=link)
    yield (str(record.address),), values


def _summary(record: Any) -> Rows:
    for neighbor in record.neighbors:
        state = neighbor.state if neighbor.accepted_prefixes is None else str(neighbor.accepted_prefixes)
        state += "(admin)" if neighbor.shutdown else ""
        yield (
            (str(neighbor.address),),
            named(remote_as=neighbor.remote_as, state=spelled(state), sent=neighbor.messages_sent,
                   received=neighbor.messages_received),
        )  # fmt: skip


def _prefix(record: Any) -> Rows:
    for path in record.paths:
        yield (
            (str(record.prefix), str(path.next_hop), str(path.learned_from)),
            named(metric=path.metric, local_preference=path.local_preference,
                   weight=path.weight or None, origin=path.origin, best=path.best,
                   communities=" ".join(path.communities)),
        )  # fmt: skip


def _arp(record: Any) -> Rows:
    age = "-" if record.age is None else record.age
    yield (str(record.address),), named(mac=record.mac or "incomplete", age=age, interface=record.interface)


def _ospf(record: Any) -> Rows:
    state = spelled(f"{record.state}/{record.role or '-'}")
    yield (
        (str(record.router_id), str(record.address)),
        named(state=state, interface=record.interface, priority=record.priority),
    )


def _bfd(record: Any) -> Rows:
    yield (
        (str(record.neighbor),),
        named(state=record.state, interface=record.interface, multiplier=record.multiplier,
               transmit=record.minimum_transmit, clients=" ".join(record.clients)),
    )  # fmt: skip


def _session(record: Any) -> Rows:
    yield (
        (record.interface, str(record.peer)),
        named(status=record.status, port=record.port, flows=len(record.flows), sas=len(record.ike_sas)),
    )


def _ike(record: Any) -> Rows:
    yield (
        (str(record.tunnel_id),),
        named(local=record.local_address, remote=record.remote_address,
               status=record.status, dh=record.dh_group, local_spi=record.local_spi, lifetime=record.lifetime,
               active=record.active_for),
    )  # fmt: skip


def _ipsec(record: Any) -> Rows:
    key = (record.interface, str(record.remote_selector.network_address))
    yield key, named(encaps=record.counters.encaps, decaps=record.counters.decaps)


def _interface(record: Any) -> Rows:
    counters = record.counters
    yield (
        (record.name[:1].lower() + record.name[1:],),
        named(mtu=record.mtu, status=record.status, input=counters.input_packets if counters else None,
               output=counters.output_packets if counters else None, description=record.description,
               mac=(record.mac or "").replace(".", "")),
    )  # fmt: skip


def _policy(record: Any) -> Rows:
    for entry in record.entries:
        action = "permit" if entry.permit else "deny"
        yield (record.name, str(entry.sequence)), named(action=action, hits=getattr(entry, "hit_count", None))


def _routes(record: Any) -> Rows:
    for route in record.routes:
        hops = " ".join(sorted({str(hop.address) for hop in route.next_hops if hop.address is not None}))
        yield (str(route.prefix),), named(distance=route.distance, metric=route.metric, next_hops=hops)


def _ping(record: Any) -> Rows:
    yield ("ping",), named(sent=record.sent, lost=record.sent - record.received)


def _trace(record: Any) -> Rows:
    for hop in record.hops:
        yield (str(hop.ttl),), named(addresses=" ".join(sorted(str(address) for address in hop.addresses)))


OURS: Final[dict[str, Callable[[Any], Rows]]] = {
    "advertised_routes": _table,
    "received_routes": _table,
    "accepted_routes": _table,
    "bgp_table": _table,
    "bgp_neighbors": _neighbor,
    "bgp_summary": _summary,
    "bgp_prefix": _prefix,
    "arp": _arp,
    "ospf_neighbors": _ospf,
    "bfd_neighbors": _bfd,
    "crypto_sessions": _session,
    "ikev2_sas": _ike,
    "ipsec_sas": _ipsec,
    "interfaces": _interface,
    "route_map": _policy,
    "prefix_list": _policy,
    "rib": _routes,
    "ping": _ping,
    "traceroute": _trace,
}
