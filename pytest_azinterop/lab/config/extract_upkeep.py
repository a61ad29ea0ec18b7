"""What keeps a router in order: time servers, the configuration archive, the logging buffer."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.words import SEVERITIES

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block


def time_servers(root: Block) -> tuple[s.TimeServer, ...]:
    """In the order of the running-config."""
    found = []
    for each in root.sorted():
        if each.name in ("ntp-server", "ntp-server-vrf"):
            options = each.args.get("options", "").split()
            found.append(
                s.TimeServer(
                    address=IPv4Address(each.args["address"]),
                    vrf=each.args.get("vrf"),
                    prefer="prefer" in options,
                    iburst="iburst" in options,
                )
            )
    return tuple(found)


def archive_settings(root: Block) -> s.ArchiveSettings:
    """``archive`` and its ``log config``."""
    statement = root.first("archive")
    block = None if statement is None else statement.block
    if block is None:
        return s.ArchiveSettings()
    logger = block.first("log-config")
    inner = None if logger is None else logger.block
    enabled = inner is not None and inner.has("logging-enable")
    return s.ArchiveSettings(
        path=block.value("path"),
        maximum=int(block.value("maximum") or 10),
        write_memory=block.has("write-memory"),
        log_size=int(inner.value("logging-size") or 100) if inner is not None and enabled else None,
        hide_keys=inner is not None and inner.has("hidekeys"),
        notify_syslog=inner is not None and inner.has("notify"),
    )


def logging_settings(root: Block) -> s.LoggingSettings:
    """``logging buffered``, ``service timestamps log`` and ``service sequence-numbers``."""
    buffered = root.first("logging-buffered")
    services = {each.args["value"]: not each.negated for each in root.named("service")}
    wanted = [text.split() for text, on in services.items() if text.startswith("timestamps log") and on]
    refused = any(text.startswith("timestamps log") and not on for text, on in services.items())
    size: int | None = 4096
    severity = len(SEVERITIES) - 1
    if buffered is not None:
        size = None if buffered.negated else int(buffered.args.get("size") or 4096)
        severity = SEVERITIES.index(buffered.args.get("severity") or SEVERITIES[-1])
    stamp: str | None = None if refused else "datetime"
    options = ["msec"]
    if wanted:
        stamp, options = (wanted[-1][2:3] or ["uptime"])[0], wanted[-1][3:]
    return s.LoggingSettings(
        size=size,
        severity=severity,
        stamp=stamp,
        milliseconds="msec" in options,
        time_zone="show-timezone" in options,
        year="year" in options,
        sequence=services.get("sequence-numbers", False),
    )
