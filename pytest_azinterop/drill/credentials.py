"""The login of drills: another one than that of the checks, which can change nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from pytest_azinterop.collect.credentials import KEYRING_SERVICE, Credentials
from pytest_azinterop.errors import DrillRefusedError
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME: Final = "AZINTEROP_DRILL_USERNAME"
PASSWORD: Final = "AZINTEROP_DRILL_PASSWORD"  # noqa: S105 (a name)
ENABLE: Final = "AZINTEROP_DRILL_ENABLE"


def find(reader: Credentials | None = None, environ: Mapping[str, str] | None = None) -> Credentials:
    """The login from the environment, its password or else from the keyring of the operating system.

    `reader` is the login of the checks, None: there is none to compare with. Raises DrillRefusedError where one is
    missing, or where both are the same user.
    """
    environ = os.environ if environ is None else environ
    name = environ.get(USERNAME)
    if not name:
        raise DrillRefusedError(f"a drill has a login of its own: set {USERNAME} and {PASSWORD}")
    if reader is not None and reader.username == name:
        raise DrillRefusedError(
            f"the checks and the drill log in as the same user, {name!r}; give the checks one that can only read"
        )
    password = environ.get(PASSWORD) or _stored(name)
    if not password:
        raise DrillRefusedError(
            f"no password for {name!r}: set {PASSWORD}, or store it with `keyring set {KEYRING_SERVICE} {name}`"
        )
    enable = environ.get(ENABLE)
    return Credentials(name, Secret(password), None if enable is None else Secret(enable), "drill")


def _stored(name: str) -> str | None:
    """None where there is no keyring, or no such entry in it."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        stored: str | None = keyring.get_password(KEYRING_SERVICE, name)
    except keyring.errors.KeyringError:
        return None
    return stored
