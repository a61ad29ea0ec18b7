"""Azure's own failover tests: of a gateway's peering location, and of one link of a circuit.

They change the network, and last until someone stops them: nothing else ends them.

Source: https://learn.microsoft.com/azure/expressroute/resiliency-validation and the models of azure-mgmt-network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import PRIVATE
from pytest_azinterop.lab.arm.messages import ArmError
from pytest_azinterop.lab.arm.routing import PATHS
from pytest_azinterop.lab.arm.store import guid

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json

PHASE = 10.0
"""Simulated seconds that a test is starting, and stopping."""
SITE, LINK = "SingleSiteFailover", "LinkFailover"
CATEGORIES = ("BgpDisconnect", "ASPathPrepend")
PREPENDED = 8
SITES = 2
"""Peering locations that a gateway needs for a test of one of them."""


@dataclass(slots=True)
class Test:
    """One failover test of a gateway (``place`` is a peering location) or a circuit (``place`` is a link)."""

    id: str
    subject: str
    place: str
    category: str
    started: float
    before: dict[str, Json]
    """Routes by prefix, as they were."""
    stopped: float | None = None
    during: dict[str, Json] = field(default_factory=dict)
    stated: Json = field(default_factory=dict)
    """What whoever stopped it said about its outcome."""

    def status(self, now: float) -> str:
        """``Starting``, ``Running``, ``Stopping`` or ``Completed``."""
        if self.stopped is None:
            return "Starting" if now < self.started + PHASE else "Running"
        return "Stopping" if now < self.stopped + PHASE else "Completed"


class FailoverTests:
    """All tests of a lab, the running ones and those before."""

    def __init__(self, routing: Routing) -> None:
        self._routing, self._fabric, self._network = routing, routing.fabric, routing.network
        self._tests: list[Test] = []

    def _running(self, subject: str) -> Test | None:
        return next((each for each in self._tests if each.subject == subject and each.stopped is None), None)

    def _stamp(self, at: float | None) -> str | None:
        return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    # -- a gateway's peering location

    def _locations(self, gateway: str) -> dict[str, list[str]]:
        """Connections by peering location."""
        found: dict[str, list[str]] = {}
        for endpoint in self._routing.endpoints(gateway):
            location = self._routing.file.circuits[endpoint.circuit].peering_location
            names = found.setdefault(location, [])
            if endpoint.connection not in names:
                names.append(endpoint.connection)
        return found

    def check_site(self, gateway: str, location: str | None) -> str:
        """The location, spelled as Azure spells it. Raises ArmError when a test cannot start."""
        known = self._locations(gateway)
        found = next((each for each in known if each.lower() == (location or "").lower()), None)
        if found is None:
            raise ArmError(400, "InvalidPeeringLocation", f"{location} is none of {', '.join(known)}.")
        if len(known) < SITES:
            raise ArmError(400, "FailoverTestNotSupported", f"{gateway} has circuits in one peering location only.")
        self._not_running(gateway)
        return found

    def _not_running(self, subject: str) -> None:
        running = self._running(subject)
        if running is not None:
            raise ArmError(409, "FailoverTestInProgress", f"The failover test {running.id} is still running.")

    def _places(self, gateway: str) -> dict[str, Json]:
        """Peering locations by prefix."""
        found: dict[str, Json] = {}
        for endpoint in self._routing.endpoints(gateway):
            location = self._routing.file.circuits[endpoint.circuit].peering_location
            for route in self._routing.from_msee(gateway, endpoint):
                found.setdefault(str(route.prefix), {})[location] = True
        return found

    def start_site(self, gateway: str, location: str) -> str:
        """Disconnect a gateway from every circuit in a location."""
        test = self._add(gateway, location, "", self._places(gateway))
        self._fabric.disconnected |= set(self._locations(gateway)[location])
        self._fabric.apply()
        return test.id

    def stop_site(self, gateway: str, body: Json) -> str:
        """End it. Raises ArmError when none runs."""
        test = self._stop(gateway, body, str(body.get("peeringLocation")))
        self._fabric.disconnected -= set(self._locations(gateway)[test.place])
        self._fabric.apply()
        return "Failover test stopped."

    def _add(self, subject: str, place: str, category: str, before: dict[str, Json]) -> Test:
        now = self._network.now
        test = Test(guid(f"{subject} {place} {len(self._tests)}"), subject, place, category, now, before)
        self._tests.append(test)
        return test

    def _stop(self, subject: str, body: Json, place: str) -> Test:
        test = self._running(subject)
        if test is None or test.place.lower() != place.lower():
            raise ArmError(404, "FailoverTestNotFound", f"No failover test of {place} is running on {subject}.")
        test.stopped, test.stated = self._network.now, body
        return test

    def site_tests(self, gateway: str) -> list[Json]:
        """``getFailoverAllTestsDetails``."""
        return [self._site_row(each) for each in self._tests if each.subject == gateway]

    def _site_row(self, test: Test) -> Json:
        names = self._locations(test.subject).get(test.place, [])
        store, file = self._routing.store, self._routing.file
        circuits = {name: file.expressroute_connections[name].circuit for name in names}
        return {
            **self._common(test, SITE),
            "peeringLocation": test.place,
            "circuits": [
                {"nrpResourceUri": store.id(f"expressRouteCircuits/{circuit}"), "name": circuit, "connectionName": name}
                for name, circuit in circuits.items()
            ],
            "connections": [
                {
                    "nrpResourceUri": store.id(f"connections/{name}"),
                    "name": name,
                    "status": "Connected" if self._fabric.carries(name) else "Disconnected",
                    "lastUpdatedTime": self._stamp(test.stopped or test.started),
                }
                for name in names
            ],
        }

    def _common(self, test: Test, kind: str) -> Json:
        return {
            "status": test.status(self._network.now),
            "startTime": self._stamp(test.started),
            "endTime": self._stamp(test.stopped),
            "testGuid": test.id,
            "testType": kind,
            "issues": [],
        }

    def site_test(self, gateway: str, identifier: str | None) -> list[Json]:
        """``getFailoverSingleTestDetails``."""
        rows = []
        for test in self._tests:
            if test.subject != gateway or test.id != identifier:
                continue
            others = {prefix: sorted(set(places) - {test.place}) for prefix, places in test.before.items()}
            lost = [prefix for prefix, places in others.items() if not places]
            sets: dict[tuple[str, ...], list[str]] = {}
            for prefix, places in others.items():
                if places:
                    sets.setdefault(tuple(places), []).append(prefix)
            rows.append(
                {
                    "peeringLocation": test.place,
                    "status": test.status(self._network.now),
                    "startTimeUtc": self._stamp(test.started),
                    "endTimeUtc": self._stamp(test.stopped),
                    "redundantRoutes": [
                        {"peeringLocations": list(places), "routes": routes} for places, routes in sets.items()
                    ],
                    "nonRedundantRoutes": lost,
                    "wasSimulationSuccessful": bool(test.stated.get("wasSimulationSuccessful", False)),
                    "failoverConnectionDetails": test.stated.get("details") or [],
                }
            )
        return rows

    # -- a circuit's link

    def check_link(self, circuit: str, link: str | None, category: str | None) -> None:
        """Raises ArmError when a test cannot start."""
        if PRIVATE not in self._routing.file.circuits[circuit].peerings:
            raise ArmError(400, "FailoverTestNotSupported", f"{circuit} has no private peering.")
        if (link or "").lower() not in PATHS:
            raise ArmError(400, "InvalidLinkType", f"{link} is neither Primary nor Secondary.")
        if category not in CATEGORIES:
            raise ArmError(400, "InvalidTestCategory", f"{category} is none of {', '.join(CATEGORIES)}.")
        self._not_running(circuit)

    def _link_routes(self, circuit: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for path, name in zip(PATHS, ("primaryASPath", "secondaryASPath"), strict=True):
            msee = self._routing.msee(circuit, PRIVATE, path)
            for route in msee.routes():
                if not route.local:
                    row = found.setdefault(str(route.prefix), {"route": str(route.prefix)})
                    row.setdefault("nextHop", str(route.next_hop))
                    row[name] = " ".join(str(each) for each in (12076,) * (1 + msee.prepend) + route.as_path)
        return found

    def start_link(self, circuit: str, link: str, category: str) -> str:
        """End the BGP session of one link with the edge router, or lengthen the AS paths over it."""
        test = self._add(circuit, link.capitalize(), category, self._link_routes(circuit))
        self._disturb(test, active=True)
        test.during = self._link_routes(circuit)
        return test.id

    def stop_link(self, circuit: str, body: Json) -> str:
        """End it. Raises ArmError when none runs."""
        self._disturb(self._stop(circuit, body, str(body.get("linkType"))), active=False)
        return "Failover test stopped."

    def _disturb(self, test: Test, *, active: bool) -> None:
        number = PATHS.index(test.place.lower())
        if test.category == CATEGORIES[0]:
            changed = self._fabric.isolated | {(test.subject, number)}
            self._fabric.isolated = changed if active else changed - {(test.subject, number)}
            self._fabric.apply()
            return
        far_end = self._routing.file.circuits[test.subject].peerings[PRIVATE][number]
        self._network.set_far_end(far_end, prepend=PREPENDED if active else 0)

    def link_tests(self, circuit: str) -> list[Json]:
        """``getCircuitLinkFailoverAllTestsDetails``."""
        return [
            {
                **self._common(each, LINK),
                "wasSimulationSuccessful": bool(each.stated.get("wasSimulationSuccessful", False)),
                "circuitTestCategory": each.category,
                "linkType": each.place,
                "bgpStatus": self._bgp(circuit),
            }
            for each in self._tests
            if each.subject == circuit
        ]

    def _bgp(self, circuit: str) -> list[Json]:
        rows = []
        for path in PATHS:
            peers = self._routing.msee(circuit, PRIVATE, path).peers()
            up = bool(peers) and peers[0].up_for is not None
            rows.append(
                {
                    "type": "IPv4",
                    "link": path.capitalize(),
                    "status": "Connected" if up else "Disconnected",
                    "checkTimeUtc": self._stamp(self._network.now),
                }
            )
        return rows

    def link_test(self, circuit: str, identifier: str | None) -> list[Json]:
        """``getCircuitLinkFailoverSingleTestDetails``: a route is redundant if it was there during the test too."""
        rows = []
        for test in self._tests:
            if test.subject == circuit and test.id == identifier:
                kept = [prefix for prefix in test.before if prefix in test.during]
                lost = [prefix for prefix in test.before if prefix not in test.during]
                rows.append(
                    {
                        "status": test.status(self._network.now),
                        "startTimeUtc": self._stamp(test.started),
                        "endTimeUtc": self._stamp(test.stopped),
                        "linkType": test.place,
                        "circuitTestCategory": test.category,
                        "wasSimulationSuccessful": bool(test.stated.get("wasSimulationSuccessful", False)),
                        "redundantRoutes": _routes(test, kept),
                        "nonRedundantRoutes": _routes(test, lost),
                        "bgpStatus": self._bgp(circuit),
                    }
                )
        return rows


def _routes(test: Test, prefixes: list[str]) -> Json:
    return {
        "beforeSimulation": [test.before[prefix] for prefix in prefixes],
        "duringSimulation": [test.during[prefix] for prefix in prefixes if prefix in test.during],
    }
