"""The command of Azure's command-line client that prints the answer to a question.

For teams whose network engineers have no role in Azure: somebody else runs these, and the files are read instead.
https://learn.microsoft.com/cli/azure/network
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.azure.request import Request

_IN_GROUP: Final = " -g {group}"
_COMMANDS: Final[Mapping[str, str]] = {
    "circuit": "network express-route show -n {circuit}" + _IN_GROUP,
    "circuits": "network express-route list" + _IN_GROUP,
    "subscription-circuits": "network express-route list",
    "circuit-traffic": "network express-route get-stats -n {circuit}" + _IN_GROUP,
    "circuit-peering": "network express-route peering show --circuit-name {circuit} -n {peering}" + _IN_GROUP,
    "circuit-peerings": "network express-route peering list --circuit-name {circuit}" + _IN_GROUP,
    "peering-traffic": "network express-route peering get-stats --circuit-name {circuit} -n {peering}" + _IN_GROUP,
    "circuit-arp": (
        "network express-route list-arp-tables -n {circuit} --peering-name {peering} --path {path}" + _IN_GROUP
    ),
    "circuit-routes": (
        "network express-route list-route-tables -n {circuit} --peering-name {peering} --path {path}" + _IN_GROUP
    ),
    "circuit-sessions": (
        "network express-route list-route-tables-summary -n {circuit} --peering-name {peering} --path {path}"
        + _IN_GROUP
    ),
    "gateway": "network vnet-gateway show -n {gateway}" + _IN_GROUP,
    "gateways": "network vnet-gateway list" + _IN_GROUP,
    "bgp-peers": "network vnet-gateway list-bgp-peer-status -n {gateway}" + _IN_GROUP,
    "learned-routes": "network vnet-gateway list-learned-routes -n {gateway}" + _IN_GROUP,
    "advertised-routes": "network vnet-gateway list-advertised-routes -n {gateway} --peer {peer}" + _IN_GROUP,
    "connection": "network vpn-connection show -n {connection}" + _IN_GROUP,
    "connections": "network vpn-connection list" + _IN_GROUP,
    "local-gateway": "network local-gateway show -n {local_gateway}" + _IN_GROUP,
    "local-gateways": "network local-gateway list" + _IN_GROUP,
    "vnet": "network vnet show -n {vnet}" + _IN_GROUP,
    "vnets": "network vnet list" + _IN_GROUP,
    "subscription-vnets": "network vnet list",
    "vnet-peering": "network vnet peering show --vnet-name {vnet} -n {peering}" + _IN_GROUP,
    "vnet-peerings": "network vnet peering list --vnet-name {vnet}" + _IN_GROUP,
    "subnet": "network vnet subnet show --vnet-name {vnet} -n {subnet}" + _IN_GROUP,
    "subnets": "network vnet subnet list --vnet-name {vnet}" + _IN_GROUP,
    "route-table": "network route-table show -n {route_table}" + _IN_GROUP,
    "route-tables": "network route-table list" + _IN_GROUP,
    "network-interface": "network nic show -n {nic}" + _IN_GROUP,
    "effective-routes": "network nic show-effective-route-table -n {nic}" + _IN_GROUP,
    "watchers": "network watcher list",
}


def az_command(request: Request) -> str | None:
    """`az … -o json`, ready for a shell; None where the client has no command for the question."""
    form = _COMMANDS.get(request.operation_name)
    if form is None:
        return None
    words = form.format_map({name: shlex.quote(value) for name, value in request.given.items()})
    return f"az {words} --subscription {shlex.quote(request.given['subscription'])} -o json"
