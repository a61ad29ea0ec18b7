"""Figures that can be compared: ratios within one run, medians, fitted growth, and the bars that they have to hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Size = Literal["small", "full"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and what it may be at most or at least; `limit` None: told, not judged."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def held(self) -> bool:
        """Whether the limit is kept."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "value": _short(self.value), "unit": self.unit, "limit": self.limit,
                "at_least": self.at_least, "held": self.held}  # fmt: skip

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"  ({'>=' if self.at_least else '<='} {self.limit:g})"
        mark = "" if self.held else "  MISSED"
        return f"  {self.name:<72} {_short(self.value):>9g} {self.unit}{limit}{mark}"


@dataclass(slots=True)
class Part:
    """What one part of the benchmark found. `measured` is every run as it was, for whoever doubts a median."""

    name: str
    bars: list[Bar] = field(default_factory=list)
    measured: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        measured = [
            {key: _short(value) if isinstance(value, float) else value for key, value in each.items()}
            for each in self.measured
        ]
        return {"name": self.name, "bars": [bar.to_json() for bar in self.bars], "measured": measured}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def alternated(rounds: int, kinds: Mapping[str, Callable[[], dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Run each kind in turn, `rounds` times, so that whatever the machine does meanwhile hits them alike."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        names = list(kinds)
        for kind in names if turn % 2 == 0 else reversed(names):
            found[kind].append(kinds[kind]())
    return found


def middle(runs: Sequence[Mapping[str, Any]], what: str = "wall") -> float:
    """The median of one figure."""
    return float(median(each[what] for each in runs))


def ratio(
    above: Sequence[Mapping[str, Any]],
    below: Sequence[Mapping[str, Any]],
    what: str = "wall",
    than: str | None = None,
) -> float:
    """The median of the ratios of runs that followed one another; `than`: the figure of `below`, if it is another."""
    return float(median(one[what] / other[than or what] for one, other in zip(above, below, strict=True)))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """How the cost that is added grows with the size that is added: 1 is linear, whatever the cost of beginning is.

    The least squares of the logarithms over the differences to the smallest size. Raises ValueError for less than
    three sizes.
    """
    if len(sizes) < 3 or len(sizes) != len(costs):
        raise ValueError("three sizes at least")
    points = [
        (math.log(size - sizes[0]), math.log(max(cost - costs[0], 1e-9)))
        for size, cost in zip(sizes[1:], costs[1:], strict=True)
    ]
    x, y = (sum(each) / len(points) for each in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
