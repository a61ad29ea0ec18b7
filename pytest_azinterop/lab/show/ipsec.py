"""``show crypto ipsec sa``, ``… profile``, ``… transform-set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.config_sections import named
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.crypto_records import IpsecIdentity, IpsecProfile, IpsecSa
    from pytest_azinterop.lab.network.view import RouterView
    from pytest_azinterop.lab.show.config_sections import Block

_DEFAULT_REPLAY_WINDOW = 64


def identity_lines(identity: IpsecIdentity, *, detail: bool, initiator: bool) -> list[str]:
    """From ``protected vrf`` to the last kind of SA."""
    counters = identity.counters
    lines = [
        f"   protected vrf: {identity.protected_vrf or '(none)'}",
        f"   local  ident (addr/mask/prot/port): {_selector(identity.local_selector)}",
        f"   remote ident (addr/mask/prot/port): {_selector(identity.remote_selector)}",
        f"   current_peer {identity.peer} port {identity.peer_port}",
        "     PERMIT, flags={origin_is_acl,}",
        f"    #pkts encaps: {counters.encaps}, #pkts encrypt: {counters.encrypt}, #pkts digest: {counters.digest}",
        f"    #pkts decaps: {counters.decaps}, #pkts decrypt: {counters.decrypt}, #pkts verify: {counters.verify}",
        "    #pkts compressed: 0, #pkts decompressed: 0",
        "    #pkts not compressed: 0, #pkts compr. failed: 0",
        "    #pkts not decompressed: 0, #pkts decompress failed: 0",
    ]
    if detail:
        lines += [
            f"    #pkts no sa (send) {counters.no_sa_send}, #pkts invalid sa (rcv) {counters.invalid_sa}",
            f"    #pkts encaps failed (send) {counters.encap_failed}, #pkts decaps failed (rcv) 0",
            f"    #pkts invalid prot (recv) 0, #pkts verify failed: {counters.verify_failed}",
            "    #pkts invalid identity (recv) 0, #pkts invalid len (rcv) 0",
            "    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0",
            f"    ##pkts replay failed (rcv): {counters.replay_failed}",
            "    #pkts tagged (send): 0, #pkts untagged (rcv): 0",
            "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0",
            "    #pkts internal err (send): 0, #pkts internal err (recv) 0",
        ]
    else:
        lines.append(f"    #send errors {counters.send_errors}, #recv errors {counters.recv_errors}")
    outer = identity.ip_mtu_interface or "(none)"
    lines += [
        "",
        f"     local crypto endpt.: {identity.local_address}, remote crypto endpt.: {identity.peer}",
        f"     plaintext mtu {identity.plaintext_mtu}, path mtu {identity.path_mtu}, "
        f"ip mtu {identity.ip_mtu}, ip mtu idb {outer}",
        f"     current outbound spi: {_spi(identity.outbound_spi)}",
        f"     PFS (Y/N): {'N' if identity.pfs is None else 'Y'}, DH group: {identity.pfs or 'none'}",
        "",
    ]
    for direction, sas in (("inbound", identity.inbound), ("outbound", identity.outbound)):
        lines.append(f"     {direction} esp sas:")
        for sa in sas:
            lines += _sa_lines(sa, initiator=initiator)
        lines += ["", f"     {direction} ah sas:", "", f"     {direction} pcp sas:", ""]
    return lines[:-1]


def _selector(network: IPv4Network) -> str:
    return f"({network.network_address}/{network.netmask}/0/0)"


def _spi(value: int) -> str:
    return f"0x{value:X}({value})"


def _sa_lines(sa: IpsecSa, *, initiator: bool) -> list[str]:
    aead = any("gcm" in word for word in sa.transform)
    status = "ACTIVE(ACTIVE)" if sa.active else "INACTIVE(INACTIVE)"
    window = "" if sa.replay_window <= _DEFAULT_REPLAY_WINDOW else f"  replay window size: {sa.replay_window}"
    return [
        f"      spi: {_spi(sa.spi)}",
        f"        transform: {' '.join(sa.transform)} ,",
        f"        in use settings ={{{sa.mode}, }}",
        f"        conn id: {sa.conn_id}, flow_id: {sa.flow_id}, sibling_flags FFFFFFFF8000{4 if initiator else 0}048, "
        f"crypto map: {sa.crypto_map}, initiator : {initiator}",
        *_lifetime(sa),
        f"        IV size: {8 if aead else 16} bytes",
        f"        replay detection support: {'Y' if sa.replay_window else 'N'}{window if sa.replay_window else ''}",
        f"        Status: {status}",
    ]


def _lifetime(sa: IpsecSa) -> list[str]:
    if sa.remaining_kb is not None:
        return [f"         sa timing: remaining key lifetime (k/sec): ({sa.remaining_kb}/{sa.remaining_seconds})"]
    hours, minutes = sa.remaining_seconds // 3600, sa.remaining_seconds % 3600 // 60
    left = f"{hours} hours, {minutes} mins" if hours else f"{minutes} mins"
    if not hours and not minutes:
        left = f"{sa.remaining_seconds} secs"
    return [
        f"         sa timing: remaining key lifetime {left}",
        "        Kilobyte Volume Rekey has been disabled",
    ]


def show_sa(view: RouterView, args: Args) -> str:
    """``show crypto ipsec sa [interface X|peer A] [detail]``, one block per protected interface."""
    interface, peer = args.get("interface"), args.get("addr")
    chosen = [
        identity
        for identity in view.ipsec()
        if interface in {None, identity.interface} and peer in {None, str(identity.peer)}
    ]
    if not chosen:
        return body("", "No SAs found")
    started = {sa.remote for sa in view.ike_sas() if sa.initiator}
    lines: list[str] = []
    heading: tuple[str, str] | None = None
    for identity in chosen:
        if heading != (identity.interface, identity.crypto_map):
            heading = identity.interface, identity.crypto_map
            tag = f"    Crypto map tag: {identity.crypto_map}, local addr {identity.local_address}"
            lines += ["", f"interface: {identity.interface}", tag]
        initiator = identity.peer in started
        lines += ["", *identity_lines(identity, detail=args.has("detail"), initiator=initiator)]
    return body(*lines)


def _transform(words: list[str]) -> str:
    """``esp-aes 256 esp-sha-hmac`` as the show commands write it: ``esp-256-aes esp-sha-hmac``."""
    spelled: list[str] = []
    for word in words:
        if word.isdecimal() and spelled:
            previous = spelled.pop()
            size = word if previous == "esp-gcm" else ""
            spelled.append(f"{previous} {size}" if size else previous.replace("esp-", f"esp-{word}-", 1))
        else:
            spelled.append(word)
    return " ".join(spelled)


def _sets(view: RouterView) -> dict[str, tuple[str, Block]]:
    return {
        name: (_transform(block.header.split()[4:]), block)
        for name, block in named(view.running_config(), "crypto ipsec transform-set")
    }


def show_transform_sets(view: RouterView, args: Args) -> str:
    """Every transform set and its mode."""
    wanted = args.get("name")
    lines = []
    for name, (text, block) in _sets(view).items():
        if wanted is not None and name != wanted:
            continue
        mode = (block.first("mode") or "tunnel").capitalize()
        lines += [f"Transform set {name}: {{ {text}  }} ", f"   will negotiate = {{ {mode},  }}, ", ""]
    return body(*lines)


def profile_lines(profile: IpsecProfile, sets: dict[str, tuple[str, Block]]) -> list[str]:
    """One IPsec profile."""
    volume = "disabled" if profile.lifetime_kb is None else f"{profile.lifetime_kb} kilobytes"
    names = [f"\t\t{name}:  {{ {sets[name][0] if name in sets else ''}  }} , " for name in profile.transform_sets]
    return [
        f"IPSEC profile {profile.name}",
        *([f"\tIKEv2 Profile: {profile.ikev2_profile}"] if profile.ikev2_profile else []),
        f"\tSecurity association lifetime: {volume}/{profile.lifetime_seconds} seconds",
        "\tDualstack (Y/N): N",
        "",
        "\tResponder-Only (Y/N): N",
        f"\tPFS (Y/N): {'N' if profile.pfs is None else 'Y'}",
        *([f"\tDH group:  {profile.pfs}"] if profile.pfs is not None else []),
        "\tMixed-mode : Disabled",
        "\tTransform sets={ ",
        *names,
        "\t}",
        "",
    ]


def show_profiles(view: RouterView, args: Args) -> str:
    """All IPsec profiles, or the one that was named."""
    name, sets = args.get("name"), _sets(view)
    return body(
        *(
            line
            for profile in view.ipsec_profiles()
            if name is None or profile.name == name
            for line in profile_lines(profile, sets)
        )
    )


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show crypto ipsec sa [detail]", show_sa),
    ShowCommand("show crypto ipsec sa interface <interface> [detail]", show_sa),
    ShowCommand("show crypto ipsec sa peer <addr> [detail]", show_sa),
    ShowCommand("show crypto ipsec transform-set [<name>]", show_transform_sets),
    ShowCommand("show crypto ipsec profile [<name>]", show_profiles),
)
