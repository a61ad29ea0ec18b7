"""The published network's ARM endpoint, without HTTP: requests in, answers out, time in the test's hands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.arm.azure import Azure
from pytest_azinterop.lab.arm.endpoint import Endpoint
from pytest_azinterop.lab.arm.messages import Request, Response
from pytest_azinterop.lab.arm.token import Tokens
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
VERSION = "2025-07-01"
TOKENS = Tokens(b"known to the tests")
TOKEN = TOKENS.issue()
Json = dict[str, Any]


@dataclass
class Arm:
    """A network, its Azure side and the endpoint in front of it."""

    network: Simulation
    azure: Azure
    endpoint: Endpoint
    applier: Applier
    time: list[float] = field(default_factory=lambda: [0.0])

    def send(self, method: str, url: str, *, token: str | None = TOKEN, body: object = None, **query: str) -> Response:
        """``url`` is a path, or a whole URL as a header gave it."""
        path, _, text = url.removeprefix("https://arm.test").partition("?")
        found = dict(part.split("=", 1) for part in text.split("&")) if text else {"api-version": VERSION, **query}
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        data = b"" if body is None else json.dumps(body).encode()
        return self.endpoint.handle(Request(method, path, found, headers, data, "https://arm.test"))

    def path(self, below: str) -> str:
        return self.azure.store.id(below)

    def get(self, below: str) -> Json:
        response = self.send("GET", self.path(below))
        assert response.status == 200, response.body
        found: Json = json.loads(response.body)
        return found

    def start(self, below: str, body: object = None, **query: str) -> Response:
        return self.send("POST", self.path(below), body=body, **query)

    def finish(self, started: Response) -> Response:
        """Let the operation's time pass, and read its result."""
        assert started.status == 202, started.body
        self.time[0] += 1000
        if "Azure-AsyncOperation" in started.headers:
            state = self.send("GET", started.headers["Azure-AsyncOperation"])
            if "Location" not in started.headers:
                return state
            assert json.loads(state.body) == {"status": "Succeeded"}, state.body
        return self.send("GET", started.headers["Location"])

    def run(self, below: str, body: object = None, **query: str) -> Json:
        response = self.finish(self.start(below, body, **query))
        assert response.status == 200, response.body
        found: Json = json.loads(response.body)
        return found

    def rows(self, below: str, **query: str) -> list[Json]:
        found: list[Json] = self.run(below, **query)["value"]
        return found

    def networks(self, below: str, **query: str) -> set[str]:
        """The prefixes of a table."""
        return {row["network"] for row in self.rows(below, **query)}

    def happens(self, scenario: str) -> None:
        """Make a scenario's changes."""
        change = parse(scenario, "test.yaml")
        self.applier.check(change)
        self.applier.apply(change)

    def passes(self, seconds: float) -> None:
        """Simulated time."""
        self.network.clock.advance(seconds)

    def error(self, response: Response) -> tuple[int, str]:
        return response.status, json.loads(response.body)["error"]["code"]


def make(directory: Path = PUBLISHED) -> Arm:
    network = Simulation(directory, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))
    azure = Azure.of(network)
    assert azure is not None
    time = [0.0]
    endpoint = Endpoint(azure, TOKENS, pace=1.0, now=lambda: time[0])
    return Arm(network, azure, endpoint, Applier(network, catalogue(), azure), time)


@pytest.fixture
def arm() -> Arm:
    return make()


@pytest.fixture(scope="module")
def untouched() -> Arm:
    """For tests that only read."""
    return make()
