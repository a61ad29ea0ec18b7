"""The BGP decision in IOS-XE's order (Cisco document 13753)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.bgp_records import Confederate
from pytest_azinterop.lab.network.routes import Path, path_length

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_azinterop.lab.config.addresses import IpAddress

_ORIGINS = {"i": 0, "e": 1, "?": 2}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the comparison depends on besides the paths. ``igp_metrics`` by next hop."""

    default_local_preference: int
    igp_metrics: Mapping[IpAddress, int | None]
    compare_routerid: bool = False
    always_compare_med: bool = False


def best_path(paths: Sequence[Path], decision: Decision) -> Path | None:
    """The best of the valid paths given; None without any. The result does not depend on their order."""
    ranked = sorted(paths, key=lambda path: (path.received_at, int(path.peer)))
    best: Path | None = None
    for path in ranked:
        if best is None or _better(path, best, decision):
            best = path
    return best


def _better(new: Path, best: Path, decision: Decision) -> bool:
    for mine, theirs in zip(_policy_rank(new, decision), _policy_rank(best, decision), strict=True):
        if mine != theirs:
            return mine < theirs
    if decision.always_compare_med or _neighbor_as(new) == _neighbor_as(best):
        mine, theirs = new.attributes.med or 0, best.attributes.med or 0
        if mine != theirs:
            return mine < theirs
    mine, theirs = _distance_rank(new, decision), _distance_rank(best, decision)
    if mine != theirs:
        return mine < theirs
    ids = new.attributes.originator or new.router_id, best.attributes.originator or best.router_id
    if new.kind == best.kind == "external" and not decision.compare_routerid and ids[0] != ids[1]:
        return new.received_at < best.received_at
    return _final_rank(new) < _final_rank(best)


def _policy_rank(path: Path, decision: Decision) -> tuple[int, ...]:
    attributes = path.attributes
    preference = attributes.local_preference
    return (
        -attributes.weight,
        -(decision.default_local_preference if preference is None else preference),
        0 if path.kind == "local" else 1,
        path_length(attributes.as_path),
        _ORIGINS[attributes.origin],
    )


def _neighbor_as(path: Path) -> object:
    return next((part for part in path.attributes.as_path if not isinstance(part, Confederate)), None)


def _distance_rank(path: Path, decision: Decision) -> int:
    metric = decision.igp_metrics.get(path.attributes.next_hop)
    return (0 if path.kind not in ("internal", "confederate") else 1 << 40) + (metric or 0)


def _final_rank(path: Path) -> tuple[int, int, int]:
    attributes = path.attributes
    return (int(attributes.originator or path.router_id), len(attributes.clusters), int(path.peer))
