"""The router's proposals against Azure's policy and defaults: what comes up today, what fails at the first rekey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.sides_records import connection, gateway_record
from verify.verify_records import CONFIG_TEXT, ESP, IKE_SA, TUNNEL, config, config_with, identity

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.sides import ExpectedCrypto
from pytest_azinterop.state.azure_connection import IpsecPolicy, TrafficSelector
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import crypto
from pytest_azinterop.verify.sides.azure_policy import DEFAULT, esp_suite, policy_of
from pytest_azinterop.verify.sides.observed import ObservedCrypto

ANY, INNER = ip_network("0.0.0.0/0"), ip_network("10.7.0.0/24")
EXPECTED = ExpectedCrypto(TUNNEL, "hub-site")
POLICY = IpsecPolicy("AES256", "SHA256", "DHGroup14", "AES256", "SHA256", "None", 27000, 102_400_000)
UNLIMITED = config_with(
    " set transform-set ESP\n", " set transform-set ESP\n set security-association lifetime kilobytes disable\n"
)
GATEWAY = replace(gateway_record("hub-vpn", "Vpn", 64513, "10.60.0.30"), sku="VpnGw2AZ")


def link(**changes: Any) -> Any:
    values = {"kind": "IPsec", "ike": "IKEv2", "policy_based": False, "ipsec_policies": (POLICY,)}
    return connection("hub-site", **{**values, **changes})


def observed(**changes: Any) -> ObservedCrypto:
    record = ObservedCrypto(link(), UNLIMITED, (IKE_SA,), (identity(1, 1, 0),), GATEWAY)
    return replace(record, **changes)


def policy(**changes: Any) -> ObservedCrypto:
    return observed(connection=link(ipsec_policies=(replace(POLICY, **changes),)))


def configured(old: str, new: str) -> Any:
    return config_with(old, new)


UNPROTECTED = configured(" tunnel protection ipsec profile TO-GATEWAY\n", "")
UNDEFINED = configured("crypto ipsec profile TO-GATEWAY", "crypto ipsec profile X")
EACH: dict[str, Any] = {
    "sides.ike": crypto.ike,
    "sides.ipsec": crypto.ipsec,
    "sides.rekey": crypto.rekey,
    "sides.key-volume": crypto.key_volume,
}
WITH_PFS = configured(" set transform-set ESP\n", " set transform-set ESP\n set pfs group14\n")
# judgement, change, causes
CASES: dict[str, tuple[Any, Callable[[], Any], list[str]]] = {
    **{
        f"{rule}: {cause}": (judge, lambda text=text: observed(config=text), [cause])
        for rule, judge in EACH.items()
        for text, cause in ((UNPROTECTED, "unprotected"), (UNDEFINED, "undefined-profile"))
    },
    "IKEv1": (crypto.ike, lambda: observed(connection=link(ike="IKEv1")), ["version"]),
    "encryption": (crypto.ike, lambda: policy(ike_encryption="AES128"), ["encryption", "negotiated"]),
    "integrity": (crypto.ike, lambda: policy(ike_integrity="SHA384"), ["integrity", "negotiated"]),
    "group": (crypto.ike, lambda: policy(dh_group="ECP384"), ["group", "negotiated"]),
    "policy of another address": (
        crypto.ike,
        lambda: observed(config=configured("match address local 198.51.100.7", "match address local 198.51.100.8")),
        ["no-policy"],
    ),
    "policy of another address, no SA": (
        crypto.ike,
        lambda: observed(
            config=configured("match address local 198.51.100.7", "match address local 198.51.100.8"), ike=()
        ),
        ["no-policy"],
    ),
    "group, no SA": (crypto.ike, lambda: replace(policy(dh_group="DHGroup24"), ike=()), ["group"]),
    "Azure's defaults have group 2 alone": (
        crypto.ike,
        lambda: observed(connection=link(ipsec_policies=())),
        ["group", "negotiated"],
    ),
    "negotiated before the router changed": (
        crypto.ike,
        lambda: observed(ike=(replace(IKE_SA, encryption="AES-CBC-128"),)),
        ["negotiated"],
    ),
    "transform": (crypto.ipsec, lambda: policy(ipsec_encryption="GCMAES256"), ["transform", "negotiated"]),
    "transform's hash": (crypto.ipsec, lambda: policy(ipsec_integrity="SHA1"), ["transform", "negotiated"]),
    "negotiated transform": (
        crypto.ipsec,
        lambda: observed(
            ipsec=(identity(1, 1, 0, inbound=(replace(ESP, transform="esp-3des esp-sha-hmac"),), outbound=()),)
        ),
        ["negotiated"],
    ),
    "policy-based selectors": (crypto.ipsec, lambda: observed(connection=link(policy_based=True)), ["selectors"]),
    "selectors of single prefixes": (
        crypto.ipsec,
        lambda: observed(connection=link(traffic_selectors=(TrafficSelector((ANY,), (INNER,)),))),
        ["selectors"],
    ),
    "PFS in Azure alone": (crypto.rekey, lambda: policy(pfs_group="PFS2048"), ["pfs-missing"]),
    "PFS of the IKE group in Azure alone": (crypto.rekey, lambda: policy(pfs_group="PFSMM"), ["pfs-missing"]),
    "PFS on the router alone": (crypto.rekey, lambda: observed(config=WITH_PFS), ["pfs-not-offered"]),
    "PFS of another group": (
        crypto.rekey,
        lambda: replace(policy(pfs_group="ECP256"), config=WITH_PFS),
        ["pfs-other"],
    ),
    "PFS against Azure's defaults": (
        crypto.rekey,
        lambda: observed(config=WITH_PFS, connection=link(ipsec_policies=())),
        ["pfs-one-way"],
    ),
    "the router's default volume": (crypto.key_volume, lambda: observed(config=config()), ["router-volume"]),
    "the router's volume for all": (
        crypto.key_volume,
        lambda: observed(
            config=configured("\nend\n", "\ncrypto ipsec security-association lifetime kilobytes 100000\nend\n")
        ),
        ["router-volume"],
    ),
    "Azure's volume": (crypto.key_volume, lambda: policy(lifetime_kilobytes=1024), ["azure-volume"]),
}


def test_agreement_has_no_finding() -> None:
    for judge in (crypto.ike, crypto.ipsec, crypto.rekey, crypto.key_volume):
        assert judge(EXPECTED, observed()) == []
        assert judge(EXPECTED, observed(ike=(), ipsec=())) == []


def test_azures_defaults_are_taken_where_it_has_no_policy() -> None:
    old = config(
        CONFIG_TEXT.replace(" group 14\n", " group 2\n")
        .replace(" integrity sha256\n", " integrity sha1\n")
        .replace("esp-sha256-hmac", "esp-sha-hmac")
    )
    seen = observed(
        config=old,
        connection=link(ipsec_policies=()),
        ike=(replace(IKE_SA, integrity="SHA96", dh_group=2),),
        ipsec=(
            identity(
                1,
                1,
                0,
                inbound=(replace(ESP, transform="esp-256-aes esp-sha-hmac"),),
                outbound=(replace(ESP, transform="esp-256-aes esp-sha-hmac"),),
            ),
        ),
    )
    for judge in (crypto.ike, crypto.ipsec, crypto.rekey):
        assert judge(EXPECTED, seen) == []


@pytest.mark.parametrize("name", CASES)
def test_each_difference_has_its_cause(name: str) -> None:
    judge, seen, causes = CASES[name]
    found = judge(EXPECTED, seen())
    assert [each.cause for each in found] == causes
    for each in found:
        assert {place.host for place in each.evidence} & {"connections/hub-site", "virtualNetworkGateways/hub-vpn"}
        assert each.next_command
        assert ", expected " in each.message


def test_proposals_that_fit_only_together() -> None:
    text = CONFIG_TEXT.replace(
        " group 14\n!\ncrypto ikev2 policy",
        " group 14\ncrypto ikev2 proposal OTHER\n encryption aes-cbc-128\n integrity sha256\n group 2\n!\n"
        "crypto ikev2 policy",
    ).replace(" proposal STRONG\n!", " proposal STRONG\n proposal OTHER\n!")
    found = crypto.ike(EXPECTED, replace(policy(ike_encryption="AES128"), config=config(text), ike=()))
    assert [each.cause for each in found] == ["combination"]
    assert found[0].message.endswith("expected aescbc128/sha256/group 14 as in its policy")


def test_message_says_when_it_will_fail() -> None:
    found = crypto.rekey(EXPECTED, policy(pfs_group="PFS2048"))
    assert found[0].message == (
        "edge-a vrf blue Tunnel12: PFS of the router is none, expected group 14 as in its policy"
    )
    assert found[0].likely == "the SA in use ends in 3000 seconds; its successor is refused"
    found = crypto.ike(EXPECTED, policy(dh_group="ECP384"))
    assert found[0].likely == "the SA in use is older than the change; the next one will not come up"


def test_every_cause_has_a_case() -> None:
    for rule, judge in EACH.items():
        named = {cause for each, _, causes in CASES.values() if each is judge for cause in causes}
        assert named | ({"combination"} if rule == "sides.ike" else set()) == set(RULES[rule].causes)


def test_galois_counter_mode_has_no_integrity_of_its_own() -> None:
    text = CONFIG_TEXT.replace("encryption aes-cbc-256", "encryption aes-gcm-256").replace(
        " integrity sha256\n", " prf sha384\n"
    )
    seen = replace(
        policy(
            ike_encryption="GCMAES256",
            ike_integrity="SHA384",
            ipsec_encryption="GCMAES256",
            ipsec_integrity="GCMAES256",
        ),
        config=config(text.replace("esp-aes 256 esp-sha256-hmac", "esp-gcm 256")),
        ike=(replace(IKE_SA, encryption="AES-GCM-256", integrity=None),),
        ipsec=(
            identity(
                1,
                1,
                0,
                inbound=(replace(ESP, transform="esp-gcm 256"),),
                outbound=(replace(ESP, transform="esp-gcm 256"),),
            ),
        ),
    )
    assert crypto.ike(EXPECTED, seen) == []
    assert crypto.ipsec(EXPECTED, seen) == []


MISSING: dict[str, tuple[Any, Callable[[], Any]]] = {
    "connection": (crypto.ike, lambda: observed(connection=None)),
    "connection of another kind": (crypto.ike, lambda: observed(connection=link(kind="ExpressRoute"))),
    "policy": (crypto.ipsec, lambda: observed(connection=link(ipsec_policies=None))),
    "word of the policy": (crypto.rekey, lambda: policy(pfs_group="PFS99")),
    "cipher of the policy": (crypto.ike, lambda: policy(ike_encryption="ROT13")),
    "configuration": (crypto.rekey, lambda: observed(config=None)),
    "configuration cut off": (crypto.ipsec, lambda: observed(config=config(whole=False))),
    "configuration hidden": (crypto.key_volume, lambda: observed(config=config(hidden=True))),
    "IKE SAs": (crypto.ike, lambda: observed(ike=None)),
    "IPsec SAs": (crypto.ipsec, lambda: observed(ipsec=None)),
    "algorithms of the SA": (crypto.ike, lambda: observed(ike=(replace(IKE_SA, encryption=None),))),
    "integrity of the SA": (crypto.ike, lambda: observed(ike=(replace(IKE_SA, integrity=None),))),
    "proposals of the release, no SA": (
        crypto.ike,
        lambda: observed(config=configured(" proposal STRONG\n!", "!"), ike=()),
    ),
    "transforms": (crypto.ipsec, lambda: observed(config=configured(" set transform-set ESP\n", ""))),
    "gateway": (crypto.key_volume, lambda: observed(gateway=None)),
    "throughput of its SKU": (crypto.key_volume, lambda: observed(gateway=replace(GATEWAY, sku="VpnGw99"))),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_raises(name: str) -> None:
    judge, seen = MISSING[name]
    with pytest.raises(UndeterminedError):
        judge(EXPECTED, seen())


def test_sas_of_another_peer_say_nothing_of_this_tunnel() -> None:
    other = replace(IKE_SA, remote_address=ip_address("203.0.113.77"), encryption="3DES")
    strange = replace(
        identity(1, 1, 0, inbound=(replace(ESP, transform="esp-3des esp-md5-hmac"),)), peer=other.remote_address
    )
    assert crypto.ike(EXPECTED, observed(ike=(other, IKE_SA))) == []
    assert crypto.ipsec(EXPECTED, observed(ipsec=(strange,))) == []


WORDS = {
    "aes128": ("AES128", "esp-aes", "esp-aes"),
    "aes192": ("AES192", "esp-aes 192", "esp-192-aes"),
    "aes256": ("AES256", "esp-aes 256", "esp-256-aes"),
    "3des": ("DES3", "esp-3des", "esp-3des"),
    "des": ("DES", "esp-des", "esp-des"),
}
HASHES = {"sha96": ("SHA1", "esp-sha-hmac"), "sha256": ("SHA256", "esp-sha256-hmac"), "md596": ("MD5", "esp-md5-hmac")}


@given(st.sampled_from(sorted(WORDS)), st.sampled_from(sorted(HASHES)))
def test_one_algorithm_has_three_spellings(cipher: str, digest: str) -> None:
    azure, typed, printed = WORDS[cipher]
    name, word = HASHES[digest]
    suite = policy_of(link(ipsec_policies=(replace(POLICY, ipsec_encryption=azure, ipsec_integrity=name),))).esp
    assert suite == (esp_suite((typed, word)),) == (esp_suite(f"{printed} {word}"),)


@given(st.text(max_size=40))
def test_unknown_transforms_are_never_taken_for_known_ones(text: str) -> None:
    suite = esp_suite(text)
    assert suite is None or suite.encryption in {*WORDS, "gcm128", "gcm192", "gcm256", "null"}


@given(
    st.sampled_from([None, 2, 14, 19]),
    st.sampled_from(["None", "PFS2", "PFS14", "PFS2048", "ECP256", "PFSMM", "default"]),
)
def test_rekey_succeeds_only_where_both_sides_have_one_group(own: Any, name: str) -> None:
    text = (
        UNLIMITED
        if own is None
        else configured(" set transform-set ESP\n", f" set transform-set ESP\n set pfs group{own}\n")
    )
    seen = observed(connection=link(ipsec_policies=())) if name == "default" else policy(pfs_group=name)
    theirs = {"None": None, "PFS2": 2, "PFS14": 14, "PFS2048": 14, "ECP256": 19, "PFSMM": 14, "default": None}[name]
    assert bool(crypto.rekey(EXPECTED, replace(seen, config=text))) == (own != theirs)


def test_defaults_are_those_that_microsoft_publishes() -> None:
    assert {suite.group for suite in DEFAULT.ike} == {2}
    assert (DEFAULT.seconds, DEFAULT.kilobytes) == (27000, 102_400_000)


def test_what_azure_does_not_tell_of_a_connection_agrees_with_nothing() -> None:
    with pytest.raises(UndeterminedError, match="does not tell its traffic selectors"):
        crypto.ipsec(EXPECTED, observed(connection=link(policy_based=None)))
    with pytest.raises(UndeterminedError, match="does not tell its protocol"):
        crypto.ike(EXPECTED, observed(connection=link(ike=None), ike=()))
    assert crypto.ike(EXPECTED, observed(connection=link(ike=None))) == []  # an IKEv2 SA is there
    whole = link(traffic_selectors=(TrafficSelector((ANY,), (ANY,)),))
    assert crypto.ipsec(EXPECTED, observed(connection=whole)) == []
