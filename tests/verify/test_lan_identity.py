"""The routers of a site have OSPF router IDs of their own: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from verify.test_lan_routes import LAN, observed

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.lan_exit import ExpectedLan
from pytest_azinterop.verify.lan_identity import ObservedLan, ObservedLanRouter, own_router_ids
from pytest_azinterop.verify.rules import RULES

ONE, TWO = LAN.router, "edge-z"
PORTS = (LAN, replace(LAN, router=TWO))
EXPECTED = ExpectedLan(LAN.customer, LAN.site, PORTS)
NO_PROCESS = "network 10.99.0.0 0.0.0.255 area 0"


def lan(*router_ids: str, ports: tuple[Any, ...] = PORTS, **changes: Any) -> ObservedLan:
    routers = []
    for port, router_id in zip(ports, router_ids, strict=True):
        told = observed(**changes)
        running = tuple(replace(each, router_id=IPv4Address(router_id)) for each in told.processes)
        routers.append(ObservedLanRouter(port, told.config, running))
    return ObservedLan(tuple(routers))


def test_routers_with_router_ids_of_their_own_pass() -> None:
    assert own_router_ids(EXPECTED, lan("10.7.0.1", "10.7.0.2")) == []


def test_two_interfaces_of_one_router_share_its_router_id() -> None:
    assert own_router_ids(EXPECTED, lan("10.7.0.1", "10.7.0.1", ports=(LAN, LAN))) == []


def test_one_router_id_of_two_routers_is_told() -> None:
    (found,) = own_router_ids(EXPECTED, lan("10.7.0.1", "10.7.0.1"))
    assert (found.rule, found.cause, found.object) == ("lan.router-id", "duplicate", f"{LAN.customer}/{LAN.site}")
    assert all(word in found.message for word in ("10.7.0.1", ONE, TWO))


def test_an_interface_without_a_process_is_told() -> None:
    found = own_router_ids(EXPECTED, lan("10.7.0.1", "10.7.0.2", network=NO_PROCESS))
    assert [each.cause for each in found] == ["no-process", "no-process"]


def test_every_cause_has_a_case() -> None:
    assert set(RULES["lan.router-id"].causes) == {"duplicate", "no-process"}


def test_a_process_that_the_router_does_not_show_is_no_evidence() -> None:
    with pytest.raises(UndeterminedError, match="no process 12"):
        own_router_ids(EXPECTED, lan("10.7.0.1", "10.7.0.2", processes=()))
