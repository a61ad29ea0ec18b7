"""NAPALM's inherited getters over our connection, against a simulated router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.iosxe.driver import IosXeDriver
from pytest_azinterop.lab.launch import start

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def device() -> Iterator[IosXeDriver]:
    with start() as ready:
        door = ready.routers["ce1-loc1"]
        options = {"port": door.port, "alt_key_file": str(ready.inventory / "known_hosts")}
        driver = IosXeDriver(door.host, door.username, door.password, optional_args=options)
        driver.open()
        yield driver
        driver.close()


def test_get_facts(device: IosXeDriver) -> None:
    facts = device.get_facts()
    assert (facts["hostname"], facts["vendor"]) == ("ce1-loc1", "Cisco")


def test_get_interfaces(device: IosXeDriver) -> None:
    interface = device.get_interfaces()["TenGigabitEthernet0/0/0.300"]
    assert (interface["is_up"], interface["is_enabled"]) == (True, True)


def test_get_bgp_neighbors(device: IosXeDriver) -> None:
    assert device.get_bgp_neighbors()["30"]["peers"]["192.168.30.18"]["is_up"] is True


def test_get_config(device: IosXeDriver) -> None:
    assert "router bgp" in device.get_config(retrieve="running")["running"]


def test_a_getter_after_another_reads_its_own_answer(device: IosXeDriver) -> None:
    assert device.get_facts() | {"uptime": 0} == device.get_facts() | {"uptime": 0}
    assert list(device.cli(["show clock", "show privilege"])) == ["show clock", "show privilege"]
