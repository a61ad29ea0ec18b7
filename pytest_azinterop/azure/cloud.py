"""Azure's clouds: where Resource Manager answers, for whom a token is asked, and who issues it.

https://learn.microsoft.com/azure/developer/python/sdk/authentication/sovereign-domains
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cloud:
    """`endpoint` is the ARM host with its scheme, `scope` what a token is asked for, `authority` who issues it (None:
    Azure's libraries decide, or the credential has no use for one).

    `ca` is a file of the authority that signed the endpoint's certificate, where the system does not know it.
    `api_versions` replace those of the catalogue, by operation name; `*` is for all others: sovereign clouds lag.
    """

    name: str
    endpoint: str
    scope: str
    authority: str | None = None
    ca: Path | None = None
    api_versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for an endpoint that is not a plain https address of a host."""
        parts = urlsplit(self.endpoint)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.path.strip("/"):
            raise ValueError(f"an ARM endpoint is such as https://management.azure.com, not {self.endpoint[:200]!r}")

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what every address that is asked must have."""
        return origin(self.endpoint)

    def api_version(self, operation: str, default: str) -> str:
        """The version to ask with."""
        return self.api_versions.get(operation) or self.api_versions.get("*") or default


def origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises ValueError for a port that is none."""
    parts = urlsplit(address)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or 443


PUBLIC: Final = Cloud(
    "public",
    "https://management.azure.com",
    "https://management.azure.com/.default",
    "https://login.microsoftonline.com",
)
US_GOVERNMENT: Final = Cloud(
    "us-government",
    "https://management.usgovcloudapi.net",
    "https://management.core.usgovcloudapi.net/.default",
    "https://login.microsoftonline.us",
)
CHINA: Final = Cloud(
    "china",
    "https://management.chinacloudapi.cn",
    "https://management.chinacloudapi.cn/.default",
    "https://login.chinacloudapi.cn",
)
CLOUDS: Final[Mapping[str, Cloud]] = {cloud.name: cloud for cloud in (PUBLIC, US_GOVERNMENT, CHINA)}
