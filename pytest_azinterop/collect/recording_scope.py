"""Whose an answer is: one customer's, or the router's, of which each customer gets only the lines of its own objects.

Pure. Ownership is exclusive: what two customers share (a VRF, a keyring, a route-map) is the router's and in nobody's
part, since it may say something about either.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.state.config import ConfigLine, RunningConfig

Owners = dict[Any, set[str | None]]

_VRF_WORD = re.compile(r"(?:^| )(?:vrf|ivrf)(?: (?:forwarding|definition))? (\S+)")
# Names of objects that a line uses, by the kind of the object.
_USES = (
    ("route-map", re.compile(r"\broute-map (\S+)")),
    ("prefix-list", re.compile(r"\bprefix-list (.+?)(?: in| out)?$")),
    ("ipsec profile", re.compile(r"^tunnel protection ipsec profile (\S+)")),
    ("ikev2 profile", re.compile(r"^set ikev2-profile (\S+)")),
    ("transform-set", re.compile(r"^set transform-set (.+)$")),
    ("keyring", re.compile(r"^keyring local (\S+)")),
)
_DEFINES = (
    ("route-map", re.compile(r"route-map (\S+)")),
    ("prefix-list", re.compile(r"(?:ip|ipv6) prefix-list (\S+)")),
    ("ipsec profile", re.compile(r"crypto ipsec profile (\S+)")),
    ("ikev2 profile", re.compile(r"crypto ikev2 profile (\S+)")),
    ("transform-set", re.compile(r"crypto ipsec transform-set (\S+)")),
    ("keyring", re.compile(r"crypto ikev2 keyring (\S+)")),
)
_DEPTH = 4  # how far one object names another: tunnel, IPsec profile, IKEv2 profile, keyring


@dataclass(frozen=True, slots=True)
class Scopes:
    """To which customer alone a router's VRFs, interfaces and tunnel peers belong, by router and name."""

    vrfs: Mapping[tuple[str, str], str]
    interfaces: Mapping[tuple[str, str], str]
    peers: Mapping[tuple[str, IPv4Address | IPv6Address], str]

    @property
    def customers(self) -> tuple[str, ...]:
        """Every customer that has something of its own."""
        owners = (*self.vrfs.values(), *self.interfaces.values(), *self.peers.values())
        return tuple(sorted(set(owners)))

    def routers(self, customer: str) -> tuple[str, ...]:
        """The routers on which a customer has something of its own."""
        found: set[str] = set()
        for owned in (self.vrfs, self.interfaces, self.peers):
            found |= {key[0] for key, owner in owned.items() if owner == customer}
        return tuple(sorted(found))

    def owner(self, fact: Fact) -> str | None:
        """The customer that a whole answer is about; None: the router as a whole, the global table, or several."""
        given = dict(fact.parameters)
        if "vrf" in given:
            return self.vrfs.get((fact.host, given["vrf"]))
        if "interface" in given:
            return self.interfaces.get((fact.host, given["interface"]))
        return None

    def parts(self, fact: Fact, records: Sequence[Any]) -> Mapping[str, Sequence[int]]:
        """Per customer the numbers of the lines (from 1) of a router's answer that are about its objects alone."""
        lines: dict[str, set[int]] = defaultdict(set)
        if fact.kind == "running_config":
            for record in records:
                for customer, number in _config_lines(record, fact.host, self):
                    lines[customer].add(number)
        else:
            for record in records:
                owner = self._owner_of(fact, record)
                if owner is not None and record.source.lines is not None:
                    first, last = record.source.lines
                    lines[owner].update(range(first, last + 1))
            if COMMANDS[fact.kind].all_vrfs and lines:
                # What stands above the first table explains all of them.
                head = range(1, min(record.source.lines[0] for record in records))
                for own in lines.values():
                    own.update(head)
        return {customer: sorted(numbers) for customer, numbers in lines.items()}

    def whole_vrfs(self, customer: str, fact: Fact, records: Iterable[Any]) -> Sequence[str]:
        """The VRFs of which a customer's part holds everything that an answer about every VRF says."""
        if not COMMANDS[fact.kind].all_vrfs:
            return ()
        own = {record.vrf for record in records if self._owner_of(fact, record) == customer}
        return tuple(sorted(own))

    def _owner_of(self, fact: Fact, record: Any) -> str | None:  # noqa: ANN401 (records of several kinds)
        if fact.kind == "interfaces":
            return self.interfaces.get((fact.host, record.name))
        if fact.kind == "vrfs":
            return self.vrfs.get((fact.host, record.name))
        if COMMANDS[fact.kind].all_vrfs:
            return self.vrfs.get((fact.host, record.vrf))
        if fact.kind == "ikev2_sas":
            return self.peers.get((fact.host, record.remote_address))
        return None


def scopes(everything: Expectations) -> Scopes:
    """What the intent says about who has what."""
    vrfs, interfaces, peers = defaultdict(set), defaultdict(set), defaultdict(set)  # type: Owners, Owners, Owners
    for site in everything.sites:
        for router in site.routers:
            vrfs[router, site.vrf].add(site.customer)
    for session in everything.sessions:
        vrfs[session.router, session.vrf].add(session.customer)
    for tunnel in everything.tunnels:
        vrfs[tunnel.router, tunnel.inner_vrf].add(tunnel.customer)
        interfaces[tunnel.router, tunnel.name].add(tunnel.customer)
        peers[tunnel.router, tunnel.peer].add(tunnel.customer)
    for interface in everything.interfaces:
        interfaces[interface.router, interface.name].add(interface.customer)
    return Scopes(
        {key: owner for key, owner in _alone(vrfs).items() if key[1] is not None}, _alone(interfaces), _alone(peers)
    )


def _alone(owners: Owners) -> dict[Any, str]:
    """Only what has exactly one owner."""
    found = {}
    for key, names in owners.items():
        (name, *others) = names
        if name is not None and not others:
            found[key] = name
    return found


def _config_lines(config: RunningConfig, host: str, scopes_: Scopes) -> Iterator[tuple[str, int]]:
    """Each line of a configuration that is about one customer alone, with that customer."""
    owned = list(_owned(config, host, scopes_))
    users: Owners = defaultdict(set)
    for customer, lines in owned:
        for line in lines:
            for used in _used(line.text):
                users[used].add(customer)
    defined = [(key, line) for line in config.lines if (key := _defined(line)) is not None]
    for _ in range(_DEPTH):
        for key, line in defined:
            for used in (name for child in line.walk() if child is not line for name in _used(child.text)):
                users[used] |= users.get(key, {None})
    alone = _alone(users)
    for customer, lines in owned:
        if customer is not None:
            yield from ((customer, line.number) for line in lines)
    for key, line in defined:
        if key in alone:
            yield from ((alone[key], child.number) for child in _keyring_lines(key, alone[key], line, host, scopes_))


def _owned(config: RunningConfig, host: str, scopes_: Scopes) -> Iterator[tuple[str | None, Sequence[ConfigLine]]]:
    """Groups of lines with their owner (None: nobody alone). Definitions that others name are left out."""
    vrf_of = {interface.line.number: (interface.name, interface.vrf) for interface in config.interfaces}
    for line in config.lines:
        if line.number in vrf_of:
            name, vrf = vrf_of[line.number]
            of_vrf = scopes_.vrfs.get((host, vrf)) if vrf is not None else None
            yield of_vrf or (None if vrf is not None else scopes_.interfaces.get((host, name))), tuple(line.walk())
        elif _defined(line) is not None:
            continue
        elif (vrf := _vrf(line.text)) is not None:
            yield scopes_.vrfs.get((host, vrf)), tuple(line.walk())
        else:
            rest = [line]
            for child in line.children:
                vrf = _vrf(child.text)
                customer = None if vrf is None else scopes_.vrfs.get((host, vrf))
                if customer is None:
                    rest.extend(child.walk())
                else:
                    yield customer, (line, *child.walk())
            yield None, rest


def _vrf(text: str) -> str | None:
    found = _VRF_WORD.search(text)
    return found[1] if found else None


def _used(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in _USES:
        for found in pattern.finditer(text):
            yield from ((kind, name) for name in found[1].split())


def _defined(line: ConfigLine) -> tuple[str, str] | None:
    return next(((kind, found[1]) for kind, pattern in _DEFINES if (found := pattern.match(line.text))), None)


def _keyring_lines(
    key: tuple[str, str], customer: str, line: ConfigLine, host: str, scopes_: Scopes
) -> Iterable[ConfigLine]:
    """The lines of a definition; of a keyring only the peers that are the customer's own."""
    if key[0] != "keyring":
        yield from line.walk()
        return
    yield line
    own = {str(peer) for (router, peer), owner in scopes_.peers.items() if router == host and owner == customer}
    for child in line.children:
        addresses = {word for part in child.walk() for word in part.text.split()}
        if own & addresses:
            yield from child.walk()
