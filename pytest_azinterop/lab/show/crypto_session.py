"""``show crypto session``."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_time, elapsed

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.crypto_records import CryptoFlow, CryptoSession, IkeSa
    from pytest_azinterop.lab.network.view import RouterView

_TITLE = "Crypto session current status"
_CODES = (
    "",
    "Code: C - IKE Configuration mode, D - Dead Peer Detection     ",
    "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     ",
    "X - IKE Extended Authentication, F - IKE Fragmentation",
    "R - IKE Auto Reconnect, U - IKE Dynamic Route Update",
    "S - SIP VPN, E - Stronger IKE Encryption Enforced",
)


def session_lines(session: CryptoSession, *, detail: bool) -> list[str]:
    """One block."""
    lines = [f"Interface: {session.interface}"]
    if session.profile is not None:
        lines.append(f"Profile: {session.profile}")
    if detail and session.uptime is not None:
        lines.append(f"Uptime: {elapsed(session.uptime)}")
    padding = " " * 5 if session.status.startswith("UP") else ""
    lines.append(f"Session status: {session.status}{padding}")
    if detail:
        vrfs = f"fvrf: {session.fvrf or '(none)'} ivrf: {session.ivrf or '(none)'}"
        lines += [
            f"Peer: {session.peer} port {session.peer_port} {vrfs}",
            f"      Phase1_id: {session.phase1_id or '(none)'}",
            f"      Desc: {session.description or '(none)'}",
        ]
    else:
        lines.append(f"Peer: {session.peer} port {session.peer_port} ")
    for sa in session.ike_sas:
        lines += _ike(sa, detail=detail)
    for flow in session.flows:
        lines += _flow(flow, detail=detail)
    return lines


def _ike(sa: IkeSa, *, detail: bool) -> list[str]:
    active = sa.status == "READY"
    lines = [
        f"  Session ID: {sa.tunnel_id if active else 0}  ",
        f"  IKEv2 SA: local {sa.local}/{sa.local_port} remote {sa.remote}/{sa.remote_port} "
        f"{'Active' if active else 'Inactive'} ",
    ]
    if detail:
        present = (("D", sa.dpd_interval > 0), ("N", sa.nat_detected), ("F", sa.fragmentation), ("U", active))
        capabilities = "".join(letter for letter, there in present if there) or "(none)"
        left = clock_time(sa.lifetime - sa.active_time) if active else "0"
        lines.append(f"          Capabilities:{capabilities} connid:{sa.tunnel_id if active else 0} lifetime:{left}")
    return lines


def _flow(flow: CryptoFlow, *, detail: bool) -> list[str]:
    lines = [
        f"  IPSEC FLOW: permit ip {_selector(flow.local)} {_selector(flow.remote)} ",
        f"        Active SAs: {flow.active_sas}, origin: {flow.origin}",
    ]
    if detail:
        lines += [
            f"        Inbound:  #pkts dec'ed {flow.in_decrypted} drop {flow.in_dropped} life (KB/Sec) "
            f"{_life(flow.in_life_kb)}/{flow.in_life_seconds}",
            f"        Outbound: #pkts enc'ed {flow.out_encrypted} drop {flow.out_dropped} life (KB/Sec) "
            f"{_life(flow.out_life_kb)}/{flow.out_life_seconds}",
        ]
    return lines


def _selector(network: IPv4Network) -> str:
    return (
        f"host {network.network_address}" if network.prefixlen == 32 else f"{network.network_address}/{network.netmask}"
    )


def _life(kilobytes: int | None) -> str:
    return "KB Vol Rekey Disabled" if kilobytes is None else str(kilobytes)


def show_session(view: RouterView, args: Args) -> str:
    """``show crypto session [interface X|remote A] [detail]``."""
    interface, remote = args.get("interface"), args.get("addr")
    detail = args.has("detail")
    lines: list[str] = [_TITLE, *(_CODES if detail else ()), ""]
    for session in view.crypto_sessions():
        if interface is not None and session.interface != interface:
            continue
        if remote is not None and session.peer != IPv4Address(remote):
            continue
        lines += [*session_lines(session, detail=detail), ""]
    return body(*lines)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show crypto session [detail]", show_session),
    ShowCommand("show crypto session interface <interface> [detail]", show_session),
    ShowCommand("show crypto session remote <addr> [detail]", show_session),
)
