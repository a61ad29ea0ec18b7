"""IKEv2 and IPsec configuration, in the order of a running-config."""

from __future__ import annotations

CRYPTO_GLOBAL = """
pki-trustpoint :: crypto pki trustpoint <name:word> :: opens=ca-trustpoint sort=name
ikev2-proposal :: crypto ikev2 proposal <name:word> :: opens=config-ikev2-proposal sort=name
ikev2-policy :: crypto ikev2 policy <name:word> :: opens=config-ikev2-policy sort=name
ikev2-keyring :: crypto ikev2 keyring <name:word> :: opens=config-ikev2-keyring sort=name
ikev2-profile :: crypto ikev2 profile <name:word> :: opens=config-ikev2-profile sort=name
ikev2-dpd :: crypto ikev2 dpd {interval:int(10-3600)} {retry:int(2-60)} {how=periodic|on-demand}
ikev2-nat :: crypto ikev2 nat keepalive {value:int(5-3600)} :: accepted
ikev2-fragmentation :: crypto ikev2 fragmentation [mtu {value:int(68-1500)}]
ipsec-lifetime-seconds :: crypto ipsec security-association lifetime seconds {value:int(120-2592000)}
ipsec-lifetime-kb :: crypto ipsec security-association lifetime kilobytes {value:word}
ipsec-replay :: crypto ipsec security-association replay window-size {value:int(64-1024)}
ipsec-df :: crypto ipsec df-bit {value=clear|copy|set} :: accepted
ipsec-transform-set :: crypto ipsec transform-set <name:word> {value:words} :: opens=cfg-crypto-trans sort=name
ipsec-profile :: crypto ipsec profile <name:word> :: opens=ipsec-profile sort=name
"""

CRYPTO = """
@ca-trustpoint
enrollment :: enrollment {value:words} :: accepted
usage :: usage {value=ike} :: accepted
serial-number :: serial-number {value=none} :: accepted
fqdn :: fqdn {value:word} :: accepted
ip-address :: ip-address {value:word} :: accepted
subject-name :: subject-name {value:line} :: accepted
revocation-check :: revocation-check {value=none}
rsakeypair :: rsakeypair {value:words} :: accepted
hash :: hash {value=sha1|sha256|sha384|sha512} :: accepted
@config-ikev2-proposal
encryption :: encryption {value:words}
prf :: prf {value:words}
integrity :: integrity {value:words}
group :: group {value:words}
@config-ikev2-policy
match-fvrf :: match fvrf {value:word}
match-address :: match address local <value:ip>
proposal :: proposal <value:word>
@config-ikev2-keyring
peer :: peer <name:word> :: opens=config-ikev2-keyring-peer separated
@config-ikev2-keyring-peer
description :: description {value:line} :: accepted
address :: address {value:ip} [{mask:mask}]
identity :: identity <how=address|fqdn|email|key-id> {value:word}
key-local :: pre-shared-key local {value:words}
key-remote :: pre-shared-key remote {value:words}
key :: pre-shared-key {value:words}
@config-ikev2-profile
description :: description {value:line}
match-fvrf :: match fvrf {value:word}
match-local :: match address local <value:ip>
match-remote :: match identity remote address <value:ip> [{mask:mask}]
match-remote-name :: match identity remote <how=fqdn|email|key-id> <value:word>
match-remote-any :: match identity remote any
identity :: identity local {how=address|fqdn|email|key-id} {value:word}
auth-remote :: authentication remote {value=pre-share|rsa-sig}
auth-local :: authentication local {value=pre-share|rsa-sig}
keyring :: keyring local {value:word}
pki-trustpoint :: pki trustpoint <value:word> [{use=sign|verify}]
lifetime :: lifetime {value:int(120-86400)}
dpd :: dpd {interval:int(10-3600)} {retry:int(2-60)} {how=periodic|on-demand}
nat :: nat keepalive {value:int(5-3600)} :: accepted
ivrf :: ivrf {value:word}
@cfg-crypto-trans
mode :: mode {value=tunnel|transport} [{require=require}]
@ipsec-profile
description :: description {value:line}
lifetime-seconds :: set security-association lifetime seconds {value:int(120-2592000)}
lifetime-kb :: set security-association lifetime kilobytes {value:word}
replay :: set security-association replay window-size {value:int(64-1024)}
transform-set :: set transform-set {value:words}
pfs :: set pfs [{value:word}]
ikev2-profile :: set ikev2-profile {value:word}
"""
