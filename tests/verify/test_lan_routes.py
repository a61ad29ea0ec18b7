"""What OSPF tells the site: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import pytest
from verify.verify_records import CONFIG_TEXT, INTERFACE, VRF, config, config_adding, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedOspf
from pytest_azinterop.state.ospf import OspfProcess, Redistribution
from pytest_azinterop.verify import lan_routes, rules_operations, scope
from pytest_azinterop.verify.lan_routes import ObservedLanRoutes

BGP = Redistribution("bgp", "64900", subnets=True)
LAN = replace(
    INTERFACE,
    name="TenGigabitEthernet0/0/2.12",
    role="lan",
    address=IPv4Interface("10.7.0.1/24"),
    ospf=ExpectedOspf(64900, redistributes=True, route_map="TO-SITE", default_route="conditional"),
)
LINE = "redistribute bgp 64900 subnets route-map TO-SITE"
DEFAULT = "default-information originate route-map AZURE"


def declared(**changes: Any) -> Any:
    assert LAN.ospf is not None
    return replace(LAN, ospf=replace(LAN.ospf, **changes))


def observed(
    *lines: str,
    maps: tuple[str, ...] = ("TO-SITE",),
    network: str = "network 10.7.0.0 0.0.0.255 area 0",
    processes: tuple[OspfProcess, ...] | None = None,
    **changes: Any,
) -> ObservedLanRoutes:
    text = "\n".join(
        [
            "router ospf 12 vrf blue",
            *(f" {line}" for line in (*(lines or (LINE, DEFAULT)), network)),
            "!",
            *(f"route-map {name} permit 10" for name in maps),
            "!",
        ]
    )
    values: dict[str, Any] = {"vrf": VRF, "shutdown": False, "border": True, "redistributed": (BGP,), **changes}
    running = OspfProcess(12, IPv4Address("10.7.0.1"), source=source("show ip ospf"), **values)
    return ObservedLanRoutes(config_adding(text), (running,) if processes is None else processes)


OUT, TO = lan_routes.redistribution, lan_routes.default_route
NAME = "lan.redistribution"
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (OUT, LAN, observed(network="network 10.99.0.0 0.0.0.255 area 0"), f"{NAME}:no-process"),
    (OUT, LAN, observed(DEFAULT, redistributed=()), f"{NAME}:missing"),
    (OUT, LAN, observed("redistribute bgp 64999 subnets route-map TO-SITE"), f"{NAME}:other-as"),
    (OUT, LAN, observed("redistribute bgp 64900 subnets"), f"{NAME}:no-route-map"),
    (OUT, LAN, observed("redistribute bgp 64900 subnets route-map OLD", maps=("OLD",)), f"{NAME}:other-route-map"),
    (OUT, LAN, observed(maps=("OTHER",)), f"{NAME}:route-map-undefined"),
    (OUT, LAN, observed(redistributed=(replace(BGP, subnets=False),)), f"{NAME}:no-subnets"),
    (OUT, LAN, observed(redistributed=(Redistribution("static", None, subnets=True),)), f"{NAME}:not-in-effect"),
    (OUT, LAN, observed(shutdown=True), f"{NAME}:shutdown"),
    (OUT, declared(redistributes=False, route_map=None), observed(), f"{NAME}:unexpected"),
    (TO, LAN, observed(network="area 0 stub"), "lan.default-route:no-process"),
    (TO, LAN, observed(LINE), "lan.default-route:missing"),
    (TO, declared(default_route="none"), observed(), "lan.default-route:unexpected"),
    (TO, LAN, observed("default-information originate always"), "lan.default-route:always"),
    (TO, declared(default_route="always"), observed(), "lan.default-route:conditional"),
)


@pytest.mark.parametrize(("judge", "expected", "seen", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, seen: Any, named: str) -> None:
    assert [f"{each.rule}:{each.cause}" for each in judge(expected, seen)] == [named]


@pytest.mark.parametrize(
    ("judge", "expected", "seen"),
    [
        (OUT, LAN, observed()),
        (OUT, LAN, observed(vrf=None)),
        (OUT, declared(route_map=None), observed("redistribute bgp 64900")),
        (OUT, declared(redistributes=False, route_map=None), observed(DEFAULT, redistributed=())),
        (TO, LAN, observed()),
        (TO, LAN, observed("default-information originate")),
        (TO, declared(default_route="none"), observed(LINE)),
        (TO, declared(default_route="always"), observed("default-information originate always metric 5")),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, seen: Any) -> None:
    assert judge(expected, seen) == []


def test_an_interface_that_names_its_process_needs_no_network_line() -> None:
    seen = observed(network="area 0 stub")
    lines = "interface TenGigabitEthernet0/0/2.12\n vrf forwarding blue\n ip ospf 12 area 0"
    port = config_adding(lines).interfaces[-1]
    assert OUT(LAN, replace(seen, config=replace(seen.config, interfaces=(port,)))) == []


@pytest.mark.parametrize("judge", [OUT, TO])
def test_nothing_is_said_without_the_process_or_the_whole_configuration(judge: Any) -> None:
    with pytest.raises(UndeterminedError, match="has no process 12"):
        judge(LAN, observed(processes=()))
    with pytest.raises(UndeterminedError, match="has no process 12"):
        judge(LAN, observed(vrf="green"))
    part = observed("area 0 stub", maps=())
    with pytest.raises(UndeterminedError):
        judge(LAN, replace(part, config=replace(part.config, whole=False)))


@pytest.mark.parametrize("rule", ["lan.redistribution", "lan.default-route"])
def test_nothing_is_judged_where_nothing_is_declared(rule: str) -> None:
    assert scope.reason_not_judged(rule, INTERFACE)
    assert scope.reason_not_judged(rule, declared(redistributes=None, default_route=None, route_map=None))
    assert scope.reason_not_judged(rule, LAN) is None


def test_every_cause_has_a_case() -> None:
    shown = {case[3] for case in CASES}
    rules = [rule for rule in rules_operations.RULES if rule.judged_by.startswith("lan_routes.")]
    assert {f"{rule.name}:{cause}" for rule in rules for cause in rule.causes} == shown


PROCESS = "router ospf 12 vrf blue\n network 10.7.9.9 0.0.0.0 area 0\n!\n"


def test_a_network_line_covers_the_address_that_an_interface_borrows() -> None:
    own = " ip address 10.7.0.1 255.255.255.0"
    assert own in CONFIG_TEXT
    lent = CONFIG_TEXT.replace(own, " ip unnumbered Loopback7")
    text = "interface Loopback7\n vrf forwarding blue\n ip address 10.7.9.9 255.255.255.255\n!\n" + PROCESS
    borrowed = config(lent.replace("\nend\n", f"\n{text}end\n"))
    found = lan_routes.process(LAN, borrowed)
    assert found is not None
    assert found.number == 12
