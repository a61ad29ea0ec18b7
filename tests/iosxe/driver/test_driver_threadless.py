"""SSH that is read by whoever waits: what comes between answers, and what ends a wait."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import paramiko
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from iosxe.driver.fake_router import HANG, FakeRouter
from iosxe.driver.test_driver_sessions import CLOCK, ask, driver, router

from pytest_azinterop.errors import CommandFailedError
from pytest_azinterop.iosxe.packets import Packets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["router"]
TABLE = b"".join(b" *>   10.%d.%d.0/24  192.0.2.1  0 200 0 12076 i\r\n" % (i // 250, i % 250) for i in range(2_000))


def soon(fake: FakeRouter, what: Callable[[Any], object], every: float | None = None) -> None:
    """Do something with the router's side of the connection, once or again and again."""
    loop = fake._loop

    def act() -> None:
        if fake.connections and not fake.connections[-1].is_closed():
            what(fake.connections[-1])
            if every is not None:
                loop.call_later(every, act)

    loop.call_soon_threadsafe(act)


def test_a_session_has_no_thread(router: FakeRouter, tmp_path: Path) -> None:
    before = threading.active_count()
    device = driver(router, tmp_path)
    device.open()
    device.ask("show clock", 10.0)
    assert threading.active_count() == before
    device.close()


def test_the_router_changes_its_keys_in_mid_answer(tmp_path: Path) -> None:
    with FakeRouter(answers={"show hosts": [TABLE]}, server={"rekey_bytes": 20_000}) as fake:
        assert ask(fake, tmp_path, "show hosts", "show hosts") == [TABLE.decode()] * 2
        assert fake.connections[-1]._rekey_bytes == 20_000


def test_keys_are_changed_after_many_packets(
    router: FakeRouter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Packets, "REKEY_PACKETS", 10)
    asked: list[object] = []
    init = Packets._trigger_rekey
    monkeypatch.setattr(Packets, "_trigger_rekey", lambda self: (asked.append(self), init(self)))
    assert ask(router, tmp_path, *["show clock"] * 30) == [CLOCK.decode()] * 30
    assert len(asked) > 3


def test_packets_without_meaning_put_no_deadline_off(router: FakeRouter, tmp_path: Path) -> None:
    router.answers["show hosts"] = [HANG]
    device = driver(router, tmp_path)
    device.open()
    soon(router, lambda connection: [connection.send_debug("nothing") for _ in range(50)], every=0.001)
    began = time.monotonic()
    with pytest.raises(CommandFailedError) as caught:
        device.ask("show hosts", 0.3)
    assert caught.value.cause == "timeout"
    assert time.monotonic() - began < 5
    device.close()


def test_a_session_that_the_router_ended_while_nobody_waited_is_not_open(router: FakeRouter, tmp_path: Path) -> None:
    device = driver(router, tmp_path)
    device.open()
    closed = threading.Event()

    def close(connection: Any) -> None:
        connection.disconnect(11, "administratively")
        asyncio.ensure_future(connection.wait_closed()).add_done_callback(lambda _: closed.set())

    soon(router, close)
    assert closed.wait(10)
    assert not device.is_open
    with pytest.raises(CommandFailedError) as caught:
        device.ask("show clock", 10.0)
    assert caught.value.cause == "cut-off"
    assert "show clock" not in router.commands
    device.close()


def test_keys_are_changed_while_nobody_waits_for_an_answer(router: FakeRouter, tmp_path: Path) -> None:
    device = driver(router, tmp_path)
    device.open()
    assert device.device is not None
    transport = device.device._transport
    assert transport is not None
    before, until = transport.packetizer._inward, time.monotonic() + 10
    transport.until = time.monotonic() - 1  # nobody waits any more

    def rekey(connection: Any) -> None:
        connection._send_kexinit()
        connection._kexinit_sent = True

    soon(router, rekey)
    while transport.packetizer._inward is before and time.monotonic() < until:
        assert device.is_open
    assert transport.packetizer._inward is not before
    assert device.ask("show clock", 10.0) == CLOCK.decode()
    device.close()


@pytest.fixture
def pair() -> Iterator[tuple[Packets, socket.socket]]:
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        yield Packets(here), there


@pytest.mark.parametrize("cipher", ["aes256-gcm@openssh.com", "aes256-ctr"])
def test_every_cipher_carries_the_answers_and_a_change_of_keys(tmp_path: Path, cipher: str) -> None:
    options = {"encryption_algs": [cipher], "rekey_bytes": 20_000}
    with FakeRouter(answers={"show hosts": [TABLE]}, server=options) as fake:
        assert ask(fake, tmp_path, "show hosts", "show hosts") == [TABLE.decode()] * 2


def sealed(packets: Packets) -> AESGCM:
    key = AESGCM(bytes(32))
    common = {"block_engine": key, "block_size": 16, "mac_engine": None, "mac_size": 16, "mac_key": None}
    packets.set_inbound_cipher(**common, aead=True, iv_in=bytes(12))
    packets.set_outbound_cipher(**common, aead=True, iv_out=bytes(12))
    return key


@pytest.mark.parametrize("place", [0, 2, 3, 4, 20, -1])
def test_a_packet_that_was_changed_on_the_way_is_refused(pair: tuple[Packets, socket.socket], place: int) -> None:
    packets, there = pair
    sealed(packets)
    packets.send_payload(b"\x5eabc")
    packet = bytearray(there.recv(100))
    there.sendall(packet)
    assert packets.read_payload() == b"\x5eabc"
    packets.send_payload(b"\x5eabc")
    packet = bytearray(there.recv(100))
    packet[place] ^= 0x11
    there.sendall(packet)
    there.close()
    with pytest.raises((paramiko.SSHException, EOFError)):
        packets.read_payload()


def test_a_packet_without_a_message_is_refused(pair: tuple[Packets, socket.socket]) -> None:
    packets, there = pair
    key = sealed(packets)
    length = (16).to_bytes(4, "big")
    there.sendall(length + key.encrypt(bytes(12), b"\x0f" + bytes(15), length))
    with pytest.raises(paramiko.SSHException, match="empty"):
        packets.read_payload()


def test_a_packet_is_read_however_it_arrives(pair: tuple[Packets, socket.socket]) -> None:
    packets, there = pair
    there.sendall(b"SSH-2.0-Cisco-1.25\r\nabc")
    assert packets.readline(0) == "SSH-2.0-Cisco-1.25"
    assert packets.arrived()
    there.sendall(b"defg")
    assert packets.read_all(5) == b"abcde"
    assert packets.read_all(2) == b"fg"
    assert not packets.arrived()


def test_waiting_for_bytes_ends_in_time_or_with_the_connection(pair: tuple[Packets, socket.socket]) -> None:
    packets, there = pair
    packets.until = time.monotonic() + 0.05
    with pytest.raises(TimeoutError):
        packets.read_all(1)
    packets.until = time.monotonic() - 1
    with pytest.raises(TimeoutError):
        packets.await_data()
    packets.until = time.monotonic() + 10
    there.shutdown(socket.SHUT_RDWR)
    with pytest.raises(EOFError):
        packets.await_data()


def test_writing_ends_in_time_where_nobody_reads(pair: tuple[Packets, socket.socket]) -> None:
    packets, there = pair
    packets.until = time.monotonic() + 0.05
    with pytest.raises(TimeoutError):
        packets.write_all(bytes(10_000_000))
    there.close()
    with pytest.raises(EOFError):
        packets.write_all(b"x")


def test_a_first_line_without_end_is_not_read_to_its_end(pair: tuple[Packets, socket.socket]) -> None:
    packets, there = pair
    packets.until = time.monotonic() + 10
    there.sendall(b"SSH-" + bytes(2000))
    with pytest.raises(Exception, match="line without end"):
        packets.readline(0)
