"""A router's name is resolved in time, or not at all."""

from __future__ import annotations

import socket
import threading

import pytest

from pytest_azinterop.drill.own_address import resolve


def test_an_address_is_its_own_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked"))
    assert resolve("192.0.2.1") == ("192.0.2.1",)
    assert resolve("[2001:db8::1]") == ("2001:db8::1",)


def test_every_address_of_a_name_counts_once() -> None:
    assert "127.0.0.1" in resolve("localhost")


def test_no_answer_or_a_late_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert resolve("router.example") == ()
    late = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: late.wait() and [])
    assert resolve("router.example", seconds=0.01) == ()
    late.set()
