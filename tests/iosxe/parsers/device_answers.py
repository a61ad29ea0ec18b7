# ruff: noqa: E501 - the lines are as long as a router prints them
"""Answers in IOS-XE's format for the tests of the device, crypto and configuration parsers."""

from __future__ import annotations

VERSION = """Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], ASR1000 Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a, RELEASE SOFTWARE (fc3)
Technical Support: http://www.example.com/techsupport

ROM: 17.3(1r)

edge-1 uptime is 1 year, 2 weeks, 3 days, 4 hours, 5 minutes
Uptime for this control processor is 1 year, 2 weeks, 3 days, 4 hours, 7 minutes
System returned to ROM by reload at 10:11:12 UTC Mon Jan 1 2024
System image file is "bootflash:packages.conf"
Last reload reason: Reload Command

cisco ASR1001-X (1NG) processor (revision 1NG) with 3763047K/6147K bytes of memory.
Processor board ID FXS0000A1BC
Router operating mode: Autonomous
8388608K bytes of physical memory.

Configuration register is 0x2102

"""

INTERFACES = """TenGigabitEthernet0/0/0 is up, line protocol is up
  Hardware is BUILT-IN-2T+6X1GE, address is 00a1.b2c3.d400 (bia 00a1.b2c3.d400)
  Description: to the exchange; GigabitEthernet9 is down, line protocol is down
  MTU 1500 bytes, BW 10000000 Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation 802.1Q Virtual LAN, Vlan ID  1., loopback not set
  Keepalive not supported
  Full Duplex, 10000Mbps, link type is force-up, media type is SFP-LR
  output flow-control is on, input flow-control is on
  ARP type: ARPA, ARP Timeout 04:00:00
  Last input 00:00:00, output 00:00:00, output hang never
  Last clearing of "show interface" counters never
  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 7
  Queueing strategy: fifo
  Output queue: 0/40 (size/max)
  5 minute input rate 1000 bits/sec, 1 packets/sec
  5 minute output rate 1000 bits/sec, 1 packets/sec
     5000000000 packets input, 600000000000 bytes, 0 no buffer
     Received 0 broadcasts (0 IP multicasts)
     0 runts, 0 giants, 0 throttles
     2 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored
     0 watchdog, 0 multicast, 0 pause input
     4000 packets output, 500000 bytes, 0 underruns
     3 output errors, 0 collisions, 2 interface resets
     0 unknown protocol drops
     0 output buffer failures, 0 output buffers swapped out
TenGigabitEthernet0/0/0.300 is administratively down, line protocol is down
  Hardware is BUILT-IN-2T+6X1GE, address is 00a1.b2c3.d400 (bia 00a1.b2c3.d400)
  Internet address is 192.168.30.17/30
  MTU 1500 bytes, BW 10000000 Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation QinQ Virtual LAN, outer ID  30, inner ID 300
  ARP type: ARPA, ARP Timeout 04:00:00
  Keepalive not supported
  Last clearing of "show interface" counters never
TenGigabitEthernet1/0/0.30 is up, line protocol is up
  Hardware is BUILT-IN-2T+6X1GE, address is 00a1.b2c3.d410 (bia 00a1.b2c3.d410)
  Internet address is 192.168.30.0/31
  MTU 1500 bytes, BW 10000000 Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation 802.1Q Virtual LAN, Vlan ID  30.
  ARP type: ARPA, ARP Timeout 04:00:00
  Keepalive not supported
  Last clearing of "show interface" counters never
Dialer1 is up (spoofing), line protocol is up (spoofing)
  Hardware is Unknown
  Internet address will be negotiated using IPCP
  MTU 1500 bytes, BW 56 Kbit/sec, DLY 20000 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation PPP, LCP Closed, loopback not set
  Last clearing of "show interface" counters 1d19h
     0 packets input, 0 bytes, 0 no buffer
     0 packets output, 0 bytes, 0 underruns
     0 output buffer failures, 0 output buffers swapped out
Wormhole7/0 is deleted, line protocol is down
  Hardware is Unknown
  MTU 1500 bytes, BW 56 Kbit/sec, DLY 20000 usec,
  Encapsulation ARPA, loopback not set
  Last clearing of "show interface" counters never
     0 packets input, 0 bytes, 0 no buffer
     0 packets output, 0 bytes, 0 underruns
     0 output buffer failures, 0 output buffers swapped out
  A line of a newer release
Tunnel30 is up, line protocol is down
  Hardware is Tunnel
  Internet address is 10.2.30.125/32
  MTU 9922 bytes, BW 100 Kbit/sec, DLY 50000 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation TUNNEL, loopback not set
  Keepalive not set
  Tunnel linestate evaluation down - linestate protection
  Tunnel source 66.198.12.106 (Loopback30), destination 52.168.162.84
   Tunnel Subblocks:
      src-track:
         Tunnel30 source tracking subblock associated with Loopback30
          Set of tunnels with source Loopback30, 1 member (includes iterators), on interface <OK>
  Tunnel protocol/transport IPSEC/IP
  Tunnel TTL 255
  Tunnel transport MTU 1422 bytes
  Tunnel transmit bandwidth 8000 (kbps)
  Tunnel receive bandwidth 8000 (kbps)
  Tunnel protection via IPSec (profile "Cust30-azure-ipsec-profile")
  Last input never, output never, output hang never
  Last clearing of "show interface" counters never
  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 0
  Queueing strategy: fifo
  Output queue: 0/0 (size/max)
  5 minute input rate 0 bits/sec, 0 packets/sec
  5 minute output rate 0 bits/sec, 0 packets/sec
     11 packets input, 1100 bytes, 0 no buffer
     Received 0 broadcasts (0 IP multicasts)
     0 runts, 0 giants, 0 throttles
     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored, 0 abort
     12 packets output, 1200 bytes, 0 underruns
     0 output errors, 0 collisions, 0 interface resets
     0 unknown protocol drops
     0 output buffer failures, 0 output buffers swapped out
"""

IKE_TITLE = " IPv4 Crypto IKEv2  SA \n\n"
IKE_END = " IPv6 Crypto IKEv2  SA \n\n"


def ike_sa(
    number: int = 1,
    *,
    vrfs: str = "none/30",
    status: str = "READY",
    algorithms: str = "Encr: AES-CBC, keysize: 256, PRF: SHA256, Hash: SHA256, DH Grp:14, Auth sign: PSK, Auth verify: PSK",
    initiator: str = "Yes",
) -> str:
    return f"""Tunnel-id Local                 Remote                fvrf/ivrf            Status
{number:<9} 66.198.12.106/500     52.168.162.84/500     {vrfs:<20} {status:<6}
      {algorithms}
      Life/Active Time: 86400/1234 sec
      CE id: 1001, Session-id: 1
      Status Description: Negotiation done
      Local spi: 00A1B2C3D4E5F607       Remote spi: 17A1B2C3D4E5F608
      Local id: 66.198.12.106
      Remote id: 52.168.162.84
      Local req msg id:  2              Remote req msg id:  3
      Local next msg id: 2              Remote next msg id: 3
      Local req queued:  2              Remote req queued:  3
      Local window:      5              Remote window:      1
      DPD configured for 10 seconds, retry 2
      Fragmentation not  configured.
      Dynamic Route Update: enabled
      Extended Authentication not configured.
      NAT-T is not detected
      Cisco Trust Security SGT is disabled
      Initiator of SA : {initiator}

"""


def esp_sa(spi: int, lifetime: str = "(k/sec): (4607000/3000)") -> str:
    return f"""      spi: 0x{spi:X}({spi})
        transform: esp-256-aes esp-sha256-hmac ,
        in use settings ={{Tunnel, }}
        conn id: 2001, flow_id: HW:1, sibling_flags FFFFFFFF80000048, crypto map: Tunnel30-head-0
        sa timing: remaining key lifetime {lifetime}
        IV size: 16 bytes
        replay detection support: Y
        Status: ACTIVE(ACTIVE)
"""


def ipsec(inbound: str = "", outbound: str = "", *, spi: str = "0x0(0)", errors: str | None = None) -> str:
    return f"""
interface: Tunnel30
    Crypto map tag: Tunnel30-head-0, local addr 66.198.12.106

   protected vrf: CUST-30/x
   local  ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)
   remote ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)
   current_peer 52.168.162.84 port 4500
     PERMIT, flags={{origin_is_acl,}}
    #pkts encaps: 4294967290, #pkts encrypt: 4294967290, #pkts digest: 4294967290
    #pkts decaps: 20, #pkts decrypt: 19, #pkts verify: 19
    #pkts compressed: 0, #pkts decompressed: 0
    #pkts not compressed: 0, #pkts compr. failed: 0
    #pkts not decompressed: 0, #pkts decompress failed: 0
    {errors or "#send errors 3, #recv errors 1"}

     local crypto endpt.: 66.198.12.106, remote crypto endpt.: 52.168.162.84
     plaintext mtu 1438, path mtu 1500, ip mtu 1500, ip mtu idb TenGigabitEthernet0/0/1
     current outbound spi: {spi}
     PFS (Y/N): N, DH group: none

     inbound esp sas:
{inbound}
     inbound ah sas:

     inbound pcp sas:

     outbound esp sas:
{outbound}
     outbound ah sas:

     outbound pcp sas:
"""


CONFIG = """Building configuration...

Current configuration : 9999 bytes
!
! Last configuration change at 10:00:00 UTC Mon Jan 1 2024 by ops
!
version 17.9
service timestamps log datetime msec
!
hostname edge-1
!
vrf definition 30
 rd 65021:30
 !
 address-family ipv4
  route-target export 65021:30
 exit-address-family
!
ip vrf OLD-STYLE
 rd 192.0.2.1:7
!
vrf definition NEW
 !
 address-family ipv4
  rd 1.10:9
 exit-address-family
!
crypto pki certificate chain SELF
 certificate self-signed 01
  30820330 30820218 A0030201
  ABCD
  \tquit
!
crypto ikev2 proposal P1
 encryption aes-cbc-256 aes-cbc-128
 integrity sha256 sha1
 group 14 2
!
crypto ikev2 policy POL
 match address local 66.198.12.106
 proposal P1
!
crypto ikev2 keyring K1
 peer azure
  address 52.168.162.84
  pre-shared-key local <redacted>
  pre-shared-key remote <redacted>
 !
 peer half
  address 192.0.2.0 255.255.255.0
  pre-shared-key remote 6 <redacted>
 !
!
crypto ikev2 profile PR
 match fvrf any
 match identity remote address 52.168.162.84 255.255.255.255
 identity local address 66.198.12.106
 authentication remote pre-share
 authentication local pre-share
 keyring local K1
 lifetime 28800
 dpd 10 2 on-demand
!
crypto ipsec transform-set TS esp-aes 256 esp-sha256-hmac
 mode tunnel
crypto ipsec profile IP
 set security-association lifetime seconds 27000
 set security-association lifetime kilobytes disable
 set transform-set TS
 set pfs group14
 set ikev2-profile PR
!
interface TenGigabitEthernet0/0/0.300
 description router bgp 1
 encapsulation dot1Q 30 second-dot1q 300
 vrf forwarding 30
 ip address 192.168.30.21 255.255.255.252 secondary
 ip address 192.168.30.17 255.255.255.252
 shutdown
!
interface Tunnel30
 ip vrf forwarding 30
 ip address 10.2.30.125 255.255.255.255
 tunnel source Loopback30
 tunnel mode ipsec ipv4
 tunnel destination 52.168.162.84
 tunnel vrf INET-V
 tunnel protection ipsec profile IP shared
!
router bgp 1.10
 template peer-policy BASE
  route-map base-in in
  weight 5
 exit-peer-policy
 !
 template peer-policy TOP
  route-map top-in in
  inherit peer-policy BASE 10
 exit-peer-policy
 !
 bgp log-neighbor-changes
 bgp default local-preference 150
 timers bgp 20 60
 neighbor CORE peer-group
 neighbor CORE remote-as 1.10
 neighbor CORE update-source Loopback0
 neighbor 192.0.2.9 peer-group CORE
 !
 address-family ipv4
  network 10.0.0.0
  network 203.0.113.0 mask 255.255.255.128
  neighbor CORE next-hop-self
  neighbor CORE prefix-list CORE-IN in
  neighbor 192.0.2.9 activate
 exit-address-family
 !
 address-family vpnv4
  neighbor 192.0.2.9 activate
 exit-address-family
 !
 address-family ipv4 vrf 30
  network 10.2.30.0 mask 255.255.255.128
  neighbor 192.168.30.18 remote-as 12076
  neighbor 192.168.30.18 shutdown
  neighbor 192.168.30.18 timers 10 30
  neighbor 192.168.30.18 activate
  neighbor 192.168.30.18 soft-reconfiguration inbound
  neighbor 192.168.30.18 route-map prefer-ER in
  neighbor 192.168.30.18 prefix-list OUT out
  neighbor 10.10.30.254 remote-as 65515
  neighbor 10.10.30.254 ebgp-multihop 5
  neighbor 10.10.30.254 update-source Tunnel30
  neighbor 10.10.30.254 activate
  neighbor 10.10.30.254 inherit peer-policy TOP
 exit-address-family
!
ip forward-protocol nd
ip route 0.0.0.0 0.0.0.0 192.0.2.254
ip route vrf 30 10.10.30.254 255.255.255.255 Tunnel30 250 name to azure track 7
ip route vrf 30 10.9.0.0 255.255.0.0 TenGigabitEthernet0/0/0.300 192.168.30.18 tag 9 permanent
ip route vrf 30 10.8.0.0 255.255.0.0 192.0.2.1 global
ip route static bfd GigabitEthernet1 192.0.2.1
!
banner motd ^C
router bgp 9
end
 interface Loopback99
% Invalid input detected at '^' marker.
^C
!
line con 0
 exec-timeout 0 0
!
end
"""
