"""Answers from files: found by name, read like those of the service, refused when they hold none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import azure_answers as answers
import pytest

from pytest_azinterop.azure.az_command import az_command
from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.files import FilesClient, place, script
from pytest_azinterop.azure.gather import gather
from pytest_azinterop.azure.request import Request
from pytest_azinterop.errors import AzureError, ParseError

IDS = {"subscription": "sub-1", "group": "net"}
ROUTES = Request.of("circuit-routes", **IDS, circuit="er1", peering="AzurePrivatePeering", path="primary")
ADVERTISED = Request.of("advertised-routes", **IDS, gateway="hub-vpn", peer="10.2.30.125")
GATEWAY = Request.of("gateway", **IDS, gateway="hub-vpn")


def write(folder: Path, request: Request, document: object) -> Path:
    path = folder.joinpath(*place(request))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_places() -> None:
    assert "/".join(place(GATEWAY)) == "sub-1/net/virtualNetworkGateways/hub-vpn/gateway.json"
    assert place(ADVERTISED)[-1] == "advertised-routes.10.2.30.125.json"
    assert "/".join(place(ROUTES)) == (
        "sub-1/net/expressRouteCircuits/er1/peerings/AzurePrivatePeering/circuit-routes.primary.json"
    )
    assert "/".join(place(Request.of("connections", **IDS))) == "sub-1/net/connections.json"
    assert "/".join(place(Request.of("watchers", subscription="sub-1"))) == "sub-1/watchers.json"


def test_reading(tmp_path: Path) -> None:
    path = write(tmp_path, ROUTES, answers.CIRCUIT_ROUTES)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    write(tmp_path, GATEWAY, answers.GATEWAY)
    found = gather(FilesClient(tmp_path), [ROUTES, GATEWAY, ADVERTISED])
    asked: Any = found[ROUTES]
    first, *_ = asked.read().records
    assert (first.path, first.source.asked_at) == ("primary", datetime.fromtimestamp(1_700_000_000, UTC))
    assert first.source.resource_id.endswith("/expressRouteCircuits/er1/peerings/AzurePrivatePeering")
    assert "a-radius-secret" not in repr(found[GATEWAY])
    missing: Any = found[ADVERTISED]
    assert isinstance(missing, AzureError)
    assert missing.cause == "azure-no-file"
    assert "az network vnet-gateway list-advertised-routes -n hub-vpn --peer 10.2.30.125 -g net" in str(missing)


def test_case_does_not_count(tmp_path: Path) -> None:
    shouted = Request.of("gateway", subscription="SUB-1", group="NET", gateway="Hub-VPN")
    write(tmp_path, shouted, {**answers.GATEWAY, "id": shouted.resource})
    (record,) = FilesClient(tmp_path).ask(GATEWAY).read().records
    assert record.name == "hub-vpn"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "azure-cut-off"),
        ("\n", "azure-cut-off"),
        ('{"name": "hub', "azure-cut-off"),
        ("ERROR: (AuthorizationFailed) x", "azure-cut-off"),
        ('{"error": {"code": "AuthorizationFailed", "message": "x"}}', "azure-forbidden"),
        ('{"error": {"code": "ResourceNotFound"}}', "azure-no-resource"),
        ("null", "azure-not-understood"),
        ("[]", "azure-not-understood"),
        ("{}", "azure-not-understood"),
    ],
)
def test_a_file_without_an_answer(tmp_path: Path, text: str, cause: str) -> None:
    write(tmp_path, GATEWAY, text)
    with pytest.raises(ParseError) as caught:
        FilesClient(tmp_path).ask(GATEWAY).read()
    assert caught.value.cause == cause


def test_every_command_of_az_names_what_is_asked() -> None:
    without = {name for name in OPERATIONS if name.startswith(("link-f", "site-f", "resil", "route-sets"))}
    without |= {"gateway-connections", "next-hop", "connectivity"}
    given = {"path": "primary", "peer": "10.0.0.1"}
    for name, operation in OPERATIONS.items():
        if name in without:
            continue
        parameters = {key: given.get(key, f"the-{key}") for key in operation.parameters}
        parameters |= {query.parameter: given[query.parameter] for query in operation.query if query.required}
        command = az_command(Request.of(name, **parameters))
        assert command is not None
        assert set(parameters.values()) <= set(command.split())


def test_the_script_fills_the_folder(tmp_path: Path) -> None:
    """A stand-in for `az` prints what it was asked; the files that the script writes are those that are looked for."""
    shell = shutil.which("sh")
    assert shell is not None
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "az").write_text('#!/bin/sh\nprintf \'{"value": [], "asked": "%s"}\' "$*"\n')
    (tools / "az").chmod(0o755)
    folder = tmp_path / "azure"
    folder.mkdir()
    text = script([ROUTES, ADVERTISED, Request.of("resiliency", **IDS, gateway="hub-er", refresh="false")])
    subprocess.run(
        [shell, "-c", text], cwd=folder, check=True, env={"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    )
    asked = FilesClient(folder).ask(ROUTES)
    assert isinstance(asked.document, dict)
    assert "list-route-tables -n er1 --peering-name AzurePrivatePeering --path primary" in asked.document["asked"]
    assert FilesClient(folder).ask(ADVERTISED).read().records == ()
    assert "# sub-1/net/virtualNetworkGateways/hub-er/resiliency.false.json: az has no command" in text
