"""pyATS, connecting to all routers and parsing: run by pyATS's own environment, with nothing of ours.

`python peer_pyats.py READY USERNAME PASSWORD COMMAND …` where READY has the routers' ports and names.
"""

from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from genie.testbed import load  # type: ignore[import-not-found]

# Nothing is sent at login, and the ten seconds that it would rest after each session are left out.
SETTINGS = {"POST_DISCONNECT_WAIT_SEC": 0, "GRACEFUL_DISCONNECT_WAIT_SEC": 0}
QUIET = {"log_stdout": False, "init_exec_commands": [], "init_config_commands": [], "learn_hostname": False}


def device(port: int, username: str, password: str) -> dict[str, Any]:
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    door = {"protocol": "ssh", "ip": "127.0.0.1", "port": port, "ssh_options": options, "arguments": QUIET}
    login = {"default": {"username": username, "password": password}}
    return {"os": "iosxe", "type": "router", "credentials": login, "connections": {"cli": door}}


def main(ready: Path, username: str, password: str, commands: list[str]) -> None:
    logging.disable(logging.WARNING)
    doors = json.loads(ready.read_text(encoding="utf-8"))
    named = zip(doors["names"], doors["ports"], strict=True)
    testbed = load({"devices": {name: device(port, username, password) for name, port in named}})

    def one(name: str) -> int:
        router = testbed.devices[name]
        router.connect(settings=SETTINGS, **QUIET)
        try:
            return sum(len(router.parse(command)) for command in commands)
        finally:
            router.disconnect()

    with ThreadPoolExecutor(len(testbed.devices)) as pool:
        print(sum(pool.map(one, testbed.devices)), "keys")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
