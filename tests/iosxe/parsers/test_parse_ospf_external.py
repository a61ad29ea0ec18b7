"""The link-state database's external LSAs, as IOS 15 and IOS-XE print them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from iosxe.parsers.cutting import assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.catalogue import COMMANDS, match
from pytest_azinterop.iosxe.parsers import ospf_external
from pytest_azinterop.state.ospf import OspfDatabase

LSA = """\
  LS age: 449
  Options: (No TOS-capability, DC, Upward)
  LS Type: AS External Link
  Link State ID: 10.10.30.0 (External Network Number )
  Advertising Router: 10.2.30.253
  LS Seq Number: 80000001
  Checksum: 0x7F60
  Length: 36
  Network Mask: /24
\tMetric Type: 2 (Larger than any link state path)
\tMTID: 0
\tMetric: 10
\tForward Address: 0.0.0.0
\tExternal Route Tag: 3489725429

"""
OLD = """\
  Routing Bit Set on this LSA in topology Base with MTID 0
  LS age: MAXAGE(3608)
  Options: (No TOS-capability, DC)
  LS Type: AS External Link
  Link State ID: 0.0.0.0 (External Network Number )
  Advertising Router: 10.2.30.253
  LS Seq Number: 8000012A
  Checksum: 0xB2
  Length: 36
  Network Mask: 0.0.0.0
        Metric Type: 1 (Comparable directly to link state metric)
        TOS: 0
        Metric: 1
        Forward Address: 192.168.30.1
        External Route Tag: 30

"""


def head(process: int) -> str:
    return f"\n            OSPF Router with ID (10.2.30.253) (Process ID {process})\n\n"


TITLE = "\t\tType-5 AS External Link States\n\n"
WHOLE = head(30) + TITLE + LSA + OLD + head(7)


def read(text: str) -> tuple[OspfDatabase, ...]:
    return ospf_external.parse(text, SOURCE).records


def test_lsas_stand_below_their_process() -> None:
    first, second = read(WHOLE)
    assert (first.process, first.router_id, second.process, second.externals) == (30, IPv4Address("10.2.30.253"), 7, ())
    new, old = first.externals
    assert (new.prefix, new.age, new.metric, new.metric_type) == (IPv4Network("10.10.30.0/24"), 449, 10, 2)
    assert (new.tag, new.forward) == (3489725429, None)
    assert (old.prefix, old.age, old.metric_type) == (IPv4Network("0.0.0.0/0"), 3608, 1)
    assert (old.forward, old.router) == (IPv4Address("192.168.30.1"), IPv4Address("10.2.30.253"))
    assert new.source.lines == (6, 19)


def test_no_process_prints_nothing() -> None:
    assert COMMANDS["ospf_external"].read("", SOURCE).records == ()
    with pytest.raises(ParseError):
        read("")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (head(30) + TITLE, "a title without any LSA"),
        (head(30) + TITLE + head(31), "a title without any LSA"),
        (head(30) + TITLE + LSA.partition("\tExternal")[0], "an LSA without its tag"),
        (head(30) + TITLE + LSA.partition("\tExternal")[0] + head(7), "an LSA without its tag"),
        (WHOLE.replace("  Network Mask: /24\n", ""), "not a line"),
        (WHOLE.replace("/24", "/240"), "address or mask that is none"),
        (WHOLE.replace("/24", "/8"), "address or mask that is none"),
        (WHOLE.replace("Advertising Router: 10", "Advertising Router: 910"), "address or mask that is none"),
        (WHOLE.replace("AS External Link\n", "Summary Links(Network)\n"), "not a line"),
        (WHOLE.replace("Type-5 AS External", "Type-7 AS External"), "not a line"),
        (TITLE + LSA, "not a line"),
        (head(30) + LSA, "not a line"),
        (WHOLE + "\tsomething new\n", "not a line"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    refuses(read, text, words)


def test_parts_and_noise() -> None:
    assert_noise_is_refused(read, WHOLE)
    text = head(30) + TITLE + LSA + OLD
    whole = read(text)[0].externals
    for cut in range(len(text)):
        try:
            part = read(text[:cut])
        except ParseError:
            continue
        lsas = part[0].externals
        whole_word = lsas == whole[: len(lsas)]
        assert whole_word or not text[cut].isspace(), f"cut unseen before {text[cut : cut + 60]!r}"


def test_the_command_in_its_spellings() -> None:
    assert match("sh ip ospf 30 data ext self")[0].name == "ospf_external"
    assert match("show ip ospf database external")[0].name == "ospf_external"
    assert COMMANDS["ospf_external"].render() == "show ip ospf database external self-originate"
