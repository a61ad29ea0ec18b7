"""Where a login's name and password come from. Never from a file of the inventory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME, PASSWORD, ENABLE = "AZINTEROP_USERNAME", "AZINTEROP_PASSWORD", "AZINTEROP_ENABLE"
KEYRING_SERVICE = "pytest-azinterop"
ENABLE_ENTRY = "enable"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login. `password` None: an SSH key must do. `source` says in words where it was found, never what it is."""

    username: str
    password: Secret | None
    enable: Secret | None = None
    source: str = "given"

    @property
    def group(self) -> tuple[str, str]:
        """Logins of one group stand or fall together: one refusal speaks for all of them."""
        return self.username, self.source


def find(username: str | None, environ: Mapping[str, str] | None = None) -> Credentials:
    """The login from the environment or else from the keyring of the operating system.

    `username` is the inventory's, None: it says none. An enable password that is set but empty means `enable` without a
    password, None: stay at the level of the login. Raises InventoryError that says what to set.
    """
    environ = os.environ if environ is None else environ
    name = _name(username, environ)
    enable = environ.get(ENABLE)
    if environ.get(PASSWORD):
        return Credentials(name, Secret(environ[PASSWORD]), None if enable is None else Secret(enable), "environment")
    stored = _from_keyring(name)
    if stored is None:
        raise InventoryError(
            f"no password for {name!r}: set {PASSWORD}, or store it with `keyring set {KEYRING_SERVICE} {name}`"
        )
    if enable is None:
        enable = _from_keyring(f"{name}/{ENABLE_ENTRY}")
    return Credentials(name, Secret(stored), None if enable is None else Secret(enable), "keyring")


def find_key_login(username: str | None, environ: Mapping[str, str] | None = None) -> Credentials:
    """The login of a router whose inventory entry names an SSH key: only the name is needed, and `enable` may be."""
    environ = os.environ if environ is None else environ
    enable = environ.get(ENABLE)
    return Credentials(_name(username, environ), None, None if enable is None else Secret(enable), "SSH key")


def _name(username: str | None, environ: Mapping[str, str]) -> str:
    name = username or environ.get(USERNAME)
    if not name:
        raise InventoryError(f"no username for the routers: set {USERNAME}")
    return name


def _from_keyring(entry: str) -> str | None:
    """None where there is no keyring, or no such entry in it."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        stored: str | None = keyring.get_password(KEYRING_SERVICE, entry)
    except keyring.errors.KeyringError:
        return None
    return stored
