"""Azure behind the simulated network: resources that scenarios change, and what each change makes of the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_azinterop.lab.arm.answers import EVERY, Answers
from pytest_azinterop.lab.arm.azure_file import load_azure
from pytest_azinterop.lab.arm.build import build
from pytest_azinterop.lab.arm.effective import Effective
from pytest_azinterop.lab.arm.fabric import Fabric
from pytest_azinterop.lab.arm.messages import ArmError
from pytest_azinterop.lab.arm.operations import ACTIONS
from pytest_azinterop.lab.arm.paths import resolve
from pytest_azinterop.lab.arm.permissions import Permissions
from pytest_azinterop.lab.arm.routing import Routing
from pytest_azinterop.lab.arm.settable import COMPUTED, SETTABLE
from pytest_azinterop.lab.arm.token import PUBLIC
from pytest_azinterop.lab.scenario_file import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_azinterop.lab.arm.azure_file import AzureFile
    from pytest_azinterop.lab.arm.store import Resource, Store
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.network.control import NetworkControl

REFUSERS = ("virtualNetworkGateways", "expressRouteCircuits")
KEPT = ("publicIPAddresses", "virtualNetworks/subnets", "networkWatchers")
METHODS = ("GET", "POST")


@dataclass(slots=True)
class Azure:
    """The resource group of one lab. Every change takes effect in the network at once."""

    network: NetworkControl
    file: AzureFile
    store: Store
    fabric: Fabric
    routing: Routing
    effective: Effective
    answers: Answers = field(default_factory=Answers)
    permissions: Permissions = field(default_factory=Permissions)
    cloud: str = PUBLIC
    """Whose Resource Manager answers: it takes the tokens of this cloud alone."""

    @classmethod
    def of(cls, network: NetworkControl) -> Azure | None:
        """None for a network directory without ``azure.yaml``. Raises TopologyError."""
        file = load_azure(network.topology.directory, network.topology)
        if file is None:
            return None
        store = build(file, network.topology)
        fabric = Fabric(network, file, store)
        fabric.apply()
        routing = Routing(fabric)
        effective = Effective(fabric, routing)
        network.steer(effective.steer, fabric.weight, effective.enter)
        return cls(network, file, store, fabric, routing, effective)

    def resource(self, path: str) -> Resource:
        """Raises ValueError that names the nearest resource."""
        found = self.store.get(path)
        if found is None:
            near = nearest(path, self.store.paths())
            raise ValueError(f"no such resource: {path}" + (f"; did you mean {near}?" if near else ""))
        return found

    def checked(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as they would be set. Raises ValueError with what is wrong."""
        resource = self.resource(path)
        known = SETTABLE.get(resource.type, {})
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name in COMPUTED:
                raise ValueError(f"{name} cannot be set: it {COMPUTED[name]}")
            if name not in known:
                near = nearest(name, list(known))
                hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
                raise ValueError(f"{resource.type} has no property {name} that can be set; {hint}")
            try:
                found[name] = known[name](value)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
            if name == "properties.routeTable" and value is not None:
                found[name] = self._route_table(value)
        return found

    def _route_table(self, value: object) -> dict[str, str]:
        path = self.store.path_of(value) or self.store.path_of(f"routeTables/{value}")
        if path is None or not path.startswith("routeTables/"):
            raise ValueError(f"properties.routeTable: no route table {value}")
        return self.store.reference(path)

    def set(self, path: str, values: Mapping[str, Any]) -> None:
        """Change properties of a resource. Raises ValueError."""
        found = self.checked(path, values)
        resource = self.resource(path)
        for name, value in found.items():
            *outer, last = name.split(".")
            bag = resource.document
            for part in outer:
                bag = bag.setdefault(part, {})
            if value is None:
                bag.pop(last, None)
            else:
                bag[last] = value
        resource.changes += 1
        if "properties.addressSpace.addressPrefixes" in found:
            self._out_of_sync(resource)
        if found.get("properties.peeringSyncLevel") == "FullyInSync":
            self._in_sync(resource)
        self.fabric.apply()

    def operations(self) -> list[str]:
        """Every action that there is, as a scenario names it."""
        return [
            f"{resource.path}/{action.name}" + (f"/{tail}" if tail else "")
            for resource in self.store
            for action in ACTIONS
            if action.type == resource.type
            for tail in action.tail or ("",)
        ]

    def operation(self, name: str) -> str:
        """An operation's name, checked: the path of an action, a resource or a collection. Raises ValueError."""
        if name == EVERY:
            return name
        method, _, path = name.rpartition(" ")
        if method and method.upper() not in METHODS:
            raise ValueError(f"operation {name}: the method is one of {', '.join(METHODS)}")
        try:
            target = resolve(path)
        except ArmError as error:
            raise ValueError(f"operation {name}: {error.message}") from None
        if target.kind == "resource":
            self.resource(target.resource)
        elif target.parent:
            self.resource(target.parent)
        return name

    def can_delete(self, resource: Resource) -> None:
        """Raises ValueError for what Azure would not delete either, because something else needs it."""
        if resource.type in KEPT:
            raise ValueError(f"{resource.path} cannot be deleted: it is in use")
        standing = self.store.of_type("virtualNetworkGateways")
        if any(f"virtualNetworks/{self.fabric.network_of(each.name)}" == resource.path for each in standing):
            raise ValueError(f"{resource.path} cannot be deleted: delete its gateways first")

    def delete(self, path: str) -> None:
        """Take a resource away, with its children. Raises ValueError."""
        resource = self.resource(path)
        self.can_delete(resource)
        if resource.type == "virtualNetworks":
            for interface in self.store.of_type("networkInterfaces"):
                if self.effective.subnet(interface).parent == resource.path:
                    self.store.remove(interface.path)
        self.store.remove(resource.path)
        self.fabric.apply()

    def refuse(self, path: str, prefixes: Sequence[IpNetwork]) -> None:
        """A gateway or circuit stops taking prefixes from its BGP neighbors. Raises ValueError."""
        self.can_refuse(path, prefixes)
        resource = self.resource(path)
        self.fabric.refuse("/".join(resource.path.split("/")[:2]), prefixes)

    def can_refuse(self, path: str, prefixes: Sequence[IpNetwork]) -> None:
        """Raises ValueError for a resource that has no BGP neighbors."""
        resource = self.resource(path)
        if prefixes and resource.type.partition("/")[0] not in REFUSERS:
            raise ValueError(f"{resource.path} has no BGP neighbors: only gateways and circuits refuse prefixes")

    def _pairs(self, network: str) -> list[Resource]:
        """The peerings of other networks that point to this one."""
        kind = "virtualNetworks/virtualNetworkPeerings"
        target = f"virtualNetworks/{network}"
        return [
            each
            for each in self.store.of_type(kind)
            if self.store.path_of(each.properties["remoteVirtualNetwork"]) == target
        ]

    def _out_of_sync(self, network: Resource) -> None:
        space = network.properties["addressSpace"]["addressPrefixes"]
        for there in self._pairs(network.name):
            there.properties["remoteVirtualNetworkAddressSpace"] = {"addressPrefixes": list(space)}
            if there.properties["remoteAddressSpace"]["addressPrefixes"] != space:
                there.properties["peeringSyncLevel"] = "RemoteNotInSync"
                for own in self.store.children(network.path, "virtualNetworkPeerings"):
                    if self.store.path_of(own.properties["remoteVirtualNetwork"]) == there.parent:
                        own.properties["peeringSyncLevel"] = "LocalNotInSync"

    def _in_sync(self, peering: Resource) -> None:
        space = peering.properties["remoteVirtualNetworkAddressSpace"]["addressPrefixes"]
        peering.properties["remoteAddressSpace"] = {"addressPrefixes": list(space)}
