"""Names that are used and not defined, and objects that are defined and not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify.lint import names, reading
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration


def undefined(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Every use of a name that no line defines, one finding for each use.

    Raises UndeterminedError where such a name is merely not in the supplied text.
    """
    config = observed.config
    found = []
    for use in names.undefined(config):
        reading.absent(config, f"{use.kind} {clean(use.name)}")
        where = "" if use.line is use.section else f" below `{clean(use.section.text)}`"
        rule, cause = use.rule, use.cause
        if rule == "lint.undefined-neighbor-map":
            bound = _bound(config, use.name, cause)
            if bound:
                where += f" (in effect on {some(bound)})"
            else:
                rule, cause = "lint.undefined-reference", "bgp"
        found.append(
            reading.named(expected.router, use.kind, use.name).finding(
                rule,
                f"definition is missing on the device, expected one for `{clean(use.line.text)}`{where}",
                cause=cause,
                evidence=reading.at(config, use.line),
                next_command=f"show running-config | include {clean(use.name)}",
            )
        )
    return reading.judged(config, found, "whether every name is defined")


def _bound(config: RunningConfig, name: str, direction: str) -> list[str]:
    """The neighbors on which a route-map is in effect: one of a peer-group may be replaced by the neighbor's own."""
    neighbors = () if config.bgp is None else config.bgp.neighbors
    return list(
        dict.fromkeys(
            str(each.address)
            for each in neighbors
            if name == (each.route_map_in if direction == "inbound" else each.route_map_out)
        )
    )


def unused(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Policy and crypto objects that stand in no other line. Anything that could be a use counts as one."""
    config = observed.config
    found = []
    for kind, name, line in names.unused(config):
        reading.absent(config, f"a use of {kind} {clean(name)}")
        found.append(
            reading.named(expected.router, kind, name).finding(
                "lint.unused",
                "use is none, expected one or no such object",
                cause="never-used",
                evidence=reading.at(config, line),
                next_command=f"show running-config | include {clean(name)}",
            )
        )
    return reading.judged(config, found, "whether every object is used")
