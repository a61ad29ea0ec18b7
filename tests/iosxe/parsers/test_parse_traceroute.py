"""`traceroute`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from iosxe.parsers.cutting import assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.iosxe.parsers import traceroute
from pytest_azinterop.state.probe import TraceProbe, TraceResult

HEAD = "Type escape sequence to abort.\nTracing the route to 10.10.30.4\nVRF info: (vrf in name/id, vrf out name/id)\n"


def one(hops: str) -> TraceResult:
    (record,) = traceroute.parse(HEAD + hops, SOURCE).records
    return record


def test_a_route_that_reaches_its_target() -> None:
    record = one("  1 192.168.30.18 4 msec 2 msec 3 msec\n  2  *  *  * \n  3 10.10.30.4 12 msec *  9 msec\n")
    assert record.reached
    assert [hop.addresses for hop in record.hops] == [(ip_address("192.168.30.18"),), (), (ip_address("10.10.30.4"),)]
    assert record.hops[2].probes == (
        TraceProbe(ip_address("10.10.30.4"), 12),
        TraceProbe(None, None),
        TraceProbe(ip_address("10.10.30.4"), 9),
    )


def test_paths_of_equal_cost_and_names_and_labels() -> None:
    record = one(
        "  1 one.example (192.0.2.1) [MPLS: Label 24 Exp 0] 4 msec\n"
        "    192.0.2.2 [AS 65001] 5 msec\n    192.0.2.1 4 msec\n  2 10.10.30.4 [AS 65515] 9 msec 8 msec 8 msec\n"
    )
    assert record.hops[0].addresses == (ip_address("192.0.2.1"), ip_address("192.0.2.2"))
    assert record.unread == ("[MPLS: Label 24 Exp 0]", "[AS 65001]", "[AS 65515]")


def test_a_refusal_on_the_way() -> None:
    record = one("  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 192.0.2.9 !H  *  !A \n")
    assert not record.reached
    assert [probe.mark for probe in record.hops[1].probes] == ["!H", None, "!A"]
    record = one("  1 192.0.2.1 4 msec !A *  !A\n")
    assert [(probe.milliseconds, probe.mark) for probe in record.hops[0].probes] == [
        (4, "!A"),
        (None, None),
        (None, "!A"),
    ]


@pytest.mark.parametrize(
    ("hops", "why"),
    [
        ("", "missing"),
        ("  1 192.0.2.1 4 msec 4 msec 4 msec\n  3 * * *\n", "does not follow"),
        ("  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 10.10.30.4 4 msec\n", "fewer probes"),
        ("  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 192.0.2.9\n", "does not complete"),
        ("  1 192.0.2.1 4 msec 4 ms 4 msec\n", "not an answer"),
        ("  1 4 msec\n", "without an address"),
        ("  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 * * *\n", "stops on its way"),
    ],
)
def test_what_is_not_whole_is_refused(hops: str, why: str) -> None:
    refuses(lambda text: traceroute.parse(text, SOURCE).records, HEAD + hops, why)


def test_a_target_that_is_never_reached_ends_at_the_greatest_time_to_live() -> None:
    source = replace(SOURCE, command="traceroute vrf 30 10.10.30.4 numeric probe 1 ttl 1 3")
    (record,) = traceroute.parse(HEAD + "  1 192.0.2.1 4 msec\n  2 *\n  3 *\n", source).records
    assert not record.reached


@pytest.mark.parametrize("last", ["192.0.2.9 7 msec *  9 msec", " *  * \n    192.0.2.9 [AS 65001] 9 msec"])
def test_an_answer_in_the_targets_place_ends_a_trace_but_does_not_reach_it(last: str) -> None:
    record = one(f"  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 {last} \n")
    assert (record.reached, record.end, record.whole) == (False, "elsewhere", False)
    assert record.hops[-1].addresses == (ip_address("192.0.2.9"),)


def test_what_ends_a_trace() -> None:
    assert one("  1 192.0.2.1 4 msec\n  2 10.10.30.4 4 msec\n").end == "target"
    assert one("  1 192.0.2.1 4 msec\n  2 192.0.2.9 !H\n").end == "refusal"
    source = replace(SOURCE, command="traceroute vrf 30 10.10.30.4 numeric probe 1 ttl 1 2")
    (record,) = traceroute.parse(HEAD + "  1 192.0.2.1 4 msec\n  2 192.0.2.9 4 msec\n", source).records
    assert (record.end, record.limit, record.whole) == ("limit", 2, True)


def test_noise_is_refused() -> None:
    def read(text: str) -> tuple[TraceResult, ...]:
        return traceroute.parse(text, SOURCE).records

    assert_noise_is_refused(read, HEAD + "  1 192.0.2.1 4 msec 4 msec 4 msec\n  2 10.10.30.4 4 msec * *\n")
