"""Time sources, the archive, differences of configurations, users and the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.cutting import assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE, corpus_cases

from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.iosxe.parsers import archive, log, ntp, users
from pytest_azinterop.state.operations import ConfigDifference, ConfigDifferences, LogBuffer, NtpStatus

STATUS = """Clock is synchronized, stratum 3, reference is 192.0.2.123
nominal freq is 250.0000 Hz, actual freq is 249.9995 Hz, precision is 2**10
ntp uptime is 589900 (1/100 of seconds), resolution is 4000
reference time is DA088DD3.C4E659D3 (13:21:23.769 UTC Mon Mar 3 2025)
clock offset is -7.0883 msec, root delay is 99.77 msec
root dispersion is 13.43 msec, peer dispersion is 2.48 msec
loopfilter state is 'CTRL' (Normal Controlled Loop), drift is 0.000001803 s/s
system poll interval is 64, last update was 169 sec ago.
"""
ASSOCIATIONS = """
  address         ref clock       st   when   poll reach  delay  offset   disp
*~192.0.2.123     .GPS.            1     61     64   377  0.481   7.480  4.261
+~192.0.2.124     192.0.2.1        2     2m     64     7  0.481  -7.480  4.261
 ~2001:DB8::123   .INIT.          16      -   1024     0  0.000   0.000 15937.
 * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured
"""
ARCHIVE = """The maximum archive configurations allowed is 3.
There are currently 2 archive configurations saved.
The next archive file will be named bootflash:ce1-<timestamp>-2
 Archive #  Name
   1        bootflash:ce1-Mar--3-10-00-00.000-0
   2        bootflash:ce1-Mar--3-11-00-00.000-1 <- Most Recent
   3
"""
DIFFERENCES = """!Contextual Config Diffs:
router bgp 65021
 address-family ipv4 vrf 30
  +neighbor 192.168.30.18 shutdown
"""
DIFFERENCES_REAL = """!Contextual Config Diffs:
+interface Loopback77
 +description not saved
interface Tunnel30
 -shutdown
+ip route 10.0.0.0 255.0.0.0 Null0
"""
USERS = """    Line       User       Host(s)              Idle       Location
   0 con 0                idle                 1d02h
*  2 vty 0     netops     idle                 00:00:00 192.0.2.77
   3 vty 1     someone    10.0.0.9             00:10:11 jump.example
                          10.0.0.10            00:10:09

  Interface    User               Mode         Idle     Peer Address

"""
LOG_HEAD = """Syslog logging: enabled (0 messages dropped, 3 messages rate-limited, 0 flushes, 0 overruns, xml disabled)

No Active Message Discriminator.

    Console logging: disabled
    Buffer logging:  level debugging, 5002 messages logged, xml disabled,
                    filtering disabled
    Trap logging: level informational, 10 message lines logged

Log Buffer (8192 bytes):

"""
LOG = (
    LOG_HEAD + "0.9 UTC: %SYS-5-CONFIG_I: Configured\n"
    "*Mar  3 10:00:00.123 UTC: %BGP-5-ADJCHANGE: neighbor 192.168.30.18 vpn vrf 30 Down BGP Notification sent\n"
    "000123: Mar  3 10:00:01.000: %CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 192.0.2.1 failed\n"
    "  a second line of it that quotes ce1#show run\n"
)


def status(text: str) -> NtpStatus:
    (record,) = ntp.parse_status(text, SOURCE).records
    return record


def test_ntp_status() -> None:
    record = status(STATUS)
    assert (record.synchronized, record.stratum, record.reference, record.offset) == (True, 3, "192.0.2.123", -7.0883)
    off = status(
        STATUS.replace(
            "synchronized, stratum 3, reference is 192.0.2.123", "unsynchronized, stratum 16, no reference clock"
        )
    )
    assert (off.synchronized, off.reference) == (False, None)
    assert (status("%NTP is not enabled.\n").synchronized, status("%NTP is not enabled.\n").enabled) == (False, False)
    assert off.enabled
    never = status(STATUS.replace("last update was 169 sec ago.", "never updated."))
    assert never.offset == -7.0883
    refuses(lambda text: ntp.parse_status(text, SOURCE).records, STATUS.split("system", maxsplit=1)[0], "poll interval")
    refuses(lambda text: ntp.parse_status(text, SOURCE).records, "Clock is fine\n", "not the state")


def test_ntp_associations() -> None:
    first, second, third = ntp.parse_associations(ASSOCIATIONS, SOURCE).records
    assert (first.server, first.mark, first.reach, first.configured) == ("192.0.2.123", "*", 255, True)
    assert (second.mark, second.reach, third.mark, third.stratum, third.reach) == ("+", 7, None, 16, 0)
    legend = ASSOCIATIONS.rindex(" * sys.peer")

    def read(text: str) -> tuple[object, ...]:
        return ntp.parse_associations(text, SOURCE).records

    refuses(read, ASSOCIATIONS[:legend], "legend")
    assert_noise_is_refused(read, ASSOCIATIONS)
    assert read("%NTP is not enabled.\n") == ()
    assert ntp.parse_associations("", SOURCE, may_be_empty=True).records == ()


def test_the_archive() -> None:
    (record,) = archive.parse(ARCHIVE, SOURCE).records
    assert (record.enabled, record.maximum, record.next_file) == (True, 3, "bootflash:ce1-<timestamp>-2")
    assert record.files == ("bootflash:ce1-Mar--3-10-00-00.000-0", "bootflash:ce1-Mar--3-11-00-00.000-1")
    assert record.most_recent == record.files[1]
    (off,) = archive.parse("Archive feature not enabled.\n", SOURCE).records
    assert not off.enabled


def test_an_old_archive_numbers_from_zero_and_names_no_maximum() -> None:
    rows = "".join(f"   {number}\n" for number in range(2, 15))
    text = f"""There are currently 1 archive configurations saved.
The next archive file will be named disk0:myconfig-2
 Archive #  Name
   0
   1       disk0:myconfig-1 <- Most Recent
{rows}"""
    (record,) = archive.parse(text, SOURCE).records
    assert (record.maximum, record.files, record.next_file) == (14, ("disk0:myconfig-1",), "disk0:myconfig-2")
    refuses(lambda part: archive.parse(part, SOURCE).records, text.removesuffix("   14\n"), "stops early")


@given(st.integers(0, len(ARCHIVE) - 2))
def test_an_archive_that_stops_early_is_refused(cut: int) -> None:
    refuses(lambda text: archive.parse(text, SOURCE).records, ARCHIVE[:cut], "show something")


def differences(text: str) -> ConfigDifferences:
    (record,) = archive.parse_differences(text, SOURCE).records
    return record


def test_differences_of_configurations() -> None:
    assert differences("!Contextual Config Diffs:\n!No changes were found\n").differences == ()
    assert differences(DIFFERENCES_REAL).differences == (
        ConfigDifference(True, "interface Loopback77"),
        ConfigDifference(True, "description not saved", ("interface Loopback77",)),
        ConfigDifference(False, "shutdown", ("interface Tunnel30",)),
        ConfigDifference(True, "ip route 10.0.0.0 255.0.0.0 Null0"),
    )
    (one,) = differences(DIFFERENCES).differences
    assert one.above == ("router bgp 65021", "address-family ipv4 vrf 30")
    refuses(differences, "!Contextual Config Diffs:\n", "no word that there is none")  # type: ignore[arg-type, return-value]


REORDERED = """!Contextual Config Diffs:
class-map match-any voice
 +match dscp ef
!
!The following order-dependent line(s) were re-ordered
!ip access-list extended FROM-LAN
! 20 permit udp any any
!End of reordered section
!
  -remark behind it
"""


def test_a_line_in_another_place_is_a_difference() -> None:
    assert differences(REORDERED).differences == (
        ConfigDifference(True, "match dscp ef", ("class-map match-any voice",)),
        ConfigDifference(True, "20 permit udp any any", ("ip access-list extended FROM-LAN",)),
        ConfigDifference(False, "remark behind it", ("ip access-list extended FROM-LAN", "20 permit udp any any")),
    )
    alone = "\n".join([REORDERED.split("\n", maxsplit=1)[0], *REORDERED.split("\n")[3:9]])
    assert [each.text for each in differences(alone).differences] == ["20 permit udp any any"]


@pytest.mark.parametrize(
    "text",
    [
        REORDERED[: REORDERED.index("!End")],
        REORDERED.replace("!The following order-dependent line(s) were re-ordered\n", ""),
        REORDERED.replace("!\n!The", "!Another remark\n!The"),
    ],
)
def test_remarks_of_a_comparison_that_are_not_whole_are_refused(text: str) -> None:
    refuses(differences, text, "do not end|not a line")  # type: ignore[arg-type]


def test_a_tab_behind_the_sign_hides_no_difference() -> None:
    (one, two) = differences("!Contextual Config Diffs:\n+banner motd x\n +\tquit\n").differences
    assert (one.text, two.text) == ("banner motd x", "quit")


def test_users() -> None:
    console, own, other = users.parse(USERS, SOURCE).records
    assert (console.line, console.user, console.own, console.idle) == ("con 0", None, False, timedelta(days=1, hours=2))
    assert (own.line, own.user, own.own, own.location) == ("vty 0", "netops", True, "192.0.2.77")
    assert (other.user, other.location, other.own) == ("someone", "jump.example", False)
    refuses(lambda text: users.parse(text, SOURCE).records, USERS.split("*", maxsplit=1)[0], "the session that asked")


def buffer(text: str) -> LogBuffer:
    (record,) = log.parse(text, SOURCE).records
    return record


def test_the_log_keeps_its_messages() -> None:
    entry = COMMANDS["log"]
    (record,) = entry.read("ce1#show logging\n" + LOG + "ce1#", SOURCE).records
    assert isinstance(record, LogBuffer)
    assert record.messages != ()
    assert replace(record, messages=()) == replace(buffer(LOG), messages=())
    assert [each.mnemonic for each in record.messages] == ["CONFIG_I", "ADJCHANGE", "IKMP_BAD_MESSAGE"]
    second = record.messages[1]
    assert (second.stamp, second.facility, second.severity) == ("*Mar  3 10:00:00.123 UTC", "BGP", 5)
    assert second.text == "neighbor 192.168.30.18 vpn vrf 30 Down BGP Notification sent"
    assert (record.size, record.logged, record.earlier, record.other) == (8192, 5002, 0, 1)


def test_a_long_log_is_bounded_and_says_so() -> None:
    lines = "".join(f"*Mar  3 10:00:00.123: %SYS-5-CONFIG_I: number {number}\n" for number in range(log.KEPT + 3))
    record = buffer(LOG_HEAD + lines)
    assert (len(record.messages), record.earlier) == (log.KEPT, 3)
    assert record.messages[-1].text == f"number {log.KEPT + 2}"


def test_a_log_without_its_buffer_was_cut() -> None:
    refuses(lambda text: log.parse(text, SOURCE).records, LOG.split("Log Buffer")[0], "log buffer is missing")
    refuses(lambda text: log.parse(text, SOURCE).records, "Log Buffer (1 bytes):\n", "not the state")


@pytest.mark.parametrize("path", corpus_cases("system", "Vrf", "vrf", "version", "Clock", "clock", "Protocols"))
def test_real_archives_and_logs(path) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    text = path.read_text(encoding="utf-8", errors="replace")
    if "rchive" in path.name:
        (found,) = COMMANDS["archive"].read(text, SOURCE).records
        assert len(found.files) == text.count("-Sep-") + text.count("archive-Nov-") + text.count("tr-1-Mar-") - (
            "named flash:002" in text
        )
    elif "Rollback" in text[:200]:
        with pytest.raises(Exception, match="not the state"):
            COMMANDS["log"].read(text, SOURCE)
    else:
        (found,) = COMMANDS["log"].read(text, SOURCE).records
        body = text.split("Log Buffer")[1]
        assert len(found.messages) >= body.count("-5-CONFIG_I:")
