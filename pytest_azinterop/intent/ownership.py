"""Each prefix and each AS has one owner, and each router a site."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.problem import Problem
from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.models import Customer, CustomerSite, Intent
    from pytest_azinterop.intent.problem import Path

# That of every MSEE, and that of every ExpressRoute gateway:
# https://learn.microsoft.com/azure/expressroute/expressroute-routing
_AZURE: Final = {12076: "every MSEE", 65515: "the gateways"}
_SHOWN: Final = 3
_DIGITS: Final = re.compile(r"\d+")


def shared_prefixes(customer: str, body: Customer) -> Iterator[Problem]:
    """Two sites of a customer own the same prefix, or one a part of the other's, and the intent does not say so.

    A default route is a way out and no property.
    """
    for (first, one), (second, other) in combinations(body.sites.items(), 2):
        for ours in _named(one):
            for theirs in _named(other):
                if not (lies_in(ours, theirs) or lies_in(theirs, ours)):
                    continue
                if any(lies_in(theirs, space) or lies_in(ours, space) for space in body.shared):
                    continue
                part = theirs if lies_in(theirs, ours) else ours
                yield Problem(
                    ("customers", customer, "sites", second, "prefixes"),
                    f"{theirs} overlaps {ours} of site `{first}`; where that is meant (anycast, an aggregate and its "
                    f"part), say `shared: [{part}]` at customer `{customer}`",
                )


def _named(at: CustomerSite) -> list[IPv4Network | IPv6Network]:
    return [each for each in (*at.prefixes.exactly, *at.prefixes.at_least) if each.prefixlen]


def shared_networks(intent: Intent) -> Iterator[Problem]:
    """Two networks that a site reaches have the same prefix: then nobody can say over what it is reached. Networks that
    no site has both of may lie in VRFs of their own, and an aggregate beside its parts is a route of its own."""
    told: dict[Problem, None] = {}
    for name, customer in intent.customers.items():
        known = {**intent.networks, **customer.networks}
        for at in customer.sites.values():
            ends = [intent.circuits.get(path.circuit) for path in at.expressroute]
            ends_of_vpn = [intent.connections.get(vpn.connection) for vpn in at.vpn]
            every = (each for end in (*ends, *ends_of_vpn) if end is not None for each in end.networks if each in known)
            for first, second in combinations(dict.fromkeys(every), 2):
                where: Path = ("networks", second)
                if second in customer.networks:
                    where = ("customers", name, *where)
                ours, theirs = ({*known[each].exactly, *known[each].at_least} for each in (first, second))
                for prefix in sorted(ours & theirs, key=str):
                    told[Problem(where, f"{prefix} is one of network `{first}` as well; each prefix has one owner")] = (
                        None
                    )
    yield from told


def needless_sharing(customer: str, body: Customer) -> Iterator[Problem]:
    """A prefix that is said to be shared is one of at least two sites."""
    for index, space in enumerate(body.shared):
        owners = [
            site for site, at in body.sites.items() if any(lies_in(p, space) or lies_in(space, p) for p in _named(at))
        ]
        if len(owners) < 2:
            whose = f"only site `{owners[0]}` owns" if owners else "no site owns"
            yield Problem(("customers", customer, "shared", index), f"{whose} {space}; remove it here or name it there")


def as_numbers(intent: Intent) -> Iterator[Problem]:
    """A site's AS is that of nobody in Azure: a session between equal ASNs is no eBGP, and the routes of one with an
    AS that is in their path are refused."""
    for site, body in intent.sites.items():
        where: Path = ("sites", site, "asn")
        taken = {each.asn: f"circuit `{name}`" for name, each in intent.circuits.items()}
        taken |= {each.gateway_asn: f"connection `{name}`" for name, each in intent.connections.items()}
        if body.asn in taken:
            yield Problem(where, f"{body.asn} is the ASN of {taken[body.asn]}; a site has one of its own")
        elif body.asn in _AZURE and taken:
            yield Problem(where, f"{body.asn} is the ASN of {_AZURE[body.asn]} in Azure; a site has one of its own")


def routers_without_site(intent: Intent) -> Iterator[Problem]:
    """A router that circuits or customers name, and that no site has: said once, where it is to be added."""
    declared = {router for body in intent.sites.values() for router in body.routers}
    users: dict[str, dict[str, None]] = {}
    by_themselves: dict[str, set[str]] = {}
    where: dict[str, str] = {}
    for name, circuit in intent.circuits.items():
        for role in ("primary", "secondary"):
            end = getattr(circuit, role)
            if end is not None and end.router not in declared:
                users.setdefault(end.router, {})[f"circuits.{name}.{role}"] = None
                by_themselves.setdefault(end.router, set()).add(f"circuits.{name}.{role}")
    for name, customer in intent.customers.items():
        for site, at in customer.sites.items():
            for router, is_said in _routers_of(intent, at):
                if router not in declared:
                    if is_said:
                        by_themselves.setdefault(router, set()).add(f"customers.{name}.sites.{site}")
                    users.setdefault(router, {})[f"customers.{name}.sites.{site}"] = None
                    where.setdefault(router, site)
    for router, by in users.items():
        site = where.get(router, "")
        if site not in intent.sites or len(by) < 2:
            continue  # named once: a misspelling, which is told where it stands
        if len(by_themselves[router]) < 2 and _is_misspelt(router, declared):
            continue  # named once as well: a customer takes it from the circuit
        named = ", ".join(list(by)[:_SHOWN]) + (" and more" if len(by) > _SHOWN else "")
        yield Problem(
            ("sites", site, "routers"),
            f"router `{router}` is named by {named}, and is not one of any site; add it here",
        )


def _is_misspelt(router: str, declared: set[str]) -> bool:
    """Whether the name is nearly that of a router: other letters; with other digits it is another router."""
    close = get_close_matches(router, sorted(declared), n=1, cutoff=0.5)
    return bool(close) and _DIGITS.findall(router) == _DIGITS.findall(close[0])


def _routers_of(intent: Intent, at: CustomerSite) -> Iterator[tuple[str, bool]]:
    """Each router, and whether it is named here; else the circuit does."""
    for lan in at.lan:
        yield lan.router, True
    for path in at.expressroute:
        circuit = intent.circuits.get(path.circuit)
        end = getattr(circuit, path.path) if circuit else None
        router = path.router or (end.router if end else None)
        if router:
            yield router, path.router is not None
    for vpn in at.vpn:
        yield vpn.router, True
    for pair in at.internal:
        yield from ((router, True) for router in pair.routers)
    for prober in at.probers:
        yield prober.router, True
