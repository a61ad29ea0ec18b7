"""The examples of the REST specification (`examples/*.json` of Microsoft.Network) are read as they are published.

Each has `parameters` and `responses` by status code, of which the body of 200 is the answer; the data is our own. Where
an example is not what the service answers, a row says so:

- Words stand for values ("IPAddress", "macAddress", "devicePath"): refused, since no service answers that.
- Actions of gateways have the header Azure-AsyncOperation alone, the service sends Location: headers of a saved example
  lead nowhere, and are not read.
- Bodies of failover tests and of resiliency are empty: an empty object is no answer, an empty list says "none".
- References have an empty `properties` beside their id; a key stands in clear.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import azure_answers as answers
import pytest

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.cli import main

AT = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/"
WITHOUT_BODY = {"headers": {"Azure-AsyncOperation": "https://management.azure.com/subscriptions/subid/operations/1"}}
LOCATION = {"headers": {"Location": "https://management.azure.com/subscriptions/subid/operationStatus/default/1"}}
CONNECTION: dict[str, Any] = {
    "name": "s2s",
    "id": f"{AT}connections/s2s",
    "etag": 'W/"0"',
    "type": "Microsoft.Network/connections",
    "location": "centralus",
    "properties": {
        "provisioningState": "Succeeded",
        "resourceGuid": "00000000-0000-0000-0000-000000000000",
        "virtualNetworkGateway1": {"id": f"{AT}virtualNetworkGateways/vpn", "properties": {}},
        "localNetworkGateway2": {"id": f"{AT}localNetworkGateways/site", "properties": {}},
        "ingressNatRules": [{"id": f"{AT}virtualNetworkGateways/vpn/natRules/in"}],
        "egressNatRules": [{"id": f"{AT}virtualNetworkGateways/vpn/natRules/out"}],
        "connectionType": "IPsec",
        "connectionProtocol": "IKEv2",
        "routingWeight": 0,
        "dpdTimeoutSeconds": 30,
        "sharedKey": "correct-horse",
        "enableBgp": False,
        "gatewayCustomBgpIpAddresses": [
            {
                "ipConfigurationId": f"{AT}virtualNetworkGateways/vpn/ipConfigurations/one",
                "customBgpIpAddress": "169.254.21.5",
            }
        ],
        "useLocalAzureIpAddress": False,
        "usePolicyBasedTrafficSelectors": False,
        "ipsecPolicies": [],
        "trafficSelectorPolicies": [],
        "connectionStatus": "Connecting",
        "ingressBytesTransferred": 0,
        "egressBytesTransferred": 0,
        "connectionMode": "Default",
    },
}
PEERING: dict[str, Any] = {
    "name": "MicrosoftPeering",
    "id": f"{AT}expressRouteCircuits/er/peerings/MicrosoftPeering",
    "type": "Microsoft.Network/expressRouteCircuits/peerings",
    "properties": {
        "provisioningState": "Succeeded",
        "peeringType": "MicrosoftPeering",
        "azureASN": 12076,
        "peerASN": 64600,
        "primaryPeerAddressPrefix": "203.0.113.0/30",
        "secondaryPeerAddressPrefix": "203.0.113.4/30",
        "state": "Enabled",
        "vlanId": 300,
        "gatewayManagerEtag": "103",
        "lastModifiedBy": "Customer",
        "microsoftPeeringConfig": {
            "advertisedPublicPrefixes": ["198.51.100.0/24"],
            "advertisedCommunities": [],
            "advertisedPublicPrefixesState": "ValidationNeeded",
            "customerASN": 0,
            "legacyMode": 0,
            "routingRegistryName": "RIPENCC",
        },
        "ipv6PeeringConfig": {
            "primaryPeerAddressPrefix": "2001:DB8:0:CD30::/126",
            "secondaryPeerAddressPrefix": "2001:DB8:0:CD30::4/126",
            "state": "Enabled",
            "routeFilter": {"id": f"{AT}routeFilters/filter"},
        },
        "routeFilter": {"id": f"{AT}routeFilters/filter"},
    },
}


def example(body: object) -> dict[str, object]:
    return {
        "parameters": {"api-version": "2024-05-01", "subscriptionId": "subid", "resourceGroupName": "rg1"},
        "responses": {"200": {"body": body}, "202": LOCATION, "default": {"body": {"error": {"code": "x"}}}},
    }


def parse(folder: Path, capsys: pytest.CaptureFixture[str], operation: str, document: object) -> tuple[int, str, str]:
    file = folder / "example.json"
    file.write_text(json.dumps(document))
    code = main(["parse", "--azure", operation, str(file), "--json"])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_there_is_an_example_for_every_operation() -> None:
    assert {operation for operation, _, _ in answers.ANSWERS} == OPERATIONS.keys()


@pytest.mark.parametrize(("operation", "parameters", "body"), answers.ANSWERS)
def test_the_specifications_own_name_reads_the_body_of_200(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], operation: str, parameters: dict[str, str], body: object
) -> None:
    told = " ".join(f"{name}={value}" for name, value in parameters.items())
    by_name = parse(tmp_path, capsys, f"{OPERATIONS[operation].spellings[0]} {told}", example(body))
    plain = parse(tmp_path, capsys, f"{operation} {told}", body)
    assert by_name[0] == plain[0] == 0
    assert json.loads(by_name[1])["records"] == json.loads(plain[1])["records"] != []


@pytest.mark.parametrize(
    ("operation", "body", "seen"),
    [
        (
            "connection",
            CONNECTION,
            {"gateway": f"{AT}virtualNetworkGateways/vpn", "ipsec_policies": [], "status": "Connecting"},
        ),
        ("circuit-peering", PEERING, {"peer_asn": 64600, "vlan": 300, "secondary_prefix": "203.0.113.4/30"}),
        (
            "circuit-sessions path=primary",
            {"value": [{"as": 64600, "neighbor": "192.0.2.1", "statePfxRcd": "Idle", "upDown": "never", "v": 4}]},
            {"state": "Idle", "received_prefixes": None},
        ),
        (
            "next-hop",
            {"nextHopType": "VnetLocal", "nextHopIpAddress": "10.0.0.1", "routeTableId": f"{AT}routeTables/t"},
            {"kind": "VnetLocal"},
        ),
    ],
)
def test_shapes_of_the_specification(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], operation: str, body: object, seen: dict[str, object]
) -> None:
    code, out, err = parse(tmp_path, capsys, operation, example(body))
    assert code == 0, err
    (record,) = json.loads(out)["records"]
    assert {name: record.get(name, "no such field") for name in seen} == seen
    assert "correct-horse" not in out


@pytest.mark.parametrize(
    ("operation", "body", "where"),
    [
        (
            "circuit-arp path=primary",
            {"value": [{"age": 0, "interface": "Microsoft", "ipAddress": "IPAddress", "macAddress": "macAddress"}]},
            "value[0].ipAddress is not an IP address",
        ),
        ("bgp-peers", {}, ""),
        ("learned-routes", None, ""),
        ("site-failover-tests", {}, ""),
        ("resiliency", {}, ""),
    ],
)
def test_what_no_service_answers_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], operation: str, body: object, where: str
) -> None:
    code, out, err = parse(tmp_path, capsys, operation, example(body))
    assert (code, out) == (3, "")
    assert where in err


def test_an_example_without_a_body_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {"parameters": {}, "responses": {"200": {}, "202": WITHOUT_BODY}}
    assert parse(tmp_path, capsys, "bgp-peers", document)[:2] == (3, "")


def test_an_empty_list_says_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = parse(tmp_path, capsys, "site-failover-tests", example([]))
    assert (code, json.loads(out)["records"]) == (0, [])
