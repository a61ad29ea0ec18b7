"""NAPALM's own `ios` driver behind the send point, for routers whose inventory entry asks for it.

What it does not offer: a proof that an answer is whole, and a host-key failure that it names as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_azinterop.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator


class NapalmDriver(Protocol):
    """The part of a NAPALM driver that is used."""

    def cli(self, commands: list[str]) -> dict[str, str]:
        """The answers by command."""
        ...

    def is_alive(self) -> dict[str, bool]:
        """Whether the session lives."""
        ...


class StockChannel:
    """A `Channel` over NAPALM's `cli`. The deadline of a command is netmiko's `read_timeout_override`, set at login."""

    def __init__(self, host: str, driver: NapalmDriver) -> None:
        self._host = host
        self._driver = driver
        self._open = True

    def ask(self, command: str, deadline: float) -> str:
        """See `Channel`. What is read after a failure could be the rest of an answer, so the channel closes."""
        failure: tuple[str, str]
        try:
            return self._driver.cli([command])[command] + "\n"
        except Exception as error:  # noqa: BLE001 (NAPALM and netmiko raise what they like)
            names = {type(item).__name__ for item in _chain(error)}
            timed_out = names & {"ReadTimeout", "NetmikoTimeoutException", "TimeoutError"}
            failure = (
                ("timeout", f"no complete answer within {deadline:g} s")
                if timed_out
                else ("cut-off", "the session broke in mid-answer")
            )
        self._open = False
        host = self._host
        raise CommandFailedError(f"{host}: {command}: {failure[1]}", cause=failure[0], host=host, command=command)

    def settle(self, deadline: float) -> None:
        """Nothing: NAPALM gives no means to."""

    def take_amendment(self) -> str | None:
        """None: NAPALM gives no means to."""
        return None

    @property
    def is_open(self) -> bool:
        """Until a command failed."""
        return self._open


def explain(error: BaseException, host: str, where: str) -> tuple[str, str]:
    """The cause code and a sentence for what NAPALM's or netmiko's `open` raised; its own text is not repeated."""
    chain = list(_chain(error))
    names = {type(item).__name__ for item in chain}
    text = " ".join(str(item) for item in chain).lower()
    if names & {"BadHostKeyException"} or "known_hosts" in text or "host key" in text:
        return "host-key", f"{host}: the SSH host key of {where} is not the known one"
    if names & {"NetmikoAuthenticationException", "AuthenticationException"}:
        return "login-refused", f"{host}: the login was refused by {where}"
    if "enable" in text:
        return "enable-refused", f"{host}: the enable secret was refused"
    return "unreachable", f"{host}: no session with {where} ({type(error).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def options(deadlines: dict[str, Any], *, secret: object, known_hosts: str, key_file: str | None) -> dict[str, Any]:
    """NAPALM's `optional_args` for the same care that our driver takes: strict host keys, no guessing of keys."""
    given = {
        "ssh_strict": True,
        "system_host_keys": True,
        "alt_host_keys": True,
        "alt_key_file": known_hosts,
        "allow_agent": False,
        "use_keys": key_file is not None,
        "key_file": key_file,
        "conn_timeout": deadlines["connect"],
        "auth_timeout": deadlines["login"],
        "banner_timeout": deadlines["login"],
        "read_timeout_override": deadlines["command"],
    }
    # Without a secret NAPALM would try an empty one.
    return {**given, "secret": secret} if secret else {**given, "force_no_enable": True}
