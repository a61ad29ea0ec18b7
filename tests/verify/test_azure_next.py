"""What is typed next after a finding about Azure's side."""

from __future__ import annotations

import shlex

import pytest

from pytest_azinterop.intent.azure_expectations import ResourceName
from pytest_azinterop.verify.azure_next import COMMANDS, AzureSubject
from pytest_azinterop.verify.rules import RULES

OWN = ResourceName("0-1", "my group", ("virtualNetworks", "a'b; reboot"))
FAR = ResourceName("9-9", "far", ("virtualNetworks", "other"))
EVERY = {"circuit", "peering", "path", "gateway", "connection", "local_gateway", "vnet", "subnet"}
NAMES = {place: f"{place}; $(reboot) '" for place in EVERY}


def subject(**changes: object) -> AzureSubject:
    return AzureSubject("x", "x", OWN, {**NAMES, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", sorted(name for name in RULES if name.startswith("azure.")))
def test_every_rule_of_azure_has_one_for_each_cause_and_quotes_what_is_named(rule: str) -> None:
    for cause in RULES[rule].causes:
        said = shlex.split(subject().command(rule, cause))
        assert said[:2] == ["az", "network"]
        assert said[-4:] == ["--resource-group", "my group", "--subscription", "0-1"]
        first = next(place for place, word in enumerate(said) if word.startswith("--"))
        given = dict(zip(said[first:-4:2], said[first + 1 : -4 : 2], strict=True))
        assert all(word.startswith("--") for word in given)
        assert set(given.values()) <= set(NAMES.values())


def test_no_command_is_of_a_rule_or_cause_that_does_not_exist() -> None:
    for each in COMMANDS:
        rule, _, cause = each.partition(":")
        assert not cause or cause in RULES[rule].causes


def test_it_asks_where_the_thing_itself_lies() -> None:
    table = ResourceName("5-5", "tables", ("routeTables", "t"))
    user = ("azure.subnet-next-hop", "user-route")
    found = subject(route_table=table).command(*user)
    assert found == "az network route-table route list --route-table-name t --resource-group tables --subscription 5-5"
    assert subject(vnet="v", subnet="s").command(*user) == (
        "az network vnet subnet show --vnet-name v --name s --resource-group 'my group' --subscription 0-1"
    )
    peering = AzureSubject("x", "x", OWN, NAMES, far=FAR)
    assert peering.command("azure.vnet-peering-state", "disconnected") == (
        "az network vnet peering list --vnet-name other --resource-group far --subscription 9-9"
    )


def test_over_a_circuit_no_ike_is_asked_for() -> None:
    over = AzureSubject("x", "x", OWN, {"connection": "c"}, over_circuit=True)
    assert over.command("azure.connection-state", "not-connected").startswith(
        "az network vpn-connection show --name c "
    )
    assert "list-ike-sas" in subject().command("azure.connection-state", "not-connected")


def test_what_the_intent_does_not_say_is_left_out() -> None:
    nowhere = AzureSubject("x", "x", ResourceName("", "", ("virtualNetworkGateways", "g")), {"gateway": "g"})
    assert nowhere.command("azure.gateway-sku", "other-sku") == "az network vnet-gateway show --name g"


def test_a_finding_keeps_what_is_likely_and_its_own_next_command() -> None:
    found = subject().finding("azure.circuit-state", "x, expected y", cause="disabled", likely="a reason")
    assert found.likely == "a reason"
    own = subject().finding("azure.circuit-state", "x, expected y", cause="disabled", next_command="az network x")
    assert own.next_command == "az network x"


def test_a_session_of_expressroute_that_is_down_leads_to_no_list_of_vpn_connections() -> None:
    for name in ("azure.path-session", "azure.path-gateways:down", "azure.gateway-peers:msee-down"):
        assert COMMANDS[name].startswith("express-route "), name
    assert COMMANDS["azure.gateway-peers:msee-missing"] == "express-route list"
