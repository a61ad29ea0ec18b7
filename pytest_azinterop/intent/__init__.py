"""What the network should be.

Policy, written in `interop.yaml` and `interop.d/`, and the expectations that follow from it.
"""
