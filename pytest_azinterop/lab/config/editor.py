"""Configuration mode: lines change the tree as they are typed, or are refused as IOS refuses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import effects
from pytest_azinterop.lab.config.pattern import Match, Progress, Token, match, tokenize
from pytest_azinterop.lab.config.refused import RefusedError
from pytest_azinterop.lab.config.rules import Rule, candidates
from pytest_azinterop.lab.config.tree import Block, Statement
from pytest_azinterop.lab.network.view import ConfigReply

if TYPE_CHECKING:
    from collections.abc import Callable

INVALID = "% Invalid input detected at '^' marker."
PROMPTS = {
    "config-router-ospf": "config-router",
    "config-vrf-old": "config-vrf",
    "config-nacl": "config-ext-nacl",
    "config-router-af6": "config-router-af",
}
_UNMODELLED = """
aaa; arp; bfd all-interfaces; bfd map; bfd slow-timers; bfd template; bfd-template;
call-home; class-map; crypto isakmp policy; crypto map; crypto pki; cts;
device-tracking; dot1x; event; flow; ip arp; ip inspect; ip nat; ip nhrp; ip pim; ip sla; ip
virtual-reassembly; ipv6 access-list; ipv6 dhcp; ipv6 eigrp; ipv6 general-prefix; ipv6 inspect;
ipv6 local; ipv6 mtu; ipv6 ospf; ipv6 pim; ipv6 policy; ipv6 rip; ipv6 router; ipv6 tcp; ipv6 traffic-filter;
ipv6 unnumbered; ipv6 verify; ipv6 address * eui-64; ipv6 address * anycast; ipv6 address dhcp;
ipv6 address autoconfig; match ipv6 address; match ipv6 next-hop; set ipv6; router ospfv3;
key; l2vpn; mac; monitor; mpls; neighbor * fall-over;
neighbor * unsuppress-map; neighbor * advertise-map; object-group; policy-map; qos; radius; route-tag; router
eigrp; router isis; router rip; service-policy; standby; template; track; vrrp; xconnect; zone; zone-member;
bgp dampening route-map; bgp nexthop; bgp suppress-inactive;
ntp authenticate; ntp authentication-key; ntp trusted-key; ntp master; ntp peer; ntp access-group; ntp broadcast;
ntp disable; ntp allow; ntp passive; ntp max-associations; time-period; logging persistent; clock summer-time;
bgp cluster-id; bgp deterministic-med; export map; import map;
set comm-list; set extcommunity; match extcommunity; ip extcommunity-list; ip large-community-list; set large-community;
address-family vpnv4; address-family vpnv6; address-family ipv6 multicast
"""
UNMODELLED = tuple(tuple(line.split()) for line in _UNMODELLED.split(";"))
"""Beginnings of commands that IOS-XE takes and this lab does not model; ``*`` is any word."""


class ConfigTextError(ValueError):
    """A configuration file that the grammar does not take, with line number and line."""


@dataclass(slots=True)
class Configuration:
    """A router's configuration and what belongs to its identity."""

    root: Block = field(default_factory=lambda: Block("config"))
    hardware: frozenset[str] = frozenset()
    """Ports that exist; empty while a file is loaded, when a port is what the file names."""
    version: int = 0
    """Grows with every change."""


class Editor:
    """One user's place in configuration mode."""

    def __init__(self, configuration: Configuration, on_change: Callable[[], None] | None = None) -> None:
        self._configuration = configuration
        self._on_change = on_change
        self._path: list[Block] = [configuration.root]
        self._banner: tuple[str, list[str]] | None = None
        """Delimiter and lines of a banner that is being typed."""

    @property
    def mode(self) -> str:
        """The word in the prompt."""
        block = self._path[-1]
        if block.mode == "config-if" and any(
            each.block is block and "." in each.args["name"] for each in self._configuration.root.named("interface")
        ):
            return "config-subif"
        return PROMPTS.get(block.mode, block.mode)

    @property
    def depth(self) -> int:
        """How many modes are open."""
        return len(self._path)

    def leave_to(self, depth: int) -> None:
        """Leave the modes below."""
        del self._path[depth:]

    def apply(self, line: str) -> ConfigReply:
        """Apply one line; the configuration is unchanged unless the reply is ok."""
        if self._banner is not None:
            return self._banner_line(line)
        tokens = tokenize(line)
        if not tokens or tokens[0].text.startswith("!"):
            return ConfigReply(ok=True)
        leaving = self._leave(tokens)
        if leaving is not None:
            return leaving
        negated = tokens[0].text.lower() in ("no", "default") and len(tokens) > 1
        words = tokens[1:] if negated else tokens
        progress = Progress()
        for depth in range(len(self._path), 0, -1):
            block = self._path[depth - 1]
            if (
                block.mode == "config-router"
                and self._path[-1].mode in effects.FAMILY_MODES
                and _of_family(words[0].text)
            ):
                continue
            found = self._find(block, words, line, progress, negated=negated)
            if isinstance(found, ConfigReply):
                return found
            if found is not None:
                rule, matched = found
                return self._edit(depth, rule, matched, line, negated=negated)
        return _refusal(tokens, words, progress)

    def _banner_line(self, line: str) -> ConfigReply:
        delimiter, lines = self._banner or ("", [])
        lines.append(line)
        if delimiter not in line:
            return ConfigReply(ok=True)
        self._banner = None
        statement = next(reversed(self._configuration.root.named("banner")))
        statement.text = "\n".join([statement.text, *lines])
        return ConfigReply(ok=True)

    def _leave(self, tokens: list[Token]) -> ConfigReply | None:
        word = tokens[0].text.lower()
        if len(tokens) > 1:
            return None
        if word == "end":
            del self._path[1:]
            return ConfigReply(ok=True, left=True)
        if word in ("exit", "quit"):
            if len(self._path) == 1:
                return ConfigReply(ok=True, left=True)
            self._path.pop()
            return ConfigReply(ok=True)
        if len(word) > 5 and "exit-address-family".startswith(word):
            if self._path[-1].mode not in ("config-router-af", "config-router-af6", "config-vrf-af"):
                return ConfigReply(ok=False, text=INVALID, caret=tokens[0].column)
            self._path.pop()
            return ConfigReply(ok=True)
        return None

    def _find(
        self, block: Block, tokens: list[Token], line: str, progress: Progress, *, negated: bool
    ) -> tuple[Rule, Match] | ConfigReply | None:
        found: list[tuple[Rule, Match]] = []
        for rule in candidates(block.mode, tokens[0].text):
            matched = match(rule.items, tokens, line, progress, negated=negated, bulk=rule.bulk)
            if matched is not None:
                found.append((rule, matched))
        if not found:
            return None
        found.sort(key=lambda each: (each[1].rank, not each[1].complete))
        best = found[0][1]
        rivals = {each.words for _, each in found if each.rank == best.rank and each.complete == best.complete}
        if len(rivals) > 1:
            return ConfigReply(ok=False, text=f'% Ambiguous command:  "{line.strip()}"')
        return found[0]

    def _edit(self, depth: int, rule: Rule, matched: Match, line: str, *, negated: bool) -> ConfigReply:
        block = self._path[depth - 1]
        root = self._configuration.root
        try:
            rewritten = effects.rewrite(block, rule, matched, negated=negated)
            if rewritten is not None:
                saved = self._path
                self._path = saved[:depth]
                reply = self.apply(rewritten)
                if not reply.ok:
                    self._path = saved
                return reply
            context = effects.Context(root, block, rule, matched, self._configuration.hardware)
            text = self._remove(context) if negated else self._set(context, depth)
        except RefusedError as refused:
            column = len(line) - len(line.lstrip()) if refused.caret else None
            return ConfigReply(ok=False, text=str(refused), caret=column)
        if not (not negated and rule.opens):
            del self._path[depth:]
        self._configuration.version += 1
        if self._on_change is not None:
            self._on_change()
        return ConfigReply(ok=True, text=text)

    def _set(self, context: effects.Context, depth: int) -> str:
        rule, matched, block = context.rule, context.matched, context.block
        effects.check(context)
        existing = block.statements.get(matched.key)
        if rule.opens:
            if existing is None:
                text = " ".join(matched.words)
                existing = Statement(rule, matched.key, matched.args, text, block=Block(rule.opens))
                block.statements[matched.key] = existing
            if existing.block is None:
                raise RefusedError(INVALID, caret=True)
            message = effects.after_set(context, existing)
            self._path[depth:] = [existing.block]
            return message
        statement = _combine(rule, matched, existing)
        block.statements.pop(matched.key, None)
        block.statements[matched.key] = statement
        if rule.name == "banner":
            self._open_banner(statement)
        return effects.after_set(context, statement)

    def _open_banner(self, statement: Statement) -> None:
        text = statement.args["value"]
        delimiter = text[:2] if text.startswith("^") else text[:1]
        if text.count(delimiter) < 2:
            self._banner = (delimiter, [])

    def _remove(self, context: effects.Context) -> str:
        rule, matched, block = context.rule, context.matched, context.block
        if rule.bulk and len(matched.words) == rule.bulk:
            gone = [each for each in block if tuple(each.text.split()[: rule.bulk]) == matched.words]
        else:
            existing = block.statements.get(matched.key)
            gone = [] if existing is None else [existing]
            if rule.additive and existing is not None and matched.complete:
                left = [w for w in existing.args[rule.additive].split() if w not in matched.args[rule.additive].split()]
                if left:
                    prefix = existing.text[: -len(existing.args[rule.additive])]
                    existing.args = {**existing.args, rule.additive: " ".join(left)}
                    existing.text = prefix + " ".join(left)
                    return ""
            elif existing is not None and (left_over := effects.without_options(existing, matched)) is not None:
                existing.args, existing.text = left_over
                return ""
            elif existing is not None and matched.complete and not rule.both and not effects.same(existing, matched):
                return ""
        for statement in gone:
            effects.check_removal(statement)
        for statement in gone:
            block.statements.pop(statement.key, None)
        message = effects.after_remove(context, gone)
        if rule.both and effects.stores_negation(context):
            block.statements[matched.key] = Statement(
                rule, matched.key, matched.args, "no " + " ".join(matched.words), negated=True
            )
        return message


def _combine(rule: Rule, matched: Match, existing: Statement | None) -> Statement:
    text, args = " ".join(matched.words), matched.args
    if rule.additive and existing is not None:
        old = existing.args[rule.additive].split()
        more = [word for word in args[rule.additive].split() if word not in old]
        joined = " ".join(old + more)
        text = text[: -len(args[rule.additive])] + joined
        args = {**args, rule.additive: joined}
    return Statement(rule, matched.key, args, text)


def _refusal(tokens: list[Token], words: list[Token], progress: Progress) -> ConfigReply:
    if any(_begins(words, beginning) for beginning in UNMODELLED):
        return ConfigReply(ok=False, text=f"% Not modelled by this lab: {' '.join(each.text for each in tokens)}")
    if progress.incomplete and progress.furthest >= len(words):
        return ConfigReply(ok=False, text="% Incomplete command.")
    at = min(progress.furthest, len(words) - 1)
    return ConfigReply(ok=False, text=INVALID, caret=words[at].column)


def _of_family(word: str) -> bool:
    """A line of an address family that does not fit it means nothing to the process either."""
    starts = ("network", "neighbor", "redistribute", "aggregate-address", "auto-summary")
    return any(start.startswith(word.lower()) for start in starts)


def _begins(words: list[Token], beginning: tuple[str, ...]) -> bool:
    if len(words) < len(beginning):
        return False
    return all(want in ("*", word.text.lower()) for word, want in zip(words, beginning, strict=False))


def load(text: str) -> Configuration:
    """Read a running-config as if it were typed. Raises ConfigTextError naming the first ten lines not taken."""
    configuration = Configuration()
    editor = Editor(configuration)
    errors: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("Building configuration", "Current configuration")):
            continue
        reply = editor.apply(line)
        if reply.left:
            break
        if not reply.ok:
            errors.append(f"line {number}: {line.strip()!r}: {reply.text}")
    if errors:
        raise ConfigTextError("; ".join(errors[:10]))
    ports = (each.args["name"] for each in configuration.root.named("interface"))
    configuration.hardware = frozenset(name for name in ports if not effects.logical(name)) | {""}
    return configuration
