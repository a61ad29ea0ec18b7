"""What lint reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.state.config import RunningConfig


@dataclass(frozen=True, slots=True)
class ObservedConfiguration:
    """A router's configuration and its release as `show version` prints it (`17.09.04a`)."""

    config: RunningConfig
    release: str


@dataclass(frozen=True, slots=True)
class ObservedConfigurations:
    """The configurations of all routers of a site, by the router's name, in the order of the intent."""

    routers: tuple[tuple[str, RunningConfig], ...]

    def of(self, router: str) -> RunningConfig:
        """The configuration of one router. Raises KeyError."""
        return dict(self.routers)[router]
