"""What importing NAPALM opens besides."""

from __future__ import annotations

import subprocess
import sys

import pytest

SEEN = """\
import logging, logging.handlers, os
{imported}
found = [os.readlink(f"/proc/self/fd/{{each}}") for each in os.listdir("/proc/self/fd") if int(each) > 2
         and os.path.lexists(f"/proc/self/fd/{{each}}")]
assert not [each for each in found if each.startswith("socket:")], found
handlers = [type(each) for each in logging.getLogger("pyeapi.utils").handlers]
assert logging.handlers.SysLogHandler in handlers, handlers
"""


@pytest.mark.parametrize(
    "imported",
    [
        "import pytest_azinterop.iosxe.driver",
        "import napalm\nfrom pytest_azinterop.iosxe import idle_sockets\nidle_sockets.close()",
    ],
    ids=["our driver", "the stock one"],
)
def test_no_socket_is_open_before_a_router_is_reached(imported: str) -> None:
    done = subprocess.run([sys.executable, "-c", SEEN.format(imported=imported)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
