"""Routers that make a session hard, one way at a time, and what must come of it."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
from iosxe.driver.fake_router import CLOSE, DENIED, HANG, RENAME, FakeRouter

from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.iosxe.secret import Secret

CLOCK = b"12:00:00.000 UTC Mon Nov 23 2026\r\n"
PRIVILEGE = b"Current privilege level is 15\r\n"
USER, PASSWORD, ENABLE = "netops", "right-horse-battery", "an-enable-secret"
LIMITS = {"connect_deadline": 1.0, "login_deadline": 2.0, "command_deadline": 1.5, "router_deadline": 4.0}
LONG_NAME = "edge-router-of-the-second-site-with-a-name-of-sixty-letters1"
LOOKALIKES = b"\r\n*** keep out of core-7#\r\nce1-loc1#\r\nUsername:\r\nPassword: \r\n*** or else >\r\n"
SYSLOG = b"*Nov 23 12:00:00.123: %BGP-5-ADJCHANGE: neighbor 192.0.2.1 vpn vrf 30 Up \r\n"


@dataclass
class Target:
    """A router as the inventory names it. `files`: further files of the inventory by name."""

    port: int | None
    hostname: str = "127.0.0.1"
    known_hosts: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    enable: str | None = None
    password: str = PASSWORD
    files: dict[str, str] = field(default_factory=dict)


Start = Callable[[Path], AbstractContextManager[Target]]


@dataclass(frozen=True)
class Case:
    """`cause` None: the facts are read. `says`: words of the message. `bound`: the deadline that ends it."""

    name: str
    start: Start
    cause: str | None = None
    says: str = ""
    bound: str = "connect_deadline"
    logins: int = 1


def router(changes: Callable[[FakeRouter], object] | None = None, **target: Any) -> Start:
    """A router that behaves except for `changes`."""

    @contextmanager
    def start(folder: Path) -> Iterator[Target]:
        fake = FakeRouter(
            username=USER, password=PASSWORD, answers={"show clock": [CLOCK], "show privilege": [PRIVILEGE]}
        )
        if changes is not None:
            changes(fake)
        with fake:
            yield Target(fake.port, **{"known_hosts": fake.known_hosts(folder).read_text(), **target})

    return start


def setting(**attributes: Any) -> Callable[[FakeRouter], object]:
    """Attributes of the fake router."""

    def change(fake: FakeRouter) -> None:
        for name, value in attributes.items():
            setattr(fake, name, value)

    return change


def answering(*steps: Any, **attributes: Any) -> Callable[[FakeRouter], object]:
    """What `show clock` brings."""

    def change(fake: FakeRouter) -> None:
        fake.answers["show clock"] = list(steps)
        setting(**attributes)(fake)

    return change


def tcp(words: bytes = b"", *, close: bool = False, listen: bool = True) -> Start:
    """A port where no SSH is spoken to its end."""

    @contextmanager
    def start(folder: Path) -> Iterator[Target]:
        del folder
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            if not listen:
                yield Target(port)
                return
            server.listen()
            accepted: list[socket.socket] = []

            def accept() -> None:
                with contextlib.suppress(OSError):
                    connection, _ = server.accept()
                    accepted.append(connection)
                    connection.sendall(words)
                    if close:
                        connection.shutdown(socket.SHUT_WR)

            thread = threading.Thread(target=accept)
            thread.start()
            yield Target(port)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in accepted:
                connection.close()

    return start


def another_key(kind: str) -> Start:
    """A known_hosts file with another key than the router's."""

    @contextmanager
    def start(folder: Path) -> Iterator[Target]:
        with router()(folder) as target:
            public = asyncssh.generate_private_key(kind).export_public_key().decode().strip()
            target.known_hosts = f"[127.0.0.1]:{target.port} {public}\n"
            yield target

    return start


def old(fake: FakeRouter) -> None:
    """What IOS 15 offers: SHA-1 for the key exchange and for the host key."""
    fake.key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    fake.key.sig_algorithms = (b"ssh-rsa",)
    fake.server = {"kex_algs": ["diffie-hellman-group14-sha1"]}


class _JumpLogin(asyncssh.SSHServer):
    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True


def behind_a_jump_host(*, authorised: bool = True, listens: bool = True) -> Start:
    """A router that the user's ssh_config reaches by ProxyJump: an SSH server that forwards."""

    @contextmanager
    def start(folder: Path) -> Iterator[Target]:
        with ExitStack() as stack:
            target = stack.enter_context(router()(folder))
            user_key = asyncssh.generate_private_key("ssh-ed25519")
            user_key.write_private_key(folder / "id_jump", "openssh")
            (folder / "id_jump").chmod(0o600)
            accepted = user_key if authorised else asyncssh.generate_private_key("ssh-ed25519")
            host_key = asyncssh.generate_private_key("ssh-ed25519")
            port = stack.enter_context(_jump_host(host_key, accepted)) if listens else 1
            public = host_key.export_public_key().decode().strip()
            (folder / "known_jump").write_text(f"[127.0.0.1]:{port} {public}\n")
            config = folder / "ssh_config"
            config.write_text(
                f"Host edge\n HostName 127.0.0.1\n Port {target.port}\n ProxyJump jump@127.0.0.1:{port}\n"
                f"Host *\n IdentityFile {folder / 'id_jump'}\n IdentitiesOnly yes\n IdentityAgent none\n"
                f" UserKnownHostsFile {folder / 'known_jump'}\n GlobalKnownHostsFile none\n"
            )
            yield _by_name(target, config)

    return start


@contextmanager
def _jump_host(host_key: asyncssh.SSHKey, user_key: asyncssh.SSHKey) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    authorised = asyncssh.import_authorized_keys(user_key.export_public_key().decode())

    async def listen() -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_JumpLogin,
            server_host_keys=[host_key],
            authorized_client_keys=authorised,
            password_auth=False,
            kbdint_auth=False,
        )

    async def stop(server: Any) -> None:
        server.close()
        await server.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait(tasks, timeout=2) if tasks else None

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


# Carries bytes between its own input and output and a port of this machine.
_RELAY = """
import socket, sys, threading
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def outward():
    while data := peer.recv(65536):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    import os; os._exit(0)
threading.Thread(target=outward, daemon=True).start()
while data := sys.stdin.buffer.read1(65536):
    peer.sendall(data)
"""


def behind_a_command(command: str | None = None) -> Start:
    """A router that the user's ssh_config reaches by ProxyCommand."""

    @contextmanager
    def start(folder: Path) -> Iterator[Target]:
        with router()(folder) as target:
            (folder / "relay.py").write_text(_RELAY)
            relay = shlex.join([sys.executable, str(folder / "relay.py")]) + " %h %p"
            config = folder / "ssh_config"
            config.write_text(
                f"Host edge\n HostName 127.0.0.1\n Port {target.port}\n ProxyCommand {command or relay}\n"
            )
            yield _by_name(target, config)

    return start


def _by_name(target: Target, config: Path) -> Target:
    return Target(
        None,
        hostname="edge",
        known_hosts=target.known_hosts,
        files={"nornir.yaml": f"ssh:\n  config_file: {config}\n"},
    )


def credentials(target: Target) -> Credentials:
    """The login of a case."""
    return Credentials(USER, Secret(target.password), None if target.enable is None else Secret(target.enable))


LOW = {"privileged": False, "enable": ENABLE}
_ANSI = b"\x1b[?25l\x00\x00" + CLOCK[:9] + b"X\b\x07\x00" + CLOCK[9:]

CASES = (
    Case("MOTD with look-alikes of a prompt and of a login", router(setting(banner=LOOKALIKES))),
    Case("hostname of 60 characters", router(setting(hostname=LONG_NAME))),
    Case("`enable` with its password", router(setting(**LOW), enable=ENABLE)),
    Case("`enable` without a password", router(setting(privileged=False, enable=None), enable="")),
    Case(
        "`enable` with a wrong password",
        router(setting(**LOW), enable="wrong"),
        "enable-refused",
        "tried once",
        "login_deadline",
    ),
    Case(
        "`enable` asks for a password that is not set",
        router(setting(**LOW), enable=""),
        "enable-refused",
        "AZINTEROP_ENABLE",
        "login_deadline",
    ),
    Case("command authorisation refuses", router(answering(DENIED)), "not-authorised", "authorization failed"),
    Case("command authorisation takes 150 ms a command", router(setting(delay=0.15))),
    Case(
        "`terminal length 0` refused: pages are turned",
        router(answering(b"\r\n" * 60, CLOCK, refuse={"terminal length 0"}, refusal=DENIED)),
    ),
    Case(
        "`terminal width` refused",
        router(setting(refuse={"terminal width 0", "terminal width 511"}, refusal=DENIED)),
        "rejected",
        "authorise `terminal width`",
    ),
    Case("old SSH algorithms only", router(old), "ssh-algorithms", "legacy_ssh", logins=0),
    Case("old SSH algorithms only, allowed", router(old, data={"legacy_ssh": True})),
    Case("keyboard-interactive login", router(setting(keyboard_interactive=True))),
    Case(
        "keyboard-interactive asks for a second factor",
        router(setting(keyboard_interactive=True, questions=("Password: ", "Token code: "))),
        "login-refused",
        "'Token code:'",
    ),
    Case(
        "keyboard-interactive asks for the password twice",
        router(setting(keyboard_interactive=True, questions=("Password: ", "Password: "))),
        "login-refused",
        "asks for more than the password",
    ),
    Case(
        "wrong password",
        router(password="wrong"),
        "login-refused",
        "tried once",
    ),
    Case(
        "VTY line asks for a login again",
        router(setting(banner=b"\r\nUser Access Verification\r\n\r\nUsername: ", silent_at="banner")),
        "login-refused",
        "VTY lines",
        "login_deadline",
    ),
    Case("jump host by ProxyJump", behind_a_jump_host(), bound="login_deadline"),
    Case(
        "jump host refuses the user",
        behind_a_jump_host(authorised=False),
        "jump-host",
        "Permission denied",
        "login_deadline",
        logins=0,
    ),
    Case(
        "jump host is down",
        behind_a_jump_host(listens=False),
        "jump-host",
        "127.0.0.1",
        "login_deadline",
        logins=0,
    ),
    Case("jump host by ProxyCommand", behind_a_command()),
    Case(
        "ProxyCommand does not exist",
        behind_a_command("no-such-command-here %h %p"),
        "jump-host",
        "not found",
        logins=0,
    ),
    Case(
        "ProxyCommand stays silent",
        behind_a_command("sleep 60"),
        "unreachable",
        "did not speak SSH",
        "login_deadline",
        logins=0,
    ),
    Case("nobody listens", tcp(listen=False), "unreachable", "refused the connection", logins=0),
    Case("all VTY lines busy: closed after TCP accept", tcp(close=True), "unreachable", "all its VTY lines", logins=0),
    Case(
        "all VTY lines busy: `% Connection refused by remote host`",
        tcp(b"% Connection refused by remote host\r\n", close=True),
        "unreachable",
        "'% Connection refused by remote host'",
        logins=0,
    ),
    Case("silent after TCP accept", tcp(), "unreachable", "did not speak SSH", "login_deadline", logins=0),
    Case(
        "silent after its SSH version",
        tcp(b"SSH-2.0-Cisco-1.25\r\n"),
        "timeout",
        "key exchange",
        "login_deadline",
        logins=0,
    ),
    Case(
        "speaks SSH version 1 only",
        tcp(b"SSH-1.5-Cisco-1.25\r\n"),
        "ssh-algorithms",
        "ip ssh version 2",
        logins=0,
    ),
    Case(
        "silent at the login",
        router(setting(silent_at="login")),
        "timeout",
        "AAA",
        "login_deadline",
    ),
    Case(
        "silent after the login",
        router(setting(silent_at="session")),
        "timeout",
        "opened no session",
        "login_deadline",
    ),
    Case("no prompt", router(setting(silent_at="prompt")), "timeout", "showed no prompt", "login_deadline"),
    Case("silent after a command", router(answering(HANG)), "timeout", "within 1.5 s", "command_deadline"),
    Case("session closed in mid-answer", router(answering(b"12:00", CLOSE)), "cut-off", "closed the session"),
    Case(
        "300 bytes/s, too slow for the deadline",
        router(answering(b" \r\n" * 1000 + CLOCK, rate=300)),
        "timeout",
        "larger command_deadline",
        "command_deadline",
    ),
    Case("300 bytes/s, slow enough deadline", router(setting(rate=300))),
    Case(
        "hostname changed during the session",
        router(answering(CLOCK, RENAME)),
        "timeout",
        "was the hostname changed",
        "command_deadline",
    ),
    Case("changed host key", another_key("ssh-ed25519"), "host-key", "is not the known one", logins=0),
    Case(
        "known host key of another type",
        another_key("ecdsa-sha2-nistp256"),
        "host-key",
        "ecdsa-sha2-nistp256",
        logins=0,
    ),
    Case("unknown host key", router(known_hosts=""), "host-key", "is not known", logins=0),
    Case("IPv6 address", router(setting(address="::1"), hostname="::1")),
    Case("NUL, ANSI sequences and backspaces in the answer", router(answering(_ANSI))),
    Case("log messages within the answer", router(answering(SYSLOG, CLOCK, SYSLOG))),
    Case("10 MB in one line", router(answering(b"x" * 10_000_000 + b"\r\n")), "not-understood", "clock"),
)
