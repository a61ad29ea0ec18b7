"""Applets of the embedded event manager: `event manager applet`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.cron import Cron
from pytest_azinterop.lab.config.words import unquoted

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block, Statement

_ACTIONS = {"action-cli": "cli", "action-syslog": "syslog", "action-wait": "wait", "action-reload": "reload"}


def applets(root: Block) -> dict[str, s.Applet]:
    """Those that have an event; the others are not registered."""
    found = {}
    for statement in root.named("event-applet"):
        block, name = statement.block, statement.args["name"]
        event = None if block is None else next((made for each in block if (made := _event(each)) is not None), None)
        if block is None or event is None:
            continue
        actions = [each for each in block.sorted() if each.name in _ACTIONS]
        actions.sort(key=lambda each: each.args["label"])
        texts = [(_ACTIONS[each.name], unquoted(each.args.get("value", ""))) for each in actions]
        found[name] = s.Applet(name, event, tuple(texts))
    return found


def _event(statement: Statement) -> s.AppletEvent | None:
    args = statement.args
    if statement.name == "event-timer":
        return s.AppletEvent(args["kind"], seconds=float(args["seconds"]))
    if statement.name == "event-cron":
        return s.AppletEvent("cron", cron=Cron.read(unquoted(args["value"])))
    if statement.name == "event-syslog":
        return s.AppletEvent("syslog", pattern=unquoted(args["value"]))
    return s.AppletEvent("none") if statement.name == "event-none" else None
