"""`azinterop probe` over real SSH: what it asks, what it tells, what it keeps."""

from __future__ import annotations

import dataclasses
import io
import re
import tarfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contact.secrets_planted import SECRETS

from pytest_azinterop.collect.answer import Answer, Failure
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.plan import Plan, PlannedCommand, RouterPlan
from pytest_azinterop.contact import bundle, probe, probe_report
from pytest_azinterop.contact import catalogue_facts as facts
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.catalogue import COMMANDS
from tests.lab_log import lab_events

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
RESTRICTED = """\
name: an account that may not see everything
management:
  ce1-loc1: {deny: ["^show crypto"], privilege: 1}
  ce1-loc2: {reject_login: true}
"""

# What a router is asked whatever it serves, some of it only by checks of few.
ASKED_OF_EVERY_ROUTER = {
    "show ip ospf",
    "show ip ospf neighbor",
    "show ipv6 prefix-list detail",
    "show ip prefix-list detail",
    "show route-map",
    "show crypto pki certificates",
    "show vlans",
    "show ntp status",
    "show ntp associations",
    "show archive",
    "show bfd neighbors vrf 30 details",
    "show ip arp vrf 30",
    "show ip cef vrf 30 192.168.30.18",
}


def table(text: str) -> dict[str, list[str]]:
    """The rows of a report by command."""
    rows = [line.split(None, 6) for line in text.splitlines() if line.startswith(("yes ", "no ", "- "))]
    return {row[6]: row[:6] for row in rows}


def commands_sent(log: Path, router: str) -> Counter[str]:
    events = lab_events(log)
    return Counter(each["line"] for each in events if each["event"] == "command" and each["router"] == router)


def logins(log: Path, router: str) -> int:
    events = lab_events(log)
    return sum(each["event"] == "login" and each["router"] == router for each in events)


def test_a_router_is_asked_each_command_once_in_one_login(network: Callable, tmp_path: Path) -> None:
    net = network()
    done = net.run("probe", "ce1-loc1", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    rows = table(done.stdout)
    assert rows["show running-config"][:2] == ["yes", "yes"]
    assert int(rows["show running-config"][2]) > 100
    assert int(rows["show bgp vpnv4 unicast vrf 30"][2]) > 5
    assert rows["show bgp vpnv4 unicast vrf 30 neighbors 192.168.30.18 received-routes"][:2] == ["yes", "yes"]
    assert rows["show crypto ipsec sa interface Tunnel30"][:2] == ["yes", "yes"]
    assert {command for command, row in rows.items() if row[1] != "yes"} == set()
    assert done.returncode == 0
    assert rows.keys() >= ASKED_OF_EVERY_ROUTER
    assert logins(net.ready.log, "ce1-loc1") == 1
    sent = commands_sent(net.ready.log, "ce1-loc1")
    assert all(sent[command] == 1 for command in rows)
    assert not any(line.startswith(("conf", "clear", "write", "debug")) for line in sent)


def test_the_bundle_holds_no_secret_and_is_judged_alike_again(network: Callable, tmp_path: Path) -> None:
    net = network()
    done = net.run("probe", "ce2-loc1", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    packed = tmp_path / "b.tar.gz"
    with tarfile.open(packed) as archive:
        texts = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
    assert any("running-config" in name for name in texts)
    for secret in SECRETS:
        assert not [name for name, text in texts.items() if secret.encode() in text]
        assert secret not in done.stdout + done.stderr
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "b").rglob("*") if path.is_file()} == {"0o600"}
    again = net.run("probe", "--replay", packed)
    assert again.returncode == done.returncode
    assert again.stdout.splitlines() == [
        line for line in done.stdout.splitlines() if not line.startswith(("bundle", "replay"))
    ]
    assert net.run("probe", "--replay", tmp_path / "b").stdout == again.stdout


def test_a_changed_bundle_is_not_read(network: Callable, tmp_path: Path) -> None:
    net = network()
    net.run("probe", "ce2-loc1", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    (version,) = (tmp_path / "b").rglob("*show-version.txt")
    version.write_text(version.read_text().replace("17.09", "17.99"), encoding="utf-8")
    again = net.run("probe", "--replay", tmp_path / "b")
    assert again.returncode == 1
    assert "show version [tampered]" in again.stdout


def test_what_an_account_may_not_see_is_told(network: Callable, tmp_path: Path) -> None:
    net = network(None, RESTRICTED)
    done = net.run("probe", "ce1-loc1", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    assert done.returncode == 1
    rows = table(done.stdout)
    assert rows["show crypto ikev2 sa detailed"][:2] == ["no", "-"]
    assert rows["show version"][:2] == ["yes", "yes"]
    assert "What this account does not see:" in done.stdout
    assert "not authorised for: show crypto" in done.stdout
    assert "privilege 1:" in done.stdout or "the configuration cannot be read" in done.stdout


def test_a_refused_login_is_its_own_exit_code(network: Callable, tmp_path: Path) -> None:
    net = network(None, RESTRICTED)
    done = net.run("probe", "ce1-loc2", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    assert done.returncode == 3
    assert "[login-refused]" in done.stdout
    assert net.run("probe", "--replay", tmp_path / "b").returncode == 3


def test_an_address_needs_no_inventory(network: Callable, tmp_path: Path) -> None:
    net = network()
    door = net.ready.routers["ce2-loc2"]
    arguments = ("probe", "--address", door.host, "--port", str(door.port), "--bundle", tmp_path / "b")
    unknown = net.run(*arguments)
    assert (unknown.returncode, "[host-key]" in unknown.stdout) == (3, True)
    known = net.run(*arguments[:-1], tmp_path / "c", "--known-hosts", net.inventory / "known_hosts")
    assert known.returncode in (0, 1)
    assert table(known.stdout)["show version"][:2] == ["yes", "yes"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "say one of --inventory"),
        (("ce1", "--inventory", "x", "--address", "192.0.2.1"), 2, "say one of --inventory"),
        (("--inventory", "x"), 2, "say which router"),
        (("ce1", "--inventory", "no-such"), 4, "no inventory 'no-such'"),
        (("--replay", "no-such"), 4, "cannot be read as a bundle"),
    ],
)
def test_wrong_usage_is_told(network: Callable, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = network().run("probe", *arguments)
    assert done.returncode == code
    assert words in done.stderr


def test_a_router_that_the_inventory_does_not_name_leaves_no_bundle(network: Callable, tmp_path: Path) -> None:
    net = network()
    done = net.run("probe", "ce9", "--inventory", net.inventory, "--bundle", tmp_path / "b")
    assert done.returncode == 4
    assert "ce1-loc1" in done.stderr
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_a_bundle_is_unpacked_nowhere_else(tmp_path: Path, name: str) -> None:
    packed = tmp_path / "in" / "x.tar.gz"
    packed.parent.mkdir()
    with tarfile.open(packed, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(InventoryError, match="is no bundle of a probe"), bundle.opened(packed):
        pass
    assert not (tmp_path / "evil").exists()


def test_a_link_in_a_bundle_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "x.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        member = tarfile.TarInfo("b/manifest.jsonl")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(member)
    with pytest.raises(InventoryError, match="is no bundle of a probe"), bundle.opened(packed):
        pass


# What a row says ------------------------------------------------------------------------------------------------------


def row(kind: str, text: str | None, failure: Failure | None = None) -> probe.Row:
    command = PlannedCommand(f"show {kind}", (Fact.of("r", kind),))
    answer = Answer("r", command.text, 0, NOW, 0.5, text=text, failure=failure)
    (found,) = probe.rows(Plan((RouterPlan("r", (command,)),)), [answer])
    return found


def test_every_command_of_the_catalogue_has_a_way_to_be_asked() -> None:
    given = (facts.PER_ROUTER, facts.PER_TABLE, facts.PER_NEIGHBOR, facts.PER_PREFIX, facts.PER_TUNNEL, facts.PROBES)
    given = (*given, facts.PER_FILESYSTEM)
    assert {kind for kinds in given for kind in kinds} == set(COMMANDS)


def test_an_answer_that_is_read() -> None:
    found = row("clock", "12:00:00.000 UTC Mon May 4 2026\n")
    assert (found.authorised, found.parsed, found.rows, found.is_fine) == (True, True, 1, True)
    assert (found.size, found.seconds) == (32, 0.5)


def test_an_answer_that_is_not_understood_shows_its_line() -> None:
    found = row("clock", "half past nine\n")
    assert (found.authorised, found.parsed, found.cause, found.is_fine) == (True, False, "not-understood", False)
    assert "half past nine" in (found.detail or "")


def test_refused_commands_are_neither_read_nor_empty() -> None:
    found = row("clock", "Command authorization failed.\n")
    assert (found.authorised, found.parsed, found.is_fine) == (False, None, False)


def test_what_a_release_does_not_know_is_not_held_against_the_account() -> None:
    found = row("clock", "show clock\n      ^\n% Invalid input detected at '^' marker.\n")
    assert (found.authorised, found.parsed, found.is_fine) == (None, None, False)


def test_a_feature_that_is_off_is_an_answer() -> None:
    found = row("bgp_neighbors", "% BGP not active\n")
    assert (found.authorised, found.parsed, found.is_fine, found.cause) == (True, None, True, "feature-off")


def test_a_lost_answer_says_nothing_about_the_account() -> None:
    found = row("clock", None, Failure("timeout", "r: show clock: no answer in 60 s"))
    assert (found.authorised, found.parsed, found.is_fine) == (None, None, False)


ROUTES = """\
Routing Table: 30

Codes: L - local, C - connected

Gateway of last resort is not set

C        10.2.30.0/25 is directly connected, TenGigabitEthernet1/0/0.30
L        10.2.30.1/32 is directly connected, TenGigabitEthernet1/0/0.30
"""


def test_rows_of_a_table_count_and_not_the_answer() -> None:
    assert row("rib", ROUTES).rows == 2
    assert row("prefix_list", "").rows == 0


def test_every_record_that_is_a_table_is_counted_by_its_rows() -> None:
    """A record with a field of further records is a table, or one thing with parts."""
    parts = {"IpsecIdentity", "IpsecSa", "Ikev2Sa", "Interface", "CryptoSession", "OspfProcess", "ConfigArchive"}
    parts |= {"ForwardingDecision"}
    holding = set()
    for entry in COMMANDS.values():
        kind = entry.record_type()
        text = " ".join(str(each.type) for each in dataclasses.fields(kind))
        inner = [name for name in re.findall(r"tuple\[(\w+), \.\.\.\]", text) if name not in ("str", "int")]
        holding |= {kind.__name__} if any(not name.startswith("IP") for name in inner) else set()
    assert holding - parts == set(probe.TABLES), holding


def test_lines_that_no_parser_reads_are_listed() -> None:
    first = probe.Row("show a", None, 3, ("  new line 1", "new line 1", "other"), 10, 0.1)
    second = probe.Row("show b", None, 1, (), 10, 0.1)
    text = list(probe_report.lines("r", None, [first, second], [], []))
    at = text.index("Lines that no parser reads:")
    assert text[at + 1 : at + 4] == ["  show a", "    new line 1 (x2)", "    other"]
    assert "  show b" not in text
    assert text[0].split() == ["authorised", "parsed", "rows", "unread", "bytes", "seconds", "command"]
    many = probe.Row("show a", None, 3, tuple(f"line {number}" for number in range(50)), 10, 0.1)
    assert "    ... and 10 more lines" in list(probe_report.lines("r", None, [many], [], []))
    assert not any("no parser reads" in line for line in probe_report.lines("r", None, [second], [], []))
