"""Judgements: pure functions from what is expected and what was observed to findings."""
