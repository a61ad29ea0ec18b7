"""The command of Azure's client that an engineer types after a finding about Azure's side.

It looks at what the finding does not show yet, and changes nothing. Names come from an intent that may have been
discovered, so each is quoted for the shell. https://learn.microsoft.com/cli/azure/network
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.next_command import in_azure
from pytest_azinterop.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding, Severity

_PLACES: Final = re.compile(r"{(\w+)}")
_PATH: Final = "--name {circuit} --path {path} --peering-name {peering}"
_CIRCUIT: Final = "express-route show --name {circuit}"
_PEERING: Final = "express-route peering show --circuit-name {circuit} --name {peering}"
_ROUTES: Final = f"express-route list-route-tables {_PATH}"
_GATEWAY: Final = "vnet-gateway show --name {gateway}"
_CONNECTION: Final = "vpn-connection show --name {connection}"
_SECURITY: Final = "vpn-connection list-ike-sas --name {connection}"
_LOCAL: Final = "local-gateway show --name {local_gateway}"
_SUBNET: Final = "vnet subnet show --vnet-name {vnet} --name {subnet}"
_VNET_PEERING: Final = "vnet peering show --vnet-name {vnet} --name {peering}"
# Rule, or `rule:cause`: the command; after `far:` it is about the VNet at the other end.
COMMANDS: Final[Mapping[str, str]] = {
    "azure.circuit-state": _CIRCUIT,
    "azure.circuit-bandwidth": _CIRCUIT,
    "azure.circuit-tier": _CIRCUIT,
    "azure.circuit-tier:too-many-connections": "vpn-connection list",
    "azure.circuit-location": _CIRCUIT,
    "azure.peering-state": _PEERING,
    "azure.peering-state:missing": "express-route peering list --circuit-name {circuit}",
    "azure.peering-asn": _PEERING,
    "azure.peering-vlan": _PEERING,
    "azure.peering-subnets": _PEERING,
    "azure.path-arp": _PEERING,
    "azure.path-session": f"express-route list-arp-tables {_PATH}",
    "azure.path-session:no-prefix": _ROUTES,
    "azure.path-session:other-asn": _PEERING,
    "azure.path-gateways": "vpn-connection list",
    "azure.path-gateways:down": _CIRCUIT,
    "azure.head-room": _ROUTES,
    "azure.gateway-state": _GATEWAY,
    "azure.gateway-vnet": _GATEWAY,
    "azure.gateway-asn": _GATEWAY,
    "azure.gateway-sku": _GATEWAY,
    "azure.gateway-active-active": _GATEWAY,
    "azure.gateway-throughput": _GATEWAY,
    "azure.gateway-remote-vnets": "vpn-connection list",
    "azure.gateway-bgp-address": "vnet-gateway list-bgp-peer-status --name {gateway}",
    "azure.gateway-subnet": "route-table list",
    "azure.gateway-subnet:security-group": "nsg list",
    "azure.gateway-head-room": "vnet-gateway list-learned-routes --name {gateway}",
    "azure.gateway-peers": "vpn-connection list",
    "azure.gateway-peers:msee-down": "express-route list",
    "azure.gateway-peers:msee-missing": "express-route list",
    "azure.gateway-peers:no-route": "vnet-gateway list-learned-routes --name {gateway}",
    "azure.gateway-peers:other-asn": "local-gateway list",
    "azure.connection-ends": _CONNECTION,
    "azure.connection-state": _SECURITY,
    "azure.connection-state:not-succeeded": _CONNECTION,
    "azure.connection-bgp": _CONNECTION,
    "azure.connection-mode": _SECURITY,
    "azure.connection-weight": _CONNECTION,
    "azure.connection-ipsec": "vpn-connection ipsec-policy list --connection-name {connection}",
    "azure.connection-traffic": _SECURITY,
    "azure.connection-address": _CONNECTION,
    "azure.local-gateway-address": _LOCAL,
    "azure.local-gateway-bgp": _LOCAL,
    "azure.local-gateway-prefixes": _LOCAL,
    "azure.vnet-space": "vnet show --name {vnet}",
    "azure.vnet-peering-state": "far:vnet peering list --vnet-name {vnet}",
    "azure.vnet-peering-state:missing": "vnet peering list --vnet-name {vnet}",
    "azure.vnet-peering-gateways": _VNET_PEERING,
    "azure.vnet-peering-traffic": _VNET_PEERING,
    "azure.subnet-table": _SUBNET,
    "azure.subnet-table:propagation-off": "route-table show --name {route_table}",
    "azure.subnet-table:missing": "vnet subnet list --vnet-name {vnet}",
    "azure.subnet-next-hop": "route-table route list --route-table-name {route_table}",
    "azure.subnet-next-hop:no-route": _SUBNET,
    "azure.appliance": "nic show --name {via_nic}",
    "azure.appliance:missing": "nic list",
    "azure.subnet-return": "route-table route list --route-table-name {route_table}",
}
# Over ExpressRoute no IKE runs.
_OF_CIRCUIT: Final = {_SECURITY: _CONNECTION}


@dataclass(frozen=True, slots=True)
class AzureSubject(Subject):
    """A subject in Azure. `names` are those that commands put in, by their place: a resource's lies where that does, a
    plain one where `resource` does. `far` is the VNet at the other end of a peering. `over_circuit`: a connection to a
    circuit."""

    resource: ResourceName
    names: Mapping[str, str | ResourceName | None]
    far: ResourceName | None = None
    over_circuit: bool = False

    def finding(
        self,
        rule: str,
        disagreement: str,
        *,
        cause: str,
        evidence: Iterable[Source | None] = (),
        likely: str | None = None,
        next_command: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """As of any subject, with the next command of its rule and cause."""
        return Subject.finding(
            self,
            rule,
            disagreement,
            cause=cause,
            evidence=evidence,
            likely=likely,
            next_command=next_command or self.command(rule, cause),
            severity=severity,
        )

    def command(self, rule: str, cause: str) -> str:
        """What to type next, ready for a shell. Raises KeyError for a rule that is not Azure's: a defect."""
        form = COMMANDS.get(f"{rule}:{cause}") or COMMANDS[rule]
        if self.over_circuit:
            form = _OF_CIRCUIT.get(form, form)
        about, names = self.resource, self.names
        if form.startswith("far:") and self.far is not None:
            about, names = self.far, {"vnet": self.far.name}
        form = form.removeprefix("far:")
        known = {place: name for place, name in names.items() if name is not None}
        form, places = next(
            (each, places) for each in (form, _SUBNET) if (places := set(_PLACES.findall(each))) <= known.keys()
        )
        quoted = {}
        for place in places:
            name = known[place]
            about = about if isinstance(name, str) else name
            quoted[place] = shlex.quote(name if isinstance(name, str) else name.name)
        return f"az network {form.format_map(quoted)}{in_azure(about)}"
