from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from lab.show.show_samples import SampleRouter, corpus, entry, neighbor, path, show, table

from pytest_azinterop.lab.network.bgp_records import DeniedCounts, MaximumPrefix, Messages, NeighborPolicy

ASK = "show bgp vpnv4 unicast vrf BLUE neighbors"


def block(**changes: object) -> list[str]:
    router = SampleRouter(neighbors={"BLUE": (neighbor(**changes),)})
    return show(router, ASK).splitlines()


def shape(line: str) -> str:
    """A line's skeleton: words and punctuation, values taken away, columns kept where they are blank."""
    line = re.sub(r"\b\d+\.\d+\.\d+\.\d+\b", "A", line.rstrip())
    line = re.sub(r"\b(\d+:\d\d:\d\d|\d+[ydw]\d+[wdh]|never)\b", "T", line)
    line = re.sub(r"0x[0-9A-Fa-f]+", "X", line)
    return re.sub(r"\s*-?\b\d+\b", " N", line)


def test_every_line_of_a_real_session_is_printed_in_its_order() -> None:
    """What IOS-XE 16 printed for an established session is a subsequence of ours: 17 only added lines."""
    real = corpus("labs", "iosxe_undefined_route_map", "show", "d1_central", "show_ip_bgp_all_neighbor.txt").read_text()
    first = real.split("\nBGP neighbor is ")[1].splitlines()
    router = SampleRouter(
        neighbors={
            None: (neighbor(vrf=None, interface="GigabitEthernet1", advertisement_interval=30, activated=False),)
        }
    )
    ours = [shape(line) for line in show(router, "show ip bgp neighbors").splitlines()]
    at = 1
    for line in first[1:]:
        wanted = shape(line)
        wanted = re.sub(r"due to Active open failed", "", wanted)
        if wanted.startswith(("  Last reset", "PmtuAger", "Retrans", "AckHold")):
            continue
        assert wanted in ours[at:], line
        at += ours[at:].index(wanted) + 1


def test_numeric_columns_are_those_of_a_real_session() -> None:
    real = corpus(
        "iosxe", "bgp_neighbors", "napalm_test_get_bgp_neighbors_vrfs_mdt_show_bgp_vpnv4_unicast_all_neighbors.txt"
    )
    wanted = {}
    for line in real.read_text().splitlines():
        found = re.match(
            r"\s+(Opens|Keepalives|Prefixes Current|Used as bestpath|Saved \(soft-reconfig\)|Total):", line
        )
        if found and found.group(1) not in wanted:
            wanted[found.group(1)] = [end.end() for end in re.finditer(r"(\d+|n/a)\b", line.split("(Con")[0])]
    ours = block(prefixes_saved=5, policy=NeighborPolicy(soft_reconfiguration=True))
    for name, ends in wanted.items():
        line = next(line for line in ours if line.strip().startswith(f"{name}:"))
        assert [end.end() for end in re.finditer(r"(\d+|n/a)\b", line.split("(Con")[0])] == ends, name


def test_policies_are_named_as_bound() -> None:
    lines = block(
        policy=NeighborPolicy(
            route_map_in="IN-MAP",
            prefix_list_out="OUT-LIST",
            soft_reconfiguration=True,
            next_hop_self=True,
            weight=40,
            maximum_prefix=MaximumPrefix(200, 80, restart=5),
            send_community="both",
            allowas_in=3,
        ),
        prefixes_saved=6,
        denied=DeniedCounts(inbound={"route-map": 1}, outbound={"Bestpath from this peer": 4}),
    )
    start = lines.index(" For address family: VPNv4 Unicast")
    assert lines[start + 1] == "  Translates address family IPv4 Unicast for VRF BLUE"
    for line in (
        "  Inbound soft reconfiguration allowed",
        "  NEXT_HOP is always this router for eBGP paths",
        "  My AS number is allowed for 3 number of times",
        "  Community attribute sent to this neighbor",
        "  Extended-community attribute sent to this neighbor",
        "  Default weight 40",
        "  Inbound path policy configured",
        "  Outbound path policy configured",
        "  Outgoing update prefix filter list is OUT-LIST",
        "  Route map for incoming advertisements is IN-MAP",
        "    Saved (soft-reconfig):        n/a          6 (Consumes 816 bytes)",
        "    route-map:                            0          1",
        "    Bestpath from this peer:              4        n/a",
        "    Total:                                4          1",
        "  Maximum prefixes allowed 200",
        "  Threshold for warning message 80%, restart interval 5 min",
    ):
        assert line in lines[start:], line


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "BGP neighbor is 192.0.2.1,  vrf BLUE,  remote AS 64999, external link"),
        ({"local_as": 64700}, "BGP neighbor is 192.0.2.1,  vrf BLUE,  remote AS 64999,  local AS 64700, external link"),
        ({"vrf": None}, "BGP neighbor is 192.0.2.1,  remote AS 64999, external link"),
        (
            {"internal": True, "remote_as": 64600},
            "BGP neighbor is 192.0.2.1,  vrf BLUE,  remote AS 64600, internal link",
        ),
    ],
)
def test_the_first_line_tells_who(changes: dict[str, object], expected: str) -> None:
    assert block(**changes)[0] == expected


def test_timers_and_multihop() -> None:
    lines = block(
        configured_hold_time=30, configured_keepalive=10, hold_time=30, keepalive=10, ebgp_multihop=5, interface=None
    )
    assert "  Configured hold time is 30, keepalive interval is 10 seconds" in lines
    assert "  Last read 00:00:12, last write 00:00:21, hold time is 30, keepalive interval is 10 seconds" in lines
    assert "  External BGP neighbor may be up to 5 hops away." in lines
    assert "  Interface associated: (none) (peering address NOT in same link)" in lines
    assert "Connection is ECN Disabled, Mininum incoming TTL 0, Outgoing TTL 5" in lines


def test_a_session_that_is_shut_has_no_connection() -> None:
    lines = block(
        state="Idle", admin_down=True, state_age=75.0, established_for=None, remote_router_id=None, last_reset_age=75.0,
        last_reset_reason="Admin. shutdown of session 1", sent=Messages(), received=Messages(),
    )  # fmt: skip
    assert " Administratively shut down" in lines
    assert "  BGP version 4, remote router ID 0.0.0.0" in lines
    assert "  BGP state = Idle, down for 00:01:15" in lines
    assert "  Last reset 00:01:15, due to Admin. shutdown of session 1" in lines
    assert "  No active TCP connection" in lines
    assert not any(line.startswith(("Connection state", "Local host")) for line in lines)


def test_the_summary_has_the_columns_of_a_real_one() -> None:
    real = corpus("iosxe", "bgp_summary", "napalm_test_get_bgp_neighbors_normal_show_bgp_all_summary.txt").read_text()
    header, *rows = [
        line for line in real.split("For address family: IPv6")[0].splitlines() if re.match(r"Nei|\d+\.", line)
    ]
    neighbors = tuple(
        neighbor(
            cells[0],
            vrf=None,
            remote_as=int(cells[2]),
            received=Messages(keepalives=int(cells[3])),
            sent=Messages(keepalives=int(cells[4])),
            table_version=int(cells[5]),
            state="Established" if cells[9].isdecimal() else cells[9].split()[0],
            admin_down="Admin" in cells[9],
            state_age={"8w0d": 8 * 604800, "6w3d": 6 * 604800 + 3 * 86400, "1d13h": 133200, "26w6d": 16243200}.get(
                cells[8]
            ),
            prefixes_accepted=int(cells[9]) if cells[9].isdecimal() else 0,
        )
        for cells in (row.split(maxsplit=9) for row in rows)
    )
    router = SampleRouter(tables={None: table(vrf=None, rd=None)}, neighbors={None: neighbors})
    assert show(router, "show ip bgp summary").splitlines()[-len(rows) - 1 :] == [header, *rows]


def test_the_summary_counts_what_the_table_holds() -> None:
    router = SampleRouter(
        tables={
            "BLUE": table(
                entry(
                    "10.1.0.0/16", path("192.0.2.1", 64999), path("192.0.2.1", 64999, received_only=True, best=False)
                ),
                entry("10.2.0.0/16", path("0.0.0.0", local=True)),
            )
        },
        neighbors={"BLUE": (neighbor(), neighbor("192.0.2.99", activated=False))},
    )
    lines = show(router, "show bgp vpnv4 unicast vrf BLUE summary").splitlines()
    assert lines[:4] == [
        "BGP router identifier 10.0.0.1, local AS number 64600",
        "BGP table version is 9, main routing table version 9",
        "2 network entries using 512 bytes of memory",
        "3 path entries using 408 bytes of memory",
    ]
    assert "1 received paths for inbound soft reconfiguration" in lines
    assert "2 networks peaked at 08:05:03 Mar 7 2024 UTC (01:00:00.000 ago)" in lines
    assert lines[-1] == "192.0.2.1       4        64999   11018   11004        9    0    0 1w1d            5"
    assert show(router, "show bgp all summary").splitlines()[0] == "For address family: VPNv4 Unicast"


def test_the_long_form_tells_every_attribute() -> None:
    used = path(
        "192.0.2.1", 64999, 7, local_preference=200, effective_local_preference=200,
        neighbor_router_id=IPv4Address("203.0.113.9"), communities=("64999:20", "no-export"), metric=5,
    )  # fmt: skip
    other = path("192.0.2.5", 64998, best=False, weight=10, inaccessible=True, igp_metric=None)
    origin = path("0.0.0.0", metric=0, weight=32768, local=True, sourced="network", best=False)
    router = SampleRouter(
        tables={"BLUE": table(entry("10.1.0.0/16", other, used, origin, update_groups=(1, 29)))},
        neighbors={"BLUE": (neighbor(policy=NeighborPolicy(soft_reconfiguration=True)),)},
    )
    assert show(router, "show bgp vpnv4 unicast vrf BLUE 10.1.2.3").splitlines() == [
        "BGP routing table entry for 64600:7:10.1.0.0/16, version 5",
        "Paths: (3 available, best #2, table BLUE)",
        "  Advertised to update-groups:",
        "     1          29         ",
        "  Refresh Epoch 1",
        "  64998",
        "    192.0.2.5 (inaccessible) (via vrf BLUE) from 192.0.2.5 (192.0.2.5)",
        "      Origin IGP, localpref 100, weight 10, valid, external",
        "      rx pathid: 0, tx pathid: 0",
        "      Updated on Mar 7 2024 08:05:03 UTC",
        "  Refresh Epoch 1",
        "  64999 7, (received & used)",
        "    192.0.2.1 (via vrf BLUE) from 192.0.2.1 (203.0.113.9)",
        "      Origin IGP, metric 5, localpref 200, valid, external, best",
        "      Community: 64999:20 no-export",
        "      rx pathid: 0, tx pathid: 0x0",
        "      Updated on Mar 7 2024 08:05:03 UTC",
        "  Refresh Epoch 1",
        "  Local",
        "    0.0.0.0 (via vrf BLUE) from 0.0.0.0 (0.0.0.0)",
        "      Origin IGP, metric 0, localpref 100, weight 32768, valid, sourced, local",
        "      rx pathid: 0, tx pathid: 0",
        "      Updated on Mar 7 2024 08:05:03 UTC",
    ]


def test_a_neighbor_over_its_limit_says_how_to_come_back() -> None:
    lines = block(
        state="Idle",
        prefix_limit_exceeded=True,
        established_for=None,
        policy=NeighborPolicy(maximum_prefix=MaximumPrefix(10), route_map_in="IN-MAP"),
    )
    at = lines.index("  Peer had exceeded the max. no. of prefixes configured.")
    assert lines[at + 1 : at + 4] == [
        "  Maximum prefixes allowed 10",
        "  Threshold for warning message 75%",
        "  Reduce the no. of prefix and clear ip bgp 192.0.2.1 to restore peering",
    ]


def test_policy_lists_what_is_bound() -> None:
    policy = NeighborPolicy(route_map_in="IN-MAP", prefix_list_out="OUT-LIST", soft_reconfiguration=True)
    router = SampleRouter(neighbors={"BLUE": (neighbor(policy=policy),)})
    assert show(router, "show ip bgp vpnv4 vrf BLUE neighbors 192.0.2.1 policy").splitlines() == [
        " Neighbor: 192.0.2.1, Address-Family: VPNv4 Unicast (BLUE)",
        " Locally configured policies:",
        "  route-map IN-MAP in",
        "  prefix-list OUT-LIST out",
        "  soft-reconfiguration inbound",
    ]


def test_a_route_distinguisher_names_its_vrf() -> None:
    router = SampleRouter(tables={"BLUE": table(entry("10.2.0.0/16", path("0.0.0.0", local=True)))})
    assert "10.2.0.0/16" in show(router, "show bgp vpnv4 unicast rd 64600:7")
    assert show(router, "show bgp vpnv4 unicast rd 64600:8") == ""


def test_a_vrf_with_its_own_router_id_says_so() -> None:
    own = replace(table(entry("10.2.0.0/16", path("0.0.0.0", local=True))), router_id=IPv4Address("10.0.0.77"))
    router = SampleRouter(tables={"BLUE": own}, neighbors={"BLUE": (neighbor(),)})
    assert show(router, "show bgp vpnv4 unicast vrf BLUE summary").startswith("BGP router identifier 10.0.0.77,")
    assert "BGP router identifier 10.0.0.1," in show(router, "show bgp all summary")
    assert "(default for vrf BLUE) VRF Router ID 10.0.0.77" in show(router, "show bgp vpnv4 unicast vrf BLUE")


def test_a_path_that_policy_denied_is_still_valid_in_the_long_form() -> None:
    denied = path("192.0.2.1", 64999, best=False, valid=False, received_only=True)
    router = SampleRouter(tables={"BLUE": table(entry("10.5.0.0/16", denied))}, neighbors={"BLUE": (neighbor(),)})
    assert "localpref 100, valid, external" in show(router, "show bgp vpnv4 unicast vrf BLUE 10.5.0.0/16")
