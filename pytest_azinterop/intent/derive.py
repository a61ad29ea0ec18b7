"""From the intent as written to what each object must show.

Pure; refers only to names that `intent.references` has checked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Interface
from typing import TYPE_CHECKING

from pytest_azinterop.intent.azure_derive import derive_azure
from pytest_azinterop.intent.drills_derive import derive_drills
from pytest_azinterop.intent.expectations import (
    Expectations,
    ExpectedBfd,
    ExpectedDevice,
    ExpectedInterface,
    ExpectedOspf,
    ExpectedSession,
    ExpectedSite,
    ExpectedTunnel,
)
from pytest_azinterop.intent.models import PrefixSet, SessionSettings
from pytest_azinterop.intent.prefixes import union
from pytest_azinterop.intent.reachability import ExpectedReach, reaches
from pytest_azinterop.intent.sides_derive import derive_sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from ipaddress import IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedPrefixes
    from pytest_azinterop.intent.models import (
        Bfd,
        BfdDefaults,
        Customer,
        CustomerSite,
        ExpressRouteAttachment,
        Intent,
        InternalSession,
        Ipv6Peering,
        Network,
        Ospf,
        PathRole,
        Role,
        VpnAttachment,
    )

# Prefixes that a MSEE accepts of one session: https://learn.microsoft.com/azure/expressroute/expressroute-faqs
_ACCEPTED = {"private": 4000, "microsoft": 200}
# Stands for an unset `announce_prepends` until the sessions of a site are known.
_BY_PREFERENCE = -1
_ACCEPTED_IPV6 = {"private": 100, "microsoft": 200}


def derive(intent: Intent) -> Expectations:
    """Every expectation of a whole, consistent intent."""
    places = [Place(intent, name, site) for name, customer in intent.customers.items() for site in customer.sites]
    sessions = tuple(session for place in places for session in (*place.sessions(), *place.internal()))
    tunnels = tuple(tunnel for place in places for tunnel in place.tunnels())
    interfaces = tuple(_unique(interface for place in places for interface in place.interfaces()))
    sites = tuple(site for place in places for site in place.expected())
    azure = derive_azure(intent, sessions, tunnels)
    found = Expectations(
        devices=tuple(_devices(intent, places)),
        interfaces=interfaces,
        sessions=sessions,
        tunnels=tunnels,
        sites=sites,
        reaches=tuple(each for place in places for each in place.reaches()),
        azure=azure,
        both=derive_sides(intent, azure, sites, interfaces),
    )
    return replace(found, drills=derive_drills(intent, found)) if intent.drills else found


def expected_bfd(defaults: BfdDefaults, *closer: Bfd | None) -> ExpectedBfd | None:
    """What is said of BFD, the closest word last; None: it is not required."""
    said = defaults.model_dump()
    for each in closer:
        said.update(each.model_dump(exclude_none=True) if each else {})
    return ExpectedBfd(said["interval"], said["multiplier"]) if said["required"] else None


def _carried(
    networks: Iterable[Network], received: ExpectedPrefixes
) -> Iterator[tuple[IPv4Network | IPv6Network, tuple[str, ...]]]:
    """The prefixes that must be received with communities, in the order of the intent."""
    for network in networks:
        for prefix in (*network.exactly, *network.at_least):
            if network.communities and prefix in received.required:
                yield prefix, network.communities


def _unique(interfaces: Iterable[ExpectedInterface]) -> Iterator[ExpectedInterface]:
    """What serves several tunnels or customers is judged once, for all that passes there."""
    found: dict[str, ExpectedInterface] = {}
    for each in interfaces:
        known = found.setdefault(each.id, each)
        if known is not each:
            owned = tuple(dict.fromkeys((*known.owned, *each.owned)))
            peers = tuple(dict.fromkeys((*known.peers, *each.peers)))
            found[each.id] = replace(known, owned=owned, others=(*known.others, *each.flows), peers=peers)
    yield from found.values()


def _devices(intent: Intent, places: list[Place]) -> Iterator[ExpectedDevice]:
    used = dict.fromkeys(router for place in places for router in place.routers())
    for router in used:
        known = intent.routers.get(router)
        yield ExpectedDevice(
            router=router,
            hostname=(known.hostname if known else None) or router,
            serial=known.serial if known else None,
            ntp=(known.ntp if known else None) or intent.defaults.ntp,
            archive=(known.archive if known else None) or intent.defaults.archive,
            software=(known.software if known else None) or intent.defaults.software,
        )


class Place:
    """A customer at a site, with what it inherits. The intent must be consistent."""

    def __init__(self, intent: Intent, customer: str, site: str) -> None:
        self.intent = intent
        self.name = customer
        self.site = site
        self.customer: Customer = intent.customers[customer]
        self.at: CustomerSite = self.customer.sites[site]
        self.asn = intent.sites[site].asn

    def routers(self) -> Iterator[str]:
        """Every router that serves the customer here; one may come more than once."""
        for lan in self.at.lan:
            yield lan.router
        for expressroute in self.at.expressroute:
            yield self._router_of(expressroute)
        for vpn in self.at.vpn:
            yield vpn.router
        for internal in self.at.internal:
            yield from internal.routers

    def sessions(self) -> tuple[ExpectedSession, ...]:
        """The sessions to Azure, in the order of the intent."""
        paths = [session for path in self.at.expressroute for session in (self.over_ipv4(path), self.over_ipv6(path))]
        return tuple(self._with_prepends((*filter(None, paths), *map(self.over_tunnel, self.at.vpn))))

    def _with_prepends(self, sessions: tuple[ExpectedSession, ...]) -> Iterator[ExpectedSession]:
        """What is sent over the preferred path is not prepended, unless the intent says so.

        Preferred are, per address family, the sessions of the first role with the highest local preference; Microsoft
        peering stands for itself.
        """
        order = self.at.prefer or self.intent.defaults.prefer
        for session in sessions:
            if session.announce_prepends != _BY_PREFERENCE:
                yield session
                continue
            beside = [each for each in sessions if each.version == session.version]
            first = next((role for role in order if any(each.role == role for each in beside)), None)
            highest = max(each.local_preference or 0 for each in beside if each.role == session.role)
            preferred = session.role in (first, "microsoft") and (session.local_preference or 0) == highest
            yield replace(session, announce_prepends=0 if preferred else None)

    def internal(self) -> tuple[ExpectedSession, ...]:
        """The sessions between the site's routers: two ends of each."""
        return tuple(session for pair in self.at.internal for session in self.between(pair))

    def reaches(self) -> tuple[ExpectedReach, ...]:
        ends = (each.neighbor for each in self.sessions())
        return tuple(reaches(self.name, self.site, self.customer.vrf, self.at, ends))

    def tunnels(self) -> tuple[ExpectedTunnel, ...]:
        return tuple(map(self._tunnel, self.at.vpn))

    def interfaces(self) -> Iterator[ExpectedInterface]:
        for path in self.at.expressroute:
            address = _ends(path)[0] if path.has_ipv4 else None
            link = self._interface(self._router_of(path), path.interface, "expressroute", address, path.vlans or None)
            ipv6 = None if path.ipv6 is None else _ends_ipv6(path.ipv6)[0]
            yield _carrying(replace(link, traffic=path.traffic, ipv6=ipv6), self.over_ipv4(path))
        named = union([self.at.prefixes], 4).required
        owned = tuple(each for each in sorted(named) if isinstance(each, IPv4Network))
        site, azure = _spaces(union([self.at.prefixes], 4)), _spaces(self._private_networks())
        ports = Counter(lan.router for lan in self.at.lan)
        for lan in self.at.lan:
            yield replace(
                self._interface(lan.router, lan.interface, "lan", lan.address, lan.vlans or None),
                ospf=self._ospf(lan.ospf),
                ipv6=lan.ipv6,
                owned=owned,
                site_prefixes=site,
                azure_prefixes=azure,
                beside_others=ports[lan.router] > 1,
            )
        for vpn in self.at.vpn:
            yield _carrying(self._interface(vpn.router, vpn.tunnel, "tunnel", vpn.address, None), self.over_tunnel(vpn))
            if vpn.source is not None:
                yield ExpectedInterface(
                    router=vpn.router,
                    customer=self.name,
                    site=self.site,
                    vrf=vpn.front_vrf,
                    name=vpn.source,
                    role="tunnel source",
                    address=None,
                    vlans=None,
                    peers=() if vpn.source.startswith("Loopback") else (vpn.peer,),
                )

        for pair in self.at.internal:
            for router, name in zip(pair.routers, pair.interfaces or (), strict=False):
                between = self._interface(router, name, "internal", None, None)
                yield replace(between, site_prefixes=site, azure_prefixes=azure)

    def _ospf(self, ospf: Ospf | None) -> ExpectedOspf | None:
        if ospf is None:
            return None
        reached = self._private_networks()
        return ExpectedOspf(self.asn, ospf.redistributes, ospf.route_map, ospf.default_route, reached)

    def _private_networks(self) -> ExpectedPrefixes:
        """The IPv4 networks that the site reaches over any role but Microsoft peering."""
        return union(map(self._network, {**self._names("expressroute"), **self._names("vpn")}), 4)

    def expected(self) -> Iterator[ExpectedSite]:
        """The site in each address family that it has a session in."""
        for version in (4, 6):
            sessions = tuple(each for each in self.sessions() if each.version == version)
            if sessions:
                yield self._family(version, tuple(each for each in sessions if each.role != "microsoft"))

    def _family(self, version: int, sessions: tuple[ExpectedSession, ...]) -> ExpectedSite:
        present = {session.role for session in sessions}
        prefer = tuple(role for role in self.at.prefer or self.intent.defaults.prefer if role in present)
        reach = tuple((role, self._reach(role, version)) for role in prefer)
        return ExpectedSite(
            customer=self.name,
            site=self.site,
            vrf=self.customer.vrf,
            routers=tuple(dict.fromkeys(self.routers())),
            sessions=sessions,
            internal=tuple(each for each in self.internal() if each.version == version),
            tunnels=self.tunnels() if version == 4 else (),
            prefer=prefer,
            reach=reach,
            backed_up=self._backed_up(reach, version),
            version=version,
            owned=union([self.at.prefixes], version),
            elsewhere=frozenset(
                prefix
                for name, at in self.customer.sites.items()
                if name != self.site
                for prefix in union([at.prefixes], version).required
            ),
            lan=tuple((each.router, each.interface) for each in self.at.lan),
            exits=self.at.lan_exit,
            links=tuple(
                pair for each in self.at.internal for pair in zip(each.routers, each.interfaces or (), strict=False)
            ),
        )

    def _backed_up(
        self, reach: tuple[tuple[PathRole, ExpectedPrefixes], ...], version: int
    ) -> frozenset[IPv4Network | IPv6Network]:
        if self.at.backup is not None:
            return union((self._network(name) for name in self.at.backup), version).required
        if len(reach) < 2:
            return frozenset()
        return reach[0][1].required & reach[1][1].required

    def _reach(self, role: PathRole, version: int) -> ExpectedPrefixes:
        return union(map(self._network, self._names(role)), version)

    def _names(self, role: PathRole) -> dict[str, None]:
        """The networks that a role brings, in the order of the intent."""
        names: dict[str, None] = {}
        if role == "expressroute":
            for path in self.at.expressroute:
                circuit = self.intent.circuits[path.circuit]
                if circuit.peering == "private":
                    names.update(dict.fromkeys(circuit.networks))
        else:
            for vpn in self.at.vpn:
                names.update(dict.fromkeys(self.intent.connections[vpn.connection].networks))
        return names

    def _network(self, name: str) -> Network:
        own = self.customer.networks.get(name)
        return own if own is not None else self.intent.networks[name]

    def _router_of(self, path: ExpressRouteAttachment) -> str:
        if path.router is not None:
            return path.router
        end = getattr(self.intent.circuits[path.circuit], path.path)
        return str(end.router)

    def over_ipv4(self, path: ExpressRouteAttachment) -> ExpectedSession | None:
        """The IPv4 session of a path, None where it has none."""
        if not path.has_ipv4:
            return None
        circuit = self.intent.circuits[path.circuit]
        address, neighbor = _ends(path)
        accepts = circuit.accepts or _ACCEPTED[circuit.peering]
        return self._over_circuit(path, path, address.ip, neighbor, accepts=accepts, mac=path.mac)

    def over_ipv6(self, path: ExpressRouteAttachment) -> ExpectedSession | None:
        """The IPv6 session of a path, None where it has none.

        What is said of the path's session holds here too, but for what belongs to one address family alone.
        """
        if path.ipv6 is None:
            return None
        own = {name: getattr(path.ipv6, name) for name in SessionSettings.model_fields}
        shared = {
            name: getattr(path, name)
            for name in path.model_fields_set & SessionSettings.model_fields.keys()
            if name not in path.ipv6.model_fields_set and name not in ("policy", "announce_communities")
        }
        settings = SessionSettings.model_construct(**own | shared)
        address, neighbor = _ends_ipv6(path.ipv6)
        accepts = path.ipv6.accepts or _ACCEPTED_IPV6[self.intent.circuits[path.circuit].peering]
        return self._over_circuit(path, settings, address.ip, neighbor, accepts=accepts, mac=path.mac)

    def _over_circuit(
        self,
        path: ExpressRouteAttachment,
        settings: SessionSettings,
        address: IPv4Address | IPv6Address,
        neighbor: IPv4Address | IPv6Address,
        *,
        accepts: int,
        mac: str | None = None,
    ) -> ExpectedSession:
        circuit = self.intent.circuits[path.circuit]
        networks = [self._network(name) for name in circuit.networks]
        return self._session(
            router=self._router_of(path),
            neighbor=neighbor,
            role="expressroute" if circuit.peering == "private" else "microsoft",
            path=f"{path.circuit} {path.path}",
            remote_as=circuit.asn,
            local_address=address,
            interface=path.interface,
            settings=settings,
            receive=networks,
            accepts=accepts,
            mac=mac,
            bfd=expected_bfd(self.intent.defaults.bfd, circuit.bfd, path.bfd, settings.bfd),
            networks=networks,
        )

    def over_tunnel(self, vpn: VpnAttachment) -> ExpectedSession:
        """The session inside a tunnel."""
        connection = self.intent.connections[vpn.connection]
        return self._session(
            router=vpn.router,
            neighbor=vpn.neighbor,
            role="vpn",
            path=vpn.connection,
            remote_as=connection.gateway_asn,
            local_address=_bgp_address(vpn),
            interface=vpn.tunnel,
            settings=vpn,
            receive=[self._network(name) for name in connection.networks],
            accepts=connection.accepts,
        )

    def between(self, pair: InternalSession) -> Iterator[ExpectedSession]:
        """Both ends of an iBGP session."""
        defaults = self.intent.defaults.bgp
        detection = self.intent.defaults.bfd.model_copy(update={"required": False})
        for here, there in ((0, 1), (1, 0)):
            yield ExpectedSession(
                router=pair.routers[here],
                customer=self.name,
                site=self.site,
                vrf=self.customer.vrf,
                neighbor=pair.addresses[there],
                role="internal",
                path="internal",
                local_as=self.asn,
                remote_as=self.asn,
                local_address=pair.addresses[here],
                interface=pair.interfaces[here] if pair.interfaces else None,
                hold_time=pair.hold_time or defaults.hold_time,
                keepalive=pair.keepalive or defaults.keepalive,
                minimum_age=pair.minimum_age if pair.minimum_age is not None else defaults.minimum_age,
                local_preference=pair.local_preference,
                announce=union([pair.announce]) if pair.announce else None,
                receive=union([pair.receive]) if pair.receive else None,
                soft_reconfiguration=bool(pair.soft_reconfiguration),
                policy=pair.policy,
                head_room=defaults.head_room,
                flap_window=defaults.flap_window,
                most_drops=defaults.most_drops,
                bfd=expected_bfd(detection, pair.bfd),
                announce_communities=pair.announce_communities,
                inbound_changes=pair.inbound_changes,
            )

    def _session(
        self,
        *,
        router: str,
        neighbor: IPv4Address | IPv6Address,
        role: Role,
        path: str,
        remote_as: int,
        local_address: IPv4Address | IPv6Address | None,
        interface: str,
        settings: SessionSettings,
        receive: Sequence[PrefixSet],
        accepts: int,
        mac: str | None = None,
        bfd: ExpectedBfd | None = None,
        networks: Sequence[Network] = (),
    ) -> ExpectedSession:
        defaults = self.intent.defaults
        preferences = self.customer.local_preference or defaults.local_preference
        own = settings.local_preference
        soft = settings.soft_reconfiguration
        received = self._said(settings.receive, receive, neighbor.version)
        return ExpectedSession(
            router=router,
            customer=self.name,
            site=self.site,
            vrf=self.customer.vrf,
            neighbor=neighbor,
            role=role,
            path=path,
            local_as=self.asn,
            remote_as=remote_as,
            local_address=local_address,
            interface=interface,
            hold_time=settings.hold_time or defaults.bgp.hold_time,
            keepalive=settings.keepalive or defaults.bgp.keepalive,
            minimum_age=settings.minimum_age if settings.minimum_age is not None else defaults.bgp.minimum_age,
            local_preference=own if own is not None else getattr(preferences, role, None),
            announce=self._said(settings.announce, [self.at.prefixes], neighbor.version),
            receive=received,
            soft_reconfiguration=soft if soft is not None else defaults.bgp.soft_reconfiguration,
            policy=settings.policy,
            accepts=accepts,
            head_room=defaults.bgp.head_room,
            flap_window=defaults.bgp.flap_window,
            most_drops=defaults.bgp.most_drops,
            prepends=settings.prepends,
            announce_prepends=_prepends(settings.announce_prepends),
            mac=mac,
            bfd=bfd,
            carried=tuple(_carried(networks, received)),
            announce_communities=settings.announce_communities,
            inbound_changes=settings.inbound_changes,
        )

    def _said(self, own: PrefixSet | None, otherwise: Sequence[PrefixSet], version: int) -> ExpectedPrefixes:
        """What a session itself says of its address family, or what follows from elsewhere."""
        found = union([own] if own else [], version)
        return union(otherwise, version) if found.is_empty else found

    def _interface(
        self,
        router: str,
        name: str,
        role: str,
        address: IPv4Interface | IPv6Interface | None,
        vlans: tuple[int, ...] | None,
    ) -> ExpectedInterface:
        return ExpectedInterface(
            router=router,
            customer=self.name,
            site=self.site,
            vrf=self.customer.vrf,
            name=name,
            role=role,  # type: ignore[arg-type]
            address=address,
            vlans=vlans,
            route_distinguisher=self.customer.route_distinguisher,
        )

    def _tunnel(self, vpn: VpnAttachment) -> ExpectedTunnel:
        connection = self.intent.connections[vpn.connection]
        defaults = self.intent.defaults
        return ExpectedTunnel(
            router=vpn.router,
            customer=self.name,
            site=self.site,
            connection=vpn.connection,
            inner_vrf=self.customer.vrf,
            front_vrf=vpn.front_vrf,
            name=vpn.tunnel,
            address=vpn.address,
            bgp_address=_bgp_address(vpn),
            neighbor=vpn.neighbor,
            peer=vpn.peer,
            source=vpn.source,
            local=vpn.local,
            public=vpn.public,
            protection=vpn.protection,
            ike=vpn.ike or connection.ike or defaults.ike,
            ipsec=vpn.ipsec or connection.ipsec or defaults.ipsec,
            sampling=defaults.sampling,
            authentication=connection.authentication,
            trustpoint=connection.trustpoint,
            valid_for=connection.valid_for,
            mtu=connection.mtu,
            minimum_age=vpn.minimum_age if vpn.minimum_age is not None else defaults.bgp.minimum_age,
            flap_window=defaults.bgp.flap_window,
            most_drops=defaults.bgp.most_drops,
        )


def _spaces(prefixes: ExpectedPrefixes | None) -> tuple[IPv4Network, ...]:
    """All IPv4 prefixes and spaces of a set."""
    named = (*prefixes.required, *prefixes.allowed) if prefixes is not None else ()
    return tuple(sorted({each for each in named if isinstance(each, IPv4Network)}))


def _carrying(interface: ExpectedInterface, session: ExpectedSession | None) -> ExpectedInterface:
    """The interface with what its session tells each side of the other."""
    if session is None:
        return interface
    site, azure = _spaces(session.announce), _spaces(session.receive)
    return replace(interface, site_prefixes=site, azure_prefixes=azure)


def _prepends(said: int | str | None) -> int | None:
    return _BY_PREFERENCE if said is None else said if isinstance(said, int) else None


def far_ends(path: ExpressRouteAttachment) -> tuple[IPv4Address | IPv6Address, ...]:
    """The MSEE's addresses on a path, one per address family that it has."""
    ipv4 = (_ends(path)[1],) if path.has_ipv4 else ()
    return (*ipv4, _ends_ipv6(path.ipv6)[1]) if path.ipv6 else ipv4


def path_subnets(path: ExpressRouteAttachment) -> tuple[IPv4Network | IPv6Network, ...]:
    """The subnets of a path, one per address family whose mask is declared."""
    found: list[IPv4Network | IPv6Network] = []
    if path.has_ipv4:
        found.append(_ends(path)[0].network)
    if path.ipv6 is not None:
        found.append(_ends_ipv6(path.ipv6)[0].network)
    return tuple(each for each in found if each.prefixlen < each.max_prefixlen)


def _ends(path: ExpressRouteAttachment) -> tuple[IPv4Interface, IPv4Address]:
    """The router's and the MSEE's address: Microsoft always takes the second usable one.

    Source: https://learn.microsoft.com/azure/expressroute/expressroute-routing
    """
    address, neighbor = path.address, path.neighbor
    if path.subnet is not None:
        hosts = list(path.subnet.hosts())
        address = address or IPv4Interface((hosts[0], path.subnet.prefixlen))
        neighbor = neighbor or hosts[1]
    if address is None or neighbor is None:
        raise ValueError("a path without addresses")  # the model refuses this
    return address, neighbor


def _ends_ipv6(peering: Ipv6Peering) -> tuple[IPv6Interface, IPv6Address]:
    """As `_ends`."""
    address, neighbor = peering.address, peering.neighbor
    if peering.subnet is not None:
        first, second, *_ = peering.subnet.hosts()
        address = address or IPv6Interface((first, peering.subnet.prefixlen))
        neighbor = neighbor or second
    if address is None or neighbor is None:
        raise ValueError("a peering without addresses")  # the model refuses this
    return address, neighbor


def _bgp_address(vpn: VpnAttachment) -> IPv4Address | None:
    return vpn.bgp_address or (None if vpn.address is None else vpn.address.ip)
