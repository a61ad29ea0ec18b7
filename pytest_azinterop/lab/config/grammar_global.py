# ruff: noqa: E501  a row of the table is one command
"""Global configuration: identity, management plane, VRFs, static routes, lists; in the order of a running-config."""

from __future__ import annotations

from pytest_azinterop.lab.config.grammar_crypto import CRYPTO_GLOBAL

GLOBAL = f"""
@config
version :: version {{value:word}} :: accepted
service :: service <value:words> :: both accepted
platform :: platform <value:words> :: both accepted

hostname :: hostname {{value:word}}

boot-start :: boot-start-marker :: accepted
boot-system :: boot system <value:words> :: accepted
boot-end :: boot-end-marker :: accepted

vrf-definition :: vrf definition <name:word> :: opens=config-vrf sort=name
logging-buffered :: logging buffered [{{size:int(4096-2147483647)}}] [{{severity:severity}}] :: both
logging :: logging <what=console|monitor|trap|facility|origin-id> [{{value:words}}] :: both accepted
logging-host :: logging host <value:words> :: accepted
logging-source :: logging source-interface <value:ifname> [{{rest:words}}] :: accepted
enable-secret :: enable secret {{value:words}}
enable-password :: enable password {{value:words}}

aaa-new-model :: aaa new-model :: both

clock :: clock <what=timezone> {{value:words}} :: accepted
ip-domain-lookup :: ip domain lookup :: both accepted
ip-domain-name :: ip domain name {{value:word}}
ip-domain-name-old :: ip domain-name {{value:word}}
ip-name-server :: ip name-server <value:words> :: accepted
ip-cef :: ip cef :: both accepted
mmi :: mmi <value:words> :: both accepted
ipv6-cef :: ipv6 cef :: both accepted
ipv6-ioam :: ipv6 ioam timestamp :: both accepted
ipv6-routing :: ipv6 unicast-routing
ip-icmp :: ip icmp rate-limit unreachable :: both accepted
ip-arp-vrf :: ip arp vrf <vrf:word> <address:ip> {{mac:mac}} arpa [{{alias=alias}}] :: group=ip-arp sort=vrf,address
ip-arp-vrf-if :: ip arp vrf <vrf:word> <address:ip> {{mac:mac}} arpa {{via:ifname}} :: group=ip-arp sort=vrf,address
ip-arp :: ip arp <address:ip> {{mac:mac}} arpa [{{alias=alias}}] :: group=ip-arp sort=address
ip-arp-if :: ip arp <address:ip> {{mac:mac}} arpa {{via:ifname}} :: group=ip-arp sort=address
arp-vrf :: arp vrf <vrf:word> <address:ip> {{mac:mac}} arpa [{{alias=alias}}]
arp :: arp <address:ip> {{mac:mac}} arpa [{{alias=alias}}]
ip-bootp :: ip bootp server :: both accepted
ip-source-route :: ip source-route :: both accepted

ip-vrf :: ip vrf <name:word> :: opens=config-vrf-old sort=name

login-on :: login <value:words> :: accepted
subscriber :: subscriber templating :: accepted
multilink :: multilink bundle-name authenticated :: accepted
parser :: parser <value:words> :: both accepted
license :: license <value:words> :: accepted
diagnostic :: diagnostic <value:words> :: accepted
memory :: memory <value:words> :: accepted
spanning-tree :: spanning-tree <value:words> :: both accepted

archive :: archive :: opens=config-archive
username :: username <name:word> [privilege {{privilege:int(0-15)}}] {{how=secret|password}} {{secret:words}} :: bulk=2
object-group :: object-group <kind=network|service> <name:word> :: opens=config-object-group sort=kind,name
redundancy :: redundancy :: opens=config-red accepted
{CRYPTO_GLOBAL.strip()}
cdp-run :: cdp run :: both accepted
cdp-log :: cdp log mismatch duplex :: both accepted
lldp-run :: lldp run :: both accepted
tcp-path-mtu :: ip tcp path-mtu-discovery :: both accepted
tcp-synwait :: ip tcp synwait-time {{value:int(5-300)}} :: accepted

interface :: interface <name:ifname> :: opens=config-if sort=name

router-ospf :: router ospf <process:int(1-65535)> [vrf {{vrf:word}}] :: opens=config-router-ospf sort=process

router-bgp :: router bgp <asn:asn> :: opens=config-router

virtual-service :: virtual-service <value:words> :: accepted
ip-forward :: ip forward-protocol nd :: accepted
ip-http :: ip http <what=server|secure-server> :: both accepted
ip-http-authentication :: ip http authentication {{value:words}} :: accepted
ip-http-client :: ip http client <value:words> :: accepted
ip-tftp :: ip tftp source-interface {{value:ifname}} :: accepted
ip-community-format :: ip bgp-community new-format
ip-community-list :: ip community-list <name:int(1-500)> <action=permit|deny> <value:words> :: ordered bulk=3
ip-community-list-std :: ip community-list standard <name:word> <action=permit|deny> <value:words> :: ordered bulk=4
ip-community-list-exp :: ip community-list expanded <name:word> <action=permit|deny> <value:words> :: ordered bulk=4
ip-as-path :: ip as-path access-list <name:int(1-500)> <action=permit|deny> <value:words> :: ordered bulk=4
ip-route-vrf :: ip route vrf <vrf:word> <prefix:ip> <mask:mask> <via:ifname> <gateway:ip> [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ip-route-vrf-if :: ip route vrf <vrf:word> <prefix:ip> <mask:mask> <via:ifname> [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ip-route-vrf-gw :: ip route vrf <vrf:word> <prefix:ip> <mask:mask> <gateway:ip> [{{global=global}}] [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ip-route :: ip route <prefix:ip> <mask:mask> <via:ifname> <gateway:ip> [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ip-route-if :: ip route <prefix:ip> <mask:mask> <via:ifname> [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ip-route-gw :: ip route <prefix:ip> <mask:mask> <gateway:ip> [{{distance:int(1-255)}}] [name {{name:word}}] [tag {{tag:int(1-4294967295)}}] [permanent] :: group=ip-route sort=vrf,prefix
ipv6-route-vrf :: ipv6 route vrf <vrf:word> <prefix:prefix6> <via:ifname> <gateway:ip6> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ipv6-route-vrf-if :: ipv6 route vrf <vrf:word> <prefix:prefix6> <via:ifname> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ipv6-route-vrf-gw :: ipv6 route vrf <vrf:word> <prefix:prefix6> <gateway:ip6> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ipv6-route :: ipv6 route <prefix:prefix6> <via:ifname> <gateway:ip6> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ipv6-route-if :: ipv6 route <prefix:prefix6> <via:ifname> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ipv6-route-gw :: ipv6 route <prefix:prefix6> <gateway:ip6> [{{distance:int(1-254)}}] [tag {{tag:int(1-4294967295)}}] [name {{name:word}}] :: group=ipv6-route sort=vrf,prefix
ip-ssh :: ip ssh <value:words> :: accepted
ip-scp :: ip scp server enable :: accepted

ip-access-list :: ip access-list <kind=standard|extended> <name:word> :: opens=config-nacl sort=name
ip-prefix-list-description :: ip prefix-list <name:word> description {{value:line}} :: group=prefix-list sort=name
ip-prefix-list :: ip prefix-list <name:word> seq <seq:int(1-4294967294)> {{action=permit|deny}} {{prefix:prefix}} [ge {{ge:int(1-32)}}] [le {{le:int(1-32)}}] :: group=prefix-list sort=name,seq bulk=3
ip-prefix-list-noseq :: ip prefix-list <name:word> {{action=permit|deny}} {{prefix:prefix}} [ge {{ge:int(1-32)}}] [le {{le:int(1-32)}}] :: group=prefix-list sort=name
ipv6-prefix-list-description :: ipv6 prefix-list <name:word> description {{value:line}} :: group=prefix-list6 sort=name
ipv6-prefix-list :: ipv6 prefix-list <name:word> seq <seq:int(1-4294967294)> {{action=permit|deny}} {{prefix:prefix6}} [ge {{ge:int(1-128)}}] [le {{le:int(1-128)}}] :: group=prefix-list6 sort=name,seq bulk=3
ipv6-prefix-list-noseq :: ipv6 prefix-list <name:word> {{action=permit|deny}} {{prefix:prefix6}} [ge {{ge:int(1-128)}}] [le {{le:int(1-128)}}] :: group=prefix-list6 sort=name
access-list :: access-list <name:int(1-2699)> <value:words> :: ordered bulk=2
nls :: nls resp-timeout {{value:int(1-60)}} :: accepted

route-map :: route-map <name:word> <action=permit|deny> <seq:int(0-65535)> :: opens=config-route-map sort=name,seq bulk=2
route-map-short :: route-map <name:word> :: bulk=2

snmp :: snmp-server <value:words> :: accepted
tacacs-source :: ip tacacs source-interface {{value:ifname}} :: accepted
ipv6-access-list :: ipv6 access-list <name:word> :: opens=config-ipv6-acl sort=name
control-plane :: control-plane :: opens=config-cp accepted
banner :: banner <what=motd|login|exec|incoming> {{value:line}} :: accepted

line :: line <value:words> :: opens=config-line accepted

ntp-logging :: ntp logging
ntp-source :: ntp source {{value:ifname}} :: accepted
ntp-calendar :: ntp update-calendar :: accepted
ntp-server-vrf :: ntp server vrf <vrf:word> <address:ip> [{{options:words}}] :: group=ntp-server sort=vrf,address
ntp-server :: ntp server <address:ip> [{{options:words}}] :: group=ntp-server sort=address
scheduler :: scheduler <value:words> :: both accepted
event-applet :: event manager applet <name:word> :: opens=config-applet sort=name
@config-applet
description :: description {{value:line}}
event-timer :: event timer {{kind=watchdog|countdown}} time {{seconds:seconds}} [maxrun {{longest:seconds}}]
event-cron :: event timer cron cron-entry {{value:line}}
event-syslog :: event syslog pattern {{value:line}}
event-none :: event none
action-cli :: action <label:word> cli command {{value:line}} :: group=action sort=label
action-syslog :: action <label:word> syslog msg {{value:line}} :: group=action sort=label
action-wait :: action <label:word> wait {{value:int(1-31536000)}} :: group=action sort=label
action-reload :: action <label:word> reload :: group=action sort=label
@config-archive
log-config :: log config :: opens=config-archive-log-cfg
path :: path {{value:word}}
maximum :: maximum {{value:int(1-14)}}
write-memory :: write-memory
@config-archive-log-cfg
logging-enable :: logging enable
logging-size :: logging size {{value:int(1-1000)}}
hidekeys :: hidekeys
notify :: notify syslog [contenttype {{value=plaintext}}]
@config-red
mode :: mode {{value:words}} :: accepted
@config-cp
@config-line
session-timeout :: session-timeout {{value:int(0-35791)}} :: accepted
access-class :: access-class {{name:word}} <way=in|out> [{{rest:words}}] :: accepted
exec-timeout :: exec-timeout {{value:words}} :: accepted
privilege :: privilege level {{value:int(0-15)}}
logging-synchronous :: logging synchronous :: accepted
login :: login [{{value=local}}] :: both
length :: length {{value:int(0-512)}} :: accepted
width :: width {{value:int(0-512)}} :: accepted
history :: history size {{value:int(0-256)}} :: accepted
stopbits :: stopbits {{value:word}} :: accepted
transport :: transport <way=input|output|preferred> {{value:words}} :: accepted
@config-vrf-old
description :: description {{value:line}}
rd :: rd {{value:rt}}
target :: route-target <way=export|import|both> <value:rt>
@config-vrf
description :: description {{value:line}}
rd :: rd {{value:rt}}
target :: route-target <way=export|import|both> <value:rt>
family :: address-family <family=ipv4|ipv6> :: opens=config-vrf-af close=exit-address-family
@config-vrf-af
target :: route-target <way=export|import|both> <value:rt>
@config-nacl
remark :: remark {{value:line}} :: accepted
entry-seq :: <seq:int(1-2147483647)> <action=permit|deny> <value:words> :: sort=seq
entry :: <action=permit|deny> <value:words>
@config-ipv6-acl
remark :: remark {{value:line}} :: accepted
entry-seq :: sequence <seq:int(1-4294967294)> <action=permit|deny> <value:words> :: sort=seq
entry :: <action=permit|deny> <value:words>
@config-object-group
description :: description {{value:line}}
member :: <what=host|range|group-object|tcp|udp|tcp-udp|icmp> <value:words> :: ordered
member-alone :: <what=any|ip|tcp|udp|tcp-udp|icmp|igmp|gre|esp|ahp|eigrp|ospf> :: ordered
member-network :: <address:ip> <mask:mask> :: ordered
member-prefix :: <prefix:prefix> :: ordered
"""
