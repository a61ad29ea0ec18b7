"""``show bgp … dampening``: its parameters, and the paths that are not used because of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.formats import as_path, bgp_prefix, clock_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.lab.config.settings import Dampening
    from pytest_azinterop.lab.network.dampening import DampedPath


def dampening_parameters(settings: Dampening) -> list[str]:
    """As IOS prints them: the decay time is that from the highest penalty to the one that suppresses."""
    highest = int(settings.reuse * 2 ** (settings.maximum / settings.half_life))
    decay = int(settings.half_life * 60 * max(0.0, math.log2(highest / settings.suppress))) // 10 * 10
    values = f"{settings.half_life} {settings.reuse} {settings.suppress} {settings.maximum}"
    default = " (DEFAULT)" if values == "15 750 2000 60" else ""
    return [
        f" dampening {values}{default}",
        f"  Half-life time      : {settings.half_life} mins       Decay Time       : {decay} secs",
        f"  Max suppress penalty: {highest:>5}         Max suppress time: {settings.maximum} mins",
        f"  Suppress penalty    : {settings.suppress:>5}         Reuse penalty    : {settings.reuse}",
        "",
    ]


def dampened_paths(paths: Iterable[DampedPath]) -> list[str]:
    """The table."""
    rows = [
        f" *d {bgp_prefix(each.prefix):<19}{text(each.peer):<16}{clock_time(each.reuse_in)} "
        f"{as_path(each.as_path)} {each.origin}"
        for each in paths
    ]
    return ["     Network            From            Reuse    Path", *rows]
