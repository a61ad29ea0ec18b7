# ruff: noqa: E501  a row of the table is one command
"""Interface configuration, in the order of a running-config. Sub-interfaces and tunnels share the table."""

from __future__ import annotations

INTERFACE = """
@config-if
description :: description {value:line}
dot1q :: encapsulation dot1Q {outer:int(1-4094)} [second-dot1q {inner:int(1-4094)}] [{native=native}]
vrf :: vrf forwarding {value:word}
vrf-old :: ip vrf forwarding {value:word}
bandwidth :: bandwidth {value:int(1-100000000)}
mac :: mac-address {value:mac}
mtu :: mtu {value:int(64-9216)}
no-address :: ip address :: derived
secondary :: ip address <address:ip> <mask:mask> secondary
address :: ip address {address:ip} {mask:mask}
unnumbered :: ip unnumbered {value:ifname}
access-group :: ip access-group {name:word} <way=in|out>
verify :: ip verify unicast source reachable-via {value=rx|any} [{default=allow-default}]
policy :: ip policy route-map {value:word}
redirects :: ip redirects :: both accepted
unreachables :: ip unreachables :: both
proxy-arp :: ip proxy-arp :: both accepted
ip-mtu :: ip mtu {value:int(68-9216)}
flow :: ip flow monitor <value:words> :: accepted
link-local6 :: ipv6 address {value:ip6} link-local
address6 :: ipv6 address <value:addr6> :: ordered bulk=2
ipv6-enable :: ipv6 enable
ipv6-nd :: ipv6 nd <value:words> :: accepted
mss :: ip tcp adjust-mss {value:int(500-9176)}
traffic-filter :: ipv6 traffic-filter {name:word} <way=in|out>
ospf-network :: ip ospf network {value=point-to-point|broadcast|non-broadcast|point-to-multipoint}
ospf-process :: ip ospf <process:int(1-65535)> area {area:area}
ospf-authentication-key :: ip ospf authentication-key {value:words}
ospf-authentication :: ip ospf authentication [{value=message-digest|null}]
ospf-digest-key :: ip ospf message-digest-key <key:int(1-255)> md5 {value:words} :: sort=key bulk=4
ospf-hello :: ip ospf hello-interval {value:int(1-65535)}
ospf-dead :: ip ospf dead-interval {value:int(1-65535)}
ospf-cost :: ip ospf cost {value:int(1-65535)}
delay :: delay {value:int(1-16777215)}
keepalive :: keepalive [{value:words}] :: both accepted
load-interval :: load-interval {value:int(30-600)} :: accepted
shutdown :: shutdown
speed :: speed {value:word} :: accepted
duplex :: duplex {value=auto|full|half} :: accepted
negotiation :: negotiation auto :: both accepted
media-type :: media-type {value:word} :: accepted
cdp :: cdp enable :: both accepted
lldp :: lldp <what=transmit|receive> :: both accepted
mop :: mop <what=enabled|sysid> :: both accepted
bfd-interval :: bfd interval {interval:int(50-9999)} min_rx {min_rx:int(50-9999)} multiplier {multiplier:int(3-50)} :: bulk=2
bfd-echo :: bfd echo :: both
tunnel-source :: tunnel source {value:word} [{number:word}]
tunnel-mode :: tunnel mode {value:words}
tunnel-destination :: tunnel destination {value:ip}
tunnel-pmtud :: tunnel path-mtu-discovery [{value:words}] :: accepted
tunnel-vrf :: tunnel vrf {value:word}
tunnel-protection :: tunnel protection ipsec profile {value:word} [{shared=shared}]
arp-timeout :: arp timeout {value:int(0-2147483)}
"""
