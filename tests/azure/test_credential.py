from __future__ import annotations

import sys

import pytest

from pytest_azinterop.azure.cloud import PUBLIC, US_GOVERNMENT
from pytest_azinterop.azure.connect import connect
from pytest_azinterop.azure.credential import TOKEN_VARIABLE, build, kinds
from pytest_azinterop.errors import InventoryError


def test_every_credential_of_azure_identity_by_its_name() -> None:
    known = kinds()
    assert {"token", "default", "azure-cli", "managed-identity", "workload-identity", "environment"} <= set(known)
    assert {"client-secret", "certificate", "device-code", "interactive-browser"} <= set(known)


def test_default() -> None:
    from azure.identity import DefaultAzureCredential

    assert isinstance(build("default", {}, PUBLIC), DefaultAzureCredential)


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.identity import ClientSecretCredential

    given = {"tenant_id": "00000000-0000-0000-0000-000000000000", "client_id": "c"}
    with pytest.raises(InventoryError, match="client_secret_env") as caught:
        build("client-secret", {**given, "client_secret": "hunter2"}, PUBLIC)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(InventoryError, match="not set"):
        build("client-secret", {**given, "client_secret_env": "NO_SUCH_VARIABLE"}, PUBLIC)
    monkeypatch.setenv("MY_SECRET", "hunter2")
    assert isinstance(
        build("client-secret", {**given, "client_secret_env": "MY_SECRET"}, US_GOVERNMENT), ClientSecretCredential
    )


def test_a_token_that_was_issued_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(InventoryError, match=TOKEN_VARIABLE):
        build("token", {}, PUBLIC)
    monkeypatch.setenv(TOKEN_VARIABLE, "hunter2")
    credential = build("token", {}, PUBLIC)
    assert credential.get_token("scope").token == "hunter2"
    assert "hunter2" not in repr(credential)


def test_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "hunter2")
    assert connect(PUBLIC, "token").sent == 0
    for name in [name for name in sys.modules if name.split(".")[0] == "azure"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InventoryError, match=r"pytest-azinterop\[azure\]"):
        connect(PUBLIC)


def test_a_wrong_kind_or_option() -> None:
    with pytest.raises(InventoryError, match="azure-cli"):
        build("azurecli", {}, PUBLIC)
    with pytest.raises(InventoryError, match="cannot be made"):
        build("client-secret", {"tenant_id": "t"}, PUBLIC)
