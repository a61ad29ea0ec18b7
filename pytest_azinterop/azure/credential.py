"""Who asks: any credential of azure-identity, by configuration.

`default` is DefaultAzureCredential, `managed-identity` ManagedIdentityCredential, `azure-cli` AzureCliCredential, and
so on: the class's name in words. A secret is never configured itself: an option `…_env` names the environment variable
that holds it. `token` takes a token that was issued elsewhere, from AZINTEROP_AZURE_TOKEN.
"""

from __future__ import annotations

import inspect
import os
import re
import time
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import AccessToken, TokenCredential

    from pytest_azinterop.azure.cloud import Cloud

TOKEN_VARIABLE: Final = "AZINTEROP_AZURE_TOKEN"  # noqa: S105 (a name)
_SECRET: Final = re.compile(r"(?:secret|password|token|key|certificate_data|assertion)", re.IGNORECASE)
_HOUR: Final = 3600
Option = str | int | bool


class GivenToken:
    """A token that somebody else obtained; it is used as it is and never renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_: str, **__: object) -> AccessToken:
        """The token."""
        from azure.core.credentials import AccessToken

        return AccessToken(self._token, int(time.time()) + _HOUR)

    def __repr__(self) -> str:
        return "GivenToken(…)"


def build(kind: str, options: Mapping[str, Option], cloud: Cloud) -> TokenCredential:
    """The credential. Raises InventoryError for an unknown kind, an unknown option, or a secret in clear."""
    if kind == "token":
        token = os.environ.get(TOKEN_VARIABLE)
        if not token:
            raise InventoryError(f"the credential `token` needs the environment variable {TOKEN_VARIABLE}")
        return GivenToken(token)
    made = _class(kind)
    given: dict[str, Any] = {}
    for name, value in options.items():
        if name.endswith("_env"):
            given[name.removesuffix("_env")] = _from_environment(name, str(value))
            continue
        if _SECRET.search(name) and isinstance(value, str):
            raise InventoryError(f"`{name}` is a secret: name the environment variable that holds it, `{name}_env`")
        given[name] = value
    if cloud.authority is not None and _takes(made, "authority"):
        given.setdefault("authority", cloud.authority)
    try:
        credential: TokenCredential = made(**given)
    except (TypeError, ValueError) as error:
        # The message of a constructor can repeat what it was given.
        told = f"{sorted(given)}: {type(error).__name__}"
        raise InventoryError(f"the credential `{kind}` cannot be made with {told}") from None
    return credential


def _from_environment(option: str, variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise InventoryError(f"`{option}` names the environment variable {variable[:80]!r}, which is not set")
    return value


def kinds() -> tuple[str, ...]:
    """Every kind that the installed azure-identity offers."""
    import azure.identity

    names = (name for name in azure.identity.__all__ if name.endswith("Credential"))
    return ("token", *sorted(_words(name) for name in names))


def _class(kind: str) -> type:
    import azure.identity

    for name in azure.identity.__all__:
        if name.endswith("Credential") and _words(name) == kind:
            found: type = getattr(azure.identity, name)
            return found
    raise InventoryError(f"azure-identity has no credential `{kind[:80]}`; it has {', '.join(kinds())}")


def _words(name: str) -> str:
    plain = name.removesuffix("Credential")
    plain = plain.removesuffix("Azure") if plain == "DefaultAzure" else plain
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", plain).lower()


def _takes(made: type, option: str) -> bool:
    parameters = inspect.signature(made).parameters
    return option in parameters or any(item.kind is item.VAR_KEYWORD for item in parameters.values())
