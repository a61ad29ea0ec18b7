"""``ping`` and ``traceroute``: their options in any order, and what IOS prints about the result."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.exec.arguments import interface_name
from pytest_azinterop.lab.exec.grammar import Invalid
from pytest_azinterop.lab.exec.session import ExecCommand, Session
from pytest_azinterop.lab.network.view import PingRequest, TraceRequest

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import PingResult, TraceHop, TraceResult

_MARKS_PER_LINE = 70
_MOST_PROBES = 100_000
"""IOS takes more; nobody would wait for them."""
_UNKNOWN_HOST = "% Unrecognized host or address, or protocol not running.\n\n"


class OptionError(Exception):
    """An option is wrong: ``invalid`` says where in the line; None means that its value is missing."""

    def __init__(self, invalid: Invalid | None) -> None:
        super().__init__("bad option")
        self.invalid = invalid


class _Option(NamedTuple):
    lowest: int
    highest: int
    values: int = 1


_PING = {"size": _Option(36, 18024), "repeat": _Option(1, _MOST_PROBES), "timeout": _Option(0, 3600)}
_TRACE = {"timeout": _Option(0, 3600), "probe": _Option(1, 65535), "ttl": _Option(0, 255, values=2)}
_FLAGS = {"df-bit", "numeric", "validate"}


def _options(line: str, given: str | None, numbers: dict[str, _Option]) -> dict[str, str]:
    """The options after the address. Raises OptionError."""
    found: dict[str, str] = {}
    if not given:
        return found
    start = line.rindex(given)
    words = deque((word.group(), start + word.start()) for word in re.finditer(r"\S+", given))
    while words:
        word, column = words.popleft()
        names = [name for name in (*numbers, "source", *_FLAGS) if name.startswith(word.lower())]
        if len(names) != 1:
            raise OptionError(Invalid(column, 2))
        name = names[0]
        if name in _FLAGS:
            found[name] = name
        elif name == "source":
            found[name] = _source(words)
        else:
            limits = numbers[name]
            found[name] = " ".join(_number(words, limits) for _ in range(limits.values))
    return found


def _next(words: deque[tuple[str, int]]) -> tuple[str, int]:
    if not words:
        raise OptionError(None)
    return words.popleft()


def _number(words: deque[tuple[str, int]], limits: _Option) -> str:
    value, column = _next(words)
    if not (value.isdecimal() and limits.lowest <= int(value) <= limits.highest):
        raise OptionError(Invalid(column, 2))
    return value


def _source(words: deque[tuple[str, int]]) -> str:
    """An address, or an interface in one word or two."""
    value, _ = _next(words)
    if value.isalpha() and words and words[0][0][0].isdigit():
        value += words.popleft()[0]
    return interface_name(value) or value


def _ping(session: Session, args: Args) -> str:
    options = _options(args.line, args.get("rest"), _PING)
    request = PingRequest(
        destination=args["addr"],
        vrf=args.get("vrf"),
        source=options.get("source"),
        size=int(options.get("size", 100)),
        repeat=int(options.get("repeat", 5)),
        timeout=float(options.get("timeout", 2)),
        df_bit="df-bit" in options,
    )
    return ping_text(session.view.ping(request), df_bit=request.df_bit, source_given=request.source is not None)


def ping_text(result: PingResult, *, df_bit: bool, source_given: bool) -> str:
    """The whole output; times are whole milliseconds, at least 1."""
    if result.error is not None:
        return result.error.rstrip("\n") + "\n"
    lines = [
        "Type escape sequence to abort.",
        f"Sending {len(result.replies)}, {result.size}-byte ICMP Echos to {text(result.destination)}, "
        f"timeout is {result.timeout:.0f} seconds:",
    ]
    if source_given:
        lines.append(f"Packet sent with a source address of {text(result.source)} ")
    if df_bit:
        lines.append("Packet sent with the DF bit set")
    marks = "".join(reply.mark for reply in result.replies)
    lines += [marks[at : at + _MARKS_PER_LINE] for at in range(0, len(marks), _MARKS_PER_LINE)]
    times = [max(1, round(reply.rtt_ms)) for reply in result.replies if reply.rtt_ms is not None]
    share = 100 * len(times) // len(result.replies) if result.replies else 0
    success = f"Success rate is {share} percent ({len(times)}/{len(result.replies)})"
    if times:
        success += f", round-trip min/avg/max = {min(times)}/{sum(times) // len(times)}/{max(times)} ms"
    return "\n".join([*lines, success]) + "\n"


def _traceroute(session: Session, args: Args) -> str:
    options = _options(args.line, args.get("rest"), _TRACE)
    first, last = (int(value) for value in options.get("ttl", "1 30").split())
    request = TraceRequest(
        destination=args["addr"],
        vrf=args.get("vrf"),
        source=options.get("source"),
        probes=int(options.get("probe", 3)),
        timeout=float(options.get("timeout", 3)),
        min_ttl=max(1, first),
        max_ttl=last,
    )
    return trace_text(session.view.traceroute(request), probes=request.probes)


def trace_text(result: TraceResult, *, probes: int) -> str:
    """The whole output of traceroute."""
    if result.error is not None:
        return result.error.rstrip("\n") + "\n"
    lines = [
        "Type escape sequence to abort.",
        f"Tracing the route to {text(result.destination)}",
        "VRF info: (vrf in name/id, vrf out name/id)",
    ]
    return "\n".join([*lines, *(_hop(hop, probes) for hop in result.hops)]) + "\n"


def _hop(hop: TraceHop, probes: int) -> str:
    start = f"{hop.ttl:>3} "
    if hop.address is None:
        return start + " ".join("*" * probes)
    if hop.code is not None:  # routers limit their ICMP unreachables: every other probe stays unanswered
        return start + " ".join([text(hop.address), *(hop.code if at % 2 == 0 else "*" for at in range(probes))])
    times = [f"{max(1, round(time))} msec" for time in hop.rtts_ms]
    return start + " ".join([text(hop.address), *times, *("*" * (probes - len(times)))])


def _unknown_host(_: Session, __: Args) -> str:
    return _UNKNOWN_HOST


PROBES = (
    ExecCommand("ping [vrf <vrf>] [ip] <addr> [<rest>]", _ping, 1),
    ExecCommand("ping [vrf <vrf>] [ipv6] <addr:addr6> [<rest>]", _ping, 1),
    ExecCommand("ping [vrf <vrf>] [ip] <host>", _unknown_host, 1),
    ExecCommand("traceroute [vrf <vrf>] [ip] <addr> [<rest>]", _traceroute, 1),
    ExecCommand("traceroute [vrf <vrf>] [ipv6] <addr:addr6> [<rest>]", _traceroute, 1),
    ExecCommand("traceroute [vrf <vrf>] [ip] <host>", _unknown_host, 1),
)
