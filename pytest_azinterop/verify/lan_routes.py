"""Judgements about what the site is told by OSPF: the routes to Azure, and a default route.

The configuration says which process, which route-map and which condition; the process itself says what is in effect.
What an undefined route-map lets through is not known and not guessed: see docs/lint.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.lint.ospf import covers
from pytest_azinterop.verify.policy_config import configured_maps
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedOspf
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.ospf import OspfProcess
    from pytest_azinterop.verify.finding import Finding

Complaint = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class ObservedLanRoutes:
    """The router's configuration, and its OSPF processes as they run."""

    config: RunningConfig
    processes: tuple[OspfProcess, ...]


def redistribution(expected: ExpectedInterface, observed: ObservedLanRoutes) -> list[Finding]:
    """The site is told BGP's routes through a route-map that exists, or none where none are declared."""
    wanted = expected.ospf
    if wanted is None or wanted.redistributes is None:
        return []
    configured = process(expected, observed.config)
    if configured is None:
        return [without_process(expected, observed.config, "lan.redistribution")]
    running = running_process(configured, observed.config, observed.processes)
    line = next((each for each in configured.line.children if re.match(r"redistribute bgp \d", each.text)), None)
    complaints = (
        _present(wanted, configured, running, line, observed.config)
        if wanted.redistributes
        else _absent(configured, running, line)
    )
    return [
        _finding(expected, observed, "lan.redistribution", complaint, running, line or configured.line)
        for complaint in complaints
    ]


def _present(
    wanted: ExpectedOspf,
    configured: reading.OspfProcess,
    running: OspfProcess,
    line: ConfigLine | None,
    config: RunningConfig,
) -> Iterator[Complaint]:
    what = f"redistribution into ospf {configured.number}"
    if line is None:
        reading.absent(config, f"redistribute bgp of ospf {configured.number}")
        others = some(f"{each.protocol} {each.instance or ''}".strip() for each in running.redistributed)
        yield "missing", what, f"of {clean(others)} only" if others else "none", f"of BGP {wanted.asn}"
        return
    asn = line.text.split()[2]
    if asn != str(wanted.asn):
        yield "other-as", what, f"of BGP {clean(asn)}", f"of BGP {wanted.asn}"
        return
    yield from _through(wanted, what, line, config)
    if running.shutdown:
        yield "shutdown", f"ospf {configured.number}", "shut down", "running"
        return
    found = next((each for each in running.redistributed if (each.protocol, each.instance) == ("bgp", asn)), None)
    if found is None:
        yield "not-in-effect", what, "configured, but not run by the process", f"of BGP {wanted.asn}"
    elif not found.subnets:
        yield "no-subnets", what, "of networks with a classful mask only", "of every prefix"


def _through(wanted: ExpectedOspf, what: str, line: ConfigLine, config: RunningConfig) -> Iterator[Complaint]:
    named = re.search(r"\broute-map (\S+)", line.text)
    if named is None:
        if wanted.route_map is not None:
            yield "no-route-map", what, "through no route-map", f"through route-map {wanted.route_map}"
        return
    name = named[1]
    if wanted.route_map is not None and name != wanted.route_map:
        yield "other-route-map", what, f"through route-map {clean(name)}", f"through route-map {wanted.route_map}"
    if name not in {each.name for each in configured_maps(config)}:
        reading.absent(config, f"route-map {name}")
        yield "route-map-undefined", what, f"through route-map {clean(name)}, which is undefined", "a defined one"


def _absent(configured: reading.OspfProcess, running: OspfProcess, line: ConfigLine | None) -> Iterator[Complaint]:
    found = next((each for each in running.redistributed if each.protocol == "bgp"), None)
    if line is not None or found is not None:
        asn = line.text.split()[2] if line is not None else str(found and found.instance)
        yield "unexpected", f"redistribution into ospf {configured.number}", f"of BGP {clean(asn)}", "none of BGP"


def default_route(expected: ExpectedInterface, observed: ObservedLanRoutes) -> list[Finding]:
    """A default route is originated always, while there is one, or not at all: as declared."""
    wanted = expected.ospf
    if wanted is None or wanted.default_route is None:
        return []
    configured = process(expected, observed.config)
    if configured is None:
        return [without_process(expected, observed.config, "lan.default-route")]
    running = running_process(configured, observed.config, observed.processes)
    line = reading.has(configured.line, "default-information originate")
    if line is None:
        reading.absent(observed.config, f"default-information originate of ospf {configured.number}")
    seen = "none" if line is None else "always" if "always" in line.text.split() else "conditional"
    if seen == wanted.default_route:
        return []
    words = {
        "none": "not originated",
        "conditional": "originated while the router has one",
        "always": "always originated",
    }
    cause = "missing" if seen == "none" else "unexpected" if wanted.default_route == "none" else seen
    complaint = (cause, f"default route of ospf {configured.number}", words[seen], words[wanted.default_route])
    return [_finding(expected, observed, "lan.default-route", complaint, running, line or configured.line)]


def process(expected: ExpectedInterface, config: RunningConfig) -> reading.OspfProcess | None:
    """The process that speaks on the interface: by the interface's own line, else by a `network` line, which covers the
    address that the interface has or borrows."""
    port = reading.interface(config, expected.name)
    candidates = [each for each in reading.ospf_processes(config) if each.vrf == expected.vrf]
    if port is not None:
        for line in port.line.children:
            if own := re.match(r"ip ospf (\d+) area ", line.text):
                return next((each for each in candidates if each.number == int(own[1])), None)
        lender = reading.lender(config, expected.name)
        owner = port if lender is None else reading.interface(config, lender)
        if owner is not None and owner.address is not None:
            for process in candidates:
                if any(covers(line, owner.address.ip) for line in process.line.children):
                    return process
    reading.absent(config, f"an OSPF process of {expected.name}")
    return None


def running_process(
    configured: reading.OspfProcess, config: RunningConfig, processes: tuple[OspfProcess, ...]
) -> OspfProcess:
    """The configured process as it runs.

    Raises UndeterminedError where the router shows no process of this number, or it is another VRF's.
    """
    found = next((each for each in processes if each.number == configured.number), None)
    if found is None or found.vrf not in (None, configured.vrf):
        evidence.undetermined(
            f"show ip ospf has no process {configured.number} in the {vrf_words(configured.vrf)}",
            "not-understood",
            found.source if found else config.source,
        )
    return found


def without_process(expected: ExpectedInterface, config: RunningConfig, rule: str) -> Finding:
    """The finding of a rule that has no process to look at."""
    return subject.of_interface(expected).finding(
        rule,
        f"OSPF process of the {vrf_words(expected.vrf)} on the interface is none, expected one",
        cause="no-process",
        evidence=[config.source],
        next_command="show running-config | section router ospf",
    )


def _finding(
    expected: ExpectedInterface,
    observed: ObservedLanRoutes,
    rule: str,
    complaint: Complaint,
    running: OspfProcess,
    line: ConfigLine,
) -> Finding:
    cause, what, seen, wanted = complaint
    return subject.of_interface(expected).finding(
        rule,
        f"{what} is {seen}, expected {wanted}",
        cause=cause,
        evidence=[*reading.at(observed.config, line), running.source],
        next_command=f"show ip ospf {running.number} database external self-originate",
    )
