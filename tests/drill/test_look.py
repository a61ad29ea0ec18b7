"""What answers say about paths and moments: a router's forwarding and log, a Linux host's ping and traceroute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from drill.scenes import EDGE, EXPRESSROUTE, OTHER, SOURCE, VPN, Told, looks, the_drill

from pytest_azinterop.drill import linux
from pytest_azinterop.drill.look import Way, answered, is_on, path_of, read, stamped, targets, wanted, way
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.device import ClockReading
from pytest_azinterop.state.operations import LogMessage
from pytest_azinterop.state.routing import ForwardingDecision, NextHop

HUB = ip_address("10.10.30.4")
NOW = datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC)


def decision(action: str, *hops: NextHop) -> ForwardingDecision:
    return ForwardingDecision("30", HUB, ip_network("10.10.30.0/24"), action, hops, source=SOURCE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            decision("forward", NextHop(ip_address("192.168.30.18"), "TenGigabitEthernet0/0/0.300")),
            Way("session", EXPRESSROUTE),
        ),
        (decision("attached", NextHop(None, "Tunnel30")), Way("session", VPN)),
        (decision("forward", NextHop(ip_address("192.168.30.3"), "Port-channel1.30")), Way("internal", OTHER)),
        (decision("drop"), Way("none")),
        (decision("receive"), Way("elsewhere", "receive")),
        (
            decision("forward", NextHop(ip_address("203.0.113.1"), "GigabitEthernet9")),
            Way("elsewhere", "203.0.113.1 GigabitEthernet9"),
        ),
    ],
)
def test_where_a_forwarding_decision_leads(found: ForwardingDecision, expected: Way) -> None:
    assert way(the_drill(), EDGE, found) == expected


def test_a_path_is_followed_over_the_sites_other_routers() -> None:
    drill = the_drill()
    hub = next(each for each in targets(drill) if each.to == "hub")
    shown = {each.router: each for each in looks(0, "secondary")}
    assert path_of(drill, shown, hub).word == "expressroute-secondary"
    assert path_of(drill, {EDGE: shown[EDGE]}, hub).word == "unknown"
    loop = {
        OTHER: shown[OTHER].__class__(OTHER, NOW, NOW, NOW, ways={str(HUB): Way("internal", EDGE)}),
        EDGE: shown[EDGE],
    }
    assert path_of(drill, loop, hub).word == "elsewhere"
    pair = drill.pairs[0]
    assert is_on(pair, "before", path_of(drill, {each.router: each for each in looks(0)}, hub))
    assert not is_on(pair, "before", path_of(drill, shown, hub))
    assert answered({}.get, hub) is None


def test_a_look_without_a_clock_is_none_and_what_else_is_missing_is_told() -> None:
    with pytest.raises(UndeterminedError):
        read(the_drill(), EDGE, Told(), timedelta(0), NOW)  # type: ignore[arg-type]
    clock = ClockReading(NOW, "UTC", "synchronised", source=SOURCE)
    found = read(the_drill(), EDGE, Told(clock=(clock,)), timedelta(0), NOW)  # type: ignore[arg-type]
    assert found.at == NOW
    kinds = {each.kind for each in wanted(the_drill(), EDGE)} - {"clock"}
    assert {words.split()[0] for words in found.trouble} == kinds


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("Dec 31 23:59:58.123", datetime(2026, 12, 31, 23, 59, 58, 123000, tzinfo=UTC)),
        ("*Jan  1 00:00:04", datetime(2027, 1, 1, 0, 0, 4, tzinfo=UTC)),
        ("000123: .Jan  1 2027 00:00:04.5 UTC", datetime(2027, 1, 1, 0, 0, 4, 500000, tzinfo=UTC)),
        ("2d05h", None),
        ("00:00:12", None),
    ],
)
def test_the_stamp_of_a_message(stamp: str, expected: datetime | None) -> None:
    assert stamped(LogMessage(stamp, "BGP", 5, "ADJCHANGE", "", 1), NOW) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "[1799020800.250000] 64 bytes from 10.10.30.4: icmp_seq=7 ttl=60 time=2.20 ms",
            linux.Probe(datetime.fromtimestamp(1799020800.25, UTC), 7, 2.2),
        ),
        (
            "[1799020800.250000] no answer yet for icmp_seq=8",
            linux.Probe(datetime.fromtimestamp(1799020800.25, UTC), 8, None),
        ),
        ("PING 10.10.30.4 (10.10.30.4) 56(84) bytes of data.", None),
        ("From 10.2.30.3 icmp_seq=9 Destination Host Unreachable", None),
    ],
)
def test_a_line_of_ping(line: str, expected: linux.Probe | None) -> None:
    assert linux.parse_probe(line) == expected


def test_a_traceroute_and_what_is_none() -> None:
    text = (
        "traceroute to 10.10.30.4 (10.10.30.4), 12 hops max, 60 byte packets\n"
        " 1  10.2.30.3  0.440 ms\n 2  192.168.30.0  0.880 ms\n 3  *\n 4  10.10.30.4  2.200 ms\n"
    )
    found = linux.parse_trace(text, "host", "10.10.30.4")
    assert str(found) == "10.2.30.3 192.168.30.0 * 10.10.30.4"
    assert found.hops[3].milliseconds == 2.2
    for wrong in ("", "bash: traceroute: command not found\n", text + "x y z\n", text.replace("10.2.30.3", "name")):
        with pytest.raises(linux.LinuxError):
            linux.parse_trace(wrong, "host", "10.10.30.4")
