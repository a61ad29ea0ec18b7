"""From configuration to a client that can ask: the one place that needs the extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.azure.client import DEADLINE_SECONDS, ArmClient
from pytest_azinterop.azure.clock import SystemClock
from pytest_azinterop.azure.credential import build
from pytest_azinterop.azure.transport import Transport
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.azure.clock import Clock
    from pytest_azinterop.azure.cloud import Cloud
    from pytest_azinterop.azure.credential import Option

EXTRA = 'pip install "pytest-azinterop[azure]"'


def connect(
    cloud: Cloud,
    credential: str = "default",
    options: Mapping[str, Option] | None = None,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    clock: Clock | None = None,
) -> ArmClient:
    """A client; nothing is sent and no token is asked for before its first question.

    Raises InventoryError without the extra, and for a credential that cannot be made.
    """
    clock = clock or SystemClock()
    try:
        made = build(credential, options or {}, cloud)
        transport = Transport(cloud, made, clock)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "azure":
            raise
        raise InventoryError(f"asking Azure needs the extra: {EXTRA}") from None
    return ArmClient(transport, clock, deadline_seconds=deadline_seconds)
