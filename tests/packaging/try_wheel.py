"""Install a wheel in an empty environment, run the main job in an empty directory: `python try_wheel.py WHEEL`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path


def main(wheel: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        environment, empty = Path(scratch, "venv"), Path(scratch, "empty")
        venv.create(environment, with_pip=True)
        empty.mkdir()
        binaries = environment / "bin"
        clean = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "HOME": scratch, "LC_ALL": "C.UTF-8"}
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}

        def run(*command: str, **more: str) -> None:
            sys.stdout.write(f"$ {' '.join(command)}\n")
            sys.stdout.flush()
            subprocess.run(command, cwd=empty, env={**clean, **more}, check=True)

        run(str(binaries / "pip"), "install", "--quiet", f"{wheel.resolve()}[lab]", **kept)
        run(str(binaries / "pytest"), "--inventory", "lab", "-q")
        run(str(binaries / "azinterop"), "init", ".")
        run(str(binaries / "pytest"), "--inventory", "prod", "--collect-only", "-q")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
