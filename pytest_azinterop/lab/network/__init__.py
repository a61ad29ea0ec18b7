"""The simulation behind the routers' command line; ``view`` is its contract."""
