"""Making a scenario happen: on the routers by what an operator would type, elsewhere through the network's control."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.communities import ordered
from pytest_azinterop.lab.exec.execution import Commands, Interpreter
from pytest_azinterop.lab.exec.session import MAX_PRIVILEGE, Session
from pytest_azinterop.lab.scenario import BfdValues, OperatorChange
from pytest_azinterop.lab.scenario_file import ScenarioError, nearest
from pytest_azinterop.lab.scenario_place import UnplacedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pytest_azinterop.lab.arm.azure import Azure
    from pytest_azinterop.lab.network.control import NetworkControl
    from pytest_azinterop.lab.scenario import Change, FarEndChange, RouterChange, Scenario, When
    from pytest_azinterop.lab.scenario_azure import AzureChange
    from pytest_azinterop.lab.scenario_place import Path

_USER = "scenario"
OVERTAKEN_BY = 100
"""How many packets overtake a late one if a scenario does not say it."""


class _Unwatched:
    """A scenario is not subject to authorization and does not stand in the log."""

    def authorize(self, line: str, command: str, mode: str) -> bool:  # noqa: ARG002
        return True

    def keeps_open(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Applier:
    """Applies changes to one network; management faults are the servers' business. Raises ScenarioError."""

    network: NetworkControl
    commands: Commands
    azure: Azure | None = None
    """None where the network has no Azure side, or nothing has asked for it."""

    def check(self, scenario: Scenario) -> None:
        """Every name must exist before anything is changed."""
        problems: list[ScenarioError] = []
        for change in scenario.changes():
            faults = (*_unknown_names(change, self.network), *_azure_problems(change, self.azure))
            problems += [change.located(fault) for fault in faults]
        for when in (*scenario.later, *scenario.operator):
            problems += [when.located(fault) for fault in _unknown_moment(when, self.network)]
        if problems:
            raise ScenarioError("\n".join(str(each) for each in problems))

    def apply(self, change: Change) -> None:
        """Routers first, then links and far ends, then Azure."""
        try:
            self._apply(change)
        except UnplacedError as fault:
            raise change.located(fault) from None

    def _apply(self, change: Change) -> None:
        for name, router in change.routers.items():
            self._router(name, router)
        if change.convergence is not None:
            self.network.set_convergence(**change.convergence.model_dump())
        for name, link in change.links.items():
            with _blaming("links", name):
                given = link.model_dump()
                if link.late_percent is not None and link.late_by is None:
                    given["late_by"] = OVERTAKEN_BY
                self.network.set_link(name, **given)
        for name, far_end in change.far_ends.items():
            with _blaming("far_ends", name):
                self._far_end(name, far_end)
        for at, azure in enumerate(change.azure):
            with _blaming("azure", at):
                _change_azure(azure, self.azure)

    def _far_end(self, name: str, far_end: FarEndChange) -> None:
        self.network.set_far_end(
            name,
            withdraw=tuple(far_end.withdraw),
            restore=tuple(far_end.restore),
            announce=tuple(
                (prefix, tuple(route.as_path or ())) for route in far_end.announce for prefix in route.prefixes()
            ),
            prepend=far_end.prepend,
            silent=far_end.silent,
            graceful_restart=far_end.graceful_restart,
            refuse=tuple(far_end.refuse),
            communities={
                **{
                    prefix: ordered(tuple(route.communities))
                    for route in far_end.announce
                    for prefix in route.prefixes()
                },
                **{prefix: ordered(tuple(each)) for prefix, each in far_end.communities.items()},
            },
            nat=None if far_end.nat is None else tuple((each.inside, each.outside) for each in far_end.nat),
            bfd=far_end.bfd.model_dump() if isinstance(far_end.bfd, BfdValues) else far_end.bfd,
        )
        if far_end.certificates:
            self.network.set_certificates(name, tuple(each.certificate() for each in far_end.certificates))
        if far_end.clock is not None:
            self.network.set_clock(name, **far_end.clock.model_dump())

    def operate(self, change: OperatorChange) -> None:
        """Somebody logs in, types and leaves. What a lock keeps out is not typed."""
        try:
            self._operate(change)
        except UnplacedError as fault:
            raise change.located(fault) from None

    def _operate(self, change: OperatorChange) -> None:
        view = self.network.router(change.router)
        number = view.enter(change.user, change.location)
        via = f"vty{number} ({change.location})"
        refusal = view.lock_refusal(via, exclusive=change.lock) if change.configure.strip() or change.stays else None
        if refusal is not None:
            self._tell(change, "configure terminal", "refused")
        elif change.configure.strip() or change.stays:
            editor = view.configure(change.user, via, exclusive=change.lock)
            for at, line in _typed(change.configure):
                reply = editor.apply(line)
                self._tell(change, line.strip(), "ok" if reply.ok else "refused")
                if not reply.ok:
                    raise UnplacedError(("configure",), _refused(line, editor.mode, reply.text), at)
            if not change.stays:
                editor.apply("end")
        session = Session(view, change.user, MAX_PRIVILEGE, via, length=0)
        for at, line in enumerate(change.exec_):
            self._exec(session, line, ("exec", at))
            self._tell(change, line, "ok")
        if not change.stays:
            view.leave(number)

    def _tell(self, change: OperatorChange, line: str, result: str) -> None:
        self.network.report("operator", router=change.router, user=change.user, line=line, result=result)

    def _router(self, name: str, change: RouterChange) -> None:
        session = Session(self.network.router(name), _USER, MAX_PRIVILEGE, "console", length=0)
        if change.configure.strip():
            editor = session.view.configure(_USER, "console")
            for at, line in _typed(change.configure):
                reply = editor.apply(line)
                if not reply.ok:
                    raise UnplacedError(("routers", name, "configure"), _refused(line, editor.mode, reply.text), at)
                if reply.left:
                    editor = session.view.configure(_USER, "console")
            editor.apply("end")
        for number, line in enumerate(change.exec_):
            self._exec(session, line, ("routers", name, "exec", number))
        if change.certificates:
            self.network.set_certificates(name, tuple(each.certificate() for each in change.certificates))
        if change.clock is not None:
            self.network.set_clock(name, **change.clock.model_dump())
        for login in change.logins:
            self.network.log_in(
                name, login.user, login.location, kind=login.line, idle=login.idle, configuring=login.configuring,
                lock=login.lock,
            )  # fmt: skip
        if change.platform is not None:
            given = change.platform.model_dump(exclude_unset=True)
            self.network.set_platform(name, **given)
        if change.rollback is not None:
            self.network.set_rollback(name, fails=tuple(change.rollback.fails), tells=change.rollback.tells)
        if change.reload is not None:
            self.network.reload(name, **change.reload.model_dump())

    def _exec(self, session: Session, line: str, place: Path) -> None:
        text = Interpreter(session, self.commands, _Unwatched()).run(line)
        while session.question is not None:
            question, session.question = session.question, None
            text += question.answer(session, "\r" if question.key else "")
        refused = next((part.strip() for part in text.splitlines() if part.lstrip().startswith("%")), None)
        if refused is not None:
            raise UnplacedError(place, f"{line!r}: {refused}")


def _typed(text: str) -> Iterable[tuple[int, str]]:
    """The lines that are typed, with their numbers."""
    for at, line in enumerate(text.splitlines()):
        if line.strip() and not line.strip().startswith("!"):
            yield at, line


def _refused(line: str, mode: str, reply: str) -> str:
    return f"{line.strip()!r} in {mode}: {reply.strip() or '% Invalid input'}"


@contextmanager
def _blaming(*path: str | int) -> Iterator[None]:
    """What is refused inside is a fault of this part of the change."""
    try:
        yield
    except ValueError as error:
        raise UnplacedError(path, str(error)) from None


def _unknown_names(change: Change, network: NetworkControl) -> Iterable[UnplacedError]:
    groups = (
        ("routers", change.routers, network.routers),
        ("management", change.management, network.routers),
        ("links", change.links, network.links),
        ("far_ends", change.far_ends, network.far_ends),
    )
    for name, management in change.management.items():
        if management.answers_as is not None and management.answers_as not in network.routers:
            reason = f"no router named {management.answers_as} in this network"
            yield UnplacedError(("management", name, "answers_as"), reason)
    for key, named, known in groups:
        for name in named:
            if name not in known:
                yield UnplacedError((key, name), _no_such(name, known))
    for name, link in change.links.items():
        if name in network.links and link.direction not in (None, "from_azure", "to_azure"):
            ends = [f"from_{end.node}" for end in network.topology.links[name].ends]
            if link.direction not in ends:
                yield UnplacedError(("links", name, "direction"), f"this link has {', '.join(ends)}")


def _no_such(name: str, known: Collection[str]) -> str:
    near = nearest(name, list(known))
    hint = f", did you mean {near}?" if near else f"; there are {', '.join(known)}"
    return f"no such name in this network{hint}"


def _unknown_moment(when: When, network: NetworkControl) -> Iterable[UnplacedError]:
    """Names that a moment waits for."""
    named = (("on", when.on, network.routers), ("down", when.down, network.far_ends), ("up", when.up, network.far_ends))
    router = when.router if isinstance(when, OperatorChange) else None
    for key, name, known in (*named, ("router", router, network.routers)):
        if name is not None and name not in known:
            yield UnplacedError((key,), _no_such(name, known))


def _azure_problems(change: Change, azure: Azure | None) -> Iterable[UnplacedError]:
    """What an ``azure`` section names wrongly; nothing is changed."""
    for at, each in enumerate(change.azure):
        if azure is None:
            yield UnplacedError(("azure", at), "this network has no azure.yaml, so there is no Azure to change")
            return
        key: tuple[str, ...] = ("operation" if each.resource is None else "resource",)
        try:
            if each.operation is not None:
                azure.operation(each.operation)
            elif each.resource is not None:
                resource = azure.resource(each.resource)
                for name, value in (each.set or {}).items():
                    key = ("set", name)
                    azure.checked(each.resource, {name: value})
                key = ("refuse",) if each.refuse else ("delete",)
                azure.can_refuse(each.resource, each.refuse)
                if each.delete:
                    azure.can_delete(resource)
        except ValueError as error:
            yield UnplacedError(("azure", at, *key), str(error))


def _change_azure(change: AzureChange, azure: Azure | None) -> None:
    if azure is None:
        raise ValueError("this network has no Azure to change")
    if change.cloud is not None:
        azure.cloud = change.cloud
    elif change.operation is not None:
        azure.answers.order(azure.operation(change.operation), change.answer)
    elif change.resource is None:
        azure.permissions.deny(change.deny)
    elif change.delete:
        azure.delete(change.resource)
    elif change.refuse:
        azure.refuse(change.resource, change.refuse)
    else:
        azure.set(change.resource, change.set or {})
