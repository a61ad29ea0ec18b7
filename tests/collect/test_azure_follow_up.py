"""Whom an ExpressRoute gateway advertises to is told by Azure first: asked after it, once, and never guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure_rights import rights
from pytest_azinterop.collect.azure_run import collect, follow_ups, place
from pytest_azinterop.collect.plan import Plan, plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import AzureError

WHERE = {"subscription": "s", "group": "g", "gateway": "core-er"}
PEERS = Request.of("bgp-peers", **WHERE)
LEARNED = Request.of("learned-routes", **WHERE)


def row(neighbor: str, asn: int = 12076, state: str = "Connected", instance: str = "10.0.4.12") -> dict[str, object]:
    counts = {"routesReceived": 0, "messagesSent": 0, "messagesReceived": 0}
    return {"localAddress": instance, "neighbor": neighbor, "asn": asn, "state": state, **counts}


TOLD = [
    row("10.0.4.4"),
    row("10.0.4.5"),
    row("10.0.4.4", instance="10.0.4.13"),
    row("10.0.4.13", asn=65515),
    row("10.0.4.6", state="Connecting"),
]


@dataclass
class Client:
    """Answers from memory, and knows what it was asked."""

    told: object
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def log_in(self) -> None:
        """Nothing is needed."""

    def call_off(self) -> None:
        """Nobody waits."""

    def ask(self, request: Request) -> Asked:
        self.sent += 1
        self.asked.append(request.given.get("peer", request.operation_name))
        if request == PEERS and self.told is None:
            raise AzureError("refused", cause="not-authorised", host=request.short)
        document = {"value": self.told if request == PEERS else []}
        return Asked(request, document, datetime.now(UTC), 0.0)


def to(peer: str) -> Request:
    return Request.of("advertised-routes", peer=peer, **WHERE)


def planned(*more: Request) -> Plan:
    return plan([AdvertisedToMsees(PEERS), AdvertisedToMsees(PEERS), LEARNED, *more])


def test_each_msee_that_is_up_is_asked_about_once() -> None:
    client = Client(TOLD)
    wanted = planned()
    collected = collect(client, wanted.azure)
    assert sorted(client.asked) == ["10.0.4.4", "10.0.4.5", "bgp-peers", "learned-routes"]
    assert collected.totals.questions == collected.totals.chain == 4
    assert FactStore(wanted, collected).records(to("10.0.4.5")) == ()
    assert follow_ups(wanted.azure, collected.answers) == (to("10.0.4.4"), to("10.0.4.5"))


def test_what_is_planned_anyway_is_not_asked_again() -> None:
    client = Client(TOLD)
    collect(client, planned(to("10.0.4.4")).azure)
    assert sorted(client.asked) == ["10.0.4.4", "10.0.4.5", "bgp-peers", "learned-routes"]


@pytest.mark.parametrize("told", [None, [], [{"neighbor": "10.0.4.4"}], [row("10.0.4.4", state="Idle")]])
def test_nobody_is_guessed(told: object) -> None:
    client = Client(told)
    wanted = planned()
    collected = collect(client, wanted.azure)
    assert sorted(client.asked) == ["bgp-peers", "learned-routes"]
    assert follow_ups(wanted.azure, collected.answers) == ()
    with pytest.raises(AzureError, match="was not asked"):
        FactStore(wanted, collected).records(to("10.0.4.4"))


def test_an_answer_that_is_no_json_leads_to_nothing() -> None:
    wanted = planned()
    (answer, *_) = (each for each in collect(Client(TOLD), wanted.azure).answers if each.command == place(PEERS)[1])
    assert json.loads(answer.text or "")["value"]
    assert follow_ups(wanted.azure, [replace(answer, text="cut off {")]) == ()


def test_the_plan_and_the_role_tell_of_it() -> None:
    wanted = planned().azure
    assert any("getAdvertisedRoutes for each MSEE" in line for line in wanted.describe())
    advertised = "microsoft.network/virtualnetworkgateways/getadvertisedroutes/action"
    assert advertised not in map(str.casefold, rights(wanted.requests))
    assert advertised in map(str.casefold, rights(wanted.requests, wanted.later))


def test_only_peers_lead_to_msees() -> None:
    with pytest.raises(ValueError, match="tells no BGP peers"):
        AdvertisedToMsees(LEARNED)
