"""What else a router says about its own operation: time sources, kept configurations, who is logged in, its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class NtpStatus:
    """`show ntp status`. `reference` is the chosen server as printed, None without one; `offset` in milliseconds.

    Not `enabled`: NTP does not run at all, and nothing else is printed.
    """

    synchronized: bool
    stratum: int
    reference: str | None
    offset: float | None = None
    enabled: bool = True
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NtpAssociation:
    """One row of `show ntp associations`.

    `mark` is the tally character: `*` the server in use, `+` a candidate, `#` selected, `-` outlier, `x` false, None
    for none. `reach` holds the last eight polls as bits, 0 for never reached.
    """

    server: str
    reference: str
    stratum: int
    reach: int
    mark: str | None
    configured: bool
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConfigArchive:
    """`show archive`. Not `enabled`: no path is configured, so neither archiving nor a timed rollback works."""

    enabled: bool
    maximum: int | None
    next_file: str | None
    files: tuple[str, ...]
    most_recent: str | None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConfigDifference:
    """A line that only one of the two files has. `above` are the lines that it stands below."""

    added: bool
    text: str
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigDifferences:
    """`show archive config differences FIRST SECOND`: what turns the first file into the second."""

    differences: tuple[ConfigDifference, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class UserSession:
    """One line of `show users`. `own` is the session that asked; `location` is where it comes from."""

    line: str
    user: str | None
    idle: timedelta | None
    location: str | None
    own: bool
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A message `%FACILITY-SEVERITY-MNEMONIC: text`. `stamp` is what stands before it as printed: time, or uptime, with
    a leading `*` or `.` where the clock was not synchronized."""

    stamp: str
    facility: str
    severity: int
    mnemonic: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class LogBuffer:
    """`show logging`: the newest messages of the buffer in order, a bounded number of them.

    `logged` is how many messages the buffer has seen since start, so fewer in it means that old ones are gone.
    `earlier` counts the messages that are printed but not kept here, `other` the lines that are no such message.
    """

    enabled: bool
    size: int | None
    logged: int | None
    messages: tuple[LogMessage, ...]
    earlier: int = 0
    other: int = 0
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RollbackTimer:
    """`show archive config rollback timer`. Nothing `pending`: the other fields are None.

    `set_at` as printed; `idle`: the timer starts anew with every key; `minutes` is what it was set to, not what is
    left.
    """

    pending: bool
    set_at: str | None = None
    idle: bool | None = None
    minutes: int | None = None
    user: str | None = None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConfigurationSession:
    """Somebody in configuration mode. `seconds`: for how long."""

    user: str
    line: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ConfigurationLock:
    """`show configuration lock`: who is in configuration mode, and who holds it exclusively (None: nobody does)."""

    sessions: tuple[ConfigurationSession, ...]
    exclusive: str | None
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NetconfSession:
    """A row of `show netconf-yang sessions`. `global_lock`: the datastores that it holds, None for none."""

    number: int
    transport: str
    user: str
    host: str
    global_lock: str | None
    source: Source = field(compare=False, kw_only=True)
