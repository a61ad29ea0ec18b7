from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers.bgp_neighbors import parse
from pytest_azinterop.state.bgp import BgpNeighbor, LastReset, MaximumPrefix

UP = """BGP neighbor is 192.168.30.18,  vrf 30,  remote AS 12076, external link
 Description: MSEE, BGP state = Idle
  BGP version 4, remote router ID 192.168.30.18
  BGP state = Established, up for 1w2d
  Last read 00:00:07, last write 00:00:11, hold time is 180, keepalive interval is 60 seconds
  Configured hold time is 200, keepalive interval is 70 seconds
  Neighbor sessions:
    1 active, is not multisession capable (disabled)
  Message statistics:
    InQ depth is 0

                         Sent       Rcvd
    Opens:                  1          1
    Total:                 42         57
  Do log neighbor state changes (via global configuration)
  Default minimum time between advertisement runs is 0 seconds

 For address family: VPNv4 Unicast
  Translates address family IPv4 Unicast for VRF 30
  Session: 192.168.30.18
  Inbound soft reconfiguration allowed
  NEXT_HOP is always this router for eBGP paths
  Outgoing update prefix filter list is OUT-LIST
  Incoming update AS path filter list is 7
  Route map for incoming advertisements is PREFER
  Default weight 40
  A line of a later release
                                 Sent       Rcvd
  Prefix activity:               ----       ----
    Prefixes Current:               1          4 (Consumes 544 bytes)
    Prefixes Total:                 9          9
                                   Outbound    Inbound
  Local Policy Denied Prefixes:    --------    -------
    Total:                                3          5
  Maximum prefixes allowed 4000 (warning-only)
  Threshold for warning message 80%
  Number of NLRIs in the update sent: max 1, min 0

  Address tracking is enabled, the RIB does have a route to 192.168.30.18
  Connections established 3; dropped 2
  Last reset 2w0d, due to Peer closed the session of session 1
  External BGP neighbor may be up to 2 hops away.
  Transport(tcp) path-mtu-discovery is enabled
Connection state is ESTAB, I/O status: 1, unread input bytes: 0
Local host: 192.168.30.17, Local port: 179
Foreign host: 192.168.30.18, Foreign port: 30321
Sent: 34 (retransmit: 0), with data: 16, total data bytes: 464
TCP Semaphore      0x7F5EB5B94CE0  FREE

"""

DOWN = """BGP neighbor is 10.10.30.254,  vrf 30,  remote AS 65515,  local AS 65100 no-prepend replace-as, external link
 Administratively shut down
  BGP version 4, remote router ID 0.0.0.0
  BGP state = Idle, down for 00:12:00
  Default minimum time between advertisement runs is 0 seconds

 For address family: VPNv4 Unicast
  Translates address family IPv4 Unicast for VRF 30
                                 Sent       Rcvd
    Prefixes Current:               0          0
  Connections established 0; dropped 0
  Last reset never
  External BGP neighbor not directly connected.
  No active TCP connection

"""


def read(text: str, **options: object) -> tuple[BgpNeighbor, ...]:
    return parse(text, SOURCE, vrf="30", **options).records  # type: ignore[arg-type]


def test_an_established_neighbor() -> None:
    (neighbor,) = read(UP)
    assert neighbor == BgpNeighbor(
        vrf="30",
        address=ip_address("192.168.30.18"),
        remote_as=12076,
        external=True,
        state="Established",
        shutdown=False,
        description="MSEE, BGP state = Idle",
        router_id=ip_address("192.168.30.18"),  # type: ignore[arg-type]
        in_state_for=timedelta(days=9),
        last_read=timedelta(seconds=7),
        last_write=timedelta(seconds=11),
        hold_time=180,
        keepalive=60,
        configured_hold_time=200,
        configured_keepalive=70,
        local_address=ip_address("192.168.30.17"),
        multihop=2,
        accepted_prefixes=4,
        sent_prefixes=1,
        soft_reconfiguration_inbound=True,
        route_map_in="PREFER",
        prefix_list_out="OUT-LIST",
        filter_list_in="7",
        weight=40,
        next_hop_self=True,
        maximum_prefix=MaximumPrefix(4000, 80, warning_only=True),
        connections_established=3,
        connections_dropped=2,
        last_reset=LastReset(timedelta(weeks=2), "Peer closed the session of session 1"),
        messages_sent=42,
        messages_received=57,
        unread=("A line of a later release",),
        source=SOURCE,
    )
    assert neighbor.source.lines == (1, UP.rstrip().count("\n") + 1)


def test_a_shut_neighbor_keeps_its_own_values_and_inherits_none() -> None:
    first, second = read(UP + DOWN)
    assert first.address != second.address
    assert (second.state, second.shutdown, second.local_as, second.multihop) == ("Idle", True, 65100, 255)
    assert (second.in_state_for, second.hold_time, second.local_address, second.description) == (None,) * 4
    assert (second.router_id, second.route_map_in, second.maximum_prefix) == (None, None, None)
    assert second.last_reset == LastReset(None, None)


def test_a_session_that_is_closing_beside_its_successor_is_not_established() -> None:
    text = (
        UP.replace("  BGP state = Established, up for 1w2d\n", "  Session state = Closing\n")
        .replace("  Message statistics:\n", "  Message statistics for 192.168.30.18 active:\n")
        .replace(" Session: 192.168.30.18\n", " Session: 192.168.30.18 active\n")
        .replace("  Configured hold", "  BGP multisession with 2 sessions\n  Configured hold")
    )
    closing, other = read(text + UP.replace("192.168.30.18", "192.168.30.22"))
    assert (closing.state, closing.is_established, closing.in_state_for) == ("Closing", False, None)
    assert (closing.accepted_prefixes, closing.messages_sent) == (4, None)
    assert other.messages_sent == 42


def test_dynamic_ipv6_and_asdot_neighbors() -> None:
    for printed, address in (("*10.0.0.9", "10.0.0.9"), ("2001:DB8::9", "2001:db8::9")):
        text = UP.replace("is 192.168.30.18,  vrf", f"is {printed},  vrf").replace("AS 12076", "AS 1.10")
        (neighbor,) = read(text.replace("VPNv4", "VPNv6") if ":" in printed else text)
        assert (neighbor.address, neighbor.remote_as) == (ip_address(address), 65546)


def test_counts_come_from_the_neighbors_own_family() -> None:
    other = (
        " For address family: IPv4 MDT\n    Prefixes Current:   90   91\n  Route map for incoming advertisements is X\n"
    )
    for at in (" For address family: VPNv4", "  Address tracking"):
        (neighbor,) = read(UP.replace(at, other + at))
        assert (neighbor.accepted_prefixes, neighbor.route_map_in) == (4, "PREFER")


def test_the_all_form_has_its_families_above_the_blocks() -> None:
    start, end = UP.index(" For address family"), UP.index("  Address tracking")
    text = "For address family: VPNv4 Unicast\n" + UP[:start] + UP[end:] + "For address family: IPv4 Multicast\n"
    (neighbor,) = parse(text, SOURCE).records
    assert (neighbor.vrf, neighbor.accepted_prefixes) == ("30", None)


def test_no_neighbor_prints_nothing() -> None:
    assert read("", may_be_empty=True) == ()
    with pytest.raises(ParseError):
        read("")
    with pytest.raises(ParseError, match="not in VRF 30"):
        read(UP.replace("vrf 30", "vrf 31"))


@pytest.mark.parametrize(
    "without",
    [
        "  BGP state = Established, up for 1w2d\n",
        "  Last read 00:00:07, last write 00:00:11, hold time is 180, keepalive interval is 60 seconds\n",
        "  Connections established 3; dropped 2\n",
        "  Last reset 2w0d, due to Peer closed the session of session 1\n",
        " For address family: VPNv4 Unicast\n",
        "BGP neighbor is 192.168.30.18,  vrf 30,  remote AS 12076, external link\n",
    ],
)
def test_a_block_without_a_line_that_every_block_has_is_refused(without: str) -> None:
    assert without in UP
    with pytest.raises(ParseError):
        read(UP.replace(without, "") + DOWN)


def test_blocks_that_run_into_each_other_are_refused() -> None:
    boundary = UP.index("Connection state is")
    merged = UP[:boundary] + DOWN[DOWN.index("  BGP state = Idle") :]
    with pytest.raises(ParseError, match="second value"):
        read(merged)
    with pytest.raises(ParseError):
        read(UP.rstrip() + " " + DOWN)
    first, rest = UP.split("\n", 1)
    with pytest.raises(ParseError, match="inside another line"):
        read(f"{first}\n  Prefix advertised BGP neighbor is 10.0.0.1\n{rest}")
    (named,) = read(UP.replace("Description: MSEE,", "Description: BGP neighbor is the MSEE,"))
    assert named.address == ip_address("192.168.30.18")


@settings(max_examples=300)
@given(st.integers(0, len(UP + DOWN) - 1))
def test_a_cut_is_refused_unless_it_falls_between_blocks(cut: int) -> None:
    try:
        records = read((UP + DOWN)[:cut])
    except ParseError:
        return
    whole = read(UP + DOWN)
    assert records == whole[: len(records)]
    # The router ends the answer with its prompt: a cut between blocks is the driver's to notice, and only that one.
    # The last lines of a block hold nothing that is read.
    assert (UP + DOWN)[:cut].rstrip() in ((UP + DOWN).rstrip(), UP.rstrip()) or UP[:cut].count(
        "total data bytes: "
    ) == 1


@pytest.mark.parametrize(
    ("address", "own", "other"),
    [("192.168.30.18", "IPv4", "IPv6"), ("2001:db8::12", "IPv6", "IPv4")],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_several_families_the_neighbors_own_kind_is_read(address: str, own: str, other: str, first: bool) -> None:
    """A session of one kind may carry the prefixes of the other as well."""
    start, end = UP.index(" For address family"), UP.index("  Address tracking")
    block = UP[start:end].replace("VPNv4", own)
    beside = block.replace(f"{own} Unicast\n", f"{other} Unicast\n", 1).replace("PREFER", "OTHER")
    both = block + beside if first else beside + block
    text = (
        (UP[:start] + both + UP[end:])
        .replace(",  vrf 30", "")
        .replace("neighbor is 192.168.30.18", f"neighbor is {address}")
    )
    (neighbor,) = parse(text, SOURCE).records
    assert (str(neighbor.address), neighbor.route_map_in) == (address, "PREFER")
    only_other = (UP[:start] + beside + UP[end:]).replace(",  vrf 30", "")
    assert parse(only_other, SOURCE).records[0].route_map_in == "OTHER"
