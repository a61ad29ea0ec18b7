"""The right router answers, and its clock can be trusted."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import archive as archives
from pytest_azinterop.verify import device as judged
from pytest_azinterop.verify import saved
from pytest_azinterop.verify import software as running
from pytest_azinterop.verify import time_source as times

pytestmark = pytest.mark.devices


def test_is_the_router_that_the_intent_means(device, judge):
    judge(judged.identity(device.expected, device.observed))


def test_clock_is_right(device, judge):
    judge(judged.clock(device.expected, device.observed))


def test_clock_follows_its_time_source(time_source, judge):
    judge(times.source(time_source.expected, time_source.observed))


def test_earlier_configurations_are_kept(archive, judge):
    judge(archives.kept(archive.expected, archive.observed))


def test_release_is_approved(software, judge):
    judge(running.release(software.expected, software.observed))


def test_router_has_been_up_for_long(uptime, judge):
    judge(running.uptime(uptime.expected, uptime.observed))


@pytest.mark.deep
def test_configuration_is_saved(saved_configuration, judge):
    judge(saved.configuration(saved_configuration.expected, saved_configuration.observed))
