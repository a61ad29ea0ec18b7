"""Configuration mode: what is taken, what is refused and where the caret points, and what follows from a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.config.editor import ConfigTextError, Editor, load
from pytest_azinterop.lab.config.extract import settings
from pytest_azinterop.lab.config.tree import render
from pytest_azinterop.lab.config.words import canonical, interface_name

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
BASE = """
hostname edge
ip vrf 7
 rd 65000:7
ip vrf 8
interface GigabitEthernet0/0/0
 no ip address
interface GigabitEthernet0/0/0.7
 encapsulation dot1Q 7
 ip vrf forwarding 7
 ip address 192.0.2.1 255.255.255.252
router bgp 65000
 address-family ipv4 vrf 7
  neighbor 192.0.2.2 remote-as 64999
  neighbor 192.0.2.2 route-map IN in
  neighbor 192.0.2.2 prefix-list OUT out
 exit-address-family
route-map IN permit 10
 set local-preference 200
ip prefix-list OUT seq 5 permit 10.0.0.0/8
end
"""


def editor(text: str = BASE) -> Editor:
    return Editor(load(text))


def after(*lines: str, text: str = BASE) -> list[str]:
    configuration = load(text)
    typing = Editor(configuration)
    for line in lines:
        reply = typing.apply(line)
        assert reply.ok, (line, reply)
    return [line.strip() for line in render(configuration.root).splitlines()]


@pytest.mark.parametrize("name", sorted(path.name for path in PUBLISHED.glob("*.cfg")))
def test_a_rendered_configuration_reads_back_as_itself(name: str) -> None:
    text = (PUBLISHED / name).read_text()
    once = render(load(text).root)
    assert render(load(once).root) == once
    assert {line.strip() for line in text.splitlines()} - {"!", ""} <= {line.strip() for line in once.splitlines()}


@pytest.mark.parametrize(
    ("line", "text", "caret"),
    [
        ("ip adress 1.1.1.1", "% Invalid input detected at '^' marker.", 3),
        ("  hostnme x", "% Invalid input detected at '^' marker.", 2),
        ("interface GigabitEthernet9/9/9", "% Invalid input detected at '^' marker.", 0),
        ("router bgp", "% Incomplete command.", None),
        ("router bgp 1", "BGP is already running; AS is 65000", None),
        ("ip route vrf 7 10.0.0.1 255.0.0.0 Null0", "%Inconsistent address and mask", None),
        ("router eigrp 1", "% Not modelled by this lab: router eigrp 1", None),
        ("device-tracking policy X", "% Not modelled by this lab: device-tracking policy X", None),
        ("no interface GigabitEthernet0/0/0", "% Removal of physical interfaces is not permitted", None),
        ("lo", '% Ambiguous command:  "lo"', None),
    ],
)
def test_refused_as_ios_refuses_it(line: str, text: str, caret: int | None) -> None:
    reply = editor().apply(line)
    assert (reply.ok, reply.text.strip(), reply.caret) == (False, text, caret) or (
        line == "lo" and not reply.ok  # more than one command, none complete
    )


def test_a_refused_line_changes_nothing() -> None:
    configuration = load(BASE)
    before = render(configuration.root), configuration.version
    Editor(configuration).apply("ip prefix-list OUT seq 5 permit 10.0.0.0/8 le 4")
    assert (render(configuration.root), configuration.version) == before


def test_abbreviations_and_modes() -> None:
    typing = editor()
    modes = []
    for line in (
        "int gi0/0/0.7",
        "desc to the provider",
        "exit",
        "router bgp 65000",
        "addr ipv4 vrf 7",
        "exit-address",
    ):
        assert typing.apply(line).ok, line
        modes.append(typing.mode)
    assert modes == ["config-subif", "config-subif", "config", "config-router", "config-router-af", "config-router"]


def test_a_line_of_another_mode_leaves_the_present_one() -> None:
    typing = editor()
    typing.apply("interface GigabitEthernet0/0/0.7")
    assert typing.apply("router bgp 65000").ok
    assert typing.mode == "config-router"


def test_a_value_replaces_the_one_that_stood() -> None:
    lines = after("route-map IN permit 10", "set local-preference 90")
    assert "set local-preference 90" in lines
    assert "set local-preference 200" not in lines


def test_no_removes_by_identity_alone_and_only_the_value_that_is_named() -> None:
    af = ("router bgp 65000", "address-family ipv4 vrf 7")
    assert "neighbor 192.0.2.2 route-map IN in" not in after(*af, "no neighbor 192.0.2.2 route-map IN in")
    assert "neighbor 192.0.2.2 route-map IN in" in after(*af, "no neighbor 192.0.2.2 route-map OTHER in")
    assert "set local-preference 200" not in after("route-map IN permit 10", "no set local-preference")
    assert "ip prefix-list OUT seq 5 permit 10.0.0.0/8" not in after("no ip prefix-list OUT")
    assert not [line for line in after("no route-map IN") if line.startswith("route-map IN")]


def test_a_neighbor_goes_with_its_remote_as() -> None:
    lines = after("router bgp 65000", "address-family ipv4 vrf 7", "no neighbor 192.0.2.2")
    assert not [line for line in lines if line.startswith("neighbor")]


def test_a_neighbor_needs_its_remote_as_first() -> None:
    typing = editor()
    typing.apply("router bgp 65000")
    typing.apply("address-family ipv4 vrf 7")
    assert typing.apply("neighbor 192.0.2.9 activate").text == "% Specify remote-as or peer-group commands first"
    assert typing.apply("neighbor 192.0.2.9 remote-as 64998").ok


def test_a_neighbor_of_a_vrf_is_activated_by_its_remote_as() -> None:
    assert "neighbor 192.0.2.2 activate" in after()


def test_moving_an_interface_to_a_vrf_takes_its_address() -> None:
    configuration = load(BASE)
    typing = Editor(configuration)
    typing.apply("interface GigabitEthernet0/0/0.7")
    reply = typing.apply("ip vrf forwarding 8")
    assert reply.text == (
        "% Interface GigabitEthernet0/0/0.7 IPv4 disabled and address(es) removed due to enabling VRF 8"
    )
    interface = settings(configuration.root).interfaces["GigabitEthernet0/0/0.7"]
    assert (interface.vrf, interface.address) == ("8", None)
    assert "no ip address" in render(configuration.root)


def test_removing_a_vrf_removes_what_stands_in_it() -> None:
    lines = after("no ip vrf 7")
    assert "address-family ipv4 vrf 7" not in lines
    assert "ip vrf forwarding 7" not in lines


def test_overlapping_addresses_are_refused_in_one_vrf_only() -> None:
    typing = editor()
    typing.apply("interface GigabitEthernet0/0/0.9")
    typing.apply("encapsulation dot1Q 9")
    assert typing.apply("ip address 192.0.2.2 255.255.255.0").ok
    typing.apply("ip vrf forwarding 7")
    reply = typing.apply("ip address 192.0.2.2 255.255.255.0")
    assert (reply.ok, reply.text) == (False, "% 192.0.2.0 overlaps with GigabitEthernet0/0/0.7")


def test_a_sub_interface_needs_its_tag_before_its_address() -> None:
    typing = editor()
    typing.apply("interface GigabitEthernet0/0/0.9")
    assert "IEEE 802.1Q" in typing.apply("ip address 198.51.100.1 255.255.255.0").text


def test_prefix_list_entries_without_sequence_are_numbered_and_found_again() -> None:
    assert "ip prefix-list OUT seq 10 permit 172.16.0.0/12 le 24" in after(
        "ip prefix-list OUT permit 172.16.0.0/12 le 24"
    )
    assert "ip prefix-list OUT seq 5 permit 10.0.0.0/8" not in after("no ip prefix-list OUT permit 10.0.0.0/8")


def test_match_clauses_add_up() -> None:
    lines = after("route-map IN permit 10", "match ip address prefix-list A", "match ip address prefix-list B")
    assert "match ip address prefix-list A B" in lines


def test_routes_leaking_by_route_target_are_not_taken_in_silence() -> None:
    typing = editor()
    typing.apply("ip vrf 7")
    assert typing.apply("route-target export 65000:7").ok
    typing.apply("ip vrf 8")
    assert "Not modelled" in typing.apply("route-target import 65000:7").text


def test_a_banner_of_several_lines_is_text() -> None:
    lines = after("banner motd ^C", "router bgp 1 is not a command here", "^C", "hostname other")
    assert "router bgp 1 is not a command here" in lines
    assert "hostname other" in lines


def test_a_file_that_is_not_taken_names_line_and_number() -> None:
    with pytest.raises(ConfigTextError, match="line 2: 'frobnicate'"):
        load("hostname x\nfrobnicate\nend\n")


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("te0/0/0.300", "TenGigabitEthernet0/0/0.300"),
        ("Tu30", "Tunnel30"),
        ("Gi0", "GigabitEthernet0"),
        ("t1", None),
        ("foo1", None),
        ("lo", None),
    ],
)
def test_interface_names(text: str, full: str | None) -> None:
    assert interface_name(text) == full


@given(st.text(max_size=60))
def test_no_line_breaks_configuration_mode(line: str) -> None:
    typing = editor()
    reply = typing.apply(line)
    assert reply.ok or reply.text


@given(st.integers(0, 2**32 - 1))
def test_a_mask_is_a_row_of_ones(number: int) -> None:
    text = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    contiguous = "01" not in f"{number:032b}"
    assert (canonical("mask", text) is not None) == contiguous


@pytest.mark.parametrize("line", ["bgp deterministic-med", "bgp cluster-id 1"])
def test_what_would_have_no_effect_is_refused(line: str) -> None:
    typing = Editor(load("hostname r\nrouter bgp 65000\nend\n"), lambda *_: None)
    assert typing.apply("router bgp 65000").ok
    assert typing.apply(line).text == f"% Not modelled by this lab: {line}"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ip route vrf 7 10.0.0.0 255.0.0.0 Null0 254 name summary", "Null0 254 name summary"),
        ("ip route vrf 7 10.0.0.0 255.0.0.0 null 0 254", "Null0 254"),
    ],
)
def test_a_number_after_an_interface_is_a_distance(typed: str, stored: str) -> None:
    assert f"ip route vrf 7 10.0.0.0 255.0.0.0 {stored}" in after(typed)


def test_a_network_statement_of_the_default_route_is_of_no_class() -> None:
    configured = load(
        BASE.replace("  neighbor 192.0.2.2 remote-as", "  network 0.0.0.0\n  neighbor 192.0.2.2 remote-as")
    )
    process = settings(configured.root).bgp
    assert process is not None
    assert [str(each.prefix) for family in process.families.values() for each in family.networks] == ["0.0.0.0/0"]
