"""Whether what is announced may be prepended follows from the preference that the intent declares."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_azinterop.intent.derive import derive
from pytest_azinterop.intent.models import Intent


def prepends(primary: dict[str, Any], secondary: dict[str, Any], vpn: dict[str, Any], **site: Any) -> list[int | None]:
    """What is expected of the primary path, the secondary one and the tunnel."""
    paths = (("primary", "10.60.0.0/30", primary), ("secondary", "10.60.0.4/30", secondary))
    intent = Intent.model_validate(
        {
            "networks": {"core": ["172.22.0.0/16"]},
            "circuits": {"er": {"networks": ["core"], "primary": {"router": "a"}, "secondary": {"router": "b"}}},
            "connections": {"gw": {"networks": ["core"], "gateway_asn": 65010}},
            "sites": {"town": {"asn": 64600, "routers": ["a", "b"]}},
            "customers": {
                "acme": {
                    "vrf": "ACME",
                    "sites": {
                        "town": {
                            "prefixes": ["10.50.0.0/24"],
                            "expressroute": [
                                {"circuit": "er", "path": path, "interface": "Gi0/0/0.9", "subnet": subnet, **more}
                                for path, subnet, more in paths
                            ],
                            "vpn": [
                                {
                                    "connection": "gw",
                                    "router": "a",
                                    "tunnel": "Tunnel1",
                                    "peer": "203.0.113.1",
                                    "neighbor": "169.254.21.5",
                                    **vpn,
                                }
                            ],
                            **site,
                        }
                    },
                }
            },
        }
    )
    return [each.announce_prepends for each in derive(intent).sessions]


@pytest.mark.parametrize(
    ("primary", "secondary", "vpn", "expected"),
    [
        ({}, {}, {}, [0, 0, None]),
        ({}, {"local_preference": 150}, {}, [0, None, None]),
        ({}, {"local_preference": 150, "announce_prepends": 2}, {"announce_prepends": 3}, [0, 2, 3]),
        ({"announce_prepends": "any"}, {}, {"announce_prepends": 0}, [None, 0, 0]),
    ],
)
def test_the_preferred_paths_are_not_prepended(
    primary: dict[str, Any], secondary: dict[str, Any], vpn: dict[str, Any], expected: list[int | None]
) -> None:
    assert prepends(primary, secondary, vpn) == expected


def test_the_site_s_own_order_of_roles_counts() -> None:
    assert prepends({}, {}, {}, prefer=["vpn", "expressroute"]) == [None, None, 0]
