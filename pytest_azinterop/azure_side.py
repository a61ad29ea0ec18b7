"""Whether Azure's side is asked in a run, and how: what stands between the command line and the asking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_azinterop import options
from pytest_azinterop.collect import azure_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.recording_format import About
    from pytest_azinterop.intent.azure_expectations import AzureExpectations
    from pytest_azinterop.intent.expectations import ExpectedSite
    from pytest_azinterop.options import NamedInventory

EXTRA = 'pip install "pytest-azinterop[azure]"'


@dataclass(frozen=True, slots=True)
class AzureSide:
    """`expected` None: the intent does not describe it. `not_asked`: why it is left out of this run; None: it is not.
    `plan_cloud` is where it would be asked; None: not known before a simulated one has started."""

    expected: AzureExpectations | None
    not_asked: str | None
    plan_cloud: Any = None

    def header(self, sites: Iterable[ExpectedSite] = ()) -> list[str]:
        """What a reader must know before any outcome: that Azure is not asked, or what of these sites it cannot say."""
        if self.expected is None:
            return []
        if self.not_asked is not None:
            return [f"azinterop: {self.not_asked}"]
        left = [each.id for each in sites if each.version == 6]
        why = "what Azure's tables show of it is not known"
        return [f"azinterop: {', '.join(left)} is not compared over both sides: {why}"] if left else []

    def complete(self, wanted: Plan) -> Plan:
        """The plan, with the address at which Azure would be asked."""
        return replace(wanted, azure=replace(wanted.azure, cloud=self.plan_cloud))

    def left_out(self, count: int) -> list[str]:
        """What to say at the end about so many checks that were left out."""
        if not count or self.not_asked is None:
            return []
        return [f"azinterop: {count} check{'' if count == 1 else 's'} not asked for, since {self.not_asked}"]


def begin(
    config: pytest.Config, inventory: NamedInventory, expected: AzureExpectations | None, replayed: About | None
) -> AzureSide:
    """What the command line, the intent and the installation say. Raises InventoryError."""
    if options.value(config, "no-azure"):
        return AzureSide(expected, f"Azure is not asked: {options.form(config, 'no-azure')}")
    if expected is None or replayed is not None:
        return AzureSide(expected, None)
    cloud = None if inventory.is_simulated else azure_source.cloud_of(expected.cloud, inventory.folder)
    from_files = expected.cloud.files is not None
    if not azure_source.is_installed() and (inventory.is_simulated or not from_files):
        return AzureSide(expected, f"Azure is not asked: the extra is not installed; {EXTRA}")
    return AzureSide(expected, None, None if from_files else cloud)
