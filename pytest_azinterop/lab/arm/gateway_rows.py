"""What gateways answer about BGP: peers, learned and advertised routes. Every instance of a gateway answers for itself,
so a route stands once for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.routing import GATEWAY_ASN, MSEE_ASN
from pytest_azinterop.lab.arm.wording import dashed, time_span

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.far_end_view import FarEndPeer, FarEndView

OWN_WEIGHT, EXPRESSROUTE_WEIGHT = 32768, 32769
STATES = {"Established": "Connected", "Idle": "Idle"}


class GatewayRows:
    """Answers for the present simulated time."""

    def __init__(self, routing: Routing) -> None:
        self._routing, self._fabric, self._file = routing, routing.fabric, routing.file

    def peer_status(self, gateway: str, peer: str | None) -> list[Json]:
        """``getBgpPeerStatus``, per instance of the gateway."""
        rows = self._vpn_peers(gateway) if gateway in self._file.vpn_gateways else self._circuit_peers(gateway)
        return [row for row in rows if peer in (None, row["neighbor"])]

    def _vpn_peers(self, gateway: str) -> list[Json]:
        rows: list[Json] = []
        instances = self._routing.instances(gateway)
        for address, end in instances:
            rows += [_peer_row(address, each) for each in end.peers()]
            inside = [(other, len(there.routes())) for other, there in instances if other != address]
            inside += [
                (other, len(self._routing.best_from_circuits(name)))
                for name, other in self._expressroute_instances(self._fabric.network_of(gateway))
            ]
            rows += [self._inside(address, other, GATEWAY_ASN, count) for other, count in inside]
        return rows

    def _expressroute_instances(self, network: str) -> list[tuple[str, IpAddress]]:
        return [
            (each.name, address)
            for each in self._fabric.gateways("ExpressRoute", network)
            for address in self._file.expressroute_gateways[each.name].instances
        ]

    def _circuit_peers(self, gateway: str) -> list[Json]:
        spec, rows = self._file.expressroute_gateways[gateway], []
        standby = [
            self._file.vpn_gateways[each.name].standby
            for each in self._fabric.gateways("Vpn", self._fabric.network_of(gateway))
        ]
        for address in spec.instances:
            for endpoint in self._routing.endpoints(gateway):
                count = len(self._routing.from_msee(gateway, endpoint))
                rows.append(self._inside(address, endpoint.address, MSEE_ASN, count if endpoint.up else None))
            for other in spec.instances:
                if other != address:
                    count = len(self._routing.best_from_circuits(gateway))
                    rows.append(self._inside(address, other, GATEWAY_ASN, count))
            # The instance of a VPN gateway that waits speaks to nobody, on a healthy network too.
            rows += [self._inside(address, each, GATEWAY_ASN, None) for each in standby if each is not None]
        return rows

    def _inside(self, local: IpAddress, neighbor: IpAddress, asn: int, routes: int | None) -> Json:
        """A session inside Azure: ``routes`` None is one that does not stand."""
        row: Json = {"localAddress": str(local), "neighbor": str(neighbor), "asn": asn}
        if routes is None:
            return {**row, "state": "Connecting", "routesReceived": 0, "messagesSent": 0, "messagesReceived": 0}
        age = self._routing.age() + int(neighbor) % 60 / 7
        count = int(age // 60)
        return {
            **row, "state": "Connected", "connectedDuration": time_span(age), "routesReceived": routes,
            "messagesSent": count, "messagesReceived": count + routes,
        }  # fmt: skip

    def learned(self, gateway: str) -> list[Json]:
        """``getLearnedRoutes``, per instance of the gateway: every route stands once for each of them."""
        network = self._fabric.network_of(gateway)
        own = [prefix for _, prefix in self._fabric.announced(network)]
        rows: list[Json] = []
        if gateway in self._file.vpn_gateways:
            instances = self._routing.instances(gateway)
            circuits = self._expressroute_instances(network)
            for address, end in instances:
                rows += [_own_row(address, prefix) for prefix in own]
                rows += _received(address, end, "EBgp", None)
                for other, there in instances:
                    rows += [] if other == address else _received(address, there, "IBgp", other)
                for name, other in circuits:
                    for prefix, routes in self._routing.best_from_circuits(name).items():
                        text = dashed(routes[0].as_path)
                        rows.append(_row(address, prefix, other, "IBgp", text, EXPRESSROUTE_WEIGHT))
            return rows
        for address in self._file.expressroute_gateways[gateway].instances:
            rows += [_own_row(address, prefix) for prefix in own]
            for endpoint in self._routing.endpoints(gateway):
                rows += [
                    _row(address, each.prefix, each.hop, "EBgp", dashed(each.as_path), EXPRESSROUTE_WEIGHT)
                    for each in self._routing.from_msee(gateway, endpoint)
                ]
        return rows

    def advertised(self, gateway: str, peer: str | None) -> list[Json]:
        """``getAdvertisedRoutes`` to one neighbor; nothing to one that there is not."""
        rows: list[Json] = []
        if gateway in self._file.vpn_gateways:
            for address, end in self._routing.instances(gateway):
                for neighbor in end.peers():
                    if str(neighbor.address) == peer:
                        rows += [_advertised_row(address, each.prefix, each.as_path) for each in neighbor.sent]
            return rows
        up = any(str(each.address) == peer and each.up for each in self._routing.endpoints(gateway))
        own = self._fabric.announced(self._fabric.network_of(gateway)) if up else ()
        for address in self._file.expressroute_gateways[gateway].instances:
            rows += [_advertised_row(address, prefix, (GATEWAY_ASN,)) for _, prefix in own]
        return rows


def _row(local: IpAddress, prefix: IpNetwork, hop: IpAddress, origin: str, path: str, weight: int) -> Json:
    return {
        "localAddress": str(local), "network": str(prefix), "nextHop": str(hop), "sourcePeer": str(hop),
        "origin": origin, "asPath": path, "weight": weight,
    }  # fmt: skip


def _own_row(local: IpAddress, prefix: IpNetwork) -> Json:
    return {
        "localAddress": str(local), "network": str(prefix), "sourcePeer": str(local), "origin": "Network",
        "asPath": "", "weight": OWN_WEIGHT,
    }  # fmt: skip


def _received(local: IpAddress, end: FarEndView, origin: str, via: IpAddress | None) -> list[Json]:
    return [
        _row(local, route.prefix, via or peer.address, origin, dashed(route.as_path), OWN_WEIGHT)
        for peer in end.peers()
        for route in peer.received
    ]


def _advertised_row(local: IpAddress, prefix: IpNetwork, path: AsPath) -> Json:
    return {
        "localAddress": str(local), "network": str(prefix), "nextHop": str(local), "origin": "Igp",
        "asPath": dashed(path), "weight": 0,
    }  # fmt: skip


def _peer_row(local: IpAddress, peer: FarEndPeer) -> Json:
    row: Json = {"localAddress": str(local), "neighbor": str(peer.address), "asn": peer.remote_as}
    row["state"] = STATES.get(peer.state, "Connecting")
    if peer.up_for is not None:
        row["connectedDuration"] = time_span(peer.up_for)
    row["routesReceived"] = len(peer.received)
    return {**row, "messagesSent": peer.messages_sent, "messagesReceived": peer.messages_received}
