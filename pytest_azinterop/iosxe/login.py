"""What a login needs, and the words for a login that failed."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_azinterop.iosxe.secret import Secret

DEFAULT_PORT = 22
_LONGEST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Login:
    """Where and as whom. `password` None: a key must do; `enable` None: stay at the level of the login, empty: try
    `enable` without a password.

    `known_hosts` are tried before the user's own file: where they know the router, only their keys count. Keys and the
    agent are used only where `key_file` or `use_agent` says so. `ssh_config` is an OpenSSH client configuration (jump
    hosts), None: none. `legacy_ssh` allows SSH algorithms that are no longer thought safe. Deadlines in seconds:
    `connect_deadline` for TCP, `login_deadline` for everything from there to the first prompt.

    `connected` is called with each socket before it is connected, and again with the one that is; it may raise
    ConnectionFailedError to give up. `before_login` is called with it when the router has
    shown the right host key and before anything of the login is sent; it may wait (the deadline waits with it), or
    raise ConnectionFailedError to give up.
    """

    host: str
    address: str
    username: str
    password: Secret | None
    port: int = DEFAULT_PORT
    enable: Secret | None = None
    known_hosts: tuple[Path, ...] = ()
    user_known_hosts: bool = True
    key_file: Path | None = None
    use_agent: bool = False
    ssh_config: Path | None = None
    legacy_ssh: bool = False
    connect_deadline: float = 10.0
    login_deadline: float = 30.0
    connected: Callable[[object], None] | None = field(default=None, repr=False, compare=False)
    before_login: Callable[[object], None] | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Address and port as OpenSSH's known_hosts writes them."""
        return known_hosts_name(self.address, self.port)


def known_hosts_name(address: str, port: int) -> str:
    """How a known_hosts file names a host."""
    return address if port == DEFAULT_PORT else f"[{address}]:{port}"


def printable(text: str) -> str:
    """Words of another machine for one line of a message: bounded, without control characters."""
    line = " ".join(re.sub(r"[^\x20-\x7e]", " ", text).split())
    return line if len(line) <= _LONGEST_WORDS else line[: _LONGEST_WORDS - 1] + "…"


class HostKeyError(Exception):
    """The host key is not the right one. The text says what is wrong, without the host."""


class LoginRefusedError(Exception):
    """The router did not accept the login. The text says why, without the host."""


def explain(error: BaseException, login: Login) -> tuple[str, str]:
    """The cause code and a sentence for a transport's exception. The exception's own text is not repeated where it
    could carry what was sent."""
    import paramiko

    from pytest_azinterop.iosxe.reach import NoSshError

    host, where = login.host, login.where
    if isinstance(error, HostKeyError):
        return "host-key", f"{host}: {error}; no login was sent"
    if isinstance(error, LoginRefusedError):
        return "login-refused", f"{host}: {error}"
    if isinstance(error, paramiko.PasswordRequiredException):
        return (
            "login-refused",
            f"{host}: the private key {login.key_file} needs a passphrase; load it into an SSH agent",
        )
    if isinstance(error, paramiko.AuthenticationException):
        return (
            "login-refused",
            f"{host}: login as {login.username!r} was refused by {where}; it was tried once; check the name and the"
            " password (AZINTEROP_USERNAME, AZINTEROP_PASSWORD, or the keyring)",
        )
    if isinstance(error, NoSshError):
        return "unreachable", f"{host}: {_no_ssh(error, where)}"
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return "ssh-algorithms", f"{host}: {_no_common_algorithm(error, login)}"
    if isinstance(error, socket.gaierror):
        return "unreachable", f"{host}: the name {login.address!r} cannot be resolved"
    if isinstance(error, TimeoutError):
        return "unreachable", f"{host}: {where} did not answer within {login.connect_deadline:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "unreachable", f"{host}: {where} refused the connection; is SSH on, and is the port right?"
    if isinstance(error, paramiko.SSHException | EOFError):
        return "unreachable", f"{host}: {where} closed the session during {_phase(error)}"
    if isinstance(error, OSError):
        return "unreachable", f"{host}: no connection with {where} ({error.strerror or type(error).__name__})"
    return "unreachable", f"{host}: no session with {where} ({type(error).__name__})"


def _no_ssh(error: Exception, where: str) -> str:
    said = f", saying {str(error)!r}" if str(error) else ""
    return (
        f"{where} accepted the connection and closed it before SSH began{said}: all its VTY lines are in use, or an"
        " access-class refuses this address; see `show users` and `show line` on its console"
    )


def _no_common_algorithm(error: Exception, login: Login) -> str:
    text = str(error).lower()
    if "version" in text:
        return f"{login.where} speaks SSH version 1 only; configure `ip ssh version 2`"
    kind = next((word for word in ("kex", "host key", "cipher", "mac") if word in text), "")
    kind = {"kex": "key exchange", "": "algorithms"}.get(kind, kind)
    if login.legacy_ssh:
        return f"no common SSH {kind} with {login.where}, although the old algorithms are allowed"
    return (
        f"no common SSH {kind} with {login.where}: it offers old ones only; configure newer ones (`ip ssh server"
        " algorithm …`), or allow the old ones for this router with `azinterop: {legacy_ssh: true}` in its data"
    )


def _phase(error: BaseException) -> str:
    text = str(error).lower()
    return "the SSH version exchange" if "banner" in text else "the SSH key exchange or the login"
