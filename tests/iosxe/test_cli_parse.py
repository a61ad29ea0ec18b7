"""`azinterop parse`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.iosxe.cli_parse import main

if TYPE_CHECKING:
    from pathlib import Path


def saved(folder: Path, text: str) -> str:
    file = folder / "answer.txt"
    file.write_bytes(text.encode())
    return str(file)


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(
        tmp_path,
        "ce1#show ip arp vrf 30\r\nProtocol  Address  Age (min)  Hardware Addr  Type  Interface\r\n"
        "Internet  192.0.2.1  5  0000.5e00.5301  ARPA  Tunnel30\r\nce1#",
    )
    assert main(["sh ip arp vrf 30", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "command": "sh ip arp vrf 30",
        "parser": "arp",
        "records": [
            {
                "vrf": "30",
                "address": "192.0.2.1",
                "mac": "0000.5e00.5301",
                "age": 5,
                "kind": "ARPA",
                "interface": "Tunnel30",
                "lines_read": [3, 3],
            }
        ],
        "unread": [],
        "complete": True,
    }


def test_a_refusal_names_line_number_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path, "Protocol  Address  Age (min)  Hardware Addr  Type  Interface\nInternet  192.0\n")
    assert main(["show ip arp", file, "--json"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "line 2:" in printed.err
    assert "Internet  192.0" in printed.err


@pytest.mark.parametrize("text", ["", "\r\n", "% Invalid input detected at '^' marker.\n"])
def test_no_answer_is_refused(text: str, tmp_path: Path) -> None:
    assert main(["show vrf", saved(tmp_path, text)]) == 3


def test_only_a_prompt_says_that_nothing_was_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["show crypto ikev2 sa detailed", saved(tmp_path, "ce1#show crypto ikev2 sa detailed\nce1#"), "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out)["records"] == []


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show clok", saved(tmp_path, "x")]) == 2
    assert "show clock" in capsys.readouterr().err
    assert main(["show clock", str(tmp_path / "absent")]) == 2


def test_keys_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "Building configuration...\n\nCurrent configuration : 9 bytes\n!\nhostname a\nenable secret 9 Pl4nted\nend\n"
    assert main(["show run", saved(tmp_path, text), "--json"]) == 0
    printed = capsys.readouterr()
    assert "Pl4nted" not in printed.out + printed.err
    assert "enable secret 9 <redacted>" in printed.out


ARP = "Protocol  Address  Age (min)  Hardware Addr  Type  Interface\n"
ARP += "Internet  192.0.2.1  5  0000.5e00.5301  ARPA  Tunnel30\n"


@pytest.mark.parametrize(
    ("command", "text", "complete"),
    [
        ("show ip arp", ARP, None),
        ("show ip arp", ARP + "ce1#", True),
        ("show ip arp", ARP + "ce1>\n", True),
        ("show ip arp", "ce1#show ip arp\n" + ARP, None),
        ("show clock", "22:14:03.123 UTC Mon Mar 3 2025\n", True),
        ("show privilege", "Current privilege level is 15\n", True),
        ("show vrf", "ce1#show vrf\nce1#", True),
    ],
)
def test_complete_says_what_the_text_proves(
    command: str, text: str, complete: bool | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path, text)
    assert main([command, file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["complete"] is complete
    assert main([command, file]) == 0
    assert ("cannot be told" in capsys.readouterr().err) is (complete is None)


def test_an_echo_without_a_prompt_behind_it_is_no_empty_answer(tmp_path: Path) -> None:
    assert main(["show vrf", saved(tmp_path, "ce1#show vrf\n")]) == 3
