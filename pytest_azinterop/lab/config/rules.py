"""A rule is one command of one mode; the tables of the grammar are text, read here once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pytest_azinterop.lab.config.grammar_crypto import CRYPTO
from pytest_azinterop.lab.config.grammar_global import GLOBAL
from pytest_azinterop.lab.config.grammar_interface import INTERFACE
from pytest_azinterop.lab.config.grammar_routing import ROUTING
from pytest_azinterop.lab.config.pattern import Item, Literal, compile_pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """One command. ``opens`` is the mode that it enters; ``bulk``: after so many words ``no`` removes all."""

    name: str
    mode: str
    index: int
    group: int
    section: str
    items: tuple[Item, ...]
    opens: str | None = None
    sort: tuple[str, ...] = ()
    both: bool = False
    """Both the command and its negation are stored and shown."""
    bulk: int = 0
    closed_by: str | None = None
    separated: bool = False
    keep_order: bool = False
    additive: str | None = None
    """Argument whose words a repeated line adds to instead of replacing."""
    derived: bool = False
    """Shown, but never typed: it follows from other statements."""
    accepted: bool = False
    """Kept and shown, of no consequence in the simulation (and of none outside the management plane on a router)."""

    @property
    def keyword(self) -> str:
        """The first word, by which rules are found."""
        head = self.items[0]
        return head.text if isinstance(head, Literal) else ""


def _flag(options: dict[str, str], name: str) -> bool:
    return name in options


def _read(tables: tuple[str, ...]) -> dict[str, tuple[Rule, ...]]:
    modes: dict[str, list[Rule]] = {}
    for table in tables:
        mode = ""
        section = ""
        for number, raw in enumerate(table.splitlines()):
            line = raw.strip()
            if not line or line.startswith("#"):
                section = f"{mode}{number}"
                continue
            if line.startswith("@"):
                mode, section = line[1:], line[1:]
                continue
            name, pattern, *rest = (part.strip() for part in line.split("::"))
            options = dict(_option(word) for word in " ".join(rest).split())
            rules = modes.setdefault(mode, [])
            index = len(rules)
            group = index
            if "group" in options:
                group = next((each.group for each in rules if options["group"] == each.section), index)
            rules.append(
                Rule(
                    name=name,
                    mode=mode,
                    index=index,
                    group=group,
                    section=options.get("group", section),
                    items=compile_pattern(pattern),
                    opens=options.get("opens"),
                    sort=tuple(options["sort"].split(",")) if "sort" in options else (),
                    both=_flag(options, "both"),
                    bulk=int(options.get("bulk", "0")),
                    closed_by=options.get("close"),
                    separated=_flag(options, "separated"),
                    keep_order=_flag(options, "ordered"),
                    additive=options.get("additive"),
                    derived=_flag(options, "derived"),
                    accepted=_flag(options, "accepted"),
                )
            )
    return {mode: tuple(rules) for mode, rules in modes.items()}


def _option(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


@cache
def grammar() -> dict[str, tuple[Rule, ...]]:
    """Every mode's rules, in the order in which IOS prints their statements."""
    return _read((GLOBAL, INTERFACE, ROUTING, CRYPTO))


@cache
def candidates(mode: str, word: str) -> tuple[Rule, ...]:
    """The rules of a mode whose first keyword ``word`` may abbreviate."""
    lower = word.lower()
    return tuple(
        rule
        for rule in grammar().get(mode, ())
        if not rule.derived and (not rule.keyword or rule.keyword.lower().startswith(lower))
    )
