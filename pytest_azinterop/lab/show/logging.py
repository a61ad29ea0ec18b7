"""``show logging``: the state of logging and the buffer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import SEVERITIES
from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, elapsed

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import LoggingSettings
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import LogLine
    from pytest_azinterop.lab.network.view import RouterView


def show_logging(view: RouterView, _args: Args) -> str:
    """The state of logging and the buffer."""
    log = view.log()
    settings, count = view.logging()
    buffer = (
        f"    Buffer logging:  level {SEVERITIES[settings.severity]}, {count} messages logged, xml disabled,"
        if settings.size is not None
        else "    Buffer logging:  disabled, xml disabled,"
    )
    lines = [
        "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, "
        "xml disabled, filtering disabled)",
        "",
        "No Active Message Discriminator.",
        "",
        "",
        "",
        "No Inactive Message Discriminator.",
        "",
        "",
        "    Console logging: level debugging, 0 messages logged, xml disabled,",
        "                     filtering disabled",
        "    Monitor logging: level debugging, 0 messages logged, xml disabled,",
        "                     filtering disabled",
        buffer,
        "                    filtering disabled",
        "    Exception Logging: size (4096 bytes)",
        "    Count and timestamp logging messages: disabled",
        "    Persistent logging: disabled",
        "",
        "No active filter modules.",
        "",
        f"    Trap logging: level informational, {count} message lines logged",
        "        Logging Source-Interface:       VRF Name:",
    ]
    if settings.size is None:
        return body(*lines)
    booted = view.now().timestamp() - view.facts().uptime
    return body(
        *lines, "", f"Log Buffer ({settings.size} bytes):", "", *(_message(each, settings, booted) for each in log)
    )


def _message(line: LogLine, settings: LoggingSettings, booted: float) -> str:
    """The message behind its sequence number and its stamp, as ``service`` asks for them."""
    number = f"{line.number:06d}: " if settings.sequence else ""
    if settings.stamp is None:
        return f"{number}{line.text}"
    if settings.stamp == "uptime":
        return f"{number}{elapsed(line.at - booted)}: {line.text}"
    at = datetime.fromtimestamp(line.at, UTC)
    year = f" {at.year}" if settings.year else ""
    milliseconds = f".{at.microsecond // 1000:03d}" if settings.milliseconds else ""
    zone = " UTC" if settings.time_zone else ""
    return f"{number}{line.mark}{at:%b} {at.day:>2}{year} {at:%H:%M:%S}{milliseconds}{zone}: {line.text}"


COMMANDS: tuple[ShowCommand, ...] = (ShowCommand("show logging", show_logging),)
