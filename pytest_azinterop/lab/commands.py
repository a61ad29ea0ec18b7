"""``azinterop lab``: up, schema, names."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_USAGE = 2


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``lab`` to a command line. The chosen command is ``args.run``: it takes the arguments, gives an exit code."""
    lab = subparsers.add_parser("lab", help="the simulated network", description="The simulated network.")
    _add_commands(lab)


def _add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="lab_command", required=True, metavar="COMMAND")
    up = commands.add_parser(
        "up", help="start it and keep it running", description="Start the network and keep it running."
    )
    up.add_argument(
        "--network", type=_network, metavar="NAME|DIR", help="topology.yaml and one running-config per router"
    )
    up.add_argument("--scenario", action="append", default=[], metavar="NAME|FILE", help="repeatable")
    up.add_argument("--ready-file", type=Path, metavar="F", help="written when every router answers")
    up.add_argument("--inventory-dir", type=Path, metavar="DIR", help="where the inventory goes (default: temporary)")
    up.add_argument("--intent", type=Path, metavar="DIR", help="folder whose interop.yaml goes into the inventory")
    up.add_argument("--log", type=Path, metavar="F", help="one JSON line per login and command")
    up.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="simulated seconds per real one (0: none)")
    up.add_argument("--port-base", type=_port, default=0, metavar="N", help="first port (default: free ones)")
    up.add_argument("--parent-pipe", action="store_true", help="end when standard input ends")
    up.add_argument(
        "--remove", type=Path, metavar="DIR", help="remove this folder at the end: who started it may be gone by then"
    )
    up.add_argument("--no-arm", action="store_true", help="without the ARM endpoint")
    up.add_argument("--linux-hosts", action="store_true", help="put the Linux hosts into the inventory, too")
    up.add_argument(
        "--arm-pace", type=_pace, metavar="N", help="how much faster Azure's long operations are (default: 100)"
    )
    up.set_defaults(run=_up)
    commands.add_parser("schema", help="print the JSON Schema of scenario files").set_defaults(run=_schema)
    names = commands.add_parser("names", help="print every name that a scenario can use")
    names.add_argument("--network", type=_network, metavar="NAME|DIR")
    names.set_defaults(run=_names)


def _speed(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def _network(text: str) -> Path:
    """A folder, or a network that comes with the lab by its name."""
    from pytest_azinterop.lab.service import PUBLISHED

    path, shipped = Path(text), PUBLISHED.parent / text
    return shipped if not path.is_dir() and path.name == text and (shipped / "topology.yaml").is_file() else path


def _pace(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be greater than 0")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 1024 <= value <= 65000:
        raise argparse.ArgumentTypeError("must be between 1024 and 65000")
    return value


def _up(args: argparse.Namespace) -> int:
    import asyncio

    from pytest_azinterop.lab.scenario_file import ScenarioError
    from pytest_azinterop.lab.service import PUBLISHED, Options, run

    options = Options(
        network=args.network or PUBLISHED,
        scenarios=tuple(args.scenario),
        ready_file=args.ready_file,
        inventory=args.inventory_dir,
        intent=args.intent,
        log=args.log,
        speed=args.speed,
        port_base=args.port_base,
        parent_pipe=args.parent_pipe,
        arm=not args.no_arm,
        linux_hosts=args.linux_hosts,
        arm_pace=args.arm_pace,
    )
    try:
        code = asyncio.run(run(options))
    except (ScenarioError, OSError, ValueError) as error:
        return _complain(error)
    if code == 0 and args.remove is not None:
        shutil.rmtree(args.remove, ignore_errors=True)
    return code


def _schema(_: argparse.Namespace) -> int:
    from pytest_azinterop.lab.scenario import schema

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
    return 0


def _names(args: argparse.Namespace) -> int:
    from pytest_azinterop.lab.arm.azure import Azure
    from pytest_azinterop.lab.clock import Clock
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.scenario_file import shipped_scenarios
    from pytest_azinterop.lab.service import PUBLISHED

    try:
        network = Simulation(args.network or PUBLISHED, Clock())
        azure = Azure.of(network)
    except (OSError, ValueError) as error:
        return _complain(error)
    groups: dict[str, Sequence[str]] = {
        "routers": list(network.routers),
        "links": list(network.links),
        "far_ends": list(network.far_ends),
        "azure": [] if azure is None else azure.store.paths(),
        "azure operations": [] if azure is None else azure.operations(),
        "scenarios": sorted(shipped_scenarios()),
    }
    for key, names in groups.items():
        sys.stdout.write(f"{key}:\n" + "".join(f"  {name}\n" for name in names))
    return 0


def _complain(error: Exception) -> int:
    sys.stderr.write(f"azinterop lab: {error}\n")
    return _USAGE


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m pytest_azinterop.lab``."""
    parser = argparse.ArgumentParser(prog="python -m pytest_azinterop.lab", description="The simulated network.")
    _add_commands(parser)
    args = parser.parse_args(arguments)
    code: int = args.run(args)
    return code
