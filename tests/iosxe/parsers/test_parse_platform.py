"""What a drill asks a router beforehand: who else configures, and whether its platform is at rest."""

from __future__ import annotations

import pytest
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import NotAllowedError, ParseError
from pytest_azinterop.iosxe import allow
from pytest_azinterop.iosxe.catalogue import COMMANDS, match
from pytest_azinterop.state.operations import ConfigurationLock, ConfigurationSession, NetconfSession, RollbackTimer
from pytest_azinterop.state.platform import FileSystem, InstalledPackage

TIMER = """Time configured(or reconfigured): 22:50:48 UTC Mon Sep 13 2027
Timer type: absolute timer
Timer value: 2 min
User: console
"""
LOCK = """Config Session Lock
---------------------
Owner PID   : 541
TTY number  : 3
TTY username    : bob
User debug info : CLI Session Lock
Lock Active time (in Sec)   : 62

Parser Configure Lock
---------------------
Owner PID                         : -1
User                              : unknown
TTY                               : -1
Type                              : NO LOCK
State                             : FREE
Class                             : unknown
Count                             : 0
Pending Requests                  : 0
User debug info                   :
Session idle state                : FALSE
No of exec cmds getting executed  : 0
No of exec cmds blocked           : 0
Config wait for show completion   : FALSE
Remote ip address                 : Unknown
Lock active time (in Sec)         : 0
Lock Expiration timer (in Sec)    : 0
"""
NETCONF = """R: Global-lock on running datastore
C: Global-lock on candidate datastore
S: Global-lock on startup datastore

Number of sessions : 2

session-id  transport    username             source-host           global-lock
-------------------------------------------------------------------------------
21          netconf-ssh  orchestrator         192.0.2.77            None
22          netconf-ssh  other                2001:db8::77          R
"""
REDUNDANCY = """Redundant System Information :
------------------------------
       Available system uptime = 14 weeks, 17 minutes
Switchovers system experienced = 1
              Standby failures = 0
        Last switchover reason = user forced

                 Hardware Mode = Duplex
    Configured Redundancy Mode = sso
     Operating Redundancy Mode = sso
              Maintenance Mode = Disabled
                Communications = Up

Current Processor Information :
-------------------------------
               Active Location = slot 6
        Current Software state = ACTIVE
       Uptime in current state = 14 weeks, 17 minutes
                 Image Version = Cisco IOS Software, ASR1000 Software
Copyright (c) 1986-2023 by Cisco Systems, Inc.
        Configuration register = 0x2102

Peer Processor Information :
----------------------------
              Standby Location = slot 7
        Current Software state = STANDBY HOT
       Uptime in current state = 14 weeks, 15 minutes
"""
SIMPLEX = REDUNDANCY.partition("Peer Processor")[0].replace("Duplex", "Simplex") + (
    "Peer (slot: 7) information is not available because it is in 'DISABLED' state\n"
)
INSTALL = """[ R0 ] Installed Package(s) Information:
State (St): I - Inactive, U - Activated & Uncommitted,
            C - Activated & Committed, D - Deactivated & Uncommitted
--------------------------------------------------------------------------------
Type  St   Filename/Version
--------------------------------------------------------------------------------
IMG   C    17.09.04a.0.2

--------------------------------------------------------------------------------
Auto abort timer: inactive
--------------------------------------------------------------------------------
"""
FLASH = """Directory of bootflash:/

   11  drwx             4096  Aug 20 2027 22:26:34 +00:00  .installer
   12  -rw-        812735488  Aug 20 2027 22:26:34 +00:00  asr1000.bin

6845103104 bytes total (4502367616 bytes free)
"""


def read(kind: str, text: str) -> tuple[object, ...]:
    return COMMANDS[kind].read(text, SOURCE).records


def test_a_pending_rollback_and_none() -> None:
    assert read("rollback_timer", "%No Rollback Confirmed Change pending\n") == (RollbackTimer(False, source=SOURCE),)
    wanted = RollbackTimer(True, "22:50:48 UTC Mon Sep 13 2027", False, 2, "console", source=SOURCE)
    assert read("rollback_timer", TIMER) == (wanted,)


@pytest.mark.parametrize("text", ["% Invalid input detected at '^' marker.\n", "\n", TIMER.replace("Timer type", "X")])
def test_what_says_nothing_of_a_rollback_is_no_evidence_of_none(text: str) -> None:
    with pytest.raises(ParseError):
        read("rollback_timer", text)


def test_who_is_in_configuration_mode() -> None:
    assert read("configuration_lock", LOCK) == (
        ConfigurationLock((ConfigurationSession("bob", 3, 62),), None, source=SOURCE),
    )
    held = LOCK.replace("unknown", "alice").replace("FREE", "LOCKED")
    (lock,) = read("configuration_lock", held)
    assert isinstance(lock, ConfigurationLock)
    assert lock.exclusive == "alice"


def test_netconf_sessions_are_as_many_as_are_counted() -> None:
    assert read("netconf_sessions", "There are no active sessions\n") == ()
    assert read("netconf_sessions", NETCONF) == (
        NetconfSession(21, "netconf-ssh", "orchestrator", "192.0.2.77", None, source=SOURCE),
        NetconfSession(22, "netconf-ssh", "other", "2001:db8::77", "R", source=SOURCE),
    )
    with pytest.raises(ParseError, match="1 rows of 2"):
        read("netconf_sessions", NETCONF[: NETCONF.index("22 ")])


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        (REDUNDANCY, True),
        (SIMPLEX, True),
        (REDUNDANCY.replace("STANDBY HOT", "STANDBY COLD-BULK"), False),
        (SIMPLEX.replace("Simplex", "Duplex"), False),
    ],
)
def test_redundancy_is_stable_with_a_hot_peer_or_none(text: str, stable: bool) -> None:
    (found,) = read("redundancy", text)
    assert found.is_stable is stable  # type: ignore[attr-defined]


def test_an_upgrade_is_under_way() -> None:
    frame = "--- Starting local lock acquisition on R0 ---\nFinished local lock acquisition on R0\n\n"
    (quiet,) = read("issu_state", frame + "No ISSU operation is in progress\n")
    (busy,) = read("issu_state", frame + "Slot being modified: R0\n  Last operation: runversion\n")
    assert (quiet.in_progress, busy.in_progress) == (False, True)  # type: ignore[attr-defined]
    with pytest.raises(ParseError):
        read("issu_state", frame)


def test_packages_that_are_not_committed() -> None:
    (found,) = read("install_summary", INSTALL)
    assert found.packages == (InstalledPackage("IMG", "C", "17.09.04a.0.2"),)  # type: ignore[attr-defined]
    assert found.is_settled  # type: ignore[attr-defined]
    for change in (("IMG   C", "IMG   U"), ("inactive", "active on install_activate, time before rollback - 01:00:00")):
        (found,) = read("install_summary", INSTALL.replace(*change))
        assert not found.is_settled  # type: ignore[attr-defined]


def test_free_space() -> None:
    wanted = FileSystem("bootflash:/", (".installer", "asr1000.bin"), 6845103104, 4502367616, source=SOURCE)
    assert read("directory", FLASH) == (wanted,)


def test_a_directory_is_asked_of_the_router_itself_alone() -> None:
    command, parameters = match("dir bootflash:")
    assert (command.name, dict(parameters)) == ("directory", {"filesystem": "bootflash:"})
    for other in ("dir ftp://192.0.2.1/", "dir tftp:", "dir scp://user:word@192.0.2.1/"):
        with pytest.raises(NotAllowedError):
            allow.check(other)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rollback_timer", TIMER),
        ("configuration_lock", LOCK),
        ("netconf_sessions", NETCONF),
        ("redundancy", REDUNDANCY[: REDUNDANCY.index("       Uptime in current state = 14 weeks, 15")]),
        ("install_summary", INSTALL[: INSTALL.index(" inactive") + 10]),
        ("directory", FLASH),
    ],
)
def test_a_cut_answer_is_refused(kind: str, text: str) -> None:
    lines = text.splitlines(keepends=True)
    for length in range(1, len(lines)):
        if "".join(lines[length:]).strip():
            with pytest.raises(ParseError):
                read(kind, "".join(lines[:length]))
