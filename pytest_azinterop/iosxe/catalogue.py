"""Every command that is asked of a router: how it is spelled, who reads its answer into what, and how it reads.

A fact's command, parser, record type and reading rule stand together in an entry (`commands_device`,
`commands_routing`); a parser is imported when it is first used.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from pytest_azinterop.errors import AzinteropError
from pytest_azinterop.iosxe import commands_device, commands_routing, spelling
from pytest_azinterop.iosxe.command import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "Command", "UnknownCommandError", "match", "render"]


class UnknownCommandError(AzinteropError):
    """A command line that no entry of the catalogue spells, or that several do. `nearest` are known spellings."""

    def __init__(self, command: str, nearest: tuple[str, ...], *, ambiguous: bool) -> None:
        self.command = command[:200]
        self.nearest = nearest
        what = "could be several commands" if ambiguous else "is not a command that a parser reads"
        super().__init__(f"'{self.command}' {what}; nearest: {'; '.join(nearest)}")


_ENTRIES: Final = (*commands_device.COMMANDS, *commands_routing.COMMANDS)
COMMANDS: Final[Mapping[str, Command]] = {entry.name: entry for entry in _ENTRIES}


def render(kind: str, **parameters: str | None) -> str:
    """The command line for a fact, such as `render("bgp_table", vrf="30")`; a parameter that is None does not count."""
    return COMMANDS[kind].render(**parameters)


@cache
def _spellings() -> tuple[tuple[tuple[str, ...], Command], ...]:
    return tuple(
        (form, entry)
        for entry in _ENTRIES
        for pattern in (*entry.lines, *entry.spellings)
        for form in spelling.expand(pattern)
    )


def match(command: str) -> tuple[Command, Mapping[str, str]]:
    """The entry that a typed command line means, and its parameters.

    IOS abbreviations count; where several entries fit, the one with more words typed in full is meant. Raises
    UnknownCommandError.
    """
    words = spelling.split(command)
    best: dict[str, tuple[int, Command, Mapping[str, str]]] = {}
    for form, entry in _spellings():
        bound = spelling.bind(form, words)
        if bound is not None and (entry.name not in best or bound[0] > best[entry.name][0]):
            best[entry.name] = (bound[0], entry, bound[1])
    top = max((found[0] for found in best.values()), default=-1)
    winners = [found for found in best.values() if found[0] == top]
    if len(winners) == 1:
        return winners[0][1], winners[0][2]
    if winners:
        raise UnknownCommandError(command, tuple(entry.forms[0] for _, entry, _ in winners), ambiguous=True)
    forms = (tuple(form.split()) for entry in _ENTRIES for form in entry.forms)
    near = tuple(" ".join(form) for form in spelling.nearest(words, forms))
    raise UnknownCommandError(command, near, ambiguous=False)
