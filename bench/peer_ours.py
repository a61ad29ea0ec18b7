"""Our side beside pyATS: `python bench/peer_ours.py INVENTORY KIND …` collects and parses these of every router."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.run import collect


def main(folder: Path, kinds: list[str]) -> None:
    routers = load(folder)
    wanted = [Fact(host, kind) for host in routers.hosts for kind in kinds]
    store = collect(plan(wanted), routers)
    print(sum(len(store.records(fact)) for fact in wanted), "records")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
