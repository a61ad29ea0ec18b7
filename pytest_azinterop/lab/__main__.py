"""``python -m pytest_azinterop.lab``."""

from __future__ import annotations

import sys

from pytest_azinterop.lab.commands import main

sys.exit(main())
