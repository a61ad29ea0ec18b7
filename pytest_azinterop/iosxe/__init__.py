"""The edge router side: driver, command catalogue, parsers."""
