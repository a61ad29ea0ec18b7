from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.log import LabLog, redact


@pytest.mark.parametrize(
    "line",
    [
        "pre-shared-key {}",
        "pre-shared-key remote {}",
        "pre loc {}",
        "p {}",
        " pre-shared-key hex {}",
        "username ann privilege 15 secret 9 {}",
        "username ann pass {}",
        "enable secret {}",
        "neighbor 10.0.0.1 password 7 {}",
        "snmp-server community {} RO",
        "tacacs-server key {}",
        "crypto isakmp key {} address 10.0.0.1",
        "ip ospf message-digest-key 1 md5 {}",
        "ip ospf authentication-key {}",
        "key-string {}",
    ],
)
@given(secret=st.text("abcXYZ123456$.", min_size=6, max_size=12))
def test_no_secret_stays_in_a_line(line: str, secret: str) -> None:
    assert secret not in redact(line.format(secret))


@pytest.mark.parametrize(
    "line",
    [
        "show running-config | section router bgp",
        "neighbor 10.0.0.1 prefix-list customers out",
        "neighbor 10.0.0.1 send-community both",
        "set community 65021:30 additive",
        "set as-path prepend 65021 65021",
        "authentication remote pre-share",
        "crypto ikev2 keyring customers",
        "ip address 10.0.0.1 255.255.255.0 secondary",
        "shutdown",
        "",
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


def test_an_event_has_both_times() -> None:
    stream = StringIO()
    LabLog(stream, lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)).write("login", router="r1", result="ok")
    event = json.loads(stream.getvalue())
    assert event["simulated"] == "2026-01-02T03:04:05.000Z"
    assert event["time"].endswith("Z")
    assert (event["event"], event["router"], event["result"]) == ("login", "r1", "ok")
