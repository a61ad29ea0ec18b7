"""Ping and traceroute through the computed forwarding."""

from __future__ import annotations

import zlib
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import interface_name
from pytest_azinterop.lab.network.records import PingReply, PingResult, TraceHop, TraceResult
from pytest_azinterop.lab.network.tunnel_traffic import Packets, received, replay_window

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.forwarding import Forwarding, Walk
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.view import PingRequest, TraceRequest

MARKS = {"delivered": "!", "no route": "U", "null": "U", "filtered": "U", "too big": "M", "lost": ".", "ttl": "."}
NOT_OURS = "% Invalid source address- IP address not on any of our up interfaces"
UNRECOGNIZED = "% Unrecognized host or address, or protocol not running."


def _speaks_from(node: Node, interface: InterfaceSettings, version: int) -> IpAddress | None:
    """The address of an interface, or the one that it borrows (``ip unnumbered``)."""
    own = interface.source(version)
    if own is None and version == 4 and interface.unnumbered is not None:
        lender = node.settings.interfaces.get(interface.unnumbered)
        return None if lender is None or lender.vrf != interface.vrf else lender.source(version)
    return own


def _source(node: Node, vrf: str | None, text: str | None, target: IpAddress) -> IpAddress | str | None:
    """The source address; a text is IOS's refusal, None means that there is no route to send by."""
    if text is None:
        if node.owner(vrf, target) is not None:
            return target
        hops = node.table(vrf).resolve(target)
        via = node.settings.interfaces.get(hops[0].interface or "") if hops else None
        if via is None:
            return None
        version = target.version
        if (own := _speaks_from(node, via, version)) is not None:
            return own
        others = (each.source(version) for each in node.settings.interfaces.values() if each.vrf == vrf or version == 4)
        return next((each for each in others if each is not None), None)
    name = interface_name(text)
    if name is not None:
        settings = node.settings.interfaces.get(name)
        own = None if settings is None else _speaks_from(node, settings, target.version)
        if settings is None or own is None or settings.vrf != vrf or not node.up(name):
            return "% Invalid source interface - IP not enabled or interface is down"
        return own
    try:
        address = ip_address(text)
    except ValueError:
        return "% Invalid source"
    return address if node.owner(vrf, address) is not None else NOT_OURS


def _target(node: Node, vrf: str | None, text: str) -> IpAddress | str:
    if vrf is not None and vrf not in node.settings.vrfs:
        return f"% VRF {vrf} does not exist"
    try:
        return ip_address(text)
    except ValueError:
        return UNRECOGNIZED


def ping(node: Node, forwarding: Forwarding, crypto: Crypto, request: PingRequest, now: float) -> PingResult:
    """Send the probes; those through a tunnel count on it."""
    nothing = IPv4Address(0)
    target = _target(node, request.vrf, request.destination)
    if isinstance(target, str):
        return PingResult(nothing, None, request.size, request.timeout, (), error=target)
    source = _source(node, request.vrf, request.source, target)
    if isinstance(source, str):
        return PingResult(target, None, request.size, request.timeout, (), error=source)
    if source is None:
        silent = (PingReply(".", None),) * request.repeat
        return PingResult(target, None, request.size, request.timeout, silent)
    there = forwarding.walk(node, request.vrf, source, target, size=request.size, df=request.df_bit)
    mark, rtt, back = MARKS[there.outcome], None, None
    if there.node is node:
        mark = "." if there.outcome in ("no route", "null") else mark
    elif mark in ("U", "M") and not _unreachable_returns(forwarding, there, node, request.vrf, source):
        mark = "."
    if there.delivered:
        back = forwarding.reply(there, source, target, size=request.size)
        if not back.delivered or back.node is not node or back.vrf != request.vrf:
            mark = "."
        else:
            rtt = max(1.0, there.delay_ms + back.delay_ms)
    replies = tuple(
        PingReply(".", None)
        if mark == "!" and unlucky(there, back, index, now)
        else PingReply(mark, None if rtt is None else rtt * (1 + _queueing(target, index, now)))
        for index in range(request.repeat)
    )
    _count(crypto, there, back, request.repeat, now)
    return PingResult(target, source, request.size, request.timeout, replies)


def _queueing(target: IpAddress, index: int, now: float) -> float:
    """The share by which queues on the way delay one probe, at most 5 %."""
    return zlib.crc32(f"{target}{index}{now:.3f}".encode()) % 50 / 1000


def _unreachable_returns(
    forwarding: Forwarding, there: Walk, node: Node, vrf: str | None, source: IpAddress
) -> bool:  # fmt: skip
    """Whether the node that gave a packet up says so, and the sender hears it. Azure's own routers say nothing."""
    end = there.node
    if end is None or (end.far_end is not None and end.far_end.kind in ("msee", "vpn-gateway")):
        return False
    came_by = end.settings.interfaces.get(there.ingress or "")
    if came_by is None or came_by.address is None or not came_by.unreachables:
        return False
    back = forwarding.walk(end, there.vrf, came_by.address.ip, there.source or source, size=56)
    return back.delivered and back.node is node and back.vrf == vrf


def unlucky(there: Walk, back: Walk | None, index: int, now: float) -> bool:
    """Random loss of the links on the way, the same for the same moment."""
    walks = [there] if back is None else [there, back]
    shares = [(crossing.link.spec.name, crossing.lost) for walk in walks for crossing in walk.links]
    shares += [("replay", walk.replayed) for walk in walks]
    for number, (name, share) in enumerate(shares):
        if zlib.crc32(f"{name}{index}{number}{now:.3f}".encode()) % 10000 / 10000 < share:
            return True
    return False


def _count(crypto: Crypto, there: Walk, back: Walk | None, packets: int, now: float) -> None:
    """Probes count at both ends of the tunnels on their way; what the links take does not get further."""
    left = float(packets)
    for walk in (there, back):
        if walk is None:
            continue
        for key, links in zip(walk.tunnels, walk.carried, strict=True):
            association = crypto.associations.get(key)
            if association is None:
                continue
            mine = crypto.traffic.get(key)
            if mine is not None:
                mine.add(now, Packets(encaps=left))
            other = next(end for end in association.ends if (end.node.name, end.interface) != key)
            theirs = crypto.traffic.get((other.node.name, other.interface))
            taken = received(left, links, replay_window(other.side))
            if theirs is not None:
                theirs.add(now, taken)
            left = taken.decaps


def traceroute(node: Node, forwarding: Forwarding, request: TraceRequest) -> TraceResult:
    """The hops that answer, in order; a hop that is silent prints stars."""
    target = _target(node, request.vrf, request.destination)
    if isinstance(target, str):
        return TraceResult(IPv4Address(0), (), reached=False, error=target)
    source = _source(node, request.vrf, request.source, target)
    if isinstance(source, str):
        return TraceResult(target, (), reached=False, error=source)
    if source is None:
        return TraceResult(target, _stars(1, request.max_ttl), reached=False)
    walk = forwarding.walk(node, request.vrf, source, target, size=60)
    hops: list[TraceHop] = []
    for ttl, address in enumerate(walk.hops[: request.max_ttl], 1):
        rtt = max(1.0, 2 * walk.delay_ms * ttl / len(walk.hops))
        answers = address is not None and _answers(forwarding, walk, node, request.vrf, source, address, ttl)
        hops.append(TraceHop(ttl, address if answers else None, (rtt,) * request.probes if answers else ()))
    reached = walk.delivered and bool(hops) and hops[-1].address == target
    if reached:
        return TraceResult(target, tuple(hops[request.min_ttl - 1 :]), reached=True)
    if walk.outcome in ("no route", "null", "filtered") and hops and hops[-1].address is not None:
        code = "!A" if walk.outcome == "filtered" else "!H"
        hops.append(TraceHop(len(hops) + 1, hops[-1].address, (), code=code))
        return TraceResult(target, tuple(hops[request.min_ttl - 1 :]), reached=False)
    stars = _stars(len(hops) + 1, request.max_ttl)
    return TraceResult(target, tuple(hops[request.min_ttl - 1 :]) + stars, reached=False)


def _answers(
    forwarding: Forwarding, walk: Walk, node: Node, vrf: str | None, source: IpAddress, address: IpAddress, ttl: int
) -> bool:
    """Whether the answer of a hop comes back."""
    if ttl == len(walk.hops) and walk.delivered:
        back = forwarding.reply(walk, source, address, size=60)
        return back.delivered and back.node is node
    there = forwarding.walk(node, vrf, source, address, size=60)
    if not there.delivered or there.node is None:
        return False
    back = forwarding.walk(there.node, there.vrf, address, source, size=60)
    return back.delivered and back.node is node


def _stars(first: int, last: int) -> tuple[TraceHop, ...]:
    return tuple(TraceHop(ttl, None, ()) for ttl in range(first, last + 1))
