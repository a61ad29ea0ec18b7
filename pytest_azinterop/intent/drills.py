"""Failover drills as they are written: what is taken away, what must then happen, and within which bounds.

Names of customers, sites, networks, circuits and gateways are those of the rest of the intent.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from pytest_azinterop.intent.strict import Strict
from pytest_azinterop.intent.values import Duration, Name, duration

PathClass = Literal["expressroute-primary", "expressroute-secondary", "expressroute", "vpn", "none"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# IOS-XE takes 1 to 120 minutes: Cisco, Configuration Replace and Configuration Rollback, "revert timer".
LONGEST_REVERT = timedelta(minutes=120)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def time_of_day(value: Any) -> time:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """`22:30`, by the clock of the window's time zone."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not a time of day; write HH:MM, such as 22:30")
    return time.fromisoformat(value)


def time_zone(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value[:60]!r} is not a time zone such as Europe/Zurich or UTC") from None
    return value


def _path_of_all(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    return {"before": value, "during": value, "after": value} if isinstance(value, str) else value


TimeOfDay = Annotated[
    time,
    BeforeValidator(time_of_day),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["22:30"]}),
]
TimeZone = Annotated[str, AfterValidator(time_zone)]


class AzureLinkLoss(Strict):
    """Azure's failover test of one link of a circuit. It does not end by itself."""

    circuit: Name
    """A circuit of `azure.circuits`."""
    link: Literal["primary", "secondary"]
    how: Literal["bgp-disconnect", "as-path-prepend"] = "bgp-disconnect"


class AzureSiteLoss(Strict):
    """Azure's simulation of the loss of a peering location, at one gateway. It does not end by itself."""

    gateway: Name
    """An ExpressRoute gateway of `azure.gateways`."""
    location: str = Field(min_length=1, max_length=80)
    """The peering location as Azure spells it."""


class TakesAway(Strict):
    """One thing that is taken away: exactly one of the keys."""

    session: str | None = None
    """A BGP session of the site: its neighbor's address, or `CIRCUIT/primary` or `CIRCUIT/secondary`, which is every
    session of that path. It is shut down, which tells the other side at once."""
    subinterface: str | None = None
    """The sub-interface of `CIRCUIT/primary` or `CIRCUIT/secondary`. The other side is not told: it notices by BFD or
    by its hold time. A whole port is never shut."""
    vpn: str | None = None
    """A tunnel of the site (`Tunnel30`), which is shut, or the address of the neighbor behind it, whose session is."""
    azure_link: AzureLinkLoss | None = None
    azure_site: AzureSiteLoss | None = None
    manual: str | None = Field(None, min_length=5, max_length=300)
    """What a person or the provider does, in words: the tool only watches."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len([name for name in type(self).model_fields if getattr(self, name) is not None]) != 1:
            known = ", ".join(f"`{name}`" for name in type(self).model_fields)
            raise ValueError(f"say exactly one of {known}; each thing that is taken away is an entry of its own")
        return self


class ExpectedPaths(Strict):
    """Over what a network is reached. A bare word stands for all three."""

    before: PathClass
    during: PathClass
    after: PathClass

    @model_validator(mode="after")
    def _has_a_path(self) -> Self:
        if self.before == "none" or self.after == "none":
            raise ValueError("a network without a path before or after says nothing; it is lost `during` at most")
        return self


class Budgets(Strict):
    """How long things may take, and how much may be lost. Unset: as `defaults.drill` says."""

    failover: Duration | None = None
    """From the trigger until every backed-up network is reached over its path, by the router's clock."""
    fail_back: Duration | None = None
    """From the undo until every network is back on its path."""
    lost: Duration | None = None
    """The longest time for which a network that keeps service may not answer, in one direction."""
    loss_percent: float | None = Field(None, ge=0, le=100)
    """Probes of a network that keeps service which may be lost once the failover's budget has passed."""


class Window(Strict):
    """When a drill may run: by weekday and time of day. A window that ends before it begins passes midnight."""

    days: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), min_length=1)
    """The days on which it begins."""
    begins: TimeOfDay
    ends: TimeOfDay
    timezone: TimeZone

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("it begins and ends at the same time; write `always` if any time will do")
        return self


class Accepted(Strict):
    """What the one who wrote the drill knows and accepts."""

    no_bfd: bool = False
    """A path without BFD: the other side may send into a black hole until its hold time has run out."""
    graceful_restart: bool = False
    """Graceful restart was negotiated: routes of a lost session may be kept for a while."""
    no_secondary_proof: bool = False
    """A secondary path takes over, so that nothing is proven of the VPN."""


class DrillDefaults(Strict):
    """What every drill has unless it says otherwise."""

    failover: Duration = duration("60s")
    fail_back: Duration = duration("180s")
    lost: Duration = duration("30s")
    loss_percent: float = Field(5, ge=0, le=100)
    hold: Duration = duration("10m")
    margin: Duration = duration("5m")
    """How much later than the hold time and the failover's budget the router restores itself."""
    second_look: Duration = duration("15m")
    cool_down: Duration = duration("30m")
    window: Window | Literal["always"] | None = None
    """Unset: every drill says its own."""
    qualified_within: Duration = duration("90d")
    """How old the proof may be that this router, with this software, restores itself."""
    poll: Duration = duration("2s")
    """How often the routers are looked at."""
    poll_azure: Duration = duration("15s")
    """How often Azure is asked."""


class Drill(Strict):
    """A failover that is brought about on purpose, watched and undone."""

    customer: Name
    site: Name
    takes_away: tuple[TakesAway, ...] = Field(min_length=1)
    expect: dict[Name, Annotated[ExpectedPaths, BeforeValidator(_path_of_all)]] = Field(min_length=1)
    """By network: over what it is reached before, during and after. Every network of the site's paths stands here."""
    loses: tuple[Name, ...] = ()
    """The networks that lose service: those whose path is `none` during the drill, said once more on purpose."""
    budgets: Budgets = Budgets()
    hold: Duration | None = None
    """How long the failover is held once it has happened."""
    revert: int | None = Field(None, ge=1, le=120)
    """Minutes after which the router restores itself; unset: failover, hold and margin, rounded up."""
    window: Window | Literal["always"] | None = None
    second_look: Duration | None = None
    """How long after the end everything is looked at once more."""
    cool_down: Duration | None = None
    """How long after the end no other drill of this customer begins."""
    accepts: Accepted = Accepted()
    asked: dict[Name, str] = {}
    """What the operator must answer before it begins, by a short name: what no device can say."""
