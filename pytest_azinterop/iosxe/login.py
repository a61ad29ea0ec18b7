"""What a login needs, and the words for a login that failed."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_azinterop.iosxe.secret import Secret

DEFAULT_PORT = 22


@dataclass(frozen=True, slots=True)
class Login:
    """Where and as whom. `password` None: a key must do; `enable` None: stay at the level of the login.

    `known_hosts` are tried before the user's own file: where they know the router, only their keys count. Keys and the
    agent are used only where `key_file` or `use_agent` says so. `ssh_config` is an OpenSSH client configuration (jump
    hosts), None: none. Deadlines in seconds. `before_login` is called with the socket when the router was reached and
    before anything is sent to it; it may wait, or raise ConnectionFailedError to give up.
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
    connect_deadline: float = 10.0
    login_deadline: float = 30.0
    before_login: Callable[[object], None] | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Address and port as OpenSSH's known_hosts writes them."""
        return known_hosts_name(self.address, self.port)


def known_hosts_name(address: str, port: int) -> str:
    """How a known_hosts file names a host."""
    return address if port == DEFAULT_PORT else f"[{address}]:{port}"


def explain(error: BaseException, login: Login) -> tuple[str, str]:
    """The cause code and a sentence for a transport's exception. The exception's own text is not repeated where it
    could carry what was sent."""
    import paramiko

    host, where = login.host, login.where
    if isinstance(error, paramiko.BadHostKeyException):
        return "host-key", f"{host}: the SSH host key of {where} is not the known one; nothing was sent"
    if isinstance(error, UnknownHostKeyError):
        return "host-key", f"{host}: the SSH host key of {where} is not known ({error.fingerprint}); nothing was sent"
    if isinstance(error, paramiko.hostkeys.InvalidHostKey):
        return "host-key", f"{host}: a known_hosts file has a line that is no host key; nothing was sent"
    if isinstance(error, paramiko.PasswordRequiredException):
        return "login-refused", f"{host}: the private key needs a passphrase"
    if isinstance(error, paramiko.AuthenticationException):
        if "timeout" in str(error).lower():
            return "timeout", f"{host}: {where} did not answer the login within {login.login_deadline:g} s"
        return "login-refused", f"{host}: login as {login.username!r} was refused by {where}"
    if isinstance(error, socket.gaierror):
        return "unreachable", f"{host}: the name {login.address!r} cannot be resolved"
    if isinstance(error, TimeoutError):
        return "unreachable", f"{host}: {where} did not answer within {login.connect_deadline:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "unreachable", f"{host}: {where} refused the connection"
    if isinstance(error, paramiko.SSHException | EOFError):
        return "unreachable", f"{host}: no SSH session with {where} ({_ssh_reason(error)})"
    if isinstance(error, OSError):
        return "unreachable", f"{host}: no connection with {where} ({error.strerror or type(error).__name__})"
    return "unreachable", f"{host}: no session with {where} ({type(error).__name__})"


def _ssh_reason(error: BaseException) -> str:
    text = str(error).lower()
    if "banner" in text:
        return "it does not speak SSH, or all its lines are in use"
    if "incompatible" in text or "no acceptable" in text:
        return "no common SSH algorithm"
    if "no existing session" in text or "timed out" in text or "timeout" in text:
        return "the key exchange did not finish in time"
    return "it closed the session"


class UnknownHostKeyError(Exception):
    """The router presented a key that no known_hosts file holds."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        super().__init__(fingerprint)
