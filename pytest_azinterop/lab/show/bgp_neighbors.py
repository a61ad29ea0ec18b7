"""``show bgp … neighbors``: the block of one neighbor, its session first, then its address family, then its TCP."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.bgp_connection import connection
from pytest_azinterop.lab.show.bgp_policy import address_family
from pytest_azinterop.lab.show.formats import elapsed

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor, BgpProcess

_UNKNOWN_ROUTER_ID = IPv4Address(0)


def neighbor_block(neighbor: BgpNeighbor, process: BgpProcess) -> list[str]:
    """The whole block, an empty line at its end."""
    established = neighbor.state == "Established"
    lines = [_identity(neighbor, process)]
    if neighbor.description:
        lines.append(f" Description: {neighbor.description}")
    if neighbor.peer_group:
        lines.append(f" Member of peer-group {neighbor.peer_group} for session parameters")
    if neighbor.bfd is not None:
        up = "Up" if neighbor.bfd_up else "Down"
        lines.append(" Fall over configured for session")
        lines.append(f" BFD is configured. BFD peer is {up}. Using BFD to detect fast fallover ({neighbor.bfd}).")
    elif neighbor.fall_over:
        lines.append(" Fall over configured for session")
    if neighbor.admin_down:
        lines.append(" Administratively shut down")
    lines.append(f"  BGP version 4, remote router ID {neighbor.remote_router_id or _UNKNOWN_ROUTER_ID}")
    lines += _state(neighbor)
    lines += _capabilities(neighbor) if established else _no_session(neighbor)
    if neighbor.state != "Idle":
        lines += _messages(neighbor)
    if process.log_changes:
        lines.append("  Do log neighbor state changes (via global configuration)")
    default_interval = 0 if neighbor.internal or neighbor.vrf is not None else 30
    lines.append(f"  Default minimum time between advertisement runs is {default_interval} seconds")
    lines.append("")
    if neighbor.activated:
        lines += address_family(neighbor)
    lines += _reachability(neighbor)
    lines += connection(neighbor) if established else ["  No active TCP connection"]
    return [*lines, ""]


def _identity(neighbor: BgpNeighbor, process: BgpProcess) -> str:
    vrf = f"  vrf {neighbor.vrf}," if neighbor.vrf is not None else ""
    own = f"  local AS {neighbor.local_as}," if neighbor.local_as != process.local_as else ""
    link = "internal" if neighbor.internal else "external"
    return f"BGP neighbor is {text(neighbor.address)},{vrf}  remote AS {neighbor.remote_as},{own} {link} link"


def _state(neighbor: BgpNeighbor) -> list[str]:
    if neighbor.state != "Established":
        down = f", down for {elapsed(neighbor.state_age)}" if neighbor.state == "Idle" else ""
        return [f"  BGP state = {neighbor.state}{down}", *_configured_timers(neighbor)]
    return [
        f"  BGP state = Established, up for {elapsed(neighbor.established_for)}",
        f"  Last read {elapsed(neighbor.last_read)}, last write {elapsed(neighbor.last_write)}, "
        f"hold time is {neighbor.hold_time}, keepalive interval is {neighbor.keepalive} seconds",
        f"  Last update received: {elapsed(neighbor.established_for)}",
        *_configured_timers(neighbor),
    ]


def _configured_timers(neighbor: BgpNeighbor) -> list[str]:
    if neighbor.configured_hold_time is None:
        return []
    return [
        f"  Configured hold time is {neighbor.configured_hold_time}, "
        f"keepalive interval is {neighbor.configured_keepalive or 60} seconds",
        f"  Minimum holdtime from neighbor is {neighbor.minimum_hold_time or 0} seconds",
    ]


def _capabilities(neighbor: BgpNeighbor) -> list[str]:
    offers = {"advertised": neighbor.graceful_restart, "received": neighbor.remote_restarts}
    restart = [f"    Graceful Restart Capability: {' and '.join(word for word, given in offers.items() if given)}"]
    if neighbor.remote_restarts:
        restart += [
            f"      Remote Restart timer is {neighbor.remote_restart_time} seconds",
            "      Address families advertised by peer:",
            f"        IPv{neighbor.address.version} Unicast (was not preserved",
        ]
    restart = restart if any(offers.values()) else []
    return [
        "  Neighbor sessions:",
        "    1 active, is not multisession capable (disabled)",
        "  Neighbor capabilities:",
        "    Route refresh: advertised and received(new)",
        "    Four-octets ASN Capability: advertised and received",
        f"    Address family IPv{neighbor.address.version} Unicast: advertised and received",
        *restart,
        "    Enhanced Refresh Capability: advertised and received",
        "    Multisession Capability: ",
        "    Stateful switchover support enabled: NO for session 1",
    ]


def _no_session(neighbor: BgpNeighbor) -> list[str]:
    session = "" if neighbor.state == "Idle" else " for session 0"
    return [
        "  Neighbor sessions:",
        "    0 active, is not multisession capable (disabled)",
        f"    Stateful switchover support enabled: NO{session}",
    ]


def _messages(neighbor: BgpNeighbor) -> list[str]:
    sent, received = neighbor.sent, neighbor.received
    rows = (
        ("Opens:", sent.opens, received.opens),
        ("Notifications:", sent.notifications, received.notifications),
        ("Updates:", sent.updates, received.updates),
        ("Keepalives:", sent.keepalives, received.keepalives),
        ("Route Refresh:", sent.route_refresh, received.route_refresh),
        ("Total:", sent.total, received.total),
    )
    return [
        "  Message statistics:",
        "    InQ depth is 0",
        "    OutQ depth is 0",
        "    ",
        "                         Sent       Rcvd",
        *(f"    {name:<15}{out:>10} {into:>10}" for name, out, into in rows),
    ]


def _reachability(neighbor: BgpNeighbor) -> list[str]:
    tracked = "does" if neighbor.route_to_peer else "does not"
    up, down = (1, 0) if neighbor.route_to_peer else (0, 1)
    lines = [
        f"  Address tracking is enabled, the RIB {tracked} have a route to {text(neighbor.address)}",
        f"  Route to peer address reachability Up: {up}; Down: {down}",
        f"    Last notification {elapsed(neighbor.established_for or neighbor.state_age)}",
        f"  Connections established {neighbor.connections_established}; dropped {neighbor.connections_dropped}",
        _last_reset(neighbor),
    ]
    if neighbor.passive:
        lines.append("  TCP session must be opened passively")
    if not neighbor.internal:
        lines += _external_checks(neighbor)
    same_link = "in same link" if neighbor.interface else "NOT in same link"
    lines.append(f"  Interface associated: {neighbor.interface or '(none)'} (peering address {same_link})")
    lines.append("  Transport(tcp) path-mtu-discovery is enabled")
    if neighbor.graceful_restart:
        lines.append(
            f"  Graceful-Restart is enabled, restart-time {neighbor.restart_time} seconds, "
            f"stalepath-time {neighbor.stalepath_time} seconds"
        )
    else:
        lines.append("  Graceful-Restart is disabled")
    lines.append("  SSO is disabled")
    return lines


def _last_reset(neighbor: BgpNeighbor) -> str:
    if neighbor.last_reset_age is None:
        return "  Last reset never"
    reason = f", due to {neighbor.last_reset_reason}" if neighbor.last_reset_reason else ""
    return f"  Last reset {elapsed(neighbor.last_reset_age)}{reason}"


def _external_checks(neighbor: BgpNeighbor) -> list[str]:
    if neighbor.ttl_security_hops is not None:
        hops = f"  External BGP neighbor may be up to {neighbor.ttl_security_hops} hop away."
        return [hops.replace(" hop ", " hop " if neighbor.ttl_security_hops == 1 else " hops ")]
    check = "disable-connected-check" if neighbor.disable_connected_check else "no-disable-connected-check"
    if neighbor.ebgp_multihop is None:
        configured = "NOT configured" if neighbor.disable_connected_check else "configured"
        return [f"  External BGP neighbor {configured} for connected checks (single-hop {check})"]
    return [
        f"  External BGP neighbor may be up to {neighbor.ebgp_multihop} hops away.",
        f"  External BGP neighbor NOT configured for connected checks (multi-hop {check})",
    ]
