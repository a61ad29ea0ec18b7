"""Never green without evidence, for every check and every answer that it rests on.

`python bench/never_green.py` records healthy networks in the lab, takes, blanks, cuts, exchanges and ages each
answer, or answers it with an error, judges every check that reads it, and derives which pairs of check and fact may
pass all the same: a check that does not need the fact, and one whose judgement looks at nothing that was changed. It
prints them, writes build/never-green.json, and exits 0 only if nothing passes that never_green.yaml does not explain.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import yaml
from never_green_changes import WAYS, changes
from never_green_looks import matters
from never_green_network import Changed, Item, Network, Place, checks, name_of, network

from pytest_azinterop.azure.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
REVIEWED: Final = HERE / "never_green.yaml"
sys.path.insert(0, str(ROOT / "tests"))

LAB: Final = ROOT / "inventory" / "lab"
VARIANTS: Final = ROOT / "tests" / "variants"
NETWORKS: Final = (
    "certificates",
    "dual-stack",
    "guarded",
    "microsoft-peering",
    "private-peering",
    "published",
    "two-routers",
)
"""Together they give every check something to judge."""
WHOLE: Final = frozenset({"removed", "failed", "refused"})
"""Ways after which there is no answer: whoever needs it must not pass, whatever its judgement looks at."""
ONLY: Final = {
    "certificates": frozenset({"vpn_certificates", "authenticated_tunnel", "gateway"}),
    "microsoft-peering": frozenset({"microsoft_routes"}),
}
"""Networks that are judged only for what no other one has: these subjects."""
CERTIFICATES: Final = """\
name: certificates
routers:
  ce1-loc1:
    configure: |
      crypto pki trustpoint AZURE
       revocation-check none
    certificates:
      - {trustpoint: AZURE, subject: cn=ce1, issuer: cn=CA, not_before: -300d, not_after: 300d}
      - {trustpoint: AZURE, kind: ca, subject: cn=CA, issuer: cn=CA, not_before: -300d, not_after: 300d}
"""
Pair = tuple[str, str]
"""A check, and a kind of fact."""


@dataclass
class Table:
    """What came of it.

    `needs` and `helps`: the kinds of facts that some item of a check declares. `outcomes` counts, per pair and way,
    what the items that need the fact ended as; `touched` are those that passed although something that their judgement
    looks at was changed. `wrong`: what must not be, whoever reviewed it.
    """

    needs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    helps: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    outcomes: dict[tuple[str, str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    touched: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)

    def passes(self) -> dict[str, dict[str, list[str]]]:
        """By way and fact the checks that pass although what they look at was changed."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for check, fact, way in sorted(self.touched):
            found[way][fact].append(check)
        return found


def judge(of: Network, table: Table, cuts: int) -> None:
    """Every change of every answer of a network, judged by every item that reads it."""
    alike = {place: f"{name_of(facts[0])}/{place[2]}" for place, facts in of.facts.items()}
    answers = {place: of.answers[place] for place in of.facts}
    for item in of.healthy:
        table.needs[item.check.name] |= {name_of(fact) for fact, _ in item.needs}
        table.helps[item.check.name] |= {name_of(fact) for fact, _ in item.helps}
    for place in of.facts:
        readers, resting = of.readers(place), of.resting(place)
        unread: dict[str, Counter[tuple[str, str, str]]] = {}
        for change in changes(place, answers, alike, cuts):
            table.changes[change.way] += 1
            store = Changed(of.store, change.answer, place, resting)
            records = store.read_of(of.facts[place], place[2])
            if records is None and change.way in unread:
                # What cannot be read is lost, however it reads: its first case has shown what comes of that.
                _count(table, unread[change.way])
                continue
            told = f"{of.name}, {place[0].rpartition('/')[2]}: {place[1]}: {change.way} {change.detail}"
            counted = _judge_one(of, table, readers, place, store, records, change.way, told)
            if records is None:
                unread[change.way] = counted
            _count(table, counted)


def _count(table: Table, counted: Counter[tuple[str, str, str]]) -> None:
    for (check, fact, key), number in counted.items():
        way, _, outcome = key.partition(":")
        table.outcomes[check, fact, way][outcome] += number


def _judge_one(
    of: Network,
    table: Table,
    readers: Iterable[Item],
    place: Place,
    store: Changed,
    records: list[Any] | None,
    way: str,
    told: str,
) -> Counter[tuple[str, str, str]]:
    """How often the items of each check that need the answer ended in which way, as `way:outcome`."""
    facts, counted, run = of.facts[place], Counter[tuple[str, str, str]](), of.run(store)
    for item in readers:
        name, fact = item.check.name, name_of(facts[0])
        outcome = of.outcome(item, run)
        if outcome.startswith("broken"):
            table.wrong.append(f"{item.name}: {outcome} ({told})")
        if not of.needs(item, place):
            if outcome == "passed" and of.healthy[item] != "passed":
                table.wrong.append(f"{item.name}: passes, and did not with what only helps ({told})")
            continue
        counted[name, fact, f"{way}:{outcome}"] += 1
        if outcome != "passed":
            continue
        if records is None or way in WHOLE:
            table.wrong.append(f"{item.name}: passes without {fact} ({told})")
        elif way == "aged" or matters(of.looks[item], _where(facts[0], place), records):
            table.touched[name, fact, way].append(f"{item.name} ({told})")
    return counted


def _where(fact: Any, place: Place) -> tuple[str, str]:
    """As the source of a record names the answer."""
    return (fact.short, str(fact)) if isinstance(fact, Request) else place[:2]


def reviewed() -> dict[str, Any]:
    """What was looked at by a person, as it stands in the tree."""
    found: dict[str, Any] = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    return found


def differences(table: Table, known: dict[str, Any], *, whole: bool) -> list[str]:
    """What was not reviewed; after a `whole` run also what was, and does not happen any more."""
    found = list(dict.fromkeys(table.wrong))
    for check in sorted(table.needs.keys() | known["needs"].keys()):
        now, then = sorted(table.needs.get(check, ())), (known["needs"].get(check) or "").split()
        if now != sorted(then):
            found.append(f"{check} needs {' '.join(now) or 'nothing'}, reviewed: {' '.join(then) or 'nothing'}")
    accepted = {
        (check, fact, way)
        for way, facts in known["passes"].items()
        for fact, entry in facts.items()
        for check in entry["checks"].split()
    }
    found += [
        f"{check} passes with {fact} {way}, which nobody has reviewed: {table.touched[check, fact, way][0]}"
        for check, fact, way in sorted(table.touched.keys() - accepted)
    ]
    if whole:
        # Two answers may be the same but for an age, and then are no exchange in every run.
        at_times = {
            (fact, way) for way, facts in known["passes"].items() for fact in facts if facts[fact].get("at_times")
        }
        gone = sorted(each for each in accepted - table.touched.keys() if each[1:] not in at_times)
        found += [f"{check} no longer passes with {fact} {way}: strike it out" for check, fact, way in gone]
    return found


def record(name: str, folder: Path) -> tuple[Path, Path]:
    """Run every check on a healthy network of the lab. The intent's folder, and the recording of what was answered."""
    from scenarios.conftest import run

    inventory = LAB if name == "published" else VARIANTS / name
    shutil.rmtree(folder / name, ignore_errors=True)
    work = folder / name / "run"
    work.mkdir(parents=True)
    arguments = ["-q", "--deep", "--record", str(folder / name / "recording")]
    if name == "certificates":
        inventory = folder / name / "inventory"
        inventory.mkdir()
        shutil.copy(LAB / "lab.yaml", inventory)
        (inventory / "interop.yaml").write_text(with_certificates(), encoding="utf-8")
        (work / "scenario.yaml").write_text(CERTIFICATES, encoding="utf-8")
        arguments += ["--lab-scenario", "scenario.yaml", "-k", "certificate_of or prove or carries_its_load"]
    if name == "microsoft-peering":
        arguments += ["-k", "microsoft"]
    run(work, *arguments, inventory=str(inventory), azure=True)
    return inventory, folder / name / "recording"


def with_certificates() -> str:
    """The published intent, whose tunnel has certificates and whose gateway a declared load."""
    text = (LAB / "interop.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("    authentication: psk\n", "    authentication: rsa-sig\n    trustpoint: AZURE\n"),
        ("circuit: expressroute-1}\n", "circuit: expressroute-1, load_mbps: 100}\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    return text


def table_of(recordings: dict[str, tuple[Path, Path]], cuts: int) -> Table:
    """Everything over these networks; of some only the checks that no other one has."""
    table = Table()
    for name, (inventory, recording) in recordings.items():
        known = [each for each in checks() if name not in ONLY or each.kind.name in ONLY[name]]
        judge(network(name, inventory, recording, known), table, cuts)
    return table


def document(table: Table, found: list[str], seconds: float) -> dict[str, Any]:
    """What build/never-green.json holds."""
    kinds = sorted({kind for each in (*table.needs.values(), *table.helps.values()) for kind in each})
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, _, way), counted in table.outcomes.items():
        ways[way] += counted
    return {
        "held": not found,
        "checks": len(table.needs),
        "facts": len(kinds),
        "pairs": len(table.needs) * len(kinds),
        "needed": {check: sorted(table.needs[check]) for check in sorted(table.needs)},
        "independent": {
            check: [kind for kind in kinds if kind not in table.needs[check]] for check in sorted(table.needs)
        },
        "changes": dict(table.changes),
        "outcomes": {way: dict(ways[way]) for way in WAYS},
        "passes": table.passes(),
        "differences": found,
        "seconds": round(seconds, 1),
    }


def show(told: dict[str, Any]) -> None:
    """The table for a person."""
    needed = sum(map(len, told["needed"].values()))
    print(
        f"{told['checks']} checks, {told['facts']} kinds of facts: {told['pairs']} pairs, of which {needed} are needed"
        f" and {told['pairs'] - needed} may be lost, because the check does not need the fact"
    )
    print(f"{'way':<10} {'changes':>8} {'judged':>8} {'error':>8} {'failed':>8} {'passed':>8}  pairs that look at it")
    for way, counted in told["outcomes"].items():
        pairs = sum(map(len, told["passes"].get(way, {}).values()))
        numbers = [counted.get(word, 0) for word in ("error", "failed", "passed")]
        row = " ".join(f"{number:>8}" for number in (told["changes"].get(way, 0), sum(counted.values()), *numbers))
        print(f"{way:<10} {row}  {pairs}")
    for check, kinds in told["needed"].items():
        print(f"{check.removeprefix('test_'):<52} {' '.join(kinds)}")
    for way, facts in told["passes"].items():
        for fact, names in facts.items():
            print(f"passes, {fact} {way}: {' '.join(name.removeprefix('test_') for name in names)}")
    for line in told["differences"]:
        print(f"NOT REVIEWED: {line}")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--output", type=Path, default=ROOT / "build" / "never-green.json")
    asked.add_argument("--cuts", type=int, default=0, help="at most so many cuts of each answer; 0: at every line")
    options = asked.parse_args()
    begun = time.monotonic()
    work = options.output.resolve().parent / "never-green"
    table = table_of({name: record(name, work) for name in NETWORKS}, options.cuts)
    told = document(table, differences(table, reviewed(), whole=not options.cuts), time.monotonic() - begun)
    jsonschema.validate(told, json.loads((HERE / "never-green.schema.json").read_text(encoding="utf-8")))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    show(told)
    return 0 if told["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
