"""Judgements over both sides: what the edge routers hold against what Azure holds."""
