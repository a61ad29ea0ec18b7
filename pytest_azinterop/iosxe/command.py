"""What a command of the catalogue is: its spellings, its parser, its record, and how it reads."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from pytest_azinterop.iosxe import addresses, answer, spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.iosxe.parsed import Parsed
    from pytest_azinterop.state.source import Source

_PARSERS = "pytest_azinterop.iosxe.parsers"
_STATE = "pytest_azinterop.state"
# What a parameter's text becomes before a parser gets it; everything else stays text.
_VALUES: Final[Mapping[str, Callable[[str], object]]] = {
    "address": addresses.address,
    "prefix": addresses.network_around,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One fact of a router.

    `forms` are what is sent: the one whose parameters are given is rendered. `spellings` are further patterns (see
    `spelling`) that the same parser reads. `passes` names the parameters that the parser needs, by the parser's name
    for them; `fixed` are constant arguments. `may_be_empty`: the router prints nothing at all where there is nothing,
    so an empty answer between two prompts is evidence. `shows_its_end`: what was read holds a mark that the router
    prints last, so the text alone shows that nothing follows. `keeps_messages`: log messages are what is asked for and
    not noise on the line. `all_vrfs` is the one line that asks what the form with `{vrf}` does for every VRF at once,
    empty where IOS-XE has none or its answer does not say which VRF is meant; each record then tells its own as `vrf`.
    `reads` is the reading rule.
    """

    name: str
    forms: tuple[str, ...]
    parser: str
    record: str
    reads: str
    spellings: tuple[str, ...] = ()
    passes: tuple[tuple[str, str], ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    may_be_empty: bool = False
    shows_its_end: bool = False
    keeps_messages: bool = False
    all_vrfs: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that can be sent, with its parameters in braces."""
        return (*self.forms, self.all_vrfs) if self.all_vrfs else self.forms

    def render(self, **parameters: str | None) -> str:
        """The command line to send. Raises ValueError for parameters that no form has or that are not one safe word."""
        given = {name: value for name, value in parameters.items() if value is not None}
        for form in self.forms:
            words = form.split()
            if {word[1:-1] for word in words if word.startswith("{")} == given.keys():
                for name, value in given.items():
                    if not spelling.valid(name, value):
                        raise ValueError(f"{self.name}: not a valid {name}: {value[:80]!r}")
                return " ".join(given[word[1:-1]] if word.startswith("{") else word for word in words)
        raise ValueError(f"{self.name}: no form takes {sorted(given) or 'no parameters'}")

    def parse(self) -> Callable[..., Parsed[object]]:
        """The parser's function, imported now."""
        return cast("Callable[..., Parsed[object]]", _resolve(f"{_PARSERS}.{self.parser}"))

    def record_type(self) -> type:
        """The class of the records that the parser returns."""
        return cast("type", _resolve(f"{_STATE}.{self.record}"))

    def read(self, text: str, source: Source, parameters: Mapping[str, str] | None = None) -> Parsed[object]:
        """Clean an answer, tell a refusal, and parse. Raises ParseError (with the refusal's cause for a refusal)."""
        cleaned = answer.clean(text)
        answer.lines_or_none(cleaned, source)
        arguments: dict[str, object] = dict(self.fixed)
        if self.may_be_empty:
            arguments["may_be_empty"] = True
        for parameter, argument in self.passes:
            value = (parameters or {}).get(parameter)
            if value is not None:
                arguments[argument] = _VALUES[parameter](value) if parameter in _VALUES else value
        if self.keeps_messages:
            cleaned = answer.clean(text, keep_messages=True)
        parser = self.parse()
        if not gc.isenabled():
            return parser(cleaned, source, **arguments)
        gc.disable()  # no looking for cycles among new records, which have none and stay
        try:
            return parser(cleaned, source, **arguments)
        finally:
            gc.enable()


@cache
def _resolve(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
