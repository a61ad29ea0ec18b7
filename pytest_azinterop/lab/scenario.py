"""Scenario files: what changes in the network before a run, or at a time in it. Strict: an unknown key is an error."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import IPv4Address
from itertools import islice
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from pytest_azinterop.lab.certificates import DEFAULT_TRUSTPOINT, Certificate
from pytest_azinterop.lab.management import ManagementFaults
from pytest_azinterop.lab.scenario_azure import AzureChange
from pytest_azinterop.lab.scenario_place import Place, ScenarioError, UnplacedError
from pytest_azinterop.lab.scenario_values import (
    Asn,
    Blocked,
    Community,
    Duration,
    Mac,
    Prefix,
    Strict,
    compiled,
    seconds,
)

__all__ = ["Scenario", "schema", "seconds"]


class _Placed(Strict):
    """Knows where it stands in its file, if it came from one."""

    _place: Place | None = PrivateAttr(None)

    def placed(self, place: Place) -> None:
        """It stands there."""
        self._place = place

    def located(self, fault: UnplacedError) -> ScenarioError:
        """The same error, with file and line."""
        return fault if self._place is None else self._place.located(fault)


class ClockChange(Strict):
    """How wrong a clock is. One that follows a time server is set right again by it."""

    offset: float | None = Field(None, description="Seconds ahead of true time; negative: behind.")
    drift: float | None = Field(None, ge=-0.001, le=0.001, description="Seconds gained in a second.")


class CertificateChange(Strict):
    """A certificate that takes the place of the one of the same trustpoint and kind.

    Times are dates, or durations from the moment of the change: ``30d``, ``-1d``.
    """

    trustpoint: str = DEFAULT_TRUSTPOINT
    kind: Literal["identity", "ca"] = "identity"
    subject: str
    issuer: str
    serial: str | None = Field(None, description="Hexadecimal; follows from subject and dates without it.")
    not_before: str | datetime = "-365d"
    not_after: str | datetime = "365d"

    def certificate(self) -> Certificate:
        """The same for the network."""
        return Certificate.read({key: value for key, value in self.model_dump().items() if value is not None})

    @model_validator(mode="after")
    def _readable(self) -> CertificateChange:
        self.certificate()
        return self


class LoginChange(Strict):
    """Somebody else who is logged in."""

    user: str
    location: str = ""
    line: Literal["con", "vty", "netconf"] = "vty"
    idle: Duration = 0.0
    configuring: bool = Field(False, description="In configuration mode.")
    lock: bool = Field(False, description="Has locked the configuration against the others.")


class PlatformChange(Strict):
    """Processors, software and flash of a router."""

    standby: str | None = Field(None, description="State of a second route processor: STANDBY HOT, STANDBY COLD-BULK.")
    switchovers: int | None = Field(None, ge=0)
    activating: str | None = Field(None, description="Version of a software that is activated and not committed.")
    abort_in: Duration | None = Field(None, description="When that is taken back by itself.")
    free: int | None = Field(None, ge=0, description="Bytes free on bootflash.")


class RollbackChange(Strict):
    """What a rollback does."""

    fails: list[str] = Field(default_factory=list, description="Regular expressions of lines that it cannot type.")
    tells: bool = Field(True, description="It writes to the terminal that armed it.")

    @field_validator("fails")
    @classmethod
    def _compiles(cls, patterns: list[str]) -> list[str]:
        return compiled(patterns)


class ReloadChange(Strict):
    """A restart with the startup-config: what was not saved is gone."""

    reason: str = Field("Reload Command", description="As `show version` tells it: a command, a crash, power.")
    outage: Duration = Field(300.0, description="How long the router is gone.")
    version: str | None = Field(None, description="The software that it comes back with.")


class RouterChange(Strict):
    """What an operator would type on a router, and what befalls the router itself."""

    configure: str = Field("", description="Lines of configuration mode.")
    exec_: list[str] = Field(default_factory=list, alias="exec", description="Commands of exec mode, run afterwards.")
    clock: ClockChange | None = None
    logins: list[LoginChange] = Field(default_factory=list)
    platform: PlatformChange | None = None
    rollback: RollbackChange | None = None
    reload: ReloadChange | None = Field(None, description="Happens after everything else.")
    certificates: list[CertificateChange] = Field(default_factory=list)


class LinkChange(Strict):
    """What happens to a link. ``state`` silent: frames vanish and nobody sees the carrier go."""

    state: Literal["up", "down", "silent"] | None = None
    direction: str | None = Field(
        None, pattern="^(from|to)_azure$|^from_.",
        description="The only direction that is concerned: from_azure, to_azure or from_NAME; both without it.",
    )  # fmt: skip
    above_bytes: int | None = Field(None, ge=0, description="Only packets larger than this are concerned.")
    delay_ms: float | None = Field(None, ge=0)
    loss_percent: float | None = Field(None, ge=0, le=100)
    crc_percent: float | None = Field(
        None, ge=0, le=100, description="Frames that arrive broken: the port counts and drops them."
    )
    damaged_percent: float | None = Field(
        None, ge=0, le=100, description="Packets whose contents no check of the link finds changed."
    )
    duplicate_percent: float | None = Field(None, ge=0, le=100, description="Packets that arrive twice.")
    late_percent: float | None = Field(None, ge=0, le=100, description="Packets that others overtake.")
    late_by: int | None = Field(None, ge=1, description="How many overtake them; 100 without it.")
    blocks: list[Blocked] | None = Field(
        None, description="What something on the way filters: esp, udp/500, tcp/179, icmp; [] takes it back."
    )
    macs: dict[IPv4Address, Mac] = Field(
        default_factory=dict, description="What ARP shows for an address: another device answers for it."
    )

    @model_validator(mode="after")
    def _concerns_something(self) -> LinkChange:
        given = self.model_fields_set - {"direction", "above_bytes", "late_by", "macs"}
        if (self.direction is not None or self.above_bytes is not None) and not given:
            raise ValueError("direction and above_bytes say which packets something happens to: to these nothing does")
        if self.late_by is not None and self.late_percent is None:
            raise ValueError("late_by belongs to late_percent")
        return self


MOST = 20000
"""Prefixes of one line."""


class Announcement(Strict):
    """A route that a far end starts to announce, or many of them."""

    prefix: Prefix
    length: int | None = Field(None, ge=0, le=128, description="Not the prefix itself, but its parts of this length.")
    count: int | None = Field(None, ge=1, le=MOST, description="Only so many of them, the first ones.")
    communities: list[Community] = Field(default_factory=list)
    as_path: list[Asn] | None = Field(None, description="The whole path as the router receives it.")

    @model_validator(mode="after")
    def _not_too_many(self) -> Announcement:
        if self.count is not None and self.length is None:
            raise ValueError("count belongs to length")
        if self.length is not None:
            more = self.length - self.prefix.prefixlen
            if more < 0 or self.length > self.prefix.max_prefixlen:
                raise ValueError(f"length must be from {self.prefix.prefixlen} to {self.prefix.max_prefixlen}")
            if self.count is None and 2**more > MOST:
                raise ValueError(f"these are {2**more} prefixes: more than {MOST} need a count")
        return self

    def prefixes(self) -> list[Prefix]:
        """What is announced."""
        if self.length is None:
            return [self.prefix]
        return list(islice(self.prefix.subnets(new_prefix=self.length), self.count))


class BfdValues(Strict):
    """A far end's BFD; intervals in milliseconds."""

    interval: int = Field(300, ge=50, le=9999)
    min_rx: int = Field(300, ge=50, le=9999)
    multiplier: int = Field(3, ge=3, le=50)
    echo: bool = False


class Translation(Strict):
    """A static translation of what passes a far end."""

    inside: IPv4Address
    outside: IPv4Address


class FarEndChange(Strict):
    """What the other side of a session does."""

    withdraw: list[Prefix] = Field(default_factory=list)
    restore: list[Prefix] = Field(default_factory=list, description="Announces again what was withdrawn.")
    announce: list[Announcement] = Field(default_factory=list)
    prepend: int | None = Field(
        None, ge=0, le=64, description="Times that it puts its own AS in front, besides the usual one."
    )
    silent: bool | None = None
    communities: dict[Prefix, list[Community]] = Field(
        default_factory=dict, description="What it attaches to a prefix, in place of the usual communities."
    )
    refuse: list[Prefix] = Field(
        default_factory=list, description="What it does not take from its neighbors, whatever they announce."
    )
    graceful_restart: bool | None = Field(None, description="Offers graceful restart to its neighbors.")
    bfd: bool | BfdValues | None = Field(None, description="BFD off, on with Azure's 300 ms three times, or as given.")
    nat: list[Translation] | None = Field(
        None, description="What it translates. An inside that it has no route to is where the outside was."
    )
    clock: ClockChange | None = None
    certificates: list[CertificateChange] = Field(default_factory=list)


class ManagementChange(Strict):
    """What is wrong with reaching the router; ``{}`` makes it healthy again. Times and rates are of real time."""

    unreachable: bool = False
    reject_login: bool = False
    deny: list[str] = Field(default_factory=list, description="Regular expressions of refused commands.")
    privilege: int | None = Field(None, ge=0, le=15)
    cut_after_bytes: int | None = Field(None, ge=0)
    bytes_per_second: int | None = Field(None, ge=1)
    delay_ms: int = Field(0, ge=0)
    drop_after_commands: int | None = Field(None, ge=0)
    drop_before: list[str] = Field(
        default_factory=list, description="Regular expressions of lines that are lost with the connection; once each."
    )
    drop_after: list[str] = Field(
        default_factory=list, description="Regular expressions of lines whose answer is lost with it; once each."
    )
    other_host_key: bool = Field(False, description="It shows another SSH host key than known_hosts holds.")
    answers_as: str | None = Field(None, description="Another router that stands behind the address.")

    @field_validator("deny", "drop_before", "drop_after")
    @classmethod
    def _compiles(cls, patterns: list[str]) -> list[str]:
        return compiled(patterns)

    def faults(self) -> ManagementFaults:
        """The same for the server."""
        values = self.model_dump(exclude={"answers_as"})
        for key in ("deny", "drop_before", "drop_after"):
            values[key] = tuple(re.compile(pattern) for pattern in values[key])
        return ManagementFaults(**values)


class ConvergenceChange(Strict):
    """How long Azure takes from what an MSEE loses or learns until its virtual networks act on it."""

    lost: Duration | None = Field(None, description="Until they use another path; packets are lost meanwhile.")
    returned: Duration | None = Field(None, description="Until they use a path that has come back.")
    shown: Duration | None = Field(None, description="How much later learned and effective routes show it.")


class Change(_Placed):
    """Everything that can happen at one moment."""

    routers: dict[str, RouterChange] = Field(default_factory=dict)
    links: dict[str, LinkChange] = Field(default_factory=dict)
    far_ends: dict[str, FarEndChange] = Field(default_factory=dict)
    azure: list[AzureChange] = Field(default_factory=list)
    management: dict[str, ManagementChange] = Field(default_factory=dict)
    convergence: ConvergenceChange | None = None


class When(_Placed):
    """The moment of something that happens later; once. Times are simulated."""

    at: Duration | None = Field(None, description="This long after the start.")
    typed: str | None = Field(None, description="When somebody types a line that matches this regular expression.")
    on: str | None = Field(None, description="With typed: on this router only.")
    asked: str | None = Field(
        None, description="When Azure carries out a request whose method and path match this regular expression."
    )
    down: str | None = Field(None, description="When a BGP session of this far end goes down.")
    up: str | None = Field(None, description="When a BGP session of this far end comes up.")
    after: Duration = Field(0.0, description="This long after what typed, asked, down or up waits for.")

    @model_validator(mode="after")
    def _one_moment(self) -> When:
        if sum(each is not None for each in (self.at, self.typed, self.asked, self.down, self.up)) != 1:
            raise ValueError("needs exactly one of at, typed, asked, down and up")
        if self.on is not None and self.typed is None:
            raise ValueError("on belongs to typed")
        if self.after and self.at is not None:
            raise ValueError("after belongs to typed, asked, down or up")
        compiled([each for each in (self.typed, self.asked) if each is not None])
        return self


class LaterChange(Change, When):
    """The same, at a later moment."""


class OperatorChange(When):
    """Somebody else logs in to a router at a moment, types, and leaves."""

    router: str
    user: str = "operator"
    location: str = "10.255.0.7"
    configure: str = Field("", description="Lines of configuration mode.")
    exec_: list[str] = Field(default_factory=list, alias="exec", description="Commands of exec mode, run afterwards.")
    lock: bool = Field(False, description="Locks the configuration meanwhile.")
    stays: bool = Field(False, description="Stays logged in, and in configuration mode where it came to that.")


class EarlierChange(Change):
    """A step of what lies before, and the time from then to the next one."""

    advance: Duration = Field(0.0, description="Simulated time that passes after it.")


class Scenario(Change):
    """A scenario file. Every key is optional."""

    name: str = ""
    before: list[EarlierChange] = Field(
        default_factory=list, description="What happened before, step by step: sessions that flapped, an undone change."
    )
    advance: Duration = Field(0.0, description="Simulated time that passes before the run.")
    later: list[LaterChange] = Field(default_factory=list)
    operator: list[OperatorChange] = Field(default_factory=list)

    def changes(self) -> list[Change]:
        """Everything that it changes, in order of time."""
        return [*self.before, self, *self.later]

    def read_from(self, file: str, data: object) -> None:
        """Its parts know from now on where they stand."""
        self.placed(Place(file, data))
        for key, parts in (("before", self.before), ("later", self.later), ("operator", self.operator)):
            for at, part in enumerate(parts):
                part.placed(Place(file, data, (key, at)))

    def steps(self) -> list[EarlierChange | Scenario]:
        """What happens before the run, each with the time that passes after it."""
        return [*self.before, self]

    def passes(self) -> float:
        """Seconds of simulated time between its first change and the run."""
        return sum(step.advance for step in self.steps())


def schema() -> dict[str, object]:
    """The JSON Schema of a scenario file."""
    document = Scenario.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document, "title": "azinterop lab scenario"}
