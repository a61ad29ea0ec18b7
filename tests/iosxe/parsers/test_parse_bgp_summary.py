"""`show bgp … summary`."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest
from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.iosxe.parsers import bgp_summary
from pytest_azinterop.state.bgp_detail import BgpSummary

HEAD = """BGP router identifier 192.168.30.17, local AS number 65021
BGP table version is 41, main routing table version 41
6 network entries using 1536 bytes of memory
9 path entries using 1224 bytes of memory
4/3 BGP path/bestpath attribute entries using 1152 bytes of memory
BGP using 4432 total bytes of memory
5 received paths for inbound soft reconfiguration
BGP activity 20/12 prefixes, 31/20 paths, scan interval 60 secs

Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
"""
ROWS = """10.10.30.254    4        65515     619     695       41    0    0 05:07:37        4
192.168.30.18   4        12076 1336020  643377       41    0    0 8w0d            2
192.168.30.22   4    1.10          0       0        1    0    0 never    Idle (Admin)
*10.9.9.9       4 4200000001      46      46       41    0    0 00:36:42 Active
2001:DB8:1111:2222::3
                4        65001      46      46       41    0    0 00:36:42 Idle (PfxCt)
"""


def read(text: str) -> tuple[BgpSummary, ...]:
    return bgp_summary.parse(text, SOURCE).records


def test_a_summary() -> None:
    (summary,) = read(HEAD + ROWS)
    assert (summary.local_as, summary.table_version, summary.family) == (65021, 41, None)
    up, other, shut, dynamic, wrapped = summary.neighbors
    assert (up.state, up.accepted_prefixes, up.in_state_for) == (
        "Established",
        4,
        timedelta(hours=5, minutes=7, seconds=37),
    )
    assert (other.is_established, other.messages_received) == (True, 1336020)
    assert (shut.state, shut.shutdown, shut.remote_as, shut.in_state_for) == ("Idle", True, 65546, None)
    assert (dynamic.dynamic, dynamic.state, dynamic.accepted_prefixes) == (True, "Active", None)
    assert (wrapped.address, wrapped.state, wrapped.shutdown) == (ip_address("2001:db8:1111:2222::3"), "Idle", False)
    assert wrapped.source.lines == (15, 16)


def test_families_are_kept_apart_and_empty_ones_have_no_record() -> None:
    text = "For address family: IPv4 Unicast\n\n" + "For address family: VPNv4 Unicast\n" + HEAD + ROWS
    (summary,) = read(text + "\nFor address family: VPNv6 Unicast\n")
    assert (summary.family, len(summary.neighbors)) == ("VPNv4 Unicast", 5)


def test_nothing_is_printed_without_a_neighbor() -> None:
    assert bgp_summary.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(read, "", "does not say")


@pytest.mark.parametrize("text", [HEAD, HEAD.split("\n", maxsplit=1)[0] + "\n"])
def test_a_head_without_its_neighbors_was_cut(text: str) -> None:
    refuses(read, text, "without all its neighbors")


def test_a_process_without_neighbors_prints_its_head_only() -> None:
    (summary,) = read("".join(line + "\n" for line in HEAD.splitlines()[:2]))
    assert (summary.local_as, summary.neighbors) == (65021, ())


def test_a_state_that_bgp_does_not_have_is_refused() -> None:
    refuses(read, HEAD + ROWS.replace("Active", "Acti"), "a state")


def test_cuts_are_seen() -> None:
    assert_cuts_are_seen(lambda text: [row for summary in read(text) for row in summary.neighbors], HEAD + ROWS)


@pytest.mark.parametrize("noise", ["ce1#", "10.1.1.1", "10.1.1.1 4 65001", "% Error"])
def test_noise_is_refused(noise: str) -> None:
    assert_noise_is_refused(read, HEAD + ROWS, noise)
