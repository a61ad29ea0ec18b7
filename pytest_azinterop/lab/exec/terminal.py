"""A router's terminal: keystrokes in, screen text out (with CR LF). A state machine without any I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.execution import Commands, Interpreter
from pytest_azinterop.lab.exec.lines import Key, LineEditor
from pytest_azinterop.lab.exec.output import Pager

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.session import Observer, Question, Session


class Terminal:
    """One login. ``start`` gives what stands on the screen first; ``feed`` answers to keystrokes."""

    def __init__(self, session: Session, commands: Commands, observer: Observer) -> None:
        self._session = session
        self._interpreter = Interpreter(session, commands, observer)
        self._observer = observer
        self._line = LineEditor()
        self._pager = Pager()

    @property
    def closed(self) -> bool:
        """True once the user has left, or the connection is to be dropped."""
        return self._session.closed

    def resize(self, width: int, length: int) -> None:
        """The user's window changed."""
        self._session.width, self._session.length = width, length

    def start(self, banner: str = "") -> str:
        """The banner and the first prompt."""
        return screen(banner) + self._prompt()

    def run(self, line: str) -> str:
        """One command without a terminal (``ssh router "show clock"``): its output, unpaged, no prompt."""
        text = screen(self._interpreter.run(line))
        self._session.closed = True
        return text

    def feed(self, text: str) -> str:
        """The answer to keystrokes; those after the session's end are ignored."""
        out: list[str] = []
        for char in text:
            if self.closed:
                break
            out.append(self._press(char))
        return "".join(out)

    def _press(self, char: str) -> str:
        if self._pager.pending:
            return self._resume(self._pager.press(char, self._session.length))
        question = self._session.question
        if question is not None and question.key:
            return self._reply(question, char)
        text, key = self._line.press(char)
        return text + (self._act(key) if key is not None else "")

    def _act(self, key: Key) -> str:
        match key:
            case Key.ENTER:
                return "\r\n" + self._enter(self._line.take())
            case Key.INTERRUPT:
                return "^C\r\n" + self._interrupt()
            case Key.END:
                return "^Z\r\n" + self._ctrl_z(self._line.take())
            case Key.LOGOUT:
                return self._enter("exit") if self._session.mode == "exec" else ""
            case Key.TAB:
                return self._complete()
            case Key.HELP:
                return self._help()

    def _enter(self, line: str) -> str:
        question = self._session.question
        if question is not None:
            return self._reply(question, line)
        if not line.strip() and not self._interpreter.reads_text:
            return self._prompt()
        return self._print(self._interpreter.run(line))

    def _reply(self, question: Question, answer: str) -> str:
        self._session.question = None
        return self._print(question.answer(self._session, answer))

    def _interrupt(self) -> str:
        self._line.clear()
        self._session.question = None
        self._interpreter.forget_text()
        return screen(self._interpreter.end_configuration()) + self._prompt()

    def _ctrl_z(self, line: str) -> str:
        """In configuration mode: run what was typed, then leave. Elsewhere the line is dropped."""
        if self._session.editor is None:
            self._session.question = None
            return self._prompt()
        text = self._interpreter.run(line)
        self._interpreter.forget_text()
        return screen(text + self._interpreter.end_configuration()) + self._prompt()

    def _print(self, text: str) -> str:
        return self._resume(self._pager.start(text, self._session.length))

    def _resume(self, shown: str) -> str:
        """The prompt follows when nothing waits for a key any more."""
        if self._pager.pending or self.closed:
            return shown
        if not self._observer.keeps_open():
            self._session.closed = True
            return shown
        return shown + self._prompt()

    def _prompt(self) -> str:
        question = self._session.question
        self._line.help_key = question is None and not self._interpreter.reads_text
        if self._interpreter.reads_text:
            return ""
        self._line.echo = question is None or not question.hidden
        return self._session.prompt

    def _complete(self) -> str:
        words = self._line.text.split(" ")
        found = self._interpreter.completions(self._line.text) if words[-1] else []
        added = self._line.insert(found[0][len(words[-1]) :] + " ") if len(found) == 1 else ""
        return added and "\r\n" + self._session.prompt + self._line.text

    def _help(self) -> str:
        text = self._line.text
        if self._session.editor is not None:
            return f"?\r\n% Help is not simulated in configuration mode\r\n\r\n{self._session.prompt}{text}"
        found = self._interpreter.completions(text)
        lines = "".join(f"  {word}\r\n" for word in found) or "% Unrecognized command\r\n"
        return "?\r\n" + lines + "\r\n" + self._session.prompt + text


def screen(text: str) -> str:
    """Text as a terminal needs it."""
    return text.replace("\n", "\r\n")
