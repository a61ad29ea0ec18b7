"""Real answers: read, or refused for a reason that is named here. Nothing of a saved answer is dropped in silence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from iosxe.parsers.parser_samples import corpus

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.catalogue import match
from pytest_azinterop.state.source import Source

# A line that opens a record; as many records as such lines are expected.
OPENERS = {
    "arp": ("show ip arp", "Internet "),
    "ikev2_sa": ("show crypto ikev2 sa", "READY"),
    "ipsec_sa": ("show crypto ipsec sa", "protected vrf:"),
    "interfaces": ("show interfaces", ", line protocol is "),
}
REFUSED = {
    "Ikev2Session": "another command",
    "ShowCryptoIpsecSaPeer": "the line of the encapsulation counters is missing",
    "ShowIpInterfaceBrief": "another command",
    "show_ip_interface": "another command",
    "iosxe_ShowInterfaces_golden_output.txt": "its last block is cut",
}


def cases() -> list[object]:
    found = [(kind, path) for kind in OPENERS for path in corpus(kind) if path.suffix == ".txt"]
    if not found:
        reason = "the corpus of real router output is not here (AZINTEROP_CORPUS)"
        return [pytest.param("", Path(), marks=pytest.mark.skip(reason=reason), id="no-corpus")]
    return [pytest.param(kind, path, id=f"{kind}/{path.stem}") for kind, path in found]


@pytest.mark.parametrize(("kind", "path"), cases())
def test_a_real_answer_is_read_whole_or_refused(kind: str, path: Path) -> None:
    typed, opener = OPENERS[kind]
    command, parameters = match(typed)
    text = path.read_text(encoding="utf-8", errors="replace")
    source = Source("sample", typed, datetime(2026, 1, 1, tzinfo=UTC))
    refused = any(part in path.name for part in REFUSED)
    if refused:
        with pytest.raises(ParseError):
            command.read(text, source, parameters)
        return
    records = command.read(text, source, parameters).records
    assert len(records) == text.count(opener) - text.count("Control Plane Interface is")
    assert records or "Control Plane" in text or "pseudowire" in text
