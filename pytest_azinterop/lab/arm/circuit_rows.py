"""What circuits answer: route table, summary, ARP and bytes of each path. A circuit counts prefixes in a text, and its
two kinds of MSEE print a route table differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import PRIVATE
from pytest_azinterop.lab.arm.routing import GATEWAY_ASN, MICROSOFT_ASN, PATHS
from pytest_azinterop.lab.arm.wording import spaced, up_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.far_end_view import FarEndArp


class CircuitRows:
    """Answers for the present simulated time."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing

    def route_table(self, circuit: str, peering: str, path: str) -> list[Json]:
        """``routeTables``: what the MSEE knows, the edge router's routes as it took them."""
        rows: list[Json] = []
        juniper = self._routing.file.circuits[circuit].platform == "juniper"
        end, preference = (" I\n                    ", "100") if juniper else ("", "")
        behind = self._gateways(circuit) if peering == PRIVATE else {}
        own = str(GATEWAY_ASN if peering == PRIVATE else MICROSOFT_ASN)
        msee = self._routing.msee(circuit, peering, path)
        for route in msee.routes():
            network = str(route.prefix)
            if not route.local:
                text = f"{spaced(route.as_path)}{end}"
                row = {
                    "network": network,
                    "nextHop": str(route.next_hop),
                    "locPrf": preference,
                    "weight": 0,
                    "path": text,
                }
                rows.append(row)
                continue
            hops = behind.get(route.prefix) or next(iter(behind.values()), msee.own_addresses())
            path_text = f"{spaced(route.as_path) or own}{end}"
            rows += [
                {
                    "network": network, "nextHop": f"{hop}{'' if number else '*'}", "locPrf": "100", "weight": 0,
                    "path": path_text,
                }
                for number, hop in enumerate(hops)
            ]  # fmt: skip
        return rows

    def _gateways(self, circuit: str) -> dict[IpNetwork, list[IpAddress]]:
        """The instances of the gateways that announce each prefix to the circuit."""
        found: dict[IpNetwork, list[IpAddress]] = {}
        for name, instances in self._routing.carriers(circuit).items():
            for _, prefix in self._routing.fabric.announced(self._routing.fabric.network_of(name)):
                found.setdefault(prefix, []).extend(instances)
        return found

    def summary(self, circuit: str, peering: str, path: str) -> list[Json]:
        """``routeTablesSummary``: the MSEE's neighbors, edge router first; the count of prefixes is a text."""
        msee = self._routing.msee(circuit, peering, path)
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
        for name, instances in self._routing.carriers(circuit).items() if peering == PRIVATE else ():
            count = len(self._routing.fabric.announced(self._routing.fabric.network_of(name)))
            for hop in instances:
                up = not msee.silent
                rows.append(
                    {
                        "neighbor": str(hop), "v": 4, "as": GATEWAY_ASN, "upDown": up_down(self._routing.age()),
                        "statePfxRcd": str(count) if up else "Active",
                    }
                )  # fmt: skip
        return rows

    def arp(self, circuit: str, peering: str, path: str) -> list[Json]:
        """``arpTables``: both ends of a path; an edge router that does not answer is incomplete."""
        msee = self._routing.msee(circuit, peering, path)
        return [_arp_row(each) for link in msee.spec.interfaces for each in msee.arp(link)]

    def bytes(self, circuit: str, peerings: Sequence[str]) -> Json:
        """``stats``: bytes over both paths, of one peering or of all."""
        found: Json = {}
        for path in PATHS:
            msees = [self._routing.msee(circuit, peering, path) for peering in peerings]
            ports = [msee.port_bytes(link) for msee in msees for link in msee.spec.interfaces]
            found[f"{path}bytesIn"] = sum(into for into, _ in ports)
            found[f"{path}bytesOut"] = sum(out for _, out in ports)
        return found


def _arp_row(entry: FarEndArp) -> Json:
    return {
        "age": entry.age, "interface": "Microsoft" if entry.own else "On-Prem", "ipAddress": str(entry.address),
        "macAddress": entry.mac or "Incomplete",
    }  # fmt: skip
