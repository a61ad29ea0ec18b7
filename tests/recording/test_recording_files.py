"""A recording as files: written as answers arrive, and believed only as far as it proves itself."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_azinterop.collect import recording_format as form
from pytest_azinterop.collect import replay
from pytest_azinterop.collect.answer import Answer, Collection, Failure, Totals
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import Plan, plan
from pytest_azinterop.collect.progress import AnswerAmended, CommandDone, RouterFinished
from pytest_azinterop.collect.recording import Recorder
from pytest_azinterop.collect.recording_format import About
from pytest_azinterop.collect.recording_scope import Scopes
from pytest_azinterop.errors import InventoryError

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ABOUT = About("1.0", "a" * 64, "net", NOON, date(2026, 3, 2))
SCOPES = Scopes({("r1", "RED"): "red", ("r1", "BLUE"): "blue"}, {}, {("r1", ip_address("203.0.113.1")): "red"})
CLOCK, TABLE, SAS = (
    Fact("r1", "clock"),
    Fact.of("r1", "bgp_table", vrf="RED"),
    Fact.of("r1", "ipsec_sas", interface="Tunnel1"),
)
PLAN = plan([CLOCK, TABLE, Sampled(SAS, probe=None), Fact("r1", "running_config")])
CONFIG = """Building configuration...

Current configuration : 900 bytes
!
hostname r1
!
vrf definition RED
 rd 1:1
!
vrf definition BLUE
 rd 1:2
!
crypto ikev2 keyring SHARED
 peer red
  address 203.0.113.1
 !
 peer blue
  address 203.0.113.2
!
interface GigabitEthernet1.1
 description to red's office
 vrf forwarding RED
!
interface GigabitEthernet1.2
 description to blue's office
 vrf forwarding BLUE
!
router bgp 65000
 bgp log-neighbor-changes
 !
 address-family ipv4 vrf RED
  neighbor 10.0.0.2 remote-as 65001
  neighbor 10.0.0.2 route-map RED-IN in
  neighbor 10.0.0.2 route-map BOTH out
 exit-address-family
 !
 address-family ipv4 vrf BLUE
  neighbor 10.0.1.2 remote-as 65002
  neighbor 10.0.1.2 route-map BOTH out
 exit-address-family
!
ip route vrf BLUE 10.9.0.0 255.255.0.0 10.0.1.2
!
ip prefix-list RED-NETS seq 10 permit 10.5.0.0/16
ip prefix-list BOTH-NETS seq 10 permit 10.6.0.0/16
!
route-map BOTH permit 10
 match ip address prefix-list BOTH-NETS
!
route-map RED-IN permit 10
 match ip address prefix-list RED-NETS
!
end
"""


def answer(
    number: int, text: str | None = "12:00:00.000 UTC Mon Mar 2 2026\n", failure: Failure | None = None
) -> Answer:
    """The answer to the plan's command of this number."""
    command = PLAN.routers[0].commands[number]
    return Answer("r1", command.text, command.sample, NOON + timedelta(seconds=number), 0.1, text=text, failure=failure)


def everything() -> list[Answer]:
    texts = {command.text: f"{command.text}\n" for command in PLAN.routers[0].commands} | {
        "show running-config": CONFIG
    }
    return [answer(number, texts[command.text]) for number, command in enumerate(PLAN.routers[0].commands)]


def record(folder: Path, answers: list[Answer], *, finish: bool = True) -> Recorder:
    recorder = Recorder(folder, ABOUT, SCOPES, PLAN)
    for number, each in enumerate(answers, start=1):
        recorder.event(CommandDone(each, number, len(answers)))
    if finish:
        recorder.event(RouterFinished("r1", 1.0, None))
        recorder.keep(Collection(tuple(answers), {}, Totals(1, len(answers), 1.0)))
        recorder.finish()
    return recorder


def replayed(folder: Path, wanted: Plan = PLAN) -> dict[tuple[str, int], Answer]:
    return {(each.command, each.sample): each for each in replay.read(folder).collection(wanted).answers}


def causes(folder: Path) -> list[str | None]:
    return [None if each.failure is None else each.failure.cause for each in replayed(folder).values()]


def lines(folder: Path) -> list[str]:
    return (folder / form.MANIFEST).read_text().splitlines()


def test_what_was_answered_comes_back(tmp_path: Path) -> None:
    answers = [*everything()[:-1], answer(len(PLAN.routers[0].commands) - 1, None, Failure("timeout", "r1: late"))]
    record(tmp_path / "r", answers)
    assert list(replayed(tmp_path / "r").values()) == answers
    found = replay.read(tmp_path / "r")
    assert found.warnings("a" * 64, "1.0") == ()
    assert (found.about, found.totals) == (ABOUT, Totals(1, len(answers), 1.0))


@settings(max_examples=50)
@given(text=st.text(alphabet=st.characters(codec=None), max_size=200))
def test_every_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("text") / "r"
    record(folder, [replace(answer(0), text=text)])
    assert next(iter(replayed(folder).values())).text == text


def test_an_answer_that_was_longer_than_it_seemed_replaces_the_first(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r", ABOUT, SCOPES, PLAN)
    recorder.event(CommandDone(answer(0, "short"), 1, 1))
    recorder.event(AnswerAmended(answer(0, "short and long")))
    recorder.keep(Collection((answer(0, "short and long"),), {"r1": Failure("cut-off", "r1: ended")}, Totals()))
    recorder.finish()
    assert replayed(tmp_path / "r")[answer(0).command, answer(0).sample].text == "short and long"
    assert replay.read(tmp_path / "r").failures == {"r1": Failure("cut-off", "r1: ended")}


def test_a_later_round_replaces_the_earlier_as_a_whole(tmp_path: Path) -> None:
    recorder = record(tmp_path / "r", everything(), finish=False)
    recorder.keep(Collection(tuple(everything()), {}, Totals()))
    recorder.new_round(2)
    recorder.event(CommandDone(answer(1, "second"), 1, 1))
    recorder.event(RouterFinished("r1", 1.0, None))
    recorder.keep(Collection((answer(1, "second"),), {}, Totals()))
    recorder.finish()
    assert causes(tmp_path / "r").count(None) == 1
    assert replayed(tmp_path / "r")[answer(1).command, answer(1).sample].text == "second"


def test_what_is_wanted_once_may_have_been_read_twice(tmp_path: Path) -> None:
    record(tmp_path / "r", [replace(each, text=f"sample {each.sample}") for each in everything()])
    (found,) = replayed(tmp_path / "r", plan([SAS])).values()
    assert (found.text, found.sample) == ("sample 2", 0)


class TestCustomers:
    def text(self, folder: Path, customer: str, name: str) -> str:
        (file,) = (folder / "customers" / customer / "r1").glob(f"*{name}*.txt")
        return file.read_text()

    def test_each_has_its_own_lines_of_the_configuration(self, tmp_path: Path) -> None:
        record(tmp_path / "r", everything())
        red, blue = (self.text(tmp_path / "r", customer, "running-config") for customer in ("red", "blue"))
        for own, other in ((red, ("BLUE", "blue", "10.0.1.2", "203.0.113.2")), (blue, ("RED", "red", "203.0.113.1"))):
            assert not any(word in own for word in other)
            assert "router bgp 65000\n address-family" in own
        assert "route-map RED-IN permit 10\n match ip address prefix-list RED-NETS" in red
        assert "ip prefix-list RED-NETS seq 10" in red
        assert "ip route vrf BLUE" in blue

    def test_nobody_has_what_two_share(self, tmp_path: Path) -> None:
        record(tmp_path / "r", everything())
        for customer in ("red", "blue"):
            text = self.text(tmp_path / "r", customer, "running-config")
            assert "keyring" not in text
            assert "BOTH-NETS" not in text
            assert "route-map BOTH permit" not in text

    def test_each_can_be_replayed_alone_for_what_is_its_own(self, tmp_path: Path) -> None:
        record(tmp_path / "r", everything())
        folder = tmp_path / "r" / "customers" / "red"
        found = replayed(folder)
        assert found["show bgp vpnv4 unicast vrf RED", 0].text is not None
        failure = found["show running-config", 0].failure
        assert failure is not None
        assert failure.message.endswith("only a customer's part of the answer is here")
        assert "only the part of customer red" in replay.read(folder).warnings("a" * 64, "1.0")

    def test_a_failure_of_the_router_names_no_other_customer(self, tmp_path: Path) -> None:
        recorder = Recorder(tmp_path / "r", ABOUT, SCOPES, PLAN)
        failure = Failure("cut-off", "r1: not asked: the session ended at `show ip route vrf BLUE` (cut-off)")
        recorder.event(RouterFinished("r1", 1.0, failure))
        recorder.keep(Collection((), {"r1": failure}, Totals()))
        recorder.finish()
        assert "BLUE" not in (tmp_path / "r/customers/red/manifest.jsonl").read_text()
        assert replay.read(tmp_path / "r").failures["r1"] == failure

    def test_names_stay_inside_the_folder(self, tmp_path: Path) -> None:
        scopes = Scopes({("../../r1", "RED"): "../../red"}, {}, {})
        wanted = plan([Fact.of("../../r1", "bgp_table", vrf="RED"), Fact("../../r1", "clock")])
        recorder = Recorder(tmp_path / "a" / "r", ABOUT, scopes, wanted)
        for command in wanted.routers[0].commands:
            recorder.event(CommandDone(replace(answer(0), host="../../r1", command=command.text), 1, 2))
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["r"]
        assert len(list((tmp_path / "a").rglob("*.txt"))) == 2


class TestDoubt:
    """What was changed, lost or never finished is an error of what it concerns, and of nothing else."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        record(tmp_path / "r", everything())
        return tmp_path / "r"

    def file(self, folder: Path) -> Path:
        (found,) = (folder / "routers" / "r1").glob("*show-clock.txt")
        return found

    def test_a_changed_file(self, folder: Path) -> None:
        self.file(folder).write_text("12:00:01.000 UTC Mon Mar 2 2026\n")
        assert sorted(map(str, causes(folder))) == sorted(["None"] * (len(everything()) - 1) + ["tampered"])

    def test_a_lost_file(self, folder: Path) -> None:
        self.file(folder).unlink()
        assert causes(folder).count("tampered") == 1

    @pytest.mark.parametrize("target", ["../elsewhere.txt", "/etc/hostname", "routers/r1/link.txt"])
    def test_a_file_outside(self, folder: Path, target: str) -> None:
        outside = folder.parent / "elsewhere.txt"
        outside.write_text("x")
        (folder / "routers/r1/link.txt").symlink_to(outside)
        self.rewrite(folder, "show clock", file=target, sha256=form.digest(b"x"))
        assert causes(folder).count("tampered") == 1

    def test_a_changed_line_of_the_manifest(self, folder: Path) -> None:
        content = (folder / form.MANIFEST).read_text()
        (folder / form.MANIFEST).write_text(content.replace("12:00:01", "12:00:59", 1))
        assert causes(folder).count("tampered") == 1
        assert any("was changed after" in words for words in replay.read(folder).warnings("a" * 64, "1.0"))

    def test_a_changed_first_line_puts_everything_in_doubt(self, folder: Path) -> None:
        content = (folder / form.MANIFEST).read_text()
        (folder / form.MANIFEST).write_text(content.replace('"net"', '"ten"', 1))
        assert set(causes(folder)) == {"tampered"}

    def test_a_line_taken_out(self, folder: Path) -> None:
        kept = lines(folder)
        taken = next(number for number, line in enumerate(kept) if "show clock" in line)
        (folder / form.MANIFEST).write_text("\n".join(kept[:taken] + kept[taken + 1 :]) + "\n")
        found = replayed(folder)["show clock", 0].failure
        assert found is not None
        assert found.cause == "not-collected"

    def test_an_end_that_is_missing(self, tmp_path: Path) -> None:
        record(tmp_path / "r", everything()[:3], finish=False)
        assert causes(tmp_path / "r") == [None, None, "cut-off", *["not-collected"] * (len(everything()) - 3)]
        assert "the recording is unfinished: its run was interrupted" in replay.read(tmp_path / "r").warnings(
            "a" * 64, "1"
        )

    @given(cut=st.integers(0, 100_000))
    def test_a_manifest_cut_anywhere_gives_no_more_than_it_proves(
        self, tmp_path_factory: pytest.TempPathFactory, cut: int
    ) -> None:
        folder = tmp_path_factory.getbasetemp() / "whole" / "r"
        if not folder.exists():
            folder.parent.mkdir()
            record(folder, everything())
        whole = (folder / form.MANIFEST).read_bytes()
        try:
            (folder / form.MANIFEST).write_bytes(whole[: cut % len(whole)])
            found = replay.read(folder)
        except InventoryError:
            return
        finally:
            content = (folder / form.MANIFEST).read_bytes()
            (folder / form.MANIFEST).write_bytes(whole)
        assert not found.finished
        good = [each for each in found.collection(PLAN).answers if each.text is not None]
        assert len(good) <= content.count(b'"kind": "answer"')
        assert all(each in everything() for each in good)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{}\n",
            "[1]\n",
            "no json\n",
            '{"kind": "recording", "format": 99}\n',
            '{"kind": "recording", "format": 1}\n',
        ],
    )
    def test_what_is_no_recording(self, tmp_path: Path, content: str) -> None:
        (tmp_path / form.MANIFEST).write_text(content)
        with pytest.raises(InventoryError, match="is not a recording"):
            replay.read(tmp_path)

    @pytest.mark.parametrize(
        "entry", [{"kind": "answer"}, {"kind": "what"}, {"kind": "router", "host": "r1", "failure": 7}, []]
    )
    def test_a_line_of_another_form(self, folder: Path, entry: Any) -> None:
        content = lines(folder)
        (folder / form.MANIFEST).write_text("\n".join([*content, json.dumps(entry)]) + "\n")
        assert any("cannot be read" in words for words in replay.read(folder).problems)

    def rewrite(self, folder: Path, command: str, **changes: Any) -> None:
        """Change a line of the manifest, and every sum after it, as somebody would who knows the format."""
        previous, written = "", []
        for line in lines(folder):
            entry = json.loads(line)
            entry.pop("previous")
            if entry.get("command") == command:
                entry.update(changes)
            content = form.line(entry, previous)
            previous = form.digest(content)
            written.append(content)
        (folder / form.MANIFEST).write_bytes(b"\n".join(written) + b"\n")


class TestPlace:
    def test_nothing_that_exists_is_touched(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        for folder in (tmp_path, tmp_path / "file"):
            with pytest.raises(InventoryError, match="is not an empty folder"):
                Recorder(folder, ABOUT, SCOPES, PLAN)
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_a_full_disk_is_told_at_the_end_and_stops_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recorder = Recorder(tmp_path / "r", ABOUT, SCOPES, PLAN)

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(form, "write", full)
        recorder.event(CommandDone(answer(0), 1, 1))
        recorder.event(RouterFinished("r1", 1.0, None))
        with pytest.raises(InventoryError, match="cannot be written: No space left on device"):
            recorder.keep(Collection((answer(0),), {}, Totals()))
        assert not replay.read(tmp_path / "r").finished
