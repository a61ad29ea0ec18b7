"""known_hosts files: which entries mean a host, whatever else stands in the file, and a file that changes."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

import asyncssh
import pytest

from pytest_azinterop.iosxe.known_hosts import read

NAME = "[192.0.2.1]:2222"


def key() -> str:
    return " ".join(asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[:2])


def hashed(name: str) -> str:
    salt = b"12345678901234567890"
    digest = hmac.new(salt, name.encode(), "sha1").digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def known(file: Path, name: str = NAME) -> list[str]:
    return [each.get_base64() for each in read([name], [file], user_file=False).keys]


@pytest.mark.parametrize(
    "names",
    [NAME, f"other,{NAME}", f"{NAME.replace('1]', '?]')}", "*", "*,!other", hashed(NAME)],
)
def test_every_kind_of_entry_is_found_among_hundreds_of_others(names: str, tmp_path: Path) -> None:
    file, own, other = tmp_path / "known_hosts", key(), key()
    around = "".join(f"[198.51.100.{number}]:22 {other}\n" for number in range(250))
    file.write_text(f"# a comment\n{around}{names} {own}\n{around}")
    assert known(file) == [own.split()[1]]


def test_entries_keep_the_order_of_the_file_and_may_be_excluded(tmp_path: Path) -> None:
    file, first, second, third = tmp_path / "known_hosts", key(), key(), key()
    file.write_text(f"* {first}\n{NAME.upper()} {second}\n*,!{NAME} {third}\n")
    assert known(file) == [each.split()[1] for each in (first, second)]


def test_a_revoked_key_is_none_that_is_known(tmp_path: Path) -> None:
    file, own = tmp_path / "known_hosts", key()
    file.write_text(f"@revoked {NAME} {own}\n")
    found = read([NAME], [file], user_file=False)
    assert (found.keys, [each.get_base64() for each in found.revoked]) == ((), [own.split()[1]])


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    file, first, second = tmp_path / "known_hosts", key(), key()
    assert known(file) == []
    file.write_text(f"{NAME} {first}\n")
    assert known(file) == [first.split()[1]]
    with file.open("a") as more:
        more.write(f"{NAME} {second}\n")
    assert known(file) == [each.split()[1] for each in (first, second)]
    file.unlink()
    assert known(file) == []
