"""Verify the hybrid connection of Cisco IOS-XE edge routers to Azure with pytest."""

from __future__ import annotations

__version__ = "0.1.0"
