"""The released SDK and our client against the simulated network's own endpoint: they read the same there as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import DeserializationError
from azure_sdk import CALLS, Call, Door, Sdk, read_alike, sdk_async, sdk_sync

from pytest_azinterop.azure.client import ArmClient, Asked
from pytest_azinterop.azure.clock import SystemClock
from pytest_azinterop.azure.cloud import Cloud
from pytest_azinterop.azure.credential import GivenToken
from pytest_azinterop.azure.gather import gather
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.transport import Transport
from pytest_azinterop.errors import AzureError
from pytest_azinterop.lab.launch import start
from tests.lab_log import lab_events

pytestmark = [pytest.mark.contract, pytest.mark.slow]

# Whatever the network has: one of each kind, by name where a question needs a certain one.
NAMES = {
    "circuit": "expressroute-1",
    "peering": "AzurePrivatePeering",
    "path": "primary",
    "gateway": "hub-vpn",
    "peer": "10.2.30.125",
    "kind": "LinkFailover",
    "latest": "true",
    "refresh": "false",
}
EXPRESSROUTE_ONLY = {"resiliency", "route-sets", "site-failover-tests"}
# They name a machine, its interface, or a test that was run.
ELSEWHERE = {
    "network-interface",
    "effective-routes",
    "next-hop",
    "connectivity",
    "link-failover-test",
    "site-failover-test",
}

# The service wraps these lists, which the SDK does not expect (see test_contract).
WRAPPED = {"link-failover-tests", "site-failover-tests"}


@dataclass(frozen=True)
class Lab:
    """The running network: our client, the SDK's door, and the log of what arrived."""

    client: ArmClient
    door: Door
    group: str
    log: Path

    def given(self, operation: str) -> dict[str, str]:
        """Parameters of a question about something that exists."""
        wanted = dict(CALLS[operation][0])
        known = {"subscription": self.door.subscription, "group": self.group, **NAMES}
        found = {name: known.get(name, value) for name, value in wanted.items()}
        if operation in EXPRESSROUTE_ONLY:
            found["gateway"] = "hub-er"
        if operation == "site-failover-tests":
            found["kind"] = "All"
        for name, of in (
            ("connection", "connections"),
            ("local_gateway", "local-gateways"),
            ("route_table", "route-tables"),
        ):
            if name in found:
                found[name] = self.first(of).name
        if "vnet" in found:
            found["vnet"] = "hub"
        if operation == "vnet-peering":
            found["peering"] = self.first("vnet-peerings", vnet="hub").name
        return found

    def first(self, operation: str, **more: str) -> Any:
        """The first record of a list."""
        asked = self.client.ask(Request.of(operation, subscription=self.door.subscription, group=self.group, **more))
        return asked.read().records[0]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start(speed=0, arm=True, arm_pace=500, log=tmp_path_factory.mktemp("lab") / "lab.jsonl") as ready:
        arm = ready.arm
        assert arm is not None
        clock = SystemClock()
        transport = Transport(
            Cloud("lab", arm.url, "https://management.azure.com/.default", ca=Path(arm.ca)),
            GivenToken(arm.token),
            clock,
        )
        door = Door(arm.url, str(arm.ca), arm.token, arm.subscription)
        yield Lab(ArmClient(transport, clock), door, arm.resource_group, Path(ready.log))
        transport.close()


def call_for(operation: str, given: dict[str, str]) -> Call:
    """The SDK's call with the names of this network in the places of the published ones."""
    before, group, method, positional, keywords = CALLS[operation]
    renamed = {value: given[name] for name, value in before.items()}
    return (
        group,
        method,
        tuple(renamed[value] for value in positional),
        {name: renamed.get(value, value) if isinstance(value, str) else value for name, value in keywords.items()},
    )


@pytest.mark.parametrize("sdk", [sdk_sync, sdk_async], ids=["sync", "async"])
@pytest.mark.parametrize("operation", sorted(CALLS.keys() - ELSEWHERE - WRAPPED))
def test_asked_and_read_alike(lab: Lab, sdk: Sdk, operation: str) -> None:
    given = lab.given(operation)
    request = Request.of(operation, **given)
    start_of_ours = len(arrived(lab))
    reading = lab.client.ask(request).read()
    ours = questions(arrived(lab)[start_of_ours:])
    start_of_theirs = len(arrived(lab))
    rows = sdk(lab.door, request, call_for(operation, given))
    assert questions(arrived(lab)[start_of_theirs:]) == ours
    read_alike(reading.records, rows)
    assert reading.unread == ()
    assert reading.records
    assert not [line for record in reading.records for line in getattr(record, "unread", ())]


@pytest.mark.parametrize("operation", sorted(WRAPPED))
def test_no_test_was_run_yet(lab: Lab, operation: str) -> None:
    """An empty list is an answer to us."""
    given = lab.given(operation)
    assert lab.client.ask(Request.of(operation, **given)).read().records == ()
    with pytest.raises(DeserializationError):
        sdk_sync(lab.door, Request.of(operation, **given), call_for(operation, given))


def arrived(lab: Lab) -> list[dict[str, Any]]:
    return lab_events(lab.log)


def questions(lines: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Method, path, query and version of what was asked, without the polls."""
    asked = (line for line in lines if line["event"] == "arm" and "/locations/" not in line["path"])
    return [tuple(str(line[name]) for name in ("method", "path", "query", "api_version")) for line in asked]


def test_the_whole_network_at_once(lab: Lab) -> None:
    """Every gateway's routes and peers, both tables of every circuit; nothing is sent twice."""
    ids = {"subscription": lab.door.subscription, "group": lab.group}
    gateways = [record.name for record in lab.client.ask(Request.of("gateways", **ids)).read().records]  # type: ignore[attr-defined]
    circuits = [record.name for record in lab.client.ask(Request.of("circuits", **ids)).read().records]  # type: ignore[attr-defined]
    wanted = [
        Request.of(operation, **ids, gateway=gateway)
        for gateway in gateways
        for operation in ("bgp-peers", "learned-routes")
    ] + [
        Request.of(operation, **ids, circuit=circuit, peering="AzurePrivatePeering", path=path)
        for circuit in circuits
        for operation in ("circuit-arp", "circuit-routes", "circuit-sessions")
        for path in ("primary", "secondary")
    ]
    start_of_ours = len(arrived(lab))
    found = gather(lab.client, wanted)
    assert len(gateways) > 1
    assert len(circuits) > 1
    for outcome in found.values():
        assert isinstance(outcome, Asked)
        assert outcome.read().records
    posts = [line for line in questions(arrived(lab)[start_of_ours:]) if line[0] == "POST"]
    assert len(posts) == len(set(posts)) == len(wanted)


def test_a_wrong_token_is_refused(lab: Lab) -> None:
    clock = SystemClock()
    transport = Transport(
        Cloud("lab", lab.door.url, "https://management.azure.com/.default", ca=Path(lab.door.ca)),
        GivenToken("wrong"),
        clock,
    )
    with pytest.raises(AzureError) as caught:
        ArmClient(transport, clock).ask(Request.of("gateways", subscription=lab.door.subscription, group=lab.group))
    assert caught.value.cause == "azure-login-refused"
    transport.close()
