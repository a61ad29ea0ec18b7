"""What discovery says beside paths: IPv6, BFD, communities, what the site is told, time and archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

import pytest
from contact.test_proposal import (
    AZURE,
    GATEWAY,
    HOST,
    LAN,
    MSEE,
    OWN,
    Facts,
    place,
    proposed,
    seen,
)
from verify.verify_records import ER, VRF, config, config_with, path, routes, source

from pytest_azinterop.contact import communities, sightings, typed
from pytest_azinterop.contact.proposal import Proposal, propose
from pytest_azinterop.contact.typed import Typed
from pytest_azinterop.intent.models import Network
from pytest_azinterop.state.adjacency import BfdNeighbor, OspfNeighbor
from pytest_azinterop.state.operations import ConfigArchive, NtpAssociation, NtpStatus
from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable

MSEE_6 = replace(MSEE, address=ip_address("2001:db8:9::2"), local_address=ip_address("2001:db8:9::1"))
FULL = OspfNeighbor(
    IPv4Address("10.7.0.2"), 1, "FULL", "DR", timedelta(seconds=30), IPv4Address("10.7.0.2"), LAN.name,
    source=source("show ip ospf neighbor"),
)  # fmt: skip


def detection(**changes: Any) -> BfdNeighbor:
    usual: dict[str, Any] = {
        "minimum_transmit": 300000,
        "minimum_receive": 300000,
        "received_minimum_transmit": 300000,
        "received_minimum_receive": 300000,
        "multiplier": 3,
        "received_multiplier": 3,
        "clients": ("BGP",),
    }
    common = (ER.neighbor, ER.local_address, 1, 2, "Up", "Up", str(ER.interface))
    return replace(BfdNeighbor(*common, source=source("show bfd neighbors"), **usual), **changes)


def route(prefix: str, code: str) -> RibRoute:
    interface = NextHop(None, str(ER.interface))
    return RibRoute(VRF, ip_network(prefix), code, code, None, None, (interface,), source=source("show ipv6 route"))


RIB_6 = RoutingTable(
    VRF, None, (route("2001:db8:9::/126", "C"), route("2001:db8:9::1/128", "L")), source=source("show ipv6 route")
)
DUAL: dict[str, Any] = {
    "rib_ipv6": [RIB_6],
    "bgp_neighbors_ipv6": [MSEE_6],
}


def dual(changes: dict[Any, Any] | None = None) -> Proposal:
    facts = Facts(**DUAL)
    facts.given.update(changes or {})
    far = MSEE_6.address
    facts.given["advertised_routes_ipv6", str(far)] = [routes("advertised", far, [path("2001:db8:7::/64")])]
    for view in ("received", "accepted"):
        facts.given[f"{view}_routes_ipv6", str(far)] = [routes(view, far, [path("2001:db8:60::/56")])]
    return propose([sightings.router(HOST, facts)], Typed())


def test_ipv6_stands_on_the_path_whose_interface_it_shares() -> None:
    proposal = dual()
    (entry,) = place(proposal)["expressroute"]
    assert entry["ipv6"] == "2001:db8:9::/126"
    assert place(proposal)["prefixes"] == [OWN, "2001:db8:7::/64"]
    assert len(proposal.tree["circuits"]) == 1


def test_a_network_that_ipv4_alone_brings_is_still_the_tunnels() -> None:
    (connection,) = dual().tree["connections"].values()
    (circuit,) = dual().tree["circuits"].values()
    assert len(connection["networks"]) == 1
    assert set(connection["networks"]) < set(circuit["networks"])


def test_ipv6_timers_are_said_where_they_are_not_those_of_the_path() -> None:
    faster = replace(MSEE_6, hold_time=30, keepalive=10)
    (entry,) = place(dual({"bgp_neighbors_ipv6": [faster]}))["expressroute"]
    assert entry["ipv6"] == {"subnet": "2001:db8:9::/126", "hold_time": 30, "keepalive": 10}


def test_ipv6_whose_own_address_is_not_known_is_asked_about() -> None:
    proposal = dual({"rib_ipv6": [replace(RIB_6, routes=())], ("forwarding", str(MSEE_6.address)): []})
    assert all("ipv6" not in entry for entry in place(proposal)["expressroute"])
    assert any(str(MSEE_6.address) in question for question in proposal.questions)


@pytest.mark.parametrize(
    ("changes", "block"),
    [
        ({}, True),
        ({"multiplier": 5, "received_multiplier": 5}, {"required": True, "multiplier": 5}),
        (
            {"minimum_transmit": 500000, "minimum_receive": 500000},
            {"required": True, "interval": 500},
        ),
        ({"received_multiplier": 5}, True),
        ({"state": "Down"}, None),
        ({"clients": ("OSPF",)}, None),
    ],
)
def test_bfd_that_runs_is_proposed(changes: dict[str, Any], block: object) -> None:
    neighbors = [replace(MSEE, bfd_configured=True), GATEWAY]
    proposal = proposed(bgp_neighbors=neighbors, bfd_neighbors=[detection(**changes)])
    (circuit,) = proposal.tree["circuits"].values()
    assert circuit.get("bfd") == block
    doubted = block is None or ("received_multiplier" in changes and "multiplier" not in changes)
    assert any("BFD" in question for question in proposal.questions) == doubted


def test_bfd_that_the_defaults_require_is_not_said_again() -> None:
    neighbors = [replace(MSEE, bfd_configured=True), GATEWAY]
    intent = Typed({"defaults": {"bfd": True}})
    proposal = proposed(intent, bgp_neighbors=neighbors, bfd_neighbors=[detection()])
    assert all("bfd" not in circuit for circuit in proposal.tree["circuits"].values())


def test_no_bfd_is_proposed_where_none_is() -> None:
    assert all("bfd" not in circuit for circuit in proposed().tree["circuits"].values())


# What the site is told ------------------------------------------------------------------------------------------------

OSPF = "router ospf 12 vrf blue\n redistribute bgp 64900 subnets route-map TOLD\n network 10.7.0.0 0.0.0.127 area 0\n"
MAP = "route-map TOLD permit 10\n!\n"


def lan(text: str) -> tuple[dict[str, Any], Proposal]:
    whole = config_with("!\nend", f"!\n{text}end")
    proposal = proposed(ospf_neighbors=[FULL], running_config=[whole])
    (entry,) = place(proposal)["lan"]
    return entry, proposal


def test_what_ospf_tells_the_site_is_proposed() -> None:
    entry, proposal = lan(MAP + OSPF)
    assert entry["ospf"] == {"redistributes": True, "route_map": "TOLD", "default_route": "none"}
    assert not any("ospf" in question for question in proposal.questions)


def test_an_undefined_route_map_is_asked_about() -> None:
    entry, proposal = lan(OSPF)
    assert entry["ospf"] == {"default_route": "none"}
    assert any("TOLD, which is undefined" in question for question in proposal.questions)


def test_a_default_route_that_never_ends_is_asked_about() -> None:
    entry, proposal = lan(MAP + OSPF + " default-information originate always\n")
    assert entry["ospf"]["default_route"] == "always"
    assert any("a default route always" in question for question in proposal.questions)


def test_ospf_without_a_full_neighbor_is_no_ospf() -> None:
    (entry,) = place(proposed(ospf_neighbors=[replace(FULL, state="INIT")]))["lan"]
    assert "ospf" not in entry
    (entry,) = place(proposed())["lan"]
    assert "ospf" not in entry


def test_without_the_whole_configuration_the_adjacency_alone_is_said() -> None:
    hidden = replace(config(), hidden=True)
    tree = proposed(ospf_neighbors=[FULL], running_config=[hidden]).tree
    ((entry,),) = [at["lan"] for each in tree["customers"].values() for at in each["sites"].values() if "lan" in at]
    assert entry["ospf"] is True


# Upkeep ---------------------------------------------------------------------------------------------------------------


def server(address: str = "192.0.2.1", **changes: Any) -> NtpAssociation:
    usual = NtpAssociation(address, ".GPS.", 1, 255, "*", True, source=source("show ntp associations"))
    return replace(usual, **changes)


STATUS = NtpStatus(True, 2, "192.0.2.1", 0.5, source=source("show ntp status"))


def kept(next_file: str = "bootflash:archive-1") -> ConfigArchive:
    return ConfigArchive(True, 10, next_file, (), None, source=source("show archive"))


def test_time_and_archive_of_all_routers_are_defaults() -> None:
    proposal = proposed(ntp_status=[STATUS], ntp_associations=[server()], archive=[kept()])
    assert proposal.tree["defaults"] == {
        "ntp": {"servers": ["192.0.2.1"]},
        "archive": {"path": "bootflash:", "maximum": 10},
    }


def test_what_the_defaults_say_is_not_said_again_for_a_router() -> None:
    intent = Typed({"defaults": {"ntp": {"offset_ms": 20}}})
    proposal = proposed(intent, ntp_status=[STATUS], ntp_associations=[server()])
    assert "ntp" not in str(proposal.tree)


def test_routers_that_differ_are_said_one_by_one() -> None:
    facts = Facts(ntp_status=[STATUS], ntp_associations=[server("192.0.2.9")], version=[])
    other = sightings.router("edge-b", facts)
    proposal = propose([seen(ntp_status=[STATUS], ntp_associations=[server()]), other], Typed())
    routers = {name: block.get("ntp") for name, block in proposal.tree["routers"].items()}
    assert routers == {"edge-a": {"servers": ["192.0.2.1"]}, "edge-b": {"servers": ["192.0.2.9"]}}


@pytest.mark.parametrize(
    ("status", "servers", "words"),
    [
        (STATUS, [server(), server("192.0.2.2", reach=0, mark=None)], "192.0.2.2 does not answer"),
        (replace(STATUS, synchronized=False), [server()], "not synchronised"),
        (STATUS, [server(configured=False)], "no time server is configured"),
        (STATUS, [server("time.example.net")], "are no addresses"),
    ],
)
def test_time_that_is_not_well_is_asked_about(status: NtpStatus, servers: list[NtpAssociation], words: str) -> None:
    proposal = proposed(ntp_status=[status], ntp_associations=servers)
    assert "ntp" not in str(proposal.tree)
    assert any(words in question for question in proposal.questions)


def test_an_archive_elsewhere_is_not_local_and_one_that_is_off_is_asked_about() -> None:
    assert proposed(archive=[kept("scp://192.0.2.4/x-1")]).tree["defaults"]["archive"]["local"] is False
    off = proposed(archive=[replace(kept(), enabled=False)])
    assert any("keeps no earlier configurations" in question for question in off.questions)


# Communities ----------------------------------------------------------------------------------------------------------


def test_only_microsofts_communities_count_in_any_format() -> None:
    texts = ("12076:51004", "791462726", "65000:1", "no-export", "1:2:3")
    assert list(communities.spelled(texts)) == ["12076:51004", f"12076:{791462726 - (12076 << 16)}"]


def test_a_prefix_that_was_not_read_leaves_nothing_to_say() -> None:
    one, other = ip_network("10.60.0.0/24"), ip_network("10.61.0.0/24")
    both = {one: frozenset({"12076:51004", "12076:20001"}), other: frozenset({"12076:51004"})}
    assert communities.shared([one, other], [both]) == ("12076:51004",)
    assert communities.shared([one, other], [{one: both[one]}]) == ()
    assert communities.shared([one], [both, {one: frozenset()}]) == ()
    assert communities.shared([], [both]) == ()


@pytest.mark.parametrize(
    ("block", "added"),
    [({"exactly": [AZURE]}, ["12076:51004"]), ([AZURE], None), ({"exactly": [AZURE], "communities": ["1:2"]}, None)],
)
def test_communities_join_a_block_that_can_take_them(
    monkeypatch: pytest.MonkeyPatch, block: object, added: list[str] | None
) -> None:
    monkeypatch.setattr(
        "pytest_azinterop.contact.proposal_path.of_prefixes",
        lambda *_: {ip_network(AZURE): frozenset({"12076:51004"})},
    )
    declared = Typed({"networks": {"core": block}}, {"core": Network.model_validate(block)})
    proposal = proposed(declared)
    assert proposal.tree.get("networks", {}).get("core", {}).get("communities") == added
    assert any("come over ExpressRoute with" in each for each in proposal.questions) == isinstance(block, list)
    assert typed.without(proposal.tree, declared.tree) == proposal.tree
