"""What may follow from what: names that exist, no circle, and nothing explained by what cannot explain it."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import causality
from pytest_azinterop.verify.rules import RULES

NAMES = {name: set(RULES[name].causes) for name in RULES}
SESSION, TUNNEL, SITE = "r1/vrf-A/172.20.0.1", "r1/vrf-A/Tunnel1", "acme/town"


def known(name: str) -> bool:
    rule, _, causes = name.partition(":")
    return rule in NAMES and set(filter(None, causes.split(","))) <= NAMES[rule]


def test_every_name_is_a_rule_with_its_causes() -> None:
    named = [each for names in causality.STAGES.values() for each in names.split()]
    reasons = [each for words in causality.FOLLOWS.values() for each in words.split() if each not in causality.STAGES]
    assert [each for each in [*named, *causality.FOLLOWS, *reasons] if not known(each)] == []
    assert len(named) == len(set(named))


def places(name: str) -> list[int]:
    """Where a stage, or the findings that a name means, stand; a port's or a tunnel's where both have the rule."""
    if name in causality.STAGES:
        return [list(causality.STAGES).index(name)]
    rule, _, causes = name.partition(":")
    of = causes.split(",") if causes else sorted(NAMES[rule])
    return [causality.stage(rule, cause, "r1/Tunnel1") for cause in of]


def test_every_reason_stands_above_what_follows_from_it() -> None:
    """Otherwise it would be named and never used."""
    late = [
        (key, each)
        for key, words in causality.FOLLOWS.items()
        for each in words.split()
        if min(places(each)) >= max(places(key))
    ]
    assert late == []


@pytest.mark.parametrize(
    ("effect", "root"),
    [
        (("bgp.state", "hold-time-expired", SESSION), ("msee.arp", "incomplete", SESSION)),
        (("bgp.state", "no-route", SESSION), ("tunnel.state", "shut", TUNNEL)),
        (("tunnel.state", "no-ike", TUNNEL), ("ike.sa", "authentication", TUNNEL)),
        (("ike.sa", "tunnel-shut", TUNNEL), ("tunnel.state", "shut", TUNNEL)),
        (("interface.state", "protocol-down", "r1/Tunnel1"), ("ike.sa", "proposal", TUNNEL)),
        (("site.preference", "equal-preference", SITE), ("policy.local-preference", "not-set", SESSION)),
        (("routes.announced", "missing", SESSION), ("lan.ospf", "passive", "r1/Te1.9")),
        (("sides.reach", "no-way-home", SITE), ("lan.ospf", "missing", "r1/Te1.9")),
        (("reach.answer", "no-answer", "r1/vrf-A/hub/10.0.0.4"), ("lan.ospf", "missing", "r1/Te1.9")),
        (("sides.path", "azure-other-site", SITE), ("routes.announced", "undeclared", "r2/vrf-B/172.20.0.9")),
        (("interface.address", "no-address", "r1/Te1.9"), ("interface.vrf", "no-vrf", "r1/Te1.9")),
        (("policy.bound", "no-inbound-policy", SESSION), ("bgp.neighbor", "not-activated", SESSION)),
        (("policy.bound", "no-inbound-policy", SESSION), ("policy.local-preference", "default-changed", SESSION)),
        (("policy.effect", "nothing-accepted", SESSION), ("routes.received", "nothing-received", SESSION)),
        (
            ("azure.path-gateways", "not-served", "circuit/c/primary"),
            ("azure.gateway-peers", "msee-missing", "gateway/g"),
        ),
        (
            ("azure.vnet-peering-state", "disconnected", "vnet/a/ab"),
            ("azure.vnet-peering-state", "missing", "vnet/b/ba"),
        ),
        (("azure.vnet-peering-state", "not-in-sync", "vnet/a/ab"), ("azure.vnet-space", "further", "vnet/a")),
        (("routes.received", "undeclared", SESSION), ("azure.vnet-space", "further", "vnet/a")),
        (("azure.subnet-next-hop", "user-route", "subnet/s"), ("azure.subnet-table", "other-table", "subnet/s")),
        (("ike.sa", "authentication", TUNNEL), ("lint.ike-identity", "other-address", TUNNEL)),
        (("sides.rekey", "pfs-missing", TUNNEL), ("azure.connection-ipsec", "custom-policy", "connection/c")),
        (("lan.external-routes", "missing", "r1/Te1.9"), ("lan.ospf", "passive", "r1/Te1.9")),
        (("sides.reach", "to-azure", SITE), ("site.static", "static", f"{SITE}/r1")),
        (("sides.path", "azure-prepend", SITE), ("routes.announced-as-path", "prepended", SESSION)),
    ],
)
def test_what_follows(effect: tuple[str, str, str], root: tuple[str, str, str]) -> None:
    assert causality.may_follow(effect, root)
    assert not causality.may_follow(root, effect)


@pytest.mark.parametrize(
    ("effect", "root"),
    [
        (("bgp.state", "shutdown", SESSION), ("msee.arp", "incomplete", SESSION)),
        (("site.static", "static", SITE), ("bgp.state", "idle", SESSION)),
        (("site.preference", "weight", SITE), ("bgp.state", "idle", SESSION)),
        (("interface.state", "protocol-down", "r1/GigabitEthernet1"), ("ike.sa", "proposal", TUNNEL)),
        (("interface.tags", "inner-tag", "r1/Te1.9"), ("interface.state", "shut", "r1/Te1.9")),
        (("routes.announced", "undeclared", SESSION), ("lan.ospf", "missing", "r1/Te1.9")),
        (("sides.path", "azure-other-site", SITE), ("bgp.state", "idle", SESSION)),
        (
            ("azure.subnet-next-hop", "no-route", "subnet/s"),
            ("azure.vnet-peering-traffic", "no-forwarded", "vnet/a/ab"),
        ),
        (("sides.path", "azure-missing", SITE), ("azure.vnet-peering-traffic", "no-forwarded", "vnet/a/ab")),
        (("lint.mss", "missing", "r1"), ("bgp.state", "idle", SESSION)),
        (("bgp.state", "idle", SESSION), ("bgp.state", "idle", SESSION)),
        (("tunnel.state", "down", "r1/Tunnel1"), ("interface.state", "protocol-down", "r1/Tunnel1")),
    ],
)
def test_what_stands_for_itself(effect: tuple[str, str, str], root: tuple[str, str, str]) -> None:
    assert not causality.may_follow(effect, root)
