from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iosxe.parsers.parser_samples import HEAD, SOURCE, row

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers import bgp_rows
from pytest_azinterop.iosxe.parsers.bgp_table import parse, parse_neighbor_routes
from pytest_azinterop.state.bgp import BgpPath

RD = "Route Distinguisher: 65021:30 (default for vrf 30)\n"
NEIGHBOR = IPv4Address("192.168.30.18")


def one(line: str, head: str = HEAD) -> BgpPath:
    (table,) = parse(head + line, SOURCE).records
    (path,) = table.paths
    return path


def test_a_table_knows_its_vrf_and_its_lines() -> None:
    text = HEAD + RD + row(" *>", "10.10.30.0/25", "192.168.30.18", None, 200, 0, "12076", "?")
    (table,) = parse(text, SOURCE, vrf="30").records
    assert (table.vrf, table.route_distinguisher, table.table_version) == ("30", "65021:30", 17)
    assert table.router_id == IPv4Address("10.0.0.1")
    assert table.paths[0].source.lines == (11, 11)


def test_columns_decide_not_words() -> None:
    path = one(row(" *>", "10.1.0.0/16", "192.0.2.1", None, None, 0, "100 25 4000000000", "i"))
    assert (path.metric, path.local_preference, path.weight) == (None, None, 0)
    assert path.as_path.sequence == (100, 25, 4000000000)


@pytest.mark.parametrize(
    ("metric", "preference", "weight"),
    [
        (None, None, 0),
        (0, None, 32768),
        (None, 200, 0),
        (4294967295, 100, 65535),
        (5, 1234567, 0),
        (4294967295, 12345678, 1),
        (None, 4294967295, 0),
        (77, 4294967295, 300),
    ],
)
def test_every_width_of_the_columns(metric: int | None, preference: int | None, weight: int) -> None:
    path = one(row(" *>i", "10.1.0.0/16", "203.0.113.254", metric, preference, weight, "7 8", "e"))
    assert (path.metric, path.local_preference, path.weight) == (metric, preference, weight)
    assert (path.as_path.sequence, path.origin, path.internal) == ((7, 8), "e", True)


@pytest.mark.parametrize(
    ("printed", "prefix"),
    [
        ("10.0.0.0", "10.0.0.0/8"),
        ("172.16.0.0", "172.16.0.0/16"),
        ("192.168.1.0", "192.168.1.0/24"),
        ("0.0.0.0", "0.0.0.0/0"),
        ("192.168.100.128/25", "192.168.100.128/25"),
    ],
)
def test_a_left_out_mask_is_that_of_the_class(printed: str, prefix: str) -> None:
    assert one(row(" *>", printed, "192.0.2.1", 0, None, 0, "1", "i")).prefix == IPv4Network(prefix)


@pytest.mark.parametrize(
    ("status", "flags", "valid", "best", "rpki"),
    [
        (" *>", "", True, True, None),
        (" * i", "i", True, False, None),
        (" *bi", "bi", True, False, None),
        (" *m a", "ma", True, False, None),
        (" r>i", "ri", True, True, None),
        (" S>", "S", True, True, None),
        (" s>", "s", True, True, None),
        (" sia", "sia", True, False, None),
        (" h", "h", False, False, None),
        (" d", "d", False, False, None),
        ("", "", False, False, None),
        ("V*>", "", True, True, "V"),
        ("N* i", "i", True, False, "N"),
        ("I*>", "", True, True, "I"),
        (" *>iat", "iat", True, True, None),
    ],
)
def test_status_characters(status: str, flags: str, valid: bool, best: bool, rpki: str | None) -> None:
    path = one(row(status, "10.1.0.0/16", "192.0.2.1", 0, None, 0, "1", "i"))
    assert (path.flags, path.valid, path.best, path.rpki) == (flags, valid, best, rpki)


def test_paths_without_a_network_belong_to_the_one_above_also_below_a_row_without_status() -> None:
    text = (
        HEAD
        + row("", "0.0.0.0", "0.0.0.0", None, None, 0, "", "i")
        + row(" *>", "", "192.0.2.1", None, None, 0, "65001", "i")
    )
    (table,) = parse(text, SOURCE).records
    assert [str(path.prefix) for path in table.paths] == ["0.0.0.0/0", "0.0.0.0/0"]
    assert [path.best for path in table.paths] == [False, True]


def test_ipv6_next_hops_wrap_too() -> None:
    text = HEAD + row(" *>", "2001:DB8:1::/48", "2001:DB8:FFFF::18:1", 0, None, 0, "65001", "i")
    (table,) = parse(text, SOURCE).records
    assert table.paths[0].next_hop == IPv6Address("2001:db8:ffff::18:1")
    assert table.paths[0].prefix == IPv6Network("2001:db8:1::/48")
    assert table.paths[0].source.lines == (10, 11)


def test_the_old_layout_with_the_network_in_column_three() -> None:
    head = """BGP table version is 4, local router ID is 10.0.5.1
Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,
              r RIB-failure, S Stale
Origin codes: i - IGP, e - EGP, ? - incomplete

   Network          Next Hop            Metric LocPrf Weight Path
"""
    path = one("*>i10.0.3.0/24      192.0.2.1                0    100      0 300 i\n", head)
    assert (str(path.prefix), path.local_preference, path.flags) == ("10.0.3.0/24", 100, "i")


def test_all_families_and_distinguishers_become_a_table_each() -> None:
    rows = row(" *>", "10.1.0.0/16", "192.0.2.1", 0, None, 0, "1", "i")
    text = (
        "For address family: IPv4 Unicast\n\n"
        + HEAD
        + rows
        + "\nFor address family: VPNv4 Unicast\n\n"
        + HEAD
        + RD
        + rows
        + "Route Distinguisher: 65021:40 (default for vrf FORTY) VRF Router ID 10.0.0.9\n"
        + rows
        + "Route Distinguisher: 1:1\n"
        + rows
        + "\nFor address family: L2VPN E-VPN\n\n"
        + HEAD
        + " *>   [2][1:1][0][48][000C293B2157][0][*]/20\n"
        + "\nFor address family: IPv4 Multicast\n\n"
    )
    parsed = parse(text, SOURCE)
    assert [(table.vrf, table.route_distinguisher) for table in parsed.records] == [
        (None, None),
        ("30", "65021:30"),
        ("FORTY", "65021:40"),
        (None, "1:1"),
    ]
    assert any("000C293B2157" in line for line in parsed.unread)


def test_another_vrfs_table_is_refused() -> None:
    text = HEAD + RD + row(" *>", "10.1.0.0/16", "192.0.2.1", 0, None, 0, "1", "i")
    with pytest.raises(ParseError, match="not that of VRF 31"):
        parse(text, SOURCE, vrf="31")
    with pytest.raises(ParseError, match="not that of VRF 30"):
        parse(text.replace(RD, ""), SOURCE, vrf="30")


def test_empty_is_read_only_where_the_command_prints_nothing() -> None:
    (table,) = parse("\n", SOURCE, vrf="30", may_be_empty=True).records
    assert (table.vrf, table.paths) == ("30", ())
    with pytest.raises(ParseError):
        parse("\n", SOURCE, vrf="30")
    with pytest.raises(ParseError):
        parse(HEAD, SOURCE, may_be_empty=True)


@pytest.mark.parametrize(
    "line",
    [
        " *>   10.1.0.0/16    192.0.2.1             0    100     0 1 i\n",  # columns out of step
        " *>   10.1.0.0/16      192.0.2.1                0             0 1\n",  # no origin
        " *>   10.1.0.0/16      192.0.2.1                0             0 1 x\n",
        " *>   10.1.0.0/16      192.0.2.1                0           0 i\n"[:-3] + "\n",
        " *>   10.1.0.0/16      192.0.2                  0             0 1 i\n",
        " *>   10.1.0.0/33      192.0.2.1                0             0 1 i\n",
        " Q>   10.1.0.0/16      192.0.2.1                0             0 1 i\n",
        " *>                    192.0.2.1                0             0 1 i\n",  # no network yet
        " *>   10.1.0.0/16      192.0.2.1                        99999 1 i\n",
        "garbage\n",
        " *>   10.1.0.0/16\n",
    ],
)
def test_a_row_that_is_not_understood_is_named(line: str) -> None:
    good = row(" *>", "10.9.0.0/16", "192.0.2.1", 0, None, 0, "1", "i")
    with pytest.raises(ParseError) as caught:
        parse(HEAD + line + good, SOURCE)
    assert caught.value.line_number in (10, 11)
    assert caught.value.line


def test_the_total_must_agree_for_a_neighbors_routes() -> None:
    rows = RD + "".join(row(" *>", f"10.{n}.0.0/16", "192.0.2.1", 0, None, 0, "1", "i") for n in range(12))
    whole = HEAD + rows + "\nTotal number of prefixes 12 \n"
    (routes,) = parse_neighbor_routes(whole, SOURCE, neighbor=NEIGHBOR, view="received", vrf="30").records
    assert (len(routes.paths), routes.vrf, routes.neighbor, routes.view) == (12, "30", NEIGHBOR, "received")
    for total in ("", "Total number of prefixes 13\n", "Total number of prefixes 1\n", "Total number of pre\n"):
        with pytest.raises(ParseError):
            parse_neighbor_routes(HEAD + rows + "\n" + total, SOURCE, neighbor=NEIGHBOR, view="received", vrf="30")


def test_no_routes_is_a_total_of_zero() -> None:
    text = "\nTotal number of prefixes 0 \n"
    (routes,) = parse_neighbor_routes(text, SOURCE, neighbor=NEIGHBOR, view="advertised", vrf="30").records
    assert (routes.paths, routes.vrf) == ((), "30")
    with pytest.raises(ParseError):
        parse_neighbor_routes("", SOURCE, neighbor=NEIGHBOR, view="advertised", vrf="30")


def originating(rows: str, total: int) -> str:
    """What is sent to a neighbor with `default-originate`: a line of its own, above the header."""
    legend, header = HEAD[: HEAD.rindex("     Network")], HEAD[HEAD.rindex("     Network") :]
    return f"{legend}Originating default network 0.0.0.0\n\n{header}{rows}\nTotal number of prefixes {total} \n"


@pytest.mark.parametrize(
    ("rows", "prefixes"),
    [
        (RD + row(" *>", "10.4.0.0/22", "0.0.0.0", 0, None, 32768, "", "i"), ["0.0.0.0/0", "10.4.0.0/22"]),
        ("", ["0.0.0.0/0"]),
    ],
)
def test_an_originated_default_route_is_among_the_advertised_prefixes(rows: str, prefixes: list[str]) -> None:
    text = originating(rows, len(prefixes) - 1)
    (routes,) = parse_neighbor_routes(text, SOURCE, neighbor=NEIGHBOR, view="advertised", vrf="30").records
    assert (routes.vrf, sorted(map(str, routes.prefixes))) == ("30", prefixes)
    assert len(routes.paths) == len(prefixes) - 1
    with pytest.raises(ParseError):
        parse_neighbor_routes(text, SOURCE, neighbor=NEIGHBOR, view="received", vrf="30")
    with pytest.raises(ParseError):
        parse_neighbor_routes(text.rpartition("\nTotal")[0], SOURCE, neighbor=NEIGHBOR, view="advertised", vrf="30")


ASNS = st.integers(1, 2**32 - 1)
PATHS = st.lists(ASNS, max_size=5).map(lambda asns: " ".join(map(str, asns)))
PREFIXES = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 32)).map(
    lambda p: IPv4Network((p[0], p[1]), strict=False)
)
HOPS = st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)).map(
    lambda address: str(address).upper()
)
ROWS = st.tuples(
    st.sampled_from([" *>", " * i", " *bi", " r>i", "N*>", "", " *m a"]),
    PREFIXES.map(str),
    HOPS,
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | st.integers(0, 2**32 - 1),
    st.integers(0, 65535),
    PATHS,
    st.sampled_from("ie?"),
)
Rows = list[tuple[str, str, str, int | None, int | None, int, str, str]]


def touching(rows: Rows) -> bool:
    """Rows of a wrapped next hop whose metric and local preference touch cannot be told apart."""
    return any(len(each[2]) >= 16 and (each[4] or 0) >= 10**7 for each in rows) or any(
        len(each[2]) >= 16 and (each[4] or 0) >= 10**6 and (each[3] or 0) > 0 for each in rows
    )


@settings(max_examples=200)
@given(st.lists(ROWS, min_size=1, max_size=6).filter(lambda rows: not touching(rows)))
def test_what_is_rendered_is_read(rows: Rows) -> None:
    text = HEAD + "".join(row(*each) for each in rows)
    (table,) = parse(text, SOURCE).records
    assert [
        (str(p.prefix), p.next_hop, p.metric, p.local_preference, p.weight, p.as_path.text, p.origin)
        for p in table.paths
    ] == [(each[1], ip_address(each[2]), *each[3:]) for each in rows]


@settings(max_examples=100)
@given(st.lists(ROWS, min_size=1, max_size=4).filter(lambda rows: not touching(rows)), st.data())
def test_a_cut_never_shortens_a_neighbors_routes(rows: Rows, data: st.DataObject) -> None:
    body = HEAD + RD + "".join(row(*each) for each in rows) + f"\nTotal number of prefixes {len(rows)}"
    cut = data.draw(st.integers(0, len(body) - 1))
    whole = parse_neighbor_routes(body, SOURCE, neighbor=NEIGHBOR, view="received", vrf="30").records
    try:
        part = parse_neighbor_routes(body[:cut], SOURCE, neighbor=NEIGHBOR, view="received", vrf="30").records
    except ParseError:
        return
    assert part == whole


@settings(max_examples=100)
@given(st.lists(ROWS, min_size=2, max_size=4).filter(lambda rows: not touching(rows)), st.data())
def test_a_cut_inside_a_line_of_a_table_is_refused_or_loses_nothing_of_the_line(
    rows: Rows, data: st.DataObject
) -> None:
    rendered = [row(*each) for each in rows]
    body = HEAD + "".join(rendered)
    cut = data.draw(st.integers(len(HEAD), len(body)))
    (whole,) = parse(body, SOURCE).records
    try:
        (part,) = parse(body[:cut], SOURCE).records
    except ParseError:
        return
    assert part.paths == whole.paths[: len(part.paths)]
    edges = [len(HEAD + "".join(rendered[:n])) for n in range(1, len(rows) + 1)]
    assert any(not body[cut:edge].strip() or cut == edge for edge in edges) or not body[:cut].endswith("\n")


@settings(max_examples=200)
@given(ROWS.filter(lambda each: (each[4] or 0) < 10**7 and len(each[1]) < 17 and len(each[2]) < 16), st.data())
def test_a_lost_blank_never_moves_a_number_into_another_column(each: tuple, data: st.DataObject) -> None:  # type: ignore[type-arg]
    line = row(*each)
    blanks = [at for at, char in enumerate(line) if char == " " and at > 22]
    at = data.draw(st.sampled_from(blanks))
    whole = one(line)
    try:
        damaged = one(line[:at] + line[at + 1 :])
    except ParseError:
        return
    assert (damaged.metric, damaged.local_preference, damaged.weight) == (
        whole.metric,
        whole.local_preference,
        whole.weight,
    )


@settings(max_examples=100)
@given(st.lists(ROWS, min_size=1, max_size=4).filter(lambda rows: not touching(rows)), st.data())
def test_noise_between_the_lines_is_refused(rows: Rows, data: st.DataObject) -> None:
    lines = (HEAD + "".join(row(*each) for each in rows)).splitlines()
    at = data.draw(st.integers(0, len(lines)))
    noise = data.draw(st.sampled_from(["x", "ce1#", "% Error", "10.0.0.0/8", "  10.0.0.0 via", "*> i", "--More--"]))
    with pytest.raises(ParseError):
        parse("\n".join([*lines[:at], noise, *lines[at:]]), SOURCE)


@pytest.mark.parametrize("cell", ["007", "\u0663", "1\u0663", "-1", "1_0", str(2**32)])
def test_what_is_no_number_of_ios_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|out of range"):
        bgp_rows._number(f"  {cell}")
    assert (bgp_rows._number("   0"), bgp_rows._number(" 10"), bgp_rows._number("    ")) == (0, 10, None)
