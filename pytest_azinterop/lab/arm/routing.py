"""BGP as Azure's management plane reads it from gateways and circuits, computed from what the far ends know.

The two speak differently: a gateway joins an AS path with dashes, a circuit's table with spaces; a circuit counts
prefixes in a text. Observed shapes: azure-powershell's session records and printed outputs of ``az network``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.routes import ases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.arm.fabric import Fabric
    from pytest_azinterop.lab.arm.store import Json
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.far_end_view import FarEndArp, FarEndPeer, FarEndView

OWN_WEIGHT, EXPRESSROUTE_WEIGHT = 32768, 32769
MSEE_ASN, GATEWAY_ASN = 12076, 65515
STATES = {"Established": "Connected", "Idle": "Idle"}
TICKS = 10_000_000


def dashed(path: AsPath) -> str:
    """As gateways print an AS path."""
    return "-".join(str(number) for number in ases(path))


def spaced(path: AsPath) -> str:
    """As circuits print one."""
    return " ".join(str(number) for number in ases(path))


def time_span(seconds: float) -> str:
    """A .NET TimeSpan: ``3.03:14:13.1796961``."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, whole = divmod(rest, 60)
    fraction = int((seconds - int(seconds)) * TICKS)
    text = f"{hours:02}:{minutes:02}:{whole:02}" + (f".{fraction:07}" if fraction else "")
    return f"{days}.{text}" if days else text


def up_down(seconds: float | None) -> str:
    """As a router prints how long a session is up or down."""
    if seconds is None:
        return "never"
    whole = int(seconds)
    weeks, days, hours = whole // 604800, whole // 86400 % 7, whole // 3600 % 24
    if weeks:
        return f"{weeks}w{days}d"
    if days:
        return f"{days}d{hours:02}h"
    return f"{hours:02}:{whole // 60 % 60:02}:{whole % 60:02}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An MSEE as an ExpressRoute gateway knows it. ``up``: the session between the two stands."""

    connection: str
    circuit: str
    path: str
    address: IpAddress
    msee: FarEndView
    up: bool


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """A route that a gateway can use; ``hop`` is where it leaves to."""

    prefix: IpNetwork
    hop: IpAddress
    as_path: AsPath
    weight: int
    """The connection's routing weight."""


class Routing:
    """Reads the network at the present simulated time."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.network, self.file, self.store = fabric.network, fabric.file, fabric.store

    def _age(self) -> float:
        """How long the network's Azure side has stood, in seconds."""
        return self.network.now - self.network.began

    # -- ExpressRoute gateways

    def endpoints(self, gateway: str) -> list[Endpoint]:
        """The MSEEs of every connection of an ExpressRoute gateway."""
        found = []
        for name, spec in self.file.expressroute_connections.items():
            if spec.gateway != gateway or self.store.get(f"connections/{name}") is None:
                continue
            paths = self.file.circuits[spec.circuit].paths
            for path, far_end, address in zip(
                ("primary", "secondary"), (paths.primary, paths.secondary), spec.endpoints, strict=True
            ):
                msee = self.network.far_end(far_end)
                up = self.fabric.carries(name) and not msee.silent
                found.append(Endpoint(name, spec.circuit, path, address, msee, up))
        return found

    def from_msee(self, gateway: str, endpoint: Endpoint) -> list[GatewayRoute]:
        """What a gateway learns over one session: the edge router's prefixes, and the circuit's other VNets'."""
        if not endpoint.up:
            return []
        refused = self.fabric.refused.get(f"virtualNetworkGateways/{gateway}", frozenset())
        weight = int(self.store.named(f"connections/{endpoint.connection}").properties["routingWeight"])
        microsoft = (MSEE_ASN,) * (1 + endpoint.msee.prepend)
        found = [
            GatewayRoute(route.prefix, endpoint.address, (*microsoft, *route.as_path), weight)
            for route in endpoint.msee.routes()
            if route.best and not route.local
        ]
        own = {prefix for _, prefix in self.fabric.announced(self.fabric.network_of(gateway))}
        for other in self.fabric.on_circuit(endpoint.circuit):
            there = self.file.expressroute_connections[other].gateway
            if there != gateway and self._exchange(gateway, there):
                found += [
                    GatewayRoute(prefix, endpoint.address, (*microsoft, MSEE_ASN), weight)
                    for _, prefix in self.fabric.announced(self.fabric.network_of(there))
                    if prefix not in own
                ]
        return [route for route in found if route.prefix not in refused]

    def _exchange(self, one: str, other: str) -> bool:
        """Two gateways of one circuit let their networks speak to each other."""
        both = (self.store.get(f"virtualNetworkGateways/{each}") for each in (one, other))
        return all(each is not None and each.properties["allowRemoteVnetTraffic"] for each in both)

    def best_from_circuits(self, gateway: str) -> dict[IpNetwork, list[GatewayRoute]]:
        """The routes that an ExpressRoute gateway uses: by routing weight, then AS path; equal ones side by side."""
        offered: dict[IpNetwork, list[GatewayRoute]] = {}
        for endpoint in self.endpoints(gateway):
            for route in self.from_msee(gateway, endpoint):
                offered.setdefault(route.prefix, []).append(route)
        found = {}
        for prefix, routes in offered.items():
            best = min((-each.weight, len(each.as_path)) for each in routes)
            found[prefix] = [each for each in routes if (-each.weight, len(each.as_path)) == best]
        return found

    # -- VPN gateways

    def instances(self, gateway: str) -> list[tuple[IpAddress, FarEndView]]:
        """The instances of a VPN gateway with their BGP addresses."""
        ends = [self.network.far_end(name) for name in self.file.vpn_gateways[gateway].instances]
        return [(end.spec.addresses["bgp"], end) for end in ends]

    def best_from_tunnels(self, gateway: str) -> dict[IpNetwork, list[GatewayRoute]]:
        """The routes that a VPN gateway uses: learned over BGP, and the static ones of its tunnels that are up."""
        found: dict[IpNetwork, list[GatewayRoute]] = {}
        for address, end in self.instances(gateway):
            if end.silent:
                continue
            up = {each.name for each in end.tunnels() if each.up}
            for tunnel in end.spec.tunnels:
                for static in tunnel.routes if tunnel.name in up else ():
                    found.setdefault(static, []).append(GatewayRoute(static, address, (), 0))
            for each in end.routes():
                if each.best and not each.local:
                    found.setdefault(each.prefix, []).append(GatewayRoute(each.prefix, address, each.as_path, 0))
        for prefix, routes in found.items():
            shortest = min(len(each.as_path) for each in routes)
            kept = [each for each in routes if len(each.as_path) == shortest]
            found[prefix] = [each for at, each in enumerate(kept) if each.hop not in [k.hop for k in kept[:at]]]
        return found

    # -- what the operations answer

    def peer_status(self, gateway: str, peer: str | None) -> list[Json]:
        """``getBgpPeerStatus``, per instance of the gateway."""
        rows = self._vpn_peers(gateway) if gateway in self.file.vpn_gateways else self._circuit_peers(gateway)
        return [row for row in rows if peer in (None, row["neighbor"])]

    def _vpn_peers(self, gateway: str) -> list[Json]:
        rows: list[Json] = []
        instances = self.instances(gateway)
        for address, end in instances:
            rows += [_peer_row(address, each) for each in end.peers()]
            inside = [(other, len(there.routes())) for other, there in instances if other != address]
            inside += [
                (other, len(self.best_from_circuits(name)))
                for name, other in self._expressroute_instances(self.fabric.network_of(gateway))
            ]
            rows += [self._inside(address, other, GATEWAY_ASN, count) for other, count in inside]
        return rows

    def _expressroute_instances(self, network: str) -> list[tuple[str, IpAddress]]:
        return [
            (each.name, address)
            for each in self.fabric.gateways("ExpressRoute", network)
            for address in self.file.expressroute_gateways[each.name].instances
        ]

    def _circuit_peers(self, gateway: str) -> list[Json]:
        spec, rows = self.file.expressroute_gateways[gateway], []
        standby = [
            self.file.vpn_gateways[each.name].standby
            for each in self.fabric.gateways("Vpn", self.fabric.network_of(gateway))
        ]
        for address in spec.instances:
            for endpoint in self.endpoints(gateway):
                count = len(self.from_msee(gateway, endpoint))
                rows.append(self._inside(address, endpoint.address, MSEE_ASN, count if endpoint.up else None))
            for other in spec.instances:
                if other != address:
                    count = len(self.best_from_circuits(gateway))
                    rows.append(self._inside(address, other, GATEWAY_ASN, count))
            # The instance of a VPN gateway that waits speaks to nobody, on a healthy network too.
            rows += [self._inside(address, each, GATEWAY_ASN, None) for each in standby if each is not None]
        return rows

    def _inside(self, local: IpAddress, neighbor: IpAddress, asn: int, routes: int | None) -> Json:
        """A session inside Azure: ``routes`` None is one that does not stand."""
        row: Json = {"localAddress": str(local), "neighbor": str(neighbor), "asn": asn}
        if routes is None:
            return {**row, "state": "Connecting", "routesReceived": 0, "messagesSent": 0, "messagesReceived": 0}
        age = self._age() + int(neighbor) % 60 / 7
        count = int(age // 60)
        return {
            **row, "state": "Connected", "connectedDuration": time_span(age), "routesReceived": routes,
            "messagesSent": count, "messagesReceived": count + routes,
        }  # fmt: skip

    def learned(self, gateway: str) -> list[Json]:
        """``getLearnedRoutes``, per instance of the gateway: every route stands once for each of them."""
        network = self.fabric.network_of(gateway)
        own = [prefix for _, prefix in self.fabric.announced(network)]
        rows: list[Json] = []
        if gateway in self.file.vpn_gateways:
            instances = self.instances(gateway)
            circuits = self._expressroute_instances(network)
            for address, end in instances:
                rows += [_own_row(address, prefix) for prefix in own]
                rows += _received(address, end, "EBgp", None)
                for other, there in instances:
                    rows += [] if other == address else _received(address, there, "IBgp", other)
                for name, other in circuits:
                    for prefix, routes in self.best_from_circuits(name).items():
                        text = dashed(routes[0].as_path)
                        rows.append(_row(address, prefix, other, "IBgp", text, EXPRESSROUTE_WEIGHT))
            return rows
        for address in self.file.expressroute_gateways[gateway].instances:
            rows += [_own_row(address, prefix) for prefix in own]
            for endpoint in self.endpoints(gateway):
                rows += [
                    _row(address, each.prefix, each.hop, "EBgp", dashed(each.as_path), EXPRESSROUTE_WEIGHT)
                    for each in self.from_msee(gateway, endpoint)
                ]
        return rows

    def advertised(self, gateway: str, peer: str | None) -> list[Json]:
        """``getAdvertisedRoutes`` to one neighbor; nothing to one that there is not."""
        rows: list[Json] = []
        if gateway in self.file.vpn_gateways:
            for address, end in self.instances(gateway):
                for neighbor in end.peers():
                    if str(neighbor.address) == peer:
                        rows += [_advertised_row(address, each.prefix, each.as_path) for each in neighbor.sent]
            return rows
        up = any(str(each.address) == peer and each.up for each in self.endpoints(gateway))
        own = self.fabric.announced(self.fabric.network_of(gateway)) if up else ()
        for address in self.file.expressroute_gateways[gateway].instances:
            rows += [_advertised_row(address, prefix, (GATEWAY_ASN,)) for _, prefix in own]
        return rows

    # -- circuits

    def msee(self, circuit: str, path: str) -> FarEndView:
        """The MSEE of a path (``primary`` or ``secondary``)."""
        paths = self.file.circuits[circuit].paths
        return self.network.far_end(paths.primary if path == "primary" else paths.secondary)

    def _carriers(self, circuit: str) -> dict[str, Sequence[IpAddress]]:
        """The gateways whose sessions with a circuit stand, with their instances."""
        names = [self.file.expressroute_connections[each].gateway for each in self.fabric.on_circuit(circuit)]
        return {name: self.file.expressroute_gateways[name].instances for name in names}

    def route_table(self, circuit: str, path: str) -> list[Json]:
        """``routeTables``: what the MSEE knows, the edge router's routes as it took them."""
        rows: list[Json] = []
        carriers, juniper = self._carriers(circuit), self.file.circuits[circuit].platform == "juniper"
        end, preference = (" I\n                    ", "100") if juniper else ("", "")
        for route in self.msee(circuit, path).routes():
            network = str(route.prefix)
            if not route.local:
                hop = str(route.next_hop)
                path_text = f"{spaced(route.as_path)}{end}"
                rows.append({"network": network, "nextHop": hop, "locPrf": preference, "weight": 0, "path": path_text})
                continue
            hops = [
                hop
                for name, instances in carriers.items()
                if route.prefix in [prefix for _, prefix in self.fabric.announced(self.fabric.network_of(name))]
                for hop in instances
            ] or [hop for instances in list(carriers.values())[:1] for hop in instances]
            path_text = f"{spaced(route.as_path) or GATEWAY_ASN}{end}"
            rows += [
                {
                    "network": network, "nextHop": f"{hop}{'' if number else '*'}", "locPrf": "100", "weight": 0,
                    "path": path_text,
                }
                for number, hop in enumerate(hops)
            ]  # fmt: skip
        return rows

    def summary(self, circuit: str, path: str) -> list[Json]:
        """``routeTablesSummary``: the MSEE's neighbors, edge router first; the count of prefixes is a text."""
        msee = self.msee(circuit, path)
        rows: list[Json] = []
        for peer in msee.peers():
            state = str(len(peer.received)) if peer.up_for is not None else peer.state
            time = peer.up_for if peer.up_for is not None else peer.down_for
            rows.append(
                {
                    "neighbor": str(peer.address),
                    "v": 4,
                    "as": peer.remote_as,
                    "upDown": up_down(time),
                    "statePfxRcd": state,
                }
            )
        for name, instances in self._carriers(circuit).items():
            count = len(self.fabric.announced(self.fabric.network_of(name)))
            for hop in instances:
                up = not msee.silent
                rows.append(
                    {
                        "neighbor": str(hop), "v": 4, "as": GATEWAY_ASN, "upDown": up_down(self._age()),
                        "statePfxRcd": str(count) if up else "Active",
                    }
                )  # fmt: skip
        return rows

    def arp(self, circuit: str, path: str) -> list[Json]:
        """``arpTables``: both ends of a path; an edge router that does not answer is incomplete."""
        msee = self.msee(circuit, path)
        return [_arp_row(each) for link in msee.spec.interfaces for each in msee.arp(link)]

    def bytes(self, circuit: str) -> Json:
        """``stats``: bytes over both paths."""
        found: Json = {}
        for path in ("primary", "secondary"):
            msee = self.msee(circuit, path)
            ports = [msee.port_bytes(link) for link in msee.spec.interfaces]
            found[f"{path}bytesIn"] = sum(into for into, _ in ports)
            found[f"{path}bytesOut"] = sum(out for _, out in ports)
        return found


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


def _arp_row(entry: FarEndArp) -> Json:
    return {
        "age": entry.age, "interface": "Microsoft" if entry.own else "On-Prem", "ipAddress": str(entry.address),
        "macAddress": entry.mac or "Incomplete",
    }  # fmt: skip
