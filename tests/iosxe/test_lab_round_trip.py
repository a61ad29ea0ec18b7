"""What the simulated routers print, our parsers read back: their text and our reading share no code."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from lab.show.show_samples import show

from pytest_azinterop.iosxe.catalogue import match
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.probes import trace_text
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import TraceRequest
from pytest_azinterop.state.source import Source

DATA = Path(__file__).parents[2] / "pytest_azinterop" / "lab" / "data" / "published"
ROUTERS = ("ce1-loc1", "ce2-loc1", "ce1-loc2", "ce2-loc2")


@pytest.fixture(scope="module")
def network() -> Simulation:
    return Simulation(DATA, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture(params=ROUTERS)
def edge(network: Simulation, request: pytest.FixtureRequest) -> Router:
    return network.router(request.param)


def read(edge: Any, command: str, text: str | None = None) -> tuple[Any, ...]:
    entry, parameters = match(command)
    source = Source("lab", command, datetime(2026, 3, 2, tzinfo=UTC))
    return entry.read(show(edge, command) + "\n" if text is None else text, source, parameters).records


def vrfs_with_bgp(edge: Router) -> list[str]:
    return [vrf.name for vrf in edge.vrfs() if edge.bgp_table(vrf.name) is not None]


def test_every_path_of_every_prefix(edge: Router) -> None:
    for vrf in vrfs_with_bgp(edge):
        table = edge.bgp_table(vrf)
        assert table is not None
        for prefix in {entry.prefix for entry in table.entries}:
            entry = edge.bgp_entry(vrf, prefix)
            assert entry is not None
            (record,) = read(edge, f"show bgp vpnv4 unicast vrf {vrf} {prefix}")
            assert (record.prefix, record.vrf) == (prefix, vrf)
            assert [
                (path.next_hop, path.learned_from, path.best, path.received_only, path.as_path.sequence)
                for path in record.paths
            ] == [
                (
                    path.next_hop,
                    path.from_neighbor or IPv4Address(0),
                    path.best,
                    path.received_only,
                    tuple(path.as_path),
                )
                for path in entry.paths
            ]
            assert [path.local_preference for path in record.paths] == [
                path.effective_local_preference for path in entry.paths
            ]


def test_a_prefix_that_is_not_there(edge: Router) -> None:
    for vrf in vrfs_with_bgp(edge):
        assert read(edge, f"show bgp vpnv4 unicast vrf {vrf} 198.51.100.0/24") == ()


def test_bgp_summaries(edge: Router) -> None:
    for vrf in vrfs_with_bgp(edge):
        neighbors = [
            row for summary in read(edge, f"show bgp vpnv4 unicast vrf {vrf} summary") for row in summary.neighbors
        ]
        assert {(row.address, row.remote_as, row.state, row.shutdown) for row in neighbors} == {
            (each.address, each.remote_as, each.state, each.admin_down) for each in edge.bgp_neighbors(vrf)
        }


def test_crypto_sessions(edge: Router) -> None:
    sessions = read(edge, "show crypto session detail")
    assert {(each.interface, each.peer, each.status) for each in sessions} == {
        (each.interface, each.peer, each.status) for each in edge.crypto_sessions()
    }
    for session in sessions:
        assert all(flow.inbound is not None for flow in session.flows)


def test_ospf_neighbors(edge: Router) -> None:
    assert {
        (each.router_id, each.address, each.interface, each.is_full) for each in read(edge, "show ip ospf neighbor")
    } == {
        (each.router_id, each.address, each.interface, each.state.startswith("FULL")) for each in edge.ospf_neighbors()
    }


def test_traffic_of_sub_interfaces(edge: Router) -> None:
    expected = {
        (each.outer_vlan, each.inner_vlan): (each.counters.in_packets, each.counters.out_packets)
        for each in edge.interfaces()
        if each.outer_vlan is not None
    }
    for command in ("show vlans", "show vlans dot1q"):
        found = {
            (each.outer_vlan, each.inner_vlan): (each.input_packets, each.output_packets)
            for each in read(edge, command)
        }
        assert found == expected
    assert all(each.interface for each in read(edge, "show vlans"))


def test_time_archive_users_and_log(edge: Router) -> None:
    (status,) = read(edge, "show ntp status")
    associations = read(edge, "show ntp associations")
    assert status.synchronized == edge.ntp_synchronized()
    assert any(each.mark == "*" for each in associations) == status.synchronized
    (archive,) = read(edge, "show archive")
    assert archive.enabled == ("\narchive\n" in edge.running_config())
    edge.enter("azinterop", "127.0.0.1")
    edge.enter("somebody", "10.255.0.9")
    assert [session.own for session in read(edge, "show users")] == [True, False]
    (log,) = read(edge, "show logging")
    assert [each.text for each in log.messages] == [each.text.split(": ", 1)[1].rstrip() for each in edge.log()]
    assert log.other == 0


def test_startup_configuration_and_differences(edge: Router) -> None:
    (startup,) = read(edge, "show startup-config")
    assert startup.whole
    (found,) = read(edge, "show archive config differences nvram:startup-config system:running-config")
    assert found.differences == ()


def test_a_change_that_is_not_saved(network: Simulation) -> None:
    edge = network.router("ce2-loc1")
    editor = edge.configure("someone")
    for line in ("interface Loopback77", "description not saved", "end"):
        assert editor.apply(line).ok
    (found,) = read(edge, "show archive config differences nvram:startup-config system:running-config")
    lines = [(each.added, each.text, each.above) for each in found.differences]
    assert lines[0] == (True, "interface Loopback77", ())
    assert (True, "description not saved", ("interface Loopback77",)) in lines
    assert all(added for added, _, _ in lines)


def test_traceroute(network: Simulation) -> None:
    edge = network.router("ce1-loc1")
    target = IPv4Address("10.10.30.4")
    result = edge.traceroute(
        TraceRequest(destination=target, vrf="30", source=None, probes=3, timeout=1.0, min_ttl=1, max_ttl=12)
    )
    command = "traceroute vrf 30 10.10.30.4 ttl 1 12"
    (record,) = read(edge, command, trace_text(result, probes=3))
    assert record.target == target
    assert [hop.addresses for hop in record.hops] == [
        () if hop.address is None else (hop.address,) for hop in result.hops
    ]


def test_a_command_about_every_vrf_tells_of_each_what_its_own_command_does(edge: Router) -> None:
    for single, every in (
        ("show bgp vpnv4 unicast vrf {} neighbors", "show bgp vpnv4 unicast all neighbors"),
        ("show bgp vpnv4 unicast vrf {}", "show bgp vpnv4 unicast all"),
        ("show ip route vrf {}", "show ip route vrf *"),
    ):
        records = read(edge, every)
        vrfs = [vrf.name for vrf in edge.vrfs()] if "route" in every else vrfs_with_bgp(edge)
        assert vrfs
        for vrf in vrfs:
            alone = read(edge, single.format(vrf))
            assert alone
            assert tuple(record for record in records if record.vrf == vrf) == alone


def test_every_routing_table_is_the_global_one_and_each_vrfs(edge: Router) -> None:
    records = read(edge, "show ip route vrf *")
    assert [record.vrf for record in records] == [None, *(vrf.name for vrf in edge.vrfs())]
    assert records[0] == read(edge, "show ip route")[0]
