"""What the network is: frozen records, each of which knows where it was read. No I/O and no parsing here.

Equality ignores the source: two records are equal when they say the same about the network.
"""
