"""A command, its parser, record type and reading rule stand together."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.errors import NotAllowedError
from pytest_azinterop.iosxe import allow, spelling
from pytest_azinterop.iosxe.catalogue import COMMANDS, Command, UnknownCommandError, match, render

EXAMPLE = {
    "vrf": "30",
    "address": "192.0.2.1",
    "interface": "Tunnel30",
    "name": "prefer-ER",
    "source": "192.0.2.2",
    "repeat": "5",
    "timeout": "1",
    "size": "1400",
    "prefix": "10.10.30.0/25",
    "process": "30",
    "probes": "1",
    "ttl": "12",
    "filesystem": "bootflash:",
    "archived": "bootflash:archive-Nov-26-22-45-14.651-0",
}


def filled(form: str) -> tuple[str, dict[str, str]]:
    given_words = {word[1:-1]: EXAMPLE[word[1:-1]] for word in form.split() if word.startswith("{")}
    return form.format(**given_words), given_words


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda entry: entry.name)
def test_the_parser_fits_its_entry(command: Command) -> None:
    parse = command.parse()
    parameters = inspect.signature(parse).parameters
    assert list(parameters)[:2] == ["text", "source"]
    keywords = {name for name, value in parameters.items() if value.kind is inspect.Parameter.KEYWORD_ONLY}
    passed = {argument for _, argument in (*command.passes,)} | {name for name, _ in command.fixed}
    assert passed <= keywords
    assert ("may_be_empty" in keywords) == command.may_be_empty
    required = {name for name in keywords if parameters[name].default is inspect.Parameter.empty}
    assert required <= passed
    assert parse.__annotations__["return"] == f"Parsed[{command.record_type().__name__}]"
    assert command.reads


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda entry: entry.name)
def test_every_form_renders_is_allowed_and_is_recognised(command: Command) -> None:
    for form in command.forms:
        expected, parameters = filled(form)
        assert command.render(**parameters) == expected
        allow.check(expected)
        found, bound = match(expected)
        assert (found.name, dict(bound)) == (command.name, parameters)


@pytest.mark.parametrize(
    ("typed", "name", "parameters"),
    [
        ("sh ver", "version", {}),
        ("sh int Te0/0/0.300", "interfaces", {"interface": "Te0/0/0.300"}),
        ("show interface Tunnel 30", "interfaces", {"interface": "Tunnel30"}),
        ("sh ip bgp", "bgp_table", {}),
        ("show bgp all", "bgp_table", {}),
        ("show ip bgp vpnv4 all", "bgp_table", {}),
        ("sh ip bgp vpnv4 vrf 30", "bgp_table", {"vrf": "30"}),
        ("show ip bgp all neighbor", "bgp_neighbors", {}),
        ("sh bgp vpnv4 u v 30 nei", "bgp_neighbors", {"vrf": "30"}),
        ("sh ip bgp vpnv4 vrf 30 nei 192.0.2.1", "bgp_neighbors", {"vrf": "30", "address": "192.0.2.1"}),
        ("sh ip bgp vpnv4 vrf 30 nei 192.0.2.1 adv", "advertised_routes", {"vrf": "30", "address": "192.0.2.1"}),
        ("sh bgp vpnv4 un vrf 30 nei 192.0.2.1 rec", "received_routes", {"vrf": "30", "address": "192.0.2.1"}),
        ("sh ip bgp nei 2001:db8::1 routes", "accepted_routes", {"address": "2001:db8::1"}),
        ("sh ip ro vrf GIANT 192.0.2.1", "rib", {"vrf": "GIANT", "address": "192.0.2.1"}),
        ("sh cry ikev2 sa det", "ikev2_sas", {}),
        ("sh cry ips sa", "ipsec_sas", {}),
        ("sh cry sess int Tu30 det", "crypto_sessions", {"interface": "Tu30"}),
        ("sh cry sess", "crypto_sessions", {}),
        ("sh start", "startup_config", {}),
        ("sh archive", "archive", {}),
        ("sh archive config differences", "config_differences", {}),
        ("sh ntp assoc", "ntp_associations", {}),
        ("sh log", "log", {}),
        ("show vlans dot1q", "vlan_traffic", {}),
        ("sh cry pki cert", "certificates", {}),
        ("sh ipv6 ro vrf 30", "rib_ipv6", {"vrf": "30"}),
        ("sh bgp vpnv6 u vrf 30", "bgp_table_ipv6", {"vrf": "30"}),
        ("sh ipv6 prefix-list det", "prefix_list_ipv6", {}),
        ("sh bgp ipv6 unicast neighbors", "bgp_neighbors_ipv6", {}),
        ("sh bgp vpnv6 unicast vrf 30 2001:db8::/48", "bgp_prefix_ipv6", {"prefix": "2001:db8::/48"}),
        ("sh ip bgp vpnv4 vrf 30 10.10.30.0/25", "bgp_prefix", {"vrf": "30", "prefix": "10.10.30.0/25"}),
        ("sh ip bgp 10.10.30.4", "bgp_prefix", {"prefix": "10.10.30.4"}),
        ("sh ip bgp 10.10.30.0 255.255.255.128", "bgp_prefix", {"address": "10.10.30.0"}),
        ("show ip bgp all detail", "bgp_prefix", {}),
        ("sh ip bgp vpnv4 vrf 30 sum", "bgp_summary", {"vrf": "30"}),
        ("sh ip ospf 30 nei", "ospf_neighbors", {"process": "30"}),
        ("sh ip ospf 30", "ospf_processes", {"process": "30"}),
        ("sh bfd nei vrf 30 det", "bfd_neighbors", {"vrf": "30"}),
        ("trace vrf 30 10.10.30.4 num so Tu30 tim 1", "traceroute", {"vrf": "30", "address": "10.10.30.4"}),
        ("sh run", "running_config", {}),
        ("show running-config vrf 30", "running_config", {"vrf": "30"}),
        ("sh ip prefix-list X", "prefix_list", {"name": "X"}),
        ("ping vrf 30 192.0.2.1 so Tunnel30 rep 5", "ping", {"vrf": "30", "address": "192.0.2.1"}),
    ],
)
def test_abbreviations_and_both_spellings_are_understood(typed: str, name: str, parameters: dict[str, str]) -> None:
    command, bound = match(typed)
    assert command.name == name
    assert parameters.items() <= bound.items()


@pytest.mark.parametrize("typed", ["", "show", "sh v", "show bgp vpnv4 unicast vrf", "configure terminal", "show clok"])
def test_an_unknown_or_ambiguous_command_names_near_ones(typed: str) -> None:
    with pytest.raises(UnknownCommandError) as caught:
        match(typed)
    assert caught.value.nearest
    assert all(near.startswith(("show", "ping")) for near in caught.value.nearest)


def test_the_nearest_command_comes_first() -> None:
    with pytest.raises(UnknownCommandError) as caught:
        match("show clok")
    assert caught.value.nearest[0] == "show clock"


def test_the_global_table_has_its_own_form() -> None:
    assert render("bgp_table", vrf=None) == "show bgp ipv4 unicast"
    assert render("bgp_table", vrf="30") == "show bgp vpnv4 unicast vrf 30"


@given(st.text(max_size=30))
def test_no_parameter_smuggles_in_a_second_word_or_command(value: str) -> None:
    try:
        command = render("bgp_table", vrf=value)
    except ValueError:
        return
    assert command == f"show bgp vpnv4 unicast vrf {value}"
    assert len(command.split()) == len(command.split(" ")) == 6
    assert not set(value) & set("|?;\n\r\t")


@pytest.mark.parametrize(
    "command", ["terminal length 0", "terminal width 511", "enable", "show run", "show ip bgp all sum"]
)
def test_session_setup_and_the_stock_driver_pass(command: str) -> None:
    allow.check(command)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "configure terminal",
        "conf t",
        "router bgp 65021",
        "neighbor 192.0.2.1 shutdown",
        "clear ip bgp * soft",
        "write memory",
        "copy running-config startup-config",
        "reload",
        "show version\nconfigure terminal",
        "show version\rreload",
        "show version ; reload",
        "show running-config | redirect bootflash:x",
        "show running-config | tee bootflash:x",
        "show running-config | append bootflash:x",
        "show version | redirect tftp://192.0.2.1/x",
        "show bgp vpnv4 unicast vrf 30|redirect",
        "show tech-support",
        "show  version",
        " show version",
        "show version ",
        "show version\x00",
        "show clock\u00a0",
        "terminal length 24",
        "ping vrf 30 host.example source Tunnel30 repeat 5 timeout 1",
        "show route-map x?",
        "do show version",
    ],
)
def test_anything_else_is_refused(command: str) -> None:
    with pytest.raises(NotAllowedError):
        allow.check(command)


@given(st.text())
def test_no_text_with_a_line_end_passes(text: str) -> None:
    for command in (f"show version\n{text}", f"{text}\nshow version", f"show version\r{text}"):
        with pytest.raises(NotAllowedError):
            allow.check(command)


def test_patterns_expand_to_every_reading() -> None:
    assert set(spelling.expand("show [ip] (a|b {x})")) == {
        ("show", "ip", "a"),
        ("show", "ip", "b", "{x}"),
        ("show", "a"),
        ("show", "b", "{x}"),
    }


def test_records_carry_their_source() -> None:
    for command in COMMANDS.values():
        assert "source" in command.record_type().__annotations__
