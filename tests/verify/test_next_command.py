"""What is typed next brings an answer that is not there yet."""

from __future__ import annotations

import pytest
from verify.test_verify_cases import CASES, judgement
from verify.verify_records import source

from pytest_azinterop.verify import rules
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.next_command import further

NEIGHBORS = "show bgp vpnv4 unicast vrf blue neighbors"


@pytest.mark.parametrize(
    ("command", "evidence", "left"),
    [
        ("show clock", "show clock", False),
        ("show clock", "show ntp status", True),
        ("show clock", "show clock detail", True),
        ("show ntp associations detail", "show ntp associations", True),
        ("show interfaces Tunnel9", "show interfaces", False),
        ("show vrf blue", "show vrf", False),
        (f"{NEIGHBORS} 172.20.1.2", NEIGHBORS, False),
        (f"{NEIGHBORS} 172.20.1.2 routes", NEIGHBORS, True),
        (f"{NEIGHBORS} 172.20.1.2 routes", f"{NEIGHBORS} 172.20.1.2 routes", False),
        ("show ip route vrf blue 10.0.0.0", "show ip route vrf blue", True),
        ("show running-config | section bgp", "show running-config", True),
        ("on edge-a: show clock", "show clock", False),
        ("on edge-b: show clock", "show clock", True),
        ("on-line: show clock", "show clock", True),
    ],
)
def test_what_is_there_already_is_not_asked_for_again(command: str, evidence: str, left: bool) -> None:
    answer = source(evidence)
    assert answer.host == "edge-a"
    assert further(command, [source("show version"), answer]) == (command if left else None)
    found = rules.finding(
        "device.saved", "o", "o", "x is y, expected z", cause="not-saved", evidence=[answer], next_command=command
    )
    assert found.next_command == (command if left else None)


def test_nothing_stays_nothing() -> None:
    assert further(None, [source("show clock")]) is None


def _of_the_table() -> list[Finding]:
    found: list[Finding] = []
    for rule, expected, _, changes in CASES:
        for observed, _ in changes.values():
            found += judgement(rule)(expected, observed())
    return found


# What holds of a site as a whole, or of a router without BGP: there is no one answer that would say more.
WITHOUT = {"no-bgp", "no-session"}


def test_every_other_finding_says_what_to_type() -> None:
    found = _of_the_table()
    assert len(found) > 100
    assert {each.cause for each in found if each.next_command is None} == WITHOUT
