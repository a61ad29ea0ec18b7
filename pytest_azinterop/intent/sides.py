"""What both sides of a site's connectivity must agree on: the site's sessions, and Azure's end of each.

Names are those of the intent: circuits, connections, gateways, subnets and networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.expectations import ExpectedPrefixes, ExpectedSession, ExpectedSite, ExpectedTunnel
    from pytest_azinterop.intent.models import PathRole

DevicePath = Literal["primary", "secondary"]


@dataclass(frozen=True, slots=True)
class ExpectedCarrier:
    """What Azure has at the other end of one session.

    `name` is the circuit (`path` then names which of its two paths) or the connection. `gateways` are those whose
    networks it serves: all that are connected to the circuit, or the connection's own. `resource` is the circuit's.
    """

    session: str
    role: PathRole
    name: str
    gateways: tuple[str, ...]
    path: DevicePath | None = None
    resource: ResourceName | None = None


@dataclass(frozen=True, slots=True)
class ExpectedOtherPath:
    """One path of a circuit that serves the site's networks, whoever is at its other end: what is announced there, and
    not by the site, may draw the site's packets away. `asns` are those of the routers that the intent has there; none:
    not known."""

    name: str
    path: DevicePath
    gateways: tuple[str, ...]
    resource: ResourceName | None = None
    asns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ExpectedRouting:
    """A gateway and its ASN. `network` is the one that it stands in."""

    gateway: str
    kind: PathRole
    asn: int
    network: str
    resource: ResourceName | None = None


@dataclass(frozen=True, slots=True)
class ExpectedSubnet:
    """A subnet whose machines must reach the site, judged by the routes of one network interface in it.

    `via`: the firewall or NVA that its packets pass on the way; None: straight to a gateway. `has_interface` False: no
    machine runs there that could be asked; else `nic` is its interface.
    """

    name: str
    network: str
    via: IPv4Address | IPv6Address | None = None
    has_interface: bool = True
    nic: ResourceName | None = None


@dataclass(frozen=True, slots=True)
class ExpectedNetwork:
    """An Azure network that a site reaches, and over what.

    `over` lists the roles that bring it, most preferred first. `gateways` are those that serve it, its own or those
    of the hub that it is a spoke of.
    """

    name: str
    prefixes: frozenset[IPv4Network | IPv6Network]
    over: tuple[PathRole, ...]
    gateways: tuple[str, ...]
    subnets: tuple[ExpectedSubnet, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedStranger:
    """What a site must not reach, and what must not reach it: an Azure network, or another site.

    `in_azure`: it is an Azure network; `subnets` are then those whose routes can be read.
    """

    name: str
    prefixes: frozenset[IPv4Network | IPv6Network]
    subnets: tuple[ExpectedSubnet, ...] = ()
    in_azure: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedLink:
    """The connection resource between a gateway and a circuit, under the names of its two ends."""

    gateway: str
    carrier: str
    resource: ResourceName


@dataclass(frozen=True, slots=True)
class ExpectedSides:
    """A customer at a site with everything that Azure has for it.

    `carriers` has one entry per session of the site. `strangers` are what it must be kept apart from. `encrypted`: its
    VPN runs over private peering, so that what the VPN carries must not take ExpressRoute by itself. `other_paths` are
    all those of the circuits that serve its networks, its own among them, and `links` bind them to gateways.
    `elsewhere` is what other sites of the customer own of the same space, as the intent says that they may.
    """

    site: ExpectedSite
    carriers: tuple[ExpectedCarrier, ...]
    gateways: tuple[ExpectedRouting, ...]
    networks: tuple[ExpectedNetwork, ...]
    strangers: tuple[ExpectedStranger, ...] = ()
    encrypted: bool = False
    links: tuple[ExpectedLink, ...] = ()
    other_paths: tuple[ExpectedOtherPath, ...] = ()
    elsewhere: frozenset[IPv4Network | IPv6Network] = frozenset()

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.site.id

    @property
    def parts(self) -> tuple[str, ...]:
        """The gateways and subnets that findings name below this site."""
        groups = [*(each.subnets for each in self.networks), *(each.subnets for each in self.strangers)]
        subnets = [subnet.name for group in groups for subnet in group]
        return tuple(dict.fromkeys([*(each.gateway for each in self.gateways), *subnets]))

    @property
    def prefixes(self) -> frozenset[IPv4Network | IPv6Network]:
        """What the site must announce, over whichever session."""
        declared: list[ExpectedPrefixes] = [each.announce for each in self.site.sessions if each.announce is not None]
        return frozenset(prefix for each in declared for prefix in each.required)

    def announced_over(self, session: ExpectedSession) -> frozenset[IPv4Network | IPv6Network]:
        """What of the site's prefixes may be announced over this session: by design Azure sends no other over it."""
        declared = session.announce
        return frozenset() if declared is None else frozenset(each for each in self.prefixes if declared.permits(each))

    def announced_to(self, network: ExpectedNetwork) -> frozenset[IPv4Network | IPv6Network]:
        """What of the site's prefixes some session that reaches the network may announce: no other has a way there."""
        ends = {each.session for each in self.carriers if each.role in network.over}
        announced = [self.announced_over(each) for each in self.site.sessions if each.id in ends]
        return frozenset().union(*announced) if announced else self.prefixes

    @property
    def shared(self) -> frozenset[IPv4Network | IPv6Network]:
        """What the site announces and another site may announce as well."""
        return self.prefixes & self.elsewhere

    def of_same_as(self, session: ExpectedSession) -> tuple[ExpectedOtherPath, ...]:
        """The paths of circuits where another than the site may announce to gateways of this session's circuit, and
        with its AS, so that AS paths there do not tell whose a route is. None for a VPN's session."""
        carrier = next((each for each in self.carriers if each.session == session.id), None)
        if carrier is None or carrier.role != "expressroute":
            return ()
        own = {(each.name, each.path) for each in self.carriers}
        return tuple(
            each
            for each in self.other_paths
            if (each.name, each.path) not in own
            and set(each.gateways).intersection(carrier.gateways)
            and (not each.asns or session.local_as in each.asns)
        )

    def is_elsewhere(self, prefix: IPv4Network | IPv6Network) -> bool:
        """Whether a prefix is a part of what another site owns of this one's space, and not this site's."""
        theirs = max((each.prefixlen for each in self.elsewhere if lies_in(prefix, each)), default=-1)
        return theirs > max((each.prefixlen for each in self.prefixes if lies_in(prefix, each)), default=-1)


@dataclass(frozen=True, slots=True)
class ExpectedPassage:
    """One session of a site, seen from both ends."""

    session: ExpectedSession
    sides: ExpectedSides

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.session.id

    @property
    def carrier(self) -> ExpectedCarrier:
        """Azure's end. Raises KeyError where the intent names none: a defect of the derivation."""
        for each in self.sides.carriers:
            if each.session == self.session.id:
                return each
        raise KeyError(self.session.id)


@dataclass(frozen=True, slots=True)
class ExpectedBinding:
    """One path of a circuit and the router's end of it.

    `address` is the router's with its mask, `azure_vlan` the tag that Azure is given (with QinQ the inner one, which
    the provider hands over), None where it is not declared; `vlans` the router's tags, outer first.
    """

    session: ExpectedSession
    circuit: str
    path: DevicePath
    address: IPv4Interface
    azure_vlan: int | None
    vlans: tuple[int, ...] = ()
    resource: ResourceName | None = None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.session.id


@dataclass(frozen=True, slots=True)
class ExpectedCrypto:
    """A tunnel, and Azure's connection at its other end; `over` is the circuit that must carry its packets, None: the
    Internet. `private` is that circuit's peering; `carried_by` are the sessions over it on the tunnel's router."""

    tunnel: ExpectedTunnel
    connection: str
    over: str | None = None
    private: bool = False
    carried_by: tuple[ExpectedSession, ...] = ()
    resource: ResourceName | None = None
    gateway: ResourceName | None = None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.tunnel.id


@dataclass(frozen=True, slots=True)
class BothSides:
    """Everything that is judged over both sides, in the order of the intent."""

    sites: tuple[ExpectedSides, ...] = ()
    bindings: tuple[ExpectedBinding, ...] = ()
    tunnels: tuple[ExpectedCrypto, ...] = ()

    @property
    def passages(self) -> tuple[ExpectedPassage, ...]:
        """Every session of every site."""
        return tuple(ExpectedPassage(session, each) for each in self.sites for session in each.site.sessions)
