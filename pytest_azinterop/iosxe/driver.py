"""The NAPALM driver: NAPALM's `ios` getters over a connection that does not sleep. It only reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napalm.ios.ios import IOSDriver

from pytest_azinterop.errors import CommandFailedError
from pytest_azinterop.iosxe import idle_sockets
from pytest_azinterop.iosxe.login import DEFAULT_PORT, Login
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_azinterop.iosxe.terminal import IosXeTerminal, Told

idle_sockets.close()


class IosXeDriver(IOSDriver):  # type: ignore[misc]
    """NAPALM's `ios` driver, standing on `IosXeTerminal`.

    `optional_args` as NAPALM's where they make sense here: `port`, `secret`, `ssh_config_file`, `alt_key_file` (a
    known_hosts file), `system_host_keys` (default True), `key_file`, `allow_agent`, `conn_timeout`, `login_deadline`,
    `legacy_ssh`. `name` is what messages call the router, `connected` and `before_login` as `Login`'s. Anything that is
    not on the read-only allow-list is refused unsent.
    """

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: Mapping[str, Any] | None = None,
    ) -> None:
        __tracebackhide__ = True
        hidden = Secret(password) if password else None
        password = ""
        given = dict(optional_args or {})
        self.login = _login(hostname, username, hidden, given)
        given.pop("secret", None)
        self._for_napalm = (hostname, username, None, timeout, {**given, "transport": "ssh"})
        self.device: IosXeTerminal | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever NAPALM keeps)
        """What NAPALM's own code wants of itself. NAPALM takes longer to make this than to ask for three commands."""
        given = self.__dict__.pop("_for_napalm", None)
        if given is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        device = self.device
        super().__init__(*given)
        self.device = device
        return getattr(self, name)

    def open(self) -> None:
        """One login. Raises ConnectionFailedError."""
        from pytest_azinterop.iosxe.terminal import IosXeTerminal

        device = IosXeTerminal(self.login)
        device.open()
        self.device = device

    def close(self) -> None:
        """Close the session; a second time does nothing."""
        device, self.device = self.device, None
        if device is not None:
            device.disconnect()

    def is_alive(self) -> dict[str, bool]:
        """Whether commands can be sent."""
        return {"is_alive": self.is_open}

    def ask(self, command: str, deadline: float) -> str:
        """The raw answer to one command; `deadline` in seconds. See `IosXeTerminal.ask`."""
        return self._open_device(command).ask(command, deadline)

    def ask_together(self, commands: Sequence[str], deadline: float, most: float) -> list[Told]:
        """See `IosXeTerminal.ask_together`."""
        return self._open_device(commands[0]).ask_together(commands, deadline, most)

    @property
    def may_be_typed_ahead(self) -> bool:
        """See `IosXeTerminal.may_be_typed_ahead`."""
        return self.device is not None and self.device.may_be_typed_ahead

    def settle(self, deadline: float) -> None:
        """See `IosXeTerminal.settle`."""
        self._open_device(None).settle(deadline)

    def take_amendment(self) -> str | None:
        """See `IosXeTerminal.take_amendment`."""
        return None if self.device is None else self.device.take_amendment()

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self.device is not None and self.device.is_open

    def _open_device(self, command: str | None) -> IosXeTerminal:
        if self.device is None:
            host = self.login.host
            raise CommandFailedError(f"{host}: there is no session", cause="cut-off", host=host, command=command)
        return self.device


def _login(hostname: str, username: str, password: Secret | None, given: Mapping[str, Any]) -> Login:
    def path(name: str) -> Path | None:
        return Path(given[name]).expanduser() if given.get(name) else None

    known_hosts = given.get("known_hosts") or [given.get("alt_key_file")]
    return Login(
        host=given.get("name") or hostname,
        address=hostname,
        username=username or "",
        password=password,
        port=int(given.get("port") or DEFAULT_PORT),
        enable=None if given.get("secret") is None else Secret(given["secret"]),
        known_hosts=tuple(Path(item).expanduser() for item in known_hosts if item),
        user_known_hosts=bool(given.get("system_host_keys", True)),
        key_file=path("key_file"),
        use_agent=bool(given.get("allow_agent", False)),
        ssh_config=path("ssh_config_file"),
        legacy_ssh=given.get("legacy_ssh") is True,
        connect_deadline=float(given.get("conn_timeout") or 10.0),
        login_deadline=float(given.get("login_deadline") or 30.0),
        connected=given.get("connected"),
        before_login=given.get("before_login"),
    )
