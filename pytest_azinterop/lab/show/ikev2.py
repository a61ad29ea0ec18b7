"""``show crypto ikev2 …``."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.config_sections import named
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.crypto_records import IkeSa, Ikev2Proposal
    from pytest_azinterop.lab.network.view import RouterView
    from pytest_azinterop.lab.show.config_sections import Block

_HEADER = "Tunnel-id Local                 Remote                fvrf/ivrf            Status "
_TITLE, _TITLE_6 = " IPv4 Crypto IKEv2  SA ", " IPv6 Crypto IKEv2  SA "
_GROUPS = {
    1: "DH_GROUP_768_MODP", 2: "DH_GROUP_1024_MODP", 5: "DH_GROUP_1536_MODP", 14: "DH_GROUP_2048_MODP",
    15: "DH_GROUP_3072_MODP", 16: "DH_GROUP_4096_MODP", 19: "DH_GROUP_256_ECP", 20: "DH_GROUP_384_ECP",
    21: "DH_GROUP_521_ECP", 24: "DH_GROUP_2048_256_MODP",
}  # fmt: skip
_INTEGRITY = {"sha1": "SHA96", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512", "md5": "MD596"}
_PRF = {"sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512", "md5": "MD5"}


def sa_rows(sa: IkeSa) -> list[str]:
    """The table line of an SA and the algorithms and age that always follow it."""
    local, remote = f"{sa.local}/{sa.local_port}", f"{sa.remote}/{sa.remote_port}"
    vrfs = f"{sa.fvrf or 'none'}/{sa.ivrf or 'none'}"
    return [
        f"{sa.tunnel_id:<9} {local:<21} {remote:<21} {vrfs:<20} {sa.status:<7}",
        f"      {_algorithms(sa)}",
        f"      Life/Active Time: {sa.lifetime}/{sa.active_time} sec",
    ]


def _algorithms(sa: IkeSa) -> str:
    unknown = "Unknown - 0"
    encryption = sa.encryption or unknown
    if sa.key_size is not None:
        encryption += f", keysize: {sa.key_size}"
    return (
        f"Encr: {encryption}, PRF: {sa.prf or unknown}, Hash: {sa.integrity or 'None'}, DH Grp:{sa.dh_group or 0}, "
        f"Auth sign: {sa.auth_sign or unknown}, Auth verify: {sa.auth_verify or unknown}"
    )


def sa_detail(sa: IkeSa) -> list[str]:
    """What ``detailed`` adds."""
    done = "Negotiation done" if sa.status == "READY" else "Initiator waiting for INIT response"
    if sa.status == "DELETE":
        done = "Deleted"
    ours, theirs = sa.local_message_id, sa.remote_message_id
    outside = "outside" if sa.nat_outside else "inside"
    return [
        f"      Status Description: {done}",
        f"      Local id: {sa.local_id or ''}",
        f"      Remote id: {sa.remote_id or ''}",
        f"      Local req msg id:  {ours:<14} Remote req msg id:  {theirs:<10}",
        f"      Local next msg id: {ours:<14} Remote next msg id: {theirs:<10}",
        f"      Local req queued:  {ours:<14} Remote req queued:  {theirs:<10}",
        f"      Local window:      {5:<14} Remote window:      {1:<10}",
        f"      DPD configured for {sa.dpd_interval} seconds, retry {2 if sa.dpd_interval else 0}",
        f"      Fragmentation {'' if sa.fragmentation else 'not  '}configured.",
        "      Dynamic Route Update: enabled",
        "      Extended Authentication not configured.",
        f"      NAT-T is {f'detected  {outside}' if sa.nat_detected else 'not detected  '}",
        "      Cisco Trust Security SGT is disabled",
        f"      Initiator of SA : {'Yes' if sa.initiator else 'No'}",
        "      PEER TYPE: Other",
    ]


def _session_lines(sa: IkeSa) -> list[str]:
    return [
        f"      CE id: {1000 + sa.tunnel_id}, Session-id: {sa.tunnel_id}",
        f"      Local spi: {sa.local_spi:016X}       Remote spi: {sa.remote_spi:016X}",
    ]


def show_sa(view: RouterView, args: Args) -> str:
    """``show crypto ikev2 sa [detailed] [remote A]``: nothing at all without an SA."""
    remote = args.get("addr")
    lines: list[str] = []
    for sa in view.ike_sas():
        if remote is not None and sa.remote != IPv4Address(remote):
            continue
        lines += [_HEADER, *sa_rows(sa), *_session_lines(sa)]
        if args.has("detailed"):
            lines += sa_detail(sa)
        lines.append("")
    return body(_TITLE, "", *lines, _TITLE_6, "") if lines else ""


def show_session(view: RouterView, args: Args) -> str:
    """``show crypto ikev2 session``: an SA with its children."""
    lines: list[str] = []
    identities = view.ipsec()
    for sa in view.ike_sas():
        children = [
            (identity.local_selector, identity.remote_selector, inbound.spi, identity.outbound_spi)
            for identity in identities
            for inbound in identity.inbound
            if inbound.spi in sa.children
        ]
        status = "UP-ACTIVE" if sa.status == "READY" else "DOWN-NEGOTIATING"
        lines += [
            f"Session-id:{sa.tunnel_id}, Status:{status}, IKE count:1, CHILD count:{len(children)}",
            "",
            _HEADER,
            *sa_rows(sa),
        ]
        if args.has("detailed"):
            lines += [*_session_lines(sa), *sa_detail(sa)]
        for local, remote, into, out in children:
            lines += [
                f"Child sa: local selector  {_selector(local)}",
                f"          remote selector {_selector(remote)}",
                f"          ESP spi in/out: 0x{into:X}/0x{out:X}  ",
            ]
        lines.append("")
    return body(" IPv4 Crypto IKEv2 Session ", "", *lines, " IPv6 Crypto IKEv2 Session ", "") if lines else ""


def _selector(network: IPv4Network) -> str:
    return f"{network.network_address}/0 - {network.broadcast_address}/65535"


def proposal_lines(proposal: Ikev2Proposal) -> list[str]:
    """One proposal, its words as IOS prints them."""
    gcm = all("gcm" in cipher for cipher in proposal.encryption)
    integrity = "none" if gcm else _words(proposal.integrity, _INTEGRITY)
    groups = " ".join(f"{_GROUPS.get(group, 'DH_GROUP')}/Group {group}" for group in proposal.groups)
    return [
        f" IKEv2 proposal: {proposal.name} ",
        f"     Encryption : {' '.join(cipher.upper() for cipher in proposal.encryption)}",
        f"     Integrity  : {integrity}",
        f"     PRF        : {_words(proposal.prf or proposal.integrity, _PRF)}",
        f"     DH Group   : {groups}",
    ]


def _words(names: Sequence[str], spelling: dict[str, str]) -> str:
    return " ".join(spelling.get(name, name.upper()) for name in names)


def show_proposals(view: RouterView, args: Args) -> str:
    """All proposals, the default last, or the one that was named."""
    name = args.get("name")
    known = sorted(view.ikev2_proposals(), key=lambda proposal: proposal.name == "default")
    chosen = [proposal for proposal in known if name is None or proposal.name == name]
    return body(*(line for proposal in chosen for line in proposal_lines(proposal)))


def show_policies(view: RouterView, args: Args) -> str:
    """All policies, the default last."""
    name = args.get("name")
    lines: list[str] = []
    for known, block in named(view.running_config(), "crypto ikev2 policy"):
        if name is not None and known != name:
            continue
        lines += [f" IKEv2 policy : {known}", f"      Match fvrf : {block.first('match fvrf') or 'global'}   "]
        lines.append(f"      Match address local : {block.first('match address local') or 'any'} ")
        lines += [f"      Proposal    : {proposal} " for proposal in block.values("proposal")]
    if name is None or name == "default":
        lines += [" IKEv2 policy : default", "      Match fvrf : any", "      Match address local : any"]
        lines.append("      Proposal    : default ")
    return body(*lines)


def profile_lines(name: str, block: Block) -> list[str]:
    """One profile. Keys never stand in it: the keyring is named."""
    dpd = (block.first("dpd") or "").split()
    identity = block.first("identity local") or "none"
    return [
        f"IKEv2 profile: {name}",
        " Ref Count: 4",
        " Match criteria: ",
        f"  Fvrf: {block.first('match fvrf') or 'global'}",
        f"  Local address/interface: {block.first('match address local') or 'none'}",
        "  Identities: ",
        *(f"   {remote}" for remote in block.values("match identity remote")),
        "  Certificate maps: none",
        f" Local identity: {identity}",
        " Remote identity: none",
        f" Local authentication method: {block.first('authentication local') or 'none'}",
        f" Remote authentication method(s): {' '.join(block.values('authentication remote')) or 'none'}",
        " EAP options: none",
        f" Keyring: {block.first('keyring local') or 'none'}",
        *_trustpoints(block),
        f" Lifetime: {block.first('lifetime') or 86400} seconds",
        f" DPD: {f'configured for {dpd[0]} seconds, retry {dpd[1]} ({dpd[-1]})' if len(dpd) > 2 else 'disabled'}",
        " NAT-keepalive: disabled",
        f" Ivrf: {block.first('ivrf') or 'none'}",
        " Virtual-template: none",
        " mode auto: none",
        " AAA AnyConnect EAP authentication mlist: none",
        " AAA EAP authentication mlist: none",
        " AAA authentication mlist: none",
        " AAA Accounting: none",
        " AAA group authorization: none",
        " AAA user authorization: none",
        "",
    ]


def _trustpoints(block: Block) -> list[str]:
    names = block.values("pki trustpoint")
    return [" Trustpoint(s): ", *(f"  {name}" for name in names)] if names else [" Trustpoint(s): none"]


def show_profiles(view: RouterView, args: Args) -> str:
    """All profiles, or the one that was named."""
    name = args.get("name")
    return body(
        *(
            line
            for known, block in named(view.running_config(), "crypto ikev2 profile")
            if name is None or known == name
            for line in profile_lines(known, block)
        )
    )


def show_isakmp(_view: RouterView, _args: Args) -> str:
    """``show crypto isakmp sa``: IKEv1 is not spoken, so the tables are empty."""
    return body(
        "IPv4 Crypto ISAKMP SA",
        "dst             src             state          conn-id status",
        "",
        "IPv6 Crypto ISAKMP SA",
        "",
    )


def show_errors(view: RouterView, _args: Args) -> str:
    """``show crypto ikev2 diagnose error``: what ended negotiations, each error once."""
    errors = view.ike_errors()
    return body(
        "",
        f"Exit Path Table - status: enable, current entry {len(errors)}, deleted 0, max allow 50",
        "",
        *(f"Error({count}): {what}" for what, count in errors.items()),
    )


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show crypto ikev2 sa [detailed]", show_sa),
    ShowCommand("show crypto ikev2 sa remote <addr> [detailed]", show_sa),
    ShowCommand("show crypto isakmp sa", show_isakmp),
    ShowCommand("show crypto ikev2 session [detailed]", show_session),
    ShowCommand("show crypto ikev2 proposal [<name>]", show_proposals),
    ShowCommand("show crypto ikev2 policy [<name>]", show_policies),
    ShowCommand("show crypto ikev2 profile [<name>]", show_profiles),
    ShowCommand("show crypto ikev2 diagnose error", show_errors),
)
