"""Where a record of Azure was read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSource(Source):
    """Resource, operation and time of an answer of Azure Resource Manager, and the place in its JSON.

    `host` is the resource in short (`virtualNetworkGateways/hub-vpn`), `command` the operation (`learned-routes`),
    `resource_id` the full id of the resource, empty where a file does not tell it. `json_path` is such as `value[3]`;
    empty means the whole answer.
    """

    resource_id: str = ""
    json_path: str = ""

    def within(self, json_path: str) -> AzureSource:
        """The same source narrowed to one place of the JSON."""
        return replace(self, json_path=json_path)

    def __str__(self) -> str:
        where = f", {self.json_path}" if self.json_path else ""
        return f"{self.host}: {self.command}{where}, {self.asked_at:%H:%M:%S}Z"
