"""`azinterop parse --azure`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import azure_answers as answers
import pytest

from pytest_azinterop.cli import main


def saved(folder: Path, document: object) -> str:
    path = folder / "answer.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path, {"value": [answers.ARP["value"][0]], "extra": 1})
    assert main(["parse", "--azure", "circuit-arp path=primary", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "command": "circuit-arp path=primary",
        "parser": "circuit-arp",
        "records": [
            {
                "path": "primary",
                "address": "192.168.30.17",
                "mac": "0600.0000.ceb0",
                "side": "On-Prem",
                "age": 1,
                "read_at": "value[0]",
            }
        ],
        "unread": ["extra: 1"],
        "complete": True,
    }


@pytest.mark.parametrize(("operation", "parameters", "document"), answers.ANSWERS)
def test_every_answer_as_a_published_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], operation: str, parameters: dict[str, str], document: object
) -> None:
    example = {"parameters": {"api-version": "2024-05-01"}, "responses": {"200": {"body": document}, "202": {}}}
    words = " ".join((operation, *(f"{name}={value}" for name, value in parameters.items())))
    assert main(["parse", "--azure", words, saved(tmp_path, example), "--json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["records"]
    for secret in ("secret", "correct-horse", "11111111-aaaa"):
        assert secret not in printed


def test_by_the_names_that_people_know(tmp_path: Path) -> None:
    file = saved(tmp_path, answers.LEARNED_ROUTES)
    for name in (
        "getLearnedRoutes",
        "VirtualNetworkGateways_GetLearnedRoutes",
        "az network vnet-gateway list-learned-routes",
    ):
        assert main(["parse", name, file, "--azure"]) == 0


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(answers.BGP_PEERS).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["parse", "--azure", "bgp-peers", "-"]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["state"] for line in printed.out.splitlines()] == ["Connected", "Connecting"]
    assert "2 records" in printed.err


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{"value": [', "azure-cut-off"),
        ("", "azure-cut-off"),
        ({"value": None}, "value is null"),
        ({}, "value is missing"),
        ({"responses": {"202": {}}, "parameters": {}}, "without an answer"),
        ({"error": {"code": "AuthorizationFailed", "message": "no"}}, "azure-forbidden"),
        ({"value": [{**answers.LEARNED_ROUTES["value"][1], "network": "10.0.0.1/8"}]}, "value[0].network"),
    ],
)
def test_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str], document: object, says: str) -> None:
    assert main(["parse", "--azure", "learned-routes", saved(tmp_path, document), "--json"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err


@pytest.mark.parametrize("typed", ["show version", "learned-routes peer=10.0.0.1", "circuit-arp path=third", ""])
def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str) -> None:
    assert main(["parse", "--azure", typed, saved(tmp_path, {"value": []})]) == 2
    assert "azinterop parse:" in capsys.readouterr().err
    assert main(["parse", "--azure", "learned-routes", str(tmp_path / "none.json")]) == 2


def test_routers_are_still_read(tmp_path: Path) -> None:
    file = saved(tmp_path, "Protocol  Address  Age (min)  Hardware Addr  Type  Interface\n")
    assert main(["parse", "show ip arp", file]) == 0
