"""IKEv2 and IPsec of one router as its show commands see them."""

from __future__ import annotations

import zlib
from dataclasses import replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, TypedDict

from pytest_azinterop.lab.network import negotiation
from pytest_azinterop.lab.network.crypto_records import (
    CryptoFlow,
    CryptoSession,
    IkeSa,
    Ikev2Proposal,
    IpsecCounters,
    IpsecIdentity,
    IpsecProfile,
    IpsecSa,
)
from pytest_azinterop.lab.network.packet_size import path_mtu, plaintext_mtu, tunnel_transform
from pytest_azinterop.lab.network.tunnel_traffic import replay_window

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.crypto import Association, Crypto
    from pytest_azinterop.lab.network.negotiation import Side
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.tunnel_traffic import Traffic

ANY = IPv4Network("0.0.0.0/0")
_METHODS = {"pre-share": "PSK", "rsa-sig": "RSA"}
_PRF = {"sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512", "md5": "MD5"}


class _Methods(TypedDict):
    auth_sign: str | None
    auth_verify: str | None


def _tunnels(node: Node) -> list[InterfaceSettings]:
    return [
        each
        for each in node.settings.interfaces.values()
        if each.tunnel is not None and each.tunnel.profile is not None
    ]


def ike_sas(node: Node, crypto: Crypto, now: float) -> tuple[IkeSa, ...]:
    """Every IKE SA, those in negotiation included."""
    found: list[IkeSa] = []
    for number, settings in enumerate(_tunnels(node), 1):
        association = crypto.associations.get((node.name, settings.name))
        if association is not None and association.end(node).holds:
            found.append(_ready(node, settings, association, number, now))
            continue
        pending = _pending(node, crypto, settings, number)
        if pending is not None:
            found.append(pending)
    return tuple(found)


def _blank(side: Side, settings: InterfaceSettings, number: int, status: str, spi: int) -> IkeSa:
    profile = negotiation.ike_profile(side)
    dpd = None if profile is None else profile.dpd or side.crypto.dpd
    return IkeSa(
        tunnel_id=number, local=side.local, local_port=500, remote=side.remote, remote_port=500, fvrf=side.fvrf,
        ivrf=settings.vrf, status=status, encryption=None, key_size=None, prf=None, integrity=None, dh_group=None,
        auth_sign=None, auth_verify=None, lifetime=86400 if profile is None else profile.lifetime, active_time=0,
        initiator=True, local_spi=spi, remote_spi=0, local_id=negotiation.identity(side), remote_id=None,
        local_message_id=0, remote_message_id=0, dpd_interval=0 if dpd is None else dpd[0], nat_detected=False,
        nat_outside=False, fragmentation=side.crypto.fragmentation, profile=None if profile is None else profile.name,
    )  # fmt: skip


def _algorithms(sa: IkeSa, suite: negotiation.IkeSuite) -> IkeSa:
    name, size = negotiation.ENCRYPTION[suite.encryption]
    return replace(
        sa,
        encryption=name,
        key_size=size,
        prf=_PRF[suite.prf],
        integrity=None if suite.integrity is None else negotiation.INTEGRITY[suite.integrity],
        dh_group=suite.group,
    )


def _methods(side: Side) -> _Methods:
    """How the profile says that the two ends prove who they are."""
    profile = negotiation.ike_profile(side)
    local, remote = (None, None) if profile is None else (profile.auth_local, profile.auth_remote)
    return {"auth_sign": _METHODS.get(local or ""), "auth_verify": _METHODS.get(remote or "")}


def _ready(node: Node, settings: InterfaceSettings, association: Association, number: int, now: float) -> IkeSa:
    end, other = association.end(node), association.other(node)
    sa = _algorithms(_blank(end.side, settings, number, "READY", association.spi(node, "ike")), association.suite)
    initiator = association.ends[0] is end
    exchanged = 2 + association.generation
    return replace(
        sa,
        local_port=association.port,
        remote_port=association.port,
        nat_detected=bool(association.behind_nat),
        nat_outside=node.name not in association.behind_nat,
        **_methods(end.side),
        lifetime=end.ike_life,
        active_time=int(now - association.ike_at),
        initiator=initiator,
        remote_spi=association.spi(other.node, "ike"),
        remote_id=negotiation.identity(other.side),
        local_message_id=exchanged if initiator else 0,
        remote_message_id=0 if initiator else exchanged,
        children=(association.spi(node, "esp"),),
    )


def _pending(node: Node, crypto: Crypto, settings: InterfaceSettings, number: int) -> IkeSa | None:
    """The attempt of the moment. Without an answer it stays in negotiation; after a failed proposal nothing stays."""
    attempt, side = crypto.attempts.get((node.name, settings.name)), crypto.side(node, settings)
    if attempt is None or side is None or negotiation.ike_profile(side) is None:
        return None
    spi = zlib.crc32(f"{node.name}{settings.name}{attempt.since}".encode())
    if not attempt.answered or attempt.failure is None:
        return _blank(side, settings, number, "IN-NEG", spi)
    if attempt.failure.stage == "init" or attempt.failure.suite is None:
        return None
    sa = _algorithms(_blank(side, settings, number, "DELETE", spi), attempt.failure.suite)
    return replace(sa, **_methods(side), remote_spi=spi ^ 0xFFFFFFFF)


def identities(node: Node, crypto: Crypto, now: float) -> tuple[IpsecIdentity, ...]:
    """One block per protected tunnel that can name its two ends."""
    found: list[IpsecIdentity] = []
    for settings in _tunnels(node):
        side = crypto.side(node, settings)
        if side is None or negotiation.ipsec_profile(side) is None:
            continue
        found.append(_identity(node, crypto, settings, side, now))
    return tuple(found)


def _identity(node: Node, crypto: Crypto, settings: InterfaceSettings, side: Side, now: float) -> IpsecIdentity:
    key = (node.name, settings.name)
    association = crypto.associations.get(key)
    if association is not None and not association.end(node).holds:
        association = None
    profile = negotiation.ipsec_profile(side)
    inbound, outbound = ((), ()) if association is None else _pair(node, settings, association, side, now)
    hops = node.table(side.fvrf).resolve(side.remote)
    transform, udp = tunnel_transform(node, settings, crypto)
    rekeyed = association is not None and association.generation > 0
    return IpsecIdentity(
        interface=settings.name,
        crypto_map=f"{settings.name}-head-0",
        local_address=side.local,
        protected_vrf=settings.vrf,
        local_selector=ANY,
        remote_selector=ANY,
        peer=side.remote,
        peer_port=500 if association is None else association.port,
        counters=counters(crypto.traffic.get(key), now),
        path_mtu=path_mtu(node, settings),
        ip_mtu=1500,
        ip_mtu_interface=hops[0].interface if hops else None,
        plaintext_mtu=plaintext_mtu(path_mtu(node, settings), transform, udp=udp),
        outbound_spi=outbound[0].spi if outbound else 0,
        pfs=profile.pfs if profile is not None and rekeyed else None,
        inbound=inbound,
        outbound=outbound,
    )


def counters(traffic: Traffic | None, now: float) -> IpsecCounters:
    """Packets of a tunnel up to now."""
    if traffic is None:
        return IpsecCounters()
    packets = traffic.until(now)
    out, into = int(packets.encaps), int(packets.decaps)
    unverified, replayed = int(packets.unverified), int(packets.replayed)
    return IpsecCounters(
        encaps=out, encrypt=out, digest=out, decaps=into, decrypt=into, verify=into, send_errors=traffic.send_errors,
        recv_errors=unverified + replayed, verify_failed=unverified, replay_failed=replayed,
    )  # fmt: skip


def _pair(
    node: Node, settings: InterfaceSettings, association: Association, side: Side, now: float
) -> tuple[tuple[IpsecSa, ...], tuple[IpsecSa, ...]]:
    profile = negotiation.ipsec_profile(side)
    left = max(0, int(association.child_at + association.child_lifetime() - now))
    volume = None
    if profile is not None and not (profile.volume_disabled or side.crypto.volume_disabled):
        volume = (profile.lifetime_kb or side.crypto.lifetime_kb) - int((now - association.child_at) * 0.4)
    number = 2001 + 2 * association.generation

    def sa(spi: int, conn: int, *, inbound: bool) -> IpsecSa:
        return IpsecSa(
            spi=spi,
            inbound=inbound,
            transform=negotiation.transform_words(association.child.transform),
            mode=association.child.mode.capitalize() + (" UDP-Encaps" if association.behind_nat else ""),
            conn_id=conn,
            flow_id=f"ESG:{conn - 2000}",
            crypto_map=f"{settings.name}-head-0",
            remaining_kb=volume,
            remaining_seconds=left,
            replay_window=replay_window(side),
        )

    other = association.other(node)
    return (
        (sa(association.spi(node, "esp"), number, inbound=True),),
        (sa(association.spi(other.node, "esp"), number + 1, inbound=False),),
    )


def sessions(node: Node, crypto: Crypto, now: float) -> tuple[CryptoSession, ...]:
    """One session per protected tunnel."""
    sas = {(each.local, each.remote, each.ivrf): each for each in ike_sas(node, crypto, now)}
    found: list[CryptoSession] = []
    for each in identities(node, crypto, now):
        sa = sas.get((each.local_address, each.peer, each.protected_vrf))
        association = crypto.associations.get((node.name, each.interface))
        up = bool(each.inbound)
        status = "UP-ACTIVE" if up else "DOWN-NEGOTIATING" if sa is not None and sa.status == "IN-NEG" else "DOWN"
        kb = each.inbound[0].remaining_kb if up else 0
        seconds = each.inbound[0].remaining_seconds if up else 0
        flow = CryptoFlow(
            local=ANY,
            remote=ANY,
            active_sas=2 if up else 0,
            origin="crypto map",
            in_decrypted=each.counters.decaps,
            in_dropped=each.counters.recv_errors,
            in_life_kb=kb,
            in_life_seconds=seconds,
            out_encrypted=each.counters.encaps,
            out_dropped=each.counters.send_errors,
            out_life_kb=kb,
            out_life_seconds=seconds,
        )
        profile = None if sa is None or sa.status != "READY" else sa.profile
        found.append(
            CryptoSession(
                interface=each.interface,
                profile=profile,
                uptime=None if association is None or not up else now - association.up_at,
                status=status,
                peer=each.peer,
                peer_port=each.peer_port,
                fvrf=sa.fvrf if sa is not None else None,
                ivrf=each.protected_vrf,
                phase1_id=sa.remote_id if sa is not None else None,
                description=None,
                ike_sas=() if sa is None else (sa,),
                flows=(flow,),
            )
        )
    return tuple(found)


def proposals(node: Node) -> tuple[Ikev2Proposal, ...]:
    """Configured proposals and the default one."""
    return tuple(
        Ikev2Proposal(name, each.encryption, each.integrity, each.prf, each.groups)
        for name, each in node.settings.crypto.proposals.items()
    )


def profiles(node: Node) -> tuple[IpsecProfile, ...]:
    """IPsec profiles with the interfaces that use them."""
    crypto = node.settings.crypto
    return tuple(
        IpsecProfile(
            name=name,
            ikev2_profile=each.ike_profile,
            transform_sets=each.transform_sets,
            pfs=each.pfs,
            lifetime_seconds=each.lifetime_seconds or crypto.lifetime_seconds,
            lifetime_kb=None if each.volume_disabled else each.lifetime_kb or crypto.lifetime_kb,
            interfaces=tuple(
                interface.name
                for interface in _tunnels(node)
                if interface.tunnel is not None and interface.tunnel.profile == name
            ),
        )
        for name, each in crypto.ipsec_profiles.items()
    )


def clear_counters(name: str, crypto: Crypto, now: float) -> None:
    """``clear crypto sa counters``."""
    for key, traffic in crypto.traffic.items():
        if key[0] == name:
            traffic.clear(now)


def drop_associations(node: Node, crypto: Crypto, peer: IpAddress | None, now: float) -> None:
    """End those with a peer, or all; their counters start anew."""
    for key, association in list(crypto.associations.items()):
        if key[0] != node.name or (peer is not None and association.end(node).side.remote != peer):
            continue
        crypto.drop(association, now)
        traffic = crypto.traffic.get(key)
        if traffic is not None:
            traffic.clear(now)
