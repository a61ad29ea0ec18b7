"""The running-configuration: tree, proof, and typed sections."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv4Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.device_answers import CONFIG
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.answer import clean
from pytest_azinterop.iosxe.parsers.config import parse
from pytest_azinterop.state.config import NeighborConfig, RunningConfig


def read(text: str = CONFIG) -> RunningConfig:
    (record,) = parse(clean(text), SOURCE).records
    return record


def neighbor(config: RunningConfig, vrf: str | None, address: str) -> NeighborConfig:
    assert config.bgp is not None
    (found,) = (item for item in config.bgp.neighbors if item.vrf == vrf and item.address == ip_address(address))
    return found


def test_free_text_does_not_break_the_tree() -> None:
    config = read()
    assert config.whole
    assert config.hostname == "edge-1"
    assert [line.text for line in config.lines][-2:] == ["banner motd ^C", "line con 0"]
    assert config.lines[-1].children[0].text == "exec-timeout 0 0"
    assert "interface Loopback99" not in {child.text for line in config.lines for child in line.walk()}
    lines = CONFIG.split("\n")
    assert all(lines[child.number - 1].strip() == child.text for line in config.lines for child in line.walk())


def test_a_delimiter_character_closes_a_banner_too() -> None:
    assert read(CONFIG.replace("^C", "\x03")) == read()


def test_what_an_operator_describes_opens_no_text() -> None:
    described = CONFIG.replace("hostname edge-1\n", "hostname edge-1\nvrf definition A\n description an odd ^C\n!\n")
    assert described != CONFIG
    assert read(described).bgp is not None


def test_vrfs_in_every_style() -> None:
    assert [(vrf.name, vrf.route_distinguisher, vrf.legacy) for vrf in read().vrfs] == [
        ("30", "65021:30", False),
        ("OLD-STYLE", "192.0.2.1:7", True),
        ("NEW", "1.10:9", False),
    ]


def test_interfaces() -> None:
    subinterface, tunnel = read().interfaces
    assert (subinterface.outer_vlan, subinterface.inner_vlan, subinterface.vrf) == (30, 300, "30")
    assert subinterface.address == IPv4Interface("192.168.30.17/30")
    assert subinterface.shutdown
    assert subinterface.description == "router bgp 1"
    assert (tunnel.vrf, tunnel.tunnel_vrf, tunnel.protection_profile) == ("30", "INET-V", "IP")
    assert (tunnel.tunnel_source, tunnel.tunnel_destination) == ("Loopback30", "52.168.162.84")
    assert tunnel.tunnel_mode == "ipsec ipv4"
    assert not tunnel.shutdown


def test_bgp_of_a_vrf() -> None:
    config = read()
    assert config.bgp is not None
    assert config.bgp.asn == 65546
    assert config.bgp.default_local_preference == 150
    assert config.bgp.networks == (
        (None, IPv4Network("10.0.0.0/8")),
        (None, IPv4Network("203.0.113.0/25")),
        ("30", IPv4Network("10.2.30.0/25")),
    )
    msee = neighbor(config, "30", "192.168.30.18")
    assert (msee.remote_as, msee.shutdown, msee.activated) == (12076, True, True)
    assert (msee.keepalive, msee.hold_time) == (10, 30)
    assert (msee.route_map_in, msee.route_map_out, msee.prefix_list_out) == ("prefer-ER", None, "OUT")
    assert msee.soft_reconfiguration_inbound
    assert msee.weight is None


def test_templates_and_peer_groups_are_merged() -> None:
    config = read()
    gateway = neighbor(config, "30", "10.10.30.254")
    assert (gateway.ebgp_multihop, gateway.update_source) == (5, "Tunnel30")
    assert (gateway.route_map_in, gateway.weight) == ("top-in", 5)
    assert (gateway.keepalive, gateway.hold_time) == (20, 60)
    core = neighbor(config, None, "192.0.2.9")
    assert (core.remote_as, core.update_source, core.prefix_list_in) == (65546, "Loopback0", "CORE-IN")
    assert core.activated


def test_a_later_no_undoes_a_setting() -> None:
    text = CONFIG.replace("  neighbor 192.0.2.9 activate\n exit", "  no neighbor 192.0.2.9 activate\n exit", 1)
    assert not neighbor(read(text), None, "192.0.2.9").activated


def test_static_routes() -> None:
    default, to_gateway, through, across = read().static_routes
    assert (default.vrf, str(default.prefix), str(default.next_hop)) == (None, "0.0.0.0/0", "192.0.2.254")
    assert (to_gateway.vrf, to_gateway.interface, to_gateway.next_hop) == ("30", "Tunnel30", None)
    assert (to_gateway.distance, to_gateway.name, to_gateway.track) == (250, "to", 7)
    assert (through.interface, str(through.next_hop)) == ("TenGigabitEthernet0/0/0.300", "192.168.30.18")
    assert (through.distance, through.tag, through.permanent) == (1, 9, True)
    assert across.global_next_hop


def test_the_crypto_chain_without_keys() -> None:
    crypto = read().crypto
    profile = crypto.ipsec_profile("IP")
    assert profile is not None
    assert (profile.transform_sets, profile.ikev2_profile, profile.pfs_group) == (("TS",), "PR", "group14")
    assert (profile.lifetime_seconds, profile.lifetime_kilobytes) == (27000, 0)
    assert crypto.transform_sets[0].transforms == ("esp-aes 256", "esp-sha256-hmac")
    ike = crypto.ikev2_profile("PR")
    assert ike is not None
    assert (ike.keyring, ike.front_vrf, ike.lifetime, ike.dpd_interval) == ("K1", "any", 28800, 10)
    assert ike.remote_identities == ("address 52.168.162.84 255.255.255.255",)
    assert (ike.local_authentication, ike.remote_authentication) == ("pre-share", ("pre-share",))
    peer = crypto.peer_key("K1", ip_address("52.168.162.84"))
    assert peer is not None
    assert peer.has_local_key
    assert peer.has_remote_key
    half = crypto.keyrings[0].peers[1]
    assert (half.has_local_key, half.has_remote_key) == (False, True)
    assert crypto.proposals[0].groups == (14, 2)
    assert crypto.policies[0].local_addresses == ("66.198.12.106",)
    assert crypto.peer_key("absent", ip_address("52.168.162.84")) is None


@given(st.integers(0, len(CONFIG) - 1))
def test_a_cut_is_never_a_shorter_configuration(length: int) -> None:
    cut = CONFIG[:length]
    if cut.rstrip() == CONFIG.rstrip():
        assert read(cut) == read()
        return
    with pytest.raises(ParseError):
        read(cut)


def test_without_its_start_it_is_not_whole_and_without_its_end_it_is_refused() -> None:
    headless = CONFIG.split("bytes\n", 1)[1]
    assert not read(headless).whole
    with pytest.raises(ParseError) as caught:
        read(CONFIG.removesuffix("end\n"))
    assert caught.value.cause == "cut-off"
    with pytest.raises(ParseError):
        read("hello\nworld\n")


def test_a_part_is_not_whole() -> None:
    (record,) = parse(CONFIG, SOURCE, part="30").records
    assert not record.whole


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("remote-as 12076", "remote-as twelve"),
        ("0.0.0.0 0.0.0.0 192.0.2.254", "0.0.0.0 0.0.0.0"),
        ("ip route vrf 30 10.9.0.0 255.255.0.0", "ip route vrf 30 10.9.0.0 255.0.255.0"),
        ("^C\n!\nline", "!\nline"),
        ("line con 0", "end\nline con 0"),
    ],
)
def test_what_cannot_be_read_is_an_error(old: str, new: str) -> None:
    assert old in CONFIG
    with pytest.raises(ParseError):
        read(CONFIG.replace(old, new))


def test_line_ends_and_a_prompt_do_not_matter() -> None:
    assert (
        read("edge-1#show running-config\r\n" + CONFIG.replace("\n", "\r\n") + "\r\nedge-1#").interfaces[0].vrf == "30"
    )


@pytest.mark.parametrize(
    ("address", "length"),
    [("0.0.0.0", 0), ("10.0.0.0", 8), ("127.0.0.0", 8), ("128.0.0.0", 16), ("191.255.0.0", 16), ("192.0.0.0", 24)],
)
def test_a_network_without_a_mask_is_classful(address: str, length: int) -> None:
    config = read(CONFIG.replace("network 10.0.0.0\n", f"network {address}\n"))
    assert config.bgp is not None
    assert config.bgp.networks[0] == (None, IPv4Network(f"{address}/{length}"))
