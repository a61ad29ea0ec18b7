"""Each prefix and each AS has one owner, and each router a site."""

from __future__ import annotations

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
    where: dict[str, str] = {}
    for name, circuit in intent.circuits.items():
        for role in ("primary", "secondary"):
            end = getattr(circuit, role)
            if end is not None and end.router not in declared:
                users.setdefault(end.router, {})[f"circuits.{name}.{role}"] = None
    for name, customer in intent.customers.items():
        for site, at in customer.sites.items():
            for router in _routers_of(intent, at):
                if router not in declared:
                    users.setdefault(router, {})[f"customers.{name}.sites.{site}"] = None
                    where.setdefault(router, site)
    for router, by in users.items():
        site = where.get(router, "")
        if site not in intent.sites or len(by) < 2:
            continue  # named once: a misspelling, which is told where it stands
        named = ", ".join(list(by)[:_SHOWN]) + (" and more" if len(by) > _SHOWN else "")
        yield Problem(
            ("sites", site, "routers"),
            f"router `{router}` is named by {named}, and is not one of any site; add it here",
        )


def _routers_of(intent: Intent, at: CustomerSite) -> Iterator[str]:
    for lan in at.lan:
        yield lan.router
    for path in at.expressroute:
        circuit = intent.circuits.get(path.circuit)
        end = getattr(circuit, path.path) if circuit else None
        router = path.router or (end.router if end else None)
        if router:
            yield router
    for vpn in at.vpn:
        yield vpn.router
    for pair in at.internal:
        yield from pair.routers
    for prober in at.probers:
        yield prober.router
