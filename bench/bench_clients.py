"""One client's run over the replaying routers, in a process of its own: `ours`, `pipelined`, `stock` or `floor`.

`python bench/bench_clients.py KIND READY ANSWERS --at-once N [--commands M]` asks every router of READY what the plan
of ANSWERS says and prints what it took. Imports are not counted. All ask the same commands, one after the other:

- `ours` collects as a run does, and reads every fact that the plan serves;
- `pipelined` is `ours` with commands typed ahead;
- `stock` is NAPALM's `ios` driver in Nornir's threads, as published, and reads nothing;
- `floor` is asyncssh, waiting for the prompt, and reads nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_answers import at_once, read, renamed
from bench_machine import pin, used
from bench_server import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.plan import Plan


def inventory(folder: Path, ready: dict[str, Any], names: Sequence[str], limits: dict[str, float]) -> Path:
    """An ordinary inventory folder for the routers of a ready file; JSON is YAML."""
    doors = list(zip(names, ready["ports"], strict=True))
    hosts = {name: {"hostname": "127.0.0.1", "port": port, "platform": "ios"} for name, port in doors}
    (folder / "hosts.yaml").write_text(json.dumps(hosts), encoding="utf-8")
    (folder / "groups.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "defaults.yaml").write_text(json.dumps({"data": {"azinterop": limits}}), encoding="utf-8")
    known = "".join(f"[127.0.0.1]:{port} {ready['host_key']}\n" for _, port in doors)
    (folder / "known_hosts").write_text(known, encoding="utf-8")
    return folder


def pipelined(ready: dict[str, Any], plan: Plan, most: int) -> dict[str, float]:
    return ours(ready, plan, most, pipelining=True)


def ours(ready: dict[str, Any], plan: Plan, most: int, *, pipelining: bool = False) -> dict[str, float]:
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import load
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.run import gather
    from pytest_azinterop.collect.store import FactStore
    from pytest_azinterop.iosxe import connection, driver, terminal, transport
    from pytest_azinterop.iosxe.catalogue import COMMANDS
    from pytest_azinterop.iosxe.secret import Secret

    del connection, driver, terminal, transport
    for command in COMMANDS.values():
        command.parse()
    names = ready["names"]
    whole = Plan(tuple(renamed(plan.routers[0], name) for name in names))
    login = Credentials(USERNAME, Secret(PASSWORD), source="bench")
    limits = {"pipelining": pipelining, **{f"{what}_at_once": most for what in ("routers", "logins", "commands")}}
    with tempfile.TemporaryDirectory() as folder:
        place = inventory(Path(folder), ready, names, {**limits, "login_deadline": 300.0, "command_deadline": 300.0})
        began, cpu = time.perf_counter(), used()[0]
        collected = gather(whole, load(place), credentials=login)
        collecting, collecting_cpu = time.perf_counter() - began, used()[0] - cpu
        if collected.failures or len(collected.answers) != whole.command_count:
            raise SystemExit(f"not everything was answered: {collected.failures}")
        store = FactStore(whole, collected)
        facts = {fact for router in whole.routers for command in router.commands for fact in command.facts}
        records = sum(len(store.records(fact)) for fact in facts)
        wall = time.perf_counter() - began
    return {"wall": wall, "cpu": used()[0] - cpu, "collecting": collecting,
            "collecting_cpu": collecting_cpu, "records": records}  # fmt: skip


def stock(ready: dict[str, Any], plan: Plan, most: int) -> dict[str, float]:
    from netmiko.cisco import cisco_ios
    from nornir import InitNornir
    from nornir.core.task import Result, Task

    del cisco_ios
    names, commands = ready["names"], [command.text for command in plan.routers[0].commands]

    def ask(task: Task) -> Result:
        driver = task.host.get_connection("napalm", task.nornir.config)
        try:
            answered = driver.cli(commands)
        finally:
            task.host.close_connection("napalm")
        return Result(host=task.host, result=len(answered))

    with tempfile.TemporaryDirectory() as folder:
        place = inventory(Path(folder), ready, names, {})
        login = {"username": USERNAME, "password": PASSWORD}
        (place / "defaults.yaml").write_text(json.dumps(login), encoding="utf-8")
        files = {"host_file": "hosts.yaml", "group_file": "groups.yaml", "defaults_file": "defaults.yaml"}
        options = {name: str(place / file) for name, file in files.items()}
        began, cpu = time.perf_counter(), used()[0]
        nornir = InitNornir(
            inventory={"plugin": "SimpleInventory", "options": options},
            runner={"plugin": "threaded", "options": {"num_workers": most}},
            logging={"enabled": False},
        )
        result = nornir.run(task=ask)
        wall = time.perf_counter() - began
    broken = {host: str(each[0].exception or each[0].result)[:200] for host, each in result.items() if each.failed}
    # What it could not do stands in the figures: a router that it did not answer for is no throughput.
    return {"wall": wall, "cpu": used()[0] - cpu, "failed": len(broken)}


def floor(ready: dict[str, Any], plan: Plan, most: int) -> dict[str, float]:
    import asyncssh

    commands = [command.text.encode() + b"\n" for command in plan.routers[0].commands]

    async def until_prompt(process: asyncssh.SSHClientProcess[bytes], prompt: bytes) -> int:
        tail, size = b"", 0
        while not tail.endswith(prompt):
            chunk = await process.stdout.read(65_536)
            if not chunk:
                raise SystemExit("the router closed the session")
            size += len(chunk)
            tail = (tail + chunk)[-len(prompt) :]
        return size

    async def one(name: str, port: int, free: asyncio.Semaphore) -> int:
        async with free, asyncssh.connect(
            "127.0.0.1", port, username=USERNAME, password=PASSWORD, known_hosts=None, config=None,
            client_keys=None, agent_path=None, x509_trusted_certs=None, login_timeout=300, connect_timeout=300,
        ) as connection:  # fmt: skip
            prompt = f"\n{name}#".encode()
            process = await connection.create_process(term_type="vt100", encoding=None)
            size = await until_prompt(process, prompt)
            for command in (b"terminal length 0\n", b"terminal width 0\n", *commands):
                process.stdin.write(command)
                size += await until_prompt(process, prompt)
            return size

    async def everything() -> int:
        free, doors = asyncio.Semaphore(most), zip(ready["names"], ready["ports"], strict=True)
        return sum(await asyncio.gather(*(one(*door, free) for door in doors)))

    began, cpu = time.perf_counter(), used()[0]
    size = asyncio.run(everything())
    return {"wall": time.perf_counter() - began, "cpu": used()[0] - cpu, "bytes": size}


KINDS = {"ours": ours, "pipelined": pipelined, "stock": stock, "floor": floor}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("ready", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("router")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--commands", type=int)
    parser.add_argument("--processor", type=int)
    given = parser.parse_args()
    if given.processor is not None:
        pin(given.processor)
    _, plan = read(given.answers)
    ready = json.loads(given.ready.read_text(encoding="utf-8"))
    router = plan.router(given.router)
    if router is None:
        raise SystemExit(f"no plan for {given.router}")
    one = type(plan)((at_once(router, given.commands),))
    told = KINDS[given.kind](ready, one, given.at_once)
    print(json.dumps({**told, "memory": used()[1]}))


if __name__ == "__main__":
    main()
