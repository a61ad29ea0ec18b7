"""The clock and its sources: ``show clock``, ``show ntp status``, ``show ntp associations``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_line

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_NOMINAL_HZ = 250.0
NOT_ENABLED = "%NTP is not enabled."


def show_clock(view: RouterView, args: Args) -> str:
    """``*`` in front: the time is not authoritative; ``.``: it is, and follows no source at present."""
    state = view.ntp()
    line = f"{state.mark}{clock_line(view.now())}"
    if not args.has("detail"):
        return line
    return body(line, "Time source is NTP" if state.ever else "Time source is hardware calendar")


def show_ntp_status(view: RouterView, _args: Args) -> str:
    """``show ntp status``."""
    state, now = view.ntp(), view.now()
    if not state.enabled:
        return NOT_ENABLED
    frequency = f"{_NOMINAL_HZ / (1 + state.drift):.4f}"
    rate = f"nominal freq is {_NOMINAL_HZ:.4f} Hz, actual freq is {frequency} Hz, precision is 2**10"
    uptime = f"ntp uptime is {int(state.uptime * 100)} (1/100 of seconds), resolution is 4000"
    peer = state.peer
    if peer is None:
        return body(
            "Clock is unsynchronized, stratum 16, no reference clock",
            rate,
            uptime,
            "reference time is 00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)",
            "clock offset is 0.0000 msec, root delay is 0.00 msec",
            "root dispersion is 16000.00 msec, peer dispersion is 0.00 msec",
            f"loopfilter state is 'FSET' (Drift set from file), drift is {state.drift:.9f} s/s",
            "system poll interval is 64, never updated.",
        )
    ago = peer.when or 0
    reference = now - timedelta(seconds=ago)
    stamp = f"{int((reference - _NTP_EPOCH).total_seconds()):08X}.00000000 ({clock_line(reference)})"
    return body(
        f"Clock is synchronized, stratum {peer.stratum + 1}, reference is {peer.address!s:<15}",
        rate,
        uptime,
        f"reference time is {stamp}",
        f"clock offset is {peer.offset_ms:.4f} msec, root delay is {peer.delay_ms:.2f} msec",
        f"root dispersion is {peer.dispersion_ms + 3:.2f} msec, peer dispersion is {peer.dispersion_ms:.2f} msec",
        f"loopfilter state is 'CTRL' (Normal Controlled Loop), drift is {state.drift:.9f} s/s",
        f"system poll interval is {peer.poll}, last update was {ago} sec ago.",
    )


def show_ntp_associations(view: RouterView, _args: Args) -> str:
    """``show ntp associations``."""
    state = view.ntp()
    if not state.enabled:
        return NOT_ENABLED
    rows = [
        f"{each.mark}~{each.address!s:<16}{each.reference:<15}{each.stratum:>3}"
        f"{'-' if each.when is None else each.when:>7}{each.poll:>7}{each.reach:>6o}"
        f"{each.delay_ms:>7.3f}{each.offset_ms:>8.3f}{f'{each.dispersion_ms:.3f}'[:6]:>7}"
        for each in state.associations
    ]
    return body(
        "  address         ref clock       st   when   poll reach  delay  offset   disp",
        *rows,
        " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured",
    )


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show clock [detail]", show_clock),
    ShowCommand("show ntp status", show_ntp_status),
    ShowCommand("show ntp associations", show_ntp_associations),
)
