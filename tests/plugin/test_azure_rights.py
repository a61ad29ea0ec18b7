"""The role that the checks take is what the plan asks, and a right that is taken away is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plugin.conftest import WITH_AZURE

from pytest_azinterop import azure_rights
from pytest_azinterop.cli import main
from pytest_azinterop.intent.loader import load


def test_the_role_has_the_rights_of_every_question_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text(WITH_AZURE)
    asked = azure_rights.requests_of(load(tmp_path).expectations).azure.requests
    role = azure_rights.role(asked)
    polling = {right for right in role["Actions"] if "/locations/" in right}
    assert set(role["Actions"]) - polling == {request.operation.action for request in asked}
    assert len(polling) == 2
    assert role["AssignableScopes"] == ["/subscriptions/sub-1"]
    assert not any("*" in right or "write" in right for right in role["Actions"])


def test_without_operations_nothing_is_polled(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text(WITH_AZURE)
    asked = [
        request
        for request in azure_rights.requests_of(load(tmp_path).expectations).azure.requests
        if not request.operation.long_running
    ]
    role = azure_rights.role(asked)
    assert not any("/locations/" in right for right in role["Actions"])
    assert role["AssignableScopes"] == ["/subscriptions/sub-1/resourceGroups/net"]


def test_the_role_is_printed_for_az(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["azure-role", "lab"]) == 0
    assert json.loads(capsys.readouterr().out)["IsCustom"] is True


def test_an_intent_without_azure_has_no_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start, end = WITH_AZURE.index("azure:"), WITH_AZURE.index("sites:\n  town:")
    (tmp_path / "interop.yaml").write_text(WITH_AZURE[:start] + WITH_AZURE[end:])
    assert main(["azure-role", str(tmp_path)]) == 4
    assert "no block `azure`" in capsys.readouterr().err


def test_a_right_that_was_taken_away_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "no.yaml"
    scenario.write_text(
        "name: a right is taken away\nazure:\n"
        "  - operation: virtualNetworkGateways/hub-vpn/getLearnedRoutes\n"
        "    answer: {status: 403, code: AuthorizationFailed}\n"
    )
    assert main(["azure-check", "lab", "--lab-scenario", str(scenario)]) == 1
    lines = capsys.readouterr().out.splitlines()
    lacking = [line for line in lines if line.startswith("lacking")]
    assert len(lacking) == 1
    assert "getlearnedroutes/action  (virtualNetworkGateways/hub-vpn)" in lacking[0]
