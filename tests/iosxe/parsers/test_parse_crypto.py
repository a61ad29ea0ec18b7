"""IKEv2 and IPsec security associations."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.device_answers import IKE_END, IKE_TITLE, esp_sa, ike_sa, ipsec
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers import ikev2
from pytest_azinterop.iosxe.parsers import ipsec as ipsec_parser
from pytest_azinterop.state.crypto import Ikev2Sa, IpsecIdentity

DETAILED = replace(SOURCE, command="show crypto ikev2 sa detailed")


def ike(text: str) -> tuple[Ikev2Sa, ...]:
    return ikev2.parse(text, DETAILED).records


def one(text: str) -> IpsecIdentity:
    (record,) = ipsec_parser.parse(text, SOURCE).records
    return record


def test_a_ready_sa() -> None:
    (sa,) = ike(IKE_TITLE + ike_sa() + IKE_END)
    assert sa == Ikev2Sa(
        tunnel_id=1,
        local_address=ip_address("66.198.12.106"),
        local_port=500,
        remote_address=ip_address("52.168.162.84"),
        remote_port=500,
        front_vrf=None,
        inner_vrf="30",
        status="READY",
        encryption="AES-CBC-256",
        prf="SHA256",
        integrity="SHA256",
        dh_group=14,
        sign_method="PSK",
        verify_method="PSK",
        lifetime=86400,
        active_for=1234,
        local_id="66.198.12.106",
        remote_id="52.168.162.84",
        local_spi="00A1B2C3D4E5F607",
        remote_spi="17A1B2C3D4E5F608",
        initiator=True,
        nat_detected=False,
        dpd_interval=10,
        source=SOURCE,
    )
    assert sa.source.lines == (4, 22)


def test_two_sas_during_a_rekey_keep_their_own_data_also_with_dashes_in_vrf_names() -> None:
    unsettled = (
        "Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0, Auth sign: Unknown - 0, Auth verify: Unknown - 0"
    )
    first, second = ike(
        IKE_TITLE
        + ike_sa(1, vrfs="INET-V/CUST-30")
        + ike_sa(2, vrfs="INET-V/none", status="IN-NEG", algorithms=unsettled, initiator="No")
        + IKE_END
    )
    assert (first.front_vrf, first.inner_vrf, first.status, first.initiator) == ("INET-V", "CUST-30", "READY", True)
    assert (second.front_vrf, second.inner_vrf, second.status, second.initiator) == ("INET-V", None, "IN-NEG", False)
    settled = (second.encryption, second.prf, second.integrity, second.dh_group, second.sign_method)
    assert settled == (None, None, None, None, None)
    assert not second.is_ready


def test_combined_mode_has_no_integrity_of_its_own() -> None:
    (sa,) = ike(
        ike_sa(
            algorithms="Encr: AES-GCM, keysize: 256, PRF: SHA384, Hash: None, "
            "DH Grp:20, Auth sign: RSA, Auth verify: RSA"
        )
    )
    assert (sa.encryption, sa.integrity, sa.dh_group, sa.sign_method) == ("AES-GCM-256", None, 20, "RSA")


def test_no_sa_is_said_and_not_guessed() -> None:
    assert ike(IKE_TITLE + IKE_END) == ()
    assert ikev2.parse("", DETAILED, may_be_empty=True).records == ()
    for text in (
        "",
        "something else\n",
        "Tunnel-id Local                 Remote                fvrf/ivrf            Status\n",
    ):
        with pytest.raises(ParseError):
            ike(text)


def test_an_ambiguous_vrf_pair_is_refused() -> None:
    with pytest.raises(ParseError):
        ike(ike_sa(vrfs="a/b/c"))


@given(st.data())
def test_a_cut_never_drops_an_sa_silently(data: st.DataObject) -> None:
    text = IKE_TITLE + ike_sa(1) + ike_sa(2, status="DELETE") + IKE_END
    whole = ike(text)
    end = data.draw(st.integers(0, len(text)))
    try:
        records = ike(text[:end])
    except ParseError:
        return
    assert records == whole[: len(records)]
    assert len(records) == text[:end].count("Initiator of SA : ")


@given(st.integers(0, 20), st.text(alphabet="abcXYZ 0123/:.#>", min_size=1).filter(str.strip))
def test_an_unknown_line_stays_on_its_sa(position: int, noise: str) -> None:
    lines = ike_sa().splitlines()
    position = max(2, position)
    text = "\n".join([*lines[:position], f"      Zz {noise.strip()}", *lines[position:]])
    (sa,) = ike(text)
    assert sa == replace(ike(ike_sa())[0], unread=sa.unread)
    assert sa.unread == (f"Zz {noise.strip()}",)


def test_an_identity_with_sas() -> None:
    record = one(ipsec(esp_sa(7), esp_sa(9), spi="0x9(9)"))
    assert record.interface == "Tunnel30"
    assert record.protected_vrf == "CUST-30/x"
    assert (record.local_selector, record.protocol) == (ip_network("0.0.0.0/0"), 0)
    assert (str(record.peer), record.peer_port) == ("52.168.162.84", 4500)
    counters = record.counters
    assert (counters.encaps, counters.decaps, counters.decrypt) == (4294967290, 20, 19)
    assert (counters.send_errors, counters.receive_errors) == (3, 1)
    assert (record.current_outbound_spi, record.pfs, record.pfs_group, record.path_mtu) == (9, False, None, 1500)
    assert [sa.spi for sa in record.inbound] == [7]
    assert record.outbound[0].transform == "esp-256-aes esp-sha256-hmac"
    assert record.outbound[0].tunnel_mode
    assert (record.outbound[0].status, record.outbound[0].remaining_seconds) == ("ACTIVE", 3000)
    assert record.outbound[0].remaining_kilobytes == 4607000
    assert record.unread == ()


def test_no_sa_pair_leaves_the_identity_without_sas() -> None:
    record = one(ipsec())
    assert record.inbound == record.outbound == ()
    assert record.current_outbound_spi == 0


def test_a_rekey_shows_two_sas_per_direction() -> None:
    record = one(ipsec(esp_sa(7) + esp_sa(8), esp_sa(9) + esp_sa(10)))
    assert [sa.spi for sa in record.inbound] == [7, 8]
    assert [sa.spi for sa in record.outbound] == [9, 10]


@pytest.mark.parametrize(
    ("printed", "seconds", "kilobytes"),
    [
        ("(k/sec): (0/92)", 92, 0),
        ("(sec): 94\n        Kilobyte Volume Rekey has been disabled", 94, None),
        ("1 hours, 10 mins", 4200, None),
        ("in other words", None, None),
    ],
)
def test_lifetimes(printed: str, seconds: int | None, kilobytes: int | None) -> None:
    sa = one(ipsec(esp_sa(7, printed), esp_sa(9))).inbound[0]
    assert (sa.remaining_seconds, sa.remaining_kilobytes) == (seconds, kilobytes)


def test_the_detail_form_adds_its_error_counters_up() -> None:
    detail = """#pkts no sa (send) 5, #pkts invalid sa (rcv) 0
    #pkts encaps failed (send) 1, #pkts decaps failed (rcv) 2
    #pkts invalid prot (recv) 0, #pkts verify failed: 4
    ##pkts replay failed (rcv): 3
    #pkts tagged (send): 100, #pkts untagged (rcv): 100
    #pkts internal err (send): 0, #pkts internal err (recv) 0"""
    counters = one(ipsec(errors=detail)).counters
    assert (counters.send_errors, counters.receive_errors) == (6, 9)
    assert ("pkts replay failed (rcv)", 3) in counters.errors
    assert not any("tagged" in name for name, _ in counters.errors)


def test_pfs_with_its_group() -> None:
    record = one(ipsec().replace("PFS (Y/N): N, DH group: none", "PFS (Y/N): Y, DH group: group14"))
    assert (record.pfs, record.pfs_group) == (True, 14)


def test_several_interfaces_keep_their_own() -> None:
    first, second = ipsec_parser.parse(
        ipsec(esp_sa(1), esp_sa(2)) + ipsec().replace("Tunnel30", "Tunnel31"), SOURCE
    ).records
    assert (first.interface, second.interface) == ("Tunnel30", "Tunnel31")
    assert first.inbound
    assert not second.inbound


def test_nothing_is_said_and_not_guessed() -> None:
    assert ipsec_parser.parse("No SAs found\n", SOURCE).records == ()
    assert ipsec_parser.parse("", SOURCE, may_be_empty=True).records == ()
    for text in ("", "words\n", "interface: Tunnel30\n"):
        with pytest.raises(ParseError):
            ipsec_parser.parse(text, SOURCE)


@pytest.mark.parametrize(
    "missing",
    [
        "#pkts encaps",
        "#pkts decaps",
        "#send errors",
        "current_peer",
        "current outbound spi",
        "PFS",
        "inbound esp sas",
        "outbound pcp sas",
    ],
)
def test_a_required_line_that_is_missing_is_an_error(missing: str) -> None:
    lines = [line for line in ipsec(esp_sa(7), esp_sa(9)).splitlines() if not line.strip().startswith(missing)]
    with pytest.raises(ParseError):
        ipsec_parser.parse("\n".join(lines), SOURCE)


@given(st.data())
def test_a_cut_identity_is_an_error(data: st.DataObject) -> None:
    text = ipsec(esp_sa(7), esp_sa(9)) + ipsec(esp_sa(1), esp_sa(2)).replace("Tunnel30", "Tunnel31")
    whole = ipsec_parser.parse(text, SOURCE).records
    end = data.draw(st.integers(0, len(text)))
    try:
        records = ipsec_parser.parse(text[:end], SOURCE).records
    except ParseError:
        return
    assert records == whole[: len(records)]
    assert len(records) == text[:end].count("interface: Tunnel")


@pytest.mark.parametrize("word", ["digest", "verify", "encaps", "decaps", "encrypt", "decrypt"])
def test_the_counters_that_every_answer_has_must_be_there(word: str) -> None:
    """A transform without an integrity algorithm of its own may have no digests."""
    line = next(line for line in ipsec().splitlines() if f"#pkts {word}:" in line)
    kept = "    " + ", ".join(each.strip() for each in line.split(",") if f"#pkts {word}:" not in each)
    text = ipsec().replace(line, kept)
    if word in ("digest", "verify"):
        assert one(text).counters.encaps == 4294967290
    else:
        with pytest.raises(ParseError, match=f"missing.*pkts {word}"):
            one(text)
