"""Every command of exec mode in one grammar."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.actions import ACTIONS
from pytest_azinterop.lab.exec.clearing import CLEARING
from pytest_azinterop.lab.exec.configuring import CONFIGURING
from pytest_azinterop.lab.exec.grammar import Grammar, Match
from pytest_azinterop.lab.exec.probes import PROBES

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.execution import Commands


@lru_cache(maxsize=1)
def catalogue() -> Commands:
    """Built once for all routers and sessions."""
    from pytest_azinterop.lab.show import COMMANDS

    grammar: Commands = Grammar()
    for show in COMMANDS:
        grammar.add(show.pattern, show, privilege=show.privilege)
    for action in (*ACTIONS, *CLEARING, *CONFIGURING, *PROBES):
        grammar.add(action.pattern, action, privilege=action.privilege)
    running = grammar.match("show running-config")
    if isinstance(running, Match):
        grammar.add("write terminal", running.command, privilege=15)
    return grammar
