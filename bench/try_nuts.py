"""A foreign tool against the simulated network: NUTS, in an environment of its own, reads it as it reads any router.

`python bench/try_nuts.py FOLDER` installs NUTS below FOLDER, starts the network, and runs a bundle over BGP neighbors
and their number, interfaces and pings. Exit 0 only if NUTS agrees with every one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from pytest_azinterop.lab.launch import Ready, start

NORNIR = """\
inventory:
  plugin: SimpleInventory
  options: {{host_file: {folder}/hosts.yaml, group_file: {folder}/groups.yaml, defaults_file: {folder}/defaults.yaml}}
runner: {{plugin: threaded, options: {{num_workers: 4}}}}
logging: {{enabled: false}}
"""
# What the published configuration says of this router: NUTS is given it, and the router has to agree.
EDGE = "ce1-loc1"
VRF = "30"
NEIGHBORS = [
    {"peer": "192.168.30.18", "remote_as": 12076},
    {"peer": "10.10.30.254", "remote_as": 65515},
    {"peer": "192.168.30.3", "remote_as": 65021},
]
INTERFACES = ["TenGigabitEthernet0/0/0.300", "Tunnel30"]


def bundle() -> list[dict[str, object]]:
    """NUTS's test bundle; JSON is YAML."""
    neighbors = [{"host": EDGE, "local_as": 65021, "is_enabled": True, "is_up": True, **each} for each in NEIGHBORS]
    return [
        {
            "test_class": "TestNapalmBgpNeighbors",
            "test_execution": {"vrf": VRF},
            "test_data": neighbors,
        },
        {
            "test_class": "TestNapalmBgpNeighborsCount",
            "test_execution": {"vrf": VRF},
            "test_data": [{"host": EDGE, "neighbor_count": len(NEIGHBORS)}],
        },
        {
            "test_class": "TestNapalmInterfaces",
            "test_data": [{"host": EDGE, "name": name, "is_enabled": True, "is_up": True} for name in INTERFACES],
        },
        {
            "test_class": "TestNapalmPing",
            "test_execution": {"count": 5, "vrf": VRF, "source": "192.168.30.17"},
            "test_data": [{"host": EDGE, "destination": "192.168.30.18", "expected": "SUCCESS", "max_drop": 1}],
        },
    ]


def write_inventory(work: Path, ready: Ready) -> None:
    """The routers of a started lab, as Nornir and NUTS read them in this folder."""
    inventory = work / "inventory"
    inventory.mkdir(parents=True, exist_ok=True)
    hosts = {
        name: {
            "hostname": door.host,
            "port": door.port,
            "username": door.username,
            "password": door.password,
            "platform": "ios",
            "connection_options": {"napalm": {"extras": {"optional_args": {"port": door.port}}}},
        }
        for name, door in ready.routers.items()
    }
    (inventory / "hosts.yaml").write_text(json.dumps(hosts))
    (inventory / "groups.yaml").write_text("{}\n")
    (inventory / "defaults.yaml").write_text("{}\n")
    (work / "nr-config.yaml").write_text(NORNIR.format(folder=inventory))


def install(environment: Path) -> None:
    """NUTS in an environment of its own, if it is not there yet."""
    if not (environment / "bin" / "nuts-init").exists():
        venv.create(environment, with_pip=True)
        subprocess.run([environment / "bin" / "pip", "install", "--quiet", "nuts"], check=True)


def main(folder: Path) -> int:
    environment, work = folder / "venv", folder / "work"
    install(environment)
    with start() as ready:
        write_inventory(work, ready)
        (work / "test_published.yaml").write_text(json.dumps(bundle()))
        done = subprocess.run(
            [environment / "bin" / "pytest", "-q", "-rs", "test_published.yaml"],
            cwd=work,
            env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))},
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
