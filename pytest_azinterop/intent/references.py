"""What no single field can know.

Names that must exist, objects that must not collide. Pure; returns problems with their path in the YAML.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pytest_azinterop.intent import azure_references, ownership
from pytest_azinterop.intent.derive import far_ends, path_subnets
from pytest_azinterop.intent.families import problems_of_families
from pytest_azinterop.intent.models import PrefixSet
from pytest_azinterop.intent.prefixes import may_hold, named
from pytest_azinterop.intent.problem import Path, Problem, unknown
from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.intent.waivers import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.models import Customer, CustomerSite, Intent, Network


def problems_of(
    intent: Intent,
    *,
    rules: Collection[str] = (),
    hosts: Collection[str] | None = None,
    hosts_file: str = "hosts.yaml",
) -> list[Problem]:
    """Everything that does not fit together, in the order of the intent."""
    found: list[Problem] = list(ownership.routers_without_site(intent))
    if found:
        return found  # whatever else names these routers follows from it
    found += ownership.as_numbers(intent)
    found += ownership.shared_networks(intent)
    found += _circuits_and_connections(intent)
    found += _communities(intent)
    for name, customer in intent.customers.items():
        found += ownership.shared_prefixes(name, customer)
        found += ownership.needless_sharing(name, customer)
        for site, at in customer.sites.items():
            found += _place(intent, name, customer, site, at)
    if not found:
        found += problems_of_families(intent)
        found += _collisions(intent)
        found += _subnets_of_paths(intent)
        found += azure_references.problems_of_azure(intent)
    found += _routers(intent, hosts, hosts_file)
    found += _waivers(intent, rules)
    return found


def _circuits_and_connections(intent: Intent) -> Iterator[Problem]:
    all_networks = {*intent.networks, *(name for customer in intent.customers.values() for name in customer.networks)}
    all_routers = {router for site in intent.sites.values() for router in site.routers}
    for name, circuit in intent.circuits.items():
        for index, network in enumerate(circuit.networks):
            if network not in all_networks:
                yield Problem(("circuits", name, "networks", index), unknown("network", network, all_networks))
        for role in ("primary", "secondary"):
            end = getattr(circuit, role)
            if end is not None and end.router not in all_routers:
                yield Problem(("circuits", name, role, "router"), unknown("router", end.router, all_routers))
    for name, connection in intent.connections.items():
        for index, network in enumerate(connection.networks):
            if network not in all_networks:
                yield Problem(("connections", name, "networks", index), unknown("network", network, all_networks))


def _communities(intent: Intent) -> Iterator[Problem]:
    """Communities are judged prefix by prefix, on the sessions of circuits that reach the network."""
    reached = {name for circuit in intent.circuits.values() for name in circuit.networks}
    owners: list[tuple[Path, dict[str, Network]]] = [(("networks",), dict(intent.networks))]
    for customer, body in intent.customers.items():
        owners.append((("customers", customer, "networks"), dict(body.networks)))
    for base, networks in owners:
        for name, network in networks.items():
            where = (*base, name, "communities")
            if network.communities and name not in reached:
                yield Problem(where, f"no circuit reaches network `{name}`, and only ExpressRoute brings communities")
            elif network.communities and not (network.exactly or network.at_least):
                yield Problem(where, "communities are asked for prefix by prefix; name prefixes by `at_least` as well")


def _place(intent: Intent, name: str, customer: Customer, site: str, at: CustomerSite) -> Iterator[Problem]:  # noqa: C901
    base: Path = ("customers", name, "sites", site)
    if site not in intent.sites:
        yield Problem(base, unknown("site", site, intent.sites))
        return
    routers = intent.sites[site].routers
    networks = {**intent.networks, **customer.networks}

    def on_site(router: str, path: Path) -> Iterator[Problem]:
        if router not in routers:
            yield Problem(path, f"router `{router}` is not one of site `{site}`: {', '.join(routers)}")

    for index, lan in enumerate(at.lan):
        yield from on_site(lan.router, (*base, "lan", index, "router"))
    for index, path in enumerate(at.expressroute):
        here: Path = (*base, "expressroute", index)
        if path.circuit not in intent.circuits:
            yield Problem((*here, "circuit"), unknown("circuit", path.circuit, intent.circuits))
            continue
        circuit = intent.circuits[path.circuit]
        end = getattr(circuit, path.path)
        router = path.router or (end.router if end else None)
        if router is None:
            yield Problem(
                here,
                f"circuit `{path.circuit}` names no router for its {path.path} path; "
                f"say `router` here or `{path.path}: {{router: …}}` at the circuit",
            )
        elif path.router is not None or _has_site(intent, router):  # else the circuit's own is told
            yield from on_site(router, (*here, "router"))
        if not circuit.networks and path.receive is None:
            yield Problem(here, f"circuit `{path.circuit}` reaches no networks; name them there or say `receive` here")
        yield from _missing_networks(circuit.networks, networks, ("circuits", path.circuit, "networks"))
    for index, vpn in enumerate(at.vpn):
        here = (*base, "vpn", index)
        yield from on_site(vpn.router, (*here, "router"))
        if vpn.bfd is not None and vpn.bfd.required is not False:
            yield Problem(
                (*here, "bfd"), "an Azure VPN gateway has no BFD, so no session can be expected; remove `bfd`"
            )
        if vpn.connection not in intent.connections:
            yield Problem((*here, "connection"), unknown("connection", vpn.connection, intent.connections))
            continue
        reached = intent.connections[vpn.connection].networks
        yield from _missing_networks(reached, networks, ("connections", vpn.connection, "networks"))
    for index, pair in enumerate(at.internal):
        for end_index, router in enumerate(pair.routers):
            yield from on_site(router, (*base, "internal", index, "routers", end_index))
        if pair.routers[0] == pair.routers[1]:
            yield Problem((*base, "internal", index, "routers"), "a session needs two different routers")
    for index, prober in enumerate(at.probers):
        yield from on_site(prober.router, (*base, "probers", index, "router"))
    yield from _reachability(intent, at, networks, base)
    yield from _backup(intent, at, networks, base)


def _has_site(intent: Intent, router: str) -> bool:
    return any(router in body.routers for body in intent.sites.values())


def _reachability(intent: Intent, at: CustomerSite, networks: dict[str, Network], base: Path) -> Iterator[Problem]:
    known = {**networks, **intent.sites}
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(at.reachability):
        if each.to not in known:
            yield Problem((*base, "reachability", index, "to"), unknown("network or site", each.to, known))
        if (each.to, str(each.target)) in seen:
            yield Problem((*base, "reachability", index), f"{each.target} of `{each.to}` is declared twice")
        seen.add((each.to, str(each.target)))
        kind, owned = ("network", [networks[each.to]]) if each.to in networks else ("site", _owned(intent, each.to))
        if owned and not any(may_hold(part, each.target) for part in owned):
            spaces = ", ".join(str(prefix) for part in owned for prefix in named(part))
            message = f"{each.target} is not in {kind} `{each.to}` ({spaces}); name a host that is there"
            yield Problem((*base, "reachability", index, "target"), message)


def _owned(intent: Intent, site: str) -> list[PrefixSet]:
    """What all customers have at a site, and the links of their routers; none where no customer is there."""
    places = [customer.sites[site] for customer in intent.customers.values() if site in customer.sites]
    links = [lan.address.network for place in places for lan in place.lan if lan.address is not None]
    return [*(place.prefixes for place in places), *(PrefixSet(exactly=(link,)) for link in links)]


def _missing_networks(named: Iterable[str], known: dict[str, Network], path: Path) -> Iterator[Problem]:
    for index, network in enumerate(named):
        if network not in known:
            yield Problem((*path, index), unknown("network", network, known))


def _backup(intent: Intent, at: CustomerSite, networks: dict[str, Network], base: Path) -> Iterator[Problem]:
    order = at.prefer if at.prefer is not None else intent.defaults.prefer
    private = any(
        path.circuit in intent.circuits and intent.circuits[path.circuit].peering == "private"
        for path in at.expressroute
    )
    present = [role for role in order if (private if role == "expressroute" else at.vpn)]
    if at.prefer is not None and len(present) != len(at.prefer):
        absent = next(role for role in at.prefer if role not in present)
        yield Problem((*base, "prefer"), f"this site has no `{absent}` path; leave it out or declare one")
    for role in ("expressroute", "vpn"):
        if (private if role == "expressroute" else at.vpn) and role not in order:
            yield Problem((*base, role), f"`{role}` stands in no preference order; add it to `prefer`")
    if at.backup is None:
        return
    if len(present) < 2:
        yield Problem((*base, "backup"), "only one role of path is here, so nothing can be backed up; remove `backup`")
        return
    reached: set[str] = set()
    if present[1] == "vpn":
        for vpn in at.vpn:
            found = intent.connections.get(vpn.connection)
            reached.update(found.networks if found else ())
    else:
        for path in at.expressroute:
            circuit = intent.circuits.get(path.circuit)
            reached.update(circuit.networks if circuit else ())
    for index, name in enumerate(at.backup):
        where = (*base, "backup", index)
        if name not in networks:
            yield Problem(where, unknown("network", name, networks))
        elif name not in reached:
            yield Problem(where, f"`{present[1]}` does not reach network `{name}`; it cannot survive there")


def _collisions(intent: Intent) -> Iterator[Problem]:
    neighbors: dict[tuple[str, str | None, str], Path] = {}
    interfaces: dict[tuple[str, str], Path] = {}
    vrfs: dict[tuple[str, str | None], str] = {}
    for name, customer in intent.customers.items():
        for site, at in customer.sites.items():
            base: Path = ("customers", name, "sites", site)
            ends: list[tuple[str, str, Path]] = []
            for index, path in enumerate(at.expressroute):
                end = getattr(intent.circuits[path.circuit], path.path)
                router = path.router or end.router
                ends += [(router, str(peer), (*base, "expressroute", index)) for peer in far_ends(path)]
                yield from _taken(interfaces, (router, path.interface), (*base, "expressroute", index, "interface"))
            for index, vpn in enumerate(at.vpn):
                ends.append((vpn.router, str(vpn.neighbor), (*base, "vpn", index, "neighbor")))
                yield from _taken(interfaces, (vpn.router, vpn.tunnel), (*base, "vpn", index, "tunnel"))
            for index, lan in enumerate(at.lan):
                yield from _taken(interfaces, (lan.router, lan.interface), (*base, "lan", index, "interface"))
            for router, peer_address, where in ends:
                key = (router, customer.vrf, peer_address)
                if key in neighbors:
                    yield Problem(where, f"neighbor {peer_address} of {router} is declared twice in this VRF")
                neighbors.setdefault(key, where)
                owner = vrfs.setdefault((router, customer.vrf), name)
                if owner != name:
                    vrf = "the global table" if customer.vrf is None else f"VRF {customer.vrf}"
                    yield Problem(where, f"{vrf} of {router} already belongs to customer `{owner}`")
            yield from _overlaps(intent, customer, at, base)


def _subnets_of_paths(intent: Intent) -> Iterator[Problem]:
    """Each path of a circuit has a subnet of its own: the MSEEs are two, and each has one session per subnet."""
    seen: dict[str, list[tuple[IPv4Network | IPv6Network, str, str]]] = {}
    for name, customer in intent.customers.items():
        for site, at in customer.sites.items():
            for index, path in enumerate(at.expressroute):
                others = seen.setdefault(path.circuit, [])
                for subnet in path_subnets(path):
                    for other, on, whose in others:
                        if subnet.overlaps(other) and on != path.path:
                            same = "that" if subnet == other else f"{other}, which overlaps it, that"
                            yield Problem(
                                ("customers", name, "sites", site, "expressroute", index),
                                f"{subnet} of the {path.path} path is {same} of the {on} path of circuit "
                                f"`{path.circuit}` as well ({whose}); each path has a subnet of its own, correct one",
                            )
                    others.append((subnet, path.path, f"customer `{name}` at `{site}`"))


def _taken(seen: dict[tuple[str, str], Path], key: tuple[str, str], where: Path) -> Iterator[Problem]:
    if key in seen:
        router, interface = key
        yield Problem(where, f"{interface} of {router} is already used by {'.'.join(map(str, seen[key][:4]))}")
    seen.setdefault(key, where)


def _overlaps(intent: Intent, customer: Customer, at: CustomerSite, base: Path) -> Iterator[Problem]:
    own = [*at.prefixes.exactly, *at.prefixes.at_least]
    for name, network in {**intent.networks, **customer.networks}.items():
        for theirs in (*network.exactly, *network.at_least):
            for ours in own:
                if lies_in(ours, theirs) or lies_in(theirs, ours):
                    message = f"{ours} overlaps {theirs} of network `{name}`; each prefix has one owner"
                    yield Problem((*base, "prefixes"), message)


def _routers(intent: Intent, hosts: Collection[str] | None, hosts_file: str) -> Iterator[Problem]:
    declared: dict[str, Path] = {}
    for site, body in intent.sites.items():
        for index, router in enumerate(body.routers):
            if router in declared:
                first = str(declared[router][1])
                why = "is named twice" if first == site else f"belongs to site `{first}` already"
                yield Problem(("sites", site, "routers", index), f"router `{router}` {why}; remove one of the two")
            declared.setdefault(router, ("sites", site, "routers", index))
    for router in intent.routers:
        if router not in declared:
            yield Problem(("routers", router), unknown("router", router, declared))
    for router, path in declared.items():
        if hosts is not None and router not in hosts:
            close = get_close_matches(router, sorted(hosts), n=1, cutoff=0.5)
            meant = f", or did you mean `{close[0]}`?" if close else ""
            yield Problem(path, f"router `{router}` is not in the inventory; add `{router}` to {hosts_file}{meant}")


def _waivers(intent: Intent, rules: Collection[str]) -> Iterator[Problem]:
    for index, waiver in enumerate(intent.waivers):
        if rules and not any(matches(waiver.rule, rule) for rule in rules):
            yield Problem(("waivers", index, "rule"), unknown("rule", waiver.rule, rules))
    known = [rule for rule in rules if rule.startswith("lint.")]
    for index, pattern in enumerate(intent.lint.ignore):
        if known and not any(matches(pattern, rule) for rule in known):
            yield Problem(("lint", "ignore", index), unknown("lint rule", pattern, known))
