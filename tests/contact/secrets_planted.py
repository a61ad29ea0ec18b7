"""What must never leave a router: secrets of the published network's configuration."""

from __future__ import annotations

SECRETS = ("IamSecure123", "lab-only-enable", "lab-only-password")
