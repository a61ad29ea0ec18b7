"""The Linux hosts of a lab: what their pings find at each moment, over real SSH, however fast the clock runs."""

from __future__ import annotations

import asyncio
import re
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path

import asyncssh
import pytest
import yaml

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.launch import Ready, start
from pytest_azinterop.lab.linux import Ping
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.topology import TopologyError, load_topology

PUBLISHED = Path(__file__).parents[2] / "pytest_azinterop" / "lab" / "data" / "published"
HUB, REMOTE = IPv4Address("10.10.30.4"), IPv4Address("10.17.30.4")


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def configure(router: Router, *lines: str) -> None:
    editor = router.configure("someone")
    assert all(editor.apply(line).ok for line in lines)
    editor.apply("end")


def pings(network: Simulation, target: IPv4Address, *, flags: str = "", **given: object) -> Ping:
    options = {"interval": 0.1, "count": None, "deadline": None, "patience": 1.0, "size": 56}
    chosen = {f"flag-{letter}": letter in flags for letter in "4nDOq"}
    ping = Ping(network, network.host("loc1-host"), target, Namespace(**{**options, **given, **chosen}))
    ping.start()
    return ping


def test_random_loss_takes_its_share_of_the_packets(network: Simulation) -> None:
    network.set_link("expressroute-1-primary", loss_percent=30)
    ping = pings(network, HUB, count=300)
    network.clock.advance(60)
    network.settle()
    assert ping.sent == 300
    assert 110 <= len(ping.times) <= 190  # 0.7 of 0.7


def test_every_packet_finds_the_network_of_its_own_moment(network: Simulation) -> None:
    """A black hole of 180 s at most, looked at once, afterwards, is seen to a tenth of a second."""
    network.schedule(
        5.0, lambda: configure(network.router("ce1-loc1"), "interface TenGigabitEthernet0/0/0.300", "shutdown")
    )
    ping = pings(network, HUB, flags="DO", deadline=300.0)
    network.clock.advance(600)
    network.settle()
    assert ping.over
    assert ping.sent == pytest.approx(3000, abs=1)
    lost = ping.sent - len(ping.times)
    assert 1200 <= lost <= 1800
    silent = [int(line.rsplit("=", 1)[1]) for line in ping.lines if "no answer yet" in line]
    assert silent == list(range(silent[0], silent[0] + lost))
    assert silent[0] == pytest.approx(51, abs=1)
    first = re.match(r"\[(\d+\.\d{6})\] 64 bytes from 10\.10\.30\.4: icmp_seq=1 ttl=60 time=\d", ping.lines[1])
    assert first is not None
    assert float(first[1]) - network.clock.start < 0.1
    assert f"{ping.sent} packets transmitted, {len(ping.times)} received" in ping.summary()[2]


def test_a_ping_that_counts_ends(network: Simulation) -> None:
    ping = pings(network, HUB, count=3)
    network.clock.advance(10)
    network.settle()
    assert (ping.over, ping.sent, len(ping.times)) == (True, 3, 3)
    assert ping.lines[0] == "PING 10.10.30.4 (10.10.30.4) 56(84) bytes of data."
    assert ping.summary()[2].startswith("3 packets transmitted, 3 received, 0% packet loss, time ")


def test_looking_changes_nothing(network: Simulation) -> None:
    other = Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))
    pings(network, HUB, count=100)
    for each in (network, other):
        each.clock.advance(3600)
        each.settle()
    one, two = (each.router("ce1-loc1") for each in (network, other))
    assert one.log() == two.log()
    assert one.interfaces() == two.interfaces()


def test_what_has_no_backup_is_lost(network: Simulation) -> None:
    assert network.host("loc1-host").echo(REMOTE, 56) is not None
    configure(
        network.router("ce1-loc1"), "router bgp 65021", "address-family ipv4 vrf 30", "neighbor 192.168.30.18 shutdown"
    )
    network.settle()
    assert network.host("loc1-host").echo(REMOTE, 56) is None
    assert network.host("loc1-host").echo(HUB, 56) is not None


def test_the_published_traceroutes_from_the_site(network: Simulation) -> None:
    def seen() -> list[str]:
        network.settle()
        return ["*" if hop is None else str(hop) for hop in network.host("loc1-host").trace(HUB)]

    edge, family = network.router("ce1-loc1"), ("router bgp 65021", "address-family ipv4 vrf 30")
    before = ["10.2.30.3", "192.168.30.0", "192.168.30.18", "*", "10.10.30.4"]
    assert seen() == before
    configure(edge, *family, "neighbor 192.168.30.18 shutdown")
    assert seen() == ["10.2.30.3", "192.168.30.0", "10.10.30.4"]
    configure(edge, *family, "no neighbor 192.168.30.18 shutdown")
    network.clock.advance(30)
    assert seen() == before


def test_a_host_stands_somewhere(tmp_path: Path) -> None:
    for name in ("ce1-loc1", "ce2-loc1", "ce1-loc2", "ce2-loc2"):
        (tmp_path / f"{name}.cfg").write_text("end\n")
    text = (PUBLISHED / "topology.yaml").read_text().replace("behind: switch-loc1", "behind: switch-loc9")
    (tmp_path / "topology.yaml").write_text(text)
    with pytest.raises(TopologyError, match=r"hosts\.loc1-host: needs behind"):
        load_topology(tmp_path)


@pytest.fixture(scope="module")
def lab() -> Iterator[Ready]:
    with start(speed=20, linux_hosts=True) as ready:
        yield ready


def ssh(ready: Ready, command: str, *, host: str = "loc1-host") -> tuple[str, str, int | None]:
    door = ready.hosts[host]

    async def ask() -> tuple[str, str, int | None]:
        async with asyncssh.connect(
            door.host, door.port, username=door.username, password=door.password, known_hosts=None, config=None
        ) as connection:
            result = await connection.run(command)
            return str(result.stdout), str(result.stderr), result.exit_status

    return asyncio.run(ask())


def test_a_ping_over_ssh_runs_in_the_labs_time(lab: Ready) -> None:
    out, _, status = ssh(lab, "ping -n -D -O -i 0.1 -w 4 10.10.30.4")
    lines = [line for line in out.splitlines() if "icmp_seq=" in line]
    stamps = [float(line[1 : line.index("]")]) for line in lines]
    assert (len(lines), status) == (pytest.approx(40, abs=2), 0)
    assert all(after - before == pytest.approx(0.1, abs=0.01) for before, after in pairwise(stamps))


def test_an_unreachable_target_is_an_exit_code(lab: Ready) -> None:
    out, _, status = ssh(lab, "ping -c 2 -i 0.2 -W 1 10.1.31.10")
    assert "2 packets transmitted, 0 received, 100% packet loss" in out
    assert status == 1


def test_a_traceroute_and_what_the_host_has_not(lab: Ready) -> None:
    out, _, _status = ssh(lab, "traceroute -n -q 1 10.10.30.4")
    assert [line.split()[1] for line in out.splitlines()[1:]] == [
        "10.2.30.3", "192.168.30.0", "192.168.30.18", "*", "10.10.30.4"
    ]  # fmt: skip
    assert ssh(lab, "rm -rf /")[1:] == ("-bash: rm: command not found\n", 127)
    assert ssh(lab, "ping -c x 10.10.30.4")[2] == 2
    assert ssh(lab, "ping nowhere")[2] == 2


def test_the_inventory_has_the_hosts_where_it_is_asked_for(lab: Ready) -> None:
    hosts = yaml.safe_load((lab.inventory / "hosts.yaml").read_text())
    groups = yaml.safe_load((lab.inventory / "groups.yaml").read_text())
    door = lab.hosts["loc1-host"]
    assert hosts["loc1-host"] == {"hostname": door.host, "port": door.port, "groups": ["linux"]}
    assert groups["linux"] == {"platform": "linux"}
    assert f"[{door.host}]:{door.port} {door.host_key}\n" in (lab.inventory / "known_hosts").read_text()
    assert door.address == "10.2.30.10"
