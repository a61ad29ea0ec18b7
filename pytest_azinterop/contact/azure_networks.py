"""Azure's networks, as far as routes tell them apart: prefixes that come over the same paths. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.contact import communities
from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.contact.proposal import Path_, Proposal
    from pytest_azinterop.contact.proposal_path import Carrier
    from pytest_azinterop.contact.typed import Typed
    from pytest_azinterop.intent.models import PrefixSet

    Prefix = IPv4Network | IPv6Network


def name(carriers: Sequence[Carrier], typed: Typed, proposal: Proposal) -> None:
    """Give every carrier its networks: declared ones whose prefixes came over it, then new ones for what is left."""
    left: dict[Prefix, list[Carrier]] = {}
    names: dict[Path_, list[str]] = {carrier.path: [] for carrier in carriers}
    for carrier in carriers:
        known = {key: network for key, network in typed.networks.items() if _came(network, carrier)}
        names[carrier.path] += known
        for prefix in sorted(carrier.received, key=_order):
            if not any(_holds(network, prefix) for network in known.values()):
                left.setdefault(prefix, []).append(carrier)
    together: dict[tuple[Path_, ...], list[Prefix]] = {}
    for prefix in sorted(left, key=_order):
        together.setdefault(tuple(carrier.path for carrier in left[prefix]), []).append(prefix)
    for paths, prefixes in together.items():
        new = "net-" + str(prefixes[0]).replace("/", "-").replace(":", ".")
        customers = {carrier.customer for carrier in carriers if carrier.path in paths}
        where: Path_ = ("networks", new) if len(customers) > 1 else ("customers", min(customers), "networks", new)
        shared = communities.shared(prefixes, [carrier.communities for carrier in carriers if carrier.path in paths])
        plain = [str(prefix) for prefix in prefixes]
        proposal.put(where, {"exactly": plain, "communities": list(shared)} if shared else plain)
        words = ", ".join(str(path[-1]) for path in paths)
        proposal.comment(where, f"guess: one network, since its prefixes come over the same paths ({words}); rename it")
        proposal.ask(f"which Azure network owns {', '.join(map(str, prefixes))}? It is called {new} here")
        for path in paths:
            names[path].append(new)
    _declared(carriers, names, typed, proposal)
    for carrier in carriers:
        proposal.put((*carrier.path, "networks"), names[carrier.path])
        if not names[carrier.path]:
            proposal.ask(f"{carrier.path[-1]}: nothing came over it; which networks are reached by it?")


def _declared(
    carriers: Sequence[Carrier], names: Mapping[Path_, Sequence[str]], typed: Typed, proposal: Proposal
) -> None:
    """The communities of declared networks: added where their block can take them, else asked about."""
    for place, network in typed.networks_by_path():
        reached = [carrier.communities for carrier in carriers if place[-1] in names[carrier.path]]
        shared = communities.shared((*network.exactly, *network.at_least), reached)
        if not shared or network.communities:
            continue
        if typed.is_mapping(place):
            proposal.put((*place, "communities"), list(shared))
            proposal.comment((*place, "communities"), "guess: they are meant, since each prefix carries them")
        else:
            words = ", ".join(f'"{each}"' for each in shared)
            proposal.ask(
                f"prefixes of {place[-1]} come over ExpressRoute with {words}: are they meant? `communities` of the "
                "network says so"
            )


def _came(network: PrefixSet, carrier: Carrier) -> bool:
    """Whether what the network must have came, of the address families that the carrier has."""
    required = [each for each in (*network.exactly, *network.at_least) if each.version in carrier.versions]
    if required:
        return all(prefix in carrier.received for prefix in required)
    return any(lies_in(prefix, space) for prefix in carrier.received for space in network.within)


def _holds(network: PrefixSet, prefix: Prefix) -> bool:
    required = (*network.exactly, *network.at_least)
    return prefix in required or any(lies_in(prefix, space) for space in network.within)


def _order(prefix: Prefix) -> tuple[int, int, int]:
    return prefix.version, int(prefix.network_address), prefix.prefixlen
