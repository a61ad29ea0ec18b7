"""What a command does besides standing in the configuration: checks, rewritings and consequences, as IOS has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network, IPv6Address, IPv6Interface
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import access_entries, words
from pytest_azinterop.lab.config.communities import community
from pytest_azinterop.lab.config.cron import Cron
from pytest_azinterop.lab.config.refused import RefusedError
from pytest_azinterop.lab.config.rules import Rule, grammar
from pytest_azinterop.lab.config.tree import Block, Statement

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.pattern import Match

FAMILY_MODES = ("config-router-af", "config-router-af6")
_ONE_OF_TWO = frozenset(("prefix-list", "distribute-list"))
"""Of these a neighbor has one in each direction."""
STATIC_ARP = ("ip-arp", "ip-arp-if", "ip-arp-vrf", "ip-arp-vrf-if")
"""The forms of a static ARP entry."""
NEEDS_REMOTE_AS = "% Specify remote-as or peer-group commands first"


@dataclass(frozen=True, slots=True)
class Context:
    """One command on its way into the tree."""

    root: Block
    block: Block
    rule: Rule
    matched: Match
    hardware: frozenset[str]


def logical(name: str) -> bool:
    """True for an interface that configuration may create."""
    return words.is_logical(name)


def rewrite(block: Block, rule: Rule, matched: Match, *, negated: bool) -> str | None:
    """The full form of a shorthand (a prefix-list entry without sequence, a route-map without one)."""
    args = matched.args
    if rule.name == "route-map-short" and not negated:
        return f"route-map {args['name']} permit 10"
    if rule.name == "send-community" and args.get("value") == "standard" and not negated:
        return f"neighbor {args['peer']} send-community"
    if rule.name in ("ip-prefix-list-noseq", "ipv6-prefix-list-noseq"):
        return _prefix_list_line(block, matched, rule.name.removesuffix("-noseq"), negated=negated)
    if rule.name in ("arp", "arp-vrf"):
        return ("no ip " if negated else "ip ") + " ".join(matched.words)
    if rule.name == "ip-cef" and negated:
        raise RefusedError("% Not modelled by this lab: no ip cef")
    if rule.name.endswith("-any-order"):
        return _in_order(rule, matched, negated=negated)
    if rule.mode == "config-nacl" and rule.name == "entry" and not negated:
        used = [int(each.args["seq"]) for each in block.named("entry-seq")]
        return f"{max(used, default=0) // 10 * 10 + 10} {' '.join(matched.words)}"
    if rule.mode == "config-ipv6-acl" and rule.name == "entry":
        return _ipv6_entry(block, matched, negated=negated)
    return None


def _ipv6_entry(block: Block, matched: Match, *, negated: bool) -> str:
    """An entry with its sequence in front: the next one, or what was typed behind it."""
    line, _, typed = " ".join(matched.words).partition(" sequence ")
    entries = block.named("entry-seq")
    same_line = (each.args["seq"] for each in entries if each.text.split(" ", 2)[2] == line)
    highest = max((int(each.args["seq"]) for each in entries), default=0)
    number = typed or next(same_line, str(highest // 10 * 10 + 10))
    return f"{'no ' if negated else ''}sequence {number} {line}"


_REDISTRIBUTE = {"metric": 1, "metric-type": 1, "subnets": 0, "tag": 1, "route-map": 1}
"""Options of OSPF's ``redistribute`` in the order of a running-config, and how many values follow."""


def _in_order(rule: Rule, matched: Match, *, negated: bool) -> str:
    """IOS takes the options of ``redistribute`` in any order and keeps them in its own. Raises RefusedError."""
    words_left, found = matched.args["options"].split(), dict[str, str]()
    while words_left:
        name = words.choose(words_left.pop(0), tuple(_REDISTRIBUTE))
        if name is None or name in found or len(words_left) < _REDISTRIBUTE[name]:
            raise RefusedError("% Invalid input detected at '^' marker.", caret=True)
        found[name] = " ".join([name, *words_left[: _REDISTRIBUTE[name]]])
        del words_left[: _REDISTRIBUTE[name]]
    options = [found[name] for name in _REDISTRIBUTE if name in found]
    if " ".join(options) == matched.args["options"]:
        raise RefusedError("% Invalid input detected at '^' marker.", caret=True)
    head = matched.words[:3] if rule.name == "redistribute-bgp-any-order" else matched.words[:2]
    return ("no " if negated else "") + " ".join([*head, *options])


def without_options(existing: Statement, matched: Match) -> tuple[dict[str, str], str] | None:
    """What ``no`` with some options leaves of a ``redistribute`` in OSPF: the line without them. None: nothing.

    IOS takes the whole line only where no option is named.
    """
    if existing.rule.mode != "config-router-ospf" or not existing.rule.name.startswith("redistribute"):
        return None
    named = {"metric": "metric", "type": "metric-type", "subnets": "subnets", "tag": "tag", "map": "route-map"}
    gone = [name for name in named if name in matched.args]
    if not gone:
        return None
    args = {name: value for name, value in existing.args.items() if name not in gone}
    text = existing.text
    for name in gone:
        if name in existing.args:
            text = text.replace(f" {named[name]} {existing.args[name]}" if name != "subnets" else " subnets", "", 1)
    return args, text


def _prefix_list_line(block: Block, matched: Match, kind: str, *, negated: bool) -> str:
    args = matched.args
    name = args.get("name", "")
    entries = [each for each in block.named(kind) if each.args["name"] == name]
    tail = " ".join(matched.words[3:])
    for entry in entries:
        if entry.text.split(" ", 5)[5] == tail:
            return ("no " if negated else "") + entry.text
    highest = max((int(each.args["seq"]) for each in entries), default=0)
    line = f"{matched.words[0]} prefix-list {name} seq {highest // 5 * 5 + 5} {tail}"
    return ("no " if negated else "") + line


def same(existing: Statement, matched: Match) -> bool:
    """True when a ``no`` line names the values that stand."""
    return all(existing.args.get(name) == value for name, value in matched.args.items())


def stores_negation(context: Context) -> bool:
    """Whether ``no`` leaves a line (as ``no ip http server`` does) or nothing."""
    if context.rule.name == "activate":
        return not _in_vrf_family(context)
    if context.rule.name == "passive":
        return context.block.has("passive-default")
    return context.rule.name != "keepalive"


def check(context: Context) -> None:
    """Raise RefusedError where IOS would not take the command."""
    name, args, mode = context.rule.name, context.matched.args, context.rule.mode
    if mode == "config":
        _check_global(context)
    elif mode == "config-if" and name in ("vrf", "vrf-old"):
        if vrf_statement(context.root, args["value"]) is None:
            raise RefusedError(f"% VRF {args['value']} not configured.")
    elif mode == "config-if" and name in ("address", "secondary"):
        _check_address(context)
    elif mode == "config-if" and name == "address6":
        _check_address6(context)
    elif name == "duplex" and args["value"] == "half":
        raise RefusedError("% Not modelled by this lab: duplex half")
    elif mode in ("config-router", *FAMILY_MODES):
        _check_bgp(context)
    elif name == "target":
        _check_target(context)
    elif name == "set-community":
        _check_communities(args["value"].split(), ("additive",))
    elif mode == "config-applet":
        _check_applet(name, args)
    elif mode in ("config-nacl", "config-ipv6-acl", "config-object-group"):
        _check_entry(context)


def _check_entry(context: Context) -> None:
    name, root, block = context.rule.name, context.root, context.block
    if name == "entry-seq":
        access_entries.check(root, context.matched.args["value"].split())
    elif name in access_entries.MEMBERS:
        kind = next(each.args["kind"] for each in root.named("object-group") if each.block is block)
        access_entries.check_member(root, kind, " ".join(context.matched.words).split())


def _check_applet(name: str, args: dict[str, str]) -> None:
    try:
        if name == "event-cron":
            Cron.read(words.unquoted(args["value"]))
        elif name == "event-syslog":
            re.compile(words.unquoted(args["value"]))
    except (ValueError, re.error) as error:
        raise RefusedError(f"% EEM configuration: {error}") from None


def community_kind(name: str) -> str:
    """What a numbered community-list is: 1 to 99 standard, 100 to 500 expanded."""
    return "community" if int(name) < 100 else "community-expanded"


def _check_communities(given: list[str], more: tuple[str, ...] = ()) -> None:
    if given == ["none"] and more:
        return
    if not set(given) - set(more) or any(word not in more and community(word) is None for word in given):
        raise RefusedError("% Invalid input detected at '^' marker.", caret=True)


def _check_global(context: Context) -> None:
    name, args, root = context.rule.name, context.matched.args, context.root
    if name == "interface":
        port = words.parent_interface(args["name"]) or args["name"]
        if context.hardware and not logical(port) and port not in context.hardware:
            raise RefusedError("% Invalid input detected at '^' marker.", caret=True)
    if name == "router-bgp":
        running = root.first("router-bgp")
        if running is not None and words.asn(running.args["asn"]) != words.asn(args["asn"]):
            raise RefusedError(f"BGP is already running; AS is {running.args['asn']}")
    if name == "ip-community-list-std" or (name == "ip-community-list" and community_kind(args["name"]) == "community"):
        _check_communities(args["value"].split())
    if name == "aaa-new-model":
        raise RefusedError("% Not modelled by this lab: aaa new-model")
    _check_time(root, name, args)
    if name.startswith(("ip-route-vrf", "ipv6-route-vrf", "ip-arp-vrf")) and vrf_statement(root, args["vrf"]) is None:
        raise RefusedError(f"% VRF {args['vrf']} does not exist")
    if name.startswith("ip-route"):
        mask = IPv4Network(f"0.0.0.0/{args['mask']}").prefixlen
        if IPv4Network(f"{args['prefix']}/{mask}", strict=False).network_address != _ip(args["prefix"]):
            raise RefusedError("%Inconsistent address and mask")
    if name in ("ip-prefix-list", "ipv6-prefix-list"):
        length = int(args["prefix"].split("/")[1])
        ge, le = args.get("ge"), args.get("le")
        if (ge and int(ge) <= length) or (
            (le and int(le) <= int(ge or length)) and not (ge and le and int(ge) == int(le))
        ):
            raise RefusedError(
                "% Invalid prefix range for " + args["prefix"] + ", make sure: len < ge-value <= le-value"
            )


def _check_time(root: Block, name: str, args: dict[str, str]) -> None:
    if name == "clock" and not re.fullmatch(r"\S+ 0( 0)?", args["value"]):
        raise RefusedError("% Not modelled by this lab: a time zone other than UTC")
    if name not in ("ntp-server", "ntp-server-vrf"):
        return
    if "vrf" in args and vrf_statement(root, args["vrf"]) is None:
        raise RefusedError(f"% VRF {args['vrf']} does not exist")
    known = {"prefer": 0, "iburst": 0, "burst": 0, "version": 1, "source": 1, "minpoll": 1, "maxpoll": 1}
    options = args.get("options", "").split()
    while options:
        word = options.pop(0)
        if word not in known:
            raise RefusedError(f"% Not modelled by this lab: ntp server … {word}")
        del options[: known[word]]


def _ip(text: str) -> object:
    return IPv4Interface(text).ip


def _check_target(context: Context) -> None:
    """Leaking between VRFs by route targets is not modelled, so it is not taken."""
    value, way = context.matched.args["value"], context.matched.args["way"]
    for other in context.root.named("ip-vrf", "vrf-definition"):
        blocks = [other.block, *(each.block for each in (other.block or Block("")).named("family"))]
        if any(block is context.block for block in blocks):
            continue
        for block in blocks:
            for each in [] if block is None else block.named("target"):
                if each.args["value"] == value and (each.args["way"] != way or way == "both"):
                    raise RefusedError(f"% Not modelled by this lab: routes imported from VRF {other.args['name']}")


def _check_address(context: Context) -> None:
    args, block = context.matched.args, context.block
    owner = next(each for each in context.root.named("interface") if each.block is block)
    name = owner.args["name"]
    if "." in name and block.first("dot1q") is None:
        raise RefusedError(
            "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
            "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\nor ISL vLAN.\n"
        )
    mine = IPv4Interface(f"{args['address']}/{args['mask']}")
    if mine.network.prefixlen < 31 and mine.ip in (mine.network.network_address, mine.network.broadcast_address):
        raise RefusedError(f"Bad mask /{mine.network.prefixlen} for address {mine.ip}")
    vrf = interface_vrf(block)
    for other in context.root.named("interface"):
        if other.block is None or other.block is block or interface_vrf(other.block) != vrf:
            continue
        if other.block.has("shutdown"):
            continue
        for statement in other.block.named("address", "secondary"):
            theirs = IPv4Interface(f"{statement.args['address']}/{statement.args['mask']}")
            same_net = theirs.network.overlaps(mine.network)
            nested = theirs.network != mine.network and 32 in (theirs.network.prefixlen, mine.network.prefixlen)
            if same_net and not nested:
                raise RefusedError(f"% {mine.network.network_address} overlaps with {other.args['name']}")


def _check_address6(context: Context) -> None:
    block = context.block
    owner = next(each for each in context.root.named("interface") if each.block is block)
    name, vrf = owner.args["name"], interface_vrf(block)
    if "." in name and block.first("dot1q") is None:
        raise RefusedError(
            "% Configuring IPv6 on a LAN subinterface is only allowed if that\nsubinterface is already configured "
            "as part of an IEEE 802.10, IEEE 802.1Q,\nor ISL vLAN."
        )
    if vrf is not None and not _ipv6_vrf(context.root, vrf):
        raise RefusedError(f"% {name} is linked to a VRF. Enable IPv6 on that VRF first.")
    mine = IPv6Interface(context.matched.args["value"])
    if mine.is_link_local or mine.is_multicast or mine.ip.is_unspecified:
        raise RefusedError(f"%{name}: Error: {str(mine).upper()} is invalid on this interface.")
    for other in context.root.named("interface"):
        if other.block is None or other.block is block or interface_vrf(other.block) != vrf:
            continue
        for statement in other.block.named("address6"):
            theirs = IPv6Interface(statement.args["value"])
            if theirs.network.overlaps(mine.network) and theirs.network.prefixlen < 128 > mine.network.prefixlen:
                network = str(mine.network).upper()
                raise RefusedError(
                    f"%{name}: Error: {network} is overlapping with {str(theirs.network).upper()} on "
                    f"{other.args['name']}"
                )


def _ipv6_vrf(root: Block, name: str) -> bool:
    found = vrf_statement(root, name)
    return (
        found is not None
        and found.block is not None
        and any(each.args["family"] == "ipv6" for each in found.block.named("family"))
    )


def _check_family(context: Context) -> None:
    """IPv6 routes are exchanged over IPv6 and IPv4 ones over IPv4: the other two ways are not modelled."""
    peer, mode = context.matched.args["peer"], context.rule.mode
    if not words.is_address(peer):
        return
    if mode in FAMILY_MODES and (":" in peer) != (mode == "config-router-af6"):
        raise RefusedError(f"% Not modelled by this lab: neighbor {peer} in the address family of the other version")
    if ":" in peer and IPv6Address(peer).is_link_local:
        raise RefusedError(f"% Not modelled by this lab: a link-local neighbor ({peer})")


def _check_bgp(context: Context) -> None:
    name, args = context.rule.name, context.matched.args
    if name == "family-vrf6" and not _ipv6_vrf(context.root, args["vrf"]):
        raise RefusedError(f"% VRF {args['vrf']} does not exist or is not enabled for IPv6.")
    if "peer" in args:
        _check_family(context)
    if name == "family-vrf" and vrf_statement(context.root, args["vrf"]) is None:
        raise RefusedError(f"% VRF {args['vrf']} does not exist or does not have a RD.")
    if "peer" in args and name not in ("remote-as", "peer-group", "peer-group-definition"):
        known = {each.args["peer"] for each in _session_statements(context)}
        if args["peer"] not in known:
            raise RefusedError(NEEDS_REMOTE_AS)
    if name in _ONE_OF_TWO and any(
        (each.args["peer"], each.args["way"]) == (args["peer"], args["way"])
        for each in context.block.named(*(_ONE_OF_TWO - {name}))
    ):
        raise RefusedError("% Prefix/distribute list can not co-exist")
    if name == "activate" and not words.is_address(args["peer"]):
        raise RefusedError("% Invalid input detected at '^' marker.", caret=True)


def _session_statements(context: Context) -> list[Statement]:
    kinds = ("remote-as", "peer-group", "peer-group-definition")
    found = context.block.named(*kinds)
    if context.rule.mode in FAMILY_MODES and not _in_vrf_family(context):
        process = context.root.first("router-bgp")
        if process is not None and process.block is not None:
            found += process.block.named(*kinds)
    return found


def _in_vrf_family(context: Context) -> bool:
    process = context.root.first("router-bgp")
    if process is None or process.block is None:
        return False
    return any(each.block is context.block for each in process.block.named("family-vrf", "family-vrf6"))


def vrf_statement(root: Block, name: str) -> Statement | None:
    """The definition of a VRF in either style."""
    return next((each for each in root.named("ip-vrf", "vrf-definition") if each.args["name"] == name), None)


def interface_vrf(block: Block) -> str | None:
    """The VRF that an interface is in."""
    return block.value("vrf") or block.value("vrf-old")


def after_set(context: Context, statement: Statement) -> str:
    """Carry out what follows from a command; the text is what IOS prints."""
    name, mode = statement.rule.name, statement.rule.mode
    message = ""
    if mode == "config-if":
        if name in ("vrf", "vrf-old"):
            message = _move_to_vrf(context, statement)
        elif name == "unnumbered":
            _drop(context.block, "address", "secondary")
        elif name == "address":
            _drop(context.block, "unnumbered")
        elif name == "bfd-echo":
            _drop(context.block, "bfd-echo")
        refresh_no_address(context.block)
    elif name == "interface" and statement.block is not None:
        refresh_no_address(statement.block)
    elif name in ("remote-as", "peer-group") and _in_vrf_family(context):
        _store(context.block, context.rule.mode, "activate", {"peer": statement.args["peer"]})
    elif name in ("ip-vrf", "vrf-definition"):
        other = "vrf-definition" if name == "ip-vrf" else "ip-vrf"
        if any(each.args["name"] == statement.args["name"] for each in context.root.named(other)):
            context.block.statements.pop(statement.key, None)
            raise RefusedError(f"% VRF {statement.args['name']} is already defined in the other format")
    return message


def _drop(block: Block, *names: str) -> list[Statement]:
    gone = block.named(*names)
    for statement in gone:
        block.statements.pop(statement.key, None)
    return gone


def _move_to_vrf(context: Context, statement: Statement) -> str:
    block = context.block
    for other in block.named("vrf", "vrf-old"):
        if other is not statement:
            block.statements.pop(other.key, None)
    gone = _drop(block, "address", "secondary", *_IPV6)
    if not gone:
        return ""
    owner = next(each for each in context.root.named("interface") if each.block is block)
    name, vrf = owner.args["name"], statement.args["value"]
    return f"% Interface {name} IPv4 disabled and address(es) removed due to enabling VRF {vrf}"


_IPV6 = ("address6", "link-local6", "ipv6-enable")


def refresh_no_address(block: Block) -> None:
    """Keep ``no ip address`` where an interface has none, as a running-config shows it."""
    rule = next(each for each in grammar()["config-if"] if each.name == "no-address")
    key = ("ip", "address", "")
    if block.named("address", "unnumbered"):
        block.statements.pop(key, None)
    else:
        block.statements[key] = Statement(rule, key, {}, "no ip address", negated=True)


def _store(block: Block, mode: str, name: str, args: dict[str, str]) -> None:
    rule = next(each for each in grammar()[mode] if each.name == name)
    text = f"neighbor {args['peer']} {name}"
    key = tuple(text.split())
    block.statements.setdefault(key, Statement(rule, key, args, text))


def check_removal(statement: Statement) -> None:
    """Raise RefusedError where IOS would not remove the statement."""
    if statement.name == "interface" and not logical(statement.args["name"]):
        raise RefusedError("% Removal of physical interfaces is not permitted")


def after_remove(context: Context, gone: list[Statement]) -> str:
    """Carry out what follows from a removal."""
    message = ""
    for statement in gone:
        if statement.name in ("ip-vrf", "vrf-definition"):
            message = _remove_vrf(context.root, statement.args["name"])
        elif statement.name == "family" and statement.args.get("family") == "ipv6":
            message = _disable_ipv6(context)
        elif statement.name in ("vrf", "vrf-old") and statement.rule.mode == "config-if":
            if _drop(context.block, "address", "secondary", *_IPV6):
                owner = next(each for each in context.root.named("interface") if each.block is context.block)
                message = (
                    f"% Interface {owner.args['name']} IPv4 disabled and address(es) removed due to disabling VRF "
                    f"{statement.args['value']}"
                )
        elif statement.name in ("remote-as", "peer-group", "peer-group-definition"):
            _remove_neighbor(context, statement.args["peer"])
    if context.rule.mode == "config-if":
        refresh_no_address(context.block)
    return message


def _remove_neighbor(context: Context, peer: str) -> None:
    blocks = [context.block]
    if context.rule.mode == "config-router":
        blocks += [each.block for each in context.block.named("family", "family6") if each.block is not None]
    for block in blocks:
        for key in [key for key, each in block.statements.items() if each.args.get("peer") == peer]:
            del block.statements[key]


def _disable_ipv6(context: Context) -> str:
    """A VRF without its IPv6 family has no IPv6 addresses and no IPv6 routes to exchange."""
    name = next(each.args["name"] for each in context.root.named("vrf-definition") if each.block is context.block)
    for interface in context.root.named("interface"):
        if interface.block is not None and interface_vrf(interface.block) == name:
            _drop(interface.block, *_IPV6)
    process = context.root.first("router-bgp")
    if process is not None and process.block is not None:
        for each in process.block.named("family-vrf6"):
            if each.args["vrf"] == name:
                del process.block.statements[each.key]
    return f"% IPv6 addresses from all interfaces in VRF {name} have been removed"


def _remove_vrf(root: Block, name: str) -> str:
    text = ""
    for interface in root.named("interface"):
        if interface.block is not None and interface_vrf(interface.block) == name:
            _drop(interface.block, "vrf", "vrf-old", "address", "secondary", *_IPV6)
            refresh_no_address(interface.block)
            text = f"% IPv4 and IPv6 addresses from all interfaces in VRF {name} have been removed"
    for key in [key for key, each in root.statements.items() if each.args.get("vrf") == name]:
        del root.statements[key]
    process = root.first("router-bgp")
    if process is not None and process.block is not None:
        for each in process.block.named("family-vrf", "family-vrf6"):
            if each.args["vrf"] == name:
                del process.block.statements[each.key]
    return text
