"""What the routers of a simulated network answer to the plan of all checks, kept for the replaying server.

`python bench/bench_answers.py INVENTORY OUTPUT [keep]` starts the simulated network of an inventory once, asks every
router what the checks need of it, and writes OUTPUT.json (answers by router) and OUTPUT.plan (the plan). `keep`: not
where the same was asked before.
"""

from __future__ import annotations

import json
import pickle
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop.collect.azure_plan import AzurePlan
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import Plan, RouterPlan
from pytest_azinterop.collect.run import gather
from pytest_azinterop.gathering import network_of
from pytest_azinterop.iosxe.secret import Secret
from pytest_azinterop.lab.launch import start
from pytest_azinterop.options import resolve
from pytest_azinterop.shipped import inventory as shipped

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.plan import PlannedCommand

PATIENCE = {"router_deadline": 3600.0, "command_deadline": 600.0}


class _Taker:
    """Takes the plan of a pytest run and ends it."""

    plan: Plan | None = None

    def pytest_azinterop_collect(self, plan: Plan) -> None:
        self.plan = plan
        pytest.exit("the plan is known", returncode=0)


def plan_of(inventory: str) -> Plan:
    """What all checks need of the routers of an inventory."""
    taker = _Taker()
    options = ["-q", "-p", "no:cacheprovider", "--inventory", inventory, "--no-azure", "checks"]
    pytest.main(options, plugins=[taker])
    if taker.plan is None:
        raise SystemExit(f"no plan for {inventory}")
    return replace(taker.plan, azure=AzurePlan())


def renamed(plan: RouterPlan, host: str) -> RouterPlan:
    """The same plan for a router of another name."""

    def fact(each: Fact) -> Fact:
        return replace(each, host=host)

    commands = (replace(command, facts=tuple(fact(each) for each in command.facts)) for command in plan.commands)
    return RouterPlan(host, tuple(commands))


def at_once(plan: RouterPlan, most: int | None = None) -> RouterPlan:
    """The plan without its waiting: each command line once, the first `most` of them."""
    once: dict[str, PlannedCommand] = {}
    for command in plan.commands:
        once.setdefault(command.text, replace(command, sample=0, after=timedelta(0), probe=False))
    return RouterPlan(plan.host, tuple(once.values())[:most])


def answers_of(inventory: str, plan: Plan) -> dict[str, dict[str, list[str]]]:
    """By router and command line what was answered, each time that it was asked. Raises SystemExit for no answer."""
    named = resolve(inventory, Path.cwd(), shipped)
    with start(network=network_of(named), intent=named.folder, patience=600.0) as ready:
        logins = {name: Credentials(door.username, Secret(door.password), source="simulation")
                  for name, door in ready.routers.items()}  # fmt: skip
        collected = gather(plan, load(Path(ready.inventory)), credentials=logins, limits=PATIENCE)
    found: dict[str, dict[str, list[str]]] = {router.host: {} for router in plan.routers}
    for answer in collected.answers:
        if answer.text is None:
            raise SystemExit(f"{answer.host}: {answer.command}: {answer.failure}")
        found[answer.host].setdefault(answer.command, []).append(answer.text)
    if collected.failures:
        raise SystemExit(str(collected.failures))
    return found


def read(output: Path) -> tuple[dict[str, dict[str, list[str]]], Plan]:
    """What `main` wrote."""
    plan: Plan = pickle.loads(output.with_suffix(".plan").read_bytes())
    answers: dict[str, Any] = json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))
    return answers, plan


def main(inventory: str, output: Path, *, keep: bool) -> None:
    plan = plan_of(inventory)
    if keep and output.with_suffix(".json").is_file() and read(output)[1] == plan:
        answers = read(output)[0]
    else:
        answers = answers_of(inventory, plan)
        output.with_suffix(".plan").write_bytes(pickle.dumps(plan))
        output.with_suffix(".json").write_text(json.dumps(answers), encoding="utf-8")
    commands = {host: sum(map(len, each.values())) for host, each in answers.items()}
    print(json.dumps({"commands": commands}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), keep=sys.argv[3:] == ["keep"])
