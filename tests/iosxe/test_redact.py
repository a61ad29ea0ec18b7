"""Redaction: what leaves, what stays, and that nothing else changes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.iosxe import redact as redaction
from pytest_azinterop.iosxe.redact import MARK, PUBLISHED_MARK, redact

S = "Pl4nted"

TO_MARK = [
    f"  pre-shared-key local {S}",
    f"  pre-shared-key remote 6 {S}",
    f"  pre-shared-key {S}",
    f"  pre-shared-key local hex {S}",
    f"  pre-shared-key address 192.0.2.1 255.255.255.255 key {S}",
    f"  pre-shared-key hostname far.example key 6 {S}",
    f" authentication local pre-share key {S}",
    f"crypto isakmp key {S} address 192.0.2.1",
    f"crypto isakmp key 6 {S} address 0.0.0.0 0.0.0.0 no-xauth",
    f"enable secret 9 {S}",
    f"enable secret {S}",
    f"enable password level 15 7 {S}",
    f"username ops privilege 15 secret 9 {S}",
    f"username ops password 7 {S}",
    f"username ops algorithm-type scrypt secret {S}",
    f" password 7 {S}",
    f" password {S} with words",
    f" neighbor 192.0.2.2 password 7 {S}",
    f"mpls ldp password option 1 for 10 7 {S}",
    f"snmp-server community {S} RO 10",
    f"snmp-server host 192.0.2.3 version 2c {S}",
    f"snmp-server host 192.0.2.3 vrf Mgmt-intf informs version 2c {S} bgp",
    f"snmp-server host 192.0.2.3 {S}",
    f"snmp-server user ops group v3 auth sha {S} priv aes 128 {S}x access 10",
    f"tacacs-server key 7 {S}",
    f"tacacs-server host 192.0.2.4 key {S}",
    f"radius-server host 192.0.2.5 auth-port 1812 acct-port 1813 key 7 {S}",
    f" server-private 192.0.2.4 key 7 {S}",
    f"  client 192.0.2.9 server-key 7 {S}",
    f" key 7 {S}",
    f" key {S}",
    f"+ key 6 {S}",
    f"  key-string 7 {S}",
    f" ip ospf message-digest-key 1 md5 7 {S}",
    f" area 0 virtual-link 192.0.2.6 message-digest-key 1 md5 {S}",
    f" ip ospf authentication-key 7 {S}",
    f"ntp authentication-key 5 md5 {S} 7",
    f" ppp chap password 0 {S}",
    f" ppp pap sent-username ops password 7 {S}",
    f" standby 1 authentication {S}",
    f" standby 1 authentication md5 key-string 7 {S}",
    f" ip nhrp authentication {S}",
    f" wpa-psk ascii 0 {S}",
    f" security wpa psk set-key ascii 0 {S}",
    f" ipv6 ospf authentication ipsec spi 256 md5 7 {S}",
    f" ipv6 ospf encryption ipsec spi 257 esp aes-cbc 128 7 {S} sha1 7 {S}",
    f" authentication mode hmac-sha-256 7 {S}",
    f" set session-key inbound esp 300 cipher {S} authenticator {S}",
    f" ppk manual id one key 6 {S}",
    f"key config-key password-encrypt {S}",
    f" path ftp://ops:{S}@192.0.2.7/configs",
    f"copy scp://ops:{S}:x/y@192.0.2.7/a bootflash:",
    f"license smart register idtoken {S}",
    f"*Mar  1 10:00:00.000: %PARSER-5-CFGLOG_LOGGEDCMD: User:ops  logged command:pre-shared-key remote {S}",
    f"*Mar  1 10:00:00.000: %PARSER-5-CFGLOG_LOGGEDCMD: User:ops  logged command:key 7 {S}",
    f"*Mar  1 10:00:00.000: AAA: password={S}",
    f"-username ops secret 9 {S}",
    f"+  pre-shared-key local {S}",
    f"Community name: {S}",
]

KEPT = [
    "service password-encryption",
    "password encryption aes",
    "key chain BGP-KEYS",
    "crypto key generate rsa modulus 2048",
    " keyring local Cust30-azure-keyring",
    " authentication local pre-share",
    " authentication remote pre-share",
    "crypto ikev2 keyring Cust30-azure-keyring",
    " tunnel key 30",
    " mka pre-shared-key key-chain LINK",
    "      Community: 12076:51004 65021:30",
    " neighbor 192.0.2.2 send-community both",
    "aaa authentication login default group tacacs+ local",
    " set community 65021:30 additive",
    "      Encr: AES-CBC, keysize: 256, PRF: SHA256, Hash: SHA256, DH Grp:14, Auth sign: PSK, Auth verify: PSK",
    "        sa timing: remaining key lifetime (k/sec): (4607999/83143)",
    " enrollment url http://192.0.2.8:80",
    "ip ssh version 2",
    "crypto isakmp policy 10",
    " standby 1 authentication md5 key-chain HSRP",
]


@pytest.mark.parametrize("line", TO_MARK)
def test_the_secret_leaves_and_the_line_stays(line: str) -> None:
    text = f"before\n{line}\r\nafter\n"
    redacted = redact(text)
    assert S not in redacted
    assert MARK in redacted
    assert redacted.startswith("before\n")
    assert redacted.endswith("\r\nafter\n")
    assert redact(redacted) == redacted


@pytest.mark.parametrize("line", KEPT)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert redact(f"x\n{line}\ny") == f"x\n{line}\ny"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"  pre-shared-key local 6 {S}", f"  pre-shared-key local 6 {MARK}"),
        (f"username x privilege 15 password 7 {S}", f"username x privilege 15 password 7 {MARK}"),
        (f"enable secret 9 {S}", f"enable secret 9 {MARK}"),
        (f"crypto isakmp key 6 {S} address 192.0.2.1", f"crypto isakmp key 6 {MARK} address 192.0.2.1"),
        (f"snmp-server community {S} RO 10", f"snmp-server community {MARK} RO 10"),
        (f"ntp authentication-key 5 md5 {S} 7", f"ntp authentication-key 5 md5 {MARK} 7"),
        (f"archive ftp://ops:{S}@192.0.2.7/c", f"archive ftp://ops:{MARK}@192.0.2.7/c"),
    ],
)
def test_kind_and_type_stay(line: str, expected: str) -> None:
    assert redact(line) == expected


def test_the_keys_of_a_chain_keep_their_numbers() -> None:
    text = f"key chain K\n key 1\n  key-string 7 {S}\n key 2\n  accept-lifetime local 00:00:00 Jan 1 2024 infinite\n"
    assert redact(text) == text.replace(S, MARK)


def test_a_word_that_is_no_key_number_leaves_whatever_follows() -> None:
    assert redact(f" key {S}\n  key-string 7 {S}\n") == f" key {MARK}\n  key-string 7 {MARK}\n"


def test_certificates_and_private_keys_keep_their_lines() -> None:
    text = (
        "crypto pki certificate chain C\n certificate self-signed 01\n"
        "  30820330 30820218 A0030201\n  0203\n  \tquit\nend\n"
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKCAQEAabcdefgh\nAb3=\n"
        "-----END RSA PRIVATE KEY-----\n!\n"
    )
    redacted = redact(text)
    assert redacted.count("\n") == text.count("\n")
    for gone in ("30820330", "0203", "MIIE", "Ab3", "ENCRYPTED"):
        assert gone not in redacted
    assert "  \tquit\nend" in redacted
    assert redacted.endswith("-----END RSA PRIVATE KEY-----\n!\n")
    assert redact(redacted) == redacted


@given(st.lists(st.one_of(st.sampled_from([*TO_MARK, *KEPT, "-----BEGIN X-----", " certificate ca 01"]), st.text())))
def test_lines_are_neither_lost_nor_joined_and_a_second_pass_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    redacted = redact(text)
    assert S not in redacted or any(S in line for line in lines if line not in TO_MARK)
    assert redacted.count("\n") == text.count("\n")
    assert redacted.count("\r") == text.count("\r")
    assert redact(redacted) == redacted


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=40).filter(
        lambda secret: secret != PUBLISHED_MARK
    ),
    st.integers(0, 9),
)
def test_any_key_leaves_whatever_it_is_made_of(secret: str, kind: int) -> None:
    for line in (f" pre-shared-key remote {kind} {secret}", f" neighbor 192.0.2.2 password {kind} {secret}"):
        assert redact(line) == line.removesuffix(secret) + MARK


def test_a_large_table_costs_next_to_nothing() -> None:
    table = " *>   10.20.30.0/24      192.168.30.18                          0 12076 65515 i\n" * 20_000
    started = time.perf_counter()
    assert redact(table) == table
    table += f" neighbor 192.0.2.2 password {S}\n"
    assert S not in redact(table)
    assert time.perf_counter() - started < 3  # a bound against quadratic work, not a measurement


# Spelled in parts, and reversed from type 7, so that no documented key stands in this project.
DOCUMENTED = "Iam" + "Secure" + "123"


def type_7(plain: str, start: int) -> str:
    from pytest_azinterop.iosxe.published_keys import _TYPE_7

    body = bytes(char ^ _TYPE_7[(start + at) % len(_TYPE_7)] for at, char in enumerate(plain.encode()))
    return f"{start:02d}{body.hex().upper()}"


@pytest.mark.parametrize(
    "line",
    [
        "  pre-shared-key local {0}",
        "  pre-shared-key remote 0 {0}",
        "crypto isakmp key {0} address 192.0.2.1",
        " neighbor 192.0.2.2 password {0}",
        " neighbor 192.0.2.2 password 7 {7}",
        "+  pre-shared-key local {0}",
    ],
)
@pytest.mark.parametrize("start", [0, 3, 15])
def test_a_documented_key_leaves_and_the_mark_says_what_it_was(line: str, start: int) -> None:
    filled = line.replace("{0}", DOCUMENTED).replace("{7}", type_7(DOCUMENTED, start))
    redacted = redact(f"{filled}\n")
    assert PUBLISHED_MARK in redacted
    assert DOCUMENTED not in redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    "line",
    [
        f"  pre-shared-key local 6 {DOCUMENTED}",
        f"  pre-shared-key local {DOCUMENTED}x",
        f"  pre-shared-key local {DOCUMENTED} and more",
        " neighbor 192.0.2.2 password 7 0",
        " neighbor 192.0.2.2 password 7 99ZZ",
        f"enable secret 9 {DOCUMENTED}",
    ],
)
def test_what_is_not_known_to_be_documented_is_not_called_so(line: str) -> None:
    assert MARK in redact(line)
    assert PUBLISHED_MARK not in redact(line)


@given(st.text(max_size=60), st.sampled_from([None, "0", "6", "7", "9", "15"]))
def test_no_key_is_too_strange_to_be_compared(key: str, encryption_type: str | None) -> None:
    from pytest_azinterop.iosxe.published_keys import is_published

    assert is_published(key, encryption_type) in (True, False)


LINES = st.sampled_from(
    [
        "",
        " *>   10.1.0.0/24      192.0.2.1                0    200      0 12076 i",
        " neighbor 192.0.2.1 password 7 094F471A1A0A",
        " pre-shared-key local 6 abcdef",
        "tacacs server one",
        " key 7 0505031B2048430017",
        " key 1",
        "  key-string 7 0505031B20",
        "key chain ospf",
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEpAIBAAKCAQEA7bq98Yt2",
        "QUJDRA==",
        "-----END RSA PRIVATE KEY-----",
        " certificate self-signed 01",
        "  3082030E 308201F6 A0030201",
        "  \tquit",
        "snmp-server user u g v3 auth sha secret1 priv aes 128 secret2",
        "copy scp://user:word@192.0.2.1/x bootflash:",
        "description Zürich İ client key",
    ]
)


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_looking_at_suspect_lines_only_finds_what_looking_at_all_finds(lines: list[str], end: str) -> None:
    text = end.join(lines)
    assert redact(text) == redaction._SECRET.sub(redaction._replace, text)
