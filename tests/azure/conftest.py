"""A server in Azure's place, and the client that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_azure import TOKEN, FakeAzure, ManualClock, certificate

from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.cloud import Cloud
from pytest_azinterop.azure.credential import GivenToken
from pytest_azinterop.azure.transport import Transport


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def azure(pem: Path) -> Iterator[FakeAzure]:
    with FakeAzure(pem).running() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cloud(azure: FakeAzure) -> Cloud:
    return Cloud("test", azure.url, "https://test/.default", ca=azure.certificate)


@pytest.fixture
def client(cloud: Cloud, clock: ManualClock) -> Iterator[ArmClient]:
    transport = Transport(cloud, GivenToken(TOKEN), clock)
    yield ArmClient(transport, clock, deadline_seconds=60)
    transport.close()
