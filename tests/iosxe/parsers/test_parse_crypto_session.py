"""Crypto sessions per interface and peer."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest
from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.iosxe.parsers import crypto_session
from pytest_azinterop.state.crypto_session import CryptoSession, FlowDirection, SessionFlow

LEGEND = """Crypto session current status

Code: C - IKE Configuration mode, D - Dead Peer Detection
K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
X - IKE Extended Authentication, F - IKE Fragmentation
R - IKE Auto Reconnect, U - IKE Dynamic Route Update
S - SIP VPN

"""


def session(
    interface: str = "Tunnel30",
    status: str = "UP-ACTIVE",
    peer: str = "52.168.162.84",
    *,
    rekey: bool = False,
    uptime: str | None = "3d18h",
) -> str:
    sa = (
        "  Session ID: 7\n"
        f"  IKEv2 SA: local 66.198.12.106/4500 remote {peer}/4500 Active\n"
        "          Capabilities:DN connid:1 lifetime:05:50:03\n"
    )
    return (
        f"Interface: {interface}\n"
        "Profile: ike-30\n" + (f"Uptime: {uptime}\n" if uptime else "") + f"Session status: {status}\n"
        f"Peer: {peer} port 4500 fvrf: INET-V ivrf: 30\n"
        f"      Phase1_id: {peer}\n"
        "      Desc: (none)\n"
        + sa
        * (2 if rekey else 1)
        + "  IPSEC FLOW: permit ip   0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0\n"
        f"        Active SAs: {4 if rekey else 2}, origin: crypto map\n"
        "        Inbound:  #pkts dec'ed 449282 drop 1 life (KB/Sec) KB Vol Rekey Disabled/3060\n"
        "        Outbound: #pkts enc'ed 772730 drop 0 life (KB/Sec) 4607999/3060\n"
        "\n"
    )


def read(text: str) -> tuple[CryptoSession, ...]:
    return crypto_session.parse(text, SOURCE).records


def test_an_ike_sa_belongs_to_the_session_above_it() -> None:
    (record,) = read(LEGEND + session(rekey=True).replace("Session ID: 7", "Session ID: 8", 1))
    assert [sa.session_id for sa in record.ike_sas] == [8, 7]


def test_a_session() -> None:
    (record,) = read(LEGEND + session())
    assert (record.interface, record.status, record.is_active) == ("Tunnel30", "UP-ACTIVE", True)
    assert (record.peer, record.port) == (ip_address("52.168.162.84"), 4500)
    assert (record.profile, record.front_vrf, record.inner_vrf) == ("ike-30", "INET-V", "30")
    assert (record.uptime, record.phase1_id, record.description) == (timedelta(days=3, hours=18), "52.168.162.84", None)
    (sa,) = record.ike_sas
    assert (sa.version, sa.local_port, sa.capabilities, sa.connection_id, sa.is_active) == (2, 4500, "DN", 1, True)
    assert sa.remaining == timedelta(hours=5, minutes=50, seconds=3)
    assert record.flows == (
        SessionFlow(
            "permit ip 0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0",
            2,
            "crypto map",
            FlowDirection(449282, 1, None, 3060),
            FlowDirection(772730, 0, 4607999, 3060),
        ),
    )
    assert record.source.lines == (9, 22)


def test_sessions_of_two_interfaces_keep_their_own_data() -> None:
    first, second = read(LEGEND + session("Tunnel30", peer="192.0.2.1") + session("Tunnel31", peer="192.0.2.2"))
    assert (first.interface, str(first.peer), len(first.flows)) == ("Tunnel30", "192.0.2.1", 1)
    assert (second.interface, str(second.peer), len(second.flows)) == ("Tunnel31", "192.0.2.2", 1)


def test_both_ike_sas_of_a_rekey_are_kept() -> None:
    (record,) = read(LEGEND + session(rekey=True))
    assert (len(record.ike_sas), record.flows[0].active_sas, record.status) == (2, 4, "UP-ACTIVE")


def test_a_second_peer_of_an_interface_is_a_session_of_its_own() -> None:
    text = LEGEND + session("GigabitEthernet1", peer="192.0.2.1")
    text += session("X", peer="192.0.2.2").split("\n", 4)[4]
    first, second = read(text)
    assert (second.interface, second.status, str(second.peer)) == ("GigabitEthernet1", "UP-ACTIVE", "192.0.2.2")
    assert (len(first.ike_sas), len(second.ike_sas)) == (1, 1)


def test_a_session_that_negotiates() -> None:
    text = session(status="DOWN-NEGOTIATING", uptime=None)
    text = (
        text.replace(" Active\n", " Inactive\n").replace("lifetime:05:50:03", "lifetime:0").replace(":DN ", ":(none) ")
    )
    (record,) = read(LEGEND + text)
    assert (record.is_active, record.uptime) == (False, None)
    assert (record.ike_sas[0].is_active, record.ike_sas[0].remaining) == (False, timedelta())
    assert record.ike_sas[0].capabilities == ""


def test_addresses_of_ipv6_stand_on_two_lines() -> None:
    text = session(peer="2001:db8::2").replace("66.198.12.106/4500 remote", "2001:db8::1/4500\n          remote")
    (record,) = read(LEGEND + text)
    assert str(record.ike_sas[0].remote_address) == "2001:db8::2"


def test_the_short_form_has_no_counters() -> None:
    text = (
        "Crypto session current status\n\nInterface: Tunnel30\nSession status: UP-IDLE\nPeer: 192.0.2.1 port 500\n"
        "  Session ID: 0\n  IKEv1 SA: local 192.0.2.2/500 remote 192.0.2.1/500 Active\n"
    )
    (record,) = read(text)
    assert (record.ike_sas[0].version, record.ike_sas[0].remaining, record.flows) == (1, None, ())


@pytest.mark.parametrize("text", [LEGEND, "Crypto session current status\n"])
def test_no_session(text: str) -> None:
    assert read(text) == ()


def test_silence_is_evidence_only_behind_a_prompt() -> None:
    assert crypto_session.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(read, "", "does not say")


def test_an_active_session_has_a_flow() -> None:
    refuses(read, LEGEND + session().split("  IPSEC FLOW")[0], "without a protected flow")


def test_cuts_are_seen() -> None:
    assert_cuts_are_seen(read, LEGEND + session("Tunnel30") + session("Tunnel31", rekey=True))


@pytest.mark.parametrize("noise", ["ce1#", "Tunnel31 is up", "% Error", " Peer of nobody"])
def test_noise_is_refused(noise: str) -> None:
    assert_noise_is_refused(read, LEGEND + session("Tunnel30"), noise)
