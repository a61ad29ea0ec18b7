"""The ``clear`` commands."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.session import ExecCommand, Question, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor


def _confirmed(prompt: str, action: Callable[[Session], None]) -> Callable[[Session, Args], str]:
    """Ask ``[confirm]``: Enter or ``y`` goes on, every other key does not."""

    def answer(session: Session, key: str) -> str:
        if key in {"\r", "\n", "y", "Y"}:
            action(session)
        return "\n"

    def run(session: Session, _: Args) -> str:
        session.question = Question(f"{prompt} [confirm]", answer, key=True)
        return ""

    return run


def _bgp(session: Session, args: Args) -> str:
    if session.view.bgp() is None:
        return "% BGP not active\n\n"
    soft = next((word for word in ("in", "out") if args.has(word)), "both" if args.has("soft") else None)
    vrf = args.get("vrf")
    ip = 6 if args.has("vpnv6") or args.has("ipv6") else 4
    address, number = args.get("addr"), args.get("number")
    if number is not None:
        neighbors = [peer.address for peer in _neighbors(session, vrf, ip) if peer.remote_as == int(number)]
        if not neighbors:
            return f'%BGP: Unknown neighbor - "{number}"\n'
        refusals = [session.view.clear_bgp(vrf, neighbor, soft=soft) for neighbor in neighbors]
        return "".join(f"{text.rstrip()}\n" for text in refusals if text)
    neighbor = ip_address(address) if address is not None else None
    everywhere = neighbor is None and vrf is None and ip == 4
    if ip == 4:
        text = session.view.clear_bgp(vrf, neighbor, soft=soft, every_vrf=everywhere)
    else:
        text = session.view.clear_bgp(vrf, neighbor, soft=soft, ip=6)
    return f"{text.rstrip()}\n" if text else ""


def _neighbors(session: Session, vrf: str | None, ip: int) -> tuple[BgpNeighbor, ...]:
    return session.view.bgp_neighbors(vrf) if ip == 4 else session.view.bgp_neighbors(vrf, 6)


def _ipsec(session: Session, args: Args) -> str:
    peer = args.get("addr")
    session.view.clear_ipsec(IPv4Address(peer) if peer else None, counters=args.has("counters"))
    return ""


def _ike(session: Session, args: Args) -> str:
    peer = args.get("addr")
    session.view.clear_ike(IPv4Address(peer) if peer else None)
    return ""


def _counters(session: Session, args: Args) -> str:
    name = args.get("interface")
    if name is None:
        prompt = 'Clear "show interface" counters on all interfaces'
    elif session.view.interface(name) is None:
        return "% Invalid interface\n"
    else:
        prompt = 'Clear "show interface" counters on this interface'
    return _confirmed(prompt, lambda session: session.view.clear_counters(name))(session, args)


def _arp(session: Session, _: Args) -> str:
    session.view.clear_arp()
    return ""


_TARGET = "(*|<addr>|<number>) [soft [in|out]|in|out]"
_TARGET6 = "(*|<addr:addr6>|<number>) [soft [in|out]|in|out]"

CLEARING = (
    ExecCommand(f"clear ip bgp [vrf <vrf>] {_TARGET}", _bgp),
    ExecCommand(f"clear ip bgp vpnv4 unicast [vrf <vrf>] {_TARGET}", _bgp),
    ExecCommand(f"clear ip bgp ipv4 unicast [vrf <vrf>] {_TARGET}", _bgp),
    ExecCommand(f"clear bgp (vpnv4|ipv4) unicast [vrf <vrf>] {_TARGET}", _bgp),
    ExecCommand(f"clear bgp vpnv6 unicast vrf <vrf> {_TARGET6}", _bgp),
    ExecCommand(f"clear bgp ipv6 unicast {_TARGET6}", _bgp),
    ExecCommand(f"clear bgp vrf <vrf> {_TARGET}", _bgp),
    ExecCommand("clear crypto sa [peer <addr>|counters]", _ipsec),
    ExecCommand("clear crypto ikev2 sa [remote <addr>] [fast]", _ike),
    ExecCommand("clear crypto session [remote <addr>]", _ike),
    ExecCommand("clear counters [<interface>]", _counters),
    ExecCommand("clear logging", _confirmed("Clear logging buffer", lambda session: session.view.clear_log())),
    ExecCommand("clear (arp-cache|arp)", _arp),
)
