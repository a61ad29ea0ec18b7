"""``show bfd neighbors``: one line per session, and the long form with timers and the neighbor's last packet."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, elapsed, short_interface
from pytest_azinterop.lab.show.targets import vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import BfdNeighbor
    from pytest_azinterop.lab.network.view import RouterView

HEADER = "NeighAddr                              LD/RD         RH/RS     State     Int"
_PACKET_BYTES = 24


def show_neighbors(view: RouterView, args: Args) -> str:
    """All sessions, or those of a VRF, an interface, an address or a client."""
    vrf = args.get("vrf")
    if vrf is not None and not vrf_known(view, vrf):
        return f"% VRF {vrf} does not exist"
    chosen = [session for session in view.bfd_neighbors() if _wanted(session, args)]
    lines: list[str] = []
    for family in (4, 6):
        sessions = [session for session in chosen if session.address.version == family]
        if args.has("details"):
            for session in sessions:
                lines += ["", f"IPv{family} Sessions", HEADER, _row(session), *_details(session)]
        elif sessions:
            lines += ["", f"IPv{family} Sessions", HEADER, *(_row(session) for session in sessions)]
    return body(*lines)


def _wanted(session: BfdNeighbor, args: Args) -> bool:
    vrf, interface, address = args.get("vrf"), args.get("interface"), args.get("addr")
    if args.has("ospf") or any(args.has(f"ipv{ip}") and session.address.version != ip for ip in (4, 6)):
        return False
    return (
        vrf in (None, session.vrf)
        and interface in (None, session.interface)
        and (address is None or ip_address(address) == session.address)
    )


def _word(up: bool) -> str:
    return "Up" if up else "Down"


def _row(session: BfdNeighbor) -> str:
    address = str(session.address).upper()
    discriminators = f"{session.local_discriminator:>5}/{session.remote_discriminator:<11}"
    states = f"{_word(session.remote_up):<10}{_word(session.up):<10}"
    return f"{address:<36}{discriminators}{states}{short_interface(session.interface)}"


def _details(session: BfdNeighbor) -> list[str]:
    lines: list[str] = []
    if session.up:
        echo = (
            "not using echo function"
            if session.echo_interval is None
            else f"using echo function with {session.echo_interval} ms interval"
        )
        lines.append(f"Session state is UP and {echo}.")
    lines += [
        f"Session Host: {'Hardware' if session.hardware else 'Software'}",
        f"OurAddr: {str(session.local_address).upper():<15}",
        f"Handle: {session.handle}",
        f"Local Diag: {session.diagnostic}, Demand mode: 0, Poll bit: 0",
        f"MinTxInt: {session.min_tx * 1000}, MinRxInt: {session.min_rx * 1000}, Multiplier: {session.multiplier}",
        f"Received MinRxInt: {session.remote_min_rx * 1000}, Received Multiplier: {session.remote_multiplier}",
        f"Holddown (hits): 0(0), Hello (hits): {session.transmit_interval}({session.sent})",
        f"Rx Count: {session.received}, Rx Interval (ms) min/max/avg: {_spread(session, session.received)}"
        + (f" last: {session.last_received_ms} ms ago" if session.received else ""),
        f"Tx Count: {session.sent}, Tx Interval (ms) min/max/avg: {_spread(session, session.sent)}"
        + (f" last: {session.last_sent_ms} ms ago" if session.sent else ""),
        "Elapsed time watermarks: 0 0 (last: 0)",
        "Registered protocols: BGP CEF ",
        f"{'Uptime' if session.up else 'Downtime'}: {elapsed(session.age)}",
        *_last_packet(session),
    ]
    return lines


def _spread(session: BfdNeighbor, count: int) -> str:
    """Minimum, maximum and mean: BFD takes up to a quarter off each interval (RFC 5880, 6.8.7)."""
    interval = session.transmit_interval
    return f"1/{interval}/{interval * 7 // 8}" if count else "0/0/0"


def _last_packet(session: BfdNeighbor) -> list[str]:
    heard = session.remote_multiplier > 0
    state = _word(session.up) if heard else "AdminDown"
    pairs = (
        ("Version: 1", "Diagnostic: 0"),
        (f"State bit: {state}", "Demand bit: 0"),
        ("Poll bit: 0", "Final bit: 0"),
        ("C bit: 0", ""),
        (f"Multiplier: {session.remote_multiplier}", f"Length: {_PACKET_BYTES if heard else 0}"),
        (
            f"My Discr.: {session.remote_discriminator}",
            f"Your Discr.: {session.local_discriminator if heard else 0}",
        ),
        (f"Min tx interval: {session.remote_min_tx * 1000}", f"Min rx interval: {session.remote_min_rx * 1000}"),
    )
    lines = [
        f"{'Last packet: ' if number == 0 else ' ' * 13}{left:<27}{f' - {right}' if right else ' ' * 16}"
        for number, (left, right) in enumerate(pairs)
    ]
    return [*lines, f"{' ' * 13}{f'Min Echo interval: {session.remote_min_echo * 1000}':<27}"]


_CHOICE = "[(vrf <vrf>|ipv4 [<addr>]|ipv6 [<addr:addr6>]|[interface] <interface>|client (bgp|ospf))]"
COMMANDS: tuple[ShowCommand, ...] = (ShowCommand(f"show bfd neighbors {_CHOICE} [details]", show_neighbors),)
