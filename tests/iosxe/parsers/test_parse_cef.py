from __future__ import annotations

from ipaddress import ip_address

import pytest
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers.cef import parse
from pytest_azinterop.state.routing import NextHop

MSEE, TUNNEL, PORT = ip_address("192.168.30.18"), "Tunnel30", "TenGigabitEthernet0/0/0.300"


@pytest.mark.parametrize(
    ("text", "action", "ways"),
    [
        (f"10.0.0.0/8\n  nexthop {MSEE} {PORT}\n", "forward", (NextHop(MSEE, PORT),)),
        (f"10.0.0.0/8\n  nexthop {MSEE} {PORT} label 18\n", "forward", (NextHop(MSEE, PORT),)),
        (f"10.0.0.0/8\n  recursive via {MSEE}\n    attached to {PORT}\n", "forward", (NextHop(MSEE, PORT),)),
        (
            f"10.0.0.0/8\n  recursive via 10.9.9.9\n    recursive via {MSEE}\n      attached to {PORT}\n",
            "forward",
            (NextHop(MSEE, PORT),),
        ),
        (f"10.0.0.0/8\n  attached to {TUNNEL}\n", "attached", (NextHop(None, TUNNEL),)),
        (
            f"10.0.0.0/8, epoch 2, flags [rib defined]\n  recursive via 10.9.9.9\n    nexthop {MSEE} {PORT}\n",
            "forward",
            (NextHop(MSEE, PORT),),
        ),
        (f"10.0.0.0/8\n  receive for {PORT}\n", "receive", ()),
        ("10.0.0.0/8\n  receive\n", "receive", ()),
        ("0.0.0.0/0\n  no route\n", "drop", ()),
        ("10.0.0.0/8\n  attached to Null0\n", "drop", ()),
        ("10.0.0.0/8\n  recursive via 10.9.9.9 unresolved\n", "drop", ()),
        ("10.0.0.0/8\n  drop\n", "drop", ()),
    ],
)
def test_where_packets_go(text: str, action: str, ways: tuple[NextHop, ...]) -> None:
    (decision,) = parse(text, SOURCE, vrf="30", address=ip_address("10.10.30.254")).records
    assert (decision.action, decision.next_hops, decision.vrf) == (action, ways, "30")
    assert decision.address == ip_address("10.10.30.254")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0/8\n",
        "10.0.0.0/8\n  nexthop 192.168.30\n",
        "10.0.0.0/8\n  nexthop 192.168.30.18 Ten\n",
        "11.0.0.0/8\n  receive\n",
        "10.0.0.0\n  receive\n",
        "%Prefix not found\n",
        "10.0.0.0/8\n  via somewhere else\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text, SOURCE, vrf="30", address=ip_address("10.10.30.254"))


@pytest.mark.parametrize("label", ["", " label [17031|implicit-null]-(local:17031)"])
def test_backup_path_forwards_nothing(label: str) -> None:
    entry = "203.0.113.7/32, epoch 2\n"
    primary, backup = "  nexthop 192.0.2.1 GigabitEthernet2\n", f"  nexthop 192.0.2.5 GigabitEthernet3{label}, repair\n"
    (record,) = parse(entry + primary + backup, SOURCE).records
    assert [str(way.address) for way in record.next_hops] == ["192.0.2.1"]
    with pytest.raises(ParseError):
        parse(entry + backup, SOURCE)
