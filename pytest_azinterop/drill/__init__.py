"""Failover drills: plan, guard, trigger, watch, restore, journal."""
