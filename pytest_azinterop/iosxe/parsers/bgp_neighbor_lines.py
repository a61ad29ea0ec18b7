"""The lines of a neighbor's block in `show bgp … neighbors`, and the fields that they hold."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.iosxe.parsers.line_forms import Beginnings, LineForms

_COUNT = r"(?:\d+|n/a)"
_BFD = r"(?P<bfd>Using BFD to detect fast fallover.*|BFD is configured.*)"
# `Session state` where two sessions stand beside each other: the old one is still closing.
_STATE = r"(?:BGP|Session) state = (?P<state>\w+)(?:,? (?:up|down) for (?P<in_state>\S+))?"

# What opens, parts or closes a block, and what stands behind the message statistics.
STRUCTURE: Final = ("BGP neighbor is", "TCP Semaphore", "No active TCP connection", "For address family",
                    "Message statistics")  # fmt: skip
STATISTICS_END: Final = ("Do log", "Default minimum", "Minimum time", "For address family", "Connections established")

# About the session as a whole.
SESSION: Final = LineForms(
    ("Description:", r"Description: ?(?P<description>.*)"),
    ("Administratively", r"(?P<shutdown>Administratively shut down)(?: .*)?"),
    ("BGP version", r"BGP version \d+, remote router ID (?P<router_id>\d+\.\d+\.\d+\.\d+)"),
    ("BGP state", _STATE),
    ("Session state", _STATE),
    (
        "Last read",
        r"Last read (?P<last_read>[\w:]+)(?:, last write (?P<last_write>[\w:]+))?, hold time is (?P<hold_time>\d+),"
        r" keepalive interval is (?P<keepalive>\d+) seconds",
    ),
    (
        "Configured hold time",
        r"Configured hold time is (?P<configured_hold_time>\d+), ?keepalive interval is"
        r" (?P<configured_keepalive>\d+) seconds",
    ),
    ("Total:", rf"Total: +(?P<total_sent>{_COUNT}) +(?P<total_received>{_COUNT})"),
    ("Connections established", r"Connections established (?P<established>\d+); dropped (?P<dropped>\d+)"),
    ("Last reset", r"Last reset (?P<last_reset>[\w:]+)(?:, due to (?P<reset_reason>.+))?"),
    ("External BGP neighbor may", r"External BGP neighbor may be up to (?P<hops>\d+) hops? away\.?"),
    ("External BGP neighbor not", r"(?P<not_connected>External BGP neighbor not directly connected)\.?"),
    ("Connection state", r"Connection state is (?P<connection>\w+),.*"),
    ("Local host:", r"Local host: (?P<local_host>[0-9A-Fa-f.:]+)(?:%\S+)?, Local port: \d+"),
    ("Using BFD", _BFD),
    ("BFD is", _BFD),
)

# About one address family of it.
UNICAST: Final = LineForms(
    ("Inbound soft", r"(?P<soft_reconfiguration>Inbound soft reconfiguration allowed)(?: .*)?"),
    ("NEXT_HOP", r"(?P<next_hop_self>NEXT_HOP is always this router)(?: .*)?"),
    ("Default weight", r"Default weight (?P<weight>\d+)"),
    ("Weight", r"Weight (?P<weight>\d+)"),
    ("Incoming update prefix", r"Incoming update prefix filter list is (?P<prefix_list_in>\S+)"),
    ("Outgoing update prefix", r"Outgoing update prefix filter list is (?P<prefix_list_out>\S+)"),
    ("Incoming update AS path", r"Incoming update AS path filter list is (?P<filter_list_in>\S+)"),
    ("Outgoing update AS path", r"Outgoing update AS path filter list is (?P<filter_list_out>\S+)"),
    ("Route map for incoming", r"Route map for incoming advertisements is (?P<route_map_in>\S+)"),
    ("Route map for outgoing", r"Route map for outgoing advertisements is (?P<route_map_out>\S+)"),
    (
        "Prefixes Current:",
        r"Prefixes Current: +(?P<sent_prefixes>\d+) +(?P<accepted_prefixes>\d+)(?: \(Consumes \d+ bytes\))?",
    ),
    ("Maximum prefixes", r"Maximum prefixes allowed (?P<maximum>\d+)(?: \((?P<warning_only>warning-only)\))?"),
    ("Threshold for", r"Threshold for warning message (?P<threshold>\d+)%(?:,.*)?"),
    ("Using BFD", r"(?P<bfd>Using BFD to detect fast fallover.*)"),
)

# Counters and settings that no check looks at. What is not here and not above stays unread on the record.
NEEDLESS: Final = Beginnings(
    (
        "Member of peer-group", "Inherits from template", "Belongs to the subnet", "Hostname:", "Neighbor sessions:",
        "Neighbor capabilities:", "Route refresh: ", "Four-octets ASN", "New ASN Capability", "Graceful Restart",
        "Graceful-Restart", "Remote Restart", "Address families advertised", "Enhanced Refresh", "Multisession Capab",
        "Stateful switchover", "InQ depth", "OutQ depth", "Opens: ", "Notifications: ", "Updates: ", "Keepalives: ",
        "Route Refresh: ", "Total: ", "Do log neighbor", "Default minimum time", "Minimum time between",
        "Minimum holdtime", "Last update received", "Translates address family", "Session: ", "BGP table version",
        "Output queue size", "Slow-peer ", "Prefix activity: ", "Prefixes Total: ", "Implicit Withdraw: ",
        "Explicit Withdraw: ", "Used as ", "Saved (", "Local Policy Denied", "Number of NLRIs", "Last detected as",
        "Dynamic slow peer", "Refresh ", "Refresh-", "Last Sent Refresh", "Last Received Refresh", "Address tracking",
        "Route to peer", "Last notification", "External BGP neighbor", "Interface associated", "Transport(tcp)",
        "SSO is", "Connection is ECN", "Connection tableid", "Foreign host", "Maximum output segment",
        "Enqueued packets", "Event Timers", "Retrans ", "TimeWait ", "AckHold ", "SendWnd ", "KeepAlive ", "GiveUp ",
        "PmtuAger ", "DeadWait ", "Linger ", "ProcessQ ", "iss: ", "irs: ", "sndwnd: ", "rcvwnd: ", "SRTT: ",
        "minRTT: ", "uptime: ", "Status Flags", "Option Flags", "IP Precedence", "Window update", "ACK Optim",
        "Datagrams", "Peer MSS", "Rcvd: ", "Sent: ", "Packets received", "fast lock", "Inbound path policy",
        "Outbound path policy", "Community attribute", "Extended-community attribute",
    ),
    r"\d+ active, is |Address family \S+ \S+.*: |Sent\s+Rcvd|Index \d|\d+ update-group member|\S+ peer-group member"
    r"|Outbound +Inbound|Timer +Starts|[\w -]+: +(?:\d+|n/a) +(?:\d+|n/a)$|prefix-list +\d+"
    r"|[\w/ -]+\(was (?:not )?preserved",
    others=(*STRUCTURE, *STATISTICS_END, *(start for start, _ in (*SESSION.forms, *UNICAST.forms))),
)  # fmt: skip
