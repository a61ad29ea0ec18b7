"""A password that no representation shows."""

from __future__ import annotations

from typing import Self


class Secret(str):
    """Text that libraries can send as the string that it is, while printing, formatting and `repr` show only `***`.

    Tracebacks, pytest's failure output and log formatting show arguments and attributes by `repr` or `str`.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Of plain text or of another secret."""
        return super().__new__(cls, "".join(text))  # `str(text)` of a secret would be its mask

    def __repr__(self) -> str:
        """Nothing of the text, not even its length."""
        return "'***'"

    def __str__(self) -> str:
        """As `repr`, without quotation marks."""
        return "***"

    def __format__(self, format_spec: str) -> str:
        """As `str`."""
        return "***"

    def reveal(self) -> str:
        """The text as a plain string. For the one place that sends it."""
        return "".join(self)
