"""SSH up to an accepted login: algorithms, host key, and authentication that tries nothing twice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import cMSG_USERAUTH_REQUEST

from pytest_azinterop.iosxe import known_hosts
from pytest_azinterop.iosxe.legacy_ssh import SIGNATURES, LegacyAlgorithms, ModernAlgorithms
from pytest_azinterop.iosxe.login import HostKeyError, LoginRefusedError, known_hosts_name, printable

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_azinterop.iosxe.login import Login
    from pytest_azinterop.iosxe.reach import Route

_REKEY = 60.0  # seconds that a message may wait for the end of a key exchange


class _Authentication(AuthOnlyHandler):
    """As paramiko's, but whoever waits is there before the question is sent: a fast answer is not missed."""

    def send_auth_request(self, username: str, method: str, finish_message: Any = None) -> Any:  # noqa: ANN401
        self.auth_method = method
        self.username = username
        self.auth_event = event = threading.Event()
        message = paramiko.Message()
        message.add_byte(cMSG_USERAUTH_REQUEST)
        for text in (username, "ssh-connection", method):
            message.add_string(text)
        if finish_message is not None:
            finish_message(message)
        with self.transport.lock:
            self.transport._send_message(message)  # type: ignore[attr-defined]  # noqa: SLF001 (as paramiko's own)
        return self.wait_for_response(event)


class _Modern(ModernAlgorithms, paramiko.Transport):
    """A transport without the old algorithms."""


class _Legacy(LegacyAlgorithms, paramiko.Transport):
    """A transport that can speak with old releases too."""


def start(sock: socket.socket, login: Login, way: Route) -> paramiko.Transport:
    """The key exchange, and the host key checked. Nothing of the login was sent when this returns.

    The transport's own deadlines are put aside: the caller must break the socket when its time is up. Raises
    HostKeyError and paramiko's exceptions, and leaves no thread then.
    """
    names = [known_hosts_name(way.address, way.port), login.where]
    if way.alias is not None:
        names.append(way.alias)
    known = known_hosts.read(names, login.known_hosts, user_file=login.user_known_hosts)
    transport = (_Legacy if login.legacy_ssh else _Modern)(sock)
    try:
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = 2 * login.login_deadline
        transport.clear_to_send_timeout = _REKEY
        _prefer(transport, known.types)
        transport.start_client()
        _check(transport.get_remote_server_key(), known, login, names)
    except BaseException:
        transport.close()
        raise
    return transport


def _prefer(transport: paramiko.Transport, types: Sequence[str]) -> None:
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


def authenticate(transport: paramiko.Transport, login: Login) -> None:
    """Log in: with keys where the login names some, then with its password, sent once in all.

    Raises LoginRefusedError, or paramiko's AuthenticationException.
    """
    attempts = _Attempts(transport, login)
    if not attempts.with_keys():
        attempts.with_password()


class _Attempts:
    def __init__(self, transport: paramiko.Transport, login: Login) -> None:
        self._transport = transport
        self._login = login
        self._asked_before = False
        self._password_sent = False

    def with_keys(self) -> bool:
        """Whether a key was all that the router wants."""
        rejected = False
        for key in self._keys():
            try:
                if not self._first("auth_publickey", key):
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
            more = self._first("auth_password", password)
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

    def _first(self, method: str, proof: object) -> Iterable[str]:
        """The first attempt asks for the service as well; strict servers end a session that asks for it again."""
        if self._asked_before:
            return list(getattr(self._handler(), method)(self._login.username, proof) or ())
        self._asked_before = True
        options = {"fallback": False} if method == "auth_password" else {}
        return list(getattr(self._transport, method)(self._login.username, proof, **options) or ())

    def _handler(self) -> _Authentication:
        handler = _Authentication(self._transport)
        self._transport.auth_handler = handler
        return handler


def _private_key(login: Login) -> paramiko.PKey:
    from_path = getattr(paramiko.PKey, "from_path", None)
    if from_path is None or login.key_file is None:
        raise ValueError("keys cannot be read")
    key: paramiko.PKey = from_path(str(login.key_file))
    return key
