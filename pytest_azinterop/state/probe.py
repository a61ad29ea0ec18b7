"""Answers of the data plane to a probe that a router sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class PingResult:
    """`ping` from a router.

    Times in milliseconds, None without a reply. `marks` are IOS-XE's result characters (`!`, `.`, `U`, …).
    """

    vrf: str | None
    target: IPv4Address | IPv6Address
    sent: int
    received: int
    marks: str
    rtt_min: int | None = None
    rtt_avg: int | None = None
    rtt_max: int | None = None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class TraceProbe:
    """One probe of a hop. `address` and `milliseconds` are None where no answer came (`*`); `mark` is IOS-XE's flag
    behind the time, such as `!H` or `!A`."""

    address: IPv4Address | IPv6Address | None
    milliseconds: int | None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class TraceHop:
    """The probes with one time to live, in the order sent. Several addresses: paths of equal cost."""

    ttl: int
    probes: tuple[TraceProbe, ...]

    @property
    def addresses(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """Who answered, each once."""
        return tuple(dict.fromkeys(probe.address for probe in self.probes if probe.address is not None))


@dataclass(frozen=True, slots=True)
class TraceResult:
    """`traceroute` from a router. `reached`: the target itself answered. `limit` is the greatest time to live sent."""

    vrf: str | None
    target: IPv4Address | IPv6Address
    hops: tuple[TraceHop, ...]
    unread: tuple[str, ...] = ()
    limit: int = 30
    source: Source = field(compare=False, kw_only=True)

    @property
    def reached(self) -> bool:
        """The last hop is the target."""
        return bool(self.hops) and self.target in self.hops[-1].addresses

    @property
    def end(self) -> Literal["target", "refusal", "limit", "elsewhere", "none"]:
        """What ended it: the target's answer, a refusal (`!H`, …), the greatest time to live, or an answer in the
        target's place from elsewhere (another address of the target, a translation, a firewall).

        `none`: the last hop is silent, and more would have been sent.
        """
        last = self.hops[-1] if self.hops else None
        if self.reached:
            return "target"
        if last is not None and any(probe.mark is not None for probe in last.probes):
            return "refusal"
        if last is not None and last.ttl >= self.limit:
            return "limit"
        return "elsewhere" if last is not None and last.addresses else "none"

    @property
    def whole(self) -> bool:
        """Whether the text alone shows that nothing follows. A hop on the way looks like an answer from elsewhere."""
        return self.end not in ("elsewhere", "none")
