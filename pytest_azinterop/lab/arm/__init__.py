"""The lab's Azure: resources, what the simulated network makes of them, and the ARM endpoint that answers for them."""
