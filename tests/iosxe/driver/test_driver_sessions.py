"""Sessions with a router that misbehaves in one way at a time."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
from iosxe.driver.fake_router import CLOSE, DENIED, HANG, PAGE, WAIT, FakeRouter

from pytest_azinterop.errors import CommandFailedError, ConnectionFailedError, NotAllowedError
from pytest_azinterop.iosxe.answer import clean
from pytest_azinterop.iosxe.connection import IosXeConnection
from pytest_azinterop.iosxe.driver import IosXeDriver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = b"12:00:00.000 UTC Mon Nov 23 2026\r\n"


@pytest.fixture
def router() -> Iterator[FakeRouter]:
    with FakeRouter(answers={"show clock": [CLOCK], "show privilege": [b"Current privilege level is 15\r\n"]}) as fake:
        yield fake


def driver(router: FakeRouter, folder: Path, password: str | None = None, **optional: Any) -> IosXeDriver:
    options = {
        "port": router.port,
        "name": router.hostname,
        "alt_key_file": str(router.known_hosts(folder)),
        "system_host_keys": False,
        **optional,
    }
    return IosXeDriver("127.0.0.1", router.username, password or router.password, optional_args=options)


def ask(router: FakeRouter, folder: Path, *commands: str, deadline: float = 10.0, **optional: Any) -> list[str]:
    device = driver(router, folder, **optional)
    device.open()
    try:
        answers = [device.ask(command, deadline) for command in commands]
    finally:
        device.close()
    return answers


def test_an_answer_is_what_stands_between_echo_and_prompt(router: FakeRouter, tmp_path: Path) -> None:
    assert ask(router, tmp_path, "show clock", "show privilege") == [
        CLOCK.decode(),
        "Current privilege level is 15\r\n",
    ]
    assert router.commands == ["terminal length 0", "terminal width 0", "show clock", "show privilege"]
    assert len(router.attempts) == 1


def test_a_session_leaves_no_thread_behind(router: FakeRouter, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    ask(router, tmp_path, "show clock")
    assert set(threading.enumerate()) == before


def test_a_banner_that_ends_like_a_prompt_is_not_the_prompt(router: FakeRouter, tmp_path: Path) -> None:
    router.banner = b"\r\n*** keep out of core-7#\r\n*** or else >\r\n other-router#"
    assert ask(router, tmp_path, "show clock") == [CLOCK.decode()]


@pytest.mark.parametrize("hostname", ["R", "a-host-name-that-is-longer-than-twenty-characters", "ce.1_x", "ce1(test)"])
def test_any_hostname_makes_a_prompt(router: FakeRouter, tmp_path: Path, hostname: str) -> None:
    router.hostname = hostname
    assert ask(router, tmp_path, "show clock") == [CLOCK.decode()]


def test_a_prompt_inside_an_answer_does_not_end_it(router: FakeRouter, tmp_path: Path) -> None:
    text = b"one\r\nce1-loc1#show version\r\nce1-loc1#\r\ntwo\r\n"
    router.answers["show hosts"] = [text]
    assert ask(router, tmp_path, "show hosts", "show clock") == [text.decode(), CLOCK.decode()]


def test_an_answer_that_goes_on_after_a_pause_at_a_prompt_is_completed(router: FakeRouter, tmp_path: Path) -> None:
    router.answers["show hosts"] = [b"one\r\nce1-loc1#", WAIT, b" two\r\nthree\r\n"]
    device = driver(router, tmp_path)
    device.open()
    assert device.ask("show hosts", 10) == "one\r\n"
    assert device.take_amendment() is None
    assert device.ask("show clock", 10) == CLOCK.decode()
    assert device.take_amendment() == "one\r\nce1-loc1# two\r\nthree\r\n"
    assert device.take_amendment() is None
    device.close()


def test_the_last_answer_is_completed_before_the_session_ends(router: FakeRouter, tmp_path: Path) -> None:
    router.answers["show hosts"] = [b"one\r\nce1-loc1#", WAIT, b" two\r\n"]
    device = driver(router, tmp_path)
    device.open()
    device.ask("show clock", 10)
    device.settle(10)
    assert device.take_amendment() is None
    device.ask("show hosts", 10)
    device.settle(10)
    assert device.take_amendment() == "one\r\nce1-loc1# two\r\n"
    device.close()


@pytest.mark.parametrize(
    "message",
    [
        b"\r\n*Nov 23 12:00:00.123: %BGP-5-ADJCHANGE: neighbor 192.0.2.1 Up\r\n",
        b"\r\n000123: Nov 23 12:00:00.123 UTC: %SYS-5-CONFIG_I: Configured\r\n000124: %LINK-3-UPDOWN: x\r\n",
        b"\r\n\r\n\r\n***\r\n*** --- SHUTDOWN in 0:05:00 ---\r\n***\r\n",
    ],
)
def test_a_message_behind_the_prompt_disturbs_nothing(router: FakeRouter, tmp_path: Path, message: bytes) -> None:
    router.chatter = dict.fromkeys(("terminal width 0", "show clock", "show privilege"), message)
    device = driver(router, tmp_path)
    device.open()
    assert device.ask("show clock", 5) == CLOCK.decode()
    assert device.ask("show privilege", 5) == "Current privilege level is 15\r\n"
    device.settle(5)
    assert device.take_amendment() is None
    device.close()
    assert router.commands == ["terminal length 0", "terminal width 0", "show clock", "show privilege"]


def test_pages_are_turned_although_paging_was_switched_off(router: FakeRouter, tmp_path: Path) -> None:
    router.answers["show hosts"] = [b"one\r\n", PAGE, b"two\r\n", PAGE, b"three\r\n"]
    (text, after) = ask(router, tmp_path, "show hosts", "show clock")
    for word in ("one", "two", "three"):
        assert word in text
    assert after == CLOCK.decode()


def test_a_router_that_refuses_width_0_gets_511(router: FakeRouter, tmp_path: Path) -> None:
    router.refuse = {"terminal width 0"}
    assert ask(router, tmp_path, "show clock") == [CLOCK.decode()]
    assert router.commands[:3] == ["terminal length 0", "terminal width 0", "terminal width 511"]


def test_every_page_is_turned_where_paging_cannot_be_switched_off(router: FakeRouter, tmp_path: Path) -> None:
    router.refuse = {"terminal length 0"}
    router.refusal = DENIED
    lines = [f"line {number} of many" for number in range(100)]
    router.answers["show hosts"] = ["\r\n".join([*lines, ""]).encode()]
    text, after = ask(router, tmp_path, "show hosts", "show clock")
    assert text.count("--More--") == 4
    assert clean(text).split("\n") == [*lines, ""]
    assert after == CLOCK.decode()


def test_a_router_whose_width_cannot_be_set_is_not_asked(router: FakeRouter, tmp_path: Path) -> None:
    router.refuse = {"terminal width 0", "terminal width 511"}
    router.refusal = DENIED
    with pytest.raises(ConnectionFailedError) as caught:
        ask(router, tmp_path, "show clock")
    assert caught.value.cause == "rejected"
    assert "terminal width" in str(caught.value)
    assert "show clock" not in router.commands


@pytest.mark.parametrize(
    ("steps", "cause"),
    [
        ([b"12:00:", HANG], "timeout"),
        ([HANG], "timeout"),
        ([b"12:00:", CLOSE], "cut-off"),
        ([CLOSE], "cut-off"),
        ([b"text\r\nce1-loc2#", HANG], "timeout"),
        ([b"text ce1-loc1#", HANG], "timeout"),
    ],
    ids=["silent in mid-answer", "silent", "closed in mid-answer", "closed", "foreign prompt", "prompt in mid-line"],
)
def test_an_answer_without_end_is_an_error_and_ends_the_session(
    router: FakeRouter, tmp_path: Path, steps: list[Any], cause: str
) -> None:
    router.answers["show hosts"] = steps
    device = driver(router, tmp_path)
    device.open()
    with pytest.raises(CommandFailedError) as caught:
        device.ask("show hosts", 0.2)
    assert (caught.value.cause, caught.value.host, caught.value.command) == (cause, "ce1-loc1", "show hosts")
    assert device.is_alive() == {"is_alive": False}
    with pytest.raises(CommandFailedError):
        device.ask("show clock", 0.2)
    assert "show clock" not in router.commands
    device.close()


def test_what_can_change_the_router_is_not_sent(router: FakeRouter, tmp_path: Path) -> None:
    for command in ("configure terminal", "clear ip bgp *", "show clock\nreload", "show version | redirect x"):
        with pytest.raises(NotAllowedError):
            ask(router, tmp_path, command)
    assert set(router.commands) == {"terminal length 0", "terminal width 0"}


def test_a_refused_login_is_tried_once(router: FakeRouter, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        driver(router, tmp_path, "a-wrong-password").open()
    assert caught.value.cause == "login-refused"
    assert router.attempts == [("netops", "a-wrong-password")]


@pytest.mark.parametrize("right", [True, False])
def test_keyboard_interactive_is_answered_once(router: FakeRouter, tmp_path: Path, right: bool) -> None:
    router.keyboard_interactive = True
    if right:
        assert ask(router, tmp_path, "show clock") == [CLOCK.decode()]
    else:
        with pytest.raises(ConnectionFailedError) as caught:
            driver(router, tmp_path, "a-wrong-password").open()
        assert caught.value.cause == "login-refused"
    assert len(router.attempts) == 1


@pytest.mark.parametrize("right", [True, False])
def test_a_key_is_used_where_one_is_named(router: FakeRouter, tmp_path: Path, right: bool) -> None:
    router.client_key = asyncssh.generate_private_key("ssh-ed25519")
    used = router.client_key if right else asyncssh.generate_private_key("ssh-ed25519")
    used.write_private_key(tmp_path / "id", "openssh")
    options = {
        "port": router.port,
        "alt_key_file": str(router.known_hosts(tmp_path)),
        "key_file": str(tmp_path / "id"),
    }
    device = IosXeDriver("127.0.0.1", router.username, "", optional_args=options)
    if right:
        device.open()
        assert device.ask("show clock", 10) == CLOCK.decode()
        device.close()
    else:
        with pytest.raises(ConnectionFailedError) as caught:
            device.open()
        assert caught.value.cause == "login-refused"
    assert {word for _, word in router.attempts} == {"key"}


def test_nornir_finds_the_connection_by_its_name() -> None:
    (found,) = entry_points(group="nornir.plugins.connections", name="azinterop_iosxe")
    assert found.load() is IosXeConnection


def test_an_unknown_host_key_gets_no_password(router: FakeRouter, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        driver(router, tmp_path, alt_key_file=str(tmp_path / "none")).open()
    assert caught.value.cause == "host-key"
    assert "SHA256:" in str(caught.value)
    assert router.attempts == []


def test_a_changed_host_key_gets_no_password(router: FakeRouter, tmp_path: Path) -> None:
    other = router.known_hosts(tmp_path, asyncssh.generate_private_key("ssh-ed25519"))
    device = driver(router, tmp_path)
    other.write_text(router.known_hosts(tmp_path, asyncssh.generate_private_key("ssh-ed25519")).read_text())
    with pytest.raises(ConnectionFailedError) as caught:
        device.open()
    assert caught.value.cause == "host-key"
    assert router.attempts == []


def test_nobody_listens(router: FakeRouter, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(ConnectionFailedError) as caught:
            driver(router, tmp_path, port=port).open()
    assert caught.value.cause == "unreachable"


def test_somebody_listens_but_says_nothing(router: FakeRouter, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        before = set(threading.enumerate())
        with pytest.raises(ConnectionFailedError) as caught:
            driver(router, tmp_path, port=silent.getsockname()[1], login_deadline=0.2).open()
    assert caught.value.cause == "unreachable"
    assert set(threading.enumerate()) == before


def test_enable_where_a_secret_is_given(router: FakeRouter, tmp_path: Path) -> None:
    router.privileged, router.enable = False, "an-enable-secret"
    assert ask(router, tmp_path, "show clock", secret="an-enable-secret") == [CLOCK.decode()]
    assert "enable" in router.commands


def test_no_enable_where_no_secret_is_given(router: FakeRouter, tmp_path: Path) -> None:
    router.privileged, router.enable = False, "an-enable-secret"
    assert ask(router, tmp_path, "show clock") == [CLOCK.decode()]
    assert "enable" not in router.commands


def test_a_refused_enable_secret_is_tried_once(router: FakeRouter, tmp_path: Path) -> None:
    router.privileged, router.enable = False, "an-enable-secret"
    with pytest.raises(ConnectionFailedError) as caught:
        driver(router, tmp_path, secret="a-wrong-secret").open()
    assert caught.value.cause == "enable-refused"
    assert [name for name, _ in router.attempts].count("enable") == 1


def test_a_large_answer_arrives_whole(router: FakeRouter, tmp_path: Path) -> None:
    text = b"".join(b" *>   10.%d.%d.0/24  192.0.2.1  0 200 0 12076 i\r\n" % (i // 250, i % 250) for i in range(20_000))
    router.answers["show hosts"] = [text]
    assert ask(router, tmp_path, "show hosts") == [text.decode()]


def test_napalm_getters_work_over_it(router: FakeRouter, tmp_path: Path) -> None:
    router.answers["show ip interface brief"] = [b"Interface  IP-Address\r\n"]
    device = driver(router, tmp_path)
    device.open()
    assert device.cli(["show clock"]) == {"show clock": CLOCK.decode().strip()}
    device.close()


def test_no_secret_in_any_failure_or_log(router: FakeRouter, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    planted, planted_enable = "planted-pass-0451", "planted-enable-0451"
    router.privileged, router.enable = False, "an-enable-secret"
    shown: list[str] = []

    def failing(**optional: Any) -> None:
        try:
            device = driver(router, tmp_path, planted, secret=planted_enable, **optional)
            shown.extend([repr(device.login), str(device.login)])
            device.open()
        except ConnectionFailedError as error:
            shown.extend([str(error), repr(error), "".join(traceback.format_exception(error))])
            frame = error.__traceback__
            while frame is not None:
                if "pytest_azinterop" in frame.tb_frame.f_code.co_filename:
                    shown.extend(repr(value) for value in frame.tb_frame.f_locals.values())
                frame = frame.tb_next

    def through_nornir() -> None:
        try:
            IosXeConnection().open(
                "127.0.0.1", "netops", planted, router.port, None, {"optional_args": {"secret": planted_enable}}
            )
        except ConnectionFailedError as error:
            frame = error.__traceback__
            while frame is not None:
                if frame.tb_frame.f_code.co_filename.endswith("connection.py"):
                    shown.extend(repr(value) for value in frame.tb_frame.f_locals.values())
                frame = frame.tb_next

    through_nornir()
    assert shown
    failing()
    router.password = planted
    failing()
    failing(port=1)
    failing(alt_key_file=str(tmp_path / "none"))
    text = "\n".join([*shown, caplog.text])
    assert len(shown) > 12
    assert planted not in text
    assert planted_enable not in text
