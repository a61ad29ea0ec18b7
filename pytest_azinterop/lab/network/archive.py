"""The configuration archive of one router and its log of configuration commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.log import HIDDEN, redact
from pytest_azinterop.lab.network.upkeep_records import ArchivedConfig, ArchiveState, LoggedCommand

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import ArchiveSettings


@dataclass(slots=True)
class Archive:
    """What was kept since boot."""

    files: list[ArchivedConfig] = field(default_factory=list)
    written: int = 0
    commands: list[LoggedCommand] = field(default_factory=list)
    logged: int = 0
    sessions: int = 0

    def keep(self, settings: ArchiveSettings, hostname: str, local_time: float, text: str) -> bool:
        """Write one file; False without a path. The oldest goes when there are more than the maximum."""
        if settings.path is None:
            return False
        at = datetime.fromtimestamp(local_time, UTC)
        stamp = f"{at:%b}-{at.day:>2}-{at:%H-%M-%S}.{at.microsecond // 1000:03d}".replace(" ", "-")
        self.files.append(ArchivedConfig(f"{self.next_name(settings, hostname, stamp)}", text, local_time))
        self.written += 1
        del self.files[: -settings.maximum]
        return True

    def next_name(self, settings: ArchiveSettings, hostname: str, stamp: str) -> str:
        """``$h`` of the path is the hostname, ``$t`` the time, which otherwise follows the path."""
        path = (settings.path or "").replace("$h", hostname)
        path = path.replace("$t", stamp) if "$t" in path else f"{path}-{stamp}"
        return f"{path}-{self.written}"

    def log(self, settings: ArchiveSettings, session: int, who: str, command: str) -> None:
        """Note one configuration command, if the configuration asks for it."""
        if settings.log_size is None:
            return
        text = redact(command).replace(HIDDEN, "*****") if settings.hide_keys else command
        self.logged += 1
        self.commands.append(LoggedCommand(self.logged, session, who, text))
        del self.commands[: -settings.log_size]

    def state(self, settings: ArchiveSettings) -> ArchiveState:
        """For the show commands."""
        return ArchiveState(
            path=settings.path,
            maximum=settings.maximum,
            files=tuple(self.files),
            written=self.written,
            logs_commands=settings.log_size is not None,
            commands=tuple(self.commands),
        )
