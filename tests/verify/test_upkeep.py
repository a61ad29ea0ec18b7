"""Renewal of SAs, crypto sessions, the LAN's OSPF, the saved configuration: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from verify.verify_records import (
    DEVICE,
    ESP,
    IKE_SA,
    INTERFACE,
    TUNNEL,
    config,
    config_adding,
    identity,
    observed_tunnel,
    source,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.adjacency import OspfNeighbor
from pytest_azinterop.state.crypto_session import CryptoSession
from pytest_azinterop.state.operations import ConfigDifference, ConfigDifferences
from pytest_azinterop.verify import crypto_session, lan_routing, lifetime, rules_upkeep, saved
from pytest_azinterop.verify import ike as ike_rules
from pytest_azinterop.verify import ipsec as ipsec_rules
from pytest_azinterop.verify.crypto_session import ObservedCryptoSession
from pytest_azinterop.verify.lan_routing import ObservedOspf
from pytest_azinterop.verify.saved import ObservedSaved


def ike(**changes: Any) -> Any:
    return observed_tunnel(ike=(replace(IKE_SA, **{"lifetime": 28800, "active_for": 100, **changes}),))


def ipsec(inbound: tuple[int | None, ...], outbound: tuple[int | None, ...] = (2000,)) -> Any:
    def sas(seconds: tuple[int | None, ...]) -> Any:
        return tuple(replace(ESP, remaining_seconds=each) for each in seconds)

    return observed_tunnel(after=(identity(10, 10, 0, inbound=sas(inbound), outbound=sas(outbound)),))


def session(status: str, peer: Any = TUNNEL.peer, interface: str = TUNNEL.name) -> ObservedCryptoSession:
    found = CryptoSession(interface, status, peer, 500, source=source("show crypto session"))
    return ObservedCryptoSession((found,))


def ospf(state: str, interface: str = INTERFACE.name) -> ObservedOspf:
    address = IPv4Address("10.7.0.2")
    return ObservedOspf(
        (OspfNeighbor(address, 1, state, None, None, address, interface, source=source("show ip ospf neighbor")),)
    )


def differences(*lines: ConfigDifference) -> ObservedSaved:
    return ObservedSaved(ConfigDifferences(lines, source=source("show archive config differences")))


CHAIN = "crypto pki certificate chain own-7"
FILED = ConfigDifference(False, "certificate self-signed 0A nvram:own-7#A.cer", (CHAIN,))
HELD = ConfigDifference(True, "certificate self-signed 0A", (CHAIN,))
BYTES = ConfigDifference(True, "30820399 20820299", (CHAIN, HELD.text))
QUIT = ConfigDifference(True, "quit", (CHAIN, HELD.text))
OTHER_ONE = ConfigDifference(True, "certificate ca 0B", (CHAIN,))
HEADINGS = ConfigDifference(True, CHAIN), ConfigDifference(False, CHAIN)
ANSWER = source("show ip ospf neighbor")
SPEAKING = config_adding("router ospf 12 vrf blue\n network 172.20.1.1 0.0.0.0 area 0")
OSPF = "router ospf 12 vrf blue\n{}\n network 172.20.1.1 0.0.0.0 area 0"
PASSIVE = config_adding(OSPF.format(f" passive-interface {INTERFACE.name}"))
QUIET = config_adding(OSPF.format(" passive-interface default"))
WOKEN = config_adding(OSPF.format(f" passive-interface default\n no passive-interface {INTERFACE.name}"))
OTHER_VRF = config_adding("router ospf 12\n network 172.20.1.1 0.0.0.0 area 0")
LINE = ConfigDifference(True, " shutdown", ("interface Tunnel12",))
STRANGER = IPv4Address("203.0.113.77")
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (lifetime.ike, TUNNEL, ike(active_for=28800), "ike.lifetime:overdue"),
    (lifetime.ipsec, TUNNEL, ipsec((9,)), "ipsec.lifetime:overdue"),
    (lifetime.ipsec, TUNNEL, ipsec((2000,), (0, 4)), "ipsec.lifetime:overdue"),
    (crypto_session.active, TUNNEL, ObservedCryptoSession(()), "tunnel.crypto-session:missing"),
    (crypto_session.active, TUNNEL, session("UP-ACTIVE", interface="Tunnel13"), "tunnel.crypto-session:missing"),
    (crypto_session.active, TUNNEL, session("UP-ACTIVE", STRANGER), "tunnel.crypto-session:other-peer"),
    (crypto_session.active, TUNNEL, session("DOWN-NEGOTIATING"), "tunnel.crypto-session:down"),
    (crypto_session.active, TUNNEL, session("UP-IDLE"), "tunnel.crypto-session:idle"),
    (crypto_session.active, TUNNEL, session("UP-NO-IKE"), "tunnel.crypto-session:no-ike"),
    (crypto_session.active, TUNNEL, session("UP-STRANGE"), "tunnel.crypto-session:other-status"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf(()), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ospf("FULL", "Vlan4"), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, SPEAKING), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, config()), "lan.ospf:not-enabled"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, OTHER_VRF), "lan.ospf:not-enabled"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, config(hidden=True)), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, PASSIVE), "lan.ospf:passive"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, QUIET), "lan.ospf:passive"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, WOKEN), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ObservedOspf((), ANSWER, replace(PASSIVE, whole=False)), "lan.ospf:missing"),
    (lan_routing.neighbor, INTERFACE, ospf("EXSTART"), "lan.ospf:not-full"),
    (saved.configuration, DEVICE, differences(LINE), "device.saved:not-saved"),
    *(
        (saved.configuration, DEVICE, differences(*lines), "device.saved:not-saved")
        for lines in (
            (FILED, HELD, BYTES, QUIT, LINE),
            (FILED,),
            (HELD, BYTES, QUIT),
            (FILED, HELD, BYTES, OTHER_ONE, QUIT),
            (FILED, replace(HELD, text="certificate self-signed 0C"), BYTES),
            (FILED, replace(HELD, added=False), BYTES),
            (FILED, HELD, replace(BYTES, added=False)),
            (HEADINGS[0], FILED, HELD, BYTES),
            (BYTES, FILED, HELD),
        )
    ),
)


@pytest.mark.parametrize(("judge", "expected", "observed", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, observed: Any, named: str) -> None:
    assert [f"{each.rule}:{each.cause}" for each in judge(expected, observed)] == [named]


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (lifetime.ike, TUNNEL, ike()),
        (lifetime.ike, TUNNEL, ike(active_for=28799)),
        (lifetime.ipsec, TUNNEL, ipsec((11,), (11,))),
        (lifetime.ipsec, TUNNEL, ipsec((3, 3590))),
        (lifetime.ipsec, TUNNEL, ipsec((None,), (None,))),
        (lifetime.ipsec, TUNNEL, ipsec((3, None))),
        (crypto_session.active, TUNNEL, session("UP-ACTIVE")),
        (lan_routing.neighbor, INTERFACE, ospf("FULL")),
        (lan_routing.neighbor, INTERFACE, ObservedOspf((*ospf("2WAY").neighbors, *ospf("FULL").neighbors))),
        (saved.configuration, DEVICE, differences()),
        (saved.configuration, DEVICE, differences(FILED, HELD, BYTES, QUIT)),
        (saved.configuration, DEVICE, differences(HEADINGS[0], HELD, BYTES, QUIT, HEADINGS[1], FILED)),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, observed: Any) -> None:
    assert judge(expected, observed) == []


@pytest.mark.parametrize("changes", [{"lifetime": None}, {"active_for": None}])
def test_an_age_that_was_not_printed_is_not_young(changes: dict[str, Any]) -> None:
    with pytest.raises(UndeterminedError):
        lifetime.ike(TUNNEL, ike(**changes))


def test_sas_that_are_not_there_are_said_to_be_so() -> None:
    assert [each.rule for each in lifetime.ike(TUNNEL, observed_tunnel(ike=()))] == ["ike.sa"]
    assert [each.rule for each in lifetime.ipsec(TUNNEL, observed_tunnel(after=()))] == ["ipsec.sa"]


def test_a_difference_names_its_section_and_not_its_line() -> None:
    secret = ConfigDifference(False, "  pre-shared-key local hunter2", ("crypto ikev2 keyring KEYS", " peer azure"))
    message = saved.configuration(DEVICE, differences(secret, LINE))[0].message
    assert message == (
        "edge-a: 2 lines differ from the saved configuration (in crypto ikev2 keyring KEYS, interface Tunnel12), "
        "expected none"
    )


def test_every_cause_has_a_case() -> None:
    shown = {case[3] for case in CASES}
    shown |= {"lan.routes:no-routes", "lan.next-hop:static", "lan.next-hop:unresolved"}  # test_lan_homeward.py
    assert {f"{rule.name}:{cause}" for rule in rules_upkeep.RULES for cause in rule.causes} == shown


@pytest.mark.parametrize("seen", [None, SPEAKING, config()])
def test_no_neighbor_is_shown_by_the_answer_without_one(seen: Any) -> None:
    (found,) = lan_routing.neighbor(INTERFACE, ObservedOspf((), ANSWER, seen))
    assert ANSWER in found.evidence
    allowed = (f"show ip ospf interface {INTERFACE.name}", "show running-config | section router ospf")
    assert found.next_command in allowed
    assert (found.cause == "not-enabled") == (found.next_command == allowed[1])
    assert ("ip ospf" in (found.likely or "") or "OSPF" in (found.likely or "")) == (found.cause == "not-enabled")


def test_what_is_missing_is_shown_by_the_empty_answer() -> None:
    """And not by another one that happens to be there."""
    asked = source("show crypto ikev2 sa detailed"), source("show crypto ipsec sa interface Tunnel12")
    seen = observed_tunnel(ike=(), before=(), after=(), ike_answer=asked[0], ipsec_answer=asked[1])
    for judge, answer in ((ike_rules.sa, asked[0]), (ipsec_rules.sa, asked[1]), (ipsec_rules.traffic, asked[1])):
        (found,) = judge(TUNNEL, seen)
        assert [each.command for each in found.evidence][:1] == [answer.command]
        assert "show interfaces" not in {each.command for each in found.evidence}
