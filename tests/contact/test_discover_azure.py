"""`azinterop discover --azure`: Azure's part of an intent is proposed as somebody would have typed it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import azure_answers as answers
import pytest
import yaml

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.request import Request
from pytest_azinterop.cli import main
from pytest_azinterop.collect import azure_source
from pytest_azinterop.contact.azure_proposal import propose
from pytest_azinterop.contact.azure_sightings import SeenAzure, look
from pytest_azinterop.contact.typed import Typed
from pytest_azinterop.errors import AzureError, InventoryError
from pytest_azinterop.intent.azure_expectations import AzureCloud
from pytest_azinterop.intent.loader import load

LAB = Path(__file__).resolve().parents[2] / "inventory" / "lab"


def without_azure(folder: Path) -> dict[str, Any]:
    """The published intent, but for Azure's part and what waives it."""
    for file in LAB.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    content: dict[str, Any] = yaml.safe_load((LAB / "interop.yaml").read_text())
    del content["azure"]
    content["waivers"] = [each for each in content["waivers"] if not each["rule"].startswith(("azure", "sides"))]
    (folder / "interop.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return content


@pytest.mark.slow
def test_what_is_discovered_is_what_somebody_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without_azure(tmp_path)
    assert main(["discover", str(tmp_path), "--azure", "--accept"]) == 0
    printed = capsys.readouterr()
    assert "/resourceGroups/interop/providers/Microsoft.Network/expressRouteCircuits/expressroute-1" in printed.out
    assert "not whole" not in printed.err
    found, typed = load(tmp_path).expectations.azure, load(LAB).expectations.azure
    assert found is not None
    assert typed is not None
    for kind in ("circuits", "gateways", "connections", "local_gateways", "vnets", "vnet_peerings"):
        mine, theirs = ({each.id: each.resource for each in getattr(side, kind)} for side in (found, typed))
        assert mine == theirs, kind
    assert {each.id: (each.circuit, each.site_connection, each.to) for each in found.connections} == {
        each.id: (each.circuit, each.site_connection, each.to) for each in typed.connections
    }
    # Accepted blocks are replaced, and what somebody has typed is not proposed again.
    (accepted,) = tmp_path.glob("interop.d/*.yaml")
    before = accepted.read_text()
    assert main(["discover", str(tmp_path), "--azure", "--accept"]) == 0
    assert accepted.read_text() == before
    shutil.move(accepted, tmp_path / "interop.d" / "azure.yaml")
    capsys.readouterr()
    assert main(["discover", str(tmp_path), "--azure"]) == 0
    assert "The intent has everything" in capsys.readouterr().out


def test_nobody_is_asked_without_a_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without_azure(tmp_path)
    (tmp_path / "lab.yaml").unlink()
    (tmp_path / "hosts.yaml").write_text("{}")
    assert main(["discover", str(tmp_path), "--azure"]) == 4
    assert "--azure SUBSCRIPTION/GROUP" in capsys.readouterr().err


def with_block(folder: Path, block: str) -> None:
    """An intent that says nothing of Azure yet but whom to ask."""
    without_azure(folder)
    (folder / "lab.yaml").unlink()
    (folder / "hosts.yaml").write_text("{}")
    (folder / "interop.d").mkdir()
    (folder / "interop.d" / "azure.yaml").write_text(f"azure: {block}\n")


def test_azure_is_asked_as_whom_the_block_names_however_little_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AzureCloud] = []

    def open_client(cloud: AzureCloud, *_: object) -> None:
        asked.append(cloud)
        raise InventoryError("far enough")

    monkeypatch.setattr(azure_source, "open_client", open_client)
    with_block(tmp_path, "{subscription: s, resource_group: g, credential: token, cloud: china}")
    assert main(["discover", str(tmp_path), "--azure"]) == 4
    (cloud,) = asked
    assert (cloud.cloud, cloud.credential) == ("china", "token")


def test_a_credential_that_does_not_exist_is_refused_and_nobody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_block(tmp_path, "{subscription: s, resource_group: g, credential: tokn}")
    assert main(["discover", str(tmp_path), "--azure"]) == 4
    assert "no credential `tokn`" in capsys.readouterr().err


def seen(**changes: Any) -> SeenAzure:
    """The resources of the saved answers."""
    found: dict[str, Any] = {}
    for name, documents in (
        ("circuits", [answers.CIRCUIT]),
        ("gateways", [answers.GATEWAY]),
        ("connections", [answers.CONNECTION]),
        ("local_gateways", [answers.LOCAL_GATEWAY]),
        ("vnets", [answers.VNET]),
    ):
        operation = name.replace("_", "-")
        source = Request.of(operation, subscription="s", group="g").source(answers_at())
        found[name] = OPERATIONS[operation].read({"value": documents}, source).records
    return replace(SeenAzure("s", "g", **found), **changes)


def answers_at() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_a_customers_own_network_is_recognised_by_its_long_name() -> None:
    (vnet,) = seen().vnets
    tree = {"customers": {"acme": {"networks": {"own": [str(each) for each in vnet.prefixes]}}}}
    known = Typed(tree=tree).networks_by_name()
    assert propose(seen(), None, known).tree["azure"]["vnets"][vnet.name]["network"] == "acme/own"
    both = {**known, "other": known["acme/own"]}
    assert any(
        "networks acme/own, other of the intent all have" in each for each in propose(seen(), None, both).questions
    )


def test_what_matches_nothing_is_a_question() -> None:
    made = propose(seen(), None, {})
    assert any("which circuit is it there?" in each for each in made.questions)
    assert any("no network of the intent has the prefixes of VNet" in each for each in made.questions)
    assert any("where to?" in each for each in made.questions)
    assert "connections" not in made.tree["azure"]


def test_what_is_not_supported_is_told_and_left_out() -> None:
    everything = seen()
    reaching = tuple(replace(each, global_reach_enabled=True) for each in everything.circuits)
    made = propose(replace(everything, circuits=reaching), None, {})
    assert "circuits" not in made.tree["azure"]
    assert any("Global Reach, which is not supported" in each for each in made.questions)


def test_an_empty_group_proposes_nothing() -> None:
    assert propose(SeenAzure("s", "g"), None, {}).tree == {}


def test_a_list_that_is_refused_is_a_problem_and_no_empty_list() -> None:
    class Refusing:
        def log_in(self) -> None:
            """Nothing is needed."""

        def call_off(self) -> None:
            """Nobody waits."""

        def ask(self, request: Request) -> Any:
            raise AzureError("no right", cause="not-authorised", host=request.short)

    found = look(Refusing(), "s", "g")
    assert len(found.problems) == 5
    assert all("not-authorised" in each for each in found.problems)
