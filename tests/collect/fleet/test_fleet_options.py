"""What the Dask runner refuses before anything is connected, and what no worker is given."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from cryptography.exceptions import InvalidTag

from pytest_azinterop import __version__
from pytest_azinterop.collect.fleet.errand import Line, LostError
from pytest_azinterop.collect.fleet.journey import Journey
from pytest_azinterop.collect.fleet.runner import DaskRunner
from pytest_azinterop.collect.fleet.seal import KeyPair
from pytest_azinterop.collect.fleet.station import Packet
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.errors import InventoryError


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "either `scheduler`"),
        ({"scheduler": "tls://127.0.0.1:1", "workers": 2}, "either `scheduler`"),
        ({"scheduler": "tcp://127.0.0.1:8786"}, "must be tls://"),
        ({"scheduler": "127.0.0.1:8786"}, "must be tls://"),
        ({"scheduler": "tls://127.0.0.1:1", "tls": {"ca": "a.pem"}}, "needs ca, certificate, key"),
        ({"scheduler": "tls://127.0.0.1:1", "tls": dict.fromkeys(("ca", "certificate", "key"), "no.pem")}, "no file"),
        ({"workers": 2, "tls": {}}, "leave `tls` out"),
        ({"workers": 0}, "at least 1"),
        ({"workers": 2, "threads": True}, "at least 1"),
        ({"workers": 2, "lease": 0}, "above 0"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_options_that_do_not_fit(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InventoryError, match=words):
        DaskRunner(**options)


def test_an_inventory_says_so_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("r1: {hostname: 127.0.0.1}\n")
    (tmp_path / "nornir.yaml").write_text(
        "runner: {plugin: azinterop_dask, options: {scheduler: 'tcp://127.0.0.1:8786'}}\n"
    )
    with pytest.raises(InventoryError, match="must be tls://"):
        load(tmp_path)


def test_a_local_worker_leaves_the_terminal_to_the_process_that_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_azinterop.collect.fleet import preload

    handlers: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    preload.dask_setup(object())
    assert handlers == {signal.SIGINT: signal.SIG_IGN, signal.SIGHUP: signal.SIG_IGN}


def test_without_certificates_nothing_is_connected(tmp_path: Path) -> None:
    from pytest_azinterop.collect.fleet import cluster

    with (
        pytest.raises(InventoryError, match="no certificates"),
        cluster.opened(cluster.Existing("tls://127.0.0.1:1"), ()),
    ):
        raise AssertionError


class FakeDispatch:
    """Keeps what is told."""

    is_broken = False

    def __init__(self, address: str = "tls://127.0.0.1:4000") -> None:
        self.told: list[tuple[str, object]] = []
        self._address = address

    def address(self, station: str) -> str:
        return self._address

    def tell(self, station: str, attempt: str, kind: str, body: object = None) -> None:
        self.told.append((kind, body))

    def begin(self, worker: str | None, by: int) -> None:
        pass


def started(attempt: str, version: str = __version__) -> Packet:
    return Packet(attempt, 7, "started", version)


def errand(line: Line) -> None:
    """Does nothing."""


def journey(dispatch: FakeDispatch, forgotten: list[int]) -> Journey:
    return Journey(dispatch, 7, errand, lambda _: None, lambda: forgotten.append(7), None, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "version", "words"),
    [
        ("tcp://127.0.0.1:4000", __version__, "not reached over TLS"),
        ("tls://127.0.0.1:4000", "0.0.1", "version 0.0.1"),
    ],
)
def test_a_worker_that_does_not_fit_gets_no_errand(address: str, version: str, words: str) -> None:
    dispatch = FakeDispatch(address)
    with pytest.raises(LostError, match=words):
        journey(dispatch, []).take("station", started("a", version))
    assert dispatch.told == [("refused", None)]


def test_a_third_attempt_gets_no_errand() -> None:
    dispatch, forgotten = FakeDispatch(), list[int]()
    one = journey(dispatch, forgotten)
    assert not one.take("station", started("a"))
    assert not one.take("station", started("b"))
    assert (dispatch.told, forgotten) == ([("errand", errand)] * 2, [7])
    with pytest.raises(LostError, match="died") as caught:
        one.take("station", started("c"))
    assert caught.value.cause == "worker-lost"
    assert dispatch.told[2:] == [("refused", None)]


def test_a_worker_that_was_given_up_is_not_listened_to() -> None:
    one = journey(FakeDispatch(), [])
    one.take("station", started("a"))
    one.take("station", started("b"))
    assert not one.take("station", Packet("a", 7, "ended", cloudpickle.dumps("old")))
    assert one.take("station", Packet("b", 7, "ended", cloudpickle.dumps("new")))
    assert one.outcome == "new"


def test_what_is_sealed_opens_for_its_two_ends_only() -> None:
    ours, theirs, others = KeyPair(), KeyPair(), KeyPair()
    sealed = ours.box(theirs.public, "run").seal({"password": "planted"})
    assert b"planted" not in sealed
    assert theirs.box(ours.public, "run").open(sealed) == {"password": "planted"}
    for box in (others.box(ours.public, "run"), theirs.box(ours.public, "another run")):
        with pytest.raises(InvalidTag):
            box.open(sealed)
