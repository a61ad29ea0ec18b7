"""Both sides prefer the same path: for each pair of prefixes the site's choice and Azure's as one verdict.

A pair is healthy when packets pass over the most preferred role that brings the network, in both directions. What
stands between two firewalls, or is shaped per path, breaks on anything else. Source:
https://learn.microsoft.com/azure/expressroute/expressroute-asymmetric-routing
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.own_prefixes import lead_to_lan
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import azure_choice, site_choice
from pytest_azinterop.verify.sides.view import SidesView
from pytest_azinterop.verify.text import prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.sides import ExpectedSides
    from pytest_azinterop.verify.finding import Finding, Severity
    from pytest_azinterop.verify.sides.choice import Choice
    from pytest_azinterop.verify.sides.observed import ObservedSides

    Prefix = IPv4Network | IPv6Network

_RULE = "sides.path"
_SHOWN = 4  # places of one way that a message names


@dataclass(frozen=True, slots=True)
class Pair:
    """A prefix of the site, one of Azure, and what each side chooses between them, at every place that decides."""

    own: Prefix
    theirs: Prefix
    network: str
    over: str
    to_azure: tuple[Choice, ...]
    from_azure: tuple[Choice, ...]

    @property
    def is_healthy(self) -> bool:
        """Both sides choose what is wanted, everywhere."""
        return all(each.is_wanted for each in (*self.to_azure, *self.from_azure))

    @property
    def verdict(self) -> str:
        """`symmetric over ROLE`, `asymmetric` or `broken`."""
        every = (*self.to_azure, *self.from_azure)
        if not all(each.arrives for each in every):
            return "broken"
        roles = {each.role for each in every}
        if len(roles) == 1 and not self._on_other_circuits:
            return f"symmetric over {roles.pop()}"
        return "asymmetric"

    @property
    def _on_other_circuits(self) -> bool:
        """One role, but packets from Azure may take a circuit or connection that those to Azure do not."""
        there = frozenset().union(*(each.carriers for each in self.to_azure))
        back = frozenset().union(*(each.carriers for each in self.from_azure))
        return bool(there and back and not back <= there)


def path(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """Between each prefix of the site and each of Azure's, packets pass over the same, most preferred path both ways.

    Judged for every router that can know the preferred role, and every place of the network that can be asked; what is
    inside a declared prefix and has a route of its own is a pair of its own. One finding per cause. What then does not
    get from a router to the LAN is told as `site.own-prefixes` tells it.
    """
    view = SidesView(expected, observed)
    if not view.site.active_routers():
        return [
            subject.of_site(expected.site).finding(
                _RULE,
                "number of Established sessions is 0, expected at least one",
                cause="no-session",
                evidence=[router.table.source for router in observed.routers.routers],
            )
        ]
    groups: dict[_Key, list[Pair]] = defaultdict(list)
    judged = 0
    for pair in pairs(view):
        judged += 1
        if not pair.is_healthy:
            groups[_key(pair)].append(pair)
    if not judged:
        evidence.undetermined("no pair of prefixes of the site and of Azure is declared", "not-collected")
    return [
        *(_finding(expected, key, found) for key, found in groups.items()),
        *lead_to_lan(expected.site, observed.routers),
    ]


def pairs(view: SidesView) -> Iterator[Pair]:
    """Every pair of a prefix of the site and one of a network that it reaches, with both sides' choices."""
    for network in view.expected.networks:
        if not network.over:
            continue
        routers = site_choice.deciding(view, network)
        there = {
            destination: tuple(site_choice.choose(view, router, destination, network) for router in routers)
            for prefix in _sorted(network.prefixes)
            for destination in site_choice.destinations(view, network, prefix)
        }
        back = {
            destination: tuple(
                azure_choice.choose(view, network, place, destination) for place in azure_choice.places(network)
            )
            for prefix in _sorted(view.expected.announced_to(network))
            for destination in azure_choice.destinations(view, network, prefix)
        }
        for own, from_azure in back.items():
            for theirs, to_azure in there.items():
                if own.version == theirs.version:
                    yield Pair(own, theirs, network.name, network.over[0], to_azure, from_azure)


def _sorted(prefixes: frozenset[Prefix]) -> list[Prefix]:
    return sorted(prefixes, key=lambda each: (each.version, int(each.network_address), each.prefixlen))


@dataclass(frozen=True, slots=True)
class _Key:
    """What makes pairs one block: the same verdict for the same reason."""

    verdict: str
    over: str
    cause: str
    there: tuple[str, ...]
    back: tuple[str, ...]
    likely: str


def _key(pair: Pair) -> _Key:
    wrong_there = [each for each in pair.to_azure if not each.is_wanted]
    wrong_back = [each for each in pair.from_azure if not each.is_wanted]
    first = (wrong_there or wrong_back)[0]
    if wrong_there and wrong_back and pair.verdict.startswith("symmetric"):
        cause = "both-less-preferred"
    else:
        cause = first.cause or "site-less-preferred"
    reasons = [*_reasons("the site", wrong_there), *_reasons("Azure", wrong_back)]
    return _Key(
        pair.verdict,
        pair.over,
        cause,
        tuple(dict.fromkeys(_way(each) for each in pair.to_azure)),
        tuple(dict.fromkeys(_way(each) for each in pair.from_azure)),
        "; ".join(reasons),
    )


def _way(choice: Choice) -> str:
    return choice.role if choice.role is not None and choice.arrives else choice.words


def _reasons(side: str, wrong: list[Choice]) -> Iterator[str]:
    """Who chooses wrongly, or has no choice, and why; a router that only follows another one of them is not told
    again.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for each in [choice for choice in wrong if choice.follows is None] or wrong:
        does = "has no choice" if (each.cause or "").endswith("-missing") else "chooses wrongly"
        places.setdefault((does, _reason(each)), []).append(each.place)
    for (does, reason), names in places.items():
        yield f"{side} ({some(dict.fromkeys(names))}) {does}: {reason}"


def _reason(choice: Choice) -> str:
    told = RULES[_RULE].causes[choice.cause or "site-less-preferred"]
    return f"{told} ({choice.reason})" if choice.reason else told


def _finding(expected: ExpectedSides, key: _Key, found: list[Pair]) -> Finding:
    there, back = _ways(found, "to_azure"), _ways(found, "from_azure")
    own = prefix_list(pair.own for pair in found)
    theirs = prefix_list(pair.theirs for pair in found)
    wrong = [each for pair in found for each in (*pair.to_azure, *pair.from_azure) if not each.is_wanted]
    others = [each for pair in found[:1] for each in (*pair.to_azure, *pair.from_azure) if each.is_wanted]
    severity: Severity | None = None if key.verdict in ("broken", "asymmetric") else "high"
    return subject.of_site(expected.site).finding(
        _RULE,
        f"traffic between {own} and {theirs} is {key.verdict}: to Azure {there}, from Azure {back}, "
        f"expected over {key.over} both ways",
        cause=key.cause,
        evidence=[source for each in (*wrong[:4], *others) for source in each.evidence[:1]],
        likely=key.likely,
        next_command=wrong[0].next_command,
        severity=severity,
    )


def _ways(found: list[Pair], direction: str) -> str:
    choices: list[Choice] = [each for pair in found for each in getattr(pair, direction)]
    return ways(choices)


def ways(choices: Iterable[Choice]) -> str:
    """Each way once, with the places that choose it."""
    details: dict[str, dict[str, None]] = {}
    for each in choices:
        details.setdefault(each.way, {})[each.detail] = None
    return " and ".join(f"{way} ({'; '.join(_few(each))})" for way, each in details.items())


def _few(details: dict[str, None]) -> list[str]:
    """The first few of a long list, and how many more there are."""
    every = list(details)
    return every if len(every) <= _SHOWN else [*every[:_SHOWN], f"{len(every) - _SHOWN} more"]
