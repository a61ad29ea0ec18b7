# ruff: noqa: E501  a row of the table is one command
"""OSPF, BGP and route-map configuration, in the order of a running-config."""

from __future__ import annotations

_NEIGHBOR_SESSION = """
remote-as :: neighbor <peer:peer> remote-as {value:asn} :: group=neighbor sort=peer bulk=2
peer-group-definition :: neighbor <peer:peer> peer-group :: group=neighbor sort=peer
peer-group :: neighbor <peer:peer> peer-group {value:word} :: group=neighbor sort=peer
local-as :: neighbor <peer:peer> local-as {value:asn} [{rest:words}] :: group=neighbor sort=peer
description :: neighbor <peer:peer> description {value:line} :: group=neighbor sort=peer
shutdown :: neighbor <peer:peer> shutdown :: group=neighbor sort=peer
password :: neighbor <peer:peer> password {value:words} :: group=neighbor sort=peer
ebgp-multihop :: neighbor <peer:peer> ebgp-multihop [{value:int(1-255)}] :: group=neighbor sort=peer
ttl-security :: neighbor <peer:peer> ttl-security hops {value:int(1-254)} :: group=neighbor sort=peer
connected-check :: neighbor <peer:peer> disable-connected-check :: group=neighbor sort=peer
update-source :: neighbor <peer:peer> update-source {value:ifname} :: group=neighbor sort=peer
version :: neighbor <peer:peer> version 4 :: group=neighbor sort=peer
timers :: neighbor <peer:peer> timers {keepalive:int(0-65535)} {hold:int(0-65535)} [{minimum:int(0-65535)}] :: group=neighbor sort=peer
fall-over-bfd :: neighbor <peer:peer> fall-over bfd [{value=single-hop|multi-hop}] :: group=neighbor sort=peer
ha-mode :: neighbor <peer:peer> ha-mode graceful-restart [{value=disable}] :: group=neighbor sort=peer
transport :: neighbor <peer:peer> transport connection-mode {value=active|passive} :: group=neighbor sort=peer
"""
_NEIGHBOR_FAMILY = """
activate :: neighbor <peer:peer> activate :: group=neighbor sort=peer both
send-community :: neighbor <peer:peer> send-community [{value=both|extended|standard}] :: group=neighbor sort=peer
route-reflector-client :: neighbor <peer:peer> route-reflector-client :: group=neighbor sort=peer
next-hop-self :: neighbor <peer:peer> next-hop-self [{value=all}] :: group=neighbor sort=peer
weight :: neighbor <peer:peer> weight {value:int(0-65535)} :: group=neighbor sort=peer
remove-private-as :: neighbor <peer:peer> remove-private-as [{value=all}] :: group=neighbor sort=peer
as-override :: neighbor <peer:peer> as-override :: group=neighbor sort=peer
default-originate :: neighbor <peer:peer> default-originate [route-map {value:word}] :: group=neighbor sort=peer
allowas-in :: neighbor <peer:peer> allowas-in [{value:int(1-10)}] :: group=neighbor sort=peer
soft-reconfiguration :: neighbor <peer:peer> soft-reconfiguration inbound :: group=neighbor sort=peer
distribute-list :: neighbor <peer:peer> distribute-list {value:word} <way=in|out> :: group=neighbor sort=peer
prefix-list :: neighbor <peer:peer> prefix-list {value:word} <way=in|out> :: group=neighbor sort=peer
route-map :: neighbor <peer:peer> route-map {value:word} <way=in|out> :: group=neighbor sort=peer
filter-list :: neighbor <peer:peer> filter-list {value:int(1-500)} <way=in|out> :: group=neighbor sort=peer
maximum-prefix :: neighbor <peer:peer> maximum-prefix {limit:int(1-2147483647)} [{threshold:int(1-100)}] [{action=warning-only}] [restart {restart:int(1-65535)}] :: group=neighbor sort=peer
advertisement-interval :: neighbor <peer:peer> advertisement-interval {value:int(0-600)} :: group=neighbor sort=peer
"""
_FAMILY = """
dampening :: bgp dampening [{half:int(1-45)}] [{reuse:int(1-20000)} {suppress:int(1-20000)} {maximum:int(1-255)}]
distance :: distance bgp {external:int(1-255)} {internal:int(1-255)} {local:int(1-255)}
default-information :: default-information originate
default-metric :: default-metric {value:int(1-4294967295)}
maximum-paths :: maximum-paths {value:int(1-32)}
maximum-paths-ibgp :: maximum-paths ibgp {value:int(1-32)}
auto-summary :: auto-summary :: both accepted
synchronization :: synchronization :: both accepted
network :: network <network:ip> [mask {mask:mask}] [route-map {map:word}] :: sort=network
aggregate :: aggregate-address <network:ip> <mask:mask> [{as-set=as-set}] [{summary-only=summary-only}] :: sort=network
redistribute-ospf :: redistribute ospf <process:int(1-65535)> [match {match:words}]
redistribute-ospf-map :: redistribute ospf <process:int(1-65535)> [metric {metric:int(0-4294967295)}] [route-map {map:word}]
redistribute-eigrp :: redistribute eigrp <process:int(1-65535)> [metric {metric:int(0-4294967295)}] [route-map {map:word}]
redistribute :: redistribute <protocol=connected|static> [metric {metric:int(0-4294967295)}] [route-map {map:word}]
"""
_FAMILY6 = """
distance :: distance bgp {external:int(1-255)} {internal:int(1-255)} {local:int(1-255)}
default-information :: default-information originate
default-metric :: default-metric {value:int(1-4294967295)}
maximum-paths :: maximum-paths {value:int(1-32)}
maximum-paths-ibgp :: maximum-paths ibgp {value:int(1-32)}
synchronization :: synchronization :: both accepted
network6 :: network <network:prefix6> [route-map {map:word}] :: sort=network
aggregate6 :: aggregate-address <network:prefix6> [{as-set=as-set}] [{summary-only=summary-only}] :: sort=network
redistribute :: redistribute <protocol=connected|static> [metric {metric:int(0-4294967295)}] [route-map {map:word}]
"""
_PROCESS = """
router-id :: bgp router-id {value:ip}
confederation-id :: bgp confederation identifier {value:asn}
confederation-peers :: bgp confederation peers {value:words} :: additive=value
log-changes :: bgp log-neighbor-changes :: both
graceful-restart-time :: bgp graceful-restart restart-time {value:int(1-3600)}
graceful-stale-time :: bgp graceful-restart stalepath-time {value:int(1-3600)}
graceful-restart :: bgp graceful-restart
compare-routerid :: bgp bestpath compare-routerid
redistribute-internal :: bgp redistribute-internal
multipath-relax :: bgp bestpath as-path multipath-relax
always-compare-med :: bgp always-compare-med
no-fast-external :: bgp fast-external-fallover :: both
default-ipv4 :: bgp default ipv4-unicast :: both
default-local-preference :: bgp default local-preference {value:int(0-4294967295)}
asnotation :: bgp asnotation dot
timers-bgp :: timers bgp {keepalive:int(0-65535)} {hold:int(0-65535)} [{minimum:int(0-65535)}]
"""

ROUTING = f"""
@config-router
{_PROCESS.strip()}
{_FAMILY.strip()}
{_NEIGHBOR_SESSION.strip()}
{_NEIGHBOR_FAMILY.strip()}
family-vrf :: address-family ipv4 vrf <vrf:word> :: opens=config-router-af close=exit-address-family sort=vrf
family :: address-family ipv4 [unicast] :: opens=config-router-af close=exit-address-family
family-vrf6 :: address-family ipv6 vrf <vrf:word> :: opens=config-router-af6 close=exit-address-family sort=vrf
family6 :: address-family ipv6 [unicast] :: opens=config-router-af6 close=exit-address-family
@config-router-af
router-id :: bgp router-id {{value:ip}}
default-local-preference :: bgp default local-preference {{value:int(0-4294967295)}}
timers-bgp :: timers bgp {{keepalive:int(0-65535)}} {{hold:int(0-65535)}} [{{minimum:int(0-65535)}}]
compare-routerid :: bgp bestpath compare-routerid
redistribute-internal :: bgp redistribute-internal
{_FAMILY.strip()}
{_NEIGHBOR_SESSION.strip()}
{_NEIGHBOR_FAMILY.strip()}
@config-router-af6
router-id :: bgp router-id {{value:ip}}
default-local-preference :: bgp default local-preference {{value:int(0-4294967295)}}
timers-bgp :: timers bgp {{keepalive:int(0-65535)}} {{hold:int(0-65535)}} [{{minimum:int(0-65535)}}]
compare-routerid :: bgp bestpath compare-routerid
{_FAMILY6.strip()}
{_NEIGHBOR_SESSION.strip()}
{_NEIGHBOR_FAMILY.strip()}
@config-router-ospf
router-id :: router-id {{value:ip}}
vrf-lite :: capability vrf-lite
log-adjacency :: log-adjacency-changes [{{value=detail}}] :: accepted
auto-cost :: auto-cost reference-bandwidth {{value:int(1-4294967)}}
area-authentication :: area <area:area> authentication [{{value=message-digest}}]
redistribute-bgp :: redistribute bgp <asn:asn> [metric {{metric:int(0-16777214)}}] [metric-type {{type:int(1-2)}}] [{{subnets=subnets}}] [tag {{tag:int(0-4294967295)}}] [route-map {{map:word}}]
redistribute :: redistribute <protocol=connected|static> [metric {{metric:int(0-16777214)}}] [metric-type {{type:int(1-2)}}] [{{subnets=subnets}}] [tag {{tag:int(0-4294967295)}}] [route-map {{map:word}}]
redistribute-eigrp :: redistribute eigrp <process:int(1-65535)> [metric {{metric:int(0-16777214)}}] [metric-type {{type:int(1-2)}}] [{{subnets=subnets}}] [tag {{tag:int(0-4294967295)}}] [route-map {{map:word}}]
redistribute-bgp-any-order :: redistribute bgp <asn:asn> {{options:words}}
redistribute-any-order :: redistribute <protocol=connected|static> {{options:words}}
passive-default :: passive-interface default
passive :: passive-interface <value:ifname> :: both
network :: network <network:ip> <wildcard:wildcard> area {{area:area}} :: sort=network
default-information :: default-information originate [{{always=always}}] [metric {{metric:int(0-16777214)}}] [metric-type {{type:int(1-2)}}] [route-map {{map:word}}]
default-metric :: default-metric {{value:int(1-16777214)}}
distance :: distance {{value:int(1-255)}}
@config-route-map
description :: description {{value:line}}
match-prefix :: match ip address prefix-list {{value:words}} :: additive=value
match-next-hop :: match ip next-hop prefix-list {{value:words}} :: additive=value
match-address :: match ip address {{value:words}} :: additive=value
match-prefix6 :: match ipv6 address prefix-list {{value:words}} :: additive=value
match-next-hop6 :: match ipv6 next-hop prefix-list {{value:words}} :: additive=value
match-as-path :: match as-path {{value:words}} :: additive=value
match-community :: match community {{value:words}} :: additive=value
match-metric :: match metric {{value:int(0-4294967295)}}
match-local-preference :: match local-preference {{value:int(0-4294967295)}}
match-tag :: match tag {{value:words}} :: additive=value
match-interface :: match interface {{value:ifname}}
match-source :: match source-protocol {{value:words}} :: additive=value
match-route-type :: match route-type {{value=internal|external|local}}
continue :: continue [{{value:int(1-65535)}}]
set-as-path :: set as-path prepend {{value:words}}
set-as-path-last :: set as-path prepend last-as {{value:int(1-10)}}
set-community :: set community {{value:words}}
set-local-preference :: set local-preference {{value:int(0-4294967295)}}
set-metric :: set metric {{value:int(0-4294967295)}}
set-metric-type :: set metric-type {{value=type-1|type-2|internal|external}}
set-origin :: set origin {{value=igp|egp|incomplete}}
set-next-hop :: set ip next-hop {{value:words}}
set-next-hop6 :: set ipv6 next-hop {{value:ip6}}
set-tag :: set tag {{value:int(0-4294967295)}}
set-weight :: set weight {{value:int(0-65535)}}
"""
