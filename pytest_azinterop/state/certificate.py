"""Certificates that a router holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Certificate:
    """One block of `show crypto pki certificates`.

    `kind` is its title (`Certificate`, `CA Certificate`, `Router Self-Signed Certificate`). The validity is in the
    router's zone as printed: aware where that is UTC or GMT, else naive; None while the certificate is pending.
    `is_rollover`: it takes the place of another one when that ends.
    """

    kind: str
    status: str
    serial: str | None
    usage: str | None
    issuer: tuple[str, ...]
    subject: tuple[str, ...]
    not_before: datetime | None
    not_after: datetime | None
    zone: str | None
    trustpoints: tuple[str, ...]
    is_rollover: bool = False
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_authority(self) -> bool:
        """It is a CA's own certificate."""
        return self.kind.startswith("CA ")
