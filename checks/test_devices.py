"""The right router answers, and its clock can be trusted."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import device as judged
from pytest_azinterop.verify import saved

pytestmark = pytest.mark.devices


def test_is_the_router_that_the_intent_means(device, judge):
    judge(judged.identity(device.expected, device.observed))


def test_clock_is_right(device, judge):
    judge(judged.clock(device.expected, device.observed))


@pytest.mark.deep
def test_configuration_is_saved(saved_configuration, judge):
    judge(saved.configuration(saved_configuration.expected, saved_configuration.observed))
