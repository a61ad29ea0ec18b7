"""When evidence does not suffice for a judgement. Every function raises `UndeterminedError` instead of guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeGuard, TypeVar

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify.finding import PartialFindings

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.bgp import NeighborRoutes, RouteView
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

RecordT = TypeVar("RecordT")


def undetermined(message: str, cause: str, source: Source | None = None) -> NoReturn:
    """Raise, with the answer that left the question open."""
    raise UndeterminedError(
        message, cause=cause, host=source.host if source else None, command=source.command if source else None
    )


def open_beside(found: list[Finding], message: str, cause: str, source: Source | None = None) -> list[Finding]:
    """The findings, with what is left open beside them. Raises UndeterminedError where there are none."""
    try:
        undetermined(message, cause, source)
    except UndeterminedError as error:
        return beside(found, error)


def beside(found: list[Finding], error: UndeterminedError) -> list[Finding]:
    """The findings, with an error that leaves the rest open. Raises it where there are none."""
    if not found:
        raise error
    return PartialFindings(found, error)


def is_proof(config: RunningConfig | None) -> TypeGuard[RunningConfig]:
    """Whether the absence of a line means something in this configuration."""
    return config is not None and config.whole and not config.hidden


def whole(config: RunningConfig | None, question: str) -> RunningConfig:
    """The configuration, if it is whole and nothing is hidden from the account."""
    if config is None:
        undetermined(f"{question}: the running-configuration is not known", "not-collected")
    if not config.whole:
        undetermined(f"{question}: the running-configuration was not seen whole", "cut-off", config.source)
    if config.hidden:
        undetermined(
            f"{question}: the account's privilege hides lines of the running-configuration",
            "not-authorised",
            config.source,
        )
    return config


def known(records: tuple[RecordT, ...] | None, what: str) -> tuple[RecordT, ...]:
    """The records, if they were asked for and understood."""
    if records is None:
        undetermined(f"{what} are not known", "not-collected")
    return records


def routes_of(
    vrf: str | None, neighbor: IPv4Address | IPv6Address, view: RouteView, routes: NeighborRoutes | None
) -> NeighborRoutes:
    """The routes, if they were collected and are this neighbor's."""
    if routes is None:
        undetermined(f"the {view} routes of {neighbor} were not collected", "not-collected")
    if (routes.vrf, routes.neighbor, routes.view) != (vrf, neighbor, view):
        undetermined(
            f"the answer is about the {routes.view} routes of {routes.neighbor} and not about "
            f"the {view} routes of {neighbor}",
            "not-understood",
            routes.source,
        )
    return routes
