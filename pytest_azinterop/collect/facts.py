"""The unit of need: a fact, named before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One answer of one router.

    A kind of the command catalogue with its parameters, such as `bgp_neighbors` of VRF 30.
    """

    host: str
    kind: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, host: str, kind: str, **parameters: str | None) -> Fact:
        """A fact with its parameters in canonical order.

        Parameters that are None are left out (no `vrf`: the global table).
        """
        given = sorted((name, value) for name, value in parameters.items() if value is not None)
        return cls(host, kind, tuple(given))


@dataclass(frozen=True, slots=True)
class Sampled:
    """A fact that is read twice: at least `interval` apart, with `probe` asked in between where there is one."""

    fact: Fact
    probe: Fact | None
    interval: timedelta = timedelta(0)


# A request to Azure is its own fact.
Need = Fact | Sampled | Request
# What helps to name a cause may also depend on what another answer tells.
Wanted = Need | AdvertisedToMsees


class Facts(Protocol):
    """What was collected. Every method raises `UndeterminedError` where the answer is missing, refused, cut off or
    was not understood."""

    def records(self, fact: Fact | Request) -> Sequence[Any]:
        """The records of a fact that was read once (of a sampled one: the later sample), or of a request to Azure."""
        ...

    def origin(self, fact: Fact) -> Source:
        """The answer that `records` were read from: of one without a record, what shows that there is none."""
        ...

    def samples(self, fact: Fact) -> tuple[Sequence[Any], Sequence[Any]]:
        """Both samples of a sampled fact."""
        ...
