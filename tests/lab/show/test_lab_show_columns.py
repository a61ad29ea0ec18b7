"""Whatever a record holds, its cells start where the header of the table says."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from hypothesis import given
from hypothesis import strategies as st
from lab.show.show_samples import neighbor
from lab.show.test_lab_show_system import GIG

from pytest_azinterop.lab.network.bgp_records import Messages
from pytest_azinterop.lab.network.records import ArpEntry, OspfNeighbor, VrfState
from pytest_azinterop.lab.show.bgp_summary import HEADER, neighbor_row
from pytest_azinterop.lab.show.formats import elapsed
from pytest_azinterop.lab.show.forwarding import arp_row, ospf_row
from pytest_azinterop.lab.show.ip_interfaces import brief_row
from pytest_azinterop.lab.show.vrf import vrf_rows

addresses = st.ip_addresses(v=4)
ages = st.none() | st.floats(0, 10**8)
ports = st.from_regex(r"(GigabitEthernet|TenGigabitEthernet)[0-3]/[0-3]/[0-7](\.[1-9][0-9]{0,3})?", fullmatch=True)


def start(header: str, name: str) -> int:
    return header.index(name)


@given(
    addresses,
    st.integers(1, 2**32 - 1),
    st.integers(0, 9_999_999),
    st.integers(0, 9_999_999),
    ages,
    st.sampled_from(["Idle", "Active", "Connect", "OpenSent", "OpenConfirm", "Established"]),
    st.integers(0, 99_999_999),
)
def test_summary(
    address: IPv4Address, remote_as: int, received: int, sent: int, age: float | None, state: str, prefixes: int
) -> None:
    one = neighbor(
        str(address),
        remote_as=remote_as,
        received=Messages(keepalives=received),
        sent=Messages(keepalives=sent),
        state=state,
        state_age=age,
        prefixes_accepted=prefixes,
    )
    (row,) = neighbor_row(one)
    last = str(prefixes) if state == "Established" else state
    assert row.split() == [
        str(address), "4", str(remote_as), str(received), str(sent), str(9 if state == "Established" else 1), "0", "0",
        elapsed(age), last,
    ]  # fmt: skip
    assert row[start(HEADER, "V ")] == "4"
    for name, cell in (("AS", remote_as), ("MsgRcvd", received), ("MsgSent", sent)):
        end = start(HEADER, name) + len(name)
        assert row[:end].endswith(str(cell))
    assert row[start(HEADER, "Up/Down") :].startswith(elapsed(age))


@given(ports, st.none() | addresses, st.booleans(), st.booleans())
def test_ip_interface_brief(name: str, address: IPv4Address | None, admin_up: bool, up: bool) -> None:
    header = "Interface              IP-Address      OK? Method Status                Protocol"
    own = None if address is None else IPv4Interface(f"{address}/24")
    row = brief_row(
        replace(GIG, name=name, address=own, admin_up=admin_up, line_up=admin_up and up, protocol_up=admin_up and up),
        frozenset(),
    )
    cells = [row[start(header, title) :] for title in ("IP-Address", "OK?", "Method", "Status", "Protocol")]
    status = "administratively down" if not admin_up else "up" if up else "down"
    expected = ["unassigned" if address is None else str(address), "YES", "unset" if address is None else "manual",
                status, "up" if admin_up and up else "down"]  # fmt: skip
    for cell, value in zip(cells, expected, strict=True):
        assert cell.startswith(f"{value} ")
    number = re.sub(r"\D*", "", name, count=1)
    assert row.split()[0] in {name, f"Te{number}", f"Gi{number}"}


@given(addresses, st.none() | st.integers(0, 9999), st.none() | st.just("00a3.d14f.2280"))
def test_arp(address: IPv4Address, age: int | None, mac: str | None) -> None:
    header = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"
    row = arp_row(ArpEntry(address, mac, age, "Tunnel1"))
    assert row[start(header, "Address") :].startswith(str(address))
    assert row[start(header, "Hardware") :].startswith(mac or "Incomplete")
    assert row[start(header, "Type") :].startswith("ARPA")
    assert row[start(header, "Interface") :] == ("Tunnel1" if mac else "")


@given(addresses, st.integers(0, 255), st.sampled_from(["FULL/  -", "FULL/BDR", "INIT/DROTHER"]), addresses)
def test_ospf(router_id: IPv4Address, priority: int, state: str, address: IPv4Address) -> None:
    header = "Neighbor ID     Pri   State           Dead Time   Address         Interface"
    row = ospf_row(OspfNeighbor(1, router_id, priority, state, 33.0, address, "Te0/0/1.20", "0", 10.0))
    titles = ("Neighbor", "State", "Dead", "Address", "Interface")
    values = (str(router_id), state, "00:00:33", str(address), "Te0/0/1.20")
    for title, value in zip(titles, values, strict=True):
        assert row[start(header, title) :].startswith(value)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), st.lists(ports, max_size=4))
def test_vrf(name: str, interfaces: list[str]) -> None:
    header = "  Name                             Default RD            Protocols   Interfaces"
    rows = vrf_rows(VrfState(name, "ip vrf", "4200000000:65535", None, True, False, tuple(interfaces)))
    assert rows[0][start(header, "Default") :].startswith("4200000000:65535 ")
    assert rows[0][start(header, "Protocols") :].startswith("ipv4 ")
    assert len(rows) == max(1, len(interfaces))
    for row in rows[: len(interfaces)]:
        assert re.fullmatch(r"(Te|Gi)[\d/.]+", row[start(header, "Interfaces") :])
