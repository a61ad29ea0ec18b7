"""Azure's own failover tests, against the simulated ARM endpoint: stopped whatever happens, and never started twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from drill.rig import events, lab

from pytest_azinterop.azure.changes import Change
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.clock import SystemClock
from pytest_azinterop.azure.credential import GivenToken
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.transport import Transport
from pytest_azinterop.cli import main
from pytest_azinterop.collect import azure_source
from pytest_azinterop.drill import azure_tests
from pytest_azinterop.drill import journal as journals
from pytest_azinterop.drill.azure_tests import AzureTest, changing_client
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.errors import AzureError, DrillRefusedError, NotAllowedError
from pytest_azinterop.intent.drill_expectations import AzureLink, AzureSite
from pytest_azinterop.intent.loader import load
from pytest_azinterop.lab.launch import Ready

# What is answered to the requests that change something. A cut answer is that of a request that was carried out.
SCENARIO = """
azure:
  - operation: POST expressRouteCircuits/expressroute-1/startCircuitLinkFailoverTest
    answer: {status: 403, code: AuthorizationFailed, times: 1}
  - operation: POST expressRouteCircuits/expressroute-2/stopCircuitLinkFailoverTest
    answer: {status: 429, retry_after: 1, times: 1}
  - operation: POST virtualNetworkGateways/hub-er/startSiteFailoverTest
    answer: {cut: true, times: 1}
"""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with lab(tmp_path_factory.mktemp("lab"), SCENARIO, arm=True, arm_pace=1000) as started:
        yield started


@pytest.fixture(scope="module")
def client(ready: Ready) -> ArmClient:
    azure = load(ready.inventory).expectations.azure
    assert azure is not None
    assert ready.arm is not None
    return changing_client(azure.cloud, ready.inventory, {azure_tests.TOKEN_VARIABLE: ready.arm.token})


def link(ready: Ready, circuit: str, side: str = "Primary") -> AzureLink:
    azure = load(ready.inventory).expectations.azure
    assert azure is not None
    resource = next(each.resource for each in azure.circuits if each.name == circuit)
    return AzureLink(circuit, resource, side, "BgpDisconnect")  # type: ignore[arg-type]


def site(ready: Ready) -> AzureSite:
    azure = load(ready.inventory).expectations.azure
    assert azure is not None
    resource = next(each.resource for each in azure.gateways if each.name == "hub-er")
    return AzureSite("hub-er", resource, "Washington DC")


def a_test(trigger: AzureLink | AzureSite, client: ArmClient, folder: Path, **options: object) -> AzureTest:
    settings = {"patience": 10.0, "poll": 0.02, "settling": 0.2, **options}
    return AzureTest(trigger, client, Journal.create(folder), **settings)  # type: ignore[arg-type]


def sent(ready: Ready, action: str) -> int:
    return sum(1 for event in events(ready, "arm") if str(event.get("path", "")).endswith(action))


def test_a_test_is_started_once_and_stopped(ready: Ready, client: ArmClient, tmp_path: Path) -> None:
    with a_test(link(ready, "expressroute-2"), client, tmp_path / "one") as running:
        assert running.start()
        assert running.running() is not None
        with pytest.raises(DrillRefusedError, match="a failover test runs there already"):
            a_test(link(ready, "expressroute-2"), client, tmp_path / "two").start()
        stopped = running.stop(successful=True)
    assert stopped.is_stopped
    assert running.running() is None
    steps = [entry.step for entry in journals.read(tmp_path / "one" / "journal.jsonl")]
    assert steps == ["azure-start", "azure-started", "azure-stop", "azure-stopped"]
    assert journals.read(tmp_path / "two" / "journal.jsonl") == []


def test_a_simulated_loss_of_a_location_is_stopped_by_whoever_finds_the_journal(
    ready: Ready, client: ArmClient, tmp_path: Path
) -> None:
    lost = a_test(site(ready), client, tmp_path / "drill")
    lost.start()  # its answer is cut off; the look at the tests decides
    assert sent(ready, "startSiteFailoverTest") == 1
    (begun,) = [each for each in journals.read(tmp_path / "drill" / "journal.jsonl") if each.step == "azure-start"]
    trigger = azure_tests.from_journal(begun.facts["trigger"])
    assert trigger == lost.trigger
    again = AzureTest(
        trigger, client, Journal.reopen(tmp_path / "drill" / "journal.jsonl"), poll=0.02, settling=0.2, begun=True
    )
    assert again.stop(successful=False).is_stopped
    assert lost.running() is None


@pytest.mark.parametrize("step", ["azure-start", "azure-started", "azure-stop"])
def test_recover_stops_what_a_killed_process_has_begun(
    ready: Ready,
    client: ArmClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    step: str,
) -> None:
    class Killed(BaseException):
        """As far as this test can be killed."""

    def told(entry: journals.Entry) -> None:
        if entry.step == step:
            raise Killed

    assert ready.arm is not None
    monkeypatch.setenv(azure_tests.TOKEN_VARIABLE, ready.arm.token)
    quick = {**(AzureTest.__init__.__kwdefaults__ or {}), "poll": 0.02, "settling": 0.2}
    monkeypatch.setattr(AzureTest.__init__, "__kwdefaults__", quick)
    journal = Journal.create(tmp_path, told)
    journal.write("planned", drill="loss", inventory=str(ready.inventory), routers=[])
    trigger = link(ready, "expressroute-2", "Secondary")
    killed = AzureTest(trigger, client, journal, poll=0.02, settling=0.2)
    with pytest.raises(Killed):
        started_and_stopped(killed)
    assert main(["drill", "recover", str(journal.path)]) == 0
    assert "circuit/expressroute-2/secondary: Azure says that no test runs" in capsys.readouterr().out
    assert journals.read(journal.path)[-1].step == "finished"
    assert killed.running() is None


def started_and_stopped(test: AzureTest) -> None:
    test.start()
    test.stop(successful=True)


def test_a_start_that_azure_refuses_is_no_test(ready: Ready, client: ArmClient, tmp_path: Path) -> None:
    refused = a_test(link(ready, "expressroute-1"), client, tmp_path / "drill")
    with pytest.raises(DrillRefusedError, match=r"startCircuitLinkFailoverTest/action.*no test runs"):
        refused.start()
    assert refused.stop(successful=False).is_stopped
    steps = [entry.step for entry in journals.read(tmp_path / "drill" / "journal.jsonl")]
    assert steps == ["azure-start", "azure-stop", "azure-stopped"]


class Refusing:
    """Azure, with a test that runs and that nobody may stop."""

    def __init__(self, client: ArmClient) -> None:
        self._client = client

    def ask(self, request: Request) -> object:
        if request.operation_name.startswith("stop-"):
            raise AzureError("the identity is not allowed to ask this", cause="azure-forbidden")
        return self._client.ask(request)


def test_a_test_that_cannot_be_stopped_is_shouted_with_the_request_that_would(
    ready: Ready, client: ArmClient, tmp_path: Path
) -> None:
    told: list[str] = []
    with a_test(link(ready, "expressroute-1", "Secondary"), client, tmp_path / "one") as running:
        running.start()
        journal = Journal.create(tmp_path / "two")
        kept = AzureTest(
            running.trigger,
            Refusing(client),  # type: ignore[arg-type]
            journal,
            told=told.append,
            patience=0.1,
            poll=0.02,
            begun=True,
        )
        with kept:
            pass
    assert kept.stopped is not None
    assert not kept.stopped.is_stopped
    assert "az rest --method post" in told[-1]
    assert '"linkType": "Secondary"' in told[-1]
    assert journal.entries[-1].step == "failed"


def test_the_checks_cannot_start_a_test(ready: Ready, client: ArmClient) -> None:
    azure = load(ready.inventory).expectations.azure
    assert azure is not None
    assert ready.arm is not None
    of_checks = Transport(
        azure_source.cloud_of(azure.cloud, ready.inventory), GivenToken(ready.arm.token), SystemClock()
    )
    wanted = {
        "subscription": "s",
        "group": "g",
        "circuit": "expressroute-2",
        "link": "Primary",
        "category": "BgpDisconnect",
    }
    change = Change.of("start-link-failover-test", **wanted)
    with pytest.raises(NotAllowedError, match="not in the catalogue"):
        of_checks.ask(change, 1e12)
    with pytest.raises(ValueError, match="no operation"):
        Request.of("start-link-failover-test", **wanted)
    of_checks.close()


def test_without_a_credential_of_its_own_nothing_is_started(ready: Ready) -> None:
    azure = load(ready.inventory).expectations.azure
    assert azure is not None
    with pytest.raises(DrillRefusedError, match="a credential of its own"):
        changing_client(azure.cloud, ready.inventory, {})
