"""The lines of a neighbor's block in `show bgp … neighbors`, and the fields that they hold."""

from __future__ import annotations

import re
from typing import Final

_COUNT = r"(?:\d+|n/a)"


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# About the session as a whole.
SESSION: Final = _any_of(
    r"Description: ?(?P<description>.*)",
    r"(?P<shutdown>Administratively shut down)(?: .*)?",
    r"BGP version \d+, remote router ID (?P<router_id>\d+\.\d+\.\d+\.\d+)",
    # `Session state` where two sessions stand beside each other: the old one is still closing.
    r"(?:BGP|Session) state = (?P<state>\w+)(?:,? (?:up|down) for (?P<in_state>\S+))?",
    r"Last read (?P<last_read>[\w:]+)(?:, last write (?P<last_write>[\w:]+))?, hold time is (?P<hold_time>\d+),"
    r" keepalive interval is (?P<keepalive>\d+) seconds",
    r"Configured hold time is (?P<configured_hold_time>\d+), ?keepalive interval is"
    r" (?P<configured_keepalive>\d+) seconds",
    rf"Total: +(?P<total_sent>{_COUNT}) +(?P<total_received>{_COUNT})",
    r"Connections established (?P<established>\d+); dropped (?P<dropped>\d+)",
    r"Last reset (?P<last_reset>[\w:]+)(?:, due to (?P<reset_reason>.+))?",
    r"External BGP neighbor may be up to (?P<hops>\d+) hops? away\.?",
    r"(?P<not_connected>External BGP neighbor not directly connected)\.?",
    r"Connection state is (?P<connection>\w+),.*",
    r"Local host: (?P<local_host>[0-9A-Fa-f.:]+)(?:%\S+)?, Local port: \d+",
    r"(?P<bfd>Using BFD to detect fast fallover.*|BFD is configured.*)",
)

# About one address family of it.
UNICAST: Final = _any_of(
    r"(?P<soft_reconfiguration>Inbound soft reconfiguration allowed)(?: .*)?",
    r"(?P<next_hop_self>NEXT_HOP is always this router)(?: .*)?",
    r"(?:Default weight|Weight) (?P<weight>\d+)",
    r"Incoming update prefix filter list is (?P<prefix_list_in>\S+)",
    r"Outgoing update prefix filter list is (?P<prefix_list_out>\S+)",
    r"Incoming update AS path filter list is (?P<filter_list_in>\S+)",
    r"Outgoing update AS path filter list is (?P<filter_list_out>\S+)",
    r"Route map for incoming advertisements is (?P<route_map_in>\S+)",
    r"Route map for outgoing advertisements is (?P<route_map_out>\S+)",
    r"Prefixes Current: +(?P<sent_prefixes>\d+) +(?P<accepted_prefixes>\d+)(?: \(Consumes \d+ bytes\))?",
    r"Maximum prefixes allowed (?P<maximum>\d+)(?: \((?P<warning_only>warning-only)\))?",
    r"Threshold for warning message (?P<threshold>\d+)%(?:,.*)?",
    r"(?P<bfd>Using BFD to detect fast fallover.*)",
)

# Counters and settings that no check looks at. What is not here and not above stays unread on the record.
NEEDLESS: Final = re.compile(
    r"(?:Member of peer-group|Inherits from template|Belongs to the subnet|Hostname:"
    r"|Neighbor (?:sessions|capabilities):|\d+ active, is |Route refresh: |Four-octets ASN|New ASN Capability"
    r"|Address family \S+ \S+.*: |Graceful[ -]Restart|Remote Restart|Address families advertised|Enhanced Refresh"
    r"|Multisession Capab|Stateful switchover|InQ depth|OutQ depth|Sent\s+Rcvd|Opens: |Notifications: |Updates: "
    r"|Keepalives: |Route Refresh: |Total: |Do log neighbor|Default minimum time|Minimum time between"
    r"|Minimum holdtime|Last update received|Translates address family|Session: |BGP table version"
    r"|Output queue size|Index \d|\d+ update-group member|\S+ peer-group member|Slow-peer |Prefix activity: "
    r"|Prefixes Total: |Implicit Withdraw: |Explicit Withdraw: |Used as |Saved \(|Outbound +Inbound"
    r"|Local Policy Denied|Number of NLRIs|Last detected as|Dynamic slow peer|Refresh |Refresh-"
    r"|Last (?:Sent|Received) Refresh|Address tracking|Route to peer|Last notification|External BGP neighbor"
    r"|Interface associated|Transport\(tcp\)|SSO is|Connection (?:is ECN|tableid)|Foreign host"
    r"|Maximum output segment|Enqueued packets|Event Timers|Timer +Starts|Retrans |TimeWait |AckHold |SendWnd "
    r"|KeepAlive |GiveUp |PmtuAger |DeadWait |Linger |ProcessQ |iss: |irs: |sndwnd: |rcvwnd: |SRTT: |minRTT: "
    r"|uptime: |Status Flags|Option Flags|IP Precedence|Window update|ACK Optim|Datagrams|Peer MSS|Rcvd: |Sent: "
    r"|Packets received|fast lock|(?:Inbound|Outbound) path policy|Community attribute"
    r"|Extended-community attribute|[\w -]+: +(?:\d+|n/a) +(?:\d+|n/a)$|prefix-list +\d+"
    r"|[\w/ -]+\(was (?:not )?preserved)"
)
