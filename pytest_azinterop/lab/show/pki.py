"""``show crypto pki certificates`` and ``trustpoints``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.config_sections import named
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView


def _names(view: RouterView) -> list[str]:
    return [name for name, _ in named(view.running_config(), "crypto pki trustpoint")]


def show_certificates(view: RouterView, args: Args) -> str:
    """The certificates of all trustpoints or of one, each once; those of the router before those of its CAs."""
    wanted = args.get("trustpoint")
    if wanted is not None and wanted not in _names(view):
        return f"% Trustpoint {wanted} does not exist."
    found: dict[tuple[bool, str], list[Certificate]] = {}
    for each in view.certificates():
        if wanted is None or each.trustpoint == wanted:
            found.setdefault((each.ca, each.serial), []).append(each)
    blocks = [_block(same, view, verbose=args.has("verbose")) for _, same in sorted(found.items())]
    return body(*(line for block in blocks for line in block))


def _block(same: list[Certificate], view: RouterView, *, verbose: bool) -> list[str]:
    first = same[0]
    trustpoints = " ".join(each.trustpoint for each in same)
    selfsigned = not first.ca and first.subject == first.issuer
    lines = ["CA Certificate" if first.ca else "Router Self-Signed Certificate" if selfsigned else "Certificate"]
    lines.append("  Status: Available")
    if verbose:
        lines.append("  Version: 3")
    lines += [
        f"  Certificate Serial Number (hex): {first.serial}",
        f"  Certificate Usage: {'Signature' if first.ca else 'General Purpose'}",
        "  Issuer: ",
        *(f"    {part}" for part in _parts(first.issuer)),
        "  Subject:" if not first.ca else "  Subject: ",
    ]
    if not first.ca:
        domain = view.facts().domain_name
        lines.append(f"    Name: {view.hostname}{'' if domain is None else f'.{domain}'}")
    lines += [
        *(f"    {part}" for part in _parts(first.subject)),
        "  Validity Date: ",
        f"    start date: {_moment(first.not_before)}",
        f"    end   date: {_moment(first.not_after)}",
    ]
    if verbose:
        lines += _details(first)
    return [*lines, f"  Associated Trustpoints: {trustpoints} ", ""]


def _moment(seconds: float) -> str:
    """``18:51:03 UTC Mar 1 2025``: without the day of the week that the clock shows."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%H:%M:%S} UTC {at:%b} {at.day} {at.year}"


def _parts(name: str) -> list[str]:
    return [part.strip() for part in name.split(",")]


def _details(certificate: Certificate) -> list[str]:
    text = repr(certificate).encode()
    md5, sha = (hashlib.new(name, text, usedforsecurity=False).hexdigest().upper() for name in ("md5", "sha1"))
    return [
        "  Subject Key Info:",
        "    Public Key Algorithm: rsaEncryption",
        "    RSA Public Key: (2048 bit)",
        "  Signature Algorithm: SHA256 with RSA Encryption",
        f"  Fingerprint MD5: {_grouped(md5)} ",
        f"  Fingerprint SHA1: {_grouped(sha)} ",
    ]


def _grouped(digits: str) -> str:
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def show_trustpoints(view: RouterView, args: Args) -> str:
    """Trustpoints, and which of their certificates there are."""
    wanted = args.get("trustpoint")
    lines: list[str] = []
    for name in _names(view):
        if wanted is not None and name != wanted:
            continue
        lines.append(f"Trustpoint {name}:")
        authority = next((each for each in view.certificates() if each.trustpoint == name and each.ca), None)
        if authority is None:
            lines += ["    Not authenticated.", ""]
            continue
        lines += ["    Subject Name: ", *(f"    {part}" for part in _parts(authority.subject))]
        lines += [f"          Serial Number (hex): {authority.serial}", "    Certificate configured.", ""]
    if wanted is not None and not lines:
        return f"% Trustpoint {wanted} does not exist."
    return body(*lines)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show crypto pki certificates [verbose] [<trustpoint>]", show_certificates),
    ShowCommand("show crypto pki trustpoints [<trustpoint>]", show_trustpoints),
)
