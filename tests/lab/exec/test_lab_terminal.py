from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_azinterop.lab.exec.output import ERASE_MORE, MORE
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.exec.terminal import Terminal

PROMPT = "edge-router-with-a-long-name#"
CONFIG = "edge-router-with-a-l(config)#"


def typed(terminal: Terminal, line: str) -> str:
    """What a command prints: without its echo and without the prompt that follows."""
    text = terminal.feed(line + "\r").replace("\r\n", "\n")
    assert text.startswith(line + "\n")
    return text.removeprefix(line + "\n").removesuffix(PROMPT)


def test_every_character_is_echoed_as_it_is_typed(terminal: Terminal) -> None:
    assert [terminal.feed(char) for char in "show c"] == list("show c")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\0"])
def test_one_line_end_runs_one_command(terminal: Terminal, end: str) -> None:
    text = terminal.feed(f"show ip int br{end}") + terminal.feed(f"{end}")
    assert text == f"show ip int br\r\nbrief\r\n{PROMPT}\r\n{PROMPT}"


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        ("show clocc\bk", "show clock"),
        ("nonsense\x15show clock", "show clock"),
        ("show x clock\x17\x17clock", "show clock"),
        ("how clock\x01s", "show clock"),
        ("sho clock\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Dw", "show clock"),
        ("show clockwork\x02\x02\x02\x02\x0b", "show clock"),
        ("show clo\t", "show clock"),
        ("wrong\x03show clock", "show clock"),
    ],
)
def test_editing_keys(terminal: Terminal, watch: Any, keys: str, command: str) -> None:
    assert terminal.feed(keys + "\r").endswith(f"00:00:00.000 UTC Mon Nov 23 2026\r\n{PROMPT}")
    assert watch.lines[-1][1] == command


def test_the_last_command_comes_back_with_cursor_up(terminal: Terminal, watch: Any) -> None:
    terminal.feed("show clock\rshow inventory\r")
    terminal.feed("\x1b[A\x1b[A\r\x10\r")
    assert [line for line, _, _ in watch.lines] == ["show clock", "show inventory", "show clock", "show clock"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("show foo", " " * (len(PROMPT) + 5) + "^\n% Invalid input detected at '^' marker.\n\n"),
        ("show i", '% Ambiguous command:  "show i"\n'),
        ("show ip", "% Incomplete command.\n\n"),
        ("show", '% Type "show ?" for a list of subcommands\n'),
        ("ping", "% Incomplete command.\n\n"),
        ("show clock | incl", "% Incomplete command.\n\n"),
        ("show clock | find x", " " * (len(PROMPT) + 13) + "^\n% Invalid input detected at '^' marker.\n\n"),
        ("show clock | include (", "% Failed to compile regular expression.\n"),
    ],
)
def test_refusals_look_like_the_routers(terminal: Terminal, line: str, answer: str) -> None:
    assert typed(terminal, line) == answer


def test_an_unknown_word_is_taken_for_a_host(terminal: Terminal) -> None:
    assert "% Unknown command or computer name, or unable to find computer address\n" in typed(terminal, "nonsense")


@pytest.mark.parametrize(
    ("pipe", "lines"),
    [
        ("include 5$", ["line 5", "line 15", "line 25", "line 35", "line 45", "line 55"]),
        ("exclude [0-8]$", ["line 9", "line 19", "line 29", "line 39", "line 49", "line 59"]),
        ("begin ^line 59", ["line 59", "line 60"]),
        ("count 1", ["Number of lines which match regexp = 15"]),
        ("i line_6_", ["line 6"]),
        ('include "line 60"', ["line 60"]),
        ("include 58|59", ["line 58", "line 59"]),
    ],
)
def test_pipes(terminal: Terminal, pipe: str, lines: list[str]) -> None:
    assert typed(terminal, f"show lines | {pipe}").splitlines() == lines


@pytest.mark.parametrize(
    ("pipe", "lines"),
    [
        ("section bgp", ["router bgp 1", " neighbor a", "  deep a", " neighbor b"]),
        ("section ^ neighbor a", [" neighbor a", "  deep a"]),
        ("section include ospf", ["router ospf 1", " network a_b"]),
        ("section exclude router", ["!", "end"]),
        ("include network a_b", [" network a_b"]),
    ],
)
def test_sections_follow_indentation(terminal: Terminal, pipe: str, lines: list[str]) -> None:
    assert typed(terminal, f"show sections | {pipe}").splitlines() == lines


def test_a_long_answer_waits_for_a_key(terminal: Terminal, session: Session) -> None:
    session.length = 24
    first = terminal.feed("show lines\r")
    assert first.count("\r\n") == 1 + 23
    assert first.endswith("line 23\r\n" + MORE)
    assert terminal.feed("\r") == f"{ERASE_MORE}line 24\r\n{MORE}"
    assert terminal.feed(" ").count("\r\n") == 23
    assert terminal.feed("q") == ERASE_MORE + PROMPT


def test_no_paging_after_terminal_length_0(terminal: Terminal, session: Session) -> None:
    session.length = 24
    text = terminal.feed("terminal length 0\rshow lines\r")
    assert MORE not in text
    assert text.endswith(f"line 60\r\n{PROMPT}")


def test_enable_needs_the_secret(terminal: Terminal, session: Session, credentials: tuple[str, str, str]) -> None:
    session.privilege = 1
    assert terminal.feed("enable\r") == "enable\r\nPassword: "
    assert terminal.feed("wrong\r") == "\r\nPassword: "
    assert terminal.feed(f"{credentials[2]}\r") == f"\r\n{PROMPT}"


def test_three_wrong_secrets_end_enable(terminal: Terminal, session: Session) -> None:
    session.privilege = 1
    text = terminal.feed("enable\ra\rb\rc\r")
    assert text.endswith(f"% Bad secrets\r\n\r\n{PROMPT[:-1]}>")
    assert session.privilege == 1


def test_enable_without_a_secret_is_refused_over_the_network(terminal: Terminal, session: Session, view: Any) -> None:
    session.privilege, view.secret = 1, None
    assert terminal.feed("enable\r") == f"enable\r\n% No password set\r\n{PROMPT[:-1]}>"


def test_a_password_is_neither_echoed_nor_remembered(terminal: Terminal, session: Session, watch: Any) -> None:
    session.privilege = 1
    assert "hunter2" not in terminal.feed("enable\rhunter2\r\x03\x1b[A")
    assert all("hunter2" not in line for line, _, _ in watch.lines)


def test_the_configuration_is_hidden_below_level_15(terminal: Terminal, session: Session) -> None:
    session.privilege = 1
    text = terminal.feed("show running-config\r")
    assert "% Invalid input detected at '^' marker." in text
    session.privilege = 7
    text = terminal.feed("show running-config\r")
    assert "Current configuration" in text
    assert "hostname" not in text
    session.privilege = 15
    assert typed(terminal, "show running-config | include hostname") == "hostname edge-router-with-a-long-name\n"
    assert "% Invalid input" in typed(terminal, "show running-config nonsense")


def test_configuration_mode(terminal: Terminal, view: Any, watch: Any) -> None:
    text = terminal.feed("conf t\rinterface Tunnel30\rdo show clock\rdescription x\rexit\rexit\r").replace("\r\n", "\n")
    assert text == (
        "conf t\nEnter configuration commands, one per line.  End with CNTL/Z.\n"
        f"{CONFIG}interface Tunnel30\n"
        "edge-router-with-a-l(config-if)#do show clock\n00:00:00.000 UTC Mon Nov 23 2026\n"
        "edge-router-with-a-l(config-if)#description x\n"
        f"edge-router-with-a-l(config-if)#exit\n{CONFIG}exit\n{PROMPT}"
    )
    assert view.configured == ["interface Tunnel30", "description x", "exit"]
    assert ("interface Tunnel30", "interface Tunnel30", "config") in watch.lines


def test_an_error_in_configuration_mode_stands_below_its_word(terminal: Terminal) -> None:
    text = terminal.feed("conf t\rwrong\r").replace("\r\n", "\n")
    assert text.endswith(
        f"{CONFIG}wrong\n{' ' * (len(CONFIG) + 2)}^\n% Invalid input detected at '^' marker.\n\n{CONFIG}"
    )


def test_ctrl_z_runs_the_line_and_leaves(terminal: Terminal, view: Any) -> None:
    assert terminal.feed("conf t\rhostname x\x1a").endswith(f"^Z\r\n{PROMPT}")
    assert view.configured == ["hostname x"]


def test_ctrl_c_leaves_without_running_the_line(terminal: Terminal, view: Any) -> None:
    assert terminal.feed("conf t\rhostname x\x03").endswith(f"^C\r\n{PROMPT}")
    assert view.configured == []


def test_a_banner_of_several_lines_is_one_configuration_line(terminal: Terminal, view: Any) -> None:
    terminal.feed("conf t\rbanner motd #\rKeep out\r\rplease #\rend\r")
    assert view.configured == ["banner motd #\nKeep out\n\nplease #"]


def test_saving(terminal: Terminal, view: Any) -> None:
    assert typed(terminal, "wr") == "Building configuration...\n[OK]\n"
    assert terminal.feed("copy run start\r").endswith("Destination filename [startup-config]? ")
    assert terminal.feed("\r") == f"\r\nBuilding configuration...\r\n[OK]\r\n{PROMPT}"
    assert view.calls == [("write", "netops"), ("write", "netops")]


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("clear ip bgp vrf 30 10.0.0.2 soft in", ("30", "10.0.0.2", "in", False)),
        ("clear ip bgp * ", (None, "None", None, True)),
        ("clear ip bgp 10.0.0.2 out", (None, "10.0.0.2", "out", False)),
        ("clear bgp vpnv4 unicast vrf 30 * soft", ("30", "None", "both", False)),
        ("clear ip bgp vrf 30 65010 soft", ("30", "10.0.0.2", "both", False)),
    ],
)
def test_clearing_bgp(terminal: Terminal, view: Any, line: str, call: tuple[object, ...]) -> None:
    assert typed(terminal, line) == ""
    assert view.calls == [("clear bgp", *call)]


@pytest.mark.parametrize(("key", "cleared"), [("\r", True), ("y", True), ("n", False), ("\x03", False)])
def test_clearing_counters_asks_first(terminal: Terminal, view: Any, key: str, cleared: bool) -> None:
    assert terminal.feed("clear counters tu30\r").endswith(
        'Clear "show interface" counters on this interface [confirm]'
    )
    assert terminal.feed(key) == f"\r\n{PROMPT}"
    assert view.calls == ([("clear counters", "Tunnel30")] if cleared else [])


def test_ping_in_any_order_of_its_options(terminal: Terminal, view: Any) -> None:
    text = typed(terminal, "ping vrf 30 10.0.0.9 repeat 75 source tun 30 size 1400 df-bit timeout 1")
    request = view.calls[0][1]
    assert (request.vrf, request.source, request.size, request.df_bit, request.timeout) == (
        "30",
        "Tunnel30",
        1400,
        True,
        1.0,
    )
    assert text.splitlines()[:4] == [
        "Type escape sequence to abort.",
        "Sending 75, 1400-byte ICMP Echos to 10.0.0.9, timeout is 1 seconds:",
        "Packet sent with a source address of 10.0.0.1 ",
        "Packet sent with the DF bit set",
    ]
    assert text.splitlines()[-1] == "Success rate is 80 percent (60/75), round-trip min/avg/max = 2/2/2 ms"
    assert [len(line) for line in text.splitlines()[4:6]] == [70, 5]


def test_traceroute_with_options(terminal: Terminal, view: Any) -> None:
    text = typed(terminal, "traceroute vrf 30 10.0.0.9 source 10.0.0.1 ttl 0 4 timeout 2")
    request = view.calls[0][1]
    assert (request.min_ttl, request.max_ttl, request.timeout, request.source) == (1, 4, 2.0, "10.0.0.1")
    assert text.splitlines() == [
        "Type escape sequence to abort.",
        "Tracing the route to 10.0.0.9",
        "VRF info: (vrf in name/id, vrf out name/id)",
        "  1 10.0.0.2 1 msec 12 msec *",
        "  2 * * *",
        "  3 10.0.0.3 !H * !H",
    ]


@pytest.mark.parametrize(
    "line", ["ping 10.0.0.9 size 5", "ping 10.0.0.9 sze 1", "ping 10.0.0.9 repeat", "trace 10.0.0.9 ttl 1"]
)
def test_a_bad_option_of_ping_is_refused(terminal: Terminal, view: Any, line: str) -> None:
    assert typed(terminal, line).split("%")[1][:10] in {" Invalid i", " Incomplet"}
    assert view.calls == []


def test_a_denied_command_does_not_run(terminal: Terminal, watch: Any, view: Any) -> None:
    watch.denied = {"write", "clear counters"}
    assert typed(terminal, "wr") == "Command authorization failed.\n\n"
    assert view.calls == []


def test_the_connection_drops_after_the_output_without_a_prompt(terminal: Terminal, watch: Any) -> None:
    watch.limit = 1
    assert terminal.feed("show clock\rshow clock\r") == "show clock\r\n00:00:00.000 UTC Mon Nov 23 2026\r\n"
    assert terminal.closed


@pytest.mark.parametrize("word", ["exit", "logout", "quit", "\x04"])
def test_leaving(terminal: Terminal, word: str) -> None:
    terminal.feed(word + ("\r" if word.isalpha() else ""))
    assert terminal.closed


def test_a_single_command_has_no_prompt_and_no_pager(terminal: Terminal, session: Session) -> None:
    session.length = 24
    assert terminal.run("show lines").count("\r\n") == 60
    assert terminal.closed


@given(keys=st.text(st.sampled_from("shcontfiexdlrv \r\n\t\b?|\x01\x03\x04\x05\x15\x1a\x1b[AD5q\x7f#é0"), max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_keystrokes_break_the_terminal(commands: Any, watch: Any, view: Any, keys: str) -> None:
    terminal = Terminal(Session(view, "ann", 15, "vty0"), commands, watch)
    text = terminal.start() + terminal.feed(keys)
    assert "\n" not in text.replace("\r\n", "")
    if not terminal.closed:
        assert PROMPT[:-1] in terminal.feed("q\x03\x03")


def test_a_question_mark_in_configuration_mode_leaves_the_line_as_it_was(terminal: Terminal) -> None:
    terminal.feed("configure terminal\r")
    terminal.feed("hostname ")
    shown = terminal.feed("?")
    assert "not simulated in configuration mode" in shown
    assert shown.endswith(f"{CONFIG}hostname ")
