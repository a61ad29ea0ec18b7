"""Version, clock, privilege, interfaces, VRFs, ARP and ping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.device_answers import INTERFACES, VERSION
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers import arp, clock, interfaces, privilege, probe, version, vrfs
from pytest_azinterop.state.device import Interface, InterfaceCounters, TunnelParameters


def by_name(text: str = INTERFACES) -> dict[str, Interface]:
    return {record.name: record for record in interfaces.parse(text, SOURCE).records}


def test_version() -> None:
    (facts,) = version.parse(VERSION, SOURCE).records
    assert (facts.hostname, facts.release, facts.model, facts.serial) == (
        "edge-1",
        "17.09.04a",
        "ASR1001-X",
        "FXS0000A1BC",
    )
    assert facts.uptime == timedelta(days=365 + 14 + 3, hours=4, minutes=5)
    assert (facts.image, facts.last_reload_reason) == ("bootflash:packages.conf", "Reload Command")


def test_version_of_classic_ios() -> None:
    text = VERSION.replace("Cisco IOS XE Software, Version 17.09.04a\n", "").replace(
        "Version 17.9.4a", "Version 15.8(3)M2"
    )
    text = text.replace("Last reload reason: Reload Command\n", "")
    (facts,) = version.parse(text, SOURCE).records
    assert facts.release == "15.8(3)M2"
    assert facts.last_reload_reason == "reload"


@pytest.mark.parametrize("printed", ["Version 16.3.20990101:010203 [own-build 101]", "Version 16.3.20990101:010203"])
def test_version_of_a_build_that_was_not_released(printed: str) -> None:
    text = VERSION.replace("Cisco IOS XE Software, Version 17.09.04a\n", "").replace(
        "Version 17.9.4a", f"Experimental {printed}"
    )
    (facts,) = version.parse(text, SOURCE).records
    assert facts.release == "16.3.20990101:010203"


def test_version_of_a_router_that_kept_the_name_of_a_new_switch() -> None:
    text = VERSION.replace("edge-1 uptime is", "Switch uptime is").replace("Last reload reason: Reload Command\n", "")
    text = text.replace("returned to ROM by reload", "returned to ROM by  power cycle at 01:02:03 UTC Mon Jan 5 2099")
    (facts,) = version.parse(text, SOURCE).records
    assert (facts.hostname, facts.last_reload_reason) == ("Switch", "power cycle")


@pytest.mark.parametrize("rest", [", X", ", XX"])
def test_an_uptime_with_a_part_that_is_not_known_is_an_error(rest: str) -> None:
    told = next(line for line in VERSION.splitlines() if " uptime is " in line)
    with pytest.raises(ParseError, match="an uptime that is none"):
        version.parse(VERSION.replace(told, told + rest), SOURCE)


@given(st.integers(0, VERSION.index("0x2102") + 2))
def test_a_cut_version_is_an_error(end: int) -> None:
    with pytest.raises(ParseError):
        version.parse(VERSION[:end], SOURCE)


@pytest.mark.parametrize(
    ("mark", "quality"), [("", "synchronised"), (".", "not synchronised"), ("*", "not authoritative")]
)
def test_clock(mark: str, quality: str) -> None:
    (reading,) = clock.parse(f"{mark}09:08:07.654 UTC Wed May 1 2024\n", SOURCE).records
    assert reading.time == datetime(2024, 5, 1, 9, 8, 7, 654000, tzinfo=UTC)
    assert reading.quality == quality


def test_clock_of_another_zone_is_local_time() -> None:
    (reading,) = clock.parse("09:08:07.654 CEST Wed May 1 2024\nTime source is NTP\n", SOURCE).records
    assert reading.time.tzinfo is None
    assert reading.zone == "CEST"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "09:08:07.654 UTC Wed May 1",
        "09:08:07.654 UTC Wed May 41 2024",
        "hello",
        "hello\n09:08:07.654 UTC Wed May 1 2024",
    ],
)
def test_no_clock_reading_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        clock.parse(text, SOURCE)


def test_privilege() -> None:
    assert privilege.parse("Current privilege level is 7\n", SOURCE).records[0].level == 7
    for text in ("Current privilege level is", "x\nCurrent privilege level is 15", ""):
        with pytest.raises(ParseError):
            privilege.parse(text, SOURCE)


def test_interfaces() -> None:
    found = by_name()
    assert list(found) == [
        "TenGigabitEthernet0/0/0",
        "TenGigabitEthernet0/0/0.300",
        "TenGigabitEthernet1/0/0.30",
        "Dialer1",
        "Wormhole7/0",
        "Tunnel30",
    ]
    port = found["TenGigabitEthernet0/0/0"]
    assert port.is_up
    assert (port.mtu, port.bandwidth, port.mac) == (1500, 10_000_000, "00a1.b2c3.d400")
    assert port.outer_vlan is None
    assert port.description == "to the exchange; GigabitEthernet9 is down, line protocol is down"
    assert port.counters == InterfaceCounters(5000000000, 600000000000, 4000, 500000, 2, 3, 7)
    assert port.unread == ()


def test_tags_addresses_and_states() -> None:
    found = by_name()
    double, single = found["TenGigabitEthernet0/0/0.300"], found["TenGigabitEthernet1/0/0.30"]
    assert (double.outer_vlan, double.inner_vlan) == (30, 300)
    assert (single.outer_vlan, single.inner_vlan) == (30, None)
    assert double.address == IPv4Interface("192.168.30.17/30")
    assert double.is_shut
    assert not double.is_up
    assert double.counters is None
    assert (found["Dialer1"].status, found["Dialer1"].is_up, found["Dialer1"].address) == ("up (spoofing)", False, None)
    assert found["Wormhole7/0"].status == "deleted"
    assert found["Wormhole7/0"].unread == ("A line of a newer release",)


@pytest.mark.parametrize(
    ("printed", "up"),
    [
        ("up (connected)", True),
        ("down (err-disabled)", False),
        ("up (suspended)", False),
        ("up , Autostate Enabled", True),
        ("down, Autostate Disabled", False),
    ],
)
def test_what_a_switch_port_adds(printed: str, up: bool) -> None:
    text = INTERFACES.replace("up, line protocol is up\n", f"up, line protocol is {printed}\n", 1)
    assert by_name(text)["TenGigabitEthernet0/0/0"].is_up is up


@pytest.mark.parametrize(
    ("printed", "lender", "borrowed"),
    [
        ("Loopback90 (198.18.90.254)", "Loopback90", IPv4Address("198.18.90.254")),
        ("Loopback90 (0.0.0.0)", "Loopback90", None),
    ],
)
def test_an_unnumbered_interface_borrows_its_address(printed: str, lender: str, borrowed: IPv4Address | None) -> None:
    own = "  Internet address is 10.2.30.125/32\n"
    assert INTERFACES.count(own) == 1
    text = INTERFACES.replace(own, f"  Interface is unnumbered. Using address of {printed}\n")
    tunnel = by_name(text)["Tunnel30"]
    assert (tunnel.lender, tunnel.borrowed, tunnel.address) == (lender, borrowed, None)
    assert tunnel.unread == by_name()["Tunnel30"].unread
    assert (by_name()["Tunnel30"].lender, by_name()["Tunnel30"].borrowed) == (None, None)


SHORT_COUNTERS = """FortyGigabitEthernet1/1/4.77 is up, line protocol is up (connected)
  Hardware is Forty Gigabit Ethernet, address is 00a1.b2c3.d477 (bia 00a1.b2c3.d477)
  Internet address is 192.0.2.77/31
  MTU 1500 bytes, BW 40000000 Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation 802.1Q Virtual LAN, Vlan ID  77.
  ARP type: ARPA, ARP Timeout 04:00:00
  Keepalive set (10 sec)
     1700 packets input, 180000 bytes
     1800 packets output, 190000 bytes
  Last clearing of "show interface" counters never
Dialer7 is up, line protocol is up (spoofing)
  Hardware is Unknown
  MTU 1492 bytes, BW 56 Kbit/sec, DLY 20000 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation PPP, LCP Closed, loopback not set
  Keepalive set (10 sec)
  DTR is pulsed for 1 seconds on reset
  Last input never, output never, output hang never
  Last clearing of "show interface" counters 1w2d
  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 9
     21 packets input, 2100 bytes
     22 packets output, 2200 bytes
Bound to:
"""


def test_interfaces_with_two_lines_of_counters() -> None:
    found = by_name(SHORT_COUNTERS + INTERFACES)
    assert found["FortyGigabitEthernet1/1/4.77"].counters == InterfaceCounters(1700, 180000, 1800, 190000)
    assert found["FortyGigabitEthernet1/1/4.77"].outer_vlan == 77
    assert found["Dialer7"].counters == InterfaceCounters(21, 2100, 22, 2200, output_drops=9)
    assert found["TenGigabitEthernet0/0/0"].counters == by_name()["TenGigabitEthernet0/0/0"].counters


def test_counters_that_have_more_lines_need_the_last_one() -> None:
    with pytest.raises(ParseError, match="the last line of the counters"):
        by_name(SHORT_COUNTERS.replace("180000 bytes", "180000 bytes, 0 no buffer"))


@given(st.integers(0, len(SHORT_COUNTERS)))
def test_a_cut_never_changes_what_short_counters_say(end: int) -> None:
    whole = by_name(SHORT_COUNTERS)
    try:
        found = by_name(SHORT_COUNTERS[:end])
    except ParseError:
        return
    for name, record in found.items():
        assert replace(record, unread=()) == replace(whole[name], unread=())


def test_a_tunnel() -> None:
    tunnel = by_name()["Tunnel30"]
    assert (tunnel.status, tunnel.line_protocol) == ("up", "down")
    assert tunnel.tunnel == TunnelParameters(
        source_interface="Loopback30",
        source_address=IPv4Address("66.198.12.106"),
        destination=IPv4Address("52.168.162.84"),
        protocol="IPSEC/IP",
        protection_profile="Cust30-azure-ipsec-profile",
        transport_mtu=1422,
    )


@pytest.mark.parametrize("line", ['Path VRF: "INET-V"', "Transport vrf INET-V", "Tunnel VRF INET-V"])
def test_a_tunnel_through_another_vrf(line: str) -> None:
    text = INTERFACES.replace("  Tunnel transport MTU 1422 bytes\n", f"  Tunnel transport MTU 1422 bytes\n  {line}\n")
    tunnel = by_name(text)["Tunnel30"].tunnel
    assert tunnel is not None
    assert tunnel.path_vrf == "INET-V"


def test_an_unresolved_tunnel() -> None:
    text = INTERFACES.replace("66.198.12.106 (Loopback30), destination 52.168.162.84", "UNKNOWN, destination UNKNOWN")
    tunnel = by_name(text)["Tunnel30"].tunnel
    assert tunnel is not None
    assert (tunnel.source_interface, tunnel.source_address, tunnel.destination) == (None, None, None)


@given(st.integers(0, len(INTERFACES)))
def test_a_cut_never_changes_what_an_interface_says(end: int) -> None:
    whole = by_name()
    try:
        found = by_name(INTERFACES[:end])
    except ParseError:
        return
    for name, record in found.items():
        assert replace(record, unread=()) == replace(whole[name], unread=())
    assert list(found) == list(whole)[: len(found)]


@pytest.mark.parametrize("text", ["", "no interface here\n", "  MTU 1500 bytes\n"])
def test_no_interface_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        interfaces.parse(text, SOURCE)


VRFS = """  Name                             Default RD            Protocols   Interfaces
  30                               65021:30              ipv4        Te0/0/0.300
                                                                     Tu30
  Mgmt-intf                        <not set>             ipv4,ipv6   Gi0
  empty                            192.0.2.1:9
"""


def test_vrfs() -> None:
    found = [(vrf.name, vrf.route_distinguisher, vrf.interfaces) for vrf in vrfs.parse(VRFS, SOURCE).records]
    assert found == [
        ("30", "65021:30", ("TenGigabitEthernet0/0/0.300", "Tunnel30")),
        ("Mgmt-intf", None, ("GigabitEthernet0",)),
        ("empty", "192.0.2.1:9", ()),
    ]


def test_no_vrf_is_said_by_the_header() -> None:
    assert vrfs.parse(VRFS.split("\n", 1)[0], SOURCE).records == ()
    assert vrfs.parse("", SOURCE, may_be_empty=True).records == ()
    for text in ("", VRFS.split("\n", 1)[1], VRFS + "something\n"):
        with pytest.raises(ParseError):
            vrfs.parse(text, SOURCE)


ARP = """Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  192.168.30.17           -   00a1.b2c3.d400  ARPA   TenGigabitEthernet0/0/0.300
Internet  192.168.30.18           5   Incomplete      ARPA
"""


def test_arp() -> None:
    own, peer = arp.parse(ARP, SOURCE, vrf="30").records
    assert (own.vrf, own.mac, own.age, own.interface) == ("30", "00a1.b2c3.d400", None, "TenGigabitEthernet0/0/0.300")
    assert (peer.mac, peer.age, peer.interface) == (None, 5, None)
    for text in ("", ARP + "noise\n", ARP.split("\n", 1)[1], ARP.replace("192.168.30.18", "192.168.30.518")):
        with pytest.raises(ParseError):
            arp.parse(text, SOURCE)
    # A learned address without the interface that it was learned on is a row that was cut.
    learned = ARP.replace("Incomplete      ARPA", "00a1.b2c3.d401  ARPA") + ARP.splitlines()[1] + "\n"
    with pytest.raises(ParseError, match="without its interface"):
        arp.parse(learned, SOURCE)


def ping(marks: str, sent: int, received: int) -> str:
    lines = "\n".join(marks[start : start + 70] for start in range(0, len(marks), 70))
    times = ", round-trip min/avg/max = 1/2/30 ms" if received else ""
    return (
        f"Type escape sequence to abort.\nSending {sent}, 100-byte ICMP Echos to 10.10.30.254, timeout is 1 seconds:\n"
        f"Packet sent with a source address of 10.2.30.125\n{lines}\n"
        f"Success rate is {100 * received // sent} percent ({received}/{sent}){times}\n"
    )


@given(st.text(alphabet="!.UQM", min_size=1, max_size=200))
def test_ping(marks: str) -> None:
    received = marks.count("!")
    (result,) = probe.parse(ping(marks, len(marks), received), SOURCE, vrf="30").records
    assert (result.marks, result.sent, result.received, result.vrf) == (marks, len(marks), received, "30")
    assert (result.rtt_max is None) == (received == 0)
    if received:
        assert (result.rtt_min, result.rtt_avg, result.rtt_max) == (1, 2, 30)


ASKED = "ping vrf 30 10.10.30.254 source 10.2.30.125 repeat 2 size 100 df-bit timeout 1"
SENT_AS = "Packet sent with a source address of 10.2.30.125\n"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (ASKED, None),
        ("ping vrf 30 10.10.30.254 source Tunnel30 repeat 2 timeout 1", None),
        ("ping", None),
        (ASKED.replace("size 100", "size 1400"), "its packets have 100 bytes, asked were 1400"),
        (ASKED.replace("254 source", "25 source"), "its target is 10.10.30.254"),
        (ASKED.replace("125 repeat", "12 repeat"), "its source is 10.2.30.125"),
    ],
)
def test_the_answer_to_another_ping_is_refused(command: str, why: str | None) -> None:
    text = ping("!!", 2, 2).replace(SENT_AS, f"{SENT_AS}Packet sent with the DF bit set\n")
    source = replace(SOURCE, command=command)
    if why is None:
        assert probe.parse(text, source).records
        return
    with pytest.raises(ParseError, match=f"the answer to another ping: {why}"):
        probe.parse(text, source)


def test_a_ping_that_could_be_fragmented_is_not_the_one_that_was_asked() -> None:
    with pytest.raises(ParseError, match="its packets could be fragmented"):
        probe.parse(ping("!!", 2, 2), replace(SOURCE, command=ASKED))


@pytest.mark.parametrize(
    "text", ["", ping("!!", 3, 2), ping("!.", 2, 2), ping("!!", 2, 2).rsplit("\n", 2)[0], ping("!x", 2, 1)]
)
def test_a_ping_that_disagrees_or_stops_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        probe.parse(text, SOURCE)


def test_a_line_at_an_interface_s_own_depth_is_not_part_of_it() -> None:
    lines = INTERFACES.splitlines()
    with pytest.raises(ParseError, match="neither part of an interface's block nor its end"):
        interfaces.parse("\n".join((*lines[:5], "something else", *lines[5:])) + "\n", SOURCE)
