"""How routers keep their time and their earlier configurations, as the intent can say it. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_azinterop.contact.proposal import Proposal
    from pytest_azinterop.contact.sightings import SeenRouter
    from pytest_azinterop.contact.typed import Typed
    from pytest_azinterop.state.operations import ConfigArchive, NtpStatus

    Block = dict[str, Any]

_IN_USE: Final = "*"  # the tally character of the server that the clock follows
_REMOTE: Final = ("ftp", "ftps", "http", "https", "rcp", "scp", "sftp", "tftp")


def propose(routers: Sequence[SeenRouter], typed: Typed, proposal: Proposal) -> None:
    """Time sources and archives: of all routers, where they are alike, else router by router."""
    _each(routers, "ntp", _ntp, typed, proposal)
    _each(routers, "archive", _archive, typed, proposal)


def _each(
    routers: Sequence[SeenRouter],
    key: str,
    read: Callable[[SeenRouter, Proposal], Block | None],
    typed: Typed,
    proposal: Proposal,
) -> None:
    if typed.says_by_default(key):
        return
    found = {router.name: block for router in routers if (block := read(router, proposal)) is not None}
    blocks = list(found.values())
    if len(blocks) == len(routers) and blocks and all(block == blocks[0] for block in blocks):
        proposal.put(("defaults", key), blocks[0])
        proposal.comment(("defaults", key), "guess: it is meant, since all routers that were read are like this")
        return
    for name, block in found.items():
        proposal.put(("routers", name, key), block)


def _ntp(router: SeenRouter, proposal: Proposal) -> Block | None:
    """The configured servers, where all of them answer and the clock follows one; else a question."""
    status: NtpStatus | None = router.known.first("ntp_status")
    associations = router.known.records("ntp_associations")
    if status is None or associations is None:
        return None
    servers = [each for each in associations if each.configured]
    silent = [each.server for each in servers if each.reach == 0]
    if not status.enabled or not servers:
        proposal.ask(f"{router.name}: no time server is configured; which is meant? `ntp` of the router says so")
        return None
    if not status.synchronized or silent or not any(each.mark == _IN_USE for each in servers):
        seen = f"{', '.join(silent)} does not answer" if silent else "the clock is not synchronised"
        proposal.ask(f"{router.name}: {seen}; which time servers are meant? `ntp` of the router says so")
        return None
    named = sorted({each.server for each in servers})
    if not all(map(_is_address, named)):
        proposal.ask(f"{router.name}: time servers {', '.join(named)} are no addresses, which alone the intent takes")
        return None
    return {"servers": named}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _archive(router: SeenRouter, proposal: Proposal) -> Block | None:
    """The file system and the number of configurations kept."""
    archive: ConfigArchive | None = router.known.first("archive")
    if archive is None:
        return None
    if not archive.enabled:
        proposal.ask(f"{router.name} keeps no earlier configurations; is that meant? `archive` of the router says so")
        return None
    system, colon, _ = (archive.next_file or "").partition(":")
    if not colon or archive.maximum is None:
        return None
    block: Block = {"path": f"{system}:", "maximum": archive.maximum}
    return {**block, "local": False} if system.casefold() in _REMOTE else block
