"""Reading a path: subscription, group, provider, then resources, collections and actions. Case does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.long_running import RESULTS, STATUS
from pytest_azinterop.lab.arm.messages import ArmError
from pytest_azinterop.lab.arm.operations import Action, find
from pytest_azinterop.lab.arm.permissions import READERS
from pytest_azinterop.lab.arm.settable import SETTABLE

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.store import Store

NETWORK = "microsoft.network"
TYPES = tuple(SETTABLE)
_BY_NAME = {each.lower(): each for each in TYPES}
EMPTY = (
    "azureFirewalls", "bastionHosts", "expressRouteCircuits/authorizations",
    "expressRouteCircuits/peerings/connections", "expressRouteCircuits/peerings/peerConnections",
    "expressRouteGateways", "expressRoutePorts", "loadBalancers",
    "natGateways", "networkSecurityGroups", "networkWatchers/connectionMonitors", "publicIPPrefixes", "routeFilters",
    "virtualHubs", "virtualNetworkGateways/natRules", "virtualWans", "vpnGateways", "vpnSites",
)  # fmt: skip
"""Types that Azure has and the lab has no resource of."""
_LISTS = {each.lower(): each for each in ("virtualNetworkGateways/connections", *EMPTY)}


@dataclass(frozen=True, slots=True)
class Target:
    """``kind``: ``resource`` (perhaps with an action), ``collection``, ``plain``, or a place to poll."""

    kind: str
    resource: str
    """Path of the resource, type of the collection, name of the plain document, or id of the operation."""
    parent: str = ""
    action: Action | None = None
    tail: str = ""
    right: str = ""
    """The action of Azure's role model that is needed."""
    scope: str = ""
    path: str = ""
    """What a scenario calls it: the path below the provider."""


def parse(path: str, store: Store) -> Target:
    """What a path asks for. Raises ArmError."""
    parts = [part for part in path.split("/") if part]
    lowered = [part.lower() for part in parts]
    if lowered[:1] != ["subscriptions"]:
        raise ArmError(404, "NotFound", f"No such path: {path}")
    if len(parts) == 1:
        return Target("plain", "subscriptions", right="Microsoft.Resources/subscriptions/read", scope="/")
    if lowered[1] != store.subscription.lower():
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{parts[1]}' could not be found.")
    rest, scope, grouped = parts[2:], f"/subscriptions/{parts[1]}", False
    if not rest:
        return Target("plain", "subscription", right="Microsoft.Resources/subscriptions/read", scope=scope)
    if lowered[2:] == ["resources"]:
        return Target("plain", "resources", right="Microsoft.Resources/subscriptions/resources/read", scope=scope)
    if rest[0].lower() == "resourcegroups":
        right = "Microsoft.Resources/subscriptions/resourceGroups/read"
        if len(rest) == 1:
            return Target("plain", "resourceGroups", right=right, scope=scope)
        if rest[1].lower() != store.resource_group.lower():
            raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{rest[1]}' could not be found.")
        rest, scope, grouped = rest[2:], store.group_id, True
        if not rest:
            return Target("plain", "resourceGroup", right=right, scope=scope)
        if [part.lower() for part in rest] == ["resources"]:
            right = "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
            return Target("plain", "resources", right=right, scope=scope)
    return _provided(path, rest, scope, grouped=grouped)


def _provided(path: str, rest: list[str], scope: str, *, grouped: bool) -> Target:
    lowered = [part.lower() for part in rest]
    if lowered[0] != "providers" or len(rest) < 3:
        raise ArmError(404, "NotFound", f"No such path: {path}")
    if lowered[1:] == ["microsoft.authorization", "permissions"]:
        return Target("plain", "permissions", right="Microsoft.Authorization/permissions/read", scope=scope)
    if lowered[1] != NETWORK:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{rest[1]}' is invalid.")
    if not grouped and lowered[2] == "locations":
        if len(rest) != 6 or lowered[4] not in (RESULTS, STATUS):
            raise ArmError(404, "NotFound", f"No such path: {path}")
        return Target(lowered[4], rest[5])
    if not grouped and len(rest) != 3:
        raise ArmError(404, "NotFound", f"No such path: {path}")
    return resolve("/".join(rest[2:]), scope)


def resolve(path: str, scope: str = "") -> Target:
    """A resource, collection or action by its path below the provider. Raises ArmError."""
    parts = path.split("/")
    kind, resource = "", ""
    for at in range(0, len(parts), 2):
        name = f"{kind}/{parts[at]}".lstrip("/").lower()
        known = _BY_NAME.get(name) or _LISTS.get(name)
        last = at + 1 >= len(parts)
        if known is not None and last:
            return Target(
                "collection", known, parent=resource, right=f"Microsoft.Network/{known}/read", scope=scope, path=path
            )
        action = find(kind, parts[at]) if kind else None
        if action is not None and (last or action.tail):
            return _action(path, resource, action, parts[at + 1 :], scope)
        if known is None or (name not in _BY_NAME and known not in EMPTY):
            message = f"The resource type '{name}' could not be found in the namespace 'Microsoft.Network'."
            raise ArmError(404, "InvalidResourceType", message)
        kind = known
        resource = f"{resource}/{known.rpartition('/')[2]}/{parts[at + 1]}".lstrip("/")
    return Target("resource", resource, right=f"Microsoft.Network/{kind}/read", scope=f"{scope}/{resource}", path=path)


def _action(path: str, resource: str, action: Action, tail: list[str], scope: str) -> Target:
    if len(tail) != bool(action.tail) or (action.tail and tail[0].lower() not in action.tail):
        allowed = " or ".join(action.tail)
        raise ArmError(400, "InvalidDevicePath", f"{action.name} is asked for with a device path: {allowed}.")
    ending = "read" if action.method == "GET" or action.name in READERS else "action"
    return Target(
        "resource", resource, action=action, tail="".join(tail), scope=f"{scope}/{resource}", path=path,
        right=f"Microsoft.Network/{action.type}/{action.name}/{ending}",
    )  # fmt: skip
