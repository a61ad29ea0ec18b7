from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.exec.secret import in_clear, matches


@pytest.mark.parametrize(
    "configured",
    [
        "cisco",
        "0 cisco",
        "7 02050D480809",
        "7 060506324F41",
        "8 $8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs",
        "9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
        "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
    ],
)
def test_the_same_password_in_every_encoding(configured: str) -> None:
    assert matches(configured, "cisco")
    assert not matches(configured, "Cisco")
    assert not matches(configured, "")


def test_a_hash_is_not_a_password_in_clear() -> None:
    hashed = "9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"
    assert in_clear(hashed) is None
    assert in_clear("7 02050D480809") == "cisco"
    assert in_clear("0 two words") == "two words"


@given(st.text(), st.text(min_size=1))
def test_no_text_breaks_the_comparison(configured: str, offered: str) -> None:
    assert matches(configured, offered) in {True, False}
