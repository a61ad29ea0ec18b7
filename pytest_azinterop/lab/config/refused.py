"""The refusal of a command that was understood."""

from __future__ import annotations


class RefusedError(Exception):
    """IOS's answer to a command that it understands and does not carry out."""

    def __init__(self, text: str, *, caret: bool = False) -> None:
        super().__init__(text)
        self.caret = caret
