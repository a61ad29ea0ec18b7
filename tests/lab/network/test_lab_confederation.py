"""Confederations as RFC 5065 has them: printed in parentheses, of no length, invisible outside."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from pytest_azinterop.lab.network.bestpath import Decision, best_path
from pytest_azinterop.lab.network.bgp_records import Confederate
from pytest_azinterop.lab.network.policy import as_path_text
from pytest_azinterop.lab.network.routes import Attributes, Path, ases, path_length
from pytest_azinterop.lab.show.formats import as_path

MEMBERS = (Confederate(65134), Confederate(65112), 65106)


def test_members_stand_in_parentheses_and_have_no_length() -> None:
    assert as_path_text(MEMBERS) == as_path(MEMBERS) == "(65134 65112) 65106"
    assert path_length(MEMBERS) == 1
    assert ases(MEMBERS) == [65134, 65112, 65106]


def test_a_member_is_not_the_as_of_the_same_number() -> None:
    assert Confederate(65134) != 65134
    assert Confederate(65134) == Confederate(65134)
    assert len({Confederate(65134), 65134}) == 2


def test_a_path_from_another_member_is_no_better_than_an_internal_one() -> None:
    prefix = IPv4Network("10.0.0.0/8")

    def path(peer: str, kind: str, way: tuple[int, ...]) -> Path:
        address = IPv4Address(peer)
        return Path(prefix, Attributes(address, way), kind, address, address, 1.0)

    near = path("192.0.2.2", "internal", MEMBERS)
    far = path("192.0.2.1", "confederate", (Confederate(65134), 65106))
    metrics: dict[IPv4Address, int | None] = {IPv4Address("192.0.2.2"): 2, IPv4Address("192.0.2.1"): 3}
    assert best_path([far, near], Decision(100, metrics)) == near
