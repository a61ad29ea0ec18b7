"""The package's errors: one small tree. Each carries its object; none carries a secret."""

from __future__ import annotations


class AzinteropError(Exception):
    """Base of everything that this package raises on purpose."""


class InventoryError(AzinteropError):
    """An inventory or intent file is wrong.

    The message names file, line and remedy; the run stops before any connection.
    """

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        self.file = file
        self.line = line
        self.message = message
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + message)


class UndeterminedError(AzinteropError):
    """A fact could not be determined. An item that needs it ends as `error`.

    `cause` is a stable code (`unreachable`, `login-refused`, `not-authorised`, `rejected`, `cut-off`, `not-
    understood`, `timeout`, `not-collected`, …),
    `host` and `command` the object; the text is one sentence for the terminal.
    """

    def __init__(self, message: str, *, cause: str, host: str | None = None, command: str | None = None) -> None:
        self.cause = cause
        self.host = host
        self.command = command
        self.message = message
        super().__init__(message)


class ConnectionFailedError(UndeterminedError):
    """No session with the router: unreachable, refused, host key, login, timeout."""


class CommandFailedError(UndeterminedError):
    """The router did not answer this command: rejected, not authorised, cut off, timed out."""


class ParseError(UndeterminedError):
    """An answer was not understood.

    `line_number` counts from 1 (None: a missing part), `line` is the offending line, bounded.
    """

    def __init__(
        self,
        message: str,
        *,
        line_number: int | None = None,
        line: str | None = None,
        cause: str = "not-understood",
        host: str | None = None,
        command: str | None = None,
    ) -> None:
        self.line_number = line_number
        self.line = None if line is None else line[:200]
        super().__init__(message, cause=cause, host=host, command=command)


class NotAllowedError(AzinteropError):
    """A command is not on the read-only allow-list. A defect of a caller, never of a router."""


class DuplicateCommandError(AzinteropError):
    """A command was about to be sent more often than the plan says."""


class AzureError(UndeterminedError):
    """Azure did not give the fact: refused, locked, throttled, not found, out of time, not understood.

    `cause` is a stable code of `azure.failure`; `host` is the resource (`virtualNetworkGateways/hub-vpn`) and `command`
    the operation. `status` is the HTTP status and `code` the service's own error code, each None where there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: str,
        host: str | None = None,
        command: str | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        self.status = status
        self.code = code
        super().__init__(message, cause=cause, host=host, command=command)


class DrillRefusedError(AzinteropError):
    """A drill does not begin, or not on this router: nothing was changed."""


class DrillFailedError(AzinteropError):
    """A drill did not go as it should.

    `shout` is what a person must do at once, with the lines to type; None: nothing.
    """

    def __init__(self, message: str, *, shout: str | None = None) -> None:
        self.message = message
        self.shout = shout
        super().__init__(message if shout is None else f"{message}\n{shout}")
