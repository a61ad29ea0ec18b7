"""Parsers that other projects wrote for real routers read the lab's text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lab.show.show_samples import SampleRouter, entry, neighbor, path, show, table
from lab.show.test_lab_show_crypto import router as crypto_router
from lab.show.test_lab_show_routes import BLUE
from lab.show.test_lab_show_system import VRFS
from lab.show.test_lab_show_system import router as system_router
from napalm.ios.ios import IOSDriver
from ntc_templates.parse import parse_output


def a_router() -> SampleRouter:
    found = {route.prefix: route for route in BLUE}
    router = system_router(
        vrfs=VRFS,
        rib=BLUE,
        arp=(),
        route=lambda vrf, target: found.get(target) if vrf == "BLUE" else None,
    )
    down = neighbor("192.0.2.7", state="Idle", admin_down=True, established_for=None, state_age=70.0)
    router.neighbors = {"BLUE": (neighbor(description="first"), down)}
    router.tables = {"BLUE": table(entry("10.9.0.0/16", path("192.0.2.1", 64999, 7, local_preference=200)))}
    return router


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("show version", 1),
        ("show interfaces", 4),
        ("show ip interface", 4),
        ("show ip interface brief", 4),
        ("show interfaces description", 4),
        ("show vrf", 2),
        ("show clock", 1),
        ("show inventory", 3),
        ("show ip route", 5),
    ],
)
def test_ntc_templates_read_every_row(command: str, count: int) -> None:
    assert len(parse_output(platform="cisco_ios", command=command, data=show(a_router(), command))) == count


def test_ntc_templates_read_bgp_and_crypto() -> None:
    text = show(a_router(), "show ip bgp vpnv4 vrf BLUE")
    (row,) = parse_output(platform="cisco_ios", command="show ip bgp vpnv4 vrf BLUE", data=text)
    assert (row["network"], row["next_hop"], row["local_pref"], row["as_path"]) == (
        "10.9.0.0/16",
        "192.0.2.1",
        "200",
        "64999 7",
    )
    text = show(a_router(), "show ip bgp vpnv4 vrf BLUE summary")
    rows = parse_output(platform="cisco_ios", command="show ip bgp summary", data=text)
    assert [(row["bgp_neighbor"], row["state_or_prefixes_received"]) for row in rows] == [
        ("192.0.2.1", "5"),
        ("192.0.2.7", "Idle (Admin)"),
    ]
    text = show(crypto_router(), "show crypto session detail")
    (session,) = parse_output(platform="cisco_ios", command="show crypto session detail", data=text)
    assert (session["session_status"], session["uptime"], session["ivrf"]) == ("UP-ACTIVE", "1d01h", "BLUE-1")


class _Napalm(IOSDriver):  # type: ignore[misc]
    """Stock NAPALM, its connection replaced by the renderers."""

    def __init__(self, router: SampleRouter) -> None:
        self.router = router
        self.device = None
        self.platform = "ios"
        self.profile = ["ios"]

    def _send_command(self, command: str) -> str:
        base, _, pipe = command.partition(" | ")
        text = show(self.router, base)
        if not pipe:
            return text
        mode, _, pattern = pipe.partition(" ")
        wanted = mode.startswith("inc")
        return "\n".join(line for line in text.splitlines() if bool(re.search(pattern, line)) == wanted)


def test_stock_napalm_reads_what_it_asks_for() -> None:
    napalm: Any = _Napalm(a_router())
    facts = napalm.get_facts()
    assert (facts["model"], facts["serial_number"], facts["fqdn"]) == ("ASR1001-X", "JAE12345678", "edge-1.example.net")
    peers = napalm.get_bgp_neighbors()["BLUE"]["peers"]
    assert peers["192.0.2.1"]["address_family"]["vpnv4 unicast"]["accepted_prefixes"] == 5
    assert (peers["192.0.2.7"]["is_up"], peers["192.0.2.7"]["is_enabled"]) == (False, False)
    details = napalm.get_bgp_neighbors_detail()["BLUE"][64999]
    assert {peer["remote_address"]: peer["connection_state"] for peer in details} == {
        "192.0.2.1": "Established",
        "192.0.2.7": "Idle",
    }
    assert set(napalm.get_interfaces()) == {
        "GigabitEthernet1",
        "TenGigabitEthernet0/0/1.20",
        "GigabitEthernet3",
        "Tunnel7",
    }
    assert "TenGigabitEthernet0/0/1.20" in napalm.get_interfaces_ip()
    assert napalm.get_arp_table("BLUE") == []
    assert set(napalm.get_network_instances()) == {"default", "BLUE", "GREEN"}
    assert "hostname edge-1" in napalm.get_config()["running"]
    (route,) = napalm.get_route_to("10.9.0.0/16")["10.9.0.0/16"]
    assert (route["protocol"], route["routing_table"]) == ("bgp", "BLUE")
