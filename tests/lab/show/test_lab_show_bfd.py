"""``show bfd neighbors``, column by column."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from lab.show.show_samples import SampleRouter, show
from ntc_templates.parse import parse_output

from pytest_azinterop.lab.network.records import BfdNeighbor

SESSION = BfdNeighbor(
    vrf="BLUE",
    address=IPv4Address("10.103.45.4"),
    local_address=IPv4Address("10.103.45.5"),
    interface="TwentyFiveGigE1/0/1",
    handle=1,
    local_discriminator=1,
    remote_discriminator=4344,
    up=True,
    remote_up=True,
    age=68621.0,
    diagnostic=0,
    min_tx=1000,
    min_rx=1000,
    multiplier=3,
    remote_min_tx=1000,
    remote_min_rx=1000,
    remote_multiplier=3,
    remote_min_echo=100,
    transmit_interval=1000,
    echo_interval=500,
    hardware=False,
    sent=78233,
    received=78237,
    last_received_ms=657,
    last_sent_ms=703,
)
DOWN = replace(
    SESSION, vrf=None, address=IPv4Address("192.168.100.3"), interface="Tunnel100", handle=2, local_discriminator=2,
    remote_discriminator=0, up=False, remote_up=False, echo_interval=None, received=0,
)  # fmt: skip
HEADER = "NeighAddr                              LD/RD         RH/RS     State     Int"
UP_ROW = "10.103.45.4                             1/4344       Up        Up        Twe1/0/1"
DOWN_ROW = "192.168.100.3                           2/0          Down      Down      Tu100"


class Watching(SampleRouter):
    def bfd_neighbors(self) -> tuple[BfdNeighbor, ...]:
        return (SESSION, DOWN)


def router() -> SampleRouter:
    return Watching()


def test_the_table_has_a_row_per_session() -> None:
    assert show(router(), "show bfd nei").rstrip().splitlines() == ["", "IPv4 Sessions", HEADER, UP_ROW, DOWN_ROW]


def test_a_vrf_an_address_and_an_interface_choose() -> None:
    for words in ("vrf BLUE", "ipv4 10.103.45.4", "interface TwentyFiveGigE1/0/1"):
        assert show(router(), f"show bfd neighbors {words}").rstrip().splitlines()[3:] == [UP_ROW]
    assert show(router(), "show bfd neighbors ipv4 10.103.45.9").strip() == ""
    assert show(router(), "show bfd neighbors vrf RED").strip() == "% VRF RED does not exist"


def test_every_session_has_its_details_below_it() -> None:
    lines = show(router(), "show bfd neighbors details").rstrip().splitlines()
    assert lines[:4] == ["", "IPv4 Sessions", HEADER, UP_ROW]
    assert lines[4] == "Session state is UP and using echo function with 500 ms interval."
    assert "MinTxInt: 1000000, MinRxInt: 1000000, Multiplier: 3" in lines
    assert "Rx Count: 78237, Rx Interval (ms) min/max/avg: 1/1000/875 last: 657 ms ago" in lines
    assert "Uptime: 19:03:41" in lines
    assert "Downtime: 19:03:41" in lines
    assert "             My Discr.: 4344             - Your Discr.: 1" in lines


def test_a_foreign_parser_reads_them() -> None:
    text = show(router(), "show bfd neighbors details")
    rows = parse_output(platform="cisco_ios", command="show bfd neighbors details", data=text)
    assert [(row["neighbor_addr"], row["state"], row["interface"]) for row in rows] == [
        ("10.103.45.4", "Up", "Twe1/0/1"),
        ("192.168.100.3", "Down", "Tu100"),
    ]
