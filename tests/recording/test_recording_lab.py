"""Recordings of whole runs: made, replayed without a network, killed, compared, shared between processes."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop import baseline, shipped
from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect import replay
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.intent.loader import load
from pytest_azinterop.verify.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.recording.conftest import Done, Runner

pytestmark = pytest.mark.slow
NO_NETWORK = """
import socket
def refuse(*_):
    raise OSError("there is no network in this run")
socket.socket.connect = socket.socket.bind = socket.create_connection = refuse
"""
KILL = """
import os, signal
from pytest_azinterop.collect.recording import Recorder
kept, answers = Recorder.event, []
def event(self, happened):
    kept(self, happened)
    answers.append(happened)
    if len(answers) == 40:
        os.kill(os.getpid(), signal.SIGKILL)
Recorder.event = event
"""
BROKEN = """
name: preference and a shut session
routers:
  ce1-loc1:
    configure: |
      route-map prefer-ER-over-VPN permit 10
       set local-preference 90
    exec: ["clear ip bgp vrf 30 192.168.30.18 soft in"]
  ce1-loc2:
    configure: |
      username planted secret 0 Pl4nted-Secret
      crypto ikev2 keyring planted
       peer planted
        address 203.0.113.77
        pre-shared-key Pl4nted-Key
management:
  ce2-loc2: {unreachable: true}
"""


def scenario(folder: Path, text: str) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(text)
    return file


class TestReplay:
    def test_gives_the_same_ids_outcomes_and_messages_without_a_network(
        self, healthy: tuple[Path, Done], run: Runner
    ) -> None:
        recording, recorded = healthy
        again = run("--replay", recording, plugin=NO_NETWORK)
        assert again.outcomes() == recorded.outcomes()
        assert list(again.outcomes()) == list(recorded.outcomes())
        assert again.code == recorded.code == 0
        assert len(recorded.outcomes()) > 100
        assert "no login, no command" in again.text

    def test_of_a_broken_network_too_also_by_several_processes(self, tmp_path: Path, run: Runner) -> None:
        broken = run("--record", tmp_path / "r", "--lab-scenario", scenario(tmp_path, BROKEN), "-n2")
        assert {"failure", "error"} <= {word for word, *_ in broken.outcomes().values()}
        assert run("--replay", tmp_path / "r", plugin=NO_NETWORK).outcomes() == broken.outcomes()
        assert run("--replay", tmp_path / "r", "-n2").outcomes() == broken.outcomes()

    def test_keeps_waivers_at_the_day_of_the_recording(self, healthy: tuple[Path, Done], run: Runner) -> None:
        recorded = healthy[1].outcomes()
        after_expiry = (
            "import datetime\n"
            "from pytest_azinterop import verification\n"
            "class Later(datetime.datetime):\n"
            "    @classmethod\n"
            "    def now(cls, zone=None):\n"
            "        return super().now(zone).replace(year=2090)\n"
            "verification.datetime = Later\n"
        )
        assert any(word == "skipped" for word, *_ in recorded.values())
        assert run("--replay", healthy[0], plugin=after_expiry).outcomes() == recorded

    def test_of_some_checks_has_no_more_than_they_asked(self, tmp_path: Path, run: Runner) -> None:
        assert run("--record", tmp_path / "r", "-m", "devices").code == 0
        found = run("--replay", tmp_path / "r", "-m", "devices or bgp")
        words = {
            name.split("::")[0].rsplit(".", 1)[-1]: word
            for name, (word, *_) in found.outcomes().items()
            if word != "skipped"
        }
        assert words == {"test_devices": "passed", "test_bgp": "error"}
        assert "is not in the recording [not-collected]" in found.text

    def test_says_that_intent_and_version_are_others(
        self, healthy: tuple[Path, Done], tmp_path: Path, run: Runner
    ) -> None:
        import shutil

        shutil.copytree(healthy[0], tmp_path / "r")
        manifest = tmp_path / "r" / "manifest.jsonl"
        first, rest = manifest.read_text().split("\n", 1)
        about = json.loads(first) | {"tool": "0.0.0", "intent": "f" * 64}
        manifest.write_text(json.dumps(about) + "\n" + rest)
        found = run("--replay", tmp_path / "r", "-m", "devices")
        assert "recorded with another intent (ffffffffffff, now " in found.text
        assert "recorded with version 0.0.0, this is " in found.text
        assert {word for word, *_ in found.outcomes().values()} == {"error"}  # the line itself was changed by hand
        assert "[tampered]" in found.text


class TestRecord:
    def test_nobody_else_can_read_it(self, healthy: tuple[Path, Done]) -> None:
        everything = [healthy[0], *healthy[0].rglob("*")]
        assert {stat.S_IMODE(path.stat().st_mode) for path in everything if path.is_dir()} == {0o700}
        assert {stat.S_IMODE(path.stat().st_mode) for path in everything if path.is_file()} == {0o600}

    def test_holds_each_command_once_and_ends_with_a_mark(self, healthy: tuple[Path, Done]) -> None:
        found = replay.read(healthy[0])
        assert found.finished
        assert found.totals.commands + found.totals.questions == len(found.entries)
        assert found.totals.logins == 4
        assert all((healthy[0] / str(entry["file"])).is_file() for entry in found.entries.values())

    def test_shows_a_customer_nothing_of_another(self, healthy: tuple[Path, Done]) -> None:
        customers = {"customer-30": "customer-31", "customer-31": "customer-30"}
        for own, other in customers.items():
            number = other.removeprefix("customer-")
            strange = re.compile(rf"\bvrf {number}\b|192\.168\.{number}\.|{other}|Cust{number}|65021:{number}\b")
            files = [path for path in (healthy[0] / "customers" / own).rglob("*") if path.is_file()]
            assert any("running-config" in path.name for path in files)
            for path in files:
                assert not strange.search(path.read_text()), path

    def test_a_customer_has_its_part_of_the_configuration(self, healthy: tuple[Path, Done]) -> None:
        (part,) = (healthy[0] / "customers/customer-30/ce1-loc1").glob("*running-config.txt")
        text = part.read_text()
        for line in ("ip vrf 30", " address-family ipv4 vrf 30", "interface Tunnel30", "ip route vrf 30 10.10.30.254"):
            assert f"\n{line}" in f"\n{text}"
        assert "hostname" not in text
        assert " tunnel protection ipsec profile Cust30-azure-ipsec-profile" in text
        assert "crypto ipsec profile Cust30-azure-ipsec-profile" in text

    def test_holds_no_secret(self, tmp_path: Path, run: Runner) -> None:
        done = run("--record", tmp_path / "r", "--lab-scenario", scenario(tmp_path, BROKEN))
        texts = {path: path.read_text() for path in (tmp_path / "r").rglob("*") if path.is_file()}
        assert any("<redacted>" in text and "peer planted" in text for text in texts.values())
        for text in (*texts.values(), done.text, done.junit.read_text()):
            assert "Pl4nted" not in text

    def test_killed_leaves_what_it_has(self, tmp_path: Path, run: Runner) -> None:
        assert run("--record", tmp_path / "r", plugin=KILL).code == -9
        found = replay.read(tmp_path / "r")
        assert not found.finished
        assert len(found.entries) > 15
        again = run("--replay", tmp_path / "r")
        words = [word for word, *_ in again.outcomes().values()]
        assert words.count("passed") > 5
        assert words.count("error") > 5
        assert "failure" not in words
        assert "the recording is unfinished" in again.text

    def test_is_never_added_to(self, healthy: tuple[Path, Done], tmp_path: Path, run: Runner) -> None:
        before = (healthy[0] / "manifest.jsonl").read_bytes()
        refused = run("--record", healthy[0])
        assert refused.code == 4
        assert "is not an empty folder" in refused.text
        assert (healthy[0] / "manifest.jsonl").read_bytes() == before
        run("--record", tmp_path / "none", "--collect-only", "-q")
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--replay", "x", "--record", "y"), "--replay excludes --record: a replay asks no router"),
        (("--replay", "x", "--settle", "5"), "--replay excludes --settle"),
        (("--replay", "x", "--lab-scenario", "as-published"), "--replay excludes --lab-scenario"),
        (("--replay", "x", "--plan"), "--replay excludes --plan"),
        (("--replay", "x"), "is not a recording: manifest.jsonl"),
        (("--plan", "--record", "x"), "--plan excludes --record"),
        (("--expect-change", "baseline.*:*"), "--expect-change needs --baseline as well"),
        (("--settle", "5", "-n2"), "--settle excludes -n"),
        (("--settle", "0"), "must be more than 0 seconds"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_options_that_make_no_sense_together_are_refused(
    arguments: tuple[str, ...], words: str, tmp_path: Path, run: Runner
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.code == 4
    assert words in done.text
    assert "Traceback" not in done.text


class TestBaseline:
    def test_of_the_same_network_has_nothing_to_say(self, healthy: tuple[Path, Done], run: Runner) -> None:
        done = run("--baseline", healthy[0], "-m", "baseline")
        assert done.failures() == {}
        assert len(done.outcomes()) > 20

    def test_says_once_what_one_changed_line_did(self, healthy: tuple[Path, Done], tmp_path: Path, run: Runner) -> None:
        changed = (
            "routers:\n  ce1-loc1:\n    configure: |\n"
            "      route-map prefer-ER-over-VPN permit 10\n       set local-preference 90\n"
            '    exec: ["clear ip bgp vrf 30 192.168.30.18 soft in"]\n'
        )
        done = run("--baseline", healthy[0], "-m", "baseline", "--lab-scenario", scenario(tmp_path, changed))
        assert set(done.failures()) == {"baseline::paths[ce1-loc1/vrf-30]", "baseline::configuration[ce1-loc1]"}
        text = "\n".join(done.failures().values())
        words = "is now best via VPN (hub-vpn), was ExpressRoute (expressroute-1 primary)"
        for prefix in ("10.10.30.0/24", "10.11.30.0/26"):
            assert text.count(f"ce1-loc1 vrf 30: {prefix} {words}\n") == 1
        assert text.count("local preference of") == 1
        assert "10.10.30.0/24, 10.11.30.0/26, 10.17.30.0/25 is now 90, was 200" in text
        assert "removed: `set local-preference 200`; added: `set local-preference 90`" in text
        rules = [value for *_, told in done.outcomes().values() for name, value in told if name == "azinterop.rule"]
        assert sorted(rules) == ["baseline.attributes", *["baseline.best-path"] * 2, "baseline.configuration"]

    def test_lists_what_was_declared_and_says_what_did_not_happen(
        self, healthy: tuple[Path, Done], tmp_path: Path, run: Runner
    ) -> None:
        shut = (
            "routers:\n  ce1-loc2:\n    configure: |\n      router bgp 65021\n       address-family ipv4 vrf 31\n"
            "        neighbor 192.168.31.18 shutdown\n"
        )
        declared = (
            *("--expect-change", "baseline.neighbor:ce1-loc2/vrf-31/192.168.31.18"),
            *("--expect-change", "baseline.configuration:ce1-loc2/router bgp*"),
            *("--expect-change", "baseline.best-path:ce1-loc2/*"),
            *("--expect-change", "baseline.interface:ce1-loc1/*"),
        )
        done = run(
            *("--baseline", healthy[0], "-m", "baseline", "--lab-scenario", scenario(tmp_path, shut)), *declared, "-n2"
        )
        assert done.failures() == {}
        assert "is now Idle (administratively shut), was Established" in done.text
        assert "(declared by baseline.neighbor:ce1-loc2/vrf-31/192.168.31.18)" in done.text
        assert "not seen: baseline.interface:ce1-loc1/*" in done.text
        told = done.outcomes()["baseline::neighbors[ce1-loc2/vrf-31]"][3]
        assert [name for name, _ in told] == ["azinterop.expected-change"]

    def test_a_fact_that_one_side_lacks_is_an_error_of_its_comparison(self, tmp_path: Path, run: Runner) -> None:
        assert run("--record", tmp_path / "r", "-m", "devices").code == 0
        done = run("--baseline", tmp_path / "r", "-m", "baseline", "-k", "ce1-loc1")
        words = {name.partition("[")[0]: word for name, (word, *_) in done.outcomes().items()}
        assert words.pop("baseline::device") == "passed"
        assert set(words.values()) == {"error"}
        assert "baseline: ce1-loc1: show interfaces: is not in the recording" in done.text

    def test_two_recordings_can_be_compared_offline(self, healthy: tuple[Path, Done], run: Runner) -> None:
        done = run("--replay", healthy[0], "--baseline", healthy[0], "-m", "baseline", plugin=NO_NETWORK)
        assert done.failures() == {}
        assert {word for word, *_ in done.outcomes().values()} == {"passed"}

    def test_an_unknown_rule_is_refused(self, healthy: tuple[Path, Done], run: Runner) -> None:
        done = run("--baseline", healthy[0], "--expect-change", "baseline.nothing:*")
        assert done.code == 4
        assert "no such rule; known here: baseline." in done.text


def test_settles_when_the_network_does(tmp_path: Path, run: Runner) -> None:
    repaired = (
        "routers:\n  ce1-loc1:\n    configure: |\n      interface Loopback30\n       shutdown\n"
        "later:\n  - at: 240s\n    routers:\n      ce1-loc1:\n        configure: |\n"
        "          interface Loopback30\n           no shutdown\n"
    )
    done = run(
        *("--settle", "60", "--lab-speed", "20", "-k", "test_is_up and Loopback30"),
        *("--record", tmp_path / "r", "--lab-scenario", scenario(tmp_path, repaired)),
    )
    rounds = re.findall(r"^azinterop: round \d+ after [\d.]+ s: (.*)$", done.text, re.MULTILINE)
    assert rounds[0] == "1 check not passed"
    assert rounds[-1] == "all checks passed"
    assert done.code == 0
    assert "azinterop: settled (" in done.text
    assert f"{len(rounds)} logins to 1 router" in done.text
    ((word, _, _, told),) = done.outcomes().values()
    assert word == "passed"
    assert [name for name, _ in told] == ["azinterop.first"]
    assert run("--replay", tmp_path / "r", "-k", "test_is_up and Loopback30").code == 0


def test_what_a_comparison_needs_is_asked_of_the_routers_that_are_asked() -> None:
    """Whatever the checks ask themselves, and of no further router."""
    lab = shipped.inventory("lab")
    assert lab is not None
    everything = load(lab, rules=RULES).expectations
    first = everything.sessions[0]
    asked = plan([fact.clock(first.router)])
    further = plan((fact.clock(first.router), *baseline.needs(everything, asked)))
    assert {router.host for router in further.routers} == {first.router}
    assert not further.azure.requests
    asked_for = {command.text for router in further.routers for command in router.commands}
    assert {"show running-config", "show interfaces", f"show bgp vpnv4 unicast vrf {first.vrf}"} <= asked_for
