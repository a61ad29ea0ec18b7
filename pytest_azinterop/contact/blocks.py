"""A proposal as YAML that reads as somebody would have typed it: comments above, a line per attachment. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from pytest_azinterop.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.contact.proposal import Place_, Proposal


def lines(proposal: Proposal, heading: str) -> Iterator[str]:
    """The file's lines: a heading, the blocks, and the questions at the end. Nothing but comments of no proposal."""
    yield f"# {clean(heading, 200)}"
    yield from _mapping(proposal.tree, (), 0, proposal)
    if proposal.questions:
        yield ""
        yield "# What only policy can say:"
        yield from (f"#   - {clean(question)}" for question in proposal.questions)


def _mapping(tree: dict[str, Any], path: Place_, depth: int, proposal: Proposal) -> Iterator[str]:
    pad = "  " * depth
    for key, value in tree.items():
        here = (*path, key)
        yield from _comments(here, pad, proposal)
        if isinstance(value, dict) and value and not _is_short(value):
            yield f"{pad}{scalar(key)}:"
            yield from _mapping(value, here, depth + 1, proposal)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield f"{pad}{scalar(key)}:"
            for index, item in enumerate(value):
                yield from _comments((*here, index), pad + "  ", proposal)
                yield f"{pad}  - {scalar(item)}"
        else:
            yield f"{pad}{scalar(key)}: {scalar(value)}"


def _is_short(value: dict[str, Any]) -> bool:
    """A mapping of one plain value stands on its key's line."""
    return len(value) == 1 and not isinstance(next(iter(value.values())), (dict, list))


def _comments(path: Place_, pad: str, proposal: Proposal) -> Iterator[str]:
    yield from (f"{pad}# {clean(words)}" for words in proposal.comments.get(path, ()))


class _Quoting(yaml.SafeDumper):
    """Digits behind a zero are a name, and the intent takes them in quotes alone; PyYAML leaves `08` without."""


def _word(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if text.isdecimal() and text.startswith("0") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Quoting.add_representer(str, _word)


def scalar(value: object) -> str:
    """A value on one line, quoted where another reader of YAML could take it for something else."""
    text = yaml.dump(
        value, Dumper=_Quoting, default_flow_style=True, width=float("inf"), sort_keys=False, allow_unicode=False
    )
    return text.removesuffix("\n").removesuffix("\n...").rstrip("\n")
