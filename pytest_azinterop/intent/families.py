"""Whether each declared prefix has a session of its address family that carries it, and each session a prefix.

An IPv6 prefix that no IPv6 session carries would never be judged: it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.intent.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.models import (
        Customer,
        CustomerSite,
        ExpressRouteAttachment,
        Intent,
        Network,
        PrefixSet,
        SessionSettings,
    )
    from pytest_azinterop.intent.problem import Path

_OTHER = {4: 6, 6: 4}


def problems_of_families(intent: Intent) -> Iterator[Problem]:
    """In the order of the intent."""
    judged: set[tuple[str | None, str]] = set()
    for name, customer in intent.customers.items():
        for site, at in customer.sites.items():
            base: Path = ("customers", name, "sites", site)
            yield from _site(at, base)
            for index, path in enumerate(at.expressroute):
                yield from _path(intent, customer, at, path, (*base, "expressroute", index))
                if path.ipv6 is not None:
                    networks = intent.circuits[path.circuit].networks
                    judged |= {(name if each in customer.networks else None, each) for each in networks}
            for index, vpn in enumerate(at.vpn):
                here = (*base, "vpn", index)
                yield from _only(vpn, 4, here)
                networks = intent.connections[vpn.connection].networks
                received = [vpn.receive, *_of(intent, customer, networks)]
                yield from _carries([vpn.announce, at.prefixes], received, 4, f"connection `{vpn.connection}`", here)
            for index, pair in enumerate(at.internal):
                yield from _only(pair, pair.addresses[0].version, (*base, "internal", index))
    for owner, base, networks_of in _owners(intent):
        for network, declared in networks_of.items():
            if (owner, network) not in judged and (prefix := _first([declared], 6)):
                yield Problem(
                    (*base, network),
                    f"no IPv6 session reaches {prefix} of network `{network}`, so it is never judged; say `ipv6` on a "
                    "path of a circuit that reaches it, or remove the prefix",
                )


def _owners(intent: Intent) -> Iterator[tuple[str | None, Path, dict[str, Network]]]:
    yield None, ("networks",), dict(intent.networks)
    for name, customer in intent.customers.items():
        yield name, ("customers", name, "networks"), dict(customer.networks)


def _site(at: CustomerSite, base: Path) -> Iterator[Problem]:
    prefix = _first([at.prefixes], 6)
    if prefix and not any(path.ipv6 for path in at.expressroute):
        yield Problem(
            (*base, "prefixes"),
            f"no IPv6 session announces {prefix}, so it is never judged; say `ipv6` on a path, or remove the prefix",
        )


def _path(
    intent: Intent, customer: Customer, at: CustomerSite, path: ExpressRouteAttachment, here: Path
) -> Iterator[Problem]:
    networks = _of(intent, customer, intent.circuits[path.circuit].networks)
    by = f"circuit `{path.circuit}`"
    if path.has_ipv4:
        yield from _carries([path.announce, at.prefixes], [path.receive, *networks], 4, by, here)
    if path.ipv6 is None or not path.has_ipv4:
        yield from _only(path, 4 if path.has_ipv4 else 6, here)
    if path.ipv6 is not None:
        yield from _only(path.ipv6, 6, (*here, "ipv6"))
        announce = [path.ipv6.announce, path.announce, at.prefixes]
        received = [path.ipv6.receive, path.receive, *networks]
        yield from _carries(announce, received, 6, by, (*here, "ipv6"))


def _of(intent: Intent, customer: Customer, names: Iterable[str]) -> list[PrefixSet | None]:
    known = {**intent.networks, **customer.networks}
    return [known.get(name) for name in names]


def _only(session: SessionSettings, version: int, here: Path) -> Iterator[Problem]:
    """A session announces and receives prefixes of its own family alone."""
    for key in ("announce", "receive"):
        declared = getattr(session, key)
        if declared is not None and (prefix := _first([declared], _OTHER[version])):
            yield Problem((*here, key), f"{prefix} is not an IPv{version} prefix, and this is an IPv{version} session")


def _carries(
    announced: Iterable[PrefixSet | None], received: Iterable[PrefixSet | None], version: int, by: str, here: Path
) -> Iterator[Problem]:
    """A session without any prefix to announce or to receive would be expected to carry nothing at all."""
    if not _first(announced, version):
        yield Problem(here, f"`prefixes` of this site names no IPv{version} prefix that this session could announce")
    if not _first(received, version):
        yield Problem(here, f"no network of {by} has an IPv{version} prefix that this session could receive")


def _first(sets: Iterable[PrefixSet | None], version: int) -> str | None:
    """A prefix of this family that one of the sets names."""
    for each in filter(None, sets):
        for prefix in (*each.exactly, *each.at_least, *each.within):
            if prefix.version == version:
                return str(prefix)
    return None
