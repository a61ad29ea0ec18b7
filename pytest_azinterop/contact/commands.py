"""`azinterop probe` and `azinterop discover`: their arguments. What they do is loaded when one of them runs."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.contact.doors import StartLab

_PROBE = """\
Log in to one router once, send each read-only command of the catalogue once, and tell of each whether the account may,
whether the answer was read, and what of it was not. Writes a redacted bundle that can be sent to a maintainer, who
replays it. Exit code 0: everything was read; 1: something was refused or not read; 2: wrong usage; 3: no login;
4: a wrong inventory."""
_DISCOVER = """\
Read the routers of an inventory and propose what the network can say by itself: discovered.yaml, with the source of
each value, and blocks for the intent. Nothing of it is an expectation before it is accepted. Exit code 0: every router
was read and nothing says that the intent is stale; 1: something was not read, or the intent is stale; 2: wrong usage;
3: no login; 4: a wrong inventory."""


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser], start_lab: StartLab) -> None:
    """Add both. `start_lab` starts a simulated network, for an inventory that names one."""
    _add_probe(commands, start_lab)
    discover = commands.add_parser("discover", help="what the network can say by itself", description=_DISCOVER)
    discover.add_argument("inventory", metavar="NAME|PATH", help="an inventory; its intent may be absent or partial")
    discover.add_argument(
        "--router", action="append", default=[], metavar="HOST", help="read this router only; repeatable"
    )
    discover.add_argument(
        "--accept", action="store_true", help="write the blocks to interop.d/discovered.yaml, after showing the change"
    )
    discover.add_argument(
        "--azure",
        nargs="?",
        const="",
        metavar="SUBSCRIPTION/GROUP",
        help="read Azure instead of the routers: this resource group (default: the one that the intent names)",
    )
    discover.set_defaults(run=partial(_run_discover, start_lab))


def _add_probe(commands: argparse._SubParsersAction[argparse.ArgumentParser], start_lab: StartLab) -> None:
    probe = commands.add_parser("probe", help="what can be read of one router", description=_PROBE)
    probe.add_argument("host", nargs="?", metavar="HOST", help="the router's name in the inventory")
    probe.add_argument("--inventory", metavar="NAME|PATH", help="the inventory that names the router")
    probe.add_argument("--address", metavar="A", help="its address, where no inventory names it")
    probe.add_argument("--port", type=_port, default=22, metavar="P", help="with --address (default: 22)")
    probe.add_argument("--known-hosts", type=Path, metavar="FILE", help="with --address: further SSH host keys")
    probe.add_argument(
        "--vrf", action="append", default=[], metavar="VRF", help="ask about this VRF (`global`: none); repeatable"
    )
    probe.add_argument("--bundle", type=Path, metavar="DIR", help="where the bundle goes (default: probe-HOST-TIME)")
    probe.add_argument("--replay", type=Path, metavar="BUNDLE", help="judge a bundle again; connect to nothing")
    probe.set_defaults(run=partial(_run_probe, start_lab))


def _run_probe(start_lab: StartLab, arguments: argparse.Namespace) -> int:
    from pytest_azinterop.contact.probe_command import run

    return run(arguments, start_lab)


def _run_discover(start_lab: StartLab, arguments: argparse.Namespace) -> int:
    if arguments.azure is not None:
        from pytest_azinterop.contact import azure_discovery, doors

        named = doors.named(arguments.inventory)
        return azure_discovery.run(named, arguments.azure, start_lab, accept=arguments.accept)
    from pytest_azinterop.contact.discover_command import run

    return run(arguments, start_lab)


def _port(text: str) -> int:
    value = int(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError("must be a port number")
    return value
