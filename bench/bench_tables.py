"""A BGP table with two paths for each prefix, as IOS-XE prints it; and one reader of it, in a process of its own.

`python bench/bench_tables.py KIND PREFIXES [--memory]` reads such a table with `ours`, `ntc` (ntc-templates) or `genie`
and prints seconds and records, or with `--memory` the peak of what reading allocated, in bytes.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench_machine import pin, processors, used

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = """\
BGP table version is 40013, local router ID is 192.168.30.17
Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,
              r RIB-failure, S Stale, m multipath, b backup-path, f RT-Filter,
              x best-external, a additional-path, c RIB-compressed,
              t secondary path, L long-lived-stale,
Origin codes: i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

     Network          Next Hop            Metric LocPrf Weight Path
"""


def table(prefixes: int) -> str:
    """`show bgp ipv4 unicast` with two paths for each of so many prefixes."""
    rows = [_HEAD]
    for number in range(prefixes):
        prefix = f"10.{number // 256}.{number % 256}.0/24"
        behind = f"12076 {64512 + number % 97} 65515"
        metric = number % 13 if number % 3 else ""
        rows.append(f" *>   {prefix:<17}{'192.168.30.18':<16}{metric:>10}{200:>7}{0:>7} {behind} i\n")
        rows.append(f" *    {'':<17}{'10.10.30.254':<16}{'':>10}{150:>7}{0:>7} {64512 + number % 97} 65515 i\n")
    return "".join(rows)


def ours(text: str) -> int:
    from pytest_azinterop.iosxe.catalogue import COMMANDS
    from pytest_azinterop.state.source import Source

    read = COMMANDS["bgp_table"].read(text, Source("ce1", "show bgp ipv4 unicast", datetime.now(UTC)), {})
    (found,) = read.records
    return len(found.paths)  # type: ignore[attr-defined]


def ntc(text: str) -> int:
    from ntc_templates.parse import parse_output

    return len(parse_output(platform="cisco_ios", command="show ip bgp", data=text))


def genie(text: str) -> int:
    from genie.libs.parser.iosxe.show_bgp import ShowBgp
    from genie.metaparser.util.exceptions import SchemaEmptyParserError

    del SchemaEmptyParserError
    parsed = ShowBgp(device=None).cli(address_family="ipv4 unicast", output=text)
    family = next(iter(next(iter(parsed["vrf"].values()))["address_family"].values()))
    return sum(len(each["index"]) for each in family["prefixes"].values())


READERS: dict[str, Callable[[str], int]] = {"ours": ours, "ntc": ntc, "genie": genie}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=READERS)
    parser.add_argument("prefixes", type=int)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    pin(processors()[1])
    read, text = READERS[given.kind], table(given.prefixes)
    read(table(2))  # whatever is imported and compiled for the first one
    if given.memory:
        tracemalloc.start()
    began, cpu = time.perf_counter(), used()[0]
    records = read(text)
    told = {"wall": time.perf_counter() - began, "cpu": used()[0] - cpu, "records": records, "text": len(text)}
    if given.memory:
        told["peak"] = tracemalloc.get_traced_memory()[1]
    print(json.dumps({"kind": given.kind, "prefixes": given.prefixes, **told}))


if __name__ == "__main__":
    main()
