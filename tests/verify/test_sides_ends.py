"""Where a tunnel ends in Azure, and who begins its negotiation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, ip_address
from typing import Any

import pytest
from verify.sides_records import connection, gateway_record
from verify.verify_records import GATEWAY, TUNNEL, config, config_with

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.sides import ExpectedCrypto
from pytest_azinterop.state.azure_gateway import GatewayInstanceAddresses
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.scope import reason_not_judged
from pytest_azinterop.verify.sides import ends
from pytest_azinterop.verify.sides.observed import ObservedCrypto

EXPECTED = ExpectedCrypto(TUNNEL, "hub-site")
GATE = gateway_record("hub-vpn", "Vpn", 64513, GATEWAY)
OTHER_PEER, OTHER_NEIGHBOR, APIPA = map(ip_address, ("203.0.113.77", "10.60.0.77", "169.254.21.9"))
WAITS = config_with(" set transform-set ESP\n", " set transform-set ESP\n responder-only\n")


def instance(name: str, bgp: Any, tunnel: Any, *custom: Any) -> GatewayInstanceAddresses:
    return GatewayInstanceAddresses(name, (bgp,), custom, (tunnel,))


def gate(*instances: Any, **changes: Any) -> Any:
    assert GATE.bgp is not None
    return replace(GATE, bgp=replace(GATE.bgp, instances=instances), **changes)


def observed(**changes: Any) -> ObservedCrypto:
    link = connection("hub-site", kind="IPsec", mode="Default")
    return replace(ObservedCrypto(link, config(), None, None, GATE), **changes)


ONE, TWO = instance("one", TUNNEL.neighbor, TUNNEL.peer), instance("two", OTHER_NEIGHBOR, OTHER_PEER)
AGREEING = {
    "one instance": observed(),
    "two instances": observed(gateway=gate(ONE, TWO)),
    "an address of APIPA": observed(gateway=gate(instance("one", APIPA, TUNNEL.peer, TUNNEL.neighbor), TWO)),
    "a neighbor of no instance, which is another rule's": observed(
        gateway=gate(instance("one", APIPA, TUNNEL.peer), TWO)
    ),
    "several public addresses of one instance": observed(gateway=gate(replace(ONE, tunnel=(OTHER_PEER, TUNNEL.peer)))),
}
PEERS: dict[str, tuple[Callable[[], Any], str]] = {
    "another public address": (lambda: gate(replace(ONE, tunnel=(OTHER_PEER,))), "other-address"),
    "none of two": (
        lambda: gate(replace(ONE, tunnel=(IPv4Address("203.0.113.78"),)), TWO),
        "other-address",
    ),
    "crossed": (lambda: gate(replace(ONE, tunnel=TWO.tunnel), replace(TWO, tunnel=ONE.tunnel)), "other-instance"),
    "crossed, with APIPA": (
        lambda: gate(instance("one", APIPA, TUNNEL.peer), instance("two", APIPA, OTHER_PEER, TUNNEL.neighbor)),
        "other-instance",
    ),
}


@pytest.mark.parametrize("name", AGREEING)
def test_a_tunnel_that_ends_at_its_gateway_has_no_finding(name: str) -> None:
    assert ends.tunnel_peer(EXPECTED, AGREEING[name]) == []


@pytest.mark.parametrize("name", PEERS)
def test_another_end_has_its_cause(name: str) -> None:
    gateway, cause = PEERS[name]
    (found,) = ends.tunnel_peer(EXPECTED, observed(gateway=gateway()))
    assert (found.rule, found.cause, found.object) == ("sides.tunnel-peer", cause, TUNNEL.id)
    assert [each.host for each in found.evidence] == ["virtualNetworkGateways/hub-vpn"]
    assert f"expected {'that at ' if cause == 'other-instance' else ''}{TUNNEL.peer}" in found.message


def test_where_router_and_gateway_agree_the_intent_is_wrong() -> None:
    (found,) = ends.tunnel_peer(replace(EXPECTED, tunnel=replace(TUNNEL, peer=OTHER_PEER)), observed())
    assert (found.rule, found.cause) == ("sides.tunnel-peer", "intent")


def test_every_cause_of_the_end_has_a_case() -> None:
    assert {*(cause for _, cause in PEERS.values()), "intent"} == set(RULES["sides.tunnel-peer"].causes)


def test_an_end_that_is_not_told_is_not_judged() -> None:
    assert GATE.bgp is not None
    for gateway in (
        None,
        gate(),
        gate(ONE, replace(TWO, tunnel=())),
        gate(replace(ONE, bgp=None)),
        gate(replace(ONE, bgp=()), TWO),
        gate(replace(ONE, tunnel=None)),
        replace(GATE, bgp=None),
        replace(GATE, bgp=replace(GATE.bgp, instances=None)),
    ):
        with pytest.raises(UndeterminedError):
            ends.tunnel_peer(EXPECTED, observed(gateway=gateway))


def test_over_private_peering_another_rule_judges_the_end() -> None:
    private = replace(EXPECTED, over="circuit-n", private=True)
    assert reason_not_judged("sides.tunnel-peer", private)
    assert ends.tunnel_peer(private, observed(gateway=None)) == []
    assert reason_not_judged("sides.tunnel-peer", replace(private, private=False)) is None


@pytest.mark.parametrize(
    ("mode", "waits", "causes"),
    [
        ("Default", False, []),
        ("Default", True, []),
        ("InitiatorOnly", True, []),
        ("ResponderOnly", False, []),
        ("ResponderOnly", True, ["both-wait"]),
    ],
)
def test_one_end_begins(mode: str, waits: bool, causes: list[str]) -> None:
    seen = observed(connection=connection("hub-site", kind="IPsec", mode=mode), config=WAITS if waits else config())
    found = ends.initiation(EXPECTED, seen)
    assert [each.cause for each in found] == causes
    assert all(len(each.evidence) == 2 for each in found)


def test_a_tunnel_without_protection_begins_nothing() -> None:
    for old, new, cause in (
        (" tunnel protection ipsec profile TO-GATEWAY\n", "", "unprotected"),
        ("crypto ipsec profile TO-GATEWAY", "crypto ipsec profile X", "undefined-profile"),
    ):
        found = ends.initiation(EXPECTED, observed(config=config_with(old, new)))
        assert [each.cause for each in found] == [cause]


def test_who_begins_must_be_told() -> None:
    for seen in (
        observed(connection=None),
        observed(connection=connection("hub-site", kind="IPsec", mode=None)),
        observed(config=config(whole=False)),
    ):
        with pytest.raises(UndeterminedError):
            ends.initiation(EXPECTED, seen)
