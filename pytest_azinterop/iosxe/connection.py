"""The Nornir connection plugin `azinterop_iosxe`: opens our driver directly.

NAPALM's own loader picks the first driver class of a module by name, so it is not asked.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from nornir.core.configuration import Config

    from pytest_azinterop.iosxe.driver import IosXeDriver

CONNECTION_NAME = "azinterop_iosxe"


class IosXeConnection:
    """See nornir's `ConnectionPlugin`. `extras["optional_args"]` are those of `IosXeDriver`."""

    connection: IosXeDriver

    def open(
        self,
        hostname: str | None,
        username: str | None,
        password: str | None,
        port: int | None,
        platform: str | None,
        extras: dict[str, Any] | None = None,
        configuration: Config | None = None,
    ) -> None:
        """One login. Raises ConnectionFailedError; the password stays in no frame that a traceback would show."""
        __tracebackhide__ = True
        del platform
        hidden = Secret(password or "")
        password = None
        optional = dict((extras or {}).get("optional_args") or {})
        extras = None
        optional.setdefault("port", port)
        if configuration is not None and "ssh_config_file" not in optional and not is_loopback(hostname or ""):
            config_file = Path(configuration.ssh.config_file).expanduser()
            if config_file.is_file():
                optional["ssh_config_file"] = str(config_file)
        if optional.get("secret") is not None:
            optional["secret"] = Secret(optional["secret"])
        from pytest_azinterop.iosxe.driver import IosXeDriver

        driver = IosXeDriver(hostname or "", username or "", hidden, optional_args=optional)
        driver.open()
        self.connection = driver

    def close(self) -> None:
        """Close the session."""
        self.connection.close()


def is_loopback(hostname: str) -> bool:
    """Whether an address is this machine's own: then no jump host stands before it (a forwarded port, or the lab)."""
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"
