"""OSPF neighbors and BFD sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE, corpus

from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.iosxe.parsers import bfd, ospf_neighbor
from pytest_azinterop.state.adjacency import BfdNeighbor, OspfNeighbor

OSPF_HEADER = "\nNeighbor ID     Pri   State           Dead Time   Address         Interface\n"
OSPF = (
    OSPF_HEADER + "10.0.0.2          1   FULL/BDR        00:00:39    10.2.30.2       TenGigabitEthernet0/0/1.30\n"
    "10.0.0.3          0   FULL/  -        00:00:31    10.2.30.6       Tunnel9\n"
    "10.0.0.4          1   2WAY/DROTHER       -        10.2.30.3       TenGigabitEthernet0/0/1.30\n"
)
BFD = """
IPv4 Sessions
NeighAddr                              LD/RD         RH/RS     State     Int
192.168.30.18                        4097/2          Up        Up        Te0/0/0.300
Session state is UP and using echo function with 500 ms interval.
Session Host: Software
OurAddr: 192.168.30.17
Handle: 1
Local Diag: 0, Demand mode: 0, Poll bit: 0
MinTxInt: 300000, MinRxInt: 300000, Multiplier: 3
Received MinRxInt: 300000, Received Multiplier: 3
Holddown (hits): 0(0), Hello (hits): 300(7034)
Rx Count: 7046, Rx Interval (ms) min/max/avg: 1/1004/880 last: 400 ms ago
Tx Count: 7037, Tx Interval (ms) min/max/avg: 1/1012/878 last: 452 ms ago
Elapsed time watermarks: 0 0 (last: 0)
Registered protocols: BGP CEF
Uptime: 1d02h
Last packet: Version: 1                  - Diagnostic: 0
             State bit: Up               - Demand bit: 0
             Poll bit: 0                 - Final bit: 0
             C bit: 0
             Multiplier: 3               - Length: 24
             My Discr.: 2                - Your Discr.: 4097
             Min tx interval: 300000     - Min rx interval: 300000
             Min Echo interval: 500000
"""
DOWN = BFD.replace("Up        Up", "Down      Down").replace("Uptime: 1d02h", "Downtime: 00:10:01")


def neighbors(text: str) -> tuple[OspfNeighbor, ...]:
    return ospf_neighbor.parse(text, SOURCE).records


def sessions(text: str) -> tuple[BfdNeighbor, ...]:
    return bfd.parse(text, SOURCE).records


def detailed(text: str) -> tuple[BfdNeighbor, ...]:
    return bfd.parse(text, replace(SOURCE, command="show bfd neighbors vrf 30 details")).records


def test_ospf_neighbors() -> None:
    first, second, third = neighbors(OSPF)
    assert (first.router_id, first.state, first.role, first.is_full) == (ip_address("10.0.0.2"), "FULL", "BDR", True)
    assert (first.interface, first.dead_in) == ("TenGigabitEthernet0/0/1.30", timedelta(seconds=39))
    assert (second.role, second.priority) == (None, 0)
    assert (third.state, third.is_full, third.dead_in) == ("2WAY", False, None)
    assert third.source.lines == (5, 5)


def test_no_ospf_neighbor() -> None:
    assert neighbors(OSPF_HEADER) == ()
    assert ospf_neighbor.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(neighbors, "", "header")
    refuses(neighbors, OSPF.split("\n", 2)[2], "header")


@given(st.sampled_from(["FULL", "2WAY", "INIT", "EXSTART"]), st.sampled_from(["DR", "BDR", "DROTHER", "  -"]))
def test_every_state_and_role(state: str, role: str) -> None:
    row = f"10.0.0.2          1   {state + '/' + role:<16}00:00:39    10.2.30.2       GigabitEthernet1\n"
    (record,) = neighbors(OSPF_HEADER + row)
    assert (record.state, record.role or "  -") == (state, role)


def test_bfd_with_details() -> None:
    (record,) = sessions(BFD)
    assert (record.neighbor, record.local_address) == (ip_address("192.168.30.18"), ip_address("192.168.30.17"))
    assert (record.state, record.is_up, record.interface) == ("Up", True, "TenGigabitEthernet0/0/0.300")
    assert (record.local_discriminator, record.remote_discriminator, record.local_diagnostic) == (4097, 2, 0)
    assert (record.minimum_transmit, record.minimum_receive, record.multiplier) == (300000, 300000, 3)
    assert (record.received_minimum_receive, record.received_minimum_transmit) == (300000, 300000)
    assert (record.received_multiplier, record.received_diagnostic) == (3, 0)
    assert (record.echo_interval, record.hardware, record.clients) == (500000, False, ("BGP", "CEF"))
    assert (record.up_for, record.down_for, record.unread) == (timedelta(days=1, hours=2), None, ())


# Per real answer, and in its order: neighbor, state, what both sides send (us), multiplier, clients, time in the state.
REAL = {
    "genie_iosxe_ShowBfdNeighborsDetails_golden_output_2": [
        ("10.169.197.94", "Up", 1_000_000, 1_000_000, 6, "OSPF CEF", "0:28:03")
    ],
    "genie_iosxe_ShowBfdNeighborsDetails_golden_output_4": [
        ("fe80::250:56ff:fe8d:f8bb", "Up", 500_000, 500_000, 6, "OSPFv3 CEF", "0:01:42")
    ],
    "ntc_cisco_ios_show_bfd_neighbors_details-echo-mode": [
        ("10.103.45.4", "Up", 1_000_000, 1_000_000, 3, "OSPF CEF", "19:03:41"),
        ("192.168.100.3", "Down", 1_000_000, 500_000, 3, "NHRP CEF", "2:11:53"),
    ],
    "ntc_cisco_ios_show_bfd_neighbors_details": [
        (f"172.16.{last}", "Up", 1_000_000, 1_000_000, 3, "OSPF", time)
        for last, time in (
            ("2.60", "1:43:20"),
            ("1.28", "1 day, 2:00:00"),
            ("2.12", "2 days, 0:00:00"),
            ("2.92", "1 day, 23:00:00"),
            ("2.84", "1 day, 23:00:00"),
            ("2.76", "2 days, 0:00:00"),
        )
    ],
}


def test_every_real_answer_is_read_exactly() -> None:
    files = {path.stem: path for path in corpus("bfd") if path.suffix == ".txt"}
    if not files:
        pytest.skip("the corpus of real router output is not here (AZINTEROP_CORPUS)")
    assert files.keys() == REAL.keys()
    for name, expected in REAL.items():
        records = COMMANDS["bfd_neighbors"].read(files[name].read_text(), SOURCE).records
        read = [
            (
                str(each.neighbor),
                each.state,
                each.minimum_transmit,
                each.received_minimum_transmit,
                each.received_multiplier,
                " ".join(each.clients),
                str(each.up_for or each.down_for),
            )
            for each in records
        ]
        assert read == expected
        assert all(each.unread == () and each.received_diagnostic == 0 for each in records)


def test_a_session_that_is_down() -> None:
    up, down = sessions(BFD + DOWN.replace("192.168.30.18", "192.168.31.18"))
    assert (up.is_up, down.is_up, down.down_for) == (True, False, timedelta(minutes=10, seconds=1))
    assert down.neighbor == ip_address("192.168.31.18")


def test_the_short_table_in_the_layouts_of_the_releases() -> None:
    old = (
        "OurAddr       NeighAddr     LD/RD  RH/RS  Holddown(mult)  State     Int\n"
        "172.16.2.57   172.16.2.60    34/34    Up        0    (3 )   Up        Gi0/2.116\n"
        "10.1.1.1      10.1.1.2        1/0     0         0    (3 )   Down      Gi0/3\n"
    )
    first, second = sessions(old)
    assert (first.local_address, first.interface) == (ip_address("172.16.2.57"), "GigabitEthernet0/2.116")
    assert (second.remote_heard, second.is_up, second.multiplier) == ("0", False, None)
    wrapped = (
        "IPv6 Sessions\nNeighAddr                              LD/RD         RH/RS     State     Int\n"
        "2001:DB8:1111:2222:3333:4444:5555:6666\n"
        "                                        1/17         Up        Up        Gi2\n"
    )
    (record,) = sessions(wrapped)
    assert str(record.neighbor) == "2001:db8:1111:2222:3333:4444:5555:6666"


def test_no_bfd_session() -> None:
    assert sessions("IPv4 Sessions\n") == ()
    assert bfd.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(sessions, "", "does not say")


def test_cuts_are_seen() -> None:
    assert_cuts_are_seen(detailed, BFD + DOWN)
    assert_cuts_are_seen(neighbors, OSPF)


@pytest.mark.parametrize("noise", ["ce1#", "192.168.30.99", "  -", "10.0.0.9          1   FULL"])
def test_noise_is_refused(noise: str) -> None:
    assert_noise_is_refused(sessions, BFD, noise)
    assert_noise_is_refused(neighbors, OSPF, noise)


def test_a_line_about_a_session_that_is_not_known_is_kept() -> None:
    (record,) = sessions(BFD.replace("Session Host: Software\n", "Session Host: Software\nSomething newer: 7\n"))
    assert record.unread == ("Something newer: 7",)
