"""One router's connection, opened and closed through Nornir, by our driver or the stock one."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect import stock
from pytest_azinterop.errors import ConnectionFailedError
from pytest_azinterop.iosxe import idle_sockets
from pytest_azinterop.iosxe.connection import CONNECTION_NAME
from pytest_azinterop.iosxe.login import DEFAULT_PORT, known_hosts_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nornir.core.task import Task

    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.limits import HostSettings
    from pytest_azinterop.collect.session import Channel

STOCK_NAME = "napalm"


class Door:
    """Opens and closes one session. `seconds` is what opening took, waiting for other logins left out."""

    def __init__(self, task: Task, settings: HostSettings, credentials: Credentials, known_hosts: Path) -> None:
        self._task = task
        self._settings = settings
        self._credentials = credentials
        self._known_hosts = known_hosts
        self._channel: Channel | None = None
        self._name = STOCK_NAME if settings.driver == "stock" else CONNECTION_NAME
        self._socket: object = None
        self._aborted = False
        self.seconds = 0.0

    @property
    def channel(self) -> Channel:
        """What commands are sent through, once open."""
        if self._channel is None:
            raise ConnectionFailedError("there is no session", cause="not-collected", host=self._task.host.name)
        return self._channel

    def open(self, before_login: Callable[[], None]) -> None:
        """One login; `before_login` is called once before anything of it is sent. Raises ConnectionFailedError."""
        __tracebackhide__ = True
        waited = 0.0

        def wait(_: object) -> None:
            nonlocal waited
            since = time.monotonic()
            before_login()
            waited = time.monotonic() - since

        started = time.monotonic()
        if self._settings.driver == "stock":
            wait(None)
            self._open_stock()
            self._socket = _socket_of(self._task.host.connections[STOCK_NAME].connection)
        else:
            self._open_own(wait)
        self.seconds = time.monotonic() - started - waited

    def close(self) -> None:
        """End the session; without one, nothing."""
        if self._name in self._task.host.connections:
            with suppress(Exception):
                self._task.host.close_connection(self._name)

    def abort(self) -> None:
        """Break the session from another thread, so that whoever waits for an answer stops waiting. One that is not
        connected yet will not be."""
        self._aborted = True
        if isinstance(self._socket, socket.socket):
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _connected(self, connected: object) -> None:
        """Raises ConnectionFailedError where nobody wants the session any more."""
        self._socket = connected
        if self._aborted:
            raise ConnectionFailedError("interrupted", cause="not-collected", host=self._task.host.name)

    def _open_own(self, before_login: Callable[[object], None]) -> None:
        host, limits, credentials = self._task.host, self._settings.limits, self._credentials
        optional = {
            **self._own_options(CONNECTION_NAME),
            "name": host.name,
            "known_hosts": [str(self._known_hosts)],
            "key_file": self._settings.key_file,
            "allow_agent": self._settings.use_agent,
            "secret": credentials.enable,
            "conn_timeout": min(limits.connect_deadline, limits.router_deadline),
            "login_deadline": min(limits.login_deadline, limits.router_deadline),
            "legacy_ssh": self._settings.legacy_ssh,
            "connected": self._connected,
            "before_login": before_login,
        }
        host.open_connection(
            CONNECTION_NAME,
            self._task.nornir.config,
            username=credentials.username,
            password=credentials.password,
            extras={"optional_args": optional},
        )
        self._channel = host.connections[CONNECTION_NAME].connection

    def _open_stock(self) -> None:
        from nornir.core.plugins.connections import ConnectionPluginRegister
        from nornir_napalm.plugins.connections import Napalm

        idle_sockets.close()
        if STOCK_NAME not in ConnectionPluginRegister.available:
            ConnectionPluginRegister.register(STOCK_NAME, Napalm)
        host, limits, credentials = self._task.host, self._settings.limits, self._credentials
        optional = {
            **self._own_options(STOCK_NAME),
            **stock.options(
                {
                    "connect": limits.connect_deadline,
                    "login": limits.login_deadline,
                    "command": limits.command_deadline,
                },
                secret=credentials.enable,
                known_hosts=str(self._known_hosts),
                key_file=self._settings.key_file,
            ),
        }
        failure: tuple[str, str] | None = None
        try:
            host.open_connection(
                STOCK_NAME,
                self._task.nornir.config,
                username=credentials.username,
                password=credentials.password,
                platform="ios",
                extras={"optional_args": optional},
            )
        except Exception as error:  # noqa: BLE001 (NAPALM and netmiko raise what they like, with what they were given)
            where = known_hosts_name(host.hostname or host.name, host.port or DEFAULT_PORT)
            failure = stock.explain(error, host.name, where)
        if failure is not None:
            raise ConnectionFailedError(failure[1], cause=failure[0], host=host.name)
        self._channel = stock.StockChannel(host.name, host.connections[STOCK_NAME].connection)

    def _own_options(self, name: str) -> dict[str, Any]:
        """The inventory's `optional_args` for this connection; what the run decides comes after them."""
        extras = self._task.host.get_connection_parameters(name).extras or {}
        return dict(extras.get("optional_args") or {})


def _socket_of(driver: object) -> object:
    """The socket below a stock driver; None where its insides are not as known."""
    transport = getattr(getattr(getattr(driver, "device", None), "remote_conn", None), "transport", None)
    return getattr(transport, "sock", None)
