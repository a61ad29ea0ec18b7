"""SSH up to an accepted login: algorithms, host key, and authentication that tries nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import paramiko

from pytest_azinterop.iosxe import known_hosts
from pytest_azinterop.iosxe.legacy_ssh import SIGNATURES, LegacyAlgorithms, ModernAlgorithms
from pytest_azinterop.iosxe.login import HostKeyError, LoginRefusedError, known_hosts_name, printable
from pytest_azinterop.iosxe.threadless import Authentication, ThreadlessTransport

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.iosxe.login import Login
    from pytest_azinterop.iosxe.reach import Route


class _Modern(ModernAlgorithms, ThreadlessTransport):
    """A transport without the old algorithms."""


class _Legacy(LegacyAlgorithms, ThreadlessTransport):
    """A transport that can speak with old releases too."""


def start(sock: socket.socket, login: Login, way: Route, until: float) -> ThreadlessTransport:
    """The key exchange, and the host key checked. Nothing of the login was sent when this returns.

    `until` by `time.monotonic`. Raises HostKeyError, TimeoutError and paramiko's exceptions.
    """
    names = [known_hosts_name(way.address, way.port), login.where]
    if way.alias is not None:
        names.append(way.alias)
    known = known_hosts.read(names, login.known_hosts, user_file=login.user_known_hosts)
    transport = (_Legacy if login.legacy_ssh else _Modern)(sock)
    try:
        transport.until = until
        _prefer(transport, known.types)
        transport.exchange_keys()
        _check(transport.get_remote_server_key(), known, login, names)
    except BaseException:
        transport.close()
        raise
    return transport


def _prefer(transport: ThreadlessTransport, types: Sequence[str]) -> None:
    """Ask for a host key of a known type first, so that a router with several keys shows one that can be checked."""
    options = transport.get_security_options()
    offered = tuple(options.key_types)
    first = [name for kind in types for name in SIGNATURES.get(kind, (kind,)) if name in offered]
    options.key_types = (*dict.fromkeys(first), *(name for name in offered if name not in first))


def _check(key: paramiko.PKey, known: known_hosts.KnownKeys, login: Login, names: Sequence[str]) -> None:
    shown = f"{key.get_name()} {key.fingerprint}"
    where = login.where
    if key in known.revoked:
        raise HostKeyError(f"the SSH host key of {where} ({shown}) is marked as revoked in a known_hosts file")
    if key in known.keys:
        return
    if not known.keys:
        raise HostKeyError(
            f"the SSH host key of {where} is not known ({shown}); if the router's console shows the same key, add it"
            f" to {known.files[0] if known.files else 'a known_hosts file'} as {names[0]}"
        )
    if key.get_name() not in known.types:
        raise HostKeyError(
            f"the SSH host key of {where} is of another type ({shown}) than the known one ({', '.join(known.types)});"
            " if the router's console shows the same key, add it to known_hosts"
        )
    raise HostKeyError(
        f"the SSH host key of {where} is not the known one ({shown}): another device answers there, or the router"
        f" has a new key; compare it with the console before replacing the entry of {names[0]} in known_hosts"
    )


def authenticate(transport: ThreadlessTransport, login: Login) -> None:
    """Log in: with keys where the login names some, then with its password, sent once in all.

    Raises LoginRefusedError, or paramiko's AuthenticationException.
    """
    attempts = _Attempts(transport, login)
    if not attempts.with_keys():
        attempts.with_password()


class _Attempts:
    def __init__(self, transport: ThreadlessTransport, login: Login) -> None:
        self._transport = transport
        self._login = login
        self._password_sent = False

    def with_keys(self) -> bool:
        """Whether a key was all that the router wants."""
        rejected = False
        for key in self._keys():
            try:
                if not self._handler().auth_publickey(self._login.username, key):
                    return True
                break  # accepted, but something else is wanted too
            except paramiko.BadAuthenticationType:
                break
            except paramiko.AuthenticationException:
                rejected = True
        if self._login.password is None:
            what = "refused the SSH key" if rejected else "does not take an SSH key alone, and there is no password"
            raise LoginRefusedError(f"{self._login.where} {what} for {self._login.username!r}")
        return False

    def _keys(self) -> Iterator[paramiko.PKey]:
        login = self._login
        if login.key_file is not None:
            try:
                yield _private_key(login)
            except FileNotFoundError:
                raise LoginRefusedError(f"there is no private key {login.key_file}") from None
            except (paramiko.PasswordRequiredException, TypeError):
                raise LoginRefusedError(
                    f"the private key {login.key_file} needs a passphrase; load it into an SSH agent and set use_agent"
                ) from None
            except (paramiko.SSHException, OSError, ValueError) as error:
                raise LoginRefusedError(f"{login.key_file} is no usable private key ({type(error).__name__})") from None
        if login.use_agent:
            agent = paramiko.Agent()
            try:
                yield from agent.get_keys()
            finally:
                agent.close()

    def with_password(self) -> None:
        """By `password`, or where the router does not know that, by `keyboard-interactive`."""
        password = self._login.password
        if password is None:
            raise LoginRefusedError("there is no password")
        try:
            more = self._handler().auth_password(self._login.username, password)
        except paramiko.BadAuthenticationType as error:
            if "keyboard-interactive" not in error.allowed_types:
                raise LoginRefusedError(
                    f"{self._login.where} takes no password, only {printable(', '.join(error.allowed_types))}"
                ) from None
            more = self._interactive()
        if more:
            raise LoginRefusedError(
                f"{self._login.where} wants more than one proof of {self._login.username!r}"
                f" ({printable(', '.join(more))}); use an account that is exempt"
            )

    def _interactive(self) -> list[str]:
        again: list[str] = []

        def answer(title: str, instructions: str, fields: Sequence[tuple[str, bool]]) -> list[str]:
            del title, instructions
            if not fields:
                return []
            if self._password_sent or len(fields) > 1 or fields[0][1]:
                again.append(" ".join(text for text, _ in fields))
                # Only from here can the question be left unanswered; the transport's thread ends with it.
                raise paramiko.SSHException("not answered")
            self._password_sent = True
            return [self._login.password or ""]

        handler = self._handler()
        try:
            return list(handler.auth_interactive(self._login.username, answer) or ())
        except paramiko.SSHException:
            if again:
                raise LoginRefusedError(
                    f"{self._login.where} asks for more than the password of {self._login.username!r}"
                    f" ({printable(again[0])!r}), such as a second factor or a new password; use an account that is"
                    " exempt"
                ) from None
            raise

    def _handler(self) -> Authentication:
        handler = Authentication(self._transport)
        self._transport.auth_handler = handler
        return handler


def _private_key(login: Login) -> paramiko.PKey:
    from_path = getattr(paramiko.PKey, "from_path", None)
    if from_path is None or login.key_file is None:
        raise ValueError("keys cannot be read")
    key: paramiko.PKey = from_path(str(login.key_file))
    return key
