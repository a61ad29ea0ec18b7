"""Azure's own failover tests: what they do to the network, that they last until they are stopped, what they tell."""

from __future__ import annotations

import json

import pytest
from lab.arm.conftest import Arm, Json

GATEWAY, CIRCUIT = "virtualNetworkGateways/hub-er", "expressRouteCircuits/expressroute-2"
FAR_SITE = "10.1.31.0/25"


def text(arm: Arm, below: str, body: object = None, **query: str) -> str:
    response = arm.finish(arm.start(below, body, **query))
    assert response.status == 200, response.body
    found: str = json.loads(response.body)
    return found


def session(arm: Arm, router: str, neighbor: str) -> str:
    return next(
        str(each.state) for each in arm.network.router(router).bgp_neighbors("31") if str(each.address) == neighbor
    )


def test_a_site_is_disconnected_until_the_test_is_stopped(arm: Arm) -> None:
    identifier = text(arm, f"{GATEWAY}/startSiteFailoverTest", peeringLocation="seattle")
    arm.passes(86400)
    assert FAR_SITE not in arm.networks(f"{GATEWAY}/getLearnedRoutes")
    row = arm.rows(f"{GATEWAY}/getFailoverAllTestsDetails", type="All", fetchLatest="true")[0]
    assert (row["peeringLocation"], row["status"], row["testGuid"]) == ("Seattle", "Running", identifier)
    assert [(each["name"], each["status"]) for each in row["connections"]] == [("hub-er2", "Disconnected")]
    body = {"peeringLocation": "Seattle", "wasSimulationSuccessful": True, "details": []}
    text(arm, f"{GATEWAY}/stopSiteFailoverTest", body)
    assert FAR_SITE in arm.networks(f"{GATEWAY}/getLearnedRoutes")
    arm.passes(60)
    details = arm.rows(f"{GATEWAY}/getFailoverSingleTestDetails", peeringLocation="Seattle", failoverTestId=identifier)[
        0
    ]
    assert (details["status"], details["wasSimulationSuccessful"]) == ("Completed", True)
    assert details["nonRedundantRoutes"] == [FAR_SITE]


def test_the_edge_router_sees_the_hub_go(arm: Arm) -> None:
    def received() -> set[str]:
        found = arm.network.router("ce1-loc2").received_routes("31", next(iter(neighbors)))
        assert found is not None
        return {str(each.prefix) for each in found.entries}

    neighbors = [each.address for each in arm.network.router("ce1-loc2").bgp_neighbors("31") if each.remote_as == 12076]
    assert "10.10.30.0/24" in received()
    text(arm, f"{GATEWAY}/startSiteFailoverTest", peeringLocation="Seattle")
    assert received() == set()
    assert session(arm, "ce1-loc2", "192.168.31.18") == "Established"


def test_a_link_loses_its_session(arm: Arm) -> None:
    query = {"linkType": "Primary", "circuitTestCategory": "BgpDisconnect"}
    identifier = text(arm, f"{CIRCUIT}/startCircuitLinkFailoverTest", **query)
    assert session(arm, "ce1-loc2", "192.168.31.18") != "Established"
    assert session(arm, "ce2-loc2", "192.168.31.22") == "Established"
    row = arm.rows(
        f"{CIRCUIT}/getCircuitLinkFailoverAllTestsDetails", failoverTestType="LinkFailover", fetchLatest="true"
    )[0]
    assert {each["link"]: each["status"] for each in row["bgpStatus"]} == {
        "Primary": "Disconnected", "Secondary": "Connected",
    }  # fmt: skip
    details = arm.rows(f"{CIRCUIT}/getCircuitLinkFailoverSingleTestDetails", failoverTestId=identifier)[0]
    during = details["redundantRoutes"]["duringSimulation"]
    assert [(each["route"], each.get("primaryASPath"), each["secondaryASPath"]) for each in during] == [
        (FAR_SITE, None, "12076 65021")
    ]
    body = {"circuitTestCategory": "BgpDisconnect", "linkType": "Primary", "wasSimulationSuccessful": True}
    text(arm, f"{CIRCUIT}/stopCircuitLinkFailoverTest", body)
    arm.passes(60)
    assert session(arm, "ce1-loc2", "192.168.31.18") == "Established"


def test_a_link_lengthens_its_paths(arm: Arm) -> None:
    query = {"linkType": "Secondary", "circuitTestCategory": "ASPathPrepend"}
    text(arm, f"{CIRCUIT}/startCircuitLinkFailoverTest", **query)
    paths = {
        row["sourcePeer"]: row["asPath"].count("12076")
        for row in arm.rows(f"{GATEWAY}/getLearnedRoutes")
        if row["network"] == FAR_SITE
    }
    assert paths == {"10.10.30.134": 1, "10.10.30.135": 9}
    text(arm, f"{CIRCUIT}/stopCircuitLinkFailoverTest", {"linkType": "Secondary"})
    assert arm.network.far_end("msee-2-secondary").prepend == 0


@pytest.mark.parametrize(
    ("below", "query", "error"),
    [
        (f"{GATEWAY}/startSiteFailoverTest", {"peeringLocation": "Oslo"}, (400, "InvalidPeeringLocation")),
        (
            "virtualNetworkGateways/remote-er/startSiteFailoverTest", {"peeringLocation": "Washington DC"},
            (400, "FailoverTestNotSupported"),
        ),
        ("virtualNetworkGateways/hub-vpn/startSiteFailoverTest", {}, (400, "OperationNotAllowed")),
        (f"{CIRCUIT}/startCircuitLinkFailoverTest", {"linkType": "Third"}, (400, "InvalidLinkType")),
        (f"{CIRCUIT}/startCircuitLinkFailoverTest", {"linkType": "Primary"}, (400, "InvalidTestCategory")),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_refused(
    untouched: Arm, below: str, query: dict[str, str], error: tuple[int, str]
) -> None:
    assert untouched.error(untouched.start(below, **query)) == error


def test_one_test_at_a_time(arm: Arm) -> None:
    text(arm, f"{GATEWAY}/startSiteFailoverTest", peeringLocation="Seattle")
    again = arm.start(f"{GATEWAY}/startSiteFailoverTest", peeringLocation="Washington DC")
    assert arm.error(again) == (409, "FailoverTestInProgress")


def test_a_test_that_does_not_run_is_not_stopped(arm: Arm) -> None:
    body: Json = {"peeringLocation": "Seattle"}
    assert arm.error(arm.start(f"{GATEWAY}/stopSiteFailoverTest", body)) == (404, "FailoverTestNotFound")


def test_the_service_shows_later_what_azure_has_lost(arm: Arm) -> None:
    arm.network.set_convergence(lost=8, returned=20, shown=30)
    own = "10.2.30.0/25"
    assert own in arm.networks(f"{GATEWAY}/getLearnedRoutes")
    arm.network.set_link("expressroute-1-primary", state="down")
    lost = arm.network.now
    arm.passes(lost + 37 - arm.network.now)
    assert own in arm.networks(f"{GATEWAY}/getLearnedRoutes")
    arm.passes(30)
    assert own not in arm.networks(f"{GATEWAY}/getLearnedRoutes")


def test_whoever_waits_for_a_request_is_told_of_those_that_are_carried_out(arm: Arm) -> None:
    asked: list[str] = []
    arm.network.on_request.append(asked.append)
    arm.happens(
        f"azure: [{{operation: {GATEWAY}/getLearnedRoutes, answer: {{status: 403, code: AuthorizationFailed}}}}]"
    )
    arm.start(f"{GATEWAY}/getLearnedRoutes")
    arm.start(f"{CIRCUIT}/startCircuitLinkFailoverTest", linkType="Primary", circuitTestCategory="BgpDisconnect")
    assert asked == [f"POST {CIRCUIT}/startCircuitLinkFailoverTest"]


def test_a_link_stays_in_its_test_until_somebody_stops_it(arm: Arm) -> None:
    query = {"linkType": "Primary", "circuitTestCategory": "BgpDisconnect"}
    text(arm, f"{CIRCUIT}/startCircuitLinkFailoverTest", **query)
    arm.passes(86400)
    assert session(arm, "ce1-loc2", "192.168.31.18") != "Established"
    rows = arm.rows(
        f"{CIRCUIT}/getCircuitLinkFailoverAllTestsDetails", failoverTestType="LinkFailover", fetchLatest="true"
    )
    assert [row["status"] for row in rows] == ["Running"]
