"""The client against a server that answers as Azure does, well and badly."""

from __future__ import annotations

import ipaddress
import logging
import threading

import pytest
from fake_azure import TOKEN, FakeAzure, ManualClock, Reply, Seen

from pytest_azinterop.azure import client as client_module
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.cloud import Cloud
from pytest_azinterop.azure.gather import gather, lanes
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.transport import Transport
from pytest_azinterop.errors import AzureError, ParseError, UndeterminedError

IDS = {"subscription": "sub-1", "group": "rg-1"}
NETWORK = "/subscriptions/sub-1/resourceGroups/rg-1/providers/Microsoft.Network"
GATEWAY = f"{NETWORK}/virtualNetworkGateways/gw"
LEARNED = f"{GATEWAY}/getLearnedRoutes"
RESULT = "/subscriptions/sub-1/providers/Microsoft.Network/locations/uk/operationResults/1"
STATUS = "/subscriptions/sub-1/providers/Microsoft.Network/locations/uk/operations/1"
ROUTE = {
    "localAddress": "10.0.0.254",
    "network": "10.1.0.0/16",
    "nextHop": "10.1.0.254",
    "sourcePeer": "10.1.0.254",
    "origin": "EBgp",
    "asPath": "65010",
    "weight": 32768,
}
ROUTES = {"value": [ROUTE]}


def learned(gateway: str = "gw") -> Request:
    return Request.of("learned-routes", **IDS, gateway=gateway)


def gateway() -> Request:
    return Request.of("gateway", **IDS, gateway="gw")


def cause_of(client: ArmClient, request: Request) -> str:
    with pytest.raises(AzureError) as caught:
        client.ask(request)
    return caught.value.cause


class TestThreeStyles:
    def test_the_result_at_once(self, azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
        azure.on("POST", LEARNED, Reply(ROUTES))
        asked = client.ask(learned())
        (route,) = asked.read().records
        assert route.prefix == ipaddress.ip_network("10.1.0.0/16")
        assert (azure.counts("POST"), azure.counts("GET"), clock.waits) == (1, 0, [])

    def test_at_its_location_which_changes_with_every_poll(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock
    ) -> None:
        later = {"Location": f"{azure.url}{RESULT}?n=2&s=signed", "Retry-After": "7"}
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": f"{azure.url}{RESULT}?n=1", "Retry-After": "10"}))
        azure.on("GET", RESULT, Reply(None, 202, later), Reply(ROUTES))
        assert client.ask(learned()).document == ROUTES
        assert [dict(seen.query) for seen in azure.seen if seen.verb == "GET"] == [
            {"n": "1"},
            {"n": "2", "s": "signed"},
        ]
        assert clock.waits == [10, 7]

    @pytest.mark.parametrize("within", [ROUTES, {"properties": {"output": ROUTES}}, {"properties": ROUTES}])
    def test_in_the_status_document(self, azure: FakeAzure, client: ArmClient, within: dict[str, object]) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Azure-AsyncOperation": azure.url + STATUS, "Retry-After": "1"}))
        azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded", **within}))
        assert client.ask(learned()).document == ROUTES

    def test_a_status_document_at_the_location(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT, "Retry-After": "1"}))
        finished = {"status": "Succeeded", "properties": {"output": ROUTES}}
        azure.on("GET", RESULT, Reply({"status": "InProgress"}), Reply(finished))
        assert client.ask(learned()).document == ROUTES

    def test_status_document_and_location(self, azure: FakeAzure, client: ArmClient) -> None:
        both = {"Azure-AsyncOperation": azure.url + STATUS, "Location": azure.url + RESULT, "Retry-After": "1"}
        azure.on("POST", LEARNED, Reply(None, 202, both))
        azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded"}))
        azure.on("GET", RESULT, Reply(None, 202, {"Retry-After": "1"}), Reply(ROUTES))
        assert client.ask(learned()).document == ROUTES
        assert azure.counts("POST") == 1

    def test_without_retry_after_it_waits_anyway(self, azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT}))
        azure.on("GET", RESULT, Reply(ROUTES))
        client.ask(learned())
        assert clock.waits == [client_module.POLL_SECONDS]


class TestNoAnswerIsNoAnswer:
    @pytest.mark.parametrize(
        ("reply", "cause"),
        [
            (Reply("null"), "azure-not-understood"),
            (Reply(""), "azure-not-understood"),
            (Reply("", 204), "azure-not-understood"),
            (Reply('{"value": [{"localAddress": "10.0'), "azure-cut-off"),
            (Reply('{"value": [], "value": [1]}'), "azure-cut-off"),
            (Reply("<html>sign in</html>"), "azure-intercepted"),
            (Reply(b"\xef\xbb\xbf\n <!DOCTYPE html>"), "azure-intercepted"),
            (Reply(b"\xff\xfe"), "azure-cut-off"),
            (Reply(ROUTES, 302, {"Location": "https://127.0.0.1:1/"}), "azure-not-understood"),
            (Reply({"status": "Failed", "error": {"code": "InternalError", "message": "x"}}), "azure-failed"),
        ],
    )
    def test_a_final_answer_that_is_none(self, azure: FakeAzure, client: ArmClient, reply: Reply, cause: str) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT, "Retry-After": "1"}))
        azure.on("GET", RESULT, reply)
        assert cause_of(client, learned()) == cause

    @pytest.mark.parametrize(
        ("document", "says"),
        [
            ({}, "value is missing"),
            ({"value": None}, "value is null"),
            ({"value": {}}, "value is an object"),
            ({"value": [None]}, "value[0] is null"),
        ],
    )
    def test_a_document_without_its_list(
        self, azure: FakeAzure, client: ArmClient, document: dict[str, object], says: str
    ) -> None:
        azure.on("POST", LEARNED, Reply(document))
        with pytest.raises(ParseError) as caught:
            client.ask(learned()).read()
        assert says in str(caught.value)
        assert caught.value.cause == "azure-not-understood"

    def test_an_empty_list_is_an_answer(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply({"value": []}))
        assert client.ask(learned()).read().records == ()

    def test_a_poll_that_never_ends(self, azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT, "Retry-After": "10"}))
        azure.on("GET", RESULT, Reply(None, 202, {"Retry-After": "10"}))
        assert cause_of(client, learned()) == "azure-timeout"
        assert clock.monotonic() <= 60

    def test_accepted_without_an_address(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply(None, 202))
        assert cause_of(client, learned()) == "azure-not-understood"

    def test_succeeded_without_a_result(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Azure-AsyncOperation": azure.url + STATUS}))
        azure.on("GET", STATUS, Reply({"status": "Succeeded", "id": "x", "properties": None}))
        assert cause_of(client, learned()) == "azure-not-understood"

    def test_a_body_that_ends_before_its_end(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("GET", GATEWAY, Reply({"name": "gw" * 200}, cut=20))
        assert cause_of(client, gateway()) == "azure-unreachable"
        assert azure.counts("GET") == client_module.ATTEMPTS

    def test_nobody_listens(self, pem: object, clock: ManualClock) -> None:
        with FakeAzure(pem).running() as server:  # type: ignore[arg-type]
            url = server.url
        transport = Transport(Cloud("test", url, "s", ca=server.certificate), _Token(), clock)
        assert cause_of(ArmClient(transport, clock), gateway()) == "azure-unreachable"
        transport.close()

    def test_a_certificate_that_nobody_knows(self, azure: FakeAzure, clock: ManualClock) -> None:
        transport = Transport(Cloud("test", azure.url, "s"), _Token(), clock)
        assert cause_of(ArmClient(transport, clock), gateway()) == "azure-unreachable"
        assert azure.seen == []
        transport.close()


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "cause"),
        [
            (401, "InvalidAuthenticationTokenAudience", "azure-login-refused"),
            (401, None, "azure-login-refused"),
            (403, "AuthorizationFailed", "azure-forbidden"),
            (404, "ResourceNotFound", "azure-no-resource"),
            (404, "ResourceGroupNotFound", "azure-not-found"),
            (400, "InvalidApiVersionParameter", "azure-api-version"),
            (400, "NicMustBeAttachedToRunningVmToGetEffectiveRoutes", "azure-not-running"),
            (400, "BadRequest", "azure-rejected"),
            (409, "SomethingElse", "azure-rejected"),
            (501, "NotImplemented", "azure-unavailable"),
        ],
    )
    def test_causes(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock, status: int, code: str | None, cause: str
    ) -> None:
        body = {"error": {"code": code, "message": "told by Azure"}} if code else ""
        azure.on("POST", LEARNED, Reply(body, status))
        with pytest.raises(AzureError) as caught:
            client.ask(learned())
        assert (caught.value.cause, caught.value.status, caught.value.code) == (cause, status, code)
        assert caught.value.host == "virtualNetworkGateways/gw"
        assert caught.value.command == "learned-routes"
        assert (azure.counts("POST"), clock.waits) == (1, [])

    def test_what_right_is_missing(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply({"error": {"code": "AuthorizationFailed", "message": "x"}}, 403))
        with pytest.raises(AzureError, match="virtualNetworkGateways/getlearnedroutes/action"):
            client.ask(learned())

    @pytest.mark.parametrize(
        ("status", "code", "cause"),
        [
            (429, "TooManyRequests", "azure-throttled"),
            (429, "SubscriptionRequestsThrottled", "azure-throttled"),
            (429, "RetryableErrorDueToAnotherOperation", "azure-locked"),
            (409, "AnotherOperationInProgress", "azure-locked"),
        ],
    )
    def test_throttled_and_locked_wait_and_are_told_apart(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock, status: int, code: str, cause: str
    ) -> None:
        busy = Reply({"error": {"code": code, "message": "x"}}, status, {"Retry-After": "9"})
        azure.on("POST", LEARNED, busy, busy, Reply(ROUTES))
        assert client.ask(learned()).document == ROUTES
        assert clock.waits == [9, 9]
        azure.on("POST", LEARNED, busy)
        assert cause_of(client, learned()) == cause

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
    def test_a_post_that_fails_in_azure_is_not_repeated(self, azure: FakeAzure, client: ArmClient, status: int) -> None:
        azure.on("POST", LEARNED, Reply("", status, {"Retry-After": "1"}), Reply(ROUTES))
        assert cause_of(client, learned()) in {"azure-unavailable", "azure-rejected"}
        assert azure.counts("POST") == 1

    def test_a_post_whose_answer_is_cut_is_not_repeated(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply(ROUTES, cut=5), Reply(ROUTES))
        assert cause_of(client, learned()) == "azure-unreachable"
        assert azure.counts("POST") == 1

    def test_a_get_is_repeated_a_few_times(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("GET", GATEWAY, Reply("", 503), Reply("", 500), Reply({"name": "gw"}))
        assert client.ask(gateway()).document == {"name": "gw"}
        azure.on("GET", GATEWAY, Reply("", 503))
        assert cause_of(client, gateway()) == "azure-unavailable"
        assert azure.counts("GET") == 3 + client_module.ATTEMPTS

    def test_a_wait_longer_than_the_deadline_is_not_begun(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock
    ) -> None:
        azure.on("POST", LEARNED, Reply("", 429, {"Retry-After": "61"}))
        assert cause_of(client, learned()) == "azure-throttled"
        assert clock.waits == []

    def test_retry_after_as_a_date_and_in_milliseconds(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock
    ) -> None:
        date = Reply("", 429, {"Retry-After": "Sun, 01 Mar 2026 12:00:08 GMT"})
        azure.on("POST", LEARNED, date, Reply("", 429, {"retry-after-ms": "250"}), Reply(ROUTES))
        client.ask(learned())
        assert clock.waits == [8, 0.25]

    def test_the_message_is_bounded_and_of_one_line(self, azure: FakeAzure, client: ArmClient) -> None:
        said = {"code": "BadRequest", "message": "\x1b[31mred\n" + "x" * 5000 + f" sharedKey: hunter2 {TOKEN}"}
        azure.on("POST", LEARNED, Reply({"error": said}, 400))
        with pytest.raises(AzureError) as caught:
            client.ask(learned())
        assert len(str(caught.value)) < 600
        assert str(caught.value).isprintable()


class TestPages:
    def test_pages_are_joined(self, azure: FakeAzure, client: ArmClient) -> None:
        path = f"{NETWORK}/virtualNetworks"
        next_page = f"{azure.url}{path}?api-version=2024-05-01&$skipToken=abc&s=kept"
        azure.on("GET", path, Reply({"value": [1], "nextLink": next_page}), Reply({"value": [2, 3]}))
        assert client.ask(Request.of("vnets", **IDS)).document == {"value": [1, 2, 3]}
        assert dict(azure.seen[1].query)["$skipToken"] == "abc"
        assert dict(azure.seen[1].query)["s"] == "kept"

    def test_a_page_that_fails_fails_the_list(self, azure: FakeAzure, client: ArmClient) -> None:
        path = f"{NETWORK}/virtualNetworks"
        first = Reply({"value": [1], "nextLink": f"{azure.url}{path}?page=2"})
        azure.on("GET", path, first, Reply({"error": {"code": "AuthorizationFailed"}}, 403))
        assert cause_of(client, Request.of("vnets", **IDS)) == "azure-forbidden"
        azure.on("GET", path, first, Reply({"value": None}))
        assert cause_of(client, Request.of("vnets", **IDS)) == "azure-not-understood"

    def test_pages_that_go_round(self, azure: FakeAzure, client: ArmClient) -> None:
        path = f"{NETWORK}/virtualNetworks"
        azure.on("GET", path, Reply({"value": [1], "nextLink": f"{azure.url}{path}?page=2"}))
        assert cause_of(client, Request.of("vnets", **IDS)) == "azure-not-understood"


class TestOtherHosts:
    @pytest.mark.parametrize(
        "address",
        [
            "https://127.0.0.2:{port}/steal",
            "http://127.0.0.1:{port}/steal",
            "https://127.0.0.1:1/steal",
            "https://127.0.0.1@evil.example/steal",
            "//evil.example/steal",
            "https://127.0.0.1:notaport/steal",
        ],
    )
    @pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation"])
    def test_the_token_goes_to_no_other_host(
        self, azure: FakeAzure, client: ArmClient, header: str, address: str
    ) -> None:
        port = azure.url.rpartition(":")[2]
        azure.on("POST", LEARNED, Reply(None, 202, {header: address.format(port=port), "Retry-After": "1"}))
        assert cause_of(client, learned()) == "azure-not-understood"
        assert azure.counts("GET") == 0

    def test_nor_for_a_next_page(self, azure: FakeAzure, client: ArmClient) -> None:
        with FakeAzure(azure.certificate).running() as other:
            azure.on("GET", f"{NETWORK}/virtualNetworks", Reply({"value": [], "nextLink": f"{other.url}/steal"}))
            assert cause_of(client, Request.of("vnets", **IDS)) == "azure-not-understood"
            assert other.seen == []

    def test_a_relative_address_is_at_the_same_host(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": RESULT, "Retry-After": "1"}))
        azure.on("GET", RESULT, Reply(ROUTES))
        assert client.ask(learned()).document == ROUTES


class TestManyAtOnce:
    def test_one_gateway_serially_and_everything_else_at_once(self, azure: FakeAzure, client: ArmClient) -> None:
        """Each gateway's first question is held until all four gateways have been asked something."""
        inside: dict[str, int] = {}
        most: dict[str, int] = {}
        lock = threading.Lock()
        everyone = threading.Barrier(4)
        first = {f"gw{at}" for at in range(4)}

        def answer(seen: Seen) -> Reply:
            name = seen.path.split("/")[8]
            with lock:
                inside[name] = inside.get(name, 0) + 1
                most[name] = max(most.get(name, 0), inside[name])
                waits = name in first
                first.discard(name)
            if waits:
                everyone.wait(10)
            with lock:
                inside[name] -= 1
            return Reply(ROUTES if "Routes" in seen.path else {"value": []})

        requests = []
        for at in range(4):
            for action in ("getLearnedRoutes", "getBgpPeerStatus", "getAdvertisedRoutes"):
                azure.on("POST", f"{NETWORK}/virtualNetworkGateways/gw{at}/{action}", answer)
            requests += [
                learned(f"gw{at}"),
                Request.of("bgp-peers", **IDS, gateway=f"gw{at}"),
                Request.of("advertised-routes", **IDS, gateway=f"gw{at}", peer="10.1.0.254"),
            ]
        found = gather(client, [*requests, *requests])
        assert not [outcome for outcome in found.values() if isinstance(outcome, UndeterminedError)]
        assert set(most.values()) == {1}
        assert (len(found), azure.counts("POST")) == (12, 12)

    def test_one_refusal_costs_nobody_else(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("POST", LEARNED, Reply("", 403))
        azure.on("GET", GATEWAY, Reply({"name": "gw"}))
        found = gather(client, [learned(), gateway()])
        assert isinstance(found[learned()], AzureError)
        assert not isinstance(found[gateway()], UndeterminedError)

    def test_behind_what_never_ends_the_same_resource_is_asked_nothing(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock
    ) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT, "Retry-After": "10"}))
        azure.on("GET", RESULT, Reply(None, 202, {"Retry-After": "10"}))
        azure.on("GET", GATEWAY, Reply({"name": "gw"}))
        peers = Request.of("bgp-peers", **IDS, gateway="gw")
        found = gather(client, [learned(), peers, gateway()])
        assert clock.monotonic() <= 60
        assert azure.counts("POST") == 1
        outcome = found[peers]
        assert isinstance(outcome, AzureError)
        assert outcome.cause == "azure-timeout"
        assert "not asked: learned-routes before it did not end in time" in str(outcome)
        assert not isinstance(found[gateway()], UndeterminedError)

    def test_lanes(self) -> None:
        circuit = {"circuit": "er1", "peering": "AzurePrivatePeering"}
        table = [Request.of("circuit-routes", **IDS, **circuit, path=path) for path in ("primary", "secondary")]
        other_case = Request.of(
            "circuit-arp",
            subscription="SUB-1",
            group="RG-1",
            circuit="ER1",
            peering="AzurePrivatePeering",
            path="primary",
        )
        chains = lanes([gateway(), learned(), *table, other_case, *table])
        assert [len(chain) for chain in chains] == [3, 1, 1]
        assert chains[0] == (*table, other_case)
        assert chains[1] == (learned(),)

    def test_an_error_that_is_ours_is_raised_and_calls_everything_off(
        self, azure: FakeAzure, client: ArmClient, clock: ManualClock
    ) -> None:
        azure.on("GET", GATEWAY, Reply({"name": "gw"}))

        def fail(*_: object) -> None:
            raise RuntimeError("ours")

        with pytest.raises(RuntimeError, match="ours"):
            gather(client, [gateway()], on_answer=fail)
        assert clock.called_off

    def test_called_off(self, azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": azure.url + RESULT}))
        clock.call_off()
        assert cause_of(client, learned()) == "azure-interrupted"


class TestLogin:
    def test_the_token_is_sent_and_asked_for_once(self, azure: FakeAzure, cloud: Cloud, clock: ManualClock) -> None:
        azure.on("GET", GATEWAY, Reply({"name": "gw"}))
        token = _Token()
        transport = Transport(cloud, token, clock)
        client = ArmClient(transport, clock)
        azure.on("POST", LEARNED, Reply(ROUTES))
        gather(client, [gateway(), learned()])
        assert {seen.authorization for seen in azure.seen} == {f"Bearer {TOKEN}"}
        # Once before the first question, and once by the pipeline, for which azure-identity has it in memory.
        assert token.scopes == [("https://test/.default",)] * 2
        transport.close()

    def test_a_refused_login_is_tried_once_for_all(self, azure: FakeAzure, cloud: Cloud, clock: ManualClock) -> None:
        token = _Token(refuse=True)
        transport = Transport(cloud, token, clock)
        found = gather(ArmClient(transport, clock), [gateway(), learned(), learned("other")], max_threads=1)
        assert {getattr(outcome, "cause", None) for outcome in found.values()} == {"azure-login-refused"}
        assert len(token.scopes) == 1
        assert all("no credential in this chain worked" in str(outcome) for outcome in found.values())
        assert azure.seen == []
        transport.close()


class TestSecrets:
    def test_no_log_has_a_token_or_a_signed_address(
        self, azure: FakeAzure, client: ArmClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        signed = f"{azure.url}{RESULT}?t=1&c=certificate-in-url&s=signature-in-url"
        azure.on("POST", LEARNED, Reply(None, 202, {"Location": signed, "Retry-After": "1"}))
        azure.on("GET", RESULT, Reply("", 403))
        with pytest.raises(AzureError) as caught:
            client.ask(learned())
        told = caplog.text + str(caught.value) + repr(caught.value.__dict__)
        for secret in (TOKEN, "certificate-in-url", "signature-in-url"):
            assert secret not in told
        assert dict(azure.seen[1].query)["s"] == "signature-in-url"

    def test_no_answer_leaves_with_a_key(self, azure: FakeAzure, client: ArmClient) -> None:
        azure.on("GET", GATEWAY, Reply({"name": "gw", "properties": {"sharedKey": "hunter2"}}))
        assert "hunter2" not in repr(client.ask(gateway()))


class _Token:
    def __init__(self, *, refuse: bool = False) -> None:
        self.scopes: list[tuple[str, ...]] = []
        self._refuse = refuse

    def get_token(self, *scopes: str, **_: object) -> object:
        import time

        from azure.core.credentials import AccessToken
        from azure.core.exceptions import ClientAuthenticationError

        self.scopes.append(scopes)
        if self._refuse:
            raise ClientAuthenticationError("no credential in this chain worked")
        return AccessToken(TOKEN, int(time.time()) + 3600)
