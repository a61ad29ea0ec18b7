"""How the endpoint answers: who may ask, what does not exist, long-running operations, locks, pages."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.arm.conftest import TOKENS, Arm, Json

from pytest_azinterop.lab.arm.token import Tokens

LEARNED = "virtualNetworkGateways/hub-vpn/getLearnedRoutes"
TABLE = "expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering/routeTables/primary"


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "AuthenticationFailed"), ("", "AuthenticationFailed"), ("another", "InvalidAuthenticationToken")],
)
def test_nobody_asks_without_the_token(untouched: Arm, token: str | None, code: str) -> None:
    response = untouched.send("GET", untouched.path("virtualNetworks/hub"), token=token)
    assert untouched.error(response) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("audience", "cloud", "taken"),
    [
        ("https://management.azure.com", "public", True),
        ("https://management.core.windows.net/", "public", True),
        ("https://graph.microsoft.com", "public", False),
        ("https://management.core.usgovcloudapi.net", "public", False),
        ("https://management.core.usgovcloudapi.net", "us-government", True),
        ("https://management.azure.com", "us-government", False),
        ("https://management.chinacloudapi.cn/", "china", True),
    ],
)
def test_a_token_is_for_one_audience(arm: Arm, audience: str, cloud: str, taken: bool) -> None:
    arm.happens(f"azure: [{{cloud: {cloud}}}]")
    response = arm.send("GET", arm.path("virtualNetworks/hub"), token=TOKENS.issue(audience))
    if taken:
        assert response.status == 200
        return
    assert arm.error(response) == (401, "InvalidAuthenticationTokenAudience")
    assert f"wrong audience or resource '{audience}'" in response.body.decode()
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_of_another_lab_is_none(untouched: Arm) -> None:
    response = untouched.send("GET", untouched.path("virtualNetworks/hub"), token=Tokens().issue())
    assert untouched.error(response) == (401, "InvalidAuthenticationToken")


def test_polls_need_the_token_too(untouched: Arm) -> None:
    started = untouched.start("networkInterfaces/vm-hub-nic/effectiveRouteTable")
    response = untouched.send("GET", started.headers["Location"], token="another")
    assert untouched.error(response) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("query", "code"),
    [("x=1", "MissingApiVersionParameter"), ("api-version=new", "InvalidApiVersionParameter")],
)
def test_a_request_names_its_api_version(untouched: Arm, query: str, code: str) -> None:
    response = untouched.send("GET", f"{untouched.path('virtualNetworks/hub')}?{query}")
    assert untouched.error(response) == (400, code)


def test_an_action_is_younger_than_the_oldest_api_version(untouched: Arm) -> None:
    path = "virtualNetworkGateways/hub-er/getRoutesInformation"
    response = untouched.start(path, **{"api-version": "2022-01-01"})
    assert untouched.error(response) == (400, "NoRegisteredProviderFound")


GROUP = "/subscriptions/30303030-0a2b-4c5d-8e6f-303030303030/resourceGroups/interop"
PROVIDER = f"{GROUP}/providers/Microsoft.Network"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/elsewhere", (404, "NotFound")),
        ("/subscriptions/00000000-0000-0000-0000-000000000000", (404, "SubscriptionNotFound")),
        (GROUP.replace("interop", "other"), (404, "ResourceGroupNotFound")),
        (f"{GROUP}/providers/Microsoft.Nothing/things/a", (404, "InvalidResourceNamespace")),
        (f"{PROVIDER}/things/a", (404, "InvalidResourceType")),
        (f"{PROVIDER}/virtualNetworks/elsewhere", (404, "ResourceNotFound")),
        (f"{PROVIDER}/virtualNetworks/hub/subnets/elsewhere", (404, "ResourceNotFound")),
        (f"{PROVIDER}/virtualNetworks/elsewhere/subnets", (404, "ResourceNotFound")),
        (f"{PROVIDER}/{TABLE}", (405, "MethodNotAllowed")),
        (f"{PROVIDER}/{TABLE.replace('primary', 'third')}", (400, "InvalidDevicePath")),
    ],
)
def test_what_does_not_exist_is_an_error(untouched: Arm, path: str, error: tuple[int, str]) -> None:
    assert untouched.error(untouched.send("GET", path)) == error


def test_names_are_case_insensitive(untouched: Arm) -> None:
    found = untouched.send("GET", untouched.path("VIRTUALNETWORKS/Hub/SUBNETS/workLoads"))
    assert json.loads(found.body)["name"] == "workloads"


def test_subscription_group_and_permissions(untouched: Arm) -> None:
    for path, name in [("/subscriptions", None), (GROUP, "interop"), (GROUP.rpartition("/")[0], None)]:
        document: Json = json.loads(untouched.send("GET", path).body)
        assert document.get("name") == name
    permissions = untouched.send("GET", f"{GROUP}/providers/Microsoft.Authorization/permissions")
    assert json.loads(permissions.body)["value"][0]["actions"] == ["*"]


def test_a_gateway_action_ends_at_its_location(arm: Arm) -> None:
    started = arm.start(LEARNED)
    assert (started.status, started.body) == (202, b"null")
    assert "Azure-AsyncOperation" not in started.headers
    assert started.headers["Retry-After"] == "10"
    polled = arm.send("GET", started.headers["Location"])
    assert (polled.status, polled.body) == (202, b"null")
    assert polled.headers["Location"] != started.headers["Location"]
    arm.time[0] = 4.5
    again = arm.send("GET", polled.headers["Location"])
    assert (again.status, again.headers["Retry-After"]) == (202, "6")
    arm.time[0] = 10.0
    done = arm.send("GET", again.headers["Location"])
    assert done.status == 200
    assert set(json.loads(done.body)) == {"value"}
    assert "Retry-After" not in done.headers


def test_the_polling_url_that_follows_is_the_one_to_use(arm: Arm) -> None:
    first = arm.start(LEARNED).headers["Location"]
    second = arm.send("GET", first).headers["Location"]
    third = arm.send("GET", second).headers["Location"]
    assert arm.error(arm.send("GET", first)) == (404, "OperationNotFound")
    assert arm.send("GET", third).status == 202
    assert (
        arm.error(arm.send("GET", re.sub(r"operationResults/[0-9a-f-]+", f"operationResults/{'0' * 36}", third)))[0]
        == 404
    )


def test_a_circuit_table_ends_at_its_state(arm: Arm) -> None:
    started = arm.start(TABLE)
    assert (started.status, started.body) == (202, b"null")
    state = arm.send("GET", started.headers["Azure-AsyncOperation"])
    assert (state.status, json.loads(state.body)) == (200, {"status": "InProgress"})
    assert arm.send("GET", started.headers["Location"]).status == 202
    assert arm.finish(started).status == 200


def test_waits_shorter_than_a_second_are_given_in_milliseconds(arm: Arm) -> None:
    arm.endpoint._long.pace = 50.0
    headers = arm.start(LEARNED).headers
    assert headers["retry-after-ms"] == "200"
    assert "Retry-After" not in headers


def test_one_operation_at_a_time_on_a_gateway(arm: Arm) -> None:
    first = arm.start(LEARNED)
    second = arm.start("virtualNetworkGateways/hub-vpn/getBgpPeerStatus")
    assert arm.error(second) == (409, "AnotherOperationInProgress")
    assert second.headers["Retry-After"] == "10"
    assert arm.start("virtualNetworkGateways/hub-er/getBgpPeerStatus").status == 202
    assert arm.finish(first).status == 200
    assert arm.start("virtualNetworkGateways/hub-vpn/getBgpPeerStatus").status == 202


def test_one_operation_at_a_time_on_a_circuit(arm: Arm) -> None:
    assert arm.start(TABLE).status == 202
    other = arm.start(TABLE.replace("primary", "secondary"))
    assert arm.error(other) == (429, "RetryableErrorDueToAnotherOperation")
    assert arm.start(TABLE.replace("expressroute-1", "expressroute-2")).status == 202


def test_the_lock_is_there_whether_anyone_polls_or_not(arm: Arm) -> None:
    arm.start(LEARNED)
    arm.time[0] = 9.9
    assert arm.start(LEARNED).status == 409
    arm.time[0] = 10.0
    assert arm.start(LEARNED).status == 202


def test_the_result_is_that_of_the_end(arm: Arm) -> None:
    """What changes while an operation runs is in its answer, and what changes after is not."""
    started = arm.start(LEARNED)
    arm.happens("far_ends: {hub-vpn: {refuse: [10.2.30.0/25]}}")
    url = arm.finish(started)
    learned = {row["network"] for row in json.loads(url.body)["value"] if row["origin"] == "EBgp"}
    assert learned == {"10.11.30.64/26"}


def test_lists_come_in_pages(untouched: Arm) -> None:
    url: str | None = untouched.path("connections")
    names: list[str] = []
    pages = 0
    while url is not None:
        document = json.loads(untouched.send("GET", url).body)
        names += [each["name"] for each in document["value"]]
        url, pages = document.get("nextLink"), pages + 1
    assert names == ["hub-er1", "hub-er2", "remote-er1", "hub-to-loc1", "hub-to-branch", "branch-to-hub"]
    assert pages == 2


def test_a_whole_subscription_can_be_listed(untouched: Arm) -> None:
    path = GROUP.partition("/resourceGroups")[0] + "/providers/Microsoft.Network/expressRouteCircuits"
    found = json.loads(untouched.send("GET", path).body)["value"]
    assert [each["name"] for each in found] == ["expressroute-1", "expressroute-2"]


def test_children_stand_in_their_parent_and_in_lists(untouched: Arm) -> None:
    parent = untouched.get("virtualNetworks/hub")["properties"]
    assert parent["subnets"] == untouched.get("virtualNetworks/hub/subnets")["value"]
    assert parent["virtualNetworkPeerings"] == untouched.get("virtualNetworks/hub/virtualNetworkPeerings")["value"]


def test_a_connection_shows_no_key_and_a_list_no_state(untouched: Arm) -> None:
    one = untouched.get("connections/hub-to-loc1")
    assert one["properties"]["connectionStatus"] == "Connected"
    assert "sharedKey" not in one["properties"]
    listed = untouched.get("virtualNetworkGateways/hub-vpn/connections")["value"]
    assert [each["name"] for each in listed] == ["hub-to-loc1", "hub-to-branch"]
    assert all("connectionStatus" not in each["properties"] for each in listed)
    assert untouched.get("connections/hub-to-loc1/sharedKey") == {"value": "IamSecure123"}


def test_every_answer_has_an_id_and_says_how_much_is_left(untouched: Arm) -> None:
    response = untouched.send("GET", untouched.path("virtualNetworks/hub"))
    assert re.fullmatch(r"[0-9a-f-]{36}", response.all_headers["x-ms-request-id"])
    assert int(response.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0
    posted = untouched.start("networkInterfaces/vm-hub-nic/effectiveRouteTable")
    assert int(posted.headers["x-ms-ratelimit-remaining-subscription-writes"]) < 1199


def test_a_malformed_body_is_refused(untouched: Arm) -> None:
    path = "networkWatchers/NetworkWatcher_eastus/nextHop"
    assert untouched.error(untouched.start(path)) == (400, "InvalidRequestFormat")
    body = {"targetResourceId": "x", "sourceIPAddress": "here", "destinationIPAddress": "10.2.30.10"}
    assert untouched.error(untouched.start(path, body)) == (400, "InvalidIPAddress")


def test_an_advertisement_is_asked_for_with_a_peer(untouched: Arm) -> None:
    path = "virtualNetworkGateways/remote-er/getAdvertisedRoutes"
    assert untouched.error(untouched.start(path)) == (400, "MissingParameter")


@pytest.mark.parametrize(
    "below",
    [
        "virtualWans", "virtualHubs", "expressRouteGateways", "networkSecurityGroups",
        "expressRouteCircuits/expressroute-1/authorizations",
        "expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering/connections",
        "expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering/peerConnections",
    ],
)  # fmt: skip
def test_what_azure_has_and_the_network_has_not_is_an_empty_list(untouched: Arm, below: str) -> None:
    assert untouched.get(below) == {"value": []}
    assert untouched.error(untouched.send("GET", untouched.path(f"{below}/x"))) == (404, "ResourceNotFound")


def test_resources_can_be_listed_by_type(untouched: Arm) -> None:
    path = f"{GROUP}/resources"
    every: list[Json] = []
    url: str | None = path
    while url is not None:
        document = json.loads(untouched.send("GET", url).body)
        every, url = every + document["value"], document.get("nextLink")
    assert {each["type"] for each in every} >= {"Microsoft.Network/virtualNetworks", "Microsoft.Network/connections"}
    assert all(each["id"].count("/") == 8 for each in every)
    kind = "resourceType eq 'Microsoft.Network/expressRouteCircuits'"
    found = json.loads(untouched.send("GET", path, **{"$filter": kind}).body)["value"]
    assert [each["name"] for each in found] == ["expressroute-1", "expressroute-2"]
    refused = untouched.send("GET", path, **{"$filter": "name eq 'x'"})
    assert untouched.error(refused) == (400, "InvalidFilterInQueryString")


WORDS = (
    "subscriptions", GROUP.split("/")[2], "resourceGroups", "interop", "providers", "Microsoft.Network", "resources",
    "virtualNetworks", "hub", "subnets", "workloads", "virtualNetworkGateways", "hub-vpn", "getLearnedRoutes",
    "expressRouteCircuits", "expressroute-1", "peerings", "AzurePrivatePeering", "routeTables", "primary", "locations",
    "operationResults", "operations", "eastus", "connections", "hub-er1", "sharedKey", "networkWatchers", "nextHop",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE")),
    start=st.sampled_from(("", GROUP, PROVIDER)),
    parts=st.lists(st.sampled_from(WORDS) | st.text(min_size=1, max_size=8), max_size=8),
    body=st.sampled_from((None, {}, [], {"sourceIPAddress": 1})),
)
def test_any_request_has_an_answer_in_arms_form(
    untouched: Arm, method: str, start: str, parts: list[str], body: object
) -> None:
    path = f"{start}/{'/'.join(parts)}".replace("?", "_")
    response = untouched.send(method, path, body=body)
    assert response.status in (200, 202, 400, 404, 405, 409, 429)
    document = json.loads(response.body)
    if response.status >= 400:
        assert document["error"]["code"]
        assert document["error"]["message"]
    if method in ("PUT", "DELETE"):
        assert response.status >= 400, "nothing can be changed through the endpoint"
