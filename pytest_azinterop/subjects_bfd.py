"""What a check can ask about the BFD session beside a BGP session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.bfd import ObservedBfd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession


def _sessions_of(session: ExpectedSession) -> Fact:
    return Fact.of(session.router, "bfd_neighbors", vrf=session.vrf)


def _needs(session: ExpectedSession) -> tuple[Need, ...]:
    return fact.neighbors_of(session), _sessions_of(session)


def _helps(session: ExpectedSession) -> tuple[Need, ...]:
    return (fact.running_config(session.router),)


def _bfd(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedBfd:
    neighbors = facts.records(fact.neighbors_of(session))
    return ObservedBfd(
        neighbor=next(each for each in neighbors if each.address == session.neighbor),
        sessions=tuple(facts.records(_sessions_of(session))),
        config=fact.known_configuration(session.router, facts),
    )


def _guarded(everything: Expectations) -> Sequence[ExpectedSession]:
    return tuple(each for each in everything.sessions if each.bfd is not None)


KINDS: Final = (SubjectKind("bfd_session", "BGP sessions with BFD", _guarded, _needs, _bfd, _helps),)
