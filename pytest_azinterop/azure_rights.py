"""`azinterop azure-role`, `azinterop azure-check`: the rights that an inventory's checks take, and which are lacking.

Rights: https://learn.microsoft.com/azure/role-based-access-control/permissions/networking
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.azure.catalogue import POLLING_RIGHTS
from pytest_azinterop.azure.failure import FORBIDDEN
from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect import azure_run, azure_source
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.loader import load
from pytest_azinterop.subjects import SUBJECTS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.options import NamedInventory

READ, LACKING, REFUSED = 0, 1, 3


def requests_of(everything: Expectations) -> Plan:
    """What every check of Azure's side would ask, each question once."""
    kinds = [kind for kind in SUBJECTS.values() if kind.of_azure]
    needs = (
        need for kind in kinds for each in kind.select(everything) for need in (*kind.needs(each), *kind.helps(each))
    )
    return plan(need for need in needs if isinstance(need, (Request, AdvertisedToMsees)))


def rights(requests: Iterable[Request], later: Iterable[AdvertisedToMsees] = ()) -> tuple[str, ...]:
    """The rights that these questions take, and those that they lead to, each once, in order."""
    asked = tuple(requests)
    found = {request.operation.action for request in asked} | {each.operation.action for each in later}
    if any(request.operation.long_running for request in asked):
        found.update(POLLING_RIGHTS)
    return tuple(sorted(found, key=str.casefold))


def role(requests: Iterable[Request], later: Iterable[AdvertisedToMsees] = ()) -> dict[str, Any]:
    """A custom role for `az role definition create`: these rights and no other.

    It can be assigned where it is needed: in the groups that are asked, and in their subscriptions, since there stand
    the addresses at which long-running operations are polled.
    """
    asked = tuple(requests)
    scopes = {f"/subscriptions/{request.given['subscription']}" for request in asked}
    if not any(request.operation.long_running for request in asked):
        scopes = {
            f"/subscriptions/{request.given['subscription']}/resourceGroups/{request.given['group']}"
            for request in asked
        }
    return {
        "Name": "Hybrid connectivity verifier",
        "IsCustom": True,
        "Description": "Reads what pytest-azinterop verifies; changes nothing.",
        "Actions": list(rights(asked, later)),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": sorted(scopes, key=str.casefold),
    }


def print_role(given: argparse.Namespace) -> int:
    """Print the role of an inventory. Asks nobody."""
    _, everything = _loaded(given.inventory)
    wanted = requests_of(everything).azure
    print(json.dumps(role(wanted.requests, wanted.later), indent=2))
    return READ


def check(given: argparse.Namespace, start_lab: Callable[..., Any]) -> int:
    """Ask every question once, and say which right is lacking for which resource."""
    named, everything = _loaded(given.inventory)
    wanted = requests_of(everything)
    with _client(named, everything, start_lab, given.lab_scenario or ()) as client:
        collected = azure_run.collect(client, wanted.azure)
    answers = {(answer.host, answer.command): answer for answer in collected.answers}
    lacking: dict[str, list[str]] = {}
    unknown: dict[str, list[str]] = {}
    asked = (*wanted.azure.requests, *azure_run.follow_ups(wanted.azure, collected.answers))
    for request in asked:
        failure = answers[azure_run.place(request)].failure
        if failure is None:
            continue
        if failure.cause == FORBIDDEN:
            lacking.setdefault(request.operation.action, []).append(request.short)
        else:
            unknown.setdefault(f"{failure.cause}: {failure.message}", []).append(request.operation.action)
    for each in wanted.azure.later:
        if all(request.operation != each.operation for request in asked):
            words = f"{each.after.short} has told no session with an MSEE, so nothing was asked of it"
            unknown.setdefault(words, []).append(each.operation.action)
    wanted_rights = rights(asked, wanted.azure.later)
    for action in wanted_rights:
        open_ = any(action in actions for actions in unknown.values())
        word = "lacking" if action in lacking else "unknown" if open_ else "given"
        print(f"{word:8} {action}" + (f"  ({', '.join(dict.fromkeys(lacking[action]))})" if action in lacking else ""))
    for message, actions in unknown.items():
        print(f"unknown  {', '.join(dict.fromkeys(actions))}  ({message})")
    print(f"{len(lacking)} of {len(wanted_rights)} rights are lacking; {client.sent} requests")
    return LACKING if lacking else REFUSED if unknown else READ


def _loaded(name: str) -> tuple[NamedInventory, Expectations]:
    import pytest

    from pytest_azinterop import options, shipped

    try:
        named = options.resolve(name, Path.cwd(), shipped.inventory)
    except pytest.UsageError as error:
        raise InventoryError(str(error)) from None
    everything = load(named.folder).expectations
    if everything.azure is None:
        raise InventoryError("the intent has no block `azure`, so nothing is asked of Azure", file=str(named.folder))
    return named, everything


@contextmanager
def _client(
    named: NamedInventory, everything: Expectations, start_lab: Callable[..., Any], scenario: Iterable[str]
) -> Iterator[azure_run.Asker]:
    said: Final = everything.azure
    if said is None:
        raise InventoryError("the intent has no block `azure`", file=str(named.folder))
    if not named.is_simulated:
        yield azure_source.open_client(said.cloud, named.folder)
        return
    from pytest_azinterop.gathering import network_of

    with start_lab(network=network_of(named), scenario=list(scenario), intent=named.folder, arm=True) as ready:
        door = azure_source.Door(ready.arm.url, Path(ready.arm.ca), ready.arm.token)
        yield azure_source.open_client(said.cloud, named.folder, door)
