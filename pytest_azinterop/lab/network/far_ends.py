"""From the declaration of a far end to the settings of a node: the simulation knows no other kind of speaker."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.words import is_address
from pytest_azinterop.lab.network.bgp_records import MaximumPrefix, NeighborPolicy

if TYPE_CHECKING:
    from pytest_azinterop.lab.topology import FarEndSpec, IkeSpec, NeighborSpec, TunnelSpec


def far_end_settings(spec: FarEndSpec) -> s.Settings:
    """Interfaces, static routes, BGP, OSPF and IPsec of a far end."""
    return s.Settings(
        hostname=spec.name,
        interfaces=_interfaces(spec),
        statics=tuple(_statics(spec)),
        bgp=_bgp(spec),
        ospf=_ospf(spec),
        crypto=_crypto(spec),
        ipv6_routing=True,
    )


def _interfaces(spec: FarEndSpec) -> dict[str, s.InterfaceSettings]:
    found = {
        link: s.InterfaceSettings(
            name=link,
            address=spec.interfaces.get(link),
            ipv6=(spec.interfaces6[link],) if link in spec.interfaces6 else (),
            ospf_point_to_point=True,
            bfd=_bfd(spec),
        )
        for link in {**spec.interfaces, **spec.interfaces6}
    }
    for name, loopback in spec.addresses.items():
        found[f"Loopback-{name}"] = s.InterfaceSettings(
            name=f"Loopback-{name}", address=IPv4Interface(f"{loopback}/32")
        )
    for tunnel in spec.tunnels:
        name = f"Tunnel-{tunnel.name}"
        found[name] = s.InterfaceSettings(
            name=name,
            tunnel=s.TunnelSettings(
                source=spec.public or next(iter(spec.interfaces), None),
                destination=tunnel.peer,
                mode="ipsec ipv4",
                profile=tunnel.name,
                outer_vrf=None,
            ),
        )
    return found


def _bfd(spec: FarEndSpec) -> s.BfdSettings | None:
    bfd = spec.bfd
    return None if bfd is None else s.BfdSettings(bfd.interval, bfd.min_rx, bfd.multiplier, bfd.echo)


def _statics(spec: FarEndSpec) -> list[s.StaticSettings]:
    found = [
        s.StaticSettings(
            vrf=None,
            prefix=prefix,
            interface=None if is_address(via) else via,
            gateway=ip_address(via) if is_address(via) else None,
        )
        for prefix, via in spec.statics
    ]
    for tunnel in spec.tunnels:
        found += [s.StaticSettings(None, prefix, f"Tunnel-{tunnel.name}", None) for prefix in tunnel.routes]
    return found


def _bgp(spec: FarEndSpec) -> s.BgpSettings | None:
    if spec.asn is None:
        return None
    families: dict[s.FamilyKey, s.BgpFamily] = {}
    for ip in (4, 6):
        neighbors = {each.address: _neighbor(spec, each) for each in spec.neighbors if each.address.version == ip}
        if ip == 4 or neighbors:
            families[None, ip] = s.BgpFamily(vrf=None, neighbors=neighbors, version=ip)
    router_id = spec.router_id or next(
        iter(sorted([*spec.addresses.values(), *(each.ip for each in spec.interfaces.values())])), None
    )
    return s.BgpSettings(asn=spec.asn, families=families, router_id=router_id)


def _neighbor(spec: FarEndSpec, neighbor: NeighborSpec) -> s.NeighborSettings:
    source = neighbor.local
    if source is not None and source in spec.addresses:
        source = f"Loopback-{source}"
    return s.NeighborSettings(
        address=neighbor.address,
        remote_as=neighbor.remote_as,
        multihop=neighbor.multihop,
        update_source=source,
        fall_over_bfd=None if spec.bfd is None else "auto",
        policy=NeighborPolicy(
            next_hop_self=True,
            weight=neighbor.weight or None,
            send_community="both",
            maximum_prefix=None if neighbor.maximum_prefix is None else MaximumPrefix(neighbor.maximum_prefix),
        ),
    )


def _ospf(spec: FarEndSpec) -> tuple[s.OspfSettings, ...]:
    if spec.ospf_area is None:
        return ()
    everything = IPv4Address("255.255.255.255")
    return (s.OspfSettings(process=1, networks=((IPv4Address(0), everything, spec.ospf_area),), vrf_lite=True),)


def _crypto(spec: FarEndSpec) -> s.CryptoSettings:
    if not spec.tunnels:
        return s.CryptoSettings()
    default = spec.ike
    own = {tunnel.name: tunnel.ike for tunnel in spec.tunnels if tunnel.ike is not None}
    offers = {"default": default, **own}
    sets = {
        f"{name}-{index}": s.TransformSet(words)
        for name, ike in offers.items()
        for index, words in enumerate(ike.transforms)
    }
    return s.CryptoSettings(
        trustpoints=tuple({each.trustpoint: None for each in spec.certificates}),
        proposals={
            name: s.IkeProposal(ike.encryption, ike.integrity, ike.groups, ike.integrity)
            for name, ike in offers.items()
        },
        policies=(
            *(
                s.IkePolicy(tunnel.name, (tunnel.name,), fvrf="any", remote_addresses=(tunnel.peer,))
                for tunnel in spec.tunnels
                if tunnel.ike is not None
            ),
            s.IkePolicy("default", ("default",), fvrf="any"),
        ),
        keyrings={
            tunnel.name: (s.KeyringPeer(tunnel.name, IPv4Network(tunnel.peer), None, tunnel.key, tunnel.key),)
            for tunnel in spec.tunnels
        },
        profiles={
            tunnel.name: s.IkeProfile(
                name=tunnel.name,
                remote_networks=() if tunnel.peer_id else (IPv4Network(tunnel.peer),),
                remote_names=(tunnel.peer_id,) if tunnel.peer_id else (),
                auth_local=tunnel.auth,
                auth_remote=tunnel.auth,
                keyring=tunnel.name,
                lifetime=(tunnel.ike or default).ike_lifetime,
                dpd=(tunnel.dpd, 5, "periodic") if tunnel.dpd else None,
            )
            for tunnel in spec.tunnels
        },
        transform_sets=sets,
        ipsec_profiles={tunnel.name: _ipsec_profile(tunnel, default) for tunnel in spec.tunnels},
    )


def _ipsec_profile(tunnel: TunnelSpec, default: IkeSpec) -> s.IpsecProfileSettings:
    ike = tunnel.ike or default
    offer = "default" if tunnel.ike is None else tunnel.name
    return s.IpsecProfileSettings(
        name=tunnel.name,
        transform_sets=tuple(f"{offer}-{index}" for index in range(len(ike.transforms))),
        ike_profile=tunnel.name,
        pfs=ike.pfs,
        lifetime_seconds=ike.sa_lifetime,
        volume_disabled=True,
    )
