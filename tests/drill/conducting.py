"""A whole drill without pytest around it: from the first look to the last, in a lab whose clock runs fast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from drill.rig import lab, the_drill

from pytest_azinterop.collect import inventory as router_inventory
from pytest_azinterop.collect.azure_source import open_client
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.drill import azure_watch, conduct, observer, plan
from pytest_azinterop.drill.azure_tests import AzureTest, changing_client
from pytest_azinterop.drill.device import Target
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill.record import Record
from pytest_azinterop.intent.drill_expectations import Drill
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.lab.launch import Ready

SPEED = 10.0
# The published drill with short times, and the same brought about by Azure and by hand.
_ONE = """
  {name}:
    customer: customer-30
    site: loc1
    takes_away: [{what}]
    expect:
      hub: {{before: expressroute-primary, during: vpn, after: expressroute-primary}}
      spoke: {{before: expressroute-primary, during: vpn, after: expressroute-primary}}
      remote: {{before: expressroute-primary, during: none, after: expressroute-primary}}
      branch: vpn
    loses: [remote]
    budgets: {{failover: 60s, fail_back: 60s, lost: 8s}}
    hold: 20s
    revert: 4
    window: {window}
    second_look: 20s
    cool_down: 0s
    accepts: {{no_bfd: true}}
"""
SHORT = "drills:" + "".join(
    _ONE.format(name=name, what=what, window=window)
    for name, what, window in (
        ("short", "{session: 192.168.30.18}", "always"),
        ("azure", "{azure_link: {circuit: expressroute-1, link: primary}}", "always"),
        ("hands", "{manual: the provider takes the primary link away}", "always"),
        (
            "nightly",
            "{session: 192.168.30.18}",
            '{begins: "00:00", ends: "23:59", timezone: UTC}',
        ),
    )
)


@contextmanager
def short_lab(folder: Path, scenario: str = "{}", **options: Any) -> Iterator[Ready]:
    """A lab with Linux hosts and the short drill in its intent."""
    with lab(folder, scenario, speed=SPEED, linux_hosts=True, **options) as ready:
        extra = Path(ready.inventory) / "interop.d"
        extra.mkdir()
        (extra / "short.yaml").write_text(SHORT)
        yield ready


def environment(ready: Ready) -> dict[str, str]:
    """The logins, as an operator has them."""
    door, host = ready.routers["ce1-loc1"], ready.hosts["loc1-host"]
    assert door.drill is not None
    return {
        "AZINTEROP_USERNAME": door.username,
        "AZINTEROP_PASSWORD": door.password,
        "AZINTEROP_DRILL_USERNAME": door.drill.username,
        "AZINTEROP_DRILL_PASSWORD": door.drill.password,
        "AZINTEROP_LINUX_USERNAME": host.username,
        "AZINTEROP_LINUX_PASSWORD": host.password,
        **({} if ready.arm is None else {"AZINTEROP_AZURE_TOKEN": ready.arm.token}),
    }


def _tests(
    ready: Ready, drill: Drill, everything: Expectations, journal: Journal, told: list[str]
) -> tuple[AzureTest, ...]:
    if not drill.azure_tests or ready.arm is None or everything.azure is None:
        return ()
    with mock.patch.dict(os.environ, {"AZINTEROP_DRILL_AZURE_TOKEN": ready.arm.token}):
        client = changing_client(everything.azure.cloud, Path(ready.inventory))
    client.log_in()
    quick: dict[str, Any] = {"told": told.append, "poll": 0.1, "settling": 2.0, "patience": 20.0}
    return tuple(AzureTest(each, client, journal, **quick) for each in drill.azure_tests)


def carry_out(
    ready: Ready, folder: Path, name: str = "short", told: list[str] | None = None
) -> tuple[Record, list[str]]:
    """The record of a drill, and what was told meanwhile (also in `told`, as it comes)."""
    folder_of_inventory = Path(ready.inventory)
    everything = load(folder_of_inventory).expectations
    drill = the_drill(ready, name)
    told = [] if told is None else told
    record = Record(drill)
    made = plan.programs(drill)
    with mock.patch.dict(os.environ, environment(ready)):
        azure = None
        if ready.arm is not None and everything.azure is not None:
            azure = open_client(everything.azure.cloud, folder_of_inventory)
            azure.log_in()
        door = ready.routers["ce1-loc1"]
        assert door.drill is not None
        journal = Journal.create(folder)
        scenery = observer.Scenery(
            inventory=router_inventory.load(folder_of_inventory),
            everything=everything,
            drill_login=Credentials(door.drill.username, Secret(door.drill.password)),
            targets=tuple(Target(router, router, None, made[router], drill.revert_minutes) for router in drill.changes),
            journal=journal,
            say=told.append,
            snapshot=lambda _: None,
            azure=azure,
            questions=azure_watch.questions(drill, everything) if azure is not None else (),
            tests=_tests(ready, drill, everything, journal, told),
        )
        conduct.Conduct(drill, scenery, record).run()
    return record, told
