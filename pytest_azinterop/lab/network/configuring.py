"""Configuration mode of one router: who is in it, what they type, and who may not come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.editor import Editor
from pytest_azinterop.lab.network.upkeep_records import ConfigLock

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import ArchiveSettings
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.router import Router
    from pytest_azinterop.lab.network.view import ConfigReply

FIRST_PROCESS = 500
"""Process number of the console's exec; those of the virtual terminals follow."""

NETCONF_PROCESS, NETCONF_TERMINAL = 484, 64


class Configuring:
    """A user's configuration mode; every line takes effect when it is typed."""

    def __init__(self, router: Router, user: str | None, via: str, since: float, *, exclusive: bool = False) -> None:
        self._router, self.user, self.via, self._since, self.exclusive = router, user, via, since, exclusive
        configuration = router.node.configuration
        if configuration is None:
            raise AssertionError(router.name)
        self._editor = Editor(configuration, self._changed)
        router.node.archive.sessions += 1
        self._session = router.node.archive.sessions

    @property
    def mode(self) -> str:
        """The word in the prompt."""
        return self._editor.mode

    @property
    def line(self) -> str:
        """``vty0``, ``console``."""
        return self.via.split()[0]

    def lock(self, now: float) -> ConfigLock:
        """What ``show configuration lock`` tells about it."""
        tty = int(self.line[3:]) + 1 if self.line.startswith("vty") else 0
        location = self.via.partition("(")[2].rstrip(")") or "Unknown"
        return ConfigLock(
            self.user or "unknown", tty, FIRST_PROCESS + tty, max(0.0, now - self._since), location, self.exclusive
        )

    def _changed(self) -> None:
        self._router.configured(self.user)

    def apply(self, line: str) -> ConfigReply:
        """Apply one line and note it as the configuration asks."""
        asked = self._router.node.settings.archive
        reply = self._editor.apply(line)
        if reply.ok and not reply.left and line.strip() and not line.lstrip().startswith("!"):
            self._note(asked, " ".join(line.split()))
        if reply.left:
            self.close()
            who = "" if self.user is None else f" by {self.user}"
            source = f" on {self.via}" if self.via.startswith("vty") else ""
            self._router.add_log(f"%SYS-5-CONFIG_I: Configured from console{who}{source}")
        return reply

    def close(self) -> None:
        """The user is in configuration mode no longer."""
        if self in self._router.node.configuring:
            self._router.node.configuring.remove(self)

    def _note(self, asked: ArchiveSettings, command: str) -> None:
        """What ``archive`` with ``log config`` makes of a command."""
        node, user = self._router.node, self.user or "unknown user"
        if asked.log_size is None or command in ("exit", "exit-address-family"):
            return
        node.archive.log(asked, self._session, f"{user}@{self.line}", command)
        if asked.notify_syslog:
            shown = node.archive.commands[-1].text if node.archive.commands else command
            self._router.add_log(f"%PARSER-5-CFGLOG_LOGGEDCMD: User:{user}  logged command:{shown} ")


def lock_refusal(node: Node, via: str, now: float, *, exclusive: bool) -> str | None:
    """Why configuration mode cannot be entered; None when it can.

    Source: Cisco, Exclusive Configuration Change Access and Access Session Locking. What a router says to somebody who
    asks for the lock while others are in configuration mode is not certain.
    """
    others = [each for each in node.configuring if each.via != via]
    manager = next((each for each in node.platform.netconf if each.locks), None)
    if manager is not None:
        return (
            f"Configuration mode is locked by process '{NETCONF_PROCESS}' user 'NETCONF' from terminal "
            f"'{NETCONF_TERMINAL}'. Please try later.\n"
        )
    holder = next((each.lock(now) for each in others if each.exclusive), None)
    if holder is None and exclusive and others:
        holder = others[0].lock(now)
    if holder is None:
        return None
    return (
        f"Configuration mode locked exclusively by user '{holder.user}' process '{holder.process}' from terminal "
        f"'{holder.tty}'. Please try later.\n"
    )
