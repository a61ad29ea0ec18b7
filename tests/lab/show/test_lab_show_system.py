from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.show.show_samples import FACTS, NOW, SampleRouter, corpus, show

from pytest_azinterop.lab.config.settings import LoggingSettings
from pytest_azinterop.lab.network.records import (
    Counters,
    InterfaceState,
    LogLine,
    PrefixList,
    PrefixListEntry,
    RouteMap,
    RouteMapEntry,
    TunnelState,
    VrfState,
)
from pytest_azinterop.lab.network.upkeep_records import ArchivedConfig, ArchiveState, NtpAssociation, NtpState
from pytest_azinterop.lab.show.formats import elapsed

GIG = InterfaceState(
    name="GigabitEthernet1", description=None, vrf=None, address=IPv4Interface("10.0.2.15/24"), secondary=(),
    unnumbered=None, admin_up=True, line_up=True, protocol_up=True, mac="0800.27f8.e842", mtu=1500, ip_mtu=1500,
    bandwidth_kbit=1000000, delay_usec=10, duplex="Full Duplex", speed="1000Mbps", media="RJ45", hardware="CSR vNIC",
    counters=Counters(in_packets=14028, in_bytes=1766902, out_packets=9446, out_bytes=1379617, in_rate_bps=1000,
                      in_rate_pps=1, out_rate_bps=1000, out_rate_pps=1),
    last_input=2521.0, last_output=5.0,
)  # fmt: skip
QINQ = replace(
    GIG, name="TenGigabitEthernet0/0/1.20", outer_vlan=20, inner_vlan=200, is_subinterface=True, vrf="BLUE",
    description="to Azure", tcp_adjust_mss=1350,
)  # fmt: skip
TUNNEL = replace(
    GIG, name="Tunnel7", mac=None, hardware="Tunnel", vrf="BLUE", mtu=9922, address=IPv4Interface("10.9.9.1/32"),
    tunnel=TunnelState("Loopback7", IPv4Address("203.0.113.6"), IPv4Address("198.51.100.84"), "ipsec ipv4", "IP", None),
)  # fmt: skip
SHUT = replace(GIG, name="GigabitEthernet3", admin_up=False, line_up=False, protocol_up=False, address=None)
INTERFACES = (GIG, QINQ, SHUT, TUNNEL)


SERVER = NtpAssociation(IPv4Address("10.0.0.9"), "*", ".GPS.", 2, 25, 64, 0o377, 1.0, 0.5, 1.204)
SYNCHRONIZED = NtpState(enabled=True, synchronized=True, ever=True, associations=(SERVER,), uptime=5899.0)
LOST = replace(SYNCHRONIZED, synchronized=False, associations=(replace(SERVER, mark=" ", reach=0),))


def router(**answers: object) -> SampleRouter:
    base: dict[str, object] = {
        "facts": FACTS,
        "interfaces": INTERFACES,
        "interface": lambda name: next((each for each in INTERFACES if each.name == name), None),
        "ntp": SYNCHRONIZED,
        "archive": ArchiveState(None, 10),
        "logging": (LoggingSettings(milliseconds=True), 0),
        "running_config": CONFIG,
        "startup_config": CONFIG.replace(" description to Azure\n", ""),
        "last_change": (NOW, "alice"),
        "startup_written": (NOW, "bob"),
    }
    return SampleRouter(answers={**base, **answers})


CONFIG = """version 17.9
hostname edge-1
ip vrf BLUE
 rd 64600:7
!
ip vrf GREEN
 rd 64600:8
!
interface GigabitEthernet1
 ip address 10.0.2.15 255.255.255.0
!
interface TenGigabitEthernet0/0/1.20
 description to Azure
 encapsulation dot1Q 20 second-dot1q 200
 ip vrf forwarding BLUE
 ip address 10.0.2.15 255.255.255.0
!
router bgp 64600
 bgp log-neighbor-changes
 !
 address-family ipv4 vrf BLUE
  neighbor 192.0.2.1 remote-as 64999
 exit-address-family
 !
 address-family ipv4 vrf GREEN
  neighbor 192.0.2.5 remote-as 64999
 exit-address-family
!
ip route vrf BLUE 10.9.9.9 255.255.255.255 Tunnel7
ip route vrf GREEN 10.9.9.9 255.255.255.255 Tunnel8
ntp server 10.0.0.9
end
"""


@given(st.integers(0, 10**9))
def test_ages_read_back_to_what_they_were(seconds: int) -> None:
    text = elapsed(seconds)
    if ":" in text:
        hours, minutes, rest = map(int, text.split(":"))
        assert hours * 3600 + minutes * 60 + rest == seconds
        assert hours < 24
        return
    units = {"y": 52 * 604800, "w": 604800, "d": 86400, "h": 3600}
    parts = re.findall(r"(\d+)([ywdh])", text)
    read = sum(int(count) * units[unit] for count, unit in parts)
    assert len(parts) == 2
    assert read <= seconds < read + units[parts[1][1]]


@pytest.mark.parametrize(
    ("seconds", "printed"),
    [(None, "never"), (12, "00:00:12"), (86399, "23:59:59"), (273600, "3d04h"), (777600, "1w2d"), (32659200, "1y2w")],
)
def test_ages_as_ios_prints_them(seconds: float | None, printed: str) -> None:
    assert elapsed(seconds) == printed


def test_an_interface_is_printed_as_the_real_one() -> None:
    real = (
        corpus("iosxe", "interfaces", "napalm_test_get_interfaces_normal_show_interfaces.txt").read_text().splitlines()
    )
    ours = show(router(), "show interfaces GigabitEthernet1").splitlines()
    strip = [line.rstrip() for line in real[: len(ours)]]
    for got, wanted in zip((line.rstrip() for line in ours), strip, strict=True):
        if "Keepalive" in wanted or "flow-control" in wanted:
            assert got[:12] == wanted[:12]
        else:
            assert got == wanted


def test_a_qinq_subinterface_has_the_lines_of_the_real_one_and_no_counters() -> None:
    real = corpus("iosxe", "interfaces", "genie_iosxe_ShowInterfaces_golden_interface_output_4.txt").read_text()
    block = re.search(r"^GigabitEthernet0/0/0\.1761524.*", real, re.MULTILINE | re.DOTALL)
    assert block is not None
    heads = [line[:14].rstrip() for line in block.group().rstrip().splitlines()[1:]]
    ours = show(router(), "show interfaces te0/0/1.20").splitlines()
    assert [line[:14].rstrip() for line in ours[1:]] == heads
    assert "  Encapsulation QinQ Virtual LAN, outer ID  20, inner ID 200" in ours
    assert not any("packets" in line for line in ours)


def test_a_tunnel_tells_its_ends_and_its_protection() -> None:
    lines = show(router(), "show interfaces Tunnel7").splitlines()
    assert lines[0] == "Tunnel7 is up, line protocol is up "
    start = lines.index("  Encapsulation TUNNEL, loopback not set")
    assert lines[start + 1 : start + 4] == [
        "  Keepalive not set",
        "  Tunnel linestate evaluation up",
        "  Tunnel source 203.0.113.6 (Loopback7), destination 198.51.100.84",
    ]
    assert "  Tunnel protocol/transport IPSEC/IP" in lines
    assert '  Tunnel protection via IPSec (profile "IP")' in lines


def test_brief_abbreviates_long_names_and_keeps_the_columns() -> None:
    lines = show(router(), "show ip interface brief").splitlines()
    assert [line.rstrip() for line in lines] == [
        "Interface              IP-Address      OK? Method Status                Protocol",
        "GigabitEthernet1       10.0.2.15       YES NVRAM  up                    up",
        "Te0/0/1.20             10.0.2.15       YES NVRAM  up                    up",
        "GigabitEthernet3       unassigned      YES unset  administratively down down",
        "Tunnel7                10.9.9.1        YES manual up                    up",
    ]
    real = corpus("iosxe", "interfaces", "genie_iosxe_ShowIpInterfaceBrief_golden.txt").read_text().splitlines()
    assert lines[0].rstrip() == real[0].rstrip()
    assert [match.start() for match in re.finditer(r"\S+", real[1])] == [
        match.start() for match in re.finditer(r"\S+", lines[1])
    ]


def test_description_and_vlans() -> None:
    assert show(router(), "show interfaces description").splitlines() == [
        "Interface                      Status         Protocol Description",
        "Gi1                            up             up       ",
        "Te0/0/1.20                     up             up       to Azure",
        "Gi3                            admin down     down     ",
        "Tu7                            up             up       ",
    ]
    assert "Total statistics for Outer/Inner VLAN 20/200:" in show(router(), "show vlans dot1q")


def test_ip_interface() -> None:
    lines = show(router(), "show ip interface te0/0/1.20").splitlines()
    assert "  Internet address is 10.0.2.15/24" in lines
    assert '  VPN Routing/Forwarding "BLUE"' in lines
    assert "  Input features: TCP Adjust MSS, MCI Check" in lines
    assert (
        show(router(), "show ip interface GigabitEthernet3").splitlines()[1]
        == "  Internet protocol processing disabled"
    )


def test_an_interface_that_does_not_exist_is_refused_with_a_marker() -> None:
    lines = show(router(), "show interfaces GigabitEthernet9").splitlines()
    assert lines[0] == " " * (len("edge-1#") + len("show interfaces ")) + "^"
    assert lines[1] == "% Invalid input detected at '^' marker."


def test_version() -> None:
    lines = show(router(), "show version").splitlines()
    assert lines[0] == "Cisco IOS XE Software, Version 17.09.04a"
    assert "Version 17.9.4a, RELEASE SOFTWARE" in lines[1]
    assert "edge-1 uptime is 1 week, 4 days, 13 hours, 46 minutes" in lines
    assert "cisco ASR1001-X (1NG) processor (revision 1NG) with 3853621K/6147K bytes of memory." in lines
    assert "Processor board ID JAE12345678" in lines
    assert "2 Gigabit Ethernet interfaces" in lines
    assert "System restarted at 19:18:23 UTC Sat Feb 24 2024" in lines


def test_version_says_what_a_real_router_says() -> None:
    real = corpus("labs", "iosxe_redistribution", "show", "D1_redist", "show_version.txt").read_text()
    ours = show(router(), "show version")
    for start in ("Cisco IOS XE Software, Version ", "Cisco IOS Software [", "ROM: ", "System image file is ", "cisco ",
                  "Processor board ID ", "Last reload reason: ", "Configuration register is "):  # fmt: skip
        assert sum(line.startswith(start) for line in real.splitlines()) == 1
        assert sum(line.startswith(start) for line in ours.splitlines()) == 1, start


def test_clock_tells_whether_it_is_trusted() -> None:
    assert show(router(), "show clock") == "09:05:03.123 UTC Thu Mar 7 2024"
    assert show(router(ntp=LOST), "show clock") == ".09:05:03.123 UTC Thu Mar 7 2024"
    free = router(ntp=replace(LOST, ever=False))
    assert show(free, "show clock") == "*09:05:03.123 UTC Thu Mar 7 2024"
    assert show(free, "show clock detail").splitlines()[1] == "Time source is hardware calendar"
    assert show(router(), "show ntp status").startswith("Clock is synchronized, stratum 3, reference is 10.0.0.9")
    assert show(free, "show ntp status").startswith("Clock is unsynchronized, stratum 16, no reference clock")
    assert show(router(), "show ntp associations").splitlines()[:2] == [
        "  address         ref clock       st   when   poll reach  delay  offset   disp",
        "*~10.0.0.9        .GPS.            2     25     64   377  1.000   0.500  1.204",
    ]
    assert show(router(ntp=NtpState(False, False, False)), "show ntp status") == "%NTP is not enabled."


VRFS = (
    VrfState("BLUE", "ip vrf", "64600:7", None, True, False, ("TenGigabitEthernet0/0/1.20", "Tunnel7"), table_id=2),
    VrfState("GREEN", "vrf definition", None, "spare", True, False, (), ("64600:1",), (), table_id=3),
)


def test_vrfs() -> None:
    sample = router(vrfs=VRFS)
    real = corpus("iosxe", "system", "napalm_test_get_route_to_normal_show_vrf.txt").read_text().rstrip().splitlines()
    lines = show(sample, "show vrf").splitlines()
    assert lines[0].rstrip() == real[0].rstrip()
    assert lines[1:] == [
        "  BLUE                             64600:7               ipv4        Te0/0/1.20",
        "                                                                     Tu7",
        "  GREEN                            <not set>             ipv4        ",
    ]
    assert [len(line) - len(line.lstrip()) for line in lines[1:3]] == [
        len(line) - len(line.lstrip()) for line in real[1:3]
    ]
    assert (
        show(sample, "show ip vrf BLUE").splitlines()[1]
        == "  BLUE                             64600:7             Te0/0/1.20"
    )
    detail = show(sample, "show vrf detail GREEN").splitlines()
    assert detail[0] == "VRF GREEN (VRF Id = 3); default RD <not set>; default VPNID <not set>"
    assert "  No interfaces" in detail
    assert "    RT:64600:1               " in detail
    assert show(sample, "show ip vrf interfaces BLUE").splitlines()[1:] == [
        "Te0/0/1.20             10.0.2.15       BLUE                             up",
        "Tu7                    10.9.9.1        BLUE                             up",
    ]
    assert show(sample, "show vrf RED") == "% No VRF named RED"


def test_running_config_counts_itself_and_shows_parts() -> None:
    text = show(router(), "show running-config")
    lines = text.splitlines()
    assert lines[:2] == ["Building configuration...", ""]
    count = int(lines[2].rpartition(": ")[2].split()[0])
    assert count == len(text.split(" bytes\n", 1)[1])
    assert "! Last configuration change at 09:05:03 UTC Thu Mar 7 2024 by alice" in lines
    assert lines[-1] == "end"
    part = show(router(), "show running-config interface te0/0/1.20").splitlines()
    assert part[3:5] == ["!", "interface TenGigabitEthernet0/0/1.20"]
    assert part[-1] == "end"
    vrf = show(router(vrfs=VRFS), "show running-config vrf BLUE")
    assert "192.0.2.1" in vrf
    assert "Tunnel7" in vrf
    assert "GREEN" not in vrf
    assert "192.0.2.5" not in vrf
    assert vrf.rstrip().endswith("end")


def test_differences_and_archive() -> None:
    assert show(router(), "show archive config differences").splitlines() == [
        "!Contextual Config Diffs:",
        "interface TenGigabitEthernet0/0/1.20",
        "+ description to Azure",
    ]
    same = router(startup_config=CONFIG)
    assert show(same, "show archive config differences").splitlines()[1] == "!No changes were found"
    assert show(router(), "show archive") == "Archive feature not enabled."
    kept = router(archive=ArchiveState("bootflash:$h", 3, (ArchivedConfig("bootflash:edge-1-x-4", "hostname a\n"),), 5))
    assert show(kept, "show archive").splitlines() == [
        "The maximum archive configurations allowed is 3.",
        "There are currently 1 archive configurations saved.",
        "The next archive file will be named bootflash:edge-1-<timestamp>-5",
        " Archive #  Name",
        "   1       bootflash:edge-1-x-4 <- Most Recent",
        "   2       ",
        "   3       ",
    ]
    against = show(kept, "show archive config differences bootflash:edge-1-x-4").splitlines()
    assert "-hostname a" in against
    assert "+hostname edge-1" in against
    assert show(kept, "show archive config differences flash:no").startswith("%Error opening flash:no")
    assert show(router(startup_config=""), "show startup-config") == "startup-config is not present"


def test_log_lines_carry_their_time() -> None:
    line = LogLine(NOW.timestamp(), "%SYS-5-CONFIG_I: Configured from console by alice on vty0 (127.0.0.1)")
    lines = show(router(log=(line,)), "show logging").splitlines()
    assert lines[-1] == "Mar  7 09:05:03.123: %SYS-5-CONFIG_I: Configured from console by alice on vty0 (127.0.0.1)"


def test_policies() -> None:
    sample = router(
        route_maps=(
            RouteMap(
                "PREFER",
                (
                    RouteMapEntry(10, True, ("ip address prefix-lists: NETS",), ("local-preference 200",)),
                    RouteMapEntry(20, False, (), ()),
                ),
            ),
        ),
        prefix_lists=(
            PrefixList(
                "NETS",
                (
                    PrefixListEntry(5, True, IPv4Interface("10.0.0.0/8").network, 24, 32, 7),
                    PrefixListEntry(10, False, IPv4Interface("0.0.0.0/0").network),
                ),
            ),
        ),
    )
    assert show(sample, "show route-map PREFER").splitlines() == [
        "route-map PREFER, permit, sequence 10",
        "  Match clauses:",
        "    ip address prefix-lists: NETS ",
        "  Set clauses:",
        "    local-preference 200",
        "  Policy routing matches: 0 packets, 0 bytes",
        "route-map PREFER, deny, sequence 20",
        "  Match clauses:",
        "  Set clauses:",
        "  Policy routing matches: 0 packets, 0 bytes",
    ]
    assert show(sample, "show route-map OTHER") == "route-map OTHER not found"
    assert show(sample, "show ip prefix-list NETS").splitlines() == [
        "ip prefix-list NETS: 2 entries",
        "   seq 5 permit 10.0.0.0/8 ge 24 le 32",
        "   seq 10 deny 0.0.0.0/0",
    ]
    assert show(sample, "show ip prefix-list detail").splitlines() == [
        "Prefix-list with the last deletion/insertion: NETS",
        "ip prefix-list NETS:",
        "   count: 2, range entries: 1, sequences: 5 - 10, refcount: 2",
        "   seq 5 permit 10.0.0.0/8 ge 24 le 32 (hit count: 7, refcount: 1)",
        "   seq 10 deny 0.0.0.0/0 (hit count: 0, refcount: 1)",
    ]
