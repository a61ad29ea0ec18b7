"""Resources as a GET shows them: what is kept, what belongs to them, and what the network is doing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.build import SHARED_KEY

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.fabric import Fabric
    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json, Resource

_EMBEDDED = {
    "virtualNetworks": ("subnets", "virtualNetworkPeerings"),
    "expressRouteCircuits": ("peerings",),
}


class Documents:
    """Shows resources; a pre-shared key is not among what it shows."""

    def __init__(self, fabric: Fabric, routing: Routing) -> None:
        self._fabric, self._routing, self._store = fabric, routing, fabric.store

    def shown(self, resource: Resource, *, listed: bool = False) -> Json:
        """``listed``: as an entry of a gateway's list of connections, which says less."""
        document = self._store.shown(resource)
        for kind in _EMBEDDED.get(resource.type, ()):
            document["properties"][kind] = [self.shown(each) for each in self._store.children(resource.path, kind)]
        if resource.type == "virtualNetworkGateways":
            self._gateway(resource, document["properties"])
        elif resource.type == "connections":
            self._connection(resource, document["properties"], listed=listed)
        elif resource.type == "virtualNetworks/virtualNetworkPeerings":
            if self._fabric.opposite(resource) is None:
                document["properties"]["peeringState"] = "Disconnected"
        elif resource.type == "routeTables":
            document["properties"]["subnets"] = [
                {"id": self._store.id(each.path)}
                for each in self._store.of_type("virtualNetworks/subnets")
                if self._store.path_of(each.properties.get("routeTable")) == resource.path
            ]
        return document

    def _gateway(self, resource: Resource, properties: Json) -> None:
        addresses = properties["bgpSettings"]["bgpPeeringAddress"].split(",")
        properties["bgpSettings"]["bgpPeeringAddresses"] = [
            {
                "ipconfigurationId": configuration["id"],
                "defaultBgpIpAddresses": [address],
                "customBgpIpAddresses": [],
                "tunnelIpAddresses": self._public(configuration),
            }
            for configuration, address in zip(properties["ipConfigurations"], addresses, strict=False)
            if resource.properties["gatewayType"] == "Vpn"
        ]

    def _public(self, configuration: Json) -> list[str]:
        path = self._store.path_of(configuration["properties"].get("publicIPAddress"))
        return [] if path is None else [self._store.named(path).properties["ipAddress"]]

    def _connection(self, resource: Resource, properties: Json, *, listed: bool) -> None:
        properties.pop(SHARED_KEY, None)
        properties.setdefault("ingressBytesTransferred", 0)
        properties.setdefault("egressBytesTransferred", 0)
        if resource.properties["connectionType"] != "IPsec" or listed:
            return
        tunnels = self.tunnels(resource.name)
        properties["connectionStatus"] = (
            "Connected" if any(each["connectionStatus"] == "Connected" for each in tunnels) else "NotConnected"
        )
        properties["ingressBytesTransferred"] = sum(each["ingressBytesTransferred"] for each in tunnels)
        properties["egressBytesTransferred"] = sum(each["egressBytesTransferred"] for each in tunnels)
        properties["tunnelConnectionStatus"] = tunnels

    def tunnels(self, connection: str) -> list[Json]:
        """The state of each instance's tunnel; one that could not even be declared is not connected."""
        spec = self._fabric.file.vpn_connections[connection]
        rows: list[Json] = []
        for number, (_, end) in enumerate(self._routing.instances(spec.gateway), 1):
            public = self._store.named(f"publicIPAddresses/{spec.gateway}-pip{number}").properties["ipAddress"]
            found = next((each for each in end.tunnels() if each.name == spec.tunnel), None)
            up = found is not None and found.up and not end.silent
            row: Json = {
                "tunnel": f"{connection}_{public}",
                "connectionStatus": "Connected" if up else "Connecting",
                "ingressBytesTransferred": 0 if found is None else found.ingress_bytes,
                "egressBytesTransferred": 0 if found is None else found.egress_bytes,
            }
            if found is not None and found.up_since is not None:
                at = datetime.fromtimestamp(found.up_since, UTC)
                row["lastConnectionEstablishedUtcTime"] = at.strftime("%m/%d/%Y %H:%M:%S")
            rows.append(row)
        return rows
