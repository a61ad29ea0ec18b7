"""Answers of Azure, one per operation and most of them several: what the service sends, in the shapes that the REST
specification's published examples and published outputs have. Names and values are our own."""

from __future__ import annotations

from typing import Final

SUBSCRIPTION: Final = "00000000-1111-2222-3333-444444444444"
NETWORK: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"

PRIVATE_PEERING: Final = {
    "name": "AzurePrivatePeering",
    "id": f"{NETWORK}/expressRouteCircuits/er1/peerings/AzurePrivatePeering",
    "etag": 'W/"1"',
    "type": "Microsoft.Network/expressRouteCircuits/peerings",
    "properties": {
        "provisioningState": "Succeeded",
        "peeringType": "AzurePrivatePeering",
        "azureASN": 12076,
        "peerASN": 65021,
        "primaryPeerAddressPrefix": "192.168.30.16/30",
        "secondaryPeerAddressPrefix": "192.168.30.20/30",
        "primaryAzurePort": "PORT-1-PRI-A",
        "secondaryAzurePort": "PORT-1-SEC-A",
        "state": "Enabled",
        "vlanId": 30,
        "gatewayManagerEtag": "103",
        "lastModifiedBy": "Customer",
        "sharedKey": "a-secret-md5-key",
        "connections": [],
        "peeredConnections": [],
    },
}
MICROSOFT_PEERING: Final = {
    "name": "MicrosoftPeering",
    "id": f"{NETWORK}/expressRouteCircuits/er1/peerings/MicrosoftPeering",
    "properties": {
        "provisioningState": "Succeeded",
        "peeringType": "MicrosoftPeering",
        "azureASN": 12076,
        "peerASN": 64500,
        "primaryPeerAddressPrefix": "203.0.113.0/30",
        "secondaryPeerAddressPrefix": "203.0.113.4/30",
        "state": "Enabled",
        "vlanId": 300,
        "microsoftPeeringConfig": {
            "advertisedPublicPrefixes": ["198.51.100.0/24"],
            "advertisedCommunities": [],
            "advertisedPublicPrefixesState": "ValidationNeeded",
            "customerASN": 64501,
            "legacyMode": 0,
            "routingRegistryName": "RIPE",
        },
        "ipv6PeeringConfig": {
            "primaryPeerAddressPrefix": "2001:DB8::/126",
            "secondaryPeerAddressPrefix": "2001:DB8::4/126",
            "state": "Enabled",
        },
        "routeFilter": {"id": f"{NETWORK}/routeFilters/rf"},
    },
}
CIRCUIT: Final = {
    "name": "er1",
    "id": f"{NETWORK}/expressRouteCircuits/er1",
    "type": "Microsoft.Network/expressRouteCircuits",
    "location": "uksouth",
    "sku": {"name": "Standard_MeteredData", "tier": "Standard", "family": "MeteredData"},
    "properties": {
        "provisioningState": "Succeeded",
        "peerings": [PRIVATE_PEERING],
        "authorizations": [{"name": "a", "properties": {"authorizationKey": "another-secret"}}],
        "serviceProviderProperties": {
            "serviceProviderName": "Provider",
            "peeringLocation": "London",
            "bandwidthInMbps": 200,
        },
        "circuitProvisioningState": "Enabled",
        "allowClassicOperations": False,
        "serviceKey": "11111111-aaaa-bbbb-cccc-222222222222",
        "serviceProviderProvisioningState": "Provisioned",
        "globalReachEnabled": False,
    },
}
ARP: Final = {
    "value": [
        {"age": 1, "interface": "On-Prem", "ipAddress": "192.168.30.17", "macAddress": "0600.0000.CEB0"},
        {"age": 0, "interface": "Microsoft", "ipAddress": "192.168.30.18", "macAddress": "06:00:00:00:ce:b1"},
    ]
}
ARP_INCOMPLETE: Final = {
    "value": [
        {"age": 0, "interface": "On-Prem", "ipAddress": "192.168.30.17", "macAddress": "Incomplete"},
        {"age": 0, "interface": "Microsoft", "ipAddress": "192.168.30.18", "macAddress": "0600.0000.ceb1"},
    ]
}
CIRCUIT_ROUTES: Final = {
    "value": [
        {"locPrf": "", "network": "10.2.30.0/25", "nextHop": "192.168.30.17", "path": "65021 64807", "weight": 0},
        {
            "locPrf": "100",
            "network": "10.2.31.0/24",
            "nextHop": "192.168.30.17",
            "path": "65021 I\n                    ",
            "weight": 0,
        },
        {"locPrf": "100", "network": "10.10.30.0/24", "nextHop": "10.10.30.140*", "path": "65515", "weight": 0},
        {"locPrf": "100", "network": "10.10.30.0/24", "nextHop": "10.10.30.141", "path": "65515", "weight": 0},
        {"locPrf": "", "network": "2001:db8::/48", "nextHop": "2001:db8:1::1", "path": "", "weight": 32768},
    ]
}
CIRCUIT_SESSIONS: Final = {
    "value": [
        {"neighbor": "192.168.30.17", "v": 4, "as": 65021, "upDown": "1w2d", "statePfxRcd": "18"},
        {"neighbor": "10.10.30.140", "v": 4, "as": 65515, "upDown": "never", "statePfxRcd": "Idle"},
        {"neighbor": "10.10.30.141", "v": 4, "as": 65515, "upDown": "00:00:09", "statePfxRcd": "Idle (Admin)"},
    ]
}
TRAFFIC: Final = {
    "primarybytesIn": 1000,
    "primarybytesOut": 1500,
    "secondarybytesIn": 2000,
    "secondarybytesOut": 2500,
}
GATEWAY: Final = {
    "name": "hub-vpn",
    "id": f"{NETWORK}/virtualNetworkGateways/hub-vpn",
    "location": "uksouth",
    "type": "Microsoft.Network/virtualNetworkGateways",
    "properties": {
        "provisioningState": "Succeeded",
        "resourceGuid": "0",
        "ipConfigurations": [
            {
                "name": name,
                "id": f"{NETWORK}/virtualNetworkGateways/hub-vpn/ipConfigurations/{name}",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateIPAllocationMethod": "Dynamic",
                    "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/{name}"},
                    "subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/GatewaySubnet"},
                },
            }
            for name in ("one", "two")
        ],
        "sku": {"name": "VpnGw2AZ", "tier": "VpnGw2AZ", "capacity": 2},
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "vpnGatewayGeneration": "Generation2",
        "enableBgp": True,
        "enablePrivateIpAddress": False,
        "activeActive": True,
        "vpnClientConfiguration": {"radiusServerSecret": "a-radius-secret", "vpnClientProtocols": ["OpenVPN"]},
        "bgpSettings": {
            "asn": 65515,
            "bgpPeeringAddress": "10.10.30.254,10.10.30.253",
            "peerWeight": 0,
            "bgpPeeringAddresses": [
                {
                    "ipconfigurationId": f"{NETWORK}/virtualNetworkGateways/hub-vpn/ipConfigurations/{name}",
                    "defaultBgpIpAddresses": [address],
                    "customBgpIpAddresses": ["169.254.21.10"] if name == "one" else [],
                    "tunnelIpAddresses": [tunnel],
                }
                for name, address, tunnel in (
                    ("one", "10.10.30.254", "203.0.113.10"),
                    ("two", "10.10.30.253", "203.0.113.11"),
                )
            ],
        },
        "customRoutes": {"addressPrefixes": ["100.64.0.6/32"]},
    },
}
BGP_PEERS: Final = {
    "value": [
        {
            "localAddress": "10.10.30.254",
            "neighbor": "10.2.30.125",
            "asn": 65021,
            "state": "Connected",
            "connectedDuration": "3.03:14:13.1796961",
            "routesReceived": 1,
            "messagesSent": 5000,
            "messagesReceived": 5100,
        },
        {
            "localAddress": "10.10.30.253",
            "neighbor": "10.2.30.125",
            "asn": 65021,
            "state": "Connecting",
            "routesReceived": 0,
            "messagesSent": 0,
            "messagesReceived": 0,
        },
    ]
}
LEARNED_ROUTES: Final = {
    "value": [
        {
            "localAddress": "10.10.30.254",
            "network": "10.10.30.0/24",
            "sourcePeer": "10.10.30.254",
            "origin": "Network",
            "asPath": "",
            "weight": 32768,
        },
        {
            "localAddress": "10.10.30.254",
            "network": "10.2.30.0/25",
            "nextHop": "10.10.30.132",
            "sourcePeer": "10.10.30.132",
            "origin": "IBgp",
            "asPath": "12076-65021",
            "weight": 32769,
        },
        {
            "localAddress": "10.10.30.253",
            "network": "10.2.30.0/25",
            "nextHop": "10.10.30.132",
            "sourcePeer": "10.10.30.132",
            "origin": "IBgp",
            "asPath": "12076-65021",
            "weight": 32769,
        },
    ]
}
ADVERTISED_ROUTES: Final = {
    "value": [
        {
            "localAddress": "10.10.30.254",
            "network": "10.10.30.0/24",
            "nextHop": "10.10.30.254",
            "sourcePeer": None,
            "origin": "Igp",
            "asPath": "65515",
            "weight": 0,
        }
    ]
}
CONNECTION: Final = {
    "name": "to-loc1",
    "id": f"{NETWORK}/connections/to-loc1",
    "type": "Microsoft.Network/connections",
    "location": "uksouth",
    "properties": {
        "provisioningState": "Succeeded",
        "virtualNetworkGateway1": {"id": f"{NETWORK}/virtualNetworkGateways/hub-vpn", "properties": {}},
        "localNetworkGateway2": {"id": f"{NETWORK}/localNetworkGateways/loc1", "properties": {}},
        "ingressNatRules": [],
        "connectionType": "IPsec",
        "connectionProtocol": "IKEv2",
        "routingWeight": 0,
        "dpdTimeoutSeconds": 45,
        "sharedKey": "correct-horse-battery",
        "enableBgp": True,
        "useLocalAzureIpAddress": False,
        "usePolicyBasedTrafficSelectors": False,
        "ipsecPolicies": [
            {
                "saLifeTimeSeconds": 3600,
                "saDataSizeKilobytes": 102400000,
                "ipsecEncryption": "GCMAES256",
                "ipsecIntegrity": "GCMAES256",
                "ikeEncryption": "AES256",
                "ikeIntegrity": "SHA256",
                "dhGroup": "DHGroup14",
                "pfsGroup": "PFS2048",
            }
        ],
        "trafficSelectorPolicies": [{"localAddressRanges": ["10.10.30.0/24"], "remoteAddressRanges": ["10.2.30.0/25"]}],
        "connectionStatus": "Connected",
        "tunnelConnectionStatus": [
            {
                "tunnel": "to-loc1_203.0.113.10",
                "connectionStatus": "Connected",
                "ingressBytesTransferred": 100,
                "egressBytesTransferred": 200,
                "lastConnectionEstablishedUtcTime": "11/26/2026 14:00:00",
            }
        ],
        "ingressBytesTransferred": 100,
        "egressBytesTransferred": 200,
        "connectionMode": "Default",
        "expressRouteGatewayBypass": False,
        "gatewayCustomBgpIpAddresses": [{"ipConfigurationId": "one", "customBgpIpAddress": "169.254.21.10"}],
    },
}
EXPRESSROUTE_CONNECTION: Final = {
    "name": "er1-hub",
    "id": f"{NETWORK}/connections/er1-hub",
    "connectionType": "ExpressRoute",
    "virtualNetworkGateway1": {"id": f"{NETWORK}/virtualNetworkGateways/hub-er", "resourceGroup": "net"},
    "virtualNetworkGateway2": None,
    "localNetworkGateway2": None,
    "peer": {"id": f"{NETWORK}/expressRouteCircuits/er1", "resourceGroup": "net"},
    "connectionStatus": None,
    "enableBgp": False,
    "routingWeight": 10,
    "ingressBytesTransferred": 5,
    "egressBytesTransferred": 6,
    "ipsecPolicies": [],
    "provisioningState": "Succeeded",
    "resourceGroup": "net",
    "authorizationKey": None,
}
EXPRESSROUTE_CONNECTION_AS_SENT: Final = {
    "name": EXPRESSROUTE_CONNECTION["name"],
    "id": EXPRESSROUTE_CONNECTION["id"],
    "properties": {
        name: value for name, value in EXPRESSROUTE_CONNECTION.items() if name not in {"name", "id", "resourceGroup"}
    },
}
LOCAL_GATEWAY: Final = {
    "name": "loc1",
    "id": f"{NETWORK}/localNetworkGateways/loc1",
    "location": "uksouth",
    "properties": {
        "provisioningState": "Succeeded",
        "localNetworkAddressSpace": {"addressPrefixes": ["10.2.30.125/32"]},
        "gatewayIpAddress": "198.51.100.1",
        "bgpSettings": {"asn": 65021, "bgpPeeringAddress": "10.2.30.125", "peerWeight": 0},
    },
}
SUBNET: Final = {
    "name": "GatewaySubnet",
    "id": f"{NETWORK}/virtualNetworks/hub/subnets/GatewaySubnet",
    "properties": {
        "addressPrefix": "10.10.30.128/25",
        "routeTable": {"id": f"{NETWORK}/routeTables/gateway"},
        "provisioningState": "Succeeded",
        "ipConfigurations": [{"id": "x"}],
    },
}
VNET_PEERING: Final = {
    "name": "hub-to-spoke",
    "id": f"{NETWORK}/virtualNetworks/hub/virtualNetworkPeerings/hub-to-spoke",
    "properties": {
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        "allowGatewayTransit": True,
        "useRemoteGateways": False,
        "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/spoke"},
        "remoteAddressSpace": {"addressPrefixes": ["10.11.30.0/26"]},
        "remoteVirtualNetworkAddressSpace": {"addressPrefixes": ["10.11.30.0/26"]},
        "remoteBgpCommunities": {"virtualNetworkCommunity": "12076:20002"},
        "peeringState": "Connected",
        "peeringSyncLevel": "FullyInSync",
        "provisioningState": "Succeeded",
    },
}
VNET: Final = {
    "name": "hub",
    "id": f"{NETWORK}/virtualNetworks/hub",
    "location": "uksouth",
    "properties": {
        "addressSpace": {"addressPrefixes": ["10.10.30.0/24"]},
        "subnets": [SUBNET],
        "virtualNetworkPeerings": [VNET_PEERING],
        "provisioningState": "Succeeded",
    },
}
ROUTE_TABLE: Final = {
    "name": "gateway",
    "id": f"{NETWORK}/routeTables/gateway",
    "location": "uksouth",
    "properties": {
        "disableBgpRoutePropagation": False,
        "provisioningState": "Succeeded",
        "routes": [
            {
                "name": "to-firewall",
                "id": f"{NETWORK}/routeTables/gateway/routes/to-firewall",
                "properties": {
                    "addressPrefix": "10.11.30.0/26",
                    "nextHopType": "VirtualAppliance",
                    "nextHopIpAddress": "10.10.30.4",
                    "hasBgpOverride": False,
                },
            },
            {"name": "tag", "properties": {"addressPrefix": "AzureCloud", "nextHopType": "Internet"}},
        ],
        "subnets": [{"id": f"{NETWORK}/virtualNetworks/hub/subnets/GatewaySubnet"}],
    },
}
NETWORK_INTERFACE: Final = {
    "name": "firewall-nic",
    "id": f"{NETWORK}/networkInterfaces/firewall-nic",
    "location": "eastus",
    "properties": {
        "provisioningState": "Succeeded",
        "ipConfigurations": [
            {
                "name": "ipconfig1",
                "id": f"{NETWORK}/networkInterfaces/firewall-nic/ipConfigurations/ipconfig1",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateIPAddress": "10.10.30.4",
                    "privateIPAllocationMethod": "Static",
                    "subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/firewall"},
                    "primary": True,
                    "privateIPAddressVersion": "IPv4",
                },
            }
        ],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "macAddress": "00-0D-3A-1B-C7-21",
        "enableAcceleratedNetworking": True,
        "enableIPForwarding": True,
        "primary": True,
        "virtualMachine": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/fw"},
        "nicType": "Standard",
    },
}
EFFECTIVE_ROUTES: Final = {
    "value": [
        {
            "source": "Default",
            "state": "Active",
            "addressPrefix": ["10.10.30.0/24"],
            "nextHopType": "VnetLocal",
            "nextHopIpAddress": [],
            "hasBgpOverride": False,
            "tagMap": {},
        },
        {
            "source": "VirtualNetworkGateway",
            "state": "Active",
            "addressPrefix": ["10.2.30.0/25"],
            "nextHopType": "VirtualNetworkGateway",
            "nextHopIpAddress": ["10.10.30.132"],
        },
        {
            "name": "to-firewall",
            "source": "User",
            "state": "Invalid",
            "addressPrefix": ["AzureCloud"],
            "destinationServiceTags": ["AzureCloud"],
            "nextHopType": "VNetGlobalPeering",
            "nextHopIpAddress": ["10.10.30.4"],
            "disableBgpRoutePropagation": True,
        },
    ]
}
WATCHERS: Final = {
    "value": [
        {
            "name": "NetworkWatcher_uksouth",
            "id": f"{NETWORK}/networkWatchers/NetworkWatcher_uksouth",
            "location": "uksouth",
            "properties": {"provisioningState": "Succeeded", "runningOperationIds": []},
        }
    ]
}
NEXT_HOP: Final = {
    "nextHopType": "VnetLocal",
    "nextHopIpAddress": "10.0.0.1",
    "routeTableId": f"{NETWORK}/routeTables/rt1",
}
CONNECTIVITY: Final = {
    "hops": [
        {
            "type": "Source",
            "id": "hop-1",
            "address": "10.10.30.4",
            "resourceId": "nic0",
            "nextHopIds": ["hop-2"],
            "issues": [],
        },
        {
            "type": "VirtualNetwork",
            "id": "hop-2",
            "address": "10.2.30.10",
            "nextHopIds": [],
            "issues": [
                {"origin": "Outbound", "severity": "Error", "type": "UserDefinedRoute", "context": [{"key": "value"}]}
            ],
        },
    ],
    "connectionStatus": "Connected",
    "avgLatencyInMs": 1,
    "minLatencyInMs": 1,
    "maxLatencyInMs": 4,
    "probesSent": 100,
    "probesFailed": 0,
}
RESILIENCY: Final = {
    "overallScore": "55",
    "scoreChange": "+5",
    "minScoreFromRecommendations": "0",
    "maxScoreFromRecommendations": "45",
    "lastComputedTime": "2026-03-01T12:00:00.1234567Z",
    "nextEligibleComputeTime": "2026-03-01T13:00:00Z",
    "components": [
        {
            "name": "Site resiliency",
            "currentScore": "10",
            "maxScore": "20",
            "recommendations": [
                {
                    "recommendationTitle": "Add a site",
                    "recommendationId": "r1",
                    "severity": "High",
                    "recommendationText": "t",
                }
            ],
        }
    ],
}
ROUTE_SETS: Final = {
    "lastComputedTime": "2026-03-01T12:00:00Z",
    "nextEligibleComputeTime": "2026-03-01T13:00:00Z",
    "routeSetVersion": "7",
    "routeSets": [
        {
            "name": "one site",
            "locations": ["London"],
            "details": {"10.2.30.0/25": [{"circuit": "1", "pri": "present", "sec": "absent"}]},
        }
    ],
    "circuitsMetadataMap": {"1": {"name": "er1", "link": "https://portal.example/er1", "location": "London"}},
}
SITE_TESTS: Final = [
    {
        "peeringLocation": "London",
        "circuits": [{"nrpResourceUri": "x", "name": "er1", "connectionName": "er1-hub"}],
        "status": "Running",
        "startTime": "2026-03-01 12:00",
        "endTime": None,
        "connections": [
            {"nrpResourceUri": "c", "name": "er1-hub", "status": "Disconnected", "lastUpdatedTime": "2026-03-01 12:01"}
        ],
        "testGuid": "g",
        "testType": "SingleSiteFailover",
        "issues": [],
    }
]
SITE_RESULT: Final = [
    {
        "peeringLocation": "London",
        "status": "Completed",
        "startTimeUtc": "2026-03-01 12:00",
        "endTimeUtc": "2026-03-01 12:30",
        "redundantRoutes": [{"peeringLocations": ["London", "Paris"], "routes": ["10.2.30.0/25"]}],
        "nonRedundantRoutes": ["10.9.0.0/16"],
        "wasSimulationSuccessful": True,
        "failoverConnectionDetails": [],
    }
]
LINK_TESTS: Final = [
    {
        "status": "Completed",
        "startTime": "2026-03-01 12:00",
        "endTime": "2026-03-01 12:30",
        "testGuid": "g",
        "testType": "LinkFailover",
        "issues": None,
        "wasSimulationSuccessful": True,
        "circuitTestCategory": "BgpDisconnect",
        "linkType": "Primary",
        "bgpStatus": [{"type": "IPv4", "link": "Primary", "status": "Disconnected", "checkTimeUtc": "12:10"}],
    }
]
LINK_TEST: Final = [
    {
        "status": "Running",
        "startTimeUtc": "2026-03-01 12:00",
        "linkType": "Primary",
        "circuitTestCategory": "ASPathPrepend",
        "isSimulationVerified": False,
        "redundantRoutes": {
            "beforeSimulation": [
                {
                    "route": "10.2.30.0/25",
                    "nextHop": "192.168.30.17",
                    "primaryASPath": "65021",
                    "secondaryASPath": "65021",
                }
            ],
            "duringSimulation": [],
        },
        "nonRedundantRoutes": {"beforeSimulation": [], "duringSimulation": []},
        "bgpStatus": [],
    }
]

# Operation, parameters that its parser takes, answer.
ANSWERS: Final[tuple[tuple[str, dict[str, str], object], ...]] = (
    ("circuit", {}, CIRCUIT),
    ("circuits", {}, {"value": [CIRCUIT]}),
    ("subscription-circuits", {}, {"value": [CIRCUIT]}),
    ("circuit-traffic", {}, TRAFFIC),
    ("circuit-peering", {}, PRIVATE_PEERING),
    ("circuit-peering", {}, MICROSOFT_PEERING),
    ("circuit-peerings", {}, {"value": [PRIVATE_PEERING, MICROSOFT_PEERING]}),
    ("peering-traffic", {}, TRAFFIC),
    ("circuit-arp", {"path": "primary"}, ARP),
    ("circuit-arp", {"path": "primary"}, ARP_INCOMPLETE),
    ("circuit-routes", {"path": "secondary"}, CIRCUIT_ROUTES),
    ("circuit-sessions", {"path": "primary"}, CIRCUIT_SESSIONS),
    ("link-failover-tests", {}, LINK_TESTS),
    ("link-failover-test", {}, LINK_TEST),
    ("gateway", {}, GATEWAY),
    ("gateways", {}, {"value": [GATEWAY]}),
    ("gateway-connections", {}, {"value": [CONNECTION, EXPRESSROUTE_CONNECTION_AS_SENT]}),
    ("bgp-peers", {}, BGP_PEERS),
    ("learned-routes", {}, LEARNED_ROUTES),
    ("advertised-routes", {"peer": "10.2.30.125"}, ADVERTISED_ROUTES),
    ("resiliency", {}, RESILIENCY),
    ("route-sets", {}, ROUTE_SETS),
    ("site-failover-tests", {}, SITE_TESTS),
    ("site-failover-test", {}, SITE_RESULT),
    ("connection", {}, CONNECTION),
    ("connections", {}, {"value": [CONNECTION]}),
    ("local-gateway", {}, LOCAL_GATEWAY),
    ("local-gateways", {}, {"value": [LOCAL_GATEWAY]}),
    ("vnet", {}, VNET),
    ("vnets", {}, {"value": [VNET]}),
    ("subscription-vnets", {}, {"value": [VNET]}),
    ("vnet-peering", {}, VNET_PEERING),
    ("vnet-peerings", {}, {"value": [VNET_PEERING]}),
    ("subnet", {}, SUBNET),
    ("subnets", {}, {"value": [SUBNET]}),
    ("route-table", {}, ROUTE_TABLE),
    ("route-tables", {}, {"value": [ROUTE_TABLE]}),
    ("network-interface", {}, NETWORK_INTERFACE),
    ("effective-routes", {}, EFFECTIVE_ROUTES),
    ("watchers", {}, WATCHERS),
    ("next-hop", {}, NEXT_HOP),
    ("connectivity", {}, CONNECTIVITY),
)
