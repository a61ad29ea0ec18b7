"""Azure's words for IPsec algorithms, and what a gateway with such a policy offers. A policy is one combination.

Words: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-compliance-crypto
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.topology import IkeSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.lab.arm.store import Json

IKE_ENCRYPTION = {
    "DES": "des", "DES3": "3des", "AES128": "aes-cbc-128", "AES192": "aes-cbc-192", "AES256": "aes-cbc-256",
    "GCMAES128": "aes-gcm-128", "GCMAES256": "aes-gcm-256",
}  # fmt: skip
IKE_INTEGRITY = {
    "MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "GCMAES128": "sha256", "GCMAES256": "sha384",
}  # fmt: skip
DH_GROUP = {
    "DHGroup1": 1, "DHGroup2": 2, "DHGroup14": 14, "DHGroup2048": 14, "DHGroup24": 24, "ECP256": 19, "ECP384": 20,
}  # fmt: skip
IPSEC_ENCRYPTION = {
    "DES": ("esp-des",), "DES3": ("esp-3des",), "AES128": ("esp-aes",), "AES192": ("esp-aes", "192"),
    "AES256": ("esp-aes", "256"), "GCMAES128": ("esp-gcm",), "GCMAES192": ("esp-gcm", "192"),
    "GCMAES256": ("esp-gcm", "256"),
}  # fmt: skip
IPSEC_INTEGRITY = {
    "MD5": ("esp-md5-hmac",), "SHA1": ("esp-sha-hmac",), "SHA256": ("esp-sha256-hmac",),
    "GCMAES128": (), "GCMAES192": (), "GCMAES256": (),
}  # fmt: skip
PFS_GROUP = {
    "None": None, "PFS1": "group1", "PFS2": "group2", "PFS2048": "group14", "PFS14": "group14", "PFS24": "group24",
    "ECP256": "group19", "ECP384": "group20",
}  # fmt: skip
MAIN_MODE_SECONDS = 28800
WORDS: dict[str, list[str]] = {
    "ikeEncryption": list(IKE_ENCRYPTION),
    "ikeIntegrity": list(IKE_INTEGRITY),
    "dhGroup": list(DH_GROUP),
    "ipsecEncryption": list(IPSEC_ENCRYPTION),
    "ipsecIntegrity": list(IPSEC_INTEGRITY),
    "pfsGroup": [*PFS_GROUP, "PFSMM"],
}


def to_spec(policy: Json) -> IkeSpec:
    """What a gateway offers and accepts for a connection with this policy. Raises KeyError for an unknown word."""
    group = DH_GROUP[policy["dhGroup"]]
    words = (*IPSEC_ENCRYPTION[policy["ipsecEncryption"]], *IPSEC_INTEGRITY[policy["ipsecIntegrity"]])
    return IkeSpec(
        encryption=(IKE_ENCRYPTION[policy["ikeEncryption"]],),
        integrity=(IKE_INTEGRITY[policy["ikeIntegrity"]],),
        groups=(group,),
        transforms=(words,),
        pfs=f"group{group}" if policy["pfsGroup"] == "PFSMM" else PFS_GROUP[policy["pfsGroup"]],
        ike_lifetime=MAIN_MODE_SECONDS,
        sa_lifetime=int(policy["saLifeTimeSeconds"]),
    )


def to_policy(ike: IkeSpec) -> Json:
    """The same in Azure's words; of several choices the first."""
    transform = ike.transforms[0]
    integrity = next((name for name, words in IPSEC_INTEGRITY.items() if words and words[0] == transform[-1]), None)
    cipher = transform if integrity is None else transform[:-1]
    encryption = _word(IPSEC_ENCRYPTION, ("esp-gcm",) if cipher == ("esp-gcm", "128") else cipher)
    ike_encryption = _word(IKE_ENCRYPTION, ike.encryption[0])
    gcm = ike_encryption.startswith("GCM")
    return {
        "saLifeTimeSeconds": ike.sa_lifetime,
        "saDataSizeKilobytes": 102400000,
        "ipsecEncryption": encryption,
        "ipsecIntegrity": integrity or encryption,
        "ikeEncryption": ike_encryption,
        "ikeIntegrity": "SHA384" if gcm and ike.integrity[0] == "sha384" else _word(IKE_INTEGRITY, ike.integrity[0]),
        "dhGroup": _word(DH_GROUP, ike.groups[0]),
        "pfsGroup": _word(PFS_GROUP, ike.pfs),
    }


def _word(words: Mapping[str, object], value: object) -> str:
    return next(name for name, meaning in words.items() if meaning == value)
