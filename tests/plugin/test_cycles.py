"""A run with an inventory leaves the search for cycles as it found it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.cycles import Cycles

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The search as the other tests have it."""
    enabled, frozen = gc.isenabled(), gc.get_freeze_count()
    yield
    if frozen:
        gc.freeze()
    else:
        gc.unfreeze()
    (gc.enable if enabled else gc.disable)()


def test_nothing_is_looked_for_until_something_is_set_apart() -> None:
    gc.unfreeze()
    gc.enable()
    cycles = Cycles()
    cycles.rest()
    assert not gc.isenabled()
    cycles.set_apart()
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_in_the_end_everything_is_as_before() -> None:
    gc.unfreeze()
    gc.enable()
    cycles = Cycles()
    cycles.rest()
    cycles.end()
    assert gc.isenabled()
    cycles.set_apart()
    cycles.end()
    assert not gc.get_freeze_count()


def test_what_somebody_else_has_decided_is_left_alone() -> None:
    gc.freeze()
    gc.disable()
    cycles = Cycles()
    cycles.rest()
    cycles.set_apart()
    cycles.end()
    assert gc.get_freeze_count()
    assert not gc.isenabled()
