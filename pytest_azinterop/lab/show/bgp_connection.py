"""The TCP part of a BGP neighbor's block. What the simulation does not model follows from message counts and age."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor

_OPEN_BYTES, _KEEPALIVE_BYTES, _UPDATE_BYTES = 57, 19, 60
_WINDOW = 16384
_SEQUENCE_SPACE = 2**32


def connection(neighbor: BgpNeighbor) -> list[str]:
    """From ``Connection state`` to the semaphore."""
    sent_bytes, received_bytes = _bytes(neighbor, out=True), _bytes(neighbor, out=False)
    sent, received = neighbor.sent.total, neighbor.received.total
    seed = zlib.crc32(f"{neighbor.vrf}/{neighbor.address}/{neighbor.local_port}".encode())
    send_start, receive_start = seed, zlib.crc32(seed.to_bytes(4, "big"))
    send_next = (send_start + sent_bytes) % _SEQUENCE_SPACE
    receive_next = (receive_start + received_bytes) % _SEQUENCE_SPACE
    age_ms = int((neighbor.established_for or 0) * 1000)
    uptime = age_ms if age_ms < 2**31 else -1
    active = neighbor.foreign_port == 179
    ttl = 255 if neighbor.internal else neighbor.ebgp_multihop or 1
    minimum_ttl = 0
    if neighbor.ttl_security_hops is not None:
        ttl, minimum_ttl = 255, 255 - neighbor.ttl_security_hops
    options = ["VRF id set"] if neighbor.vrf is not None else []
    options += ["nagle", "path mtu capable"]
    options += ["md5"] if neighbor.password else []
    timers = (
        ("Retrans", sent, 0, "0x0"),
        ("TimeWait", 0, 0, "0x0"),
        ("AckHold", received, max(0, received - 3), "0x0"),
        ("SendWnd", 0, 0, "0x0"),
        ("KeepAlive", 0, 0, "0x0"),
        ("GiveUp", 0, 0, "0x0"),
        ("PmtuAger", age_ms // 600_000, age_ms // 600_000, f"0x{age_ms + 600_000 & 0xFFFFFFFF:X}"),
        ("DeadWait", 0, 0, "0x0"),
        ("Linger", 0, 0, "0x0"),
        ("ProcessQ", 0, 0, "0x0"),
    )
    return [
        "Connection state is ESTAB, I/O status: 1, unread input bytes: 0            ",
        f"Connection is ECN Disabled, Mininum incoming TTL {minimum_ttl}, Outgoing TTL {ttl}",
        f"Local host: {text(neighbor.local_host)}, Local port: {neighbor.local_port}",
        f"Foreign host: {text(neighbor.foreign_host)}, Foreign port: {neighbor.foreign_port}",
        f"Connection tableid (VRF): {neighbor.table_id}",
        "Maximum output segment queue size: 50",
        "",
        "Enqueued packets for retransmit: 0, input: 0  mis-ordered: 0 (0 bytes)",
        "",
        f"Event Timers (current time is 0x{age_ms & 0xFFFFFFFF:X}):",
        "Timer          Starts    Wakeups            Next",
        *(f"{name:<10}{starts:>11} {wakeups:>10} {following:>15}" for name, starts, wakeups, following in timers),
        "",
        f"iss: {send_start:>10}  snduna: {send_next:>10}  sndnxt: {send_next:>10}",
        f"irs: {receive_start:>10}  rcvnxt: {receive_next:>10}",
        "",
        f"sndwnd: {_WINDOW - sent_bytes % 1000:>6}  scale: {0:>6}  maxrcvwnd: {_WINDOW:>6}",
        f"rcvwnd: {_WINDOW - received_bytes % 1000:>6}  scale: {0:>6}  delrcvwnd: {received_bytes % 1000:>6}",
        "",
        "SRTT: 1000 ms, RTTO: 1003 ms, RTV: 3 ms, KRTT: 0 ms",
        "minRTT: 1 ms, maxRTT: 1000 ms, ACK hold: 200 ms",
        f"uptime: {uptime} ms, Sent idletime: {int((neighbor.last_write or 0) * 1000)} ms, "
        f"Receive idletime: {int((neighbor.last_read or 0) * 1000)} ms ",
        f"Status Flags: {'active open' if active else 'passive open, gen tcbs'}",
        f"Option Flags: {', '.join(options)}",
        "IP Precedence value : 6",
        "Window update Optimisation : Disabled",
        "ACK Optimisation : Dynamic ACK Tuning Enabled",
        "",
        "Datagrams (max data segment is 1460 bytes):",
        "Peer MSS: 1460",
        f"Rcvd: {received * 2} (out of order: 0), with data: {received}, total data bytes: {received_bytes}",
        f"Sent: {sent * 2} (retransmit: 0, fastretransmit: 0, partialack: 0, Second Congestion: 0), "
        f"with data: {sent}, total data bytes: {sent_bytes}",
        "",
        " Packets received in fast path: 0, fast processed: 0, slow path: 0",
        " fast lock acquisition failures: 0, slow path: 0",
        f"TCP Semaphore      0x7F{seed:08X}C8  FREE ",
    ]


def _bytes(neighbor: BgpNeighbor, *, out: bool) -> int:
    messages = neighbor.sent if out else neighbor.received
    return (
        messages.opens * _OPEN_BYTES
        + (messages.keepalives + messages.notifications + messages.route_refresh) * _KEEPALIVE_BYTES
        + messages.updates * _UPDATE_BYTES
    )
