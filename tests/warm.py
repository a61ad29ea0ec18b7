"""Runs of pytest in processes of their own that need not import everything again.

A server process has imported what a run with an inventory uses; no run has happened in it. For each request it forks a
child, which alone becomes that run: its folder, environment, output and exit code are those of a process of its own.
The lab and the workers of the run are forks as well. What they imported besides, late and of other packages, is
there for the next one.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LEFT_OUT = ("pytest_azinterop.lab.", "pytest_azinterop.fixtures", "pytest_azinterop.cli")
"""What a run does not import, and what pytest itself must import, so that its assertions are rewritten."""
OTHERS = ("azure.core.rest", "azure.mgmt.core", "nornir.plugins.inventory", "nornir.plugins.runners")
Completed = subprocess.CompletedProcess[str]
MODULES = ".modules"
"""Ending of the file, beside the output's, with the names of modules that a run or its lab has imported."""
ADDED = ("PYTHONPATH",)
"""What only the interpreter's start reads; the child does it by hand."""
_server: subprocess.Popen[str] | None = None


def run(
    arguments: list[str], cwd: Path, environment: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` of `python -m pytest` with this whole environment; both outputs are one text."""
    descriptor, output = tempfile.mkstemp(prefix="warm-", suffix=".txt")
    os.close(descriptor)
    request = {"arguments": arguments, "cwd": str(cwd.absolute()), "environment": environment, "output": output}
    server = _started()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    child = int(server.stdout.readline())
    ended: list[int] = []

    def end() -> None:
        ended.append(child)
        os.killpg(child, signal.SIGKILL)

    late = threading.Timer(seconds, end)
    late.start()
    try:
        code = int(server.stdout.readline())
    finally:
        late.cancel()
    text = Path(output).read_text(encoding="utf-8", errors="replace")
    Path(output).unlink()
    Path(output + MODULES).unlink(missing_ok=True)
    if ended:
        raise subprocess.TimeoutExpired(["pytest", *arguments], seconds, text)
    return subprocess.CompletedProcess(["pytest", *arguments], code, text)


def _started() -> subprocess.Popen[str]:
    """This test process's server; it ends with it."""
    global _server  # noqa: PLW0603 (one per process, however many modules ask)
    if _server is None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AZINTEROP_"))}
        _server = subprocess.Popen(
            [sys.executable, str(HERE / "warm.py")],
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
        )
        atexit.register(_end, _server)
    return _server


def _end(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    server.wait()
    assert server.stdout is not None
    server.stdout.close()


def serve() -> None:
    """Answer each request with the child's process id and, when it has ended, its exit code."""
    import gc
    import importlib
    import pkgutil

    import pytest
    import warm_workers  # noqa: F401 (before its folder leaves the path)

    sys.path[:] = [item for item in sys.path if item != str(HERE)]
    with Path(os.devnull).open("w") as nowhere:
        kept, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), nowhere, nowhere
        pytest.main(["--help"])  # loads pytest's plugins, ours among them, by the loader that rewrites assertions
        sys.stdout, sys.stderr = kept
    import pytest_azinterop

    ours = [module.name for module in pkgutil.walk_packages(pytest_azinterop.__path__, "pytest_azinterop.")]
    for name in (*ours, *OTHERS):
        if not name.startswith(LEFT_OUT):
            importlib.import_module(name)
    assert threading.active_count() == 1
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a run is over before its cycles are worth looking for
    compiled = tempfile.TemporaryDirectory(prefix="warm-")
    sys.dont_write_bytecode, sys.pycache_prefix = False, compiled.name  # checks are rewritten once
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        _learn(Path(request["output"] + MODULES))
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


def _learn(modules: Path) -> None:
    """Import what the last run has imported besides."""
    import contextlib
    import gc
    import importlib

    names = modules.read_text(encoding="utf-8").split() if modules.is_file() else []
    for name in names:
        if not name.startswith(LEFT_OUT[1:]):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    assert threading.active_count() == 1
    if names:
        gc.freeze()


def _become(request: dict[str, Any]) -> None:
    """Be the process that was asked for; does not return."""
    import warm_lab
    import warm_workers

    code: object = 1
    known, modules = set(sys.modules), request["output"] + MODULES
    try:
        os.setsid()
        # What a plugin brings along has been imported, and needs no rewriting: its asserts are not a test's.
        sys.modules["_pytest.assertion.rewrite"].AssertionRewritingHook._warn_already_imported = lambda *_: None
        lab = warm_lab.fork(modules)
        workers = warm_workers.fork(warm_workers.number(request["arguments"]), modules, lab)
        nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(request["output"], os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        added = [item for name in ADDED for item in request["environment"].get(name, "").split(os.pathsep) if item]
        sys.path[:0] = [request["cwd"], *added]
        sys.argv = [str(Path(sys.modules["pytest"].__file__ or "").parent / "__main__.py"), *request["arguments"]]
        warm_lab.give(lab)
        warm_workers.give(workers)
        code = int(sys.modules["pytest"].main(request["arguments"]))
        warm_lab.note(modules, known)
    except SystemExit as left:
        code = left.code
    except BaseException:  # noqa: BLE001 (as the interpreter does)
        traceback.print_exc()
    raise SystemExit(code)


if __name__ == "__main__":
    serve()
