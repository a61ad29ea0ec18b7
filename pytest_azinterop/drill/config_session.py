"""A session with the drill login: reads by the catalogue, and takes the lines of one drill in configuration mode.

Whatever the router says to a line that is not known to be harmless counts as a refusal, and so does another mode
than the line should lead to. Nothing is retried here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_azinterop.drill import configuration
from pytest_azinterop.drill.lines import EXEC
from pytest_azinterop.errors import CommandFailedError, NotAllowedError
from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.iosxe.connection import CONNECTION_NAME, is_loopback
from pytest_azinterop.iosxe.driver import IosXeDriver
from pytest_azinterop.iosxe.login import printable
from pytest_azinterop.iosxe.prompt import Reply
from pytest_azinterop.iosxe.redact import redact
from pytest_azinterop.iosxe.terminal import IosXeTerminal
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.drill.configuration import Configuration
    from pytest_azinterop.drill.lines import DrillLine
    from pytest_azinterop.iosxe.login import Login
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import ClockReading, DeviceFacts, Privilege
    from pytest_azinterop.state.operations import ConfigArchive, ConfigDifferences, RollbackTimer

_MODE = re.compile(r"\(([^()]{1,60})\)#$")
_HARMLESS = re.compile(
    r"Enter configuration commands, one per line\.\s+End with CNTL/Z\.?"
    r"|Rollback Confirmed Change: Rollback will begin in one minute\.?"
    r"|Enter \"configure confirm\" if you wish to keep what you've configured\.?"
    r"|[.!]+"  # how writing a file goes on
)
_KEPT = re.compile(r"Rollback Confirmed Change: Backing up current running config to (?P<file>\S+)")
# Where a router restores itself in the middle of anything, it says so on the terminal that armed it.
_ROLLING = re.compile(r"Rollback Confirmed Change: rolling to ?:", re.IGNORECASE)
_DONE = re.compile(r"^Rollback Done\b", re.MULTILINE)
_ABORTED = re.compile(r"Rollback aborted|^%", re.MULTILINE | re.IGNORECASE)
# Seconds: for a line; for one at which the router writes its configuration to a file, or reads it from one.
_LINE_DEADLINE = 20.0
_FILE_DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a line. `objection` is what speaks against its having been taken, in the router's words or ours;
    None: it was. `mode` is the router's mode now, `text` its whole answer without secrets."""

    line: str
    mode: str
    text: str
    objection: str | None

    @property
    def kept_as(self) -> str | None:
        """The file that the router says it has kept the configuration in."""
        found = _KEPT.search(self.text)
        return None if found is None else found["file"]

    @property
    def rolled_back(self) -> bool:
        """Whether the router says that it has restored itself."""
        return _DONE.search(self.text) is not None and _ABORTED.search(self.text) is None


class DrillTerminal(IosXeTerminal):
    """A terminal that takes these lines, beside the read-only commands."""

    def __init__(self, login: Login, lines: Iterable[DrillLine]) -> None:
        super().__init__(login)
        self._lines = frozenset(lines)
        self._mode = EXEC

    def configure(self, line: DrillLine, deadline: float) -> Taken:
        """Send one line and judge the answer.

        Raises NotAllowedError before anything is sent, and CommandFailedError (`timeout`, `cut-off`) after which the
        session is closed and nobody knows whether the line was taken.
        """
        if line not in self._lines:
            raise NotAllowedError(f"not allowed: {line.text!r} is no line of this drill")
        reply = Reply(line.text, self._prompt)
        self._mode = "unknown"
        self._exchange(line.text, reply, line.text + "\n", deadline)
        text = redact(answer.clean(reply.text.decode("utf-8", "replace")))
        found = _MODE.search(reply.prompt.decode("utf-8", "replace"))
        mode = self._mode = EXEC if found is None else found[1]
        before = reply.rest_of_previous.decode("utf-8", "replace")
        return Taken(line.text, mode, text, _objection(line, text, mode, before))

    def cleanup(self, command: str = "exit") -> None:
        """No goodbye in configuration mode, where it would be one more line: the end of the session leaves it."""
        if self._mode == EXEC:
            super().cleanup(command)


def _objection(line: DrillLine, text: str, mode: str, before: str) -> str | None:
    if _ROLLING.search(before):
        return "the router restored itself before"
    if not line.text.startswith("configure revert now"):
        words = [each.strip() for each in text.split("\n") if each.strip(" ^")]
        strange = [each for each in words if not _HARMLESS.fullmatch(each) and not _KEPT.fullmatch(each)]
        if strange:
            return f"the router answered: {printable(strange[0])}"
    if mode != line.mode:
        return f"the router is in mode {printable(mode)}, expected {line.mode}"
    return None


class DrillSession:
    """One open session with typed questions. Every method raises UndeterminedError where there is no whole answer."""

    def __init__(self, login: Login, lines: Iterable[DrillLine], deadline: float = 60.0) -> None:
        self.host = login.host
        self.user = login.username
        self._deadline = deadline
        self._terminal = DrillTerminal(login, lines)

    def open(self) -> None:
        """Log in once. Raises ConnectionFailedError."""
        self._terminal.open()

    def close(self) -> None:
        """Say goodbye. What is armed stays armed."""
        self._terminal.disconnect()

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""
        return self._terminal.is_open

    @property
    def hostname(self) -> str:
        """The hostname in the router's prompt."""
        return str(self._terminal.base_prompt)

    def configure(self, line: DrillLine) -> Taken:
        """See `DrillTerminal.configure`."""
        return self._terminal.configure(line, _FILE_DEADLINE if " revert " in line.text else _LINE_DEADLINE)

    def device(self) -> DeviceFacts:
        """`show version`."""
        return cast("DeviceFacts", self._one("version"))

    def clock(self) -> ClockReading:
        """`show clock`."""
        return cast("ClockReading", self._one("clock"))

    def privilege(self) -> int:
        """The level of this login."""
        return cast("Privilege", self._one("privilege")).level

    def timer(self) -> RollbackTimer:
        """What is pending."""
        return cast("RollbackTimer", self._one("rollback_timer"))

    def archive(self) -> ConfigArchive:
        """The files of the archive."""
        return cast("ConfigArchive", self._one("archive"))

    def unsaved(self) -> ConfigDifferences:
        """What the startup-config lacks, and what it has instead."""
        return cast("ConfigDifferences", self._one("config_differences"))

    def since(self, file: str) -> ConfigDifferences:
        """What has changed since an archived file, by the router's own comparison. Raises ValueError for a file that is
        not on the router itself."""
        return cast("ConfigDifferences", self._one("config_differences", archived=file))

    def running_config(self) -> Configuration:
        """The whole running-configuration. Raises ParseError where it is not whole, or this login does not see all."""
        __tracebackhide__ = True
        command = COMMANDS["running_config"]
        text = self._ask(command.render())
        (parsed,) = cast("tuple[RunningConfig]", command.read(text, self._source(command.render())).records)
        if not parsed.whole or parsed.hidden:
            raise CommandFailedError(
                f"{self.host}: {command.render()}: the configuration is not whole",
                cause="cut-off",
                host=self.host,
                command=command.render(),
            )
        return configuration.read(text)

    def _one(self, name: str, **parameters: str) -> object:
        __tracebackhide__ = True
        command = COMMANDS[name]
        line = command.render(**parameters)
        text = self._ask(line)
        if not command.shows_its_end:
            self._terminal.settle(self._deadline)
            text = self._terminal.take_amendment() or text
        (record,) = command.read(redact(text), self._source(line)).records
        return record

    def _ask(self, line: str) -> str:
        __tracebackhide__ = True
        return self._terminal.ask(line, self._deadline)

    def _source(self, line: str) -> Source:
        return Source(self.host, line, datetime.now(UTC))


def opener(
    inventory: RouterInventory, name: str, credentials: Credentials
) -> Callable[[Iterable[DrillLine]], DrillSession]:
    """What opens a session with a router that takes the given lines. Raises InventoryError for wrong settings."""
    login, deadline = login_of(inventory, name, credentials)

    def opened(lines: Iterable[DrillLine]) -> DrillSession:
        session = DrillSession(login, lines, deadline)
        session.open()
        return session

    return opened


def login_of(inventory: RouterInventory, name: str, credentials: Credentials) -> tuple[Login, float]:
    """How to log in to a router as somebody else than who reads, and the seconds that an answer may take.

    Raises InventoryError for settings that do not fit.
    """
    host = inventory.nornir.inventory.hosts[name]
    settings = inventory.settings(name, {})
    extras = host.get_connection_parameters(CONNECTION_NAME).extras or {}
    optional = {
        **dict(extras.get("optional_args") or {}),
        "name": name,
        "port": host.port,
        "known_hosts": [str(inventory.known_hosts)],
        "key_file": None,
        "secret": credentials.enable,
        "conn_timeout": settings.limits.connect_deadline,
        "login_deadline": settings.limits.login_deadline,
        "legacy_ssh": settings.legacy_ssh,
    }
    address = host.hostname or name
    if "ssh_config_file" not in optional and not is_loopback(address):
        config_file = Path(inventory.nornir.config.ssh.config_file).expanduser()
        if config_file.is_file():
            optional["ssh_config_file"] = str(config_file)
    driver = IosXeDriver(address, credentials.username, credentials.password or "", optional_args=optional)
    return driver.login, settings.limits.command_deadline
