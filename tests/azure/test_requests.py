"""The catalogue, the requests, and the allow-list at the send point."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.azure import allow
from pytest_azinterop.azure.catalogue import OPERATIONS, UnknownOperationError, find
from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.cloud import CHINA, PUBLIC, US_GOVERNMENT, Cloud
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.resource import ResourceId
from pytest_azinterop.errors import NotAllowedError, ParseError

IDS = {"subscription": "sub-1", "group": "rg-1"}
NETWORK = "/subscriptions/sub-1/resourceGroups/rg-1/providers/Microsoft.Network"


class TestRequests:
    def test_paths(self) -> None:
        routes = Request.of("circuit-routes", **IDS, circuit="er1", peering="AzurePrivatePeering", path="primary")
        peering = f"{NETWORK}/expressRouteCircuits/er1/peerings/AzurePrivatePeering"
        assert routes.path == f"{peering}/routeTables/primary"
        assert (routes.resource, routes.short) == (peering, "expressRouteCircuits/er1/peerings/AzurePrivatePeering")
        assert str(routes) == "circuit-routes path=primary"
        traffic = Request.of("circuit-traffic", **IDS, circuit="er1")
        assert (traffic.resource, traffic.lane) == (f"{NETWORK}/expressRouteCircuits/er1", None)

    def test_by_id(self) -> None:
        gateway = ResourceId.parse(f"{NETWORK}/virtualNetworkGateways/gw")
        assert Request.about("learned-routes", gateway) == Request.of("learned-routes", **IDS, gateway="gw")
        peering = ResourceId.parse(f"{NETWORK}/expressRouteCircuits/er1/peerings/AzurePrivatePeering")
        routes = Request.about("circuit-routes", peering, path="primary")
        assert routes.resource == str(peering)
        for wrong in ("circuit", "vnets", "nonsense"):
            with pytest.raises(ValueError, match=r"is not about|no operation"):
                Request.about(wrong, gateway)
        with pytest.raises(ValueError, match="needs peering"):
            Request.about("circuit-routes", ResourceId.parse(f"{NETWORK}/expressRouteCircuits/er1"), path="primary")

    def test_query_and_body(self) -> None:
        assert Request.of("advertised-routes", **IDS, gateway="g", peer="10.0.0.1").query == (("peer", "10.0.0.1"),)
        assert Request.of("bgp-peers", **IDS, gateway="g").query == ()
        vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm"
        hop = Request.of("next-hop", **IDS, watcher="nw", target=vm, source="10.0.0.4", destination="10.2.0.4")
        assert hop.body == {"targetResourceId": vm, "sourceIPAddress": "10.0.0.4", "destinationIPAddress": "10.2.0.4"}
        probe = {"watcher": "nw", "source": vm, "destination": "10.2.0.4"}
        assert Request.of("connectivity", **IDS, **probe, port="22", protocol="tcp").body == {
            "source": {"resourceId": vm},
            "destination": {"address": "10.2.0.4", "port": 22},
            "protocol": "Tcp",
        }

    @pytest.mark.parametrize(
        ("operation", "parameters"),
        [
            ("gateway", {"gateway": "../x"}),
            ("gateway", {"gateway": "a/b"}),
            ("gateway", {"gateway": "a?b"}),
            ("gateway", {"gateway": "a%2fb"}),
            ("gateway", {"gateway": ""}),
            ("gateway", {}),
            ("gateway", {"gateway": "g", "peer": "10.0.0.1"}),
            ("advertised-routes", {"gateway": "g"}),
            ("advertised-routes", {"gateway": "g", "peer": "x"}),
            ("circuit-arp", {"circuit": "c", "peering": "p", "path": "third"}),
            ("site-failover-tests", {"gateway": "g", "kind": "Other", "latest": "true"}),
            ("next-hop", {"watcher": "w", "target": "vm", "source": "10.0.0.1", "destination": "10.0.0.2"}),
            ("nonsense", {}),
        ],
    )
    def test_what_is_not_asked(self, operation: str, parameters: dict[str, str]) -> None:
        with pytest.raises(ValueError, match=r"."):
            Request.of(operation, **IDS, **parameters)

    def test_a_long_running_question_is_a_post(self) -> None:
        assert all(operation.verb == "POST" for operation in OPERATIONS.values() if operation.lane)

    def test_rights(self) -> None:
        for operation in OPERATIONS.values():
            assert operation.action.endswith(("/read", "/action"))
            if operation.action.endswith("/action"):
                assert operation.action.split("/")[-2].lower() in operation.path.lower()


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "name"),
        [
            ("learned-routes", "learned-routes"),
            ("getLearnedRoutes", "learned-routes"),
            ("VirtualNetworkGateways_GetLearnedRoutes", "learned-routes"),
            ("begin_get_learned_routes", "learned-routes"),
            ("virtual_network_gateways.begin_get_learned_routes", "learned-routes"),
            ("az network vnet-gateway list-learned-routes", "learned-routes"),
            ("ExpressRouteCircuits_ListArpTable", "circuit-arp"),
            ("arpTables", "circuit-arp"),
            ("routeTablesSummary", "circuit-sessions"),
            ("az network nic show-effective-route-table", "effective-routes"),
            ("nextHop", "next-hop"),
            ("VirtualNetworkPeerings_Get", "vnet-peering"),
        ],
    )
    def test_under_which_people_know_them(self, typed: str, name: str) -> None:
        assert find(typed).name == name

    def test_no_two_share_a_spelling(self) -> None:
        for operation in OPERATIONS.values():
            for spelling in (operation.name, *operation.spellings):
                assert find(spelling) is operation

    def test_an_unknown_name(self) -> None:
        with pytest.raises(UnknownOperationError, match="learned-routes"):
            find("lerned-routes")


class TestAllowList:
    @pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "HEAD", "get", "POST"])
    def test_a_gateway_is_only_read(self, verb: str) -> None:
        with pytest.raises(NotAllowedError):
            allow.check(verb, f"{PUBLIC.endpoint}{NETWORK}/virtualNetworkGateways/g", PUBLIC)

    @pytest.mark.parametrize(
        "action",
        [
            "reset",
            "startSiteFailoverTest",
            "stopSiteFailoverTest",
            "getLearnedRoutes/x",
            "../x",
            "getLearnedRoutes%2f",
            "generatevpnclientpackage",
        ],
    )
    def test_actions_that_change(self, action: str) -> None:
        with pytest.raises(NotAllowedError):
            allow.check("POST", f"{PUBLIC.endpoint}{NETWORK}/virtualNetworkGateways/g/{action}?x=1", PUBLIC)

    def test_keys_are_never_asked_for(self) -> None:
        for verb in ("GET", "POST"):
            with pytest.raises(NotAllowedError):
                allow.check(verb, f"{PUBLIC.endpoint}{NETWORK}/connections/c/sharedKey", PUBLIC)

    @pytest.mark.parametrize("operation", sorted(OPERATIONS))
    def test_what_the_catalogue_asks(self, operation: str) -> None:
        entry = OPERATIONS[operation]
        given = dict.fromkeys(entry.parameters, "x") | {"path": "primary"}
        allow.check(entry.verb, f"{PUBLIC.endpoint}{entry.render_path(given)}?api-version=1", PUBLIC)
        with pytest.raises(NotAllowedError):
            allow.check(entry.verb, f"https://evil.example{entry.render_path(given)}", PUBLIC)

    def test_an_address_of_azure_is_only_fetched(self) -> None:
        allow.check("GET", f"{PUBLIC.endpoint}/any/thing?t=1", PUBLIC, given_by_azure=True)
        with pytest.raises(NotAllowedError):
            allow.check("POST", f"{PUBLIC.endpoint}/any/thing", PUBLIC, given_by_azure=True)
        with pytest.raises(NotAllowedError):
            allow.check("GET", f"{US_GOVERNMENT.endpoint}/any/thing", PUBLIC, given_by_azure=True)

    @given(st.text(min_size=1, max_size=40))
    def test_no_name_leaves_its_place(self, name: str) -> None:
        try:
            request = Request.of("gateway", **IDS, gateway=name)
        except ValueError:
            return
        assert request.path == f"{NETWORK}/virtualNetworkGateways/{name}"
        assert not set(name) & set("/?#%\\ ")


class TestClouds:
    def test_they_are_those_of_the_sdk(self) -> None:
        from azure.core import AzureClouds
        from azure.mgmt.core.tools import get_arm_endpoints

        for cloud, known in (
            (PUBLIC, AzureClouds.AZURE_PUBLIC_CLOUD),
            (US_GOVERNMENT, AzureClouds.AZURE_US_GOVERNMENT),
            (CHINA, AzureClouds.AZURE_CHINA_CLOUD),
        ):
            endpoints = get_arm_endpoints(known)
            assert cloud.endpoint == endpoints["resource_manager"].rstrip("/")
            assert cloud.scope in endpoints["credential_scopes"]

    def test_versions(self) -> None:
        cloud = Cloud("x", "https://arm.example", "s", api_versions={"gateway": "2020-01-01", "*": "2021-01-01"})
        assert cloud.api_version("gateway", "2024-05-01") == "2020-01-01"
        assert cloud.api_version("circuit", "2024-05-01") == "2021-01-01"
        assert PUBLIC.api_version("circuit", "2024-05-01") == "2024-05-01"

    @pytest.mark.parametrize("endpoint", ["http://x", "x", "https://u@x", "https://x/y", "https://x?y", "ftp://x"])
    def test_an_endpoint_is_an_https_host(self, endpoint: str) -> None:
        with pytest.raises(ValueError, match="ARM endpoint"):
            Cloud("x", endpoint, "s")


class TestResourceId:
    def test_round_trip(self) -> None:
        text = f"{NETWORK}/virtualNetworks/hub/subnets/GatewaySubnet"
        found = ResourceId.parse(text.replace("resourceGroups", "resourcegroups"))
        assert (str(found), found.name, found.short) == (
            text,
            "GatewaySubnet",
            "virtualNetworks/hub/subnets/GatewaySubnet",
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "/x",
            NETWORK,
            f"{NETWORK}/a",
            f"{NETWORK}/a/b/c",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
            f"{NETWORK}/a/..",
        ],
    )
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            ResourceId.parse(text)


def test_nothing_of_azure_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, pytest_azinterop.plugin, pytest_azinterop.cli, pytest_azinterop.azure.catalogue,"
        " pytest_azinterop.azure.gather, pytest_azinterop.azure.client, pytest_azinterop.azure.transport,"
        " pytest_azinterop.azure.credential, pytest_azinterop.azure.cloud;"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in"
        " {'azure', 'msal', 'requests', 'urllib3', 'cryptography', 'isodate'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_an_answer_that_names_another_resource_is_not_this_one_s() -> None:
    request = Request.of("vnet", **IDS, vnet="hub")
    document = {"name": "hub", "properties": {"addressSpace": {"addressPrefixes": []}}}
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    for own in ({}, *({"id": told} for told in (request.resource, request.resource.upper(), f"{request.resource}/"))):
        assert Asked(request, {**document, **own}, now, 0.1).read().records
    with pytest.raises(ParseError, match="id is another resource's"):
        Asked(request, {**document, "id": request.resource.replace("/hub", "/spoke")}, now, 0.1).read()
