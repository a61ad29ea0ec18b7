"""A waiver that can cover nothing is refused, and interfaces in it may be spelled short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.interface_names import TYPES, in_object, interface_name
from pytest_azinterop.intent.loader import load
from pytest_azinterop.verify.rules import RULES
from tests.intent.test_loader import SMALL, written

if TYPE_CHECKING:
    from pathlib import Path

WAIVER = "{rule: bgp.state, object: edge1/*,"


def with_waiver(folder: Path, rule: str, object_: str) -> Path:
    assert WAIVER in SMALL
    return written(folder, SMALL.replace(WAIVER, f'{{rule: "{rule}", object: "{object_}",'))


@pytest.mark.parametrize(
    ("rule", "object_", "kept"),
    [
        ("interface.state", "edge1/Te0/0/1.400", "edge1/TenGigabitEthernet0/0/1.400"),
        ("interface.state", "edge1/te 0/0/1.400", "edge1/TenGigabitEthernet0/0/1.400"),
        ("interface.state", "*/Te0/0/1.*", "*/TenGigabitEthernet0/0/1.*"),
        ("tunnel.state", "edge2/vrf-FIN-1/Tu40", "edge2/vrf-FIN-1/Tunnel40"),
        ("device.clock", "edge2", "edge2"),
        ("bgp.*", "edge1/vrf-FIN-1/172.20.40.2", "edge1/vrf-FIN-1/172.20.40.2"),
        ("vpn.session-in-tunnel", "edge2/vrf-FIN-1/169.254.21.1", "edge2/vrf-FIN-1/169.254.21.1"),
        ("site.preference", "finance/ams", "finance/ams"),
        ("site.static", "finance/ams/edge2", "finance/ams/edge2"),
        ("lint.bfd", "edge2/ospf 30", "edge2/ospf 30"),
        ("lint.bfd", "*", "*"),
        ("baseline.interface", "edge1/Gi0/0/7", "edge1/GigabitEthernet0/0/7"),
        ("*", "edge1/route-map X", "edge1/route-map X"),
    ],
)
def test_an_object_that_a_rule_can_name_is_kept(tmp_path: Path, rule: str, object_: str, kept: str) -> None:
    (waiver,) = load(with_waiver(tmp_path, rule, object_), rules=RULES).intent.waivers
    assert waiver.object == kept


@pytest.mark.parametrize(
    ("rule", "object_", "words"),
    [
        ("interface.state", "edge9/Te0/0/1.400", "did you mean `edge1/TenGigabitEthernet0/0/1.400`?"),
        ("interface.state", "edge1/Te0/0/1.401", "did you mean `edge1/TenGigabitEthernet0/0/1.400`?"),
        ("bgp.state", "edge1/vrf-FIN-1/172.20.40.3", "did you mean `edge1/vrf-FIN-1/172.20.40.2`?"),
        ("bgp.*", "edge1/vrf-FIN-2/*", "did you mean `edge"),
        ("lint.*", "edge9/route-map X", "nothing begins with `edge9`; did you mean `edge"),
        ("*", "edgee2/Tunnel40", "did you mean `edge2`?"),
        ("site.static", "finance/ams/edge3", "did you mean `finance/ams/edge"),
    ],
)
def test_an_object_that_no_rule_can_name_is_refused(tmp_path: Path, rule: str, object_: str, words: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load(with_waiver(tmp_path, rule, object_), rules=RULES)
    assert "interop.yaml:20: " in str(caught.value)
    assert "covers nothing, ever" in str(caught.value)
    assert words in str(caught.value)


def test_a_network_with_the_name_of_an_interface_keeps_it(tmp_path: Path) -> None:
    text = SMALL.replace("hub", "lo1").replace(
        "        vpn:\n",
        "        probers: [{router: edge1, source: Lo40}]\n"
        "        reachability: [{to: lo1, target: 10.64.0.4}]\n        vpn:\n",
    )
    text = text.replace(WAIVER, "{rule: reach.answer, object: edge1/vrf-FIN-1/lo1/10.64.0.4,")
    (waiver,) = load(written(tmp_path, text), rules=RULES).intent.waivers
    assert waiver.object == "edge1/vrf-FIN-1/lo1/10.64.0.4"


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_in_full_stays_in_any_case(kind: str) -> None:
    assert interface_name(f"{kind}1") == interface_name(f"{kind.lower()}1") == f"{kind}1"
    assert in_object(f"r/{kind}1/0.3") == f"r/{kind}1/0.3"


@pytest.mark.parametrize(
    ("short", "full"),
    [("Twe0/0/1", "TwentyFiveGigE0/0/1"), ("Tw1", "TwoGigabitEthernet1"), ("loop 3", "Loopback3"), ("vl9", "Vlan9")],
)
def test_an_abbreviation_means_what_the_router_takes_it_for(short: str, full: str) -> None:
    assert interface_name(short) == full


@pytest.mark.parametrize("wrong", ["Tenn0/0/1.400", "Ethrenet0", "Lop3"])
def test_a_type_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="did you mean"):
        interface_name(wrong)


@pytest.mark.parametrize("wrong", ["X1", "Foo0/0", "Blah7"])
def test_nothing_is_proposed_where_nothing_is_near(wrong: str) -> None:
    with pytest.raises(ValueError, match="knows no interface type") as said:
        interface_name(wrong)
    assert "did you mean" not in str(said.value)
