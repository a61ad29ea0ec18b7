"""The simulated network: routers that answer over SSH, computed from running-configs, far ends, links and time."""
