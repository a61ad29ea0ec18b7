"""A router made of records, for the renderers' tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from pytest_azinterop.lab.exec.grammar import Grammar, Match, ShowCommand
from pytest_azinterop.lab.network.bgp_records import (
    BgpEntry,
    BgpNeighbor,
    BgpPath,
    BgpProcess,
    BgpTable,
    DeniedCounts,
    Messages,
    NeighborPolicy,
    NeighborRoutes,
)
from pytest_azinterop.lab.network.records import Facts, VrfState
from pytest_azinterop.lab.show import COMMANDS

NOW = datetime(2024, 3, 7, 9, 5, 3, 123456, tzinfo=UTC)


def corpus(*parts: str) -> Path:
    """A file of the corpus of real output; the test skips where there is none."""
    start = os.environ.get("AZINTEROP_CORPUS")
    root = Path(start) if start else Path(__file__).parents[4] / "shared" / "corpus"
    file = root.joinpath(*parts)
    if not file.exists():
        pytest.skip(f"no corpus of real router output at {root}")
    return file


_GRAMMAR: Grammar[ShowCommand] = Grammar((command.pattern, command.privilege, command) for command in COMMANDS)


def show(view: Any, line: str, via: str = "vty0 (127.0.0.1)") -> str:
    """What the router prints for a command that is typed on a line."""
    outcome = _GRAMMAR.match(line)
    assert isinstance(outcome, Match), outcome
    return outcome.command.render(view, replace(outcome.args, via=via))


def path(next_hop: str = "192.0.2.1", *as_path: int, **changes: Any) -> BgpPath:
    base = BgpPath(
        next_hop=IPv4Address(next_hop),
        from_neighbor=IPv4Address(next_hop),
        neighbor_router_id=IPv4Address(next_hop),
        metric=None,
        local_preference=None,
        effective_local_preference=100,
        weight=0,
        as_path=as_path,
        origin="i",
        valid=True,
        best=True,
        internal=False,
        local=False,
        received_at=NOW.timestamp() - 3600,
    )
    return replace(base, **changes)


def entry(prefix: str, *paths: BgpPath, **changes: Any) -> BgpEntry:
    return replace(BgpEntry(IPv4Network(prefix), 5, paths, (1,)), **changes)


def neighbor(address: str = "192.0.2.1", **changes: Any) -> BgpNeighbor:
    base = BgpNeighbor(
        vrf="BLUE",
        address=IPv4Address(address),
        remote_as=64999,
        local_as=64600,
        internal=False,
        description=None,
        peer_group=None,
        activated=True,
        state="Established",
        admin_down=False,
        prefix_limit_exceeded=False,
        state_age=700000.0,
        remote_router_id=IPv4Address("203.0.113.9"),
        router_id=IPv4Address("10.0.0.1"),
        last_read=12.0,
        last_write=21.0,
        hold_time=180,
        keepalive=60,
        configured_hold_time=None,
        configured_keepalive=None,
        minimum_hold_time=None,
        sent=Messages(1, 0, 3, 11000, 0),
        received=Messages(1, 0, 7, 11010, 0),
        advertisement_interval=0,
        ebgp_multihop=None,
        disable_connected_check=False,
        ttl_security_hops=None,
        update_source=None,
        local_host=IPv4Address("192.0.2.2"),
        local_port=34567,
        foreign_host=IPv4Address(address),
        foreign_port=179,
        interface="TenGigabitEthernet0/0/1.20",
        route_to_peer=True,
        connections_established=1,
        connections_dropped=0,
        last_reset_age=None,
        last_reset_reason=None,
        next_active_open=None,
        policy=NeighborPolicy(),
        table_version=9,
        main_table_version=9,
        prefixes_sent=2,
        prefixes_accepted=5,
        prefixes_saved=None,
        bestpaths=4,
        multipaths=0,
        explicit_withdraws_received=0,
        implicit_withdraws_received=0,
        withdraws_sent=0,
        denied=DeniedCounts(),
        bfd=None,
        password=False,
        update_group=3,
        established_for=700000.0,
        table_id=2,
    )
    return replace(base, **changes)


def table(*entries: BgpEntry, vrf: str | None = "BLUE", rd: str | None = "64600:7") -> BgpTable:
    return BgpTable(vrf, rd, 9, IPv4Address("10.0.0.1"), 64600, 100, entries)


@dataclass
class SampleRouter:
    """Answers what a test gave it; anything else is an AttributeError."""

    tables: dict[str | None, BgpTable] = field(default_factory=dict)
    neighbors: dict[str | None, tuple[BgpNeighbor, ...]] = field(default_factory=dict)
    routes: dict[str, NeighborRoutes] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    active: bool = True
    vrf_names: tuple[str, ...] = ("BLUE",)

    def bgp(self) -> BgpProcess | None:
        names: tuple[str | None, ...] = (None, *self.vrf_names)
        return BgpProcess(64600, IPv4Address("10.0.0.1"), 100, names) if self.active else None

    def vrfs(self) -> tuple[VrfState, ...]:
        if "vrfs" in self.answers:
            return self.answers["vrfs"]
        return tuple(VrfState(name, "ip vrf", "64600:7", None, True, False, ()) for name in self.vrf_names)

    def bgp_table(self, vrf: str | None) -> BgpTable | None:
        return self.tables.get(vrf)

    def bgp_neighbors(self, vrf: str | None) -> tuple[BgpNeighbor, ...]:
        return self.neighbors.get(vrf, ())

    def bgp_entry(self, vrf: str | None, target: IPv4Address | IPv4Network) -> BgpEntry | None:
        for candidate in self.tables[vrf].entries:
            if target == candidate.prefix or (isinstance(target, IPv4Address) and target in candidate.prefix):
                return candidate
        return None

    def _routes(self, kind: str, vrf: str | None, address: IPv4Address) -> NeighborRoutes | None:
        known = any(each.address == address for each in self.bgp_neighbors(vrf))
        return self.routes.get(kind) if known else None

    def advertised_routes(self, vrf: str | None, address: IPv4Address) -> NeighborRoutes | None:
        return self._routes("advertised", vrf, address)

    def received_routes(self, vrf: str | None, address: IPv4Address) -> NeighborRoutes | None:
        return self._routes("received", vrf, address)

    def accepted_routes(self, vrf: str | None, address: IPv4Address) -> NeighborRoutes | None:
        return self._routes("accepted", vrf, address)

    def now(self) -> datetime:
        return NOW

    @property
    def hostname(self) -> str:
        return "edge-1"

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("answers", {}):
            value = self.answers[name]
            return value if callable(value) else lambda *_args, **_kwargs: value
        raise AttributeError(name)


FACTS = Facts(
    hostname="edge-1",
    domain_name="example.net",
    model="ASR1001-X",
    serial="JAE12345678",
    version="17.9.4a",
    image="bootflash:asr1001x-universalk9.17.09.04a.SPA.bin",
    rom="IOS-XE ROMMON",
    uptime=1_000_000.0,
    reload_reason="Reload Command",
    memory_kb=3853621,
    processor="1NG",
)
