"""The allow-list of configuration mode: what can be sent follows from the triggers, and nothing else can be said."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.drill import configuration
from pytest_azinterop.drill.config_session import DrillTerminal
from pytest_azinterop.drill.lines import DrillLine, arming, program, qualification
from pytest_azinterop.drill.records import Target
from pytest_azinterop.errors import NotAllowedError
from pytest_azinterop.intent.drill_expectations import SessionShutdown, SubinterfaceShutdown, TunnelShutdown
from pytest_azinterop.iosxe.login import Login

SESSION = SessionShutdown("edge-a", 64600, "acme", ip_address("10.60.0.2"))
PORT = SubinterfaceShutdown("edge-a", "acme", "TenGigabitEthernet0/0/0.9")
TUNNEL = TunnelShutdown("edge-a", "acme", "Tunnel1")


def texts(*lines: DrillLine) -> list[str]:
    return [each.text for each in lines]


def test_the_lines_of_each_trigger() -> None:
    assert texts(*program(SESSION).forward) == [
        "configure terminal", "router bgp 64600", "address-family ipv4 vrf acme", "neighbor 10.60.0.2 shutdown", "end",
    ]  # fmt: skip
    assert texts(*program(SESSION).backward)[3] == "no neighbor 10.60.0.2 shutdown"
    six = program(SessionShutdown("edge-a", 64600, "acme", ip_address("fd00:60::2")))
    assert texts(*six.forward)[2:4] == ["address-family ipv6 vrf acme", "neighbor FD00:60::2 shutdown"]
    bare = program(SessionShutdown("edge-a", 64600, None, ip_address("10.60.0.2")))
    assert texts(*bare.forward)[1:3] == ["router bgp 64600", "neighbor 10.60.0.2 shutdown"]
    for trigger, name in ((PORT, "TenGigabitEthernet0/0/0.9"), (TUNNEL, "Tunnel1")):
        assert texts(*program(trigger).forward) == ["configure terminal", f"interface {name}", "shutdown", "end"]
        assert texts(*program(trigger).backward) == ["configure terminal", f"interface {name}", "no shutdown", "end"]


def test_a_qualification_puts_the_old_description_back() -> None:
    found = qualification(SESSION, "MSEE of er, primary")
    assert found.change.text == "neighbor 10.60.0.2 description drill qualification, reverts by itself"
    assert found.undo.text == "neighbor 10.60.0.2 description MSEE of er, primary"
    assert qualification(SESSION, None).undo.text == "no neighbor 10.60.0.2 description"
    for wrong in ("what?", "two\nlines", "tab\there", " begins with a blank", "x" * 300, "\x03"):
        with pytest.raises(ValueError, match="not a line of a drill"):
            qualification(SESSION, wrong)


WRONG = [
    "write memory", "wr", "copy running-config startup-config", "do write memory", "reload", "no router bgp 64600",
    "interface TenGigabitEthernet0/0/0", "interface GigabitEthernet0", "interface Loopback0",
    "interface range Te0/0/0.9", "no interface TenGigabitEthernet0/0/0.9", "neighbor 10.60.0.2 route-map X in",
    "no neighbor 10.60.0.2",
    "neighbor 10.60.0.2 shutdown\nwrite", "configure replace nvram:startup-config", "configure terminal lock",
    "configure terminal revert timer 0", "configure terminal revert timer 121", "configure revert timer 5", "exit",
    "route-map X permit 10", "clear ip bgp *", "no", "", " shutdown", "shutdown ", "shutdown | append x",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_no_other_line_can_be_made(text: str) -> None:
    with pytest.raises(ValueError, match="not a line of a drill"):
        DrillLine(text, "config")


@given(st.text(max_size=60))
def test_no_text_becomes_a_line_that_it_is_not(text: str) -> None:
    try:
        line = DrillLine(text, "config")
    except ValueError:
        return
    assert re.fullmatch(r"[ -~]+", line.text)
    assert line.text.split()[0] in {
        "configure",
        "end",
        "router",
        "address-family",
        "neighbor",
        "no",
        "interface",
        "shutdown",
    }


def test_a_session_takes_the_lines_of_its_drill_alone() -> None:
    target = Target("edge-a", "edge-a", None, (program(SESSION),), 16)
    terminal = DrillTerminal(Login("edge-a", "127.0.0.1", "drill", None, known_hosts=(Path("none"),)), target.lines)
    for line in (*program(PORT).forward[1:3], arming(15), *program(TUNNEL).enter):
        with pytest.raises(NotAllowedError, match="is no line of this drill"):
            terminal.configure(line, 1.0)
    with pytest.raises(NotAllowedError):
        terminal.ask("configure terminal", 1.0)


BEFORE = """\
Building configuration...

Current configuration : 1234 bytes
!
! Last configuration change at 10:00:00 UTC Mon Jan 1 2026 by alice
!
version 17.9
router bgp 64600
 address-family ipv4 vrf acme
  neighbor 10.60.0.2 remote-as 12076
 exit-address-family
!
crypto ikev2 keyring K
 peer azure
  pre-shared-key local Secret123
!
end
"""


def test_what_changes_by_itself_is_no_difference() -> None:
    later = BEFORE.replace("1234", "1250").replace("10:00:00", "11:00:00").replace("alice", "bob")
    assert configuration.difference(configuration.read(BEFORE), configuration.read(later)) == ()
    assert configuration.read(BEFORE).fingerprint == configuration.read(later).fingerprint


def test_a_change_is_told_below_its_parents_and_without_secrets() -> None:
    shut = "  neighbor 10.60.0.2 remote-as 12076\n  neighbor 10.60.0.2 shutdown\n"
    after = BEFORE.replace("  neighbor 10.60.0.2 remote-as 12076\n", shut).replace("Secret123", "Other456")
    old, new = configuration.read(BEFORE), configuration.read(after)
    found = configuration.difference(old, new)
    ours = [each for each in found if each.is_of(program(SESSION))]
    assert [str(each) for each in ours] == [
        "+ router bgp 64600 / address-family ipv4 vrf acme / neighbor 10.60.0.2 shutdown"
    ]
    told = "\n".join(map(str, found))
    assert told.count("pre-shared-key local <redacted>") == 2
    assert "Secret123" not in told + repr(old)
    assert new.holds(program(SESSION))
    assert not old.holds(program(SESSION))
    assert old.has_place_for(program(SESSION))
    assert not old.has_place_for(program(PORT))


def test_the_order_of_lines_counts() -> None:
    one = configuration.read("ip access-list standard A\n permit 10.0.0.1\n deny 10.0.0.0 0.0.0.255\n")
    other = configuration.read("ip access-list standard A\n deny 10.0.0.0 0.0.0.255\n permit 10.0.0.1\n")
    assert len(configuration.difference(one, other)) == 2
    assert one.fingerprint != other.fingerprint
