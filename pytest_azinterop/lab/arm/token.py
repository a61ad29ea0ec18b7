"""Bearer tokens of the lab: JSON Web Tokens as Microsoft Entra issues them, for one audience, signed by the lab itself.

Resource Manager takes a token whose audience is its own cloud's, and names those that it takes when it refuses another.
Audiences: https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and the like of
China; the refusal is as printed by those who met it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field

PUBLIC = "public"
HOSTS = {
    PUBLIC: ("management.core.windows.net", "management.azure.com"),
    "us-government": ("management.core.usgovcloudapi.net", "management.usgovcloudapi.net"),
    "china": ("management.core.chinacloudapi.cn", "management.chinacloudapi.cn"),
}
"""By cloud: the hosts whose addresses are audiences of Resource Manager, the older name first."""


def audiences(cloud: str) -> tuple[str, ...]:
    """What Resource Manager of a cloud takes, with and without a slash at the end."""
    return tuple(f"https://{host}{end}" for host in HOSTS[cloud] for end in ("/", ""))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues tokens and knows its own again."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def issue(self, audience: str = "https://management.azure.com") -> str:
        """A token for an audience; it does not expire while the lab lives."""
        head = _encoded(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
        body = _encoded(json.dumps({"aud": audience, "jti": secrets.token_urlsafe(16)}).encode())
        return f"{head}.{body}.{self._signature(f'{head}.{body}')}"

    def audience(self, token: str) -> str | None:
        """Whom a token is for; None for one that this lab has not issued."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        return str(json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))["aud"])

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.new(self.key, signed.encode(), hashlib.sha256).digest())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
