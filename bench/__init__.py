"""The performance suite: Candlelight against the limits of the machine and against its peers.

`python -m bench` measures and writes docs/PERFORMANCE.md. Not part of what is deployed.
"""
