"""How fast, compared within one run and on one machine: `python bench/bench.py [--size small|full] [PART …]`.

Writes build/bench.json, which the schema beside this file describes. Exit 0 only if every bar was held. The routers'
side is pinned to one processor and the client to another.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench_customers import customers
from bench_fleet import fleet, single
from bench_growth import growth
from bench_machine import ROOT, about
from bench_memory import memory
from bench_startup import startup
from bench_table import table
from jsonschema import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench_figures import Part, Size

PARTS: dict[str, Callable[[Size, Path], Part]] = {
    "startup": startup,
    "table": table,
    "single": single,
    "customers": customers,
    "growth": growth,
    "memory": memory,
    "fleet": fleet,
}
SCHEMA = Path(__file__).with_name("bench.schema.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: all")
    parser.add_argument("--size", choices=("small", "full"), default="full")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json")
    given = parser.parse_args()
    unknown = sorted(set(given.parts) - PARTS.keys())
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    machine = about()
    print(f"{machine['processor']}, {machine['processors']} processors, load {machine['load']}, Python"
          f" {machine['python']}, size {given.size}")  # fmt: skip
    build = given.output.parent / "bench"
    build.mkdir(parents=True, exist_ok=True)
    found = []
    for name in given.parts or PARTS:
        began = time.monotonic()
        part = PARTS[name](given.size, build)
        found.append(part)
        print(f"{name} ({time.monotonic() - began:.0f} s)")
        print("\n".join(str(bar) for bar in part.bars), flush=True)
    held = all(bar.held for part in found for bar in part.bars)
    document = {"size": given.size, "machine": machine, "held": held, "parts": [part.to_json() for part in found]}
    validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    given.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{given.output}: {'every bar held' if held else 'NOT every bar was held'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
