"""`azinterop probe`: one router, one login, every command once."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_azinterop import __version__
from pytest_azinterop.collect.plan import Plan
from pytest_azinterop.collect.recording import Recorder, refuse_used
from pytest_azinterop.collect.recording_format import About, slug
from pytest_azinterop.collect.recording_scope import Scopes
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.contact import bundle, doors, probe, probe_report
from pytest_azinterop.contact.catalogue_facts import ProbeFacts
from pytest_azinterop.contact.rounds import Rounds
from pytest_azinterop.contact.tables import Known
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.report.terminal import clean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_azinterop.collect.answer import Collection, Failure
    from pytest_azinterop.contact.doors import Doors, StartLab

ALL_READ: Final = 0
NOT_ALL_READ: Final = 1
USAGE: Final = 2
NO_LOGIN: Final = 3
_NO_SCOPES = Scopes({}, {}, {})


def run(arguments: argparse.Namespace, start_lab: StartLab) -> int:
    """Probe, or replay a probe; returns the exit code. Raises InventoryError."""
    wrong = _usage(arguments)
    if wrong is not None:
        sys.stderr.write(f"azinterop probe: {wrong}\n")
        return USAGE
    if arguments.replay is not None:
        return _replay(arguments.replay)
    host = arguments.host or arguments.address
    with _doors(arguments, host, start_lab) as found:
        if host not in found.routers.hosts:
            known = ", ".join(found.routers.hosts)
            raise InventoryError(f"{host}: not in the inventory, which has {known}", file=str(found.routers.folder))
        return _probe(host, found, ProbeFacts(tuple(arguments.vrf)), arguments.bundle)


def _usage(arguments: argparse.Namespace) -> str | None:
    """What is wrong with the command line, None: nothing."""
    ways = [name for name in ("inventory", "address", "replay") if getattr(arguments, name) is not None]
    if len(ways) != 1:
        return "say one of --inventory NAME, --address A and --replay BUNDLE"
    if ways == ["inventory"] and arguments.host is None:
        return "say which router: azinterop probe HOST --inventory NAME"
    return None


@contextmanager
def _doors(arguments: argparse.Namespace, host: str, start_lab: StartLab) -> Iterator[Doors]:
    if arguments.address is not None:
        with doors.of_address(host, arguments.address, arguments.port, arguments.known_hosts) as found:
            yield found
    else:
        with doors.of_inventory(doors.named(arguments.inventory), start_lab) as found:
            yield found


def _probe(host: str, found: Doors, wanted: ProbeFacts, folder: Path | None) -> int:
    """Ask, keep and tell."""
    now = datetime.now(UTC)
    folder = folder or Path(f"probe-{slug(host)}-{now:%Y%m%dT%H%M%SZ}")
    packed = folder.with_name(folder.name + bundle.SUFFIX)
    if packed.exists():
        raise InventoryError("exists already; choose another --bundle", file=str(packed))
    refuse_used(folder)
    rounds = Rounds(wanted.first(host), wanted.further)
    about = About(tool=__version__, intent="", inventory=found.name, started=now, judged_on=now.date())
    # Asked before anything is written: a login that is not there leaves no empty bundle behind.
    found.routers.credentials(host, found.credentials)
    recorder = Recorder(folder, about, _NO_SCOPES, rounds.initial)
    collected = gather(
        rounds.initial,
        found.routers,
        credentials=found.credentials,
        progress=recorder.event,
        following=rounds.following,
    )
    recorder.keep(collected)
    recorder.finish()
    notes = [*_left_out(host, rounds, collected, wanted), *rounds.skipped]
    code, report = _judged(rounds.plan, collected, notes)
    target = bundle.pack(folder, report)
    sys.stdout.write("\n".join(report) + "\n")
    sys.stdout.write(
        f"bundle: {target} (keys and passwords are replaced; names, addresses and descriptions are in it)\n"
        f"replay: azinterop probe --replay {target}\n"
    )
    return code


def _replay(path: Path) -> int:
    with bundle.opened(path) as recording:
        plan, unknown = bundle.plan_of(recording)
        notes = [f"warning: {words}" for words in recording.warnings(recording.about.intent, __version__)]
        notes += [f"not a command of this version: {command}" for command in unknown]
        if not plan.routers and not recording.failures:
            raise InventoryError("holds no answer of any router", file=str(path))
        code, report = _judged(plan, recording.collection(plan), notes)
    sys.stdout.write("\n".join(report) + "\n")
    return code


def _judged(plan: Plan, collected: Collection, notes: list[str]) -> tuple[int, list[str]]:
    """The exit code and the report's lines."""
    store = FactStore(plan, collected)
    lines: list[str] = []
    codes = [ALL_READ]
    for host in sorted({router.host for router in plan.routers} | set(collected.failures)):
        answers = [answer for answer in collected.answers if answer.host == host]
        failure = collected.failures.get(host)
        if not answers and failure is not None:
            lines.append(_failed(failure))
            codes.append(NO_LOGIN)
            continue
        router = plan.router(host)
        found = probe.rows(Plan(() if router is None else (router,)), answers)
        not_seen = probe.not_seen(host, store, found)
        told = [*notes, *([_failed(failure)] if failure is not None else [])]
        lines += probe_report.lines(host, Known(host, store).first("version"), found, not_seen, told)
        fine = all(row.is_fine for row in found) and not not_seen and failure is None
        codes.append(ALL_READ if fine and found else NOT_ALL_READ)
    return max(codes), lines


def _failed(failure: Failure) -> str:
    return f"{clean(failure.message)} [{failure.cause}]"


def _left_out(host: str, rounds: Rounds, collected: Collection, wanted: ProbeFacts) -> Iterator[str]:
    """The routing tables that were not asked about."""
    known = Known(host, FactStore(rounds.plan, collected))
    there, asked = known.bgp_tables(), wanted.tables(known)
    rest = [vrf or "global" for vrf in there if vrf not in asked]
    if rest and asked:
        shown = ", ".join(rest[:5]) + (", …" if len(rest) > 5 else "")
        yield f"not asked about {len(rest)} more routing tables ({shown}); --vrf NAME chooses"
    for name in wanted.vrfs:
        if name not in {vrf or "global" for vrf in there}:
            yield f"no BGP in VRF {name}, as far as this account sees"
