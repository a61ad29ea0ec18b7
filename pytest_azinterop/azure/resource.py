"""Names of resources: by id, or by subscription, group and name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.()-]{0,88}[A-Za-z0-9_()-])?")
_SUBSCRIPTION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
PROVIDER: Final = "Microsoft.Network"


def safe_name(text: str) -> str:
    """The name itself, when it is one path segment that needs no escaping; else raises ValueError."""
    if not _NAME.fullmatch(text) or ".." in text:
        raise ValueError(f"not a name of an Azure resource: {text[:80]!r}")
    return text


def safe_subscription(text: str) -> str:
    """The subscription's id itself; else raises ValueError."""
    if not _SUBSCRIPTION.fullmatch(text):
        raise ValueError(f"not a subscription id: {text[:80]!r}")
    return text


@dataclass(frozen=True, slots=True)
class ResourceId:
    """One resource of Microsoft.Network. `types` and `names` go in pairs, parents first.

    Azure compares ids without case, so `key` does too.
    """

    subscription: str
    group: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises ValueError for a part that is not one safe path segment."""
        safe_subscription(self.subscription)
        for part in (self.group, *self.types, *self.names):
            safe_name(part)
        if not self.types or len(self.types) != len(self.names):
            raise ValueError("a resource has as many names as types, and at least one")

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Read `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/TYPE/NAME[/TYPE/NAME]`."""
        parts = text.strip().strip("/").split("/")
        words = [part.casefold() for part in parts]
        if (
            len(parts) < 8
            or len(parts) % 2
            or (words[0], words[2], words[4]) != ("subscriptions", "resourcegroups", "providers")
        ):
            raise ValueError(f"not a resource id: {text[:200]!r}")
        if words[5] != PROVIDER.casefold():
            raise ValueError(f"not a resource of {PROVIDER}: {text[:200]!r}")
        return cls(parts[1], parts[3], tuple(parts[6::2]), tuple(parts[7::2]))

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.names[-1]

    @property
    def short(self) -> str:
        """Without subscription and group: `virtualNetworkGateways/hub-vpn`."""
        return "/".join(f"{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))

    @property
    def key(self) -> str:
        """The id as it compares."""
        return str(self).casefold()

    def __str__(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{PROVIDER}/{self.short}"
