"""What Azure says about the resiliency of an ExpressRoute gateway: which prefixes come over which circuit and link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json

FULL = {"Redundant circuits": 40, "Route resiliency": 40, "Resiliency validation": 20}


def _times(routing: Routing) -> Json:
    now = datetime.fromtimestamp(routing.network.now, UTC).replace(microsecond=0)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "lastComputedTime": now.strftime(stamp),
        "nextEligibleComputeTime": (now + timedelta(hours=1)).strftime(stamp),
    }


def _presence(routing: Routing, gateway: str) -> dict[str, dict[str, set[str]]]:
    """Paths (``primary``, ``secondary``) by prefix and circuit."""
    found: dict[str, dict[str, set[str]]] = {}
    for endpoint in routing.endpoints(gateway):
        for route in routing.from_msee(gateway, endpoint):
            found.setdefault(str(route.prefix), {}).setdefault(endpoint.circuit, set()).add(endpoint.path)
    return found


def routes_information(routing: Routing, gateway: str) -> Json:
    """``getRoutesInformation``: prefixes that come over the same circuits are one set."""
    presence = _presence(routing, gateway)
    sets: dict[tuple[str, ...], list[str]] = {}
    for prefix, over in presence.items():
        sets.setdefault(tuple(sorted(over)), []).append(prefix)
    circuits = sorted({each.circuit for each in routing.endpoints(gateway)})
    return {
        **_times(routing),
        "routeSetVersion": "1",
        "routeSets": [
            {
                "name": f"RouteSet-{number}",
                "locations": sorted({routing.file.circuits[each].peering_location for each in names}),
                "details": {
                    prefix: [
                        {
                            "circuit": routing.store.id(f"expressRouteCircuits/{name}"),
                            "pri": "1" if "primary" in presence[prefix][name] else "0",
                            "sec": "1" if "secondary" in presence[prefix][name] else "0",
                        }
                        for name in names
                    ]
                    for prefix in sorted(prefixes)
                },
            }
            for number, (names, prefixes) in enumerate(sorted(sets.items()), 1)
        ],
        "circuitsMetadataMap": {
            routing.store.id(f"expressRouteCircuits/{name}"): {
                "name": name,
                "link": routing.store.id(f"expressRouteCircuits/{name}"),
                "location": routing.file.circuits[name].peering_location,
            }
            for name in circuits
        },
    }


def resiliency_information(routing: Routing, gateway: str) -> Json:
    """``getResiliencyInformation``: the score of circuits in several places, and of prefixes on every link."""
    endpoints = [each for each in routing.endpoints(gateway) if each.up]
    places = {routing.file.circuits[each.circuit].peering_location for each in endpoints}
    presence = _presence(routing, gateway)
    links = [len(paths) for circuits in presence.values() for paths in circuits.values()]
    whole = sum(count > 1 for count in links) / len(links) if links else 0.0
    scores = {
        "Redundant circuits": 40 if len(places) > 1 else 20 if places else 0,
        "Route resiliency": int(40 * whole),
        "Resiliency validation": 0,
    }
    return {
        "overallScore": str(sum(scores.values())),
        "scoreChange": "0",
        "minScoreFromRecommendations": str(sum(scores.values())),
        "maxScoreFromRecommendations": str(sum(FULL.values())),
        **_times(routing),
        "components": [
            {
                "name": name,
                "currentScore": str(score),
                "maxScore": str(FULL[name]),
                "recommendations": []
                if score == FULL[name]
                else [{"recommendationTitle": f"Improve: {name}", "recommendationId": name.lower().replace(" ", "-")}],
            }
            for name, score in scores.items()
        ],
    }
