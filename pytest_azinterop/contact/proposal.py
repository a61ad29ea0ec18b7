"""From what routers say to an intent that could be accepted: what was read, what is guessed, what only policy knows.

Pure. Guesses stand as comments above what they explain; questions are what no router can answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_azinterop.contact import azure_networks, places, proposal_bfd, proposal_lan, proposal_path, proposal_upkeep
from pytest_azinterop.contact.discovery_facts import MOST_PREFIXES, brought_by_microsoft
from pytest_azinterop.contact.typed import without

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_azinterop.contact.places import Place
    from pytest_azinterop.contact.sightings import SeenRouter, SeenSession
    from pytest_azinterop.contact.typed import Typed

Path_ = tuple[str, ...]
Place_ = tuple[str | int, ...]  # a path that may end on an item of a list
_ORDER = (
    *(
        "version",
        "defaults",
        "vrf",
        "route_distinguisher",
        "networks",
        "circuits",
        "connections",
        "asn",
        "sites",
        "routers",
    ),
    *("customers", "prefixes", "lan", "expressroute", "vpn", "internal"),
)


@dataclass(slots=True)
class Proposal:
    """Blocks of an intent. `comments` are the lines above a key or an item, by its path."""

    tree: dict[str, Any] = field(default_factory=dict)
    comments: dict[Place_, list[str]] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, path: Path_, value: object) -> None:
        """Say a value, or fill a mapping that is there."""
        here = self.tree
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = value

    def append(self, path: Path_, item: dict[str, Any], comment: str | None = None) -> None:
        """One more item of a list."""
        here = self.tree
        for step in path[:-1]:
            here = here.setdefault(step, {})
        items = here.setdefault(path[-1], [])
        if comment is not None:
            self.comment((*path, len(items)), comment)
        items.append(item)

    def comment(self, path: Place_, words: str) -> None:
        """A line above a key or an item."""
        told = self.comments.setdefault(path, [])
        if words not in told:
            told.append(words)

    def ask(self, question: str) -> None:
        """What only somebody who knows the policy can say."""
        if question not in self.questions:
            self.questions.append(question)


def propose(routers: Sequence[SeenRouter], typed: Typed) -> Proposal:
    """Blocks for everything that the typed intent does not cover."""
    proposal = Proposal()
    found = list(places.places(routers, typed))
    covered = _covered(typed)
    new = []
    for place in found:
        missing = [session for session in place.sessions if places.is_azure(session) and _id(session) not in covered]
        if len(missing) == sum(map(places.is_azure, place.sessions)):
            new.append(place)
        else:
            for session in missing:
                proposal.ask(
                    f"{_words(session)} stands in no block of the intent ({session.why}): "
                    f"does it belong to customer {place.customer} at {place.site}?"
                )
    carriers = [carrier for place in new for carrier in proposal_path.carriers(place, typed, proposal)]
    azure_networks.name(carriers, typed, proposal)
    for place in new:
        _place(place, typed, proposal)
    _routers(new, typed, proposal)
    _unknown_roles(routers, proposal)
    proposal.tree = _ordered(without(proposal.tree, typed.tree))
    if proposal.tree:
        proposal.tree = {"version": 1, **proposal.tree}
    return proposal


def _ordered(tree: dict[str, Any]) -> dict[str, Any]:
    """The keys of blocks in the order in which an intent is read; of everything else as they are."""
    known = [key for key in _ORDER if key in tree]
    rest = [key for key in tree if key not in _ORDER]
    inner = {key: _ordered(value) if isinstance(value, dict) else value for key, value in tree.items()}
    return {key: inner[key] for key in ((*known, *rest) if known else rest)}


def _covered(typed: Typed) -> set[tuple[str, str | None, str]]:
    sessions = typed.expectations.sessions if typed.expectations is not None else ()
    return {(each.router, each.vrf, str(each.neighbor)) for each in sessions}


def _id(session: SeenSession) -> tuple[str, str | None, str]:
    return session.router, session.vrf, str(session.neighbor.address)


def _words(session: SeenSession) -> str:
    table = "the global table" if session.vrf is None else f"VRF {session.vrf}"
    return f"{session.router}: neighbor {session.neighbor.address} (AS {session.neighbor.remote_as}) in {table}"


def _place(place: Place, typed: Typed, proposal: Proposal) -> None:
    """The customer at the site, but for its paths."""
    customer: Path_ = ("customers", place.customer)
    at: Path_ = (*customer, "sites", place.site)
    proposal.put((*customer, "vrf"), place.vrf)
    if typed.customer_of(place.vrf) is None:
        table = "the global table" if place.vrf is None else f"VRF {place.vrf}"
        proposal.comment(customer, f"guess: one customer per VRF; rename it as you call the customer of {table}")
    distinguishers = {
        vrf.route_distinguisher for each in place.routers for vrf in each.known.vrfs if vrf.name == place.vrf
    }
    if len(distinguishers) == 1 and None not in distinguishers:
        proposal.put((*customer, "route_distinguisher"), distinguishers.pop())
    elif len(distinguishers) > 1:
        proposal.ask(f"VRF {place.vrf} has another route distinguisher on each router; is that meant?")
    if place.asn is not None:
        proposal.put(("sites", place.site, "asn"), place.asn)
    names = (
        proposal.tree["sites"].setdefault(place.site, {}).setdefault("routers", []) if "sites" in proposal.tree else []
    )
    names += [router.name for router in place.routers if router.name not in names]
    if not any(typed.site_of(router.name) for router in place.routers):
        proposal.comment(("sites", place.site), "guess: routers with an internal session between them are one site")
    _own_prefixes(place, at, proposal)
    proposal_lan.propose(place, at, proposal)
    for link in place.links:
        comment = None if link.established else "question: this session is not Established; is it meant to be?"
        entry: dict[str, Any] = {
            "routers": list(link.routers),
            "addresses": list(link.addresses),
            "interfaces": list(link.interfaces),
        }
        ends = [session for session in place.sessions if str(session.neighbor.address) in link.addresses]
        detections = [proposal_bfd.of_session(end, typed, proposal) for end in ends]
        if detections and detections[0] is not None and all(each == detections[0] for each in detections):
            entry["bfd"] = detections[0]
        proposal.append((*at, "internal"), entry, comment)
    if len({session.role for session in place.sessions} & {"expressroute", "vpn"}) == 2:
        proposal.ask(
            f"{place.customer} at {place.site}: which networks must survive the loss of the preferred path?"
            " `backup` says so; unset: all that both roles reach"
        )


def _own_prefixes(place: Place, at: Path_, proposal: Proposal) -> None:
    """What the site announces and Azure does not, and the sessions that are announced something else."""
    own = places.own_prefixes(place)
    if own:
        proposal.put((*at, "prefixes"), list(own))
        proposal.comment((*at, "prefixes"), "guess: what is announced to Azure is what the site owns")
    else:
        proposal.ask(f"{place.customer} at {place.site} announces nothing of its own: which `prefixes` does it own?")
    for session in place.sessions:
        if not places.is_azure(session) or not session.neighbor.is_established or session.announced is None:
            continue
        told = tuple(map(str, session.announced))
        leaked = places.leaked_prefixes(place, session)
        if leaked:
            proposal.ask(f"{_words(session)} is announced {', '.join(leaked)}, which Azure owns: left out; a leak?")
        elif set(told) != set(family := places.own_prefixes(place, session.version)):
            shown = ", ".join(family) or "nothing"
            proposal.ask(
                f"{_words(session)} is announced {', '.join(told) or 'nothing'}, the site {shown}"
                ": is that meant? `announce` of the session says so"
            )


def _routers(found: Iterable[Place], typed: Typed, proposal: Proposal) -> None:
    """Proof of being on the right box, and what keeps it running well."""
    routers = list({router.name: router for place in found for router in place.routers}.values())
    proposal_upkeep.propose(routers, typed, proposal)
    for router in routers:
        if router.device is not None:
            if router.device.hostname != router.name:
                proposal.put(("routers", router.name, "hostname"), router.device.hostname)
            proposal.put(("routers", router.name, "serial"), router.device.serial)


def _unknown_roles(routers: Sequence[SeenRouter], proposal: Proposal) -> None:
    for router in routers:
        for session in router.sessions:
            if session.role is None:
                proposal.ask(f"{_words(session)}: what is it for? {session.why}")
        for vrf in router.known.bgp_tables():
            many = len(brought_by_microsoft(router.known, vrf))
            if many > MOST_PREFIXES:
                table = "the global table" if vrf is None else f"VRF {vrf}"
                proposal.notes.append(f"{router.name}: {many} prefixes in {table} were not asked for their communities")
        if router.known.config is None:
            proposal.notes.append(f"{router.name}: the configuration cannot be read; what only it says is missing")
        elif router.known.config.hidden:
            proposal.notes.append(f"{router.name}: the account does not see the whole configuration")
