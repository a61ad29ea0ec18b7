"""A running lab: routers behind their servers, scenarios applied, an inventory written, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.exec import secret
from pytest_azinterop.lab.exec.applets import runner
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.inventory import (
    KNOWN_HOSTS,
    Account,
    ArmDoor,
    LinuxDoor,
    Ready,
    RouterDoor,
    claimed,
    write_arm,
    write_inventory,
    write_ready,
)
from pytest_azinterop.lab.linux import PASSWORD, USERNAME, LinuxServer
from pytest_azinterop.lab.log import LabLog
from pytest_azinterop.lab.scenario_file import ScenarioError, load
from pytest_azinterop.lab.scenario_place import UnplacedError
from pytest_azinterop.lab.server import LOOPBACK, RouterServer
from pytest_azinterop.lab.timeline import Timeline
from pytest_azinterop.lab.topology import DRILL, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from pytest_azinterop.lab.arm.azure import Azure
    from pytest_azinterop.lab.arm.server import ArmServer
    from pytest_azinterop.lab.clock import Clock
    from pytest_azinterop.lab.network.control import NetworkControl
    from pytest_azinterop.lab.network.view import RouterView
    from pytest_azinterop.lab.scenario import Change, LaterChange, Scenario

_STANDS_STILL = "the lab's clock stands still (speed 0), so that time never comes"
PUBLISHED = Path(__file__).resolve().parent / "data" / "published"


@dataclass(frozen=True, slots=True)
class Options:
    """What ``lab up`` was asked for. ``port_base`` 0 takes free ports; ``inventory`` None is a temporary folder."""

    network: Path = PUBLISHED
    scenarios: Sequence[str] = ()
    ready_file: Path | None = None
    inventory: Path | None = None
    intent: Path | None = None
    log: Path | None = None
    speed: float = 1.0
    port_base: int = 0
    parent_pipe: bool = False
    quiet: bool = False
    arm: bool = False
    """With an ARM endpoint, for a network that has an Azure side."""
    linux_hosts: bool = False
    """The network's Linux hosts stand in the inventory, too."""
    arm_pace: float | None = None
    """Seconds of Azure's long-running operations that pass in a simulated one; None is the endpoint's default."""


@dataclass(slots=True)
class Lab:
    """One started network."""

    network: NetworkControl
    clock: Clock
    servers: dict[str, RouterServer]
    applier: Applier
    log: LabLog
    arm: ArmServer | None = None
    hosts: dict[str, LinuxServer] = field(default_factory=dict)
    failure: str | None = None
    """Why a change at a later time could not be made."""
    running: bool = False
    """The servers have been started."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _pending: list[asyncio.TimerHandle] = field(default_factory=list)
    _waiting: list[Coroutine[None, None, None]] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def change(self, change: Change) -> None:
        """Make a change happen now."""
        self.applier.apply(change)
        await self._manage(change)
        if self.running:
            await self.keep_out()

    async def keep_out(self) -> None:
        """Who is logged in to a router that reloads is thrown out, and nobody gets in until it is back."""
        for name, server in self.servers.items():
            absent = self.network.absent(name)
            if absent and not server.faults.unreachable:
                faults = server.faults
                await server.set_faults(replace(faults, unreachable=True))
                self._in(absent, server.set_faults(faults))

    async def _manage(self, change: Change) -> None:
        for name, management in change.management.items():
            server = self.servers[name]
            server.view = self.network.router(management.answers_as or name)
            await server.set_faults(management.faults())

    def schedule(self, scenario: Scenario) -> None:
        """Simulated times count from now on. Raises ScenarioError when the clock stands still."""
        for each in (*scenario.later, *scenario.operator):
            if not self.clock.speed and (each.after or each.at):
                raise each.located(UnplacedError(("after" if each.after else "at",), _STANDS_STILL))
        for change in scenario.later:
            if change.at is not None:
                self._in(change.at, self._later(change))
        Timeline(self.applier, lambda change, after: self._in(after, self._manage(change)), self._fail).plan(scenario)

    def _in(self, simulated: float, work: Coroutine[None, None, None]) -> None:
        """Do something when simulated time has passed. Raises ScenarioError when the clock stands still."""
        delay = self.clock.real_seconds(simulated) if simulated else 0.0
        if delay is None:
            work.close()
            raise ScenarioError(_STANDS_STILL)
        self._pending.append(asyncio.get_running_loop().call_later(delay, self._start, work))
        self._waiting.append(work)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._waiting.remove(work)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _later(self, change: LaterChange) -> None:
        try:
            await self.change(change)
        except ScenarioError as error:
            self._fail(error)

    def _fail(self, error: ScenarioError) -> None:
        self.failure = str(error)
        self.stopping.set()

    def stop_after(self, something: Coroutine[None, None, None]) -> None:
        """The lab ends when that is over."""
        task = asyncio.get_running_loop().create_task(something)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self.stopping.set())

    async def stop(self) -> None:
        """End all sessions."""
        for task in self._tasks:
            task.cancel()
        for timer in self._pending:
            timer.cancel()
        for work in self._waiting:
            work.close()
        self.network.settle()  # what routers have done by themselves since somebody looked stands in the log, too
        for server in self.servers.values():
            await server.stop()
        for host in self.hosts.values():
            await host.stop()
        if self.arm is not None:
            await self.arm.stop()
        self.log.close()


async def start(options: Options, log_file: Path) -> Lab:
    """Build the network, let the scenarios happen, and open the doors. Raises ScenarioError, OSError, ValueError."""
    from pytest_azinterop.lab.clock import Clock
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.topology import load_topology

    scenarios = [load(name) for name in options.scenarios]
    # What a scenario lets pass lies before the run: routers that keep time do not stand ahead of whoever asks them.
    before = timedelta(seconds=sum(scenario.passes() for scenario in scenarios))
    clock = Clock(start=load_topology(options.network).start or datetime.now(UTC) - before, speed=options.speed)
    network = Simulation(options.network, clock)
    first = network.router(next(iter(network.routers)))
    log = LabLog.to_file(log_file, first.now)
    commands = catalogue()
    read_only = frozenset(name for name, role in network.topology.accounts.items() if role == READ_ONLY)
    servers = {
        name: RouterServer(
            network.router(name), commands, log, options.port_base + at if options.port_base else 0,
            read_only=read_only,
        )
        for at, name in enumerate(network.routers)
    }  # fmt: skip
    network.reporter = log.write
    network.automate(runner(network, commands))
    azure = _azure(network) if options.arm or any(_changes_azure(scenario) for scenario in scenarios) else None
    lab = Lab(network, clock, servers, Applier(network, commands, azure), log)
    for scenario in scenarios:
        lab.applier.check(scenario)
    for scenario in scenarios:
        for step in scenario.steps():
            await lab.change(step)
            if step.advance:
                clock.advance(step.advance)
    try:
        for server in servers.values():
            await server.start()
        first_free = options.port_base + len(servers) + 1
        for at, name in enumerate(network.topology.hosts):
            port = first_free + at if options.port_base else 0
            lab.hosts[name] = LinuxServer(name, network, log, port, standing=not options.speed)
            await lab.hosts[name].start()
        if options.arm and azure is not None:
            lab.arm = _arm(azure, lab, options)
            await lab.arm.start()
        lab.running = True
        await lab.keep_out()
        for scenario in scenarios:
            lab.schedule(scenario)
    except (OSError, ScenarioError):
        await lab.stop()
        raise
    return lab


def _changes_azure(scenario: Scenario) -> bool:
    return any(change.azure for change in scenario.changes())


def _azure(network: NetworkControl) -> Azure | None:
    from pytest_azinterop.lab.arm.azure import Azure

    return Azure.of(network)


def _arm(azure: Azure, lab: Lab, options: Options) -> ArmServer:
    from pytest_azinterop.lab.arm.endpoint import PACE
    from pytest_azinterop.lab.arm.server import ArmServer

    port = options.port_base + len(lab.servers) if options.port_base else 0
    return ArmServer(azure, lab.log, port, options.speed, PACE if options.arm_pace is None else options.arm_pace)


def _arm_door(lab: Lab, folder: Path) -> ArmDoor | None:
    """Writes what a client needs into the inventory."""
    if lab.arm is None:
        return None
    store = lab.arm.azure.store
    ca = folder / "arm-ca.pem"
    door = ArmDoor(lab.arm.url, str(ca), lab.arm.tokens.issue(), store.subscription, store.resource_group)
    write_arm(folder, door, lab.arm.certificate.authority)
    return door


def doors(lab: Lab) -> dict[str, RouterDoor]:
    """How to log in to each router. Raises ValueError where no user's password stands in clear."""
    found = {}
    for name, server in lab.servers.items():
        roles = lab.network.topology.accounts
        username, password = login(server.view, roles)
        reader, drill = (_account(server.view, roles, role) for role in (READ_ONLY, DRILL))
        found[name] = RouterDoor(LOOPBACK, server.port, username, password, server.public_key, reader, drill)
    return found


def linux_doors(lab: Lab) -> dict[str, LinuxDoor]:
    """How to log in to each Linux host."""
    specs = lab.network.topology.hosts
    return {
        name: LinuxDoor(LOOPBACK, server.port, USERNAME, PASSWORD, server.public_key, str(specs[name].address))
        for name, server in lab.hosts.items()
    }


def _account(view: RouterView, roles: Mapping[str, str], role: str) -> Account | None:
    for user in view.users():
        password = secret.in_clear(user.secret)
        if roles.get(user.name) == role and password:
            return Account(user.name, password)
    return None


def login(view: RouterView, roles: Mapping[str, str]) -> tuple[str, str]:
    """The most privileged user without a role whose password is not hashed. Raises ValueError."""
    known = [(user, secret.in_clear(user.secret)) for user in view.users()]
    usable = [(user, password) for user, password in known if password and user.name not in roles]
    if not usable:
        raise ValueError(f"{view.name}: the running-config has no user whose password is in clear (secret 0 …)")
    user, password = max(usable, key=lambda pair: pair[0].privilege)
    return user.name, password


async def run(options: Options) -> int:
    """Start, tell, and wait for the end: a signal, or the end of standard input with ``parent_pipe``."""
    async with AsyncExitStack() as stack:
        folder = options.inventory
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azinterop-lab-")))
        folder = folder.resolve()
        intent = _intent(options)
        stack.enter_context(claimed(folder, intent))
        log_file = (options.log or folder / "lab.jsonl").resolve()
        lab = await start(options, log_file)
        stack.push_async_callback(lab.stop)
        ready = Ready(folder, log_file, doors(lab), _arm_door(lab, folder), linux_doors(lab))
        write_inventory(folder, ready.routers, intent, ready.hosts if options.linux_hosts else None)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lab.stopping.set)
        if options.parent_pipe:
            lab.stop_after(_stdin_ends())
        if options.ready_file is not None:
            write_ready(options.ready_file, ready)
            stack.callback(options.ready_file.unlink, missing_ok=True)
        if not options.quiet:
            _tell(ready, lab)
        await lab.stopping.wait()
        if lab.failure is not None:
            sys.stderr.write(f"{lab.failure}\n")
            return 1
    return 0


def _intent(options: Options) -> Path | None:
    if options.intent is not None or options.network != PUBLISHED:
        return options.intent
    from pytest_azinterop.shipped import inventory

    with contextlib.suppress(FileNotFoundError):
        return inventory("lab")
    return None


async def _stdin_ends() -> None:
    """The parent holds the other end of standard input: when it is gone, however it died, the lab ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass


def _tell(ready: Ready, lab: Lab) -> None:
    lines = [f"inventory  {ready.inventory}", f"log        {ready.log}"]
    keys = shlex.quote(str(ready.inventory / KNOWN_HOSTS))
    for name, door in ready.routers.items():
        configured = lab.network.router(name).enable_secret()
        enable = secret.in_clear(configured) if configured is not None else None
        extra = f"  enable {enable}" if enable else ""
        login = f"ssh -o UserKnownHostsFile={keys} -p {door.port} {door.username}@{door.host}"
        others = "".join(
            f"  or {each.username} {what} password {each.password}"
            for each, what in ((door.reader, "(may only look)"), (door.drill, "(for drills)"))
            if each is not None
        )
        lines.append(f"{name:<10} {login}  password {door.password}{extra}{others}")
    for name, host in ready.hosts.items():
        login = f"ssh -p {host.port} {host.username}@{host.host}"
        lines.append(f"{name:<10} {login}  password {host.password}  (Linux, {host.address})")
    if ready.arm is not None:
        lines.append(f"azure      {ready.arm.url}  CA {ready.arm.ca}  (the bearer token is in the ready file)")
    sys.stdout.write("\n".join([*lines, "", *_how_to(ready), ""]))
    sys.stdout.flush()


def _how_to(ready: Ready) -> list[str]:
    logins = {(door.username, door.password) for door in ready.routers.values()}
    if len(logins) != 1:
        return [f"pytest --inventory {ready.inventory}"]
    username, password = logins.pop()
    token = "" if ready.arm is None else f"AZINTEROP_AZURE_TOKEN={ready.arm.token} "
    login = f"AZINTEROP_USERNAME={username} AZINTEROP_PASSWORD={password} {token}"
    return [f"{login}pytest --inventory {ready.inventory}"]
