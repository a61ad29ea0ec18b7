"""Carrying out the actions of an applet: each command is typed on a terminal line of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.execution import Commands, Interpreter
from pytest_azinterop.lab.exec.session import MAX_PRIVILEGE, Session

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import Applet
    from pytest_azinterop.lab.network.automation import Runner
    from pytest_azinterop.lab.network.control import NetworkControl

BY_APPLET = "Reload requested by EEM"


class _Policy:
    """The event manager is not subject to authorization."""

    def authorize(self, line: str, command: str, mode: str) -> bool:  # noqa: ARG002
        return True

    def keeps_open(self) -> bool:
        return True


def runner(network: NetworkControl, commands: Commands) -> Runner:
    """What types for the applets of a network."""

    def run(router: str, applet: Applet) -> None:
        view = network.router(router)
        number = view.enter("EEM", f"EEM:{applet.name}")
        session = Session(view, "EEM", 1, f"vty{number} (EEM:{applet.name})", length=0)
        _go_on(network, Interpreter(session, commands, _Policy()), session, applet, 0)

    return run


def _go_on(network: NetworkControl, interpreter: Interpreter, session: Session, applet: Applet, first: int) -> None:
    """The actions from a place on; after a pause the rest of them."""
    view, following = session.view, first
    for kind, text in applet.actions[first:]:
        following += 1
        if kind == "wait":
            network.follow(float(text), partial(_go_on, network, interpreter, session, applet, following))
            return
        if kind == "syslog":
            view.note(f"%HA_EM-6-LOG: {applet.name}: {text}")
        elif kind == "reload":
            network.reload(view.name, reason=BY_APPLET, outage=300.0)
            return
        else:
            said = _type(interpreter, session, text)
            refused = any(line.lstrip().startswith("%") for line in said.splitlines())
            network.report(
                "applet", router=view.name, applet=applet.name, line=text, result="refused" if refused else "ok"
            )
    interpreter.end_configuration()
    view.leave(int(session.via[3 : session.via.index(" ")]))


def _type(interpreter: Interpreter, session: Session, line: str) -> str:
    if line.strip() == "enable":  # the event manager needs no password
        session.privilege = MAX_PRIVILEGE
        return ""
    said = interpreter.run(line)
    while session.question is not None:
        question, session.question = session.question, None
        said += question.answer(session, "\r" if question.key else "")
    return said
