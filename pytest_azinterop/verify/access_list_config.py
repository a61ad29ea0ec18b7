"""IPv4 access lists as the running-configuration writes them.

Named and numbered, standard and extended, with remarks, sequence numbers and object groups. What is not understood is
kept as an entry without boxes, so that nothing is concluded from it.

Source: Cisco, "IOS XE Security Command Reference" (`access-list`, `ip access-list`, `permit`, `deny`, `object-group`).
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from itertools import product
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.access_list_space import TCP, UDP, Entry, without

if TYPE_CHECKING:
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.verify.access_list_space import Interval

_ANY: Final = (0, 2**32 - 1)
_ALL_PORTS: Final = (0, 65535)
_FREE_BITS: Final = 8  # of a wildcard that is no mask: 256 blocks at most
_MOST: Final = 4096
_DEEPEST: Final = 8
_PROTOCOLS: Final = {
    "icmp": 1,
    "igmp": 2,
    "ipinip": 4,
    "tcp": TCP,
    "udp": UDP,
    "gre": 47,
    "esp": 50,
    "ahp": 51,
    "eigrp": 88,
    "ospf": 89,
    "nos": 94,
    "pim": 103,
    "pcp": 108,
    "sctp": 132,
}
_TCP_PORTS: Final = {
    "bgp": 179,
    "chargen": 19,
    "cmd": 514,
    "daytime": 13,
    "discard": 9,
    "domain": 53,
    "echo": 7,
    "exec": 512,
    "finger": 79,
    "ftp": 21,
    "ftp-data": 20,
    "gopher": 70,
    "hostname": 101,
    "ident": 113,
    "irc": 194,
    "klogin": 543,
    "kshell": 544,
    "login": 513,
    "lpd": 515,
    "msrpc": 135,
    "nntp": 119,
    "onep-plain": 15001,
    "onep-tls": 15002,
    "pim-auto-rp": 496,
    "pop2": 109,
    "pop3": 110,
    "smtp": 25,
    "sunrpc": 111,
    "syslog": 514,
    "tacacs": 49,
    "talk": 517,
    "telnet": 23,
    "time": 37,
    "uucp": 540,
    "whois": 43,
    "www": 80,
}
_UDP_PORTS: Final = {
    "biff": 512,
    "bootpc": 68,
    "bootps": 67,
    "discard": 9,
    "dnsix": 195,
    "domain": 53,
    "echo": 7,
    "isakmp": 500,
    "mobile-ip": 434,
    "nameserver": 42,
    "netbios-dgm": 138,
    "netbios-ns": 137,
    "netbios-ss": 139,
    "non500-isakmp": 4500,
    "ntp": 123,
    "pim-auto-rp": 496,
    "rip": 520,
    "ripv6": 521,
    "snmp": 161,
    "snmptrap": 162,
    "sunrpc": 111,
    "syslog": 514,
    "tacacs": 49,
    "talk": 517,
    "tftp": 69,
    "time": 37,
    "who": 513,
    "xdmcp": 177,
}
_PORTS: Final = {TCP: _TCP_PORTS, UDP: _UDP_PORTS}
_SAYS_NOTHING: Final = frozenset({"log", "log-input"})
_NAMED: Final = re.compile(r"ip access-list (standard|extended) (\S+)")
_NUMBERED: Final = re.compile(r"access-list (\d+) (.+)")
_STANDARD: Final = (range(1, 100), range(1300, 2000))


class _NotUnderstoodError(ValueError):
    """Words that are not modelled."""


def access_list(config: RunningConfig, name: str) -> tuple[Entry, ...] | None:
    """The entries of a list in the order in which they are asked; None: there is no such list."""
    entries: list[tuple[int, Entry]] = []
    known = False
    for line in config.starting_with("ip access-list"):
        found = _NAMED.fullmatch(line.text)
        if found and found[2] == name:
            known = True
            for child in line.children:
                _add(entries, child, child.text, standard=found[1] == "standard", config=config)
    for line in config.starting_with("access-list"):
        numbered = _NUMBERED.fullmatch(line.text)
        if numbered and numbered[1] == name:
            known = True
            standard = any(int(name) in numbers for numbers in _STANDARD)
            _add(entries, line, numbered[2], standard=standard, config=config)
    if not known:
        return None
    return tuple(entry for _, entry in sorted(entries, key=lambda each: each[0]))


def _add(
    entries: list[tuple[int, Entry]], line: ConfigLine, text: str, *, standard: bool, config: RunningConfig
) -> None:
    """Take an entry in; without a number it stands behind all others."""
    words = text.split()
    number = int(words.pop(0)) if words and words[0].isdigit() else max((each for each, _ in entries), default=0) + 10
    if not words or words[0] in ("remark", "no") or words == ["!"]:
        return
    action = {"permit": True, "deny": False, "evaluate": True}.get(words[0])
    if words[0] not in ("permit", "deny"):
        entries.append((number, Entry(action, None, line)))
        return
    try:
        entry = _standard(action, words[1:], line) if standard else _extended(action, words[1:], line, config)
    except (ValueError, IndexError):
        entry = Entry(action, None, line)
    entries.append((number, entry))


def _standard(action: bool | None, words: list[str], line: ConfigLine) -> Entry:
    if words and words[-1] in _SAYS_NOTHING:
        words = words[:-1]
    if len(words) == 1 and words[0] != "any":
        words = ["host", *words]
    sources = _addresses(words, None)
    if words:
        raise _NotUnderstoodError
    return Entry(action, tuple(((0, 255), each, _ANY, _ALL_PORTS, _ALL_PORTS) for each in sources), line)


def _extended(action: bool | None, words: list[str], line: ConfigLine, config: RunningConfig) -> Entry:
    services = _services(words, config)
    protocols = {each[0] for each in services}
    sources = _addresses(words, config)
    from_ = _ports(words, protocols)
    destinations = _addresses(words, config)
    to = _ports(words, protocols)
    rest = [each for each in words if each not in _SAYS_NOTHING]
    boxes = [
        (protocol, source, destination, sent, received)
        for (protocol, own_from, own_to), source, destination in product(services, sources, destinations)
        for sent, received in product(from_ or [own_from], to or [own_to])
    ]
    if len(boxes) > _MOST:
        raise _NotUnderstoodError
    timed = "time-range" in rest
    return Entry(
        action,
        tuple(boxes),
        line,
        partly=bool(rest) and not timed,
        fragments="fragments" in rest,
        at_times=timed,
    )


_Service = tuple["Interval", "Interval", "Interval"]


def _services(words: list[str], config: RunningConfig) -> list[_Service]:
    """The protocol of an entry, or the services of a group: protocol, source ports, destination ports."""
    first = words.pop(0)
    if first == "object-group":
        return _service_group(words.pop(0), config, _DEEPEST)
    return [(_protocol(first), _ALL_PORTS, _ALL_PORTS)]


def _protocol(word: str) -> Interval:
    if word in ("ip", "ipv4"):
        return 0, 255
    number = int(word) if word.isdigit() else _PROTOCOLS.get(word)
    if number is None:
        raise _NotUnderstoodError
    return number, number


def _ports(words: list[str], protocols: set[Interval]) -> list[Interval]:
    """The ports that stand next; nothing where there are none. They are taken from the words."""
    if not words or words[0] not in ("eq", "neq", "gt", "lt", "range"):
        return []
    operator = words.pop(0)
    if not protocols <= {(TCP, TCP), (UDP, UDP)}:
        raise _NotUnderstoodError
    names = {name: port for low, _ in protocols for name, port in _PORTS[low].items()}

    def is_port(word: str) -> bool:
        return word.isdigit() or word in names

    def port() -> int:
        word = words.pop(0)
        if not is_port(word):
            raise _NotUnderstoodError
        return int(word) if word.isdigit() else names[word]

    values = [port()]
    if operator == "range":
        return [(values[0], port())]
    while operator in ("eq", "neq") and words and is_port(words[0]):
        values.append(port())
    if operator == "eq":
        return [(each, each) for each in values]
    if operator == "neq":
        return list(without(values))
    return [(values[0] + 1, 65535)] if operator == "gt" else [(0, values[0] - 1)]


def _addresses(words: list[str], config: RunningConfig | None) -> list[Interval]:
    """The addresses that stand next. They are taken from the words."""
    first = words.pop(0)
    if first == "any":
        return [_ANY]
    if first == "host":
        return [_one(words.pop(0))]
    if first == "object-group" and config is not None:
        return _network_group(words.pop(0), config, _DEEPEST)
    return _wildcard(_number(first), _number(words.pop(0)))


def _number(word: str) -> int:
    try:
        return int(IPv4Address(word))
    except AddressValueError as error:
        raise _NotUnderstoodError from error


def _one(word: str) -> Interval:
    number = _number(word)
    return number, number


def _wildcard(address: int, free: int) -> list[Interval]:
    """The addresses that agree with one in all bits that the wildcard does not free."""
    tail = 0
    while tail < 32 and free >> tail & 1:
        tail += 1
    size = 1 << tail
    others = [1 << bit for bit in range(tail, 32) if free >> bit & 1]
    if len(others) > _FREE_BITS:
        raise _NotUnderstoodError
    starts = [address & ~free]
    for bit in others:
        starts += [start | bit for start in starts]
    return [(start, start + size - 1) for start in sorted(starts)]


def _group(config: RunningConfig, kind: str, name: str) -> ConfigLine:
    wanted = f"object-group {kind} {name}"
    found = next((line for line in config.starting_with("object-group") if line.text.strip() == wanted), None)
    if found is None:
        raise _NotUnderstoodError
    return found


def _network_group(name: str, config: RunningConfig, depth: int) -> list[Interval]:
    if depth == 0:
        raise _NotUnderstoodError
    found: list[Interval] = []
    for child in _group(config, "network", name).children:
        words = child.text.split()
        if words[0] == "description":
            continue
        if words[0] == "group-object":
            found += _network_group(words[1], config, depth - 1)
        elif words[0] == "range":
            found.append((_number(words[1]), _number(words[2])))
        elif words[0] in ("host", "any"):
            found += _addresses(words, None)
        elif "/" in words[0]:
            address, _, length = words[0].partition("/")
            found += _wildcard(_number(address), (1 << (32 - int(length))) - 1)
        else:  # with a mask, unlike the entries of a list
            found += _wildcard(_number(words[0]), _number(words[1]) ^ 0xFFFFFFFF)
    return found


def _service_group(name: str, config: RunningConfig, depth: int) -> list[_Service]:
    if depth == 0:
        raise _NotUnderstoodError
    found: list[_Service] = []
    for child in _group(config, "service", name).children:
        words = child.text.split()
        if words[0] == "description":
            continue
        if words[0] == "group-object":
            found += _service_group(words[1], config, depth - 1)
            continue
        first = words.pop(0)
        protocols = [(TCP, TCP), (UDP, UDP)] if first == "tcp-udp" else [_protocol(first)]
        from_: list[Interval] = []
        if words and words[0] == "source":
            words.pop(0)
            from_ = _ports(words, set(protocols))
        if words and words[0].isdigit():
            words.insert(0, "eq")
        to = _ports(words, set(protocols))
        if words:
            raise _NotUnderstoodError
        found += list(product(protocols, from_ or [_ALL_PORTS], to or [_ALL_PORTS]))
    return found
