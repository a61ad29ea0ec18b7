"""Between pytest's collection and the first item: what the items need becomes a plan, and the plan becomes facts."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import options, sharing
from pytest_azinterop.collect.azure_source import Door
from pytest_azinterop.collect.plan import never, plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.intent import yaml
from pytest_azinterop.report import terminal
from pytest_azinterop.report.progress import Progress
from pytest_azinterop.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_azinterop.collect.answer import Collection, Totals
    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.collect.facts import Facts, Need, Wanted
    from pytest_azinterop.collect.plan import AllVrfs, Plan
    from pytest_azinterop.collect.recording import Recorder
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.options import NamedInventory
    from pytest_azinterop.recordings import Recordings
    from pytest_azinterop.subject_facts import SubjectKind
    from pytest_azinterop.verification import Verification

    # What a run asks beyond what its items need, given the intent and their plan.
    Further = Callable[[Expectations, Plan], Iterable[Need]]


def host_names(inventory: NamedInventory) -> frozenset[str] | None:
    """The hosts of a plain Nornir inventory, whose files are checked here, before anything is connected.

    None where another inventory plugin or the simulation names them. Raises InventoryError, also for a `nornir.yaml`
    that a simulated inventory would leave without effect.
    """
    if inventory.is_simulated:
        if (inventory.folder / "nornir.yaml").is_file():
            raise InventoryError(
                f"{inventory.folder / 'nornir.yaml'}: has no effect, since lab.yaml beside it makes this inventory a"
                " simulated one, which names its routers itself; remove one of the two"
            )
        return None
    if not any((inventory.folder / name).is_file() for name in ("hosts.yaml", "nornir.yaml")):
        return None
    from pytest_azinterop.collect.inventory import check

    return check(inventory.folder)


def addresses(inventory: NamedInventory) -> dict[str, str]:
    """Where the routers of a plain Nornir inventory are reached. Raises InventoryError."""
    if host_names(inventory) is None:
        return {}
    from pytest_azinterop.collect.inventory import addresses

    return addresses(inventory.folder)


def plan_for(
    items: Iterable[pytest.Item],
    verification: Verification,
    further: Further | None = None,
    at_once: AllVrfs = never,
) -> Plan:
    """The smallest plan for the subjects that these items ask for, and for what `further` adds to it. Raises
    InventoryError."""
    needs = [need for item in items for need in (*needs_of(item, verification), *helping_of(item))]
    smallest = plan(needs, at_once)
    if further is None:
        return smallest
    return plan((*needs, *further(verification.loaded.expectations, smallest)), at_once)


def count_left_out(items: Iterable[pytest.Item], verification: Verification) -> int:
    """How many items are skipped because Azure is not asked."""
    reason = verification.azure.not_asked
    if reason is None:
        return 0
    return sum(any(verification.not_asked(kind) is not None for kind, _ in subjects_of(item)) for item in items)


def needs_of(item: pytest.Item, verification: Verification) -> Iterator[Need]:
    """What one item needs; one that is skipped needs nothing."""
    if _is_skipped(item):
        return
    yield from getattr(item, "azinterop_needs", ())
    for kind, expected in subjects_of(item):
        yield from verification.needs(kind, expected)


def helping_of(item: pytest.Item) -> Iterator[Wanted]:
    """What would name the cause of a finding of this item."""
    if _is_skipped(item):
        return
    for kind, expected in subjects_of(item):
        yield from kind.helps(expected)


def _is_skipped(item: pytest.Item) -> bool:
    return item.get_closest_marker("skip") is not None


def subjects_of(item: pytest.Item) -> Iterator[tuple[SubjectKind, Any]]:
    callspec = getattr(item, "callspec", None)
    for name, expected in callspec.params.items() if callspec is not None else ():
        if name in SUBJECTS and hasattr(expected, "id"):
            yield SUBJECTS[name], expected


@dataclass(frozen=True, slots=True)
class Source:
    """Where routers are reached: an inventory folder, and the logins of simulated ones (None: the user's own). `azure`
    is the door of a simulated Azure; None: the intent and the folder say where it is."""

    folder: Path
    logins: dict[str, tuple[str, str]] | None = field(default=None, repr=False)
    azure: Door | None = None


class Gatherer:
    """Fills `verification.facts`. Under pytest-xdist the first worker to come collects, and the others read from it."""

    def __init__(
        self,
        config: pytest.Config,
        verification: Verification,
        recordings: Recordings,
        start_lab: Callable[..., Any],
    ) -> None:
        self._config = config
        self._recordings = recordings
        self._recorder: Recorder | None = None
        self._round = 0
        self._kept: ExitStack | None = None
        self._source_kept: Source | None = None
        self._verification = verification
        self._start_lab = start_lab
        self._totals: Totals | None = None
        self._routers = 0
        self._shared: sharing.Folder | None = None

    def gather(self, wanted: Plan) -> None:
        """Collect. A failure of the whole collection reaches every item; InventoryError stops the run."""
        own = self._own(wanted)
        if own is not None:
            self._verification.facts = own
            return
        self._routers = len(wanted.routers)
        try:
            collected = self._collected(wanted)
        except UndeterminedError as error:
            self._verification.failure = error
            return
        self._totals = collected.totals if self._totals is None else self._totals + collected.totals
        self._verification.facts = FactStore(wanted, collected)

    def _own(self, wanted: Plan) -> Facts | None:
        """Facts from another plugin; None: they are asked for here. Raises InventoryError where they cannot be kept."""
        if self._recordings.replay is not None:
            return None
        own: Facts | None = self._config.hook.pytest_azinterop_collect(config=self._config, plan=wanted)
        if own is not None and self._recordings.record is not None:
            raise InventoryError("nothing can be recorded: another plugin answers instead of the routers")
        return own

    @contextmanager
    def rounds(self) -> Iterator[None]:
        """Within this block `gather` may be called again: a simulated network is started once, a recording goes on."""
        with ExitStack() as stack:
            self._kept = stack
            try:
                yield
            finally:
                self._kept = self._source_kept = None
        self._end_recording()

    def _collected(self, wanted: Plan) -> Collection:
        if self._recordings.replay is not None:
            return self._recordings.replay.collection(wanted)
        worker = getattr(self._config, "workerinput", None)
        if worker is None:
            return self._ask(wanted)
        return sharing.once(Path(worker["azinterop_shared"]), wanted, lambda: self._ask(wanted))

    def _ask(self, wanted: Plan) -> Collection:
        try:
            recorder = self._begin_recording(wanted)
            also = None if recorder is None else recorder.event
            with self._opened(wanted) as source, Progress(self._terminal(), wanted, also) as progress:
                client = self._azure_client(source, wanted)
                collected = ask(source, wanted, self._deadlines(), progress, client)
            if recorder is not None:
                recorder.keep(collected)
            if self._kept is None:
                self._end_recording()
        except (UndeterminedError, InventoryError, pytest.UsageError):
            raise
        except Exception as error:  # noqa: BLE001 (a defect below must not look like a healthy network)
            where = innermost(error)
            message = f"the collection failed with {type(error).__name__} at {where}; please report this defect"
            raise UndeterminedError(message, cause="collection-failed") from None
        return collected

    def _begin_recording(self, wanted: Plan) -> Recorder | None:
        self._round += 1
        if self._recorder is None:
            self._recorder = self._recordings.recorder(wanted, self._verification)
        elif self._round > 1:
            self._recorder.new_round(self._round)
        return self._recorder

    def _end_recording(self) -> None:
        if self._recorder is not None:
            self._recorder.finish()
            self._recorder = None

    @contextmanager
    def _opened(self, wanted: Plan) -> Iterator[Source]:
        if self._kept is None:
            with self._source(wanted) as source:
                yield source
            return
        if self._source_kept is None:
            self._source_kept = self._kept.enter_context(self._source(wanted))
        yield self._source_kept

    def _azure_client(self, source: Source, wanted: Plan) -> Asker | None:
        """Who answers for Azure; None where it is not asked. Raises InventoryError."""
        expected = self._verification.loaded.expectations.azure
        if not wanted.azure.requests or expected is None:
            return None
        from pytest_azinterop.collect.azure_source import open_client

        seconds = options.value(self._config, "azure-deadline")
        folder = self._verification.inventory.folder
        return open_client(expected.cloud, folder, source.azure, deadline_seconds=seconds)

    @contextmanager
    def _source(self, wanted: Plan) -> Iterator[Source]:
        inventory = self._verification.inventory
        if not inventory.is_simulated:
            yield Source(inventory.folder)
            return
        with self._lab(with_azure=bool(wanted.azure.requests)) as ready:
            yield Source(
                Path(ready.inventory),
                {name: (door.username, door.password) for name, door in ready.routers.items()},
                None if ready.arm is None else Door(ready.arm.url, Path(ready.arm.ca), ready.arm.token),
            )

    @contextmanager
    def _lab(self, *, with_azure: bool) -> Iterator[Any]:
        inventory = self._verification.inventory
        cwd = self._config.invocation_params.dir
        log = options.value(self._config, "lab-log")
        try:
            lab = self._start_lab(
                network=network_of(inventory),
                scenario=[_scenario(name, cwd) for name in options.value(self._config, "lab-scenario") or ()],
                speed=options.value(self._config, "lab-speed") or 1.0,
                log=None if log is None else cwd / log,
                intent=inventory.folder,
                arm=with_azure,
            )
            ready = lab.__enter__()
        except Exception as error:
            if type(error).__name__ in ("LabStartError", "ModuleNotFoundError"):
                raise InventoryError(f"the simulated network did not start: {error}") from None
            raise
        try:
            yield ready
        finally:
            lab.__exit__(None, None, None)

    def _deadlines(self) -> dict[str, float]:
        given = {name: options.value(self._config, f"{name}-deadline") for name in ("command", "router")}
        return {f"{name}_deadline": float(seconds) for name, seconds in given.items() if seconds is not None}

    def _terminal(self) -> pytest.TerminalReporter | None:
        reporter: pytest.TerminalReporter | None = self._config.pluginmanager.get_plugin("terminalreporter")
        return reporter

    def cost(self) -> str | None:
        """What the collection cost, in words; None where nothing was asked."""
        totals = self._totals
        if totals is None:
            return None
        if self._recordings.replay is not None:
            return f"replayed from {self._recordings.replay.folder}: no login, no command, no request"
        parts = []
        if self._routers:
            routers = terminal.plural(self._routers, "router")
            parts += [f"{terminal.plural(totals.logins, 'login')} to {routers}"]
            parts += [terminal.plural(totals.commands, "command")]
        if totals.questions:
            parts += [f"{terminal.plural(totals.requests, 'request')} to Azure for {totals.questions} answers"]
            parts += [f"at most {totals.chain} operations one after the other"]
        return f"{', '.join(parts)}, {totals.seconds:.1f} s"

    # pytest-xdist ----------------------------------------------------------------------------------------------------

    def shared(self) -> Path:
        """The private folder of this run's workers, made when the first of them is set up."""
        if self._shared is None:
            self._check_inventory()
            self._shared = sharing.Folder.make()
        return self._shared.path

    def _check_inventory(self) -> None:
        """A worker cannot stop the run any more, so the controller sees whether the inventory can be used."""
        from pytest_azinterop.collect.inventory import load

        inventory = self._verification.inventory
        answered_elsewhere = self._config.hook.pytest_azinterop_collect.get_hookimpls()
        if inventory.is_simulated or answered_elsewhere or self._config.option.collectonly:
            return
        if self._recordings.replay is not None:
            return
        try:
            routers = load(inventory.folder)
            for device in self._verification.loaded.expectations.devices:
                routers.settings(device.router, self._deadlines())
                routers.credentials(device.router, None)
        except InventoryError as error:
            raise pytest.UsageError(str(error)) from None

    def told(self) -> dict[str, Any]:
        """What a worker tells its controller about the cost."""
        totals = self._totals
        if totals is None:
            return {}
        return {
            "routers": self._routers,
            **totals.to_json(),
        }

    def take_over(self, told: dict[str, Any]) -> None:
        """What `told` said, in the controller."""
        if told:
            from pytest_azinterop.collect.answer import Totals

            self._routers = int(told["routers"])
            self._totals = Totals.from_json(told)

    def close(self) -> None:
        """Remove the shared folder."""
        if self._shared is not None:
            self._shared.remove()
            self._shared = None


def ask(
    source: Source, wanted: Plan, deadlines: dict[str, float], progress: Progress, azure: Asker | None = None
) -> Collection:
    """Ask Azure, and beside that log in to each router of the plan and ask it. Azure starts first: its operations are
    the slowest. Raises InventoryError where the inventory cannot be used."""
    if azure is None:
        return _ask_routers(source, wanted, deadlines, progress)
    from pytest_azinterop.collect.answer import Collection
    from pytest_azinterop.collect.azure_run import beside

    with beside(azure, wanted.azure, progress.event) as going_on:
        routers = _ask_routers(source, wanted, deadlines, progress) if wanted.routers else Collection()
        return routers.beside(going_on.result())


def _ask_routers(source: Source, wanted: Plan, deadlines: dict[str, float], progress: Progress) -> Collection:
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import load
    from pytest_azinterop.collect.run import gather
    from pytest_azinterop.iosxe.secret import Secret

    inventory = load(source.folder)
    credentials = None
    if source.logins is not None:
        credentials = {
            router: Credentials(user, Secret(password), source="simulation")
            for router, (user, password) in source.logins.items()
        }
    return gather(wanted, inventory, credentials=credentials, limits=deadlines, progress=progress.event)


def network_of(inventory: NamedInventory) -> Path | None:
    """The folder of the simulated network that `lab.yaml` names; None: the packaged one."""
    file = inventory.folder / "lab.yaml"
    content = yaml.read(file, str(file)).value
    network = content.get("network", "published")
    unknown = sorted(content.keys() - {"network"})
    if unknown:
        raise InventoryError(f"unknown key {unknown[0]!r}; known here: network", file=str(file))
    if network == "published":
        return None
    folder = inventory.folder / str(network)
    if not folder.is_dir():
        raise InventoryError(f"network: no folder {folder}; say `published` or a folder", file=str(file))
    return folder


def _scenario(name: str, cwd: Path) -> str:
    """A scenario's name, or the path of its file."""
    path = cwd / Path(name).expanduser()
    return str(path) if path.is_file() else name


def innermost(error: BaseException) -> str:
    """File and line at which an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "unknown place" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
