"""First contact with routers that nobody here has seen: what can be read of them, and what they say by themselves."""
