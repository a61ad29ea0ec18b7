"""A socket that nobody asked for."""

from __future__ import annotations

import logging
import sys


def close() -> None:
    """Close the socket for the local syslog that pyeapi makes when it is imported; NAPALM imports it for Arista's
    switches, with whichever driver. Its handler stays, and opens another where it has something to say."""
    if "pyeapi.utils" in sys.modules:
        from logging.handlers import SysLogHandler

        for handler in logging.getLogger("pyeapi.utils").handlers:
            if isinstance(handler, SysLogHandler):
                handler.close()
