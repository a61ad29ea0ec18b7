"""What a finding says beyond its cause: what is known, where it stands, and a command that can be pasted as it is."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import pytest
from verify import sides_records as agreeing
from verify.sides_records import circuit_table, effective, gateway_routes
from verify.verify_records import (
    ER,
    IKE_SA,
    TUNNEL,
    TUNNEL_INTERFACE,
    VPN,
    config_adding,
    config_with,
    decision,
    er_policy,
    neighbor,
    observed_tunnel,
    observed_underlay,
    routes,
    source,
)

from pytest_azinterop.intent.azure_expectations import ResourceName
from pytest_azinterop.state.routing import ForwardingDecision, NextHop
from pytest_azinterop.verify import ike, policy, policy_effect, session, underlay
from pytest_azinterop.verify.observed import ObservedSession
from pytest_azinterop.verify.sides.view import show_circuit, show_effective, show_learned

DOWN = replace(TUNNEL_INTERFACE, line_protocol="down")
OVER_ER = decision(NextHop(ER.neighbor, "GigabitEthernet1.9"), prefix="10.60.0.0/24")


@pytest.mark.parametrize(
    ("way", "said"),
    [(OVER_ER, "take another way"), (decision(action="drop", prefix="0.0.0.0/0"), "are dropped")],
)
def test_a_session_without_its_tunnel_may_only_wait_for_its_hold_time(way: ForwardingDecision, said: str) -> None:
    heard = neighbor(VPN, last_read=timedelta(seconds=50))
    (found,) = underlay.session_in_tunnel(TUNNEL, observed_underlay(forwarding=way, tunnel=DOWN, neighbor=heard))
    assert found.cause == "tunnel-down"
    assert found.likely == (
        f"packets to the neighbor {said}; the last message came 50s ago and the hold time is 180s: if the session "
        "still stands in 130s, it runs over another path"
    )
    silent = neighbor(VPN, last_read=None)
    (found,) = underlay.session_in_tunnel(TUNNEL, observed_underlay(forwarding=way, tunnel=DOWN, neighbor=silent))
    assert found.likely is not None
    assert found.likely.endswith("is not known")


def test_packets_outside_a_tunnel_that_is_up_are_on_another_path() -> None:
    (found,) = underlay.session_in_tunnel(TUNNEL, observed_underlay(forwarding=OVER_ER))
    assert (found.cause, "hold time" in (found.likely or "")) == ("outside-tunnel", False)


@pytest.mark.parametrize(
    ("prefix", "lines", "cause", "said"),
    [
        (
            f"{TUNNEL.peer}/32",
            f"ip route {TUNNEL.peer} 255.255.255.255 Null0",
            "null-route-to-peer",
            "Null0` drops what",
        ),
        (f"{TUNNEL.peer}/32", "", "no-route-to-peer", f"the route to {TUNNEL.peer}/32 in the global table drops"),
        ("0.0.0.0/0", "", "no-route-to-peer", f"no route leads to {TUNNEL.peer} in the global table"),
    ],
)
def test_what_drops_packets_to_the_peer_is_named(prefix: str, lines: str, cause: str, said: str) -> None:
    outer = ForwardingDecision(None, TUNNEL.peer, ip_network(prefix), "drop", (), source=source("show ip cef"))
    config = config_adding(lines or "!")
    (found,) = ike.sa(TUNNEL, observed_tunnel(ike=(), outer=outer, config=config))
    assert found.cause == cause
    assert said in (found.likely or "")
    assert found.next_command == f"show ip route {TUNNEL.peer}"
    told = [each.lines for each in found.evidence if each.command == config.source.command]
    assert (told != [] and None not in told) == bool(lines)


@pytest.mark.parametrize(
    ("expected", "asn", "said"),
    [
        (ER, ER.local_as, "is the site's own AS: the session would be an internal one"),
        (ER, 65515, "65515 is the AS of Azure's gateways by default, and this neighbor is an MSEE"),
        (VPN, 12076, "12076 is the AS of every MSEE, and this neighbor is a VPN gateway"),
        (ER, int(str(ER.remote_as)[:-2] + str(ER.remote_as)[:-3:-1]), "are transposed"),
        (ER, 64999, "mistyped, or the intent has another end in mind"),
    ],
)
def test_another_as_has_its_owner(expected: Any, asn: int, said: str) -> None:
    (found,) = session.remote_as(expected, ObservedSession(neighbor(expected, remote_as=asn), ()))
    assert said in (found.likely or "")


def test_policy_that_is_not_in_effect_is_cited_by_its_lines() -> None:
    observed = er_policy(accepted=routes("accepted", ER.neighbor, []))
    (found, *_) = policy_effect.effect(ER, observed)
    told = [each for each in found.evidence if each.command == observed.config.source.command]
    assert told
    assert all(each.lines is not None for each in told)


def whole(name: str, kind: str) -> ResourceName:
    return ResourceName("0a1b", "net rg", (kind, name))


def test_commands_for_azure_say_where_the_resource_is() -> None:
    circuit = circuit_table(of=whole("er-1", "expressRouteCircuits"))
    learned = replace(gateway_routes("hub-er", agreeing.HUB_ER_ROWS), of=whole("gw", "virtualNetworkGateways"))
    told = replace(learned, view="advertised", to=ip_address("10.60.0.20"))
    nic = replace(effective("hub-work", agreeing.HUB_EFFECTIVE), of=whole("vm-nic", "networkInterfaces"))
    for command, name in (
        (show_circuit(circuit), "er-1"),
        (show_learned(learned), "gw"),
        (show_learned(told), "gw"),
        (show_effective(nic), "vm-nic"),
    ):
        words = shlex.split(command)
        options = dict(pairwise(words))
        assert words[0] == "az"
        assert options["--name"] == name
        assert options["--resource-group"] == "net rg"
        assert options["--subscription"] == "0a1b"


def test_an_exchange_without_an_answer_is_explained_by_the_router_s_own_configuration() -> None:
    waiting = replace(IKE_SA, status="IN-NEG", encryption=None, prf=None, integrity=None, dh_group=None)
    (found,) = ike.sa(TUNNEL, observed_tunnel(ike=(waiting,)))
    assert found.cause == "no-answer"
    without = config_with("crypto ipsec profile TO-GATEWAY", "crypto ipsec profile TO-NOWHERE")
    (found,) = ike.sa(TUNNEL, observed_tunnel(ike=(waiting,), config=without))
    assert (found.cause, "TO-GATEWAY is not defined" in (found.likely or found.message)) == ("broken-chain", True)


def test_the_tunnel_s_source_tells_its_sa_from_that_of_another_address() -> None:
    anywhere = replace(TUNNEL, local=None)
    other = replace(IKE_SA, local_address=ip_address("198.51.100.8"))
    assert ike.sa(anywhere, observed_tunnel(ike=(other, IKE_SA))) == []
    (found,) = ike.sa(anywhere, observed_tunnel(ike=(other,)))
    assert found.rule == "ike.sa"


def test_a_neighbor_that_is_missing_has_no_policy_to_be_defined() -> None:
    (found,) = policy.defined(ER, er_policy(neighbor=None))
    assert (found.rule, found.cause) == ("bgp.neighbor", "missing")
