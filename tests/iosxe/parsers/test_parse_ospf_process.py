"""`show ip ospf`: processes with what they redistribute."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.cutting import assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.iosxe.parsers import ospf_process
from pytest_azinterop.state.ospf import OspfProcess, Redistribution

AREAS = """ Number of external LSA 2. Checksum Sum 0x005C4C
 Number of areas in this router is 1. 1 normal 0 stub 0 nssa
 Number of areas transit capable is 0
 External flood list length 0
    Area BACKBONE(0)
        Number of interfaces in this area is 1
        Area has no authentication
        SPF algorithm last executed 1w2d ago
        Area ranges are
        Number of LSA 4. Checksum Sum 0x01A2B3
"""
VRF = (
    """ Routing Process "ospf 30" with ID 10.2.30.253
   Domain ID type 0x0005, value 0.0.0.30
 Start time: 00:00:10.012, Time elapsed: 1w2d
 Supports only single TOS(TOS0) routes
 Connected to MPLS VPN Superbackbone, VRF blue
 It is an area border and autonomous system boundary router
 Redistributing External Routes from,
    connected with metric mapped to 10
    bgp 64900 with metric mapped to 20, includes subnets in redistribution
    Maximum limit of redistributed prefixes 10240 (warning-only)
    Threshold for warning message 75%
 Router is not originating router-LSAs with maximum metric
"""
    + AREAS
)
DEFAULT_ALONE = (
    """ Routing Process "ospf 7" with ID 10.7.0.1
 Routing Process is shutdown
 It is an autonomous system boundary router
 Redistributing External Routes from,
 Router is not originating router-LSAs with maximum metric
"""
    + AREAS
)


def read(text: str) -> tuple[OspfProcess, ...]:
    return ospf_process.parse(text, SOURCE).records


def test_a_process_of_a_vrf() -> None:
    (record,) = read(VRF)
    assert (record.number, record.router_id, record.vrf) == (30, IPv4Address("10.2.30.253"), "blue")
    assert (record.shutdown, record.border) == (False, True)
    assert record.redistributed == (
        Redistribution("connected", None, False, 10),
        Redistribution("bgp", "64900", True, 20),
    )
    assert "Supports only single TOS(TOS0) routes" in record.unread


def test_a_default_route_alone_has_nothing_in_the_list() -> None:
    first, second = read(DEFAULT_ALONE + "\n" + VRF)
    assert (first.number, first.vrf, first.shutdown, first.border, first.redistributed) == (7, None, True, True, ())
    assert second.redistributed != ()


@pytest.mark.parametrize("instead", ["", " Routing Process is something else of this release\n"])
def test_a_process_that_does_not_name_its_vrf_has_none(instead: str) -> None:
    """As with `capability vrf-lite`; a line about the process is not the head of another one."""
    (record,) = read(VRF.replace(" Connected to MPLS VPN Superbackbone, VRF blue\n", instead))
    assert (record.vrf, record.shutdown, record.border) == (None, False, True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("static, includes subnets in redistribution", Redistribution("static", None, True)),
        ("eigrp 10, includes subnets in redistribution, nssa areas only", Redistribution("eigrp", "10", True)),
        ("bgp 65000.1", Redistribution("bgp", "65000.1", False)),
        ("isis CORE with metric mapped to 5", Redistribution("isis", "CORE", False, 5)),
    ],
)
def test_sources_of_redistribution(line: str, expected: Redistribution) -> None:
    (record,) = read(DEFAULT_ALONE.replace("Routes from,\n", f"Routes from,\n    {line}\n"))
    assert record.redistributed == (expected,)


def test_what_is_no_source_is_refused() -> None:
    refuses(read, VRF.replace("connected with", "something with"), "not a source of redistributed routes")
    refuses(read, "something\n", "not a line of an OSPF process")
    refuses(read, ' Routing Process "ospfv3 1" with ID 1.1.1.1\n', "not a line of an OSPF process")


@given(st.integers(1, VRF.index(" Number of areas in") - 1))
def test_a_process_that_stops_before_its_areas_is_refused(cut: int) -> None:
    refuses(read, VRF[:cut], "show something")


def test_a_foreign_line_in_the_list_is_refused() -> None:
    assert_noise_is_refused(lambda text: [record.redistributed for record in read(text)], VRF, "    ce1#")


def test_without_a_process_the_router_prints_nothing() -> None:
    assert COMMANDS["ospf_processes"].read("", SOURCE).records == ()
    refuses(read, "\n", "show something")
