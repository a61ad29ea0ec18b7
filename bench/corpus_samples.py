"""The samples of the corpus: which there are, which command each answers, and which are left out and why."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Final

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.catalogue import COMMANDS, UnknownCommandError, match
from pytest_azinterop.iosxe.redact import redact
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_azinterop.iosxe.parsed import Parsed

DIRECTORIES: Final = (
    "arp", "bfd", "bgp_advertised", "bgp_neighbors", "bgp_path_detail", "bgp_received", "bgp_summary", "bgp_table",
    "crypto_session", "ikev2_sa", "interfaces", "ipsec_sa", "ospf_neighbor", "ping", "policy", "route",
)  # fmt: skip
_NEIGHBOR: Final = "192.0.2.1"  # where neither command nor index names the neighbor, any will do
# What an answer looks like, and the fact that it is; the first that fits. The BGP tables are told apart by directory.
_LOOKS: Final = tuple(
    (re.compile(pattern, re.MULTILINE), fact)
    for pattern, fact in (
        (r"^\s*BGP routing table entry for ", "bgp_prefix"),
        (r"^\s*Neighbor\s+V\s+AS\s+MsgRcvd", "bgp_summary"),
        (r"^\s*BGP neighbor is [^\n]*\n[ \t]*\S", "bgp_neighbors"),
        (r"^\s*(?:BGP table version is |Total number of prefixes )|^\s*Network\s+Next Hop\s", "bgp_table"),
        (r"^\s*Protocol\s+Address\s+Age", "arp"),
        (r"^\s*(?:OurAddr\s+)?NeighAddr\s+LD/RD", "bfd_neighbors"),
        (r"^\s*Neighbor ID\s+Pri\s+State", "ospf_neighbors"),
        (r"^\s*(?:Crypto session current status|Code: C - IKE)", "crypto_sessions"),
        (r"^\s*Tunnel-id\s[^\n]*fvrf/ivrf\s+Status", "ikev2_sas"),
        (r"^\s*(?:protected vrf: |#pkts encaps)", "ipsec_sas"),
        (r"^\s*Tracing the route", "traceroute"),
        (r"^\s*Sending \d+, ", "ping"),
        (r"^\s*(?:Codes: |Routing entry for |Gateway of last resort|% (?:Network|Subnet) not in table)", "rib"),
        (r"^\s*[\w /.-]+ is [^\n]*\n(?:[^\n]*\n)?[^\n]*\bMTU \d+ bytes", "interfaces"),
        (r"^\s*ip(?:v6)? prefix-list ", "prefix_list"),
        (r"^\s*route-map \S+, (?:permit|deny)", "route_map"),
        (r"^(?:Building configuration|Current configuration|version \d+\.\d+$|!$)", "running_config"),
    )
)
_TABLES: Final = {"bgp_advertised": "advertised_routes", "bgp_received": "received_routes", "bgp_table": "bgp_table"}
_ARGUMENTS = re.compile(r"\s*args=\{.*")
_PROMPT = re.compile(r"^[\w.:/()@-]*[#>]\s*")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A pattern of paths below the corpus, and why such files are not answers that the plugin has to read."""

    path: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of the corpus. `indexed` is the index's command; `columns` its count of rows that keep their columns and
    of rows, None where the index gives none; `same_device`: the routing table of the same device stands beside it."""

    directory: str
    path: Path
    indexed: str
    columns: tuple[int, int] | None
    same_device: bool

    @property
    def name(self) -> str:
        """Its path below the corpus."""
        return f"{self.directory}/{self.path.name}"

    @property
    def intact(self) -> bool:
        """The index does not say that columns were destroyed."""
        return self.columns is None or self.columns[0] == self.columns[1]

    def expected(self) -> Path | None:
        """The result that stands beside it."""
        return next(iter(sorted(self.path.parent.glob(f"{self.path.stem}.expected.*"))), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the parser made of a sample: records, or the reason of the refusal."""

    fact: str
    typed: str | None
    text: str
    parsed: Parsed[object] | None
    refused: str | None
    line: int | None


def left_out(file: Path) -> tuple[LeftOut, ...]:
    """The list of files that are left out."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(LeftOut(entry["path"], entry["kind"], entry["reason"]) for entry in document["left_out"])


def samples(corpus: Path, directory: str) -> tuple[Sample, ...]:
    """The samples of one directory. Raises FileNotFoundError where it is absent or holds none."""
    index = _index(corpus)
    paths = sorted(path for path in (corpus / directory).glob("*.txt") if ".expected." not in path.name)
    if not paths:
        raise FileNotFoundError(f"no samples in {corpus / directory}")
    found = []
    for path in paths:
        indexed, note = index.get(f"{directory}/{path.name}", ("", ""))
        columns = re.search(r"\bcols (\d+)/(\d+)", note)
        kept = (int(columns[1]), int(columns[2])) if columns else None
        found.append(Sample(directory, path, indexed, kept, same_device="show_ip_route" in note))
    return tuple(found)


def _index(corpus: Path) -> Mapping[str, tuple[str, str]]:
    file = corpus / "INDEX.tsv"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["file"]: (row["command"] or "", row["note"] or "") for row in rows}


def excuse(sample: Sample, listed: tuple[LeftOut, ...]) -> LeftOut | None:
    """The entry that leaves this sample out."""
    return next((entry for entry in listed if fnmatch(sample.name, entry.path)), None)


def read(sample: Sample) -> Reading:
    """Read a sample as `azinterop parse` would, with the command that its content shows."""
    text = redact(sample.path.read_text(encoding="utf-8", errors="replace"))
    fact = _fact(sample, answer.clean(text))
    typed = _PROMPT.sub("", _ARGUMENTS.sub("", sample.indexed)).strip()
    parameters = _parameters(typed, fact)
    source = Source(sample.name, typed or fact, datetime.now(UTC))
    if fact == "unknown":
        return Reading(fact, None, text, None, "no known command prints this", 1)
    if not text.strip():
        return Reading(fact, None, text, None, "empty", None)
    try:
        parsed = COMMANDS[fact].read(text, source, {"address": _NEIGHBOR, **(parameters or {})})
    except ParseError as error:
        return Reading(fact, typed, text, None, error.message.removeprefix(f"{source.command}: "), error.line_number)
    return Reading(fact, typed if parameters is not None else None, text, parsed, None, None)


def _fact(sample: Sample, text: str) -> str:
    for look, fact in _LOOKS:
        if look.search(text):
            if fact == "bgp_table" and sample.directory == "bgp_received" and "received-routes" not in sample.indexed:
                return "accepted_routes"
            return _TABLES.get(sample.directory, fact) if fact == "bgp_table" else fact
    return "unknown"


def _parameters(typed: str, fact: str) -> dict[str, str] | None:
    """The neighbor that the index's command names, where that command is one and means the same fact; else None.

    A VRF is not passed on: the index mixes the command of one sample with the output of another.
    """
    try:
        command, parameters = match(typed)
    except UnknownCommandError:
        return None
    if command.name != fact:
        return None
    return {name: value for name, value in parameters.items() if name == "address" and "neighbors" in typed}
